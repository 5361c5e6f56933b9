"""What is recorded of a run in MLflow, and what becomes of the work where the record fails."""

import getpass
import json
import logging
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import mlflow
import pandas as pd
import pytest

from pathlore import tracking
from pathlore.config import TrackingConfig
from pathlore.keys import Method
from pathlore.tracking import contents
from pathlore.tracking.models import CHAMPION, JUDGED_BY, TEST_CELLS, choose_champion

START = """
from pathlore import tracking
from pathlore.config import TrackingConfig

config = TrackingConfig(
    enabled=True, tracking_uri="sqlite:///mlflow.db", artifact_location=None, experiment="together", run_name=None,
    pipelines=[], system_metrics=False, system_metrics_interval=5, wait=300,
)
tracking.open_run(config, {"a": {"b": 1}}, {}, name="one of two").close("FINISHED")
"""


def config_of(**changes):
    values = {
        **{"enabled": True, "tracking_uri": "sqlite:///mlflow.db", "artifact_location": None, "experiment": "e"},
        **{"run_name": None, "pipelines": [], "system_metrics": False, "system_metrics_interval": 5, "wait": 1},
    }
    return TrackingConfig(**values | changes)


@pytest.fixture
def client(tmp_path, monkeypatch, empty_database):
    monkeypatch.chdir(tmp_path)
    shutil.copy(empty_database, tmp_path)
    before = mlflow.get_tracking_uri()
    yield mlflow.MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    mlflow.set_tracking_uri(before)


def splits_table(names, donors=("d1", "d2")):
    rows = [
        {"cell": f"{split}{i}", "condition": ["control", "case"][i % 2], "label": i % 2, "donor": donors[i % 2]}
        | {"cell_type": None, "population": "pooled", "split": split}
        for split, n in names.items()
        for i in range(n)
    ]
    return pd.DataFrame(rows)


def metrics_table(*rows):
    columns = ["population", "level", "split", "method", "metric", "value", "n"]
    return pd.DataFrame(rows, columns=columns)


METRICS = metrics_table(
    ("pooled", "cell", "test", Method.MODEL, "auroc", 0.75, 40),
    ("pooled", "cell", "test", Method.MODEL, "auprc", 0.7, 40),
    ("pooled", "cell", "test", Method.MODEL, "f1_case", 0.6, 40),
    ("pooled", "cell", "validation", Method.MODEL, "auroc", 0.8, 20),
    ("pooled", "donor", "test", Method.MODEL, "auroc", 0.9, 4),
    ("pooled", "cell", "test", Method.LOGISTIC_REGRESSION, "auroc", 0.7, 40),
    ("pooled", "cell", "test", Method.LOGISTIC_REGRESSION, "auprc", float("nan"), 40),
)


