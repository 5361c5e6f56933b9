"""Gene sets among the important genes, beside what the prior and random rankings find."""

import logging
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from pathlore.config import KnownBiologyConfig
from pathlore.explain.known_biology.gene_sets import GeneSet, sets_on_graph
from pathlore.explain.known_biology.rankings import IMPORTANCE, RANDOM, gene_scores, rankings, top_genes
from pathlore.explain.significance import LEVEL, adjusted
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.schemas import Enrichment

logger = logging.getLogger(__name__)

OVER_REPRESENTATION, RANKED = "over_representation", "ranked"
KEYS = ["ranking", "method", "collection", "set_name"]


def enrichment(
    importance: pd.DataFrame, graph: TextNumericGraph, gene_sets: pd.DataFrame, config: KnownBiologyConfig
) -> pd.DataFrame:
    r"""Test gene sets in two ways, for the learned ranking, for the prior and for random rankings.

    ``over_representation``: with N genes on the graph, n of the first ``top_paths`` paths, m of the set, k of both,

    .. math:: p = P(X \ge k),\ X \sim \mathrm{Hypergeometric}(N, m, n) \qquad
              \mathrm{score} = \frac{(k + .5)(N - m - n + k + .5)}{(m - k + .5)(n - k + .5)}

    ``ranked``: enrichment score of all N genes by the sum of the scores of the paths through them (0 on no path), as
    centred ranks, divided by its mean over random orders of the genes (Subramanian 2005; p by multilevel sampling,
    Korotkevich 2021). Positive: the set's genes stand on top. Equal sums stand in a random order.

    The background is the genes on the graph, never the genome: signaling genes would be enriched in any signaling set.
    Even so the genes' number of paths leaks in, and p does not know it. Therefore ``random``: the same with the
    paths' scores permuted, mean score and share of draws with q < .05. What random finds too is the network's, what
    the prior finds too is in the fold changes; the rest is the model's.

    Parameters
    ----------
    importance
        `pathlore.schemas.PathImportance`.
    graph
        The graph of the same population.
    gene_sets
        Columns ``collection``, ``set_name``, ``gene``.
    config
        ``top_paths``, sizes of sets, ``random_draws``, ``permutations``, ``exclude_named``, ``seed``.

    Returns
    -------
    `pathlore.schemas.Enrichment`; q within each collection, over all its sets on the graph. Empty if there are none.
    """
    sets = sets_on_graph(gene_sets, graph, config)
    if not sets or importance.empty:
        logger.info("Enrichment: no gene set to test on %d genes of the graph", len(graph.genes))
        return Enrichment.empty()
    found: list[pd.DataFrame] = []
    drawn: list[pd.DataFrame] = []
    for draw, (name, ranking) in enumerate(rankings(importance, config.random_draws, config.seed)):
        top = top_genes(ranking, config.top_paths)
        scores = gene_scores(ranking, graph)
        for _, members in groupby(sets, key=lambda one: one.collection):
            chosen = list(members)
            tables = over_representation(top, chosen, graph.genes), ranked(scores, chosen, config, draw)
            (drawn if name == RANDOM else found).extend(table.assign(ranking=name) for table in tables)
    table = pd.concat([*found, _averaged(pd.concat(drawn, ignore_index=True))], ignore_index=True)
    table = table[list(Enrichment.to_schema().columns)]
    learned = table[table["ranking"] == IMPORTANCE]
    for method, rows in learned.groupby("method"):
        logger.info("Enrichment, %s: %d of %d sets with q < %.2f", method, (rows["q"] < LEVEL).sum(), len(rows), LEVEL)
    return Enrichment.validate(table)


