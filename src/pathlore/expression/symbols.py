"""One column per gene symbol: nameless columns dropped, columns of one symbol added up."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from pathlore.errors import PathloreError, shorten
from pathlore.genes.features import gene_features
from pathlore.missing import known_texts

MITOCHONDRIAL = r"(?:^|[_|:-])MT[-.]"
"""In a name in capital letters."""


class GeneColumns(NamedTuple):
    """Which measured columns make up each gene."""

    symbols: pd.Index  # (G,) unique, sorted
    collapse: sparse.csr_matrix  # (columns, G) of 0 and 1; a column without a symbol has no entry
    mitochondrial: np.ndarray  # (columns,) bool
    n_nameless: int  # columns without a symbol
    n_merged: int  # columns added to another of the same symbol


def gene_labels(var: pd.DataFrame, gene_column: str | None) -> pd.Series:
    """Read what the measured columns are called; the empty text for a column without a name, or that is no gene.

    Parameters
    ----------
    var
        One row per measured column.
    gene_column
        Column of ``var`` that holds the name; None: the index.

    Raises
    ------
    PathloreError
        The column is not there, or holds no name at all.
    """
    if gene_column is not None and gene_column not in var.columns:
        raise PathloreError(
            f"column '{gene_column}' not found in var, which has {shorten(var.columns, 20) or 'none'}: change "
            "`ingestion.cells.gene_column` (null: the index)"
        )
    names = known_texts(pd.Series(var.index if gene_column is None else var[gene_column].to_numpy(), dtype=object))
    names = names.where(gene_features(var, list(names)), "")
    if not (names != "").any():
        raise PathloreError(
            f"none of {len(names)} genes has a symbol in {gene_column or 'the index of var'}: change "
            "`ingestion.cells.gene_column`"
        )
    return names


def gene_columns(var: pd.DataFrame, gene_column: str | None, mapping: pd.DataFrame | None = None) -> GeneColumns:
    """Find the measured columns of each gene.

    Parameters
    ----------
    var, gene_column
        As in `gene_labels`.
    mapping
        `pathlore.schemas.GeneMapping` of the names; a name that it has no symbol for is dropped. None: the names are
        symbols.

    Raises
    ------
    PathloreError
        From `gene_labels`.

    Examples
    --------
    >>> genes = gene_columns(pd.DataFrame(index=["TP53", "MYC", "TP53", ""]), None)
    >>> list(genes.symbols), genes.n_nameless, genes.n_merged
    (['MYC', 'TP53'], 1, 1)
    """
    names = gene_labels(var, gene_column)
    if mapping is None:
        symbols = names
    else:
        symbols = names.map(dict(zip(mapping["name"], mapping["symbol"], strict=True))).fillna("")
    named = symbols != ""
    codes, unique = pd.factorize(symbols[named], sort=True)
    rows = np.flatnonzero(named)
    collapse = sparse.csr_matrix((np.ones(len(rows), dtype=np.float32), (rows, codes)), shape=(len(names), len(unique)))
    mitochondrial = names.str.upper().str.contains(MITOCHONDRIAL, regex=True) | symbols.str.startswith("MT-")
    return GeneColumns(
        symbols=pd.Index(unique, name="symbol"),
        collapse=collapse,
        mitochondrial=mitochondrial.to_numpy(dtype=bool),
        n_nameless=int((~named).sum()),
        n_merged=len(rows) - len(unique),
    )
