"""Fixtures that any test may use: a small world with every kind of edge, and the real data where it exists."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from blocks import network_of, path_block

from pathlore.config import GraphConfig, PathConfig
from pathlore.graph.text_numeric_graph import TextNumericGraph, build_graph
from pathlore.keys import Kind


@pytest.fixture(scope="module", autouse=True)
def address_of_runs():
    """`mlflow.set_tracking_uri` also sets the variable, which the next file's projects would take for a user's wish."""
    before = os.environ.get("MLFLOW_TRACKING_URI")
    yield
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    if before is not None:
        os.environ["MLFLOW_TRACKING_URI"] = before


@pytest.fixture
def two_threads():
    """This process has two threads of torch, whatever the machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


SMALL_EDGES = {
    Kind.LIGAND_RECEPTOR: ["L1 R1 1 2", "L1 R2 0 1", "L2 R2 -1 3"],
    Kind.SIGNALING: [
        "R1 S1 1 4",
        "R1 S2 -1 1",
        "R1 T2 1 1",
        "R2 S2 1 9",
        "R2 S3 0 1",
        "S1 S3 1 2",
        "S3 S1 1 1",  # a cycle of two
        "S2 S3 -1 5",
        "S2 T1 1 2",
        "S3 T1 1 3",
        "S3 S4 1 1",
        "S4 T2 -1 2",
        "S1 T2 1 7",
        "S2 R1 1 1",  # back to a receptor
        "S4 S5 0 1",  # a dead end: S5 lies on no path
        "T2 X2 1 1",  # parallel to a tf_target edge
    ],
    Kind.TF_TARGET: [
        "T1 X1 1 2",
        "T1 X2 -1 1",
        "T2 X2 1 3",
        "T2 X3 0 1",
        "T1 S1 -1 1",  # a target that is also a signal
        "T1 R1 1 1",  # a target that is also a receptor
    ],
    Kind.LIGAND_TARGET: ["L1 X1 1 1", "L2 X3 -1 1", "L2 X1 0 1"],
}
"""Kind -> "source target sign n_evidence"; 14 genes."""

SMALL_PATHS = {
    "R1>S1>T2>X2": 1,
    "R1>S2>T1>X1": -1,
    "R2>S3>T1>X2": 0,
    "R2>S2>S3>T1>X1": -1,
    "R1>S1>S3>S4>T2>X3": 0,
    "R2>S2>T1>S1": -1,
    "R1>T2>X3": 0,
}
"""Path -> product of its steps' signs."""

GENE_WITHOUT_TEXT = "S4"
CONSTANT_GENE = "X3"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a CUDA device where there is none."""
    if torch.cuda.is_available():
        return
    for item in items:
        if "gpu" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="needs a CUDA device, and torch sees none"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the repository."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the real data are not here: {folder} does not exist")
    return folder


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLflow's database without a run, to be copied: making one takes seconds."""
    from mlflow import MlflowClient

    file = tmp_path_factory.mktemp("empty") / "mlflow.db"
    MlflowClient(f"sqlite:///{file}").search_experiments()
    return file


@pytest.fixture(scope="session")
def path_config() -> PathConfig:
    """Bounds that cut nothing off the small world."""
    return path_block(
        max_edges=8,
        step_cost=0.5,
        labels_per_gene=1000,
        receptors_per_target=1000,
        tfs_per_receptor=1000,
        max_paths=1000,
    )


@pytest.fixture(scope="session")
def _small_network() -> pd.DataFrame:
    rows = [(*edge.split(), kind) for kind, edges in SMALL_EDGES.items() for edge in edges]
    table = pd.DataFrame(rows, columns=["source", "target", "sign", "n_evidence", "kind"])
    return network_of(table.astype({"sign": int, "n_evidence": int}))


@pytest.fixture
def small_network(_small_network: pd.DataFrame) -> pd.DataFrame:
    """14 genes, 28 edges of all four kinds and all three signs."""
    return _small_network.copy()


@pytest.fixture(scope="session")
def _small_statistics(_small_network: pd.DataFrame) -> pd.DataFrame:
    genes = sorted(set(_small_network["source"]) | set(_small_network["target"]))
    rng = np.random.default_rng(14)
    table = pd.DataFrame({"gene": genes})
    table["mean"] = rng.uniform(0.2, 2.0, len(genes))
    table["sd"] = np.where(table["gene"] == CONSTANT_GENE, 0.0, rng.uniform(0.3, 1.5, len(genes)))
    table["fraction_expressed"] = rng.uniform(0.1, 1.0, len(genes))
    table["log_fold_change"] = rng.normal(size=len(genes))
    table["passes"] = True
    return table


@pytest.fixture
def small_statistics(_small_statistics: pd.DataFrame) -> pd.DataFrame:
    """Gene statistics of the small world; one gene does not vary."""
    return _small_statistics.copy()


@pytest.fixture(scope="session")
def _small_paths() -> pd.DataFrame:
    rows = [(path, *path.split(">")[:1], *path.split(">")[-2:], path.count(">") + 1) for path in SMALL_PATHS]
    table = pd.DataFrame(rows, columns=["path", "receptor", "tf", "target", "n_genes"])
    table["route"] = table["path"].str.replace(">", " > ")
    return table.assign(sign=list(SMALL_PATHS.values()), cost=np.arange(1.0, 1 + len(rows)), pathway="a pathway")


@pytest.fixture
def small_paths(_small_paths: pd.DataFrame) -> pd.DataFrame:
    """Seven typed paths of three to six genes on the small network, written by hand."""
    return _small_paths.copy()


def _sentences(keys: list[str]) -> pd.DataFrame:
    has_text = [key != GENE_WITHOUT_TEXT for key in keys]
    return pd.DataFrame({"key": keys, "text": [f"What is known about {key}." for key in keys], "has_text": has_text})


@pytest.fixture(scope="session")
def small_graph(
    _small_network: pd.DataFrame, _small_paths: pd.DataFrame, _small_statistics: pd.DataFrame
) -> TextNumericGraph:
    """The text-numeric graph of the small world: G 14, E 28, P 7, L 6."""
    return build_graph(
        _small_network,
        _small_paths,
        _small_statistics,
        _sentences(list(_small_statistics["gene"])),
        _sentences(list(_small_paths["path"])),
        lambda edges: [f"{row.source} acts on {row.target}." for row in edges.itertuples()],
        GraphConfig(genes="edges"),
    )


@pytest.fixture(scope="session")
def gene_vectors(small_graph: TextNumericGraph) -> np.ndarray:
    """(G, T = 5) vectors, zero where the text is missing."""
    vectors = np.random.default_rng(1).normal(0.3, 0.7, (len(small_graph.genes), 5))
    vectors[~small_graph.entities["has_text"].to_numpy()] = 0.0
    return vectors


@pytest.fixture(scope="session")
def path_vectors(small_graph: TextNumericGraph) -> np.ndarray:
    """(P, T = 5) vectors; the last path has no text."""
    vectors = np.random.default_rng(2).normal(-0.2, 1.3, (len(small_graph.paths), 5))
    vectors[-1] = 0.0
    return vectors
