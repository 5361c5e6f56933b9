from dataclasses import replace

import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.explain.known_biology.gene_sets import sets_on_graph, words_of_name


def test_only_genes_of_the_graph_and_sets_of_a_fair_size(graph, gene_sets, config):
    kept = {one.name: one for one in sets_on_graph(gene_sets, graph, config())}
    assert not {"MINE_OFF_THE_GRAPH", "MINE_LARGE", "MINE_SMALL"} & set(kept)
    known = set(gene_sets.loc[gene_sets["set_name"] == "MINE_FIRST", "gene"]) - {"UNKNOWN1", "UNKNOWN2"}
    assert kept["MINE_FIRST"].genes == known
    assert "MINE_LARGE" in {one.name for one in sets_on_graph(gene_sets, graph, config(max_set=1000))}
    assert [one.collection for one in kept.values()] == sorted(one.collection for one in kept.values())


def test_genes_whose_text_names_the_set_are_left_out_on_request(graph, gene_sets, config):
    def wnt(**changes):
        return next(one for one in sets_on_graph(gene_sets, graph, config(**changes)) if one.collection == "other")

    assert wnt().named == 0
    told = wnt(exclude_named=True)
    assert told.genes == {"S0", "S1", "T0", "T2"}  # "cascades" names "cascade"
    assert told.named == 2
    assert not [one for one in sets_on_graph(gene_sets, graph, config(exclude_named=True, min_set=5)) if one.named]


def test_a_set_whose_name_says_nothing_excludes_nobody(graph, config):
    sets = pd.DataFrame({"collection": "x", "set_name": "KEGG_SIGNALING_PATHWAY", "gene": ["R0", "R1"]})
    assert sets_on_graph(sets, graph, config(exclude_named=True))[0].genes == {"R0", "R1"}


def test_texts_are_needed_to_exclude(graph, gene_sets, config):
    bare = replace(graph, entities=graph.entities[["gene"]])
    assert sets_on_graph(gene_sets, bare, config())
    with pytest.raises(PathloreError, match="exclude_named"):
        sets_on_graph(gene_sets, bare, config(exclude_named=True))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("HALLMARK_TNFA_SIGNALING_VIA_NFKB", {"tnfa", "nfkb"}),
        ("KEGG_ALZHEIMERS_DISEASE", {"alzheimer", "disease"}),
        ("Focal Adhesion WP306", {"focal", "adhesion"}),
        ("GOBP_PROCESS", set()),
        ("HALLMARK", set()),
    ],
)
def test_words_of_names(name, words):
    assert words_of_name(name) == words
