"""Which cells are good enough to be used."""

import numpy as np
import pandas as pd
from anndata import AnnData
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
    import scanpy as sc

    block = AnnData(X, var=pd.DataFrame({"mitochondrial": mitochondrial}, index=_numbers(X.shape[1])))
    metrics, _ = sc.pp.calculate_qc_metrics(block, qc_vars=["mitochondrial"], percent_top=None, log1p=False)
    reasons = np.full(X.shape[0], PASSES, dtype=object)
    if scale == "counts":
        percent = metrics["pct_counts_mitochondrial"].fillna(0).to_numpy()
        reasons[percent > quality.max_mitochondrial_percent] = MITOCHONDRIAL
    reasons[metrics["n_genes_by_counts"].to_numpy() < quality.min_genes] = MIN_GENES
    return reasons


def _numbers(n: int) -> pd.Index:
    return pd.Index([str(i) for i in range(n)])
