r"""Attention of one head: every query to every key, tile by tile.

Logits in powers of two, so that the exponential is one of 2: with :math:`c = \log_2 e`,

.. math:: s_{ji} = c\,(q_i \cdot k_j / \sqrt{d} + a_i b_j + \beta_{ij}),\qquad
          p_{ji} = 2^{s_{ji} - \ell_i},\qquad o_i = \sum_j p_{ji} v_j

a, b: one more channel (the spatial encoding, or how many keys one stands for). :math:`\beta`: of the few pairs that
have one, listed by tile: those of tile t are ``starts[t]`` to ``starts[t + 1]``, at places ``spots`` within it.

Rows of q, k, v, o may lie apart in memory: element c of row i of x is ``x[x_at + i * x_step + c]``.
"""

import math

import numpy as np

from pathlore.model.attention.kernels.compiling import compiled
from pathlore.model.attention.kernels.lanes import BYTES, VECTORS
from pathlore.model.attention.kernels.rows import copy_row, copy_rows, dot, transpose
from pathlore.model.attention.kernels.tile import (
    KEY_ROWS,
    exponentiate,
    gradients,
    keys_block,
    raise_maximum,
    rescale,
    scores_block,
    sums_block,
    sums_row,
)

KEYS = 64  # rows of a tile
LOG2E = math.log2(math.e)
LN2 = math.log(2.0)


def tile_width(itemsize: int) -> int:
    """Queries in a tile."""
    return VECTORS * BYTES // itemsize


