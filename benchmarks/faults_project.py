"""A small project of its own for `faults.py`: its environment, its files, and runs in forked processes."""

import gzip
import hashlib
import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import yaml

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = "faults"
PIPELINES = (
    "ingestion",
    "graph_construction",
    "text_embedding",
    "modeling",
    "interpretation",
    "scoring",
    "evaluation",
    "resources",
    "cohort",
)
"""In the order of the work: each finds what it reads."""
NEEDS = {name: PIPELINES[: min(at, 4)] for at, name in enumerate(PIPELINES[:6])}
"""Pipeline -> those whose results it reads."""
LIMIT = 600
"""Seconds after which a run counts as hanging."""
KNOWLEDGE = ROOT / "src" / "pathlore" / "knowledge"
BOOKKEEPING = (".checksums.json", ".lock", "checksums.json")
"""Files below ``data/`` that are no dataset: accounts and locks."""

MOMENT = re.compile(rb"\d{4}-\d\d-\d\d(T[\d:]+(\+00:00)?)?|\d\d \w+ \d{4}, \d\d:\d\d UTC")
"""Dates and times in texts."""

SMALL: Mapping[str, Any] = {
    "graph_construction": {"paths": {"max_paths": 40}},
    "modeling": {"training": {"epochs": 2}},
    "interpretation": {
        "refits": {"folds": 2, "seeds": 0, "max_cells": 120, "epochs": 1},
        "cell_communication": {"permutations": 10},
        "known_biology": {"random_draws": 2, "permutations": 20},
    },
    "evaluation": {
        "quick": {
            "repeats": 1,
            "seeds": 0,
            "permutations": 1,
            "withheld": 0,
            "axes": ["cross_attention", "nulls"],
            "max_cells": 120,
            "max_paths": 30,
        },
        "baselines": ["majority", "logistic_regression"],
    },
    "engine": {"workers": 1},
    "cohort": {"annotation": {"clusters": 4, "cells_per_cluster": 10}, "retries": 0, "min_genes": 1},
    "resources": {"download": ["our_network", "our_genes"], "retries": 0},
}
"""Beside the environment ``test``: sizes at which a run takes seconds."""


@dataclass
class Ended:
    """How a run ended."""

    code: int  # 0: well; -9: killed
    said: str  # all that it wrote
    seconds: float  # of the processor

    @property
    def message(self) -> str:
        """The one line for the user; empty where there is none, or more than one."""
        lines = [line for line in self.said.splitlines() if line.startswith("pathlore: ")]
        return lines[0] if len(lines) == 1 else ""

    @property
    def is_clean(self) -> bool:
        """It ended well, or was killed, or said in one line why it did not."""
        return self.code == -signal.SIGKILL or ("Traceback" not in self.said and (self.code == 0 or self.message != ""))


