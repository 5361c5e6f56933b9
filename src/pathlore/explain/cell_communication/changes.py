"""How much each ligand of a sender changes between the classes, over donors or else over cells, and its null."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse, stats

from pathlore.explain.cell_communication.groups import Groups, sums
from pathlore.explain.cell_communication.partners import Partners
from pathlore.training.path_statistics import contrasts
from pathlore.training.replicates import LEAST_CELLS, LEAST_DONORS

LABELS = 2**25
"""Permuted labels of cells that are held at once."""


@dataclass(frozen=True)
class Changes:
    """Changes of the m ligands of one sender, and those of B permutations.

    Attributes
    ----------
    log_fold_change
        (m,) log2, of the comparison with the largest size.
    compared
        (m, 2) codes of its classes, the second against the first.
    size
        (m,) size of that change, see `sizes`.
    highest
        (m,) code of the class in which the ligand is highest.
    p
        (m,) over donors, times the number of comparisons; NaN where donors are too few.
    null
        (B, m) sizes with permuted labels.
    distinct
        Different ways to assign the labels to the donors; 0: the cells' labels were permuted.
    """

    log_fold_change: np.ndarray
    compared: np.ndarray
    size: np.ndarray
    highest: np.ndarray
    p: np.ndarray
    null: np.ndarray
    distinct: float


def sizes(difference: np.ndarray, error: np.ndarray) -> np.ndarray:
    r"""Size of changes, moderated so that genes that happen to vary little do not come first.

    .. math:: d = \frac{|\Delta|}{s + \mathrm{median}\, s}

    with the difference of log2 means and its standard error s; the median is over ligands.

    Parameters
    ----------
    difference, error
        (..., m).

    Source: SAM, Tusher 2001 (10.1073/pnas.091062498).
    """
    moderated = error + np.median(error, axis=-1, keepdims=True)
    return np.divide(np.abs(difference), moderated, out=np.zeros_like(difference), where=moderated > 0)


def ligand_changes(
    groups: Groups,
    sender: int,
    ligands: Partners,
    permutations: int,
    seed: int,
    *,
    paired: bool,
    all_pairs: bool = False,
) -> Changes:
    r"""Changes of a sender's ligands between the classes, the largest of them for each ligand.

    .. math:: y_{rm} = \log_2\Big(\min_{g \in m} \overline{e^{x_g} - 1}^{\,r} + \tfrac12 \mathrm{median}\Big)

    with the mean over the cells of replicate r, a donor in a class, and the median over all genes and replicates. With
    at least three donors of each class (five cells each), :math:`\Delta` and s are those of Welch's test over donors,
    or of the paired test over donors with both classes; labels are permuted over donors, or exchanged within them. Else
    the replicates are the classes, s is the error of their means over cells, and the labels of cells are permuted.

    Parameters
    ----------
    groups
        All populations.
    sender
        Code of the sender.
    ligands
        On the genes of ``groups``.
    permutations
        B.
    seed
        Of the permutations; the same for all senders.
    paired
        Whether donors have cells of several classes.
    all_pairs
        Whether each class is compared with each; else each with the control.
    """
    compared = contrasts(groups.n_classes, "all_pairs" if all_pairs else "reference")
    pairs = np.array([(one.down, one.up) for one in compared])
    inside = groups.population == sender
    x = groups.x[inside].expm1()
    label, donor = groups.label[inside], groups.donor[inside]
    rng = np.random.default_rng(seed)
    replicate, of_donor, of_class = _replicates(donor, label)
    if not _enough(of_donor, of_class, groups.n_classes, pairs, paired=paired):
        offset = _offset(sums(x, label, groups.n_classes) / np.bincount(label)[:, None])
        used = np.unique(np.concatenate(ligands.members))
        ligands = Partners(ligands.names, [groups.genes[i] for i in used])
        return _over_cells(x[:, used], label, groups.n_classes, pairs, ligands, offset, permutations, rng)
    total = sums(x, replicate, len(of_donor))
    y = _logs(ligands, total / np.bincount(replicate[replicate >= 0])[:, None])
    if paired:
        return _within_donors(y, of_donor, of_class, groups.n_classes, pairs, permutations, rng)
    return _over_donors(y, of_class, groups.n_classes, pairs, permutations, rng)


def _replicates(donor: np.ndarray, label: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Replicate of each cell, -1: none; donor and class of each replicate."""
    keys = np.stack([donor, label])
    found, index, size = np.unique(keys, axis=1, return_inverse=True, return_counts=True)
    large = (size >= LEAST_CELLS) & (found[0] >= 0)
    number = np.where(large, np.cumsum(large) - 1, -1)
    return number[index.ravel()], found[0, large], found[1, large]


def _enough(donor: np.ndarray, label: np.ndarray, n_classes: int, pairs: np.ndarray, *, paired: bool) -> bool:
    of = [set(donor[label == c]) for c in range(n_classes)]
    if paired:
        return min(len(of[control] & of[case]) for control, case in pairs) >= LEAST_DONORS
    return min(map(len, of)) >= LEAST_DONORS


def _logs(ligands: Partners, means: np.ndarray) -> np.ndarray:
    """Log2 of each ligand's amount in each replicate, (R, m), from the means of genes, (R, g)."""
    return np.log2(ligands.least(means) + _offset(means))


