"""The run of MLflow that this process has open: it is recorded in few requests, and never stops the work."""

import atexit
import hashlib
import json
import logging
import os
import platform
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import yaml

from pathlore.config import TrackingConfig
from pathlore.errors import without_logins
from pathlore.files import MARKER
from pathlore.keys import Split
from pathlore.tracking.contents import (
    LONGEST_VALUE,
    SplitInput,
    epoch_metrics,
    flatten,
    metric_name,
    path_table,
    prefix_of,
)
from pathlore.tracking.store import absolute, answers, limited, open_experiment, reason, shown

logger = logging.getLogger(__name__)

PROCESS = "pathlore.process"
"""Tag of a run: host, process id and the second in which the process began."""


def process_tag() -> str:
    """What tells this process from every other, a later one with the same id included."""
    import psutil

    process = psutil.Process()
    return f"{platform.node()} {process.pid} {process.create_time():.0f}"


def close_interrupted(client: Any, experiment_id: str) -> int:
    """Close as KILLED what processes of this machine have left open that are there no longer.

    Parameters
    ----------
    client
        `mlflow.MlflowClient`.
    experiment_id
        Its runs are looked through; one of another machine, or without the tag `PROCESS`, is left alone.

    Returns
    -------
    Runs closed.
    """
    closed, token = 0, None
    here = platform.node()
    while True:
        page = client.search_runs([experiment_id], "attributes.status = 'RUNNING'", max_results=1000, page_token=token)
        for run in page:
            host, _, process = run.data.tags.get(PROCESS, "").rpartition(" ")[0].rpartition(" ")
            began = run.data.tags.get(PROCESS, "").rpartition(" ")[2]
            if host == here and process.isdigit() and not _lives(int(process), began):
                client.set_terminated(run.info.run_id, "KILLED")
                closed += 1
        token = page.token
        if not token:
            break
    if closed:
        logger.info("MLflow: %d runs of processes that were killed are closed as KILLED", closed)
    return closed


def _lives(process: int, began: str) -> bool:
    import psutil

    try:
        return f"{psutil.Process(process).create_time():.0f}" == began
    except psutil.Error:
        return False


PACKAGES = (
    "pathlore",
    "kedro",
    "torch",
    "torch-geometric",
    "transformers",
    "scanpy",
    "anndata",
    "numpy",
)

DESCRIPTION = "mlflow.note.content"
"""Tag that MLflow's pages show first of a run."""

MOST_METRICS = 1000
"""Metrics that MLflow accepts at a time."""

MOST_PARAMETERS = 100
"""Parameters, and tags, that MLflow accepts at a time."""

FLUSH = 60.0
"""Seconds after which metrics that wait are sent: MLflow's pages show first what came first, and that shall be the
final metrics of a short run."""

CONTEXTS = {Split.TRAIN: "training", Split.VALIDATION: "validation", Split.TEST: "test"}
"""What MLflow calls the sets of cells."""

SAME = "pathlore.same"
"""Tag of a run that a later start goes on with: a fingerprint of its parameters and data."""

QUIET = ("mlflow.store.db.utils", "mlflow.system_metrics", "mlflow.utils.rest_utils", "sqlalchemy.pool", "urllib3")
"""Loggers that repeat at length what is raised, and said in one line, anyway."""

T = TypeVar("T")


