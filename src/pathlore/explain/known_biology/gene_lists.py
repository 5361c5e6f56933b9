"""How many genes of a user's lists, such as known disease genes, lie on the top paths."""

import logging

import numpy as np
import pandas as pd

from pathlore.config import KnownBiologyConfig
from pathlore.errors import PathloreError, shorten
from pathlore.explain.known_biology.enrichment import odds_ratio
from pathlore.explain.known_biology.rankings import RANDOM, rankings, top_genes
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.schemas import GeneListOverlap

logger = logging.getLogger(__name__)


def gene_list_overlap(
    importance: pd.DataFrame, graph: TextNumericGraph, gene_lists: pd.DataFrame, config: KnownBiologyConfig
) -> pd.DataFrame:
    r"""Count the genes of each list on the top paths, for the learned ranking, the prior and random rankings.

    With N genes on the graph, m of the list among them, n on the top paths, k of both,

    .. math:: p = P(X \ge k),\quad X \sim \mathrm{Hypergeometric}(N, m, n),\quad \mathrm{expected} = m n / N

    The test does not know that hubs are on many paths: the random rows do.

    Parameters
    ----------
    importance
        `pathlore.schemas.PathImportance`.
    graph
        The graph of the same population, whose genes are the background.
    gene_lists
        Columns ``list_name`` and ``gene``; genes that are not on the graph do not count.
    config
        ``top_paths``, ``random_draws``, ``seed``.

    Returns
    -------
    `pathlore.schemas.GeneListOverlap`, one row per ranking and list.

    Raises
    ------
    PathloreError
        A column is missing.
    """
    from scipy.stats import hypergeom

    absent = {"list_name", "gene"} - set(gene_lists.columns)
    if absent:
        raise PathloreError(
            f"the gene lists have the columns {shorten(gene_lists.columns)}, list_name and gene were expected: change "
            "`gene_lists`"
        )
    total, background = len(graph.genes), set(graph.genes)
    lists = {str(name): set(rows["gene"]) & background for name, rows in gene_lists.groupby("list_name", sort=True)}
    rows = []
    for ranking, table in rankings(importance, config.random_draws, config.seed):
        top = top_genes(table, config.top_paths)
        for name, genes in lists.items():
            m, n, k = len(genes), len(top), len(genes & top)
            p = float(hypergeom.sf(k - 1, total, m, n))
            rows.append((ranking, name, m, n, k, m * n / total, odds_ratio(k, m, n, total), p))
    columns = list(GeneListOverlap.to_schema().columns)
    if not rows:
        return GeneListOverlap.empty()
    every = pd.DataFrame(rows, columns=columns)
    result = every.groupby(["ranking", "list_name"], sort=False, as_index=False).mean()
    result.loc[result["ranking"] == RANDOM, "p"] = np.nan
    logger.info("Gene lists: %s", "; ".join(f"{name} {len(genes)} genes on the graph" for name, genes in lists.items()))
    return GeneListOverlap.validate(result[columns])
