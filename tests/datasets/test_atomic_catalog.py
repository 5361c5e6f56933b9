import errno
import json
import os
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from pathlore.datasets.catalogue import AtomicCatalog, place_of
from pathlore.datasets.checksums import FILE, SavedChecksums
from pathlore.errors import PathloreError
from pathlore.files import MARKER

TABLE = pd.DataFrame({"gene": ["A", "B"], "value": [1.5, 2.5]})


def entries(data):
    return {
        "table": {"type": "pandas.ParquetDataset", "filepath": f"{data}/04_feature/t/table.parquet"},
        "report": {"type": "text.TextDataset", "filepath": f"{data}/08_reporting/t/report.txt"},
        "figure": {"type": "pathlore.datasets.plots.FigureDataset", "filepath": f"{data}/08_reporting/t/figure.png"},
        "parts": {
            "type": "partitions.PartitionedDataset",
            "path": f"{data}/08_reporting/t/parts",
            "dataset": {"type": "pandas.CSVDataset", "save_args": {"index": False}},
            "filename_suffix": ".csv",
            "overwrite": True,
        },
    }


@pytest.fixture
def data(tmp_path):
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture
def reopened(data):
    """The catalogue of another run of the same project."""

    def make():
        catalog = AtomicCatalog.from_config(entries(data))
        catalog.checksums = SavedChecksums(data)
        catalog.makers = dict.fromkeys(entries(data), "ingestion")
        catalog.environment = "mine"
        return catalog

    return make


def shown(data):
    return sorted(path.relative_to(data).as_posix() for path in data.rglob("[!.]*") if path.is_file())


@pytest.fixture
def reads(monkeypatch):
    """Files that pandas has read."""
    found = []
    for name in ("read_parquet", "read_csv"):
        read = getattr(pd, name)
        monkeypatch.setattr(
            pd, name, lambda file, *args, read=read, **rest: found.append(1) or read(file, *args, **rest)
        )
    return found


def test_a_small_table_is_read_once_and_each_reader_has_a_copy(reopened, reads):
    catalog = reopened()
    catalog.save("table", TABLE)
    first = catalog.load("table")
    first.loc[0, "value"] = 9.0
    pd.testing.assert_frame_equal(catalog.load("table"), TABLE)
    assert len(reads) == 1
    catalog.save("table", TABLE.assign(value=[3.0, 4.0]))
    assert catalog.load("table")["value"].tolist() == [3.0, 4.0]
    catalog.release("table")
    catalog.load("table")
    assert len(reads) == 3


def test_a_table_that_was_replaced_on_disk_is_read_anew(reopened, data):
    catalog, file = reopened(), data / "04_feature" / "t" / "table.parquet"
    catalog.save("table", TABLE)
    catalog.load("table")
    TABLE.assign(value=[3.0, 4.0]).to_parquet(file)
    with pytest.raises(PathloreError, match="is not as it was saved"):
        catalog.load("table")


def test_a_large_table_is_read_each_time(reopened, reads, monkeypatch):
    monkeypatch.setattr("pathlore.datasets.catalogue.SMALL", 10)
    catalog = reopened()
    catalog.save("table", TABLE)
    catalog.load("table"), catalog.load("table")
    assert len(reads) == 2


def test_each_part_is_read_once(reopened, reads):
    catalog = reopened()
    catalog.save("parts", {"a": TABLE, "b": TABLE.assign(value=[3.0, 4.0])})
    for _ in range(2):
        parts = catalog.load("parts")
        assert [parts[name]()["value"].tolist() for name in "ab"] == [[1.5, 2.5], [3.0, 4.0]]
    assert len(reads) == 2
    catalog.save("parts", {"a": TABLE.assign(value=[5.0, 6.0])})
    assert catalog.load("parts")["a"]()["value"].tolist() == [5.0, 6.0]


def test_the_line_of_another_process_is_kept(data, reopened):
    catalog, other = reopened(), reopened()
    catalog.save("table", TABLE)
    other.save("report", "well")
    catalog.save("parts", {"a": TABLE})
    lines = json.loads((data / FILE).read_text())
    assert sorted(lines) == ["04_feature/t/table.parquet", "08_reporting/t/parts", "08_reporting/t/report.txt"]
    assert all(len(line["sha256"]) == 64 for line in lines.values())


def test_what_is_saved_is_what_is_loaded(reopened, data):
    catalog = reopened()
    catalog.save("table", TABLE)
    catalog.save("report", "well")
    catalog.save("figure", plt.figure())
    catalog.save("parts", {"a": TABLE, "b": TABLE[:1]})
    again = reopened()
    pd.testing.assert_frame_equal(again.load("table"), TABLE)
    assert again.load("report") == "well"
    assert again.load("figure").startswith("<?xml")
    assert {name: len(load()) for name, load in again.load("parts").items()} == {"a": 2, "b": 1}
    files = ["04_feature/t/table.parquet", "08_reporting/t/figure.png", "08_reporting/t/figure.svg"]
    assert shown(data) == [
        *files,
        "08_reporting/t/parts/a.csv",
        "08_reporting/t/parts/b.csv",
        "08_reporting/t/report.txt",
    ]
    catalog.save("parts", {"b": TABLE})
    assert list(reopened().load("parts")) == ["b"]


