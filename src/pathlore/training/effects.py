"""How much each gene differs between classes, over what replicates of one class differ by."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import digamma, polygamma

SMALLEST, LARGEST = 1e-3, 1e6
"""Prior degrees of freedom between which the equation is solved; beyond, all genes have one variance."""

LEAST_VARIANCE = 1e-8


def effects(log_means: np.ndarray, classes: np.ndarray, inside: int) -> np.ndarray:
    r"""Moderated t of each gene's log expression, class ``inside`` against the mean of the others.

    .. math:: d_g = \frac{\Delta_g}{\tilde s_g \sqrt v},\qquad
              \tilde s_g^2 = \frac{d_0 s_0^2 + f s_g^2}{d_0 + f},\qquad
              v = \frac{1}{n_{in}} + \frac{1}{(C - 1)^2} \sum_{c \neq in} \frac{1}{n_c}

    with the difference :math:`\Delta` of the classes' means over replicates, the pooled variance :math:`s^2` of
    replicates within a class and its f = n - C degrees of freedom. The prior variance and its degrees of freedom are
    those of all genes, see `prior_variance`: few replicates say little of one gene's variance, and without it those
    that happen to vary little would come first.

    Parameters
    ----------
    log_means
        (n, G), see `pathlore.training.replicates.log_means`.
    classes
        (n,) class of each replicate.
    inside
        Class.

    Returns
    -------
    (G,); zeros where no gene varies.

    Source: limma, Smyth 2004 (10.2202/1544-6115.1027).
    """
    kinds, sizes = np.unique(classes, return_counts=True)
    mean = np.stack([log_means[classes == c].mean(axis=0) for c in kinds])
    within = sum(((log_means[classes == c] - own) ** 2).sum(axis=0) for c, own in zip(kinds, mean, strict=True))
    freedom = len(classes) - len(kinds)
    others = kinds != inside
    difference = mean[~others][0] - mean[others].mean(axis=0)
    if freedom < 1 or not np.any(within > 0):
        return np.zeros_like(difference)
    variance = np.maximum(within / freedom, LEAST_VARIANCE)
    prior, prior_freedom = prior_variance(variance, freedom)
    if np.isfinite(prior_freedom):
        moderated = (prior_freedom * prior + freedom * variance) / (prior_freedom + freedom)
    else:
        moderated = np.full_like(variance, prior)
    share = 1 / sizes[~others][0] + (1 / sizes[others]).sum() / others.sum() ** 2
    return np.asarray(difference / np.sqrt(moderated * share))


def prior_variance(variance: np.ndarray, freedom: int) -> tuple[float, float]:
    r"""Variance of a typical gene, and how many degrees of freedom it is worth beside a gene's own.

    The logarithms of the genes' variances scatter more than their f degrees of freedom alone would let them; the
    trigamma function of :math:`d_0 / 2` is what is left.

    Parameters
    ----------
    variance
        (G,) variances, greater than 0.
    freedom
        f of each.

    Returns
    -------
    s0^2, d0
        d0 is infinite where the variances scatter no more than by chance.

    Source: Smyth 2004, section 6.2.
    """
    logs = np.log(variance) - digamma(freedom / 2) + np.log(freedom / 2)
    left = float(logs.var(ddof=1) - polygamma(1, freedom / 2)) if len(logs) > 1 else 0.0
    if left <= float(polygamma(1, LARGEST)):
        return float(np.exp(logs.mean())), float("inf")
    half = brentq(lambda x: float(polygamma(1, x)) - left, SMALLEST, LARGEST)
    return float(np.exp(logs.mean() + digamma(half) - np.log(half))), 2 * half
