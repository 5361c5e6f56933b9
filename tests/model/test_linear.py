import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from pathlore.model import linear as module
from pathlore.model.linear import Linear, linear

BY_ONEDNN = pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="this build of torch has no oneDNN")


@BY_ONEDNN
@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(1, 9), min_size=0, max_size=2),
    st.integers(1, 40),
    st.sampled_from([1, 16, 31, 32, 40]),
    st.sampled_from([1, 8, 32, 48]),
    st.booleans(),
    st.booleans(),
    st.integers(0, 99),
)
def test_products_and_their_gradients(
    batch: list[int], rows: int, width: int, out: int, with_bias: bool, strided: bool, seed: int
) -> None:
    """As the library's own, in float64: narrow and wide, with any batch, with gaps in memory, with and without bias."""
    torch.manual_seed(seed)
    x = torch.randn(*batch, rows, 2 * width)[..., ::2] if strided else torch.randn(*batch, rows, width)
    inputs = [x, torch.randn(out, width), torch.randn(out) if with_bias else None]
    found_inputs = [None if t is None else t.detach().requires_grad_() for t in inputs]
    exact_inputs = [None if t is None else t.double().detach().requires_grad_() for t in inputs]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "WORTH_A_CALL", 1)
        found = linear(*found_inputs)
    assert "_Linear" in type(found.grad_fn).__name__
    exact = functional.linear(*exact_inputs)
    slope = torch.randn_like(found)
    found.backward(slope)
    exact.backward(slope.double())
    torch.testing.assert_close(found.double(), exact, rtol=1e-5, atol=1e-5)
    for mine, other in zip(found_inputs, exact_inputs, strict=True):
        if mine is not None and other is not None:
            torch.testing.assert_close(mine.grad.double(), other.grad, rtol=1e-5, atol=5e-5)


@BY_ONEDNN
def test_large_products_in_float32_take_that_way_and_no_others() -> None:
    layer = Linear(64, 64)
    rows = module.WORTH_A_CALL // 64 // 64
    ways = {
        "large": layer(torch.randn(rows, 64)),
        "small": layer(torch.randn(rows - 1, 64)),
        "double": layer.double()(torch.randn(rows, 64, dtype=torch.float64)),
    }
    with torch.autocast("cpu", dtype=torch.bfloat16):
        ways["half"] = layer.float()(torch.randn(rows, 64))
    assert [name for name, y in ways.items() if "_Linear" in type(y.grad_fn).__name__] == ["large"]


def test_its_parameters_are_those_of_the_library() -> None:
    torch.manual_seed(0)
    own = Linear(5, 3)
    torch.manual_seed(0)
    assert all(map(torch.equal, own.parameters(), torch.nn.Linear(5, 3).parameters()))
