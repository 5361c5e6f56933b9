"""Folders whose index file is written last, so that a folder without one counts as not there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
