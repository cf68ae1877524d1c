"""Counter-based random numbers: every draw is a pure function of who, when and what for.

Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC11) turns a key (the seed)
and a counter (stream, identity, month, purpose) into four independent uniform numbers. There is no state, so the
order of calls, the number of processes and the policy variant cannot change anybody's luck.

The arithmetic is written with masks so that it gives the same bits on Python's unbounded integers and on the 64-bit
integers of compiled code.
"""

from __future__ import annotations

import zlib

from ..agents.jit import rule

# Streams keep the draws of different kinds of entities apart.
ARRIVALS = 1
HOUSEHOLD = 2
CASE = 3
STRUCTURE = 4
ACTOR = 5
VOLUNTEERS = 6
FUNDING = 7

MASK = 0xFFFFFFFF
MULTIPLIER_0 = 0xD2511F53
MULTIPLIER_1 = 0xCD9E8D57
WEYL_0 = 0x9E3779B9
WEYL_1 = 0xBB67AE85
SCALE = 1.0 / 4294967296.0  # 2**-32, exact


@rule
def philox(c0: int, c1: int, c2: int, c3: int, k0: int, k1: int) -> tuple[int, int, int, int]:
    """Return the four 32-bit words of Philox4x32-10 for a 4-word counter and a 2-word key.

    >>> [f"{word:08x}" for word in philox(0, 0, 0, 0, 0, 0)]
    ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']
    """
    for _ in range(10):
        product_0 = MULTIPLIER_0 * c0
        product_1 = MULTIPLIER_1 * c2
        high_0 = (product_0 >> 32) & MASK
        low_0 = product_0 & MASK
        high_1 = (product_1 >> 32) & MASK
        low_1 = product_1 & MASK
        c0, c1, c2, c3 = high_1 ^ c1 ^ k0, low_1, high_0 ^ c3 ^ k1, low_0
        k0 = (k0 + WEYL_0) & MASK
        k1 = (k1 + WEYL_1) & MASK
    return c0, c1, c2, c3


@rule
def month_word(month: int) -> int:
    """Return the word of the counter for a month; it may be negative (before the start of the simulation)."""
    return (month + 1048576) & MASK


@rule
def stream_word(stream: int, purpose: int) -> int:
    """Return the word of the counter for a stream and a purpose, both below 2**16."""
    return ((stream & 0xFFFF) << 16) | (purpose & 0xFFFF)


@rule
def uniforms(seed: int, stream: int, identity: int, month: int, purpose: int) -> tuple[float, float, float, float]:
    """Return four uniform numbers in [0, 1) for one entity, month and purpose.

    `seed` and `identity` are non-negative and below 2**63; `stream` and `purpose` below 2**16; `month` may be negative
    (before the start of the simulation). Resolution is 2**-32.
    """
    w0, w1, w2, w3 = philox(
        identity & MASK,
        (identity >> 32) & MASK,
        month_word(month),
        stream_word(stream, purpose),
        seed & MASK,
        (seed >> 32) & MASK,
    )
    return w0 * SCALE, w1 * SCALE, w2 * SCALE, w3 * SCALE


@rule
def case_uniforms(
    seed: int, structure: int, household: int, month: int, task: int
) -> tuple[float, float, float, float]:
    """Return four uniform numbers for one household's case of a task as one structure meets it in a month.

    The structure's identity goes into the upper half of the key, so every pair has its own stream; `seed` is below
    2**32.
    """
    return uniforms(seed ^ (structure << 32), CASE, household, month, task)


def identity_of(text: str) -> int:
    """Return a stable identity below 2**31 for a name, so that draws follow the name and not the row it stands in.

    >>> identity_of("09473112") == identity_of("09473112")
    True
    """
    return zlib.crc32(text.encode()) & 0x7FFFFFFF
