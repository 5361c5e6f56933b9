"""Where the processor's seconds of a whole run go: imports, each node, saving, loading, hooks.

    python benchmarks/run_profile.py [--env demo] [--rows 20]

The project (src/, conf/) is copied into a temporary folder and run there once without being counted, which compiles it.
The second run begins without results. A timer of the processor's time (all threads of the process) interrupts it every
four milliseconds, and the seconds since the last interruption are given to what the main thread was doing; numba, torch
and other libraries are interrupted when they return. The first line has the seconds of the whole process, the timer's
own among them (a fortieth).
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).parents[1]
EVERY = 0.004
"""Seconds of the processor between two looks."""

Seconds = Counter[str]

HOOKS = {"TrackingHooks": "MLflow", "DataHooks": "other hooks", "InputHooks": "other hooks"}
CATALOGUE = {"AtomicCatalog.save": "saving", "AtomicCatalog.load": "loading", "AtomicCatalog.exists": "loading"}


def part_of(frame: FrameType | None) -> str:
    """What a run was doing: the outermost function that says so, or an import wherever it happened."""
    names = []
    while frame is not None:
        names.append(frame.f_code.co_qualname)
        if "importlib._bootstrap" in frame.f_code.co_filename:
            return "imports"
        frame = frame.f_back
    names.reverse()
    for place, name in enumerate(names):
        if name == "Node._run_with_list":
            inner = [one for one in names[place + 1 :] if not one.startswith("per_population.")]
            return f"node {inner[0]}" if inner and not inner[0].startswith("_Later") else "loading"
        if name.partition(".")[0] in HOOKS:
            return HOOKS[name.partition(".")[0]]
        if name in CATALOGUE:
            inner = names[place:]
            figures = any(one.startswith("FigureDataset") for one in inner)
            return "figures" if figures else "validation" if "DataFrameModel.validate" in inner else CATALOGUE[name]
    return "Kedro and the rest"


def profiled(environment: str, result: Path) -> None:
    """Run in this process, and write what was seen."""
    from kedro.framework.cli import main as kedro

    seconds, last = Seconds(), time.process_time()

    def look(_signal: int, frame: FrameType | None) -> None:
        nonlocal last
        now = time.process_time()
        seconds[part_of(frame)] += now - last
        last = now

    signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
    sys.argv = ["kedro", "run", "--env", environment]
    try:
        kedro()
    except SystemExit as end:
        if end.code:
            raise
    signal.setitimer(signal.ITIMER_PROF, 0)
    result.write_text(json.dumps({"whole": time.process_time(), **seconds}))


def main() -> None:
    """Profile a run in a copy of the project, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--env", default="demo")
    parser.add_argument("--rows", type=int, default=20)
    parser.add_argument("--result", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.result:
        profiled(arguments.env, arguments.result)
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in ("src", "conf"):
            shutil.copytree(ROOT / name, Path(folder, name), ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", folder)
        result = Path(folder, "profile.json")
        command = [sys.executable, __file__, "--env", arguments.env, "--result", str(result)]
        environment = os.environ | {"PYTHONPATH": str(Path(folder, "src")), "DO_NOT_TRACK": "1"}
        for _ in range(2):
            for made in ("data", "mlruns"):
                shutil.rmtree(Path(folder, made), ignore_errors=True)
            for name in ("01_raw", "02_intermediate"):
                Path(folder, "data", name).mkdir(parents=True)
            Path(folder, "mlflow.db").unlink(missing_ok=True)
            subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
        seconds = json.loads(result.read_text())
    whole = seconds.pop("whole")
    print(f"whole run | {whole:.1f} s of the processor")
    for name, value in Seconds(seconds).most_common(arguments.rows):
        print(f"{name} | {value:.1f} | {100 * value / whole:.0f} %")


if __name__ == "__main__":
    main()
