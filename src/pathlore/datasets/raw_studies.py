"""Several files of cells or samples, each by itself."""

from pathlib import Path
from typing import Any

from anndata import AnnData
from kedro.io import AbstractDataset

from pathlore.datasets.raw_cells import RawCellsDataset
from pathlore.errors import PathloreError


class RawStudiesDataset(AbstractDataset[dict[str, AnnData], dict[str, AnnData]]):
    """Read-only cells or samples in any format of `RawCellsDataset`, by the names of their files.

    Parameters
    ----------
    files
        Files with ``;`` between them; empty: none.
    parameter
        The runtime parameter that a user would change, for messages.
    metadata
        For plugins such as Kedro-Viz.
    """

    def __init__(self, *, files: str, parameter: str, metadata: dict[str, Any] | None = None) -> None:
        self._files = [Path(part.strip()) for part in files.split(";") if part.strip()]
        self._parameter = parameter
        self.metadata = metadata

    def load(self) -> dict[str, AnnData]:
        """Read the files whole.

        Raises
        ------
        PathloreError
            A file is not there.
        """
        for file in self._files:
            if not file.exists():
                raise PathloreError(
                    f"no file at {file}, cells or samples were expected there: set the runtime parameter "
                    f"`{self._parameter}` (or `raw`, the folder of all raw files), or globals.yml"
                )
        return {file.name: RawCellsDataset(filepath=file, backed=False).load() for file in self._files}

    def save(self, data: dict[str, AnnData]) -> None:
        """Refuse: raw files are never written."""
        raise PathloreError(f"{self._describe()['filepath']} are raw files and are not written to")

    def _exists(self) -> bool:
        return all(file.exists() for file in self._files)

    def _describe(self) -> dict[str, Any]:
        return {"filepath": ";".join(map(str, self._files))}