class Project:
    """A folder with the configuration of this repository and files of its own, in which runs are started.

    Attributes
    ----------
    plant
        Called in each run that is started, before it begins: for faults that the trials must find.
    """

    plant: Callable[[], None] | None = None

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder / "project", folder / "project" / "data"
        self._snapshot = folder / "snapshot"
        self._logs: dict[int, tuple[Path, subprocess.Popen]] = {}
        self._settings: dict[str, dict[str, Any]] = {}
        self._known: dict[tuple[int, int, int], str] = {}
        self.folder.mkdir(parents=True)
        shutil.copytree(ROOT / "conf", self.folder / "conf", ignore=shutil.ignore_patterns("local"))
        (self.folder / "conf" / "local").mkdir()
        shutil.copy(ROOT / "pyproject.toml", self.folder)
        (self.folder / ".telemetry").write_text("consent: false\n")
        (self.folder / "src").mkdir()
        served = folder / "served"
        write_served(served)
        self._server, address = serve(served)
        write_environment(self.folder / "conf" / ENVIRONMENT, served, address)

    def close(self) -> None:
        """Stop the server."""
        os.kill(self._server, signal.SIGKILL)
        os.waitpid(self._server, 0)

    def start(
        self,
        pipeline: str,
        *,
        missing: bool = False,
        params: Mapping[str, Any] | None = None,
        most_bytes: int | None = None,
    ) -> int:
        """Start a run in a process of its own, a copy of this one, which has all imports behind it."""
        log = self.folder / f"said.{time.monotonic_ns()}"
        with log.open("wb") as file:  # written by a process of its own, for which no limit holds
            reader = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=file)
        assert reader.stdin is not None
        child = os.fork()
        if child:
            reader.stdin.close()
            self._logs[child] = (log, reader)
            return child
        code = 1
        try:
            os.setpgid(0, 0)
            os.chdir(self.folder)
            for stream in (1, 2):
                os.dup2(reader.stdin.fileno(), stream)
            os.close(reader.stdin.fileno())
            sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
            if most_bytes is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
            if self.plant is not None:
                self.plant()
            self._give_settings(params or {})
            code = _run(self.folder, pipeline, params or {}, missing=missing)
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)

    def read_settings(self, *several: Mapping[str, Any]) -> None:
        """Read the settings, with each of several changes, once for all runs: no fault is done to them."""
        from pathlore.settings import CONFIG_LOADER_ARGS, EnvironmentConfigLoader

        before = Path.cwd()
        os.chdir(self.folder)
        try:
            for params in several:
                loader = EnvironmentConfigLoader(
                    str(self.folder / "conf"), env=ENVIRONMENT, runtime_params=dict(params), **CONFIG_LOADER_ARGS
                )
                read = {key: loader[key] for key in ("parameters", "catalog", "mlflow")}
                self._settings[json.dumps(params, sort_keys=True)] = read
        finally:
            os.chdir(before)

    def _give_settings(self, params: Mapping[str, Any]) -> None:
        from pathlore.settings import EnvironmentConfigLoader

        known = self._settings.get(json.dumps(params, sort_keys=True), {})
        load = EnvironmentConfigLoader._load
        EnvironmentConfigLoader._load = lambda loader, key: known[key] if key in known else load(loader, key)

    def wait(self, child: int, seconds: float = float("inf")) -> Ended:
        """Wait for a run, and kill it after some seconds of the processor, with all that it started."""
        end, status, used = time.monotonic() + LIMIT, None, None
        while status is None and time.monotonic() < end and (seconds == float("inf") or cpu_seconds(child) < seconds):
            done, status_now, used = os.wait4(child, os.WNOHANG)
            status = status_now if done else None
            time.sleep(0.005)
        if status is None:
            try:
                os.killpg(child, signal.SIGKILL)
            except ProcessLookupError:  # killed before it had a group of its own
                os.kill(child, signal.SIGKILL)
            _, status, used = os.wait4(child, 0)
        log, reader = self._logs.pop(child)
        try:
            reader.wait(timeout=10)
        except subprocess.TimeoutExpired:  # something that the run has started lives on
            reader.kill()
        said = log.read_text(errors="replace")
        log.unlink(missing_ok=True)
        return Ended(os.waitstatus_to_exitcode(status), said, used.ru_utime + used.ru_stime)

    def has_ended(self, child: int) -> bool:
        """Whether a run is over, which `wait` then says more about."""
        return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def run(self, pipeline: str, *, missing: bool = False) -> Ended:
        """Start a run and wait for it."""
        return self.wait(self.start(pipeline, missing=missing))

    def contents(self) -> dict[str, str]:
        """Every file of a dataset below ``data/`` -> checksum of what is in it.

        A file that is still a link to the kept one, of the same size and time, is not read again.
        """
        return {
            path.relative_to(self.data).as_posix(): self._known.get(_identity(path)) or _content(path)
            for path in _files(self.data)
        }

    def keep(self) -> None:
        """Take the present state as the one that `restore` comes back to."""
        shutil.rmtree(self._snapshot, ignore_errors=True)
        self._snapshot.mkdir()
        shutil.copytree(self.data, self._snapshot / "data")
        if (self.folder / "mlflow.db").is_file():
            shutil.copy2(self.folder / "mlflow.db", self._snapshot)
        self._known = {_identity(path): _content(path) for path in _files(self._snapshot / "data")}

    def restore(self) -> None:
        """Come back to the kept state; files are links to those of the snapshot, which nothing writes into."""
        remove(self.data)
        shutil.copytree(self._snapshot / "data", self.data, copy_function=os.link)
        for path in (*self.folder.glob("mlflow.db*"), self.folder / "mlruns"):
            remove(path)
        if (self._snapshot / "mlflow.db").is_file():
            shutil.copy2(self._snapshot / "mlflow.db", self.folder)

    def open_runs(self) -> int:
        """Runs that MLflow holds to be under way; none in a damaged record that no run has needed since."""
        if not (self.folder / "mlflow.db").is_file():
            return 0
        try:
            with sqlite3.connect(self.folder / "mlflow.db") as database:
                known = database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'runs'").fetchone()[0]
                if not known:
                    return 0
                return int(database.execute("SELECT count(*) FROM runs WHERE status = 'RUNNING'").fetchone()[0])
        except sqlite3.DatabaseError:
            return 0

    def places(self) -> dict[str, dict[str, Path]]:
        """Pipeline -> its datasets with their places below ``data/``."""
        found = json.loads((self.folder / "places.json").read_text())
        return {
            name: {dataset: Path(place) for dataset, place in own.items() if self.data in Path(place).parents}
            for name, own in found.items()
        }


