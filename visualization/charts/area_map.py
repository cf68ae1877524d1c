"""A map of areas: names and values inside them where they fit, else a number in the area and a list below the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import shapely

from .chart import Chart
from .palette import MISSING, text_on
from .place_list import draw_list, list_height
from .shading import (
    LEGEND_HEIGHT,
    known_value,
    legend,
    map_sentence,
    map_table,
    open_place,
    shading,
    shown_value,
    sort_key,
    spoken,
)
from .svg import AXIS, INK, PAPER, SMALL, Drawing, number
from .text_width import LINE_HEIGHT, text_width, wrap

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from ..formats import Formats
    from .places import Place

_MARGIN = 10.0


def area_map(
    places: Sequence[Place],
    areas: Mapping[str, BaseGeometry],
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
    """Return the map; `areas` are polygons by key in kilometres east and north, the other words as in `hex_map`."""
    labels = labels or {}
    drawn = _in_pixels(areas, width)
    bottom = max(area.bounds[3] for area in drawn.values()) + _MARGIN
    inside = {place.key: values.get(place.key) for place in places if not place.outside}
    scheme = shading(inside, domain=domain, diverging=diverging)
    spots: dict[str, tuple[float, float, list[str], str]] = {}
    listed: list[Place] = []
    for place in sorted(places, key=lambda place: sort_key(place.name)):
        if place.key in drawn:
            shown = shown_value(place, values, unit, formats, labels, diverging=diverging)
            spot = _spot(drawn[place.key], place.name, shown)
            if spot is None:
                listed.append(place)
                spot = _spot(drawn[place.key], "", str(len(listed)), centre=True)
            if spot is not None:
                spots[place.key] = spot
    below = [(place.name, shown_value(place, values, unit, formats, labels, diverging=diverging)) for place in listed]
    top = bottom + list_height(below, width) + 10.0
    drawing = Drawing(width, top + LEGEND_HEIGHT)
    for place in places:
        if place.key not in drawn:
            continue
        value = None if place.outside else known_value(values, place.key)
        fill = drawing.pattern("hatch", paper=MISSING, ink="#b8b8b8") if value is None else scheme.colour(value)
        open_place(drawing, place, spoken(place, values, unit, formats, labels), clickable=clickable, selected=selected)
        drawing.path(_path(drawn[place.key]), fill=fill, stroke=PAPER if value is not None else AXIS,
                     stroke_width=2.0, fill_rule="evenodd")  # fmt: skip
        if place.key in spots:
            _write(drawing, *spots[place.key], plain=value is None, ink=INK if value is None else text_on(fill))
        drawing.close()
    if selected in drawn:
        for colour, thick in ((PAPER, 8.0), ("#000000", 4.0)):
            drawing.path(_path(drawn[selected]), fill="none", stroke=colour, stroke_width=thick)
    draw_list(drawing, below, bottom)
    caption = caption or (formats.change_unit(unit) if diverging else formats.unit(unit))
    missing = any(known_value(values, key) is None for key in inside)
    legend(drawing, top, scheme, unit=unit, formats=formats, missing=missing, caption=caption)
    said = sentence or map_sentence(title, places, values, unit, formats)
    role = "group" if clickable else "img"
    return Chart(drawing.finish(said, role=role), title, said, map_table(places, values, unit, formats))


def _in_pixels(areas: Mapping[str, BaseGeometry], width: float) -> dict[str, BaseGeometry]:
    """Return the areas with north up, as wide as the drawing but not much higher than wide."""
    west, south, east, north = shapely.total_bounds(list(areas.values()))
    room = width - 2.0 * _MARGIN
    scale = min(room / max(east - west, 1e-9), 1.1 * room / max(north - south, 1e-9))
    left = (width - scale * (east - west)) / 2.0

    def place(points):
        points = points.copy()
        points[:, 0] = left + (points[:, 0] - west) * scale
        points[:, 1] = _MARGIN + (north - points[:, 1]) * scale
        return points

    found = {key: shapely.simplify(shapely.transform(area, place), 0.4) for key, area in areas.items()}
    return {key: area for key, area in found.items() if not area.is_empty}


def _path(area: BaseGeometry) -> str:
    """Return the outline of polygons with their holes."""
    parts = []
    for polygon in shapely.get_parts(area):
        if polygon.geom_type != "Polygon":
            continue
        for ring in (polygon.exterior, *polygon.interiors):
            pairs = [f"{number(x)},{number(y)}" for x, y in ring.coords[:-1]]
            parts.append(f"M{' L'.join(pairs)} Z")
    return " ".join(parts)


def _spot(
    area: BaseGeometry, name: str, value: str, *, centre: bool = False
) -> tuple[float, float, list[str], str] | None:
    """Return where a name and a value fit wholly into an area, with the name in lines; None when nowhere.

    `centre` takes the middle of the area even where the text touches its border, as for a single number.
    """
    largest = max(shapely.get_parts(area), key=lambda part: part.area)
    pole = shapely.maximum_inscribed_circle(largest).coords[0]
    middle = largest.representative_point()
    for lines in ([name], wrap(name, 100.0, SMALL, lines=2)) if name else ([],):
        wide = max([text_width(line, SMALL) for line in lines] + [text_width(value, SMALL, bold=True)])
        tall = (len(lines) + 1) * SMALL * LINE_HEIGHT
        for x, y in (pole, (largest.centroid.x, largest.centroid.y), (middle.x, middle.y)):
            frame = shapely.box(x - wide / 2.0 - 3.0, y - tall / 2.0 - 1.0, x + wide / 2.0 + 3.0, y + tall / 2.0 + 1.0)
            if largest.contains(frame) or (centre and wide < 30.0 and largest.area > 300.0):
                return x, y, lines, value
    return None


def _write(drawing: Drawing, x: float, y: float, lines: Sequence[str], value: str, *, plain: bool, ink: str) -> None:
    rows = [*lines, value]
    top = y - len(rows) * SMALL * LINE_HEIGHT / 2.0
    if plain:
        wide = max(text_width(row, SMALL, bold=row == value) for row in rows) + 6.0
        tall = len(rows) * SMALL * LINE_HEIGHT
        drawing.rect(x - wide / 2.0, top - 1.0, wide, tall + 2.0, fill=PAPER, rx=3.0, stroke=AXIS, stroke_width=0.5)
    drawing.lines(x, top + SMALL * 0.92, list(lines), anchor="middle", fill=ink)
    below = top + SMALL * 0.92 + len(lines) * SMALL * LINE_HEIGHT
    drawing.text(x, below, value, anchor="middle", bold=not plain, fill=ink)
