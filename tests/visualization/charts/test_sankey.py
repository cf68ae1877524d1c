"""Flows of money: what leaves arrives, bands and boxes have one scale, two variants the same one."""

from __future__ import annotations

from collections import defaultdict

import pytest
from drawings import check, elements
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.visualization.charts.sankey import Flow, columns_of, sankey
from kreislauf.visualization.formats import Formats

SOURCES = ["Bund", "Freistaat Bayern", "Landkreis Coburg", "Gemeinden der Allianz im Coburger Land", "Spenden"]
TARGETS = ["Beratung", "Unterkunft", "Sprachkurse", "Wohlfahrtsverbände und Träger der freien Jugendhilfe"]

amounts = st.one_of(st.just(0.0), st.floats(1.0, 5e6))


@st.composite
def money(draw):
    """Flows from payers over tasks to payees that give on all they receive."""
    first = [[draw(amounts) for _ in TARGETS] for _ in SOURCES]
    flows = [Flow(a, b, first[i][j]) for i, a in enumerate(SOURCES) for j, b in enumerate(TARGETS) if first[i][j]]
    for j, task in enumerate(TARGETS):
        total, share = sum(row[j] for row in first), draw(st.floats(0.01, 0.99))
        if total:
            flows += [Flow(task, "Personal", total * share), Flow(task, "Vermieter", total * (1.0 - share))]
    return flows


def boxes(chart) -> dict[str, tuple[float, float, float]]:
    """Return amount, height and left edge of every box."""
    return {
        box.attrib["data-box"]: (float(box.attrib["data-amount"]), float(box.attrib["height"]), float(box.attrib["x"]))
        for box in elements(chart.svg, "rect") if box.get("data-box")
    }  # fmt: skip


def draw(flows, formats, **more):
    return sankey(flows, title="Geldflüsse", unit="EUR", formats=formats, **more)


@given(money())
def test_what_leaves_arrives_and_heights_are_amounts(flows):
    chart = draw(flows, Formats("de"))
    check(chart)
    found = boxes(chart)
    into, out = defaultdict(float), defaultdict(float)
    for flow in flows:
        out[flow.source] += flow.amount
        into[flow.target] += flow.amount
    for name, (amount, _, _) in found.items():
        assert amount == pytest.approx(max(into[name], out[name]), rel=1e-6)
    if flows:
        given_away = sum(found[name][0] for name in SOURCES if name in found)
        received = sum(found[name][0] for name in ("Personal", "Vermieter") if name in found)
        assert given_away == pytest.approx(received, rel=1e-6)
        largest = max(found.values())
        for amount, height, _ in found.values():
            assert height == pytest.approx(max(1.0, amount * largest[1] / largest[0]), abs=0.05)
    assert sum(row[2] for row in chart.table.rows) == pytest.approx(sum(flow.amount for flow in flows))


def test_two_variants_have_the_same_scale(formats):
    small = [Flow("Bund", "Beratung", 100.0)]
    large = [*[Flow(source, "Beratung", 100.0) for source in SOURCES], Flow("Bund", "Unterkunft", 300.0)]
    heights = [boxes(draw(flows, formats, full=800.0))["Bund"] for flows in (small, large)]
    assert heights[1][1] == pytest.approx(4.0 * heights[0][1], abs=0.05)


def test_boxes_stand_right_of_all_they_receive_from():
    flows = [Flow("a", "b", 1.0), Flow("b", "c", 1.0), Flow("a", "c", 1.0), Flow("d", "c", 1.0)]
    assert columns_of(flows) == [["a", "d"], ["b"], ["c"]]


def test_bands_end_inside_their_boxes(formats):
    flows = [Flow(a, b, 10.0 + i * j) for i, a in enumerate(SOURCES) for j, b in enumerate(TARGETS)]
    chart = draw(flows, formats)
    tops = {box.attrib["data-box"]: (float(box.attrib["y"]), float(box.attrib["y"]) + float(box.attrib["height"]))
            for box in elements(chart.svg, "rect") if box.get("data-box")}  # fmt: skip
    bands = [path for path in elements(chart.svg, "path") if path.get("data-flow")]
    for flow, band in zip(flows, bands, strict=True):
        start = float(band.attrib["d"].split()[0].split(",")[1])
        assert tops[flow.source][0] - 0.05 <= start <= tops[flow.source][1] + 0.05


@pytest.mark.parametrize(
    ("flows", "words"),
    [
        ([Flow("a", "b", 1.0), Flow("b", "a", 1.0)], "circle"),
        ([Flow("a", "a", 1.0)], "circle"),
        ([Flow("a", "b", 1.0), Flow("b", "c", 2.0)], "b receives 1.00 and gives 2.00"),
        ([Flow("a", "b", 0.0)], "not above zero"),
        ([Flow("a", "b", float("nan"))], "not above zero"),
    ],
)
def test_money_that_cannot_be_is_refused(formats, flows, words):
    with pytest.raises(ValueError, match=words):
        draw(flows, formats)


def test_without_money_it_says_so(formats):
    chart = draw([], formats)
    check(chart)
    assert chart.sentence == formats.say("sankey_empty", title="Geldflüsse")


def test_many_small_boxes_keep_their_names_apart(formats):
    flows = [Flow(f"Zahler mit langem Namen Nummer {at}", "Beratung", 1.0 if at else 1e6) for at in range(25)]
    check(draw(flows, formats))


def test_names_that_are_code_stay_text(formats):
    chart = draw([Flow("<script>", '"onload="x', 5.0)], formats)
    check(chart)
    assert "<script" not in chart.svg
