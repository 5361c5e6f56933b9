"""The project's own configuration, by environment."""

from collections.abc import Callable
from pathlib import Path

import pytest
from kedro.config import AbstractConfigLoader

from pathlore.pipeline_registry import register_pipelines
from pathlore.settings import CONFIG_LOADER_ARGS, CONFIG_LOADER_CLASS

ROOT = Path(__file__).parents[2]
CONF = ROOT / "conf"
ENVIRONMENTS = sorted(
    folder.name
    for folder in CONF.iterdir()
    if folder.is_dir() and folder.name not in ("base", "local") and list(folder.rglob("*.yml"))
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for an ``environment`` on base and on each environment."""
    if "environment" in metafunc.fixturenames:
        metafunc.parametrize("environment", ["base", *ENVIRONMENTS], scope="session")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def load() -> Callable[[str], AbstractConfigLoader]:
    """The configuration of an environment, as Kedro reads it."""
    return lambda environment: CONFIG_LOADER_CLASS(conf_source=str(CONF), env=environment, **CONFIG_LOADER_ARGS)


@pytest.fixture(scope="session")
def config(environment: str, load: Callable[[str], AbstractConfigLoader]) -> AbstractConfigLoader:
    return load(environment)


@pytest.fixture(scope="session")
def catalogue(config: AbstractConfigLoader) -> dict[str, dict]:
    """Entries by name, without anchors and defaults."""
    return {name: entry for name, entry in config["catalog"].items() if not name.startswith("_")}


@pytest.fixture(scope="session")
def pipelines() -> dict:
    return register_pipelines()
