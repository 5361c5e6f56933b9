"""Replicates of cells: donors where there are enough of them, else groups of cells."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from pathlore.expression.design import batches
from pathlore.training.data import CELLS_PER_BLOCK, CellSet, RowsOfFile, Terms, class_ranks, in_memory
from pathlore.training.relabelling import exchangeable

LEAST_DONORS = 3
"""Donors that each class must have."""

LEAST_CELLS = 5
"""Cells of a class that a donor must have to count."""

GROUPS = 6
"""Groups that the cells of a class are assigned to at random where donors are too few or not known."""


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
    terms
        Batch and covariates, (n, k), the mean over the cells of each; None: none is named.
    contrast
        As the cells' `pathlore.training.data.CellSet.contrast`.
    """

    log_means: np.ndarray
    classes: np.ndarray
    donors: list[str]
    terms: Terms | None = None
    contrast: str = "others"

    @property
    def exchanged(self) -> np.ndarray:
        """Groups (n,) within which classes may be exchanged: a paired donor, else the donors of a batch, else all."""
        batch = None if self.terms is None else batches(self.terms.names, self.terms.numbers)
        return exchangeable(self.classes, self.donors, batch)

    @property
    def nuisance(self) -> np.ndarray:
        """What is taken out of each gene beside the class: groups of paired donors (n,), or these with all terms."""
        pairs = exchangeable(self.classes, self.donors)
        if self.terms is None:
            return pairs
        return np.column_stack([pairs[:, None] == np.unique(pairs)[1:], self.terms.numbers]).astype(float)

    def without(self, rows: np.ndarray) -> "DonorMeans":
        """The others; rows (n,) bool."""
        kept = np.flatnonzero(~rows)
        terms = None if self.terms is None else Terms(self.terms.names, self.terms.numbers[kept])
        names = [self.donors[i] for i in kept]
        return DonorMeans(self.log_means[kept], self.classes[kept], names, terms, self.contrast)


def log_means(train: CellSet) -> tuple[np.ndarray, np.ndarray]:
    """Log of each gene's mean expression in each replicate, (n, G), and its class, (n,); see `training_replicates`."""
    found = training_replicates(train)
    return found.log_means, found.classes


def training_replicates(train: CellSet) -> DonorMeans:
    r"""Replicates of the training cells: donors where each class has three, else groups of cells.

    .. math:: y_{rg} = \log\Big(\overline{e^{x_g} - 1}^{\,r} + \tfrac12 \mathrm{median}\Big)

    with the median over all genes and replicates, which keeps rare genes from deciding by chance. What donors differ by
    is then part of the spread over replicates; groups of cells know nothing of it, nor of batches and covariates.
    """
    replicate, classes, donors = _replicates(train)
    means = _logs(_sums([train], [replicate], len(classes)), np.bincount(replicate[replicate >= 0]))
    if donors is None:
        return DonorMeans(means, classes, [f"group {i}" for i in range(len(classes))], contrast=train.contrast)
    return DonorMeans(means, classes, donors, _terms([train], [replicate], len(classes)), train.contrast)


def donor_means(data: Iterable[CellSet], least_cells: int = LEAST_CELLS) -> DonorMeans:
    """Donors of all splits together; those with fewer than ``least_cells`` cells of a class are left out of it.

    No row where no donor is known, or none has enough cells.
    """
    sets = list(data)
    sizes = Counter(unit for cells in sets for unit in _units(cells) if unit[0] is not None)
    units = sorted((c, donor) for (donor, c), size in sizes.items() if donor is not None and size >= least_cells)
    place: dict[tuple[str | None, int], int] = {(donor, c): i for i, (c, donor) in enumerate(units)}
    rows = [np.array([place.get(unit, -1) for unit in _units(cells)], dtype=int) for cells in sets]
    total = _sums(sets, rows, len(units))
    found = np.array([sizes[donor, c] for c, donor in units])
    means = _logs(total, found) if units else total
    classes = np.array([c for c, _ in units], dtype=int)
    contrast = sets[0].contrast if sets else "others"
    return DonorMeans(means, classes, [donor for _, donor in units], _terms(sets, rows, len(units)), contrast)


