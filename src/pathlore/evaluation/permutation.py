"""How much more important a path is than it would be if the labels meant nothing."""

import logging

import numpy as np
import pandas as pd

from pathlore.evaluation.fitted import STRENGTH
from pathlore.evaluation.recovery import top_share
from pathlore.explain.significance import adjusted
from pathlore.keys import Method, Split

logger = logging.getLogger(__name__)

OWN_NULL = 100
"""Permutations from which on each path is judged by its own null: p then reaches down to 1 / 101."""

LEFT = 0.15
"""Root mean square distance of the permuted fits' test AUROCs from 0.5, above which the permutation left a signal."""

REPEAT = ["fold", "seed"]
COLUMNS = [
    "population", "path", "importance", "importance_sd", "rank", "rank_sd", "selection_frequency", "repeats",
    "all_repeats", "activity_auroc", "corrected", "null_mean", "null_sd", "permutations", "null", "p", "q", "note",
]  # fmt: skip


def path_significance(
    rankings: pd.DataFrame,
    runs: pd.DataFrame | None = None,
    *,
    variant: str = Method.MODEL,
    null: str = "permuted_labels",
    score: str = "importance",
    top: int = 10,
    own_null: int = OWN_NULL,
) -> pd.DataFrame:
    r"""Set each path's importance against fits in which the labels of training and validation cells were permuted.

    Compared is the strength, the importance on a scale that fits share (`STRENGTH`), where the method has it.
    $p = (1 + b) / (1 + n)$, Phipson and Smyth 2010 (10.2202/1544-6115.1585), with b the null importances that reach the
    observed mean over repeats, of n. With ``own_null`` permutations or more they are those of the same path (`path`);
    with fewer, those of all the population's paths together (`pooled`), which assumes that no path is favoured by its
    place in the network: compare ``null_mean`` over paths. A single fit scatters more than a mean over repeats, so p is
    rather too large. q is by Benjamini and Hochberg over the paths of a population.

    Parameters
    ----------
    rankings
        `pathlore.schemas.EvaluationRankings`; simulated scenarios are left out.
    runs
        `pathlore.schemas.EvaluationRuns`: whether the permuted fits predict the true labels all the same. If they do,
        or predict their opposite, the permutation left the signal in the data, and there is no p: ``note`` says so.
    variant, null
        The method that is judged, and its fits on permuted labels.
    score
        Which of its scores; ``activity_auroc`` and ``corrected`` stand beside it where the method has
        them.
    top
        ``selection_frequency`` is the share of all repeats in which a path is among so many; one that does not list
        it counts, too.
    own_null
        Permutations that a null of each path's own needs.

    Returns
    -------
    `pathlore.schemas.PathSignificance`, the most important first. p and q are NaN where no permutation was run, ranks
    count from 1 within each repeat.
    """
    cohort = rankings[rankings["scenario"].isna() & rankings["value"].notna()]
    parts = []
    for name, rows in cohort.groupby("population", sort=False):
        if not ((rows["variant"] == variant) & (rows["score"] == score)).any():
            continue
        table = _population(rows, str(name), variant, null, score, top, own_null)
        table["note"] = signal_left(runs, str(name), null)
        table.loc[table["note"] != "", ["p", "q"]] = np.nan
        parts.append(table)
    return pd.concat(parts, ignore_index=True)[COLUMNS] if parts else pd.DataFrame(columns=COLUMNS)


