"""Scores that paths of one named pathway, or with similar sentences, share, as far as the scores show that they do."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.linalg import cho_factor, cho_solve, lapack
from scipy.optimize import minimize
from scipy.special import expit

MOST_PATHS = 400
"""Paths from which the variances are estimated; with more, so many of them are taken at even distances."""

COMPONENTS = 128
"""Principal components of the sentence vectors that count as meaning which paths may share."""

SLOPE, HALF = 6.0, 1.35
"""How fast a block is believed as it improves the log-likelihood, and the gain at which it is believed by half: that of
a likelihood-ratio test of its variance at 5 % (half of the 90th percentile of chi-square with one degree of freedom,
because a variance of zero lies on the bound). Below it nothing is shared."""

LEAST = 1e-6
LOGS = (-9.0, 4.0)
"""Bounds of the logarithm of a variance, of standardised scores."""


class Shared(NamedTuple):
    """What paths share of their scores: the part of their pathways, what their sentences add, and how far each counts.

    Attributes
    ----------
    pathway, text
        (P,) in the unit of the scores.
    pathway_weight, text_weight
        How far the block is believed, 0 to 1.
    """

    pathway: np.ndarray
    text: np.ndarray
    pathway_weight: float
    text_weight: float


def shared_parts(
    scores: np.ndarray, path_vectors: np.ndarray, nodes: np.ndarray, pathways: Sequence[str | None] | None = None
) -> Shared:
    r"""The parts of the paths' scores that their named pathways explain, and that their sentences explain beyond them.

    .. math:: m = l + f + u + \epsilon,\qquad l \sim N(0, \sigma_l^2 K_{pathway}),\quad
              f \sim N(0, \sigma_f^2 K_{text}),\quad u \sim N(0, \sigma_u^2 K_{genes}),\quad
              \epsilon \sim N(0, \sigma^2)

    :math:`K_{pathway}` is 1 for two paths with the same named pathway and 0 otherwise: the pathway enters as what it
    is, a label, not as a word of the sentence. :math:`K_{text}` is the cosine of the centred sentence vectors, by their
    principal components. Paths that share genes are alike in scores and in words whatever the words mean, so
    :math:`K_{genes}`, the fraction of common genes, takes that part.

    The variances maximise the marginal likelihood. The pathways are believed by the gain in log-likelihood that they
    bring over the genes alone, and the text by what it brings over genes *and* pathways, each through a logistic
    function. A text that only repeats the name of the pathway, and one that says nothing (random, permuted, zero), is
    close to zero; and so are pathways whose paths do not change alike.

    Parameters
    ----------
    scores
        (P,) standardised scores m.
    path_vectors
        (P, T) sentence vectors.
    nodes
        (P, L) gene at each place, -1 behind the end of a path.
    pathways
        (P,) named pathway of each path, None where it has none; None: no path has one.

    Source: Gaussian processes with an additive kernel, Rasmussen and Williams 2006, chapters 2 and 5.
    """
    none = np.zeros_like(scores)
    if len(scores) < 3:
        return Shared(none, none, 0.0, 0.0)
    same, text, genes = pathway_members(pathways, len(scores)), meanings(path_vectors), gene_members(nodes)
    sample = np.unique(np.linspace(0, len(scores) - 1, min(len(scores), MOST_PATHS)).astype(int))

    def kernels(blocks: list[np.ndarray]) -> list[np.ndarray]:
        return [block[sample] @ block[sample].T for block in blocks]

    variances, fit = _variances(scores[sample], kernels([genes]))
    blocks: list[np.ndarray] = [genes]
    shared = Shared(none, none, 0.0, 0.0)
    if same.any():
        variances, larger = _variances(scores[sample], kernels([same, genes]), _begin(variances, 0))
        weight, fit, blocks = _believed(larger - fit), max(larger, fit), [same, genes]
        shared = shared._replace(pathway=weight * _means(scores, blocks, variances)[0], pathway_weight=weight)
    if text.any():
        place = len(blocks) - 1
        blocks = [*blocks[:place], text, genes]
        variances, larger = _variances(scores[sample], kernels(blocks), _begin(variances, place))
        weight, means = _believed(larger - fit), _means(scores, blocks, variances)
        shared = shared._replace(text=weight * means[place], text_weight=weight)
        if place:  # what both explain goes to the text as far as the text is believed
            beside = shared.pathway_weight * means[0]
            shared = shared._replace(pathway=(1 - weight) * shared.pathway + weight * beside)
    return shared


def pathway_members(labels: Sequence[str | None] | None, n: int) -> np.ndarray:
    """1 where a path has a label, (n, labels): its square is 1 for two paths with the same label, 0 for others."""
    if labels is None:
        return np.zeros((n, 0))
    codes = pd.factorize(np.array([label or None for label in labels], dtype=object))[0]
    return (codes[:, None] == np.arange(codes.max() + 1)).astype(np.float64)


def meanings(vectors: np.ndarray) -> np.ndarray:
    """Centred vectors of length 1, as far as `COMPONENTS` principal components carry them; (P, T) -> (P, components).

    Their products are the cosines of the texts. What a vector has for itself alone would make every path like itself
    and like no other: it is left out. 0 for a vector that is the mean itself.
    """
    centred = vectors.astype(np.float64) - vectors.mean(axis=0)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    unit = np.divide(centred, length, out=np.zeros_like(centred), where=length > LEAST)
    left, sizes, _ = np.linalg.svd(unit, full_matrices=False)
    return np.asarray(left[:, :COMPONENTS] * sizes[:COMPONENTS])


def gene_members(nodes: np.ndarray) -> np.ndarray:
    """Genes of each path, (P, L) -> (P, G), over the root of its length: products are fractions of common genes."""
    member = np.zeros((len(nodes), nodes.max() + 1))
    rows, places = np.nonzero(nodes >= 0)
    member[rows, nodes[rows, places]] = 1
    return member / np.sqrt(member.sum(axis=1, keepdims=True))


def _believed(gain: float) -> float:
    """How far a block counts that improves the log-likelihood so much."""
    return float(expit(SLOPE * (gain - HALF)))


def _begin(variances: np.ndarray, place: int) -> np.ndarray:
    """Variances of the smaller model with a small one for the new block: the larger model is never worse."""
    return np.insert(np.maximum(variances, 1e-3), place, 0.05)


def _means(scores: np.ndarray, blocks: list[np.ndarray], variances: np.ndarray) -> list[np.ndarray]:
    r"""Posterior mean of each block, (P,).

    With the factors :math:`F_b` of the kernels side by side, :math:`F = [\sqrt{v_b} F_b]` (P, r), and the variance s of
    the noise, the solution :math:`(F F^T + s)^{-1} m = (m - F (F^T F + s)^{-1} F^T m) / s` needs a matrix of pathways,
    components and genes, r of them, not of the paths; or of the paths where these are fewer.
    """
    factors = np.concatenate([np.sqrt(v) * block for v, block in zip(variances, blocks, strict=False)], axis=1)
    noise = variances[-1] + LEAST
    if factors.shape[1] < len(scores):
        inner = factors.T @ factors
        inner.flat[:: len(inner) + 1] += noise
        solved = (
            scores - factors @ cho_solve(cho_factor(inner, lower=True, overwrite_a=True), factors.T @ scores)
        ) / noise
    else:
        covariance = factors @ factors.T
        covariance.flat[:: len(covariance) + 1] += noise
        solved = cho_solve(cho_factor(covariance, lower=True, overwrite_a=True), scores)
    return [v * (block @ (block.T @ solved)) for v, block in zip(variances, blocks, strict=False)]


def _variances(
    values: np.ndarray, kernels: list[np.ndarray], begin: np.ndarray | None = None
) -> tuple[np.ndarray, float]:
    r"""Variances of the kernels and of the noise that maximise the marginal likelihood; and its logarithm.

    With :math:`C = \sum_b v_b K_b` the slope along :math:`\ln v_b` is
    :math:`v_b (\mathrm{tr}\,C^{-1} K_b - s^T K_b s) / 2` for :math:`s = C^{-1} m`, all of it by one Cholesky
    decomposition for each trial of the variances.
    """
    n = len(values)
    flat = np.array([kernel.ravel() for kernel in kernels])  # one product adds all kernels up, or sums all of them

    def loss(logs: np.ndarray) -> tuple[float, np.ndarray]:
        variances = np.exp(logs)
        covariance = (variances[:-1] @ flat).reshape(n, n)
        covariance.flat[:: n + 1] += variances[-1] + LEAST
        lower, _ = lapack.dpotrf(covariance, lower=1, overwrite_a=1)
        log_determinant = 2 * float(np.log(np.diag(lower)).sum())
        inverse, _ = lapack.dpotri(lower, lower=1)  # its lower half; zero above the diagonal
        solved, _ = lapack.dpotrs(lower, values, lower=1)
        diagonal = np.diag(inverse).copy()
        inverse *= 2
        np.fill_diagonal(inverse, diagonal)
        slope = flat @ (inverse - np.outer(solved, solved)).ravel()
        noise = diagonal.sum() - solved @ solved
        return float(values @ solved + log_determinant) / 2, variances * np.append(slope, noise) / 2

    start = np.log([*([0.2] * len(kernels)), 0.6] if begin is None else begin)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[LOGS] * len(start))
    return np.exp(found.x), -float(found.fun)
