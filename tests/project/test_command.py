"""The command `pathlore`: what it hands to Kedro and to the Python interface, its help, and its errors."""

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from pathlore import command as cli
from pathlore.errors import PathloreError

ROOT = Path(__file__).parents[2]
COMMANDS = ("inspect", "receptors", "report", "run", "score")


@pytest.fixture
def ran(monkeypatch):
    """Pipelines that a command would run, with their environment and parameters."""
    calls = []
    monkeypatch.setattr(cli, "run_pipeline", lambda project, env, names, params: calls.append((env, names, params)))
    monkeypatch.setattr(cli, "cohort_of", lambda project, env: f"cohort_of_{env}")
    return calls


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setattr(cli, "find_project", lambda: tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys, *arguments):
    """Exit code, and what is written."""
    try:
        cli.main(list(arguments))
        code = 0
    except SystemExit as end:
        code = end.code
    told = capsys.readouterr()
    return code, told.out, told.err


def test_help_names_every_command_and_the_first_steps(capsys):
    code, out, _ = said(capsys, "--help")
    assert code == 0
    for name in COMMANDS:
        assert re.search(rf"^  {name} ", out, re.M), name
        one = said(capsys, name, "--help")[1]
        assert "Options:" in one
        assert max(len(line) for line in one.splitlines()) <= 80
    assert "pathlore run --env demo" in out


def test_inspect_names_the_file_and_the_columns(project, ran):
    cli.main(["inspect", "my, cells.h5ad", "--condition", "disease", "--donor", "none", "--name", "mine"])
    file = str(project / "my, cells.h5ad")
    assert ran == [
        (None, ["inspection"], {"cells": file, "inspection": {"name": "mine", "condition": "disease", "donor": "none"}})
    ]


def test_score_with_the_model_of_an_environment(project, ran):
    cli.main(["score", "new.h5ad", "--env", "mine", "--population", "b_cells"])
    bundle = project / "data/06_models/cohort_of_mine/bundles/b_cells"
    assert ran == [("mine", ["scoring"], {"cells": str(project / "new.h5ad"), "bundle": str(bundle)})]


def test_run_is_kedro_run(project, monkeypatch):
    given = []

    class Run:
        def main(self, arguments, standalone_mode):
            given.append(arguments)

    import kedro.framework.cli.project as commands
    import kedro.framework.startup as startup

    monkeypatch.setattr(commands, "run", Run())
    monkeypatch.setattr(startup, "bootstrap_project", lambda path: None)
    cli.main(["run", "--env", "demo", "--resume", "--params", "a.b=1,c=2", "--from-nodes", "modeling.fit_models"])
    cli.main(["--env", "demo", "--pipelines", "modeling,interpretation"])
    assert given == [
        ["--env", "demo", "--params", "a.b=1,c=2", "--only-missing-outputs", "--from-nodes", "modeling.fit_models"],
        ["--env", "demo", "--pipelines", "modeling,interpretation"],
    ]


def test_report_shows_the_summary_and_the_page(project, ran, capsys):
    code, _, err = said(capsys, "report", "--env", "demo")
    assert code == 1
    assert err.startswith("pathlore: there is no report at ")
    assert err.count("\n") == 1
    folder = project / "data/08_reporting/cohort_of_demo"
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("<html>")
    (folder / "summary.txt").write_text("pooled: test set")
    code, out, _ = said(capsys, "report", "--env", "demo")
    assert code == 0
    assert "pooled: test set" in out
    assert str(folder / "report.html") in out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["score", "x.h5ad"], "none of --env and --bundle were given"),
        (["score", "x.h5ad", "--env", "a", "--bundle", "b"], "both of --env and --bundle were given"),
        (["score", "x.h5ad", "--bundle", "b"], "--bundle was given without --to"),
        (["receptors", "nowhere.csv"], "there is no file nowhere.csv"),
    ],
)
def test_errors_are_one_line(project, capsys, arguments, expected):
    code, _, err = said(capsys, *arguments)
    assert code == 1
    assert err.startswith("pathlore: ")
    assert expected in err
    assert err.count("\n") == 1


def test_a_misspelt_command_or_option_is_said(capsys):
    for arguments in (["inspekt", "x"], ["report", "--envi", "x"], ["run"]):
        code, _, err = said(capsys, *arguments)
        assert code == 2
        assert "Error: " in err
        assert "Traceback" not in err


def test_without_a_project(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, _, err = said(capsys, "run", "--env", "demo")
    assert code == 1
    assert err.startswith("pathlore: no project is here or above")
    with pytest.raises(PathloreError, match="no project"):
        cli.needed_project()


def test_receptors_of_a_table(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pd.DataFrame({"gene": ["STAT1", "IRF1", "CXCL10"], "stat": [9.0, 8.0, 7.0]}).to_csv(
        "table.tsv", sep="\t", index=False
    )
    ranked = pd.DataFrame(
        {"rank": [1, 2], "receptor": ["IFNGR1", "IL2RA"], "ligands": ["IFNG", "IL2"], "score": [3.0, 1.0]}
    )
    monkeypatch.setattr("pathlore.signals.rank_receptors", lambda effects: ranked if len(effects) == 3 else None)
    code, out, err = said(capsys, "receptors", "table.tsv", "--top", "1", "--to", "all.csv")
    assert code == 0, err
    assert "IFNGR1" in out
    assert "IL2RA" not in out
    assert list(pd.read_csv("all.csv")["receptor"]) == ["IFNGR1", "IL2RA"]


def test_the_command_runs_as_a_module(tmp_path):
    command = [sys.executable, "-m", "pathlore", "report", "--env", "tset"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("pathlore: ")]
    assert "did you mean test?" in line


def test_commands_of_kedro_stay_its_own():
    """Kedro takes commands from a module `cli` of the package, before its own."""
    from importlib.util import find_spec

    from kedro.framework.cli.project import run as own
    from kedro.framework.cli.utils import find_run_command
    from kedro.framework.project import configure_project

    assert find_spec("pathlore.cli") is None
    configure_project("pathlore")
    assert find_run_command("pathlore") is own
