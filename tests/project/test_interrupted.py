"""Runs of MLflow whose process was killed."""

import subprocess
import sys

import pytest

from pathlore.interrupted import PROCESS, close_interrupted, process_tag


@pytest.fixture
def client(tmp_path):
    from mlflow import MlflowClient

    return MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")


def status(client, run):
    return client.get_run(run.info.run_id).info.status


def test_only_what_a_process_of_this_machine_left_is_closed(client):
    code = "from pathlore.interrupted import process_tag; print(process_tag())"
    gone = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
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
