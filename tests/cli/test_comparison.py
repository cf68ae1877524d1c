"""The comparison table: what it says, and that it fits the terminal."""

from io import StringIO
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from kreislauf.cli.comparison import show_comparison
from kreislauf.cli.numbers import Scale, number
from kreislauf.experiments import Comparison, compare_runs
from rich.console import Console


def shown(width, runs, **measures):
    """Return the comparison as it is printed on a terminal of some width."""
    text = StringIO()
    console = Console(file=text, width=width, markup=False, highlight=False)
    comparison = Comparison(compare_runs(runs, reference="a", measures=list(measures)), runs, "a")
    titles = {"a": "As it is", "b": "Municipalities together"}
    named = {
        name: SimpleNamespace(title_en=name.title(), unit="EUR", question=question)
        for name, question in measures.items()
    }
    show_comparison(console, comparison, titles, region="Tiny", scenario="Base", measures=named)
    return text.getvalue()


def runs_of(a, b, measure="cost", status="done"):
    rows = [("a", seed, x, "done") for seed, x in enumerate(a)] + [("b", seed, x, status) for seed, x in enumerate(b)]
    return pd.DataFrame(rows, columns=["variant", "seed", measure, "status"])


def test_a_clear_difference_is_shown_with_sign_and_interval():
    text = shown(120, runs_of([10.0, 20.0, 30.0], [12.0, 22.0, 32.0]), cost="burden")
    assert "What it costs, and who bears it" in text
    assert "22.0 [14.0; 30.0]" in text
    assert "+2.00 [+2.00; +2.00]" in text
    assert "~+2" not in text


def test_a_difference_within_the_spread_is_marked():
    assert "~+1.00 [" in shown(120, runs_of([10.0, 20.0, 30.0], [9.0, 21.0, 33.0]), cost="burden")


def test_a_variant_that_changes_nothing_is_said_to_be_the_same():
    assert "the same in every run" in shown(120, runs_of([1.0, 2.0], [1.0, 2.0]), cost="burden")


@pytest.mark.parametrize(("runs", "share"), [(5, 0.1), (3, 1 / 3), (1, 1.0)])
def test_with_few_runs_it_is_said_how_often_luck_alone_has_no_mark(runs, share):
    """Counted on differences that are luck, as the words round it."""
    rng = np.random.default_rng(runs)
    without = 0
    for _ in range(400):
        luck = rng.normal(0.0, 5.0, runs)
        table = compare_runs(runs_of(luck, luck + rng.normal(0.0, 1.0, runs)), reference="a", measures=["cost"])
        without += not table.set_index("variant").loc["b", "within_spread"]
    assert without / 400 == pytest.approx(share, abs=0.06)
    assert "a missing ~ says little" in " ".join(shown(120, runs_of([0.0] * runs, [1.0] * runs), cost="burden").split())


def test_with_ten_runs_nothing_is_said_of_few():
    assert "says little" not in shown(120, runs_of([0.0] * 10, [1.0] * 10), cost="burden")


def test_failed_runs_are_counted_at_the_variant():
    text = shown(120, runs_of([1.0, 2.0], [1.0, 2.0], status="failed"), cost="burden")
    assert "(0 of 2 runs)" in " ".join(text.split())


@pytest.mark.parametrize("width", [80, 120, 200])
def test_no_line_is_longer_than_the_terminal_and_no_interval_is_broken(width):
    runs = runs_of([-123456.0, 20.0, 1e7], [-12.0, 987654.0, -3e7])
    for name in ("jobs", "language", "gaps", "overlap", "levy"):
        runs[name] = runs["cost"] * 1.001
    text = shown(
        width,
        runs,
        cost="burden",
        levy="burden",
        jobs="outcomes",
        language="outcomes",
        gaps="responsibilities",
        overlap="",
    )
    assert max(map(len, text.splitlines())) <= width
    assert all(
        line.count("[") == line.count("]") for line in text.splitlines() if "80 %" not in line and "First" not in line
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "0"),
        (1234567.0, "1.23M"),
        (43210, "43.2k"),
        (9999, "9,999"),
        (0.125, "0.125"),
        (0.0001, "1.0e-04"),
        (2.0, "2"),
    ],
)
def test_numbers_have_about_three_digits(value, words):
    assert number(value) == words


def test_a_column_has_one_unit_and_one_number_of_decimals():
    scale = Scale.of("EUR", [1.2e6, 3.4e5, float("nan")], [120.0, -45_600.0])
    assert scale.unit == "thousand EUR"
    assert scale.value(340_000, 1.2e6, 1.2e6) == "1,200 [340; 1,200]"
    assert scale.difference(-45_600, 120, 0.0) == "+0.1 [-45.6; +0.0]"
    assert scale.value(*[float("nan")] * 3) == "-"


def test_shares_are_shown_in_per_cent():
    scale = Scale.of("share of staff time", [0.125], [0.0])
    assert scale.unit == "% of staff time"
    assert scale.value(0.1, 0.125, 0.2) == "12.5 [10.0; 20.0]"


def test_signs_are_shown_when_asked_for():
    assert number(0.25, signed=True) == "+0.25"
