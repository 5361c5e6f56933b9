"""Runs that are killed, starved and damaged on purpose, and whether nothing is lost.

    python benchmarks/faults.py --n 1000

Every pipeline of a small project is run once undisturbed, and its data are kept. Each trial starts from these data
and does one fault to one pipeline: a run is killed at a random moment, perhaps one of other parameters, or meets a full
disk, or has a second run beside it, or a file that the pipeline reads or writes (or the record of runs) is truncated,
changed, deleted, emptied or turned into a folder. Then the run is started again as a user would, following what the
message says where there is one. What must hold:

- a run that fails says so in one line of pathlore on the standard error, and no traceback is shown;
- after at most three remedies that the messages name, a run succeeds;
- every dataset below ``data/``, those of the other pipelines included, is that of the undisturbed run, byte for byte;
- nothing half written is left below ``data/``, and no run is left open in MLflow.

Trials are independent of each other: number i of a seed is the same whichever others are done (`--first`).
"""

import argparse
import json
import os
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from faults_project import NEEDS, PIPELINES, Ended, Project, cpu_seconds, remove, warm_up

KINDS = {"kill": 30, "other parameters": 15, "damage": 28, "kill and damage": 10, "full disk": 10, "two at once": 7}
"""Kind of fault -> its share."""
DAMAGES = ("truncated", "changed", "deleted", "emptied", "a folder")
CHANGES: Mapping[str, Mapping[str, Any]] = {
    "ingestion": {"ingestion": {"split": {"seed": 1}}},
    "graph_construction": {"graph_construction": {"paths": {"max_paths": 25}}},
    "text_embedding": {"text_embedding": {"encoder": {"dimension": 16}}},
    "modeling": {"modeling": {"training": {"seed": 1}}},
    "interpretation": {"interpretation": {"report": {"core_paths": 5}}},
    "scoring": {"scoring": {"score": {"contributions": False}}},
    "evaluation": {"ingestion": {"split": {"seed": 1}}},
    "resources": {"resources": {"download": ["our_genes"]}},
    "cohort": {"cohort": {"min_genes": 60}},
}
"""Pipeline -> parameters by which it makes something else."""
SHARES = {"interpretation": 0.5, "evaluation": 0.5}
"""Pipelines that take long, and so have fewer trials."""
MAY_STAY = (
    "07_model_output/faults/refits/",
    "07_model_output/faults/evaluation_tasks/",
    "06_models/faults/checkpoints/",
)
"""Finished fits, and how far a fit came: whole files, which the next fit of the same settings goes on from."""
MOST_REMEDIES = 3


@dataclass
class Case:
    """One fault, and what came of it."""

    kind: str
    pipeline: str
    detail: str = ""
    remedies: int = 0
    compared: int = 0  # files of datasets
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


