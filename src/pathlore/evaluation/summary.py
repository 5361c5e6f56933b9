"""All repeats in one row for each method: means, differences to the default, their intervals and p values."""

from collections.abc import Hashable
from typing import Literal

import numpy as np
import pandas as pd

from pathlore.errors import PathloreError
from pathlore.explain import significance
from pathlore.keys import Method, Split
from pathlore.training.intervals import (
    LEVELS,
    REPEAT,
    PairCounts,
    donor_weights,
    mean_interval,
    percentiles,
    repeat_counts,
)

Adjustment = Literal["holm", "bh"]

COHORT = ["scenario", "population"]
METHOD = [*COHORT, "split_by", "kind", "axis", "variant"]
FIGURE = ["level", "metric"]
KEY = [*COHORT, "variant", *FIGURE]
FAMILY = [*COHORT, "axis", *FIGURE]
COLUMNS = [
    *METHOD, *FIGURE, "mean", "sd", "n", "units", "low", "high", "difference", "difference_sd", "pairs",
    "difference_low", "difference_high", "p_t", "p_wilcoxon", "p_adjusted", "interval",
]  # fmt: skip


def summarise(
    runs: pd.DataFrame,
    predictions: pd.DataFrame,
    *,
    reference: str = Method.MODEL,
    resamples: int = 1000,
    confidence: float = 0.95,
    adjustment: Adjustment = "holm",
    seed: int = 0,
) -> pd.DataFrame:
    """Bring the repeats of each method together and set each method against the default model.

    Differences are paired: the same fold and the same seed, over the repeats that most methods share. p values come
    from the paired t test and from Wilcoxon's signed-rank test; the former are adjusted over the methods of one axis,
    for one figure. Repeats share most of their training cells, so these p values are smaller than those of independent
    repeats would be; the interval over donors is the sterner judge.

    Intervals belong to the AUROC. Donors of the test cells are drawn again with replacement, within class, the same
    draw for all methods. In a draw, cells are compared within a repeat, where one model gave both scores, and repeats
    are weighted by the pairs of donors that were drawn, so that without drawing the mean over repeats comes out. What
    other training donors would have changed is not in the interval. Where a cohort is simulated in each repeat
    (`scenario` is given), repeats are independent, and intervals of all metrics are Student's, over repeats.

    Parameters
    ----------
    runs
        `pathlore.schemas.EvaluationRuns`; rows of the test split are used.
    predictions
        `pathlore.schemas.EvaluationPredictions`: the test cells.
    reference
        The method that all others are compared with.
    resamples
        Draws of the donors.
    confidence
        Share of the draws inside an interval.
    adjustment
        `holm` bounds the chance of one false alarm, `bh` the share of false alarms.
    seed
        What the draws are drawn from.

    Returns
    -------
    `pathlore.schemas.EvaluationSummary`.

    Raises
    ------
    PathloreError
        A method has two values of one figure in one repeat.
    """
    runs, predictions = (table.assign(scenario=named(table["scenario"])) for table in (runs, predictions))
    judged = runs["split"].eq(Split.TEST) | (runs["level"].eq("path") & runs["split"].isna())
    tested = common_repeats(runs[judged & runs["value"].notna()].assign(axis=named(runs["axis"])))
    twice = tested.duplicated([*COHORT, "variant", *FIGURE, *REPEAT])
    if twice.any():
        row = tested[twice].iloc[0]
        raise PathloreError(
            f"two values of {row['metric']} on {row['level']}s for {row['variant']} in fold {row['fold']}, seed "
            f"{row['seed']}, one is needed: give each variant of `evaluation.variants` a name of its own"
        )
    grouped = tested.groupby([*METHOD, *FIGURE], dropna=False, sort=False)
    table = grouped.agg(mean=("value", "mean"), sd=("value", "std"), n=("value", "size"), units=("n", "mean"))
    table = table.reset_index()
    table = table.merge(paired_differences(tested, reference), on=KEY, how="left")
    table["pairs"] = table["pairs"].fillna(0).astype(int)
    table["p_adjusted"] = table.groupby(FAMILY)["p_t"].transform(adjusted, adjustment=adjustment)
    kept = tested[[*COHORT, "variant", *REPEAT]].drop_duplicates()
    real = predictions[predictions["scenario"] == ""].merge(kept, on=[*COHORT, "variant", *REPEAT])
    bounds = [
        donor_intervals(real, reference, resamples, confidence, seed),
        simulation_intervals(tested[tested["scenario"] != ""], reference, confidence),
    ]
    bounds = pd.concat([part for part in bounds if len(part)] or bounds[:1])
    table = table.merge(bounds, on=KEY, how="left")
    table["interval"] = table["interval"].fillna("not made for this figure")
    table["scenario"] = table["scenario"].where(table["scenario"] != "", None)
    return table[COLUMNS]


def named(names: pd.Series) -> pd.Series:
    """Names as text, empty where there is none: groups and joins then keep them."""
    return names.astype(object).where(names.notna(), "").astype(str)


def common_repeats(runs: pd.DataFrame) -> pd.DataFrame:
    """Keep the repeats (fold, seed) that at least half of a cohort's methods have, and all repeats of nulls.

    Further seeds of a few methods on one test set serve the stability of rankings. In a mean they would give that test
    set more weight for these methods than for the others.
    """
    others = runs[runs["kind"] != "null"]
    methods = others.groupby(COHORT)["variant"].nunique()
    sizes = others.groupby([*COHORT, *REPEAT])["variant"].nunique().rename("sharing").reset_index()
    sizes = sizes.merge(methods.rename("methods").reset_index(), on=COHORT)
    kept = sizes.loc[2 * sizes["sharing"] >= sizes["methods"], [*COHORT, *REPEAT]]
    return pd.concat([others.merge(kept, on=[*COHORT, *REPEAT]), runs[runs["kind"] == "null"]], ignore_index=True)


