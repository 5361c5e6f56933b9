import json

import pandas as pd
import pytest
from kedro.io import DataCatalog, DatasetError

from pathlore.datasets.graph import TABLES, TextNumericGraphDataset
from pathlore.errors import PathloreError


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "graphs" / "pooled"


@pytest.fixture
def dataset(folder):
    return TextNumericGraphDataset(filepath=str(folder / "graph.json"))


def assert_same(one, other):
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


def test_round_trip_and_replacement(dataset, folder, small_graph):
    assert not dataset.exists()
    dataset.save(small_graph)
    dataset.save(small_graph)
    assert dataset.exists()
    assert_same(dataset.load(), small_graph)
    assert sorted(path.name for path in folder.glob("[!.]*")) == [
        "associations.parquet", "entities.parquet", "graph.json", "paths.parquet",
    ]  # fmt: skip
    assert json.loads((folder / "graph.json").read_text()) == {"entities": 14, "associations": 28, "paths": 7}
    assert str(folder / "graph.json") in str(dataset)


@pytest.mark.parametrize("fails_at", range(len(TABLES)))
def test_failed_saving_leaves_the_old_one(dataset, folder, small_graph, monkeypatch, fails_at):
    dataset.save(small_graph)
    write, written = pd.DataFrame.to_parquet, []

    def fail(table, path, **options):
        written.append(path)
        if len(written) > fails_at:
            raise OSError("disk full")
        return write(table, path, **options)

    monkeypatch.setattr(pd.DataFrame, "to_parquet", fail)
    with pytest.raises(DatasetError, match="disk full"):
        dataset.save(small_graph)
    assert_same(dataset.load(), small_graph)
    assert [path.name for path in folder.parent.iterdir()] == ["pooled"]


def remove_table(folder):
    (folder / "paths.parquet").unlink()


def cut_table(folder):
    content = (folder / "entities.parquet").read_bytes()
    (folder / "entities.parquet").write_bytes(content[: len(content) // 2])


def lose_rows(folder):
    pd.read_parquet(folder / "associations.parquet")[:-1].to_parquet(folder / "associations.parquet", index=False)


def break_index(folder):
    (folder / "graph.json").write_text('{"entities": 14,')


def lose_a_column(folder):
    pd.read_parquet(folder / "paths.parquet").drop(columns="path").to_parquet(folder / "paths.parquet", index=False)


def absent(folder):
    for path in folder.iterdir():
        path.unlink()


@pytest.mark.parametrize("damage", [remove_table, cut_table, lose_rows, break_index, lose_a_column, absent])
def test_damage_is_found(dataset, folder, small_graph, damage):
    dataset.save(small_graph)
    damage(folder)
    with pytest.raises(DatasetError) as caught:
        dataset.load()
    message = str(caught.value.__cause__)
    assert isinstance(caught.value.__cause__, PathloreError)
    assert "\n" not in message
    assert str(folder) in message
    assert "`graph_construction`" in message


def test_one_graph_per_population(tmp_path, small_graph):
    entry = {
        "type": "partitions.PartitionedDataset",
        "path": str(tmp_path / "graphs"),
        "dataset": {"type": "pathlore.datasets.graph.TextNumericGraphDataset"},
        "filename_suffix": "/graph.json",
        "overwrite": True,
    }
    catalog = DataCatalog.from_config({"graphs": entry})
    assert not catalog.exists("graphs")
    catalog.save("graphs", {"b_cells": small_graph, "t_cells": small_graph})
    assert catalog.exists("graphs")
    catalog.save("graphs", {"t_cells": small_graph})
    (name, load), = catalog.load("graphs").items()  # fmt: skip
    assert name == "t_cells"
    assert_same(load(), small_graph)
