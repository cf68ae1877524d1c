"""A map from the seats of the municipalities alone: every point belongs to the seat nearest to it (Voronoi).

The borders are not those of the municipalities, only a picture of where they lie to each other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import shapely

from .area_map import area_map

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from .chart import Chart
    from .places import Place

KM_PER_DEGREE = 6371.0 * math.pi / 180.0
HULL_RATIO = 0.45  # of shapely.concave_hull: 0 follows every seat, 1 is the convex hull
RIM_KM = 2.9  # the land around the outer seats; chosen so that Coburg's cells have about its area of 590 km2


def in_km(lon: float, lat: float, lat_0: float) -> tuple[float, float]:
    """Return kilometres east and north; true along the parallel `lat_0`, good enough for one district."""
    return lon * KM_PER_DEGREE * math.cos(math.radians(lat_0)), lat * KM_PER_DEGREE


def seat_areas(places: Sequence[Place]) -> dict[str, BaseGeometry]:
    """Return a polygon per place, in kilometres: all that is nearest to its seat, within a rim around all seats."""
    lat_0 = sum(place.lat for place in places) / len(places)
    seats = shapely.MultiPoint([in_km(place.lon, place.lat, lat_0) for place in places])
    land = shapely.concave_hull(seats, ratio=HULL_RATIO).buffer(RIM_KM)
    cells = shapely.get_parts(shapely.voronoi_polygons(seats, extend_to=land)) if len(places) > 1 else [land]
    points = list(seats.geoms)
    return {
        place.key: shapely.intersection(next(cell for cell in cells if cell.contains(point)), land)
        for place, point in zip(places, points, strict=True)
    }


def seat_map(places: Sequence[Place], values: Mapping[str, float | None], **words: Any) -> Chart:
    """Return the map of cells around the seats; arguments as for `hex_map`.

    >>> from ..formats import Formats
    >>> from .places import Place
    >>> seats = [Place("09473112", "Ahorn", 50.2, 10.9, 0, 0), Place("09473120", "Ebersdorf", 50.2, 11.1, 1, 0)]
    >>> found = seat_map(seats, {"09473112": 4.0}, title="Waiting", unit="months", formats=Formats("en"))
    >>> "Ahorn" in found.svg
    True
    """
    return area_map(places, seat_areas(places), values, **words)