class Trials:
    """Faults on one project, one after the other.

    Parameters
    ----------
    folder
        Empty; for the project.
    seed
        Of all that is drawn.
    pipelines
        Those that faults are done to; those before them are run too.
    """

    def __init__(self, folder: Path, seed: int = 0, pipelines: Sequence[str] = PIPELINES) -> None:
        self.seed, self.pipelines = seed, tuple(pipelines)
        self.project = Project(folder)
        self.seconds: dict[str, float] = {}
        self.project.read_settings({}, *(CHANGES[name] for name in self.pipelines))
        for name in PIPELINES:
            if any(name in (own, *NEEDS.get(own, ())) for own in self.pipelines):
                self._undisturbed(name)
        self.places = self.project.places()
        self.project.keep()
        self.reference = self.project.contents()
        for name in self.pipelines:
            self.project.restore()
            self._undisturbed(name)
            different = self._different(self.project.contents())
            if different:
                raise SystemExit(f"two undisturbed runs of {name} differ: {different}")
        self.record = (self.project.folder / "mlflow.db").is_file()

    def _undisturbed(self, name: str) -> None:
        ended = self.project.run(name)
        self.seconds[name] = ended.seconds
        if ended.code:
            raise SystemExit(f"the undisturbed run of {name} failed:\n{ended.said[-3000:]}")
        warm_up(self.project.folder)

    def one(self, number: int, kind: str | None = None, pipeline: str | None = None) -> Case:
        """Do one fault, start again, and look at what is there."""
        begin = time.monotonic()
        self.random = random.Random(f"{self.seed} {number}")
        drawn = self.random.choices(list(KINDS), list(KINDS.values()))[0]
        target = self.random.choices(self.pipelines, [SHARES.get(name, 1.0) for name in self.pipelines])[0]
        case = Case(kind or drawn, pipeline or target)
        self.project.restore()
        self.harmed = False
        if self.random.random() < 0.25:
            self._begin_anew(case)
        {
            "kill": self._kill,
            "other parameters": self._other,
            "damage": self._damage,
            "kill and damage": lambda case: (self._kill(case), self._damage(case)),
            "full disk": self._full,
            "two at once": self._two,
        }[case.kind](case)
        self._recover(case)
        case.seconds = round(time.monotonic() - begin, 2)
        return case

    def _begin_anew(self, case: Case) -> None:
        """Remove what the pipeline makes."""
        for place in self._own(case.pipeline, written=True).values():
            remove(place)
        case.detail += "nothing was there; "

    def _own(self, pipeline: str, *, written: bool = False) -> dict[str, Path]:
        """Places of what a pipeline reads and makes, or makes alone."""
        from pathlore.pipeline_registry import register_pipelines

        names = register_pipelines()[pipeline].all_outputs()
        return {name: at for name, at in self.places[pipeline].items() if name in names or not written}

    def _kill(self, case: Case, params: Mapping[str, Any] | None = None) -> None:
        usual = self.seconds[case.pipeline]
        moment = self.random.uniform(0, usual)
        case.detail += f"killed after {moment:.2f} of about {usual:.2f} s; "
        self._look(case, self.project.wait(self.project.start(case.pipeline, params=params), moment))

    def _other(self, case: Case) -> None:
        """A run of other parameters, which is killed, or ends."""
        params = CHANGES[case.pipeline]
        case.detail += f"{json.dumps(params)}, "
        if self.random.random() < 0.6:
            self._kill(case, params)
        else:
            self._look(case, self.project.wait(self.project.start(case.pipeline, params=params)))

    def _full(self, case: Case) -> None:
        """A disk on which no file can grow beyond a size: the system refuses the write in the midst of it."""
        most = int(10 ** self.random.uniform(2, 6.3))
        case.detail += f"no file beyond {most} bytes; "
        self._look(case, self.project.wait(self.project.start(case.pipeline, most_bytes=most)))

    def _two(self, case: Case) -> None:
        other = self.random.choice((case.pipeline, case.pipeline, *self.pipelines))
        case.detail += f"{other} beside it; "
        one, moment = self.project.start(case.pipeline), self.random.uniform(0, self.seconds[case.pipeline])
        while cpu_seconds(one) < moment and not self.project.has_ended(one):
            time.sleep(0.005)
        two = self.project.start(other)
        for child in (one, two):
            self._look(case, self.project.wait(child))

    def _damage(self, case: Case) -> None:
        files = self._files(case.pipeline)
        record = self.project.folder / "mlflow.db"
        if record.is_file() and (self.random.random() < 0.04 or not files):
            files, self.harmed = [record], True
        path, how = self.random.choice(files), self.random.choice(DAMAGES)
        case.detail += f"{path.relative_to(self.project.folder)} {how}; "
        content = bytearray(path.read_bytes())
        path.unlink()  # it may be a link to the file that is kept
        if how == "a folder":
            path.mkdir()
        elif how == "truncated":
            path.write_bytes(content[: self.random.randrange(len(content) or 1)])
        elif how == "emptied":
            path.write_bytes(b"")
        elif how == "changed":
            for _ in range(self.random.randint(1, 8) if content else 0):
                content[self.random.randrange(len(content))] ^= self.random.randint(1, 255)
            path.write_bytes(content)

    def _files(self, pipeline: str) -> list[Path]:
        """Files that a pipeline reads or writes, and the accounts that are kept of them."""
        data = self.project.data
        places = [*self._own(pipeline).values(), data / ".checksums.json", data / ".lock"]
        places += {
            "resources": [data / "01_raw/resources"],
            "cohort": [data / "01_raw/cohorts"],
            "interpretation": [data / "07_model_output/faults/refits"],
            "evaluation": [data / "07_model_output/faults/evaluation_tasks"],
            "modeling": [data / "06_models/faults/checkpoints"],
        }.get(pipeline, [])
        found = {path for place in places for path in ([place] if place.is_file() else place.rglob("*"))}
        return sorted(path for path in found if path.is_file())

    def _look(self, case: Case, ended: Ended) -> None:
        if not ended.is_clean:
            case.faults.append(f"no single line: {ended.said[-1500:]}")

    def _recover(self, case: Case) -> None:
        """Start again as a user would, and do what the messages say."""
        missing = case.kind == "other parameters" or self.random.random() < 0.85
        for attempt in range(MOST_REMEDIES + 1):
            ended = self.project.run(case.pipeline, missing=missing)
            self._look(case, ended)
            if ended.code == 0:
                break
            case.remedies += 1
            if attempt == MOST_REMEDIES or not self._follow(ended.message, missing=missing):
                case.faults.append(f"stuck: {ended.message or ended.said[-500:]}")
                return
        found = self.project.contents()
        case.compared = sum(not name.startswith(MAY_STAY) for name in self.reference)
        if different := self._different(found):
            case.faults.append(f"other than undisturbed: {different}")
        left = {name for name in found.keys() - self.reference if not name.startswith(MAY_STAY)}
        left |= {path.relative_to(self.project.folder).as_posix() for path in self.project.folder.rglob("*.partial")}
        if left:
            case.faults.append(f"left behind: {sorted(left)}")
        if self.project.open_runs():
            case.faults.append("a run is left open in MLflow")

    def _different(self, found: Mapping[str, str]) -> list[str]:
        """Files of datasets of the undisturbed run that are not there, or are others."""
        datasets = {name for name in self.reference if not name.startswith(MAY_STAY)}
        return sorted(name for name in datasets if found.get(name) != self.reference[name])

    def _follow(self, message: str, *, missing: bool) -> bool:
        """Do what a message asks for: delete or move away a path, take out a line, run a pipeline."""
        known = missing and "run again with --only-missing-outputs" in message
        line = re.search(r"delete the line (\S+) in (\S+)", message)
        file = re.search(r"(\S+) (?:has the SHA-256|cannot be read \()", message)
        if file and ("delete the file, to fetch it again" in message or "or delete it to accept" in message):
            known = True
            remove(self.project.folder / file[1])
        elif line:
            known = True
            accounts = self.project.folder / line[2].rstrip(";,:")
            lines = {name: value for name, value in json.loads(accounts.read_text()).items() if name != line[1]}
            accounts.unlink()
            accounts.write_text(json.dumps(lines))
        for path in re.findall(r"delete (?:the folder )?(/\S+?)[,;:.]?(?= |$)", message):
            known = True
            remove(Path(path))
        if "move it away" in message:
            known = True
            for path in self.project.folder.glob("mlflow.db*"):
                remove(path)
        named = re.findall(r"--pipelines? ([\w,]+)", message)
        for pipeline in max(named, key=len).split(",") if named else []:
            known = True
            self.project.run(pipeline)
        if not named and "--only-missing-outputs` recomputes" in message:
            known = True
            for pipeline in PIPELINES[: PIPELINES.index("scoring")]:
                self.project.run(pipeline, missing=True)
        return known


