"""A file as somebody has it, two commands: the inspection, and a run in the environment that it wrote."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

import pathlore
from pathlore.errors import PathloreError, user_error
from pathlore.expression.fabricate import fabricate_cells

NETWORK = Path(pathlore.__file__).parent / "knowledge" / "interactions.csv"


@pytest.fixture(scope="module")
def cells():
    return fabricate_cells(pd.read_csv(NETWORK), n_cells=160, seed=0)


@pytest.fixture(scope="module")
def files(project, cells):
    """A matrix with genes in rows and a table about the cells, in a folder of the user's."""
    folder = project / "notes" / "lung"
    folder.mkdir(parents=True)
    cells.to_df().astype(int).T.to_csv(folder / "counts.csv.gz")
    cells.obs.rename_axis("cell").reset_index().to_csv(folder / "about.tsv", sep="\t", index=False)
    return folder


@pytest.fixture(scope="module")
def inspected(project, files):
    """The first command, given in a folder below the project, with paths relative to that folder."""
    params = "cells=lung/counts.csv.gz,cell_annotations=lung/about.tsv,inspection.name=lung"
    done = subprocess.run(
        [sys.executable, "-m", "kedro", "run", "--pipeline", "inspection", "--params", params],
        cwd=project / "notes",
        env={**os.environ, "DO_NOT_TRACK": "1", "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_report_is_shown_and_kept(project, inspected):
    assert "classes: control (control) and case" in inspected
    assert inspected.rstrip().endswith("kedro run --env lung")
    kept = project / "data" / "08_reporting" / "base" / "inspection" / "lung" / "report.md"
    assert kept.read_text().strip() in inspected


def test_the_environment_names_the_files(project, files, inspected):
    found = yaml.safe_load((project / "conf" / "lung" / "globals.yml").read_text())
    assert found == {"cells": str(files / "counts.csv.gz"), "cell_annotations": str(files / "about.tsv")}


def test_the_second_command_runs(project, inspected, kedro_run):
    kedro_run(project, "lung", pipeline_names=["ingestion", "graph_construction"])
    coverage = pd.read_csv(project / "data" / "08_reporting" / "lung" / "coverage.csv").set_index("measure")["count"]
    assert coverage["cells of class control"] == 80
    assert coverage["donors"] == 8
    assert len(pd.read_parquet(project / "data" / "04_feature" / "lung" / "signaling_paths" / "pooled.parquet")) == 600


def test_an_environment_that_is_there_is_left_alone(project, files, inspected, kedro_run):
    settings = project / "conf" / "lung" / "parameters.yml"
    before = settings.read_text()
    params = {"cells": str(files / "counts.csv.gz"), "inspection": {"name": "lung"}}
    kedro_run(project, None, params, pipeline_names=["inspection"])
    assert settings.read_text() == before
    report = project / "data" / "08_reporting" / "base" / "inspection" / "lung" / "report.md"
    assert "WAS LEFT AS IT WAS" in report.read_text()


def test_without_a_condition_the_second_command_says_what_to_fill_in(project, files, kedro_run):
    params = {"cells": str(files / "counts.csv.gz"), "inspection": {"name": "bare"}}
    kedro_run(project, None, params, pipeline_names=["inspection"])
    report = (project / "data" / "08_reporting" / "base" / "inspection" / "bare" / "report.md").read_text()
    assert "First fill in `ingestion.cells.condition`" in report
    with pytest.raises(PathloreError, match=r"`ingestion\.cells\.classes` is empty.*conf/bare"):
        kedro_run(project, "bare")


def test_a_column_that_is_not_there_is_named(project, files, kedro_run):
    params = {"cells": str(files / "counts.csv.gz"), "inspection": {"name": "no", "condition": "arm"}}
    with pytest.raises(Exception) as caught:  # noqa: PT011 (Kedro's own, with ours as its cause)
        kedro_run(project, None, params, pipeline_names=["inspection"])
    assert "`inspection.condition`" in str(user_error(caught.value))
    assert not (project / "conf" / "no").exists()
