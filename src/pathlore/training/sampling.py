"""Samples of cells, even over donors: the cells of one donor are replicates of each other, its donors are not."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pathlore.training.data import CellSet, subset


def even_quotas(sizes: np.ndarray, total: int) -> np.ndarray:
    """How many to take of each group, as evenly as the groups are large enough; ``total`` in all, or everything.

    Examples
    --------
    >>> even_quotas(np.array([2, 50, 50, 9]), 30).tolist()
    [2, 9, 10, 9]
    """
    quotas, left = np.zeros(len(sizes), dtype=np.int64), total
    for rank, group in enumerate(np.argsort(sizes, kind="stable")):
        quotas[group] = min(sizes[group], left // (len(sizes) - rank))
        left -= quotas[group]
    return quotas


class BalancedSample:
    """Draw cells at random: of each class the fraction that it has, within it evenly over donors.

    Since the classes keep their fractions, their weights stay right. A donor with fewer cells than its part gives all
    of them; cells without a donor count as those of one.

    Parameters
    ----------
    labels
        (n,) class of each cell.
    donors
        n names, None where not known.
    most
        Cells of a sample; None, or n and more: all of them.
    """

    def __init__(self, labels: np.ndarray, donors: Sequence[str | None], most: int | None) -> None:
        self.cells = len(labels)
        self.size = self.cells if most is None else min(most, self.cells)
        self.strata: list[tuple[np.ndarray, int]] = []
        if self.size == self.cells:
            return
        kinds, counts = np.unique(labels, return_counts=True)
        exact = counts * self.size / self.cells
        quotas = np.maximum(np.floor(exact).astype(np.int64), 1)
        rest = np.argsort(quotas - exact, kind="stable")[: max(self.size - int(quotas.sum()), 0)]
        quotas[rest] += 1
        owner = pd.factorize(np.array([donor or "" for donor in donors], dtype=object), sort=True)[0]
        for kind, quota in zip(kinds, quotas, strict=True):
            rows = np.flatnonzero(labels == kind)
            parts = np.split(rows[np.argsort(owner[rows], kind="stable")], np.cumsum(np.bincount(owner[rows]))[:-1])
            sizes = np.array([len(part) for part in parts])
            self.strata += zip(parts, even_quotas(sizes, int(quota)).tolist(), strict=True)

    def rows(self, seed: int, draw: int = 0) -> np.ndarray:
        """Places of the cells, increasing, the same for the same two numbers; all of them where there are no more."""
        if not self.strata:
            return np.arange(self.cells)
        rng = np.random.default_rng([seed, draw])
        drawn = [rng.choice(part, quota, replace=False) for part, quota in self.strata if quota]
        return np.sort(np.concatenate(drawn))


def sampled(cells: CellSet, most: int | None, seed: int = 0) -> CellSet:
    """The cells, or a `BalancedSample` of them in memory where there are more than so many."""
    sample = BalancedSample(cells.labels, cells.donors, most)
    return subset(cells, sample.rows(seed)) if sample.strata else cells
