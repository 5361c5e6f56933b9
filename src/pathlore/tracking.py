"""MLflow, in a few functions: what a run records, and nothing about Kedro."""

import atexit
import hashlib
import json
import logging
import os
import platform
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from pathlore.config import TrackingConfig

logger = logging.getLogger(__name__)

PACKAGES = (
    "pathlore",
    "kedro",
    "torch",
    "torch-geometric",
    "transformers",
    "scanpy",
    "anndata",
    "scikit-learn",
    "numpy",
)
LOCK = ".mlflow.lock"
"""File by which runs that start together wait for each other while the first makes database and experiment."""

EXPERIMENT_KIND = "mlflow.experimentKind"
"""Tag by which MLflow's pages show an experiment as model training."""

LONGEST_VALUE = 6000
"""Characters that MLflow accepts as the value of a parameter."""


def start_run(config: TrackingConfig, params: Mapping[str, Any], tags: Mapping[str, str], name: str) -> str:
    """Open a run with parameters and tags, and see to it that it never stays open.

    Returns
    -------
    The run's id.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow
    from filelock import FileLock

    logging.getLogger("mlflow").setLevel(logging.WARNING)
    mlflow.set_tracking_uri(config.tracking_uri)
    with FileLock(LOCK):
        if mlflow.get_experiment_by_name(config.experiment) is None:
            mlflow.create_experiment(
                config.experiment, config.artifact_location, tags={EXPERIMENT_KIND: "custom_model_development"}
            )
    mlflow.set_experiment(config.experiment)
    if config.system_metrics:
        mlflow.set_system_metrics_sampling_interval(config.system_metrics_interval)
    run = mlflow.start_run(run_name=config.run_name or name, log_system_metrics=config.system_metrics)
    atexit.register(_close_if_open, run.info.run_id)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    mlflow.set_tags({**environment_tags(), **tags})
    mlflow.log_params({key: value[:LONGEST_VALUE] for key, value in flatten(params).items()})
    logger.info("MLflow run '%s' (%s) in %s", run.info.run_name, run.info.run_id, config.tracking_uri)
    return str(run.info.run_id)


def end_run(status: str, error: str | None = None) -> None:
    """Close the open run with FINISHED, FAILED or KILLED."""
    import mlflow

    if error is not None:
        mlflow.set_tag("error", error[:LONGEST_VALUE])
    mlflow.end_run(status)


def log_epoch(population: str, row: Mapping[str, float]) -> None:
    """Add one epoch to the curves of the open run, if there is one; names are ``<population>/<quantity>``."""
    mlflow = sys.modules.get("mlflow")
    if mlflow is None or mlflow.active_run() is None:
        return
    figures = {f"{population}/{name}": float(value) for name, value in row.items() if name != "epoch"}
    mlflow.log_metrics(figures, step=int(row["epoch"]))


def log_metrics_table(metrics: pd.DataFrame) -> None:
    """Add the final figures, named ``<population>/<split>/<level>/<method>/<metric>``."""
    import mlflow

    names = metrics[["population", "split", "level", "method", "metric"]].agg("/".join, axis=1)
    values = dict(zip(names.map(_metric_name), metrics["value"], strict=True))
    mlflow.log_metrics({name: float(value) for name, value in values.items() if pd.notna(value)})


def log_artifact(path: Path, folder: str) -> None:
    """Add a file, or what a folder holds."""
    import mlflow

    if path.is_dir():
        mlflow.log_artifacts(str(path), folder)
    else:
        mlflow.log_artifact(str(path), folder)


def flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Write a nested mapping as dotted names and strings; lists as JSON.

    Examples
    --------
    >>> flatten({"a": {"b": 1, "c": ["x"]}, "d": None})
    {'a.b': '1', 'a.c': '["x"]', 'd': 'null'}
    """
    result: dict[str, str] = {}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            result |= flatten(value, f"{name}.")
        else:
            result[name] = value if isinstance(value, str) else json.dumps(value)
    return result


def environment_tags() -> dict[str, str]:
    """State of the source, versions and device."""
    import torch

    commit = _git("rev-parse", "HEAD")
    changes = _git("status", "--porcelain", "--untracked-files=no")
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    return {
        "git.commit": commit or "not a git checkout",
        "git.state": "unknown" if commit is None else ("changed" if changes else "clean"),
        "device": gpu or f"CPU, {torch.get_num_threads()} threads",
        "version.python": platform.python_version(),
        **{f"version.{package}": version(package) for package in PACKAGES},
    }


def checksum(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _metric_name(name: str) -> str:
    """Keep what MLflow allows in the name of a metric.

    Examples
    --------
    >>> _metric_name("pooled/test/cell/pathlore/f1_CD14+ Monocyte")
    'pooled/test/cell/pathlore/f1_CD14_ Monocyte'
    """
    return "".join(c if c.isalnum() or c in "_-. /:" else "_" for c in name)


def _close_if_open(run_id: str) -> None:
    """At the end of the process: a run that is still open was interrupted."""
    import mlflow

    active = mlflow.active_run()
    if active is not None and active.info.run_id == run_id:
        mlflow.end_run("KILLED")
