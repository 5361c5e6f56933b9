"""The report of a run."""

from typing import Any

import pandas as pd

from pathlore.config import Parameters, check
from pathlore.pipelines.interpretation.nodes.names import population_names, with_names
from pathlore.pipelines.partitions import Partitions, load_all
from pathlore.pipelines.types import TrainedModel

Tables = Partitions[pd.DataFrame]
Drawings = Partitions[str]
"""SVG texts."""


def collect_literature(
    path_importance: Tables,
    proposed_paths: Tables,
    active_receptors: Tables,
    cell_communication: pd.DataFrame,
    signaling_network: pd.DataFrame,
    bridged_network: pd.DataFrame,
    gene_annotations: pd.DataFrame,
    gene_names: pd.DataFrame,
) -> dict[str, Any]:
    """Gather texts, ids and references of all genes, steps and pathways that the report names."""
    from pathlore.explain.literature import WrittenKnowledge, literature

    tables = [*load_all(path_importance).values(), *load_all(proposed_paths).values()]
    return literature(
        [path for table in tables for path in table["path"]],
        load_all(active_receptors).values(),
        cell_communication,
        WrittenKnowledge(signaling_network, bridged_network, gene_annotations, gene_names),
        {name for table in tables for name in table["pathway"].dropna()},
    )


def write_report(
    metrics: pd.DataFrame,
    coverage_report: pd.DataFrame,
    design_findings: pd.DataFrame,
    diagnostics: pd.DataFrame,
    held_out_predictions: Tables,
    models: Partitions[TrainedModel],
    training_history: Tables,
    path_importance: Tables,
    path_activity_by_donor: Tables,
    donor_tests: Tables,
    active_receptors: Tables,
    active_ligands: Tables,
    enrichment: Tables,
    path_coherence: Tables,
    gene_list_overlap: Tables,
    ablation: Tables,
    attribution_agreement: Partitions[dict[str, float]],
    proposed_paths: Tables,
    cell_communication: pd.DataFrame,
    communication_pairs: pd.DataFrame,
    importance_plots: Drawings,
    core_networks_cytoscape: Partitions[dict[str, Any]],
    core_network_plots: Drawings,
    donor_plots: Drawings,
    cell_map_plots: Drawings,
    donor_strip_plots: Drawings,
    enrichment_plots: Drawings,
    ablation_plots: Drawings,
    curve_plots: Drawings,
    training_plots: Drawings,
    sentence_plots: Drawings,
    metrics_figure: str,
    communication_plots: Drawings,
    literature: dict[str, Any],
    parameters: dict[str, Any],
) -> str:
    """Write what was found, how sure it is, and what it does not say, as one page."""
    from pathlore.report.contents import PopulationContents
    from pathlore.report.run import Run, run_report
    from pathlore.training.fit import moved

    tables = {
        "path_importance": path_importance,
        "donor_activity": path_activity_by_donor,
        "donor_tests": donor_tests,
        "active_receptors": active_receptors,
        "active_ligands": active_ligands,
        "enrichment": enrichment,
        "coherence": path_coherence,
        "gene_lists": gene_list_overlap,
        "ablation": ablation,
        "proposed_paths": proposed_paths,
    }
    plots = {
        "importance": importance_plots,
        "core_network": core_network_plots,
        "donor_heatmap": donor_plots,
        "donor_strips": donor_strip_plots,
        "cell_map": cell_map_plots,
        "enrichment": enrichment_plots,
        "ablation": ablation_plots,
        "curves": curve_plots,
        "training": training_plots,
        "sentences": sentence_plots,
    }
    names = population_names(coverage_report)
    populations = tuple(
        PopulationContents(
            name=names[name],
            **{table: parts[name]() for table, parts in tables.items()},
            ablation_spearman=attribution_agreement[name]().get("spearman_importance_loss"),
            network=core_networks_cytoscape[name](),
            training=moved(training_history[name](), models[name]().best_epoch),
            plots={figure: parts[name]() for figure, parts in plots.items()},
            files={
                "Core network, GraphML": f"core_networks/{name}.graphml",
                "Core network, Cytoscape": f"core_networks_cytoscape/{name}.cyjs",
                "Importance of genes, CSV": f"gene_importance/{name}.csv",
                "Importance of associations, CSV": f"edge_importance/{name}.csv",
            },
        )
        for name in sorted(path_importance)
    )
    run = Run(
        with_names(metrics, names),
        coverage_report,
        with_names(diagnostics, names),
        {names[name]: table for name, table in load_all(held_out_predictions).items()},
        populations,
        cell_communication,
        communication_pairs,
        design_findings,
        {"metrics": metrics_figure}
        | {f"communication_{name}": svg for name, svg in load_all(communication_plots).items()},
        literature,
    )
    return run_report(run, check(Parameters, parameters, "parameters"))
