"""Numbers as people read them in a table: three significant digits, thousands and millions shortened."""

from __future__ import annotations

import math


def number(value: float, *, signed: bool = False) -> str:
    """Return a number with about three significant digits.

    >>> number(1234567.0), number(-0.25, signed=True), number(0.0), number(43210)
    ('1.23M', '-0.25', '0', '43.2k')
    """
    if math.isnan(value):
        return "-"
    size = abs(value)
    if math.isinf(value) or size == 0:
        return "0" if size == 0 else str(value)
    for limit, divisor, letter in ((1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if size >= limit:
            return f"{_digits(value / divisor, signed=signed)}{letter}"
    return _digits(value, signed=signed)


def _digits(value: float, *, signed: bool) -> str:
    """Return a number below 10,000 with three significant digits, but never fewer than its whole part."""
    size = abs(value)
    sign = "+" if signed else ""
    if size >= 100:
        return f"{value:{sign},.0f}"
    if size >= 0.001:
        decimals = 2 - math.floor(math.log10(size))
        text = f"{value:{sign}.{max(decimals, 0)}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{value:{sign}.1e}"


def spread(low: float, middle: float, high: float, *, signed: bool = False) -> str:
    """Return a median with its interval, such as `12.3 [11.9; 12.8]`."""
    if math.isnan(middle):
        return "-"
    return f"{number(middle, signed=signed)} [{number(low, signed=signed)}; {number(high, signed=signed)}]"