ACCOUNTS = {"", *(name.lstrip(".") for name in BOOKKEEPING)}


def _files(data: Path) -> list[Path]:
    """Files of datasets: all but accounts and locks."""
    return [
        path
        for path in sorted(data.rglob("*"))
        if path.is_file()
        and not path.name.startswith(".made_by")
        and path.name.removesuffix(".lock").lstrip(".") not in ACCOUNTS
    ]


def _identity(path: Path) -> tuple[int, int, int]:
    """What links to one unchanged file share."""
    state = path.stat()
    return state.st_ino, state.st_size, state.st_mtime_ns


def _content(path: Path) -> str:
    """Checksum of what is in a file, but for when and how fast it was made and whether a file was fetched for it."""
    content = path.read_bytes()
    if path.suffix in (".parquet", ".csv"):
        with suppress(Exception):  # a damaged table, which is another one as it is
            table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype=str)
            if timed := _timed(table):
                content = table.drop(**timed).to_csv().encode()
    elif path.suffix in (".json", ".md", ".html", ".txt"):
        content = MOMENT.sub(b"", content)
    return hashlib.sha256(content).hexdigest()


def _timed(table: pd.DataFrame) -> dict[str, list[Any]]:
    """Columns and rows of a table that hold times, or say whether a file was fetched or there."""
    columns = [name for name in table if name in ("seconds", "fetched")]
    named = table.select_dtypes(["object", "string", "category"]).isin(["seconds"]).any(axis=1)
    found = {"columns": columns, "index": list(table.index[named])}
    return {key: names for key, names in found.items() if names}


def cpu_seconds(process: int) -> float:
    """What a process and those that it has waited for have had of the processor: the same on a busy machine."""
    values = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, values[11:15])) / os.sysconf("SC_CLK_TCK")


