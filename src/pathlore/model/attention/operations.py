"""Attention as differentiable operations, each on the kernel that suits the machine and the size."""

from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from pathlore.model.attention import compiled, stock
from pathlore.model.attention.pattern import Pattern

Kernel = Literal["auto", "torch", "numba"]

Forth = Callable[[Tensor, Tensor, Pattern, Tensor], tuple[Tensor, Tensor]]
Back = Callable[[Tensor, Tensor, Pattern, Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor, Tensor]]

WORTH_COMPILING = 2_000_000
"""Products of one call (pairs over cells and heads, entries of sums) from which ``auto`` compiles."""


def gene_attention(
    qkv: Tensor, spatial: Tensor, pattern: Pattern, bias: Tensor, *, dense: bool, kernel: Kernel
) -> Tensor:
    r"""Self-attention over genes with the graph's bias.

    .. math:: o_i = \sum_j \mathrm{softmax}_j(q_i k_j / \sqrt d + u_i u_j + b_{ij})\, v_j

    Parameters
    ----------
    qkv
        (B, G, 3, H, d): query, key and value of each gene.
    spatial
        u, (G, H).
    pattern, bias
        N pairs and their b, (N, H). Every other pair has b = 0 if ``dense``; otherwise it does not count at all.
    kernel
        ``torch``: the library's, on any device. ``numba``: compiled at first use, on the processor alone. ``auto``:
        compiled where that is possible and pays.

    Returns
    -------
    (B, G, H, d).
    """
    cells, genes, _, heads, d = qkv.shape
    products = cells * heads * (genes * genes if dense else d * len(pattern.rows))  # gathered ones cost as much as sums
    kernels = compiled if _compile(kernel, qkv.device, products) else stock
    forth, back = (
        (kernels.dense_forward, kernels.dense_backward) if dense else (kernels.sparse_forward, kernels.sparse_backward)
    )
    return _GeneAttention.apply(qkv, spatial, bias, pattern, forth, back)


def shared_attention(q: Tensor, k: Tensor, v: Tensor, copies: Tensor | None, *, kernel: Kernel) -> Tensor:
    r"""Attention of every cell's queries to keys and values that all cells share.

    .. math:: o_m = \sum_j \mathrm{softmax}_j(q_m k_j / \sqrt d + \ln n_j)\, v_j

    Parameters
    ----------
    q
        (M, H, d), the queries of all cells.
    k, v
        (U, H, d).
    copies
        n, (U,): how many equal keys each stands for; None: one.
    kernel
        As for `gene_attention`.

    Returns
    -------
    (M, H, d).
    """
    bias = None if copies is None else copies.to(torch.promote_types(q.dtype, torch.float32)).log()  # (U,)
    if _compile(kernel, q.device, q.shape[0] * q.shape[1] * len(k)):
        return _SharedAttention.apply(q, k, v, bias)
    q, k, v = (part.transpose(0, 1).unsqueeze(0) for part in (q, k, v))  # (1, H, M or U, d)
    mask = None if bias is None else bias.to(q.dtype).expand(1, 1, 1, -1)
    return functional.scaled_dot_product_attention(q, k, v, attn_mask=mask).squeeze(0).transpose(0, 1)


def path_pooling(members: Tensor, scores: Tensor, index: Tensor, mask: Tensor, *, kernel: Kernel) -> Tensor:
    r"""Sum the stops of each path, with weights that the scores give, once per head.

    .. math:: o_{pr} = \sum_l \mathrm{softmax}_l(s_{i(p, l), r})\, m_{i(p, l)}

    Parameters
    ----------
    members, scores
        m, (B, S, n), and s, (B, S, R), of S stops.
    index, mask
        (P, L): the stop at each place of each path, and whether there is one; paths are filled from the left.
    kernel
        As for `gene_attention`.

    Returns
    -------
    (B, P, R, n).
    """
    if _compile(kernel, members.device, index.numel() * len(scores) * members.shape[2] * scores.shape[2]):
        return _PathPooling.apply(members, scores, index, mask.sum(dim=1))
    both = torch.cat([scores, members], dim=-1)  # (B, S, R + n): gathered together
    gathered = both.index_select(1, index.flatten()).unflatten(1, index.shape)  # (B, P, L, R + n)
    scores, members = gathered.tensor_split([scores.shape[-1]], dim=-1)
    weights = scores.masked_fill(~mask.unsqueeze(-1), -torch.inf).softmax(dim=2)  # (B, P, L, R)
    return torch.einsum("bplr,bpln->bprn", weights, members)


def _compile(kernel: Kernel, device: torch.device, products: int) -> bool:
    if kernel == "auto":
        return device.type == "cpu" and products >= WORTH_COMPILING
    return kernel == "numba" and device.type == "cpu"


class _GeneAttention(torch.autograd.Function):
    """`gene_attention` by one pair of functions of `stock` or `compiled`."""

    @staticmethod
    def forward(
        ctx: Any, qkv: Tensor, spatial: Tensor, bias: Tensor, pattern: Pattern, forth: Forth, back: Back
    ) -> Tensor:
        o, lse = forth(qkv, spatial, pattern, bias)
        ctx.save_for_backward(qkv, spatial, bias, o, lse)
        ctx.pattern, ctx.back = pattern, back
        return o

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_o: Tensor) -> tuple[Tensor | None, ...]:
        qkv, spatial, bias, o, lse = ctx.saved_tensors
        return (*ctx.back(qkv, spatial, ctx.pattern, bias, o, lse, grad_o.contiguous()), None, None, None)


class _SharedAttention(torch.autograd.Function):
    """`shared_attention` on the compiled kernel."""

    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None) -> Tensor:
        from pathlore.model.attention.kernels import shared

        wide = [compiled.ready(part) for part in (q, k, v)]
        wide.append(wide[0].new_zeros(len(k)) if bias is None else compiled.ready(bias))
        o, lse = shared.forward(*wide)
        ctx.save_for_backward(*wide, o, lse)
        return o.to(q.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_o: Tensor) -> tuple[Tensor | None, ...]:
        from pathlore.model.attention.kernels import shared

        q, k, v, bias, o, lse = ctx.saved_tensors
        return (*shared.backward(q, k, v, bias, o, lse, compiled.ready(grad_o)), None)


class _PathPooling(torch.autograd.Function):
    """`path_pooling` on the compiled kernel, which makes nothing of size (B, P, L)."""

    @staticmethod
    def forward(ctx: Any, members: Tensor, scores: Tensor, index: Tensor, lengths: Tensor) -> Tensor:
        from pathlore.model.attention.kernels import pooling

        m, s = compiled.ready(members), compiled.ready(scores)
        ctx.save_for_backward(m, s, index, lengths)
        return pooling.forward(m, s, index, lengths).to(members.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_o: Tensor) -> tuple[Tensor | None, ...]:
        from pathlore.model.attention.kernels import pooling

        m, s, index, lengths = ctx.saved_tensors
        return (*pooling.backward(m, s, index, lengths, compiled.ready(grad_o)), None, None)
