"""All ways to assign the classes to the replicates as if they meant nothing: the null of what is computed from them.

A statistic of the genes' effects (of paths, receptors, ligands, gene sets) needs no fit, so that it can be computed for
every relabelling of the donors: `relabellings`, then `null_effects`, then `pooled_p` and `family_p`.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import NamedTuple

import numpy as np

from pathlore.progress import following
from pathlore.training.effects import relabelled_effects

MOST = 10_000
"""Relabellings that are computed, at most; of more, so many are drawn."""

LEVEL = 0.05
"""A design whose smallest p is above it cannot give a result."""

AT_ONCE = 2**22
"""Numbers of relabelled effects that are held at once."""

TIE = 1e-6
"""Relative difference up to which statistics differ by rounding alone, and count as equal."""


class Relabellings(NamedTuple):
    """Ways to assign the classes to replicates.

    Attributes
    ----------
    labels
        (R, n) class of each replicate; the first row is the true one.
    distinct
        Number of different ways there are. Two labellings count as one where swapping the two classes everywhere turns
        one into the other: a statistic that looks both ways cannot tell them apart.
    """

    labels: np.ndarray
    distinct: float

    @property
    def least_p(self) -> float:
        """The smallest p that the strongest finding can have, whatever the effect."""
        return 1 / min(self.distinct, len(self.labels))


def exchangeable(classes: np.ndarray, donors: Sequence[str | None], batches: Sequence[str] | None = None) -> np.ndarray:
    """Groups of replicates among which classes may be exchanged, (n,).

    A donor with replicates of several classes is a group of its own (a pair: its sign is flipped). All others exchange
    classes within their batch, or all with all where no batch is given.
    """
    keys: list[tuple[str, str]] = []
    for i, donor in enumerate(donors):
        same_donor = {int(c) for c, other in zip(classes, donors, strict=True) if donor is not None and other == donor}
        keys.append(
            ("donor", str(donor)) if len(same_donor) > 1 else ("batch", str(batches[i]) if batches is not None else "")
        )
    order = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return np.array([order[key] for key in keys])


def relabellings(
    classes: np.ndarray, groups: np.ndarray | None = None, most: int = MOST, seed: int = 0
) -> Relabellings:
    """List all ways to exchange the classes within groups, or draw ``most`` of them.

    Parameters
    ----------
    classes
        (n,) true class of each replicate.
    groups
        (n,) see `exchangeable`; None: all may be exchanged.
    most
        Above so many they are drawn at random, with replacement, the true one beside them.
    seed
        Of the draws.
    """
    classes = np.asarray(classes)
    groups = np.zeros(len(classes), dtype=int) if groups is None else groups
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    total = math.prod(_ways(classes[rows]) for rows in members)
    mirrored = _mirrored(classes, members)
    distinct = total / 2 if mirrored else total
    if distinct > most:
        rng = np.random.default_rng(seed)
        drawn = np.tile(classes, (most, 1))
        for row in drawn[1:]:
            for replicates in members:
                row[replicates] = rng.permutation(row[replicates])
        return Relabellings(drawn, float(distinct))
    every = np.empty((total, len(classes)), dtype=classes.dtype)
    for row, parts in zip(every, product(*(_arrangements(classes[rows]) for rows in members)), strict=True):
        for replicates, part in zip(members, parts, strict=True):
            row[replicates] = part
    if mirrored:
        every = every[every[:, 0] == classes[0]]
    true = int(np.flatnonzero((every == classes).all(axis=1))[0])
    return Relabellings(np.roll(every, -true, axis=0), float(distinct))


def null_effects(
    log_means: np.ndarray, labels: np.ndarray, inside: int | np.ndarray, blocks: np.ndarray | None = None
) -> Iterator[np.ndarray]:
    """Effects of all genes under each labelling, (r, G) at a time, in their order; see `relabelled_effects`.

    Blocks are what was exchanged within: with pairs, or batches, their groups; else None.
    """
    rows = max(1, AT_ONCE // max(1, log_means.size))
    starts = range(0, len(labels), rows)
    for start in following(starts, "Relabelling replicates", len(starts)):
        yield relabelled_effects(log_means, labels[start : start + rows], inside, blocks)


def pooled_p(statistics: np.ndarray) -> np.ndarray:
    r"""P of each item against the statistics of all items under all labellings.

    .. math:: p_i = \frac{\#\{r, j : S_{rj} \ge S_{0i}\}}{R N}

    The true labelling is one of the R, which makes p exact where labels are exchangeable and items alike. It can fall
    below 1 / R, because N items are seen R times; the least that the design allows the strongest item is `family_p`'s.

    Parameters
    ----------
    statistics
        (R, N), the greater the more changed; the first row is of the true labels. Items should be comparable: put
        them on one scale first where they differ by construction, as paths of other lengths do.

    Returns
    -------
    (N,).
    """
    ordered = np.sort(statistics, axis=None)
    reached = ordered.size - np.searchsorted(ordered, _just_below(statistics[0]), side="left")
    return np.asarray(reached / ordered.size)


def family_p(statistics: np.ndarray) -> np.ndarray:
    r"""P of each item against the largest statistic under each labelling (max-T), (N,).

    .. math:: p_i = \frac1R \#\{r : \max_j S_{rj} \ge S_{0i}\}

    The chance that a cohort without any difference shows one item as changed as this. Source: Westfall and Young 1993.
    """
    largest = np.sort(statistics.max(axis=1))
    reached = len(largest) - np.searchsorted(largest, _just_below(statistics[0]), side="left")
    return np.asarray(reached / len(largest))


def _just_below(values: np.ndarray) -> np.ndarray:
    return np.asarray(values - np.abs(values) * TIE)


def _ways(classes: np.ndarray) -> int:
    sizes = np.unique(classes, return_counts=True)[1]
    return math.factorial(len(classes)) // math.prod(math.factorial(int(size)) for size in sizes)


def _mirrored(classes: np.ndarray, members: Sequence[np.ndarray]) -> bool:
    """Whether swapping two classes everywhere is one of the relabellings."""
    kinds = np.unique(classes)
    return len(kinds) == 2 and all(2 * (classes[rows] == kinds[0]).sum() == len(rows) for rows in members)


def _arrangements(classes: np.ndarray) -> list[np.ndarray]:
    """All different orders of some classes."""
    kinds, sizes = np.unique(classes, return_counts=True)
    if len(kinds) == 1:
        return [classes]
    found = []
    for places in combinations(range(len(classes)), int(sizes[-1])):
        rest = np.delete(np.arange(len(classes)), places)
        for others in _arrangements(np.repeat(kinds[:-1], sizes[:-1])):
            row = np.full(len(classes), kinds[-1])
            row[rest] = others
            found.append(row)
    return found