class OpenRun:
    """A run that is open, and what waits to be sent to it.

    Where the server or the disk of the record fails, a warning says so once, the work goes on, and what is to be
    recorded waits; at the end of the run the server is tried once more.
    """

    def __init__(self, config: TrackingConfig, run_id: str, experiment_id: str) -> None:
        from mlflow import MlflowClient

        self.config, self.run_id, self.experiment_id = config, run_id, experiment_id
        self.address = absolute(config.tracking_uri)
        self.client = MlflowClient(self.address)
        self.lost = False
        self.inputs: dict[str, SplitInput] = {}
        self.models: dict[str, str] = {}
        self._waiting: list[Any] = []
        self._final: dict[str, dict[str, float]] = {}
        self._sent = time.monotonic()

    def attempt(self, what: str, action: Callable[..., T], *args: Any, **options: Any) -> T | None:
        """Record something; None where it failed, which is said in one line."""
        if self.lost:
            return None
        try:
            return action(*args, **options)
        except Exception as error:  # the libraries below MLflow raise what they like
            said = reason(error, self.address)
            self.lost = not answers(self.client, self.run_id)
            if self.lost:
                logger.warning(
                    "MLflow: %s does not answer any more (%s): the run goes on, its results are in data/; what is "
                    "recorded waits until the end of the run",
                    shown(self.address),
                    said,
                )
            else:
                logger.warning("MLflow: %s is not recorded (%s); the run goes on", what, said)
            return None

    def log_epoch(self, population: str, row: Mapping[str, float]) -> None:
        """Add one epoch to the curves."""
        self.add(epoch_metrics(population, row), int(row["epoch"]))

    def add(
        self,
        values: Mapping[str, float],
        step: int = 0,
        of: Mapping[str, str | None] | None = None,
        *,
        first: bool = False,
    ) -> None:
        """Let metrics wait until some time has passed, or until the end."""
        from mlflow.entities import Metric

        now = int(1000 * time.time())
        made = [Metric(name, value, now, step, **(of or {})) for name, value in values.items()]
        self._waiting = [*made, *self._waiting] if first else [*self._waiting, *made]
        if time.monotonic() - self._sent > FLUSH:
            self.flush()

    def add_final(self, values: Mapping[str, Mapping[str, float]]) -> None:
        """Keep the metrics of each population until its model is known, which they are tied to."""
        for population, metrics in values.items():
            self._final.setdefault(population, {}).update(metrics)

    def flush(self) -> None:
        """Send the metrics that wait, in one request for each thousand."""
        self._sent = time.monotonic()
        while self._waiting and not self.lost:
            self.attempt("metrics", self.client.log_batch, self.run_id, metrics=self._waiting[:MOST_METRICS])
            if not self.lost:
                del self._waiting[:MOST_METRICS]

    def log_inputs(self, cohort: str, source: str, inputs: Sequence[SplitInput]) -> None:
        """Name the sets of cells of each population; metrics of test cells are tied to theirs."""
        from mlflow.entities import Dataset, DatasetInput, InputTag

        def entry(one: SplitInput) -> DatasetInput:
            place = json.dumps({"uri": without_logins(source)})
            profile = json.dumps(one.profile)
            dataset = Dataset(self._dataset(cohort, one), one.digest, "local", place, profile=profile)
            return DatasetInput(dataset, [InputTag("mlflow.data.context", CONTEXTS[one.split])])

        self.inputs = {one.population: one for one in inputs if one.split == Split.TEST}
        self._cohort = cohort
        self.attempt("the cells", self.client.log_inputs, self.run_id, [entry(one) for one in inputs])

    @staticmethod
    def _dataset(cohort: str, one: SplitInput) -> str:
        return f"{cohort} {one.population} {one.split}"[:500]

    def log_file(self, path: Path, folder: str) -> None:
        """Add a file, or what a folder holds but for the marker of who made it."""
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and file.name != MARKER:
                within = file.parent.relative_to(path).as_posix() if path.is_dir() else "."
                target = folder if within == "." else f"{folder}/{within}"
                self.attempt(file.name, self.client.log_artifact, self.run_id, str(file), target)

    def log_paths(self, population: str, table: pd.DataFrame) -> None:
        """Add the table of paths in the form that MLflow's pages show as a table."""
        name = f"tables/path_importance_{metric_name(population)}.json".replace(" ", "_")
        self.attempt(name, self.client.log_table, self.run_id, path_table(table), name)

    def describe(self, text: str, gravest: str = "") -> None:
        """Write the description in Markdown, and the gravest finding as a column of the table of runs."""
        from mlflow.entities import RunTag

        tags = [RunTag(DESCRIPTION, text)] + ([RunTag("design", gravest[:LONGEST_VALUE])] if gravest else [])
        self.attempt("the description", self.client.log_batch, self.run_id, tags=tags)

    def tag(self, name: str, value: str) -> None:
        """Add a tag."""
        self.attempt(f"the tag {name}", self.client.set_tag, self.run_id, name, value[:LONGEST_VALUE])

    def close(self, status: str, error: str | None = None) -> None:
        """Send what waits and close the run with FINISHED, FAILED or KILLED."""
        global _current
        for population, values in self._final.items():
            test = self.inputs.get(population)
            of: dict[str, str | None] = {"model_id": self.models.get(population)}
            if test is not None:
                of |= {"dataset_name": self._dataset(self._cohort, test), "dataset_digest": test.digest}
            self.add({f"{prefix_of(population)}{name}": value for name, value in values.items()}, of=of, first=True)
        self._final = {}
        self.flush()
        if error is not None:
            self.attempt("the error", self.client.set_tag, self.run_id, "error", without_logins(error)[:LONGEST_VALUE])
        _end(status)
        if self.lost:
            logger.warning("MLflow: the record of this run is not complete; its results in data/ are")
        _current = None
        _lift_limits()

    def try_again(self) -> None:
        """At the end of a run: see whether a lost server is back."""
        if self.lost and answers(self.client, self.run_id, self.config.wait):
            self.lost = False
            logger.info("MLflow: %s answers again", shown(self.address))


_current: OpenRun | None = None
_lift_limits: Callable[[], None] = lambda: None  # noqa: E731 - replaced while a run is open


