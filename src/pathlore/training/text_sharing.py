"""Scores that paths with similar sentences share, as far as the scores themselves show that they do."""

import numpy as np
from scipy.optimize import minimize

MOST_PATHS = 400
"""Paths from which the variances are estimated; with more, so many of them are taken at even distances."""

COMPONENTS = 128
"""Principal components of the sentence vectors that count as meaning which paths may share."""

SLOPE, HALF = 6.0, 0.3
"""How fast the text is believed as it improves the log-likelihood, and the gain at which it is believed by half;
permuted sentences gained 0.3 or more in one of eight simulated cohorts."""

LEAST = 1e-6


def shared_by_text(scores: np.ndarray, path_vectors: np.ndarray, nodes: np.ndarray) -> np.ndarray:
    r"""The part of the paths' scores that their sentences explain.

    .. math:: m = f + u + \epsilon,\qquad f \sim N(0, \sigma_f^2 K_{text}),\quad u \sim N(0, \sigma_u^2 K_{genes}),\quad
              \epsilon \sim N(0, \sigma^2)

    :math:`K_{text}` is the cosine of the centred sentence vectors, by their principal components. Paths that share
    genes are alike in scores and in words whatever the words mean, so :math:`K_{genes}`, the share of common genes,
    takes that part. The variances maximise the marginal likelihood; :math:`f` is its posterior mean, times how far the
    text is believed, a logistic function of the gain in log-likelihood that it brings. Where texts say nothing (random,
    permuted, zero), that is close to zero.

    Parameters
    ----------
    scores
        (P,) standardised scores m.
    path_vectors
        (P, T) sentence vectors.
    nodes
        (P, L) gene at each place, -1 behind the end of a path.

    Returns
    -------
    (P,) in the unit of ``scores``.

    Source: Gaussian processes with an additive kernel, Rasmussen and Williams 2006, chapters 2 and 5.
    """
    text, genes = likeness(path_vectors), common_genes(nodes)
    if not text.any() or len(scores) < 3:
        return np.zeros_like(scores)
    sample = np.unique(np.linspace(0, len(scores) - 1, min(len(scores), MOST_PATHS)).astype(int))
    part = np.ix_(sample, sample)
    with_text, fit = _variances(scores[sample], [text[part], genes[part]])
    _, fit_without = _variances(scores[sample], [genes[part]])
    believed = 1 / (1 + np.exp(-SLOPE * (fit - fit_without - HALF)))
    covariance = with_text[0] * text + with_text[1] * genes
    covariance[np.diag_indices_from(covariance)] += with_text[2] + LEAST
    return believed * with_text[0] * text @ np.linalg.solve(covariance, scores)


def likeness(vectors: np.ndarray) -> np.ndarray:
    """Cosine of each pair of centred vectors, as far as `COMPONENTS` principal components carry it.

    What a vector has for itself alone would make every path like itself and like no other: it is left out. 0 for a
    vector that is the mean itself. (P, T) -> (P, P).
    """
    centred = vectors.astype(np.float64) - vectors.mean(axis=0)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    unit = np.divide(centred, length, out=np.zeros_like(centred), where=length > LEAST)
    left, sizes, _ = np.linalg.svd(unit, full_matrices=False)
    factors = left[:, :COMPONENTS] * sizes[:COMPONENTS]
    return factors @ factors.T


def common_genes(nodes: np.ndarray) -> np.ndarray:
    """Share of common genes of each pair of paths, over the geometric mean of their lengths; (P, L) -> (P, P)."""
    member = np.zeros((len(nodes), nodes.max() + 1))
    rows, places = np.nonzero(nodes >= 0)
    member[rows, nodes[rows, places]] = 1
    member /= np.sqrt(member.sum(axis=1, keepdims=True))
    return member @ member.T


def _variances(values: np.ndarray, kernels: list[np.ndarray]) -> tuple[np.ndarray, float]:
    """Variances of the kernels and of the noise that maximise the marginal likelihood; and its logarithm."""

    def loss(logs: np.ndarray) -> float:
        variances = np.exp(logs)
        covariance = sum(v * kernel for v, kernel in zip(variances, kernels, strict=False))
        covariance = covariance + (variances[-1] + LEAST) * np.eye(len(values))
        try:
            lower = np.linalg.cholesky(covariance)
        except np.linalg.LinAlgError:
            return np.inf
        half = np.linalg.solve(lower, values)
        return float(half @ half / 2 + np.log(np.diag(lower)).sum())

    start = np.log([*([0.2] * len(kernels)), 0.6])
    found = minimize(loss, start, method="Nelder-Mead", options={"maxiter": 150, "xatol": 0.1, "fatol": 0.05})
    return np.exp(found.x), -float(found.fun)