def with_reference(runs: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Each value of every other method beside its difference to the reference in the same repeat."""
    default = runs.loc[runs["variant"] == reference, [*COHORT, *FIGURE, *REPEAT, "value"]]
    both = runs[runs["variant"] != reference].merge(
        default, on=[*COHORT, *FIGURE, *REPEAT], suffixes=("", "_reference")
    )
    return both.assign(difference=both["value"] - both["value_reference"])


def paired_differences(runs: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Difference of each method to the reference over the repeats that both have, with paired tests.

    Returns
    -------
    One row per scenario, population, variant, level, metric: difference, difference_sd, pairs, p_t, p_wilcoxon. p is
    NaN for fewer than two repeats, and 1 where all differences are 0.
    """
    rows = [
        (*key, *difference_test(group["difference"].to_numpy()))
        for key, group in with_reference(runs, reference).groupby(KEY, sort=False)
    ]
    names = [*KEY, "difference", "difference_sd", "pairs", "p_t", "p_wilcoxon"]
    return pd.DataFrame(rows, columns=names)


def difference_test(differences: np.ndarray) -> tuple[float, float, int, float, float]:
    """Mean, standard deviation and number of differences, p by the t test and by Wilcoxon's signed ranks."""
    from scipy import stats

    n = len(differences)
    mean = float(differences.mean()) if n else float("nan")
    if n < 2:
        return mean, float("nan"), n, float("nan"), float("nan")
    spread = float(differences.std(ddof=1))
    if not np.any(differences):
        return mean, spread, n, 1.0, 1.0
    # equal differences have no spread, up to rounding, and then no t
    p_t = float(stats.ttest_1samp(differences, 0).pvalue) if spread > 1e-12 * abs(mean) else float("nan")
    return mean, spread, n, p_t, float(stats.wilcoxon(differences, zero_method="zsplit").pvalue)


def adjusted(p: pd.Series, adjustment: Adjustment) -> pd.Series:
    """Adjust p values for their number; NaN stay NaN and do not count.

    Examples
    --------
    >>> adjusted(pd.Series([0.01, 0.04, float("nan"), 0.03]), "holm").tolist()
    [0.03, 0.06, nan, 0.06]
    """
    if adjustment == "bh":
        return pd.Series(significance.adjusted(p.to_numpy(dtype=float)), index=p.index)
    known = p.dropna().sort_values()
    values = (known * np.arange(len(known), 0, -1)).cummax().clip(upper=1)
    return values.reindex(p.index).astype(float)


def donor_intervals(
    predictions: pd.DataFrame, reference: str, resamples: int, confidence: float, seed: int
) -> pd.DataFrame:
    """Intervals over donors of each method's AUROC and of its difference to the reference, on the same draws.

    Returns
    -------
    One row per scenario, population, variant, level (`pathlore.evaluation.levels`) and metric `auroc`: low, high,
    difference_low, difference_high, interval (what was drawn, or why nothing was).
    """
    rows: list[tuple[object, ...]] = []
    for cohort, cells in predictions.groupby(COHORT, sort=False):
        donors, weights, lacking = donor_weights(cells, resamples, seed)
        said = lacking or f"{resamples} draws of {len(donors)} donors"
        for level in LEVELS:
            counts: dict[Hashable, dict[tuple[int, int], PairCounts]] = {
                name: {} if lacking else repeat_counts(group, donors, level)
                for name, group in cells.groupby("variant", sort=False)
            }
            for name, group in counts.items():
                shared = group.keys() & counts.get(reference, {}).keys() if name != reference else set()
                drawn = [_drawn(group, set(group), weights)]
                drawn.append(_drawn(group, shared, weights) - _drawn(counts.get(reference, {}), shared, weights))
                ends = [end for values in drawn for end in percentiles(values, confidence)]
                rows.append((*cohort, name, level, "auroc", *ends, said))
    names = [*KEY, "low", "high", "difference_low", "difference_high", "interval"]
    return pd.DataFrame(rows, columns=names).astype({"low": float, "high": float})


def simulation_intervals(runs: pd.DataFrame, reference: str, confidence: float) -> pd.DataFrame:
    """Student's intervals of the mean over independent repeats; columns as `donor_intervals` has them."""
    means = [
        (*key, *mean_interval(group.to_numpy(), confidence), f"Student's t over {len(group)} simulations")
        for key, group in runs.groupby(KEY, sort=False)["value"]
    ]
    paired = [
        (*key, *mean_interval(group.to_numpy(), confidence))
        for key, group in with_reference(runs, reference).groupby(KEY, sort=False)["difference"]
    ]
    left = pd.DataFrame(means, columns=[*KEY, "low", "high", "interval"])
    right = pd.DataFrame(paired, columns=[*KEY, "difference_low", "difference_high"])
    return left.merge(right, on=KEY, how="left")


def _drawn(counts: dict[tuple[int, int], PairCounts], repeats: set[tuple[int, int]], weights: np.ndarray) -> np.ndarray:
    """(R,) AUROC over some repeats in each draw."""
    if not repeats:
        return np.full(len(weights), np.nan)
    first, *others = sorted(repeats)
    total = counts[first]
    for key in others:
        total = total + counts[key]
    return total.auroc(weights)