@pytest.mark.parametrize("name", ["table", "report", "figure", "parts"])
def test_a_save_that_fails_leaves_the_old_one(reopened, data, monkeypatch, name):
    content = {"table": TABLE, "report": "old", "figure": plt.figure(), "parts": {"a": TABLE, "b": TABLE}}
    reopened().save(name, content[name])
    before = {path: path.read_bytes() for path in data.rglob("[!.]*") if path.is_file()}
    catalog = reopened()
    dataset = catalog[name]

    def full(*_):
        Path(place_of(dataset)).with_name("half").write_text("half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(dataset, "save", full)
    with pytest.raises(OSError, match="No space"):
        catalog.save(name, content[name])
    assert {path: path.read_bytes() for path in data.rglob("[!.]*") if path.is_file()} == before
    assert not list(data.rglob(".*.partial"))
    reopened().load(name)


@pytest.mark.parametrize("name", ["table", "report", "figure", "parts"])
@pytest.mark.parametrize("how", ["changed", "cut", "deleted", "one more"])
def test_damage_is_noticed_and_the_message_says_what_to_do(reopened, data, name, how):
    content = {"table": TABLE, "report": "text", "figure": plt.figure(), "parts": {"a": TABLE, "b": TABLE}}
    reopened().save(name, content[name])
    place = place_of(reopened()[name])
    file = {"parts": place / "a.csv", "figure": place.with_suffix(".svg")}.get(name, place)
    whole = file.read_bytes()
    if how == "changed":
        file.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    elif how == "cut":
        file.write_bytes(whole[:-1])
    elif how == "deleted":
        file.unlink()
    elif name == "parts":
        (place / "c.csv").write_bytes(whole)
    else:
        file.write_bytes(whole + b" ")
    with pytest.raises(PathloreError, match=f"delete {place}|cannot be read") as caught:
        reopened().load(name)
    assert "`kedro run --env mine --pipeline ingestion`" in str(caught.value)
    assert f"`{name}`" in str(caught.value)


def test_a_table_that_was_never_recorded_is_explained_too(reopened, data):
    reopened().save("table", TABLE)
    (data / FILE).unlink()
    reopened().load("table")
    place = place_of(reopened()["table"])
    place.write_bytes(place.read_bytes()[:40])
    with pytest.raises(PathloreError, match=r"`table` in .* cannot be read .* delete"):
        reopened().load("table")


def test_a_partition_that_is_read_later_is_explained(reopened, data):
    reopened().save("parts", {"a": TABLE})
    later = reopened().load("parts")["a"]
    (place_of(reopened()["parts"]) / "a.csv").write_bytes(b"")
    with pytest.raises(PathloreError, match="EmptyDataError"):
        later()


def test_checksums_that_cannot_be_read_are_begun_anew(reopened, data, caplog):
    reopened().save("table", TABLE)
    (data / FILE).write_text("{")
    reopened().load("table")
    assert "read unchecked" in caplog.text
    reopened().save("report", "x")
    assert "report.txt" in (data / FILE).read_text()


def test_a_folder_where_a_file_belongs_is_not_touched(reopened, data):
    place = place_of(reopened()["report"])
    (place / "mine").mkdir(parents=True)
    with pytest.raises(PathloreError, match=f"a folder lies at {place}.*delete"):
        reopened().save("report", "text")
    assert (place / "mine").is_dir()


def test_a_file_of_a_user_among_partitions(reopened, data):
    """Notes are kept; what would be read as one more partition stops the run before anything is replaced."""
    reopened().save("parts", {"a": TABLE, "b": TABLE})
    place = place_of(reopened()["parts"])
    (place / "notes.txt").write_text("mine")
    reopened().save("parts", {"a": TABLE})
    assert sorted(path.name for path in place.iterdir()) == [MARKER, "a.csv", "notes.txt"]
    assert list(reopened().load("parts")) == ["a"]
    (place / "backup.csv").write_text("mine")
    with pytest.raises(PathloreError, match=r"holds backup\.csv, which pathlore did not write"):
        reopened().save("parts", {"a": TABLE[:1]})
    assert (place / "backup.csv").read_text() == "mine"
    assert len(pd.read_csv(place / "a.csv")) == len(TABLE)


def test_a_dataset_without_parts_was_made_and_is_no_missing_one(reopened, data):
    assert not reopened().exists("parts")
    reopened().save("parts", {})
    assert reopened().exists("parts")
    assert not (data / "08_reporting/t/parts").exists()
    reopened().save("parts", {"a": TABLE})
    assert reopened().exists("parts")
    (data / "08_reporting/t/parts/a.csv").unlink()
    (data / "08_reporting/t/parts").joinpath(".made_by_pathlore").unlink()
    (data / "08_reporting/t/parts").rmdir()
    assert not reopened().exists("parts")
