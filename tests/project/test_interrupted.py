"""Runs of MLflow whose process was killed."""

import shutil
import subprocess
import sys

import pytest

from pathlore import tracking
from pathlore.config import TrackingConfig
from pathlore.tracking.nested import TASK
from pathlore.tracking.run import PROCESS, close_interrupted, process_tag


@pytest.fixture
def client(tmp_path, empty_database):
    from mlflow import MlflowClient

    shutil.copy(empty_database, tmp_path)
    return MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")


def status(client, run):
    return client.get_run(run.info.run_id).info.status


@pytest.fixture(scope="module")
def gone():
    """The tag of a process that is there no longer."""
    code = "from pathlore.tracking.run import process_tag; print(process_tag())"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_only_what_a_process_of_this_machine_left_is_closed(client, gone):
    experiment = client.create_experiment("killed")
    host, own, began = process_tag().rsplit(" ", 2)
    tags = {
        "killed": gone,
        "mine": process_tag(),
        "same id, another process": f"{host} {own} {int(began) - 5}",
        "another machine": f"another {own} 1",
        "unknown": None,
        "not a tag": "x",
    }
    runs = {
        name: client.create_run(experiment, tags={} if tag is None else {PROCESS: tag}) for name, tag in tags.items()
    }
    assert close_interrupted(client, experiment) == 2
    closed = {name for name, run in runs.items() if status(client, run) == "KILLED"}
    assert closed == {"killed", "same id, another process"}
    assert {status(client, run) for name, run in runs.items() if name not in closed} == {"RUNNING"}
    assert close_interrupted(client, experiment) == 0


def test_what_was_killed_while_it_was_recorded_is_recorded_anew(client, gone, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = TrackingConfig(
        enabled=True, tracking_uri=client.tracking_uri, artifact_location=None, experiment="nested", run_name=None,
        pipelines=[], system_metrics=False, system_metrics_interval=5,
    )  # fmt: skip
    run = tracking.open_run(config, {}, {}, "evaluation", key="evaluation")
    parent, experiment = run.run_id, run.experiment_id
    tracking.NestedRuns().add("one", "finished", {}, {"a": 1}, {"auroc": 0.5})
    tags = {TASK: "two", PROCESS: gone, "mlflow.parentRunId": parent}
    client.create_run(experiment, tags=tags, run_name="half")
    run.close("KILLED")

    run = tracking.open_run(config, {}, {}, "evaluation of another day", key="evaluation")
    assert run.run_id == parent
    nested = tracking.NestedRuns()
    for key in ("one", "two"):
        nested.add(key, "whole", {}, {"a": 2}, {"auroc": 0.7})
    run.close("FINISHED")
    found = client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{parent}'")
    assert {run.data.tags[TASK]: (run.info.run_name, run.info.status) for run in found} == {
        "one": ("finished", "FINISHED"),
        "two": ("whole", "FINISHED"),
    }
    assert len(found) == 2


def test_a_start_that_runs_nothing_closes_them_too(client, gone, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = TrackingConfig(
        enabled=True, tracking_uri=client.tracking_uri, artifact_location=None, experiment="killed", run_name=None,
        pipelines=[], system_metrics=False, system_metrics_interval=5,
    )  # fmt: skip
    experiment = client.create_experiment("killed")
    killed = client.create_run(experiment, tags={PROCESS: gone})
    tracking.close_killed(config)
    assert status(client, killed) == "KILLED"
    absent = config.model_copy(update={"tracking_uri": "sqlite:///absent.db"})
    tracking.close_killed(absent)
    assert not (tmp_path / "absent.db").exists()
    (tmp_path / "absent.db").write_text("no database")
    tracking.close_killed(absent)
