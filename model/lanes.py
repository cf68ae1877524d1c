"""Random numbers several at a time: the same Philox as in `rng`, in the vector registers of the processor.

Compiled loops draw many blocks that differ in one word only: the purposes of a household's month, the structures that
meet one case. A processor works on four or eight of them in the time of one. The compiler does not find that by itself,
so the ten rounds stand here once more, as vector instructions; `philox` in `rng` is what they are tested against, and
what plain Python uses.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import config
from numba.extending import intrinsic

from ..agents.jit import rule
from .rng import CASE, MASK, MULTIPLIER_0, MULTIPLIER_1, SCALE, WEYL_0, WEYL_1, month_word, philox, stream_word

PURPOSES = 4  # blocks of one entity that are drawn at once
PAIRS = 8  # structures that are drawn for at once
_WORD, _LONG, _DOUBLE = ir.IntType(32), ir.IntType(64), ir.DoubleType()
_MAGIC, _TWO_52 = 0x4330000000000000, 4503599627370496.0  # a word below these bits is the number 2**52 + word


def _splat(builder: Any, value: Any, lanes: int) -> Any:
    """Return a vector with the same value in every lane."""
    empty = ir.Constant(ir.VectorType(value.type, lanes), ir.Undefined)
    first = builder.insert_element(empty, value, ir.Constant(_WORD, 0))
    return builder.shuffle_vector(first, empty, ir.Constant(ir.VectorType(_WORD, lanes), [0] * lanes))


def _uniform_vectors(builder: Any, words: list[Any], lanes: int) -> list[Any]:
    """Return the four uniform numbers of each lane as vectors: Philox4x32-10 of counter and key (six vectors)."""
    vector, floats = ir.VectorType(_LONG, lanes), ir.VectorType(_DOUBLE, lanes)

    def constant(value: int) -> Any:
        return ir.Constant(vector, [value] * lanes)

    mask, half = constant(MASK), constant(32)
    c0, c1, c2, c3, k0, k1 = (builder.and_(word, mask) for word in words)
    for _ in range(10):
        product_0, product_1 = builder.mul(constant(MULTIPLIER_0), c0), builder.mul(constant(MULTIPLIER_1), c2)
        high_0, high_1 = builder.lshr(product_0, half), builder.lshr(product_1, half)
        low_0, low_1 = builder.and_(product_0, mask), builder.and_(product_1, mask)
        c0, c2 = builder.xor(builder.xor(high_1, c1), k0), builder.xor(builder.xor(high_0, c3), k1)
        c1, c3 = low_1, low_0
        k0 = builder.and_(builder.add(k0, constant(WEYL_0)), mask)
        k1 = builder.and_(builder.add(k1, constant(WEYL_1)), mask)
    two_52, scale = ir.Constant(floats, [_TWO_52] * lanes), ir.Constant(floats, [SCALE] * lanes)
    # Whole numbers below 2**32 become floats exactly, by their bits.
    whole = [builder.bitcast(builder.or_(word, constant(_MAGIC)), floats) for word in (c0, c1, c2, c3)]
    return [builder.fmul(builder.fsub(word, two_52), scale) for word in whole]


@intrinsic
def _purposes(typingctx: Any, c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    """Return the uniforms of four counters that differ in `c3` (a tuple of four), 16 numbers."""
    del typingctx, c0, c1, c2, c3, k0, k1
    whole, found = types.int64, types.UniTuple(types.float64, 4 * PURPOSES)
    signature = found(whole, whole, whole, types.UniTuple(whole, PURPOSES), whole, whole)

    def codegen(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        words = [_splat(builder, word, PURPOSES) for i, word in enumerate(arguments) if i != 3]
        last = ir.Constant(ir.VectorType(_LONG, PURPOSES), ir.Undefined)
        for lane in range(PURPOSES):
            value = builder.extract_value(arguments[3], lane)
            last = builder.insert_element(last, value, ir.Constant(_WORD, lane))
        vectors = _uniform_vectors(builder, [*words[:3], last, *words[3:]], PURPOSES)
        out = context.get_constant_undef(found)
        for number, vector in enumerate(vectors):
            for lane in range(PURPOSES):
                value = builder.extract_element(vector, ir.Constant(_WORD, lane))
                out = builder.insert_value(out, value, 4 * lane + number)
        return out

    return signature, codegen


def _vector_at(context: Any, builder: Any, array: Any, value: Any, first: Any, kind: Any) -> Any:
    """Return array[first:first + 8] as a vector."""
    data = context.make_array(array)(context, builder, value).data
    place = builder.bitcast(builder.gep(data, [first]), ir.VectorType(kind, PAIRS).as_pointer())
    return builder.load(place, align=8)


@intrinsic
def _pairs(typingctx: Any, c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, keys: Any, first: Any, out: Any) -> Any:
    """Write the uniforms of keys[first:first + 8] to `out`, as `_pairs_one_by_one` does."""
    del typingctx, c0, c1, c2, c3, k0, first
    whole = types.int64
    signature = types.void(whole, whole, whole, whole, whole, keys, whole, out)

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        *words, keys, first, out = arguments
        last = _vector_at(context, builder, signature.args[5], keys, first, _LONG)
        vectors = _uniform_vectors(builder, [*(_splat(builder, word, PAIRS) for word in words), last], PAIRS)
        out_at = context.make_array(signature.args[7])(context, builder, out).data
        for number, found in enumerate(vectors):
            place = builder.gep(out_at, [ir.Constant(_LONG, number * PAIRS)])
            builder.store(found, builder.bitcast(place, found.type.as_pointer()), align=8)
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def _below(
    typingctx: Any, c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, keys: Any, values: Any, first: Any, slope: Any,
    level: Any, out: Any, at: Any,
) -> Any:  # fmt: skip
    """Return for which of keys[first:first + 8] the first uniform lies below a line, as `_below_one_by_one` does."""
    del typingctx, c0, c1, c2, c3, k0, first, slope, level, at
    whole, real = types.int64, types.float64
    signature = whole(whole, whole, whole, whole, whole, keys, values, whole, real, real, out, whole)

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        *words, keys, values, first, slope, level, out, at = arguments
        last = _vector_at(context, builder, signature.args[5], keys, first, _LONG)
        place = _vector_at(context, builder, signature.args[6], values, first, _DOUBLE)
        found = _uniform_vectors(builder, [*(_splat(builder, word, PAIRS) for word in words), last], PAIRS)[0]
        out_at = builder.gep(context.make_array(signature.args[10])(context, builder, out).data, [at])
        builder.store(found, builder.bitcast(out_at, found.type.as_pointer()), align=8)
        line = builder.fadd(builder.fmul(_splat(builder, slope, PAIRS), place), _splat(builder, level, PAIRS))
        bits = builder.bitcast(builder.fcmp_ordered("<", found, line), ir.IntType(PAIRS))
        return builder.zext(bits, _LONG)

    return signature, codegen


@intrinsic
def _trailing_zeros(typingctx: Any, bits: Any) -> Any:
    """Return the number of the lowest bit that is set."""
    del typingctx, bits

    def codegen(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.int64), codegen


def _lowest_one_by_one(bits: int) -> int:
    return (int(bits) & -int(bits)).bit_length() - 1


def _purposes_one_by_one(c0: int, c1: int, c2: int, c3: tuple[int, ...], k0: int, k1: int) -> tuple[float, ...]:
    words = [philox(c0 & MASK, c1 & MASK, c2 & MASK, purpose, k0 & MASK, k1 & MASK) for purpose in c3]
    return tuple(word * SCALE for block in words for word in block)


def _pairs_one_by_one(c0: int, c1: int, c2: int, c3: int, k0: int, keys: Any, first: int, out: Any) -> None:
    """Write the uniforms of keys[first:first + 8], eight first numbers, eight second ones and so on."""
    for lane in range(PAIRS):
        words = philox(c0 & MASK, c1 & MASK, c2 & MASK, c3 & MASK, k0 & MASK, int(keys[first + lane]) & MASK)
        for number in range(4):
            out[PAIRS * number + lane] = words[number] * SCALE


def _below_one_by_one(
    c0: int, c1: int, c2: int, c3: int, k0: int, keys: Any, values: Any, first: int, slope: float, level: float,
    out: Any, at: int,
) -> int:  # fmt: skip
    """Write the first uniforms of keys[first:first + 8] to out[at:at + 8]; in the number returned bit j says that the
    one of keys[first + j] is below the line at its value.
    """
    bits = 0
    for lane in range(PAIRS):
        word, _, _, _ = philox(c0 & MASK, c1 & MASK, c2 & MASK, c3 & MASK, k0 & MASK, int(keys[first + lane]) & MASK)
        out[at + lane] = word * SCALE
        bits |= (1 if out[at + lane] < slope * values[first + lane] + level else 0) << lane
    return bits


_plain: bool = config.DISABLE_JIT  # pyright: ignore[reportAttributeAccessIssue]
_of_purposes: Any = _purposes_one_by_one if _plain else _purposes
_of_pairs: Any = _pairs_one_by_one if _plain else _pairs
_pairs_below: Any = _below_one_by_one if _plain else _below
lowest_bit: Any = _lowest_one_by_one if _plain else _trailing_zeros
"""Return the number of the lowest bit that is set in a whole number other than 0."""


@rule
def four_uniforms(
    seed: int, stream: int, identity: int, month: int, first: int, second: int, third: int, fourth: int
) -> tuple[float, ...]:
    """Return what `uniforms` gives for four purposes of one entity in a month: 16 numbers.

    >>> from .rng import uniforms
    >>> four_uniforms(7, 2, 12345, 30, 1, 2, 4, 5)[8:12] == uniforms(7, 2, 12345, 30, 4)
    True
    """
    words = (
        stream_word(stream, first), stream_word(stream, second), stream_word(stream, third),
        stream_word(stream, fourth),
    )  # fmt: skip
    return _of_purposes(identity, identity >> 32, month_word(month), words, seed, seed >> 32)


@rule
def eight_case_uniforms(
    seed: int, structures: Any, first: int, household: int, month: int, task: int, out: Any
) -> None:
    """Write what `case_uniforms` gives for the eight identities structures[first:first + 8] into `out` (32,).

    The four numbers of the first structure stand at 0, 8, 16 and 24, those of the next one place further on.
    `structures` is int64, `out` float64.
    """
    _of_pairs(household, household >> 32, month_word(month), stream_word(CASE, task), seed, structures, first, out)


@rule
def eight_cases_below(
    seed: int, structures: Any, values: Any, first: int, household: int, month: int, task: int, slope: float,
    level: float, out: Any, at: int,
) -> int:  # fmt: skip
    """Write the first number of `case_uniforms` for structures[first:first + 8] to out[at:at + 8]; return for which of
    them it is below slope * value + level: bit j stands for structure first + j.

    `structures` is int64, `values` and `out` are float64.
    """
    word = stream_word(CASE, task)
    return _pairs_below(
        household, household >> 32, month_word(month), word, seed, structures, values, first, slope, level, out, at
    )
