"""The interpretation pipeline."""

from kedro.pipeline import Node, Pipeline

from pathlore.pipelines.interpretation import nodes


def create_pipeline() -> Pipeline:
    """Models -> path importance -> core networks, new paths, figures, signs of failure, summary."""
    return Pipeline(
        [
            Node(
                func=nodes.rank_paths,
                inputs=["models", "text_numeric_graphs", "cells", "splits", "params:modeling.training"],
                outputs="path_importance",
                name="rank_paths",
            ),
            Node(
                func=nodes.extract_core_networks,
                inputs=["path_importance", "text_numeric_graphs", "params:interpretation.report"],
                outputs=["core_networks", "core_networks_cytoscape"],
                name="extract_core_networks",
            ),
            Node(
                func=nodes.draw_importance,
                inputs=["path_importance", "models", "params:interpretation.report"],
                outputs="importance_figures",
                name="draw_importance",
            ),
            Node(
                func=nodes.draw_core_networks,
                inputs=["core_networks", "models"],
                outputs="core_network_figures",
                name="draw_core_networks",
            ),
            Node(
                func=nodes.draw_training,
                inputs="training_history",
                outputs="training_figures",
                name="draw_training",
            ),
            Node(
                func=nodes.draw_metrics,
                inputs="metrics",
                outputs="metrics_figure",
                name="draw_metrics",
            ),
            Node(
                func=nodes.draw_interactive,
                inputs=["metrics", "path_importance", "params:interpretation.report"],
                outputs=["metrics_plot", "importance_plot"],
                name="draw_interactive",
            ),
            Node(
                func=nodes.search_new_paths,
                inputs=[
                    "bridged_network",
                    "text_numeric_graphs",
                    "path_importance",
                    "gene_statistics",
                    "params:interpretation.discovery",
                    "params:graph_construction.paths",
                ],
                outputs="proposed_paths",
                name="search_new_paths",
            ),
            Node(
                func=nodes.check_fits,
                inputs=[
                    "models",
                    "text_numeric_graphs",
                    "training_history",
                    "path_importance",
                    "held_out_predictions",
                    "coverage_report",
                    "params:modeling.training",
                ],
                outputs="failure_signatures",
                name="check_fits",
            ),
            Node(
                func=nodes.summarise,
                inputs=["metrics", "path_importance", "failure_signatures", "params:interpretation.report"],
                outputs="summary",
                name="summarise",
            ),
        ],
        tags="interpretation",
        namespace="interpretation",
        prefix_datasets_with_namespace=False,
    )