@pytest.mark.slow
def test_first_runs_that_start_together_are_all_recorded(tmp_path):
    started = [
        subprocess.Popen([sys.executable, "-c", START], cwd=tmp_path, env=os.environ, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    errors = [process.communicate(timeout=600)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0], errors
    with sqlite3.connect(tmp_path / "mlflow.db") as store:
        assert store.execute("select count(*) from runs where status = 'FINISHED'").fetchone() == (2,)
        assert store.execute("select count(*) from experiments where name = 'together'").fetchone() == (1,)


def test_one_process_records_each_project_in_its_own_database(tmp_path, monkeypatch, empty_database):
    """A notebook that works in two folders: `sqlite:///mlflow.db` is another file in each, of runs and of models."""
    before = mlflow.get_tracking_uri()
    try:
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            shutil.copy(empty_database, tmp_path / name)
            monkeypatch.chdir(tmp_path / name)
            exec(START, {})
            mlflow.MlflowClient().create_registered_model(name)
    finally:
        mlflow.set_tracking_uri(before)
    for name in ("one", "two"):
        with sqlite3.connect(tmp_path / name / "mlflow.db") as store:
            assert store.execute("select count(*) from runs").fetchone() == (1,)
            assert store.execute("select name from registered_models").fetchall() == [(name,)]


# ------------------------------------------------------------------------------------------- what is said


def test_few_metrics_with_plain_names():
    assert contents.final_metrics(METRICS) == {
        "pooled": {
            "auroc": 0.75,
            "auprc": 0.7,
            "auroc_validation": 0.8,
            "auroc_over_donors": 0.9,
            "auroc_logistic_regression": 0.7,
        }
    }
    two = pd.concat([METRICS.assign(population="CD4 T"), METRICS.assign(population="B")])
    assert list(contents.final_metrics(two)) == ["cd4_t", "b"]
    assert contents.prefix_of("pooled") == ""
    assert contents.prefix_of("cd4_t") == "cd4_t/"


def test_the_learning_rate_can_be_seen():
    row = {"epoch": 3, "learning_rate": 1e-4, "train_loss": 0.5, "seconds": 9.0, "auroc_before": 0.5}
    assert contents.epoch_metrics("pooled", row) == {"epoch/train_loss": 0.5, "epoch/log10_learning_rate": -4.0}


def test_only_parameters_of_the_nodes_that_run(load):
    parameters = load("test")["parameters"]
    used = contents.used_parameters(
        parameters, ["cells", "params:modeling.model", "params:modeling.training"], evaluates=False
    )
    flat = contents.flatten(used)
    assert {name.split(".")[0] for name in flat} == {"modeling"}
    assert flat["modeling.model.width"] == "16"
    assert "modeling.training.checkpoints" not in flat, "a folder changes no result"
    whole = contents.used_parameters(parameters, ["parameters", "params:interpretation.refits"], evaluates=False)
    assert set(whole) == {"ingestion", "graph_construction", "text_embedding", "modeling", "interpretation"}
    encoder = set(whole["text_embedding"]["encoder"])
    assert {"kind", "dimension", "seed"} <= encoder, "of lsa, which the test uses"
    assert not {"model", "pooling", "cache"} & encoder
    evaluated = contents.used_parameters(parameters, ["parameters"], evaluates=True)["evaluation"]
    assert "quick" in evaluated
    assert not {"full", "variants", "store"} & set(evaluated)
    changed = contents.changed_parameters(whole)
    assert changed["modeling.model.width"] == "16"
    assert "modeling.model.layers" not in changed
    assert "ingestion.quality.max_mitochondrial_percent" not in changed, "20 is 20.0"


def test_the_gravest_finding_is_the_first_line():
    design = pd.DataFrame(
        {"level": ["problem", "warning"], "text": ["the classes *are* the batches", "few donors | in `case`"]}
    )
    signs = pd.DataFrame({"population": ["pooled"], "name": ["chance"], "found": ["0.4 to 0.6"], "look_at": [""]})
    tables = contents.Tables(
        design=design, metrics=METRICS, diagnostics=signs, splits={"pooled": splits_table({"train": 6})}
    )
    text = contents.description("kang", ["control", "case"], tables, {"a.b": "1"}, "one tissue")
    lines = text.splitlines()
    assert lines[0] == "**Problem:** the classes \\*are\\* the batches"
    assert lines[2] == "**case vs control** in the cohort `kang`. 6 cells of 2 donors."
    assert "| pooled, 4 donors | 0.900 |  |  |" in text
    assert [line for line in lines if line.startswith("- ")] == [
        "- warning: few donors \\| in case",
        "- one tissue",
        "- pooled, chance: 0.4 to 0.6",
    ]
    assert "`a.b`: `1`" in text
    assert contents.description("kang", ["control", "case"], contents.Tables(), {}).startswith("**case vs control**")


@pytest.mark.parametrize("highest", [0.9, 0.07])
def test_a_description_leads_with_paths_only_where_one_stands_out(highest):
    paths = pd.DataFrame(
        {"rank": [1, 2], "route": ["EGFR > JUN > FOS", "IFNAR2 > STAT1 > MX1"], "receptor": ["EGFR", "IFNAR2"],
         "importance": [highest, 0.01], "direction": "mixed", "donors_expressing": "", "comparison": "case vs control",
         "p": float("nan"), "q": float("nan")}
    )  # fmt: skip
    receptors = pd.DataFrame(
        {
            "comparison": ["case vs control"],
            "active_in": "case",
            "rank": 1,
            "receptor": "IFNAR2",
            "ligands": "IFNB1",
            "p_family": float("nan"),
        }
    )
    tables = contents.Tables(importance={"pooled": paths}, receptors={"pooled": receptors})
    text = contents.description("kang", ["control", "case"], tables, {})
    receptor = text.index("- in case: IFNAR2 (IFNB1)")
    if highest > 0.5:
        assert text.index("**The first 2 of 2 paths** (pooled)") < text.index("| EGFR &gt; JUN") < receptor
        assert "supported" not in text
    else:
        said = text.index("No single path is supported: no donor is known")
        assert receptor < said < text.index("**Best-supported paths of these receptors** (pooled)")
        assert text.index("| IFNAR2 &gt; STAT1 &gt; MX1 | 0.010 |") > said
        assert "EGFR" not in text


def test_the_table_of_paths_begins_with_what_is_asked_first():
    row = {
        "rank": 1,
        "route": "A > B",
        "path": "A>B",
        "q": 0.01,
        "importance": 0.5,
        "direction": "case",
        "receptor": "A",
    }
    table = contents.path_table(pd.DataFrame([row]))
    assert list(table)[:4] == ["path", "importance", "direction", "q"]
    assert table["path"][0] == "A > B"


def test_the_name_of_a_run():
    assert contents.run_name("kang", ["a", "b"], "", datetime(2026, 1, 2, 3, 4)) == "kang: b vs a, 2026-01-02 03:04"


def test_a_fingerprint_tells_other_cells_and_other_labels():
    table = splits_table({"train": 6, "test": 4})
    first, test = contents.split_inputs({"pooled": table}, "raw")
    assert (first.split, first.profile["num_rows"], first.profile["donors"]) == ("train", 6, 2)
    assert test.profile["case cells"] == 2
    shuffled = table.sample(frac=1, random_state=0)
    assert contents.split_inputs({"pooled": shuffled}, "raw")[1].digest == test.digest
    assert contents.split_inputs({"pooled": table}, "other")[1].digest != test.digest
    other = table.assign(condition=table["condition"].where(table["cell"] != "test0", "case"))
    assert contents.split_inputs({"pooled": other}, "raw")[1].digest != test.digest


# ------------------------------------------------------------------------------------- what is recorded


@pytest.mark.usefixtures("client")
def test_no_notebook_is_looked_for_where_there_is_none(monkeypatch):
    class Finder:
        def find_spec(self, name, path=None, target=None):
            if name == "IPython":
                pytest.fail("IPython is imported")

    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    tracking.open_run(config_of(), {}, {}, "one").close("FINISHED")


def test_metrics_are_tied_to_the_test_cells(client, tmp_path, monkeypatch):
    run = tracking.open_run(config_of(), {"modeling": {"model": {"width": 8}}}, {"kedro.env": "x"}, "kang")
    inputs = contents.split_inputs({"pooled": splits_table({"train": 6, "validation": 2, "test": 4})}, "")
    run.log_inputs("kang", "cells.h5ad", inputs)
    tracking.log_epoch("pooled", {"epoch": 1, "train_loss": 0.5, "learning_rate": 0.01})
    tracking.log_epoch("pooled", {"epoch": 2, "train_loss": 0.25, "learning_rate": 0.001})
    sent = []
    batch = run.client.log_batch
    monkeypatch.setattr(run.client, "log_batch", lambda *a, **k: sent.extend(k.get("metrics", ())) or batch(*a, **k))
    run.add_final(contents.final_metrics(METRICS))
    run.log_paths("pooled", pd.DataFrame({"route": ["A > B"], "importance": [0.5], "direction": ["case"], "q": [0.1]}))
    run.describe("**Problem:** x", "x")
    run.close("FINISHED")
    assert tracking.current() is None
    found = client.get_run(run.run_id)
    named = {(one.dataset.name, one.tags[0].value) for one in found.inputs.dataset_inputs}
    assert named == {
        (f"kang pooled {s}", c) for s, c in (("train", "training"), ("validation", "validation"), ("test", "test"))
    }
    assert found.data.params == {"modeling.model.width": "8"}
    assert next(iter(found.data.metrics)) == "auroc", "the pages show first what came first"
    assert found.data.tags["mlflow.note.content"] == "**Problem:** x"
    assert found.info.run_name == found.data.tags["mlflow.runName"] == "kang"
    assert found.data.tags["mlflow.user"] == getpass.getuser()
    assert "mlflow.source.name" in found.data.tags
    assert found.data.metrics["auroc"] == 0.75
    assert {(one.dataset_name, one.dataset_digest) for one in sent if one.key == "auroc"} == {
        ("kang pooled test", inputs[2].digest)
    }
    curve = client.get_metric_history(run.run_id, "epoch/log10_learning_rate")
    assert [(point.step, point.value) for point in curve] == [(1, -2.0), (2, -3.0)]
    file = Path(client.download_artifacts(run.run_id, "tables/path_importance_pooled.json", str(tmp_path)))
    assert json.loads(file.read_text())["columns"] == ["path", "importance", "direction", "q"]
    assert "width: 8" in Path(client.download_artifacts(run.run_id, "parameters.yml", str(tmp_path))).read_text()


def test_metrics_of_many_epochs_go_in_one_request(client, monkeypatch):
    run = tracking.open_run(config_of(), {}, {}, "one")
    calls = []
    batch = run.client.log_batch
    monkeypatch.setattr(run.client, "log_batch", lambda *a, **k: calls.append(len(k["metrics"])) or batch(*a, **k))
    for epoch in range(1, 101):
        tracking.log_epoch("pooled", {"epoch": epoch, "train_loss": 1 / epoch, "learning_rate": 0.1})
    run.close("FINISHED")
    assert calls == [200]
    assert len(client.get_metric_history(run.run_id, "epoch/train_loss")) == 100


def test_one_thing_that_cannot_be_recorded_does_not_lose_the_rest(client, caplog):
    run = tracking.open_run(config_of(), {}, {}, "one")
    run.log_file(Path("nowhere.csv"), "report")
    assert run.attempt("a thing", lambda: 1 / 0) is None
    run.add_final({"pooled": {"auroc": 0.5}})
    run.close("FINISHED")
    assert "a thing is not recorded (division by zero); the run goes on" in caplog.text
    assert client.get_run(run.run_id).data.metrics == {"auroc": 0.5}


def test_a_server_that_dies_is_said_once_and_what_waits_is_kept(client, caplog, tmp_path):
    """The store goes in mid-run, as a server does that is killed; the work goes on without a traceback."""
    run = tracking.open_run(config_of(), {}, {}, "one")
    database = tmp_path / "mlflow.db"
    moved = tmp_path / "away.db"
    database.rename(moved)
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    for engine in SqlAlchemyStore._engine_map.values():
        engine.dispose()
    run.add({"auroc": 0.5})
    run.flush()
    (tmp_path / "report.csv").write_text("a")
    run.log_file(tmp_path / "report.csv", "report")
    run.describe("x")
    assert caplog.text.count("does not answer any more") == 1
    assert "its results are in data/" in caplog.text
    database.unlink(missing_ok=True)
    moved.rename(database)
    for engine in SqlAlchemyStore._engine_map.values():
        engine.dispose()
    run.try_again()
    run.describe("y")
    run.close("FINISHED")
    found = client.get_run(run.run_id)
    assert (found.info.status, found.data.metrics) == ("FINISHED", {"auroc": 0.5})
    assert found.data.tags["mlflow.note.content"] == "y"
    assert "Traceback" not in caplog.text


def test_a_record_that_stays_away_ends_in_a_warning(client, caplog, tmp_path):
    run = tracking.open_run(config_of(), {}, {}, "one")
    run.lost = True
    run.add({"auroc": 0.5})
    with caplog.at_level(logging.WARNING):
        run.close("FINISHED")
    assert "the record of this run is not complete; its results in data/ are" in caplog.text
    assert tracking.current() is None
    assert mlflow.active_run() is None
    assert "MLFLOW_HTTP_REQUEST_TIMEOUT" not in os.environ


# --------------------------------------------------------------------------------------- the champion


def version_of(client, name, auroc, cells):
    made = client.create_model_version(name, source="models:/m-1", run_id=None)
    client.set_model_version_tag(name, made.version, JUDGED_BY, str(auroc))
    client.set_model_version_tag(name, made.version, TEST_CELLS, cells)
    return str(made.version)


def test_the_champion_has_the_highest_auroc_on_the_same_cells(client, caplog, monkeypatch):
    caplog.set_level(logging.INFO, "pathlore")
    run = tracking.open_run(config_of(register_as="m", champion=True), {}, {}, "one")
    client.create_registered_model("m")
    monkeypatch.setattr(type(client), "create_model_version", _plain_version)
    said = []
    for auroc, cells in ((0.7, "a"), (0.8, "a"), (0.75, "a"), (0.99, "b")):
        version = version_of(client, "m", auroc, cells)
        choose_champion(run, "m", version, auroc)
        said.append(str(client.get_model_version_by_alias("m", CHAMPION).version))
    run.close("FINISHED")
    assert said == ["1", "2", "2", "2"]
    assert re.search(r"version 2 stays the champion: version 4 was judged on other test cells", caplog.text)


def _plain_version(self, name, source, run_id):
    return self._get_registry_client().store.create_model_version(name, "file", None)
