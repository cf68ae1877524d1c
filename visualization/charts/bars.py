"""Level bars from zero with their values at the end, for one or more variants side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from . import palette
from .axes import across_axis, tick_labels, value_ticks
from .chart import Chart, Table
from .rows import legend_lines, legend_row, names
from .scale import Scale, finite
from .svg import AXIS, INK, SMALL, SOFT_INK, Drawing
from .text_width import shorten, text_width

if TYPE_CHECKING:
    from ..formats import Formats

Kind = Literal["baseline", "variant"]
_BAR, _GAP, _PAD = 20.0, 3.0, 12.0


@dataclass(frozen=True, slots=True)
class Series:
    """The values of one variant, one per row; None where there is none.

    >>> Series("status quo", (1.0, None), "baseline").values
    (1.0, None)
    """

    name: str
    values: tuple[float | None, ...]
    kind: Kind = "variant"


def fill_of(drawing: Drawing, kind: Kind) -> str:
    """Return the fill of a variant: grey with rising lines for the baseline, plain blue otherwise."""
    if kind == "baseline":
        return drawing.pattern("hatch", ink=palette.BASELINE, paper="#e4e4e4")
    return palette.VARIANT


def bars(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    title: str,
    unit: str,
    formats: Formats,
    sentence: str | None = None,
    domain: tuple[float, float] | None = None,
    change: bool = False,
    width: float = 600.0,
) -> Chart:
    """Return the bars: one group per label, one bar per series; `change` writes values as differences with a sign.

    >>> from ..formats import Formats
    >>> found = bars(["Ahorn"], [Series("community", (4.0,))], title="Waiting", unit="months", formats=Formats("en"))
    >>> "Ahorn" in found.svg
    True
    """
    column = names(labels, width)
    write = formats.change if change else formats.value
    known = finite(value for one in series for value in one.values)
    low, high = domain or (min([0.0, *known]), max([0.0, *known]))
    marks = value_ticks(low, high, unit, zero=True)
    ticks = tick_labels(marks, unit, formats, change=change)
    wide = max((text_width(write(value, unit), SMALL, bold=True) for value in known), default=0.0) + 8.0
    if any(value is None or not math.isfinite(value) for one in series for value in one.values):
        wide = max(wide, text_width(formats.say("missing"), SMALL) + 8.0)
    left = column.width + 16.0 + (wide if low < 0.0 else 0.0)
    across = Scale(marks[0], marks[-1], left, width - max(wide, text_width(ticks[-1], SMALL) / 2.0) - 4.0)
    heights = [max(column.height(row), len(series) * (_BAR + _GAP)) + _PAD for row in range(len(labels))]
    top = 28.0
    bottom = top + sum(heights)
    entries = [(one.name, partial(_swatch, kind=one.kind)) for one in series] if len(series) > 1 else []
    height = bottom + 34.0 + (26.0 * legend_lines(width, [name for name, _ in entries]) if entries else 0.0)
    drawing = Drawing(width, height)
    caption = formats.change_unit(unit) if change else formats.unit(unit)
    drawing.text(8.0, 16.0, shorten(caption, width - 16.0, SMALL), fill=SOFT_INK)
    across_axis(drawing, across, marks, ticks, top=top, bottom=bottom)
    y = top
    for row, tall in enumerate(heights):
        middle = y + tall / 2.0
        column.draw(drawing, row, middle)
        start = middle - len(series) * (_BAR + _GAP) / 2.0 + _GAP / 2.0
        for place, one in enumerate(series):
            _bar(drawing, across, start + place * (_BAR + _GAP), one.values[row], one.kind, write, unit, formats)
        y += tall
    drawing.line(across(0.0), top, across(0.0), bottom, stroke=INK, stroke_width=1.5)
    if entries:
        legend_row(drawing, bottom + 50.0, entries)
    said = sentence or formats.say("bars_sentence", title=title, parts=_parts(labels, series, unit, formats, change))
    rows = tuple((label, *(one.values[row] for one in series)) for row, label in enumerate(labels))
    table = Table(("", *(one.name for one in series)), rows, ("", *(unit for _ in series)))
    return Chart(drawing.finish(said), title, said, table)


def _bar(
    drawing: Drawing, across: Scale, y: float, value: float | None, kind: Kind, write, unit: str, formats: Formats
) -> None:
    zero, base = across(0.0), y + _BAR * 0.74
    if value is None or not math.isfinite(value):
        drawing.text(zero + 6.0, base, formats.say("missing"), fill=SOFT_INK)
        return
    x = across(value)
    drawing.rect(min(zero, x), y, abs(x - zero), _BAR, fill=fill_of(drawing, kind), stroke=AXIS, stroke_width=0.8,
                 data_value=f"{value:.10g}")  # fmt: skip
    drawing.text(x + (6.0 if value >= 0.0 else -6.0), base, write(value, unit),
                 anchor="start" if value >= 0.0 else "end", bold=True)  # fmt: skip


def _swatch(drawing: Drawing, x: float, y: float, *, kind: Kind) -> None:
    drawing.rect(x, y, 26.0, 14.0, fill=fill_of(drawing, kind), stroke=AXIS, stroke_width=0.8)


def _parts(labels: Sequence[str], series: Sequence[Series], unit: str, formats: Formats, change: bool) -> str:
    write = formats.difference if change else formats.full
    parts = []
    for row, label in enumerate(labels):
        values = [
            (f"{one.name} " if len(series) > 1 else "") + (write(one.values[row], unit) if one.values[row] is not None
             else formats.say("missing"))
            for one in series
        ]  # fmt: skip
        parts.append(f"{label}: {', '.join(values)}")
    return "; ".join(parts)
