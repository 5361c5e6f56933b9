"""Nothing of a user's is deleted or changed, in whatever folder a parameter names, whatever its name looks like."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

from pathlore.files import MARKER

pytestmark = pytest.mark.slow

MINE = (
    *("x.pt", "a.tmp", "pooled.pt", ".abc.def.", ".NAME.0a1b2c3d.partial", ".pooled.0a1b2c3d.partial/x", "mlflow.db"),
    *(".abc.def/record.json", "pathlore-cells-host-1-x/train.data", "embeddings.damaged", "deep/er/notes.txt"),
)
SMALL = {
    "graph_construction.paths.max_paths": 20,
    "modeling.training.epochs": 1,
    "evaluation.quick.repeats": 1,
    "evaluation.quick.axes": ["nulls"],
    "evaluation.baselines": ["majority"],
    "evaluation.stability": [],
    "engine.workers": 1,
}
"""The least of everything: which files are touched does not depend on it."""
FOLDERS = {
    "modeling.training.checkpoints": "checkpoints",
    "modeling.training.scratch": "scratch",
    "evaluation.store": "tasks",
    "interpretation.refits.store": "refits",
    "text_embedding.encoder.cache": "cache",
    "inspection.folder": "environments",
}


BESIDE = tuple(name for name in MINE if not name.endswith(".json"))
"""Those that no dataset takes for a part of its own; such a part of another's stops a run, in one line."""


def put(folder: Path, names: tuple[str, ...] = MINE) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"mine: {name}")


def lost(folders: list[Path], names: tuple[str, ...] = MINE) -> list[str]:
    """What is not as it was put."""
    return [
        f"{folder.name}/{name}"
        for folder in folders
        for name in names
        if not (folder / name).is_file() or (folder / name).read_text() != f"mine: {name}"
    ]


def tree(values: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in values.items():
        *path, last = key.split(".")
        block = result
        for part in path:
            block = block.setdefault(part, {})
        block[last] = value
    return result


def run(project: Path, start: Path, names: list[str], **params: object) -> None:
    """``cd start; kedro run``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(start)
        bootstrap_project(project)
        with KedroSession.create(project_path=project, env="test", runtime_params=params) as session:
            session.run(pipeline_names=names)


@pytest.fixture(scope="module")
def elsewhere(project):
    folder = project / "notebooks"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def used(project, elsewhere):
    """A project whose every pipeline has run twice in folders that hold files of a user's."""
    named = {key: f"mine/{name}" for key, name in FOLDERS.items()}  # relative: they start at the project
    folders = [project / name for name in named.values()]
    params = {**tree(SMALL | named), "stream_cells": True}
    for folder in (*folders, project / "mine"):
        put(folder)
    catalog = project / "conf" / "test" / "catalog.yml"
    catalog.write_text(catalog.read_text().replace("n_cells: 400", "n_cells: 160"))
    run(project, elsewhere, ["__default__", "evaluation"], **params)
    made = sorted({path.parent for path in (project / "data").rglob("[!.]*") if path.is_file()})
    datasets = [folder for folder in made if "05_model_input" not in folder.parts]
    for folder in datasets:
        put(folder, BESIDE)
    run(project, elsewhere, ["__default__", "evaluation"], **params)
    raw = next((project / "data").rglob("cells.h5ad"))
    shutil.copy(raw, project / "new.h5ad")
    run(project, elsewhere, ["scoring"], **params, cells=str(project / "new.h5ad"))
    return folders, datasets


def test_folders_that_a_parameter_names(used):
    folders, _ = used
    assert lost(folders) == []
    for folder in folders:
        assert not [path for path in folder.rglob("*.partial") if path.is_dir() and (path / MARKER).exists()]


def test_folders_of_results(used):
    _, datasets = used
    assert len(datasets) > 10
    assert lost(datasets, BESIDE) == []


def test_a_run_leaves_nothing_where_it_was_started(used, elsewhere, project):
    assert list(elsewhere.iterdir()) == []
    assert (project / "mlflow.db").is_file()
    assert (project / "mine" / "mlflow.db").read_text() == "mine: mlflow.db"
    assert yaml.safe_load((project / "conf" / "test" / "parameters.yml").read_text())


def test_all_pipelines_that_are_missing_are_named_at_once(new_project, tmp_path):
    from pathlore.errors import PathloreError

    project = new_project(tmp_path / "fresh")
    with pytest.raises(PathloreError) as caught:
        run(project, project, ["modeling"])
    said = "--pipelines ingestion,graph_construction,text_embedding`"
    assert said in str(caught.value)
    with pytest.raises(PathloreError, match="--pipelines ingestion,graph_construction,text_embedding,modeling`"):
        run(project, project, ["interpretation"])
    with pytest.raises(PathloreError, match="--pipeline ingestion` first"):
        run(project, project, ["graph_construction"])


def test_the_paper_s_settings_find_paths_in_the_cells_that_are_shipped(new_project, tmp_path):
    project = new_project(tmp_path / "paper")
    bootstrap_project(project)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        with KedroSession.create(project_path=project, env="paper") as session:
            session.run(pipeline_names=["ingestion", "graph_construction"])
    assert list((project / "data").rglob("graph.json"))
