"""The structure of matrices and stores, checked before compiled code reads them.

SciPy and HDF5 trust the offsets and indices of a compressed matrix: one of them out of range reads memory that is not
the matrix's, which ends the process or makes up numbers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil, prod
from typing import Any, Final

import numpy as np
from scipy import sparse

from pathlore.errors import PathloreError

BLOCK: Final = 2**24
"""Indices that are read at a time."""
DEEPEST: Final = 32
"""Groups within groups; a store of cells has five."""
REPAIR: Final = "write or download the file again, or change the runtime parameter `cells`"


def check_store(store: Any, name: object, unread: tuple[str, ...] = ()) -> None:
    """Check every compressed matrix of a store of AnnData, and that its matrices fit its cells and genes.

    Parameters
    ----------
    store
        An open group of h5py or zarr.
    name
        What messages call the store.
    unread
        Matrices of which nothing is read but the offsets, such as ``"X"``: `read_rows` checks their indices by blocks.

    Raises
    ------
    PathloreError
        What is said of a matrix is not what it has.
    """
    try:
        for path, group in _groups(store):
            if path in ("X", "raw/X") and "indptr" in group and not _form(group):
                raise PathloreError(f"{path} of {name} does not say whether rows or columns are compressed: {REPAIR}")
            if _form(group):
                _check_group(group, f"{path} of {name}", everything=not path.startswith(unread or "\0"))
        _check_shapes(store, name)
    except RecursionError as error:
        raise PathloreError(f"{name} has groups within groups without end: {REPAIR}") from error


def check_sparse(matrix: Any, name: str) -> None:
    """Check the offsets of a SciPy matrix in CSR or CSC, or of one on disk; of others, nothing.

    Raises
    ------
    PathloreError
        They do not fit the shape or the number of values.
    """
    parts = getattr(matrix, "group", matrix)
    if getattr(matrix, "format", "") not in ("csr", "csc"):
        return
    if parts is not matrix:
        _check_group(parts, name, everything=False)
        return
    shape = matrix.shape if matrix.format == "csr" else matrix.shape[::-1]
    _check_offsets(matrix.indptr, len(matrix.indices), len(matrix.data), shape[0], name)


def check_indices(matrix: Any, name: str) -> None:
    """Check that each index of a SciPy matrix in CSR or CSC is one of its columns (rows).

    Raises
    ------
    PathloreError
        One is not.
    """
    _check_range(matrix.indices, matrix.shape[1 if matrix.format == "csr" else 0], name)


def check_triplets(file: Any, name: object) -> None:
    """Check the matrices of Cell Ranger's HDF5: each group with ``indptr`` has its parts, which fit each other.

    Raises
    ------
    PathloreError
        They do not.
    """
    for path, group in _groups(file):
        if "indptr" in group:
            where = f"{path or 'the matrix'} of {name}"
            shape: Any = np.asarray(group["shape"][()]).ravel() if "shape" in group else []
            _check_parts(group, _two_sizes(shape, where)[::-1], where, everything=True)


def _groups(group: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """A group and those within it; datasets are left out."""
    if depth > DEEPEST:
        raise RecursionError
    yield path, group
    for name in group:
        member = group[name]
        if not hasattr(member, "shape"):
            yield from _groups(member, f"{path}/{name}" if path else str(name), depth + 1)


def _form(group: Any) -> str:
    """``csr``, ``csc``, or nothing."""
    kind = group.attrs.get("encoding-type", group.attrs.get("h5sparse_format", ""))
    kind = kind.decode(errors="replace") if isinstance(kind, bytes) else str(kind)
    return kind[:3] if kind in ("csr_matrix", "csc_matrix", "csr", "csc") else ""


def _check_group(group: Any, name: str, *, everything: bool) -> None:
    shape = _two_sizes(np.asarray(group.attrs.get("shape", group.attrs.get("h5sparse_shape", []))).ravel(), name)
    _check_parts(group, shape if _form(group) == "csr" else shape[::-1], name, everything=everything)


def _two_sizes(shape: Any, name: str) -> tuple[int, int]:
    sizes = list(shape)
    if len(sizes) != 2 or not all(isinstance(size, int | np.integer) and size >= 0 for size in sizes):
        raise PathloreError(f"{name} has the shape {shape!s:.60}, two whole numbers were expected: {REPAIR}")
    return int(sizes[0]), int(sizes[1])


def _check_parts(group: Any, shape: tuple[int, int], name: str, *, everything: bool) -> None:
    """Check the three arrays of rows (or columns) of a stated length."""
    for part, kinds in (("indptr", "iu"), ("indices", "iu"), ("data", "biuf")):
        array = group.get(part)
        if array is None or len(getattr(array, "shape", ())) != 1 or array.dtype.kind not in kinds:
            found = "is not there" if array is None else f"is {getattr(array, 'dtype', 'a group')!s:.40}"
            found += f" of {len(array.shape)} dimensions" if hasattr(array, "shape") else ""
            raise PathloreError(f"{name}: its part '{part}' {found}, a list of numbers was expected: {REPAIR}")
        _check_written(array, f"{name}: its part '{part}'")
    n_indices = int(group["indices"].shape[0])
    _check_offsets(np.asarray(group["indptr"][:]), n_indices, int(group["data"].shape[0]), shape[0], name)
    for start in range(0, n_indices if everything else 0, BLOCK):
        _check_range(np.asarray(group["indices"][start : start + BLOCK]), shape[1], name)


def _check_written(array: Any, name: str) -> None:
    """Refuse an array of which pieces are not in the file: they would be read as zeros."""
    pieces = getattr(array, "chunks", None)
    if not pieces or not prod(array.shape):
        return
    of_hdf5 = getattr(array, "id", None)
    found = of_hdf5.get_num_chunks() if of_hdf5 is not None else getattr(array, "nchunks_initialized", None)
    wanted = prod(ceil(size / piece) for size, piece in zip(array.shape, pieces, strict=True))
    if of_hdf5 is None and not name.endswith(
        "'data'"
    ):  # zarr leaves out what is zero, which offsets and indices may be
        return
    if found is not None and found < wanted:
        raise PathloreError(f"{name} has {found} of {wanted} pieces, a complete file was expected: {REPAIR}")


def _check_offsets(indptr: np.ndarray, n_indices: int, n_values: int, rows: int, name: str) -> None:
    if len(indptr) != rows + 1:
        raise PathloreError(f"{name} has {len(indptr)} offsets, {rows + 1} were expected by its shape: {REPAIR}")
    offsets = indptr.astype(np.int64) if indptr.dtype.kind == "i" else indptr
    if offsets[0] != 0 or (offsets[1:] < offsets[:-1]).any():
        raise PathloreError(f"{name} has offsets that do not rise from 0: {REPAIR}")
    if not int(offsets[-1]) == n_indices == n_values:
        raise PathloreError(
            f"{name} has {n_values} values, {n_indices} indices, and offsets up to {offsets[-1]}, one number was "
            f"expected for all three: {REPAIR}"
        )


def _check_range(indices: np.ndarray, columns: int, name: str) -> None:
    if len(indices) and (int(indices.min()) < 0 or int(indices.max()) >= columns):
        raise PathloreError(
            f"{name} has indices from {indices.min()} to {indices.max()}, 0 to {columns - 1} were expected by its "
            f"shape: {REPAIR}"
        )


def _check_shapes(store: Any, name: object) -> None:
    """Compare each matrix with the cells and genes of the store."""
    cells, genes = _length(store, "obs"), _length(store, "var")
    wanted = [("X", cells, genes), *((f"layers/{key}", cells, genes) for key in store.get("layers", ()))]
    raw = store.get("raw")
    if raw is not None and hasattr(raw, "keys"):
        if "X" not in raw and "encoding-type" in store.attrs:
            raise PathloreError(f"raw of {name} has no matrix, one was expected in it: {REPAIR}")
        wanted.append(("raw/X", cells, _length(raw, "var")))
    for path, rows, columns in wanted:
        matrix = store.get(path)
        if matrix is None or matrix.attrs.get("encoding-type") == "null":
            continue
        shape = getattr(matrix, "shape", None) if hasattr(matrix, "shape") else _stated(matrix)
        if shape is None:
            continue
        if len(shape) != 2 or rows not in (None, shape[0]) or columns not in (None, shape[1]):
            raise PathloreError(
                f"{path} of {name} is {' x '.join(map(str, shape)) or 'one number'}, {rows} cells x {columns} genes "
                f"were expected by the names of its cells and genes: {REPAIR}"
            )


def _stated(group: Any) -> tuple[int, ...] | None:
    shape = group.attrs.get("shape", group.attrs.get("h5sparse_shape"))
    return None if shape is None else tuple(int(size) for size in np.asarray(shape).ravel())


def _length(store: Any, name: str) -> int | None:
    """Number of rows of ``obs`` or ``var``; None where the store does not say it in a way that is known."""
    table = store.get(name)
    if table is None:
        return None
    if hasattr(table, "shape"):  # a structured array of old files
        return int(table.shape[0]) if len(table.shape) == 1 else None
    index = table.attrs.get("_index", "_index")
    rows = table.get(index.decode() if isinstance(index, bytes) else str(index))
    return int(rows.shape[0]) if rows is not None and len(getattr(rows, "shape", ())) == 1 else None


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Say in one line what cannot be read from the disk: pieces of a matrix are unpacked where its rows are asked for.

    Raises
    ------
    PathloreError
        In place of what h5py, zarr and the libraries below them raise.
    """
    try:
        yield
    except (PathloreError, MemoryError):
        raise
    except Exception as error:  # a dozen kinds for what is one thing to the user
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise PathloreError(f"{name} cannot be read ({reason}): {REPAIR}") from error


def as_csr(values: Any, name: str) -> sparse.csr_matrix:
    """Turn rows of any kind into CSR, once their indices are known to be in range.

    Raises
    ------
    PathloreError
        They are not, or hold no numbers.
    """
    if getattr(getattr(values, "dtype", None), "kind", "f") not in "biuf":
        raise PathloreError(f"{name} holds {values.dtype!s:.40}, numbers were expected: {REPAIR}")
    if sparse.issparse(values) and values.format in ("csr", "csc"):
        check_indices(values, name)
    if getattr(values, "dtype", None) == np.float16:  # scipy has no sparse matrix of them
        values = values.astype(np.float32)
    return sparse.csr_matrix(values)
