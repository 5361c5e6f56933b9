"""Gene attention on kernels compiled for this processor at first use; the same functions as in `stock`.

Half precision is computed in float32. The kernels are imported when they are called, since they bring numba.
"""

from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from pathlore.model.attention.pattern import Pattern


def dense_forward(qkv: Tensor, spatial: Tensor, pattern: Pattern, bias: Tensor) -> tuple[Tensor, Tensor]:
    """Attend to all genes, with a bias on the pattern's pairs -> o, lse."""
    return _forward("dense", qkv, spatial, pattern, bias)


def sparse_forward(qkv: Tensor, spatial: Tensor, pattern: Pattern, bias: Tensor) -> tuple[Tensor, Tensor]:
    """Attend to the pattern's pairs alone -> o, lse."""
    return _forward("sparse", qkv, spatial, pattern, bias)


def dense_backward(
    qkv: Tensor, spatial: Tensor, pattern: Pattern, bias: Tensor, o: Tensor, lse: Tensor, grad_o: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of `dense_forward` with respect to qkv, spatial and bias."""
    return kernel("dense").backward(*_prepared(qkv, spatial, pattern, bias), ready(o), lse, ready(grad_o))


def sparse_backward(
    qkv: Tensor, spatial: Tensor, pattern: Pattern, bias: Tensor, o: Tensor, lse: Tensor, grad_o: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of `sparse_forward` with respect to qkv, spatial and bias."""
    return kernel("sparse").backward(*_prepared(qkv, spatial, pattern, bias), ready(o), lse, ready(grad_o))


def kernel(name: str) -> Any:
    """The module of one kernel, with ``forward`` and ``backward``."""
    return import_module(f"pathlore.model.attention.kernels.{name}")


def ready(values: Tensor) -> Tensor:
    """In float32, or float64 where it is, without gaps."""
    return values.to(torch.promote_types(values.dtype, torch.float32)).contiguous()


def _forward(name: str, qkv: Tensor, spatial: Tensor, pattern: Pattern, bias: Tensor) -> tuple[Tensor, Tensor]:
    o, lse = kernel(name).forward(*_prepared(qkv, spatial, pattern, bias))
    return o.to(qkv.dtype), lse


def _prepared(qkv: Tensor, spatial: Tensor, pattern: Pattern, bias: Tensor) -> tuple[Tensor, ...]:
    wide = ready(qkv)
    return wide, spatial.to(wide.dtype).contiguous(), pattern.starts, pattern.columns, bias.to(wide.dtype).contiguous()
