"""Attention as differentiable operations, made of torch's own: every device, no compiler."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from pathlore.model.attention import stock
from pathlore.model.attention.pattern import Pattern


def gene_attention(qkv: Tensor, spatial: Tensor, pattern: Pattern, bias: Tensor, *, dense: bool) -> Tensor:
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

    Returns
    -------
    (B, G, H, d).
    """
    return _GeneAttention.apply(qkv, spatial, bias, pattern, dense)


def shared_attention(q: Tensor, k: Tensor, v: Tensor, copies: Tensor | None) -> Tensor:
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

    Returns
    -------
    (M, H, d).
    """
    q, k, v = (part.transpose(0, 1).unsqueeze(0) for part in (q, k, v))  # (1, H, M or U, d)
    mask = None if copies is None else copies.to(torch.promote_types(q.dtype, torch.float32)).log()  # (U,)
    mask = None if mask is None else mask.to(q.dtype).expand(1, 1, 1, -1)
    return functional.scaled_dot_product_attention(q, k, v, attn_mask=mask).squeeze(0).transpose(0, 1)


def path_pooling(members: Tensor, scores: Tensor, index: Tensor, mask: Tensor) -> Tensor:
    r"""Sum the stops of each path, with weights that the scores give, once per head.

    .. math:: o_{pr} = \sum_l \mathrm{softmax}_l(s_{i(p, l), r})\, m_{i(p, l)}

    Parameters
    ----------
    members, scores
        m, (B, S, n), and s, (B, S, R), of S stops.
    index, mask
        (P, L): the stop at each place of each path, and whether there is one; paths are filled from the left.

    Returns
    -------
    (B, P, R, n).
    """
    both = torch.cat([scores, members], dim=-1)  # (B, S, R + n): gathered together
    gathered = both.index_select(1, index.flatten()).unflatten(1, index.shape)  # (B, P, L, R + n)
    scores, members = gathered.tensor_split([scores.shape[-1]], dim=-1)
    weights = scores.masked_fill(~mask.unsqueeze(-1), -torch.inf).softmax(dim=2)  # (B, P, L, R)
    return torch.einsum("bplr,bpln->bprn", weights, members)


class _GeneAttention(torch.autograd.Function):
    """`gene_attention` by the functions of `stock`."""

    @staticmethod
    def forward(ctx: Any, qkv: Tensor, spatial: Tensor, bias: Tensor, pattern: Pattern, dense: bool) -> Tensor:  # noqa: FBT001
        o, lse = (stock.dense_forward if dense else stock.sparse_forward)(qkv, spatial, pattern, bias)
        ctx.save_for_backward(qkv, spatial, bias, o, lse)
        ctx.pattern, ctx.dense = pattern, dense
        return o

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_o: Tensor) -> tuple[Tensor | None, ...]:
        qkv, spatial, bias, o, lse = ctx.saved_tensors
        back = stock.dense_backward if ctx.dense else stock.sparse_backward
        return (*back(qkv, spatial, ctx.pattern, bias, o, lse, grad_o.contiguous()), None, None)