def _offset(means: np.ndarray) -> float:
    return float(np.median(means[means > 0])) / 2 if (means > 0).any() else 0.5


def _over_donors(
    y: np.ndarray, label: np.ndarray, n_classes: int, pairs: np.ndarray, permutations: int, rng: np.random.Generator
) -> Changes:
    labels = np.stack([label, *(rng.permutation(label) for _ in range(permutations))])
    classes = (labels[:, None] == np.arange(n_classes)[:, None]).astype(float)  # (1 + B, C, R)
    n = classes.sum(axis=-1)[..., None]
    centred = y - y.mean(axis=0)
    mean = classes @ centred / n  # (1 + B, C, m)
    variance = np.maximum(classes @ centred**2 / n - mean**2, 0) / (n - 1)  # of the mean
    control, case = pairs.T
    p = [stats.ttest_ind(y[label == b], y[label == a], equal_var=False).pvalue for a, b in pairs]
    size = np.bincount(label)
    distinct = np.exp(_log_factorial(len(label)) - _log_factorial(size).sum())
    error = np.sqrt(variance[:, case] + variance[:, control])
    return _changes(mean[:, case] - mean[:, control], error, np.stack(p), distinct, pairs)


def _within_donors(
    y: np.ndarray,
    donor: np.ndarray,
    label: np.ndarray,
    n_classes: int,
    pairs: np.ndarray,
    permutations: int,
    rng: np.random.Generator,
) -> Changes:
    names, index = np.unique(donor, return_inverse=True)
    whole = np.full((n_classes, len(names), y.shape[1]), np.nan)
    whole[label, index] = y
    signs = np.concatenate([np.ones((1, len(names))), rng.choice([-1.0, 1.0], (permutations, len(names)))])
    differences, errors, p = [], [], []
    for control, case in pairs:
        change = whole[case] - whole[control]
        both = ~np.isnan(change).any(axis=1)
        shift, n = change[both], int(both.sum())
        mean = signs[:, both] @ shift / n  # (1 + B, m)
        differences.append(mean)
        errors.append(np.sqrt(np.maximum((shift**2).mean(axis=0) - mean**2, 0) / (n - 1)))
        p.append(stats.ttest_1samp(shift, 0.0).pvalue)
    return _changes(np.stack(differences, 1), np.stack(errors, 1), np.stack(p), 2.0 ** len(names), pairs)


def _over_cells(
    x: sparse.csr_matrix,
    label: np.ndarray,
    n_classes: int,
    pairs: np.ndarray,
    ligands: Partners,
    offset: float,
    permutations: int,
    rng: np.random.Generator,
) -> Changes:
    size = np.bincount(label, minlength=n_classes)[:, None]
    turned, squares = x.T.tocsr(), x.multiply(x).T.tocsr()
    parts: list[tuple[np.ndarray, ...]] = []
    label = label.astype(np.int16)
    block = max(1, LABELS // (n_classes * len(label)))
    for start in range(0, 1 + permutations, block):
        count = min(block, 1 + permutations - start)
        labels = np.stack([label if start + b == 0 else rng.permutation(label) for b in range(count)], axis=1)
        inside = np.concatenate([labels == c for c in range(n_classes)], axis=1).astype(np.float32)  # (n, C b)
        mean, square = ((part @ inside).T.reshape(n_classes, count, -1) / size[:, None] for part in (turned, squares))
        variance = np.maximum(square - mean**2, 0) / size[:, None]
        least, of_least = ligands.rarest(mean, variance)
        parts.append((np.log2(least + offset), of_least / ((least + offset) * np.log(2)) ** 2))
    mean, variance = (np.concatenate(found, axis=1) for found in zip(*parts, strict=True))  # (C, 1 + B, m)
    control, case = pairs.T
    difference, error = mean[case] - mean[control], np.sqrt(variance[case] + variance[control])
    unknown = np.full((len(pairs), len(ligands)), np.nan)
    return _changes(difference.swapaxes(0, 1), error.swapaxes(0, 1), unknown, 0, pairs)


def _changes(difference: np.ndarray, error: np.ndarray, p: np.ndarray, distinct: float, pairs: np.ndarray) -> Changes:
    """The largest of (1 + B, K, m) changes for each ligand; the first of 1 + B is the observed one."""
    size = sizes(difference, error)
    of_control = difference[0][pairs[:, 0] == 0]  # the cases in their order
    highest = np.where((of_control > 0).any(axis=0), of_control.argmax(axis=0) + 1, 0)
    case, column = size[0].argmax(axis=0), np.arange(size.shape[-1])
    own_p = np.minimum(p[case, column] * len(p), 1)
    same = np.isnan(own_p) & (distinct > 0)  # no donor differs from another
    return Changes(
        difference[0, case, column],
        pairs[case],
        size[0].max(axis=0),
        highest,
        np.where(same, 1.0, own_p),
        size[1:].max(axis=1),
        distinct,
    )


def _log_factorial(n: np.ndarray | int) -> np.ndarray:
    from scipy.special import gammaln

    return np.asarray(gammaln(np.asarray(n) + 1.0))
