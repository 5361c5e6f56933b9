r"""What the read-outs need of the normalised paths of all layers, without keeping them.

A path's vector after layer k is :math:`\mathrm{LN}_k(y^k_p)`, (B, P, D) for each of K layers. The read-outs use a
maximum over layers and a projection, or a weighted sum over paths: both are computed for a few cells at a time. Of all
layers only y is kept, with the mean and deviation of its rows or what gives them again, and the one maximum.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from pathlore.model.blocks import blocks_of_cells

EPS = 1e-5
"""Of every layer norm, as in `torch.nn.LayerNorm`."""


class ProjectedMaximum(torch.autograd.Function):
    r"""Maximum over layers, then a projection.

    .. math:: r_p = V \max_k \mathrm{LN}_k(y^k_p)

    Inputs: V (c, D), then for each layer y (B, P, D) and its norm's weight and bias (D,). Result: (B, P, c). Of equal
    values the first layer's takes the gradient. Kept beside y: the maximum, and in a byte each, whose it is.
    """

    @staticmethod
    def forward(ctx: Any, projection: Tensor, *layers: Tensor) -> Tensor:
        """Project the maximum."""
        y = layers[0]
        best, which = torch.empty_like(_single(y)), torch.zeros_like(y, dtype=torch.uint8)
        moments = best.new_empty(len(layers) // 3, 2, *y.shape[:2], 1)  # mean and 1 / sd of each row
        for cells in blocks_of_cells(y, y[0].numel()):
            for k, layer in enumerate(_by_layer(layers)):
                values, moments[k, 0, cells], moments[k, 1, cells] = _normalised(layer[0][cells], *layer[1:])
                if k == 0:
                    best[cells] = values
                    continue
                which[cells].masked_fill_(values > best[cells], k)
                torch.maximum(best[cells], values, out=best[cells])
        ctx.save_for_backward(projection, best, which, moments, *layers)
        with torch.autocast(y.device.type, enabled=False):
            return best @ _single(projection).T

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, ...]:
        """Gradients of every input."""
        projection, best, which, moments, *layers = ctx.saved_tensors
        slopes = _Slopes(layers)
        for cells in blocks_of_cells(best, best[0].numel()):
            wanted = grad[cells] @ _single(projection)  # (c, P, D)
            for k, (mean, rstd) in enumerate(moments):
                slope = wanted * (which[cells] == k) if len(moments) > 1 else wanted
                slopes.add(k, cells, slope, mean[cells], rstd[cells])
        return grad.flatten(0, 1).T @ best.flatten(0, 1), *slopes.all


class WeightedMean(torch.autograd.Function):
    r"""Mean over paths, each with its weight, of one layer.

    .. math:: g = \frac{1}{P} \sum_p I_p\, \mathrm{LN}(y_p)

    Inputs: I (P,), y (B, P, D), the norm's weight and bias (D,). Result: (B, D).
    """

    @staticmethod
    def forward(ctx: Any, importance: Tensor, y: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """Average the paths."""
        ctx.save_for_backward(importance, y, weight, bias)
        with torch.autocast(y.device.type, enabled=False):
            shares = _single(importance) / len(importance)
            means = [shares @ _normalised(y[cells], weight, bias)[0] for cells in blocks_of_cells(y, y[0].numel())]
        return torch.cat(means)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, ...]:
        """Gradients of every input, from normalised values that are computed again."""
        importance, *layer = ctx.saved_tensors
        shares = _single(importance) / len(importance)
        grad_shares, slopes = torch.zeros_like(shares), _Slopes(layer)
        for cells in blocks_of_cells(layer[0], layer[0][0].numel()):
            values, mean, rstd = _normalised(layer[0][cells], *layer[1:])
            grad_shares += torch.einsum("bpd,bd->p", values, grad[cells])
            slopes.add(0, cells, shares.unsqueeze(1) * grad[cells].unsqueeze(1), mean, rstd)
        return grad_shares / len(importance), *slopes.all


class _Slopes:
    """Gradients of the layers: y, weight and bias of each in turn."""

    def __init__(self, layers: list[Tensor]) -> None:
        self.layers = layers
        self.all = [torch.zeros_like(_single(part)) for part in layers]

    def add(self, k: int, cells: slice, wanted: Tensor, mean: Tensor, rstd: Tensor) -> None:
        """Add the gradient of layer k's normalised values, (c, P, D), for some cells."""
        y, weight, bias = map(_single, self.layers[3 * k : 3 * k + 3])
        width = [y.shape[-1]]
        grad_y, grad_weight, grad_bias = torch.ops.aten.native_layer_norm_backward(
            wanted.contiguous(), y[cells], width, mean, rstd, weight, bias, [True, True, True]
        )
        self.all[3 * k][cells] = grad_y
        self.all[3 * k + 1] += grad_weight
        self.all[3 * k + 2] += grad_bias


def _normalised(y: Tensor, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Layer norm -> values, mean and 1 / sd of each row."""
    return torch.native_layer_norm(_single(y), [y.shape[-1]], _single(weight), _single(bias), EPS)


def _by_layer(layers: tuple[Tensor, ...] | list[Tensor]) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    return zip(layers[::3], layers[1::3], layers[2::3], strict=True)


def _single(values: Tensor) -> Tensor:
    return values.to(torch.promote_types(values.dtype, torch.float32))
