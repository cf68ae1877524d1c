"""Classes of colour on a map, and their legend in words and numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import palette
from .chart import Table
from .scale import Scale, class_bounds, class_of, digits_of, finite
from .svg import AXIS, LARGE, NORMAL, PAPER, SMALL, SOFT_INK, Drawing
from .text_width import LINE_HEIGHT, shorten, text_width, wrap

if TYPE_CHECKING:
    from ..formats import Formats
    from .places import Place

LEGEND_HEIGHT = 96.0
_SUFFIX = re.compile(r"\s+(?:b|a|i|v|bei|am|an der|im|in|vor)\b\.?\s*\S+$")
"""What is left out of a name first where it does not fit: "b.Coburg" of "Weidhausen b.Coburg"."""


@dataclass(frozen=True, slots=True)
class Shading:
    """Bounds of the classes and the colour of each; `bounds` has one entry more than `colours`."""

    bounds: tuple[float, ...]
    colours: tuple[str, ...]

    def colour(self, value: float) -> str:
        """Return the colour of a value."""
        return self.colours[class_of(value, self.bounds)]


def shading(
    values: Mapping[str, float | None], *, domain: tuple[float, float] | None = None, diverging: bool = False
) -> Shading:
    """Return at most five classes with round bounds; `domain` makes two maps comparable.

    `diverging` has a bound at zero and another colour on either side of it.
    """
    known = finite(values.values() if domain is None else domain)
    if diverging and known:
        reach = max(abs(min(known)), abs(max(known))) or 1.0
        outer = class_bounds((), classes=2, domain=(0.0, reach))
        bounds = sorted({-bound for bound in outer} | set(outer))
        return Shading(tuple(bounds), palette.diverging(bounds))
    bounds = class_bounds(known)
    return Shading(tuple(bounds), palette.sequential(len(bounds) - 1))


def known_value(values: Mapping[str, float | None], key: str) -> float | None:
    """Return a place's value, None when it has none (absent, None or nan)."""
    value = values.get(key)
    return None if value is None or not math.isfinite(value) else float(value)


def spoken(
    place: Place, values: Mapping[str, float | None], unit: str, formats: Formats, labels: Mapping[str, str]
) -> str:
    """Return what is read out for a place: "Ahorn: 12 € je Einwohner"."""
    if place.outside:
        return f"{place.name}: {place.note}"
    if place.key in labels:
        return f"{place.name}: {labels[place.key]}"
    value = known_value(values, place.key)
    return f"{place.name}: {formats.say('missing') if value is None else formats.full(value, unit)}"


def shown_value(
    place: Place,
    values: Mapping[str, float | None],
    unit: str,
    formats: Formats,
    labels: Mapping[str, str],
    *,
    diverging: bool,
) -> str:
    """Return what is written on a place: its label, its value in the shortest form, or that there is none."""
    if place.outside:
        return place.note
    if place.key in labels:
        return labels[place.key]
    value = known_value(values, place.key)
    if value is None:
        return formats.say("missing")
    return formats.change(value, unit) if diverging else formats.value(value, unit)


def map_sentence(
    title: str, places: Sequence[Place], values: Mapping[str, float | None], unit: str, formats: Formats
) -> str:
    """Return the sentence read out for a map that was given none."""
    inside = [place for place in places if not place.outside]
    known = finite(values.get(place.key) for place in inside)
    if not known:
        return formats.say("map_empty", title=title, count=len(inside))
    low, high = formats.value(min(known), unit), formats.full(max(known), unit)
    return formats.say("map_sentence", title=title, count=len(inside), low=low, high=high)


def fitted(
    text: str, width: float, size: float, *, smallest: float = SMALL, lines: int = 2, bold: bool = False
) -> tuple[list[str], float]:
    """Return a text in lines that fit `width` and the font size: smaller down to `smallest` before words are cut."""
    while size > smallest and any(row.endswith("…") for row in wrap(text, width, size, lines=lines, bold=bold)):
        size = max(smallest, size - 1.0)
    return wrap(text, width, size, lines=lines, bold=bold), size


@dataclass(frozen=True, slots=True)
class Label:
    """What is written on a hexagon: a name in lines and below it a value, each with its font size."""

    rows: list[str]
    small: float
    notes: list[str]
    big: float

    @property
    def height(self) -> float:
        """How much room the lines take."""
        return (len(self.rows) * self.small + len(self.notes) * self.big) * LINE_HEIGHT

    @property
    def named(self) -> bool:
        """Return whether the name stands there, uncut."""
        return bool(self.rows) and not any(row.endswith("…") for row in self.rows)


