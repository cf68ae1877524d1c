"""Boundaries that a district brings: kept under their content, shown again by a link, never a path."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from kreislauf.model.errors import InputError
from kreislauf.model.region import load_region
from kreislauf.visualization import maps
from kreislauf.visualization.charts.places import places_of
from kreislauf.visualization.charts.seat_map import in_km, seat_areas
from kreislauf.visualization.formats import Formats


@pytest.fixture(autouse=True)
def nothing_remembered():
    maps._KNOWN.clear()
    yield
    maps._KNOWN.clear()


@pytest.fixture(scope="module")
def region():
    return load_region("coburg")


@pytest.fixture(scope="module")
def boundaries(region) -> str:
    """A file as a district might supply it: the cells around the seats, in degrees."""
    places = places_of(region)
    back = np.array(in_km(1.0, 1.0, sum(place.lat for place in places) / len(places)))
    features = [
        {
            "type": "Feature",
            "properties": {"AGS": key},
            "geometry": json.loads(shapely.to_geojson(shapely.transform(area, lambda points: points / back))),
        }
        for key, area in seat_areas(places).items()
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def drawn(region, shape):
    words = {"title": "Belastung", "unit": "EUR", "formats": Formats("de"), "language": "de"}
    return maps.region_map(region, dict.fromkeys(region.municipalities["key"], 3.0), shape=shape, **words).svg


def test_a_file_is_drawn_and_found_again_after_a_restart(region, boundaries, tmp_path):
    key = maps.keep(boundaries, region, tmp_path, language="de", file="grenzen.geojson")
    own = drawn(region, f"own-{key}")
    assert "<path" in own
    assert own != drawn(region, "hex")
    maps._KNOWN.clear()
    assert maps.is_known(key, region, tmp_path)
    assert drawn(region, f"own-{key}") == own


def test_the_three_kinds_of_map_differ_and_what_is_not_at_hand_is_hexagons(region):
    assert drawn(region, "seats") != drawn(region, "hex")
    assert drawn(region, "own-0123456789abcdef") == drawn(region, "hex")


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "0123456789abcdeg", "0123456789abcdef" * 2, "/dev/zero"])
def test_what_is_no_key_is_never_looked_for(region, tmp_path, key):
    assert not maps.is_known(key, region, tmp_path)


def test_a_kept_file_that_was_damaged_is_not_known(region, boundaries, tmp_path):
    key = maps.keep(boundaries, region, tmp_path, language="de", file="a.json")
    maps._KNOWN.clear()
    (tmp_path / "maps" / f"{key}.geojson").write_text(boundaries[:500], encoding="utf-8")
    assert not maps.is_known(key, region, tmp_path)


def test_a_file_of_another_kind_or_without_keys_is_refused_and_nothing_is_written(region, boundaries, tmp_path):
    with pytest.raises(InputError, match="Endung"):
        maps.keep(boundaries, region, tmp_path, language="de", file="grenzen.exe")
    without = boundaries.replace('"AGS"', '"NAME"')
    with pytest.raises(InputError, match="amtlichen Schlüssel") as refused:
        maps.keep(without, region, tmp_path, language="de", file="grenzen.json")
    assert len(refused.value.problems) >= 17, "every area is told at once"
    with pytest.raises(InputError, match="gültiges JSON"):
        maps.keep(boundaries[:-40], region, tmp_path, language="de", file="grenzen.json")
    assert list(tmp_path.iterdir()) == []


def test_only_the_newest_files_are_kept(region, boundaries, tmp_path):
    for number in range(15):
        maps.keep(boundaries + " " * number, region, tmp_path, language="de", file="a.json")
    assert len(list((tmp_path / "maps").iterdir())) == 12
    assert len(maps._KNOWN) == 12
