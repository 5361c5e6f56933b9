"""What the default gains over a variant: one difference at a time, and what many of them say together."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pathlore.evaluation.recovery import ONE_COHORT
from pathlore.evaluation.report.results import CohortResults
from pathlore.evaluation.report.sentences import LEVEL, UNITS, VOID, known, p_value, signed
from pathlore.evaluation.report.tables import populations_of
from pathlore.evaluation.scores import main_scores


@dataclass(frozen=True)
class Effect:
    """The default's AUROC minus a variant's, over the same repeats.

    Attributes
    ----------
    cohort, place, variant
        Whose (with the population, where there are several), of what (test cells, a scenario), and what stands in the
        default's place.
    gain
        Mean difference; above 0: the default is better.
    low, high
        95 % interval; NaN: none.
    p
        Paired t test, adjusted where several variants change the same thing; NaN: none.
    """

    cohort: str
    place: str
    variant: str
    gain: float
    low: float
    high: float
    p: float

    @property
    def shown(self) -> bool:
        """Whether interval and test agree that there is a difference."""
        return known(self.low) and (self.low > 0 or self.high < 0) and known(self.p) and self.p < LEVEL

    @property
    def void(self) -> bool:
        """Whether both are equal in every repeat, as where paths have no weight in the answer: nothing was compared."""
        return self.gain == 0 and not self.low < self.high

    @property
    def judged(self) -> bool:
        """Whether something was compared, and there is an interval or a test."""
        return not self.void and (known(self.low) or known(self.p))

    def __str__(self) -> str:
        """Write it into a cell of a table; bold where it is shown."""
        if self.void:
            return VOID
        gain = f"**{signed(self.gain)}**" if self.shown else signed(self.gain)
        said = [f"{signed(self.low)} to {signed(self.high)}"] if known(self.low) else []
        said += [f"p {p_value(self.p)}"] if known(self.p) else []
        return f"{gain} ({'; '.join(said)})" if said else f"{gain} (not judged)"


def prediction_effects(results: CohortResults, variants: Collection[str], level: str) -> list[Effect]:
    """Differences in predicting test cells or donors, for each population of the cohort."""
    summary = results.summary
    rows = summary[(summary["metric"] == "auroc") & (summary["level"] == level) & summary["scenario"].isna()]
    rows = rows[rows["variant"].isin(variants) & rows["difference"].notna()]
    several = len(populations_of(results)) > 1
    return [
        effect(f"{results.name}, {row['population']}" if several else results.name, UNITS[level], row, "p_adjusted")
        for row in rows.to_dict("records")
    ]


def planted_effects(results: CohortResults, variants: Collection[str]) -> list[Effect]:
    """Differences in finding planted paths, for each scenario; repeats on one simulated cohort are none."""
    if results.recovery is None:
        return []
    rows = main_scores(results.recovery)
    rows = rows[rows["variant"].isin(variants) & (rows["metric"] == "auroc") & rows["difference"].notna()]
    rows = rows[rows["scenario"] != ONE_COHORT]
    return [
        effect(results.name, f"scenario {row['scenario'].replace('_', ' ')}", row, "p_t")
        for row in rows.to_dict("records")
    ]


def effect(cohort: str, place: str, row: Mapping[str, Any], p: str) -> Effect:
    """Turn a row, which holds variant minus default, round; ``p`` names the column of the p value."""
    low, high = -row["difference_high"], -row["difference_low"]
    return Effect(cohort, place, row["variant"], -row["difference"], low, high, row[p])


def reading(effects: Sequence[Effect], what: str, of: str) -> str:
    """Say in a sentence what differences show together.

    Parameters
    ----------
    effects
        Of one kind.
    what
        The default's side, such as ``real text``.
    of
        What is compared, such as ``AUROC of test cells``.

    Examples
    --------
    >>> nan = float("nan")
    >>> helps = Effect("liver", "test cells", "text_zero", 0.04, 0.01, 0.07, 0.01)
    >>> nothing = Effect("liver", "test cells", "text_random", 0.01, -0.01, 0.03, 0.4)
    >>> reading([helps, nothing], "real text", "AUROC of test cells")
    'AUROC of test cells, 2 comparisons: **better with real text in 1** (liver against `text_zero` +0.040), worse in 0; in 1 no effect is shown (+0.010).'
    >>> reading([nothing], "real text", "AUROC of test cells")
    'AUROC of test cells, 1 comparison: no effect of real text is shown (+0.010).'
    >>> reading([nothing, Effect("brain", "test cells", "text_zero", 0.0, 0.0, 0.0, 1.0)], "real text", "AUROC of test cells")
    'AUROC of test cells, 1 comparison: no effect of real text is shown (+0.010); 1 more is void (equal in every repeat).'
    """  # noqa: E501
    judged = [effect for effect in effects if effect.judged]
    n_void = sum(effect.void for effect in effects)
    void = f"{n_void}{' more' if judged else ''} {'is' if n_void == 1 else 'are'} {VOID}" if n_void else ""
    if not judged:
        return f"{of}: {void or 'not judged'}."
    void = void and f"; {void}"
    helps = [effect for effect in judged if effect.shown and effect.gain > 0]
    harms = [effect for effect in judged if effect.shown and effect.gain < 0]
    rest = [effect for effect in judged if not effect.shown]
    head = f"{of}, {len(judged)} comparison{'' if len(judged) == 1 else 's'}:"
    if not helps and not harms:
        return f"{head} no effect of {what} is shown ({gain_range(rest)}){void}."
    said = [f"**better with {what} in {len(helps)}**{_named(helps)}" if helps else f"better with {what} in 0"]
    said.append(f"**worse in {len(harms)}**{_named(harms)}" if harms else "worse in 0")
    tail = f"; in {len(rest)} no effect is shown ({gain_range(rest)})" if rest else ""
    return f"{head} {', '.join(said)}{tail}{void}."


def _named(effects: Iterable[Effect]) -> str:
    return f" ({', '.join(f'{_place(effect)} against `{effect.variant}` {signed(effect.gain)}' for effect in effects)})"


def _place(effect: Effect) -> str:
    return f"{effect.cohort}, {effect.place}" if effect.place.startswith("scenario") else effect.cohort


def gain_range(effects: Sequence[Effect]) -> str:
    """Write the least and the greatest difference."""
    gains = pd.Series([effect.gain for effect in effects])
    low, high = signed(gains.min()), signed(gains.max())
    return low if low == high else f"{low} to {high}"
