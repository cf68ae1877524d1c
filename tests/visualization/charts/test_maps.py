"""Maps of seats and of official boundaries; files of boundaries from outside are checked before they are drawn."""

from __future__ import annotations

import copy
import json
import math

import numpy as np
import pytest
import shapely
from drawings import check, elements, words_of
from kreislauf.model.errors import InputError
from kreislauf.visualization.charts import geojson
from kreislauf.visualization.charts.geojson import geojson_map, read_geojson
from kreislauf.visualization.charts.places import Place
from kreislauf.visualization.charts.seat_map import KM_PER_DEGREE, in_km, seat_areas, seat_map

WORDS = {"title": "Belastung", "unit": "EUR per inhabitant and year"}


def values_of(places):
    return {place.key: 3.0 + at for at, place in enumerate(places) if not place.outside}


@pytest.fixture(scope="module")
def boundaries(coburg) -> dict:
    """A file as a district might supply it: the cells around the seats, in degrees."""
    lat_0 = sum(place.lat for place in coburg) / len(coburg)
    back = np.array(in_km(1.0, 1.0, lat_0))
    features = []
    for key, area in seat_areas(coburg).items():
        shape = json.loads(shapely.to_geojson(shapely.transform(area, lambda points: points / back)))
        features.append({"type": "Feature", "properties": {"AGS": key, "GEN": "Name"}, "geometry": shape})
    return {"type": "FeatureCollection", "features": features}


def read(content, places, language="de"):
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return read_geojson(data, places, language=language, file="grenzen.geojson")


def refused(content, places, language="de") -> str:
    with pytest.raises(InputError) as caught:
        read(content, places, language)
    return str(caught.value)


def test_every_seat_lies_in_its_cell_and_the_cells_fill_the_land_without_overlap(coburg):
    areas = seat_areas(coburg)
    lat_0 = sum(place.lat for place in coburg) / len(coburg)
    for place in coburg:
        assert areas[place.key].contains(shapely.Point(in_km(place.lon, place.lat, lat_0)))
    whole = shapely.union_all(list(areas.values()))
    assert sum(area.area for area in areas.values()) == pytest.approx(whole.area, rel=1e-6)
    assert whole.area == pytest.approx(590.0, rel=0.05), "the district has 590 km2"


def test_a_degree_of_latitude_is_111_km():
    assert pytest.approx(111.19, abs=0.01) == KM_PER_DEGREE
    assert in_km(1.0, 0.0, 60.0)[0] == pytest.approx(KM_PER_DEGREE / 2.0)


@pytest.mark.parametrize("width", [480.0, 720.0, 1100.0])
def test_names_and_values_are_in_the_cells_or_in_the_list_below(coburg, formats, width):
    values = {**values_of(coburg), "09473138": None}
    chart = seat_map(coburg, values, formats=formats, width=width, clickable=True, selected="09473120", **WORDS)
    check(chart)
    words = " ".join(words_of(chart.svg))
    for place in coburg:
        assert all(part in words for part in place.name.split()), place.name
    assert len([group for group in elements(chart.svg, "g") if group.get("role") == "button"]) == 17


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_places_have_a_map_too(formats, count):
    places = [Place(f"{at}", f"Ort {at}", 50.0 + at / 10.0, 10.0, at, 0) for at in range(count)]
    check(seat_map(places, {"0": 1.0}, formats=formats, **WORDS))


def test_boundaries_are_drawn_by_key(coburg, formats, boundaries):
    chart = geojson_map(coburg, read(boundaries, coburg), values_of(coburg), formats=formats, **WORDS)
    check(chart)
    assert {group.get("data-key") for group in elements(chart.svg, "g")} - {None} == set(values_of(coburg))
    same = seat_map(coburg, values_of(coburg), formats=formats, **WORDS)
    assert chart.table == same.table


def test_keys_without_leading_zero_parts_and_foreign_areas_are_understood(coburg, boundaries):
    content = copy.deepcopy(boundaries)
    first, second = content["features"][:2]
    first["properties"] = {"ags": int(first["properties"]["AGS"])}
    content["features"].append({**second, "properties": {"AGS": "09462000"}})
    content["features"].append(second)
    found = read(content, coburg)
    assert found.ignored == ("09462000",)
    assert set(found.areas) == {place.key for place in coburg}


def test_missing_municipalities_are_all_named_with_the_nearest_key(coburg, boundaries):
    content = copy.deepcopy(boundaries)
    content["features"][0]["properties"]["AGS"] = "09473113"
    del content["features"][5]
    words = refused(content, coburg)
    assert "Für Ahorn (Schlüssel 09473112) fehlt die Fläche. Ist 09473113 gemeint?" in words
    assert "Für Itzgrund (Schlüssel 09473138) fehlt die Fläche" in words
    assert "There is no area for Ahorn" in refused(content, coburg, "en")


