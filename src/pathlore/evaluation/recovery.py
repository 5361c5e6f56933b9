"""How well a ranking of paths finds the paths that were planted."""

from collections.abc import Collection
from typing import Literal

import numpy as np
import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.evaluation.fitted import STRENGTH
from pathlore.evaluation.summary import difference_test
from pathlore.keys import Method
from pathlore.resources.gene_sets import read_gene_sets
from pathlore.resources.raw import RawTables
from pathlore.schemas import Recovery
from pathlore.training.intervals import mean_interval

Missing = Literal["last", "dropped"]

METRICS = ("auroc", "aupr", "precision_at_10")
PRIOR = "prior"
"""Name of the ranking by fold changes alone: a method of its own, or a score that each fit carries along."""

ONE_COHORT = "cohort"
"""Name of the scenario of a cohort that is simulated once and then split again and again."""

REPEAT = ["scenario", "population", "fold", "seed"]
FITTED = ["scenario", "variant", "score", "metric"]


def recovery(scores: np.ndarray, planted: np.ndarray, *, missing: Missing = "last", top: int = 10) -> dict[str, float]:
    """Judge one ranking against the planted paths.

    Parameters
    ----------
    scores
        (P,) the highest the most important; NaN for a path that the method never saw because it is not on its list.
    planted
        (P,) whether the path carries the planted effect.
    missing
        `last`: paths without a score share the last rank, so that a planted path that was not listed is a failure;
        `dropped`: they are left out.
    top
        Number of paths that a reader would look at.

    Returns
    -------
    auroc; aupr, the average precision; precision_at_10, the share of planted paths among the ``top`` (expected value
    where equal scores cross that border). NaN where no path or every path is planted.
    """
    from sklearn import metrics as sk

    planted = planted.astype(bool)
    if missing == "dropped":
        scores, planted = scores[~np.isnan(scores)], planted[~np.isnan(scores)]
    if planted.all() or not planted.any():
        return dict.fromkeys(METRICS, float("nan"))
    ranks = pd.Series(scores).rank().fillna(0).to_numpy()
    return {
        "auroc": float(sk.roc_auc_score(planted, ranks)),
        "aupr": float(sk.average_precision_score(planted, ranks)),
        "precision_at_10": float((top_share(ranks, top) * planted).sum() / min(top, len(ranks))),
    }


def top_share(scores: np.ndarray, top: int) -> np.ndarray:
    """(P,) chance of each path to be among the ``top``, where equal scores are ordered at random.

    Examples
    --------
    >>> top_share(np.array([3.0, 1.0, 1.0, 0.0]), top=2).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    ordered = np.sort(scores)[::-1]
    border = ordered[min(top, len(ordered)) - 1]
    above, at = scores > border, scores == border
    return above + at * (min(top, len(ordered)) - above.sum()) / at.sum()


def recoveries(rankings: pd.DataFrame, *, missing: Missing = "last", top: int = 10) -> pd.DataFrame:
    """Judge every ranking for which the truth is known.

    Parameters
    ----------
    rankings
        `pathlore.schemas.EvaluationRankings`; a planted path that is not on a list has a row without a value.
    missing, top
        As in `recovery`.

    Returns
    -------
    One row per scenario, population, fold, seed, variant, score and metric, with its value and ``listed``, the share of
    the planted paths that have a score. A cohort that is simulated once, without a scenario, is named `cohort`.
    """
    known = rankings[rankings["planted"].notna() & (rankings["score"] != STRENGTH)]
    known = known.assign(scenario=known["scenario"].fillna(ONE_COHORT))
    rows = []
    for key, group in known.groupby([*REPEAT, "variant", "score"], sort=False):
        values, planted = group["value"].to_numpy(float), group["planted"].to_numpy(bool)
        found = recovery(values, planted, missing=missing, top=top)
        listed = float((~np.isnan(values[planted])).mean()) if planted.any() else float("nan")
        rows += [(*key, metric, value, listed) for metric, value in found.items()]
    return pd.DataFrame(rows, columns=[*REPEAT, "variant", "score", "metric", "value", "listed"])


def recovery_summary(
    rankings: pd.DataFrame,
    *,
    reference: tuple[str, str] = (Method.MODEL, "importance"),
    missing: Missing = "last",
    top: int = 10,
) -> pd.DataFrame:
    """Bring the simulations of each scenario together, beside the default's ranking and beside the prior's.

    Parameters
    ----------
    rankings
        `pathlore.schemas.EvaluationRankings`.
    reference
        Method and score that all others are compared with, simulation by simulation (paired t test).
    missing, top
        As in `recovery`.

    Returns
    -------
    `pathlore.schemas.Recovery`. Each simulation draws its own truth and its own cells, so intervals are Student's over
    simulations; folds and seeds of one cohort (`cohort`) are not independent and have none. ``wins`` of ``compared``
    simulations are those in which the ranking is better than that by the fold-change prior: of the method `prior`, else
    of the fit's own score `prior`.
    """
    single = recoveries(rankings, missing=missing, top=top)
    single = single[single["value"].notna()]
    rows = []
    for key, group in single.groupby(FITTED, sort=False):
        scenario, variant, score, metric = key
        values = group["value"]
        same = single[(single["scenario"] == scenario) & (single["metric"] == metric)]
        default = same[(same["variant"] == reference[0]) & (same["score"] == reference[1])]
        difference = paired(group, default if (variant, score) != reference else default.iloc[:0])
        above = paired(group, _prior(same, variant))
        mean, _, pairs, p, _ = difference_test(difference)
        metrics = (values.mean(), values.std(), len(values))
        bounds = (*mean_interval(values.to_numpy()), *mean_interval(difference))
        if scenario == ONE_COHORT:
            bounds, p = (np.nan,) * 4, np.nan
        beside = (int((above > 0).sum()), len(above), group["listed"].mean())
        rows.append((*key, *metrics, *bounds[:2], mean, pairs, *bounds[2:], p, *beside))
    names = [*FITTED, "mean", "sd", "n", "low", "high", "difference", "pairs", "difference_low", "difference_high"]
    return pd.DataFrame(rows, columns=[*names, "p_t", "wins", "compared", "listed"])


def paired(group: pd.DataFrame, other: pd.DataFrame) -> np.ndarray:
    """Differences of two methods' values over the simulations that both have."""
    both = group.merge(other, on=REPEAT, suffixes=("", "_other"))
    return (both["value"] - both["value_other"]).to_numpy(float)


