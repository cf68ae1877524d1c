"""Axes with light gridlines: values upwards or to the right, months to the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...model.calendar import year_of
from .scale import Scale, digits_of, ticks
from .svg import AXIS, GRID, SMALL, SOFT_INK, Drawing
from .text_width import text_width

if TYPE_CHECKING:
    from ..formats import Formats


def value_ticks(low: float, high: float, unit: str, *, steps: int = 5, zero: bool | None = None) -> list[float]:
    """Return round values around a range; from zero unless the range is small against its distance from it.

    Things that are counted have whole steps; shares stay within 0 and 1 where the values do.
    """
    if zero or (zero is None and low > 0.0 and low < 0.6 * high):
        low = min(low, 0.0)
    if zero or (zero is None and high < 0.0 and high > 0.6 * low):
        high = max(high, 0.0)
    return ticks(low, high, steps=steps, whole=unit in ("persons", "cases", "runs"))


def tick_labels(values: Sequence[float], unit: str, formats: Formats, *, change: bool = False) -> list[str]:
    """Return the ticks as texts with the same number of decimals, large sums of money all in the same power."""
    factor = 100.0 if unit == "share" else 1.0
    largest = max(abs(value) for value in values)
    write = formats.change if change else formats.value
    if unit.startswith("EUR") and largest >= 1e6:
        factor = 1e-9 if largest >= 1e9 else 1e-6
        digits = digits_of([value * factor for value in values])
        written = [formats.money_in(value, factor, digits, signed=change) for value in values]
    else:
        digits = digits_of([value * factor for value in values])
        written = [write(value, unit, digits) for value in values]
    return [text if value else formats.number(0.0, 0) for text, value in zip(written, values, strict=True)]


def value_axis(
    drawing: Drawing, scale: Scale, values: Sequence[float], labels: Sequence[str], *, left: float, right: float
) -> None:
    """Draw level gridlines with their values left of them; the line at zero is darker."""
    for value, label in zip(values, labels, strict=True):
        y = scale(value)
        drawing.line(left, y, right, y, stroke=AXIS if value == 0.0 else GRID, stroke_width=1.0)
        drawing.text(left - 8.0, y + SMALL * 0.36, label, anchor="end", fill=SOFT_INK)


def across_axis(
    drawing: Drawing, scale: Scale, values: Sequence[float], labels: Sequence[str], *, top: float, bottom: float
) -> None:
    """Draw upright gridlines with their values below them; a value that would touch the one before it is left out."""
    free = 0.0
    for value, label in zip(values, labels, strict=True):
        x, half = scale(value), text_width(label, SMALL) / 2.0
        drawing.line(x, top, x, bottom, stroke=AXIS if value == 0.0 else GRID, stroke_width=1.0)
        if x - half >= free and x + half <= drawing.width:
            drawing.text(x, bottom + 19.0, label, anchor="middle", fill=SOFT_INK)
            free = x + half + 8.0


def month_axis(drawing: Drawing, scale: Scale, *, y: float, formats: Formats) -> None:
    """Draw the years below a chart whose scale runs over months: a mark at January, the year in its middle.

    Of spells shorter than two years the months are named instead.
    """
    low, high = int(scale.low), int(scale.high)
    drawing.line(scale.start, y, scale.end, y, stroke=AXIS, stroke_width=1.0)
    if high - low < 24:
        marks = [(month, formats.month(month, short=True)) for month in range(low, high + 1)]
    else:
        marks = [(month, str(year_of(month))) for month in range(low, high + 1) if month % 12 == 0]
    wide = max(text_width(text, SMALL) for _, text in marks) + 14.0
    each = (scale(high) - scale(low)) / (high - low) * (marks[1][0] - marks[0][0]) if len(marks) > 1 else wide
    every = max(1, -int(-wide // each))
    for place, (month, text) in enumerate(marks):
        x = scale(month)
        drawing.line(x, y, x, y + 5.0, stroke=AXIS, stroke_width=1.0)
        half = text_width(text, SMALL) / 2.0
        if place % every == 0 and x - half >= 0.0 and x + half <= drawing.width:
            drawing.text(x, y + 21.0, text, anchor="middle", fill=SOFT_INK)


def spread(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Return centres for labels near those wanted such that none overlap and all lie between `low` and `high`.

    >>> spread([10.0, 12.0], [10.0, 10.0], 0.0, 100.0)
    [6.0, 16.0]
    """
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    clusters: list[list[int]] = []
    centres: list[float] = []
    for index in order:
        clusters.append([index])
        centres.append(wanted[index])
        while True:
            tall = sum(heights[i] for i in clusters[-1])
            centres[-1] = min(max(centres[-1], low + tall / 2.0), high - tall / 2.0)
            if len(clusters) < 2:
                break
            above = sum(heights[i] for i in clusters[-2])
            if centres[-2] + above / 2.0 <= centres[-1] - tall / 2.0 + 1e-9:
                break
            merged = clusters[-2] + clusters[-1]
            clusters[-2:] = [merged]
            centres[-2:] = [sum(wanted[i] for i in merged) / len(merged)]
    places = [0.0] * len(wanted)
    for members, centre in zip(clusters, centres, strict=True):
        edge = centre - sum(heights[i] for i in members) / 2.0
        for index in members:
            places[index] = edge + heights[index] / 2.0
            edge += heights[index]
    return places
