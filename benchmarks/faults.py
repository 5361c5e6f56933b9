"""Runs that are killed, starved and damaged on purpose, and whether nothing is lost.

    python benchmarks/faults.py --n 1000

A project of its own is run once undisturbed, in the environment ``test``. Then, time after time, one fault is done to
it: a run is killed at a random moment, or meets a full disk, or has a second run beside it, or a file below ``data/``
(or the record of runs) is truncated, changed, deleted, emptied or turned into a folder. Each time the run is started
again as a user would, following what the message says where there is one. What must hold:

- a run that fails says so in one line of pathlore on the standard error, and no traceback is shown;
- after at most two remedies that the messages name, a run succeeds;
- its metrics and path importance are those of the undisturbed run, to the last byte;
- nothing half written is left below ``data/``, and no run is left open in MLflow.
"""

import argparse
import json
import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = "test"
PIPELINES = ("ingestion", "graph_construction", "text_embedding", "modeling", "interpretation")
RESULTS = (
    "07_model_output/test/held_out_predictions/pooled.parquet",
    "08_reporting/test/metrics.csv",
    "08_reporting/test/path_importance/pooled.csv",
)
MAY_STAY = ("07_model_output/test/refits/", "06_models/test/checkpoints/")
"""Finished refits, and how far a fit came: whole files, which the next fit of the same settings goes on from."""
KINDS = {"kill": 40, "damage": 32, "kill and damage": 10, "full disk": 10, "two at once": 8}
"""Kind of fault -> its share."""
DAMAGES = ("truncated", "changed", "deleted", "emptied", "a folder")
LIMIT = 1800
"""Seconds after which a run counts as hanging."""


@dataclass
class Ended:
    """How a run ended."""

    code: int  # 0: well; -9: killed
    said: str  # all that it wrote

    @property
    def message(self) -> str:
        """The one line for the user; empty where there is none, or more than one."""
        lines = [line for line in self.said.splitlines() if line.startswith("pathlore: ")]
        return lines[0] if len(lines) == 1 else ""

    @property
    def is_clean(self) -> bool:
        """It ended well, or was killed, or said in one line why it did not."""
        return self.code == -signal.SIGKILL or ("Traceback" not in self.said and (self.code == 0 or self.message != ""))


@dataclass
class Case:
    """One fault, and what came of it."""

    kind: str
    detail: str
    remedies: int = 0
    faults: list[str] = field(default_factory=list)


