"""Tiny fits on the small world: a case shifts the genes of two paths, with the signs of their steps."""

from collections.abc import Callable

import numpy as np
import pytest
from small_fits import small_cells

from pathlore.config import ModelConfig, TrainingConfig
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.training.data import CellSet
from pathlore.training.fit import fit


@pytest.fixture
def data(small_graph: TextNumericGraph) -> dict[str, CellSet]:
    """48 training, 24 validation and 24 test cells of two classes."""
    return small_cells(small_graph.genes, classes=2)


@pytest.fixture
def three_classes(small_graph: TextNumericGraph) -> dict[str, CellSet]:
    return small_cells(small_graph.genes, classes=3)


@pytest.fixture
def run(small_graph: TextNumericGraph, gene_vectors: np.ndarray, path_vectors: np.ndarray) -> Callable:
    """``fit`` with everything but the data and the parameters filled in."""

    def run(data: dict[str, CellSet], config: TrainingConfig, model: ModelConfig, **options: object):
        names = [f"class {label}" for label in range(data["train"].labels.max() + 1)]
        return fit("pooled", small_graph, gene_vectors, path_vectors, data, names, model, config, **options)

    return run
