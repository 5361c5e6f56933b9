"""Counts of one sample."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from pathlore.cohorts.recipe import Sample
from pathlore.errors import PathloreError, shorten


@dataclass(frozen=True)
class Counts:
    """Counts of the cells of one sample, genes by symbol."""

    sample: Sample
    file: str  # where they were read
    X: sparse.csr_matrix  # (cells, genes) float32
    genes: pd.Index  # (genes,) unique
    cells: pd.DataFrame  # (cells,) index: barcode; what a table says of them: condition, donor, cell_type
    n_read: int  # barcodes of the matrix

    @property
    def median_counts(self) -> float:
        """Median over the cells of their counts."""
        return float(np.median(np.asarray(self.X.sum(axis=1))))


@dataclass(frozen=True)
class LeftOut:
    """A sample that is not used, and its reason."""

    sample: Sample
    file: str


def counts_of(
    sample: Sample, file: str, X: sparse.csr_matrix, genes: pd.Index, cells: pd.DataFrame, min_genes: int
) -> Counts:
    """Drop empty barcodes, and add up the columns of one symbol.

    Parameters
    ----------
    X
        (barcodes, columns), whole numbers.
    genes
        (columns,) symbols.
    cells
        (barcodes,)
    min_genes
        Genes with a count that a cell has at least.

    Raises
    ------
    PathloreError
        The shapes differ, the numbers are no counts, or no barcode is left.
    """
    if X.shape != (len(cells), len(genes)):
        raise PathloreError(
            f"{file}: the matrix of {sample.name} is {X.shape[0]} x {X.shape[1]}, but there are {len(cells)} barcodes "
            f"and {len(genes)} genes: fetch the file again, or correct `cohort.recipe.layout`"
        )
    if X.data.size and (X.data.min() < 0 or not np.array_equal(X.data, np.round(X.data))):
        raise PathloreError(
            f"{file}: {sample.name} has values such as {X.data[X.data != np.round(X.data)][:1]}, whole counts were "
            "expected: choose the file with the raw counts in `cohort.recipe.layout`"
        )
    keep = np.flatnonzero(X.getnnz(axis=1) >= max(min_genes, 1))
    if not len(keep):
        raise PathloreError(
            f"{file}: none of the {len(cells)} barcodes of {sample.name} has {min_genes} genes: lower "
            "`cohort.min_genes`, or leave the sample out by `cohort.recipe.samples`"
        )
    codes, unique = pd.factorize(pd.Index(genes).astype(str))
    collapse = sparse.csr_matrix(
        (np.ones(len(codes), dtype=np.float32), (np.arange(len(codes)), codes)), shape=(len(codes), len(unique))
    )
    kept = sparse.csr_matrix(X[keep].astype(np.float32) @ collapse)
    return Counts(sample, file, kept, pd.Index(unique), cells.iloc[keep], len(cells))


def shared_genes(parts: list[Counts], series: str) -> pd.Index:
    """Genes that were counted in every sample, in the order of the first.

    A gene that only some samples count would be silent in the others, and tell references apart, not conditions.

    Raises
    ------
    PathloreError
        Fewer than half of the genes of some sample: the samples name their genes differently.
    """
    shared = parts[0].genes
    for part in parts[1:]:
        shared = shared[shared.isin(part.genes)]
        if len(shared) < 0.5 * len(part.genes):
            raise PathloreError(
                f"{series}: only {len(shared)} genes are counted in {part.sample.name} ({len(part.genes)} genes, such "
                f"as {shorten(part.genes[:3])}) and the samples before it (such as {shorten(parts[0].genes[:3])}): "
                "leave the sample out by `cohort.recipe.samples`, or correct `cohort.recipe.layout.members`"
            )
    return shared
