"""Numbers as people read them in a table: three digits, thousands and millions shortened, shares as per cent."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


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


@dataclass(frozen=True, slots=True)
class Scale:
    """How the numbers of one column are written: all in one unit and with the same number of decimals."""

    unit: str
    factor: float
    decimals: int
    difference_decimals: int

    @classmethod
    def of(cls, unit: str, values: Iterable[float], differences: Iterable[float]) -> Scale:
        """Return a scale on which the largest value and the largest difference have three digits; shares become %."""
        size = _largest(values)
        factor, shown = 1.0, unit
        if _is_share(unit):
            factor, shown = 100.0, "%" + unit.removeprefix("share")
        elif size >= 1e7:
            factor, shown = 1e-6, f"million {unit}"
        elif size >= 1e4:
            factor, shown = 1e-3, f"thousand {unit}"
        return cls(shown, factor, _decimals(size * factor), _decimals(_largest(differences) * factor, signed=True))

    def value(self, low: float, middle: float, high: float) -> str:
        """Return a median with its interval, such as `12.3 [11.9; 12.8]`."""
        return self._spread(low, middle, high, f",.{self.decimals}f")

    def difference(self, low: float, middle: float, high: float) -> str:
        """Return a difference with its interval, such as `+0.4 [-0.1; +0.9]`."""
        return self._spread(low, middle, high, f"+,.{self.difference_decimals}f")

    def _spread(self, low: float, middle: float, high: float, form: str) -> str:
        """Return three numbers as median and interval."""
        if math.isnan(middle):
            return "-"
        first, second, third = (f"{number * self.factor + 0.0:{form}}" for number in (low, middle, high))
        return f"{second} [{first}; {third}]"


def with_unit(value: float, unit: str) -> tuple[str, str]:
    """Return one number and its unit; shares become per cent.

    >>> with_unit(0.1234, "share")
    ('12.3', '%')
    """
    if _is_share(unit):
        return number(100.0 * value), "%" + unit.removeprefix("share")
    return number(value), unit


def _is_share(unit: str) -> bool:
    """Return whether a unit is a share, of whatever."""
    return unit == "share" or unit.startswith("share ")


def _largest(numbers: Iterable[float]) -> float:
    """Return the largest finite size of some numbers, 0 without any."""
    return max((abs(number) for number in numbers if math.isfinite(number)), default=0.0)


def _decimals(size: float, *, signed: bool = False) -> int:
    """Return how many decimals give a number of this size three digits; fewer below 1 when a sign needs the place."""
    if size <= 0:
        return 0
    digits = 3
    if signed and size < 1:
        digits = 2 if size >= 0.01 else 1
    return min(5, max(0, digits - 1 - math.floor(math.log10(size))))
