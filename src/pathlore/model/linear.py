"""Linear maps, in float32 on a processor by oneDNN.

PyTorch multiplies float32 matrices on a processor by MKL. oneDNN, which it has beside it, was twice as fast on the AMD
processor where this was measured (200 against 95 GFLOP/s on one thread), and is as exact.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

WORTH_A_CALL = 2**20
"""Products from which the other library is called: below, the way there takes longer than the product."""

NARROW = 32
"""Below this width the gradient of the weights is left to MKL, which is faster there."""


class Linear(nn.Linear):
    """`torch.nn.Linear`, by whichever library is faster."""

    def forward(self, x: Tensor) -> Tensor:
        """Map; x (..., in) -> (..., out)."""
        return linear(x, self.weight, self.bias)


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Compute x weight^T + bias; x (..., in), weight (out, in), bias (out,) -> (..., out)."""
    if _suits(x, weight):
        return _Linear.apply(x, weight, bias)
    return functional.linear(x, weight, bias)


def _suits(x: Tensor, weight: Tensor) -> bool:
    return (
        x.device.type == "cpu"
        and x.dtype == weight.dtype == torch.float32
        and x.numel() * len(weight) >= WORTH_A_CALL
        and not torch.is_autocast_enabled("cpu")
        and torch.backends.mkldnn.is_available()
        and not torch.compiler.is_compiling()
    )


def _product(a: Tensor, b: Tensor, bias: Tensor | None = None) -> Tensor:
    """Compute a b^T + bias by oneDNN; a (m, k), b (n, k), of any strides."""
    return torch.ops.mkldnn._linear_pointwise(a, b, bias, "none", [], "")


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, weight)
        return _product(x.flatten(0, -2), weight, bias).unflatten(0, x.shape[:-1])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        x_rows, rows = x.flatten(0, -2), grad.flatten(0, -2)  # (n, in), (n, out)
        needs_x, needs_weight, needs_bias = ctx.needs_input_grad
        grad_x = _product(rows, weight.T).view(x.shape) if needs_x else None
        grad_weight = None
        if needs_weight:
            grad_weight = rows.T @ x_rows if min(weight.shape) < NARROW else _product(x_rows.T, rows.T).T
        return grad_x, grad_weight, rows.sum(dim=0) if needs_bias else None