def table(cases: Sequence[Case], by: str) -> str:
    """Cases by kind or pipeline, as Markdown."""
    rows = [
        f"| {by} | times | went on at once | after one remedy | after more | not as it should |",
        "|" + "---|" * 6,
    ]
    for name in (*(KINDS if by == "kind" else PIPELINES), "in all"):
        own = [case for case in cases if name in (getattr(case, by), "in all")]
        found = Counter("bad" if case.faults else min(case.remedies, 2) for case in own)
        if own:
            rows.append(f"| {name} | {len(own)} | {found[0]} | {found[1]} | {found[2]} | {found['bad']} |")
    return "\n".join(rows)


def main() -> int:
    """Read the arguments, do the faults, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=200, help="faults")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first fault")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after this time")
    parser.add_argument("--pipelines", nargs="+", choices=PIPELINES, default=PIPELINES, help="faults are done to these")
    parser.add_argument("--kind", choices=list(KINDS), help="this kind alone")
    parser.add_argument("--log", type=Path, help="a line of JSON for each fault is added to this file")
    parser.add_argument("--read", type=Path, nargs="+", help="do nothing, print the tables of such files")
    arguments = parser.parse_args()
    if arguments.read:
        lines = [json.loads(line) for file in arguments.read for line in file.read_text().splitlines()]
        return tell([Case(**{key: value for key, value in line.items() if key != "number"}) for line in lines])
    prepare_environment()
    folder, cases, begin = Path(tempfile.mkdtemp(prefix="faults-")), [], time.monotonic()
    made = None  # no TemporaryDirectory: a run that ends would remove it
    try:
        made = Trials(folder, arguments.seed, arguments.pipelines)
        for number in range(arguments.first, arguments.first + arguments.n):
            if time.monotonic() - begin > arguments.seconds:
                break
            cases.append(made.one(number, arguments.kind))
            show(number, cases[-1], arguments.log)
    finally:
        if made is not None:
            made.project.close()
        shutil.rmtree(folder, ignore_errors=True)
    return tell(cases)


def tell(cases: Sequence[Case]) -> int:
    """Print the tables, and each fault that is not as it should; return 1 if there is one."""
    print(f"{table(cases, 'kind')}\n\n{table(cases, 'pipeline')}")
    print(f"\n{min((case.compared for case in cases), default=0)} files or more were compared after each fault")
    for case in cases:
        for fault in case.faults:
            print(f"\n{case.kind}, {case.pipeline}: {case.detail}\n{fault}")
    return int(any(case.faults for case in cases))


def prepare_environment() -> None:
    """Nothing asks the network, and nothing above the project counts as its repository."""
    quiet = {"DO_NOT_TRACK": "true", "MLFLOW_DISABLE_TELEMETRY": "true", "GIT_CEILING_DIRECTORIES": "/"}
    os.environ |= {**quiet, "NO_PROXY": "*", "OMP_NUM_THREADS": "1"}


def show(number: int, case: Case, log: Path | None) -> None:
    """Say what came of a fault, and write it down."""
    state = "; ".join(case.faults) if case.faults else "well"
    sys.stderr.write(f"{number} {case.kind}, {case.pipeline}: {case.detail}{case.remedies} remedies: {state}\n")
    if log is not None:
        with log.open("a") as file:
            file.write(json.dumps({"number": number, **asdict(case)}) + "\n")


if __name__ == "__main__":
    sys.exit(main())
