"""What may be said of two variants: counted run by run, with the switch to "smaller than the spread"."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.experiments.no_winner import CIRCUMSTANCES
from kreislauf.model.measures import MEASURES
from kreislauf.model.parameters import parameter_table
from kreislauf.visualization.choices import Choice, all_choices
from kreislauf.visualization.findings import audited
from kreislauf.visualization.findings.comparison import comparison, flips, sources_of_spread
from kreislauf.visualization.findings.lens import Lens, last_year, paired, spread, verdict
from kreislauf.visualization.findings.overview import card, overview, overview_map
from kreislauf.visualization.findings.quality import drivers, quality_from, quality_of

sys.path.insert(0, str(Path(__file__).parent))
from tiny import AHORN, A, B, Builder, numbers

values = st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=1, max_size=30)


@given(values, st.sampled_from(["lower", "higher", "none"]), st.data())
def test_every_pair_is_ahead_behind_or_equal_and_turning_round_turns_the_counts(before, better, data):
    after = data.draw(st.lists(st.sampled_from([*before, 0.0]), min_size=len(before), max_size=len(before)))
    one, other = (paired(np.array(x), np.array(y), better) for x, y in ((before, after), (after, before)))
    known = ~np.isnan(np.array(after) - np.array(before))
    assert one.runs == other.runs == known.sum()
    assert (one.ahead, one.behind) == (other.behind, other.ahead)
    assert one.ahead + one.behind + sum(value == 0 for value in one.differences) == one.runs
    assert one.within_spread == other.within_spread or one.nothing


def test_lower_is_better_counts_runs_below():
    found = paired(numbers(5, 5, 5, 5), numbers(4, 4, 6, 5), "lower")
    assert (found.ahead, found.behind, found.runs, found.median) == (2, 1, 4, -0.5)


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (10, "In 10 von 10 Läufen liegt „B-Name“ vorn."),
        (9, "In 9 von 10 Läufen liegt „B-Name“ vorn."),
        (8, "In 8 von 10 Läufen liegt „B-Name“ vorn. Der Unterschied ist kleiner als die Schwankung."),
        (2, "In 8 von 10 Läufen liegt „Status quo“ vorn. Der Unterschied ist kleiner als die Schwankung."),
        (1, "In 9 von 10 Läufen liegt „Status quo“ vorn."),
        (0, "In 10 von 10 Läufen liegt „Status quo“ vorn."),
    ],
)
def test_nine_of_ten_runs_make_a_difference_clear(tmp_path, ahead, words):
    lens = Lens(Builder(tmp_path).ensemble(), A, Choice(name="B-Name"), "de")
    after = numbers(*[-1.0] * ahead, *[1.0] * (10 - ahead))
    assert verdict(lens, paired(np.zeros(10), after, "lower")) == words


def test_the_part_of_the_spread_that_comes_from_drawn_assumptions_is_said(tmp_path):
    """Pairs of runs share a draw: what differs within a pair is chance, what differs between pairs both."""
    ensemble = Builder(tmp_path).ensemble()
    lens = Lens(ensemble, A, B, "de")
    between = np.repeat(np.arange(5.0), 2)
    assert sources_of_spread(lens, between) == "", "no draws, nothing to say"
    ensemble.drawn_from = "posterior.parquet"
    wholly = sources_of_spread(lens, between + np.tile([0.0, 1e-9], 5))
    assert "(posterior.parquet)" in wholly
    assert "100\N{NO-BREAK SPACE}%" in wholly.replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")
    chance = sources_of_spread(lens, np.tile([0.0, 1.0], 5))
    assert " 0" in chance.replace("\N{NO-BREAK SPACE}", " "), "all of it is chance"
    few = sources_of_spread(lens, np.array([1.0, np.nan] * 5))
    assert "zu wenige Läufe" in few, "one run per draw tells nothing"
    assert sources_of_spread(Lens(ensemble, A, A, "de"), between) == ""
    assert "posterior.parquet" in comparison(ensemble, A, B, "total_cost", language="de").rule


def test_equal_runs_and_equal_choices_are_said_to_be_equal(tmp_path):
    ensemble = Builder(tmp_path).ensemble()
    nothing = paired(np.ones(10), np.ones(10), "lower")
    assert verdict(Lens(ensemble, A, B, "de"), nothing) == "In allen 10 Läufen sind beide gleich."
    assert verdict(Lens(ensemble, A, A, "en"), nothing) == "A and B are the same choice."
    assert comparison(ensemble, A, A, "total_cost", language="de").dots is None


def test_a_card_has_the_middle_run_the_range_and_the_baseline(tmp_path):
    builder = Builder(tmp_path)
    builder.series(A, "employment_rate", [0.30] * 10)
    builder.series(B, "employment_rate", [0.11 + 0.02 * run for run in range(10)])  # 11 % to 29 %
    found = card(Lens(builder.ensemble(), A, B, "de"), "employment_rate")
    # Middle of 19 % and 21 %; quantiles between order statistics: 0.9 * 11 % + 0.1 * ... = 12.8 % and 27.2 %.
    assert found.value == "20,0\u00a0%"
    assert found.spread == "In 8 von 10 Läufen zwischen 12,8\u00a0% und 27,2\u00a0%."
    assert found.compared == "Vergleichsfall „Status quo“: 30,0\u00a0%."
    assert found.verdict == "In 10 von 10 Läufen liegt „Status quo“ vorn."


def test_the_overview_says_in_one_sentence_what_b_changes(tmp_path):
    builder = Builder(tmp_path)
    builder.series(A, "operational_gap_share", [0.25] * 10)
    builder.series(B, "operational_gap_share", [0.125] * 10)
    builder.series(A, "burden_with_levy", [40.0] * 10)
    builder.series(B, "burden_with_levy", [30.0] * 10)
    words = overview(builder.ensemble(), A, B, language="en").finding
    assert "nobody has acted for three months on 12.5% of the open cases" in words
    assert "with “Status quo” on 25.0%" in words
    assert "€30 per inhabitant and year instead of €40" in words
    assert words.endswith("is ahead in 10 of 10 runs.")


def test_the_last_year_is_the_last_twelve_months():
    series = np.array([[9.0] * 12 + [1.0, 3.0] * 6])
    assert last_year(series, "employment_rate")[0] == 2.0  # a mean
    assert last_year(series, "total_cost")[0] == 24.0  # a sum
    assert last_year(series, "burden_with_levy")[0] == 3.0  # looks back over twelve months itself


def test_runs_that_failed_are_left_out_and_said_so(tmp_path):
    builder = Builder(tmp_path)
    builder.summary(A, "total_cost", [100.0] * 10)
    builder.summary(B, "total_cost", [90.0] * 10)
    builder.fails(B, 4)
    ensemble = builder.ensemble()
    found = comparison(ensemble, A, B, "total_cost", language="de")
    assert "In 9 von 9 Läufen" in found.finding
    assert found.failures == "1 Läufe sind nicht zu Ende gekommen und fehlen hier."
    assert overview(ensemble, A, B, language="de").failures == found.failures


def test_all_variants_stand_in_their_own_order_without_a_rank(tmp_path):
    builder = Builder(tmp_path)
    builder.summary(B, "waiting_months", [0.5] * 10)
    table = comparison(builder.ensemble(), A, B, "total_cost", language="de").variants
    assert [row[0] for row in table.rows] == [A.title("de"), B.title("de")]
    column = table.columns.index("Wartezeit bis zur Hilfe, Monate")
    assert table.rows[1][column] == "0,5 (10\u00a0von\u00a010)"
    assert table.rows[0][column] == "1,0"


def test_the_map_shows_the_middle_run_and_keeps_its_classes_over_the_months(tmp_path):
    builder = Builder(tmp_path)
    builder.place(B, "burden_with_levy", AHORN, [10.0, *[30.0] * 8, 90.0])
    ensemble = builder.ensemble()
    chart = overview_map(ensemble, B, "burden_with_levy", 3, language="de")
    row = next(row for row in chart.table.rows if row[0] == "Ahorn")
    assert row[1] == 30.0
    assert [row[0] for row in chart.table.rows] == sorted(row[0] for row in chart.table.rows)


@pytest.mark.parametrize("choice", all_choices(), ids=lambda choice: choice.key)
@pytest.mark.parametrize("language", ["de", "en"])
def test_what_turns_the_result_is_said_for_every_rule_and_instrument_that_was_searched(
    tmp_path, monkeypatch, choice, language
):
    monkeypatch.setattr(audited, "FOLDER", tmp_path)  # what an audit found comes on top
    found = flips(Lens(Builder(tmp_path).ensemble(), A, choice, language))
    assert len(found) == (choice.rule in CIRCUMSTANCES) + (choice.instrument in CIRCUMSTANCES)


def test_every_measure_names_parameters_that_exist_as_its_drivers():
    assert set(drivers()) == {name for name, measure in MEASURES.items() if "+" not in measure.field}
    for name in MEASURES:  # those of one field in a run of several too
        assert quality_from(drivers().get(name, ("case_share",)), "de").word
        assert quality_of(name, "de").drivers
    assert {name for names in drivers().values() for name in names} <= set(parameter_table())


def test_the_weakest_assumption_gives_a_figure_its_class():
    table = parameter_table()
    assert table["course_lessons"].confidence == "official"
    assert table["job_base"].confidence == "estimated"
    assert table["trust_rest"].confidence == "assumption"
    assert quality_from(("course_lessons",), "de").word == "belegt"
    assert quality_from(("course_lessons", "job_base"), "de").word == "geschätzt"
    found = quality_from(("course_lessons", "job_base", "trust_rest"), "de")
    assert (found.word, found.kind) == ("gesetzt", "assumed")
    assert found.sentence.endswith("1 belegt, 1 geschätzt, 1 gesetzt.")


def test_the_range_without_any_run_is_unknown():
    assert all(np.isnan(spread(np.array([np.nan, np.nan]))))
    assert spread(numbers(*range(11))) == (1.0, 5.0, 9.0)
