"""One column per gene symbol: nameless columns dropped, columns of one symbol added up."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from pathlore.errors import PathloreError, shorten

NAMELESS = ("", "nan", "none", "na", "<na>")


class GeneColumns(NamedTuple):
    """Which measured columns make up each gene."""

    symbols: pd.Index  # (G,) unique, in order of first appearance
    collapse: sparse.csr_matrix  # (columns, G) of 0 and 1; a column without a symbol has no entry
    mitochondrial: np.ndarray  # (columns,) bool
    n_nameless: int  # columns without a symbol
    n_merged: int  # columns added to another of the same symbol


def gene_columns(var: pd.DataFrame, gene_column: str | None) -> GeneColumns:
    """Read the gene symbols of a matrix' columns.

    Parameters
    ----------
    var
        One row per measured column.
    gene_column
        Column of ``var`` that holds the symbol; None: the index.

    Raises
    ------
    PathloreError
        The column is not there, or holds no symbol at all.

    Examples
    --------
    >>> genes = gene_columns(pd.DataFrame(index=["TP53", "MYC", "TP53", ""]), None)
    >>> list(genes.symbols), genes.n_nameless, genes.n_merged
    (['TP53', 'MYC'], 1, 1)
    """
    if gene_column is not None and gene_column not in var.columns:
        raise PathloreError(
            f"column '{gene_column}' not found in var, which has {shorten(var.columns, 20) or 'none'}: change "
            "`ingestion.cells.gene_column` (null: the index)"
        )
    names = pd.Series(var.index if gene_column is None else var[gene_column].to_numpy(), dtype=object)
    names = names.where(names.notna(), "").astype(str).str.strip()
    named = ~names.str.lower().isin(NAMELESS)
    if not named.any():
        raise PathloreError(
            f"none of {len(names)} genes has a symbol in {gene_column or 'the index of var'}: change "
            "`ingestion.cells.gene_column`"
        )
    codes, symbols = pd.factorize(names[named])
    rows = np.flatnonzero(named)
    collapse = sparse.csr_matrix(
        (np.ones(len(rows), dtype=np.float32), (rows, codes)), shape=(len(names), len(symbols))
    )
    return GeneColumns(
        symbols=pd.Index(symbols, name="symbol"),
        collapse=collapse,
        mitochondrial=names.str.upper().str.startswith("MT-").to_numpy(dtype=bool),
        n_nameless=int((~named).sum()),
        n_merged=len(rows) - len(symbols),
    )
