"""Gene attention: every gene to every gene of its cell, with the graph's bias on the logits."""

from itertools import product
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from pathlore.model.attention.kernels.common import by_head, check, check_genes, flat, run


class Biases(NamedTuple):
    """The edge biases, sorted by the tile of scores in which they lie."""

    starts: np.ndarray  # (tiles + 1,): where each tile's entries begin
    spots: np.ndarray  # (N,): places within the tile
    order: np.ndarray  # (N,): the entry of the CSR pattern
    values: np.ndarray  # (H, N)


def forward(qkv: Tensor, spatial: Tensor, indptr: Tensor, columns: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    r"""Attend to all genes.

    .. math::
        s^h_{ij} = q_i \cdot k_j / \sqrt{d} + u^h_i u^h_j + \beta^h_{ij},\qquad
        \mathrm{lse}_i = \log \sum_j e^{s_{ij}},\qquad o_i = \sum_j e^{s_{ij} - \mathrm{lse}_i}\, v_j

    Parameters
    ----------
    qkv
        (B, G, 3, H, d): queries, keys and values.
    spatial
        (G, H): u.
    indptr, columns
        (G + 1,) and (N,), int64: CSR pattern of the pairs (i, j) that have a bias, without duplicates.
    bias
        (N, H): their biases.

    Returns
    -------
    o (B, G, H, d) and lse (B, H, G).
    """
    from pathlore.model.attention.kernels.tiled import tiled_forward

    biases = _checked(qkv, spatial, indptr, columns, bias)
    B, G, _, H, d = qkv.shape
    o, lse = qkv.new_empty(B, G, H, d), qkv.new_empty(B, H, G)
    x, out, lses, u = flat(qkv), flat(o), lse.detach().numpy(), by_head(spatial)

    def work(unit: tuple[int, ...]) -> None:
        b, h = unit
        at, step, o_at = (b * G * 3 * H + h) * d, 3 * H * d, (b * G * H + h) * d
        tiled_forward(
            x, at, step, x, at + H * d, x, at + 2 * H * d, step, d, u[h], u[h],
            biases.starts, biases.spots, biases.values[h], out, o_at, H * d, lses[b, h],
        )  # fmt: skip

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
    r"""Give the gradients of :func:`forward`, with :math:`p_{ij} = e^{s_{ij} - \mathrm{lse}_i}` computed anew.

    .. math:: \nabla s_{ij} = p_{ij} (\nabla o_i \cdot v_j - \nabla o_i \cdot o_i)

    Returns
    -------
    Gradients of qkv (B, G, 3, H, d), spatial (G, H), summed over cells and both roles, and bias (N, H), summed over
    cells.
    """
    from pathlore.model.attention.kernels.tiled import tiled_backward

    biases = _checked(qkv, spatial, indptr, columns, bias)
    B, G, _, H, d = qkv.shape
    check(qkv.dtype, {"o": (o, (B, G, H, d)), "lse": (lse, (B, H, G)), "grad_o": (grad_o, (B, G, H, d))})
    grad_qkv, lses, u = torch.empty_like(qkv), lse.detach().numpy(), by_head(spatial)
    x, out, grad_out, grad_x = flat(qkv), flat(o), flat(grad_o), flat(grad_qkv)
    grad_u, grad_values = np.zeros((B, H, G), x.dtype), np.zeros((B, H, len(columns)), x.dtype)

    def work(unit: tuple[int, ...]) -> None:
        b, h = unit
        at, step, o_at = (b * G * 3 * H + h) * d, 3 * H * d, (b * G * H + h) * d
        tiled_backward(
            x, at, step, x, at + H * d, x, at + 2 * H * d, step, d, u[h], u[h],
            biases.starts, biases.spots, biases.values[h], out, grad_out, o_at, H * d, lses[b, h],
            grad_x, grad_x, grad_x, grad_u[b, h], grad_u[b, h], grad_values[b, h],
        )  # fmt: skip

    run(work, product(range(B), range(H)))
    grad_bias = torch.empty_like(bias)
    grad_bias.numpy()[biases.order] = grad_values.sum(0).T
    return grad_qkv, torch.from_numpy(np.ascontiguousarray(grad_u.sum(0).T)), grad_bias


def _checked(qkv: Tensor, spatial: Tensor, indptr: Tensor, columns: Tensor, bias: Tensor) -> Biases:
    from pathlore.model.attention.kernels.tiled import KEYS, tile_width

    check_genes(qkv, spatial, indptr, columns, bias)
    G = qkv.shape[1]
    width = tile_width(qkv.element_size())
    query, key = np.repeat(np.arange(G), np.diff(indptr.numpy())), columns.numpy()
    across, down = -(-G // KEYS), -(-G // width)
    tile = query // width * across + key // KEYS
    order = np.argsort(tile, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(tile, minlength=across * down))])
    spots = (key % KEYS * width + query % width)[order]
    return Biases(starts, spots, order, np.ascontiguousarray(bias.detach().numpy()[order].T))