def current() -> OpenRun | None:
    """The run that is open in this process."""
    return _current


def log_epoch(population: str, row: Mapping[str, float]) -> None:
    """Add one epoch to the curves of the open run, if there is one."""
    if _current is not None:
        _current.log_epoch(population, row)


def open_run(
    config: TrackingConfig,
    params: Mapping[str, Any],
    tags: Mapping[str, str],
    name: str,
    *,
    key: str | None = None,
) -> OpenRun:
    """Open a run with parameters and tags, and see to it that it never stays open.

    With ``key``, the run of an earlier start of the same key, parameters and files (tags ``sha256.``) is opened again,
    if there is one.

    Raises
    ------
    PathloreError
        The store of runs cannot be reached.
    """
    global _current, _lift_limits
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow

    logging.getLogger("mlflow").setLevel(logging.WARNING)
    for talker in QUIET:
        logging.getLogger(talker).setLevel(logging.CRITICAL)
    experiment_id = open_experiment(config)
    address = absolute(config.tracking_uri)
    client = mlflow.MlflowClient(address)
    close_interrupted(client, experiment_id)
    if config.system_metrics:
        mlflow.set_system_metrics_sampling_interval(config.system_metrics_interval)
    if key is not None:
        tags = {**tags, SAME: _fingerprint(params, tags, key)}
    known = _find(client, experiment_id, tags[SAME]) if key is not None else None
    shown_name, process = config.run_name or name, {PROCESS: process_tag()}
    if known is None:
        known = client.create_run(experiment_id, tags={**_context(), **process}, run_name=shown_name).info.run_id
    run = mlflow.start_run(known, run_name=shown_name, tags=process, log_system_metrics=config.system_metrics)
    opened = OpenRun(config, run.info.run_id, experiment_id)
    _lift_limits = limited(config.wait)
    _current = opened
    atexit.register(_close_if_open, run.info.run_id)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    opened.attempt("parameters and tags", _log_start, opened, params, {**environment_tags(), **tags})
    again = " goes on" if known else ""
    logger.info("MLflow run '%s' (%s)%s in %s", run.info.run_name, run.info.run_id, again, shown(config.tracking_uri))
    return opened


def _context() -> dict[str, str]:
    """Who runs what, as MLflow's start_run tells it, which imports IPython for half a second to look for a notebook."""
    from mlflow.tracking.context.abstract_context import RunContextProvider
    from mlflow.tracking.context.registry import resolve_tags

    is_notebook = "IPython" in sys.modules
    ignored = [
        one
        for one in RunContextProvider.__subclasses__()
        if not is_notebook and ("databricks" in one.__module__ or "jupyter" in one.__module__)
    ]
    return dict(resolve_tags(ignore=ignored))


def _log_start(run: OpenRun, params: Mapping[str, Any], tags: Mapping[str, str]) -> None:
    """Parameters as dotted names and, for another run with them, as a file that may stand in conf/<environment>."""
    from mlflow.entities import Param, RunTag

    flat = [Param(name, value) for name, value in flatten(params).items()]
    for start in range(0, max(len(flat), 1), MOST_PARAMETERS):
        first_tags = [RunTag(name, value[:LONGEST_VALUE]) for name, value in tags.items()] if start == 0 else []
        run.client.log_batch(run.run_id, params=flat[start : start + MOST_PARAMETERS], tags=first_tags)
    if params:
        text = without_logins(yaml.safe_dump(dict(params), sort_keys=False, allow_unicode=True))
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "parameters.yml"
            file.write_text(text)
            run.client.log_artifact(run.run_id, str(file))


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
        logger.warning("Runs of killed processes stay open: %s", reason(error, address))


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
        "versions": ", ".join(
            [f"python {platform.python_version()}", *(f"{name} {version(name)}" for name in PACKAGES)]
        ),
    }


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _fingerprint(params: Mapping[str, Any], tags: Mapping[str, str], key: str) -> str:
    files = {name: value for name, value in tags.items() if name.startswith("sha256.")}
    return hashlib.sha256(json.dumps([key, flatten(params), files], sort_keys=True).encode()).hexdigest()


def _find(client: Any, experiment_id: str, fingerprint: str) -> str | None:
    """Id of the run with this fingerprint, the newest of several."""
    found = client.search_runs([experiment_id], f"tags.`{SAME}` = '{fingerprint}'", max_results=1)
    return str(found[0].info.run_id) if found else None


def _end(status: str) -> None:
    """Let MLflow close the run; what it holds in this process is gone even where its server does not answer."""
    import mlflow

    with suppress(Exception):
        mlflow.end_run(status)


def _close_if_open(run_id: str) -> None:
    """At the end of the process: a run that is still open was interrupted."""
    if _current is not None and _current.run_id == run_id:
        _current.close("KILLED")
