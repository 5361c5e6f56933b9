"""The mechanisms and the open questions of the paper, answered by numbers."""

from collections.abc import Sequence

import pandas as pd

from pathlore.evaluation.report.effects import Effect, planted_effects, prediction_effects, reading
from pathlore.evaluation.report.new_paths import discovery_parts
from pathlore.evaluation.report.results import CohortResults
from pathlore.evaluation.report.sentences import METRICS, UNITS, known, listed, markdown_table, minus, spread
from pathlore.evaluation.report.tables import populations_of
from pathlore.evaluation.scores import main_scores
from pathlore.keys import Method

DEFAULT = {
    "models": "the default form",
    "text": "real text",
    "importance": "one global score per path",
    "scores": "the default scores",
    "cross_attention": "cross-attention from expression to text",
    "encoders": "the default encoder",
    "structure": "the encoding of the graph",
    "network": "the network and its paths as they are",
    "path_list": "the default list of paths",
    "prior": "no penalty towards the fold-change prior",
    "expander": "the numeric expander",
    "answer": "the branches on genes",
    "depth": "one layer",
}
"""What the default has, by the axis that a variant changes."""

MECHANISMS = {
    "Mechanism 1: text of a language model": "text",
    "Mechanism 2: one global score per path, against attention": "importance",
    "Mechanism 2, part by part: what makes the scores identifiable": "scores",
    "Mechanism 3: cross-attention between expression and text": "cross_attention",
}
RANKED = ("importance", "scores")
"""Axes whose variants are also compared by the stability of their rankings."""

LEVELS = ("cell", "donor", "cell_within_type", "paths_alone")
SHOWN_LEVELS = ("cell", "donor", "paths_alone")
STABLE = ("spearman", "overlap_top_10")


def mechanism_sections(cohorts: Sequence[CohortResults]) -> str:
    """What each mechanism is worth: prediction, recovery of planted paths, stability."""
    parts = []
    for heading, axis in MECHANISMS.items():
        stable = [line for results in cohorts for line in stable_sentences(results, axis)] if axis in RANKED else []
        parts += [f"### {heading}", axis_part(cohorts, axis), *([listed(stable)] if stable else [])]
    return "\n\n".join(parts)


def question_sections(cohorts: Sequence[CohortResults]) -> str:
    """Other data, text encoders, the list of paths and the discovery of new ones."""
    parts = [
        "### Question 1: does it hold on other data?", listed([line for r in cohorts for line in data_sentences(r)]),
        "### Question 2: does the text encoder matter?", axis_part(cohorts, "encoders"),
        "### Question 3: does the list of paths matter, and can new paths be discovered?",
        axis_part(cohorts, "path_list"), axis_part(cohorts, "network"),
        "Discovery of paths that are not on the list:", discovery(cohorts),
    ]  # fmt: skip
    return "\n\n".join(parts)


def axis_readings(cohorts: Sequence[CohortResults], axis: str) -> list[str]:
    """One sentence on prediction and one on planted paths, from all comparisons of an axis."""
    predicted, planted = _effects(cohorts, axis)
    what = DEFAULT[axis]
    said = [reading(predicted["cell"], what, f"AUROC of {UNITS['cell']}")] if predicted["cell"] else []
    return said + ([reading(planted, what, "Planted paths found, AUROC")] if planted else [])


def axis_part(cohorts: Sequence[CohortResults], axis: str) -> str:
    """The sentences of an axis, then each of its differences."""
    said = axis_readings(cohorts, axis)
    if not said:
        return "Not run."
    predicted, planted = _effects(cohorts, axis)
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for level in SHOWN_LEVELS:
        for effect in predicted[level]:
            cells.setdefault((effect.cohort, effect.variant), {})[UNITS[level]] = str(effect)
    for effect in planted:
        cells.setdefault((effect.cohort, effect.variant), {})[f"planted paths, {effect.place}"] = str(effect)
    names = list(dict.fromkeys(name for row in cells.values() for name in row))
    rows = [
        {"cohort": cohort, "variant": f"`{variant}`"} | {name: row.get(name, "-") for name in names}
        for (cohort, variant), row in cells.items()
    ]
    head = f"AUROC with {DEFAULT[axis]} minus AUROC of the variant:"
    return "\n\n".join([listed(said), head, markdown_table(pd.DataFrame(rows))])


