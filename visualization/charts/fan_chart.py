"""Month by month over many runs: the middle run as a line, half of the runs and 8 of 10 of them as bands."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np

from ...model.calendar import year_of
from . import palette
from .axes import month_axis, spread, tick_labels, value_axis, value_ticks
from .chart import Chart, Table
from .rows import legend_lines, legend_row
from .scale import Scale
from .svg import GRID, INK, SMALL, SOFT_INK, Drawing
from .text_width import LINE_HEIGHT, text_width, wrap

if TYPE_CHECKING:
    from ..formats import Formats

LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True, slots=True, eq=False)
class Fan:
    """One variant over T months.

    `bands` (5, T) are the 10, 25, 50, 75 and 90 % points of the runs, nan where no run has a value; `runs` (S, T) are
    single runs to draw as thin lines, none by default. The baseline is grey and dashed, a variant blue and solid.

    >>> Fan.of("status quo", np.array([[1.0, 2.0], [3.0, 4.0]])).bands[2].tolist()
    [2.0, 3.0]
    """

    label: str
    bands: np.ndarray
    kind: Literal["baseline", "variant"] = "variant"
    runs: np.ndarray | None = None

    @classmethod
    def of(
        cls, label: str, runs: np.ndarray, kind: Literal["baseline", "variant"] = "variant", *, show_runs: bool = False
    ) -> Fan:
        """Return the fan of runs of shape (S, T); `show_runs` keeps at most twenty of them to be drawn."""
        values = np.asarray(runs, dtype=float)
        bands = np.full((len(LEVELS), values.shape[1]), np.nan)
        known = ~np.isnan(values).all(axis=0)
        if known.any():
            bands[:, known] = np.nanquantile(values[:, known], LEVELS, axis=0)
        return cls(label, bands, kind, values[:20] if show_runs else None)


def fan_chart(
    months: Sequence[int],
    fans: Sequence[Fan],
    *,
    title: str,
    unit: str,
    formats: Formats,
    sentence: str | None = None,
    marks: Sequence[tuple[int, str]] = (),
    limit: tuple[float, str] | None = None,
    domain: tuple[float, float] | None = None,
    yearly: bool = False,
    width: float = 600.0,
    height: float = 360.0,
) -> Chart:
    """Return the chart of one or two fans over the same months (numbers, 0 is January 2015).

    `marks` are upright lines at months, such as a shock; `limit` is a level line with its name; `domain` fixes the
    range of values, so that two charts compare. With `yearly` a value stands for its whole year.

    >>> from ..formats import Formats
    >>> fan = Fan.of("community", np.array([[1.0, 2.0], [3.0, 4.0]]))
    >>> fan_chart([0, 1], [fan], title="Waiting", unit="months", formats=Formats("en")).title
    'Waiting'
    """
    lows, highs = [float(np.nanmin(_all(fan))) for fan in fans], [float(np.nanmax(_all(fan))) for fan in fans]
    low, high = domain or (min(lows), max(highs))
    if not (math.isfinite(low) and math.isfinite(high)):
        low, high = 0.0, 1.0
    if limit:
        low, high = min(low, limit[0]), max(high, limit[0])
    values = value_ticks(low, high, unit)
    labels = tick_labels(values, unit, formats)
    left = max(text_width(label, SMALL) for label in labels) + 20.0
    ends = [_last(fan, unit, formats) for fan in fans]
    side = min(max(text_width(fan.label, SMALL, bold=True) for fan in fans), 0.28 * width)
    side = max(side, 50.0, *(text_width(end, SMALL) for end in ends)) + 18.0
    right, top, bottom = width - side, 34.0 + (20.0 if marks else 0.0), height - 74.0
    across = Scale(months[0], months[-1], left, right)
    up = Scale(values[0], values[-1], bottom, top)
    entries = _legend(fans, formats)
    drawing = Drawing(width, height + 24.0 * (legend_lines(width, [name for name, _ in entries]) - 1))
    drawing.text(8.0, 16.0, formats.unit(unit), fill=SOFT_INK)
    value_axis(drawing, up, values, labels, left=left, right=right)
    month_axis(drawing, across, y=bottom, formats=formats)
    for fan in fans:
        _bands(drawing, fan, months, across, up)
    for fan in fans:
        _lines(drawing, fan, months, across, up)
    if limit:
        drawing.line(left, up(limit[0]), right, up(limit[0]), stroke=INK, stroke_width=1.5, stroke_dasharray="2 3")
    _marks(drawing, marks, across, top, bottom)
    _end_labels(drawing, fans, limit, up, unit, formats, right=right, low=top, high=bottom)
    legend_row(drawing, height - 12.0, entries)
    times = [str(year_of(month)) if yearly else formats.month(month) for month in months]
    said = sentence or _sentence(title, times, fans, unit, formats)
    columns = _columns(fans, formats.say("year" if yearly else "month"), formats)
    return Chart(drawing.finish(said), title, said, _table(times, columns, fans, unit))


def _all(fan: Fan) -> np.ndarray:
    """Return every value drawn for a fan; one nan when there is none."""
    parts = [fan.bands.ravel()] + ([fan.runs.ravel()] if fan.runs is not None else [])
    values = np.concatenate(parts)
    known = values[~np.isnan(values)]
    return known if known.size else np.array([0.0])


def _last(fan: Fan, unit: str, formats: Formats) -> str:
    """Return the last value of the middle run, "" when there is none."""
    known = fan.bands[2][~np.isnan(fan.bands[2])]
    return formats.value(float(known[-1]), unit) if known.size else ""


def _colour(fan: Fan) -> tuple[str, str | None]:
    return (palette.BASELINE, palette.DASHES[0]) if fan.kind == "baseline" else (palette.VARIANT, None)


def _spells(known: np.ndarray) -> list[slice]:
    """Return the stretches of months without a gap."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], known.astype(int), [0]))))
    return [slice(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _bands(drawing: Drawing, fan: Fan, months: Sequence[int], across: Scale, up: Scale) -> None:
    colour, dash = _colour(fan)
    for spell in _spells(~np.isnan(fan.bands[2])):
        xs = [across(month) for month in months[spell]]
        for lower, upper, strength in ((0, 4, 0.16), (1, 3, 0.30)):
            above = [(x, up(value)) for x, value in zip(xs, fan.bands[upper, spell], strict=True)]
            below = [(x, up(value)) for x, value in zip(xs, fan.bands[lower, spell], strict=True)]
            drawing.polygon(
                [*above, *reversed(below)], fill=colour, fill_opacity=strength, data_band=f"{lower}-{upper}"
            )
            if lower == 0:
                for edge in (above, below):
                    drawing.polyline(edge, stroke=colour, stroke_width=0.8, stroke_dasharray=dash, stroke_opacity=0.7)


def _lines(drawing: Drawing, fan: Fan, months: Sequence[int], across: Scale, up: Scale) -> None:
    colour, dash = _colour(fan)
    for run in fan.runs if fan.runs is not None else ():
        for spell in _spells(~np.isnan(run)):
            pairs = [(across(month), up(value)) for month, value in zip(months[spell], run[spell], strict=True)]
            drawing.polyline(pairs, stroke=colour, stroke_width=0.7, stroke_opacity=0.55, data_line="run")
    for spell in _spells(~np.isnan(fan.bands[2])):
        pairs = [(across(month), up(value)) for month, value in zip(months[spell], fan.bands[2, spell], strict=True)]
        if len(pairs) == 1:
            drawing.circle(*pairs[0], 3.0, fill=colour)
        drawing.polyline(
            pairs, stroke=colour, stroke_width=3.0, stroke_dasharray=dash, stroke_linejoin="round", data_line="median"
        )


def _marks(drawing: Drawing, marks: Sequence[tuple[int, str]], across: Scale, top: float, bottom: float) -> None:
    """Draw upright lines with their names above the chart; a name that would touch its neighbour is left out."""
    free = 0.0
    for month, label in sorted(marks):
        x = across(month)
        drawing.line(x, top - 4.0, x, bottom, stroke=INK, stroke_width=1.2, stroke_dasharray="4 3")
        half = text_width(label, SMALL) / 2.0
        at = min(max(x, half + 4.0), drawing.width - half - 4.0)
        if at - half >= free:
            drawing.text(at, top - 10.0, label, anchor="middle")
            free = at + half + 8.0


def _end_labels(
    drawing: Drawing,
    fans: Sequence[Fan],
    limit: tuple[float, str] | None,
    up: Scale,
    unit: str,
    formats: Formats,
    *,
    right: float,
    low: float,
    high: float,
) -> None:
    """Write beside the end of every line its name and last value, without overlap."""
    room = drawing.width - right - 12.0
    entries: list[tuple[float, list[str], str, str]] = []
    for fan in fans:
        known = fan.bands[2][~np.isnan(fan.bands[2])]
        if known.size:
            rows = wrap(fan.label, room, SMALL, lines=3, bold=True)
            entries.append((up(float(known[-1])), rows, _last(fan, unit, formats), _colour(fan)[0]))
    if limit:
        entries.append((up(limit[0]), wrap(limit[1], room, SMALL, lines=3), "", INK))
    heights = [(len(rows) + bool(value)) * SMALL * LINE_HEIGHT + 4.0 for _, rows, value, _ in entries]
    for (_, rows, value, colour), height, centre in zip(
        entries, heights, spread([entry[0] for entry in entries], heights, low - 14.0, high + 4.0), strict=True
    ):
        y = centre - height / 2.0 + SMALL
        drawing.lines(right + 8.0, y, rows, bold=bool(value), fill=colour)
        if value:
            drawing.text(right + 8.0, y + len(rows) * SMALL * LINE_HEIGHT, value, fill=colour)


def _legend(fans: Sequence[Fan], formats: Formats) -> list[tuple[str, Callable[[Drawing, float, float], None]]]:
    """Return what explains line and bands, in the colour of the last fan."""
    kinds = [("line", "median"), ("half", "half"), ("most", "eight_of_ten")]
    if any(fan.runs is not None for fan in fans):
        kinds.append(("run", "single_run"))
    return [(formats.say(key), partial(_swatch, kind=kind, colour=_colour(fans[-1])[0])) for kind, key in kinds]


def _swatch(drawing: Drawing, x: float, y: float, *, kind: str, colour: str) -> None:
    if kind in ("line", "run"):
        drawing.line(x, y + 7.0, x + 26.0, y + 7.0, stroke=colour, stroke_width=3.0 if kind == "line" else 0.8)
        return
    drawing.rect(x, y, 26.0, 14.0, fill=colour, fill_opacity=0.16)
    if kind == "half":
        drawing.rect(x, y, 26.0, 14.0, fill=colour, fill_opacity=0.30)
    drawing.rect(x, y, 26.0, 14.0, fill="none", stroke=GRID, stroke_width=0.8)


def _sentence(title: str, times: Sequence[str], fans: Sequence[Fan], unit: str, formats: Formats) -> str:
    parts = []
    for fan in fans:
        known = np.flatnonzero(~np.isnan(fan.bands[2]))
        if known.size:
            low, _, median, _, high = fan.bands[:, known[-1]]
            parts.append(
                formats.say(
                    "fan_part",
                    name=fan.label,
                    median=formats.full(median, unit),
                    low=formats.value(low, unit),
                    high=formats.full(high, unit),
                )
            )
    ends = {"from_month": times[0], "to_month": times[-1]}
    return formats.say("fan_sentence", title=title, parts=" ".join(parts), **ends).strip()


def _columns(fans: Sequence[Fan], first: str, formats: Formats) -> tuple[str, ...]:
    columns = [first]
    for fan in fans:
        columns.append(formats.say("median_of", name=fan.label))
        columns += [
            formats.say(end, name=fan.label, share=formats.say(share))
            for share in ("half", "eight_of_ten")
            for end in ("band_low", "band_high")
        ]
    return tuple(columns)


def _table(times: Sequence[str], columns: tuple[str, ...], fans: Sequence[Fan], unit: str) -> Table:
    """Return one row per month or year: for every fan the middle run, half and 8 of 10 of the runs from and to."""
    order = (2, 1, 3, 0, 4)
    rows = tuple(
        (
            time,
            *(
                None if math.isnan(fan.bands[level, place]) else float(fan.bands[level, place])
                for fan in fans
                for level in order
            ),
        )
        for place, time in enumerate(times)
    )
    return Table(columns, rows, ("", *(unit for _ in columns[1:])))
