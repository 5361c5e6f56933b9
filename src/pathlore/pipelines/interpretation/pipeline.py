"""The interpretation pipeline."""

from kedro.pipeline import Node, Pipeline

from pathlore.pipelines.assembly import node, pipeline
from pathlore.pipelines.interpretation.nodes import plots, ranking, reading, report


def create_pipeline() -> Pipeline:
    """Models -> ranked paths with what speaks for them -> networks within and between cells -> plots -> report."""
    return pipeline("interpretation", [*_ranking(), *_reading(), *_plots(), *_report()])


def _ranking() -> list[Node]:
    return [
        node(
            ranking.refit_models,
            ["cells", "signaling_network", "gene_annotations", "paths_raw", "models", "params:interpretation.refits",
             "parameters"],
            ["refit_rankings", "out_of_fold"],
        ),
        node(
            ranking.measure_donors,
            ["models", "text_numeric_graphs", "cells", "splits", "params:interpretation.donors",
             "params:modeling.training"],
            ["path_activity_by_donor", "donor_tests"],
        ),
        node(
            ranking.rank_paths,
            ["models", "text_numeric_graphs", "cells", "splits", "refit_rankings", "donor_tests", "active_receptors",
             "params:interpretation.donors", "params:modeling.training"],
            "path_importance",
        ),
        node(
            ranking.rank_signals,
            ["cells", "splits", "signaling_network", "gene_annotations", "params:text_embedding.encoder",
             "params:graph_construction.sentences", "params:interpretation.donors"],
            ["active_receptors", "active_ligands", "receptor_scores_by_donor"],
        ),
        node(
            ranking.sum_importance, ["path_importance", "text_numeric_graphs"], ["gene_importance", "edge_importance"]
        ),
        node(
            ranking.extract_core_networks,
            ["path_importance", "text_numeric_graphs", "params:interpretation.report"],
            ["core_networks", "core_networks_cytoscape"],
        ),
        node(
            ranking.search_new_paths,
            ["bridged_network", "text_numeric_graphs", "path_importance", "gene_statistics",
             "params:interpretation.discovery", "params:graph_construction.paths"],
            "proposed_paths",
        ),
        node(
            ranking.check_fits,
            ["populations", "models", "text_numeric_graphs", "training_history", "path_importance",
             "held_out_predictions", "coverage_report", "params:modeling.training"],
            "diagnostics",
        ),
        node(
            ranking.summarise,
            ["populations", "metrics", "path_importance", "diagnostics", "donor_tests", "active_receptors",
             "design_findings", "out_of_fold", "params:interpretation.report"],
            "summary",
        ),
    ]  # fmt: skip


def _reading() -> list[Node]:
    return [
        node(
            reading.compare_known_biology,
            ["path_importance", "text_numeric_graphs", "bridged_network", "gene_sets_raw", "gene_lists_raw",
             "params:interpretation.known_biology", "params:graph_construction.paths", "params:engine"],
            ["enrichment", "path_coherence", "gene_list_overlap"],
        ),
        node(
            reading.ablate_paths,
            ["models", "text_numeric_graphs", "cells", "splits", "path_importance", "params:modeling.training",
             "params:engine"],
            ["ablation", "attribution_agreement"],
        ),
        node(
            reading.connect_cells,
            ["populations", "cells", "ligand_receptor_pairs", "path_importance",
             "params:interpretation.cell_communication", "params:ingestion.cells"],
            ["cell_communication", "communication_pairs"],
        ),
        node(
            reading.map_cells,
            ["cells", "splits", "text_numeric_graphs", "path_importance", "held_out_predictions",
             "params:interpretation.cell_map"],
            "cell_maps",
        ),
    ]  # fmt: skip


def _plots() -> list[Node]:
    return [
        node(
            plots.draw_importance,
            ["populations", "path_importance", "params:interpretation.report"],
            "importance_plots",
        ),
        node(plots.draw_core_networks, ["populations", "core_networks"], "core_network_plots"),
        node(plots.draw_training, ["populations", "training_history"], "training_plots"),
        node(plots.draw_metrics, ["populations", "metrics"], "metrics_figure"),
        node(plots.draw_curves, ["populations", "held_out_predictions"], "curve_plots"),
        node(
            plots.draw_donors,
            ["populations", "path_activity_by_donor", "donor_tests", "path_importance", "receptor_scores_by_donor",
             "params:interpretation.report"],
            ["donor_plots", "donor_strip_plots"],
        ),
        node(plots.draw_cells, ["populations", "cell_maps", "path_importance", "splits"], "cell_map_plots"),
        node(
            plots.draw_sentences,
            ["populations", "path_embeddings", "path_importance"],
            ["sentence_plots", "interactive_sentences"],
        ),
        node(
            plots.draw_known_biology, ["populations", "enrichment", "ablation"], ["enrichment_plots", "ablation_plots"]
        ),
        node(
            plots.draw_communication,
            ["populations", "cell_communication", "communication_pairs"],
            ["communication_plots", "interactive_communication"],
        ),
        node(
            plots.draw_interactive,
            ["populations", "metrics", "path_importance", "path_activity_by_donor", "donor_tests",
             "params:interpretation.report"],
            ["interactive_metrics", "interactive_importance", "interactive_donors"],
        ),
    ]  # fmt: skip


def _report() -> list[Node]:
    """The sections of the page, each in memory, and the page: `--tags report` makes it again from what is saved."""
    nodes = [
        node(
            report.collect_literature,
            ["path_importance", "proposed_paths", "active_receptors", "cell_communication", "signaling_network",
             "bridged_network", "gene_annotations", "gene_names"],
            "literature",
        ),
        node(
            report.show_paths,
            ["populations", "path_importance", "active_receptors", "active_ligands", "proposed_paths",
             "core_networks_cytoscape", "importance_plots", "core_network_plots"],
            "page_paths",
        ),
        node(
            report.show_donors,
            ["populations", "path_activity_by_donor", "donor_tests", "donor_plots", "donor_strip_plots",
             "cell_map_plots"],
            "page_donors",
        ),
        node(
            report.show_known_biology,
            ["populations", "enrichment", "path_coherence", "gene_list_overlap", "ablation", "attribution_agreement",
             "enrichment_plots", "ablation_plots"],
            "page_known_biology",
        ),
        node(
            report.show_fit,
            ["populations", "training_history", "models", "curve_plots", "training_plots", "sentence_plots"],
            "page_fit",
        ),
        node(
            report.show_communication,
            ["cell_communication", "communication_pairs", "communication_plots"],
            "page_communication",
        ),
        node(
            report.show_checks,
            ["populations", "metrics", "held_out_predictions", "coverage_report", "diagnostics", "design_findings",
             "metrics_figure"],
            "page_checks",
        ),
        node(
            report.write_report,
            ["page_paths", "page_donors", "page_known_biology", "page_fit", "page_communication", "page_checks",
             "literature", "parameters"],
            "report",
        ),
    ]  # fmt: skip
    return [one.tag("report") for one in nodes]
