"""Folders whose index file is written last, so that a folder without one counts as not there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from kedro.io import AbstractDataset

from pathlore.errors import PathloreError

T = TypeVar("T")


@contextmanager
def index_last(index: Path, text: str) -> Iterator[Path]:
    """Yield the folder to write into; the index file appears in one move, after all else was written.

    Parameters
    ----------
    index
        Path of the index file. An old one is removed first: from then on the folder counts as not there.
    text
        What the index file is to hold.
    """
    index.parent.mkdir(parents=True, exist_ok=True)
    index.unlink(missing_ok=True)
    yield index.parent
    temporary = index.with_name(f".{index.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf8")
    temporary.replace(index)


class FolderDataset(AbstractDataset[T, T]):
    """A folder with an index file; a subclass says how to load and save it.

    Parameters
    ----------
    filepath
        Path of the index file; the other files lie beside it.
    metadata
        For plugins such as Kedro-Viz.
    """

    content: ClassVar[str]
    pipeline: ClassVar[str]

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._index = Path(filepath)
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
