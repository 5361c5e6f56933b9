import numpy as np
import pytest
import reference
import torch
from builders import randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from pathlore.graph.network import N_EDGE_TYPES
from pathlore.model.attention import Pattern, edge_pairs, gene_attention, neighbour_pairs
from pathlore.model.gene_encoder import CentralityEncoding, Dropout, GeneAttention, GeneEncoderLayer, GraphBias
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


def full(spatial: torch.Tensor, pattern: Pattern, bias: torch.Tensor) -> np.ndarray:
    """The sparse bias as (H, G, G)."""
    spatial, bias = spatial.detach().numpy(), bias.detach().numpy()
    table = np.array([np.outer(column, column) for column in spatial.T])
    for n, (i, j) in enumerate(zip(pattern.rows.tolist(), pattern.columns.tolist(), strict=True)):
        table[:, i, j] += bias[n]
    return table


def random_bias(
    rng: np.random.Generator, G: int, H: int, E: int
) -> tuple[torch.Tensor, Pattern, torch.Tensor, np.ndarray]:
    """Spatial coordinates, pairs, their bias, and all of it as (H, G, G)."""
    pattern = edge_pairs(as_tensors(random_edges(rng, G, E))[0], G)
    spatial, bias = torch.from_numpy(rng.normal(size=(G, H))), torch.from_numpy(rng.normal(size=(len(pattern.rows), H)))
    return spatial, pattern, bias, full(spatial, pattern, bias)


def graph_bias(module: GraphBias, edges: list[tuple[int, int, int]]) -> np.ndarray:
    """The bias of some edges, as (H, G, G)."""
    index, types = as_tensors(edges)
    pattern = edge_pairs(index, len(module.spatial))
    return full(module.spatial, pattern, module(types, pattern))


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 6), st.integers(1, 3), st.integers(0, 12), st.integers(0, 999))
def test_graph_bias_agrees_with_numpy(G: int, H: int, E: int, seed: int) -> None:
    edges = random_edges(np.random.default_rng(seed), G, E)
    module = randomise(GraphBias(G, H), seed)
    assert_allclose(graph_bias(module, edges), reference.graph_bias(reference.weights(module), G, edges, H), **CLOSE)


@pytest.mark.parametrize("on", [{"spatial"}, {"outgoing", "incoming"}, set()], ids=["spatial", "edges", "neither"])
def test_an_encoding_that_is_off_is_zero_and_has_no_parameter(on: set[str]) -> None:
    module = GraphBias(5, 2, spatial="spatial" in on, edges="outgoing" in on).double()
    edges = [(0, 1, 5), (1, 2, 8), (4, 0, 3)]
    found = graph_bias(module, edges)
    assert set(module.state_dict()) == {name for name, _ in module.named_parameters()} == on
    assert_allclose(found, reference.graph_bias(reference.weights(module), 5, edges, 2), **CLOSE)
    assert found.any() == bool(on)


def test_graph_bias_adds_up_several_edges_of_a_pair() -> None:
    module = randomise(GraphBias(3, 2), 0)
    both, first, second, none = (graph_bias(module, e) for e in ([(0, 1, 5), (0, 1, 8)], [(0, 1, 5)], [(0, 1, 8)], []))
    assert_allclose(both - none, first + second - 2 * none)


def test_graph_bias_puts_out_on_the_source_row_and_in_on_the_target_row() -> None:
    module = randomise(GraphBias(3, 2), 0)
    change = graph_bias(module, [(0, 1, 7)]) - graph_bias(module, [])
    expected = np.zeros_like(change)
    expected[:, 0, 1] = module.outgoing[6].detach()
    expected[:, 1, 0] = module.incoming[6].detach()
    assert_allclose(change, expected, atol=1e-15)


@settings(max_examples=20, deadline=None)
@given(
    st.integers(1, 3),
    st.integers(1, 6),
    st.sampled_from([(1, 3), (2, 2), (3, 1), (2, 4)]),
    st.integers(0, 9),
    st.integers(0, 999),
)
def test_gene_attention_agrees_with_numpy(B: int, G: int, sizes: tuple[int, int], E: int, seed: int) -> None:
    H, d = sizes
    module = randomise(GeneAttention(H * d, H), seed, spread=1.0)
    rng = np.random.default_rng(seed)
    h, (*sparse, bias) = rng.normal(size=(B, G, H * d)), random_bias(rng, G, H, E)
    found = module(torch.from_numpy(h), *sparse).detach().numpy()
    assert_allclose(found, reference.gene_attention(reference.weights(module), h, bias), **CLOSE)


