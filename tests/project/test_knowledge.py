"""The built-in knowledge holds together, and against the reference tables where those are at hand."""

from importlib.resources import files

import pandas as pd
import pytest

from pathlore.config import NetworkConfig
from pathlore.graph.network import read_network
from pathlore.keys import Kind
from pathlore.schemas import Network
from pathlore.text.annotations import gene_annotations

EVERYTHING = NetworkConfig(kinds=list(Kind.ALL), resources=[], min_evidence=1)


@pytest.fixture(scope="module")
def tables():
    folder = files("pathlore") / "knowledge"
    return {name: pd.read_csv(folder / f"{name}.csv") for name in ("genes", "interactions", "pathways")}


def test_readers_take_the_tables_whole(tables):
    assert len(Network.validate(read_network(tables["interactions"], EVERYTHING))) == len(tables["interactions"])
    assert (gene_annotations(tables["genes"])[["name", "description"]] != "").all().all()


def test_every_gene_is_on_an_edge_and_every_edge_has_its_genes_and_pathway(tables):
    edges = tables["interactions"]
    assert set(tables["genes"]["symbol"]) == set(edges["source"]) | set(edges["target"])
    assert set(edges["pathway"]) == set(tables["pathways"]["pathway"])


def test_descriptions_have_a_readable_length(tables):
    words = tables["genes"]["description"].str.split().map(len)
    assert words.between(20, 60).all(), tables["genes"].loc[~words.between(20, 60), "symbol"].to_list()


@pytest.mark.shared
def test_symbols_and_edges_are_known_to_the_reference(tables, shared_data):
    known = set(pd.read_parquet(shared_data / "genes" / "gene_text.parquet", columns=["symbol"])["symbol"])
    assert set(tables["genes"]["symbol"]) <= known
    reference = pd.read_parquet(shared_data / "network" / "interactions_all.parquet", columns=["source", "target"])
    pairs = set(zip(reference["source"], reference["target"], strict=True))
    edges = tables["interactions"]
    found = [pair in pairs for pair in zip(edges["source"], edges["target"], strict=True)]
    assert sum(found) / len(found) >= 0.95
    assert edges[[not f for f in found]]["source"].isin(["IGHG1", "IGHE"]).all()  # antibodies and their receptors


@pytest.mark.shared
def test_descriptions_are_our_own_words(tables, shared_data):
    texts = pd.read_parquet(shared_data / "genes" / "gene_text.parquet", columns=["symbol", "refseq_summary"])
    summaries = texts.set_index("symbol")["refseq_summary"].fillna("")

    def phrases(text):
        words = "".join(c if c.isalnum() else " " for c in text.lower()).split()
        return {tuple(words[i : i + 8]) for i in range(len(words) - 7)}

    shared = [
        symbol
        for symbol, text in zip(tables["genes"]["symbol"], tables["genes"]["description"], strict=True)
        if phrases(text) & phrases(summaries.get(symbol, ""))
    ]
    assert not shared
