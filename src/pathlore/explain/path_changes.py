"""How the genes of a path change between the classes: each gene's arrow, and the direction of the path, if any."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.keys import MIXED, Split
from pathlore.training.data import CellSet
from pathlore.training.effects import effects
from pathlore.training.path_statistics import Contrast, contrasts
from pathlore.training.replicates import LEAST_CELLS, donor_means, log_means

MOVES = 1.0
"""Standard errors by which a gene must differ between the classes to count as changed."""

LEAST_DONORS = 2
"""Donors of each class, from which on effects are measured over donors."""


@dataclass(frozen=True)
class GeneEffects:
    """Moderated t of each gene.

    Attributes
    ----------
    t
        (K, G).
    over
        What the spread was measured over: ``donors``, or groups of ``cells`` where donors are too few or unknown.
    compared
        The K contrasts (`pathlore.training.path_statistics.contrasts`); None: the case against the control, or each
        class against the others.
    """

    t: np.ndarray
    over: str
    compared: list[Contrast] | None = None


def gene_effects(data: Mapping[str, CellSet], n_classes: int, least_cells: int = LEAST_CELLS) -> GeneEffects:
    """Measure how each gene differs between the classes.

    Over all donors, those of the test set among them, where each class has at least two: a donor that has cells of
    several classes is compared with itself, and batch and covariates of the design are regressed out. Else over groups
    of the training cells.

    Parameters
    ----------
    data
        Cells by split.
    n_classes
        C.
    least_cells
        Cells of a class that a donor needs to count.
    """
    donors = donor_means(data.values(), least_cells)
    counts = np.bincount(donors.classes, minlength=n_classes)
    if counts.min() >= LEAST_DONORS:
        compared = contrasts(n_classes, donors.contrast)
        found = [effects(donors.log_means, donors.classes, c.weights, donors.nuisance) for c in compared]
        return GeneEffects(np.stack(found), "donors", compared)
    means, classes = log_means(data[Split.TRAIN])
    compared = contrasts(n_classes, data[Split.TRAIN].contrast)
    return GeneEffects(np.stack([effects(means, classes, c.weights) for c in compared]), "cells", compared)


def path_directions(
    found: GeneEffects, graph: TextNumericGraph, class_names: Sequence[str]
) -> tuple[list[str], list[str], list[str]]:
    """The class in which each path is more active, the arrows of its genes, and the comparison that both are of.

    A gene moves if it differs between the classes by a standard error or more (t of 1 or more in size). A path is
    more active in a class if at least half of its genes move and all that move are higher there, or, by the signs
    of the steps, all are as a receptor that is higher there would have them. Where genes disagree, where fewer than
    half move, or where the two readings name two classes, the direction is ``mixed``. Of several contrasts
    (`pathlore.training.path_statistics.contrasts`) the one counts that stands out most among those with a direction.

    This is the only definition of "more active in": tables, tests, figures and networks between cells read it here.

    Returns
    -------
    directions, arrows, comparisons
        P each; arrows as "FPR1 ↑ +3.2; SPI1 · -0.4", a gene's arrow and its t; comparisons as "case vs control", the
        contrast that the path is judged by.
    """
    compared = found.compared or contrasts(len(class_names))
    nodes, signs = graph.path_nodes(), graph.path_signs()
    on_path = nodes >= 0
    length = on_path.sum(axis=1)
    t = np.where(on_path, found.t[:, np.maximum(nodes, 0)], 0.0)  # (K, P, L)
    moves = np.abs(t) >= MOVES
    claims = np.zeros((len(t), len(nodes), 2), dtype=bool)  # up, down
    for expected in (np.abs(signs), signs):
        up, down = (moves & (side * t * expected > 0) for side in (1, -1))
        enough = 2 * moves.sum(axis=2) >= length
        claims |= np.stack([enough & ~down.any(axis=2), enough & ~up.any(axis=2)], axis=2)
    size = np.abs(t).sum(axis=2) / length  # (K, P)
    ends = np.array([[one.up, -1 if one.down is None else one.down] for one in compared])  # (K, 2)
    named = (claims.sum(axis=2) == 1) & (claims * (ends >= 0)[:, None]).any(axis=2)
    judged = np.where(named, size, size - size.max() - 1).argmax(axis=0)
    path = np.arange(len(nodes))
    claimed = np.where(named[judged, path], ends[judged, np.argmax(claims[judged, path], axis=1)], -1)
    names = [MIXED if c < 0 else class_names[c] for c in claimed]
    arrows = [_arrows(genes, t[judged[p], p]) for p, genes in enumerate(graph.path_genes)]
    return names, arrows, [compared[k].name(class_names) for k in judged]


def direction_label(direction: str) -> str:
    """Say a direction in a legend or a line.

    Examples
    --------
    >>> direction_label("cirrhotic"), direction_label("mixed")
    ('more active in cirrhotic', 'mixed: its genes disagree')
    """
    return "mixed: its genes disagree" if direction == MIXED else f"more active in {direction}"


def _arrows(genes: Iterable[str], t: np.ndarray) -> str:
    """Each gene of a path with its arrow and effect.

    Examples
    --------
    >>> _arrows(["A", "B", "C"], np.array([3.21, -1.0, 0.4]))
    'A ↑ +3.2; B ↓ -1.0; C · +0.4'
    """
    marks = ["↑" if value >= MOVES else "↓" if value <= -MOVES else "·" for value in t]
    return "; ".join(f"{gene} {mark} {value:+.1f}" for gene, mark, value in zip(genes, marks, t, strict=False))
