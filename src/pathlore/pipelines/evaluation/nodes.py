"""Nodes of the evaluation pipeline."""

from typing import Any

from pathlore.config import EncoderConfig, EvaluationParameters, ModelConfig, Parameters, PathConfig, check
from pathlore.pipelines.types import AnnData, DataFrame, Figure, RawTables


def run_methods(
    cells: AnnData,
    signaling_network: DataFrame,
    gene_annotations: DataFrame,
    paths_raw: RawTables,
    parameters: dict[str, Any],
) -> tuple[DataFrame, ...]:
    """Fit every method on every repeat, but for those that are finished."""
    from pathlore.evaluation.results import recorded
    from pathlore.evaluation.runner import evaluate
    from pathlore.expression.planting import planted_truth
    from pathlore.graph.paths.user_file import given_paths
    from pathlore.study.sources import Sources
    from pathlore.tracking import NestedRuns

    nested = NestedRuns()
    checked = check(Parameters, parameters, "parameters")
    truth = planted_truth(cells, checked.ingestion.population)
    made = evaluate(
        Sources(cells, signaling_network, gene_annotations, given_paths(paths_raw), truth),
        checked,
        lambda key, task, result: nested.add(key, *recorded(task, result)),
    )
    return made.runs, made.predictions, made.rankings, made.failures, made.discovered, made.withheld


def summarise_methods(evaluation_runs: DataFrame, evaluation_predictions: DataFrame) -> DataFrame:
    """Bring the repeats of each method together, beside the default."""
    from pathlore.evaluation.summary import summarise

    return summarise(evaluation_runs, evaluation_predictions)


def judge_rankings(
    evaluation_rankings: DataFrame, evaluation_runs: DataFrame, signaling_network: DataFrame
) -> tuple[DataFrame, dict[str, object], DataFrame, DataFrame, DataFrame]:
    """Hold the rankings against planted paths, each other, permuted labels and the shape of the network."""
    from pathlore.evaluation import network_shape, permutation, recovery, stability

    recovered = recovery.recovery_summary(evaluation_rankings)
    return (
        recovered,
        recovery.recovery_json(recovered),
        stability.stability(evaluation_rankings),
        permutation.path_significance(evaluation_rankings, evaluation_runs),
        network_shape.shape_bias(evaluation_rankings, signaling_network),
    )


def judge_by_known_biology(
    evaluation_rankings: DataFrame, gene_sets_raw: RawTables, config: EvaluationParameters
) -> DataFrame:
    """Hold the rankings against paths in named sets of genes."""
    from pathlore.evaluation.recovery import known_biology

    return known_biology(evaluation_rankings, gene_sets_raw, config.known_sets)


def draw_methods(evaluation_summary: DataFrame, evaluation_runs: DataFrame) -> dict[str, Figure]:
    """Draw what each method reaches, one figure for each population of the cohort."""
    from pathlore.plot.evaluation import variant_dots

    return {
        file: variant_dots(evaluation_summary, evaluation_runs, name)
        for name, file in _populations(evaluation_runs).items()
    }


def draw_stability(evaluation_stability: DataFrame) -> dict[str, Figure]:
    """Draw how alike repeated rankings are."""
    from pathlore.plot.evaluation import stability_dots

    return {
        file: stability_dots(evaluation_stability, name) for name, file in _populations(evaluation_stability).items()
    }


def draw_significance(evaluation_significance: DataFrame) -> dict[str, Figure]:
    """Draw the top paths beside what permuted labels give them."""
    from pathlore.plot.evaluation import significance_bars

    return {
        file: significance_bars(evaluation_significance, name)
        for name, file in _populations(evaluation_significance).items()
    }


def draw_recovery(evaluation_recovery: DataFrame, evaluation_rankings: DataFrame) -> Figure:
    """Draw how well planted paths are found."""
    from pathlore.evaluation.recovery import recoveries
    from pathlore.plot.evaluation import recovery_dots

    return recovery_dots(evaluation_recovery, recoveries(evaluation_rankings))


def draw_depth(
    evaluation_summary: DataFrame, evaluation_runs: DataFrame, config: EvaluationParameters, model: ModelConfig
) -> Figure:
    """Draw what more layers do."""
    from pathlore.plot.evaluation import depth_curves, layers_of

    layers = layers_of(config.variants.get("depth", {}), model.layers)
    return depth_curves(evaluation_summary, evaluation_runs, layers)


def write_report(
    evaluation_summary: DataFrame,
    evaluation_recovery: DataFrame,
    evaluation_stability: DataFrame,
    evaluation_significance: DataFrame,
    evaluation_shape: DataFrame,
    evaluation_discovery: DataFrame,
    evaluation_withheld: DataFrame,
    evaluation_known: DataFrame,
    config: EvaluationParameters,
) -> tuple[str, str]:
    """Say in words and tables what was found, and what has to be kept in mind."""
    from pathlore.evaluation.report.page import cohort_report
    from pathlore.evaluation.report.results import CohortResults

    results = CohortResults(
        config.cohort,
        evaluation_summary,
        recovery=evaluation_recovery,
        stability=evaluation_stability,
        significance=evaluation_significance,
        discovery=evaluation_discovery,
        withheld=evaluation_withheld,
        shape=evaluation_shape,
        known=evaluation_known,
        caveat=config.caveat,
    )
    return cohort_report(results), config.caveat


def judge_real_truth(
    truth_raw: RawTables,
    truth_cells_raw: dict[str, AnnData],
    signaling_network: DataFrame,
    gene_annotations: DataFrame,
    config: EvaluationParameters,
    paths: PathConfig,
    encoder: EncoderConfig,
) -> tuple[DataFrame, DataFrame]:
    """Find the receptors of ligands that were given, where experiments are given."""
    from pathlore.evaluation.real_truth.run import assess
    from pathlore.signals.inputs import text_kinds

    texts = text_kinds(signaling_network, gene_annotations, encoder) if truth_raw or truth_cells_raw else []
    found = assess(truth_raw, truth_cells_raw, signaling_network, texts, config.truth, paths)
    return found.results, found.signatures


def compare_text_models(
    truth_raw: RawTables,
    truth_cells_raw: dict[str, AnnData],
    signaling_network: DataFrame,
    gene_annotations: DataFrame,
    config: EvaluationParameters,
    encoder: EncoderConfig,
) -> DataFrame:
    """Find the receptors of ligands that were given by each text model, where the axis `encoders` is asked for."""
    import pandas as pd

    from pathlore.evaluation.real_truth.encoders import COLUMNS, compare_encoders, encoders_of
    from pathlore.evaluation.real_truth.run import gather

    encoders = encoders_of(config, encoder)
    experiments = gather(truth_raw, truth_cells_raw, config.truth) if encoders else []
    if not experiments:
        return pd.DataFrame(columns=COLUMNS)
    return compare_encoders(experiments, signaling_network, gene_annotations, encoders, config.truth)


def draw_real_truth(real_truth: DataFrame) -> dict[str, Figure]:
    """Draw how well each scorer finds the true receptors."""
    from pathlore.plot.evaluation import truth_dots

    return {"real_truth": truth_dots(real_truth)} if len(real_truth) else {}


def _populations(table: DataFrame) -> dict[str, str]:
    """Populations of the cohort itself, with a file name each."""
    from pathlore.expression.populations import partition_names

    own = table[table["scenario"].isna()] if "scenario" in table else table
    return partition_names(own["population"])