@settings(max_examples=20, deadline=None)
@given(
    st.integers(1, 3),
    st.integers(1, 6),
    st.integers(0, 2),
    st.integers(0, 9),
    st.integers(0, 999),
)
def test_attention_along_the_graph_agrees_with_numpy(B: int, G: int, tokens: int, E: int, seed: int) -> None:
    """Neighbours in both directions, oneself and the global tokens; nothing else."""
    rng = np.random.default_rng(seed)
    edges = random_edges(rng, G, E)
    tables, module = GraphBias(G, 2), GeneAttention(6, 2, dense=False)
    randomise(tables, seed), randomise(module, seed, spread=1.0)
    index, types = as_tensors(edges)
    pattern = neighbour_pairs(index, G, tokens)
    spatial = torch.cat([tables.spatial, torch.zeros(tokens, 2)])
    h = rng.normal(size=(B, G + tokens, 6))
    found = module(torch.from_numpy(h), spatial, pattern, tables(types, pattern)).detach().numpy()
    bias = reference.along_the_graph(reference.graph_bias(reference.weights(tables), G, edges, 2), edges, tokens)
    assert_allclose(found, reference.gene_attention(reference.weights(module), h, bias), **CLOSE)


def test_pairs_are_sorted_and_each_there_once() -> None:
    index = torch.tensor([[2, 0, 2, 1, 0], [0, 2, 0, 2, 1]])  # an edge twice, another in both directions
    pattern = edge_pairs(index, 4)
    pairs = list(zip(pattern.rows.tolist(), pattern.columns.tolist(), strict=True))
    assert pairs == [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]
    assert [pairs[n] for n in pattern.out_slots] == list(zip(*index.tolist(), strict=True))
    assert [pairs[n] for n in pattern.in_slots] == list(zip(*index.flip(0).tolist(), strict=True))


def test_the_pairs_along_the_graph_grow_with_its_edges_not_with_the_square_of_its_genes() -> None:
    for G in (50, 100, 200):
        index = torch.stack([torch.arange(G), (torch.arange(G) + 1) % G])
        assert len(neighbour_pairs(index, G, 4).rows) == 2 * G + (G + 4) + 2 * 4 * G + 4 * 4 - 4


@pytest.mark.parametrize("seed", range(3))
def test_encoder_layer_agrees_with_numpy(seed: int) -> None:
    module = randomise(GeneEncoderLayer(6, 5, 0.3, GeneAttention(6, 3)), seed)
    rng = np.random.default_rng(seed)
    h, (*sparse, bias) = rng.normal(size=(2, 4, 6)), random_bias(rng, 4, 3, 5)
    found = module(torch.from_numpy(h), *sparse).detach().numpy()
    assert_allclose(found, reference.encoder_layer(reference.weights(module), h, bias), **CLOSE)


def test_attention_is_equivariant_to_the_order_of_genes() -> None:
    module = randomise(GeneEncoderLayer(4, 4, 0.0, GeneAttention(4, 2)), 0)
    tables = randomise(GraphBias(5, 2), 0)
    h, (index, types) = torch.randn(2, 5, 4, dtype=torch.float64), as_tensors([(0, 1, 3), (1, 4, 5), (2, 0, 3)])
    order = torch.tensor([3, 0, 4, 1, 2])
    pattern, permuted = edge_pairs(index, 5), edge_pairs(order.argsort()[index], 5)
    expected = module(h, tables.spatial, pattern, tables(types, pattern))[:, order]
    found = module(h[:, order], tables.spatial[order], permuted, tables(types, permuted))
    torch.testing.assert_close(found, expected)


def test_a_key_bias_would_do_nothing() -> None:
    """All logits of a row move by the same: which is why the keys have none."""
    rng = np.random.default_rng(0)
    spatial, pattern, bias, _ = random_bias(rng, 5, 2, 6)
    qkv = torch.from_numpy(rng.normal(size=(2, 5, 3, 2, 2)))
    shifted = qkv.clone()
    shifted[:, :, 1] += torch.from_numpy(rng.normal(size=(2, 2)))
    before, after = (gene_attention(part, spatial, pattern, bias, dense=True) for part in (qkv, shifted))
    torch.testing.assert_close(before, after)


def test_dropout_draws_what_the_library_draws() -> None:
    x = torch.randn(3, 50, 7, dtype=torch.float64)
    own, library = (part.train() for part in (Dropout(0.3), torch.nn.Dropout(0.3)))
    results = []
    for module in (own, library):
        torch.manual_seed(4)
        leaf = x.clone().requires_grad_()
        y = module(leaf)
        y.square().sum().backward()
        results.append((y.detach(), leaf.grad, torch.rand(1)))
    for mine, other in zip(*results, strict=True):
        torch.testing.assert_close(mine, other)
    assert torch.equal(own.eval()(x), x)
