"""Versioned datasets, and those that add to what is there: as in Kedro, but each save whole."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from kedro.io import DataCatalog
from kedro.io.core import DatasetError

from pathlore.datasets.catalogue import AtomicCatalog
from pathlore.datasets.checksums import SavedChecksums
from pathlore.errors import PathloreError

FIRST, SECOND = "2026-11-29T10.00.00.000Z", "2026-11-30T10.00.00.000Z"


def entries(data):
    return {
        "table": {"type": "pandas.CSVDataset", "filepath": f"{data}/table.csv", "save_args": {"index": False}},
        "facts": {"type": "json.JSONDataset", "filepath": f"{data}/t/facts.json"},
        "picture": {"type": "matplotlib.MatplotlibDataset", "filepath": f"{data}/picture.png"},
    }


@pytest.fixture
def data(tmp_path):
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture
def opened(data):
    """The catalogue of a run: ``opened(save_version, load_versions)``; kind: ours or Kedro's own."""

    def make(version=None, load=None, kind=AtomicCatalog):
        config = {name: {**entry, "versioned": True} for name, entry in entries(data).items()}
        catalog = kind.from_config(config, save_version=version, load_versions=load)
        if kind is AtomicCatalog:
            catalog.checksums = SavedChecksums(data)
            catalog.makers = dict.fromkeys(config, "ingestion")
        return catalog

    return make


def save(catalog, value):
    catalog.save("table", pd.DataFrame({"value": [value]}))
    catalog.save("facts", {"value": value})
    figure = plt.figure(figsize=(1, 1))
    catalog.save("picture", figure)
    plt.close(figure)


def read(catalog):
    return catalog.load("table")["value"].item(), catalog.load("facts")["value"]


@pytest.mark.parametrize("kind", [AtomicCatalog, DataCatalog])
def test_each_save_keeps_its_version_the_latest_is_read_an_earlier_one_on_request(opened, data, kind):
    save(opened(FIRST, kind=kind), 1)
    save(opened(SECOND, kind=kind), 2)
    found = {path.relative_to(data).as_posix() for path in data.rglob("[!.]*") if path.is_file()}
    names = ("table.csv", "t/facts.json", "picture.png")
    assert found == {f"{name}/{version}/{name.split('/')[-1]}" for name in names for version in (FIRST, SECOND)}
    assert read(opened()) == (2, 2)
    assert read(opened(load={"table": FIRST})) == (1, 2)
    assert opened().load("facts", version=FIRST) == {"value": 1}
    assert opened().exists("table")
    assert not opened(load={"table": "2020-01-01T00.00.00.000Z"}).exists("table")
    assert not list(data.rglob("*.partial"))


def test_versions_of_the_moment_are_kept_too(opened):
    save(opened(), 1)
    save(opened(), 2)
    assert len(opened()["table"].list_versions()) == 2
    assert read(opened()) == (2, 2)


def test_a_version_is_never_written_over(opened):
    save(opened(FIRST), 1)
    with pytest.raises(DatasetError, match="must not exist"):
        save(opened(FIRST), 2)
    assert read(opened()) == (1, 1)


def test_a_save_that_fails_leaves_the_versions_as_they_were(opened, data, monkeypatch):
    save(opened(FIRST), 1)
    with pytest.raises(DatasetError):
        opened(SECOND).save("facts", {"value": object()})
    assert read(opened()) == (1, 1)
    assert len(opened()["facts"].list_versions()) == 1
    assert not list(data.rglob("*.partial"))


def test_each_version_has_its_checksum(opened, data):
    save(opened(FIRST), 1)
    save(opened(SECOND), 2)
    (data / "table.csv" / FIRST / "table.csv").write_text("value\n9\n")
    assert read(opened()) == (2, 2)
    with pytest.raises(PathloreError, match=r"`table` in .* is not as it was saved"):
        read(opened(load={"table": FIRST}))


def test_a_file_from_before_it_was_versioned_is_kept_and_named(opened, data):
    (data / "table.csv").write_text("value\n7\n")
    with pytest.raises(PathloreError, match=r"a file lies at .*, a folder of versions belongs there: move it"):
        save(opened(FIRST), 1)
    assert (data / "table.csv").read_text() == "value\n7\n"


@pytest.mark.parametrize("kind", [AtomicCatalog, DataCatalog])
def test_what_adds_to_what_is_there_replaces_nothing(data, kind):
    config = {
        "parts": {"type": "partitions.PartitionedDataset", "path": f"{data}/parts", "dataset": "pandas.CSVDataset"},
        "text": {
            "type": "text.TextDataset",
            "filepath": f"{data}/text.txt",
            "fs_args": {"open_args_save": {"mode": "a"}},
        },
    }
    for value in ("1", "2"):
        catalog = kind.from_config(config)
        if kind is AtomicCatalog:
            catalog.checksums = SavedChecksums(data)
        catalog.save("parts", {value: pd.DataFrame({"value": [value]})})
        catalog.save("text", value)
    assert sorted(kind.from_config(config).load("parts")) == ["1", "2"]
    assert (data / "text.txt").read_text() == "12"
