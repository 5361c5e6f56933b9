"""How much a path changes as a whole: the gene of it that changes least, under the true and all other labels."""

from collections.abc import Sequence
from itertools import combinations
from math import gcd
from typing import NamedTuple

import numpy as np

from pathlore.training.relabelling import MOST, Relabellings, null_effects, relabellings
from pathlore.training.replicates import DonorMeans

COHERENT, EDGE_SIGNS = "coherent", "edge_signs"
SIGN_MODELS = (COHERENT, EDGE_SIGNS)
"""Ways in which a change may travel along a path: all genes alike, or by the signs of the steps."""


SAMPLE = 2_000_000
"""Effects of genes that say how rare an effect is, at most."""


class Contrast(NamedTuple):
    """A comparison of classes.

    Attributes
    ----------
    up, down
        The class that a positive effect speaks for, and the one that a negative effect does; None: no single one.
    weights
        (C,) of the classes' means: positive ones sum to 1, and all to 0.
    pair
        Whether these two classes are compared, whatever the others are: a relabelling exchanges no other.
    """

    up: int
    down: int | None
    weights: np.ndarray
    pair: bool = False

    @property
    def classes(self) -> list[int]:
        """Classes whose donors are exchanged where the contrast means nothing."""
        return [self.up, self.down] if self.pair and self.down is not None else list(range(len(self.weights)))

    def name(self, class_names: Sequence[str]) -> str:
        """What is compared, in words.

        Examples
        --------
        >>> names = ["none", "low", "high"]
        >>> [one.name(names) for kind in ("all_pairs", "others", "trend") for one in contrasts(3, kind)]
        ... # doctest: +NORMALIZE_WHITESPACE
        ['low vs none', 'high vs none', 'high vs low',
         'none vs others', 'low vs others', 'high vs others', 'trend from none to high']
        """
        if self.down is None:
            return f"{class_names[self.up]} vs others"
        up, down = class_names[self.up], class_names[self.down]
        return f"{up} vs {down}" if self.pair else f"trend from {down} to {up}"


def contrasts(n_classes: int, kind: str = "others") -> list[Contrast]:
    """The comparisons that effects are computed for: the case against the control where there are two classes.

    Parameters
    ----------
    n_classes
        C.
    kind
        With more than two classes: ``others``, each against the mean of the others; ``reference``, each against the
        first; ``all_pairs``, each against each before it; ``trend``, a rise over the classes in their order, such as
        doses or times.

    Examples
    --------
    >>> [one.weights.tolist() for one in contrasts(3, "reference")], contrasts(3, "trend")[0].weights.tolist()
    ([[-1.0, 1.0, 0.0], [-1.0, 0.0, 1.0]], [-1.0, 0.0, 1.0])
    """
    each = np.eye(n_classes)
    if n_classes == 2:
        return [Contrast(1, 0, each[1] - each[0], pair=True)]
    if kind == "reference":
        return [Contrast(c, 0, each[c] - each[0], pair=True) for c in range(1, n_classes)]
    if kind == "all_pairs":
        pairs = combinations(range(n_classes), 2)
        return sorted((Contrast(b, a, each[b] - each[a], pair=True) for a, b in pairs), key=lambda one: one[:2])
    if kind == "trend":
        place = np.arange(n_classes) - (n_classes - 1) / 2
        return [Contrast(n_classes - 1, 0, place / place[place > 0].sum())]
    return [Contrast(c, None, each[c] - (1 - each[c]) / (n_classes - 1)) for c in range(n_classes)]


def exchanged(donors: DonorMeans, contrast: Contrast | None, most: int = MOST) -> Relabellings:
    """Relabellings of the donors under which a contrast means nothing; None: under which no class means anything.

    Of a pair of classes only these two are exchanged, so that a third one may differ as it likes.
    """
    rows = np.isin(donors.classes, donors.classes if contrast is None else contrast.classes)
    drawn = relabellings(donors.classes[rows], donors.exchanged[rows], most)
    labels = np.tile(donors.classes, (len(drawn.labels), 1))
    labels[:, rows] = drawn.labels
    return Relabellings(labels, drawn.distinct)


