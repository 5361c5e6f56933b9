r"""What is done with a tile of scores: products, the exponential, its gradient.

A tile has keys as rows and ``VECTORS`` L queries as lanes (:mod:`pathlore.model.attention.kernels.lanes`).
"""

from typing import Any

from pathlore.model.attention.kernels.lanes import VECTORS, Lanes, vector_code

KEY_ROWS = 4 * VECTORS  # of a block of sums over queries


def _product(lanes: Lanes, shape: tuple[int, int], out: tuple, a: tuple, b: tuple, n: Any, *, start: bool) -> None:
    """Write out[r, c] (+)= sum_k a[r, k] b[k, c] for a block of rows r and vectors c that stays in registers."""
    rows, vectors = shape
    (out, out_at, out_step), (a, a_at, a_row, a_step), (b, b_at, b_step) = out, a, b
    where = [[lanes.at(out_at, lanes.mul(out_step, r), c * lanes.count) for c in range(vectors)] for r in range(rows)]
    total = [[lanes.variable(lanes.constant(0.0)) for _ in row] for row in where]
    with lanes.loop(n) as k:
        row_b = lanes.at(b_at, lanes.mul(b_step, k))
        column_a = lanes.at(a_at, lanes.mul(a_step, k))
        right = [lanes.load(b, lanes.at(row_b, c * lanes.count)) for c in range(vectors)]
        for r in range(rows):
            left = lanes.spread(lanes.one(a, lanes.at(column_a, lanes.mul(a_row, r))))
            for c in range(vectors):
                value = lanes.fma(left, right[c], lanes.builder.load(total[r][c]))
                lanes.builder.store(value, total[r][c])
    for r in range(rows):
        for c in range(vectors):
            value = lanes.builder.load(total[r][c])
            lanes.store(value if start else lanes.builder.fadd(lanes.load(out, where[r][c]), value), out, where[r][c])


def _products(rows: int, vectors: int, *, start: bool) -> Any:
    """Make the intrinsic of a block of one shape."""

    @vector_code
    def product(lanes, out, out_at, out_step, a, a_at, a_row, a_step, b, b_at, b_step, n):  # type: ignore[no-untyped-def]
        _product(
            lanes, (rows, vectors), (out, out_at, out_step), (a, a_at, a_row, a_step), (b, b_at, b_step), n, start=start
        )

    return product


scores_block = _products(4, VECTORS, start=True)
sums_block = _products(4, VECTORS, start=False)
sums_row = _products(1, VECTORS, start=False)
keys_block = _products(KEY_ROWS, 1, start=False)


@vector_code
def raise_maximum(lanes, scores, n, maximum):  # type: ignore[no-untyped-def]
    """Raise maximum_i to max_j scores_ji, j < n, where that is larger."""
    best = [lanes.variable(lanes.load(maximum, lanes.at(c * lanes.count))) for c in range(VECTORS)]
    with lanes.loop(n) as j:
        for c in range(VECTORS):
            score = lanes.load(scores, lanes.at(lanes.mul(j, VECTORS * lanes.count), c * lanes.count))
            lanes.builder.store(lanes.larger(lanes.builder.load(best[c]), score), best[c])
    for c in range(VECTORS):
        lanes.store(lanes.builder.load(best[c]), maximum, lanes.at(c * lanes.count))


@vector_code
def exponentiate(lanes, scores, n, maximum, total):  # type: ignore[no-untyped-def]
    """Replace scores_ji by 2^(scores_ji - maximum_i), and add the sums of these over j < n to total_i."""
    places = [lanes.at(c * lanes.count) for c in range(VECTORS)]
    best = [lanes.load(maximum, at) for at in places]
    sums = [lanes.variable(lanes.constant(0.0)) for _ in places]
    with lanes.loop(n) as j:
        row = lanes.mul(j, VECTORS * lanes.count)
        for c in range(VECTORS):
            at = lanes.at(row, c * lanes.count)
            weight = lanes.exp2(lanes.builder.fsub(lanes.load(scores, at), best[c]))
            lanes.store(weight, scores, at)
            lanes.builder.store(lanes.builder.fadd(lanes.builder.load(sums[c]), weight), sums[c])
    for c in range(VECTORS):
        lanes.store(lanes.builder.fadd(lanes.load(total, places[c]), lanes.builder.load(sums[c])), total, places[c])


@vector_code
def rescale(lanes, old, maximum, rows, n):  # type: ignore[no-untyped-def]
    """Multiply rows_ri by 2^(old_i - maximum_i), r < n; then set old_i to maximum_i."""
    places = [lanes.at(c * lanes.count) for c in range(VECTORS)]
    best = [lanes.load(maximum, at) for at in places]
    factors = [lanes.exp2(lanes.builder.fsub(lanes.load(old, at), top)) for at, top in zip(places, best, strict=True)]
    for at, top in zip(places, best, strict=True):
        lanes.store(top, old, at)
    with lanes.loop(n) as r:
        row = lanes.mul(r, VECTORS * lanes.count)
        for c in range(VECTORS):
            at = lanes.at(row, c * lanes.count)
            lanes.store(lanes.builder.fmul(lanes.load(rows, at), factors[c]), rows, at)


@vector_code
def gradients(lanes, scores, slopes, n, lse, drop, channel, out, out_at):  # type: ignore[no-untyped-def]
    """Replace scores_ji by p = 2^(scores_ji - lse_i), slopes_ji by p (slopes_ji - drop_i); add channel's sums to out.

    out_j increases by sum_i p (slopes_ji - drop_i) channel_i, j < n.
    """
    places = [lanes.at(c * lanes.count) for c in range(VECTORS)]
    lses, drops, channels = ([lanes.load(x, at) for at in places] for x in (lse, drop, channel))
    with lanes.loop(n) as j:
        row = lanes.mul(j, VECTORS * lanes.count)
        total = lanes.constant(0.0)
        for c in range(VECTORS):
            at = lanes.at(row, c * lanes.count)
            weight = lanes.exp2(lanes.builder.fsub(lanes.load(scores, at), lses[c]))
            slope = lanes.builder.fmul(weight, lanes.builder.fsub(lanes.load(slopes, at), drops[c]))
            lanes.store(weight, scores, at)
            lanes.store(slope, slopes, at)
            total = lanes.fma(slope, channels[c], total)
        target = lanes.builder.gep(out, [lanes.at(out_at, j)])
        lanes.builder.store(lanes.builder.fadd(lanes.builder.load(target), lanes.total(total)), target)
