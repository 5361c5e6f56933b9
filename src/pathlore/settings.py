"""Kedro's settings for this project."""

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from kedro.config import OmegaConfigLoader
from omegaconf import OmegaConf

from pathlore.errors import PathloreError
from pathlore.following import FollowingHooks
from pathlore.hooks import ErrorHooks, InputHooks, ParameterHooks, SummaryHooks, TrackingHooks
from pathlore.training.place import place

# Threads of the processor that wait for each other shall sleep: spinning, as they do by default, makes a fit ten times
# slower wherever another program wants the same cores. Must be said before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def locate(folder: str, files: str | Sequence[str]) -> str:
    """Find raw files: ``package:NAME/rest`` inside an installed package, else relative to the folder of raw files.

    Several files are a list, or one text with ``;`` between them; the answer has ``;`` between them.

    Examples
    --------
    >>> locate("data/01_raw", "cells.h5ad"), locate("data/01_raw", ["/else/where.tsv", "b.tsv"]), locate("raw", "")
    ('data/01_raw/cells.h5ad', '/else/where.tsv;data/01_raw/b.tsv', '')
    """
    names = files.split(";") if isinstance(files, str) else list(files)
    return ";".join(_locate(folder, name.strip()) for name in names if name.strip())


def _locate(folder: str, file: str) -> str:
    if not file.startswith("package:"):
        return str(Path(folder) / file)
    package, _, rest = file.removeprefix("package:").partition("/")
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise PathloreError(f"the package {package} is not installed, but {file} is asked for: check globals.yml")
    return str(Path(spec.submodule_search_locations[0]) / rest)


class EnvironmentConfigLoader(OmegaConfigLoader):
    """Kedro's loader with two resolvers of its own.

    ``${environment:}`` is the name of the environment, without ``--env`` the base's. ``${from_project:FILES}`` makes
    relative files, several with ``;`` between them, start at the project's folder, as Kedro does for a single one.

    OmegaConf knows each resolver once for the whole process. So that ``${globals:}`` and these two speak of this loader
    where a later one was made for another environment, they are registered anew before anything is resolved.
    """

    def __getitem__(self, key: str) -> dict[str, Any]:
        """Load one kind of configuration."""
        name = self.base_env if self.env in (None, self.default_run_env) else self.env
        project = str(Path(self.conf_source).resolve().parent)
        OmegaConf.register_new_resolver("environment", lambda: name, replace=True)
        OmegaConf.register_new_resolver("from_project", lambda files: locate(project, files), replace=True)
        self._register_globals_resolver()
        return super().__getitem__(key)


HOOKS = (
    *((SummaryHooks(), TrackingHooks()) if place().leads else (FollowingHooks(),)),
    InputHooks(),
    ParameterHooks(),
    ErrorHooks(),
)  # Kedro calls the last one first

CONFIG_LOADER_CLASS = EnvironmentConfigLoader
CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    "config_patterns": {"mlflow": ["mlflow*", "mlflow*/**"]},
    "custom_resolvers": {"locate": locate},
    "merge_strategy": {"parameters": "soft", "globals": "soft", "mlflow": "soft"},
}
