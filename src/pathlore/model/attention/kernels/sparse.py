"""Gene attention over the edges of the graph only."""

from itertools import product

import numpy as np
import torch
from torch import Tensor

from pathlore.model.attention.kernels.common import by_head, check, check_genes, flat, run


def forward(qkv: Tensor, spatial: Tensor, indptr: Tensor, columns: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    r"""Attend to the genes that the pattern lists, E(i) for gene i.

    .. math::
        s^h_{ij} = q_i \cdot k_j / \sqrt{d} + u^h_i u^h_j + \beta^h_{ij},\qquad
        \mathrm{lse}_i = \log \sum_{j \in E(i)} e^{s_{ij}},\qquad
        o_i = \sum_{j \in E(i)} e^{s_{ij} - \mathrm{lse}_i}\, v_j

    Parameters
    ----------
    qkv
        (B, G, 3, H, d): queries, keys and values.
    spatial
        (G, H): u.
    indptr, columns
        (G + 1,) and (N,), int64: CSR pattern by query, at least one entry in each row.
    bias
        (N, H).

    Returns
    -------
    o (B, G, H, d) and lse (B, H, G).
    """
    from pathlore.model.attention.kernels.gathered import gathered_forward

    _check(qkv, spatial, indptr, columns, bias)
    B, G, _, H, d = qkv.shape
    o, lse = qkv.new_empty(B, G, H, d), qkv.new_empty(B, H, G)
    x, out, lses, u, biases = flat(qkv), flat(o), lse.detach().numpy(), by_head(spatial), by_head(bias)
    pointers, keys = indptr.numpy(), columns.numpy()

    def work(unit: tuple[int, ...]) -> None:
        b, h = unit
        at, step, o_at = (b * G * 3 * H + h) * d, 3 * H * d, (b * G * H + h) * d
        gathered_forward(
            x, at, at + H * d, at + 2 * H * d, step, d, u[h], pointers, keys, biases[h], out, o_at, H * d, lses[b, h]
        )

    run(work, product(range(B), range(H)))
    return o, lse


def backward(
    qkv: Tensor,
    spatial: Tensor,
    indptr: Tensor,
    columns: Tensor,
    bias: Tensor,
    o: Tensor,
    lse: Tensor,
    grad_o: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """Give the gradients of :func:`forward`: qkv (B, G, 3, H, d), spatial (G, H) and bias (N, H)."""
    from pathlore.model.attention.kernels.gathered import gathered_backward

    _check(qkv, spatial, indptr, columns, bias)
    B, G, _, H, d = qkv.shape
    check(qkv.dtype, {"o": (o, (B, G, H, d)), "lse": (lse, (B, H, G)), "grad_o": (grad_o, (B, G, H, d))})
    x, out, grad_out, lses, u, biases = (
        flat(qkv),
        flat(o),
        flat(grad_o),
        lse.detach().numpy(),
        by_head(spatial),
        by_head(bias),
    )
    pointers, keys = indptr.numpy(), columns.numpy()
    grad_qkv = torch.empty_like(qkv)
    grad_x = flat(grad_qkv)
    grad_u, grad_biases = np.zeros((B, H, G), x.dtype), np.zeros((B, *biases.shape), x.dtype)

    def work(unit: tuple[int, ...]) -> None:
        b, h = unit
        at, step, o_at = (b * G * 3 * H + h) * d, 3 * H * d, (b * G * H + h) * d
        gathered_backward(
            x, at, at + H * d, at + 2 * H * d, step, d, u[h], pointers, keys, biases[h],
            out, grad_out, o_at, H * d, lses[b, h], grad_x, grad_u[b, h], grad_biases[b, h],
        )  # fmt: skip

    run(work, product(range(B), range(H)))
    grad_spatial, grad_bias = (torch.from_numpy(np.ascontiguousarray(x.sum(0).T)) for x in (grad_u, grad_biases))
    return grad_qkv, grad_spatial, grad_bias


def _check(qkv: Tensor, spatial: Tensor, indptr: Tensor, columns: Tensor, bias: Tensor) -> None:
    check_genes(qkv, spatial, indptr, columns, bias)
    if (np.diff(indptr.numpy()) == 0).any():
        raise ValueError("Some genes have no entry in the pattern: give each at least an edge to itself.")
