r"""Attention of one head over a list of keys for each query.

Logits in powers of two, as in :mod:`pathlore.model.attention.kernels.tiled`; row i's keys are ``columns[indptr[i]]`` to
``columns[indptr[i + 1] - 1]``. Rows of q, k, v are copied side by side, padded to whole vectors.
"""

import math

from pathlore.model.attention.kernels.compiling import compiled
from pathlore.model.attention.kernels.lanes import BYTES
from pathlore.model.attention.kernels.rows import add_row, copy_row, copy_rows, dot, exponentiate_row, gather_sum
from pathlore.model.attention.kernels.tiled import LN2, LOG2E, aligned


@compiled
def longest_row(indptr):  # type: ignore[no-untyped-def]
    """Return the largest number of keys of a query."""
    longest = 0
    for i in range(indptr.size - 1):
        longest = max(longest, indptr[i + 1] - indptr[i])
    return longest


@compiled
def gathered_forward(x, q_at, k_at, v_at, step, d, u, indptr, columns, bias, o, o_at, o_step, lse):  # type: ignore[no-untyped-def]
    """Fill o and lse of one head; u, lse (G,), bias (N,)."""
    G = u.size
    lanes = BYTES // x.itemsize
    vectors = -(-d // lanes)
    full = vectors * lanes
    one, log2e, ln2 = x.dtype.type(1), x.dtype.type(LOG2E), x.dtype.type(LN2)
    queries, keys, values = aligned(G * full, x), aligned(G * full, x), aligned(G * full, x)
    copy_rows(x, q_at, step, G, d, x.dtype.type(LOG2E / math.sqrt(d)), queries, full)
    copy_rows(x, k_at, step, G, d, one, keys, full)
    copy_rows(x, v_at, step, G, d, one, values, full)
    scores, out = aligned(longest_row(indptr) + lanes, x), aligned(full, x)
    for i in range(G):
        first, n = indptr[i], indptr[i + 1] - indptr[i]
        channel = u[i] * log2e
        maximum = x.dtype.type(-1e30)
        for e in range(n):
            j = columns[first + e]
            scores[e] = dot(queries, i * full, keys, j * full, full) + channel * u[j] + bias[first + e] * log2e
            maximum = max(maximum, scores[e])
        exponentiate_row(scores, n, maximum)
        total = x.dtype.type(0)
        for e in range(n):
            total += scores[e]
        gather_sum(out, scores, n, values, columns, first, vectors)
        copy_row(out, 0, one / total, o, o_at + i * o_step, d)
        lse[i] = (maximum + math.log2(total)) * ln2


@compiled
def gathered_backward(  # type: ignore[no-untyped-def]
    x, q_at, k_at, v_at, step, d, u, indptr, columns, bias, o, grad_o, o_at, o_step, lse, grad_x, grad_u, grad_bias
):
    """Fill grad_x (where x has this head) and grad_bias (N,); add to grad_u (G,)."""
    G = u.size
    lanes = BYTES // x.itemsize
    vectors = -(-d // lanes)
    full = vectors * lanes
    one, log2e = x.dtype.type(1), x.dtype.type(LOG2E)
    unit = x.dtype.type(1 / math.sqrt(d))
    queries, keys, values, slopes = (
        aligned(G * full, x),
        aligned(G * full, x),
        aligned(G * full, x),
        aligned(G * full, x),
    )
    copy_rows(x, q_at, step, G, d, unit, queries, full)
    copy_rows(x, k_at, step, G, d, one, keys, full)
    copy_rows(x, v_at, step, G, d, one, values, full)
    copy_rows(grad_o, o_at, o_step, G, d, one, slopes, full)
    key_slopes, value_slopes, out = aligned(G * full, x), aligned(G * full, x), aligned(full, x)
    scores = aligned(longest_row(indptr) + lanes, x)
    deltas = aligned(scores.size, x)
    for i in range(G):
        first, n = indptr[i], indptr[i + 1] - indptr[i]
        drop = dot(o, o_at + i * o_step, slopes, i * full, d)
        for e in range(n):
            j = columns[first + e]
            score = dot(queries, i * full, keys, j * full, full) + u[i] * u[j] + bias[first + e]
            scores[e] = score * log2e
        exponentiate_row(scores, n, lse[i] * log2e)
        channel = x.dtype.type(0)
        for e in range(n):
            j = columns[first + e]
            delta = scores[e] * (dot(slopes, i * full, values, j * full, full) - drop)
            deltas[e] = delta
            grad_bias[first + e] = delta
            channel += delta * u[j]
            grad_u[j] += delta * u[i]
            add_row(queries, i * full, delta, key_slopes, j * full, full)
            add_row(slopes, i * full, scores[e], value_slopes, j * full, full)
        grad_u[i] += channel
        gather_sum(out, deltas, n, keys, columns, first, vectors)
        copy_row(out, 0, unit, grad_x, q_at + i * step, d)
    for j in range(G):
        copy_row(key_slopes, j * full, one, grad_x, k_at + j * step, d)
        copy_row(value_slopes, j * full, one, grad_x, v_at + j * step, d)
