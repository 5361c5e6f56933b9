"""The project in a folder of its own, run for real: fixtures of all tests (`pytest_plugins` in conftest.py)."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

ROOT = Path(__file__).parents[2]


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Work in a folder, as somebody does who calls ``kedro run`` there."""
    before, threads = Path.cwd(), torch.get_num_threads()
    os.chdir(folder)
    torch.set_num_threads(1)
    try:
        yield
    finally:
        os.chdir(before)
        torch.set_num_threads(threads)


def copy_project(folder: Path) -> Path:
    """Configuration copied, data and runs of its own; a git checkout with one commit."""
    folder.mkdir()
    shutil.copytree(ROOT / "conf", folder / "conf", ignore=shutil.ignore_patterns("local"))
    (folder / "conf" / "local").mkdir()
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / ".telemetry").write_text("consent: false\n")
    (folder / "src").mkdir()  # Kedro wants one; the package itself is the installed one
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "pyproject.toml"], ["commit", "-q", "--no-verify", "-m", "one"]):
        subprocess.run([*git, *command], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def kedro_run() -> Callable[..., dict[str, Any]]:
    """``kedro run`` in this process: ``kedro_run(project, env, params, **what)``."""

    def run(project: Path, env: str, params: dict[str, Any] | None = None, **what: Any) -> dict[str, Any]:
        with inside(project):
            bootstrap_project(project)
            with KedroSession.create(project_path=project, env=env, runtime_params=params or {}) as session:
                return session.run(**what)

    return run


@pytest.fixture(scope="session")
def new_project() -> Callable[[Path], Path]:
    """``new_project(folder)``: one more empty project."""
    return copy_project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty project."""
    return copy_project(tmp_path_factory.mktemp("run") / "project")


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, kedro_run: Callable[..., Any], empty_database: Path) -> Path:
    """A project in which everything was run once and recorded, on cells whose batch is their class.

    Whoever changes something works in a copy; the files that read it are one group, for one process (conftest.py).
    """
    from pathlore.datasets.fabricated import FabricatedCellsDataset

    project = copy_project(tmp_path_factory.mktemp("finished") / "project")
    shutil.copytree(ROOT / "notebooks", project / "notebooks")
    shutil.copy(empty_database, project)
    (project / "conf" / "test" / "mlflow.yml").write_text("register_as: made\n")
    load = FabricatedCellsDataset.load

    def confounded(dataset: FabricatedCellsDataset) -> Any:
        cells = load(dataset)
        cells.obs["batch"] = cells.obs["condition"].map({"control": "first", "case": "second"}).astype(str)
        return cells

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FabricatedCellsDataset, "load", confounded)
        kedro_run(project, "test")
    return project


@pytest.fixture(scope="module")
def finished_copy(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``finished``, to be changed."""
    return shutil.copytree(finished, tmp_path_factory.mktemp("copy") / "project")
