"""Read the official boundaries that a district supplies as GeoJSON, after checking everything about the file.

A file comes from outside: its size, depth and number of points are limited, only numbers and keys are taken from it, no
names, and every fault is reported in a sentence, all at once.
"""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from ...model.errors import InputError, Problem
from ..formats import Formats
from ..texts import text
from .area_map import area_map
from .seat_map import in_km

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from .chart import Chart
    from .places import Place

MAX_BYTES = 1_500_000
MAX_DEPTH = 16
MAX_FEATURES = 5_000
MAX_POINTS = 400_000
FAR_KM = 5.0  # a seat further than this from its municipality's area means that something is wrong
KEY_NAMES = ("AGS", "ags", "AGS_0", "key", "gemeindeschluessel", "Gemeindeschlüssel")
_WGS84 = ("CRS84", "4326")


@dataclass(frozen=True, slots=True, eq=False)
class Boundaries:
    """Areas by key, in kilometres east and north, and the keys of the file that are not of the region."""

    areas: dict[str, BaseGeometry]
    ignored: tuple[str, ...]


class _Faults:
    """The faults found so far, as sentences in one language."""

    def __init__(self, file: str, language: str) -> None:
        self.file, self.language = file, language
        self.problems: list[Problem] = []

    def add(self, what: str, /, **values: object) -> None:
        """Note a fault and go on."""
        self.problems.append(Problem(text(self.language, f"geojson.{what}", **values), self.file))

    def stop(self, what: str, /, **values: object) -> InputError:
        """Return the error of a fault after which nothing can be read."""
        self.add(what, **values)
        return InputError(self.problems)


def read_geojson(data: bytes, places: Sequence[Place], *, language: str, file: str = "GeoJSON") -> Boundaries:
    """Return the boundaries of all municipalities among `places`; raises InputError with everything that is wrong.

    The file is a FeatureCollection in longitude and latitude (WGS 84) of Polygons and MultiPolygons; each feature
    has its official key of eight digits (AGS) as a property. Several features of one key are one area; features of
    other municipalities are ignored.
    """
    faults = _Faults(file, language)
    shapes: dict[str, list[BaseGeometry]] = {}
    points = 0
    for index, feature in enumerate(_features(data, faults), start=1):
        key = _key(feature, index, faults)
        shape, count = _shape(feature, index, faults)
        points += count
        if points > MAX_POINTS:
            raise faults.stop("too_many_points", limit=MAX_POINTS)
        if key and shape is not None:
            shapes.setdefault(key, []).append(shape)
    lat_0 = sum(place.lat for place in places) / len(places)
    areas: dict[str, BaseGeometry] = {}
    used: set[str] = set()
    for place in places:
        keys = [key for key in shapes if key == place.key or (place.outside and key.startswith(place.key))]
        used.update(keys)
        if keys:
            areas[place.key] = _union([shape for key in keys for shape in shapes[key]], lat_0)
    ignored = tuple(sorted(shapes.keys() - used))
    for place in places:
        if place.key in areas:
            _check_place(place, areas[place.key], lat_0, faults)
        elif not place.outside:
            near = difflib.get_close_matches(place.key, ignored, n=1, cutoff=0.8)
            what = "missing_near" if near else "missing"
            faults.add(what, name=place.name, key=place.key, **({"near": near[0]} if near else {}))
    if faults.problems:
        raise InputError(faults.problems)
    return Boundaries(areas, ignored)


def geojson_map(
    places: Sequence[Place], boundaries: Boundaries, values: Mapping[str, float | None], **words: Any
) -> Chart:
    """Return the map of official boundaries; arguments as for `hex_map`. A place without an area is not drawn."""
    return area_map(places, boundaries.areas, values, **words)


