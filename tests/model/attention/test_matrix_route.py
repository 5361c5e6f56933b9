"""Both forms of the torch route of gene attention: the bias as a matrix, and over the pairs alone."""

import math

import pytest
import torch
from torch.autograd import grad

from pathlore.model.attention import edge_pairs, matrix, stock

GENES, CELLS, HEADS, WIDTH = 60, 5, 2, 8


@pytest.fixture(params=[torch.float64, torch.float32], ids=str)
def case(request):
    """Graph, inputs that need gradients, and the gradient of the output."""
    random = torch.Generator().manual_seed(0)
    make = lambda *shape: torch.randn(*shape, generator=random, dtype=torch.float64).to(request.param)  # noqa: E731
    pattern = edge_pairs(torch.randint(0, GENES, (2, 3 * GENES), generator=random), GENES)
    inputs = make(CELLS, GENES, 3, HEADS, WIDTH), make(GENES, HEADS), make(len(pattern.rows), HEADS)
    return pattern, inputs, make(CELLS, GENES, HEADS, WIDTH)


def reference(pattern, qkv, spatial, bias):
    """The equation, in float64."""
    q, k, v = qkv.permute(2, 0, 3, 1, 4)
    s = q @ k.mT / math.sqrt(WIDTH) + torch.einsum("ih,jh->hij", spatial, spatial)
    s = s + s.new_zeros(GENES, GENES, HEADS).index_put((pattern.rows, pattern.columns), bias).permute(2, 0, 1)
    return (s.softmax(dim=-1) @ v).transpose(1, 2)


@pytest.mark.parametrize(("most", "blocks"), [(10**9, 1), (10**9, 3), (0, 1)], ids=["matrix", "in parts", "pairs"])
def test_output_and_gradients_are_those_of_the_equation(case, monkeypatch, most, blocks):
    pattern, (qkv, spatial, bias), grad_o = case
    monkeypatch.setattr(matrix, "MOST", most)
    monkeypatch.setattr("pathlore.model.blocks.ON_PROCESSOR", 4 * HEADS * GENES**2 * CELLS // blocks)
    assert matrix.suits(qkv) == bool(most)
    o, lse = stock.dense_forward(qkv, spatial, pattern, bias)
    found = stock.dense_backward(qkv, spatial, pattern, bias, o, lse, grad_o)
    leaves = [part.double().requires_grad_() for part in (qkv, spatial, bias)]
    wanted = reference(pattern, *leaves)
    near = {"rtol": 1e-9, "atol": 1e-10} if qkv.dtype == torch.float64 else {"rtol": 1e-4, "atol": 5e-5}
    torch.testing.assert_close(o.double(), wanted.detach(), **near)
    for own, true in zip(found, grad(wanted, leaves, grad_o.double()), strict=True):
        assert own.dtype == qkv.dtype
        torch.testing.assert_close(own.double(), true, **near)


def test_large_graphs_and_half_precision_have_no_matrix():
    assert not matrix.suits(torch.empty(1, 1000, 3, 2, 4))
    assert not matrix.suits(torch.empty(1, 10, 3, 2, 4, dtype=torch.bfloat16))
    assert matrix.suits(torch.empty(1, 300, 3, 2, 4))
