"""Ranges over runs: the middle run as a dot, half of the runs as a thick bar, 8 of 10 of them as a thin line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from . import palette
from .axes import across_axis, tick_labels, value_ticks
from .chart import Chart, Table
from .fan_chart import LEVELS
from .rows import legend_lines, legend_row, names
from .scale import Scale
from .svg import GRID, PAPER, SMALL, SOFT_INK, Drawing
from .text_width import shorten, text_width

if TYPE_CHECKING:
    from ..formats import Formats
    from .bars import Kind

_LINE, _PAD = 24.0, 12.0
Points = tuple[float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Intervals:
    """The ranges of one variant, one per row: the 10, 25, 50, 75 and 90 % points of its runs; None without runs.

    >>> Intervals.of("status quo", [[1.0, 2.0, 3.0]]).points[0][2]
    2.0
    """

    name: str
    points: tuple[Points | None, ...]
    kind: Kind = "variant"

    @classmethod
    def of(cls, name: str, runs: Sequence[Sequence[float]] | np.ndarray, kind: Kind = "variant") -> Intervals:
        """Return the ranges of values by row and run, shape (rows, S); nan where a run has no value."""
        points = []
        for row in np.asarray(runs, dtype=float):
            known = row[~np.isnan(row)]
            points.append(tuple(float(x) for x in np.quantile(known, LEVELS)) if known.size else None)
        return cls(name, tuple(points), kind)


def interval_bars(
    labels: Sequence[str],
    series: Sequence[Intervals],
    *,
    title: str,
    unit: str,
    formats: Formats,
    sentence: str | None = None,
    domain: tuple[float, float] | None = None,
    change: bool = False,
    width: float = 600.0,
) -> Chart:
    """Return the ranges: one group per label, one range per series, the middle run written beside it.

    >>> from ..formats import Formats
    >>> ranges = Intervals.of("community", [[1.0, 2.0, 3.0]])
    >>> "Ahorn" in interval_bars(["Ahorn"], [ranges], title="Waiting", unit="months", formats=Formats("en")).svg
    True
    """
    column = names(labels, width)
    write = formats.change if change else formats.value
    known = [point for one in series for points in one.points if points for point in points]
    low, high = domain or (min(known, default=0.0), max(known, default=1.0))
    if change:
        low, high = min(low, 0.0), max(high, 0.0)
    marks = value_ticks(low, high, unit)
    ticks = tick_labels(marks, unit, formats, change=change)
    missing = formats.say("missing")
    texts = [write(points[2], unit) if points else missing for one in series for points in one.points]
    side = max(text_width(text, SMALL, bold=True) for text in texts) + 16.0
    across = Scale(marks[0], marks[-1], column.width + 24.0, width - side - text_width(ticks[-1], SMALL) / 2.0)
    heights = [max(column.height(row), len(series) * _LINE) + _PAD for row in range(len(labels))]
    top = 28.0
    bottom = top + sum(heights)
    kinds = [(one.name, partial(_sample, kind=one.kind, what="all")) for one in series] if len(series) > 1 else []
    kind = series[-1].kind
    entries = [
        *kinds,
        (formats.say("median"), partial(_sample, kind=kind, what="median")),
        (formats.say("half"), partial(_sample, kind=kind, what="half")),
        (formats.say("eight_of_ten"), partial(_sample, kind=kind, what="most")),
    ]
    drawing = Drawing(width, bottom + 36.0 + 24.0 * legend_lines(width, [name for name, _ in entries]))
    caption = formats.change_unit(unit) if change else formats.unit(unit)
    drawing.text(8.0, 16.0, shorten(caption, width - 16.0, SMALL), fill=SOFT_INK)
    across_axis(drawing, across, marks, ticks, top=top, bottom=bottom)
    y = top
    for row, tall in enumerate(heights):
        middle = y + tall / 2.0
        column.draw(drawing, row, middle)
        if row:
            drawing.line(8.0, y, width - 8.0, y, stroke=GRID, stroke_width=0.8)
        start = middle - len(series) * _LINE / 2.0 + _LINE / 2.0
        for place, one in enumerate(series):
            points, at = one.points[row], start + place * _LINE
            if points:
                range_mark(drawing, [across(point) for point in points], at, one.kind)
            text, colour = (write(points[2], unit), _ink(one.kind)) if points else (missing, SOFT_INK)
            drawing.text(width - 8.0, at + SMALL * 0.36, text, anchor="end", bold=bool(points), fill=colour)
        y += tall
    legend_row(drawing, bottom + 50.0, entries)
    said = sentence or _sentence(title, labels, series, unit, formats, change)
    return Chart(drawing.finish(said), title, said, _table(labels, series, unit, formats))


def _ink(kind: Kind) -> str:
    return palette.BASELINE if kind == "baseline" else palette.VARIANT


def range_mark(drawing: Drawing, xs: Sequence[float], y: float, kind: Kind) -> None:
    """Draw one range at five pixels; the baseline has an open dot and a dashed line, a variant a full one."""
    ink = _ink(kind)
    dash = "4 3" if kind == "baseline" else None
    drawing.line(xs[0], y, xs[4], y, stroke=ink, stroke_width=2.0, stroke_dasharray=dash)
    drawing.rect(xs[1], y - 5.0, max(xs[3] - xs[1], 0.5), 10.0, fill=ink, fill_opacity=0.55)
    drawing.circle(xs[2], y, 6.0, fill=PAPER if kind == "baseline" else ink, stroke=ink, stroke_width=2.5)


def _sample(drawing: Drawing, x: float, y: float, *, kind: Kind, what: str) -> None:
    ink, middle = _ink(kind), y + 7.0
    dash = "4 3" if kind == "baseline" else None
    if what in ("all", "most"):
        drawing.line(x, middle, x + 26.0, middle, stroke=ink, stroke_width=2.0, stroke_dasharray=dash)
    if what == "half":
        drawing.rect(x + 3.0, y + 2.0, 20.0, 10.0, fill=ink, fill_opacity=0.55)
    if what in ("all", "median"):
        drawing.circle(x + 13.0, middle, 6.0, fill=PAPER if kind == "baseline" else ink, stroke=ink, stroke_width=2.5)


def _sentence(
    title: str, labels: Sequence[str], series: Sequence[Intervals], unit: str, formats: Formats, change: bool
) -> str:
    write = formats.difference if change else formats.full
    parts = []
    for row, label in enumerate(labels):
        values = [
            f"{one.name} {write(points[2], unit) if points else formats.say('missing')}"
            for one in series
            for points in [one.points[row]]
        ]
        parts.append(f"{label}: {', '.join(values)}")
    return formats.say("bars_sentence", title=title, parts="; ".join(parts))


def _table(labels: Sequence[str], series: Sequence[Intervals], unit: str, formats: Formats) -> Table:
    columns = [""]
    for one in series:
        columns.append(formats.say("median_of", name=one.name))
        columns += [
            formats.say(end, name=one.name, share=formats.say(share))
            for share in ("half", "eight_of_ten")
            for end in ("band_low", "band_high")
        ]
    order = (2, 1, 3, 0, 4)
    rows = []
    for row, label in enumerate(labels):
        cells = [one.points[row] or (None,) * len(LEVELS) for one in series]
        rows.append((label, *(points[level] for points in cells for level in order)))
    return Table(tuple(columns), tuple(rows), ("", *(unit for _ in columns[1:])))
