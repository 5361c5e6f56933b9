import numpy as np
import pytest
import reference
import torch
from builders import randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from torch import nn

from pathlore.graph.network import N_EDGE_TYPES
from pathlore.model.path_encoder import PathAggregation, PathEncoder, SentenceAttention, Stops, TextPathEncoder

CLOSE = {"rtol": 1e-9, "atol": 1e-9}
Paths = list[list[int]]


def random_paths(rng: np.random.Generator, genes: int, n: int, longest: int) -> tuple[Paths, Paths]:
    """Genes and edge types of n paths of 1 to ``longest`` genes, at least one of them that long."""
    lengths = [longest, *rng.integers(1, longest + 1, n - 1)]
    nodes = [[int(g) for g in rng.permutation(genes)[:length]] for length in lengths]
    return nodes, [[0, *(int(t) for t in rng.integers(1, N_EDGE_TYPES, len(path) - 1))] for path in nodes]


def padded(paths: Paths, types: Paths, longest: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    nodes, steps = (torch.tensor([row + [0] * (longest - len(row)) for row in table]) for table in (paths, types))
    return nodes, steps, torch.tensor([[place < len(row) for place in range(longest)] for row in paths])


def stops(paths: Paths, types: Paths, longest: int) -> Stops:
    return Stops.of(*padded(paths, types, longest))


def path_encoder(text_width: int | None, longest: int) -> PathEncoder:
    """D 6, R 3, H 2."""
    return PathEncoder(
        PathAggregation(6, 3, longest), nn.LayerNorm(6) if text_width is None else SentenceAttention(6, 2, text_width)
    )


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 3),
    st.integers(4, 6),
    st.integers(1, 4),
    st.integers(1, 4),
    st.sampled_from([(1, 3), (2, 2), (3, 1), (2, 4)]),
    st.integers(0, 999),
)
def test_aggregation_agrees_with_numpy(B: int, G: int, P: int, L: int, sizes: tuple[int, int], seed: int) -> None:
    R, narrow = sizes
    rng = np.random.default_rng(seed)
    paths, types = random_paths(rng, G, P, L)
    module = randomise(PathAggregation(R * narrow, R, L), seed, spread=1.0)
    h = rng.normal(size=(B, G, R * narrow))
    found = module(torch.from_numpy(h), stops(paths, types, L)).detach().numpy()
    assert_allclose(found, reference.path_aggregation(reference.weights(module), h, paths, types), **CLOSE)


@settings(max_examples=20, deadline=None)
@given(
    st.integers(1, 3),
    st.integers(1, 5),
    st.integers(1, 5),
    st.sampled_from([(1, 3), (2, 2), (2, 4)]),
    st.integers(0, 999),
)
def test_sentence_attention_agrees_with_numpy(B: int, P: int, T: int, sizes: tuple[int, int], seed: int) -> None:
    H, d = sizes
    rng = np.random.default_rng(seed)
    module = randomise(SentenceAttention(H * d, H, T), seed, spread=1.0)
    q, sentences = rng.normal(size=(B, P, H * d)), rng.normal(size=(P, T))
    sentences[-1] = 0.0  # a path without text
    found = module.norm(module(torch.from_numpy(q), torch.from_numpy(sentences))).detach().numpy()
    assert_allclose(found, reference.sentence_attention(reference.weights(module), q, sentences, H), **CLOSE)


def test_equal_sentences_may_be_one_key() -> None:
    rng = np.random.default_rng(0)
    module = randomise(SentenceAttention(4, 2, 5), 0, spread=1.0)
    q, sentences = rng.normal(size=(2, 6, 4)), rng.normal(size=(3, 5))
    copies = torch.tensor([3, 1, 2])
    found = module.norm(module(torch.from_numpy(q), torch.from_numpy(sentences), copies)).detach().numpy()
    written = np.repeat(sentences, copies.numpy(), axis=0)
    assert_allclose(found, reference.sentence_attention(reference.weights(module), q, written, 2), **CLOSE)


def test_what_paths_share_is_one_stop() -> None:
    """The same gene, reached by the same type of step at the same place."""
    shared = stops([[0, 1, 2], [0, 1, 3], [0, 1, 2, 4]], [[0, 4, 8], [0, 4, 8], [0, 5, 8, 8]], 4)
    triples = list(zip(shared.genes.tolist(), shared.types.tolist(), shared.places.tolist(), strict=True))
    assert len(triples) == len(set(triples)) == 6
    assert [triples[s] for s in shared.index[2]] == [(0, 0, 0), (1, 5, 1), (2, 8, 2), (4, 8, 3)]
    assert shared.index[0, 0] == shared.index[1, 0] == shared.index[2, 0]
    assert shared.mask.sum(1).tolist() == [3, 3, 4]


