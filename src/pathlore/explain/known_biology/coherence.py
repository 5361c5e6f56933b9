"""Whether the genes of a path belong together by what is known, more than those of other paths of the network."""

import logging
from collections import Counter

import numpy as np
import pandas as pd

from pathlore.config import KnownBiologyConfig, PathConfig
from pathlore.explain.known_biology.gene_sets import GeneSet, sets_on_graph
from pathlore.explain.significance import LEVEL, adjusted
from pathlore.graph.paths.random_control import random_walks
from pathlore.graph.paths.search import Ways, ways_among
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.schemas import PathCoherence

logger = logging.getLogger(__name__)

NEAREST = 0.5
"""Share of the random paths of a length that a path is compared with: those whose degrees are most like its own."""
NAMED_SETS = 3
"""Sets that are named beside a path."""


def path_coherence(
    importance: pd.DataFrame,
    graph: TextNumericGraph,
    network: pd.DataFrame,
    gene_sets: pd.DataFrame,
    config: KnownBiologyConfig,
    bounds: PathConfig,
) -> pd.DataFrame:
    r"""Judge each path by the fraction of its pairs of genes that are together in at least one gene set.

    .. math:: c_p = \frac{2}{L (L - 1)} \sum_{i < j} [\,\exists S: p_i \in S,\ p_j \in S\,], \qquad
              z_p = \frac{c_p - \bar c_{rand}}{\mathrm{sd}(c_{rand})}, \qquad
              p = \frac{1 + \#\{c_{rand} \ge c_p\}}{1 + n_{rand}}

    Neighbours in a network share sets more often than chance, because both come from the same literature. So the
    comparison is with random typed paths (receptor, signals, factor, target) of as many genes along the same network;
    of ``permutations`` of them the half whose mean log degree is nearest to the path's.

    Parameters
    ----------
    importance
        `pathlore.schemas.PathImportance`.
    graph
        The graph of the same population.
    network
        `pathlore.schemas.Network`, of which the steps between genes of the graph are used.
    gene_sets
        Columns ``collection``, ``set_name``, ``gene``; sets above ``max_set`` genes do not count.
    config
        Sizes of sets, ``permutations``, ``seed``.
    bounds
        How the list was made: ``step_cost``, ``receptors``, ``tfs``.

    Returns
    -------
    `pathlore.schemas.PathCoherence`, best rank first; without a row, where no set is left. Where no random path of that
    length is found, no z and no p.
    """
    sets = sets_on_graph(gene_sets, graph, config)
    if not sets:
        return PathCoherence.empty()
    together = _together(graph, sets)
    ways = ways_among(network, set(graph.genes), bounds.step_cost).narrowed(bounds.receptors, bounds.tfs)
    degree = _log_degree(ways, graph)
    table = importance.sort_values(["rank", "path"])[["path", "rank"]].reset_index(drop=True)
    genes = [path.split(">") for path in table["path"]]
    random = {length: _random(ways, length, graph, together, degree, config, bounds) for length in set(map(len, genes))}
    rows = []
    for path in genes:
        places = np.array([[graph.position[gene] for gene in path]])
        observed = _coherence(places, together)[0]
        values, degrees = random[len(path)]
        nearest = np.argsort(np.abs(degrees - degree[places].mean()), kind="stable")
        rows.append(
            (
                observed,
                *_compared(observed, values[nearest[: int(np.ceil(NEAREST * len(nearest)))]]),
                _named(path, sets),
            )
        )
    columns = ["coherence", "random_mean", "random_sd", "z", "p", "sets"]
    table = table.join(pd.DataFrame(rows, columns=columns))
    table["q"] = adjusted(table["p"].to_numpy(dtype=float))
    logger.info("Coherence: %d of %d paths with q < %.2f", (table["q"] < LEVEL).sum(), len(table), LEVEL)
    return PathCoherence.validate(table[list(PathCoherence.to_schema().columns)])


def _together(graph: TextNumericGraph, sets: list[GeneSet]) -> np.ndarray:
    """Whether two genes share a set, (G, G) bool."""
    from scipy import sparse

    members = [(graph.position[gene], column) for column, one in enumerate(sets) for gene in one.genes]
    if not members:
        return np.zeros((len(graph.genes), len(graph.genes)), dtype=bool)
    rows, columns = np.array(members).T
    shape = (len(graph.genes), len(sets))
    membership = sparse.csr_matrix((np.ones(len(rows), dtype=np.int32), (rows, columns)), shape=shape)
    return np.asarray((membership @ membership.T).toarray() > 0)


def _coherence(places: np.ndarray, together: np.ndarray) -> np.ndarray:
    """Share of the pairs that are together; places (n, L) of genes -> (n,)."""
    first, second = np.triu_indices(places.shape[1], k=1)
    return np.asarray(together[places[:, first], places[:, second]].mean(axis=1))


def _log_degree(ways: Ways, graph: TextNumericGraph) -> np.ndarray:
    """log(1 + number of steps that a gene takes part in), (G,)."""
    count: Counter[str] = Counter()
    for steps in (ways.signaling, ways.regulation):
        for source, following in steps.items():
            count[source] += len(following)
            count.update(following.keys())
    return np.log1p(np.array([count[gene] for gene in graph.genes], dtype=float))


def _random(
    ways: Ways,
    length: int,
    graph: TextNumericGraph,
    together: np.ndarray,
    degree: np.ndarray,
    config: KnownBiologyConfig,
    bounds: PathConfig,
) -> tuple[np.ndarray, np.ndarray]:
    """Coherence and mean log degree of random paths of so many genes, (n,) each."""
    fixed = bounds.model_copy(update={"min_nodes": length, "max_edges": length - 1})
    walks = random_walks(ways, fixed, (), config.permutations, config.seed + length)
    if not walks:
        return np.empty(0), np.empty(0)
    places = np.array([[graph.position[gene] for gene in walk.split(">")] for walk in walks])
    return _coherence(places, together), degree[places].mean(axis=1)


def _compared(observed: float, random: np.ndarray) -> tuple[float, float, float, float]:
    """Mean and standard deviation of random paths, z and p of a path's own coherence."""
    if not len(random):
        return np.nan, np.nan, np.nan, np.nan
    mean, sd = float(random.mean()), float(random.std())
    z = (observed - mean) / sd if sd > 0 else np.nan
    return mean, sd, z, (1 + int((random >= observed - 1e-12).sum())) / (1 + len(random))


def _named(path: list[str], sets: list[GeneSet]) -> str:
    """The sets with most of the path's genes, two at least."""
    counts = [(len(one.genes.intersection(path)), one) for one in sets]
    best = sorted((-n, len(one.genes), one.name) for n, one in counts if n > 1)[:NAMED_SETS]
    return "; ".join(f"{name} ({-n}/{len(path)})" for n, _, name in best)
