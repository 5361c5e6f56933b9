"""The genes that all samples of a series count: joined by Ensembl ids, named by approved symbols."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from pathlore.cohorts.counts import Counts
from pathlore.errors import PathloreError, shorten

if TYPE_CHECKING:
    from pathlore.genes.names import GeneNames

IDS = "gene_ids"
"""Column of var as Cell Ranger and scanpy call it."""


def join_genes(
    parts: Sequence[Counts], series: str, names: "GeneNames | None" = None
) -> tuple[list[sparse.csr_matrix], pd.DataFrame, int]:
    """Bring the matrices of all samples to the genes that every one of them counts.

    Samples are often counted with different references, in which one gene has different symbols (IL8, CXCL8). They are
    joined by Ensembl id where each sample has ids, else by approved symbol. A gene that only some samples count would
    be silent in the others, and tell references apart, not conditions; it is left out. Several genes of one symbol are
    added up at the end.

    Parameters
    ----------
    parts
        Samples, one at least.
    series
        For messages.
    names
        Gene names: by them, former symbols become approved ones.

    Returns
    -------
    blocks, var, n_left_out
        One matrix (cells, genes) per sample; index: symbol, in the order of the first sample, and, if the samples have
        ids, ``gene_ids``, those of the symbol, ';'-joined; and how many genes only some of the samples count.

    Raises
    ------
    PathloreError
        A sample shares fewer than half of its genes with the others: they name their genes differently.
    """
    by_id = all((part.genes["id"] != "").mean() > 0.5 for part in parts)  # antibodies and transgenes have none
    keys = [_keys(part, names, by_id=by_id) for part in parts]
    shared = _shared(keys, parts, series)
    symbols = _symbols(parts, keys, shared, names) if by_id else pd.Series(shared, index=shared)
    blocks = [_summed(part.X, key, shared) for part, key in zip(parts, keys, strict=True)]
    unique = pd.Index(symbols.unique())
    blocks = [_summed(block, pd.Index(symbols), unique) for block in blocks]
    var = pd.DataFrame(index=unique.rename(None))
    if by_id:
        ids = pd.Series(shared.where(shared.str.startswith("ENS"), ""), index=symbols.to_numpy())
        var[IDS] = ids.groupby(level=0, sort=False).agg(lambda each: ";".join(filter(None, each))).reindex(unique)
    left_out = set().union(*keys) - set(shared)
    return blocks, var, len(left_out)


def _keys(part: Counts, names: "GeneNames | None", *, by_id: bool) -> pd.Index:
    """What the columns of a sample are joined by."""
    symbols = part.genes["symbol"]
    if by_id:
        return pd.Index(part.genes["id"].where(part.genes["id"] != "", symbols))
    return pd.Index(symbols if names is None else names.approved(symbols))


def _shared(keys: Sequence[pd.Index], parts: Sequence[Counts], series: str) -> pd.Index:
    """Keys of every sample, in the order of the first."""
    shared = keys[0].unique()
    for key, part in zip(keys[1:], parts[1:], strict=True):
        shared = shared[shared.isin(key)]
        if len(shared) < 0.5 * key.nunique():
            raise PathloreError(
                f"{series}: only {len(shared)} genes are counted in {part.sample.name} ({key.nunique()} genes, such "
                f"as {shorten(key[:3])}) and the samples before it (such as {shorten(keys[0][:3])}): "
                "leave the sample out by `cohort.recipe.samples`, or correct `cohort.recipe.layout.members`"
            )
    return shared


def _symbols(
    parts: Sequence[Counts], keys: Sequence[pd.Index], shared: pd.Index, names: "GeneNames | None"
) -> pd.Series:
    """The symbol of each shared id: by the table of names, else as the sample with the most approved symbols has it."""
    found = [pd.Series(part.genes["symbol"].to_numpy(), index=key) for part, key in zip(parts, keys, strict=True)]
    found = [table[~table.index.duplicated()].reindex(shared) for table in found]
    if names is None or not len(names):
        return found[0]
    newest = max(found, key=lambda table: int(table.isin(names.symbols).sum()))
    by_id = names.to_symbols(pd.Series(shared, index=shared), "ensembl")
    return names.approved(by_id.fillna(newest).astype(object))


def _summed(X: sparse.csr_matrix, columns: pd.Index, wanted: pd.Index) -> sparse.csr_matrix:
    """Columns of one name added up, in the order that is wanted; others are left out."""
    codes = wanted.get_indexer(columns)
    at = np.flatnonzero(codes >= 0)
    ones = np.ones(len(at), dtype=np.float32)
    return sparse.csr_matrix(X @ sparse.csr_matrix((ones, (at, codes[at])), shape=(len(columns), len(wanted))))
