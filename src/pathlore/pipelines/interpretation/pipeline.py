"""The interpretation pipeline."""

from kedro.pipeline import Node, Pipeline

from pathlore.pipelines.interpretation import nodes


def create_pipeline() -> Pipeline:
    """Models -> path importance -> core networks, figures, summary."""
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
                func=nodes.summarise,
                inputs=["metrics", "path_importance", "params:interpretation.report"],
                outputs="summary",
                name="summarise",
            ),
        ],
        tags="interpretation",
        namespace="interpretation",
        prefix_datasets_with_namespace=False,
    )
