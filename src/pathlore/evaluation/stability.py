"""How alike the rankings of the same paths are: over seeds, and over held-out donors."""

from collections.abc import Collection, Iterable
from itertools import combinations

import numpy as np
import pandas as pd

from pathlore.evaluation.fitted import STRENGTH
from pathlore.evaluation.recovery import top_share
from pathlore.explain.significance import spearman

MEASURES = ("spearman", "jaccard_top_10", "overlap_top_10")
NULLS = ("permuted_labels", "deterministic")
"""Fits to what means nothing: their repeats differ in more than seeds and donors."""

VARIATION = "coefficient_of_variation"
SIGNED = ("corrected",)
"""Scores around 0, of which a coefficient of variation says nothing."""
RANKED = ["population", "variant", "score"]
COLUMNS = [*RANKED, "over", "measure", "mean", "sd", "pairs", "repeats", "paths", "dropped"]


def stability(rankings: pd.DataFrame, *, top: int = 10, without: Collection[str] = NULLS) -> pd.DataFrame:
    """Compare the repeats of each ranking of a cohort in pairs.

    `seeds` are pairs of fits that differ in nothing but the seed; `donors` are pairs of fits with other donors held out
    (another fold), averaged over their seeds. Simulated scenarios are left out: each repeat has its own truth.

    Parameters
    ----------
    rankings
        `pathlore.schemas.EvaluationRankings`.
    top
        Number of paths that a reader would look at.
    without
        Methods to leave out.

    Returns
    -------
    `pathlore.schemas.EvaluationStability`. Measures, each on the paths that both repeats have:
    ``spearman``, the correlation of the ranks; ``overlap_top_10``, the share of the top paths in common (P paths ranked
    at random share top / P); ``jaccard_top_10``, those in common over those in either; ``coefficient_of_variation``, sd
    over mean of a path's score over the repeats that have it, the mean over paths (0 is perfect; over donors, of the
    means over seeds; none of scores around 0). ``sd`` is that over pairs, for the coefficient of variation that over
    paths; NaN for one.
    """
    left_out = rankings["variant"].isin(list(without)) | (rankings["score"] == STRENGTH)
    cohort = rankings[rankings["scenario"].isna() & rankings["value"].notna() & ~left_out]
    rows: list[tuple[object, ...]] = []
    for key, group in cohort.groupby(RANKED, sort=False):
        wide = group.pivot_table(index="path", columns=["fold", "seed"], values="value")  # (P, repeats)
        folds = wide.columns.get_level_values("fold")
        within = [pair for pair in combinations(wide.columns, 2) if pair[0][0] == pair[1][0]]
        across = [pair for pair in combinations(wide.columns, 2) if pair[0][0] != pair[1][0]]
        by_fold = wide.T.groupby(level="fold").mean().T
        spreads = {
            "seeds": pd.concat([variation(wide.loc[:, folds == fold]) for fold in folds.unique()]),
            "donors": variation(by_fold),
        }
        for over, pairs in {"seeds": within, "donors": across}.items():
            if not pairs:
                continue
            found = compared(wide, pairs, top)
            if over == "donors":
                found = found.groupby("folds", sort=False).mean()
            counts = (len(found), len({repeat for pair in pairs for repeat in pair}))
            paths = (found["paths"].mean(), found["dropped"].mean())
            rows += [(*key, over, name, found[name].mean(), found[name].std(), *counts, *paths) for name in MEASURES]
            if key[-1] not in SIGNED:
                spread = spreads[over]
                rows.append((*key, over, VARIATION, spread.mean(), spread.std(), *counts, *paths))
    return pd.DataFrame(rows, columns=COLUMNS)


def compared(wide: pd.DataFrame, pairs: Iterable[tuple[tuple[int, int], tuple[int, int]]], top: int) -> pd.DataFrame:
    """Compare repeats in pairs.

    Parameters
    ----------
    wide
        (P, repeats) scores by path; columns are (fold, seed).
    pairs
        Which columns to compare.
    top
        Number of paths that a reader would look at.

    Returns
    -------
    One row per pair: folds, the measures, paths (in both) and dropped (in one alone).
    """
    rows = []
    for left, right in pairs:
        one, other = wide[left].to_numpy(), wide[right].to_numpy()
        both = ~np.isnan(one) & ~np.isnan(other)
        dropped = int((np.isnan(one) != np.isnan(other)).sum())
        folds = tuple(sorted((left[0], right[0])))
        rows.append((folds, *agreement(one[both], other[both], top), int(both.sum()), dropped))
    return pd.DataFrame(rows, columns=["folds", *MEASURES, "paths", "dropped"])


def agreement(one: np.ndarray, other: np.ndarray, top: int) -> tuple[float, float, float]:
    """Spearman, Jaccard and overlap of the top of two (P,) scores.

    Equal scores at the border of the top are ordered at random: a path counts by its chance to be inside, so that
    scores which are all alike reach no more than chance. Spearman is NaN where a score is constant.
    """
    if not len(one):
        return float("nan"), float("nan"), float("nan")
    shared = float((top_share(one, top) * top_share(other, top)).sum())
    size = min(top, len(one))
    return spearman(pd.Series(one), pd.Series(other)), shared / (2 * size - shared), shared / size


def variation(scores: pd.DataFrame) -> pd.Series:
    """Coefficient of variation of each path over the columns of a (P, repeats) table.

    Paths with fewer than two values, or with a mean of 0, have none and are left out.
    """
    means = scores.mean(axis=1)
    ratio = scores.std(axis=1) / means.abs()
    return ratio[np.isfinite(ratio)]