@pytest.mark.parametrize("text_width", [5, None])
def test_path_encoder_agrees_with_numpy(text_width: int | None) -> None:
    rng = np.random.default_rng(0)
    paths, types = random_paths(rng, 6, 4, 5)
    module = randomise(path_encoder(text_width, 5), 0)
    h, sentences = rng.normal(size=(2, 6, 6)), rng.normal(size=(4, 5))
    y = module(torch.from_numpy(h), stops(paths, types, 5), torch.from_numpy(sentences), None)
    found = y.normalised().detach().numpy()
    expected = reference.path_encoder(reference.weights(module), h, paths, types, sentences, heads=2)
    assert_allclose(found, expected, **CLOSE)


def test_without_cross_attention_the_sentences_are_not_read() -> None:
    module = randomise(path_encoder(None, 2), 0)
    h, table = torch.randn(2, 4, 6, dtype=torch.float64), stops([[0, 1], [2, 3]], [[0, 4], [0, 5]], 2)
    first, second = (module(h, table, torch.randn(2, 5, dtype=torch.float64), None) for _ in range(2))
    assert torch.equal(first.y, second.y)


def test_texts_alone_agree_with_numpy() -> None:
    rng = np.random.default_rng(0)
    module = randomise(TextPathEncoder(SentenceAttention(6, 2, 5, asks_in=5)), 0, spread=1.0)
    sentences = rng.normal(size=(4, 5))
    sentences[-1] = 0.0  # a path without text
    y = module(torch.from_numpy(sentences), torch.from_numpy(sentences), None, 3)
    found = y.normalised().detach().numpy()
    assert_allclose(found, reference.text_encoder(reference.weights(module.read), 3, sentences, heads=2), **CLOSE)


def test_a_longer_path_beside_them_changes_no_other_path() -> None:
    """What stands behind a path's end (padding) must not matter."""
    paths, types = [[0, 1, 2], [3, 1, 4]], [[0, 5, 8], [0, 4, 7]]
    short = randomise(PathAggregation(6, 3, 3), 0)
    long = randomise(PathAggregation(6, 3, 5), 1)
    state = short.state_dict()
    state["positions"] = torch.cat([state["positions"], torch.randn(2, 3 - 1, dtype=torch.float64)])
    long.load_state_dict(state)
    h = torch.randn(2, 5, 6, dtype=torch.float64)
    before = short(h, stops(paths, types, 3))
    after = long(h, stops([*paths, [4, 3, 2, 1, 0]], [*types, [0, 4, 4, 4, 8]], 5))
    torch.testing.assert_close(after[:, :2], before, rtol=1e-12, atol=1e-12)


def test_the_filling_of_padded_places_is_ignored() -> None:
    module = randomise(PathAggregation(6, 3, 4), 0)
    h = torch.randn(2, 5, 6, dtype=torch.float64)
    nodes, types, mask = padded([[0, 1, 2], [3, 1, 4, 2]], [[0, 5, 8], [0, 4, 4, 7]], 4)
    before = module(h, Stops.of(nodes, types, mask))
    nodes[0, 3], types[0, 3] = 4, 9
    assert torch.equal(module(h, Stops.of(nodes, types, mask)), before)


def test_the_order_the_edge_types_and_the_place_of_genes_matter() -> None:
    module = randomise(PathAggregation(6, 3, 3), 0)
    h = torch.randn(1, 5, 6, dtype=torch.float64)
    paths, types = [[0, 1, 2], [1, 0, 2], [0, 1, 2]], [[0, 5, 8], [0, 5, 8], [0, 6, 8]]
    first, other_order, other_type = module(h, stops(paths, types, 3))[0]
    assert (first - other_order).abs().max() > 1e-3
    assert (first - other_type).abs().max() > 1e-3


def test_each_path_embedding_is_normalised_before_it_is_weighted() -> None:
    """After the (shared) affine part is taken off, every path has mean 0 and variance 1 over D."""
    module = path_encoder(5, 2).double()
    h = 100 * torch.randn(2, 4, 6, dtype=torch.float64)
    y = module(h, stops([[0, 1], [2, 3]], [[0, 4], [0, 5]], 2), torch.randn(2, 5, dtype=torch.float64), None)
    out = y.normalised()
    torch.testing.assert_close(out.mean(-1), torch.zeros(2, 2, dtype=torch.float64), rtol=0, atol=1e-9)
    torch.testing.assert_close(out.var(-1, correction=0), torch.ones(2, 2, dtype=torch.float64), rtol=0, atol=1e-2)
