"""One function for every format."""

import gzip
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import h5py
from anndata import AnnData

from pathlore.errors import PathloreError
from pathlore.expression.formats.loom import read_loom
from pathlore.expression.formats.store import read_store
from pathlore.expression.formats.table import read_table
from pathlore.expression.formats.ten_x import read_ten_x_folder, read_ten_x_h5

FORMATS = ".h5ad, .zarr, 10x .h5, a folder with matrix.mtx, .loom, .csv, .tsv or .txt (each may end in .gz)"
TABLES = (".csv", ".tsv", ".tab", ".txt")
WHOLE_FILES = (".h5ad", ".h5", ".hdf5", ".loom")
"""Formats that cannot be read through gzip: they are unpacked first."""


def read_cells(path: Path, decimal: Literal["auto", "point", "comma"] = "auto", encoding: str = "auto") -> AnnData:
    """Read cells from a file or folder, into memory, by what it is.

    ===================================  ===============================================================================
    what is there                        becomes
    ===================================  ===============================================================================
    ``.h5ad``, ``.zarr``                 as it is
    ``.h5``, ``.hdf5``                   10x Genomics (Cell Ranger 2 and later, CellBender), or AnnData
    folder with ``matrix.mtx``           10x Genomics: barcodes, and features or genes, beside it; a prefix is allowed
    ``.loom``                            layers, row and column attributes, turned to cells in rows
    ``.csv``, ``.tsv``, ``.txt``         cells in rows or in columns, judged by which axis has the names of genes
    ===================================  ===============================================================================

    Parameters
    ----------
    path
        The file, the folder, or the ``matrix.mtx`` in it.
    decimal, encoding
        Of text tables, see `pathlore.expression.formats.table.read_table`.

    Raises
    ------
    PathloreError
        Nothing is there, the suffix is not known, or the content is not what the suffix says.
    """
    if not path.exists():
        raise PathloreError(
            f"no file at {path}, one of these was expected there: {FORMATS}: change the runtime parameter `cells`"
        )
    name = path.name.lower()
    try:
        if name.endswith(".gz") and name.removesuffix(".gz").endswith(WHOLE_FILES):
            return _unpacked(path)
        if name.removesuffix(".gz").endswith(TABLES) and path.is_file():
            return read_table(path, decimal, encoding)
        return _reader(path, name.removesuffix(".gz"))(path)
    except PathloreError:
        raise
    except Exception as error:  # each library has a dozen kinds for what is one thing to the user
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise PathloreError(
            f"{path} cannot be read ({reason}), a complete file was expected: write or download it again, or set the "
            f"runtime parameter `cells` to one of {FORMATS}"
        ) from error


def _reader(path: Path, name: str) -> Callable[[Path], AnnData]:
    if name.endswith(".h5ad"):
        return read_store
    if path.is_dir():
        return read_store if name.endswith(".zarr") else read_ten_x_folder
    if name.endswith(".mtx"):
        return read_ten_x_folder
    if name.endswith(".loom"):
        return read_loom
    if name.endswith((".h5", ".hdf5")):
        return _read_hdf5
    raise PathloreError(
        f"{path} has a suffix that is not known, one of these was expected: {FORMATS}: convert the file, and set the "
        "runtime parameter `cells`"
    )


def _read_hdf5(path: Path) -> AnnData:
    with h5py.File(path, "r") as file:
        is_anndata = "obs" in file and "var" in file
    return read_store(path) if is_anndata else read_ten_x_h5(path)


def _unpacked(path: Path) -> AnnData:
    """Read a compressed file of a format that needs random access."""
    with tempfile.TemporaryDirectory(prefix="pathlore") as folder:
        plain = Path(folder) / path.name[: -len(".gz")]
        with gzip.open(path) as packed, plain.open("wb") as file:
            shutil.copyfileobj(packed, file)
        return read_cells(plain)
