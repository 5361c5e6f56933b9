"""The notebooks are executed against a finished run, in one kernel; the tutorial without one."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

PROJECT = Path(__file__).parents[2]
TUTORIAL = PROJECT / "notebooks" / "tutorial_python.ipynb"
"""Needs no run, and keeps its outputs: `keep_output` in its metadata, which nbstripout respects."""
NOTEBOOKS = sorted(set((PROJECT / "notebooks").glob("*.ipynb")) - {TUTORIAL})
QUIET = {"DO_NOT_TRACK": "1", "OMP_NUM_THREADS": "1", "PATHLORE_ENV": "test"}

SHOWN = {
    "compare_two_runs": (1, "rank correlation of importance"),
    "explore_a_graph": (1, "sentence"),
    "read_a_run": (2, "logit of the paths"),
    "score_new_cells": (1, "graph_genes"),
}
"""Figures of each notebook, and what its last table shows."""


RECORD = """
import sys
from pathlib import Path

import pandas as pd

from pathlore import tracking
from pathlore.config import TrackingConfig
from pathlore.tracking import contents

config = TrackingConfig(
    enabled=True, tracking_uri="sqlite:///mlflow.db", artifact_location=None, experiment="pathlore/test", run_name=None,
    pipelines=[], system_metrics=False, system_metrics_interval=5,
)
reports = Path("data/08_reporting/test")
for seed in (0, 1):
    parameters = {"modeling": {"training": {"seed": seed, "epochs": 4}}}
    run = tracking.open_run(config, parameters, {"kedro.env": "test"}, "test")
    run.add_final(contents.final_metrics(pd.read_csv(reports / "metrics.csv")))
    run.log_file(reports / "path_importance", "report/path_importance")
    run.close("FINISHED")
"""
"""Records the finished run twice, as two runs that differ in one parameter."""


@pytest.fixture(scope="module")
def two_records(finished_copy: Path) -> Path:
    """A project with two more runs in MLflow; to run again for them would take longer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(finished_copy)
        exec(RECORD, {})
    return finished_copy


@pytest.fixture(scope="module")
def executed(two_records: Path) -> dict[str, list[nbformat.NotebookNode]]:
    """The cells of code of each notebook with their outputs; one kernel for all, emptied before each."""
    read = {path.stem: nbformat.read(two_records / "notebooks" / path.name, as_version=4) for path in NOTEBOOKS}
    whole = nbformat.v4.new_notebook()
    for notebook in read.values():
        whole.cells += [nbformat.v4.new_code_cell("%reset -f"), *notebook.cells]
    folder = {"metadata": {"path": str(two_records / "notebooks")}}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in QUIET.items():
            patch.setenv(name, value)
        NotebookClient(whole, timeout=600, kernel_name="python3", resources=folder, allow_errors=True).execute()
    return {name: [cell for cell in notebook.cells if cell.cell_type == "code"] for name, notebook in read.items()}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, executed: dict[str, list[nbformat.NotebookNode]]) -> None:
    outputs = [output for cell in executed[path.stem] for output in cell.outputs]
    assert [output["evalue"] for output in outputs if output["output_type"] == "error"] == []
    figures, last = SHOWN[path.stem]
    assert sum("image/png" in output.get("data", {}) for output in outputs) == figures
    assert last in outputs[-1]["data"]["text/html"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_stripped(path: Path) -> None:
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert cells
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)


def test_there_are_these_notebooks() -> None:
    assert [path.name for path in NOTEBOOKS] == [f"{name}.ipynb" for name in sorted(SHOWN)]


def tables(notebook: nbformat.NotebookNode) -> list[list[list[str]]]:
    """Every table among the outputs, in their order: its rows, the header first."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    shown = [output["data"]["text/html"] for output in outputs if "text/html" in output.get("data", {})]
    rows = [re.findall(r"<tr.*?</tr>", html, re.S) for html in shown]
    return [[re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.S) for row in table] for table in rows]


def number(cell: str) -> float | str:
    """A decimal number, or any other text as it is."""
    return float(cell) if re.fullmatch(r"-?\d+\.\d+", cell) else cell


def auroc(table: list[list[str]]) -> dict[str, float]:
    """Method -> AUROC on the test cells."""
    header, *rows = table
    return {row[header.index("method")]: float(row[header.index("auroc")]) for row in rows}


def test_the_tutorial_gives_its_stored_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All columns, and every cell of the tables that need no fit; a fit may differ a little between machines."""
    for name, value in {**QUIET, "XDG_CACHE_HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    notebook = nbformat.read(TUTORIAL, as_version=4)
    wanted = tables(notebook)
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources=resources).execute()
    found = tables(notebook)
    assert [(table[0], len(table)) for table in found] == [(table[0], len(table)) for table in wanted]
    for place in (0, 1, -2, -1):  # the inspection, the coverage, receptors, ligands
        for row, stored in zip(found[place], wanted[place], strict=True):
            for cell, kept in zip(map(number, row), map(number, stored), strict=True):
                assert cell == (pytest.approx(kept, rel=0.01, abs=0.01) if isinstance(kept, float) else kept)
    assert auroc(found[2]) == pytest.approx(auroc(wanted[2]), abs=0.05)


def test_the_tutorial_keeps_small_outputs() -> None:
    notebook = nbformat.read(TUTORIAL, as_version=4)
    assert notebook.metadata["keep_output"]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs for cell in code[1:])
    outputs = [output for cell in code for output in cell.outputs]
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 1
    assert not [output for output in outputs if output["output_type"] == "error"]
    assert TUTORIAL.stat().st_size < 200_000
    stripped = subprocess.run(
        [sys.executable, "-m", "nbstripout", "--dry-run", str(TUTORIAL)], capture_output=True, text=True, check=True
    )
    assert "Dry run: would have stripped" not in stripped.stdout
