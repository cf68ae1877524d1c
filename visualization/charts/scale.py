"""Scales: from values to pixels and to classes of colour, with round steps."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line from values (`low` to `high`) to pixels (`start` to `end`).

    >>> Scale(0.0, 10.0, 100.0, 200.0)(2.5)
    125.0
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the pixel of a value; the middle when all values are the same."""
        if self.high == self.low:
            return (self.start + self.end) / 2.0
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def finite(values: Iterable[float | None]) -> list[float]:
    """Return the values that are numbers."""
    return [float(value) for value in values if value is not None and math.isfinite(value)]


def round_step(span: float, steps: int) -> float:
    """Return 1, 2, 2.5 or 5 times a power of ten such that `span` has at most `steps` of them.

    >>> round_step(37.0, 5)
    10.0
    """
    if span < 1e-290:
        return 1.0
    rough = span / steps
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * power >= rough * (1 - 1e-9))


def ticks(low: float, high: float, *, steps: int = 5, whole: bool = False) -> list[float]:
    """Return round values from at or below `low` to at or above `high`.

    `whole` keeps the step at 1 or more, for things that are counted.

    >>> ticks(0.0, 0.93)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    if not high - low > 1e-12 * max(abs(low), abs(high), 1e-280):
        high = low + max(abs(low), 1e-280 if low else 1.0)
    step = round_step(high - low, steps)
    if whole:
        step = max(1.0, float(math.ceil(step)))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(index * step, 12) for index in range(first, last + 1)]


def digits_of(values: Sequence[float]) -> int:
    """Return how many decimals are needed to write equally spaced values exactly (at most 4).

    >>> digits_of([0.0, 2.5, 5.0]), digits_of([0, 10, 20])
    (1, 0)
    """
    return next(
        (n for n in range(4) if all(abs(round(value, n) - value) < 1e-9 * max(1.0, abs(value)) for value in values)), 4
    )


def class_bounds(
    values: Iterable[float | None], *, classes: int = 5, domain: tuple[float, float] | None = None
) -> list[float]:
    """Return round bounds of at most `classes` classes of equal width that cover the values (or the domain).

    >>> class_bounds([3.0, 4.2, 11.0])
    [2.0, 4.0, 6.0, 8.0, 10.0, 12.0]
    """
    known = finite(values if domain is None else domain)
    if not known:
        return [0.0, 1.0]
    steps = classes
    while len(bounds := ticks(min(known), max(known), steps=steps)) - 1 > classes:
        steps -= 1
        if steps == 0:
            low, high = bounds[0], bounds[-1]
            return [low, high]
    return bounds


def class_of(value: float, bounds: Sequence[float]) -> int:
    """Return the class of a value: from its lower bound up to, not including, the upper one; the last includes both.

    >>> class_of(4.0, [0.0, 2.0, 4.0]), class_of(2.0, [0.0, 2.0, 4.0])
    (1, 1)
    """
    return max(0, min(len(bounds) - 2, sum(value >= bound for bound in bounds[1:])))
