"""Cells that stay on disk, and several processes: the same result in the same places."""

import os
import sqlite3
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from kedro.io import MemoryDataset
from kedro_datasets.pandas import CSVDataset
from kedro_datasets.partitions import PartitionedDataset

from pathlore.hooks import UnsavedDataset

MODELING = ["ingestion", "graph_construction", "text_embedding", "modeling"]


def results(project: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    data = project / "data"
    history = pd.read_parquet(data / "06_models/test/training_history/pooled.parquet").drop(columns="seconds")
    return history, pd.read_csv(data / "08_reporting/test/metrics.csv")


def test_streamed_cells_give_the_same(finished_copy, kedro_run):
    history, metrics = results(finished_copy)
    kedro_run(finished_copy, "test", {"stream_cells": True}, pipeline_names=MODELING)
    for first, second in zip((history, metrics), results(finished_copy), strict=True):
        pd.testing.assert_frame_equal(first, second, check_exact=True)
    assert not (finished_copy / "data/05_model_input/test/scratch").exists()


def runs(project: Path) -> list[tuple[str, str]]:
    """Of the project's own store; in one process MLflow stays with that of the first project."""
    with sqlite3.connect(project / "mlflow.db") as store, suppress(sqlite3.OperationalError):
        return store.execute("select run_uuid, status from runs").fetchall()
    return []


@pytest.mark.slow
def test_torchrun_gives_the_same_and_writes_once(finished_copy):
    history, _ = results(finished_copy)
    before = set(runs(finished_copy))
    for path in (finished_copy / "data/06_models/test").rglob("*.*"):
        path.unlink()
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "pathlore"]
    environment = os.environ | {"DO_NOT_TRACK": "1", "KEDRO_LOGGING_CONFIG": str(finished_copy / "conf/logging.yml")}
    done = subprocess.run(
        [*command, "--env", "test", "--pipelines", "modeling"],
        cwd=finished_copy, env=environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    assert "on 2 x cpu" in " ".join(output.split())
    for line in ("Completed node: modeling.fit_models", "best of 4 epochs"):
        assert output.count(line) == 1, "one process logs"
    shared, metrics = results(finished_copy)
    np.testing.assert_allclose(shared["train_loss"], history["train_loss"], rtol=0.05)  # dropout differs
    assert {"pathlore", "majority"} <= set(metrics["method"])
    ((_, status),) = set(runs(finished_copy)) - before
    assert status == "FINISHED"
    assert not (finished_copy / "data/06_models/test/checkpoints").exists()


# ---------------------------------------------------------------------------------- the other processes


def test_what_a_follower_saves_stays_in_memory(tmp_path):
    path = tmp_path / "table.csv"
    unsaved = UnsavedDataset(CSVDataset(filepath=str(path)))
    assert not unsaved.exists()
    unsaved.save(pd.DataFrame({"a": [1]}))
    assert not path.exists()
    assert unsaved.exists()
    assert unsaved.load()["a"].tolist() == [1]
    assert "table.csv" in str(unsaved)


def test_what_a_follower_did_not_save_is_read(tmp_path):
    assert UnsavedDataset(MemoryDataset(3)).load() == 3
    assert UnsavedDataset(MemoryDataset(3)).exists()


def test_partitions_are_loaded_one_by_one_as_from_files(tmp_path):
    unsaved = UnsavedDataset(PartitionedDataset(path=str(tmp_path), dataset="pathlore.datasets.csv.CSVDataset"))
    unsaved.save({"x": pd.DataFrame({"a": [1]}), "y": pd.DataFrame({"a": [2]})})
    assert {name: part()["a"][0] for name, part in unsaved.load().items()} == {"x": 1, "y": 2}
    assert not list(tmp_path.iterdir())
