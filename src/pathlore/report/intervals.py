"""Intervals beside the AUROCs of a run: how far they would move if other donors had been sampled."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pathlore.keys import Obs, Split
from pathlore.training.intervals import donor_weights, percentiles, repeat_counts
from pathlore.training.sampling import BalancedSample

MOST_CELLS = 20_000
"""Cells of a test set without donors that are resampled; of more, a sample with the same classes stands for all."""


def with_intervals(
    metrics: pd.DataFrame, predictions: Mapping[str, pd.DataFrame], resamples: int = 500, seed: int = 0
) -> pd.DataFrame:
    """Add the ends of the 95 % interval of each test AUROC.

    Donors are drawn with replacement within their class (:func:`~pathlore.training.intervals.donor_weights`); where
    the test cells name no donor, cells are, and the interval then speaks of other cells of the same donors. With fewer
    than three donors in a class there is no interval. Which training cells there were is not in it.

    Parameters
    ----------
    metrics
        `pathlore.schemas.Metrics`.
    predictions
        Population, as ``metrics`` names it -> `pathlore.schemas.Predictions`.
    resamples, seed
        How many draws, and what they are drawn from.

    Returns
    -------
    The table with columns ``low`` and ``high``, NaN where there is none.
    """
    table = metrics.assign(low=np.nan, high=np.nan).reset_index(drop=True)
    wanted = (table["split"] == Split.TEST) & (table["metric"] == "auroc") & table["value"].notna()
    found: dict[tuple[str, str, str], tuple[float, float]] = {}
    for population, own in predictions.items():
        test = own[own["split"] == Split.TEST]
        for method, rows in test.groupby("method"):
            for level, ends in _ends(rows, resamples, seed).items():
                found[population, str(method), level] = ends
    keys = table.loc[wanted, ["population", "method", "level"]].itertuples(index=False, name=None)
    table.loc[wanted, ["low", "high"]] = np.array([found.get(key, (np.nan, np.nan)) for key in keys]).reshape(-1, 2)
    return table


def _ends(rows: pd.DataFrame, resamples: int, seed: int) -> dict[str, tuple[float, float]]:
    """Ends of the interval of one method, by level."""
    if rows[Obs.DONOR].isna().all():
        return {"cell": _over_cells(rows, resamples, seed)}
    donors, weights, missing = donor_weights(rows, resamples, seed)
    if missing:
        return {}
    repeat = rows.assign(fold=0, seed=0)
    found = {}
    for level in ("cell", "donor"):
        counts = list(repeat_counts(repeat, donors, level).values())
        if counts:
            found[level] = percentiles(counts[0].auroc(weights))
    return found


def _over_cells(rows: pd.DataFrame, resamples: int, seed: int) -> tuple[float, float]:
    """Percentiles over draws of the cells within each class."""
    columns = [name for name in rows.columns if name.startswith("probability_of_")]
    if len(rows) > MOST_CELLS:
        rows = rows.iloc[BalancedSample(rows[Obs.LABEL].to_numpy(), [None] * len(rows), MOST_CELLS).rows(seed)]
    labels, probabilities = rows[Obs.LABEL].to_numpy(dtype=int), rows[columns].to_numpy(dtype=float)
    members = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    if len(members) < len(columns):
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    drawn = [[rng.choice(own, len(own)) for own in members] for _ in range(resamples)]
    classes = [1] if len(columns) == 2 else range(len(columns))
    return percentiles(np.mean([_aurocs(probabilities[:, c], drawn, c) for c in classes], axis=0))


def _aurocs(scores: np.ndarray, drawn: Sequence[Sequence[np.ndarray]], inside: int) -> np.ndarray:
    r"""AUROC of one class against the others in each draw of cells, by the counts of each distinct score.

    .. math:: A = \frac{1}{n_+ n_-} \sum_k n_{+k} \Big(\sum_{j < k} n_{-j} + \tfrac12 n_{-k}\Big)
    """
    levels, place = np.unique(scores, return_inverse=True)
    result = []
    for draw in drawn:
        inner = np.bincount(place[draw[inside]], minlength=len(levels))
        others = np.concatenate([own for c, own in enumerate(draw) if c != inside])
        outer = np.bincount(place[others], minlength=len(levels))
        result.append(inner @ (np.cumsum(outer) - outer / 2) / (inner.sum() * outer.sum()))
    return np.array(result)
