"""Samples of cells, even over donors: the cells of one donor are replicates of each other, its donors are not."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pathlore.training.data import CellSet, subset


def evenly(rows: np.ndarray, units: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    """Draw rows so that the units' numbers are as even as can be; in the order of the rows.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> chosen = evenly(np.arange(10), np.array(list("aaaaaaabbc")), 6, rng)
    >>> len(chosen), (chosen < 7).sum()
    (6, np.int64(3))
    """
    place = pd.Series(rng.permutation(len(rows))).groupby(units).rank(method="first")  # 1, 2, ... within each unit
    return rows[np.sort(np.lexsort((rng.permutation(len(rows)), place.to_numpy()))[:most])]


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
        self.strata: list[tuple[np.ndarray, np.ndarray, int]] = []  # cells of a class, their donors, how many
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
            self.strata.append((rows, owner[rows], int(quota)))

    def rows(self, seed: int, draw: int = 0) -> np.ndarray:
        """Places of the cells, increasing, the same for the same two numbers; all of them where there are no more."""
        if not self.strata:
            return np.arange(self.cells)
        rng = np.random.default_rng([seed, draw])
        return np.sort(np.concatenate([evenly(*stratum, rng) for stratum in self.strata]))


def sampled(cells: CellSet, most: int | None, seed: int = 0) -> CellSet:
    """The cells, or a `BalancedSample` of them in memory where there are more than so many."""
    sample = BalancedSample(cells.labels, cells.donors, most)
    return subset(cells, sample.rows(seed)) if sample.strata else cells