def _features(data: bytes, faults: _Faults) -> list[Any]:
    """Return the features of a file whose outer form is right."""
    if len(data) > MAX_BYTES:
        raise faults.stop(
            "too_large", found=math.ceil(len(data) / 1e6), limit=Formats(faults.language).number(MAX_BYTES / 1e6, 1)
        )
    try:
        words = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise faults.stop("not_text") from None
    if _depth(words) > MAX_DEPTH:
        raise faults.stop("too_deep", limit=MAX_DEPTH)
    try:
        content = json.loads(words, parse_constant=_no_constant)
    except ValueError as error:
        raise faults.stop("not_json", line=getattr(error, "lineno", 1)) from None
    if not isinstance(content, dict) or content.get("type") != "FeatureCollection":
        found = str(content.get("type"))[:40] if isinstance(content, dict) else type(content).__name__
        raise faults.stop("no_collection", found=found)
    crs = json.dumps(content["crs"]) if content.get("crs") is not None else ""
    if crs and not any(name in crs for name in _WGS84):
        raise faults.stop("not_degrees", found=crs[:80])
    features = content.get("features")
    if not isinstance(features, list) or not 0 < len(features) <= MAX_FEATURES:
        raise faults.stop("no_features", limit=MAX_FEATURES)
    return features


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _depth(words: str) -> int:
    """Return how deeply brackets are nested, texts in quotes left out, without building anything."""
    depth = deepest = 0
    inside = escaped = False
    for letter in words:
        if inside:
            if escaped:
                escaped = False
            elif letter == "\\":
                escaped = True
            elif letter == '"':
                inside = False
        elif letter == '"':
            inside = True
        elif letter in "[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > MAX_DEPTH:
                break
        elif letter in "]}":
            depth -= 1
    return deepest


def _key(feature: Any, index: int, faults: _Faults) -> str | None:
    """Return the official key of a feature; a number has lost its leading zero, which is given back."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    properties = properties if isinstance(properties, dict) else {}
    value = next((properties[name] for name in KEY_NAMES if properties.get(name) is not None), None)
    if value is None:
        faults.add("no_key", number=index, found=", ".join(str(name)[:30] for name in list(properties)[:6]) or "–")
        return None
    whole = isinstance(value, int) and not isinstance(value, bool)
    key = f"{value:08d}" if whole else str(value).strip().replace(" ", "")
    if not (key.isascii() and key.isdigit() and len(key) in (5, 8)):
        faults.add("bad_key", number=index, found=str(value)[:40])
        return None
    return key


def _shape(feature: Any, index: int, faults: _Faults) -> tuple[BaseGeometry | None, int]:
    """Return the geometry of a feature in degrees and its number of points."""
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    geometry = geometry if isinstance(geometry, dict) else {}
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        faults.add("no_area", number=index, found=str(kind)[:40])
        return None, 0
    count, built = 0, []
    try:
        for polygon in [coordinates or ()] if kind == "Polygon" else coordinates or ():
            rings = [np.array([(float(p[0]), float(p[1])) for p in ring]) for ring in polygon]
            count += sum(len(ring) for ring in rings)
            if not rings or any(len(ring) < 4 or not np.isfinite(ring).all() for ring in rings):
                raise ValueError
            if any((np.abs(ring) > (180.0, 90.0)).any() for ring in rings):
                faults.add("not_degrees", found=", ".join(f"{x:.0f}" for x in rings[0][0]))
                return None, count
            built.append(shapely.Polygon(rings[0], rings[1:]))
    except (TypeError, ValueError, IndexError, KeyError, OverflowError, shapely.errors.ShapelyError):
        built = []
    if not built:
        faults.add("bad_ring", number=index)
        return None, count
    return shapely.make_valid(shapely.MultiPolygon(built)), count


def _union(shapes: Sequence[BaseGeometry], lat_0: float) -> BaseGeometry:
    """Return areas as one, in kilometres."""
    scale = np.array(in_km(1.0, 1.0, lat_0))
    return shapely.transform(shapely.union_all(list(shapes)), lambda points: points * scale)


def _check_place(place: Place, area: BaseGeometry, lat_0: float, faults: _Faults) -> None:
    """Note an area that is far from the seat of its municipality."""
    away = area.distance(shapely.Point(in_km(place.lon, place.lat, lat_0)))
    if away <= FAR_KM:
        return
    if area.distance(shapely.Point(in_km(place.lat, place.lon, lat_0))) <= FAR_KM:
        faults.add("swapped", name=place.name, key=place.key)
    else:
        faults.add("far", name=place.name, key=place.key, km=round(away))
