"""What a run found and how good its model is, in rows and sentences that are written from the numbers."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from pathlore.explain.donor_tests import overall
from pathlore.explain.lead import Lead, lead
from pathlore.explain.path_changes import direction_label
from pathlore.explain.significance import LEVEL
from pathlore.keys import Method, Split
from pathlore.report.contents import PopulationContents, ReportContents

FIRST = 3
"""Paths and receptors that are named."""
CHANCE = 0.5
LEAST, MOST = 0.4, 1.0
"""Ends of the scale on which AUROCs are drawn."""

Judgement = Literal["above chance", "not above chance", "no interval", "not defined"]

SENTENCES = {
    "above chance": "The 95 % interval lies above 0.5, so the model predicts better than chance.",
    "not above chance": "The 95 % interval includes 0.5, so the model does not predict better than chance: its "
    "ranking of paths explains nothing.",
    "no interval": "No interval was computed, so chance is not excluded by this number.",
    "not defined": "There is no AUROC: the held-out cells belong to one class, or no cells were held out.",
}


@dataclass(frozen=True)
class Score:
    """AUROC of one method on held-out cells or donors; ``low`` and ``high`` None where there is no interval."""

    method: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Held:
    """How one population is predicted: the scores by method, on ``n`` cells or donors (``level``)."""

    population: str
    level: str
    n: int
    scores: dict[str, Score]

    @property
    def judgement(self) -> Judgement:
        """Whether the model is better than chance."""
        model = self.scores.get(Method.MODEL)
        if model is None:
            return "not defined"
        if model.low is None:
            return "no interval"
        return "above chance" if model.low > CHANCE else "not above chance"


def held_out(metrics: pd.DataFrame | None) -> list[Held]:
    """Read the AUROC of each population's test set: over donors where it is defined, else over cells.

    Parameters
    ----------
    metrics
        `pathlore.schemas.Metrics`, with or without columns ``low`` and ``high``.
    """
    if metrics is None or metrics.empty:
        return []
    test = metrics[(metrics["split"] == Split.TEST) & (metrics["metric"] == "auroc")]
    found = []
    for population, rows in test.groupby("population", sort=False):
        own = rows[rows["method"] == Method.MODEL].set_index("level")["value"].dropna()
        level = "donor" if "donor" in own.index else "cell"
        at = rows[rows["level"] == level]
        scores = {row["method"]: _score(row) for row in at.to_dict("records") if pd.notna(row["value"])}
        found.append(Held(str(population), level, int(at["n"].max()) if len(at) else 0, scores))
    return found


def headline(contents: ReportContents, held: list[Held]) -> str:
    """Write the first sentence of the page."""
    if not held:
        return "No metric was computed on held-out cells, so the quality of the model is not known."
    if len(held) == 1:
        return _one(contents, held[0])
    better = [one for one in held if one.judgement == "above chance"]
    scored = sorted((one.scores[Method.MODEL].value, one.population) for one in held if Method.MODEL in one.scores)
    if not scored:
        return SENTENCES["not defined"]
    judged = [one for one in held if one.judgement in ("above chance", "not above chance")]
    levels = sorted({f"{one.level}s" for one in held}, reverse=True)
    where = f"held-out {' or '.join(levels)}"
    counted = (
        f"In {len(better)} of {len(judged)} populations the model predicts better than chance on {where}"
        if judged
        else f"The model was evaluated on {where} of {len(held)} populations, without intervals"
    )
    runs = f"the AUROC ranges from {scored[0][0]:.2f} ({scored[0][1]}) to {scored[-1][0]:.2f} ({scored[-1][1]})"
    plain = [gap for one in held if (gap := _gap(one)) is not None]
    beside = f"; logistic regression predicts as well or better in {sum(gap <= 0 for gap in plain)}" if plain else ""
    return f"{counted}; {runs}{beside}."


def beside_plain(one: Held) -> str:
    """Compare the model with logistic regression; empty where one of the two is not known."""
    gap = _gap(one)
    if gap is None:
        return ""
    model, plain = one.scores[Method.MODEL], one.scores[Method.LOGISTIC_REGRESSION]
    if gap <= 0:
        both = f"{plain.value:.3f} against {model.value:.3f}"
        return f"Logistic regression on the same genes predicts as well or better ({both})."
    inside = model.low is not None and model.low <= plain.value
    doubt = (
        ", which lies within the interval of the model"
        if inside
        else "; whether the difference exceeds chance was not tested"
    )
    return f"The model is {gap:.3f} above logistic regression on the same genes{doubt}."


def place(value: float) -> float:
    """Place of an AUROC on the scale, 0 to 100."""
    return round(100 * (min(max(value, LEAST), MOST) - LEAST) / (MOST - LEAST), 2)


def _gap(one: Held) -> float | None:
    """How far the model's AUROC lies above logistic regression's."""
    if not {Method.MODEL, Method.LOGISTIC_REGRESSION} <= set(one.scores):
        return None
    return one.scores[Method.MODEL].value - one.scores[Method.LOGISTIC_REGRESSION].value


def _one(contents: ReportContents, one: Held) -> str:
    if Method.MODEL not in one.scores:
        return SENTENCES["not defined"]
    model = one.scores[Method.MODEL]
    classes = list(contents.classes)
    tells = (
        f"distinguishes {classes[1]} from {classes[0]}"
        if len(classes) == 2
        else f"distinguishes {len(classes)} classes"
    )
    spread = "" if model.low is None else f" (95 % interval {model.low:.2f} to {model.high:.2f})"
    others = [
        f"{name} {one.scores[method].value:.2f}"
        for method, name in (
            (Method.LOGISTIC_REGRESSION, "logistic regression"),
            (Method.MAJORITY, "the majority class"),
        )
        if method in one.scores
    ]
    beside = f"; {' and '.join(others)} on the same {one.level}s" if others else ""
    return f"On {one.n:,} held-out {one.level}s the model {tells} with AUROC {model.value:.2f}{spread}{beside}."


def _score(row: dict[str, object]) -> Score:
    low, high = row.get("low"), row.get("high")
    if low is None or high is None or pd.isna(low) or pd.isna(high):
        return Score(str(row["method"]), float(str(row["value"])))
    return Score(str(row["method"]), float(str(row["value"])), float(str(low)), float(str(high)))


def findings_of(populations: tuple[PopulationContents, ...]) -> tuple[Lead, ...]:
    """Collect what each population with a ranking shows."""
    return tuple(
        lead(one.name, one.path_importance, one.active_receptors, FIRST, per_family=True)
        for one in populations
        if one.path_importance is not None and len(one.path_importance)
    )


def found_sentence(found: tuple[Lead, ...], populations: tuple[PopulationContents, ...]) -> str:
    """Write the first sentence of the page.

    Returns
    -------
    With one population its first path; with several, in how many of them donors support a path. Where no path is
    supported, the receptors that best explain the changed genes, then that. Empty: no path.
    """
    if not found:
        return "No path was ranked."
    if not any(one.by_paths for one in found):
        support = f"{found[0].support}." if len(found) == 1 else "No single path is supported in any population."
        return f"Receptors whose activity best explains the changed genes: {_common_receptors(found)}. {support}"
    if len(found) == 1:
        first = next(found[0].paths.itertuples())
        genes = first.route.split(" > ")
        side = direction_label(first.direction)
        return f"The most important path runs from {genes[0]} to {genes[-1]} ({side}). {found[0].support}."
    tested = [one for one in populations if one.donor_tests is not None and one.donor_tests["p"].notna().any()]
    if not tested:
        return f"Paths were ranked in {len(found)} populations; none of them could be tested over donors."
    supported = sum(
        bool((overall(one.donor_tests)["q"] < LEVEL).any()) for one in tested if one.donor_tests is not None
    )
    return f"In {supported} of {len(tested)} populations the test over donors supports at least one path (q < {LEVEL})."


def _common_receptors(found: tuple[Lead, ...]) -> str:
    """The first receptors of each class; of several populations those that are first in most of them."""
    named = []
    for name in dict.fromkeys(name for one in found for name in one.names):
        counts = Counter(receptor for one in found for receptor in one.names.get(name, ()))
        first = [
            receptor if len(found) == 1 else f"{receptor} ({count} of {len(found)} populations)"
            for receptor, count in counts.most_common(FIRST)
        ]
        named.append(f"{', '.join(first)} in {name}")
    return "; ".join(named)
