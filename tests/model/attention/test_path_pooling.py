import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pathlore.model.attention.kernels import pooling

SIZES = {
    "cells": st.integers(1, 3),
    "stops": st.integers(1, 40),
    "paths": st.integers(1, 20),
    "longest": st.integers(1, 8),
    "heads": st.integers(1, 9),
    "width": st.integers(1, 20),
    "seed": st.integers(0, 99),
}
WIDE = {"cells": 2, "stops": 9, "paths": 7, "longest": 5, "heads": 37, "width": 50, "seed": 0}
TOLERANCE = {torch.float64: 1e-10, torch.float32: 1e-5}  # of the largest value
quick = settings(deadline=None, max_examples=60, derandomize=True)


def case(cells, stops, paths, longest, heads, width, seed, scale=1.0):
    """Random members, scores, index and lengths, and grad_o; in float64."""
    random = torch.Generator().manual_seed(seed)
    make = lambda *shape: torch.randn(*shape, generator=random, dtype=torch.float64)  # noqa: E731
    index = torch.randint(stops, (paths, longest), generator=random)
    lengths = torch.randint(1, longest + 1, (paths,), generator=random)
    inputs = make(cells, stops, width), make(cells, stops, heads) * scale, index, lengths
    return inputs, make(cells, paths, heads, width)


def cast(inputs, dtype):
    return [x.to(dtype) if x.is_floating_point() else x for x in inputs]


def reference(members, scores, index, lengths):
    """One path at a time."""
    sums = []
    for stops, length in zip(index, lengths, strict=True):
        here = stops[:length]
        weights = scores[:, here].softmax(1)  # (B, l, R)
        sums.append(torch.einsum("blr,bln->brn", weights, members[:, here]))
    return torch.stack(sums, 1)


def check_against_reference(inputs, grad_o, dtype, tolerance):
    members, scores, index, lengths = cast(inputs, dtype)
    grad_o = grad_o.to(dtype)
    leaves = [x.double().requires_grad_() for x in (members, scores)]
    o = reference(*leaves, index, lengths)
    wanted = o.detach(), *torch.autograd.grad(o, leaves, grad_o.double())
    found = (
        pooling.forward(members, scores, index, lengths),
        *pooling.backward(members, scores, index, lengths, grad_o),
    )
    for name, one, true in zip(("o", "grad_members", "grad_scores"), found, wanted, strict=True):
        assert one.dtype == dtype
        assert one.shape == true.shape, name
        assert one.isfinite().all(), name
        largest = max(float(true.abs().max()), 1.0)  # a lone stop's score has no gradient, only rounding
        assert float((one.double() - true).abs().max()) <= tolerance * largest, name


