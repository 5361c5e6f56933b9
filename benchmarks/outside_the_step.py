"""The share of a whole run that is not training: `kedro run` in a temporary copy of the project, timed by its own log.

    python benchmarks/outside_the_step.py [--env demo] [--raw FOLDER] [--params KEY=VALUE,...]

Start-up lasts from the command to the first dataset that is loaded (interpreter, imports, configuration, hooks); each
node from the end of the one before to its own, so loading and saving are in it; the end from the last node to the end
of the process. Epochs are the column ``seconds`` of the saved training histories: batches, calibration and validation.
All are seconds of the clock. The last line is the share of the run that no epoch takes.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pandas as pd
import yaml

ROOT = Path(__file__).parents[1]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"timed": {"format": "%(created).3f %(name)s %(message)s"}},
    "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "timed", "stream": "ext://sys.stdout"}},
    "loggers": {"kedro": {"level": "INFO"}, "py.warnings": {"level": "ERROR"}},
    "root": {"level": "WARNING", "handlers": ["lines"]},
}
LOADING, DONE = "kedro.io.data_catalog Loading data from", "kedro.runner.sequential_runner Completed node: "


def copy_of_the_project(folder: Path) -> dict[str, str]:
    """Copy what a run reads; return the environment in which its log has times."""
    for name in ("src", "conf"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "logging.yml").write_text(yaml.safe_dump(LOGGING))
    return os.environ | {"KEDRO_LOGGING_CONFIG": str(folder / "logging.yml"), "DO_NOT_TRACK": "true"}


def stages(lines: list[str], start: float, end: float) -> dict[str, float]:
    """Seconds of the start, of each node and of the end, in order, from the lines of the log."""
    seconds: dict[str, float] = {}
    last = start
    for line in lines:
        stamp, _, rest = line.partition(" ")
        name = rest.removeprefix(DONE) if rest.startswith(DONE) else None
        if rest.startswith(LOADING) and not seconds:
            name = "start-up"
        if name:
            seconds[name], last = float(stamp) - last, float(stamp)
    return seconds | {"end": end - last}


def main(env: str, raw: Path | None, params: str) -> None:
    """Run and print the table."""
    given = [*([f"raw={raw.resolve()}"] if raw else []), *([params] if params else [])]
    command = [sys.executable, "-m", "kedro", "run", "--env", env, *(["--params", ",".join(given)] if given else [])]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = copy_of_the_project(folder)
        start = time.time()
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        end = time.time()
        if done.returncode:
            raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
        histories = [pd.read_parquet(file) for file in folder.glob("data/06_models/*/training_history/**/*.parquet")]
    seconds = stages(done.stdout.splitlines(), start, end)
    epochs, whole = sum(history["seconds"].sum() for history in histories), end - start
    pipelines = Counter()
    for node, value in seconds.items():
        pipelines[node.partition(".")[0]] += value
    print(f"kedro {' '.join(command[3:])}: {whole:.1f} s, {len(histories)} fits, {sum(map(len, histories))} epochs\n")
    print("| part | seconds | of the run |\n|---|---|---|")
    rows = [*pipelines.items(), ("epochs, within modeling", epochs), ("outside the epochs", whole - epochs)]
    for part, value in rows:
        print(f"| {part} | {value:.2f} | {value / whole:.1%} |")
    print("\nlongest nodes: " + ", ".join(f"{node} {s:.2f} s" for node, s in Counter(seconds).most_common(6)))
    print(f"outside the epochs: {1 - epochs / whole:.1%} of {whole:.1f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--env", default="demo", help="of the run (default demo)")
    parser.add_argument("--raw", type=Path, help="folder of raw files")
    parser.add_argument("--params", default="", help="further KEY=VALUE of kedro run")
    arguments = parser.parse_args()
    main(arguments.env, arguments.raw, arguments.params)
