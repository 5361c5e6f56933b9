from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
import reference
import torch
from numpy.testing import assert_allclose
from torch import nn

from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.model.graph_tensors import MAX_DEGREE, GraphTensors, graph_tensors


@pytest.fixture(scope="module")
def made(small_graph: TextNumericGraph, gene_vectors: np.ndarray, path_vectors: np.ndarray) -> GraphTensors:
    return graph_tensors(small_graph, gene_vectors, path_vectors)


def test_edges_and_degrees_agree_with_loops(made: GraphTensors, plain: reference.Graph) -> None:
    triples = zip(*made.edge_index.tolist(), made.edge_type.tolist(), strict=True)
    assert list(triples) == plain.edges
    incoming, outgoing = reference.degrees(len(plain.genes), plain.edges)
    assert made.in_degree.tolist() == incoming
    assert made.out_degree.tolist() == outgoing


def test_paths_agree_with_loops(made: GraphTensors, plain: reference.Graph) -> None:
    P, L = made.path_nodes.shape
    assert (P, L) == (7, 6) == (len(plain.paths), max(map(len, plain.paths)))
    signs = np.zeros((P, L))
    for p, nodes in enumerate(plain.paths):
        assert made.path_mask[p].tolist() == [place < len(nodes) for place in range(L)]
        assert made.path_nodes[p][: len(nodes)].tolist() == nodes
        assert made.path_types[p][: len(nodes)].tolist() == plain.path_types[p]
        signs[p, : len(nodes)] = np.array(plain.path_signs[p]) / len(nodes)
    assert_allclose(made.path_signs.numpy(), signs, rtol=1e-6)


def test_texts_are_standardised_and_missing_text_stays_zero(made: GraphTensors, plain: reference.Graph) -> None:
    assert_allclose(made.gene_text.numpy(), plain.gene_text, atol=1e-5)
    assert_allclose(made.path_text.numpy(), plain.path_text, atol=1e-5)
    assert made.gene_text[plain.genes.index("S4")].abs().sum() == 0
    assert made.path_text[-1].abs().sum() == 0
    assert int((made.gene_text.abs().sum(1) == 0).sum()) == 1


@pytest.mark.parametrize("scale", [1e-3, 0.1, 10.0, 1e4])
def test_encoders_of_any_scale_are_alike(
    made: GraphTensors, small_graph: TextNumericGraph, gene_vectors: np.ndarray, path_vectors: np.ndarray, scale: float
) -> None:
    other = graph_tensors(small_graph, gene_vectors * scale, path_vectors * scale)
    assert_allclose(other.gene_text.numpy(), made.gene_text.numpy(), atol=1e-4)


def test_expression_statistics_are_those_of_the_entities(made: GraphTensors, small_graph: TextNumericGraph) -> None:
    assert_allclose(made.gene_mean.numpy(), small_graph.entities["mean"], rtol=1e-6)
    assert_allclose(made.gene_sd.numpy(), small_graph.entities["sd"], rtol=1e-6)
    assert made.gene_sd[small_graph.position["X3"]] == 0


def test_kinds_of_numbers(made: GraphTensors) -> None:
    whole = {"edge_index", "edge_type", "in_degree", "out_degree", "path_nodes", "path_types"}
    for field in fields(made):
        expected = torch.int64 if field.name in whole else torch.bool if field.name == "path_mask" else torch.float32
        assert getattr(made, field.name).dtype == expected, field.name


def test_high_degrees_share_the_last_row(small_graph: TextNumericGraph) -> None:
    hub = [f"H{i}" for i in range(MAX_DEGREE + 10)]
    extra = small_graph.entities.iloc[[0] * len(hub)].assign(gene=hub)
    row = small_graph.associations.iloc[[0] * len(hub)].assign(source="L1", target=hub)
    graph = TextNumericGraph(
        pd.concat([small_graph.entities, extra], ignore_index=True),
        pd.concat([small_graph.associations, row], ignore_index=True),
        small_graph.paths,
    )
    made = graph_tensors(graph, np.ones((len(graph.genes), 3)), np.ones((7, 3)))
    assert int(made.out_degree.max()) == MAX_DEGREE


def test_edge_type_zero_never_stands_for_an_edge(made: GraphTensors) -> None:
    """Fault 2 of the predecessor: type 0 meant both receptor -> signal and 'no edge'."""
    assert int(made.edge_type.min()) >= 1
    steps = made.path_types[:, 1:][made.path_mask[:, 1:]]
    assert int(steps.min()) >= 1
    assert made.path_types[:, 0].abs().sum() == 0
    assert made.path_types[~made.path_mask].abs().sum() == 0


def test_register_keeps_them_as_buffers(made: GraphTensors) -> None:
    module = nn.Module()
    made.register(module)
    assert set(dict(module.named_buffers())) == {field.name for field in fields(made)}
    assert not list(module.parameters())
