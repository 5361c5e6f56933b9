"""AnnData in HDF5 or zarr, its structure checked first."""

from pathlib import Path
from typing import Any

import anndata
import h5py
from anndata import AnnData

from pathlore.expression.structure import check_store

MATRICES = ("X", "layers", "raw")


def read_store(path: Path, *, backed: bool = False) -> AnnData:
    """Read AnnData from a file of HDF5 or a folder of zarr, once its matrices are known to be sound.

    Parameters
    ----------
    path
        A folder is read as zarr.
    backed
        True: the matrices ``X`` and ``raw`` stay on disk until rows are asked for, and so do layers where the store
        is zarr or has no ``X``.

    Raises
    ------
    PathloreError
        From :func:`~pathlore.expression.structure.check_store`. h5py, zarr and anndata raise others of their own.
    """
    if path.is_dir():
        import zarr

        store: Any = zarr.open_group(path, mode="r")
        check_store(store, path, MATRICES if backed else ())
        return _open(store) if backed else anndata.io.read_zarr(path)
    with h5py.File(path, "r") as file:
        check_store(file, path, ("X", "raw/X") if backed else ())
        has_matrix, is_old = "X" in file, "encoding-type" not in file.attrs
    if backed and has_matrix:
        return anndata.io.read_h5ad(path, backed="r")
    return _open(h5py.File(path, "r")) if backed and not is_old else anndata.io.read_h5ad(path)


def _open(store: Any) -> AnnData:
    """Open a store whose matrices stay on disk."""
    parts = {name: anndata.io.read_elem(store[name]) for name in store if name not in MATRICES}
    for name in MATRICES:
        if name in store and store[name].attrs.get("encoding-type") != "null":
            parts[name] = _on_disk(store[name])
    return AnnData(**parts)


def _on_disk(element: Any) -> Any:
    """An element of a store with its matrices, sparse or dense, as handles from which rows are read."""
    kind = element.attrs.get("encoding-type")
    if kind in ("csr_matrix", "csc_matrix"):
        return anndata.io.sparse_dataset(element)
    if kind == "raw":
        return {name: _on_disk(element[name]) for name in element if name != "varm"}
    if kind == "dict":
        return {name: _on_disk(element[name]) for name in element}
    return element if kind == "array" else anndata.io.read_elem(element)
