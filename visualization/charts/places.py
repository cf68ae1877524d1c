"""Municipalities on a map: their key, name, seat and hexagon, and the places on the map that are not of the region."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...model.region import Region

OUTSIDE_FILE = "outside.csv"


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality on the map; `lat`, `lon` of its seat in degrees, `q`, `r` axial coordinates of its hexagon.

    An `outside` place, such as an independent city in the middle of a district, is drawn hatched, with its `note`
    instead of a value.

    >>> Place("09473112", "Ahorn", 50.2, 10.9, 0, 0).outside
    False
    """

    key: str
    name: str
    lat: float
    lon: float
    q: int
    r: int
    outside: bool = False
    note: str = ""


def places_of(region: Region, language: str = "de") -> tuple[Place, ...]:
    """Return the municipalities of a region and, from `outside.csv` in its folder if there is one, the places outside.

    Columns of `outside.csv`: key, name, note_de, note_en, lat, lon, hex_q, hex_r, source.

    >>> from ...model.region import load_region
    >>> sum(not place.outside for place in places_of(load_region("coburg")))
    17
    """
    inside = [_place(row) for row in region.municipalities.to_dict("records")]
    file = region.folder / OUTSIDE_FILE
    if not file.exists():
        return tuple(inside)
    with file.open(encoding="utf-8", newline="") as lines:
        return (*inside, *(_place(row, note=row[f"note_{language}"]) for row in csv.DictReader(lines)))


def _place(row: Mapping, note: str | None = None) -> Place:
    return Place(
        key=str(row["key"]),
        name=str(row["name"]),
        lat=float(row["lat"]),
        lon=float(row["lon"]),
        q=int(row["hex_q"]),
        r=int(row["hex_r"]),
        outside=note is not None,
        note=note or "",
    )
