"""The download as a user runs it: by name, with addresses in conf/local, then ingestion of what was fetched."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from local_server import serving

import pathlore
from pathlore import schemas
from pathlore.config import ResourcesConfig
from pathlore.errors import PathloreError, user_error
from pathlore.pipelines.resources import nodes

NETWORK = Path(pathlore.__file__).parent / "knowledge" / "interactions.csv"
FOLDER = Path("data/01_raw/resources")


@pytest.fixture(scope="module")
def server():
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def _straight(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture(scope="module")
def network(project, server):
    """The built-in network and a table of genes, on a server, with their addresses in conf/local."""
    sources = {
        "our_network": {"url": server.give("/network.csv", NETWORK.read_bytes())},
        "our_genes": {"url": server.give("/genes?release=1", b"symbol,name\nEGFR,x\n"), "file": "genes.csv"},
    }
    text = yaml.safe_dump({"resources": {"sources": sources, "retries": 0}})
    (project / "conf" / "local" / "parameters.yml").write_text(text)
    return project / FOLDER / "our_network" / "network.csv"


@pytest.fixture(scope="module")
def fetched(project, network):
    """The command of the documentation, in a process of its own, without an environment or classes."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            *["kedro", "run", "--pipeline", "resources", "--params"],
            "resources.download=our_network+our_genes",
        ],
        cwd=project,
        env={**os.environ, "DO_NOT_TRACK": "1", "COLUMNS": "300", "NO_PROXY": "*"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return network


def test_the_command_fetches_and_reports(project, fetched):
    assert fetched.read_bytes() == NETWORK.read_bytes()
    assert (project / FOLDER / "our_genes" / "genes.csv").exists()
    report = schemas.DownloadReport.validate(pd.read_csv(project / "data/08_reporting/base/download_report.csv"))
    assert report["resource"].tolist() == ["our_network", "our_genes"]
    assert report["file"].tolist() == [str(FOLDER / "our_network/network.csv"), str(FOLDER / "our_genes/genes.csv")]
    assert report["fetched"].all()


def test_it_is_no_run_of_mlflow(project, fetched):
    assert not (project / "mlflow.db").exists()
    assert not (project / "mlruns").exists()


def test_what_was_fetched_is_ingested(project, fetched, kedro_run):
    """The classes are not named, and reading a network does not need them."""
    nodes_ = ["ingestion.unite_gene_names", "ingestion.read_network"]
    kedro_run(project, "local", {"network": str(fetched)}, pipeline_names=["ingestion"], node_names=nodes_)
    table = pd.read_parquet(project / "data/02_intermediate/base/signaling_network.parquet")
    assert len(table) > 100
    assert set(table["source"]) <= set(pd.read_csv(NETWORK)["source"])


def test_the_whole_ingestion_runs_on_it(project, fetched, kedro_run):
    kedro_run(project, "test", {"network": str(fetched)}, pipeline_names=["ingestion"])
    assert (project / "data/08_reporting/test/coverage.csv").exists()


def test_a_second_run_asks_nobody(project, fetched, server, kedro_run):
    asked = len(server.requests)
    names = {"resources": {"download": ["our_network", "our_genes"]}}
    kedro_run(project, "local", names, pipeline_names=["resources"])
    assert len(server.requests) == asked
    report = pd.read_csv(project / "data/08_reporting/base/download_report.csv")
    assert not report["fetched"].any()


def test_without_names_it_fetches_nothing(project, network, kedro_run):
    kedro_run(project, "test", pipeline_names=["resources"])
    report = pd.read_csv(project / "data/08_reporting/test/download_report.csv")
    assert len(report) == 0
    schemas.DownloadReport.validate(report)


def test_a_failure_is_one_line_for_the_user(project, network, kedro_run):
    with pytest.raises(Exception, match="no_such") as caught:
        kedro_run(project, "test", {"resources": {"download": "no_such"}}, pipeline_names=["resources"])
    ours = user_error(caught.value)
    assert isinstance(ours, PathloreError)
    assert "known are omnipath" in str(ours)
    assert "\n" not in str(ours)


def test_the_classes_are_asked_for_only_where_cells_are_read(project, network, kedro_run):
    with pytest.raises(PathloreError, match=r"ingestion\.cells\.classes"):
        kedro_run(project, "base", pipeline_names=["ingestion"])


def test_the_node_can_be_called(tmp_path):
    config = ResourcesConfig(download=[], folder=str(tmp_path), timeout=1, retries=0, sources={})
    assert nodes.download(config).empty


@pytest.mark.parametrize(
    ("given", "names"),
    [("a+b", ["a", "b"]), ("a", ["a"]), (" a + b +", ["a", "b"]), ("", []), (None, []), (["a", "b"], ["a", "b"])],
)
def test_names_on_the_command_line(given, names):
    config = ResourcesConfig(download=given, folder="x", timeout=1, retries=0, sources={})
    assert config.download == names