def remove(path: Path) -> None:
    """Remove a file or folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _run(folder: Path, pipeline: str, params: Mapping[str, Any], *, missing: bool) -> int:
    """``kedro run``, in this process."""
    import atexit

    from kedro.framework.startup import bootstrap_project

    from pathlore.session import CheckedSession
    from pathlore.training import epochs

    epochs.time = SimpleNamespace(perf_counter=float)  # times of epochs are drawn in figures
    code = 0
    try:
        bootstrap_project(folder)
        with CheckedSession.create(project_path=folder, env=ENVIRONMENT, runtime_params=dict(params)) as session:
            session.run(pipeline_names=[pipeline], only_missing_outputs=missing)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    _note(folder)
    atexit._run_exitfuncs()
    return code


def _note(folder: Path) -> None:
    """Write down what was imported and, once, where each dataset lies."""
    known = folder / "modules.json"
    before = json.loads(known.read_text()) if known.exists() else []
    modules = [name for name in sys.modules if name != "__main__"]
    if set(modules) - set(before):
        known.write_text(json.dumps(list(dict.fromkeys([*before, *modules]))))
    if (folder / "places.json").exists():
        return
    from kedro.framework.session import KedroSession

    from pathlore.datasets.catalogue import place_of
    from pathlore.pipeline_registry import register_pipelines

    with KedroSession.create(project_path=folder, env=ENVIRONMENT) as session:
        catalog = session.load_context().catalog
    found = {
        name: {data: str(place) for data in known.datasets() if data in catalog and (place := place_of(catalog[data]))}
        for name, known in register_pipelines().items()
    }
    (folder / "places.json").write_text(json.dumps(found))


def warm_up(folder: Path) -> None:
    """Import what runs have imported, so that those that follow start at once."""
    for name in json.loads((folder / "modules.json").read_text()):
        try:
            import_module(name)
        except Exception:  # modules that others make up
            continue


def write_served(folder: Path) -> None:
    """Files of a server: resources, a series in one table of counts; and new cells to score."""
    from pathlore.expression.fabricate import fabricate_cells

    folder.mkdir()
    shutil.copy(KNOWLEDGE / "interactions.csv", folder / "network.csv")
    shutil.copy(KNOWLEDGE / "genes.csv", folder)
    pathways = set(yaml.safe_load((ROOT / "conf/test/catalog.yml").read_text())["cells_raw"]["pathways"])
    network = pd.read_csv(KNOWLEDGE / "interactions.csv")
    network = network[[bool(pathways & set(str(names).split(";"))) for names in network["pathway"]]]
    cells = fabricate_cells(network, n_cells=120, seed=3)
    cells.write_h5ad(folder / "new_cells.h5ad")
    cells.obs_names = [f"{name}.{donor}" for name, donor in zip(cells.obs_names, cells.obs["donor"], strict=True)]
    counts = pd.DataFrame(cells.X.toarray().T.astype(int), index=cells.var_names, columns=cells.obs_names)
    (folder / "counts.csv.gz").write_bytes(gzip.compress(counts.to_csv().encode(), mtime=0))
    (folder / "cells.csv.gz").write_bytes(gzip.compress(cells.obs.to_csv().encode(), mtime=0))


def serve(folder: Path) -> tuple[int, str]:
    """Start a server of a folder on this machine; return its process and its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            return

    server, parent = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))), os.getpid()
    server.timeout = 1.0
    process = os.fork()
    if process == 0:
        try:
            while os.getppid() == parent:
                server.handle_request()
        finally:
            os._exit(0)
    server.socket.close()
    return process, f"http://127.0.0.1:{server.server_port}"


def write_environment(folder: Path, served: Path, address: str) -> None:
    """Write the environment of the runs: ``test``, smaller, with a series and resources of the server."""
    folder.mkdir()
    catalog = yaml.safe_load((ROOT / "conf/test/catalog.yml").read_text())
    catalog["cells_raw"]["n_cells"] = 240
    for name in ("interpretation", "evaluation"):
        catalog |= coarse_plots(ROOT / "conf" / "base" / name / "catalog.yml")
    parameters = merged(yaml.safe_load((ROOT / "conf/test/parameters.yml").read_text()), SMALL)
    parameters["resources"]["sources"] = {
        "our_network": {"url": f"{address}/network.csv"},
        "our_genes": {"url": f"{address}/genes.csv"},
    }
    parameters["cohort"]["recipe"] = {
        "series": "GSE1",
        "title": "a series of the server",
        "citation": "nobody",
        "terms": "free",
        "files": [{"name": name, "url": f"{address}/{name}"} for name in ("counts.csv.gz", "cells.csv.gz")],
        "layout": {
            "kind": "table",
            "counts": "counts.csv.gz",
            "covariates": "cells.csv.gz",
            "donor": "donor",
            "condition": "condition",
            "cell_type": "cell_type",
        },
        "samples": [{"pattern": r"\.(?P<donor>.+)$"}],
        "expected": [],
        "conditions": {"control": "control", "case": "case"},
    }
    (folder / "catalog.yml").write_text(yaml.safe_dump(catalog))
    (folder / "parameters.yml").write_text(yaml.safe_dump(parameters))
    (folder / "globals.yml").write_text(yaml.safe_dump({"cells": str(served / "new_cells.h5ad")}))
    (folder / "mlflow.yml").write_text(yaml.safe_dump({"system_metrics": False}))


def coarse_plots(file: Path) -> dict[str, Any]:
    """Entries of figures of a catalogue, drawn with few dots."""
    catalog = yaml.safe_load(file.read_text())
    for entry in catalog.values():
        for own in (entry, entry.get("dataset", {})):
            if "dpi" in own.get("save_args", {}):
                own["save_args"]["dpi"] = 40
    return {name: entry for name, entry in catalog.items() if "dpi: 40" in yaml.safe_dump(entry)}


def merged(tree: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A tree with some leaves changed."""
    result = dict(tree)
    for key, value in changes.items():
        known = result.get(key)
        result[key] = merged(known, value) if isinstance(known, Mapping) and isinstance(value, Mapping) else value
    return result
