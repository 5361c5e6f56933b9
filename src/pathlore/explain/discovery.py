"""Paths that are not on the list and that deserve to be tried."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nlargest
from itertools import product
from math import log

import pandas as pd

from pathlore.config import DiscoveryConfig, PathConfig
from pathlore.explain.relevance import FLOOR, Relevance, relevance
from pathlore.graph.paths import find_paths
from pathlore.graph.paths.search import Bounds, Step, Ways, ways_among
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.keys import Kind
from pathlore.schemas import SignalingPaths

logger = logging.getLogger(__name__)

SCORE = "score"
POOL = 10
"""Paths of each receptor that the choice is made from, as a multiple of the number of new paths."""


@dataclass(frozen=True)
class Partial:
    """A path that is not finished: its genes, where the last one is expected to go, and its score so far."""

    total: float  # sum of log relevances
    genes: tuple[str, ...]
    direction: int  # of the last gene, +1 or -1
    signed: bool  # whether the next gene follows the sign of the step

    def __lt__(self, other: "Partial") -> bool:
        return (self.total, other.genes) < (other.total, self.genes)


def propose_paths(
    network: pd.DataFrame,
    graph: TextNumericGraph,
    importance: pd.DataFrame,
    statistics: pd.DataFrame,
    config: DiscoveryConfig,
    bounds: PathConfig,
) -> pd.DataFrame:
    r"""Propose typed paths that are not on the list, by a beam search over the network of the expressed genes.

    A receptor is expected to rise or to fall, and each next gene either to follow the sign of the step, an unknown one
    counting as +1, or to go where the one before went; all four are tried, and the best counts. With relevances r of
    `relevance`, a path of L genes has the score

    .. math:: \frac{1}{2 L - 1} \Bigl[ \sum_l \log r_{p_l} + \sum_{l > 1} \log r_{p_{l-1} \to p_l} \Bigr]

    the log of a geometric mean, so that long and short paths compare; a step that passes over m unmeasured genes counts
    1 / (1 + m). After each step, the ``beam`` best unfinished paths of each receptor and direction go on. The typed
    order, the bounds and the filters on receptors and factors are those of the list.

    Proposals are chosen one after the other: to the score of each comes ``novelty`` times the log of the fraction of
    its genes that the important paths of the list, and those chosen before it, do not explain yet. Without that, the
    best paths are the list's own with one gene exchanged.

    Parameters
    ----------
    network
        `pathlore.schemas.Network`, whole (bridged, as the list was made from).
    graph
        The graph with the listed paths.
    importance
        `pathlore.schemas.PathImportance` of the fit on that graph; nothing that was seen in test cells is read.
    statistics
        `pathlore.schemas.GeneStatistics` of the training cells.
    config
        Width of the beam, number of new paths in all and per receptor, share of what was learned.
    bounds
        How the list was made: ``min_nodes``, ``max_edges``, ``step_cost``, ``receptors`` and ``tfs``.

    Returns
    -------
    The columns of `pathlore.schemas.SignalingPaths` and ``score`` (0 at most), the best first; empty where there is no
    path beyond the list.
    """
    expressed = set(statistics.loc[statistics["passes"], "gene"])
    ways = ways_among(network, expressed, bounds.step_cost).narrowed(bounds.receptors, bounds.tfs)
    limits = Bounds.of(ways, bounds)
    listed = {tuple(genes) for genes in graph.path_genes}
    classes = sorted(set(statistics["log_fold_change_class"]))
    scores: dict[tuple[str, ...], float] = {}
    for class_name in classes if len(classes) > 1 else [None]:
        found = relevance(graph, importance, statistics, config.learned_share, class_name)
        for receptor in ways.heads:
            new = (pair for pair in _search(ways, receptor, found, limits, config.beam) if pair[1] not in listed)
            best: dict[tuple[str, ...], float] = {}
            for score, genes in new:  # a path may be met in several directions
                best[genes] = max(score, best.get(genes, score))
            for genes in nlargest(POOL * config.new_paths, best, key=lambda genes: (best[genes], genes)):
                scores[genes] = max(best[genes], scores.get(genes, best[genes]))
    chosen = _choose(scores, _explained(graph, importance), config)
    if not chosen:
        logger.info("New paths: none beyond the %d of the list", len(listed))
        return SignalingPaths.empty().assign(**{SCORE: pd.Series(dtype=float)})
    names = {">".join(genes): scores[genes] for genes in chosen}
    table = named_paths(network, expressed, list(names), bounds)
    table[SCORE] = table["path"].map(names)
    return table.sort_values([SCORE, "path"], ascending=[False, True], ignore_index=True)


def named_paths(network: pd.DataFrame, genes: set[str], paths: list[str], bounds: PathConfig) -> pd.DataFrame:
    """Describe paths that are known by their genes, joined by '>', as `pathlore.schemas.SignalingPaths`."""
    no_filter: dict[str, list[str]] = {"receptors": [], "tfs": [], "genes": [], "pathways": []}
    size = {"mode": "file", "max_paths": len(paths), "max_per_receptor": None}
    as_given = bounds.model_copy(update=size | no_filter)
    table, _ = find_paths(network, genes, as_given, "new paths", pd.DataFrame({"path": paths}))
    return table


def _search(
    ways: Ways, receptor: str, found: Relevance, limits: Bounds, beam: int
) -> Iterator[tuple[float, tuple[str, ...]]]:
    """Every whole path that the beam meets from one receptor, with its score."""
    for direction, signed in product((1, -1), (True, False)):
        frontier = [Partial(log(found.gene(receptor, direction)), (receptor,), direction, signed)]
        for step in range(1, limits.limit + 1):
            reached = [
                _extended(partial, following, edge, Kind.SIGNALING, found)
                for partial in frontier
                if step == 1 or partial.genes[-1] not in ways.receptors
                for following, edge in ways.signaling.get(partial.genes[-1], {}).items()
                if following not in partial.genes
                and limits.to_tf.get(following, limits.limit + 1) <= limits.limit - step
            ]
            frontier = nlargest(beam, reached)
            if step >= limits.fewest:
                yield from _complete(frontier, ways, found)


def _complete(frontier: list[Partial], ways: Ways, found: Relevance) -> Iterator[tuple[float, tuple[str, ...]]]:
    for partial in frontier:
        for target, edge in ways.regulation.get(partial.genes[-1], {}).items():
            if target not in partial.genes:
                whole = _extended(partial, target, edge, Kind.TF_TARGET, found)
                yield whole.total / (2 * len(whole.genes) - 1), whole.genes


def _extended(partial: Partial, following: str, edge: Step, kind: str, found: Relevance) -> Partial:
    """The path one gene further."""
    last, direction = partial.genes[-1], partial.direction * ((edge.sign if partial.signed else 1) or 1)
    step = found.edge((last, following, kind), partial.direction, direction) / (1 + len(edge.via))
    gained = log(step) + log(found.gene(following, direction))
    return Partial(partial.total + gained, (*partial.genes, following), direction, partial.signed)


def _choose(
    scores: dict[tuple[str, ...], float], explained: dict[str, float], config: DiscoveryConfig
) -> list[tuple[str, ...]]:
    """One after the other the best that is left, no more than allowed in all and of each receptor.

    A gene is explained as far as a listed path through it is important, and wholly once a chosen path has it.
    """
    chosen: list[tuple[str, ...]] = []
    count: dict[str, int] = {}
    explained = dict(explained)
    left = sorted(scores)

    def worth(genes: tuple[str, ...]) -> float:
        novel = 1 - sum(explained.get(gene, 0.0) for gene in genes) / len(genes)
        return scores[genes] + config.novelty * log(FLOOR + (1 - FLOOR) * novel)

    while left and len(chosen) < config.new_paths:
        best = max(left, key=worth)
        chosen.append(best)
        explained |= dict.fromkeys(best, 1.0)
        count[best[0]] = count.get(best[0], 0) + 1
        full = count[best[0]] == config.per_receptor
        left = [genes for genes in left if genes != best and not (full and genes[0] == best[0])]
    return chosen


def _explained(graph: TextNumericGraph, importance: pd.DataFrame) -> dict[str, float]:
    """For each gene of the list the largest importance of a path through it, over the largest of all."""
    scores = importance.set_index("path")["importance"].to_dict()
    largest = max(scores.values())
    explained: dict[str, float] = {}
    for genes in graph.path_genes:
        for gene in genes:
            explained[gene] = max(explained.get(gene, 0.0), scores[">".join(genes)] / largest)
    return explained