def _terms(sets: Sequence[CellSet], rows: Sequence[np.ndarray], count: int) -> Terms | None:
    """Mean of each term over the cells of each replicate; rows: the replicate of each cell, -1: none."""
    named = [cells.terms for cells in sets if cells.terms is not None]
    if not named or not count:
        return None
    total, sizes = np.zeros((count, len(named[0].names))), np.zeros(count)
    for cells, chosen in zip(sets, rows, strict=True):
        if cells.terms is not None:
            np.add.at(total, chosen[chosen >= 0], cells.terms.numbers[chosen >= 0])
            sizes += np.bincount(chosen[chosen >= 0], minlength=count)
    return Terms(named[0].names, total / np.maximum(sizes, 1)[:, None])


def _units(cells: CellSet) -> Sequence[tuple[str | None, int]]:
    return [(donor or None, int(label)) for donor, label in zip(cells.donors, cells.labels, strict=True)]


def _sums(sets: Sequence[CellSet], replicates: Sequence[np.ndarray], count: int) -> np.ndarray:
    """Sum of the normalised counts over the cells of each replicate, (count, G); replicate -1: left out."""
    total = np.zeros((count, sets[0].x.shape[1] if sets else 0))
    for matrix, replicate in _matrices(sets, replicates):
        for start in range(0, len(replicate), CELLS_PER_BLOCK):
            codes = replicate[start : start + CELLS_PER_BLOCK]
            rows = np.flatnonzero(codes >= 0)
            if len(rows):
                block = sparse.csr_matrix(in_memory(matrix[start : start + CELLS_PER_BLOCK]), dtype=np.float64)
                member = sparse.csr_matrix((np.ones(len(rows)), (codes[rows], rows)), (count, len(codes)))
                total += (member @ block.expm1()).toarray()
    return total


def _matrices(sets: Sequence[CellSet], replicates: Sequence[np.ndarray]) -> Iterator[tuple[Any, np.ndarray]]:
    """Each matrix with the replicate of each of its rows; sets whose rows are of one file share it."""
    if sets and isinstance(sets[0].x, RowsOfFile):
        matrix = sets[0].x.matrix
        codes = np.full(matrix.shape[0], -1)
        for cells, replicate in zip(sets, replicates, strict=True):
            codes[cells.x.rows] = replicate
        yield matrix, codes
    else:
        yield from ((cells.x, replicate) for cells, replicate in zip(sets, replicates, strict=True))


def _logs(total: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    means = total / sizes[:, None]
    typical = float(np.median(means[means > 0])) if (means > 0).any() else 1.0
    return np.asarray(np.log(means + typical / 2))


def _replicates(train: CellSet) -> tuple[np.ndarray, np.ndarray, list[str] | None]:
    """Replicate of each cell (n,), -1: none; class of each, in the order of `class_ranks`; donors, None: groups."""
    ranks = class_ranks(train.labels, int(train.labels.max()) + 1)
    kinds = np.array(sorted(np.unique(train.labels), key=ranks.__getitem__))
    pairs = _units(train)
    large = [pair for pair, size in Counter(pairs).items() if pair[0] is not None and size >= LEAST_CELLS]
    large.sort(key=lambda pair: (str(pair[0]), ranks[pair[1]]))
    if all(sum(label == kind for _, label in large) >= LEAST_DONORS for kind in kinds):
        place = {pair: i for i, pair in enumerate(large)}
        donors = [str(donor) for donor, _ in large]
        return np.array([place.get(pair, -1) for pair in pairs]), np.array([label for _, label in large]), donors
    replicate = np.full(len(train), -1)
    for number, kind in enumerate(kinds):
        rows = np.flatnonzero(train.labels == kind)
        groups = min(GROUPS, max(2, len(rows) // LEAST_CELLS))
        replicate[rows] = number * GROUPS + np.random.default_rng(0).permutation(len(rows)) % groups
    used, replicate = np.unique(replicate, return_inverse=True)
    return replicate, kinds[used // GROUPS], None
