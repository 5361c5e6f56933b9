"""Whether a cell is like those that trained the model: its profile against theirs, by a bound from held-out cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import sparse

from pathlore.scoring.facts import Range
from pathlore.training.data import CELLS_PER_BLOCK, CellSet, blocks, over_wide_genes
from pathlore.training.regression import donor_folds


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


UNLIKE = "unlike the training cells"
"""What such a cell is called, in place of a class."""

LEAST_CELLS = 20
"""Training cells of a class and type that make a profile of their own."""

LEVEL = 0.02
"""Fraction of the cells of a new donor of the same cohort that may be called unlike."""


@dataclass(frozen=True)
class Familiarity:
    r"""Profiles of the training cells, and how near to one of them a cell must be.

    .. math:: s_i = \max_k \mathrm{cor}(x_i, \bar x_k), \qquad
              \text{unlike where } s_i < s_{(\lfloor \alpha (n + 1) \rfloor)}

    with the mean profile of each class and cell type of the training cells, and the order statistic of n cells that the
    profiles were not made of: the validation cells, and each training cell by profiles without its group of donors. A
    further cell that is exchangeable with these is called unlike with a probability of :math:`\alpha` at most
    (cross-conformal prediction). Test cells take no part, so that the fraction of them that is unlike tests the limit.

    Attributes
    ----------
    profiles
        (K, W) mean log1p expression over the genes of the wide branch, or of the graph where there is none.
    limit
        Least correlation; with few held-out cells the lowest of theirs.

    Source: Vovk et al. 2005, Algorithmic Learning in a Random World.
    """

    profiles: np.ndarray
    limit: float

    def unlike(self, x: sparse.csr_matrix, found: np.ndarray | None = None) -> np.ndarray:
        """Whether each cell is unlike all profiles, (n,) bool; x (n, W), found (W,) genes that were measured."""
        near = similarity(x, self.profiles, found)
        return ~(near >= self.limit - 1e-9)


def fit_familiarity(data: dict[str, CellSet], types: dict[str, Sequence[str | None]]) -> Familiarity:
    """Take the profiles from the training cells, and the limit from cells that a profile was not made of.

    Parameters
    ----------
    data
        `CellSet` of train and validation.
    types
        Cell type of each cell of a split, None where not known.
    """
    train, validation = over_wide_genes(data["train"]), over_wide_genes(data["validation"])
    names = [f"{label} {kind}" for label, kind in zip(train.labels, types["train"], strict=True)]
    _, first, kind = np.unique(names, return_index=True, return_inverse=True)
    labels = train.labels[first]  # class of each kind
    fold, _ = donor_folds(train)
    sums, sizes = _sums(train.x, fold, kind)
    profiles = _profiles(sums.sum(axis=0), sizes.sum(axis=0), labels)
    others = [_profiles(sums.sum(axis=0) - sums[k], sizes.sum(axis=0) - sizes[k], labels) for k in range(len(sums))]
    near = [similarity(validation.x, profiles)]
    for start in range(0, len(train), CELLS_PER_BLOCK):
        block, own = train.x[start : start + CELLS_PER_BLOCK], fold[start : start + CELLS_PER_BLOCK]
        near += [similarity(block[own == k], others[k]) for k in np.unique(own)]
    known = np.sort(np.concatenate(near))
    known = known[np.isfinite(known)]
    limit = float(known[max(int(LEVEL * (len(known) + 1)) - 1, 0)]) if len(known) else -1.0
    return Familiarity(profiles.astype(np.float32), limit)


def _sums(x: sparse.csr_matrix, fold: np.ndarray, kind: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums of expression (folds, kinds, W), and numbers of cells (folds, kinds), of which a block is in memory."""
    shape = fold.max() + 1, kind.max() + 1
    group = fold * shape[1] + kind
    total = np.zeros((shape[0] * shape[1], x.shape[1]))
    for start in range(0, len(group), CELLS_PER_BLOCK):
        block = x[start : start + CELLS_PER_BLOCK]
        places = group[start : start + CELLS_PER_BLOCK], np.arange(block.shape[0])
        members = sparse.csr_matrix((np.ones(len(places[1])), places), shape=(len(total), len(places[1])))
        total += (members @ block).toarray()
    return total.reshape(*shape, -1), np.bincount(group, minlength=len(total)).reshape(shape)


def _profiles(sums: np.ndarray, sizes: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Mean of each kind with enough cells and of each class, (K, W), from sums over the kinds and their sizes."""
    of_class = labels == np.unique(labels[sizes > 0])[:, None]
    members = np.concatenate([np.eye(len(sizes))[sizes >= LEAST_CELLS], of_class])
    return np.asarray(members @ sums / (members @ sizes)[:, None])


def similarity(x: sparse.csr_matrix, profiles: np.ndarray, found: np.ndarray | None = None) -> np.ndarray:
    """Largest correlation of each cell with a profile over the measured genes, (n,); NaN where it has no count."""
    used = np.ones(profiles.shape[1], dtype=bool) if found is None else found
    centred = profiles[:, used].astype(np.float64)
    centred = centred - centred.mean(axis=1, keepdims=True)
    centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    nearest = [np.zeros(0)]
    for block in blocks(x):
        cells = block[:, used].astype(np.float64)
        cells -= cells.mean(axis=1, keepdims=True)
        size = np.linalg.norm(cells, axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            nearest.append((cells @ centred.T).max(axis=1) / size)
    return np.concatenate(nearest)
