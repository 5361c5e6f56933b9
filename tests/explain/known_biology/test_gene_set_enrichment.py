from math import comb

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest, rankdata

from pathlore.explain.known_biology.enrichment import enrichment, over_representation, ranked
from pathlore.explain.known_biology.gene_sets import GeneSet, sets_on_graph
from pathlore.explain.known_biology.rankings import gene_scores, rankings, top_genes
from pathlore.explain.significance import adjusted
from pathlore.schemas import Enrichment


def test_over_representation_counted_out(graph, importance, gene_sets, config):
    sets = [one for one in sets_on_graph(gene_sets, graph, config()) if one.collection == "mine"]
    top = top_genes(importance, 5)
    found = over_representation(top, sets, graph.genes)
    total, n = len(graph.genes), len(top)
    expected = []
    for one in sets:
        m, k = len(one.genes), len(one.genes & top)
        expected.append(sum(comb(m, i) * comb(total - m, n - i) for i in range(k, min(m, n) + 1)) / comb(total, n))
    np.testing.assert_allclose(found["p"], expected)
    np.testing.assert_allclose(found["q"], adjusted(np.array(expected)))
    first = found.set_index("set_name").loc["MINE_FIRST"]
    assert set(first["genes"].split(";")) == sets[0].genes & top
    assert first["score"] > 10
    assert first["n_genes"] == n


def test_sets_without_overlap_are_tests_too(graph):
    sets = [GeneSet("c", name, frozenset(genes)) for name, genes in (("IN", ["R0", "R1"]), ("OUT", ["o1", "o2"]))]
    found = over_representation({"R0", "R1", "S0"}, sets, graph.genes).set_index("set_name")
    assert found.loc["OUT", "p"] == 1
    assert found.loc["IN", "q"] == pytest.approx(2 * found.loc["IN", "p"])
    nothing = over_representation({"S0"}, sets, graph.genes)
    assert (nothing["p"] == 1).all()


def running_sum(scores, members):
    """Largest deviation of the weighted running sum, genes in order."""
    weights = np.where(members, np.abs(scores), 0)
    steps = weights / weights.sum() - ~members / (~members).sum()
    walk = np.cumsum(steps)
    return walk[np.abs(walk).argmax()]


def test_ranked_enrichment_by_slow_permutations(config):
    rng = np.random.default_rng(0)
    genes = [f"gene-{i}" for i in range(120)]  # lower case and no symbol
    scores = pd.Series(rng.random(120), index=genes)
    order = scores.sort_values(ascending=False).index
    sets = [
        GeneSet("c", "TOP", frozenset([*order[:9], order[60], order[100]])),
        GeneSet("c", "ANY", frozenset(order[4::11])),
        GeneSet("c", "BOTTOM", frozenset(order[-14:-2])),
    ]
    found = ranked(scores, sets, config(permutations=1000)).set_index("set_name")
    centred = 2 * (rankdata(scores[order]) - 0.5) / 120 - 1
    for one in sets:
        members = order.isin(list(one.genes))
        own = running_sum(centred, members)
        null = np.array([running_sum(centred, rng.permutation(members)) for _ in range(4000)])
        assert np.sign(found.loc[one.name, "score"]) == np.sign(own)
        same = null[np.sign(null) == np.sign(own)]
        assert found.loc[one.name, "score"] == pytest.approx(own / np.abs(same).mean(), rel=0.06)
        one_sided = np.mean(null >= own) if own > 0 else np.mean(null <= own)
        assert found.loc[one.name, "p"] == pytest.approx(min(1, 2 * one_sided), abs=0.06)
    assert found.loc["TOP", "p"] < 0.01
    assert found.loc["BOTTOM", "p"] < 0.01
    assert set(found.loc["TOP", "genes"].split(";")) >= set(order[:9])


