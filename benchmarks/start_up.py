"""What a Kedro command costs before and after its work: here, and in a project that holds one node and nothing else.

    python benchmarks/start_up.py [--quick]

Both projects are made in a temporary folder: "kedro alone" with an empty catalogue, no parameters and a node that
returns a number; "pathlore" as a copy of src/ and conf/, without data. Two runs of pathlore are timed, both whole
commands with all hooks, the catalogue and the check of the parameters:

- an idle node: ``--pipelines resources`` with nothing to download, which writes a table without rows;
- a first node: ``--env test --nodes ingestion.unite_gene_names``, which reads the built-in names of 1,987 genes, brings
  them into one table, checks and writes it, so some tenths of a second are its own.

Each command is a new process. All take turns, and the least of several rounds counts, after a first one that is not
counted, as it compiles the copies. CPU seconds are those of the user and of the system, of all threads. ``--quick``
counts one round. The last lines are the ratios to the same command of kedro alone.
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from measure import interleaved_processes

ROOT = Path(__file__).parents[1]
KEDRO = [sys.executable, "-m", "kedro"]
LIST, LIST_ALONE = "kedro registry list, pathlore", "kedro registry list, kedro alone"
IDLE, FIRST, RUN_ALONE = (
    "kedro run, pathlore, an idle node",
    "kedro run, pathlore, a first node",
    "kedro run, kedro alone",
)
REFERENCES = {LIST: LIST_ALONE, IDLE: RUN_ALONE, FIRST: RUN_ALONE}

ALONE = {
    "pyproject.toml": '[tool.kedro]\npackage_name = "alone"\nproject_name = "alone"\nkedro_init_version = "1.7.0"\n',
    "src/alone/__init__.py": "",
    "src/alone/settings.py": "",
    "src/alone/pipeline_registry.py": "from kedro.pipeline import Node, Pipeline\n\n\n"
    "def number():\n    return 0\n\n\n"
    'def register_pipelines():\n    return {"__default__": Pipeline([Node(number, None, "number", name="number")])}\n',
    "conf/base/catalog.yml": "{}\n",
    "conf/base/parameters.yml": "{}\n",
    "conf/local/.gitkeep": "",
}


def make_alone(folder: Path) -> Path:
    """Write the smallest project that has a node."""
    for name, text in ALONE.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def make_pathlore(folder: Path) -> Path:
    """Copy this project, without data."""
    for name in ("src", "conf"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def main() -> None:
    """Time the commands in turn, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int, default=7)
    rounds = 1 if (arguments := parser.parse_args()).quick else arguments.rounds
    with tempfile.TemporaryDirectory() as folder:
        alone, ours = make_alone(Path(folder, "alone")), make_pathlore(Path(folder, "pathlore"))
        environment = os.environ | {"DO_NOT_TRACK": "1", "PYTHONPATH": str(ours / "src")}
        commands = {
            "python -c pass": ([sys.executable, "-c", "pass"], alone),
            "import kedro.framework.cli": ([sys.executable, "-c", "import kedro.framework.cli"], alone),
            LIST_ALONE: ([*KEDRO, "registry", "list"], alone),
            LIST: ([*KEDRO, "registry", "list"], ours),
            RUN_ALONE: ([*KEDRO, "run"], alone),
            IDLE: ([*KEDRO, "run", "--pipelines", "resources"], ours),
            FIRST: ([*KEDRO, "run", "--env", "test", "--nodes", "ingestion.unite_gene_names"], ours),
        }
        interleaved_processes(commands, 1, environment)
        costs = interleaved_processes(commands, rounds, environment)
    print("what | wall s | CPU s | against kedro alone")
    for name, cost in costs.items():
        ratio = f"{cost.wall / costs[REFERENCES[name]].wall:.1f}" if name in REFERENCES else ""
        print(f"{name} | {cost.wall:.2f} | {cost.cpu:.2f} | {ratio}")
    print()
    for name, reference in REFERENCES.items():
        ours_, theirs = costs[name], costs[reference]
        print(
            f"{name}: {ours_.wall / theirs.wall:.1f} times kedro alone, of CPU time {ours_.cpu / theirs.cpu:.1f} times"
        )


if __name__ == "__main__":
    main()
