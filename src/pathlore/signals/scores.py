r"""From effects and profiles to one score for each receptor.

With the effects z of the measured genes, and the mean of their squares over those that are not 0, the *activation* of
gene g is

.. math:: y_g = \min\big(\max(z_g, 0) / \sqrt{\overline{z^2}},\; 8\big)^{3/2} :

an active receptor switches its targets on, while what falls is mostly indirect (genes of growth and identity that make
way), and few strong answers say more than many weak ones. For each part the affinity of receptor r is the agreement of
its profile k_r (`SignalProfiles.kernels`) with y over the measured genes,

.. math:: a_r = \frac{\sum_g (k_{rg} - \bar k_r)\, y_g}{\lVert k_r - \bar k_r \rVert}\ \text{(network, texts)},\qquad
          a_r = \frac{\sum_g k_{rg}\, y_g}{\lVert k_r \rVert}\ \text{(walk)},

(over genes that are no receptors, but for the walk), standardised over the receptors that have a profile; the others,
as those that reach no transcription factor, have 0 there and are judged by the other parts. The mean of the parts,
:math:`s_r`, counts half, and half the best complex that the receptor belongs to, a complex being all receptors R(l) of
one ligand:

.. math:: \mathrm{score}_r = \tfrac12 s_r + \tfrac12 \max_{l:\, r \in R(l)} \frac{1}{|R(l)|} \sum_{q \in R(l)} s_q .
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pathlore.signals.profiles import PARTS, WALK, SignalProfiles

CAP = 8.0
"""Root mean squares beyond which a larger effect says no more."""

EXPONENT = 1.5
TINY = 1e-9


@dataclass(frozen=True)
class Kernel:
    """Profiles of one part over the genes that count, each centred (but for the walk) and of unit length.

    Attributes
    ----------
    part
        One of `PARTS`.
    genes
        Places of the genes among the rows of the effects.
    profiles
        (R, genes).
    known
        (R,) bool: the receptor has a profile.
    """

    part: str
    genes: np.ndarray
    profiles: np.ndarray
    known: np.ndarray


@dataclass(frozen=True)
class Scores:
    """Scores of the receptors for some signatures, each (R, signatures).

    Attributes
    ----------
    parts
        Standardised affinity by part; a part that is not there is absent.
    chain
        Mean of the parts, s.
    best_complex
        (R, signatures) int: row of `SignalProfiles.complexes` that is best for each receptor.
    score
        With complexes.
    """

    parts: dict[str, np.ndarray]
    chain: np.ndarray
    best_complex: np.ndarray
    score: np.ndarray


def activation(effects: np.ndarray) -> np.ndarray:
    """Effects as what an active receptor explains, see the module; (G, signatures) -> the same shape.

    Examples
    --------
    >>> activation(np.array([[4.0], [-4.0], [0.0], [4.0]])).ravel().tolist()
    [1.0, 0.0, 0.0, 1.0]
    """
    size = typical(effects)
    scaled = np.divide(effects, size, out=np.zeros_like(effects), where=size > 0)
    return np.asarray(np.clip(scaled, 0, CAP) ** EXPONENT)


def typical(effects: np.ndarray) -> np.ndarray:
    """Root mean square of the effects that are not 0, (signatures,): a list of genes has no others."""
    changed = np.maximum((effects != 0).sum(axis=0), 1)
    return np.asarray(np.sqrt((effects**2).sum(axis=0) / changed))


def kernels(profiles: SignalProfiles, measured: Sequence[str]) -> list[Kernel]:
    """Profiles over the measured genes, ready to be multiplied."""
    place = {gene: i for i, gene in enumerate(measured)}
    found = []
    for part, genes, whole in profiles.kernels:
        columns = [i for i, gene in enumerate(genes) if gene in place]
        kernel = whole[:, columns].astype(np.float64)
        if part != WALK and columns:
            kernel = kernel - kernel.mean(axis=1, keepdims=True)
        length = np.linalg.norm(kernel, axis=1)
        known = length > TINY
        kernel = np.divide(kernel, length[:, None], out=np.zeros_like(kernel), where=known[:, None])
        found.append(Kernel(part, np.array([place[genes[i]] for i in columns], dtype=int), kernel, known))
    return found


def standardised(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Standardise each column over the known rows; 0 in the others."""
    result = np.zeros_like(values)
    if known.sum() > 1:
        centred = values[known] - values[known].mean(axis=0)
        spread = centred.std(axis=0)
        result[known] = np.divide(centred, spread, out=np.zeros_like(centred), where=spread > TINY)
    return result


def score(profiles: SignalProfiles, ready: list[Kernel], effects: np.ndarray) -> Scores:
    """Score the receptors for some signatures.

    Parameters
    ----------
    profiles
        Of R receptors.
    ready
        `kernels` of them over the measured genes.
    effects
        (G, signatures), the genes as in ``ready``.
    """
    parts = {}
    for part in PARTS:
        chosen = [kernel for kernel in ready if kernel.part == part]
        if not chosen:
            continue
        values = np.sum([standardised(affinity(kernel, effects), kernel.known) for kernel in chosen], axis=0)
        known = np.any([kernel.known for kernel in chosen], axis=0)
        parts[part] = standardised(values, known) if len(chosen) > 1 else values
    chain = np.mean(list(parts.values()), axis=0)
    best, whole = _best_complex(profiles, chain)
    return Scores(parts, chain, best, (chain + whole) / 2)


