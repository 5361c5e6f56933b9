import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.evaluation.results import METRIC_COLUMNS, Failure, Result
from pathlore.evaluation.store import Store
from pathlore.evaluation.tasks import Task
from pathlore.files import MARKER

TASK = Task(None, "T cells", 1, 2, "text_zero", "ablation", "text", (("text_embedding.control.genes", "zero"),))


@pytest.fixture
def result():
    metrics = pd.DataFrame(
        [("test", "cell", "auroc", 0.75, 10), ("test", "cell", "mcc", np.nan, 10)], columns=METRIC_COLUMNS
    )
    predictions = pd.DataFrame(
        {"cell": ["a", "b"], "donor": ["x", None], "label": [0, 1], "probability_of_b": [0.1, 1]}
    )
    planted = pd.array([True, None], dtype="boolean")
    rankings = pd.DataFrame({"path": ["A>B>C", "A>D>C"], "score": "prior", "value": [0.1, np.nan], "planted": planted})
    return Result(metrics, predictions, rankings, {"epochs": 3.0, "mean_importance": float("nan")}, "donor", 1.5)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "tasks")


def test_what_comes_back(store, result):
    with store.locked():
        assert store.load("k") is None
        store.save("k", TASK, result)
    found = store.load("k")
    for name in ("metrics", "predictions", "rankings"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(result, name), check_exact=True)
    assert (found.notes, found.split_by, found.seconds) == ({"epochs": 3.0}, "donor", 1.5)
    said = json.loads((store.folder / "k" / "record.json").read_text())["task"]
    assert said["variant"] == "text_zero"
    assert said["changes"] == {"text_embedding.control.genes": "zero"}


def test_tables_of_new_paths_come_back_where_there_are_some(store, result):
    row = pd.DataFrame({"path": ["A>B>C"], "rank": pd.array([None], dtype="Int64"), "kept": [False]})
    table = pd.DataFrame({"path": ["A>B>C", "A>D>C"], "score": [-0.5, np.nan], "kept": [True, False]})
    store.save("k", TASK, replace(result, withheld=row, discovered=table))
    found = store.load("k")
    pd.testing.assert_frame_equal(found.withheld, row, check_exact=True)
    pd.testing.assert_frame_equal(found.discovered, table, check_exact=True)
    (store.folder / "k" / "discovered.parquet").unlink()
    assert store.load("k") is None
    store.save("k", TASK, result)
    assert store.load("k").discovered.empty
    assert not (store.folder / "k" / "discovered.parquet").exists()


@pytest.mark.parametrize("name", ["record.json", "predictions.parquet", "rankings.parquet"])
def test_a_truncated_file_counts_as_not_there(store, result, name, caplog):
    store.save("k", TASK, result)
    file = store.folder / "k" / name
    file.write_bytes(file.read_bytes()[:-7])
    assert store.load("k") is None
    assert "is damaged and recomputed" in caplog.text
    store.save("k", TASK, result)
    assert store.load("k") is not None


def test_a_missing_file_counts_as_not_there(store, result):
    store.save("k", TASK, result)
    (store.folder / "k" / "rankings.parquet").unlink()
    assert store.load("k") is None


def test_what_a_kill_left_half_written_is_removed(store, result):
    partial = store.folder / ".k.0a1b2c3d.partial"
    partial.mkdir(parents=True)
    (partial / MARKER).write_text(json.dumps({"made_by": "pathlore", "place": "k"}))
    (partial / "record.json").write_text("{}")
    mine = [".abc.def.", ".k.0a1b", ".k.1a1b2c3d.partial"]
    for name in mine:
        (store.folder / name).mkdir()
        (store.folder / name / "thesis.docx").write_text("years of work")
    with store.locked():
        assert not partial.exists()
        assert store.load("k") is None
    assert all((store.folder / name / "thesis.docx").exists() for name in mine)


def test_a_failure_is_no_result_and_gives_way_to_one(store, result):
    store.fail("k", TASK, Failure("no path", "Traceback ..."))
    assert store.load("k") is None
    assert json.loads((store.folder / "k" / "failure.json").read_text())["message"] == "no path"
    store.save("k", TASK, result)
    assert store.load("k") is not None
    assert not (store.folder / "k" / "failure.json").exists()


def test_two_evaluations_do_not_meet(store):
    other = Store(store.folder)
    with store.locked(), pytest.raises(PathloreError, match="another evaluation writes into"), other.locked():
        pass


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(PathloreError, match=r"evaluation\.store"), Store(tmp_path / "file" / "tasks").locked():
        pass


@pytest.mark.parametrize("name", ["record.json", "predictions.parquet", "rankings.parquet", "checksums.json"])
def test_a_byte_that_changed_is_noticed(store, result, name, caplog):
    store.save("k", TASK, result)
    file = store.folder / "k" / name
    content = bytearray(file.read_bytes())
    place = content.index(b"0.75") if name == "record.json" else len(content) // 2
    content[place] ^= 1
    file.write_bytes(content)
    assert store.load("k") is None
    assert "recomputed" in caplog.text


def test_a_result_without_checksums_is_made_anew(store, result):
    store.save("k", TASK, result)
    (store.folder / "k" / "checksums.json").unlink()
    assert store.load("k") is None
