"""Cells unlike those that the model has seen."""

from typing import NamedTuple

import numpy as np
from scipy import sparse

from pathlore.scoring.facts import Range
from pathlore.training.data import blocks


class Spread(NamedTuple):
    """Two metrics of each cell, (n,) each."""

    mean_squared_z: np.ndarray
    fraction_expressed: np.ndarray


def spread(x: sparse.csr_matrix, mean: np.ndarray, sd: np.ndarray, found: np.ndarray | None = None) -> Spread:
    r"""How far each cell lies from the training cells, and how much of it was measured.

    .. math:: d_i = \frac{1}{G'} \sum_g \left( \frac{x_{ig} - \mu_g}{\sigma_g} \right)^2

    The sum runs over the genes that vary in the training cells and are found in these; for the training cells its mean
    is 1. The other metric is the share of the found genes with a count.

    Parameters
    ----------
    x
        (n, G) log(1 + normalised).
    mean, sd
        (G,) of the training cells.
    found
        (G,) bool, the genes that were measured; None: all.
    """
    measured = np.ones(x.shape[1], dtype=bool) if found is None else found
    used = measured & (sd > 0)
    squares, expressed = [], []
    for block in blocks(x):
        z = (block[:, used].astype(np.float64) - mean[used]) / sd[used]
        squares.append((z * z).sum(axis=1) / max(int(used.sum()), 1))
        expressed.append((block[:, measured] > 0).sum(axis=1) / max(int(measured.sum()), 1))
    empty = np.zeros(0)
    return Spread(np.concatenate([empty, *squares]), np.concatenate([empty, *expressed]))


def training_range(training: Spread, test: Spread, quantile: float) -> Range:
    """Take the limits from the training cells; say what share of the test cells falls outside of them."""
    low, high = np.quantile(training.fraction_expressed, [1 - quantile, quantile])
    limits = Range(
        quantile=quantile,
        mean_squared_z=float(np.quantile(training.mean_squared_z, quantile)),
        fewest_expressed=float(low),
        most_expressed=float(high),
        test_share=None,
    )
    share = float(outside(test, limits).mean()) if len(test.mean_squared_z) else None
    return limits.model_copy(update={"test_share": share})


def outside(cells: Spread, limits: Range) -> np.ndarray:
    """Whether each cell lies beyond what training saw, (n,) bool."""
    few = cells.fraction_expressed < limits.fewest_expressed
    many = cells.fraction_expressed > limits.most_expressed
    return (cells.mean_squared_z > limits.mean_squared_z) | few | many