def _effects(cohorts: Sequence[CohortResults], axis: str) -> tuple[dict[str, list[Effect]], list[Effect]]:
    """Differences of an axis in predicting, by level, and in finding planted paths."""
    predicted: dict[str, list[Effect]] = {level: [] for level in SHOWN_LEVELS}
    planted: list[Effect] = []
    for results in cohorts:
        variants = variants_of(results, axis)
        planted += planted_effects(results, variants)
        for level in SHOWN_LEVELS:
            predicted[level] += prediction_effects(results, variants, level)
    return predicted, planted


def variants_of(results: CohortResults, axis: str) -> list[str]:
    """Variants of an axis that were run, the simulated scenarios included."""
    summary = results.summary
    return list(dict.fromkeys(summary.loc[(summary["axis"] == axis) & summary["axis"].notna(), "variant"]))


def stable_sentences(results: CohortResults, axis: str) -> list[str]:
    """How alike rankings are, the default's beside those of the variants."""
    if results.stability is None:
        return []
    variants = variants_of(results, axis)
    rows = main_scores(results.stability)
    rows = rows[rows["measure"].isin(STABLE)]
    lines = []
    for (population, over, measure), group in rows.groupby(["population", "over", "measure"], sort=False):
        default = group[group["variant"] == Method.MODEL]
        others = group[group["variant"].isin(variants)]
        if default.empty or others.empty:
            continue
        said = [f"{DEFAULT[axis]} {_agreement(default.iloc[0])}"]
        said += [
            f"{_quoted(row.variant)} {_agreement(pd.Series(row._asdict()))}" for row in others.itertuples(index=False)
        ]
        lines.append(f"{results.name}, {population}, {METRICS[measure]} of rankings over {over}: {', '.join(said)}.")
    return lines


def _agreement(row: pd.Series) -> str:
    return f"{row['mean']:.3f} ({int(row['pairs'])} pairs)" if known(row["mean"]) else "not defined"


def data_sentences(results: CohortResults) -> list[str]:
    """The default on this cohort, beside chance and beside its best baseline."""
    summary = results.summary[(results.summary["metric"] == "auroc") & results.summary["scenario"].isna()]
    lines = []
    for population in populations_of(results):
        for level in LEVELS:
            rows = summary[(summary["population"] == population) & (summary["level"] == level)]
            default = rows[rows["variant"] == Method.MODEL]
            if default.empty:
                continue
            row = default.iloc[0]
            where = f"{results.name}, {population}, AUROC of {UNITS[level]}: `{Method.MODEL}`"
            said = f"{where} {spread(row['mean'], row['sd'], int(row['n']))}{_chance(row)}"
            baselines = rows[rows["kind"] == "baseline"]
            if len(baselines):
                best = baselines.sort_values("mean", ascending=False).iloc[0]
                name = _quoted(best["variant"])
                said += f"; the best of {len(baselines)} baselines, chosen on the same cells, is {name} with "
                said += f"{best['mean']:.3f}. {minus(f'`{Method.MODEL}`', name, best)}"
            lines.append(said if said.endswith(".") else f"{said}.")
    return lines or [f"{results.name}: not run."]


def _chance(row: pd.Series) -> str:
    if not known(row["low"]):
        return f" (no interval: {row['interval']})"
    inside = row["low"] <= 0.5 <= row["high"]
    return f", 95 % interval {row['low']:.3f} to {row['high']:.3f}, chance {'inside' if inside else 'outside'} it"


def discovery(cohorts: Sequence[CohortResults]) -> str:
    """What became of the search for new paths in each cohort, or that none were sought."""
    parts = [part for results in cohorts for part in discovery_parts(results)]
    return "\n\n".join(parts) if parts else "Not run."


def _quoted(name: str) -> str:
    return f"`{name}`"
