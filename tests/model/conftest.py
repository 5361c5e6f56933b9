"""The small world as tensors and as plain lists."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from builders import exact
from reference import Graph

from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.model.graph_tensors import GraphTensors, graph_tensors


@pytest.fixture(scope="session")
def plain(small_graph: TextNumericGraph, gene_vectors: np.ndarray, path_vectors: np.ndarray) -> Graph:
    """The small graph as the reference sees it."""
    return Graph.of(small_graph, gene_vectors, path_vectors)


@pytest.fixture(scope="session")
def tensors(
    small_graph: TextNumericGraph, gene_vectors: np.ndarray, path_vectors: np.ndarray, plain: Graph
) -> GraphTensors:
    """The small graph as the model sees it, in float64."""
    return exact(graph_tensors(small_graph, gene_vectors, path_vectors), plain)


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Tiny tensors: more threads only wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
