"""How well the training cells support each path as a whole, before anything is learned."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp
from scipy.stats import norm

SIGN_MODELS = ("coherent", "edge_signs", "unconstrained")
"""How a change may travel along a path: all genes change alike; a gene changes as the signs of the steps before it say;
each gene changes in a direction of its own."""

SHARES = (0.05, 0.95)
"""Least and greatest share of unchanged genes that is considered."""

STEPS = 200
ACTIVE = 0.06
"""Share of the paths that is expected to change."""

ROUNDS, AGREED = 60, 1e-6
"""Times that the equations are repeated, at most; change of the paths' probabilities at which they agree."""

PRICE = 3.0
"""Log-likelihood by which a sign model with directions must be better than the one without."""

LARGEST = 8.0
"""Log odds beyond which differences do not count."""

MOST = 0.999
TINY = 1e-12
UP, DOWN, EITHER = 0, 1, 2


class TwoGroups(NamedTuple):
    """Unchanged genes ~ N(0, null_sd), with the share null_share; changed genes ~ N(0, changed_sd)."""

    null_sd: float
    changed_sd: float
    null_share: float


def two_groups(effect: np.ndarray) -> TwoGroups:
    """Fit an empirical null: how large the effects of unchanged genes are, donors' differences included, by EM.

    Source: Efron 2008 (10.1214/07-STS236), two-groups model; here a scale mixture of two normal distributions.
    """
    typical = max(float(np.median(np.abs(effect))) / 0.6745, 1e-6)
    null_sd, changed_sd, share = 0.8 * typical, 2 * max(float(effect.std()), typical), 0.7
    squares = effect**2
    with np.errstate(over="ignore"):  # an infinite ratio is a gene that has surely changed
        for _ in range(STEPS):
            changed_over_null = (1 - share) * null_sd / (share * changed_sd)
            ratio = changed_over_null * np.exp(squares * (0.5 / null_sd**2 - 0.5 / changed_sd**2))
            unchanged = 1 / (1 + ratio)  # (G,) posterior
            total = float(unchanged.sum())
            share = min(max(total / len(squares), SHARES[0]), SHARES[1])
            changed = 1 - unchanged
            null_sd = max(_spread(squares, unchanged, total), 1e-6)
            changed_sd = max(_spread(squares, changed, float(changed.sum())), 1.5 * null_sd)
    return TwoGroups(null_sd, changed_sd, share)


class Likelihoods(NamedTuple):
    """What a gene's effect says of it before any path is looked at.

    Attributes
    ----------
    changed
        (3, G) log-likelihood of the gene as one that rises, falls, changes in either direction.
    background
        (G,) log-likelihood of it as any gene.
    """

    changed: np.ndarray
    background: np.ndarray


class Explanation(NamedTuple):
    """What the paths say of the genes' changes, under one sign model.

    Attributes
    ----------
    odds
        (P,) log odds that a path changes as a whole, given what all other paths explain; prior odds included.
    likelihood
        Approximate log-likelihood, less the divergence of the paths' states from their prior, against no path at all.
    """

    odds: np.ndarray
    likelihood: float


def explain_changes(genes: Likelihoods, nodes: np.ndarray, signs: np.ndarray, sign_model: str) -> Explanation:
    r"""Explain the genes' changes by whole paths, which compete for them.

    A path p is active with the prior probability `ACTIVE`; all of its genes then change, in the directions of the
    sign_model. A gene that no active path explains may have changed all the same, like any gene:

    .. math:: p(d_g) = (1 - c_g)\, f(d_g) + c_g\, f_1^{\pm}(d_g),\qquad c_g = 1 - \prod_{p \ni g} (1 - q_p),\qquad
              \log\frac{q_p}{1 - q_p} = \log\frac{\pi_a}{1 - \pi_a}
              + \sum_{g \in p} \log \frac{f_1^{\pm}(d_g)}{p_{\setminus p}(d_g)}

    with the two groups :math:`f = \pi f_0 + (1 - \pi) f_1`, and :math:`f_1^{\pm}(d) = 2 f_1(d) \Phi(\pm \kappa d)` for
    genes that rise or fall; :math:`p_{\setminus p}` leaves p itself out (in its direction). So a gene that does not
    change speaks against every path through it, and one that another path explains speaks for a path no more: siblings
    of a changed path, which share all but one of its genes, do not come with it. The equations for q are repeated until
    they agree (mean-field approximation; each path may be active in either direction).

    Parameters
    ----------
    genes
        Of the effects d, see `likelihoods`.
    nodes
        (P, L) gene at each place, -1 behind the end of a path.
    signs
        (P, L) product of the steps' signs from the receptor to each place.
    sign_model
        One of `SIGN_MODELS`.

    Source: noisy-or networks, Pearl 1988, and their mean-field treatment, Jaakkola and Jordan 1999
    (10.1613/jair.583).
    """
    paths, columns = np.nonzero(nodes >= 0)  # n places, path by path
    places = nodes[paths, columns]
    directed = {"coherent": np.ones_like(signs), "edge_signs": signs, "unconstrained": None}[sign_model]
    if directed is None:
        log_ratio = genes.changed[EITHER:] - genes.background  # (1, G) against any gene
        channels = [np.zeros(len(places), dtype=np.intp)]
    else:
        log_ratio = genes.changed[:EITHER] - genes.background  # (2, G)
        channels = [np.where(sign * directed[paths, columns] > 0, UP, DOWN) for sign in (1, -1)]
    ratio = np.exp(log_ratio)
    sides = [[channel, 1 - channel][: len(ratio)] for channel in channels]  # the direction of each place, and the other
    ratios = [np.stack([ratio[side, places] for side in both]) for both in sides]
    prior = np.log(ACTIVE / (1 - ACTIVE) / len(channels))
    support = np.stack([_sums(log_ratio[channel, places], paths, len(nodes)) for channel in channels]) + prior
    active = np.full(support.shape, ACTIVE / len(channels))  # q
    for _ in range(ROUNDS):
        inactive = np.log1p(-np.minimum(active, MOST))[:, paths]  # (channels, n)
        silent = _silent(inactive, channels, places, ratio.shape)
        still = np.exp(silent)
        others = []
        for own, both, ratio_of in zip(inactive, sides, ratios, strict=True):
            left = np.exp(np.minimum(silent[both[0], places] - own, 0))  # by all paths but the place's own
            others.append(_mixed(np.stack([left, *(still[side, places] for side in both[1:])]), ratio_of))
        odds = support - np.stack([_sums(of_places, paths, len(nodes)) for of_places in others])  # (channels, P)
        before, active = active, (active + _probabilities(odds)) / 2
        if np.abs(active - before).max() < AGREED:
            break
    silent = np.exp(_silent(np.log1p(-np.minimum(active, MOST))[:, paths], channels, places, ratio.shape))
    explained = _mixed(silent, ratio).sum()
    return Explanation(np.logaddexp.reduce(odds, axis=0), float(explained - _divergence(active)))


