"""The fan chart draws quantiles of runs to scale, tells two variants apart without colour, and leaves gaps empty."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from drawings import check, elements, points_of, texts, words_of
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.visualization.charts.axes import spread
from kreislauf.visualization.charts.fan_chart import Fan, fan_chart
from kreislauf.visualization.formats import Formats

MONTHS = range(132)


def runs(seed: int = 1, level: float = 0.3, noise: float = 0.01) -> np.ndarray:
    draw = np.random.default_rng(seed)
    return level + 0.2 * np.linspace(0.0, 1.0, 132) + np.cumsum(draw.normal(0.0, noise, (20, 132)), axis=1)


def draw(fans, formats, months=MONTHS, **more):
    return fan_chart(months, fans, **{"title": "Beschäftigung", "unit": "share", "formats": formats, **more})


def lines(chart, kind="median"):
    return [points_of(line) for line in elements(chart.svg, "polyline") if line.get("data-line") == kind]


def test_bands_are_the_quantiles_of_the_runs():
    values = runs()
    fan = Fan.of("A", values)
    assert fan.bands[:, 40] == pytest.approx(np.quantile(values[:, 40], [0.1, 0.25, 0.5, 0.75, 0.9]))


def test_the_line_maps_values_linearly(formats):
    ramp = np.tile(np.arange(132, dtype=float), (20, 1))
    ((*pairs,),) = lines(draw([Fan.of("A", ramp)], formats, unit="persons"))
    xs, ys = np.array(pairs).T
    assert np.diff(xs) == pytest.approx(np.full(131, (xs[-1] - xs[0]) / 131.0), abs=0.02)
    assert np.diff(ys) == pytest.approx(np.full(131, (ys[-1] - ys[0]) / 131.0), abs=0.02)
    assert ys[-1] < ys[0], "more is higher"


def test_the_ticks_stand_where_their_values_are(formats):
    flat = np.full((20, 132), 0.2)
    flat[:, 1:] = 0.4
    chart = draw([Fan.of("A", flat)], formats)
    ((*pairs,),) = lines(chart)
    where = {box.text: (box.top + box.bottom) / 2.0 for box in texts(chart.svg) if box.right < 60.0}
    assert where[formats.percent(0.4)] == pytest.approx(pairs[1][1], abs=2.5)
    assert where[formats.percent(0.2)] == pytest.approx(pairs[0][1], abs=2.5)


def test_two_variants_differ_by_dash_and_name_not_by_colour_alone(formats):
    fans = [Fan.of("Vergleichsfall", runs(1), "baseline"), Fan.of("Kommunale Allianz mit Regionalbudget", runs(2, 0.4))]
    chart = draw(fans, formats)
    check(chart)
    medians = [line for line in elements(chart.svg, "polyline") if line.get("data-line") == "median"]
    assert [line.get("stroke-dasharray") is not None for line in medians] == [True, False]
    assert {"Vergleichsfall", "Kommunale Allianz mit"} <= set(words_of(chart.svg))


def test_the_wider_band_holds_the_narrower_one_and_that_the_line(formats):
    chart = draw([Fan.of("A", runs())], formats)
    shapes = {shape.get("data-band"): points_of(shape) for shape in elements(chart.svg, "polygon")}
    ((*middle,),) = lines(chart)
    outer, inner = (np.array(shapes[name]) for name in ("0-4", "1-3"))
    for at, (_, y) in enumerate(middle):
        assert outer[at, 1] <= inner[at, 1] + 0.02
        assert inner[at, 1] <= y + 0.02
        assert y <= inner[263 - at, 1] + 0.02
        assert inner[263 - at, 1] <= outer[263 - at, 1] + 0.02


@pytest.mark.parametrize("unit", ["share", "EUR", "persons", "EUR per inhabitant and year", "months", "0..1"])
@pytest.mark.parametrize("factor", [1.0, 1e-3, 1e4, 3e7, -2e9])
def test_it_is_readable_for_every_unit_and_size(formats, unit, factor):
    fans = [Fan.of("Vergleichsfall", factor * runs(1), "baseline"), Fan.of("B", factor * runs(2), show_runs=True)]
    check(draw(fans, formats, unit=unit, limit=(0.3 * factor, "Grenze"), marks=[(10, "Krieg"), (12, "Umlage steigt")]))


@pytest.mark.parametrize("count", [1, 2, 5, 20, 60, 300])
def test_it_is_readable_for_every_number_of_months(formats, count):
    check(draw([Fan.of("A", runs()[:, :1].repeat(count, axis=1))], formats, months=range(count)))


def test_months_without_any_run_are_left_empty(formats):
    values = runs()
    values[:, 50:60] = np.nan
    values[3, 10] = np.nan
    chart = draw([Fan.of("A", values)], formats)
    check(chart)
    assert [len(line) for line in lines(chart)] == [50, 72]
    assert chart.table.rows[55][1] is None


def test_nothing_but_gaps_is_an_empty_chart(formats):
    check(draw([Fan.of("A", np.full((20, 132), np.nan))], formats))


def test_the_table_holds_what_is_drawn(formats):
    values = runs()
    chart = draw([Fan.of("A", values)], formats)
    assert len(chart.table.rows) == 132
    assert chart.table.rows[131][0] == formats.month(131)
    assert chart.table.rows[131][1:] == pytest.approx(np.quantile(values[:, 131], [0.5, 0.25, 0.75, 0.1, 0.9]))


def test_single_runs_are_thin_lines_on_request(formats):
    assert lines(draw([Fan.of("A", runs())], formats), "run") == []
    assert len(lines(draw([Fan.of("A", runs(), show_runs=True)], formats), "run")) == 20


def test_the_sentence_says_where_it_ends():
    flat = np.tile(np.linspace(0.1, 0.5, 20)[:, None], (1, 132))
    chart = draw([Fan.of("Vergleichsfall", flat, "baseline")], Formats("de"))
    assert (
        "Vergleichsfall: am Ende im mittleren Lauf 30\u00a0%, in 8 von 10 Läufen zwischen 14\u00a0% und 46\u00a0%."
        in chart.sentence
    )


def test_names_are_escaped(formats):
    chart = draw([Fan.of("<script>", runs())], formats, title="<b>", marks=[(3, "</svg><script>")])
    check(chart)
    assert "<script" not in chart.svg


@given(
    st.lists(st.tuples(st.floats(0, 400), st.floats(5, 40)), min_size=1, max_size=8),
)
def test_labels_are_spread_without_overlap_inside_their_room(wanted):
    places = spread([y for y, _ in wanted], [tall for _, tall in wanted], 0.0, 400.0)
    edges = sorted((y - tall / 2.0, y + tall / 2.0) for y, (_, tall) in zip(places, wanted, strict=True))
    assert edges[0][0] >= -1e-6
    assert edges[-1][1] <= 400.0 + 1e-6
    assert all(above[1] <= below[0] + 1e-6 for above, below in itertools.pairwise(edges))


def test_values_of_whole_years_are_not_called_july():
    fan = Fan.of("Status quo", np.array([[1.0, 2.0], [3.0, 4.0]]))
    chart = fan_chart([126, 138], [fan], title="T", unit="months", formats=Formats("de"), yearly=True)
    assert "T, 2025 bis 2026." in chart.sentence
    assert [row[0] for row in chart.table.rows] == ["2025", "2026"]
    assert chart.table.columns[0] == "Jahr"
