"""Which paths matter, how sure that is, and what else should be looked at."""

import logging
from typing import Any

from pathlore.config import (
    DiscoveryConfig,
    DonorTestConfig,
    EncoderConfig,
    Parameters,
    PathConfig,
    RefitConfig,
    ReportConfig,
    SentenceConfig,
    TrainingConfig,
    check,
)
from pathlore.keys import Obs
from pathlore.pipelines.partitions import Each, Partitions, Population, by_name, load_all, per_population, with_names
from pathlore.pipelines.types import AnnData, DataFrame, DiGraph, RawTables, TextNumericGraph, TrainedModel

logger = logging.getLogger(__name__)


def refit_models(
    cells: AnnData,
    signaling_network: DataFrame,
    gene_annotations: DataFrame,
    paths_raw: RawTables,
    models: Partitions[TrainedModel],
    config: RefitConfig,
    parameters: dict[str, Any],
) -> tuple[DataFrame, DataFrame]:
    """Rank the paths again with other donors held out; after the models, which come first."""
    from pathlore.evaluation.refits import refit
    from pathlore.graph.paths.user_file import given_paths
    from pathlore.study.sources import Sources

    trained = f"trained for at most {config.epochs} epochs" if config.epochs else "not trained"
    logger.info("Each of %d model(s): %d refits, %s", len(models), config.fits, trained)
    checked = check(Parameters, parameters, "parameters")
    return refit(Sources(cells, signaling_network, gene_annotations, given_paths(paths_raw)), checked)


@per_population
def measure_donors(
    model: Each[TrainedModel],
    graph: Each[TextNumericGraph],
    cells: AnnData,
    splits: Each[DataFrame],
    config: DonorTestConfig,
    training: TrainingConfig,
) -> tuple[DataFrame, DataFrame]:
    """Measure each path in each donor, and test the classes over donors."""
    from pathlore.explain.donor_activity import donor_activity
    from pathlore.explain.donor_tests import donor_tests
    from pathlore.training.data import cell_sets

    data = cell_sets(cells, splits, model.genes, training.scratch)
    return donor_activity(graph, data, model.class_names, config), donor_tests(graph, data, model.class_names, config)


@per_population
def rank_paths(
    model: Each[TrainedModel],
    graph: Each[TextNumericGraph],
    cells: AnnData,
    splits: Each[DataFrame],
    refit_rankings: DataFrame,
    donor_tests: Each[DataFrame],
    active_receptors: Each[DataFrame],
    donors: DonorTestConfig,
    config: TrainingConfig,
) -> DataFrame:
    """Rank each population's paths, with the evidence beside the score."""
    from pathlore.evaluation.refits import with_refits
    from pathlore.explain.donor_tests import with_donor_tests
    from pathlore.explain.importance import path_importance, with_affinity
    from pathlore.training.data import cell_sets

    data = cell_sets(cells, splits, model.genes, config.scratch)
    table = path_importance(model, graph, data, config.prior_mode, donors.min_cells)
    table = with_refits(table, refit_rankings, splits[Obs.POPULATION].iloc[0])
    return with_donor_tests(with_affinity(table, active_receptors), donor_tests)


def rank_signals(
    cells: AnnData,
    splits: Partitions[DataFrame],
    signaling_network: DataFrame,
    gene_annotations: DataFrame,
    encoder: EncoderConfig,
    sentences: SentenceConfig,
    donors: DonorTestConfig,
) -> tuple[dict[str, DataFrame], dict[str, DataFrame], dict[str, DataFrame]]:
    """Rank the receptors and ligands that explain each population's changes, by network and texts alone."""
    from pathlore.explain.active_signals import active_signals, signal_profiles
    from pathlore.training.data import cells_to_sum, class_names

    profiles = signal_profiles(signaling_network, gene_annotations, encoder, sentences.gene)

    @per_population
    def ranked(table: Each[DataFrame]) -> tuple[DataFrame, ...]:
        data = cells_to_sum(cells, table)
        found = active_signals(data, cells.var_names, class_names(table), profiles, donors.min_cells)
        return found.receptors, found.ligands, found.by_donor

    return ranked(splits)


@per_population
def sum_importance(importance: Each[DataFrame], graph: Each[TextNumericGraph]) -> tuple[DataFrame, DataFrame]:
    """Sum the importance over the paths through each gene and each association."""
    from pathlore.explain.core_network import edge_importance, gene_importance

    return gene_importance(importance, graph), edge_importance(importance, graph)


@per_population
def extract_core_networks(
    importance: Each[DataFrame], graph: Each[TextNumericGraph], config: ReportConfig
) -> tuple[DiGraph, dict[str, Any]]:
    """Join each population's top paths to one network, for GraphML and for Cytoscape."""
    from pathlore.explain.core_network import core_network, core_paths
    from pathlore.plot.network_cytoscape import laid_out

    network = core_network(core_paths(importance, config.core_frequency), graph, config.core_paths)
    return network, laid_out(network)


@per_population
def search_new_paths(
    bridged_network: DataFrame,
    graph: Each[TextNumericGraph],
    importance: Each[DataFrame],
    gene_statistics: Each[DataFrame],
    config: DiscoveryConfig,
    bounds: PathConfig,
) -> DataFrame:
    """Propose paths that are not on each population's list."""
    from pathlore.explain.discovery import propose_paths

    return propose_paths(bridged_network, graph, importance, gene_statistics, config, bounds)


def check_fits(
    populations: Partitions[Population],
    models: Partitions[TrainedModel],
    text_numeric_graphs: Partitions[TextNumericGraph],
    training_history: Partitions[DataFrame],
    importance: Partitions[DataFrame],
    held_out_predictions: Partitions[DataFrame],
    coverage_report: DataFrame,
    config: TrainingConfig,
) -> DataFrame:
    """Look for signs that something went wrong."""
    from pathlore.explain.diagnostics import FitRun, diagnostics, diagnostics_table

    coverage = dict(iter(coverage_report.groupby("population")))
    signs = {}
    for file, population in load_all(populations).items():
        fit = FitRun(
            models[file](),
            text_numeric_graphs[file](),
            training_history[file](),
            importance[file](),
            held_out_predictions[file](),
            coverage[population["name"]],
            config.prior_weight,
        )
        signs[file] = diagnostics(fit)
    return diagnostics_table(signs)


def summarise(
    populations: Partitions[Population],
    metrics: DataFrame,
    importance: Partitions[DataFrame],
    diagnostics: DataFrame,
    donor_tests: Partitions[DataFrame],
    active_receptors: Partitions[DataFrame],
    design_findings: DataFrame,
    out_of_fold: DataFrame,
    config: ReportConfig,
) -> str:
    """Write the result in one screen."""
    from pathlore.explain.summary import summary, with_first_line
    from pathlore.inspection.design import gravest

    text = summary(
        with_names(metrics, populations),
        by_name(populations, importance),
        with_names(diagnostics, populations),
        config.printed_paths,
        config.caveat,
        by_name(populations, donor_tests),
        by_name(populations, active_receptors),
        out_of_fold,
    )
    return with_first_line(gravest(design_findings), text)
