"""What of a ranking is the shape of the network: seen where every gene says the class, and taken off."""

import numpy as np
import pandas as pd

from pathlore.evaluation.nulls import corrected
from pathlore.evaluation.tasks import DETERMINISTIC
from pathlore.explain.significance import spearman
from pathlore.keys import Method

IMPORTANCE, CORRECTED = "importance", "corrected"
REPEAT = ["fold", "seed"]
FEATURES = ("degree", "overlap", "length")
COLUMNS = ["population", "ranking", "feature", "spearman", "sd", "n"]


def with_corrected(rankings: pd.DataFrame) -> pd.DataFrame:
    """Add the score `corrected` to the default model's: its importance by what the shape of the network gives.

    Parameters
    ----------
    rankings
        `pathlore.schemas.EvaluationRankings`.

    Returns
    -------
    The same with further rows, see `pathlore.evaluation.nulls.corrected`: for each repeat of the default on the
    cohort's own cells, by the fits to deterministic inputs of the same population. Nothing is added where there are
    fewer than two of these, as in simulated scenarios; a path that fewer than two of them list has no value.
    """
    cohort = rankings[rankings["scenario"].isna() & (rankings["score"] == IMPORTANCE)]
    added = []
    for _, rows in cohort.groupby("population", sort=False):
        null = _repeats(rows, DETERMINISTIC)
        for _, repeat in rows[rows["variant"] == Method.MODEL].groupby(REPEAT, sort=False):
            values = _corrected(repeat.set_index("path")["value"].astype(float), null)
            if values is not None:
                added.append(repeat.assign(score=CORRECTED, value=values.to_numpy()))
    return pd.concat([rankings, *added], ignore_index=True)


def shape_bias(rankings: pd.DataFrame, network: pd.DataFrame) -> pd.DataFrame:
    """Correlate rankings with what a path is in the network, whatever the cells say.

    Parameters
    ----------
    rankings
        `pathlore.schemas.EvaluationRankings` of `with_corrected`; simulated scenarios are left out.
    network
        `pathlore.schemas.Network`.

    Returns
    -------
    `pathlore.schemas.EvaluationShape`: Spearman's correlation over the paths of a repeat, its mean and sd over repeats,
    with ``degree`` (neighbours of a gene among the genes of all listed paths, mean over the path), ``overlap`` (other
    listed paths that hold a gene, mean over the path) and ``length`` (genes); for the importance in fits to
    deterministic inputs, the default's importance, and the default's corrected.
    """
    cohort = rankings[rankings["scenario"].isna() & rankings["value"].notna()]
    chosen = {
        DETERMINISTIC: (DETERMINISTIC, IMPORTANCE),
        IMPORTANCE: (Method.MODEL, IMPORTANCE),
        CORRECTED: (Method.MODEL, CORRECTED),
    }
    rows = []
    for population, group in cohort.groupby("population", sort=False):
        for ranking, (variant, score) in chosen.items():
            fits = group[(group["variant"] == variant) & (group["score"] == score)]
            found = [_correlations(fit, network) for _, fit in fits.groupby(REPEAT, sort=False)]
            for feature, values in pd.DataFrame(found).items():
                rows.append((population, ranking, feature, values.mean(), values.std(), len(values)))
    return pd.DataFrame(rows, columns=COLUMNS)


def path_features(paths: pd.Series, network: pd.DataFrame) -> pd.DataFrame:
    """Degree, overlap and length of each listed path; one row per path, in the same order.

    Examples
    --------
    >>> network = pd.DataFrame({"source": ["A", "B", "B"], "target": ["B", "C", "D"]})
    >>> path_features(pd.Series(["A>B>C", "A>B>D"]), network).round(2).values.tolist()
    [[1.67, 0.67, 3.0], [1.67, 0.67, 3.0]]
    """
    genes = [path.split(">") for path in paths]
    holders = pd.Series([gene for members in genes for gene in set(members)]).value_counts()
    edges = network.loc[network["source"].isin(holders.index) & network["target"].isin(holders.index)]
    both = [edges[["source", "target"]], edges[["target", "source"]].set_axis(["source", "target"], axis=1)]
    degree = pd.concat(both).drop_duplicates().groupby("source").size()
    return pd.DataFrame(
        {
            "degree": [degree.reindex(members).fillna(0).mean() for members in genes],
            "overlap": [float((holders[members] - 1).mean()) for members in genes],
            "length": [float(len(members)) for members in genes],
        }
    )


def _repeats(rows: pd.DataFrame, variant: str) -> pd.DataFrame:
    """(P, repeats) values by path."""
    chosen = rows[rows["variant"] == variant]
    return chosen.pivot_table(index="path", columns=REPEAT, values="value")


def _corrected(importance: pd.Series, null: pd.DataFrame) -> pd.Series | None:
    """Correct one repeat; paths that not every null fit lists are set against those fits that do."""
    if null.shape[1] < 2:
        return None
    beside = null.reindex(importance.index)
    known = importance.notna() & (beside.notna().sum(axis=1) >= 2)
    result = pd.Series(np.nan, index=importance.index)
    if known.any():
        result[known] = corrected(importance[known].to_numpy(), beside[known].to_numpy().T)
    return result


def _correlations(fit: pd.DataFrame, network: pd.DataFrame) -> dict[str, float]:
    """Spearman's correlation of one fit's scores with each feature; NaN where either is constant."""
    features = path_features(fit["path"].reset_index(drop=True), network)
    scores = fit["value"].astype(float).reset_index(drop=True)
    return {name: spearman(scores, features[name]) for name in FEATURES}
