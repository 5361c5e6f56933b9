"""The expression matrix of an AnnData object, in memory or on disk, read by blocks of rows."""

import logging
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.errors import PathloreError, shorten
from pathlore.expression.structure import as_csr, check_sparse

logger = logging.getLogger(__name__)

BLOCK_VALUES = 2**25
"""Entries of a dense block of rows (128 MiB in float32): the most that is held beside the sparse result."""


class Matrix(NamedTuple):
    """A matrix that can be sliced by rows, and the table of its columns."""

    data: Any  # (cells, genes): csr, ndarray, or their on-disk kin
    var: pd.DataFrame  # one row per gene


def select_matrix(adata: AnnData, layer: str) -> Matrix:
    """Choose ``"X"``, ``"raw"`` or a named layer, without reading it if it lies on disk.

    A matrix stored by columns (CSC) cannot be read by rows at a bearable speed and is turned to CSR in memory.

    Raises
    ------
    PathloreError
        There is no such matrix, it has no rows or no columns, or its parts do not fit each other.
    """
    if layer == "X":
        values, var = adata.X, adata.var
    elif layer == "raw":
        values, var = (None, adata.var) if adata.raw is None else (adata.raw.X, adata.raw.var)
    else:
        values, var = adata.layers.get(layer), adata.var
    if values is None:
        present = [*(["X"] if adata.X is not None else []), *(["raw"] if adata.raw is not None else []), *adata.layers]
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
        values = as_csr(values.to_memory() if hasattr(values, "to_memory") else values, f"matrix '{layer}'")
    return Matrix(values, var)


def read_rows(matrix: Matrix, start: int, stop: int) -> sparse.csr_matrix:
    """Rows ``start`` to ``stop`` as CSR float32, (stop - start, genes), each entry once and none of them zero.

    Raises
    ------
    PathloreError
        An index is out of range, or the values are no numbers.
    """
    block = as_csr(matrix.data[start:stop], "the matrix").astype(np.float32)
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
