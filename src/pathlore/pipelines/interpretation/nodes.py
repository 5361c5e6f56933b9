"""Nodes of the interpretation pipeline."""

from typing import Any

import pandas as pd

from pathlore.config import DiscoveryConfig, PathConfig, ReportConfig, TrainingConfig
from pathlore.explain.summary import summary
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.pipelines.partitions import Partitions, load_all
from pathlore.pipelines.types import AnnData, DiGraph, Figure, InteractiveFigure, TrainedModel


def rank_paths(
    models: Partitions[TrainedModel],
    text_numeric_graphs: Partitions[TextNumericGraph],
    cells: AnnData,
    splits: Partitions[pd.DataFrame],
    config: TrainingConfig,
) -> dict[str, pd.DataFrame]:
    """Rank each population's paths, with the evidence beside the score."""
    from pathlore.explain.importance import path_importance
    from pathlore.training.data import cell_sets

    return {
        name: path_importance(
            model,
            text_numeric_graphs[name](),
            cell_sets(cells, splits[name](), model.genes, config.scratch),
            config.prior_mode,
        )
        for name, model in load_all(models).items()
    }


def extract_core_networks(
    importance: Partitions[pd.DataFrame], text_numeric_graphs: Partitions[TextNumericGraph], config: ReportConfig
) -> tuple[dict[str, DiGraph], dict[str, dict[str, Any]]]:
    """Join each population's top paths to one network, for GraphML and for Cytoscape."""
    from pathlore.explain.core_network import core_network, to_cytoscape

    networks = {
        name: core_network(table, text_numeric_graphs[name](), config.core_paths)
        for name, table in load_all(importance).items()
    }
    return networks, {name: to_cytoscape(network) for name, network in networks.items()}


def draw_importance(
    importance: Partitions[pd.DataFrame], models: Partitions[TrainedModel], config: ReportConfig
) -> dict[str, Figure]:
    """Draw each population's top paths as bars."""
    from pathlore.plot.importance import importance_bars

    return {
        name: importance_bars(table, config.bar_paths, name, *_control_and_case(models[name]()))
        for name, table in load_all(importance).items()
    }


def draw_core_networks(networks: Partitions[DiGraph], models: Partitions[TrainedModel]) -> dict[str, Figure]:
    """Draw each population's core network in layers from receptor to target."""
    from pathlore.plot.network import core_network_figure

    return {
        name: core_network_figure(network, name, *_control_and_case(models[name]()))
        for name, network in load_all(networks).items()
    }


def draw_training(training_history: Partitions[pd.DataFrame]) -> dict[str, Figure]:
    """Draw each fit's curves."""
    from pathlore.plot.training import training_curves

    return {name: training_curves(table, name) for name, table in load_all(training_history).items()}


def draw_metrics(metrics: pd.DataFrame) -> Figure:
    """Draw the model's figures beside the baselines'."""
    from pathlore.plot.metrics import metrics_dots

    return metrics_dots(metrics)


def draw_interactive(
    metrics: pd.DataFrame, importance: Partitions[pd.DataFrame], config: ReportConfig
) -> tuple[InteractiveFigure, InteractiveFigure]:
    """Draw metrics and top paths for the browser."""
    from pathlore.plot.interactive import interactive_importance, interactive_metrics

    return interactive_metrics(metrics), interactive_importance(load_all(importance), config.bar_paths)


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
    from pathlore.explain.signatures import Run, failure_signatures, signatures_table
    from pathlore.expression.populations import partition_names

    partitions = partition_names(coverage_report["population"])
    coverage = {partitions[str(name)]: table for name, table in coverage_report.groupby("population")}
    return signatures_table(
        {
            name: failure_signatures(
                Run(
                    model,
                    text_numeric_graphs[name](),
                    training_history[name](),
                    importance[name](),
                    held_out_predictions[name](),
                    coverage[name],
                    config.prior_weight,
                )
            )
            for name, model in load_all(models).items()
        }
    )


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


def summarise(
    metrics: pd.DataFrame, importance: Partitions[pd.DataFrame], signatures: pd.DataFrame, config: ReportConfig
) -> str:
    """Write the result in one screen."""
    return summary(metrics, load_all(importance), signatures, config.printed_paths)


def _control_and_case(model: TrainedModel) -> tuple[str, str]:
    """Names for the two ends of a fold change."""
    control, *cases = model.class_names
    return (control, cases[0]) if len(cases) == 1 else ("the other classes", "the class with the largest change")
