import pandas as pd
import pytest
from scipy.stats import fisher_exact

from pathlore.errors import PathloreError
from pathlore.explain.known_biology.gene_lists import gene_list_overlap
from pathlore.explain.known_biology.rankings import top_genes
from pathlore.schemas import GeneListOverlap


@pytest.fixture
def lists(importance):
    first = [gene for path in importance["path"].head(3) for gene in path.split(">")]
    rows = [("disease", gene) for gene in [*first, "UNKNOWN"]] + [("far", "Q1"), ("other", "o1"), ("other", "o2")]
    return pd.DataFrame(rows, columns=["list_name", "gene"])


def test_overlap_is_fishers_test(graph, importance, lists, config):
    found = gene_list_overlap(importance, graph, lists, config())
    GeneListOverlap.validate(found)
    row = found.set_index(["ranking", "list_name"]).loc[("importance", "disease")]
    genes, top = set(lists.query("list_name == 'disease'")["gene"]) & set(graph.genes), top_genes(importance, 5)
    both, total = len(genes & top), len(graph.genes)
    square = [[both, len(genes) - both], [len(top) - both, total - len(genes) - len(top) + both]]
    assert row["p"] == pytest.approx(fisher_exact(square, alternative="greater").pvalue)
    assert (row["n_list"], row["n_top"], row["n_overlap"]) == (len(genes), len(top), both)
    assert row["expected"] == pytest.approx(len(genes) * len(top) / total)
    assert row["odds_ratio"] > 1


def test_prior_and_random_stand_beside(graph, importance, lists, config):
    found = gene_list_overlap(importance, graph, lists, config(random_draws=30)).set_index(["ranking", "list_name"])
    assert set(found.index.get_level_values("ranking")) == {"importance", "prior", "random"}
    overlap = found["n_overlap"].xs("disease", level="list_name")
    assert overlap["importance"] > overlap["random"]
    assert found.loc["random", "p"].isna().all()


def test_a_list_off_the_graph_has_nothing(graph, importance, lists, config):
    row = gene_list_overlap(importance, graph, lists, config()).set_index(["ranking", "list_name"])
    assert row.loc[("importance", "far"), ["n_list", "n_overlap", "p"]].tolist() == [0, 0, 1]
    assert row.loc[("importance", "other"), "p"] == 1


def test_no_lists_and_wrong_columns(graph, importance, config):
    assert gene_list_overlap(importance, graph, pd.DataFrame(columns=["list_name", "gene"]), config()).empty
    with pytest.raises(PathloreError, match="have the columns gene, list_name and gene were expected"):
        gene_list_overlap(importance, graph, pd.DataFrame({"gene": ["R0"]}), config())
