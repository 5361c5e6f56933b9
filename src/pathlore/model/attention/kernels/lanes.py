r"""The innermost loops, written for vector registers.

numba leaves the choice of vector width, of register blocking and of the exponential to LLVM's guess. Here they are
spelled out as LLVM's own vector instructions, for the registers of this machine: L lanes of ``BYTES`` together, so with
AVX-512 L = 16 of float32 and 8 of float64. A tile holds scores with keys as rows and ``VECTORS`` L queries as lanes, so
that maxima and sums over keys need no exchange between lanes.

All arrays are flat; ``x_at`` is the position of the first element in x.
"""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.registry import cpu_target
from numba.extending import intrinsic

_, _, FEATURES = cpu_target.target_context.codegen().magic_tuple()  # numba keys what it keeps on disk by these, too
AVX512, AVX2 = "+avx512vl" in FEATURES, "+avx2" in FEATURES
BYTES = 64 if AVX512 else 32 if AVX2 else 16  # of a register
VECTORS = 2 if AVX2 and not AVX512 else 4  # registers in a row of a tile: with AVX2 there are only 16 in all

# 2^f on [-1/2, 1/2], least relative error (9e-8 and 3e-18) with 2^0 = 1 exactly; lowest power first
EXP2_FLOAT = (
    1.0, 0.6931469775987182, 0.24022242084635026, 0.05550733743573863, 0.009671512688153278, 0.0013264727247263922,
)  # fmt: skip
EXP2_DOUBLE = (
    1.0, 0.69314718055994530925, 0.24022650695910159567, 0.055504108664821627039,
    0.0096181291075872566681, 0.0013333558146406470697, 0.00015403530463724354209, 0.000015252733841556772589,
    1.3215432535912376166e-6, 1.0178057087733941105e-7, 7.0741942972885210056e-9, 4.455817908336064493e-10,
)  # fmt: skip


