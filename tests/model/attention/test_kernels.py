import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from pathlore.model.attention.kernels import dense, shared, sparse

SIZES = {
    "batch": st.integers(1, 3),
    "genes": st.integers(1, 70),
    "heads": st.integers(1, 3),
    "seed": st.integers(0, 99),
}
WIDTHS = st.sampled_from([1, 4, 6, 8, 16, 20, 32])
TYPES = st.sampled_from([torch.float32, torch.float64])
quick = settings(deadline=None, max_examples=40, derandomize=True)


def gene_case(batch, genes, heads, width, seed, *, entries, rows_filled=False, scale=1.0):
    """Random inputs of dense and sparse attention, in float64: qkv, spatial, indptr, columns, bias and grad_o."""
    random = torch.Generator().manual_seed(seed)
    chosen = torch.rand(genes, genes, generator=random) < entries
    chosen[0] = entries > 0  # a long row
    if rows_filled:
        chosen |= torch.eye(genes, dtype=torch.bool)
    pairs = chosen.nonzero()
    indptr = torch.cat([torch.zeros(1, dtype=torch.int64), chosen.sum(1).cumsum(0)])
    make = lambda *shape: torch.randn(*shape, generator=random, dtype=torch.float64)  # noqa: E731
    qkv, spatial, bias = make(batch, genes, 3, heads, width) * scale, make(genes, heads), make(len(pairs), heads)
    return (qkv, spatial, indptr, pairs[:, 1].contiguous(), bias), make(batch, genes, heads, width)


def gene_reference(qkv, spatial, indptr, columns, bias, *, everywhere):
    q, k, v = qkv.permute(2, 0, 3, 1, 4)  # (B, H, G, d)
    rows = torch.repeat_interleave(torch.arange(len(spatial)), indptr.diff())
    s = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + torch.einsum("ih,jh->hij", spatial, spatial)
    s = s + s.new_zeros(s.shape[1:]).permute(1, 2, 0).index_put((rows, columns), bias).permute(2, 0, 1)
    if not everywhere:
        listed = torch.zeros(s.shape[-2:], dtype=torch.bool).index_put((rows, columns), torch.tensor(data=True))
        s = s.masked_fill(~listed, float("-inf"))
    return (s.softmax(-1) @ v).transpose(1, 2), s.logsumexp(-1)


def shared_reference(q, k, v, key_bias):
    s = torch.einsum("mhd,uhd->hmu", q, k) / math.sqrt(q.shape[-1]) + key_bias
    return torch.einsum("hmu,uhd->mhd", s.softmax(-1), v), s.logsumexp(-1)


def shared_case(queries, keys, heads, width, seed, scale=1.0):
    random = torch.Generator().manual_seed(seed)
    make = lambda *shape: torch.randn(*shape, generator=random, dtype=torch.float64)  # noqa: E731
    q, k, v = make(queries, heads, width) * scale, make(keys, heads, width), make(keys, heads, width)
    counts = torch.randint(1, 5, (keys,), generator=random)
    return (q, k, v, counts.double().log()), make(queries, heads, width)


def assert_near(found: Tensor, wanted: Tensor, name: str, single: float):
    assert found.shape == wanted.shape, name
    assert found.isfinite().all(), name
    if not found.numel():
        return
    if found.dtype == torch.float64:
        torch.testing.assert_close(found, wanted, rtol=1e-9, atol=1e-10, msg=lambda text: f"{name}: {text}")
    else:
        largest = max(float(wanted.abs().max()), 1.0)  # a lone key has no gradient, only rounding
        assert float((found.double() - wanted).abs().max()) / largest < single, name


def check_against(kernel, reference, inputs, grad_o, dtype, learned, single=1e-5):
    """Compare output, log-sum-exp and the gradients of the inputs at the positions ``learned``."""
    cast = [x.to(dtype) if x.is_floating_point() else x for x in inputs]
    leaves = [x.double().requires_grad_(x.is_floating_point()) if x.is_floating_point() else x for x in cast]
    o, lse = reference(*leaves)
    grad_o = grad_o.to(dtype)
    wanted = torch.autograd.grad(o, [leaves[i] for i in learned], grad_o.double(), allow_unused=True)
    found_o, found_lse = kernel.forward(*cast)
    found = kernel.backward(*cast, found_o, found_lse, grad_o)
    assert_near(found_o, o.detach(), "o", single)
    assert_near(found_lse, lse.detach(), "lse", single)
    for position, gradient, true in zip(learned, found, wanted, strict=True):
        true = torch.zeros_like(leaves[position]) if true is None else true
        assert_near(gradient, true, f"gradient of input {position}", single)


def dense_reference(*inputs):
    return gene_reference(*inputs, everywhere=True)


def sparse_reference(*inputs):
    return gene_reference(*inputs, everywhere=False)


GENES = {"dense": (dense, dense_reference), "sparse": (sparse, sparse_reference)}
GENE_INPUTS = (0, 1, 4)