@compiled
def aligned(n, like):  # type: ignore[no-untyped-def]
    """Make n zeros of the type of ``like`` that begin at a cache line."""
    memory = np.zeros(n + BYTES // like.itemsize, like.dtype)
    first = (-memory.ctypes.data % BYTES) // like.itemsize
    return memory[first : first + n]


@compiled
def add_products(out, a, b, width, d, columns, a_at, n):  # type: ignore[no-untyped-def]
    """Add to out (columns, width): a[a_at:] (n, d)^T b (n, width), the first ``columns`` of d."""
    blocks = columns // 4
    for r in range(blocks):
        sums_block(out, 4 * r * width, width, a, a_at + 4 * r, 1, d, b, 0, width, n)
    for r in range(4 * blocks, columns):
        sums_row(out, r * width, width, a, a_at + r, 1, d, b, 0, width, n)


@compiled
def load_keys(k, k_at, v, v_at, step, d, b, keys, values):  # type: ignore[no-untyped-def]
    """Copy the keys times log2(e), with b as their last channel, and the values."""
    wide, log2e = d + 1, k.dtype.type(LOG2E)
    copy_rows(k, k_at, step, b.size, d, log2e, keys, wide)
    copy_rows(v, v_at, step, b.size, d, k.dtype.type(1), values, d)
    for j in range(b.size):
        keys[j * wide + d] = b[j] * log2e


@compiled
def load_queries(x, x_at, step, n, d, factor, rows, columns):  # type: ignore[no-untyped-def]
    """Copy n <= WIDTH rows of x, times a factor, to rows (WIDTH, d padded to L) and columns (d padded to L, WIDTH)."""
    width = VECTORS * BYTES // x.itemsize
    full = rows.size // width
    if n < width:
        rows[:] = 0
    copy_rows(x, x_at, step, n, d, factor, rows, full)
    transpose(rows, width, full, full, columns, width)


@compiled
def tiled_forward(q, q_at, q_step, k, k_at, v, v_at, k_step, d, a, b, starts, spots, bias, o, o_at, o_step, lse):  # type: ignore[no-untyped-def]
    """Fill o and lse of one head; a, lse (queries,), b (keys,), bias (pairs,) in the order of ``spots``."""
    n, m = a.size, b.size
    width, lanes = VECTORS * BYTES // q.itemsize, BYTES // q.itemsize
    tiles, wide, full = -(-m // KEYS), d + 1, -(-d // lanes) * lanes
    log2e, ln2, unit = q.dtype.type(LOG2E), q.dtype.type(LN2), q.dtype.type(1 / math.sqrt(d))
    keys, values, scores = aligned(tiles * KEYS * wide, q), aligned(tiles * KEYS * d, q), aligned(KEYS * width, q)
    rows, out_rows = aligned(full * width, q), aligned(full * width, q)
    queries, out = aligned((full + 1) * width, q), aligned((full + 1) * width, q)
    old, maximum = aligned(width, q), aligned(width, q)
    total = out[d * width :]
    load_keys(k, k_at, v, v_at, k_step, d, b, keys, values)
    for block in range(-(-n // width)):
        first = block * width
        here = min(width, n - first)
        load_queries(q, q_at + first * q_step, q_step, here, d, unit, rows, queries)
        queries[d * width : wide * width] = 0
        queries[d * width : d * width + here] = a[first : first + here]
        out[:] = 0
        old[:] = -1e30
        maximum[:] = -1e30
        for t in range(tiles):
            j = t * KEYS
            height = min(KEYS, m - j)
            for r in range(0, height, 4):
                scores_block(scores, r * width, width, keys, (j + r) * wide, wide, 1, queries, 0, width, wide)
            if spots.size:
                for e in range(starts[block * tiles + t], starts[block * tiles + t + 1]):
                    scores[spots[e]] += bias[e] * log2e
            raise_maximum(scores, height, maximum)
            rescale(old, maximum, out, wide)
            exponentiate(scores, height, maximum, total)
            add_products(out, values, scores, width, d, d, j * d, height)
        transpose(out, full, width, width, out_rows, full)
        for i in range(here):
            copy_row(out_rows, i * full, 1 / total[i], o, o_at + (first + i) * o_step, d)
            lse[first + i] = (maximum[i] + math.log2(total[i])) * ln2


@compiled
def tiled_backward(  # type: ignore[no-untyped-def]
    q, q_at, q_step, k, k_at, v, v_at, k_step, d, a, b, starts, spots, bias, o, grad_o, o_at, o_step, lse,
    grad_q, grad_k, grad_v, grad_a, grad_b, grad_bias,
):  # fmt: skip
    r"""Fill grad_q, grad_k, grad_v and grad_bias; add to grad_a and grad_b, which may be one.

    .. math:: \delta_{ji} = p_{ji} (\nabla o_i \cdot v_j - \nabla o_i \cdot o_i),\quad
        \nabla q_i = \tfrac{1}{\sqrt d} \sum_j \delta_{ji} k_j,\quad
        \nabla k_j = \tfrac{1}{\sqrt d} \sum_i \delta_{ji} q_i,\quad
        \nabla v_j = \sum_i p_{ji} \nabla o_i,\quad
        \nabla a_i = \sum_j \delta_{ji} b_j,\quad \nabla b_j = \sum_i \delta_{ji} a_i,\quad
        \nabla \beta_{ij} = \delta_{ji}

    Rows of grad_q, grad_k and grad_v lie as those of q, k and v; a, grad_a, lse (queries,), b, grad_b (keys,).
    """
    n, m = a.size, b.size
    width, lanes = VECTORS * BYTES // q.itemsize, BYTES // q.itemsize
    tiles, wide, full = -(-m // KEYS), d + 1, -(-d // lanes) * lanes
    padded = tiles * KEYS
    one, log2e, ln2, unit = q.dtype.type(1), q.dtype.type(LOG2E), q.dtype.type(LN2), q.dtype.type(1 / math.sqrt(d))
    keys, values = aligned(padded * wide, q), aligned(padded * d, q)
    key_slopes, value_slopes, channel_slopes = aligned(padded * full, q), aligned(padded * full, q), aligned(padded, q)
    query_rows, queries = aligned(width * full, q), aligned((full + 1) * width, q)
    query_slopes = aligned((full + 1) * width, q)
    slope_rows, slopes, out_rows = aligned(width * full, q), aligned(full * width, q), aligned(width * full, q)
    scores, deltas = aligned(KEYS * width, q), aligned(KEYS * width, q)
    lses, drop = aligned(width, q), aligned(width, q)
    channel = queries[d * width :]
    load_keys(k, k_at, v, v_at, k_step, d, b, keys, values)
    for block in range(-(-n // width)):
        first = block * width
        here = min(width, n - first)
        o_here = o_at + first * o_step
        load_queries(q, q_at + first * q_step, q_step, here, d, unit, query_rows, queries)
        load_queries(grad_o, o_here, o_step, here, d, one, slope_rows, slopes)
        channel[here:width] = 0
        channel[:here] = a[first : first + here]
        lses[:here] = lse[first : first + here]
        lses *= log2e
        drop[here:] = 0
        for i in range(here):
            drop[i] = dot(o, o_here + i * o_step, slope_rows, i * full, d)
        query_slopes[:] = 0
        for t in range(tiles):
            j = t * KEYS
            height = min(KEYS, m - j)
            for r in range(0, height, 4):
                scores_block(scores, r * width, width, keys, (j + r) * wide, wide, 1, queries, 0, width, wide)
                scores_block(deltas, r * width, width, values, (j + r) * d, d, 1, slopes, 0, width, d)
            some, end = 0, 0
            if spots.size:
                some, end = starts[block * tiles + t], starts[block * tiles + t + 1]
            for e in range(some, end):
                scores[spots[e]] += bias[e] * log2e
            gradients(scores, deltas, height, lses, drop, channel, channel_slopes, j)
            for e in range(some, end):
                grad_bias[e] = deltas[spots[e]]
            for r in range(0, height, KEY_ROWS):
                for c in range(0, full, lanes):
                    at = (j + r) * full + c
                    keys_block(value_slopes, at, full, scores, r * width, width, 1, slope_rows, c, full, width)
                    keys_block(key_slopes, at, full, deltas, r * width, width, 1, query_rows, c, full, width)
            add_products(query_slopes, keys, deltas, width, wide, wide, j * wide, height)
        for i in range(here):
            grad_a[first + i] += query_slopes[d * width + i] * ln2
        transpose(query_slopes, full, width, width, out_rows, full)
        for i in range(here):
            copy_row(out_rows, i * full, unit * ln2, grad_q, q_at + (first + i) * q_step, d)
    for j in range(m):
        grad_b[j] += channel_slopes[j]
        copy_row(key_slopes, j * full, one, grad_k, k_at + j * k_step, d)
        copy_row(value_slopes, j * full, one, grad_v, v_at + j * k_step, d)