def smallest_signed(t: np.ndarray, nodes: np.ndarray, signs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""Smallest of the signed effects along each path, with the path's change up and with it down.

    .. math:: u_{rp} = \min_l s_{pl}\, t_{r p_l},\qquad d_{rp} = \min_l -s_{pl}\, t_{r p_l}

    A path has changed as a whole where the gene of it that changed least has changed.

    Parameters
    ----------
    t
        (R, G) effects.
    nodes
        (P, L) gene at each place, -1 behind the end of a path.
    signs
        (P, L) expected direction of each gene; 0 behind the end.

    Returns
    -------
    up, down
        (R, P).
    """
    up = np.full((len(t), len(nodes)), np.inf, dtype=np.float32)
    down = up.copy()
    for place in range(nodes.shape[1]):
        on = np.flatnonzero(nodes[:, place] >= 0)
        signed = (t[:, nodes[on, place]] * signs[on, place]).astype(np.float32)
        up[:, on] = np.minimum(up[:, on], signed)
        down[:, on] = np.minimum(down[:, on], -signed)
    return up, down


def path_statistics(
    donors: DonorMeans,
    drawn: Relabellings,
    groups: np.ndarray,
    nodes: np.ndarray,
    signs: np.ndarray,
    compared: Sequence[Contrast],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""How much each path changes as a whole under each relabelling.

    .. math:: m_p = \max_{h,\, \pm} \min_l\, \pm s^h_{pl}\, t_{p_l}, \qquad S_p = -L_p \log F(m_p) - \log K_p

    with the moderated t of each gene (`pathlore.training.effects`), its direction s in each sign model h (all genes
    alike, or by the signs of the steps), the share F of all t of all relabellings that are as large, the L genes of the
    path and the K readings (ways, up or down, contrasts) of which the best is taken. S is what independent genes would
    give, which makes paths of all lengths comparable; 0 where the genes of a path disagree.

    Parameters
    ----------
    donors
        n replicates.
    drawn
        R relabellings of them.
    groups
        (n,) what was exchanged within.
    nodes, signs
        (P, L) gene at each place, -1 behind the end; product of the steps' signs to each place, 0 behind the end.
    compared
        The contrasts, the largest of which counts.

    Returns
    -------
    statistics, smallest, sign_model
        (R, P) S; and of the true labels m, (P,), and the place in `SIGN_MODELS` of the sign model that it was reached
        in, (P,).
    """
    shape = (len(SIGN_MODELS), len(drawn.labels), len(nodes))
    reached = np.full(shape, -np.inf, dtype=np.float32)
    n_genes, n_classes = donors.log_means.shape[1], len(compared[0].weights)
    sample, step = [], max(1, len(drawn.labels) * n_genes * n_classes // SAMPLE)
    while gcd(step, n_genes) > 1:  # no gene is left out
        step += 1
    blocks = groups if donors.terms is None else donors.nuisance
    for contrast in compared:
        start = 0
        for t in null_effects(donors.log_means, drawn.labels, contrast.weights, blocks):
            rows = slice(start, start + len(t))
            start += len(t)
            sample.append(np.abs(t).ravel()[::step])
            for sign_model, directions in enumerate((np.abs(signs), signs)):
                up, down = smallest_signed(t, nodes, directions)
                reached[sign_model, rows] = np.maximum(reached[sign_model, rows], np.maximum(up, down))
    alike = (np.abs(signs) == signs).all(axis=1)
    readings = 2 * len(compared) * np.where(alike, 1, 2)
    smallest, length = reached.max(axis=0), (nodes >= 0).sum(axis=1)
    statistic = -length * _log_share(smallest, np.concatenate(sample)) - np.log(readings)
    statistic = np.where(smallest > 0, np.maximum(statistic, 0), 0)
    return statistic.astype(np.float32), smallest[0].astype(float), reached[:, 0].argmax(axis=0)


def _log_share(smallest: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Log of the share of effects that are at least so large, in one direction; falls on beyond the largest one."""
    ordered = np.sort(sizes)
    above = len(ordered) - np.searchsorted(ordered, smallest, side="left")
    beyond = np.maximum(smallest - ordered[-1], 0)
    return np.asarray(np.log(np.maximum(above, 0.5) / len(ordered) / 2) - beyond)
