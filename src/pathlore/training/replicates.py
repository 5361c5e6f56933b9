"""Replicates of the training cells: donors where there are enough of them, else groups of cells."""

from collections import Counter

import numpy as np

from pathlore.training.data import CellSet, blocks, class_ranks

LEAST_DONORS = 3
"""Donors that each class must have."""

LEAST_CELLS = 5
"""Cells of a class that a donor must have to count."""

GROUPS = 6
"""Groups that the cells of a class are dealt to where donors are too few or not known."""


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
    total, start = np.zeros((len(classes), train.x.shape[1])), 0
    for block in blocks(train.x):
        own = replicate[start : start + len(block)]
        start += len(block)
        for r in np.unique(own[own >= 0]):
            total[r] += np.expm1(block[own == r].astype(np.float64)).sum(axis=0)
    means = total / np.bincount(replicate[replicate >= 0], minlength=len(classes))[:, None]
    typical = float(np.median(means[means > 0])) if (means > 0).any() else 1.0
    return np.log(means + typical / 2), classes


def _replicates(train: CellSet) -> tuple[np.ndarray, np.ndarray]:
    """Replicate of each cell (n,), -1: none; and class of each replicate; classes in the order of `class_ranks`."""
    ranks = class_ranks(train.labels, int(train.labels.max()) + 1)
    kinds = np.array(sorted(np.unique(train.labels), key=ranks.__getitem__))
    pairs = [(donor, int(label)) for donor, label in zip(train.donors, train.labels, strict=True)]
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
