"""Nodes of the interpretation pipeline."""

from typing import Any

import networkx as nx
import pandas as pd
from anndata import AnnData
from matplotlib.figure import Figure
from plotly.graph_objects import Figure as InteractiveFigure

from pathlore.config import ReportConfig, TrainingConfig
from pathlore.explain.core_network import core_network, to_cytoscape
from pathlore.explain.importance import path_importance
from pathlore.explain.summary import summary
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.pipelines.partitions import Partitions, load_all
from pathlore.plot.importance import importance_bars
from pathlore.plot.interactive import interactive_importance, interactive_metrics
from pathlore.plot.metrics import metrics_dots
from pathlore.plot.network import core_network_figure
from pathlore.plot.training import training_curves
from pathlore.training.data import cell_sets
from pathlore.training.trained_model import TrainedModel


def rank_paths(
    models: Partitions[TrainedModel],
    text_numeric_graphs: Partitions[TextNumericGraph],
    cells: AnnData,
    splits: Partitions[pd.DataFrame],
    config: TrainingConfig,
) -> dict[str, pd.DataFrame]:
    """Rank each population's paths, with the evidence beside the score."""
    return {
        name: path_importance(
            model,
            text_numeric_graphs[name](),
            cell_sets(cells, splits[name](), model.genes),
            config.prior_mode,
        )
        for name, model in load_all(models).items()
    }


def extract_core_networks(
    importance: Partitions[pd.DataFrame], text_numeric_graphs: Partitions[TextNumericGraph], config: ReportConfig
) -> tuple[dict[str, nx.DiGraph], dict[str, dict[str, Any]]]:
    """Join each population's top paths to one network, for GraphML and for Cytoscape."""
    networks = {
        name: core_network(table, text_numeric_graphs[name](), config.core_paths)
        for name, table in load_all(importance).items()
    }
    return networks, {name: to_cytoscape(network) for name, network in networks.items()}


def draw_importance(
    importance: Partitions[pd.DataFrame], models: Partitions[TrainedModel], config: ReportConfig
) -> dict[str, Figure]:
    """Draw each population's top paths as bars."""
    return {
        name: importance_bars(table, config.bar_paths, name, *_control_and_case(models[name]()))
        for name, table in load_all(importance).items()
    }


def draw_core_networks(networks: Partitions[nx.DiGraph], models: Partitions[TrainedModel]) -> dict[str, Figure]:
    """Draw each population's core network in layers from receptor to target."""
    return {
        name: core_network_figure(network, name, *_control_and_case(models[name]()))
        for name, network in load_all(networks).items()
    }


def draw_training(training_history: Partitions[pd.DataFrame]) -> dict[str, Figure]:
    """Draw each fit's curves."""
    return {name: training_curves(table, name) for name, table in load_all(training_history).items()}


def draw_metrics(metrics: pd.DataFrame) -> Figure:
    """Draw the model's figures beside the baselines'."""
    return metrics_dots(metrics)


def draw_interactive(
    metrics: pd.DataFrame, importance: Partitions[pd.DataFrame], config: ReportConfig
) -> tuple[InteractiveFigure, InteractiveFigure]:
    """Draw metrics and top paths for the browser."""
    return interactive_metrics(metrics), interactive_importance(load_all(importance), config.bar_paths)


def summarise(metrics: pd.DataFrame, importance: Partitions[pd.DataFrame], config: ReportConfig) -> str:
    """Write the result in one screen."""
    return summary(metrics, load_all(importance), config.printed_paths)


def _control_and_case(model: TrainedModel) -> tuple[str, str]:
    """Names for the two ends of a fold change."""
    control, *cases = model.class_names
    return (control, cases[0]) if len(cases) == 1 else ("the other classes", "the class with the largest change")
