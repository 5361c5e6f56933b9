"""Which cells are good enough to be used."""

import numpy as np
from scipy import sparse

from pathlore.config import QualityConfig
from pathlore.expression.scale import Scale

PASSES = ""
MIN_GENES = "min_genes"
MITOCHONDRIAL = "max_mitochondrial_percent"


def judge_cells(X: sparse.csr_matrix, mitochondrial: np.ndarray, quality: QualityConfig, scale: Scale) -> np.ndarray:
    """Name the rule of :class:`~pathlore.config.QualityConfig` by which each cell is dropped.

    A cell is judged by its own values alone, so that nothing is fitted.

    Parameters
    ----------
    X
        (n, columns), values as measured.
    mitochondrial
        (columns,) bool, the mitochondrial genes. Their share, in percent of the cell's counts, is judged for
        counts only.
    quality
        The bounds.
    scale
        What the values are.

    Returns
    -------
    (n,) object: ``"min_genes"``, ``"max_mitochondrial_percent"``, or ``""`` for a cell that is kept. The first rule
    that applies is named.
    """
    reasons = np.full(X.shape[0], PASSES, dtype=object)
    if scale == "counts":
        totals = X @ np.ones(X.shape[1])
        percent = 100 * (X @ mitochondrial.astype(np.float64)) / np.where(totals > 0, totals, 1.0)
        reasons[percent > quality.max_mitochondrial_percent] = MITOCHONDRIAL
    reasons[X.count_nonzero(axis=1) < quality.min_genes] = MIN_GENES
    return reasons