def _prior(same: pd.DataFrame, variant: str) -> pd.DataFrame:
    prior = same[same["variant"] == PRIOR]
    if prior.empty:
        prior = same[(same["variant"] == variant) & (same["score"] == PRIOR)]
    return prior.drop_duplicates(REPEAT)


def recovery_json(
    summary: pd.DataFrame, scenario: str = "main", variant: str = Method.MODEL, score: str = "importance"
) -> dict[str, object]:
    """Write recovery as a tree: the default's metrics at the top, then each scenario and method.

    Parameters
    ----------
    summary
        `pathlore.schemas.Recovery`.
    scenario, variant, score
        Whose metrics stand at the top.

    Returns
    -------
    ``{"auroc": {"mean", "sd", "n"}, "aupr": ..., "precision_at_10": ..., "wins_over_prior": {scenario: "7 of 8"},
    "scenarios": {scenario: {method: {metric: {"mean", "sd", "n"}}}}}``. A method's other scores stand as
    ``variant/score``; metrics that are not defined are None.
    """
    tree: dict[str, dict[str, dict[str, object]]] = {}
    for row in summary.itertuples(index=False):
        name = row.variant if row.score == score else f"{row.variant}/{row.score}"
        metrics = {"mean": _number(row.mean), "sd": _number(row.sd), "n": int(row.n)}
        tree.setdefault(row.scenario, {}).setdefault(name, {})[row.metric] = metrics
    none = {"mean": None, "sd": None, "n": 0}
    top = tree.get(scenario, {}).get(variant, {})
    chosen = summary[(summary["variant"] == variant) & (summary["score"] == score) & (summary["metric"] == "auroc")]
    wins = {row.scenario: f"{row.wins} of {row.compared}" for row in chosen.itertuples(index=False) if row.compared}
    return {
        **{metric: top.get(metric, dict(none)) for metric in METRICS},
        "scenario": scenario,
        "variant": variant,
        "score": score,
        "wins_over_prior": wins,
        "scenarios": tree,
    }


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def named_genes(gene_sets: RawTables, names: Collection[str]) -> set[str]:
    """Genes of some gene sets.

    Parameters
    ----------
    gene_sets
        Tables with the columns ``set_name`` and ``gene``.
    names
        The sets.

    Raises
    ------
    PathloreError
        A table has other columns, or a set is in none of them.
    """
    whole = read_gene_sets(gene_sets)
    absent = set(names) - set(whole["set_name"])
    if absent:
        raise PathloreError(
            f"`evaluation.known_sets` names {shorten(absent)}, the {whole['set_name'].nunique()} sets of `gene_sets` "
            "do not: change either"
        )
    return set(whole.loc[whole["set_name"].isin(list(names)), "gene"])


def known_biology(rankings: pd.DataFrame, gene_sets: RawTables, names: Collection[str]) -> pd.DataFrame:
    """Judge every ranking of the cohort's own cells by the paths that lie in named sets of genes.

    A path counts as known if its target belongs to the sets: such sets list what is transcribed in a response, not the
    receptors and kinases on the way. That is no planted truth: what else responds in these cells counts against a
    ranking.

    Parameters
    ----------
    rankings
        `pathlore.schemas.EvaluationRankings`.
    gene_sets
        Tables with the columns ``set_name`` and ``gene``.
    names
        The sets; none: nothing is judged.

    Returns
    -------
    `pathlore.schemas.Recovery`.
    """
    if not names:
        return Recovery.empty()
    genes = named_genes(gene_sets, names)
    cohort = rankings[rankings["scenario"].isna()]
    known = {path: path.rpartition(">")[2] in genes for path in cohort["path"].unique()}
    return Recovery.validate(recovery_summary(cohort.assign(planted=cohort["path"].map(known).astype("boolean"))))
