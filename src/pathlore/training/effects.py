"""How much each gene differs between classes, over what replicates of one class differ by."""

import numpy as np
from scipy.special import digamma, polygamma

SMALLEST, LARGEST = 1e-3, 1e6
"""Prior degrees of freedom between which the equation is solved; beyond, all genes have one variance."""

LEAST_VARIANCE = 1e-8
STEPS, AGREED = 50, 1e-8
"""Newton steps, at most; relative change at which they stop."""


def effects(
    log_means: np.ndarray, classes: np.ndarray, inside: int | np.ndarray, blocks: np.ndarray | None = None
) -> np.ndarray:
    r"""Moderated t of each gene's log expression, class ``inside`` against the mean of the others.

    .. math:: d_g = \frac{\Delta_g}{\tilde s_g \sqrt v},\qquad
              \tilde s_g^2 = \frac{d_0 s_0^2 + f s_g^2}{d_0 + f}

    with the difference :math:`\Delta` of the classes' means over replicates, :math:`v` the factor of its variance
    (without blocks :math:`1 / n_{in} + (C - 1)^{-2} \sum_{c \neq in} 1 / n_c`), the variance :math:`s^2` of replicates
    within a class, and its f = n - C degrees of freedom. The prior variance and its degrees of freedom are those of all
    genes, see `prior_variance`: few replicates say little of one gene's variance, and without it those that happen to
    vary little would come first.

    Parameters
    ----------
    log_means
        (n, G), see `pathlore.training.replicates`.
    classes
        (n,) class of each replicate.
    inside
        Class, against the mean of the others; or (C,) weights of the classes' means that sum to 0.
    blocks
        (n,) what may shift all genes of some replicates, such as a paired donor: a mean of its own for each is
        taken out of expression and classes alike, and f is smaller by their number less one. Or (n, k) numbers of a
        design (`pathlore.training.replicates.DonorMeans.nuisance`), which are regressed out with the mean. None: none.

    Returns
    -------
    (G,); zeros where no gene varies, or where blocks leave no difference between the classes.

    Source: limma, Smyth 2004 (10.2202/1544-6115.1027).
    """
    return relabelled_effects(log_means, np.asarray(classes)[None], inside, blocks)[0]


def relabelled_effects(
    log_means: np.ndarray, labels: np.ndarray, inside: int | np.ndarray, blocks: np.ndarray | None = None
) -> np.ndarray:
    """Moderated t of each gene, see `effects`, for each of many labellings of the same replicates.

    Parameters
    ----------
    log_means
        (n, G).
    labels
        (R, n) class of each replicate, see `pathlore.training.relabelling.relabellings`.
    inside
        Class, against the mean of the others; or (C,) weights of the classes' means that sum to 0.
    blocks
        (n,) or (n, k), as in `effects`.

    Returns
    -------
    (R, G). Each row has a prior variance of its own, as each would have if its labels were the true ones.
    """
    kinds = np.unique(labels)
    free, freedom = _without_blocks(len(log_means), blocks)
    freedom -= len(kinds) - 1
    if freedom < 1 or len(kinds) < 2:
        return np.zeros((len(labels), log_means.shape[1]))
    y = free @ log_means  # (n, G)
    design = free @ (labels[..., None] == kinds[1:]).astype(float)  # (R, n, C - 1)
    inverse = np.linalg.pinv(design, rcond=1e-9)  # (R, C - 1, n)
    means = inverse @ y  # (R, C - 1, G): of each class, less the first one's
    explained = (means * (design.swapaxes(1, 2) @ y)).sum(axis=1)
    variance = np.maximum((y**2).sum(axis=0) - explained, 0) / freedom  # (R, G)
    contrast = (
        np.where(kinds == inside, 1.0, -1 / (len(kinds) - 1)) if np.ndim(inside) == 0 else np.asarray(inside)[kinds]
    )
    weights = contrast[1:]  # the first class is the one that the others are measured from
    difference = np.tensordot(weights, means, axes=(0, 1))
    factor = (np.tensordot(weights, inverse, axes=(0, 1)) ** 2).sum(axis=1)[:, None]  # v
    varies = (variance > LEAST_VARIANCE).any(axis=1, keepdims=True) & (factor > 0)
    moderated = _moderated(np.maximum(variance, LEAST_VARIANCE), freedom)
    return np.divide(difference, np.sqrt(moderated * factor), out=np.zeros_like(difference), where=varies)


def prior_variance(variance: np.ndarray, freedom: int) -> tuple[np.ndarray, np.ndarray]:
    r"""Variance of a typical gene, and how many degrees of freedom it is worth beside a gene's own.

    The logarithms of the genes' variances scatter more than their f degrees of freedom alone would let them; the
    trigamma function of :math:`d_0 / 2` is what is left.

    Parameters
    ----------
    variance
        (..., G) variances, greater than 0.
    freedom
        f of each.

    Returns
    -------
    s0^2, d0
        (...); d0 is infinite where the variances scatter no more than by chance.

    Source: Smyth 2004, section 6.2.
    """
    logs = np.log(variance) - digamma(freedom / 2) + np.log(freedom / 2)
    left = logs.var(axis=-1, ddof=1) - polygamma(1, freedom / 2) if logs.shape[-1] > 1 else np.zeros(logs.shape[:-1])
    mean, scatters = logs.mean(axis=-1), left > polygamma(1, LARGEST)
    half = inverse_trigamma(np.where(scatters, np.minimum(left, polygamma(1, SMALLEST)), 1.0))
    prior = np.exp(mean + np.where(scatters, digamma(half) - np.log(half), 0.0))
    return prior, np.where(scatters, 2 * half, np.inf)


def inverse_trigamma(x: np.ndarray) -> np.ndarray:
    """Solve trigamma(y) = x for y, x > 0, by Newton's method on 1 / trigamma, which is convex.

    Examples
    --------
    >>> inverse_trigamma(polygamma(1, np.array([0.5, 3.0, 200.0]))).round(6).tolist()
    [0.5, 3.0, 200.0]

    Source: limma, Smyth 2004, appendix.
    """
    y = 0.5 + 1 / np.asarray(x, dtype=float)
    for _ in range(STEPS):
        value = polygamma(1, y)
        step = value * (1 - value / x) / polygamma(2, y)
        y = y + step
        if np.all(-step / y < AGREED):
            break
    return y


def _moderated(variance: np.ndarray, freedom: int) -> np.ndarray:
    prior, prior_freedom = (part[..., None] for part in prior_variance(variance, freedom))
    share = 1 / (1 + freedom / prior_freedom)
    return np.asarray(share * prior + (1 - share) * variance)


def _without_blocks(n: int, blocks: np.ndarray | None) -> tuple[np.ndarray, int]:
    """Projection (n, n) that takes the blocks' means, or all columns, away; and the degrees of freedom it leaves."""
    if blocks is not None and blocks.ndim == 2:
        columns = np.column_stack([np.ones(n), blocks])
        scale = np.abs(columns).max(axis=0)
        vectors, sizes, _ = np.linalg.svd(columns / np.where(scale > 0, scale, 1), full_matrices=False)
        basis = vectors[:, sizes > 1e-8 * sizes[0]]
        return np.eye(n) - basis @ basis.T, n - basis.shape[1]
    _, block = np.unique(np.zeros(n) if blocks is None else blocks, return_inverse=True)
    same = block[:, None] == block
    return np.eye(n) - same / same.sum(axis=1), n - (block.max() + 1)
