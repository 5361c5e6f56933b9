"""Raw tables in the formats that resources come in."""

from glob import glob
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from pathlore.errors import PathloreError
from pathlore.resources.raw import Raw
from pathlore.resources.tables import read_raw

BETWEEN = ";"
"""Separates several files in one ``files``."""


class RawTablesDataset(AbstractDataset[dict[str, Raw], dict[str, Raw]]):
    """Read-only raw files, each by itself: CSV, TSV, parquet, XML or GMT, compressed or not.

    Every cell is read as text, an absent one as the empty string; what is a number is for the reader of its format to
    say. Text tables are read by `pathlore.resources.tables.read_text_table`.

    Parameters
    ----------
    files
        A file, a pattern such as ``network/pathfinder_*_network.csv.gz``, or several of these with ``;`` between them.
        Empty: no file.
    parameter
        The runtime parameter that a user would change, for messages.
    metadata
        For plugins such as Kedro-Viz.
    """

    def __init__(self, *, files: str, parameter: str, metadata: dict[str, Any] | None = None) -> None:
        self._patterns = [part.strip() for part in files.split(BETWEEN) if part.strip()]
        self._parameter = parameter
        self.metadata = metadata

    def load(self) -> dict[str, Raw]:
        """Read the files; the keys are their names (their paths, where two files have one name).

        Raises
        ------
        PathloreError
            No file is there, or it is no table.
        """
        paths = [path for pattern in self._patterns for path in self._find(pattern)]
        names = [path.name for path in paths]
        return {
            path.name if names.count(path.name) == 1 else str(path): read_raw(path, self._parameter)
            for path in dict.fromkeys(paths)
        }

    def save(self, data: dict[str, Raw]) -> None:
        """Refuse: raw files are never written."""
        raise PathloreError(f"{BETWEEN.join(self._patterns)} is a raw file and is not written to")

    def _find(self, pattern: str) -> list[Path]:
        paths = [Path(pattern)] if Path(pattern).exists() else [Path(path) for path in sorted(glob(pattern))]
        if not paths:
            raise PathloreError(
                f"no file at {pattern}, a CSV, TSV, parquet, XML or GMT file was expected there: set the runtime "
                f"parameter `{self._parameter}` (or `raw`, the folder of all raw files), or globals.yml"
            )
        return paths

    def _exists(self) -> bool:
        return all(Path(pattern).exists() or glob(pattern) for pattern in self._patterns)

    def _describe(self) -> dict[str, Any]:
        return {"filepath": BETWEEN.join(self._patterns)}
