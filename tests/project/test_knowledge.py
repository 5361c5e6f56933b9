"""The built-in atlas holds together, and against the reference tables where those are at hand."""

import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest
from blocks import network_block
from check_atlas import Report, check_complexes, check_factors, check_receptors, check_references, read_atlas

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
    records = read_interactions({"interactions.csv": tables["interactions"]}, names, config)
    network = Network.validate(build_network(records, config))
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


@pytest.fixture(scope="module")
def atlas():
    return read_atlas()


def test_each_receptor_reaches_a_transcription_factor_or_says_why_not(atlas, capsys):
    report = Report()
    check_receptors(report, atlas["interactions"], atlas["receptor_notes"])
    check_factors(report, atlas["genes"], atlas["interactions"])
    check_complexes(report, atlas["genes"], atlas["interactions"], atlas["receptor_complexes"])
    check_references(report, atlas["interactions"])
    assert report.holds, capsys.readouterr().out


def without(table, **values):
    """The rows that do not have all of these values."""
    return table[~pd.concat([table[column] == value for column, value in values.items()], axis=1).all(axis=1)]


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (
            lambda e, n: (without(e, source="IL18R1", kind="signaling"), n),
            "FAIL  each receptor reaches a transcription factor or says why not.*<- IL18R1$",
        ),
        (
            lambda e, n: (e, without(n, receptor="LDLR")),
            "FAIL  each receptor reaches a transcription factor or says why not.*<- LDLR$",
        ),
        (
            lambda e, n: (e, pd.concat([n, n.assign(receptor="IL6R").iloc[:1]])),
            "FAIL  a note is needed.*<- IL6R$",
        ),
        (lambda e, n: (e, n.replace("uptake", "because")), "FAIL  a note gives a reason that is known.*<- because$"),
        (
            lambda e, n: (without(e, source="GCGR", target="GNAS"), n),
            "FAIL  a long route ends within 6 steps.*<- GCGR$",
        ),
    ],
)
def test_a_receptor_without_a_route_or_a_reason_is_found(atlas, capsys, spoil, line):
    report = Report()
    check_receptors(report, *spoil(atlas["interactions"], atlas["receptor_notes"]))
    assert not report.holds
    assert re.search(line, capsys.readouterr().out, re.MULTILINE)


def test_a_route_leads_over_no_other_receptor(atlas, capsys):
    """As on a path: IL6R has its own steps to the kinases; over gp130 alone it would reach nothing."""
    edges = atlas["interactions"]
    only_gp130 = edges[(edges["source"] != "IL6R") | (edges["target"] == "IL6ST")]
    assert len(only_gp130) < len(edges)
    report = Report()
    check_receptors(report, only_gp130, atlas["receptor_notes"])
    assert re.search("<- IL6R$", capsys.readouterr().out, re.MULTILINE)


def test_a_factor_without_a_target_is_found(atlas, capsys):
    report = Report()
    check_factors(report, atlas["genes"], without(atlas["interactions"], source="FOXH1", kind="tf_target"))
    assert re.search("FAIL  each transcription factor has a target.*<- FOXH1$", capsys.readouterr().out, re.MULTILINE)


@pytest.mark.parametrize(
    "reference", ["PMID:", "12345678", "PMID:0123", "PMID:123, PMID:456", "PMID:123456789", "doi:1"]
)
def test_a_reference_of_another_form_is_found(atlas, capsys, reference):
    edges = atlas["interactions"].copy()
    edges.loc[3, "references"] = reference
    report = Report()
    check_references(report, edges)
    assert re.search(f"<- {edges['source'][3]}>{edges['target'][3]}$", capsys.readouterr().out, re.MULTILINE)


def test_a_complex_takes_the_steps_of_each_of_its_chains(atlas):
    """Every chain of a complex that binds a ligand reaches a kinase, an adaptor or a factor without another chain."""
    edges = atlas["interactions"]
    receptors = set(edges.loc[edges["kind"] == Kind.LIGAND_RECEPTOR, "target"])
    signaling = edges[edges["kind"] == Kind.SIGNALING].groupby("source")["target"].agg(set)
    noted = set(atlas["receptor_notes"]["receptor"])
    chains = {c for joined in atlas["receptor_complexes"]["chains"] for c in joined.split(";")} & receptors - noted
    assert len(chains) > 90
    assert [c for c in sorted(chains) if not signaling.get(c, set()) - receptors] == []


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
