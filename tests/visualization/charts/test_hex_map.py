"""The map of hexagons shows every municipality once, readable, in the right colour, and can be clicked."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from drawings import check, elements, points_of, read, texts, words_of
from kreislauf.model.region import load_region
from kreislauf.visualization.charts.hex_map import hex_map
from kreislauf.visualization.charts.places import Place, places_of
from kreislauf.visualization.charts.scale import class_of
from kreislauf.visualization.charts.shading import shading

UNIT = "EUR per inhabitant and year"


def values_of(places):
    draw = np.random.default_rng(3)
    return {place.key: float(draw.uniform(3.0, 24.0)) for place in places if not place.outside}


def draw(places, values, formats, **more):
    return hex_map(places, values, **{"title": "Belastung", "unit": UNIT, "formats": formats, **more})


@pytest.mark.parametrize("width", [480.0, 560.0, 720.0, 1200.0])
def test_it_is_readable_at_every_width(coburg, formats, width):
    values = {**values_of(coburg), "09473138": None}
    check(draw(coburg, values, formats, width=width))
    check(draw(coburg, values, formats, width=width, selected="09473120", clickable=True))


def test_every_municipality_has_its_name_and_value_on_its_hexagon(coburg, formats):
    values = values_of(coburg)
    chart = draw(coburg, values, formats)
    words = words_of(chart.svg)
    for place in coburg:
        if not place.outside:
            assert formats.value(values[place.key], UNIT) in words
            assert all(part in " ".join(words) for part in place.name.split())
    assert "kreisfrei" in words
    assert len([g for g in elements(chart.svg, "g") if "data-key" in g.attrib]) == 17


@pytest.mark.parametrize("width", [440.0, 520.0, 600.0])
def test_a_hexagon_too_small_for_its_name_has_a_number_and_its_name_stands_below(formats, width):
    places = places_of(load_region("kielregion"))
    values = values_of(places)
    chart = draw(places, values, formats, width=width)
    check(chart)
    words = words_of(chart.svg)
    for group in elements(chart.svg, "g"):
        if key := group.get("data-key"):
            *rows, value = [element.text for element in group.iter("{http://www.w3.org/2000/svg}text")]
            assert value == formats.value(values[key], UNIT)
            (name,) = [place.name for place in places if place.key == key]
            if rows[0].isdigit():
                assert words.count(rows[0]) == 2  # on its hexagon and in the list
                assert words[len(words) - 1 - words[::-1].index(rows[0]) + 1] == name
            else:
                assert re.sub(r"\W", "", "".join(rows)) == re.sub(r"\W", "", name)
    assert "Neumünster" in words


def test_hexagons_do_not_overlap_and_neighbours_touch(coburg, formats):
    shapes = elements(draw(coburg, values_of(coburg), formats).svg, "polygon")
    centres = np.array([np.mean(points_of(shape), axis=0) for shape in shapes])
    size = np.ptp(np.array(points_of(shapes[0]))[:, 1]) / 2.0
    distance = np.linalg.norm(centres[:, None] - centres[None], axis=2) + 1e9 * np.eye(len(centres))
    assert len(centres) == 18
    assert distance.min() == pytest.approx(math.sqrt(3.0) * size, rel=0.04)
    assert (distance.min(axis=1) < 1.9 * size).all()


def test_north_is_up_and_east_is_right(coburg, formats):
    boxes = {box.text: box for box in texts(draw(coburg, values_of(coburg), formats, width=1200.0).svg)}
    assert boxes["Bad Rodach"].left < boxes["Rödental"].left
    assert boxes["Lautertal"].top < boxes["Itzgrund"].top


def test_the_colour_is_that_of_the_class_in_the_legend(coburg, formats):
    values = values_of(coburg)
    chart, scheme = draw(coburg, values, formats), shading(values)
    for group in elements(chart.svg, "g"):
        if key := group.get("data-key"):
            fill = next(iter(group.iter("{http://www.w3.org/2000/svg}polygon"))).attrib["fill"]
            assert fill == scheme.colours[class_of(values[key], scheme.bounds)]
    bars = [rect for rect in elements(chart.svg, "rect") if rect.attrib["fill"] in scheme.colours]
    assert [bar.attrib["fill"] for bar in bars] == list(scheme.colours)


def test_missing_values_are_hatched_and_named_in_the_legend(coburg, formats):
    chart = draw(coburg, {}, formats)
    check(chart)
    fills = [shape.attrib["fill"] for shape in elements(chart.svg, "polygon")]
    assert all(fill.startswith("url(#") for fill in fills)
    assert formats.say("missing") in words_of(chart.svg)
    assert all(row[1] is None for row in chart.table.rows)


def test_a_clickable_map_has_a_button_for_every_municipality_and_none_for_the_city(coburg, formats):
    chart = draw(coburg, values_of(coburg), formats, clickable=True, selected="09473112")
    buttons = [group for group in elements(chart.svg, "g") if group.get("role") == "button"]
    assert len(buttons) == 17
    assert all(button.attrib["tabindex"] == "0" and button.attrib["aria-label"] for button in buttons)
    assert [button.attrib["data-key"] for button in buttons if button.attrib["aria-pressed"] == "true"] == ["09473112"]
    assert read(chart.svg).attrib["role"] == "group", "what is inside an image cannot be reached by keyboard"
    assert read(draw(coburg, values_of(coburg), formats).svg).attrib["role"] == "img"


def test_the_table_has_every_municipality_by_the_alphabet(coburg, formats):
    values = values_of(coburg)
    chart = draw(coburg, values, formats)
    assert [row[0] for row in chart.table.rows][:3] == ["Ahorn", "Bad Rodach", "Dörfles-Esbach"]
    names = {place.name: place.key for place in coburg}
    assert {row[0]: row[1] for row in chart.table.rows} == {n: values[k] for n, k in names.items() if k in values}


def test_two_maps_with_one_domain_have_the_same_classes(coburg, formats):
    values = values_of(coburg)
    low = draw(coburg, {key: value / 10.0 for key, value in values.items()}, formats, domain=(0.0, 30.0))
    assert words_of(low.svg)[-7:] == words_of(draw(coburg, values, formats, domain=(0.0, 30.0)).svg)[-7:]


def test_differences_have_a_sign_and_a_bound_at_zero(coburg, formats):
    values = {key: (value - 12.0) / 100.0 for key, value in values_of(coburg).items()}
    chart = draw(coburg, values, formats, unit="share", diverging=True)
    check(chart)
    assert 0.0 in shading(values, diverging=True).bounds
    assert formats.change(values["09473112"], "share") in words_of(chart.svg)
    assert formats.say("percentage_points") in words_of(chart.svg)


def test_labels_stand_instead_of_values(coburg, formats):
    chart = draw(coburg, values_of(coburg), formats, labels={"09473112": "8 von 10"})
    assert "8 von 10" in words_of(chart.svg)
    check(chart)


def test_labels_too_wide_for_the_hexagons_give_way_to_the_bare_number(coburg, formats):
    values = {place.key: 2.0 for place in coburg if not place.outside}
    labels = dict.fromkeys(values, "2 von 10 Läufen zusammen")
    chart = hex_map(coburg, values, title="T", unit="runs", formats=formats, labels=labels, width=300.0)
    shown = words_of(chart.svg)
    assert shown.count("2") >= len(values)
    assert not [words for words in shown if words.startswith("2") and words.endswith("…")]


def test_on_a_small_map_names_are_divided_or_lose_what_stands_after_bei_but_are_not_cut(coburg, formats):
    words = words_of(draw(coburg, values_of(coburg), formats, width=440.0).svg)
    assert not any("…" in word for word in words)
    assert {"Niederfüll-", "bach", "Weidhau-", "sen"} <= set(words)


def test_a_name_that_is_code_stays_text(coburg, formats):
    bad = '<script>alert("x")</script>'
    places = [replace(place, name=bad, key='"><b>') if place.key == "09473112" else place for place in coburg]
    chart = draw(places, values_of(places), formats, clickable=True, sentence=bad)
    check(chart)
    assert "<script" not in chart.svg
    assert read(chart.svg).attrib["aria-label"] == bad


@pytest.mark.parametrize("count", [1, 2, 60, 250])
def test_regions_of_any_size_stay_readable(formats, count):
    name = "Wohlsborn-Hinterdünkelhausen"
    places = [Place(f"{i:08d}", f"{name} {i}", 50.0, 10.0, i % 16 - i // 32, i // 16) for i in range(count)]
    check(draw(places, {place.key: float(i) for i, place in enumerate(places)}, formats))


def test_the_same_input_gives_the_same_drawing(coburg, formats):
    assert draw(coburg, values_of(coburg), formats).svg == draw(coburg, values_of(coburg), formats).svg