def test_swapped_axes_metres_and_shifted_keys_are_told_apart(coburg, boundaries):
    def moved(change):
        content = copy.deepcopy(boundaries)
        for feature in content["features"]:
            rings = feature["geometry"]["coordinates"]
            feature["geometry"]["coordinates"] = [[change(*point) for point in ring] for ring in rings]
        return content

    assert "Bei Ahorn (Schlüssel 09473112) sind Länge und Breite vertauscht" in refused(
        moved(lambda x, y: [y, x]), coburg
    )
    assert "EPSG:4326" in refused(moved(lambda x, y: [x * 6e4, y * 1.1e5]), coburg)
    away = refused(moved(lambda x, y: [x + 1.0, y]), coburg)
    assert "km von ihrem Ort entfernt" in away
    assert away.count("\n") == 17, "every area is named"
    other = {**boundaries, "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}}
    assert "25832" in refused(other, coburg)


@pytest.mark.parametrize(
    ("geometry", "words"),
    [
        ({"type": "Point", "coordinates": [10.9, 50.2]}, "vom Typ Point"),
        ({"type": "Polygon", "coordinates": [[[10.9, 50.2], [11.0, 50.2], [10.9, 50.2]]]}, "keine geschlossene Linie"),
        ({"type": "Polygon", "coordinates": [[["a", "b"]] * 4]}, "keine geschlossene Linie"),
        ({"type": "Polygon", "coordinates": 5}, "keine geschlossene Linie"),
        ({"type": "Polygon", "coordinates": [[[1e400, 50.2]] * 4]}, "kein gültiges JSON"),
        ({"type": "MultiPolygon", "coordinates": []}, "keine geschlossene Linie"),
        (None, "vom Typ None"),
        ([], "vom Typ None"),
    ],
)
def test_areas_that_are_none_are_named_by_number(coburg, boundaries, geometry, words):
    content = copy.deepcopy(boundaries)
    content["features"][2]["geometry"] = geometry
    found = refused(content, coburg)
    assert words in found
    assert "Fläche 3" in found or "JSON" in words


@pytest.mark.parametrize(
    ("properties", "words"),
    [({"GEN": "Ahorn"}, "gefunden wurden: GEN"), (None, "keinen amtlichen Schlüssel"),
     ({"AGS": "Ahorn"}, "Ahorn ist kein"),
     ({"AGS": True}, "True ist kein"), ({"AGS": {"a": 1}}, "ist kein amtlicher")],
)  # fmt: skip
def test_features_without_a_key_are_named_by_number(coburg, boundaries, properties, words):
    content = copy.deepcopy(boundaries)
    content["features"][2]["properties"] = properties
    assert words in refused(content, coburg)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "kein gültiges JSON"),
        (b"{", "kein gültiges JSON"),
        (b'{"type": NaN}', "kein gültiges JSON"),
        (b"\xff\xfe\x00", "kein Text in UTF-8"),
        (b"[1, 2]", "keine Sammlung"),
        (b'"' + b"x" * 100 + b'"', "keine Sammlung"),
        (b'{"type": "Topology"}', "gefunden wurde: Topology"),
        (b'{"type": "FeatureCollection"}', "keine Liste"),
        (b'{"type": "FeatureCollection", "features": []}', "keine Liste"),
        (b'{"type": "FeatureCollection", "features": [1, null]}', "keinen amtlichen"),
        (b"[" * 100_000, "zu tief verschachtelt"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "zu tief verschachtelt"),
        (b" " * (geojson.MAX_BYTES + 1), "zu groß"),
    ],
)
def test_files_that_are_no_boundaries_are_refused_with_a_sentence(coburg, data, words):
    assert words in refused(data, coburg)


def test_too_many_points_are_refused(coburg, boundaries, monkeypatch):
    monkeypatch.setattr(geojson, "MAX_POINTS", 50)
    assert "mehr als 50 Punkte" in refused(boundaries, coburg)


def test_names_in_the_file_never_reach_the_drawing(coburg, formats, boundaries):
    content = copy.deepcopy(boundaries)
    for feature in content["features"]:
        feature["properties"]["GEN"] = "<script>alert(1)</script>"
    chart = geojson_map(coburg, read(content, coburg), values_of(coburg), formats=formats, **WORDS)
    assert "script" not in chart.svg
    assert math.isfinite(float(chart.table.rows[0][1] or 0.0))
