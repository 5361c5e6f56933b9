"""Replicates of cells: donors where there are enough of them, else groups of cells."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from pathlore.training.data import CellSet, blocks, class_ranks

LEAST_DONORS = 3
"""Donors that each class must have."""

LEAST_CELLS = 5
"""Cells of a class that a donor must have to count."""

GROUPS = 6
"""Groups that the cells of a class are dealt to where donors are too few or not known."""


class DonorMeans(NamedTuple):
    """Expression of each donor's cells of a class.

    Attributes
    ----------
    log_means
        (n, G), see `log_means`.
    classes
        (n,) class of each.
    donors
        n names; a paired donor occurs once for each class.
    """

    log_means: np.ndarray
    classes: np.ndarray
    donors: list[str]


def log_means(train: CellSet) -> tuple[np.ndarray, np.ndarray]:
    r"""Log of each gene's mean expression in each replicate.

    .. math:: y_{rg} = \log\Big(\overline{e^{x_g} - 1}^{\,r} + \tfrac12 \mathrm{median}\Big)

    with the median over all genes and replicates, which keeps rare genes from deciding by chance. What donors differ by
    is then part of the spread over replicates; groups of cells know nothing of it.

    Returns
    -------
    log means, classes
        (n, G) and (n,).
    """
    replicate, classes = _replicates(train)
    return _logs(_sums(train, replicate, len(classes)), np.bincount(replicate[replicate >= 0])), classes


def donor_means(data: Iterable[CellSet], least_cells: int = LEAST_CELLS) -> DonorMeans:
    """Donors of all splits together; those with fewer than ``least_cells`` cells of a class are left out of it.

    No row where no donor is known, or none has enough cells.
    """
    sets = list(data)
    sizes = Counter(unit for cells in sets for unit in _units(cells) if unit[0] is not None)
    units = sorted((c, donor) for (donor, c), size in sizes.items() if donor is not None and size >= least_cells)
    place: dict[tuple[str | None, int], int] = {(donor, c): i for i, (c, donor) in enumerate(units)}
    total = np.zeros((len(units), sets[0].x.shape[1] if sets else 0))
    for cells in sets:
        total += _sums(cells, np.array([place.get(unit, -1) for unit in _units(cells)]), len(units))
    found = np.array([sizes[donor, c] for c, donor in units])
    means = _logs(total, found) if units else total
    return DonorMeans(means, np.array([c for c, _ in units], dtype=int), [donor for _, donor in units])


def _units(cells: CellSet) -> Sequence[tuple[str | None, int]]:
    return [(donor or None, int(label)) for donor, label in zip(cells.donors, cells.labels, strict=True)]


def _sums(cells: CellSet, replicate: np.ndarray, count: int) -> np.ndarray:
    """Sum of the normalised counts over the cells of each replicate, (count, G); replicate -1: left out."""
    total, start = np.zeros((count, cells.x.shape[1])), 0
    for block in blocks(cells.x):
        own = replicate[start : start + len(block)]
        start += len(block)
        for r in np.unique(own[own >= 0]):
            total[r] += np.expm1(block[own == r].astype(np.float64)).sum(axis=0)
    return total


def _logs(total: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    means = total / sizes[:, None]
    typical = float(np.median(means[means > 0])) if (means > 0).any() else 1.0
    return np.asarray(np.log(means + typical / 2))


def _replicates(train: CellSet) -> tuple[np.ndarray, np.ndarray]:
    """Replicate of each cell (n,), -1: none; and class of each replicate; classes in the order of `class_ranks`."""
    ranks = class_ranks(train.labels, int(train.labels.max()) + 1)
    kinds = np.array(sorted(np.unique(train.labels), key=ranks.__getitem__))
    pairs = _units(train)
    large = [pair for pair, size in Counter(pairs).items() if pair[0] is not None and size >= LEAST_CELLS]
    large.sort(key=lambda pair: (str(pair[0]), ranks[pair[1]]))
    if all(sum(label == kind for _, label in large) >= LEAST_DONORS for kind in kinds):
        place = {pair: i for i, pair in enumerate(large)}
        return np.array([place.get(pair, -1) for pair in pairs]), np.array([label for _, label in large])
    replicate = np.full(len(train), -1)
    for number, kind in enumerate(kinds):
        rows = np.flatnonzero(train.labels == kind)
        groups = min(GROUPS, max(2, len(rows) // LEAST_CELLS))
        replicate[rows] = number * GROUPS + np.random.default_rng(0).permutation(len(rows)) % groups
    used, replicate = np.unique(replicate, return_inverse=True)
    return replicate, kinds[used // GROUPS]