def affinity(kernel: Kernel, effects: np.ndarray) -> np.ndarray:
    """Agreement a of each receptor's profile with the activation; (R, signatures)."""
    return np.asarray(kernel.profiles @ activation(effects)[kernel.genes])


def complex_scores(profiles: SignalProfiles, chain: np.ndarray) -> np.ndarray:
    """Mean of the chains of each complex; (C, signatures)."""
    sets, _ = profiles.complexes
    return np.asarray((sets / sets.sum(axis=1, keepdims=True)) @ chain)


def _best_complex(profiles: SignalProfiles, chain: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Best complex of each receptor and its score; (R, signatures) both."""
    sets, _ = profiles.complexes
    whole = complex_scores(profiles, chain)
    best = np.zeros(chain.shape, dtype=int)
    for r in range(len(chain)):
        members = np.flatnonzero(sets[:, r])
        best[r] = members[whole[members].argmax(axis=0)]
    return best, np.take_along_axis(whole, best, axis=0)


def specific(scores: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Scores less their mean, over their standard deviation, in the background signatures of each receptor.

    Parameters
    ----------
    scores
        (R, signatures).
    background
        (R, background signatures).
    """
    within, others = _within(scores), _within(background)
    spread = others.std(axis=1, keepdims=True)
    return np.asarray((within - others.mean(axis=1, keepdims=True)) / np.maximum(spread, TINY))


def _within(scores: np.ndarray) -> np.ndarray:
    return standardised(scores, np.ones(len(scores), dtype=bool))


def contributions(ready: list[Kernel], effects: np.ndarray, n_genes: int) -> np.ndarray:
    """What each gene adds to each receptor's score, over what it adds to a typical receptor's; (R, G).

    Parameters
    ----------
    ready
        `kernels`.
    effects
        (G,) of one signature.
    n_genes
        G.
    """
    active = activation(effects[:, None])[:, 0]
    total: np.ndarray = np.zeros((len(ready[0].known), n_genes))
    for part in PARTS:
        chosen = [kernel for kernel in ready if kernel.part == part]
        for kernel in chosen:
            added = kernel.profiles * active[kernel.genes]
            if not kernel.known.any():
                continue
            added = added - added[kernel.known].mean(axis=0)
            spread = added[kernel.known].sum(axis=1).std()
            if spread > TINY:
                total[np.ix_(kernel.known, kernel.genes)] += added[kernel.known] / (spread * len(chosen))
    return total


class SampledP(NamedTuple):
    """P of each receptor (R,): its own, and against the best receptor of each exchanged labelling (max-T)."""

    p: np.ndarray
    p_family: np.ndarray


def sampled_p(profiles: SignalProfiles, ready: list[Kernel], effects: np.ndarray, null: np.ndarray) -> SampledP:
    r"""P of each receptor by effects of exchanged labels.

    .. math:: p_r = \frac{1 + \#\{b: T_r^{(b)} \ge T_r\}}{1 + B},\qquad
              T_r = \text{the score with each part in units of its observed spread over receptors}

    so that size counts and not only order: effects of exchanged labels are small where donors agree.

    Parameters
    ----------
    effects
        (G,).
    null
        (B, G) effects of exchanged labels, the observed ones not among them.
    """
    size = float(typical(effects[:, None])[0])
    units = [float(affinity(kernel, effects[:, None])[kernel.known].std()) for kernel in ready]

    def statistic(values: np.ndarray) -> np.ndarray:
        relative = typical(values) / max(size, TINY)
        parts: dict[str, list[np.ndarray]] = {}
        for kernel, unit in zip(ready, units, strict=True):
            if unit > TINY:
                parts.setdefault(kernel.part, []).append(affinity(kernel, values) * relative**EXPONENT / unit)
        chain = np.mean([np.mean(affinities, axis=0) for affinities in parts.values()], axis=0)
        return np.asarray((chain + _best_complex(profiles, chain)[1]) / 2)

    observed = statistic(effects[:, None])
    above, best, step = np.zeros(len(observed)), np.zeros(len(observed)), 500
    for start in range(0, len(null), step):
        exchanged = statistic(null[start : start + step].T)
        above += (exchanged >= observed - TINY).sum(axis=1)
        best += (exchanged.max(axis=0) >= observed - TINY).sum(axis=1)
    return SampledP((1 + above) / (1 + len(null)), (1 + best) / (1 + len(null)))


def background_p(specific_scores: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Share of background signatures in which a receptor is at least as specific, itself counted; (R, signatures)."""
    null = specific(background, background)
    above = (null[:, None, :] >= specific_scores[:, :, None]).sum(axis=2)
    return np.asarray((1 + above) / (1 + background.shape[1]))
