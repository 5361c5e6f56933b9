"""Loom files, read with h5py alone."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.errors import PathloreError

GENES = ("Gene", "gene", "gene_name", "gene_names", "GeneName", "var_names", "symbol", "Symbol", "Accession")
CELLS = ("CellID", "cell_id", "obs_names", "cell_names", "barcode", "barcodes", "Barcode")
"""Attributes that name genes and cells, in this order of preference."""
BLOCK_GENES = 512
"""Genes that are held dense at a time."""


def read_loom(path: Path) -> AnnData:
    """Read ``/matrix`` and ``/layers`` (genes x cells) as CSR of cells x genes, and the attributes of one value each.

    Raises
    ------
    PathloreError
        There is no ``/matrix``.
    """
    with h5py.File(path, "r") as file:
        if "matrix" not in file or not isinstance(file["matrix"], h5py.Dataset):
            raise PathloreError(
                f"{path} has no dataset /matrix, which a loom file has: check the runtime parameter `cells`"
            )
        X = _cells_in_rows(file["matrix"])
        layers = {name: _cells_in_rows(layer) for name, layer in file.get("layers", {}).items()}
        obs = _attributes(file.get("col_attrs"), X.shape[0], CELLS, "cell_")
        var = _attributes(file.get("row_attrs"), X.shape[1], GENES, "gene_")
    return AnnData(X, obs=obs, var=var, layers=layers)


def _cells_in_rows(matrix: Any) -> sparse.csr_matrix:
    blocks = [
        sparse.csr_matrix(np.asarray(matrix[start : start + BLOCK_GENES], dtype=np.float32))
        for start in range(0, matrix.shape[0], BLOCK_GENES)
    ]
    return sparse.vstack(blocks, format="csr").T.tocsr()


def _attributes(group: Any, n: int, names: tuple[str, ...], word: str) -> pd.DataFrame:
    """Attributes as a table, indexed by the first of ``names`` that is there, else numbered."""
    columns = {
        name: _texts(values[:])
        for name, values in (group.items() if group is not None else ())
        if isinstance(values, h5py.Dataset) and values.shape == (n,)
    }
    index = next((columns.pop(name) for name in names if name in columns), None)
    labels = [f"{word}{i + 1}" for i in range(n)] if index is None else [str(value) for value in index]
    return pd.DataFrame(columns, index=pd.Index(labels, dtype=object))


def _texts(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind not in "OS":
        return values
    texts = [v.decode("utf8", "replace") if isinstance(v, bytes) else str(v) for v in values]
    return np.array(texts, dtype=object)