class Project:
    """A folder with the configuration of this repository, in which runs are started."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        folder.mkdir(parents=True)
        shutil.copytree(ROOT / "conf", folder / "conf", ignore=shutil.ignore_patterns("local"))
        (folder / "conf" / "local").mkdir()
        shutil.copy(ROOT / "pyproject.toml", folder)
        (folder / ".telemetry").write_text("consent: false\n")
        (folder / "src").mkdir()

    def start(self, pipelines: Sequence[str], *, missing: bool = False, most_bytes: int | None = None) -> int:
        """Start a run in a process of its own, a copy of this one, which has all imports behind it."""
        log = self.folder / f"said.{time.monotonic_ns()}"
        with log.open("wb") as file:  # written by a process of its own, for which no limit holds
            reader = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=file)
        child = os.fork()
        if child:
            reader.stdin.close()
            self.logs[child] = (log, reader)
            return child
        code = 1
        try:
            os.setpgid(0, 0)
            os.chdir(self.folder)
            os.dup2(reader.stdin.fileno(), 1)
            os.dup2(reader.stdin.fileno(), 2)
            os.close(reader.stdin.fileno())
            if most_bytes is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
            code = _run(self.folder, pipelines, missing=missing)
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)

    logs: dict[int, tuple[Path, subprocess.Popen]] = {}  # noqa: RUF012

    def wait(self, child: int, seconds: float = LIMIT) -> Ended:
        """Wait for a run, and kill it after some seconds, with all that it started."""
        end, status = time.monotonic() + seconds, None
        while status is None and time.monotonic() < end:
            done, status_now = os.waitpid(child, os.WNOHANG)
            status = status_now if done else None
            time.sleep(0.01)
        if status is None:
            os.killpg(child, signal.SIGKILL)
            status = os.waitpid(child, 0)[1]
        log, reader = self.logs.pop(child)
        try:
            reader.wait(timeout=10)
        except subprocess.TimeoutExpired:  # something that the run has started lives on
            reader.kill()
        said = log.read_text(errors="replace")
        log.unlink(missing_ok=True)
        return Ended(os.waitstatus_to_exitcode(status), said)

    def results(self) -> list[bytes]:
        """The files that must not differ."""
        return [(self.data / name).read_bytes() if (self.data / name).is_file() else b"" for name in RESULTS]

    def files(self) -> set[str]:
        """Every file below ``data/``."""
        return {path.relative_to(self.data).as_posix() for path in self.data.rglob("*") if path.is_file()}

    def open_runs(self) -> int:
        """Runs that MLflow holds to be under way; none in a damaged record that no run has needed since."""
        try:
            with sqlite3.connect(self.folder / "mlflow.db") as database:
                known = database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'runs'").fetchone()[0]
                if not known:  # pipelines without a fit record nothing
                    return 0
                return database.execute("SELECT count(*) FROM runs WHERE status = 'RUNNING'").fetchone()[0]
        except sqlite3.DatabaseError:
            return 0


def _run(folder: Path, pipelines: Sequence[str], *, missing: bool) -> int:
    """``kedro run``, in this process."""
    import atexit

    from kedro.framework.session import KedroSession
    from kedro.framework.startup import bootstrap_project

    code = 0
    try:
        bootstrap_project(folder)
        with KedroSession.create(project_path=folder, env=ENVIRONMENT) as session:
            session.run(pipeline_names=list(pipelines), only_missing_outputs=missing)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    if not (folder / "modules.json").exists():
        (folder / "modules.json").write_text(json.dumps([name for name in sys.modules if name != "__main__"]))
    atexit._run_exitfuncs()
    return code


def warm_up(folder: Path) -> None:
    """Import what the first run imported, so that those that follow start at once."""
    for name in json.loads((folder / "modules.json").read_text()):
        try:
            import_module(name)
        except Exception:  # modules that others make up
            continue


class Trials:
    """Faults on one project, one after the other."""

    def __init__(self, folder: Path, seed: int, until: str = PIPELINES[-1]) -> None:
        self.random = random.Random(seed)
        self.project = Project(folder / "project")
        self.pipelines = PIPELINES[: PIPELINES.index(until) + 1]
        self.seconds: dict[str | None, float] = {}
        ended = self._whole(None)
        if ended.code:
            raise SystemExit(f"the undisturbed run failed:\n{ended.said[-3000:]}")
        warm_up(self.project.folder)
        self.reference, self.files = self.project.results(), self.project.files()
        self.pristine = folder / "pristine"
        shutil.copytree(self.project.data, self.pristine)
        for name in self.pipelines:
            ended = self._whole(name)
            if ended.code or self.project.results() != self.reference:
                raise SystemExit(f"the undisturbed run of {name} failed, or gave something else:\n{ended.said[-3000:]}")

    def _whole(self, pipeline: str | None, *, missing: bool = False) -> Ended:
        begin = time.monotonic()
        ended = self.project.wait(self.project.start(self._names(pipeline), missing=missing))
        if not missing and ended.code == 0:
            self.seconds[pipeline] = time.monotonic() - begin
        return ended

    def one(self, kind: str) -> Case:
        """Do one fault, start again, and look at what is there."""
        case = Case(kind, "")
        {
            "kill": self._kill,
            "damage": self._damage,
            "kill and damage": lambda case: (self._kill(case), self._damage(case)),
            "full disk": self._full,
            "two at once": self._two,
        }[kind](case)
        self._recover(case)
        if case.faults:  # the next fault shall not suffer from this one
            shutil.rmtree(self.project.data)
            shutil.copytree(self.pristine, self.project.data)
        return case

    def _what(self) -> str | None:
        """One pipeline, the later ones more often; None: all."""
        return self.random.choice((None, *self.pipelines, *self.pipelines[-2:]))

    def _names(self, pipeline: str | None) -> Sequence[str]:
        return self.pipelines if pipeline is None else (pipeline,)

    def _kill(self, case: Case) -> None:
        pipeline = self._what()
        if self.random.random() < 0.1:
            shutil.rmtree(self.project.data)
            pipeline = None
        usual = self.seconds.get(pipeline) or max(self.seconds.values())
        moment = self.random.uniform(0, usual)
        case.detail += f"{pipeline or 'all'}, killed after {moment:.2f} of about {usual:.2f} s; "
        self._look(case, self.project.wait(self.project.start(self._names(pipeline)), moment))

    def _full(self, case: Case) -> None:
        """A disk on which no file can grow beyond a size: the system refuses the write in the midst of it."""
        pipeline = self._what()
        most = int(10 ** self.random.uniform(2, 6.3))
        case.detail += f"{pipeline or 'all'}, no file beyond {most} bytes; "
        self._look(case, self.project.wait(self.project.start(self._names(pipeline), most_bytes=most)))

    def _two(self, case: Case) -> None:
        first, second = self._what(), self._what()
        case.detail += f"{first or 'all'} and {second or 'all'}; "
        one = self.project.start(self._names(first))
        time.sleep(self.random.uniform(0, self.seconds.get(first) or 1.0))
        two = self.project.start(self._names(second))
        for child in (one, two):
            self._look(case, self.project.wait(child))

    def _damage(self, case: Case) -> None:
        files = sorted(path for path in self.project.data.rglob("*") if path.is_file())
        record = self.project.folder / "mlflow.db"
        if record.is_file() and (self.random.random() < 0.04 or not files):
            files = [record]
        path, how = self.random.choice(files), self.random.choice(DAMAGES)
        case.detail += f"{path.relative_to(self.project.folder)} {how}; "
        content = bytearray(path.read_bytes())
        if how == "truncated":
            path.write_bytes(content[: self.random.randrange(len(content) or 1)])
        elif how == "changed":
            for _ in range(self.random.randint(1, 8) if content else 0):
                content[self.random.randrange(len(content))] ^= self.random.randint(1, 255)
            path.write_bytes(content)
        elif how == "emptied":
            path.write_bytes(b"")
        else:
            path.unlink()
            if how == "a folder":
                path.mkdir()

    def _look(self, case: Case, ended: Ended) -> None:
        if not ended.is_clean:
            case.faults.append(f"no single line: {ended.said[-1500:]}")

    def _recover(self, case: Case) -> None:
        """Start again as a user would, and do what the messages say."""
        missing = self.random.random() < 0.85
        for attempt in range(3):
            ended = self._whole(None, missing=missing)
            self._look(case, ended)
            if ended.code == 0:
                break
            case.remedies += 1
            if attempt == 2 or not self._follow(ended.message):
                case.faults.append(f"stuck: {ended.message or ended.said[-500:]}")
                return
        if self.project.results() != self.reference:
            case.faults.append("the results are others")
        left = {name for name in self.project.files() - self.files if not name.startswith(MAY_STAY)}
        if left:
            case.faults.append(f"left behind: {sorted(left)}")
        if self.project.open_runs() and not missing:
            case.faults.append("a run is left open in MLflow")

    def _follow(self, message: str) -> bool:
        """Do what a message asks for: delete or move away a path, run a pipeline."""
        known = False
        for path in re.findall(r"delete (?:the folder )?(/\S+?)[,;:.]?(?= |$)", message):
            known = True
            target = Path(path)
            shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
        if "move it away" in message:
            known = True
            for path in self.project.folder.glob("mlflow.db*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        for pipeline in re.findall(r"--pipeline (\w+)", message):
            known = True
            self._whole(pipeline)
        return known


def trials(made: Trials, n: int, seconds: float, only: str | None) -> list[Case]:
    """Do n faults, or as many as there is time for, of one kind or of all."""
    begin = time.monotonic()
    cases: list[Case] = []
    while len(cases) < n and time.monotonic() - begin < seconds:
        kind = made.random.choices(list(KINDS), list(KINDS.values()))[0]
        cases.append(made.one(only or kind))
        case = cases[-1]
        state = "; ".join(case.faults) if case.faults else "well"
        sys.stderr.write(f"{len(cases)} {case.kind}: {case.detail}{case.remedies} remedies: {state}\n")
    return cases


def table(cases: list[Case]) -> str:
    """Cases by kind, as Markdown."""
    rows = ["| fault | times | went on at once | after one remedy | after two | not as it should |", "|" + "---|" * 6]
    for kind in (*KINDS, "in all"):
        own = [case for case in cases if kind in (case.kind, "in all")]
        by = Counter("bad" if case.faults else case.remedies for case in own)
        rows.append(f"| {kind} | {len(own)} | {by[0]} | {by[1]} | {by[2]} | {by['bad']} |")
    return "\n".join(rows)


def main() -> int:
    """Read the arguments, do the faults, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=200, help="faults")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after this time")
    parser.add_argument("--until", choices=PIPELINES, default=PIPELINES[-1], help="the last pipeline that is run")
    parser.add_argument("--kind", choices=list(KINDS), help="this kind alone")
    arguments = parser.parse_args()
    os.environ |= {"DO_NOT_TRACK": "true", "MLFLOW_DISABLE_TELEMETRY": "true", "GIT_CEILING_DIRECTORIES": "/"}
    folder = Path(tempfile.mkdtemp(prefix="faults-"))  # no TemporaryDirectory: a run that ends would remove it
    try:
        made = Trials(folder, arguments.seed, arguments.until)
        cases = trials(made, arguments.n, arguments.seconds, arguments.kind)
    finally:
        shutil.rmtree(folder)
    print(table(cases))
    for case in cases:
        for fault in case.faults:
            print(f"\n{case.kind}: {case.detail}\n{fault}")
    return int(any(case.faults for case in cases))


if __name__ == "__main__":
    sys.exit(main())
