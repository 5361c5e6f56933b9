"""Ridge regression of the classes on gene expression, its penalty by donors that are left out in turn."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve

from pathlore.training.data import CellSet, blocks
from pathlore.training.metrics import auroc

logger = logging.getLogger(__name__)

PENALTIES = (1000.0, 100.0, 10.0, 1.0, 0.1)
"""Ridge penalties that are tried, in units of the mean eigenvalue of the genes' covariance; the strongest first."""

FOLDS = 5
"""Groups of donors, or of cells, that are left out in turn, at most."""


@dataclass(frozen=True)
class GeneRegression:
    """A linear answer on genes.

    Attributes
    ----------
    genes
        F names, in the order of the coefficients.
    mean
        (F,) expression of the training cells, which takes the place of genes that were not measured.
    coefficients, intercept
        (F, C) and (C,).
    """

    genes: list[str]
    mean: np.ndarray
    coefficients: np.ndarray
    intercept: np.ndarray

    def logits(self, x: sparse.csr_matrix | np.ndarray) -> np.ndarray:
        """Answer of each class, log1p expression x (n, F) -> (n, C); a cell's answers sum to 0."""
        return np.asarray(x @ self.coefficients + self.intercept)


def donor_folds(cells: CellSet, folds: int = FOLDS) -> tuple[np.ndarray, str]:
    """Deal the cells to groups that are left out in turn: whole donors where each class has two or more.

    The groups follow from the names of donors and cells, not from the order of the cells.

    Parameters
    ----------
    cells
        Training cells.
    folds
        Groups, at most.

    Returns
    -------
    fold, unit
        (n,) group of each cell; ``donor``, or ``cell`` where donors are unknown or a class has a single one.
    """
    labels = cells.labels
    if all(donor is not None for donor in cells.donors):
        donors = np.array([str(donor) for donor in cells.donors])
        own = [set(donors[labels == label]) for label in np.unique(labels)]
        paired = len(set().union(*own)) < sum(map(len, own))
        strata = [sorted(set().union(*own))] if paired else [sorted(names) for names in own]
        number = min(folds, *map(len, strata))
        if number > 1:
            place = {donor: i % number for names in strata for i, donor in enumerate(names)}
            fold = np.array([place[donor] for donor in donors])
            kept = [np.unique(labels[fold != k]) for k in range(number)]
            if all(len(kinds) == len(own) for kinds in kept):
                return fold, "donor"
    fold = np.empty(len(cells), dtype=int)
    order = np.argsort(np.array(cells.cells, dtype=object))
    order = order[np.random.default_rng(0).permutation(len(order))]
    for label in np.unique(labels):
        rows = order[labels[order] == label]
        fold[rows] = np.arange(len(rows)) % min(folds, max(2, len(rows)))
    return fold, "cell"


def ridge_regression(
    x: sparse.csr_matrix, genes: Sequence[str], train: CellSet, fold: np.ndarray, unit: str = "donor"
) -> tuple[GeneRegression, np.ndarray]:
    r"""Regress the classes on standardised genes, and answer for the cells that are left out in turn.

    .. math:: \min_{W, b} \sum_i \omega_i \lVert y_i - W^\top \hat x_i - b \rVert^2 + \lambda \lVert W \rVert^2

    with :math:`y_i` the class of a cell (one-hot, less the mean), and weights :math:`\omega` by which each class counts
    alike. :math:`\lambda` is the one of `PENALTIES` whose answers for left-out donors have the best AUROC, mean over
    the groups; of equals the strongest. Groups of cells know nothing of what donors differ by, which a weaker penalty
    would learn: there it is the strongest within a standard error of the best. The optimum is a formula, so that
    nothing is drawn and the order of cells and genes does not matter. With all weight on one direction this is Fisher's
    discriminant with a shrunken covariance.

    Parameters
    ----------
    x
        (n, F) log1p expression of the training cells.
    genes
        F names.
    train
        Classes and donors of these cells.
    fold
        (n,) from `donor_folds`.
    unit
        What the groups are of, from there.

    Returns
    -------
    regression, left_out
        Fitted on all; and (n, C) answers for each cell by the regression that its group took no part in.
    """
    mean, sd = _moments(x)
    scale = np.divide(1.0, sd, out=np.zeros_like(sd), where=sd > 1e-6)
    z = (np.concatenate(list(blocks(x))).astype(np.float64) - mean) * scale
    labels, kinds = train.labels, np.unique(train.labels)
    answers = []
    for k in np.unique(fold):
        fitted = _solve(z[fold != k], labels[fold != k], kinds)
        answers.append([z[fold == k] @ w + b for w, b in fitted])
    best = _chosen_penalty(labels, fold, answers, unit)
    w, b = _solve(z, labels, kinds)[best]
    coefficients = w * scale[:, None]
    return GeneRegression(list(genes), mean, coefficients, b - mean @ coefficients), _joined(fold, answers, best)


def _chosen_penalty(labels: np.ndarray, fold: np.ndarray, answers: list[list[np.ndarray]], unit: str) -> int:
    """Place of the penalty, see `ridge_regression`."""
    groups = [(labels[fold == k], parts) for k, parts in zip(np.unique(fold), answers, strict=True)]
    groups = [(own, parts) for own, parts in groups if len(np.unique(own)) == len(np.unique(labels))]
    areas = [[auroc(own, _shares(part)) for part in parts] for own, parts in groups]
    if not areas:  # no group has cells of every class
        areas = [[auroc(labels, _shares(_joined(fold, answers, i))) for i in range(len(PENALTIES))]]
    mean = np.mean(areas, axis=0)
    best = int(np.argmax(mean))
    several = unit == "cell" and len(areas) > 1
    error = float(np.std(areas, axis=0, ddof=1)[best]) / np.sqrt(len(areas)) if several else 0.0
    return int(np.argmax(mean >= mean[best] - error - 1e-9))


def _moments(x: sparse.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.utils.sparsefuncs import mean_variance_axis

    mean, variance = mean_variance_axis(sparse.csr_matrix(x, dtype=np.float64), axis=0)
    return mean, np.sqrt(variance)


def _solve(z: np.ndarray, labels: np.ndarray, kinds: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Coefficients (F, C) and intercept (C,) for each penalty, by whichever of the two systems is smaller."""
    n, f = z.shape
    member = (labels[:, None] == kinds).astype(np.float64)
    weight = (member / np.maximum(member.sum(axis=0), 1)).sum(axis=1)
    weight *= n / weight.sum()
    root = np.sqrt(weight)[:, None]
    centre, middle = weight @ z / n, weight @ member / n
    a, y = (z - centre) * root, (member - middle) * root
    system = a @ a.T if n <= f else a.T @ a
    size = float(np.trace(system)) / len(system) or 1.0
    found = []
    for penalty in PENALTIES:
        factor = cho_factor(system + penalty * size * np.eye(len(system)), check_finite=False)
        w = a.T @ cho_solve(factor, y) if n <= f else cho_solve(factor, a.T @ y)
        found.append((w, middle - 1 / len(kinds) - centre @ w))
    return found


def _joined(fold: np.ndarray, answers: list[list[np.ndarray]], penalty: int) -> np.ndarray:
    whole = np.empty((len(fold), answers[0][penalty].shape[1]))
    for k, parts in zip(np.unique(fold), answers, strict=True):
        whole[fold == k] = parts[penalty]
    return whole


def _shares(logits: np.ndarray) -> np.ndarray:
    from scipy.special import softmax

    return np.asarray(softmax(logits, axis=1))
