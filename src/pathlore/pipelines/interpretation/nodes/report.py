"""The report of a run: what each of its sections holds, and the page."""

from typing import Any

from pathlore.config import Parameters, check
from pathlore.pipelines.partitions import Each, Partitions, Population, by_name, load_all, per_population, with_names
from pathlore.pipelines.types import Checks, Communication, DataFrame, PopulationContents, TrainedModel

Tables = Partitions[DataFrame]


def collect_literature(
    path_importance: Tables,
    proposed_paths: Tables,
    active_receptors: Tables,
    cell_communication: DataFrame,
    signaling_network: DataFrame,
    bridged_network: DataFrame,
    gene_annotations: DataFrame,
    gene_names: DataFrame,
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


@per_population
def show_paths(
    population: Each[Population],
    path_importance: Each[DataFrame],
    active_receptors: Each[DataFrame],
    active_ligands: Each[DataFrame],
    proposed_paths: Each[DataFrame],
    core_network: Each[dict[str, Any]],
    importance_plot: Each[str],
    core_network_plot: Each[str],
) -> PopulationContents:
    """Gather what was found: paths, receptors, the core network."""
    from pathlore.report.contents import PopulationContents

    file = population["file"]
    return PopulationContents(
        population["name"],
        path_importance=path_importance,
        active_receptors=active_receptors,
        active_ligands=active_ligands,
        proposed_paths=proposed_paths,
        network=core_network,
        plots={"importance": importance_plot, "core_network": core_network_plot},
        files={
            "Core network, GraphML": f"core_networks/{file}.graphml",
            "Core network, Cytoscape": f"core_networks_cytoscape/{file}.cyjs",
            "Importance of genes, CSV": f"gene_importance/{file}.csv",
            "Importance of associations, CSV": f"edge_importance/{file}.csv",
        },
    )


@per_population
def show_donors(
    population: Each[Population],
    path_activity_by_donor: Each[DataFrame],
    donor_tests: Each[DataFrame],
    donor_plot: Each[str],
    donor_strip_plot: Each[str],
    cell_map_plot: Each[str],
) -> PopulationContents:
    """Gather what donors and cells say of the paths."""
    from pathlore.report.contents import PopulationContents

    return PopulationContents(
        population["name"],
        donor_activity=path_activity_by_donor,
        donor_tests=donor_tests,
        plots={"donor_heatmap": donor_plot, "donor_strips": donor_strip_plot, "cell_map": cell_map_plot},
    )


@per_population
def show_known_biology(
    population: Each[Population],
    enrichment: Each[DataFrame],
    path_coherence: Each[DataFrame],
    gene_list_overlap: Each[DataFrame],
    ablation: Each[DataFrame],
    attribution_agreement: Each[dict[str, float]],
    enrichment_plot: Each[str],
    ablation_plot: Each[str],
) -> PopulationContents:
    """Gather the comparison with known biology, and the cross-check by ablation."""
    from pathlore.report.contents import PopulationContents

    return PopulationContents(
        population["name"],
        enrichment=enrichment,
        coherence=path_coherence,
        gene_lists=gene_list_overlap,
        ablation=ablation,
        ablation_spearman=attribution_agreement.get("spearman_importance_loss"),
        plots={"enrichment": enrichment_plot, "ablation": ablation_plot},
    )


@per_population
def show_fit(
    population: Each[Population],
    training_history: Each[DataFrame],
    model: Each[TrainedModel],
    curve_plot: Each[str],
    training_plot: Each[str],
    sentence_plot: Each[str],
) -> PopulationContents:
    """Gather how the fit went, and how it predicts."""
    from pathlore.report.contents import PopulationContents
    from pathlore.training.fit import moved

    return PopulationContents(
        population["name"],
        training=moved(training_history, model.best_epoch),
        plots={"curves": curve_plot, "training": training_plot, "sentences": sentence_plot},
    )


def show_communication(
    cell_communication: DataFrame, communication_pairs: DataFrame, communication_plots: Partitions[str]
) -> Communication:
    """Gather what passes between the cell types."""
    from pathlore.report.contents import Communication

    plots = {f"communication_{name}": svg for name, svg in load_all(communication_plots).items()}
    return Communication(cell_communication, communication_pairs, plots)


def show_checks(
    populations: Partitions[Population],
    metrics: DataFrame,
    held_out_predictions: Tables,
    coverage_report: DataFrame,
    diagnostics: DataFrame,
    design_findings: DataFrame,
    metrics_figure: str,
) -> Checks:
    """Gather how sure the result is, and what limits it."""
    from pathlore.report.contents import Checks

    return Checks(
        with_names(metrics, populations),
        by_name(populations, held_out_predictions),
        coverage_report,
        with_names(diagnostics, populations),
        design_findings,
        {"metrics": metrics_figure},
    )


def write_report(
    page_paths: dict[str, PopulationContents],
    page_donors: dict[str, PopulationContents],
    page_known_biology: dict[str, PopulationContents],
    page_fit: dict[str, PopulationContents],
    page_communication: Communication,
    page_checks: Checks,
    literature: dict[str, Any],
    parameters: dict[str, Any],
) -> str:
    """Write what was found, how sure it is, and what it does not say, as one page."""
    from pathlore.report.contents import joined
    from pathlore.report.run import run_report

    sections = (page_paths, page_donors, page_known_biology, page_fit)
    populations = tuple(joined(*(section[file] for section in sections)) for file in page_paths)
    checked = check(Parameters, parameters, "parameters")
    return run_report(populations, page_checks, page_communication, literature, checked)
