"""Which paths matter, how sure that is, and what else should be looked at."""

import logging
from typing import Any

import pandas as pd

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
from pathlore.graph.paths.user_file import given_paths
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.pipelines.interpretation.nodes.names import population_names, with_names
from pathlore.pipelines.partitions import Partitions, load_all
from pathlore.pipelines.types import AnnData, DiGraph, TrainedModel
from pathlore.resources.raw import RawTables

logger = logging.getLogger(__name__)


def refit_models(
    cells: AnnData,
    signaling_network: pd.DataFrame,
    gene_annotations: pd.DataFrame,
    paths_raw: RawTables,
    models: Partitions[TrainedModel],
    config: RefitConfig,
    parameters: dict[str, Any],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rank the paths again with other donors held out; after the models, which come first."""
    from pathlore.evaluation.refits import refit
    from pathlore.study.sources import Sources

    trained = f"trained for at most {config.epochs} epochs" if config.epochs else "not trained"
    logger.info("Each of %d model(s): %d refits, %s", len(models), config.fits, trained)
    checked = check(Parameters, parameters, "parameters")
    return refit(Sources(cells, signaling_network, gene_annotations, given_paths(paths_raw)), checked)


def measure_donors(
    models: Partitions[TrainedModel],
    text_numeric_graphs: Partitions[TextNumericGraph],
    cells: AnnData,
    splits: Partitions[pd.DataFrame],
    config: DonorTestConfig,
    training: TrainingConfig,
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Measure each path in each donor, and test the classes over donors."""
    from pathlore.explain.donor_activity import donor_activity
    from pathlore.explain.donor_tests import donor_tests
    from pathlore.training.data import cell_sets

    activity, tests = {}, {}
    for name, model in load_all(models).items():
        data = cell_sets(cells, splits[name](), model.genes, training.scratch)
        graph = text_numeric_graphs[name]()
        activity[name] = donor_activity(graph, data, model.class_names, config)
        tests[name] = donor_tests(graph, data, model.class_names, config)
    return activity, tests


def rank_paths(
    models: Partitions[TrainedModel],
    text_numeric_graphs: Partitions[TextNumericGraph],
    cells: AnnData,
    splits: Partitions[pd.DataFrame],
    refit_rankings: pd.DataFrame,
    donor_tests: Partitions[pd.DataFrame],
    active_receptors: Partitions[pd.DataFrame],
    donors: DonorTestConfig,
    config: TrainingConfig,
) -> dict[str, pd.DataFrame]:
    """Rank each population's paths, with the evidence beside the score."""
    from pathlore.evaluation.refits import with_refits
    from pathlore.explain.donor_tests import with_donor_tests
    from pathlore.explain.importance import path_importance, with_affinity
    from pathlore.training.data import cell_sets

    names = population_names(refit_rankings)
    result = {}
    for name, model in load_all(models).items():
        data = cell_sets(cells, splits[name](), model.genes, config.scratch)
        table = path_importance(model, text_numeric_graphs[name](), data, config.prior_mode, donors.min_cells)
        table = with_refits(table, refit_rankings, names.get(name, name))
        table = with_affinity(table, active_receptors[name]())
        result[name] = with_donor_tests(table, donor_tests[name]())
    return result


def rank_signals(
    cells: AnnData,
    splits: Partitions[pd.DataFrame],
    signaling_network: pd.DataFrame,
    gene_annotations: pd.DataFrame,
    encoder: EncoderConfig,
    sentences: SentenceConfig,
    donors: DonorTestConfig,
    training: TrainingConfig,
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Rank the receptors and ligands that explain each population's changes, by network and texts alone."""
    from pathlore.explain.active_signals import active_signals, signal_profiles
    from pathlore.training.data import cell_sets, class_names

    profiles = signal_profiles(signaling_network, gene_annotations, encoder, sentences.gene)
    receptors, ligands, by_donor = {}, {}, {}
    for name, table in load_all(splits).items():
        data = cell_sets(cells, table, cells.var_names, training.scratch)
        found = active_signals(data, cells.var_names, class_names(table), profiles, donors.min_cells)
        receptors[name], ligands[name], by_donor[name] = found.receptors, found.ligands, found.by_donor
    return receptors, ligands, by_donor


def sum_importance(
    importance: Partitions[pd.DataFrame], text_numeric_graphs: Partitions[TextNumericGraph]
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Sum the importance over the paths through each gene and each association."""
    from pathlore.explain.core_network import edge_importance, gene_importance

    genes, edges = {}, {}
    for name, table in load_all(importance).items():
        graph = text_numeric_graphs[name]()
        genes[name], edges[name] = gene_importance(table, graph), edge_importance(table, graph)
    return genes, edges


def extract_core_networks(
    importance: Partitions[pd.DataFrame], text_numeric_graphs: Partitions[TextNumericGraph], config: ReportConfig
) -> tuple[dict[str, DiGraph], dict[str, dict[str, Any]]]:
    """Join each population's top paths to one network, for GraphML and for Cytoscape."""
    from pathlore.explain.core_network import core_network, core_paths
    from pathlore.plot.network_cytoscape import laid_out

    networks = {
        name: core_network(core_paths(table, config.core_frequency), text_numeric_graphs[name](), config.core_paths)
        for name, table in load_all(importance).items()
    }
    return networks, {name: laid_out(network) for name, network in networks.items()}


def search_new_paths(
    bridged_network: pd.DataFrame,
    text_numeric_graphs: Partitions[TextNumericGraph],
    importance: Partitions[pd.DataFrame],
    gene_statistics: Partitions[pd.DataFrame],
    config: DiscoveryConfig,
    bounds: PathConfig,
) -> dict[str, pd.DataFrame]:
    """Propose paths that are not on each population's list."""
    from pathlore.explain.discovery import propose_paths

    return {
        name: propose_paths(
            bridged_network, text_numeric_graphs[name](), table, gene_statistics[name](), config, bounds
        )
        for name, table in load_all(importance).items()
    }


def check_fits(
    models: Partitions[TrainedModel],
    text_numeric_graphs: Partitions[TextNumericGraph],
    training_history: Partitions[pd.DataFrame],
    importance: Partitions[pd.DataFrame],
    held_out_predictions: Partitions[pd.DataFrame],
    coverage_report: pd.DataFrame,
    config: TrainingConfig,
) -> pd.DataFrame:
    """Look for signs that something went wrong."""
    from pathlore.explain.diagnostics import FitRun, diagnostics, diagnostics_table

    names = population_names(coverage_report)
    coverage = dict(iter(coverage_report.groupby("population")))
    return diagnostics_table(
        {
            name: diagnostics(
                FitRun(
                    model,
                    text_numeric_graphs[name](),
                    training_history[name](),
                    importance[name](),
                    held_out_predictions[name](),
                    coverage[names[name]],
                    config.prior_weight,
                )
            )
            for name, model in load_all(models).items()
        }
    )


def summarise(
    metrics: pd.DataFrame,
    importance: Partitions[pd.DataFrame],
    diagnostics: pd.DataFrame,
    donor_tests: Partitions[pd.DataFrame],
    active_receptors: Partitions[pd.DataFrame],
    coverage_report: pd.DataFrame,
    design_findings: pd.DataFrame,
    out_of_fold: pd.DataFrame,
    config: ReportConfig,
) -> str:
    """Write the result in one screen."""
    from pathlore.explain.summary import summary, with_first_line
    from pathlore.inspection.design import gravest

    names = population_names(coverage_report)
    tables = {names[name]: table for name, table in load_all(importance).items()}
    signs = with_names(diagnostics, names)
    tests = {names[name]: table for name, table in load_all(donor_tests).items()}
    signals = {names[name]: table for name, table in load_all(active_receptors).items()}
    plots = with_names(metrics, names)
    text = summary(plots, tables, signs, config.printed_paths, config.caveat, tests, signals, out_of_fold)
    return with_first_line(gravest(design_findings), text)
