"""Plots for print, and the same to point at."""

import pandas as pd

from pathlore.config import ReportConfig
from pathlore.pipelines.interpretation.nodes.names import population_names, with_names
from pathlore.pipelines.partitions import Partitions, load_all
from pathlore.pipelines.types import DiGraph, Figure, InteractiveFigure, TextEmbedding, TrainedModel

Plots = dict[str, Figure]
STRIPS = 10
"""Paths in the figure of strips over donors."""


def draw_importance(
    importance: Partitions[pd.DataFrame],
    models: Partitions[TrainedModel],
    coverage_report: pd.DataFrame,
    config: ReportConfig,
) -> Plots:
    """Draw each population's top paths as bars, with their spread over refits."""
    from pathlore.plot.importance import importance_bars

    names = population_names(coverage_report)
    return {
        name: importance_bars(table, config.bar_paths, names[name], models[name]().class_names)
        for name, table in load_all(importance).items()
    }


def draw_core_networks(
    networks: Partitions[DiGraph], models: Partitions[TrainedModel], coverage_report: pd.DataFrame
) -> Plots:
    """Draw each population's core network in layers from receptor to target."""
    from pathlore.plot.network import core_network_figure

    names = population_names(coverage_report)
    return {
        name: core_network_figure(network, names[name], *control_and_case(models[name]()))
        for name, network in load_all(networks).items()
    }


def draw_training(training_history: Partitions[pd.DataFrame], coverage_report: pd.DataFrame) -> Plots:
    """Draw each fit's curves."""
    from pathlore.plot.training import training_curves

    names = population_names(coverage_report)
    return {name: training_curves(table, names[name]) for name, table in load_all(training_history).items()}


def draw_metrics(metrics: pd.DataFrame, coverage_report: pd.DataFrame) -> Figure:
    """Draw the model's metrics beside the baselines'."""
    from pathlore.plot.metrics import metrics_dots

    return metrics_dots(with_names(metrics, population_names(coverage_report)))


def draw_curves(
    held_out_predictions: Partitions[pd.DataFrame], models: Partitions[TrainedModel], coverage_report: pd.DataFrame
) -> Plots:
    """Draw ROC and precision-recall curves of the model and the baselines, with their intervals."""
    from pathlore.plot.curves import held_out_curves

    names = population_names(coverage_report)
    return {
        name: held_out_curves(table, models[name]().class_names, names[name])
        for name, table in load_all(held_out_predictions).items()
    }


def draw_donors(
    activity: Partitions[pd.DataFrame],
    donor_tests: Partitions[pd.DataFrame],
    importance: Partitions[pd.DataFrame],
    models: Partitions[TrainedModel],
    coverage_report: pd.DataFrame,
    config: ReportConfig,
) -> tuple[Plots, InteractiveFigure]:
    """Draw the activity of the top paths in each donor."""
    from pathlore.plot.donor_heatmap import donor_heat_map
    from pathlore.plot.interactive_donors import interactive_donors

    tables = {name: (table, donor_tests[name](), importance[name]()) for name, table in load_all(activity).items()}
    classes = {name: models[name]().class_names for name in tables}
    names = population_names(coverage_report)
    plots = {name: donor_heat_map(*tables[name], config.bar_paths, names[name], own) for name, own in classes.items()}
    named = {names[name]: own for name, own in tables.items()}
    return plots, interactive_donors(named, config.bar_paths, next(iter(classes.values())))


def draw_cells(
    cell_maps: Partitions[pd.DataFrame],
    importance: Partitions[pd.DataFrame],
    activity: Partitions[pd.DataFrame],
    donor_tests: Partitions[pd.DataFrame],
    receptor_scores: Partitions[pd.DataFrame],
    models: Partitions[TrainedModel],
    coverage_report: pd.DataFrame,
) -> tuple[Plots, Plots]:
    """Draw the map of each population's cells, and its paths and receptors donor by donor."""
    from pathlore.plot.cell_map import cell_map_figure
    from pathlore.plot.donor_strips import donor_strips

    names, maps, strips = population_names(coverage_report), {}, {}
    for name, table in load_all(cell_maps).items():
        ranked, classes = importance[name](), models[name]().class_names
        maps[name] = cell_map_figure(table, ranked, names[name], classes)
        receptors = receptor_scores[name]()
        strips[name] = donor_strips(
            activity[name](), donor_tests[name](), ranked, receptors, STRIPS, names[name], classes
        )
    return maps, strips


def draw_sentences(
    path_embeddings: TextEmbedding, importance: Partitions[pd.DataFrame], coverage_report: pd.DataFrame
) -> tuple[Plots, InteractiveFigure]:
    """Draw the sentences of each population's paths as points, near where they say alike."""
    from pathlore.plot.interactive_sentences import interactive_sentences
    from pathlore.plot.sentences import project, sentence_map

    placed, names = {}, population_names(coverage_report)
    for name, table in load_all(importance).items():
        paths = list(table["path"])
        placed[name] = (paths, project(path_embeddings.rows(paths)), table)
    plots = {name: sentence_map(*given, names[name]) for name, given in placed.items()}
    return plots, interactive_sentences({names[name]: given for name, given in placed.items()})


def draw_known_biology(
    enrichment: Partitions[pd.DataFrame], ablation: Partitions[pd.DataFrame], coverage_report: pd.DataFrame
) -> tuple[Plots, Plots]:
    """Draw gene sets beside what prior and random rankings give, and importance against ablation."""
    from pathlore.plot.ablation import ablation_dots
    from pathlore.plot.enrichment import enrichment_dots

    names, method = population_names(coverage_report), "over_representation"
    sets = {name: enrichment_dots(table, names[name], method) for name, table in load_all(enrichment).items()}
    return sets, {name: ablation_dots(table, names[name]) for name, table in load_all(ablation).items()}


def draw_communication(
    cell_communication: pd.DataFrame, communication_pairs: pd.DataFrame, models: Partitions[TrainedModel]
) -> tuple[Plots, InteractiveFigure]:
    """Draw what passes between the cell types: as a matrix, as a circle, and line by line."""
    from pathlore.plot.cell_communication import communication_circle, communication_interactions, communication_matrix
    from pathlore.plot.interactive_communication import interactive_communication

    control, case = control_and_case(next(iter(load_all(models).values())))
    plots = {
        "heatmap": communication_matrix(communication_pairs),
        "circle": communication_circle(cell_communication, communication_pairs),
        "interactions": communication_interactions(cell_communication, control, case),
    }
    return plots, interactive_communication(cell_communication, communication_pairs)


def draw_interactive(
    metrics: pd.DataFrame,
    importance: Partitions[pd.DataFrame],
    models: Partitions[TrainedModel],
    coverage_report: pd.DataFrame,
    config: ReportConfig,
) -> tuple[InteractiveFigure, InteractiveFigure]:
    """Draw metrics and top paths for the browser."""
    from pathlore.plot.interactive import interactive_importance, interactive_metrics

    names = population_names(coverage_report)
    tables = {names[name]: table for name, table in load_all(importance).items()}
    classes = next(iter(load_all(models).values())).class_names
    return interactive_metrics(with_names(metrics, names)), interactive_importance(tables, config.bar_paths, classes)


def control_and_case(model: TrainedModel) -> tuple[str, str]:
    """Names for the two ends of a fold change."""
    control, *cases = model.class_names
    return (control, cases[0]) if len(cases) == 1 else ("the other classes", "the class with the largest change")
