"""Runs that start together on a machine where no run has been recorded yet."""

import os
import sqlite3
import subprocess
import sys

import mlflow

START = """
from pathlore import tracking
from pathlore.config import TrackingConfig

config = TrackingConfig(
    enabled=True, tracking_uri="sqlite:///mlflow.db", artifact_location=None, experiment="together", run_name=None,
    pipelines=[], system_metrics=False, system_metrics_interval=5,
)
tracking.start_run(config, {"a": {"b": 1}}, {}, name="one of three")
tracking.end_run("FINISHED")
"""


def test_first_runs_that_start_together_are_all_recorded(tmp_path):
    started = [
        subprocess.Popen([sys.executable, "-c", START], cwd=tmp_path, env=os.environ, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    errors = [process.communicate(timeout=600)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], errors
    with sqlite3.connect(tmp_path / "mlflow.db") as store:
        assert store.execute("select count(*) from runs where status = 'FINISHED'").fetchone() == (3,)
        assert store.execute("select count(*) from experiments where name = 'together'").fetchone() == (1,)


def test_one_process_records_each_project_in_its_own_database(tmp_path, monkeypatch):
    """A notebook that works in two folders: `sqlite:///mlflow.db` is another file in each, of runs and of models."""
    before = mlflow.get_tracking_uri()
    try:
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            monkeypatch.chdir(tmp_path / name)
            exec(START, {})
            mlflow.MlflowClient().create_registered_model(name)
    finally:
        mlflow.set_tracking_uri(before)
    for name in ("one", "two"):
        with sqlite3.connect(tmp_path / name / "mlflow.db") as store:
            assert store.execute("select count(*) from runs").fetchone() == (1,)
            assert store.execute("select name from registered_models").fetchall() == [(name,)]
