"""The interpretation pipeline."""

from kedro.pipeline import Node, Pipeline

from pathlore.pipelines.interpretation.nodes import plots, ranking, reading, report


def create_pipeline() -> Pipeline:
    """Models -> ranked paths with what speaks for them -> networks within and between cells -> plots -> report."""
    return Pipeline(
        [*_ranking(), *_reading(), *_plots(), *_report()],
        tags="interpretation",
        namespace="interpretation",
        prefix_datasets_with_namespace=False,
    )


def _ranking() -> list[Node]:
    return [
        Node(
            func=ranking.refit_models,
            inputs=[
                "cells",
                "signaling_network",
                "gene_annotations",
                "paths_raw",
                "models",
                "params:interpretation.refits",
                "parameters",
            ],
            outputs=["refit_rankings", "out_of_fold"],
            name="refit_models",
        ),
        Node(
            func=ranking.measure_donors,
            inputs=[
                "models",
                "text_numeric_graphs",
                "cells",
                "splits",
                "params:interpretation.donors",
                "params:modeling.training",
            ],
            outputs=["path_activity_by_donor", "donor_tests"],
            name="measure_donors",
        ),
        Node(
            func=ranking.rank_paths,
            inputs=[
                "models",
                "text_numeric_graphs",
                "cells",
                "splits",
                "refit_rankings",
                "donor_tests",
                "active_receptors",
                "params:interpretation.donors",
                "params:modeling.training",
            ],
            outputs="path_importance",
            name="rank_paths",
        ),
        Node(
            func=ranking.rank_signals,
            inputs=[
                "cells",
                "splits",
                "signaling_network",
                "gene_annotations",
                "params:text_embedding.encoder",
                "params:graph_construction.sentences",
                "params:interpretation.donors",
                "params:modeling.training",
            ],
            outputs=["active_receptors", "active_ligands", "receptor_scores_by_donor"],
            name="rank_signals",
        ),
        Node(
            func=ranking.sum_importance,
            inputs=["path_importance", "text_numeric_graphs"],
            outputs=["gene_importance", "edge_importance"],
            name="sum_importance",
        ),
        Node(
            func=ranking.extract_core_networks,
            inputs=["path_importance", "text_numeric_graphs", "params:interpretation.report"],
            outputs=["core_networks", "core_networks_cytoscape"],
            name="extract_core_networks",
        ),
        Node(
            func=ranking.search_new_paths,
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
            func=ranking.check_fits,
            inputs=[
                "models",
                "text_numeric_graphs",
                "training_history",
                "path_importance",
                "held_out_predictions",
                "coverage_report",
                "params:modeling.training",
            ],
            outputs="diagnostics",
            name="check_fits",
        ),
        Node(
            func=ranking.summarise,
            inputs=[
                "metrics",
                "path_importance",
                "diagnostics",
                "donor_tests",
                "active_receptors",
                "coverage_report",
                "design_findings",
                "out_of_fold",
                "params:interpretation.report",
            ],
            outputs="summary",
            name="summarise",
        ),
    ]


def _reading() -> list[Node]:
    return [
        Node(
            func=reading.compare_known_biology,
            inputs=[
                "path_importance",
                "text_numeric_graphs",
                "bridged_network",
                "gene_sets_raw",
                "gene_lists_raw",
                "params:interpretation.known_biology",
                "params:graph_construction.paths",
            ],
            outputs=["enrichment", "path_coherence", "gene_list_overlap"],
            name="compare_known_biology",
        ),
        Node(
            func=reading.ablate_paths,
            inputs=["models", "text_numeric_graphs", "cells", "splits", "path_importance", "params:modeling.training"],
            outputs=["ablation", "attribution_agreement"],
            name="ablate_paths",
        ),
        Node(
            func=reading.connect_cells,
            inputs=[
                "cells",
                "ligand_receptor_pairs",
                "path_importance",
                "coverage_report",
                "params:interpretation.cell_communication",
                "params:ingestion.cells",
            ],
            outputs=["cell_communication", "communication_pairs"],
            name="connect_cells",
        ),
        Node(
            func=reading.map_cells,
            inputs=[
                "cells",
                "splits",
                "text_numeric_graphs",
                "path_importance",
                "held_out_predictions",
                "params:interpretation.cell_map",
            ],
            outputs="cell_maps",
            name="map_cells",
        ),
    ]


