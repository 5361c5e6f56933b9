"""What is done with single rows of queries, keys, values and their gradients."""

from collections.abc import Callable
from typing import Any

from pathlore.model.attention.kernels.compiling import compiled
from pathlore.model.attention.kernels.lanes import BYTES, Lanes, vector_code


def _elementwise(lanes: Lanes, n: Any, out: tuple[Any, Any], inputs: list[tuple[Any, Any]], rule: Callable) -> None:
    """Write out_c <- rule(inputs_c): whole vectors, then what remains; the rule's first argument spreads a factor."""
    whole = lanes.builder.sdiv(n, lanes.index(lanes.count))
    with lanes.loop(whole) as vector:
        c = lanes.mul(vector, lanes.count)
        values = [lanes.load(data, lanes.at(at, c)) for data, at in inputs]
        lanes.store(rule(lanes.spread, *values), out[0], lanes.at(out[1], c))
    with lanes.loop(n, start=lanes.mul(whole, lanes.count)) as c:
        values = [lanes.one(data, lanes.at(at, c)) for data, at in inputs]
        lanes.builder.store(rule(lambda factor: factor, *values), lanes.place(out[0], lanes.at(out[1], c)))


@vector_code
def copy_row(lanes, x, x_at, factor, out, out_at, n):  # type: ignore[no-untyped-def]
    """Set out_c to factor x_c, c < n."""
    _elementwise(lanes, n, (out, out_at), [(x, x_at)], lambda spread, a: lanes.builder.fmul(spread(factor), a))


@vector_code
def add_row(lanes, x, x_at, factor, out, out_at, n):  # type: ignore[no-untyped-def]
    """Add factor x_c to out_c, c < n."""
    pairs = [(x, x_at), (out, out_at)]
    _elementwise(lanes, n, (out, out_at), pairs, lambda spread, a, b: lanes.fma(spread(factor), a, b))


@vector_code
def dot(lanes, a, a_at, b, b_at, n) -> "number":  # type: ignore[no-untyped-def, name-defined]  # noqa: F821
    """Return sum_c a_c b_c, c < n."""
    total = lanes.variable(lanes.constant(0.0))
    whole = lanes.builder.sdiv(n, lanes.index(lanes.count))
    with lanes.loop(whole) as vector:
        c = lanes.mul(vector, lanes.count)
        left, right = lanes.load(a, lanes.at(a_at, c)), lanes.load(b, lanes.at(b_at, c))
        lanes.builder.store(lanes.fma(left, right, lanes.builder.load(total)), total)
    result = lanes.variable(lanes.total(lanes.builder.load(total)))
    with lanes.loop(n, start=lanes.mul(whole, lanes.count)) as c:
        left, right = lanes.one(a, lanes.at(a_at, c)), lanes.one(b, lanes.at(b_at, c))
        lanes.builder.store(lanes.fma(left, right, lanes.builder.load(result)), result)
    return lanes.builder.load(result)


@vector_code
def gather_sum(lanes, out, weights, n, rows, columns, first, vectors):  # type: ignore[no-untyped-def]
    """Set out to sum_e weights_e rows[columns[first + e]], e < n, over whole vectors."""
    width = lanes.mul(vectors, lanes.count)
    with lanes.loop(vectors) as vector:
        at = lanes.mul(vector, lanes.count)
        total = lanes.variable(lanes.constant(0.0))
        with lanes.loop(n) as e:
            row = lanes.mul(lanes.one(columns, lanes.at(first, e)), width)
            weight = lanes.spread(lanes.one(weights, e))
            value = lanes.load(rows, lanes.at(row, at))
            lanes.builder.store(lanes.fma(weight, value, lanes.builder.load(total)), total)
        lanes.store(lanes.builder.load(total), out, at)


@vector_code
def exponentiate_row(lanes, scores, n, shift):  # type: ignore[no-untyped-def]
    """Replace scores_e by 2^(scores_e - shift), e < n rounded up to whole vectors."""
    shift = lanes.spread(shift)
    with lanes.loop(n, step=lanes.count) as e:
        lanes.store(lanes.exp2(lanes.builder.fsub(lanes.load(scores, e), shift)), scores, e)


@vector_code
def transpose_block(lanes, x, x_at, x_step, out, out_at, out_step):  # type: ignore[no-untyped-def]
    """Set out_ci to x_ic for L rows i and L columns c."""
    rows = [lanes.load(x, lanes.at(x_at, lanes.mul(x_step, i))) for i in range(lanes.count)]
    for c, row in enumerate(lanes.transposed(rows)):
        lanes.store(row, out, lanes.at(out_at, lanes.mul(out_step, c)))


@compiled
def copy_rows(x, x_at, x_step, n, d, factor, out, width):  # type: ignore[no-untyped-def]
    """Copy n rows of d elements to rows of ``width``."""
    for i in range(n):
        copy_row(x, x_at + i * x_step, factor, out, i * width, d)


@compiled
def transpose(x, rows, columns, x_step, out, out_step):  # type: ignore[no-untyped-def]
    """Transpose rows times columns elements, both multiples of L."""
    lanes = BYTES // x.itemsize
    for i in range(0, rows, lanes):
        for c in range(0, columns, lanes):
            transpose_block(x, i * x_step + c, x_step, out, c * out_step + i, out_step)
