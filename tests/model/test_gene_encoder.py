import numpy as np
import pytest
import reference
import torch
from builders import randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from pathlore.graph.edge_types import N_EDGE_TYPES
from pathlore.model.gene_encoder import CentralityEncoding, GeneAttention, GeneEncoderLayer, GraphBias
from pathlore.model.graph_tensors import MAX_DEGREE

CLOSE = {"rtol": 1e-9, "atol": 1e-9}


def random_edges(rng: np.random.Generator, genes: int, n: int) -> list[tuple[int, int, int]]:
    """Directed, typed edges without self loops; a pair may have several."""
    ends = [rng.choice(genes, 2, replace=False) for _ in range(n)] if genes > 1 else []
    return [(int(a), int(b), int(rng.integers(1, N_EDGE_TYPES))) for a, b in ends]


def as_tensors(edges: list[tuple[int, int, int]]) -> tuple[torch.Tensor, torch.Tensor]:
    table = torch.tensor(edges, dtype=torch.int64).reshape(-1, 3)
    return table[:, :2].T, table[:, 2]


def test_centrality_agrees_with_numpy_and_shares_one_row_above_the_cap() -> None:
    rng = np.random.default_rng(0)
    edges = [(0, 1, 5)] * (MAX_DEGREE + 40) + random_edges(rng, 6, 20)
    module = randomise(CentralityEncoding(3), 1)
    z = rng.normal(size=(2, 6, 3))
    incoming, outgoing = (torch.tensor(d) for d in reference.degrees(6, edges))
    assert incoming[1] == outgoing[0] == MAX_DEGREE
    found = module(torch.from_numpy(z), incoming, outgoing).detach().numpy()
    assert_allclose(found, reference.centrality(reference.weights(module), z, edges), **CLOSE)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 6), st.integers(1, 3), st.integers(0, 12), st.integers(0, 999))
def test_graph_bias_agrees_with_numpy(G: int, H: int, E: int, seed: int) -> None:
    edges = random_edges(np.random.default_rng(seed), G, E)
    module = randomise(GraphBias(G, H), seed)
    found = module(*as_tensors(edges)).detach().numpy()
    assert found.shape == (H, G, G)
    assert_allclose(found, reference.graph_bias(reference.weights(module), G, edges), **CLOSE)


def test_graph_bias_adds_up_several_edges_of_a_pair() -> None:
    module = randomise(GraphBias(3, 2), 0)
    both, first, second, none = (module(*as_tensors(e)) for e in ([(0, 1, 5), (0, 1, 8)], [(0, 1, 5)], [(0, 1, 8)], []))
    torch.testing.assert_close(both - none, first + second - 2 * none)


def test_graph_bias_puts_out_on_the_source_row_and_in_on_the_target_row() -> None:
    module = randomise(GraphBias(3, 2), 0)
    change = module(*as_tensors([(0, 1, 7)])) - module(*as_tensors([]))
    expected = torch.zeros_like(change)
    expected[:, 0, 1] = module.outgoing[6]
    expected[:, 1, 0] = module.incoming[6]
    torch.testing.assert_close(change, expected)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 3), st.integers(1, 6), st.sampled_from([(1, 3), (2, 2), (3, 1), (2, 4)]), st.integers(0, 999))
def test_gene_attention_agrees_with_numpy(B: int, G: int, sizes: tuple[int, int], seed: int) -> None:
    H, d = sizes
    module = randomise(GeneAttention(H * d, H), seed, spread=1.0)
    rng = np.random.default_rng(seed)
    h, bias = rng.normal(size=(B, G, H * d)), rng.normal(size=(H, G, G))
    found = module(torch.from_numpy(h), torch.from_numpy(bias)).detach().numpy()
    assert_allclose(found, reference.gene_attention(reference.weights(module), h, bias), **CLOSE)


@pytest.mark.parametrize("seed", range(3))
def test_encoder_layer_agrees_with_numpy(seed: int) -> None:
    module = randomise(GeneEncoderLayer(6, 3, 5, dropout=0.3), seed)
    rng = np.random.default_rng(seed)
    h, bias = rng.normal(size=(2, 4, 6)), rng.normal(size=(3, 4, 4))
    found = module(torch.from_numpy(h), torch.from_numpy(bias)).detach().numpy()
    assert_allclose(found, reference.encoder_layer(reference.weights(module), h, bias), **CLOSE)


def test_attention_is_equivariant_to_the_order_of_genes() -> None:
    module = randomise(GeneEncoderLayer(4, 2, 4, dropout=0.0), 0)
    h, bias = torch.randn(2, 5, 4, dtype=torch.float64), torch.randn(2, 5, 5, dtype=torch.float64)
    order = torch.tensor([3, 0, 4, 1, 2])
    permuted = module(h[:, order], bias[:, order][:, :, order])
    torch.testing.assert_close(permuted, module(h, bias)[:, order])


def test_a_key_bias_would_do_nothing() -> None:
    module = randomise(GeneAttention(4, 2), 0)
    h, bias = torch.randn(2, 5, 4, dtype=torch.float64), torch.randn(2, 5, 5, dtype=torch.float64)
    before = module(h, bias)
    module.key.bias = torch.nn.Parameter(torch.randn(4, dtype=torch.float64))
    torch.testing.assert_close(module(h, bias), before)
