"""The mechanisms and the open questions of the paper, answered by numbers."""

from collections.abc import Sequence

import pandas as pd

from pathlore.evaluation.report.new_paths import discovery_parts
from pathlore.evaluation.report.results import CohortResults
from pathlore.evaluation.report.sentences import METRICS, UNITS, known, listed, minus, spread
from pathlore.evaluation.report.tables import populations_of
from pathlore.evaluation.scores import main_scores
from pathlore.keys import Method

DEFAULT = {
    "text": "real text",
    "cross_attention": "cross-attention from expression to text",
    "importance": "one global score per path",
    "scores": "the default scores",
    "encoders": "the default encoder",
    "path_list": "the default list of paths",
    "network": "the network and its paths as they are",
}
"""What the default has, by the axis that a variant changes."""

MECHANISMS = {
    "Mechanism 1: text of a language model": ("text",),
    "Mechanism 2: one global score per path, against attention": ("importance",),
    "Mechanism 2, part by part: what makes the scores identifiable": ("scores",),
    "Mechanism 3: cross-attention between expression and text": ("cross_attention",),
}
LEVELS = ("cell", "donor", "cell_within_type", "paths_alone")
STABLE = ("spearman", "overlap_top_10")


def mechanism_sections(cohorts: Sequence[CohortResults]) -> str:
    """What each mechanism is worth: prediction, recovery of planted paths, stability."""
    parts = []
    for heading, axes in MECHANISMS.items():
        lines = [line for results in cohorts for axis in axes for line in axis_sentences(results, axis)]
        parts += [f"### {heading}", listed(lines)]
    return "\n\n".join(parts)


def question_sections(cohorts: Sequence[CohortResults]) -> str:
    """Other data, text encoders, the list of paths and the discovery of new ones."""
    encoders = [line for results in cohorts for line in axis_sentences(results, "encoders")]
    lists = [line for results in cohorts for axis in ("path_list", "network") for line in axis_sentences(results, axis)]
    parts = [
        "### Question 1: does it hold on other data?", listed([line for r in cohorts for line in data_sentences(r)]),
        "### Question 2: does the text encoder matter?", listed(encoders),
        "### Question 3: does the list of paths matter, and can new paths be discovered?", listed(lists),
        "Discovery of paths that are not on the list:", discovery(cohorts),
    ]  # fmt: skip
    return "\n\n".join(parts)


def axis_sentences(results: CohortResults, axis: str) -> list[str]:
    """One sentence for each variant of an axis, figure and population; then recovery and stability."""
    summary = results.summary
    rows = summary[(summary["axis"] == axis) & (summary["metric"] == "auroc") & summary["level"].isin(LEVELS)]
    lines = []
    for row in rows[rows["scenario"].isna()].sort_values("level", kind="stable", key=_place).to_dict("records"):
        where = f"{results.name}, {row['population']}, AUROC of {UNITS[row['level']]}"
        lines.append(f"{where}: {minus(DEFAULT[axis], _quoted(row['variant']), pd.Series(row))}")
    variants = list(dict.fromkeys(rows["variant"]))
    return lines + _recovered(results, axis, variants) + _stable(results, axis, variants)


def _recovered(results: CohortResults, axis: str, variants: list[str]) -> list[str]:
    if results.recovery is None:
        return []
    rows = results.recovery[results.recovery["variant"].isin(variants) & (results.recovery["metric"] == "auroc")]
    rows = main_scores(rows)
    return [
        f"{results.name}, planted paths found, scenario {row['scenario'].replace('_', ' ')}, AUROC: "
        + minus(DEFAULT[axis], _quoted(row["variant"]), pd.Series(row), p="p_t")
        for row in rows.to_dict("records")
    ]


def _stable(results: CohortResults, axis: str, variants: list[str]) -> list[str]:
    """How alike rankings are, the default's beside those of the variants."""
    if results.stability is None:
        return []
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
            own = rows[rows["variant"] == Method.MODEL]
            if own.empty:
                continue
            row = own.iloc[0]
            where = f"{results.name}, {population}, AUROC of {UNITS[level]}: `{Method.MODEL}`"
            said = f"{where} {spread(row['mean'], row['sd'], int(row['n']))}{_chance(row)}"
            baselines = rows[rows["kind"] == "baseline"]
            if len(baselines):
                best = baselines.sort_values("mean", ascending=False).iloc[0]
                name = _quoted(best["variant"])
                said += f"; the best of {len(baselines)} baselines, chosen on these very cells, is {name} with "
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


def _place(levels: pd.Series) -> pd.Series:
    return levels.map({name: place for place, name in enumerate(LEVELS)})
