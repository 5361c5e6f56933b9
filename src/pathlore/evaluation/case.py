"""What every method of an evaluation is given, and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.training.data import CellSet

ALONE = "paths_alone"
"""Level of the figures, and name of the note, of what the paths answer without the linear branch."""

STRENGTH = "strength"
"""Score of the paths that fits share a scale of, see `pathlore.training.trained_model.TrainedModel.strength`: what is
tested against permuted labels. It orders the paths of one fit as the importance does, and stands in no other table."""


@dataclass(frozen=True)
class Case:
    """One population in one repeat: one split of its donors, and all that was fitted on the training cells.

    Attributes
    ----------
    population
        Its name.
    fold, seed
        Which donors are held out, and what weights and batches are drawn from.
    graph
        The graph of G genes, E associations and P paths; its entities carry the numbers of the training cells.
    gene_vectors, path_vectors
        (G, T) and (P, T) text embeddings.
    data
        `CellSet` of train, validation and test, on the graph's genes.
    wide
        The same cells on the graph's genes and the most variable genes beside them.
    class_names
        C names, the control first.
    cell_types
        For each split the type of each cell, None where not known.
    truth
        The planted paths of a simulated cohort, joined by '>'; None where nobody knows the truth.
    split_by
        What is never divided between the splits: ``donor`` or ``cell``.
    """

    population: str
    fold: int
    seed: int
    graph: TextNumericGraph
    gene_vectors: np.ndarray
    path_vectors: np.ndarray
    data: dict[str, CellSet]
    wide: dict[str, CellSet]
    class_names: list[str]
    cell_types: dict[str, list[str | None]]
    truth: frozenset[str] | None = None
    split_by: str = "donor"


@dataclass(frozen=True)
class Fitted:
    """What a method makes of a case.

    Attributes
    ----------
    probabilities
        (n, C) class probabilities of the validation and of the test cells, by split; empty for a method that ranks
        alone.
    rankings
        (P,) scores of the graph's paths, the highest the most important, by name of the score; empty for a method that
        predicts alone.
    notes
        Anything else in one number: epochs, parameters, seconds.
    """

    probabilities: Mapping[str, np.ndarray] = field(default_factory=dict)
    rankings: Mapping[str, np.ndarray] = field(default_factory=dict)
    notes: Mapping[str, float] = field(default_factory=dict)
