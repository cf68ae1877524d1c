"""A map of equal hexagons: every municipality as large as any other, with its name and its value on it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .chart import Chart
from .palette import MISSING, text_on
from .place_list import draw_list, list_height
from .shading import (
    LEGEND_HEIGHT,
    Label,
    known_value,
    label_of,
    label_place,
    legend,
    map_sentence,
    map_table,
    open_place,
    shading,
    shown_value,
    sort_key,
    spoken,
)
from .svg import AXIS, INK, PAPER, SMALL, Drawing
from .text_width import text_width

if TYPE_CHECKING:
    from ..formats import Formats
    from .places import Place

ROOT3 = math.sqrt(3.0)
_MARGIN = 6.0


def hex_map(
    places: Sequence[Place],
    values: Mapping[str, float | None],
    *,
    title: str,
    unit: str,
    formats: Formats,
    sentence: str | None = None,
    caption: str = "",
    selected: str | None = None,
    clickable: bool = False,
    labels: Mapping[str, str] | None = None,
    domain: tuple[float, float] | None = None,
    diverging: bool = False,
    width: float = 600.0,
) -> Chart:
    """Return the map: one hexagon per place, coloured by class, missing values and places outside hatched.

    `values` are by key, in `unit` (as in measures.csv); `labels` replace the value written on a hexagon, such as
    "8 von 10"; `domain` fixes the range of the classes, so that two maps compare; `diverging` is for differences. With
    `clickable`, every municipality is a button with its key in `data-key`. A hexagon too small for its name has a
    number in place of it, and the name stands below the map.

    >>> from ..formats import Formats
    >>> from .places import Place
    >>> ahorn = Place("09473112", "Ahorn", 50.2, 10.9, 0, 0)
    >>> found = hex_map([ahorn], {ahorn.key: 4.0}, title="Waiting", unit="months", formats=Formats("en"))
    >>> "Ahorn" in found.svg
    True
    """
    labels = labels or {}
    xs = [place.q + place.r / 2.0 for place in places]
    rows = [place.r for place in places]
    size = (width - 2 * _MARGIN) / (ROOT3 * (max(xs) - min(xs) + 1.0))
    size = min(size, 110.0)
    left = (width - ROOT3 * size * (max(xs) - min(xs))) / 2.0
    top = _MARGIN + size
    bottom = top + 1.5 * size * (max(rows) - min(rows)) + size
    inside = {place.key: values.get(place.key) for place in places if not place.outside}
    scheme = shading(inside, domain=domain, diverging=diverging)
    outline: list[tuple[float, float]] = []
    room = ROOT3 * size - 14.0
    inner = [place for place in places if not place.outside]
    if any(text_width(labels.get(place.key, ""), SMALL, bold=True) > room for place in inner):
        labels = {}  # the bare number fits, and the caption says what it is

    def label(place: Place, name: str, *, bare: bool = False) -> Label:
        shown = "" if bare else shown_value(place, values, unit, formats, labels, diverging=diverging)
        return label_of(name, shown, room, size, plain=place.outside or known_value(values, place.key) is None)

    written = {place.key: label(place, place.name) for place in places}
    listed = sorted((p for p in places if not written[p.key].named), key=lambda place: sort_key(place.name))
    for number, place in enumerate(listed, start=1):
        written[place.key] = label(place, str(number), bare=place.outside)
    below = [(place.name, place.note.partition(",")[0]) for place in listed]
    drawing = Drawing(width, bottom + list_height(below, width) + 14.0 + LEGEND_HEIGHT)
    for place, x in zip(places, xs, strict=True):
        centre = left + ROOT3 * size * (x - min(xs)), top + 1.5 * size * (place.r - min(rows))
        corners = hexagon(*centre, size - 1.5)
        value = None if place.outside else known_value(values, place.key)
        fill = drawing.pattern("hatch", paper=MISSING, ink="#b8b8b8") if value is None else scheme.colour(value)
        words = spoken(place, values, unit, formats, labels)
        open_place(drawing, place, words, clickable=clickable, selected=selected)
        drawing.polygon(corners, fill=fill, stroke=PAPER if value is not None else AXIS, stroke_width=1.5)
        ink = INK if value is None else text_on(scheme.colour(value))
        label_place(drawing, *centre, written[place.key], ink=ink, plain=value is None)
        drawing.close()
        if place.key == selected:
            outline = hexagon(*centre, size - 3.5)
    if outline:
        drawing.polygon(outline, fill="none", stroke=PAPER, stroke_width=9.0)
        drawing.polygon(outline, fill="none", stroke="#000000", stroke_width=5.0)
    caption = caption or (formats.change_unit(unit) if diverging else formats.unit(unit))
    missing = any(known_value(values, key) is None for key in inside)
    draw_list(drawing, below, bottom + 4.0)
    legend(
        drawing,
        drawing.height - LEGEND_HEIGHT - 4.0,
        scheme,
        unit=unit,
        formats=formats,
        missing=missing,
        caption=caption,
    )
    said = sentence or map_sentence(title, places, values, unit, formats)
    role = "group" if clickable else "img"
    return Chart(drawing.finish(said, role=role), title, said, map_table(places, values, unit, formats))


def hexagon(x: float, y: float, size: float) -> list[tuple[float, float]]:
    """Return the corners of a hexagon standing on a corner; `size` is from the centre to a corner."""
    return [
        (x + size * math.sin(math.pi / 3.0 * corner), y - size * math.cos(math.pi / 3.0 * corner))
        for corner in range(6)
    ]
