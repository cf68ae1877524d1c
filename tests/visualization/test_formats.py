"""Numbers as Germans and the English write them."""

from __future__ import annotations

import math

import pytest
from kreislauf.model.measures import MEASURES
from kreislauf.visualization.formats import Formats
from kreislauf.visualization.texts import has_text

DE, EN = Formats("de"), Formats("en")
S = "\u00a0"


@pytest.mark.parametrize(
    ("value", "german", "english"),
    [
        (0.0, f"0{S}€", "€0"),
        (12.5, f"12,50{S}€", "€12.50"),
        (-12.5, f"−12,50{S}€", "−€12.50"),
        (100.4, f"100{S}€", "€100"),
        (98765.0, f"98.765{S}€", "€98,765"),
        (999_400.0, f"999.400{S}€", "€999,400"),
        (999_999.0, f"1,00{S}Mio.{S}€", f"€1.00{S}million"),
        (-2_345_678.0, f"−2,35{S}Mio.{S}€", f"−€2.35{S}million"),
        (1_200_000_000.0, f"1,20{S}Mrd.{S}€", f"€1.20{S}billion"),
        (None, "–", "–"),
        (math.nan, "–", "–"),
    ],
)
def test_money_is_cents_then_euros_then_millions(value, german, english):
    assert DE.euro(value) == german
    assert EN.euro(value) == english


@pytest.mark.parametrize(
    ("value", "german", "english"),
    [(0.5, f"50{S}%", "50%"), (0.125, f"12,5{S}%", "12.5%"), (-0.031, f"−3,1{S}%", "−3.1%"), (None, "–", "–")],
)
def test_shares_are_percent(value, german, english):
    assert DE.percent(value) == german
    assert EN.percent(value) == english


@pytest.mark.parametrize(
    ("value", "text"), [(1234567.0, "1.234.567"), (12.3456, "12,3"), (0.12345, "0,123"), (-3.0, "−3"), (0.0, "0")]
)
def test_numbers_have_three_figures_and_a_real_minus(value, text):
    assert DE.number(value) == text


def test_a_number_that_rounds_to_nothing_has_no_minus():
    assert DE.number(-0.001, 1) == "0,0"
    assert DE.signed(-0.001, 1) == "±0,0"


@pytest.mark.parametrize(
    ("value", "german", "english"),
    [(1.0, "1 Monat", "1 month"), (-1.0, "−1 Monat", "−1 month"), (0.0, "0 Monate", "0 months"),
     (2.0, "2 Monate", "2 months")],
)  # fmt: skip
def test_one_of_something_is_not_several(value, german, english):
    assert DE.full(value, "months", 0).replace(S, " ") == german
    assert EN.full(value, "months", 0).replace(S, " ") == english
    assert DE.full(value, "months", 1).endswith("Monate")


def test_differences_of_shares_are_percentage_points():
    assert DE.difference(0.031, "share") == f"+3,1{S}Prozentpunkte"
    assert EN.difference(-0.031, "share") == f"−3.1{S}percentage points"
    assert DE.difference(-496_795.2, "EUR") == f"−497.000{S}€", "no run is surer than three figures"
    assert EN.change(1_234_567.0, "EUR") == f"+€1.23{S}million"
    assert DE.difference(12.5, "EUR per inhabitant and year") == f"+12,50{S}€ je Einwohner und Jahr"


def test_months_are_counted_from_january_2015():
    assert (DE.month(0), DE.month(26), EN.month(131)) == ("Januar 2015", "März 2017", "December 2025")
    assert (DE.month(2, short=True), EN.month(8, short=True)) == ("Mär 15", "Sep 15")


def test_runs_are_counted_out_of_all_runs():
    assert DE.of_runs(8, 10) == "8 von 10 Läufen"
    assert DE.of_runs(1, 1) == "1 von 1 Lauf"
    assert EN.of_runs(8, 10) == "8 of 10 runs"


def test_lists_end_with_and():
    assert DE.listing(["Ahorn", "Meeder", "Seßlach"]) == "Ahorn, Meeder und Seßlach"
    assert EN.listing(["Ahorn", "Meeder"]) == "Ahorn and Meeder"
    assert DE.listing([]) == ""


def test_every_unit_of_a_measure_has_words_in_both_languages():
    units = {measure.unit for measure in MEASURES.values()}
    assert {unit for unit in units if not has_text(f"units.{unit}")} == set()
    assert DE.unit("EUR per inhabitant and year") == "Euro je Einwohner und Jahr"
    assert DE.unit("parsecs") == "parsecs"


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="there are de, en"):
        Formats("fr")
