"""How well scores find the true receptors (or paths), with intervals over families of ligands."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from pathlore.signals.scores import specific

COLUMNS = ["scorer", "data", "unit", "auroc", "low", "high", "median_rank", "top5", "n"]
TOP = 5


def per_signature(scores: np.ndarray, truth: np.ndarray, ligands: pd.Series, families: pd.Series) -> pd.DataFrame:
    """Judge each signature that has a true and a false candidate.

    Parameters
    ----------
    scores, truth
        (candidates, signatures); a score that is NaN counts as the least.
    ligands, families
        Of the signatures, in the order of the columns.

    Returns
    -------
    ``signature``, ``ligand``, ``family``, ``auroc``, ``best_rank`` (of the first true candidate; ties share the mean).
    """
    rows = []
    for column, name in enumerate(ligands.index):
        true = truth[:, column]
        if not true.any() or true.all():
            continue
        values = scores[:, column]
        values = np.where(np.isnan(values), np.nanmin(values) - 1 if np.isfinite(values).any() else 0.0, values)
        ranks = rankdata(values)
        n = int(true.sum())
        auroc = (ranks[true].sum() - n * (n + 1) / 2) / (n * (len(true) - n))
        best = len(values) + 1 - ranks[true].max()
        rows.append((name, ligands.iloc[column], families.iloc[column], auroc, best))
    return pd.DataFrame(rows, columns=["signature", "ligand", "family", "auroc", "best_rank"])


def per_ligand(judged: pd.DataFrame) -> pd.DataFrame:
    """One row for each ligand, however many signatures it has: means, the median rank, and its family."""
    groups = judged.assign(top5=judged["best_rank"] <= TOP).groupby("ligand", sort=True)
    return groups.agg(
        family=("family", "first"), auroc=("auroc", "mean"), best_rank=("best_rank", "median"), top5=("top5", "mean")
    )


def mean_of(judged: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Means over draws of a null, signature by signature."""
    if len(judged) == 1:
        return judged[0]
    keys = ["signature", "ligand", "family"]
    return pd.concat(judged).groupby(keys, sort=False, as_index=False)[["auroc", "best_rank"]].mean()


def family_draws(families: pd.Series, resamples: int, seed: int) -> np.ndarray:
    """(resamples, ligands) how often each ligand counts where families are drawn with replacement."""
    names, codes = np.unique(families.to_numpy(dtype=str), return_inverse=True)
    rng = np.random.default_rng(seed)
    return rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=resamples)[:, codes]


def summary_row(
    scorer: str, data: str, unit: str, judged: pd.DataFrame, resamples: int, seed: int
) -> dict[str, object]:
    """One row of the table of results; see `COLUMNS`. ``n`` is the number of ligands."""
    ligands = per_ligand(judged)
    low, high = _interval(ligands["auroc"], ligands["family"], resamples, seed)
    return {
        "scorer": scorer, "data": data, "unit": unit, "auroc": float(ligands["auroc"].mean()), "low": low, "high": high,
        "median_rank": float(ligands["best_rank"].median()), "top5": float(ligands["top5"].mean()), "n": len(ligands),
    }  # fmt: skip


def difference_row(
    names: tuple[str, str], data: str, unit: str, judged: tuple[pd.DataFrame, pd.DataFrame], resamples: int, seed: int
) -> dict[str, object]:
    """How much better the first of two scorers is on the same ligands; ranks are not compared."""
    one, other = (per_ligand(table) for table in judged)
    gain = (one["auroc"] - other["auroc"]).dropna()
    low, high = _interval(gain, one.loc[gain.index, "family"], resamples, seed)
    return {
        "scorer": f"{names[0]} minus {names[1]}", "data": data, "unit": unit, "auroc": float(gain.mean()), "low": low,
        "high": high, "median_rank": np.nan, "top5": np.nan, "n": len(gain),
    }  # fmt: skip


def _interval(values: pd.Series, families: pd.Series, resamples: int, seed: int) -> tuple[float, float]:
    """95 % interval of the mean over ligands; NaN for a single family."""
    if families.nunique() < 2:
        return np.nan, np.nan
    weights = family_draws(families, resamples, seed)
    low, high = np.quantile(weights @ values.to_numpy() / weights.sum(axis=1), [0.025, 0.975])
    return float(low), float(high)


def specific_scores(scores: np.ndarray, families: pd.Series) -> np.ndarray:
    """Scores standardised within a signature, less their mean and over their sd in the signatures of other families.

    Parameters
    ----------
    scores
        (R, signatures).
    families
        Of the signatures.
    """
    result = np.full(scores.shape, np.nan)
    names = families.to_numpy(dtype=str)
    for family in np.unique(names):
        others = scores[:, names != family]
        if others.shape[1] > 1:
            result[:, names == family] = specific(scores[:, names == family], others)
    return result


def one_ranking(scores: np.ndarray, families: pd.Series) -> np.ndarray:
    """For each signature the mean rank of the receptors in the signatures of all other families."""
    ranks = np.apply_along_axis(rankdata, 0, scores)
    names = families.to_numpy(dtype=str)
    result = np.full(scores.shape, np.nan)
    for family in np.unique(names):
        if (names != family).any():
            result[:, names == family] = ranks[:, names != family].mean(axis=1, keepdims=True)
    return result