def over_representation(top: set[str], sets: list[GeneSet], background: list[str]) -> pd.DataFrame:
    """Hypergeometric test of sets of one collection among some genes; see `enrichment`."""
    import gseapy

    coded = _Codes(background, sets)
    chosen = [coded.gene[gene] for gene in background if gene in top]
    overlaps = [sorted(one.genes & top) for one in sets]
    p = np.ones(len(sets))  # gseapy leaves out sets without overlap: they are tests all the same
    if any(overlaps):
        result = gseapy.enrich(
            gene_list=chosen, gene_sets=coded.sets, background=list(coded.gene.values()), outdir=None, no_plot=True
        ).results
        p[[coded.place[term] for term in result["Term"]]] = result["P-value"].to_numpy(dtype=float)
    k = np.array([len(genes) for genes in overlaps], dtype=float)
    m, n = np.array([len(one.genes) for one in sets]), len(chosen)
    table = _frame(sets, OVER_REPRESENTATION, n, overlaps)
    return table.assign(score=odds_ratio(k, m, n, len(background)), p=p, q=adjusted(p))


def ranked(scores: pd.Series, sets: list[GeneSet], config: KnownBiologyConfig, draw: int = 0) -> pd.DataFrame:
    """Enrichment of sets of one collection along the order of all genes; see `enrichment`."""
    import gseapy

    coded = _Codes(list(scores.index), sets)
    rng = np.random.default_rng([config.seed, draw])
    shuffled = scores.sample(frac=1, random_state=rng)  # equal scores: by chance, not by the alphabet
    ordered = shuffled.sort_values(ascending=False, kind="stable")
    centred = 1 - (2 * np.arange(len(ordered)) + 1) / len(ordered)
    result = gseapy.prerank(
        rnk=pd.Series(centred, index=[coded.gene[gene] for gene in ordered.index]),
        gene_sets=coded.sets,
        min_size=1,
        max_size=len(scores),
        permutation_num=config.permutations,
        method="multilevel",
        ascending=None,
        outdir=None,
        no_plot=True,
        seed=config.seed,
        threads=1,
    ).res2d.set_index("Term")
    back = {code: gene for gene, code in coded.gene.items()}
    result = result.reindex(list(coded.sets))  # a set of all genes has no score
    leading = [
        [back[code] for code in genes.split(";") if code] if isinstance(genes, str) else []
        for genes in result["Lead_genes"]
    ]
    one_sided = result["NOM p-val"].astype(float).fillna(1.0).to_numpy()  # of the end that the set leans to
    p = np.clip(2 * one_sided, 0.0, 1.0)
    table = _frame(sets, RANKED, len(scores), leading)
    return table.assign(score=result["NES"].astype(float).fillna(0.0).to_numpy(), p=p, q=adjusted(p))


def odds_ratio(k: Any, m: Any, n: Any, total: int) -> Any:
    """Odds ratio of an overlap k of m and n genes among all, 0.5 added to each count (Haldane, Anscombe)."""
    return (k + 0.5) * (total - m - n + k + 0.5) / ((m - k + 0.5) * (n - k + 0.5))


class _Codes:
    """Genes and sets by numbers, so that neither letter case nor a digit in a name means anything to gseapy."""

    def __init__(self, genes: list[str], sets: list[GeneSet]) -> None:
        self.gene = {gene: f"G{i}" for i, gene in enumerate(genes)}
        self.sets = {f"S{i}": sorted(self.gene[gene] for gene in one.genes) for i, one in enumerate(sets)}
        self.place = {code: i for i, code in enumerate(self.sets)}


def _frame(sets: list[GeneSet], method: str, n_genes: int, genes: list[list[str]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "method": method,
            "collection": [one.collection for one in sets],
            "set_name": [one.name for one in sets],
            "n_set": [len(one.genes) for one in sets],
            "n_genes": n_genes,
            "n_overlap": [float(len(found)) for found in genes],
            "genes": [";".join(found) for found in genes],
            "n_named": [one.named for one in sets],
            "share_significant": np.nan,
        }
    )


def _averaged(drawn: pd.DataFrame) -> pd.DataFrame:
    """Random draws of each set as one row."""
    rows = drawn.assign(significant=(drawn["q"] < LEVEL).astype(float)).groupby(KEYS, sort=False)
    table = rows.agg(
        n_set=("n_set", "first"),
        n_genes=("n_genes", "mean"),
        n_overlap=("n_overlap", "mean"),
        score=("score", "mean"),
        n_named=("n_named", "first"),
        share_significant=("significant", "mean"),
    ).reset_index()
    return table.assign(n_genes=table["n_genes"].round().astype(int), p=np.nan, q=np.nan, genes="")
