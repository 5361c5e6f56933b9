r"""Sums over the stops of each path, weighted by a softmax of each head's scores.

While a path is worked on, its weights have stops as rows and heads as lanes: the softmax needs no exchange between
lanes. A row has ``width`` places: R rounded up, so that whole vectors and blocks of heads fit; those beyond R are 0.

The stops of a path lie anywhere among those of the cell, which the first cache cannot hold: hence :func:`fetch`.
"""

from functools import partial
from typing import Any

import numpy as np

from pathlore.model.attention.kernels.compiling import compiled
from pathlore.model.attention.kernels.lanes import AVX512, Lanes, vector_code
from pathlore.model.attention.kernels.tiled import LOG2E, aligned

HEADS = 8 if AVX512 else 4  # of a block whose sums stay in registers
AHEAD = 4  # paths: so early are the stops of a path asked for
LANES = 8  # at most: there are seldom more heads; a multiple of HEADS

eight_lanes = partial(vector_code, most=LANES)


def _stop(lanes: Lanes, index: Any, at: Any, place: Any, start: Any, step: Any, c: Any) -> Any:
    """Where element c is of the stop at a place of the path whose index begins at ``at``; rows begin at ``start``."""
    return lanes.at(start, lanes.mul(lanes.one(index, lanes.at(at, place)), step), c)


def _slopes(lanes: Lanes, grad_o: Any, at: Any, r: Any, R: Any, n: Any, c: Any, mask: Any, count: int) -> list[Any]:
    """Load the vector at c of heads r, r + 1, ...: in place of those beyond the last, the last again."""
    last, found = lanes.at(R, -1), []
    for i in range(count):
        inside = lanes.builder.icmp_signed("<", lanes.at(r, i), last)
        head = lanes.builder.select(inside, lanes.at(r, i), last)
        found.append(lanes.load_some(grad_o, lanes.at(at, lanes.mul(head, n), c), mask))
    return found


