"""Gene attention on kernels compiled for this processor at first use; the same functions as in `stock`.

Half precision is computed in float32.
"""

import torch
from torch import Tensor

from pathlore.model.attention.pattern import Pattern

Prepared = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]


def dense_forward(qkv: Tensor, spatial: Tensor, pattern: Pattern, bias: Tensor) -> tuple[Tensor, Tensor]:
    """Attend to all genes, with a bias on the pattern's pairs -> o, lse."""
    from pathlore.model.attention.kernels import dense

    o, lse = dense.forward(*_prepared(qkv, spatial, pattern, bias))
    return o.to(qkv.dtype), lse


def dense_backward(
    qkv: Tensor, spatial: Tensor, pattern: Pattern, bias: Tensor, o: Tensor, lse: Tensor, grad_o: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of `dense_forward` with respect to qkv, spatial and bias."""
    from pathlore.model.attention.kernels import dense

    return dense.backward(*_prepared(qkv, spatial, pattern, bias), ready(o), lse, ready(grad_o))


def sparse_forward(qkv: Tensor, spatial: Tensor, pattern: Pattern, bias: Tensor) -> tuple[Tensor, Tensor]:
    """Attend to the pattern's pairs alone -> o, lse."""
    from pathlore.model.attention.kernels import sparse

    o, lse = sparse.forward(*_prepared(qkv, spatial, pattern, bias))
    return o.to(qkv.dtype), lse


def sparse_backward(
    qkv: Tensor, spatial: Tensor, pattern: Pattern, bias: Tensor, o: Tensor, lse: Tensor, grad_o: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of `sparse_forward` with respect to qkv, spatial and bias."""
    from pathlore.model.attention.kernels import sparse

    return sparse.backward(*_prepared(qkv, spatial, pattern, bias), ready(o), lse, ready(grad_o))


def ready(values: Tensor) -> Tensor:
    """In float32, or float64 where it is, without gaps."""
    return values.to(torch.promote_types(values.dtype, torch.float32)).contiguous()


def _prepared(qkv: Tensor, spatial: Tensor, pattern: Pattern, bias: Tensor) -> Prepared:
    wide = ready(qkv)
    return wide, spatial.to(wide.dtype).contiguous(), pattern.starts, pattern.columns, bias.to(wide.dtype).contiguous()
