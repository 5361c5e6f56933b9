"""Kedro's settings for this project."""

import copy
import os
from collections.abc import Sequence
from glob import escape, glob, has_magic
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fsspec.implementations.local import LocalFileSystem
from kedro.config import OmegaConfigLoader
from omegaconf import OmegaConf
from omegaconf.errors import InterpolationResolutionError, OmegaConfBaseException
from yaml import YAMLError
from yaml.parser import ParserError

from pathlore.datasets.catalogue import AtomicCatalog
from pathlore.errors import PathloreError, user_error
from pathlore.hooks import (
    DataHooks,
    DistributedHooks,
    EngineHooks,
    ErrorHooks,
    FolderHooks,
    InputHooks,
    MemoryHooks,
    ParameterHooks,
    SummaryHooks,
)
from pathlore.session import CheckedSession
from pathlore.tracking_hooks import TrackingHooks
from pathlore.training.process_rank import current_rank

# Threads of the processor that wait for each other shall sleep: spinning, as they do by default, makes a fit ten times
# slower wherever another program wants the same cores. Must be said before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

NOT_GIVEN = object()


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
        return str(Path(escape(folder) if has_magic(file) else folder) / file)
    package, _, rest = file.removeprefix("package:").partition("/")
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise PathloreError(f"the package {package} is not installed, but {file} is asked for: check globals.yml")
    return str(Path(spec.submodule_search_locations[0]) / rest)


def start_at(folder: str, files: str) -> str:
    """Make relative files start at the present folder if they are there, else at ``folder``; ``~`` is the user's.

    Examples
    --------
    >>> start_at("/project", "/else/cells.h5ad;not/here.csv")
    '/else/cells.h5ad;/project/not/here.csv'
    """
    paths = [Path(name.strip()).expanduser() for name in str(files).split(";") if name.strip()]
    here = [path.exists() or bool(glob(str(path))) for path in paths]
    return ";".join(
        str(Path.cwd() / p if is_here else _locate(folder, str(p))) for p, is_here in zip(paths, here, strict=True)
    )


def variable(name: str, *default: str | None) -> str | None:
    """Read an environment variable, ``${oc.env:NAME}`` or ``${oc.env:NAME,default}``; an empty one counts as not set.

    Raises
    ------
    PathloreError
        It is not set, and there is no default.
    """
    found = os.environ.get(name, "")
    if found or default:
        return found or default[0]
    raise PathloreError(f"the environment variable {name} is not set, but the settings ask for it: `export {name}=...`")


def _inspected(name: str, file: str) -> str:
    from pathlore.inspection.environment import name_of  # not above: every command reads the settings

    return name or name_of(file)


class LiteralFolder(LocalFileSystem):
    """Files of this machine, where one folder is no pattern though its name has the signs of one.

    Parameters
    ----------
    folder
        Its path.
    """

    cachable = False

    def __init__(self, folder: str) -> None:
        super().__init__()
        self.folder = Path(folder)

    def glob(self, path: str, **options: Any) -> list[str]:
        """Files that a pattern below the folder finds."""
        rest = Path(path).relative_to(self.folder).as_posix()
        return sorted(str(found) for found in self.folder.glob(f"{rest}/*" if rest.endswith("**") else rest))


class EnvironmentConfigLoader(OmegaConfigLoader):
    r"""Kedro's loader with resolvers of its own.

    ``${environment:}`` is the name of the environment, without ``--env`` the base's. ``${from_project:FILES}`` makes
    relative files, several with ``;`` between them, start at the present folder if they are there, else at the
    project's folder, as Kedro's do; ``~`` is the user's. ``${settings_folder:}`` is the folder of all settings, and
    ``${inspected:NAME,FILE}`` names an inspection: as asked for, else by the file.

    OmegaConf knows each resolver once for the whole process. So that ``${globals:}`` and these speak of this loader
    where a later one was made for another environment, they are registered anew before anything is resolved.

    What is resolved is never resolved again: Kedro reads resolved settings with OmegaConf a second time where files are
    merged and where ``${globals:}`` is looked up, so that a label that is written ``\${...}`` would be interpolated.
    What was once loaded is kept, since hooks and Kedro itself read the parameters again and again.
    """

    @staticmethod
    def _initialise_filesystem_and_protocol(conf_source: str) -> Any:
        """Find settings in a folder whose name has signs of a pattern, such as brackets."""
        files, protocol = OmegaConfigLoader._initialise_filesystem_and_protocol(conf_source)
        if protocol == "file" and has_magic(conf_source):
            files = LiteralFolder(conf_source)
        return files, protocol

    def __getitem__(self, key: str) -> dict[str, Any]:
        """Load one kind of configuration."""
        loaded: dict[str, Any] = self.__dict__.setdefault("_loaded", {})
        if key not in loaded or key in self:  # set by hand
            loaded[key] = self._load(key)
        return copy.deepcopy(loaded[key])

    def _load(self, key: str) -> dict[str, Any]:
        name = self.base_env if self.env in (None, self.default_run_env) else self.env
        project = str(Path(self.conf_source).resolve().parent)
        OmegaConf.register_new_resolver("environment", lambda: name, replace=True)
        OmegaConf.register_new_resolver("from_project", lambda files: start_at(project, files), replace=True)
        settings_folder = str(Path(self.conf_source).resolve())
        OmegaConf.register_new_resolver("settings_folder", lambda: settings_folder, replace=True)
        OmegaConf.register_new_resolver("inspected", _inspected, replace=True)
        self._register_globals_resolver()
        try:
            return super().__getitem__(key)
        except (YAMLError, ParserError, OmegaConfBaseException, ValueError) as error:
            if user_error(error) is not None:
                raise
            reason = " ".join(str(error).split())
            raise PathloreError(f"the settings `{key}` in {self.conf_source} cannot be read: {reason}") from error

    def _get_globals_value(self, variable: str, default_value: Any = NOT_GIVEN) -> Any:
        """Look up a value of globals.yml."""
        value: Any = self._globals
        for part in variable.split("."):
            value = value.get(part, NOT_GIVEN) if isinstance(value, dict) else NOT_GIVEN
        value = default_value if value is NOT_GIVEN else value
        if value is NOT_GIVEN or variable.startswith("_"):
            raise InterpolationResolutionError(f"Globals key '{variable}' not found and no default value provided.")
        return value

    @staticmethod
    def _soft_merge(config: dict[str, Any], env_config: dict[str, Any], env_path: str | None = None) -> dict[str, Any]:
        """Put the environment's values over the base's, block by block."""
        merged = dict(config)
        for key, value in env_config.items():
            both = isinstance(value, dict) and isinstance(merged.get(key), dict)
            merged[key] = EnvironmentConfigLoader._soft_merge(merged[key], value) if both else value
        return merged


HOOKS = (
    *((DataHooks(), SummaryHooks(), TrackingHooks()) if current_rank().is_main else (DistributedHooks(),)),
    FolderHooks(),
    InputHooks(),
    ParameterHooks(),
    ErrorHooks(),
    MemoryHooks(),
    EngineHooks(),
)  # Kedro calls the last one first

SESSION_CLASS = CheckedSession
DATA_CATALOG_CLASS = AtomicCatalog
CONFIG_LOADER_CLASS = EnvironmentConfigLoader
CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    "config_patterns": {"mlflow": ["mlflow*", "mlflow*/**"]},
    "custom_resolvers": {"locate": locate, "oc.env": variable},
    "merge_strategy": {"parameters": "soft", "globals": "soft", "mlflow": "soft"},
}