def label_of(name: str, value: str, width: float, size: float, *, plain: bool = False) -> Label:
    """Return what fits on a hexagon of `size` from a name of one or two lines and a value; too wide texts are cut.

    A name that is too wide loses what stands after "b." or "a." first. A `plain` value is words instead of a number, in
    small type. Where a hexagon is too low for all lines, the name gets one line, then none; a name cut to a few letters
    is left out as well. What is left out is still read out, shown at the pointer and in the table.
    """
    big = SMALL if plain else min(max(size * 0.28, NORMAL), 28.0)
    while big > SMALL and text_width(value, big, bold=True) > width:
        big -= 1.0
    notes = fitted(value, width, SMALL)[0] if plain else [shorten(value, width, big, bold=True)]
    notes = [row for row in notes if len(row) > 3 or row == value]
    for lines in (2, 1, 0):
        rows, small = fitted(name, width, min(max(size * 0.2, SMALL), LARGE), lines=lines) if lines else ([], SMALL)
        if any(row.endswith("…") for row in rows):
            rows, small = fitted(_SUFFIX.sub("", name), width, small, lines=lines)
        rows = [] if any(row.endswith("…") and len(row) < 6 for row in rows) else rows
        label = Label(rows, small, notes, big)
        if label.height <= 1.2 * size:
            return label
    return Label(rows, small, [], big)


def label_place(drawing: Drawing, x: float, y: float, label: Label, *, ink: str, plain: bool = False) -> None:
    """Write a label centred on a point; `plain` puts it on a white plate, for a hatched ground."""
    rows, notes = label.rows, label.notes
    top = y - label.height / 2.0
    if plain and (rows or notes):
        wide = max([text_width(row, label.small) for row in rows] + [text_width(row, label.big) for row in notes])
        drawing.rect(x - wide / 2.0 - 5.0, top - 3.0, wide + 10.0, label.height + 4.0, fill=PAPER, rx=3.0)
    drawing.lines(x, top + label.small * 0.88, rows, size=label.small, anchor="middle", fill=ink)
    below = top + len(rows) * label.small * LINE_HEIGHT + label.big * 0.9
    drawing.lines(x, below, notes, size=label.big, anchor="middle", bold=not plain, fill=ink)


def legend(
    drawing: Drawing, top: float, scheme: Shading, *, unit: str, formats: Formats, missing: bool, caption: str
) -> None:
    """Draw the classes as one bar with numbers at their bounds, "low" and "high" at its ends."""
    left, bar = 8.0, 22.0
    drawing.text(left, top + SMALL, shorten(caption, drawing.width - 2 * left, SMALL), fill=SOFT_INK)
    words = [formats.say("low"), formats.say("high")]
    start = left + text_width(words[0], SMALL) + 10.0
    gap = formats.say("missing")
    reserve = text_width(words[1], SMALL) + 24.0 + (bar + text_width(gap, SMALL) + 40.0 if missing else 0.0)
    end = min(drawing.width - reserve, start + 110.0 * len(scheme.colours))
    scale = Scale(scheme.bounds[0], scheme.bounds[-1], start, end)
    y = top + 28.0
    drawing.text(left, y + bar * 0.72, words[0])
    for low, high, colour in zip(scheme.bounds, scheme.bounds[1:], scheme.colours, strict=False):
        drawing.rect(scale(low), y, scale(high) - scale(low), bar, fill=colour, stroke=AXIS, stroke_width=1.0)
    drawing.text(end + 10.0, y + bar * 0.72, words[1])
    digits = digits_of([bound * (100.0 if unit == "share" else 1.0) for bound in scheme.bounds])
    last = -1e9
    for bound in scheme.bounds:
        text = formats.value(bound, unit, None if abs(bound) >= 1e6 and unit.startswith("EUR") else digits)
        half = text_width(text, SMALL) / 2.0
        if scale(bound) - half > last + 8.0:
            drawing.text(scale(bound), y + bar + 18.0, text, anchor="middle")
            last = scale(bound) + half
    if missing:
        x = drawing.width - 8.0 - text_width(gap, SMALL)
        drawing.text(x, y + bar * 0.72, gap)
        drawing.rect(x - bar - 8.0, y, bar, bar, fill=drawing.pattern("hatch"), stroke=AXIS, stroke_width=1.0)


def map_table(places: Sequence[Place], values: Mapping[str, float | None], unit: str, formats: Formats) -> Table:
    """Return the values of a map by name, in the order of the alphabet."""
    inside = sorted((place for place in places if not place.outside), key=lambda place: sort_key(place.name))
    return Table(
        columns=(formats.say("municipality"), formats.unit(unit) or formats.say("value")),
        rows=tuple((place.name, known_value(values, place.key)) for place in inside),
        units=("", unit),
    )


def sort_key(name: str) -> str:
    """Return a name as it is sorted in German: umlauts as their vowels.

    >>> sorted(["Zell", "Ägidi", "Bad Rodach"], key=sort_key)
    ['Ägidi', 'Bad Rodach', 'Zell']
    """
    return name.casefold().translate(str.maketrans("äöü", "aou"))


def open_place(drawing: Drawing, place: Place, words: str, *, clickable: bool, selected: str | None) -> None:
    """Open the group of a place; on a clickable map a municipality is a button for mouse and keyboard."""
    button = clickable and not place.outside
    drawing.open(
        data_key=None if place.outside else place.key,
        tabindex="0" if button else None,
        role="button" if button else None,
        aria_label=words if button else None,
        aria_pressed=("true" if place.key == selected else "false") if button else None,
        style="cursor:pointer" if button else None,
    )
    drawing.hint(words)
