"""Dots of paired differences: as many as promised, to scale, on the right side of zero."""

from __future__ import annotations

import numpy as np
import pytest
from drawings import check, elements, texts, words_of
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.visualization.charts.dot_plot import dot_plot, quantile_dots
from kreislauf.visualization.formats import Formats


def draw(differences, formats, **more):
    words = {"title": "Unterschied", "unit": "share", "baseline": "Vergleichsfall", "choice": "Regionalbudget", **more}
    return dot_plot(differences, formats=formats, **words)


def dots(chart):
    return [
        (float(dot.attrib["data-value"]), float(dot.attrib["cx"]), float(dot.attrib["cy"]), float(dot.attrib["r"]))
        for dot in elements(chart.svg, "circle")
    ]


def zero_line(chart):
    return float(next(line for line in elements(chart.svg, "line") if line.get("stroke-width") == "2").attrib["x1"])


def test_quantile_dots_stand_for_equal_parts():
    assert quantile_dots([3.0, 1.0, 2.0], 3) == [1.0, 2.0, 3.0]
    assert quantile_dots(np.arange(1001.0), 4) == pytest.approx([125.0, 375.0, 625.0, 875.0])
    assert quantile_dots([], 20) == []


@given(
    st.lists(st.floats(-0.3, 0.3).filter(lambda x: x == 0.0 or abs(x) > 1e-6), min_size=1, max_size=60),
    st.sampled_from([20, 50, None]),
)
def test_every_dot_is_drawn_once_beside_the_others_and_on_its_side_of_zero(differences, count):
    chart = draw(differences, Formats("de"), dots=count)
    drawn = dots(chart)
    assert len(drawn) == (count or (len(differences) if len(differences) <= 20 else 20))
    zero, places = zero_line(chart), np.array([(x, y) for _, x, y, _ in drawn])
    for value, x, _, radius in drawn:
        assert (x - zero) * value >= 0.0
        assert abs(x - zero) >= radius or value == 0.0
    apart = np.linalg.norm(places[:, None] - places[None], axis=2) + 1e9 * np.eye(len(places))
    assert apart.min() >= 2.0 * drawn[0][3]


@pytest.mark.parametrize("unit", ["share", "EUR", "EUR per inhabitant and year", "months", "persons"])
@pytest.mark.parametrize("shift", [-3.0, -0.4, 0.0, 0.4, 3.0])
@pytest.mark.parametrize("factor", [0.02, 1e6])
def test_it_is_readable_wherever_zero_is(formats, unit, shift, factor):
    differences = factor * (np.random.default_rng(2).normal(shift, 1.0, 20))
    check(draw(differences, formats, unit=unit, choice="Kommunale Allianz mit Regionalbudget und Kommunalverein"))


def test_dots_stand_near_their_values_on_a_linear_axis():
    chart = draw(np.linspace(-0.5, 0.5, 20), Formats("de"))
    values, xs = np.array([(value, x) for value, x, _, _ in dots(chart)]).T
    slope, start = np.polyfit(values, xs, 1)
    radius = dots(chart)[0][3]
    assert np.abs(slope * values + start - xs).max() <= 2.0 * radius
    assert start == pytest.approx(zero_line(chart), abs=radius)


def test_the_side_is_told_by_fill_and_words_not_by_colour_alone(formats):
    chart = draw([-0.1, 0.2, 0.3], formats)
    fills = {float(dot.attrib["data-value"]) > 0.0: dot.attrib["fill"] for dot in elements(chart.svg, "circle")}
    assert fills[False] == "#ffffff" != fills[True]
    words = " ".join(words_of(chart.svg))
    assert formats.say("higher") in words
    assert formats.say("lower") in words


def test_the_sentence_counts_pairs_of_runs():
    chart = draw([-0.1, 0.2, 0.3, None, float("nan"), 0.1], Formats("de"))
    assert (
        "In 3 von 4 Läufen ist „Regionalbudget“ höher als „Vergleichsfall“, in 1 von 4 Läufen niedriger"
        in chart.sentence
    )
    assert "Mittlerer Unterschied +15,0\u00a0Prozentpunkte." in chart.sentence


def test_the_table_equals_the_drawing(formats):
    chart = draw(np.random.default_rng(1).normal(0.0, 1.0, 300), formats)
    assert [row[1] for row in chart.table.rows] == pytest.approx([value for value, *_ in dots(chart)])
    assert len(chart.table.rows) == 50
    assert formats.say("dots_share", dots=50, runs=300) in [box.text for box in texts(chart.svg)]


@pytest.mark.parametrize("differences", [[], [0.0] * 20, [float("nan")] * 5, [1e-9] * 20])
def test_no_differences_and_no_difference_can_be_drawn(formats, differences):
    check(draw(differences, formats))
