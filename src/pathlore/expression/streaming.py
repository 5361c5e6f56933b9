"""Sparse rows in uncompressed files, mapped into memory: any row at once, and none held for longer than it is used."""

import os
import socket
import tempfile
import weakref
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from scipy import sparse

from pathlore.files import own_folder, remove_own

PREFIX = "pathlore-cells-"
PARTS = ("data", "indices", "offsets")

MOST_SHORT = 2**31 - 1
"""Values that an index of 32 bits can count."""
MOST_BUCKETS = 200
"""Each has two open files."""


class ScratchFolder:
    """A folder that is removed when it is used no longer, at the latest when the process that made it ends.

    Parameters
    ----------
    path
        An empty folder of this process.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._remove = weakref.finalize(self, _remove, path, os.getpid())

    def __reduce__(self) -> tuple[type["BorrowedFolder"], tuple[Path]]:
        """Another process reads the folder and leaves it where it is."""
        return BorrowedFolder, (self.path,)


@dataclass(frozen=True)
class BorrowedFolder:
    """A `ScratchFolder` of another process."""

    path: Path


def scratch_folder(parent: str | None) -> ScratchFolder:
    """Make a folder for streamed cells, and remove those that killed runs on this machine have left.

    Parameters
    ----------
    parent
        Where it is made; None: the system's folder of temporary files.
    """
    import psutil

    place = Path(parent or tempfile.gettempdir())
    if not place.exists():
        own_folder(place)
    host = f"{PREFIX}{socket.gethostname()}-"
    for old in place.glob(f"{host}*"):
        process = old.name.removeprefix(host).split("-")[0]
        if process.isdigit() and not psutil.pid_exists(int(process)):
            _clear(old)
    folder = Path(tempfile.mkdtemp(prefix=f"{host}{os.getpid()}-", dir=place))
    own_folder(folder)
    return ScratchFolder(folder)


@dataclass(frozen=True)
class SparseRows:
    """The three arrays of a CSR matrix in files.

    Attributes
    ----------
    folder
        Where they lie.
    name
        Of the matrix.
    shape
        Rows and columns.
    entries
        Number of values.
    index
        Type of indices and offsets.
    """

    folder: ScratchFolder | BorrowedFolder
    name: str
    shape: tuple[int, int]
    entries: int
    index: str

    def open(self) -> sparse.csr_matrix:
        """Map the files; nothing is read before it is asked for."""
        data = self._map("data", "float32", self.entries)
        indices = self._map("indices", self.index, self.entries)
        offsets = self._map("offsets", self.index, self.shape[0] + 1)
        matrix = sparse.csr_matrix((data, indices, offsets), shape=self.shape, copy=False)
        matrix.has_sorted_indices = matrix.has_canonical_format = True  # not looked up, which would read everything
        return matrix

    def remove(self) -> None:
        """Remove the files."""
        for part in PARTS:
            self._path(part).unlink(missing_ok=True)

    def _map(self, part: str, kind: str, size: int) -> np.ndarray:
        if not size:
            return np.zeros(0, kind)
        return np.memmap(self._path(part), dtype=kind, mode="r", shape=(size,))

    def _path(self, part: str) -> Path:
        return self.folder.path / f"{self.name}.{part}"


def is_mapped(matrix: sparse.csr_matrix) -> bool:
    """Whether the values of a sparse matrix lie in a file, as those of `SparseRows.open` do."""
    data = matrix.data
    while isinstance(data, np.ndarray) and not isinstance(data, np.memmap):
        data = data.base
    return isinstance(data, np.memmap)


class SparseWriter:
    """Write CSR rows to files, block after block.

    Parameters
    ----------
    folder
        Where the files are made.
    name
        Of the matrix.
    columns
        Their number.
    """

    def __init__(self, folder: ScratchFolder, name: str, columns: int) -> None:
        self.folder, self.name, self.columns = folder, name, columns
        self.entries = 0
        self.lengths: list[np.ndarray] = []
        self.data, self.indices = self._file("data"), self._file("indices")

    def add(self, rows: sparse.csr_matrix) -> None:
        """Append rows."""
        rows.data.astype(np.float32, copy=False).tofile(self.data)
        rows.indices.astype(np.int32, copy=False).tofile(self.indices)
        self.lengths.append(np.diff(rows.indptr))
        self.entries += rows.nnz

    def close(self) -> SparseRows:
        """Finish the files."""
        self.data.close()
        self.indices.close()
        offsets = np.concatenate([[0], np.cumsum(np.concatenate([[], *self.lengths]), dtype=np.int64)])
        index = "int32" if self.entries <= MOST_SHORT else "int64"  # both must be alike
        if index == "int64":
            self._widen()
        with self._file("offsets") as file:
            offsets.astype(index).tofile(file)
        return SparseRows(self.folder, self.name, (len(offsets) - 1, self.columns), self.entries, index)

    def _widen(self) -> None:
        narrow, step = self.folder.path / f"{self.name}.indices", 2**24
        wide = self.folder.path / f"{self.name}.wide"
        with narrow.open("rb") as source, wide.open("wb") as target:
            while len(part := np.fromfile(source, np.int32, step)):
                part.astype(np.int64).tofile(target)
        wide.replace(narrow)

    def _file(self, part: str) -> IO[bytes]:
        return (self.folder.path / f"{self.name}.{part}").open("wb")


class SortedRows:
    """Rows that come in one order and are wanted in another.

    They go to the file of their bucket, a range of places, then bucket by bucket to one file: files are written and
    read from their beginning to their end, and one bucket is in memory.

    Parameters
    ----------
    folder
        Where the files are made.
    n_rows
        Number of places; some may stay empty.
    columns
        Number of columns.
    per_bucket
        Places of a bucket, at least; as many as there are places where the rows come in their order.
    """

    def __init__(self, folder: ScratchFolder, n_rows: int, columns: int, per_bucket: int) -> None:
        self.folder, self.columns = folder, columns
        self.per_bucket = max(1, per_bucket, -(-n_rows // MOST_BUCKETS))
        numbers = range(max(1, -(-n_rows // self.per_bucket)))
        self._writers = [SparseWriter(folder, f"bucket{i}", columns) for i in numbers]
        self._places: list[list[np.ndarray]] = [[] for _ in numbers]

    def add(self, rows: sparse.csr_matrix, places: np.ndarray) -> None:
        """Append rows, (n, columns) with sorted indices, that belong at the places (n,)."""
        buckets = places // self.per_bucket
        for i in np.unique(buckets):
            inside = np.flatnonzero(buckets == i)
            self._writers[i].add(rows if len(inside) == rows.shape[0] else rows[inside])
            self._places[i].append(places[inside])

    def close(self) -> sparse.csr_matrix:
        """The rows in the order of their places, mapped from a file that is removed with the matrix."""
        parts = (np.concatenate([np.empty(0, int), *places]) for places in self._places)
        orders = [np.argsort(places, kind="stable") for places in parts]
        if len(orders) == 1 and (np.diff(orders[0]) == 1).all():
            stored = self._writers[0].close()
        else:
            whole = SparseWriter(self.folder, "sorted", self.columns)
            for writer, order in zip(self._writers, orders, strict=True):
                bucket = writer.close()
                whole.add(bucket.open()[order])
                bucket.remove()
            stored = whole.close()
        matrix = stored.open()
        weakref.finalize(matrix, _keep, self.folder)
        return matrix


def _keep(_: ScratchFolder) -> None:
    """Called once the matrix is gone, until when the reference keeps the folder."""


def _remove(path: Path, owner: int) -> None:
    if os.getpid() == owner:  # not in a process that was forked from it
        _clear(path)
        remove_own(path.parent)


def _clear(folder: Path) -> None:
    """Remove a scratch folder that this program made, but for files of others."""
    with suppress(OSError):
        remove_own(folder, *(path.name for part in (*PARTS, "wide") for path in folder.glob(f"*.{part}")))
