"""Raw tables in the formats that resources come in."""

from glob import glob
from pathlib import Path
from typing import Any

import pandas as pd
from kedro.io import AbstractDataset

from pathlore.errors import PathloreError


class TableDataset(AbstractDataset[pd.DataFrame, pd.DataFrame]):
    """A read-only table: CSV, TSV or parquet by its suffix, compressed or not, or several files of one pattern.

    Parameters
    ----------
    filepath
        A file, or a pattern such as ``network/pathfinder_*_network.csv.gz``, whose files are joined one below the
        other.
    parameter
        The runtime parameter that a user would change, for messages.
    metadata
        For plugins such as Kedro-Viz.
    """

    def __init__(self, *, filepath: str, parameter: str, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = filepath
        self._parameter = parameter
        self.metadata = metadata

    def load(self) -> pd.DataFrame:
        """Read the table.

        Raises
        ------
        PathloreError
            No file is there, or it is no table.
        """
        paths = sorted(glob(self._filepath))
        if not paths:
            raise PathloreError(
                f"no file at {self._filepath}, a CSV, TSV or parquet table was expected there: set the runtime "
                f"parameter `{self._parameter}` (or `raw`, the folder of all raw files), or globals.yml"
            )
        return pd.concat([self._read(Path(path)) for path in paths], ignore_index=True)

    def save(self, data: pd.DataFrame) -> None:
        """Refuse: raw files are never written."""
        raise PathloreError(f"{self._filepath} is a raw file and is not written to")

    def _read(self, path: Path) -> pd.DataFrame:
        suffixes = [suffix.lower() for suffix in path.suffixes]
        try:
            if suffixes and suffixes[-1] in {".parquet", ".pq"}:
                return pd.read_parquet(path)
            separator = "\t" if {".tsv", ".tab", ".txt"} & set(suffixes) else ","
            return pd.read_csv(path, sep=separator, low_memory=False)
        except Exception as error:  # each format has errors of its own
            reason = " ".join(str(error).split())
            raise PathloreError(
                f"{path} cannot be read as a table ({reason}): check the runtime parameter `{self._parameter}`"
            ) from error

    def _exists(self) -> bool:
        return bool(glob(self._filepath))

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath}
