"""Bars, ranges, the matrix and the calendar: to scale, readable with long names, the table equal to the drawing."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from drawings import check, elements, words_of
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.visualization.charts.bars import Series, bars
from kreislauf.visualization.charts.calendar import Ending, calendar
from kreislauf.visualization.charts.interval_bars import Intervals, interval_bars
from kreislauf.visualization.charts.matrix import KINDS, State, matrix
from kreislauf.visualization.formats import Formats

LABELS = [
    "Kosten der Gemeinden",
    "Wohnung",
    "Integration in Punkten der Kreisumlage und in weiteren Belastungen aller Art",
]
A, B = "Vergleichsfall", "Kommunale Allianz mit Regionalbudget und Kommunalverein"
UNITS = ["share", "EUR", "persons", "EUR per inhabitant and year", "months"]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("change", [False, True])
@pytest.mark.parametrize(
    "values", [(1.2e6, 3.4e6, None), (-0.1, 0.2, 0.0), (0.0, 0.0, 0.0), (-3.0, -2.0, float("nan"))]
)
def test_bars_are_readable(formats, unit, change, values):
    series = [Series(A, values, "baseline"), Series(B, tuple(reversed(values)))]
    check(bars(LABELS, series, title="Belastung", unit=unit, formats=formats, change=change))
    check(bars(LABELS, series[1:], title="Belastung", unit=unit, formats=formats, change=change, width=480.0))


@given(st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 4)), min_size=2, max_size=8))
def test_bars_are_as_long_as_their_values(values):
    chart = bars(
        [f"Zeile {at}" for at in range(len(values))],
        [Series(A, tuple(values))],
        title="T",
        unit="hours",
        formats=Formats("de"),
    )
    drawn = [(float(bar.attrib["data-value"]), float(bar.attrib["width"]))
             for bar in elements(chart.svg, "rect") if bar.get("data-value")]  # fmt: skip
    assert [value for value, _ in drawn] == pytest.approx([row[1] for row in chart.table.rows], rel=1e-6)
    longest = max(drawn, key=lambda pair: abs(pair[0]))
    for value, wide in drawn:
        assert wide == pytest.approx(abs(value) * longest[1] / (abs(longest[0]) or 1.0), abs=0.02)


def test_the_baseline_is_hatched_so_that_grey_print_tells_it_apart(formats):
    chart = bars(["x"], [Series(A, (1.0,), "baseline"), Series(B, (2.0,))], title="T", unit="hours", formats=formats)
    fills = [bar.attrib["fill"] for bar in elements(chart.svg, "rect") if bar.get("data-value")]
    assert fills[0].startswith("url(#")
    assert not fills[1].startswith("url(#")


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("change", [False, True])
def test_ranges_are_readable(formats, unit, change):
    runs = np.random.default_rng(1).normal(0.3, 0.1, (3, 20))
    gap = np.vstack([runs[:2], np.full((1, 20), np.nan)])
    series = [Intervals.of(A, runs, "baseline"), Intervals.of(B, gap)]
    check(interval_bars(LABELS, series, title="T", unit=unit, formats=formats, change=change))
    check(interval_bars(LABELS, series[1:], title="T", unit=unit, formats=formats, change=change, width=480.0))


def test_a_range_has_its_quantiles_in_order_and_to_scale(formats):
    runs = np.arange(101.0)[None]
    chart = interval_bars(["x"], [Intervals.of(A, runs)], title="T", unit="hours", formats=formats)
    assert chart.table.rows[0][1:] == (50.0, 25.0, 75.0, 10.0, 90.0)
    thin = next(line for line in elements(chart.svg, "line") if line.get("stroke-width") == "2")
    thick = next(bar for bar in elements(chart.svg, "rect") if bar.get("height") == "10")
    dot = next(iter(elements(chart.svg, "circle")))
    x1, x2 = float(thin.attrib["x1"]), float(thin.attrib["x2"])
    assert float(dot.attrib["cx"]) == pytest.approx((x1 + x2) / 2.0, abs=0.02)
    assert float(thick.attrib["width"]) == pytest.approx((x2 - x1) * 50.0 / 80.0, abs=0.02)


COLUMNS = ["Bund", "Freistaat", "Landkreis", "Gemeinden", "Wohlfahrtsverbände"]


def states(rows, columns, seed=1):
    draw = np.random.default_rng(seed)
    short = {"gap": "0", "duplicate": "3", "clear": "1", "none": ""}
    found = {(row, column): KINDS[draw.integers(4)] for row in range(rows) for column in range(columns)}
    return {at: State(kind, short[kind]) for at, kind in found.items()}


@pytest.mark.parametrize("columns", [1, 5, 17, 30])
@pytest.mark.parametrize("width", [640.0, 960.0])
def test_the_matrix_is_readable_with_few_and_with_many_columns(formats, columns, width):
    names = [f"{COLUMNS[at % 5]} {at}" for at in range(columns)]
    words = {"gap": "Lücke – niemand zuständig", "duplicate": "Doppelung – mehrere zuständig"}
    chart = matrix(LABELS, names, states(3, columns), title="T", formats=formats, words=words, width=width)
    check(chart)


@pytest.mark.parametrize("width", [300.0, 420.0, 600.0, 900.0])
def test_cells_have_words_or_the_letters_of_the_legend_never_both(formats, width):
    kinds = ("gap", "duplicate", "clear")
    chart = matrix(["a"], list("xyz"), {(0, n): State(kind) for n, kind in enumerate(kinds)}, title="T",
                   formats=formats, width=width)  # fmt: skip
    shown, long = words_of(chart.svg), [formats.say(kind) for kind in kinds]
    if any(words.startswith(f"{long[0][:1]} = ") for words in shown):
        assert not set(long) & set(shown)
    else:
        assert set(long) <= set(shown)


def test_every_cell_says_its_state_in_words_pattern_and_colour(formats):
    given_states = states(3, 5)
    chart = matrix(LABELS, COLUMNS, given_states, title="T", formats=formats, width=1200.0)
    cells = [group for group in elements(chart.svg, "g") if group.get("data-state")]
    assert [cell.get("data-state") for cell in cells] == [
        given_states[row, at].kind for row in range(3) for at in range(5)
    ]
    words = Counter(words_of(chart.svg))
    for kind, short in (("gap", "0"), ("duplicate", "3"), ("clear", "1")):
        assert words[f"{formats.say(kind)} ({short})"] == sum(state.kind == kind for state in given_states.values())
    fills = {
        cell.get("data-state"): next(iter(cell.iter("{http://www.w3.org/2000/svg}rect"))).attrib["fill"]
        for cell in cells
    }
    assert fills["gap"].startswith("url(#")
    assert fills["duplicate"].startswith("url(#")
    assert len(set(fills.values())) == 4


def test_the_table_of_the_matrix_equals_the_drawing():
    formats = Formats("de")
    chart = matrix(["x"], ["a", "b"], {(0, 0): State("gap", "0"), (0, 1): State("clear")}, title="T", formats=formats)
    assert chart.table.rows == (("x", "Lücke (0)", "eindeutig"),)
    assert "Lücke: 1, eindeutig: 1" in chart.sentence


PAYERS = ["Bund", "Freistaat Bayern", "Landkreis Coburg", "Gemeinden der Kommunalen Allianz Coburger Land", "Stiftung"]


def endings(count=60, last=131):
    draw = np.random.default_rng(4)
    return [Ending(int(draw.integers(0, last + 1)), PAYERS[int(draw.integers(5))], float(draw.uniform(0.2, 3.0)))
            for _ in range(count)]  # fmt: skip


@pytest.mark.parametrize(("first", "last"), [(0, 131), (24, 35), (20, 50), (7, 7), (0, 400)])
@pytest.mark.parametrize("width", [640.0, 960.0])
def test_the_calendar_is_readable_for_months_quarters_and_years(formats, first, last, width):
    check(calendar(endings(), first=first, last=last, title="T", unit="FTE", formats=formats, width=width))


def test_the_sums_of_the_calendar_are_those_of_what_ends(formats):
    found = endings()
    chart = calendar(found, first=0, last=131, title="T", unit="FTE", formats=formats)
    *rows, total = chart.table.rows
    assert total[-1] == pytest.approx(sum(ending.amount for ending in found))
    for row in rows:
        assert row[-1] == pytest.approx(sum(ending.amount for ending in found if ending.payer == row[0]))
    for column in range(1, 13):
        assert total[column] == pytest.approx(sum(row[column] for row in rows))
    drawn = [float(cell.attrib["data-amount"]) for cell in elements(chart.svg, "rect") if cell.get("data-amount")]
    assert drawn == pytest.approx([amount for row in chart.table.rows for amount in row[1:-1]])


def test_what_ends_outside_the_time_shown_is_left_out():
    chart = calendar([Ending(200, "Bund", 1.0)], first=0, last=131, title="Stellen", unit="FTE", formats=Formats("de"))
    assert chart.sentence == "Stellen: Im gezeigten Zeitraum endet nichts."
    check(chart)


def test_names_that_are_code_stay_text(formats):
    bad = "</text><script>"
    for chart in (
        bars([bad], [Series(bad, (1.0,)), Series(A, (2.0,))], title=bad, unit="EUR", formats=formats),
        interval_bars([bad], [Intervals.of(bad, np.ones((1, 3)))], title=bad, unit="EUR", formats=formats),
        matrix([bad], [bad], {(0, 0): State("gap", bad)}, title=bad, formats=formats),
        calendar([Ending(3, bad, 1.0)], first=0, last=11, title=bad, unit="FTE", formats=formats),
    ):
        check(chart)
        assert "<script" not in chart.svg
