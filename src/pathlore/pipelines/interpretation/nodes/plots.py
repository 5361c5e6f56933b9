"""Plots for print, and the same to point at."""

from pathlore.config import ReportConfig
from pathlore.pipelines.partitions import Each, Partitions, Population, by_name, load_all, per_population, with_names
from pathlore.pipelines.types import DataFrame, DiGraph, Figure, InteractiveFigure, TextEmbedding

Plots = dict[str, Figure]

STRIPS = 10
"""Paths in the figure of strips over donors."""


@per_population
def draw_importance(population: Each[Population], importance: Each[DataFrame], config: ReportConfig) -> Figure:
    """Draw each population's top paths as bars, with their spread over refits."""
    from pathlore.plot.importance import importance_bars

    return importance_bars(importance, config.bar_paths, population["name"], population["classes"])


@per_population
def draw_core_networks(population: Each[Population], network: Each[DiGraph]) -> Figure:
    """Draw each population's core network in layers from receptor to target."""
    from pathlore.plot.network import core_network_figure

    return core_network_figure(network, population["name"], *_control_and_case(population))


@per_population
def draw_training(population: Each[Population], training_history: Each[DataFrame]) -> Figure:
    """Draw each fit's curves."""
    from pathlore.plot.training import training_curves

    return training_curves(training_history, population["name"])


def draw_metrics(populations: Partitions[Population], metrics: DataFrame) -> Figure:
    """Draw the model's metrics beside the baselines'."""
    from pathlore.plot.metrics import metrics_dots

    return metrics_dots(with_names(metrics, populations))


@per_population
def draw_curves(population: Each[Population], held_out_predictions: Each[DataFrame]) -> Figure:
    """Draw ROC and precision-recall curves of the model and the baselines, with their intervals."""
    from pathlore.plot.curves import held_out_curves

    return held_out_curves(held_out_predictions, population["classes"], population["name"])


@per_population
def draw_donors(
    population: Each[Population],
    activity: Each[DataFrame],
    donor_tests: Each[DataFrame],
    importance: Each[DataFrame],
    receptor_scores: Each[DataFrame],
    config: ReportConfig,
) -> tuple[Figure, Figure]:
    """Draw the activity of the top paths in each donor, as a heat map and, with the receptors, point by point."""
    from pathlore.plot.donors import donor_heat_map, donor_strips

    name, classes = population["name"], population["classes"]
    return (
        donor_heat_map(activity, donor_tests, importance, config.bar_paths, name, classes),
        donor_strips(activity, donor_tests, importance, receptor_scores, STRIPS, name, classes),
    )


@per_population
def draw_cells(
    population: Each[Population],
    cell_map: Each[DataFrame],
    importance: Each[DataFrame],
    splits: Each[DataFrame],
) -> Figure:
    """Draw the map of each population's cells."""
    from pathlore.plot.cell_map import cell_map_figure

    return cell_map_figure(cell_map, importance, population["name"], population["classes"], len(splits))


def draw_sentences(
    populations: Partitions[Population], path_embeddings: TextEmbedding, importance: Partitions[DataFrame]
) -> tuple[Plots, InteractiveFigure]:
    """Draw the sentences of each population's paths as points, near where they say alike."""
    from pathlore.plot.interactive import interactive_sentences
    from pathlore.plot.sentences import project, sentence_map

    plots, placed = {}, {}
    for file, population in load_all(populations).items():
        table, name = importance[file](), population["name"]
        paths = list(table["path"])
        placed[name] = (paths, project(path_embeddings.rows(paths)), table)
        plots[file] = sentence_map(*placed[name], name)
    return plots, interactive_sentences(placed)


@per_population
def draw_known_biology(
    population: Each[Population], enrichment: Each[DataFrame], ablation: Each[DataFrame]
) -> tuple[Figure, Figure]:
    """Draw gene sets beside what prior and random rankings give, and importance against ablation."""
    from pathlore.plot.ablation import ablation_dots
    from pathlore.plot.enrichment import enrichment_dots

    name = population["name"]
    return enrichment_dots(enrichment, name, "over_representation"), ablation_dots(ablation, name)


def draw_communication(
    populations: Partitions[Population], cell_communication: DataFrame, communication_pairs: DataFrame
) -> tuple[Plots, InteractiveFigure]:
    """Draw what passes between the cell types: as a matrix, as a circle, and line by line."""
    from pathlore.plot.cell_communication import communication_circle, communication_interactions, communication_matrix
    from pathlore.plot.interactive import interactive_communication

    control, case = _control_and_case(next(iter(load_all(populations).values())))
    plots = {
        "heatmap": communication_matrix(communication_pairs),
        "circle": communication_circle(cell_communication, communication_pairs),
        "interactions": communication_interactions(cell_communication, control, case),
    }
    return plots, interactive_communication(cell_communication, communication_pairs)


def draw_interactive(
    populations: Partitions[Population],
    metrics: DataFrame,
    importance: Partitions[DataFrame],
    activity: Partitions[DataFrame],
    donor_tests: Partitions[DataFrame],
    config: ReportConfig,
) -> tuple[InteractiveFigure, InteractiveFigure, InteractiveFigure]:
    """Draw metrics, top paths and their activity in each donor for the browser."""
    from pathlore.plot.interactive import interactive_donors, interactive_importance, interactive_metrics

    ranked, top = by_name(populations, importance), config.bar_paths
    classes = next(iter(load_all(populations).values()))["classes"]
    tests = by_name(populations, donor_tests)
    by_donor = {name: (table, tests[name], ranked[name]) for name, table in by_name(populations, activity).items()}
    return (
        interactive_metrics(with_names(metrics, populations)),
        interactive_importance(ranked, top, classes),
        interactive_donors(by_donor, top, classes),
    )


def _control_and_case(population: Population) -> tuple[str, str]:
    """Names for the two ends of a fold change."""
    control, *cases = population["classes"]
    return (control, cases[0]) if len(cases) == 1 else ("the other classes", "the class with the largest change")
