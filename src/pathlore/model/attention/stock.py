r"""Gene attention on the library's own operations: every device, no compiler.

Where (H, G, G) is small and the device is the processor, the bias is written out as a matrix (`matrix`). Else there is
no (G, G) object:

Attention over all genes with a bias on few pairs is computed from attention without any bias. With :math:`o^0, \ell^0`
(output and log-sum-exp of a row) from the fused kernel and, for each pair with a bias b,
:math:`x_{ij} = e^{s_{ij} - \ell^0_i} (e^{b_{ij}} - 1)`:

.. math::
    c_i = 1 + \sum_j x_{ij},\qquad o_i = \Big(o^0_i + \sum_j x_{ij} v_j\Big) / c_i,\qquad \ell_i = \ell^0_i + \ln c_i

Backward, the fused kernel's own backward, given the true :math:`o` and :math:`\ell`, works with
:math:`p'_{ij} = e^{s_{ij} - \ell_i}`, which is right for all pairs but these; each of them adds
:math:`(e^b - 1)\, p'` times the same terms, and :math:`\partial b = e^b p' (do_i \cdot v_j - do_i \cdot o_i)`.

The spatial term :math:`u_i u_j` is one more channel of q and k. In float32 the relative error is the kernel's times
about :math:`e^{|b|}`.

Shapes of all functions: qkv (B, G, 3, H, d), spatial (G, H), bias (N, H), o (B, G, H, d), lse (B, H, G).
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

from pathlore.model.attention import fused, matrix
from pathlore.model.attention.pairs import Pairs
from pathlore.model.attention.pattern import Pattern


def dense_forward(qkv: Tensor, spatial: Tensor, pattern: Pattern, bias: Tensor) -> tuple[Tensor, Tensor]:
    """Attend to all genes, with a bias on the pattern's pairs -> o, lse."""
    if matrix.suits(qkv):
        return matrix.forward(qkv, spatial, pattern, bias)
    d = qkv.shape[-1]
    o, lse = fused.forward(*_widened(qkv, spatial), scale=1 / math.sqrt(d))
    o, lse = o[..., :d].transpose(1, 2).contiguous(), lse.clone()
    for pairs in Pairs.blocks(qkv, spatial, pattern):
        x = (pairs.scores - pairs.at_rows(lse.transpose(1, 2))).exp() * pairs.repeat(bias.expm1())  # (c N, H)
        c = 1 + pairs.sum_rows(x)  # (c, G, H)
        mixed = o[pairs.cells] + pairs.sum_rows(x.unsqueeze(-1) * pairs.v)
        o[pairs.cells] = (mixed / c.unsqueeze(-1)).to(o.dtype)
        lse[pairs.cells] += c.log().transpose(1, 2)
    return o, lse


def dense_backward(
    qkv: Tensor, spatial: Tensor, pattern: Pattern, bias: Tensor, o: Tensor, lse: Tensor, grad_o: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of `dense_forward` with respect to qkv, spatial and bias."""
    if matrix.suits(qkv):
        return matrix.backward(qkv, spatial, pattern, bias, o, lse, grad_o)
    d = qkv.shape[-1]
    q, k, v = _widened(qkv, spatial)
    more = q.shape[-1] - d
    wide_o, wide_grad = (functional.pad(part, (0, more)).transpose(1, 2) for part in (o, grad_o))
    dq, dk, dv = fused.backward(wide_grad, q, k, v, wide_o, lse, scale=1 / math.sqrt(d))
    grad_qkv = torch.stack([part[..., :d].transpose(1, 2) for part in (dq, dk, dv)], dim=2)
    grad_spatial = (math.sqrt(d) * dq[..., d] + dk[..., d]).sum(dim=0).T.to(spatial.dtype).contiguous()  # (G, H)
    grad_bias = torch.zeros_like(bias)
    for pairs in Pairs.blocks(qkv, spatial, pattern):
        p, ds, grad = pairs.probabilities(pairs.scores, lse, o, grad_o)
        grad_bias += pairs.sum_cells(ds) * bias.exp()
        factor = pairs.repeat(bias.expm1())
        pairs.add_gradients(factor * p, factor * ds, grad, grad_qkv, grad_spatial)
    return grad_qkv, grad_spatial, grad_bias


def sparse_forward(qkv: Tensor, spatial: Tensor, pattern: Pattern, bias: Tensor) -> tuple[Tensor, Tensor]:
    """Attend to the pattern's pairs alone -> o, lse."""
    o, lse = torch.empty_like(qkv[:, :, 0]), spatial.new_empty(len(qkv), *spatial.T.shape)
    for pairs in Pairs.blocks(qkv, spatial, pattern):
        scores = pairs.scores + pairs.repeat(bias)
        shape = (pairs.n_cells * pairs.n_genes, scores.shape[1])
        at = pairs.rows.unsqueeze(1).expand_as(scores)
        top = scores.new_empty(shape).scatter_reduce_(0, at, scores, "amax", include_self=False)  # (c G, H)
        x = (scores - top[pairs.rows]).exp()
        total = pairs.sum_rows(x)  # (c, G, H)
        o[pairs.cells] = (pairs.sum_rows(x.unsqueeze(-1) * pairs.v) / total.unsqueeze(-1)).to(o.dtype)
        lse[pairs.cells] = (top.view_as(total) + total.log()).transpose(1, 2)
    return o, lse


def sparse_backward(
    qkv: Tensor, spatial: Tensor, pattern: Pattern, bias: Tensor, o: Tensor, lse: Tensor, grad_o: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of `sparse_forward` with respect to qkv, spatial and bias."""
    grad_qkv, grad_spatial, grad_bias = torch.zeros_like(qkv), torch.zeros_like(spatial), torch.zeros_like(bias)
    for pairs in Pairs.blocks(qkv, spatial, pattern):
        p, ds, grad = pairs.probabilities(pairs.scores + pairs.repeat(bias), lse, o, grad_o)
        grad_bias += pairs.sum_cells(ds)
        pairs.add_gradients(p, ds, grad, grad_qkv, grad_spatial)
    return grad_qkv, grad_spatial, grad_bias


def _widened(qkv: Tensor, spatial: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Append the spatial channel, and what the kernel wants of a width -> q, k, v, (B, H, G, d + 1 or more) each."""
    d = qkv.shape[-1]
    q, k, v = qkv.permute(2, 0, 3, 1, 4)  # (B, H, G, d)
    u = spatial.T.unsqueeze(-1).expand(*q.shape[:3], 1).to(q)
    more = -(d + 1) % 8 if q.is_cuda else 0  # its kernels take multiples of 8
    q, k = (functional.pad(torch.cat(parts, dim=-1), (0, more)) for parts in ((q, math.sqrt(d) * u), (k, u)))
    return q, k, functional.pad(v, (0, 1 + more))
