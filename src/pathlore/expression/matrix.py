"""The expression matrix of an AnnData object, in memory or on disk, read by blocks of rows."""

import logging
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.errors import PathloreError, shorten
from pathlore.expression.structure import as_csr, check_indices, check_sparse, readable
from pathlore.genes.features import TYPE_COLUMNS, gene_features, refuse_other_types

logger = logging.getLogger(__name__)

BLOCK_VALUES = 2**25
"""Entries of a dense block of rows (128 MiB in float32): the most that is held beside the sparse result."""


class Matrix(NamedTuple):
    """A matrix that can be sliced by rows, and the table of its columns."""

    data: Any  # (cells, columns): csr, ndarray, or their on-disk kin
    var: pd.DataFrame  # one row per gene
    genes: np.ndarray | None = None  # (columns,) bool; None: all columns are genes
    others: tuple[str, ...] = ()  # names of columns that are none


def select_matrix(adata: AnnData, layer: str) -> Matrix:
    """Choose ``"X"``, ``"raw"`` or a named layer, without reading it if it lies on disk.

    Columns that are no genes (`pathlore.genes.features`: antibodies, spike-ins, counters, ...) are left out. What
    ``var`` tells of genes and ``raw.var`` does not, is taken from there. Where there is no ``X``, the only other matrix
    is taken for it.

    A matrix stored by columns (CSC) cannot be read by rows at a bearable speed and is turned to CSR in memory.

    Raises
    ------
    PathloreError
        There is no such matrix, it has no rows or no columns, or its parts do not fit each other.
    """
    present = [*(["X"] if adata.X is not None else []), *(["raw"] if adata.raw is not None else []), *adata.layers]
    if layer == "X" and len(present) == 1 and present != ["X"]:
        layer = str(present[0])
        logger.warning("there is no matrix X: '%s', the only one, is taken", layer)
    if layer == "X":
        values, var = adata.X, adata.var
    elif layer == "raw":
        values, var = (None, adata.var) if adata.raw is None else (adata.raw.X, _completed(adata.raw.var, adata.var))
    else:
        values, var = adata.layers.get(layer), adata.var
    if values is None:
        raise PathloreError(
            f"matrix '{layer}' not found, the file has {shorten(present)}: change `ingestion.cells.layer`"
        )
    if 0 in values.shape:
        raise PathloreError(
            f"matrix '{layer}' is {values.shape[0]} cells x {values.shape[1]} genes, at least one of each was "
            "expected: change `ingestion.cells.layer` or the runtime parameter `cells`"
        )
    check_sparse(values, f"matrix '{layer}'")
    if getattr(values, "format", "csr") == "csc":
        logger.info("matrix '%s' is stored by columns: read whole and turned to rows", layer)
        with readable(f"matrix '{layer}'"):
            values = as_csr(values.to_memory() if hasattr(values, "to_memory") else values, f"matrix '{layer}'")
    elif sparse.issparse(values) and values.indices.dtype not in (np.int32, np.int64):  # SciPy cannot slice others
        check_indices(values, f"matrix '{layer}'")
        parts = values.data, values.indices.astype(np.int64), values.indptr.astype(np.int64)
        values = sparse.csr_matrix(parts, shape=values.shape)
    for column in TYPE_COLUMNS:
        if column in var:
            refuse_other_types(var[column], f"matrix '{layer}'")
    genes = gene_features(var, [str(name) for name in var.index])
    if genes.all() or not genes.any():
        return Matrix(values, var)
    others = tuple(str(name) for name in var.index[~genes])
    logger.info("matrix '%s': %d columns are no genes and left out: %s", layer, len(others), shorten(others, 5))
    return Matrix(values, var[genes], genes, others)


def _completed(var: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Columns that the other table has besides, by the names of the rows; a text that it lacks is the row's name."""
    more = [column for column in other.columns if column not in var.columns]
    if not more or not (other.index.is_unique or other.index.equals(var.index)):
        return var
    added = other[more].set_axis(var.index) if other.index.equals(var.index) else other[more].reindex(var.index)
    for column in more:
        if column not in TYPE_COLUMNS and not pd.api.types.is_numeric_dtype(added[column].dtype):
            texts = added[column].astype(object)
            added[column] = texts.where(texts.notna(), pd.Series(var.index.astype(str), index=var.index))
    return pd.concat([var, added], axis=1)


def read_rows(matrix: Matrix, start: int, stop: int) -> sparse.csr_matrix:
    """Rows ``start`` to ``stop`` as CSR float32, (stop - start, genes), each entry once and none of them zero.

    Raises
    ------
    PathloreError
        They cannot be read from the disk, an index is out of range, or the values are no numbers.
    """
    with readable(f"cells {start + 1} to {stop} of the matrix"):
        block = as_csr(matrix.data[start:stop], "the matrix").astype(np.float32)
    block = block if matrix.genes is None else block[:, matrix.genes]
    block.sum_duplicates()
    block.eliminate_zeros()
    return block


def block_size(matrix: Matrix) -> int:
    """Rows per block, so that a dense block has about ``BLOCK_VALUES`` entries."""
    return max(1, BLOCK_VALUES // matrix.data.shape[1])


def sample_rows(matrix: Matrix, n_rows: int = 900) -> sparse.csr_matrix:
    """About ``n_rows`` rows from the start, the middle and the end; all rows where there are fewer."""
    n = matrix.data.shape[0]
    if n <= n_rows:
        return read_rows(matrix, 0, n)
    part = n_rows // 3
    starts = (0, (n - part) // 2, n - part)
    return sparse.vstack([read_rows(matrix, start, start + part) for start in starts], format="csr")
