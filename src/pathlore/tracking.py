"""MLflow, in a few functions: what a run records, and nothing about Kedro."""

import atexit
import hashlib
import json
import logging
import math
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from pathlore.config import TrackingConfig
from pathlore.errors import without_logins
from pathlore.files import MARKER
from pathlore.interrupted import PROCESS, close_interrupted, process_tag
from pathlore.keys import POOLED
from pathlore.run_store import absolute, open_experiment, shown

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
EXPERIMENT_KIND = "mlflow.experimentKind"
"""Tag by which MLflow's pages show an experiment as model training."""

DESCRIPTION = "mlflow.note.content"
"""Tag that MLflow's pages show first of a run."""

MOST_METRICS = 1000
"""Metrics that MLflow accepts at a time."""

LONGEST_VALUE = 6000
"""Characters that MLflow accepts as the value of a parameter."""


SAME = "pathlore.same"
"""Tag of a run that a later start goes on with: a fingerprint of its parameters and data."""

TASK = "pathlore.task"
"""Tag of a nested run: the fingerprint of its task."""


def start_run(
    config: TrackingConfig, params: Mapping[str, Any], tags: Mapping[str, str], name: str, *, resume: bool = False
) -> str:
    """Open a run with parameters and tags, and see to it that it never stays open.

    With ``resume``, the run of an earlier start of the same name, parameters and files (tags ``sha256.``) is opened
    again, if there is one.

    Returns
    -------
    The run's id.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow

    logging.getLogger("mlflow").setLevel(logging.WARNING)
    for talker in ("mlflow.store.db.utils", "sqlalchemy.pool"):  # they show a traceback of what is raised anyway
        logging.getLogger(talker).setLevel(logging.CRITICAL)
    experiment_id = open_experiment(config)
    close_interrupted(mlflow.MlflowClient(), experiment_id)
    if config.system_metrics:
        mlflow.set_system_metrics_sampling_interval(config.system_metrics_interval)
    if resume:
        tags = {**tags, SAME: _fingerprint(params, tags, name)}
    known = _find(tags[SAME]) if resume else None
    run = mlflow.start_run(
        known,
        run_name=config.run_name or name,
        tags={PROCESS: process_tag()},
        log_system_metrics=config.system_metrics,
    )
    atexit.register(_close_if_open, run.info.run_id)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    mlflow.set_tags({**environment_tags(), **tags})
    mlflow.log_params({key: without_logins(value)[:LONGEST_VALUE] for key, value in flatten(params).items()})
    again = " goes on" if known else ""
    logger.info("MLflow run '%s' (%s)%s in %s", run.info.run_name, run.info.run_id, again, shown(config.tracking_uri))
    return str(run.info.run_id)


def close_killed(config: TrackingConfig) -> None:
    """Close the runs that killed processes have left open; for a start that runs nothing and opens no run.

    A record of runs that is not there is not made, one that cannot be read is left to the next run that needs it.
    """
    address = absolute(config.tracking_uri)
    file = address.partition("sqlite:///")[2]
    if file and not Path(file).is_file():
        return
    import mlflow

    try:
        client = mlflow.MlflowClient(address)
        experiment = client.get_experiment_by_name(config.experiment)
        if experiment is not None:
            close_interrupted(client, experiment.experiment_id)
    except Exception as error:  # a damaged database raises what the library below MLflow raises
        logger.warning("Runs of killed processes stay open: %s", str(error).partition("\n")[0])


def end_run(status: str, error: str | None = None) -> None:
    """Close the open run with FINISHED, FAILED or KILLED."""
    import mlflow

    if error is not None:
        mlflow.set_tag("error", without_logins(error)[:LONGEST_VALUE])
    mlflow.end_run(status)


def describe_run(findings: pd.DataFrame) -> None:
    """Write what makes the result doubtful into the run's description, the gravest first; nothing where there is none.

    Parameters
    ----------
    findings
        `pathlore.schemas.DesignFindings`.
    """
    import mlflow

    if len(findings):
        lines = [f"{level.upper()}: {text}" for level, text in findings[["level", "text"]].itertuples(index=False)]
        mlflow.set_tags({DESCRIPTION: "\n\n".join(lines)[:LONGEST_VALUE], "design": lines[0][:LONGEST_VALUE]})


def log_epoch(population: str, row: Mapping[str, float]) -> None:
    """Add one epoch to the curves of the open run, if there is one; names are ``<population>/<quantity>``."""
    mlflow = sys.modules.get("mlflow")
    if mlflow is None or mlflow.active_run() is None:
        return
    metrics = {f"{population}/{name}": float(value) for name, value in row.items() if name != "epoch"}
    mlflow.log_metrics(metrics, step=int(row["epoch"]))


class NestedRuns:
    """One finished run inside the open run for each task of it; none where no run is open.

    A task that has a run of an earlier start keeps it; one that failed then has another one. A run whose process was
    killed while it was being recorded says half of what there is to say, and is taken away.
    """

    def __init__(self) -> None:
        mlflow = sys.modules.get("mlflow")
        self._parent = mlflow.active_run() if mlflow is not None else None
        self._done: set[str] = set()
        if self._parent is None:
            return
        from mlflow import MlflowClient

        self._client, token = MlflowClient(), None
        half: list[str] = []
        mine = f"tags.`mlflow.parentRunId` = '{self._parent.info.run_id}'"
        while True:
            page = self._client.search_runs([self._parent.info.experiment_id], mine, max_results=1000, page_token=token)
            self._done |= {run.data.tags.get(TASK, "") for run in page if run.info.status == "FINISHED"}
            half += [r.info.run_id for r in page if r.info.status == "KILLED" and "error" not in r.data.tags]
            token = page.token
            if not token:
                break
        for run_id in half:
            self._client.delete_run(run_id)

    def add(
        self,
        key: str,
        name: str,
        tags: Mapping[str, str],
        params: Mapping[str, Any],
        metrics: Mapping[str, float],
        error: str | None = None,
    ) -> None:
        """Record one task, unless it is there.

        Parameters
        ----------
        key
            Its fingerprint.
        name, tags, params, metrics
            What is shown of it; metrics that are not finite are left out.
        error
            Why it failed; None: it did not.
        """
        if self._parent is None or key in self._done:
            return
        from mlflow.entities import Metric, Param, RunTag

        own = {**tags, TASK: key, PROCESS: process_tag(), "mlflow.parentRunId": self._parent.info.run_id}
        own["mlflow.runName"] = name
        own |= {} if error is None else {"error": error[:LONGEST_VALUE]}
        run = self._client.create_run(self._parent.info.experiment_id, tags=own, run_name=name)
        now = int(1000 * time.time())
        self._client.log_batch(
            run.info.run_id,
            [Metric(_metric_name(n), float(v), now, 0) for n, v in metrics.items() if math.isfinite(v)],
            [Param(n, without_logins(value)[:LONGEST_VALUE]) for n, value in flatten(params).items()],
            [RunTag("mlflow.source.name", self._parent.data.tags.get("mlflow.source.name", ""))],
        )
        self._client.set_terminated(run.info.run_id, "FINISHED" if error is None else "FAILED")
        if error is None:
            self._done.add(key)


def log_metrics_table(metrics: pd.DataFrame) -> None:
    """Add the final metrics, named ``<population>/<split>/<level>/<method>/<metric>``."""
    import mlflow

    names = metrics[["population", "split", "level", "method", "metric"]].agg("/".join, axis=1)
    values = dict(zip(names.map(_metric_name), metrics["value"], strict=True))
    mlflow.log_metrics({name: float(value) for name, value in values.items() if pd.notna(value)})


def log_evaluation(summary: pd.DataFrame) -> None:
    """Add each method's mean AUROC over the repeats, named ``<population>/test/<level>/<method>/auroc``.

    Parameters
    ----------
    summary
        `pathlore.schemas.EvaluationSummary`; simulated scenarios stand in their nested runs alone.
    """
    own = summary[summary["scenario"].isna() & (summary["metric"] == "auroc")]
    table = own.rename(columns={"variant": "method", "mean": "value"}).assign(split="test")
    for start in range(0, len(table), MOST_METRICS):
        log_metrics_table(table.iloc[start : start + MOST_METRICS])


def log_artifact(path: Path, folder: str) -> None:
    """Add a file, or what a folder holds but for the marker of who made it."""
    import mlflow

    if not path.is_dir():
        mlflow.log_artifact(str(path), folder)
        return
    for file in sorted(path.rglob("*")):
        if file.is_file() and file.name != MARKER:
            within = file.parent.relative_to(path).as_posix()
            mlflow.log_artifact(str(file), folder if within == "." else f"{folder}/{within}")


def log_bundles(folder: Path, name: str, register_as: str | None) -> None:
    """Record the bundles in a folder, one per population, as models of the open run; see `pathlore.serving`.

    Parameters
    ----------
    folder
        ``<population>/bundle.json`` and the rest of each bundle.
    name
        The models are called ``<name>_<population>``.
    register_as
        Name in the registry; populations other than the pooled one add theirs. None: they are not registered.
    """
    from pathlore.serving.log import log_bundle

    for index in sorted(folder.glob("[!.]*/bundle.json")):
        population = index.parent.name
        own = register_as if population == POOLED or register_as is None else f"{register_as}_{population}"
        address = log_bundle(index.parent, f"{name}_{population}", own)
        logger.info("MLflow model %s%s", address, f", registered as {own}" if own else "")


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


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _fingerprint(params: Mapping[str, Any], tags: Mapping[str, str], name: str) -> str:
    files = {key: value for key, value in tags.items() if key.startswith("sha256.")}
    return hashlib.sha256(json.dumps([name, flatten(params), files], sort_keys=True).encode()).hexdigest()


def _find(fingerprint: str) -> str | None:
    """Id of the run with this fingerprint in the current experiment, the newest of several."""
    import mlflow

    found = mlflow.search_runs(filter_string=f"tags.`{SAME}` = '{fingerprint}'", max_results=1, output_format="list")
    return str(found[0].info.run_id) if found else None


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