@pytest.mark.parametrize("name", GENES)
@given(**SIZES, width=WIDTHS, dtype=TYPES, entries=st.sampled_from([0.0, 0.1, 1.0]))
@quick
def test_gene_attention_and_its_gradients(name, batch, genes, heads, width, seed, dtype, entries):
    inputs, grad_o = gene_case(batch, genes, heads, width, seed, entries=entries, rows_filled=name == "sparse")
    check_against(*GENES[name], inputs, grad_o, dtype, GENE_INPUTS)


@given(st.integers(1, 150), st.integers(1, 150), SIZES["heads"], WIDTHS, SIZES["seed"], TYPES)
@quick
def test_shared_attention_and_its_gradients(queries, keys, heads, width, seed, dtype):
    inputs, grad_o = shared_case(queries, keys, heads, width, seed)
    check_against(shared, shared_reference, inputs, grad_o, dtype, (0, 1, 2))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", GENES)
def test_gene_attention_over_many_tiles(name, dtype):
    inputs, grad_o = gene_case(1, 700, 2, 16, 0, entries=0.02, rows_filled=name == "sparse")
    check_against(*GENES[name], inputs, grad_o, dtype, GENE_INPUTS)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_shared_attention_over_many_tiles(dtype):
    inputs, grad_o = shared_case(2500, 333, 2, 16, 0)
    check_against(shared, shared_reference, inputs, grad_o, dtype, (0, 1, 2))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", GENES)
def test_logits_of_hundreds(name, dtype):
    inputs, grad_o = gene_case(2, 130, 2, 16, 0, entries=0.1, rows_filled=name == "sparse", scale=10.0)
    qkv, spatial, indptr, columns, bias = inputs
    # float32 logits of several hundred are themselves only right to 1e-5
    check_against(*GENES[name], (qkv, spatial, indptr, columns, bias * 200), grad_o, dtype, GENE_INPUTS, single=1e-3)


def test_shared_logits_of_hundreds():
    inputs, grad_o = shared_case(130, 150, 2, 16, 0, scale=200.0)
    for dtype in (torch.float32, torch.float64):
        check_against(shared, shared_reference, inputs, grad_o, dtype, (0, 1, 2), single=1e-3)


@pytest.fixture
def threads():
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


@pytest.mark.parametrize("name", [*GENES, "shared"])
def test_same_bits_for_any_number_of_threads(name, threads):
    kernel = shared if name == "shared" else GENES[name][0]
    inputs, grad_o = (
        shared_case(1500, 90, 2, 16, 0)
        if name == "shared"
        else gene_case(3, 90, 3, 16, 0, entries=0.1, rows_filled=True)
    )
    inputs = [x.float() if x.is_floating_point() else x for x in inputs]
    results = []
    for number in (1, 1, 2, 3):
        threads(number)
        o, lse = kernel.forward(*inputs)
        results.append((o, lse, *kernel.backward(*inputs, o, lse, grad_o.float())))
    for other in results[1:]:
        for one, two in zip(results[0], other, strict=True):
            assert torch.equal(one, two)


def test_not_a_number_is_not_hidden():
    for kernel in (dense, sparse):
        (qkv, *others), _ = gene_case(1, 70, 1, 8, 0, entries=0.1, rows_filled=True)
        qkv[0, 3, 0, 0, 0] = float("nan")
        o, _ = kernel.forward(qkv, *others)
        assert o[0, 3].isnan().all()
        assert o[0, 4].isfinite().all()


def test_wrong_tensors_are_refused():
    inputs, _ = gene_case(1, 9, 2, 4, 0, entries=0.5, rows_filled=True)
    qkv, spatial, indptr, columns, bias = inputs
    for kernel in (dense, sparse):
        with pytest.raises(TypeError, match=r"spatial has type torch.float32, expected torch.float64"):
            kernel.forward(qkv, spatial.float(), indptr, columns, bias)
        with pytest.raises(TypeError, match="float16"):
            kernel.forward(qkv.half(), spatial, indptr, columns, bias)
        with pytest.raises(ValueError, match="qkv must be a contiguous"):
            kernel.forward(qkv.transpose(1, 3).contiguous().transpose(1, 3), spatial, indptr, columns, bias)
        with pytest.raises(ValueError, match=r"bias has shape"):
            kernel.forward(qkv, spatial, indptr, columns, bias[1:])
        with pytest.raises(ValueError, match=r"columns must lie in 0\.\.8"):
            kernel.forward(qkv, spatial, indptr, columns + 1, bias)
        with pytest.raises(ValueError, match="indptr must rise"):
            kernel.forward(qkv, spatial, indptr.flip(0), columns, bias)
    empty, _ = gene_case(1, 9, 2, 4, 0, entries=0.0)
    with pytest.raises(ValueError, match="no entry in the pattern"):
        sparse.forward(*empty)
    with pytest.raises(ValueError, match="no key"):
        shared.forward(qkv[0, :, 0], qkv[0, :0, 1], qkv[0, :0, 2], spatial[:0, 0])


def test_compiling_needs_no_writable_folder(monkeypatch):
    numba = pytest.importorskip("numba")
    from pathlore.model.attention.kernels import compiling

    njit = numba.njit

    def nowhere(*, cache=False, **options):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return njit(**options)

    monkeypatch.setattr(numba, "njit", nowhere)
    assert compiling.compiled(lambda x: x + 1)(1) == 2
