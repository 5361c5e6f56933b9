"""One split of one population, and all that was fitted on its training cells before the model."""

from dataclasses import dataclass

import numpy as np

from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.training.data import CellSet, over_wide_genes


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
        `CellSet` of train, validation and test, on the graph's genes; their ``wide`` on these and the most variable
        genes beside them.
    class_names
        C names, the control first.
    cell_types
        For each split the type of each cell, None where not known.
    truth
        The planted paths of a simulated cohort, joined by '>'; None where nobody knows the truth.
    split_by
        What is never divided between the splits: ``donor`` or ``cell``.
    encoder, text_model
        What made the vectors: version of the encoder, and name of the language model.
    """

    population: str
    fold: int
    seed: int
    graph: TextNumericGraph
    gene_vectors: np.ndarray
    path_vectors: np.ndarray
    data: dict[str, CellSet]
    class_names: list[str]
    cell_types: dict[str, list[str | None]]
    truth: frozenset[str] | None = None
    split_by: str = "donor"
    encoder: str = ""
    text_model: str = ""

    @property
    def wide(self) -> dict[str, CellSet]:
        """The same cells over the genes of the wide branch."""
        return {split: over_wide_genes(cells) for split, cells in self.data.items()}