def _plots() -> list[Node]:
    return [
        Node(
            func=plots.draw_importance,
            inputs=["path_importance", "models", "coverage_report", "params:interpretation.report"],
            outputs="importance_plots",
            name="draw_importance",
        ),
        Node(
            func=plots.draw_core_networks,
            inputs=["core_networks", "models", "coverage_report"],
            outputs="core_network_plots",
            name="draw_core_networks",
        ),
        Node(
            func=plots.draw_training,
            inputs=["training_history", "coverage_report"],
            outputs="training_plots",
            name="draw_training",
        ),
        Node(
            func=plots.draw_metrics,
            inputs=["metrics", "coverage_report"],
            outputs="metrics_figure",
            name="draw_metrics",
        ),
        Node(
            func=plots.draw_curves,
            inputs=["held_out_predictions", "models", "coverage_report"],
            outputs="curve_plots",
            name="draw_curves",
        ),
        Node(
            func=plots.draw_donors,
            inputs=[
                "path_activity_by_donor",
                "donor_tests",
                "path_importance",
                "models",
                "coverage_report",
                "params:interpretation.report",
            ],
            outputs=["donor_plots", "interactive_donors"],
            name="draw_donors",
        ),
        Node(
            func=plots.draw_cells,
            inputs=[
                "cell_maps",
                "path_importance",
                "path_activity_by_donor",
                "donor_tests",
                "receptor_scores_by_donor",
                "models",
                "coverage_report",
            ],
            outputs=["cell_map_plots", "donor_strip_plots"],
            name="draw_cells",
        ),
        Node(
            func=plots.draw_sentences,
            inputs=["path_embeddings", "path_importance", "coverage_report"],
            outputs=["sentence_plots", "interactive_sentences"],
            name="draw_sentences",
        ),
        Node(
            func=plots.draw_known_biology,
            inputs=["enrichment", "ablation", "coverage_report"],
            outputs=["enrichment_plots", "ablation_plots"],
            name="draw_known_biology",
        ),
        Node(
            func=plots.draw_communication,
            inputs=["cell_communication", "communication_pairs", "models"],
            outputs=["communication_plots", "interactive_communication"],
            name="draw_communication",
        ),
        Node(
            func=plots.draw_interactive,
            inputs=["metrics", "path_importance", "models", "coverage_report", "params:interpretation.report"],
            outputs=["interactive_metrics", "interactive_importance"],
            name="draw_interactive",
        ),
    ]


def _report() -> list[Node]:
    return [
        Node(
            func=report.collect_literature,
            inputs=[
                "path_importance",
                "proposed_paths",
                "active_receptors",
                "cell_communication",
                "signaling_network",
                "bridged_network",
                "gene_annotations",
                "gene_names",
            ],
            outputs="literature",
            name="collect_literature",
        ),
        Node(
            func=report.write_report,
            inputs=[
                "metrics",
                "coverage_report",
                "design_findings",
                "diagnostics",
                "held_out_predictions",
                "models",
                "training_history",
                "path_importance",
                "path_activity_by_donor",
                "donor_tests",
                "active_receptors",
                "active_ligands",
                "enrichment",
                "path_coherence",
                "gene_list_overlap",
                "ablation",
                "attribution_agreement",
                "proposed_paths",
                "cell_communication",
                "communication_pairs",
                "importance_plots",
                "core_networks_cytoscape",
                "core_network_plots",
                "donor_plots",
                "cell_map_plots",
                "donor_strip_plots",
                "enrichment_plots",
                "ablation_plots",
                "curve_plots",
                "training_plots",
                "sentence_plots",
                "metrics_figure",
                "communication_plots",
                "literature",
                "parameters",
            ],
            outputs="report",
            name="write_report",
        ),
    ]