@given(**SIZES, dtype=st.sampled_from([torch.float32, torch.float64]))
@example(**WIDE, dtype=torch.float32)
@example(**WIDE, dtype=torch.float64)
@quick
def test_sums_and_their_gradients(dtype, **sizes):
    check_against_reference(*case(**sizes), dtype, TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_scores_of_hundreds(dtype):
    inputs, grad_o = case(2, 30, 50, 7, 8, 16, 0, scale=300.0)
    assert inputs[1].abs().max() > 700
    # where two large scores lie close, their difference is only right to 1e-5 in float32
    check_against_reference(inputs, grad_o, dtype, 10 * TOLERANCE[dtype])


def test_what_lies_beyond_the_end_of_a_path_does_not_matter():
    (members, scores, index, lengths), grad_o = case(2, 30, 50, 7, 8, 16, 0)
    other = index.where(torch.arange(7) < lengths.unsqueeze(1), 29)
    for one, two in zip(
        (pooling.forward(members, scores, index, lengths), *pooling.backward(members, scores, index, lengths, grad_o)),
        (pooling.forward(members, scores, other, lengths), *pooling.backward(members, scores, other, lengths, grad_o)),
        strict=True,
    ):
        assert torch.equal(one, two)


def test_not_a_number_stays_in_its_place():
    (members, scores, index, lengths), _ = case(2, 30, 50, 7, 5, 6, 0)
    lost = members.clone(), scores.clone()
    lost[0][0, 3, 2] = lost[1][1, 4, 1] = torch.nan
    o = pooling.forward(*lost, index, lengths)
    counts = torch.arange(7) < lengths.unsqueeze(1)
    wanted = torch.zeros_like(o, dtype=torch.bool)
    wanted[0, ((index == 3) & counts).any(1), :, 2] = True
    wanted[1, ((index == 4) & counts).any(1), 1] = True
    assert wanted.any()
    assert torch.equal(o.isnan(), wanted)
    assert torch.equal(o[~wanted], pooling.forward(members, scores, index, lengths)[~wanted])


@pytest.fixture
def threads():
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


@pytest.mark.parametrize(("heads", "width"), [(8, 16), (3, 5)])
def test_same_bits_for_any_number_of_threads(heads, width, threads):
    inputs, grad_o = case(5, 200, 400, 6, heads, width, 0)
    inputs, grad_o = cast(inputs, torch.float32), grad_o.float()
    results = []
    for number in (1, 2, 2):
        threads(number)
        results.append((pooling.forward(*inputs), *pooling.backward(*inputs, grad_o)))
    for other in results[1:]:
        for one, two in zip(results[0], other, strict=True):
            assert torch.equal(one, two)


def test_no_paths():
    (members, scores, index, lengths), grad_o = case(2, 3, 4, 5, 2, 6, 0)
    nothing = index[:0], lengths[:0]
    assert pooling.forward(members, scores, *nothing).shape == (2, 0, 2, 6)
    for gradient in pooling.backward(members, scores, *nothing, grad_o[:, :0].contiguous()):
        assert not gradient.any()


def test_wrong_tensors_are_refused():
    (members, scores, index, lengths), grad_o = case(2, 30, 5, 7, 4, 6, 0)
    for wrong, error, message in [
        (
            (members, scores.float(), index, lengths),
            TypeError,
            r"scores has type torch.float32, expected torch.float64",
        ),
        ((members.half(), scores.half(), index, lengths), TypeError, "float16"),
        ((members, scores, index.int(), lengths), TypeError, "index has type torch.int32, expected torch.int64"),
        ((members, scores, index, lengths.double()), TypeError, "lengths has type torch.float64, expected torch.int64"),
        ((members[0], scores, index, lengths), ValueError, r"members has shape \(30, 6\), expected \(B, S, n\)"),
        ((members, scores, index[0], lengths), ValueError, r"index has shape \(7,\), expected \(P, L\)"),
        ((members, scores[:, 1:].contiguous(), index, lengths), ValueError, r"scores has shape"),
        ((members, scores, index, lengths[1:]), ValueError, r"lengths has shape \(4,\), expected \(5,\)"),
        ((members.mT.contiguous().mT, scores, index, lengths), ValueError, "members must be a contiguous"),
        ((members, scores, index.T.contiguous().T, lengths), ValueError, "index must be a contiguous"),
        ((members, scores, index + 30, lengths), ValueError, r"index must lie in 0\.\.29"),
        ((members, scores, index - 30, lengths), ValueError, r"index must lie in 0\.\.29"),
        ((members, scores, index, lengths + 7), ValueError, r"lengths must lie in 1\.\.7"),
        ((members, scores, index, lengths * 0), ValueError, r"lengths must lie in 1\.\.7"),
    ]:
        with pytest.raises(error, match=message):
            pooling.forward(*wrong)
        with pytest.raises(error, match=message):
            pooling.backward(*wrong, grad_o)
    with pytest.raises(ValueError, match="grad_o has shape"):
        pooling.backward(members, scores, index, lengths, grad_o[:, 1:].contiguous())
    with pytest.raises(TypeError, match="grad_o has type"):
        pooling.backward(members, scores, index, lengths, grad_o.float())
