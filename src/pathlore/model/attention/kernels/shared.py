"""Cross-attention to keys and values that all cells share."""

from itertools import product

import numpy as np
import torch
from torch import Tensor

from pathlore.model.attention.kernels.common import check, flat, run

FORWARD_QUERIES = 1024  # of a unit of work; each copies the keys of its head
BACKWARD_UNITS = 32  # at least; each has its own sums over queries for the keys of its head


def forward(q: Tensor, k: Tensor, v: Tensor, key_bias: Tensor) -> tuple[Tensor, Tensor]:
    r"""Attend from M queries to U keys.

    .. math::
        s^h_{mu} = q_m \cdot k_u / \sqrt{d} + c_u,\qquad
        \mathrm{lse}_m = \log \sum_u e^{s_{mu}},\qquad o_m = \sum_u e^{s_{mu} - \mathrm{lse}_m}\, v_u

    Parameters
    ----------
    q
        (M, H, d).
    k, v
        (U, H, d).
    key_bias
        (U,): c, the log of how many equal keys an entry stands for.

    Returns
    -------
    o (M, H, d) and lse (H, M).
    """
    from pathlore.model.attention.kernels.tiled import tiled_forward

    _check(q, k, v, key_bias)
    M, H, d = q.shape
    o, lse = torch.empty_like(q), q.new_empty(H, M)
    queries, keys, values, c, out, lses = flat(q), flat(k), flat(v), flat(key_bias), flat(o), lse.detach().numpy()
    ones, no_tiles, no_spots, no_bias = _constants(M, queries)

    def work(unit: tuple[int, ...]) -> None:
        h, first = unit
        part = slice(first, first + FORWARD_QUERIES)
        at, step = (first * H + h) * d, H * d
        tiled_forward(
            queries, at, step, keys, h * d, values, h * d, step, d, ones[part], c,
            no_tiles, no_spots, no_bias, out, at, step, lses[h, part],
        )  # fmt: skip

    run(work, product(range(H), range(0, M, FORWARD_QUERIES)))
    return o, lse


def backward(
    q: Tensor, k: Tensor, v: Tensor, key_bias: Tensor, o: Tensor, lse: Tensor, grad_o: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Give the gradients of :func:`forward`: q (M, H, d), k and v (U, H, d)."""
    from pathlore.model.attention.kernels.tiled import tile_width, tiled_backward

    _check(q, k, v, key_bias)
    (M, H, d), U = q.shape, len(k)
    check(q.dtype, {"o": (o, (M, H, d)), "lse": (lse, (H, M)), "grad_o": (grad_o, (M, H, d))})
    queries, keys, values, c, lses = flat(q), flat(k), flat(v), flat(key_bias), lse.detach().numpy()
    out, grad_out = flat(o), flat(grad_o)
    ones, no_tiles, no_spots, no_bias = _constants(M, queries)
    width = tile_width(q.element_size())
    size = max(1, -(-M // (width * -(-BACKWARD_UNITS // H)))) * width  # queries of a unit: whole tiles
    parts = max(1, -(-M // size))
    grad_q = torch.empty_like(q)
    grad_queries = flat(grad_q)
    grad_keys, grad_values = (np.empty((parts, keys.size), keys.dtype) for _ in range(2))

    def work(unit: tuple[int, ...]) -> None:
        h, part = unit
        first = part * size
        rows = slice(first, first + size)
        at, step = (first * H + h) * d, H * d
        tiled_backward(
            queries, at, step, keys, h * d, values, h * d, step, d, ones[rows], c,
            no_tiles, no_spots, no_bias, out, grad_out, at, step, lses[h, rows],
            grad_queries, grad_keys[part], grad_values[part], np.zeros_like(ones[rows]), np.zeros_like(c), no_bias,
        )  # fmt: skip

    run(work, product(range(H), range(parts)))
    grad_k, grad_v = (torch.from_numpy(x.sum(0).reshape(U, H, d)) for x in (grad_keys, grad_values))
    return grad_q, grad_k, grad_v


def _check(q: Tensor, k: Tensor, v: Tensor, key_bias: Tensor) -> None:
    if q.dim() != 3 or k.dim() != 3:
        raise ValueError(f"q and k have shapes {tuple(q.shape)} and {tuple(k.shape)}, expected (M, H, d), (U, H, d).")
    U, shape = len(k), tuple(q.shape)
    if not U:
        raise ValueError("There is no key to attend to.")
    tensors = {"q": (q, shape), "k": (k, (U, *shape[1:])), "v": (v, (U, *shape[1:])), "key_bias": (key_bias, (U,))}
    check(q.dtype, tensors)


def _constants(M: int, like: np.ndarray) -> tuple[np.ndarray, ...]:
    """Make the queries' side of the channel that adds the key bias (ones), and no edge biases."""
    return np.ones(M, like.dtype), np.zeros(1, np.int64), np.zeros(0, np.int64), np.zeros(0, like.dtype)
