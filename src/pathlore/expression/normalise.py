"""Expression on the one scale that everything downstream expects: log(1 + normalised)."""

import numpy as np
from scipy import sparse

from pathlore.expression.scale import Scale
from pathlore.expression.symbols import GeneColumns


def normalise(X: sparse.csr_matrix, genes: GeneColumns, *, scale: Scale, target_sum: float) -> sparse.csr_matrix:
    r"""Bring cells to log(1 + normalised) and genes to one column per symbol.

    .. math:: x_{cg} = \log\Bigl(1 + \sum_{j \in g} \frac{s\, k_{cj}}{\sum_{j'} k_{cj'}}\Bigr)

    k: counts of cell c in measured column j; s: ``target_sum``; the inner sum runs over **all** measured columns,
    nameless ones too. ``normalised`` values skip the division, ``log`` values are left as they are save where several
    columns share a symbol (log1p of the sum of expm1). Each cell is treated by itself: nothing is fitted.

    Parameters
    ----------
    X
        (n, columns), values as measured.
    genes
        Which columns make up each gene.
    scale
        What the values are.
    target_sum
        Counts per cell after normalisation.

    Returns
    -------
    (n, G) float32.
    """
    if X.shape[0] == 0:
        return sparse.csr_matrix((0, len(genes.symbols)), dtype=np.float32)
    if scale == "log":
        if not genes.n_merged:
            return sparse.csr_matrix(X @ genes.collapse, dtype=np.float32)
        linear = X.astype(np.float64).expm1()
    elif scale == "counts":
        linear = per_total(X, target_sum)
    else:
        linear = X
    return sparse.csr_matrix((linear @ genes.collapse).log1p(), dtype=np.float32)


def per_total(X: sparse.csr_matrix, target_sum: float) -> sparse.csr_matrix:
    """Divide counts by their sum in each cell; cells without counts are left as they are.

    Plain array operations, and none that is compiled at first use and kept on disk: processes that compile for
    different types at the same time can overwrite each other's files there, and then read the wrong ones.

    Parameters
    ----------
    X
        (n, columns), counts.
    target_sum
        Counts per cell in the result.

    Returns
    -------
    (n, columns), float32 for integers and in the type of ``X`` otherwise.
    """
    values = X.astype(np.float32) if X.dtype.kind in "iub" else X.copy()
    totals = (values @ np.ones(X.shape[1])).astype(values.dtype)
    factors = np.where(totals == 0, 1, totals / target_sum).astype(values.dtype)
    values.data /= np.repeat(factors, np.diff(values.indptr))
    return values