def test_without_an_effect_p_is_even(config):
    """Sets of many sizes: those of one size share the error of gseapy's estimate."""
    rng = np.random.default_rng(5)
    genes = [f"g{i}" for i in range(300)]
    sizes = rng.integers(5, 60, 600)
    sets = [GeneSet("c", f"S{i}", frozenset(rng.choice(genes, n, replace=False))) for i, n in enumerate(sizes)]
    p = ranked(pd.Series(rng.random(300), index=genes), sets, config())["p"]
    assert kstest(p, "uniform").pvalue > 0.001
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=0.025)


def test_equal_scores_are_in_no_order_of_names(config):
    """Genes on no path all have 0: the first by the alphabet are not enriched for it."""
    genes = [f"g{i:03}" for i in range(200)]
    sets = [GeneSet("c", "ALPHABET", frozenset(genes[:20]))]
    assert ranked(pd.Series(0.0, index=genes), sets, config())["p"][0] > 0.05
    assert abs(ranked(pd.Series(0.0, index=genes), sets, config())["score"][0]) < 5


def test_three_rankings_stand_beside_each_other(graph, importance, gene_sets, config):
    found = enrichment(importance, graph, gene_sets, config())
    Enrichment.validate(found)
    keys = ["ranking", "method", "set_name"]
    table = found.set_index(keys)
    over = table.xs("over_representation", level="method")
    assert over.loc[("importance", "MINE_FIRST"), "q"] < 0.01
    assert over.loc[("prior", "MINE_FIRST"), "q"] > 0.1
    assert over.loc[("prior", "MINE_LAST"), "q"] < 0.01  # the prior ranks the other way round
    along = table.xs("ranked", level="method")
    assert along.loc[("importance", "MINE_FIRST"), "score"] > 1.3
    assert along.loc[("importance", "MINE_FIRST"), "p"] < 0.01
    assert along.loc[("importance", "MINE_FIRST"), "n_genes"] == len(graph.genes)
    random = found[found["ranking"] == "random"]
    assert random[["p", "q"]].isna().all(axis=None)
    assert random["share_significant"].between(0, 1).all()
    assert found.loc[found["ranking"] != "random", "share_significant"].isna().all()


def test_random_is_the_mean_over_permuted_scores(graph, importance, gene_sets, config):
    found = enrichment(importance, graph, gene_sets, config(random_draws=3))
    sets = [one for one in sets_on_graph(gene_sets, graph, config()) if one.collection == "mine"]
    draws = [table for name, table in rankings(importance, 3, 0) if name == "random"]
    expected = np.mean([over_representation(top_genes(t, 5), sets, graph.genes)["score"] for t in draws], axis=0)
    mine = found.query("ranking == 'random' and method == 'over_representation' and collection == 'mine'")
    np.testing.assert_allclose(mine["score"], expected)
    assert all(sorted(t["importance"]) == sorted(importance["importance"]) for t in draws)
    assert not draws[0]["importance"].equals(draws[1]["importance"])


def test_genes_on_no_path_score_nothing(graph, importance):
    scores = gene_scores(importance, graph)
    assert list(scores.index) == graph.genes
    assert (scores[[gene for gene in graph.genes if gene.startswith("o")]] == 0).all()
    on = importance.loc[[gene_on(p, "R0") for p in importance["path"]], "importance"].sum()
    assert scores["R0"] == pytest.approx(on)


def gene_on(path, gene):
    return gene in path.split(">")


def test_no_set_on_the_graph(graph, importance, config, caplog):
    caplog.set_level("INFO")
    sets = pd.DataFrame({"collection": "c", "set_name": "FAR", "gene": ["Q1", "Q2", "Q3"]})
    assert enrichment(importance, graph, sets, config()).empty
    assert "no gene set to test" in caplog.text


def test_the_same_seed_gives_the_same_table(graph, importance, gene_sets, config):
    pd.testing.assert_frame_equal(
        enrichment(importance, graph, gene_sets, config()), enrichment(importance, graph, gene_sets, config())
    )