@eight_lanes
def fetch(lanes, x, x_at, n, index, at, length):  # type: ignore[no-untyped-def]
    """Ask for the rows of a path's stops."""
    with lanes.loop(length) as place, lanes.loop(n, step=64 // lanes.size) as c:
        lanes.fetch(x, _stop(lanes, index, at, place, x_at, n, c))


@eight_lanes
def weigh(lanes, scores, s_at, R, index, at, length, weights, width):  # type: ignore[no-untyped-def]
    """Set weights_lr to the softmax of the scores of a path's stops, r < R, and to 0 beyond."""
    builder = lanes.builder
    for r, mask in lanes.vectors(R):
        best, total = lanes.variable(lanes.constant(-np.inf)), lanes.variable(lanes.constant(0.0))
        with lanes.loop(length) as place:
            score = lanes.load_some(scores, _stop(lanes, index, at, place, s_at, R, r), mask)
            lanes.store(score, weights, lanes.at(lanes.mul(place, width), r))
            builder.store(lanes.larger(builder.load(best), score), best)
        best = builder.load(best)
        with lanes.loop(length) as place:
            where = lanes.at(lanes.mul(place, width), r)
            score = builder.fsub(lanes.load(weights, where), best)
            weight = lanes.exp2(builder.fmul(score, lanes.constant(LOG2E)))
            lanes.store(weight, weights, where)
            builder.store(builder.fadd(builder.load(total), weight), total)
        share = builder.fdiv(lanes.constant(1.0), builder.load(total))
        share = share if mask is None else builder.select(mask, share, lanes.constant(0.0))
        with lanes.loop(length) as place:
            where = lanes.at(lanes.mul(place, width), r)
            lanes.store(builder.fmul(lanes.load(weights, where), share), weights, where)


@eight_lanes
def pool(lanes, members, m_at, n, index, at, length, weights, width, R, out, out_at):  # type: ignore[no-untyped-def]
    """Set out_rc to sum_l weights_lr members_lc."""
    builder = lanes.builder
    for c, mask in lanes.vectors(n):
        with lanes.loop(R, step=HEADS) as r:
            sums = [lanes.variable(lanes.constant(0.0)) for _ in range(HEADS)]
            with lanes.loop(length) as place:
                member = lanes.load_some(members, _stop(lanes, index, at, place, m_at, n, c), mask)
                for i, total in enumerate(sums):
                    weight = lanes.one(weights, lanes.at(lanes.mul(place, width), r, i))
                    builder.store(lanes.fma(lanes.spread(weight), member, builder.load(total)), total)
            for i, total in enumerate(sums):
                with builder.if_then(builder.icmp_signed("<", lanes.at(r, i), R)):
                    where = lanes.at(out_at, lanes.mul(lanes.at(r, i), n), c)
                    lanes.store_some(builder.load(total), out, where, mask)


@eight_lanes
def weight_slopes(lanes, grad_o, g_at, R, n, members, m_at, index, at, length, rows, slopes, width):  # type: ignore[no-untyped-def]
    """Set slopes_lr to grad_o_r . members_l; rows (length, L): memory to use."""
    builder = lanes.builder
    for c, mask in lanes.vectors(n):
        with lanes.loop(R, step=lanes.count) as r:
            columns = lanes.transposed(_slopes(lanes, grad_o, g_at, r, R, n, c, mask, lanes.count))
            with lanes.loop(length) as place:
                member = lanes.load_some(members, _stop(lanes, index, at, place, m_at, n, c), mask)
                lanes.store(member, rows, lanes.mul(place, lanes.count))
            first = builder.icmp_signed("==", c, lanes.index(0))
            with lanes.loop(length) as place:
                where = lanes.at(lanes.mul(place, width), r)
                sums = [builder.select(first, lanes.constant(0.0), lanes.load(slopes, where)), lanes.constant(0.0)]
                for i, column in enumerate(columns):  # two sums: an addition need not wait for the one before
                    member = lanes.spread(lanes.one(rows, lanes.at(lanes.mul(place, lanes.count), i)))
                    sums[i % 2] = lanes.fma(column, member, sums[i % 2])
                lanes.store(builder.fadd(*sums), slopes, where)


@eight_lanes
def add_score_slopes(lanes, weights, slopes, width, length, out, out_at, R, index, at):  # type: ignore[no-untyped-def]
    """Add weights_lr (slopes_lr - sum_l weights_lr slopes_lr) to the rows of a path's stops in out."""
    builder = lanes.builder
    for r, mask in lanes.vectors(R):
        drop = lanes.variable(lanes.constant(0.0))
        with lanes.loop(length) as place:
            weight, slope = (lanes.load(x, lanes.at(lanes.mul(place, width), r)) for x in (weights, slopes))
            builder.store(lanes.fma(weight, slope, builder.load(drop)), drop)
        drop = builder.load(drop)
        with lanes.loop(length) as place:
            weight, slope = (lanes.load(x, lanes.at(lanes.mul(place, width), r)) for x in (weights, slopes))
            where = _stop(lanes, index, at, place, out_at, R, r)
            total = lanes.fma(weight, builder.fsub(slope, drop), lanes.load_some(out, where, mask))
            lanes.store_some(total, out, where, mask)


@eight_lanes
def add_member_slopes(lanes, weights, width, length, grad_o, g_at, R, n, out, out_at, index, at):  # type: ignore[no-untyped-def]
    """Add sum_r weights_lr grad_o_r to the rows of a path's stops in out."""
    for c, mask in lanes.vectors(n):
        with lanes.loop(R, step=HEADS) as r:
            grads = _slopes(lanes, grad_o, g_at, r, R, n, c, mask, HEADS)
            with lanes.loop(length) as place:
                where = _stop(lanes, index, at, place, out_at, n, c)
                total = lanes.load_some(out, where, mask)
                for i, grad in enumerate(grads):
                    weight = lanes.one(weights, lanes.at(lanes.mul(place, width), r, i))
                    total = lanes.fma(lanes.spread(weight), grad, total)
                lanes.store_some(total, out, where, mask)


@compiled
def cell_forward(members, m_at, n, scores, s_at, R, index, lengths, o, o_at):  # type: ignore[no-untyped-def]
    """Fill o of one cell."""
    P, L, width = lengths.size, index.size // max(lengths.size, 1), -(-R // LANES) * LANES
    weights = aligned(L * width, members)
    for p in range(P):
        at, length, later = p * L, lengths[p], min(p + AHEAD, P - 1)
        fetch(members, m_at, n, index, later * L, lengths[later])
        fetch(scores, s_at, R, index, later * L, lengths[later])
        weigh(scores, s_at, R, index, at, length, weights, width)
        pool(members, m_at, n, index, at, length, weights, width, R, o, o_at + p * R * n)


@compiled
def cell_backward(  # type: ignore[no-untyped-def]
    members, m_at, n, scores, s_at, R, index, lengths, grad_o, o_at, grad_members, grad_scores
):
    """Add to the zeros of one cell in grad_members and grad_scores."""
    P, L, width = lengths.size, index.size // max(lengths.size, 1), -(-R // LANES) * LANES
    weights, slopes, rows = aligned(L * width, members), aligned(L * width, members), aligned(L * LANES, members)
    for p in range(P):
        at, length, later, g_at = p * L, lengths[p], min(p + AHEAD, P - 1), o_at + p * R * n
        fetch(members, m_at, n, index, later * L, lengths[later])
        fetch(scores, s_at, R, index, later * L, lengths[later])
        fetch(grad_members, m_at, n, index, later * L, lengths[later])
        fetch(grad_scores, s_at, R, index, later * L, lengths[later])
        weigh(scores, s_at, R, index, at, length, weights, width)
        weight_slopes(grad_o, g_at, R, n, members, m_at, index, at, length, rows, slopes, width)
        add_score_slopes(weights, slopes, width, length, grad_scores, s_at, R, index, at)
        add_member_slopes(weights, width, length, grad_o, g_at, R, n, grad_members, m_at, index, at)
