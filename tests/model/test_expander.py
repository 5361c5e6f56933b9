import numpy as np
import reference
import torch
from builders import randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from pathlore.model.expander import Expander, standardise


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 3),
    st.integers(1, 5),
    st.integers(1, 6),
    st.sampled_from([None, 1, 4]),
    st.integers(1, 7),
    st.integers(0, 99),
)
def test_split_map_is_the_map_of_the_joined_vector(
    B: int, G: int, T: int, hidden: int | None, D: int, seed: int
) -> None:
    """With the expanded number, or (hidden None) with the number as it is."""
    module = randomise(Expander(T, hidden, D), seed)
    rng = np.random.default_rng(seed)
    x, text = rng.normal(size=(B, G)), rng.normal(size=(G, T))
    text[0] = 0.0  # a gene without text
    x[rng.random(x.shape) < 0.5] = 0.0  # genes that are not expressed
    slope, offset = rng.normal(size=(2, G))
    found = module(*map(torch.from_numpy, (x, text, slope, offset))).detach().numpy()
    expected = reference.expander(reference.weights(module), slope * x + offset, text)
    assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_the_text_half_has_no_bias_of_its_own() -> None:
    assert {name for name, _ in Expander(4, 3, 2).named_parameters()} == {
        "expand.0.weight",
        "expand.0.bias",
        "expand.2.weight",
        "expand.2.bias",
        "from_number.weight",
        "from_number.bias",
        "from_text.weight",
        "reduce.1.weight",
        "reduce.1.bias",
    }


def test_a_number_that_is_not_expanded_enters_by_one_linear_map() -> None:
    module = Expander(4, None, 2)
    assert module.from_number.weight.shape == (2, 1)
    assert not [name for name, _ in module.named_parameters() if name.startswith("expand")]


def test_each_gene_of_each_cell_is_embedded_alone() -> None:
    module = randomise(Expander(3, 2, 4), 0)
    x, text = torch.randn(2, 5, dtype=torch.float64), torch.randn(5, 3, dtype=torch.float64)
    scale = torch.ones(5, dtype=torch.float64), torch.zeros(5, dtype=torch.float64)
    before = module(x, text, *scale)
    x[1, 2] += 1.0
    changed = (module(x, text, *scale) - before).abs().sum(-1) > 1e-9
    assert changed.nonzero().tolist() == [[1, 2]]


def test_standardise() -> None:
    x, mean, sd = torch.tensor([[1.0, 5.0, 2.0]]), torch.tensor([3.0, 4.0, 9.0]), torch.tensor([2.0, 0.0, 7.0])
    assert standardise(x, mean, sd).tolist() == [[-1.0, 0.0, -1.0]]


def test_standardise_has_a_finite_gradient_where_a_gene_does_not_vary() -> None:
    for dtype in (torch.float32, torch.float64):
        x = torch.tensor([[1.0, 1e4]], dtype=dtype, requires_grad=True)
        mean, sd = torch.zeros(2, dtype=dtype), torch.tensor([0.5, 0.0], dtype=dtype)
        standardise(x, mean, sd).sum().backward()
        assert x.grad is not None
        assert x.grad.tolist() == [[2.0, 0.0]]
