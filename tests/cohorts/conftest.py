"""Series in miniature, and a place for their files."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest
from miniature_series import Miniature, cohort_block, recipe_in
from transfer_fixtures import server, straight_and_quick  # noqa: F401

from pathlore.cohorts.assemble import assemble_series
from pathlore.config import RecipeConfig


@pytest.fixture(scope="session")
def liver() -> Miniature:
    return Miniature(recipe_in("cirrhosis"), ("T cell", "macrophage"), "liver", 6)


@pytest.fixture(scope="session")
def pancreas() -> Miniature:
    return Miniature(recipe_in("pdac"), ("ductal cell", "fibroblast"), "pancreas", 6)


@pytest.fixture(scope="session")
def cortex() -> Miniature:
    return Miniature(recipe_in("alzheimers"), ("microglia", "astrocyte"), "brain", 12)


def report_of(files: Mapping[str, bytes], folder: Path, series: str) -> pd.DataFrame:
    """Write files and report them as the download does."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return pd.DataFrame({"resource": series, "file": [str(folder / name) for name in files], "sha256": "0" * 64})


@pytest.fixture
def assemble(tmp_path: Path) -> Callable:
    """Put a series together: ``assemble(recipe, files, **changes of the block)``."""

    def run(recipe: RecipeConfig, files: Mapping[str, bytes], **changes: object) -> tuple:
        config = cohort_block(recipe, tmp_path, **({"min_genes": 1} | changes))
        return assemble_series(report_of(files, tmp_path, recipe.series), config)

    return run
