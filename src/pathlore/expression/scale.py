"""What the numbers of a matrix are: counts, normalised, or on a log scale."""

import logging
from typing import Literal

import numpy as np
from scipy import sparse

from pathlore.errors import PathloreError

logger = logging.getLogger(__name__)

Scale = Literal["counts", "normalised", "log"]

LOG_MAXIMUM = 30.0
"""No log-scale expression reaches this: 2 ** 30 is a billion transcripts."""


def check_values(X: sparse.csr_matrix) -> None:
    """Refuse values that cannot be expression.

    Raises
    ------
    PathloreError
        NaN, infinite or negative values.
    """
    data = X.data
    bad = int(np.count_nonzero(~np.isfinite(data)))
    if bad:
        raise PathloreError(
            f"{bad} of {data.size} values are NaN or infinite, finite expression was expected: "
            "change `ingestion.cells.layer`, or repair the file of the runtime parameter `cells`"
        )
    if data.size and data.min() < 0:
        negative = np.count_nonzero(data < 0)
        raise PathloreError(
            f"{negative} of {data.size} values are negative (least {data.min():.3g}), counts or log-normalised "
            "expression was expected; scaled data cannot be used: change `ingestion.cells.layer`, e.g. to raw"
        )


def expression_scale(X_sample: sparse.csr_matrix) -> Scale:
    """Tell counts from normalised and from log-scale expression by their values.

    ``counts``: whole numbers. ``log``: fractions below 30. ``normalised``: fractions, some of them larger.
    The base of the logarithm cannot be told; natural is assumed wherever it matters.

    Parameters
    ----------
    X_sample
        (cells, genes), some rows of the matrix.

    Raises
    ------
    PathloreError
        No value above zero, or NaN, infinite or negative ones.

    Examples
    --------
    >>> expression_scale(sparse.csr_matrix([[0, 3], [1, 0]]))
    'counts'
    >>> expression_scale(sparse.csr_matrix([[0, 1.3], [2.5, 0]]))
    'log'
    """
    check_values(X_sample)
    data = X_sample.data
    if not data.any():
        raise PathloreError(
            f"no value above zero in {X_sample.shape[0]} cells x {X_sample.shape[1]} genes, expression was expected: "
            "change `ingestion.cells.layer`"
        )
    if np.array_equal(data, np.rint(data)):
        return "counts"
    return "log" if data.max() < LOG_MAXIMUM else "normalised"


def resolve_scale(X_sample: sparse.csr_matrix, wanted: Literal["auto", "counts", "normalised", "log"]) -> Scale:
    """Verdict on the values unless the parameter gives one; a contradiction between the two is logged."""
    verdict = expression_scale(X_sample)
    if wanted != "auto" and wanted != verdict:
        logger.warning(
            "the values look like '%s' but are used as '%s', as `ingestion.quality.scale` says", verdict, wanted
        )
    elif verdict == "normalised":
        sums = np.asarray(X_sample.sum(axis=1)).ravel()
        if sums.max() > 2 * max(float(np.median(sums)), 1.0):
            logger.warning(
                "the values are fractions whose sums per cell range from %.0f to %.0f: if they are expected counts "
                "(ambient correction, pseudo-alignment), set `ingestion.quality.scale: counts`",
                sums.min(),
                sums.max(),
            )
    return verdict if wanted == "auto" else wanted
