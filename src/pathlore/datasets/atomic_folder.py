"""Folders with an index file, written whole; a folder without one counts as not there."""

from pathlib import Path
from typing import Any, ClassVar, TypeVar

from kedro.io import AbstractDataset

from pathlore.errors import PathloreError

T = TypeVar("T")


class FolderDataset(AbstractDataset[T, T]):
    """A folder with an index file; a subclass says how to load and save it.

    Parameters
    ----------
    filepath
        Path of the index file, or of the folder where the subclass names the file; the other files lie beside it.
    metadata
        For plugins such as Kedro-Viz.
    """

    content: ClassVar[str]
    pipeline: ClassVar[str]
    index: ClassVar[str] = ""

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        path = Path(filepath).expanduser()
        self._index = path / self.index if self.index and path.name != self.index else path
        self._folder = self._index.parent
        self.metadata = metadata

    def _exists(self) -> bool:
        return self._index.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._index)}

    def _damaged(self, found: object) -> PathloreError:
        """The error for a folder that is not as it was saved."""
        return PathloreError(
            f"the {self.content} in {self._folder} is incomplete or damaged ({' '.join(str(found).split())}): delete "
            f"the folder and run the pipeline `{self.pipeline}` again"
        )
