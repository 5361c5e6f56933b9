"""New paths put to the test: the list with them is fitted anew, and random new paths show what chance reaches."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pathlore.config import DiscoveryConfig, ModelConfig, PathConfig, TrainingConfig
from pathlore.errors import PathloreError
from pathlore.explain.discovery import SCORE, named_paths, propose_paths
from pathlore.explain.importance import activity_auroc
from pathlore.graph.paths.random_control import random_walks
from pathlore.graph.paths.search import ways_among
from pathlore.keys import Split
from pathlore.schemas import DiscoveredPaths
from pathlore.study.case import Case
from pathlore.study.fit import FitInputs, Fitter
from pathlore.training.trained_model import TrainedModel

logger = logging.getLogger(__name__)

Rebuild = Callable[[pd.DataFrame], Case]
"""Makes the case of a list of paths (`pathlore.schemas.SignalingPaths`) on the same split and the same cells."""

LISTED, PROPOSED, RANDOM = "listed", "proposed", "random"


@dataclass(frozen=True)
class Search:
    """What new paths are looked for in, and how a fit is made; see `discover`.

    Attributes
    ----------
    network
        `pathlore.schemas.Network`, whole.
    statistics
        `pathlore.schemas.GeneStatistics` of the training cells, all measured genes.
    bounds
        How the list was made.
    config
        How many new paths, and when one is kept.
    model, training
        Form of the model, and of the fit.
    rebuild
        Makes a case of a list of paths.
    split_by
        What is never divided between the splits: ``donor`` or ``cell``.
    """

    network: pd.DataFrame
    statistics: pd.DataFrame
    bounds: PathConfig
    config: DiscoveryConfig
    model: ModelConfig
    training: TrainingConfig
    rebuild: Rebuild
    split_by: str = "donor"


@dataclass(frozen=True)
class Withheld:
    """What became of a path that was taken off the list.

    Attributes
    ----------
    path
        Its genes, joined by '>'.
    rank
        Its place among the proposals, from 1; None: it was not proposed.
    kept
        Whether the held-out cells support it.
    proposed, kept_in_all
        Number of proposals, and of those that were kept.
    random, random_passed
        Number of random new paths, and of those that meet the rules by which proposals are kept.
    nearest
        The largest share of genes that a proposal has in common with it (Jaccard index), from 0 to 1.
    """

    path: str
    rank: int | None
    kept: bool
    proposed: int
    kept_in_all: int
    random: int
    random_passed: int
    nearest: float


def discover(paths: pd.DataFrame, search: Search) -> pd.DataFrame:
    r"""Propose paths beyond a list, fit again with them on it, and keep those that the validation cells support.

    1. A fit on the list says which genes and associations matter; `propose_paths` searches the network by that.
    2. The proposals and as many random new paths join the list, and a second fit treats all alike. So a random path
       that comes as far as a proposal shows what the search alone, with its many tries, can reach.
    3. A new path is kept if **both** hold: the AUROC of its activity on the validation cells, oriented by the training
       cells, is above the quantile ``random_quantile`` of that of the random paths; and its importance I in the second
       fit is above the median of the listed paths'.

    By the first rule alone, one in twenty paths that are no better than random would be kept at the quantile 0.95;
    ``passes`` says which random paths meet both, so that their share is the rate of false finds. The
    test cells take no part; ``test_auroc`` is what is left of a kept path on cells that nobody chose by. The genes that
    pass the filter and their change come from the training cells.

    Parameters
    ----------
    paths
        `pathlore.schemas.SignalingPaths`, the list.
    search
        Where to look, and how to fit.

    Returns
    -------
    `DiscoveredPaths`: proposals, best score first, then the random paths.

    Raises
    ------
    PathloreError
        The network has no random path beyond the list to compare with.
    """
    case = search.rebuild(paths)
    proposals = _propose(case, search)
    if proposals.empty:
        return DiscoveredPaths.empty()
    chance = _random_paths(search, {*paths["path"], *proposals["path"]}, len(proposals), case.seed)
    columns = list(paths.columns)
    second = search.rebuild(pd.concat([paths, proposals[columns], chance[columns]], ignore_index=True))
    origin = dict.fromkeys(paths["path"], LISTED) | dict.fromkeys(proposals["path"], PROPOSED)
    origin |= dict.fromkeys(chance["path"], RANDOM)
    model = _fit(second, search)
    module = model.module()
    table = second.graph.paths[["path", "route", "receptor", "tf", "target", "sign", "pathway"]].assign(
        origin=second.graph.paths["path"].map(origin),
        importance=model.importance.astype(np.float64),
        validation_auroc=activity_auroc(module, second.data[Split.VALIDATION]),
        test_auroc=activity_auroc(module, second.data[Split.TEST]),
    )
    table[SCORE] = table["path"].map(dict(zip(proposals["path"], proposals[SCORE], strict=True)))
    return _judged(table, search.config.random_quantile)


def withheld(paths: pd.DataFrame, path: str, search: Search) -> Withheld:
    """Take a path off the list, and see whether discovery brings it back.

    Parameters
    ----------
    paths
        `pathlore.schemas.SignalingPaths`, the list with the path.
    path
        Its genes, joined by '>', such as a planted path of simulated cells.
    search
        Where to look, and how to fit.

    Raises
    ------
    PathloreError
        The path is not on the list.
    """
    rest = paths[paths["path"] != path].reset_index(drop=True)
    if len(rest) == len(paths):
        raise PathloreError(f"{path} is not among the {len(paths)} listed paths: name one that is")
    table = discover(rest, search)
    proposals = table[table["origin"] == PROPOSED].reset_index(drop=True)
    chance = table[table["origin"] == RANDOM]
    found = proposals.index[proposals["path"] == path]
    genes = set(path.split(">"))
    shared = [len(genes & set(other.split(">"))) / len(genes | set(other.split(">"))) for other in proposals["path"]]
    return Withheld(
        path=path,
        rank=int(found[0]) + 1 if len(found) else None,
        kept=bool(proposals.loc[found, "kept"].any()),
        proposed=len(proposals),
        kept_in_all=int(proposals["kept"].sum()),
        random=len(chance),
        random_passed=int(chance["passes"].sum()),
        nearest=max(shared, default=0.0),
    )


def _random_paths(search: Search, taken: set[str], n: int, seed: int) -> pd.DataFrame:
    """New typed paths that nobody chose, as `pathlore.schemas.SignalingPaths`."""
    genes = set(search.statistics.loc[search.statistics["passes"], "gene"])
    ways = ways_among(search.network, genes, search.bounds.step_cost)
    drawn = random_walks(ways.narrowed(search.bounds.receptors, search.bounds.tfs), search.bounds, taken, n, seed)
    if not drawn:
        raise PathloreError(
            f"no random path beyond the {len(taken)} listed and proposed ones was found to compare with: raise "
            "graph_construction.paths.max_edges, or lower graph_construction.paths.max_paths"
        )
    return named_paths(search.network, genes, drawn, search.bounds)


def _propose(case: Case, search: Search) -> pd.DataFrame:
    model = _fit(case, search)
    importance = pd.DataFrame({"path": model.paths, "importance": model.importance})
    return propose_paths(search.network, case.graph, importance, search.statistics, search.config, search.bounds)


def _fit(case: Case, search: Search) -> TrainedModel:
    return Fitter(search.model, search.training)(FitInputs.of(case))[0]


def _judged(table: pd.DataFrame, quantile: float) -> pd.DataFrame:
    """Mark what is kept; leave out the listed paths."""
    by_chance = table.loc[table["origin"] == RANDOM, "validation_auroc"]
    least_auroc = float(by_chance.quantile(quantile))
    least_importance = float(table.loc[table["origin"] == LISTED, "importance"].median())
    passes = (table["validation_auroc"] > least_auroc) & (table["importance"] > least_importance)
    table = table.assign(passes=passes, kept=passes & (table["origin"] == PROPOSED))
    logger.info(
        "New paths: %d of %d proposals kept (validation AUROC above %.3f, that of %d random paths; importance above "
        "%.3f, that of the list)",
        table["kept"].sum(),
        (table["origin"] == PROPOSED).sum(),
        least_auroc,
        len(by_chance),
        least_importance,
    )
    new = table[table["origin"] != LISTED].sort_values(
        ["origin", SCORE, "path"], ascending=[True, False, True], ignore_index=True
    )
    return DiscoveredPaths.validate(new)
