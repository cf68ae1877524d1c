"""Sums of floating-point numbers in the order in which NumPy adds them, so that compiled and plain sums are the same.

NumPy adds pairwise: blocks of up to 128 numbers with eight running sums, and the sums of the blocks in pairs. That is
more exact than one after the other and differs from it in the last bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .jit import rule


@rule
def _block(values: Any, first: int, n: int) -> float:
    """Return the sum of up to 128 numbers from values[first] on."""
    if n < 8:
        total = -0.0
        for i in range(first, first + n):
            total += values[i]
        return total
    a, b, c, d = values[first], values[first + 1], values[first + 2], values[first + 3]
    e, f, g, h = values[first + 4], values[first + 5], values[first + 6], values[first + 7]
    whole = first + n - n % 8
    for i in range(first + 8, whole, 8):
        a += values[i]
        b += values[i + 1]
        c += values[i + 2]
        d += values[i + 3]
        e += values[i + 4]
        f += values[i + 5]
        g += values[i + 6]
        h += values[i + 7]
    total = ((a + b) + (c + d)) + ((e + f) + (g + h))
    for i in range(whole, first + n):
        total += values[i]
    return total


@rule
def added(values: Any, n: int) -> float:
    """Return the sum of the first `n` numbers of a row, bit for bit what NumPy's `sum` gives.

    >>> import numpy as np
    >>> row = np.sqrt(np.arange(1000.0))
    >>> added(row, 1000) == float(row.sum())
    True
    """
    if n <= 128:
        return 0.0 + _block(values, 0, n)
    # Parts still to be halved or added; a size of -1 says that two finished sums belong together. No recursion, as
    # compiled code that calls itself does not survive Numba's cache.
    first, size, sums = np.zeros(64, np.int64), np.zeros(64, np.int64), np.zeros(64)
    size[0] = n
    parts, done = 1, 0
    while parts > 0:
        parts -= 1
        start, length = first[parts], size[parts]
        if length < 0:
            done -= 1
            sums[done - 1] += sums[done]
        elif length <= 128:
            sums[done] = _block(values, start, length)
            done += 1
        else:
            half = length // 2
            half -= half % 8
            size[parts] = -1
            first[parts + 1], size[parts + 1] = start, half
            first[parts + 2], size[parts + 2] = start + half, length - half
            parts += 3
    return 0.0 + sums[0]


@rule
def summed(values: Any, n: int) -> float:
    """Return the sum of the first `n` numbers of a row, bit for bit what Python's `sum` gives: one after the other,
    with what rounding loses added at the end.

    >>> import numpy as np
    >>> summed(np.full(10, 0.1), 10) == sum([0.1] * 10)
    True
    """
    total, lost = 0.0, 0.0
    for i in range(n):
        after = total + values[i]
        if abs(total) >= abs(values[i]):
            lost += (total - after) + values[i]
        else:
            lost += (values[i] - after) + total
        total = after
    return total + lost
