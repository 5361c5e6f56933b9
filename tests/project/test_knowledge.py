"""The built-in atlas holds together, and against the reference tables where those are at hand."""

import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest
from blocks import network_block

from pathlore.graph.network import build_network
from pathlore.keys import Kind
from pathlore.resources.annotations import read_annotations
from pathlore.resources.interactions import read_interactions
from pathlore.resources.names import read_gene_names
from pathlore.schemas import GeneAnnotations, Network

PROJECT = Path(__file__).parents[2]
MINIMUM = {"genes": 1000, "interactions": 3000, "pathways": 45}


@pytest.fixture(scope="module")
def tables():
    folder = files("pathlore") / "knowledge"
    return {name: pd.read_csv(str(folder / f"{name}.csv"), dtype=str, keep_default_na=False) for name in MINIMUM}


def test_it_is_as_large_as_promised(tables):
    assert all(len(tables[name]) >= least for name, least in MINIMUM.items())


def test_readers_take_the_tables_whole(tables):
    names = read_gene_names({"genes.csv": tables["genes"]})
    config = network_block(kinds=list(Kind.ALL))
    statements = read_interactions({"interactions.csv": tables["interactions"]}, names, config)
    network = Network.validate(build_network(statements, config))
    assert len(network) == len(tables["interactions"])
    assert not network["conflict"].any()
    annotations = GeneAnnotations.validate(read_annotations({"genes.csv": tables["genes"]}))
    assert (annotations[["name", "description"]] != "").all().all()


def test_every_gene_is_on_an_edge_and_every_edge_has_its_genes_and_pathway(tables):
    edges = tables["interactions"]
    assert set(tables["genes"]["symbol"]) == set(edges["source"]) | set(edges["target"])
    assert {name for joined in edges["pathway"] for name in joined.split(";")} == set(tables["pathways"]["pathway"])


def test_roles_and_signs_are_known(tables):
    assert set(tables["interactions"]["sign"]) <= {"-1", "0", "1"}
    assert set(tables["interactions"]["resources"]) == {"pathlore"}
    assert (tables["genes"][["name", "role", "location"]] != "").all().all()


def test_texts_have_a_readable_length(tables):
    for name, low, high in (("genes", 20, 60), ("pathways", 40, 100)):
        words = tables[name]["description"].str.split().map(len)
        assert words.between(low, high).all(), tables[name].loc[~words.between(low, high)].iloc[:, 0].to_list()


def test_every_symbol_means_itself(tables):
    """No synonym takes a gene away from its own symbol."""
    names = read_gene_names({"genes.csv": tables["genes"]})
    for symbol in tables["genes"]["symbol"]:
        assert names.to_symbol(symbol, "symbol") == symbol
    synonyms = {synonym for joined in tables["genes"]["synonyms"] for synonym in joined.split(";") if synonym}
    assert not synonyms & set(tables["genes"]["symbol"])


@pytest.mark.shared
def test_the_check_against_the_reference_holds(shared_data):
    command = [sys.executable, str(PROJECT / "benchmarks" / "check_atlas.py"), "--reference", str(shared_data)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert not re.search(r"^FAIL", run.stdout, re.MULTILINE)


@pytest.mark.shared
def test_the_check_fails_where_the_reference_knows_nothing(shared_data, tmp_path):
    """The check can fail: against a reference that lacks half of the pairs and one symbol it does."""
    for part in ("genes", "network"):
        (tmp_path / part).mkdir()
    genes = pd.read_parquet(shared_data / "genes" / "gene_text.parquet")
    genes[genes["symbol"] != "STAT1"].to_parquet(tmp_path / "genes" / "gene_text.parquet")
    network = pd.read_parquet(shared_data / "network" / "interactions_all.parquet")
    network.iloc[::2].to_parquet(tmp_path / "network" / "interactions_all.parquet")
    command = [sys.executable, str(PROJECT / "benchmarks" / "check_atlas.py"), "--reference", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert re.search(r"^FAIL +every symbol is approved.*STAT1", run.stdout, re.MULTILINE)
    assert re.search(r"^FAIL +at least 95% of the edges known", run.stdout, re.MULTILINE)