def _population(
    rows: pd.DataFrame, population: str, variant: str, null: str, score: str, top: int, own_null: int
) -> pd.DataFrame:
    observed = _wide(rows, variant, score)  # (P, repeats)
    ranks = observed.rank(ascending=False)
    table = pd.DataFrame(
        {
            "importance": observed.mean(axis=1),
            "importance_sd": observed.std(axis=1),
            "rank": ranks.mean(axis=1),
            "rank_sd": ranks.std(axis=1),
            "selection_frequency": _selected(observed, top),
            "repeats": observed.notna().sum(axis=1),
            "all_repeats": observed.shape[1],
            "activity_auroc": _beside(rows, variant, "activity_auroc", observed.index),
            "corrected": _beside(rows, variant, "corrected", observed.index),
        }
    )
    permuted = _wide(rows, null, score).reindex(observed.index)  # (P, permutations)
    table["null_mean"] = permuted.mean(axis=1)
    table["null_sd"] = permuted.std(axis=1)
    table["permutations"] = permuted.notna().sum(axis=1)
    has_strength = ((rows["variant"] == variant) & (rows["score"] == STRENGTH)).any()
    tested = STRENGTH if score == "importance" and has_strength else score
    strength = _wide(rows, variant, tested).mean(axis=1).reindex(observed.index)
    permuted = _wide(rows, null, tested).reindex(observed.index)
    enough = table["permutations"] >= own_null
    table["null"] = np.where(enough, "path", "pooled")
    table["p"] = np.where(enough, _own_p(strength, permuted), _pooled_p(strength, permuted))
    table["q"] = adjusted(table["p"].to_numpy())
    table = table.rename_axis("path").reset_index().assign(population=population)
    return table.sort_values(["importance", "path"], ascending=[False, True])


def in_top(share: float, repeats: int) -> str:
    """A share of repeats as what was counted; empty without repeats.

    Examples
    --------
    >>> in_top(2 / 7, 7), in_top(0.25, 2), in_top(float("nan"), 0)
    ('2 of 7', '0.5 of 2', '')
    """
    return f"{round(share * repeats, 2):g} of {repeats}" if repeats else ""


def signal_left(runs: pd.DataFrame | None, population: str, null: str = "permuted_labels") -> str:
    """Why permuted labels are no null here, in words; empty where fits to them predict at chance, or none is known.

    Labels that are permuted within donors, or among few donors, can leave one great axis of the data in place: fits to
    them then tell the true classes apart, or name them the other way round.

    Parameters
    ----------
    runs
        `pathlore.schemas.EvaluationRuns`.
    population, null
        Whose test AUROCs over cells are read.
    """
    if runs is None:
        return ""
    chosen = (runs["population"] == population) & (runs["variant"] == null) & runs["scenario"].isna()
    figure = (runs["metric"] == "auroc") & (runs["split"] == Split.TEST) & (runs["level"] == "cell")
    areas = runs.loc[chosen & figure, "value"].dropna().to_numpy(dtype=float)
    if not len(areas) or np.sqrt(((areas - 0.5) ** 2).mean()) <= LEFT:
        return ""
    reason = (
        f"fits to permuted labels tell the true classes of test cells apart, or reverse them (AUROC {areas.min():.2f} "
        f"to {areas.max():.2f}, {len(areas)} fits; 0.5 expected): the permutation left the signal in, so there is no p"
    )
    logger.warning("%s: %s", population, reason)
    return reason


def _wide(rows: pd.DataFrame, variant: str, score: str) -> pd.DataFrame:
    chosen = rows[(rows["variant"] == variant) & (rows["score"] == score)]
    return chosen.pivot_table(index="path", columns=REPEAT, values="value")


def _beside(rows: pd.DataFrame, variant: str, score: str, paths: pd.Index) -> pd.Series:
    """Mean of another score over the repeats, NaN where the method has it not."""
    return _wide(rows, variant, score).mean(axis=1).reindex(paths).astype(float)


def _selected(observed: pd.DataFrame, top: int) -> pd.Series:
    """Share of all repeats in which a path is among the top; one that does not list it counts as one without it."""
    chances = pd.DataFrame(0.0, index=observed.index, columns=observed.columns)
    for place, name in enumerate(observed.columns):
        values = observed[name].dropna()
        chances.iloc[observed.index.get_indexer(values.index), place] = top_share(values.to_numpy(), top)
    return chances.mean(axis=1)


def _own_p(strength: pd.Series, permuted: pd.DataFrame) -> pd.Series:
    reached = permuted.ge(strength, axis=0).sum(axis=1)
    return (1 + reached) / (1 + permuted.notna().sum(axis=1))


def _pooled_p(strength: pd.Series, permuted: pd.DataFrame) -> pd.Series:
    values = permuted.to_numpy().ravel()
    values = np.sort(values[~np.isnan(values)])
    if not len(values):
        return strength * np.nan
    reached = len(values) - np.searchsorted(values, strength.to_numpy(), side="left")
    return pd.Series((1 + reached) / (1 + len(values)), index=strength.index)