def weigh_sign_models(explanations: Sequence[Explanation]) -> tuple[np.ndarray, np.ndarray]:
    r"""Decide how changes travel in these data, and join the log odds of each path over the sign models.

    .. math:: \omega_h \propto e^{\ell_h - c_h},\qquad e_p = \log \sum_h \omega_h\, e^{\mathrm{odds}^h_p}

    with the likelihood :math:`\ell_h` of each sign model and the price c of the two with directions (`PRICE`): taken
    wrongly, they cost more than they gain when taken rightly.

    Parameters
    ----------
    explanations
        Of the `SIGN_MODELS`, in their order.

    Returns
    -------
    weights, log_odds
        (3,) that sum to 1, and (P,) log odds within +-`LARGEST`.
    """
    score = np.array([explanation.likelihood for explanation in explanations]) - np.array([PRICE, PRICE, 0.0])
    log_weights = score - logsumexp(score)
    odds = np.stack([np.clip(explanation.odds, -LARGEST, LARGEST) for explanation in explanations])
    return np.exp(log_weights), np.clip(logsumexp(odds + log_weights[:, None], axis=0), -LARGEST, LARGEST)


def likelihoods(effect: np.ndarray) -> Likelihoods:
    """Judge each gene by its effect, (G,), with the two groups that all effects show."""
    null_sd, changed_sd, share = two_groups(effect)
    changed = norm.logpdf(effect, scale=changed_sd)
    background = np.logaddexp(norm.logpdf(effect, scale=null_sd) + np.log(share), changed + np.log1p(-share))
    certainty = np.sqrt(1 / null_sd**2 - 1 / changed_sd**2)  # kappa: how sure the sign of an effect is
    up, down = (changed + np.log(2) + norm.logcdf(sign * effect * certainty) for sign in (1, -1))
    return Likelihoods(np.stack([up, down, changed]), background)


def _probabilities(odds: np.ndarray) -> np.ndarray:
    """Probability of each channel, (channels, P), of which at most one is active."""
    largest = np.maximum(odds.max(axis=0), 0)
    weights = np.exp(odds - largest)
    return weights / (np.exp(-largest) + weights.sum(axis=0))


def _sums(values: np.ndarray, paths: np.ndarray, n_paths: int) -> np.ndarray:
    """Sum over the places of each path, (n,) -> (P,)."""
    return np.bincount(paths, weights=values, minlength=n_paths)


def _silent(inactive: np.ndarray, channels: list[np.ndarray], places: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Log probability that no active path moves a gene in each direction, (directions, G)."""
    size = shape[0] * shape[1]
    counts = [np.bincount(k * shape[1] + places, i, minlength=size) for k, i in zip(channels, inactive, strict=True)]
    return np.sum(counts, axis=0).reshape(shape)


def _mixed(silent: np.ndarray, ratio: np.ndarray) -> np.ndarray:
    """Log of the mixture of "some path moves this gene" and "it is like any gene"; (directions, ...) -> (...)."""
    moved = 1 - silent
    idle = silent.prod(axis=0)
    share = (1 - idle) / (moved.sum(axis=0) + TINY)
    return np.log(share * (moved * ratio).sum(axis=0) + idle + TINY)


def _divergence(active: np.ndarray) -> float:
    """Kullback-Leibler divergence of the paths' states from their prior."""
    q = np.clip(active, TINY, 1)
    idle = np.clip(1 - active.sum(axis=0), TINY, 1)
    moved = (q * np.log(q * len(q) / ACTIVE)).sum()
    return float(moved + (idle * np.log(idle / (1 - ACTIVE))).sum())


def _spread(squares: np.ndarray, weight: np.ndarray, total: float) -> float:
    return math.sqrt(float((weight * squares).sum()) / total) if total > 0 else 0.0
