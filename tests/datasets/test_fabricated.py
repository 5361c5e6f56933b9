import pandas as pd
import pytest
from kedro.io import DatasetError
from kedro.io.core import AbstractDataset

from pathlore.datasets.fabricated import FabricatedCellsDataset
from pathlore.errors import PathloreError


@pytest.fixture
def network(tmp_path):
    kinds = ["ligand_receptor", "signaling", "signaling", "tf_target"]
    rows = [(f"{'LRSTX'[i]}{n}", f"{'LRSTX'[i + 1]}{n}", kinds[i], 1) for n in range(6) for i in range(4)]
    pd.DataFrame(rows, columns=["source", "target", "kind", "sign"]).to_csv(tmp_path / "net.csv", index=False)
    return str(tmp_path / "net.csv")


def test_the_same_cells_on_each_load(network):
    dataset = FabricatedCellsDataset(network=network, n_cells=40, seed=3)
    first, second = dataset.load(), dataset.load()
    assert first.n_obs == 40
    assert (first.X != second.X).nnz == 0
    assert list(first.uns["planted_paths"]) == list(second.uns["planted_paths"])
    other = FabricatedCellsDataset(network=network, n_cells=40, seed=4).load()
    assert (first.X != other.X).nnz > 0
    assert dataset.exists()


def test_some_pathways_alone(network, tmp_path):
    table = pd.read_csv(network)
    table["pathway"] = ["P;Q" if i % 6 else "Q" for i in range(len(table))]
    table.to_csv(tmp_path / "named.csv", index=False)
    named = FabricatedCellsDataset(network=str(tmp_path / "named.csv"), n_cells=40, seed=3, pathways=["Q"]).load()
    assert list(named.var_names) == list(FabricatedCellsDataset(network=network, n_cells=40, seed=3).load().var_names)
    with pytest.raises(DatasetError, match="disjoint paths"):
        FabricatedCellsDataset(network=str(tmp_path / "named.csv"), n_cells=40, seed=3, pathways=["none"]).load()


def test_nothing_is_written(network, tmp_path):
    dataset = FabricatedCellsDataset(network=network, n_cells=40, seed=3)
    with pytest.raises(DatasetError) as caught:
        dataset.save(dataset.load())
    assert isinstance(caught.value.__cause__, PathloreError)
    assert [path.name for path in tmp_path.iterdir()] == ["net.csv"]


def test_too_few_cells_and_paths(network, tmp_path):
    with pytest.raises(DatasetError, match="n_cells"):
        FabricatedCellsDataset(network=network, n_cells=3, seed=0).load()
    pd.read_csv(network).head(8).to_csv(tmp_path / "small.csv", index=False)
    with pytest.raises(DatasetError, match="n_planted"):
        FabricatedCellsDataset(network=str(tmp_path / "small.csv"), n_cells=40, seed=0).load()


def test_built_from_a_catalogue_entry(network):
    entry = {
        "type": "pathlore.datasets.fabricated.FabricatedCellsDataset",
        "network": network,
        "n_cells": 16,
        "seed": 0,
    }
    dataset = AbstractDataset.from_config("cells_raw", {**entry, "metadata": {"kedro-viz": {"layer": "raw"}}})
    assert dataset.load().n_obs == 16
    assert dataset.metadata["kedro-viz"]["layer"] == "raw"
    assert "net.csv" in str(dataset)
