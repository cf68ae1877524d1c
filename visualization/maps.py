"""Which map a reader looks at: hexagons, cells around the seats, or boundaries from a file of the district's own.

A file is checked when it comes and kept under its content's hash, in memory and in the app's folder, so that a link or
a reload shows it again. What an address names is looked up, never used as a path.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import threading
from collections import OrderedDict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..model.errors import InputError, Problem
from ..model.files import write_text
from .charts.area_map import area_map
from .charts.geojson import MAX_BYTES, read_geojson
from .charts.hex_map import hex_map
from .charts.places import places_of
from .charts.seat_map import seat_areas
from .texts import text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from ..model.region import Region
    from .charts.chart import Chart

SHAPES = ("hex", "seats", "own")
"""The kinds of map, the first by default; one of the district's own is named `own-` and the hash of its file."""
ENDINGS = (".geojson", ".json")
_KEY = re.compile(r"[0-9a-f]{16}")
_MOST = 12  # files kept, the newest
_KNOWN: OrderedDict[tuple[str, str], Mapping[str, BaseGeometry]] = OrderedDict()
_LOCK = threading.Lock()


def keep(content: str, region: Region, folder: Path, *, language: str, file: str) -> str:
    """Check a file of boundaries, keep it and return its key; raises InputError with everything that is wrong."""
    if not file.lower().endswith(ENDINGS):
        raise InputError(Problem(text(language, "geojson.ending", file=file[:60])))
    data = content.encode("utf-8", "replace")
    boundaries = read_geojson(data, places_of(region), language=language, file="")
    key = hashlib.sha256(data).hexdigest()[:16]
    _remember(region, key, boundaries.areas)
    with contextlib.suppress(OSError):  # then the map lasts as long as the server
        folder = folder / "maps"
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / f"{key}.geojson", content)
        files = sorted(folder.glob("*.geojson"), key=lambda path: path.stat().st_mtime)
        for old in files[:-_MOST]:
            old.unlink(missing_ok=True)
    return key


def is_known(key: str, region: Region, folder: Path) -> bool:
    """Return whether the boundaries of a key are at hand, in memory or in the app's folder."""
    if not _KEY.fullmatch(key):
        return False
    with _LOCK:
        if (region.name, key) in _KNOWN:
            return True
    try:
        with (folder / "maps" / f"{key}.geojson").open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        areas = read_geojson(data, places_of(region), language="en").areas
    except (OSError, InputError):
        return False
    _remember(region, key, areas)
    return True


def _remember(region: Region, key: str, areas: Mapping[str, BaseGeometry]) -> None:
    with _LOCK:
        _KNOWN[region.name, key] = areas
        while len(_KNOWN) > _MOST:
            _KNOWN.popitem(last=False)


@lru_cache(maxsize=8)
def _seats(region: Region) -> Mapping[str, BaseGeometry]:
    return seat_areas(places_of(region))


def region_map(
    region: Region, values: Mapping[str, float | None], *, language: str, shape: str = SHAPES[0], **words: Any
) -> Chart:
    """Return the map of a shape, hexagons where its boundaries are not at hand; other arguments as for `hex_map`."""
    places = places_of(region, language)
    if shape == "seats":
        return area_map(places, _seats(region), values, **words)
    with _LOCK:
        own = _KNOWN.get((region.name, shape.removeprefix("own-")))
    return hex_map(places, values, **words) if own is None else area_map(places, own, values, **words)
