"""Killed, starved and damaged runs: some of each kind, and faults planted in the program that the trials must find.

`python benchmarks/faults.py --n 1000` does the rest.
"""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
QUICK = ("ingestion", "graph_construction")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="faults are done to forked processes"),
]


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    sys.path.insert(0, str(FOLDER))
    try:
        import faults

        before = dict(os.environ)
        faults.prepare_environment()
        made = faults.Trials(tmp_path_factory.mktemp("faults") / "trials", 5, QUICK)
        yield made
        made.project.close()
        os.environ.clear()
        os.environ.update(before)
    finally:
        sys.path.remove(str(FOLDER))


@pytest.fixture
def planted(trials):
    """``planted(plant, kind, pipeline)``: what the trials say of a program with a fault in it."""

    def find(plant, kind, pipeline, most=12):
        trials.project.plant = plant
        try:
            for number in range(most):
                case = trials.one(number, kind, pipeline)
                if case.faults:
                    return " ".join(case.faults)
        finally:
            trials.project.plant = None
        return ""

    return find


def test_nothing_is_lost(trials):
    cases = [trials.one(number) for number in range(9)]
    assert {f"{case.kind}, {case.pipeline}: {case.detail}": case.faults for case in cases if case.faults} == {}
    assert len({case.kind for case in cases}) >= 3
    assert all(case.compared > 10 for case in cases)


def test_every_kind_compares_every_dataset(trials):
    names = set(trials.reference)
    for name in ("03_primary/faults/cells.h5ad", "04_feature/faults/bridged_network.parquet"):
        assert name in names
    places = trials.places["ingestion"] | trials.places["graph_construction"]
    for place in places.values():
        inside = place.relative_to(trials.project.data).as_posix()
        assert any(name == inside or name.startswith(f"{inside}/") for name in names), inside


def lose_an_edge():
    """A node that loses a random edge."""
    from pathlore.pipelines.graph_construction import nodes

    whole = nodes.bridge_unmeasured

    def lossy(*read):
        made = whole(*read)
        return made.drop(random.SystemRandom().choice(list(made.index))).reset_index(drop=True)

    lossy.__annotations__, lossy.__name__ = whole.__annotations__, whole.__name__
    lossy.__wrapped__ = whole
    nodes.bridge_unmeasured = lossy


def agree_always():
    """A checksum that always agrees."""
    from pathlore.datasets.checksums import SavedChecksums

    SavedChecksums.differs = lambda *_: False


def compare_no_origins():
    """What was made from other parameters counts as up to date."""
    from pathlore.datasets.origins import Origins

    Origins.outdated = lambda *_: {}


def leave_a_partial():
    """Something half written is left."""
    folder = Path("data/04_feature/faults/.gene_statistics.0a1b2c3d.partial")
    folder.mkdir(parents=True, exist_ok=True)
    from pathlore import hooks

    hooks.remove_leftovers = lambda *_: None


def leave_a_run_open():
    """A run in MLflow that nobody closes."""
    import sqlite3

    with sqlite3.connect("mlflow.db") as database:
        database.execute("CREATE TABLE IF NOT EXISTS runs (status TEXT)")
        database.execute("INSERT INTO runs (status) VALUES ('RUNNING')")


def show_a_traceback():
    """An error that is no line for the user."""
    from pathlore.datasets.catalogue import AtomicCatalog

    def broken(*_):
        raise KeyError("index")

    AtomicCatalog.check = broken


@pytest.mark.parametrize(
    ("plant", "kind", "pipeline", "found"),
    [
        (lose_an_edge, "kill", "graph_construction", "other than undisturbed: ['04_feature/faults/bridged_network"),
        (agree_always, "damage", "ingestion", "other than undisturbed"),
        (compare_no_origins, "other parameters", "ingestion", "other than undisturbed"),
        (leave_a_partial, "kill", "ingestion", "left behind"),
        (leave_a_run_open, "kill", "ingestion", "a run is left open"),
        (show_a_traceback, "full disk", "ingestion", "no single line"),
    ],
)
def test_a_planted_fault_is_found(planted, plant, kind, pipeline, found):
    assert found in planted(plant, kind, pipeline), plant.__doc__


def test_the_script_says_what_it_did(tmp_path):
    command = [sys.executable, str(FOLDER / "faults.py"), "--n", "1", "--pipelines", "resources"]
    command += ["--log", str(tmp_path / "log")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "| resources | 1 | 1 | 0 | 0 | 0 |" in done.stdout or "| resources | 1 | 0 | 1 | 0 | 0 |" in done.stdout
    assert (tmp_path / "log").read_text().count('"pipeline": "resources"') == 1