class Lanes:
    """What one intrinsic needs to write vector code: the builder, the type of a vector, its loads and stores."""

    def __init__(self, builder: Any, signature: Any, most: int) -> None:
        self.builder = builder
        array = next(t for t in signature.args if isinstance(t, types.Array))
        self.double = array.dtype == types.float64
        self.size = 8 if self.double else 4
        self.count = min(BYTES // self.size, most)
        self.scalar = ir.DoubleType() if self.double else ir.FloatType()
        self.vector = ir.VectorType(self.scalar, self.count)
        self.integers = ir.VectorType(ir.IntType(8 * self.size), self.count)

    def index(self, number: int) -> Any:
        """Give a Python number as an index."""
        return ir.Constant(ir.IntType(64), number)

    def at(self, *terms: Any) -> Any:
        """Add up index terms: LLVM values or Python numbers."""
        total = self.index(sum(term for term in terms if isinstance(term, int)))
        for term in terms:
            if not isinstance(term, int):
                total = self.builder.add(total, term)
        return total

    def mul(self, value: Any, number: Any) -> Any:
        """Multiply an index by another or by a Python number."""
        return self.builder.mul(value, self.index(number) if isinstance(number, int) else number)

    def load(self, data: Any, index: Any) -> Any:
        """Load L neighbours."""
        pointer = self.builder.bitcast(self.builder.gep(data, [index]), self.vector.as_pointer())
        return self.builder.load(pointer, align=self.size)

    def store(self, value: Any, data: Any, index: Any) -> None:
        """Store L neighbours."""
        pointer = self.builder.bitcast(self.builder.gep(data, [index]), self.vector.as_pointer())
        self.builder.store(value, pointer, align=self.size)

    def vectors(self, n: Any) -> Iterator[tuple[Any, Any]]:
        """Go through n neighbours: whole vectors, then what remains; gives the index, and a mask where there is one."""
        whole = self.mul(self.builder.sdiv(n, self.index(self.count)), self.count)
        with self.loop(whole, step=self.count) as index:
            yield index, None
        with self.loop(n, start=whole, step=self.count) as index:
            left = self.spread(self.builder.trunc(self.builder.sub(n, index), self.integers.element))
            yield index, self.builder.icmp_signed("<", ir.Constant(self.integers, list(range(self.count))), left)

    def load_some(self, data: Any, index: Any, mask: Any) -> Any:
        """Load those of L neighbours that the mask marks; the other lanes are 0, and their memory is not touched."""
        if mask is None:
            return self.load(data, index)
        align, zeros = ir.Constant(ir.IntType(32), self.size), self.constant(0.0)
        return self._masked("load", self.vector, self.place(data, index), align, mask, zeros)

    def store_some(self, value: Any, data: Any, index: Any, mask: Any) -> None:
        """Store those of L neighbours that the mask marks."""
        if mask is None:
            self.store(value, data, index)
            return
        align = ir.Constant(ir.IntType(32), self.size)
        self._masked("store", ir.VoidType(), value, self.place(data, index), align, mask)

    def _masked(self, name: str, returns: Any, *arguments: Any) -> Any:
        return self._call(f"llvm.masked.{name}.v{self.count}f{8 * self.size}.p0", returns, *arguments)

    def fetch(self, data: Any, index: Any) -> None:
        """Ask for the cache line of one element, which is needed soon."""
        hints = (ir.Constant(ir.IntType(32), hint) for hint in (0, 3, 1))  # to read, to stay, data
        self._call("llvm.prefetch.p0", ir.VoidType(), self.place(data, index), *hints)

    def _call(self, name: str, returns: Any, *arguments: Any) -> Any:
        kind = ir.FunctionType(returns, [argument.type for argument in arguments])
        return self.builder.call(cgutils.get_or_insert_function(self.builder.module, kind, name), arguments)

    def place(self, data: Any, index: Any) -> Any:
        """Point at one element."""
        return self.builder.gep(data, [index])

    def one(self, data: Any, index: Any) -> Any:
        """Load one element."""
        return self.builder.load(self.place(data, index))

    def spread(self, scalar: Any) -> Any:
        """Copy one value to all lanes."""
        index = ir.Constant(ir.IntType(32), 0)
        undefined = ir.Constant(ir.VectorType(scalar.type, self.count), ir.Undefined)
        single = self.builder.insert_element(undefined, scalar, index)
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), self.count), [0] * self.count)
        return self.builder.shuffle_vector(single, undefined, zeros)

    def constant(self, number: float) -> Any:
        """One number in all lanes."""
        return ir.Constant(self.vector, [ir.Constant(self.scalar, number)] * self.count)

    def fma(self, a: Any, b: Any, c: Any) -> Any:
        """Compute a b + c, in one instruction where there is one."""
        product = self.builder.fmul(a, b, flags=("contract",))
        return self.builder.fadd(product, c, flags=("contract",))

    def larger(self, a: Any, b: Any) -> Any:
        """Elementwise maximum of a and b; a NaN in b stays."""
        return self.builder.select(self.builder.fcmp_ordered(">", a, b), a, b)

    def total(self, value: Any) -> Any:
        """Sum the lanes, as a tree."""
        lanes = self.count
        while lanes > 1:
            lanes //= 2
            undefined = ir.Constant(value.type, ir.Undefined)
            half = [
                ir.Constant(ir.VectorType(ir.IntType(32), lanes), [o + i for i in range(lanes)]) for o in (0, lanes)
            ]
            low, high = (self.builder.shuffle_vector(value, undefined, indices) for indices in half)
            value = self.builder.fadd(low, high)
        return self.builder.extract_element(value, ir.Constant(ir.IntType(32), 0))

    def exp2(self, x: Any) -> Any:
        """Compute 2^x for x < 128 (float64: 1024); what underflows becomes the smallest normal number or nearly so.

        x = n + f, n whole: adding 1.5 * 2^23 (2^52) rounds to a whole number and leaves n in the low bits, which are
        then shifted to the exponent of the polynomial 2^f.
        """
        bits, lowest = (52, -1021.0) if self.double else (23, -125.0)
        builder, magic = self.builder, self.constant(1.5 * 2.0**bits)
        x = self.larger(self.constant(lowest), x)
        shifted = builder.fadd(x, magic)
        f = builder.fsub(x, builder.fsub(shifted, magic))
        coefficients = EXP2_DOUBLE if self.double else EXP2_FLOAT
        value = self.constant(coefficients[-1])
        for coefficient in coefficients[-2::-1]:
            value = self.fma(value, f, self.constant(coefficient))
        shift = ir.Constant(self.integers, [ir.Constant(self.integers.element, bits)] * self.count)
        exponent = builder.shl(builder.bitcast(shifted, self.integers), shift)
        return builder.bitcast(builder.add(builder.bitcast(value, self.integers), exponent), self.vector)

    def transposed(self, rows: list[Any]) -> list[Any]:
        """Turn L rows into L columns: log2(L) rounds that exchange halves of ever larger blocks."""
        rows, size, order = list(rows), 1, ir.VectorType(ir.IntType(32), self.count)
        while size < self.count:
            # lane l of a and b is l and l + L; the two new rows: of l without and with the bit ``size``
            low = [lane - size + self.count if lane & size else lane for lane in range(self.count)]
            high = [lane + self.count if lane & size else lane + size for lane in range(self.count)]
            for i in range(self.count):
                if not i & size:
                    a, b = rows[i], rows[i + size]
                    rows[i], rows[i + size] = (
                        self.builder.shuffle_vector(a, b, ir.Constant(order, mask)) for mask in (low, high)
                    )
            size *= 2
        return rows

    def variable(self, value: Any) -> Any:
        """Keep a value that a loop changes: LLVM turns it into a register."""
        slot = cgutils.alloca_once(self.builder, value.type)
        self.builder.store(value, slot)
        return slot

    @contextmanager
    def loop(self, stop: Any, start: Any = None, step: int = 1) -> Iterator[Any]:
        """Repeat, giving the index."""
        begin = self.index(0) if start is None else start
        with cgutils.for_range_slice(self.builder, begin, stop, self.index(step), inc=True) as (index, _):
            yield index


def vector_code(write: Callable[..., Any], *, most: int = 16) -> Any:
    """Make an intrinsic of a function that writes vector code.

    It is called with the :class:`Lanes` and the LLVM value of each argument (an array's is its data pointer); in the
    compiled code its arguments are flat arrays of one float type, numbers of that type and integers. What it returns
    is a number of that type, or None. A vector has at most ``most`` lanes, even where a register has more.
    """
    returns_number = inspect.signature(write).return_annotation == "number"

    def typed(_: Any, *arguments: Any) -> Any:
        kinds = [kind if isinstance(kind, types.Array) else types.int64 for kind in arguments]
        number = next(kind.dtype for kind in kinds if isinstance(kind, types.Array) and kind.dtype != types.int64)
        kinds = [number if isinstance(kind, types.Float) else new for kind, new in zip(arguments, kinds, strict=True)]

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            lanes = Lanes(builder, signature, most)
            pointers = [
                context.make_array(kind)(context, builder, value).data if isinstance(kind, types.Array) else value
                for kind, value in zip(signature.args, values, strict=True)
            ]
            result = write(lanes, *pointers)
            return context.get_dummy_value() if result is None else result

        return (number if returns_number else types.void)(*kinds), generate

    typed.__name__ = write.__name__
    typed.__signature__ = inspect.signature(write)  # type: ignore[attr-defined]
    return intrinsic(typed)
