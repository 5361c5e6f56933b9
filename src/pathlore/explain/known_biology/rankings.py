"""Rankings of the paths that are compared: importance, prior, random; they show what prior and network give alone."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from pathlore.explain.core_network import gene_importance
from pathlore.graph.text_numeric_graph import TextNumericGraph

IMPORTANCE, PRIOR, RANDOM = "importance", "prior", "random"


def rankings(importance: pd.DataFrame, draws: int, seed: int) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give the learned order, that of the prior, and random ones: the learned scores permuted over the paths.

    A random order keeps the paths, and so how often each gene is on one: what it finds is the network's doing.

    Parameters
    ----------
    importance
        `pathlore.schemas.PathImportance`.
    draws
        Random orders.
    seed
        Of the permutations.

    Yields
    ------
    Name, and a table ``path``, ``importance`` (score of this order), ``rank``.
    """
    scores = importance[["path", "importance", "rank"]].reset_index(drop=True)
    yield IMPORTANCE, scores
    yield (
        PRIOR,
        importance[["path"]]
        .reset_index(drop=True)
        .assign(importance=importance["prior"].to_numpy(), rank=importance["prior_rank"].to_numpy()),
    )
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        order = rng.permutation(len(scores))
        yield RANDOM, scores[["path"]].join(scores[["importance", "rank"]].iloc[order].reset_index(drop=True))


def top_genes(ranking: pd.DataFrame, n_paths: int) -> set[str]:
    """Genes of the paths of the first ranks."""
    top = ranking.sort_values(["rank", "path"]).head(n_paths)
    return {gene for path in top["path"] for gene in path.split(">")}


def gene_scores(ranking: pd.DataFrame, graph: TextNumericGraph) -> pd.Series:
    """Sum of the scores of the paths through each gene of the graph; 0 for one on no path."""
    sums = gene_importance(ranking, graph).set_index("gene")["importance"]
    return sums.reindex(graph.genes, fill_value=0.0)
