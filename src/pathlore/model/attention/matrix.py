r"""Gene attention with the bias as a matrix, for graphs of some hundred genes on the processor.

There the sums over pairs that `stock` does without the matrix cost several times what the attention costs. Forward is
the library's fused kernel with the matrix as its mask; backward, which has to know the gradient of each of its entries,
is written out for a few cells at a time. Shapes are those of `stock`.
"""

import math

import torch
from torch import Tensor

from pathlore.model.attention.pattern import Pattern
from pathlore.model.blocks import blocks_of_cells

MOST = 2**20
"""Entries of the matrix, (H, G, G), up to which it is made: from there on the caches no longer hold it."""


def suits(qkv: Tensor) -> bool:
    """Whether the matrix is made."""
    return qkv.device.type == "cpu" and qkv.dtype in (torch.float32, torch.float64) and _entries(qkv) <= MOST


def forward(qkv: Tensor, spatial: Tensor, pattern: Pattern, bias: Tensor) -> tuple[Tensor, Tensor]:
    """Attend to all genes, with a bias on the pattern's pairs -> o, lse."""
    q, k, v = qkv.permute(2, 0, 3, 1, 4)  # (B, H, G, d)
    mask, scale = _matrix(spatial, pattern, bias).to(qkv.dtype).unsqueeze(0), 1 / math.sqrt(q.shape[-1])
    o, lse = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(q, k, v, attn_mask=mask, scale=scale)
    return o.transpose(1, 2).contiguous(), lse


def backward(
    qkv: Tensor, spatial: Tensor, pattern: Pattern, bias: Tensor, o: Tensor, lse: Tensor, grad_o: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of `forward` with respect to qkv, spatial and bias."""
    scale, matrix = 1 / math.sqrt(qkv.shape[-1]), _matrix(spatial, pattern, bias)
    grad_qkv, grad_matrix = torch.empty_like(qkv), torch.zeros_like(matrix)
    for cells in blocks_of_cells(qkv, 4 * _entries(qkv)):
        q, k, v = qkv[cells].permute(2, 0, 3, 1, 4)
        grad, across = grad_o[cells].transpose(1, 2), (grad_o[cells] * o[cells]).sum(dim=-1).transpose(1, 2)
        q = scale * q
        p = (q @ k.mT).add_(matrix).sub_(lse[cells].unsqueeze(-1)).exp_()  # (c, H, G, G)
        ds = (grad @ v.mT).sub_(across.unsqueeze(-1)).mul_(p)
        parts = scale * (ds @ k), ds.mT @ q, p.mT @ grad
        for place, part in enumerate(parts):
            grad_qkv[cells, :, place] = part.transpose(1, 2)
        grad_matrix += ds.sum(dim=0)
    both = grad_matrix + grad_matrix.mT
    grad_spatial = (both @ spatial.T.to(both).unsqueeze(-1)).squeeze(-1).T
    grad_bias = grad_matrix[:, pattern.rows, pattern.columns].T
    return grad_qkv, grad_spatial.to(spatial.dtype).contiguous(), grad_bias.to(bias.dtype).contiguous()


def _matrix(spatial: Tensor, pattern: Pattern, bias: Tensor) -> Tensor:
    """The bias of every pair, (H, G, G)."""
    u = spatial.T  # (H, G)
    matrix = u.unsqueeze(2) * u.unsqueeze(1)
    matrix[:, pattern.rows, pattern.columns] += bias.T.to(matrix.dtype)
    return matrix


def _entries(qkv: Tensor) -> int:
    return qkv.shape[3] * qkv.shape[1] ** 2
