"""Many tests at a time, and the agreement of two orders."""

import numpy as np
import pandas as pd

LEVEL = 0.05
"""Of p or q, below which the log counts a result."""


def adjusted(p: np.ndarray) -> np.ndarray:
    """Benjamini-Hochberg's q, (n,); NaN stays, and does not count."""
    from scipy.stats import false_discovery_control

    q = np.full(len(p), np.nan)
    known = ~np.isnan(p)
    if known.any():
        q[known] = false_discovery_control(p[known])
    return q


def spearman(a: pd.Series, b: pd.Series) -> float:
    """Spearman's correlation; NaN where one of them does not vary."""
    varies = all(len(values) > 1 and np.ptp(values.to_numpy(dtype=float)) > 0 for values in (a, b))
    return float(a.corr(b, method="spearman")) if varies else float("nan")
