"""Each rule of the grades on rows written by hand, and that worse figures never give a better grade."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from kreislauf.model.errors import InputError
from kreislauf.model.fiscal.grades import (
    INDICATORS,
    Grade,
    Limits,
    Window,
    grade,
    limits_table,
    ratios,
    trailing_mean,
)
from kreislauf.model.parameters import Parameters

CALM = {
    "transfer": (10, 10, 10, 10),
    "repayment": (4, 4, 4, 4),
    "interest": (1, 1, 1, 1),
    "revenue": (100, 100, 100, 100),
    "mean_revenue": (100, 100, 100, 100),
    "debt": (60, 56, 52, 48),
    "reserve_before": (20, 20, 20, 20),
    "reserve": (20, 20, 20, 20),
    "cash_credit": (0, 0, 0, 0),
}


def window(*, consolidation=None, **rows):
    figures = {name: np.array([values], dtype=float).T for name, values in {**CALM, **rows}.items()}
    if consolidation is not None:
        consolidation = np.array([consolidation], dtype=bool).T
    return Window(**figures, consolidation=consolidation)


def judged(**rows):
    v = grade(window(**rows))
    return Grade(int(v.grade[0])).title(), int(v.failed_year[0]), v.failed_by[0], int(v.red_year[0]), v.red_by[0]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ({}, ("green", -1, "", -1, "")),
        # the margin is exactly zero, the limits are exactly met: still green
        ({"transfer": (4, 4, 4, 4)}, ("green", -1, "", -1, "")),
        ({"interest": (2, 2, 2, 2)}, ("green", -1, "", -1, "")),
        ({"debt": (100, 100, 100, 100), "reserve": (1, 1, 1, 1)}, ("green", -1, "", -1, "")),
        ({"transfer": (3, 10, 10, 10)}, ("yellow", -1, "", -1, "")),
        ({"transfer": (10, 10, 10, -16)}, ("yellow", -1, "", -1, "")),
        ({"transfer": (10, 10, 10, -17)}, ("orange", 3, "uncovered", -1, "")),
        ({"transfer": (3, 10, 10, 3)}, ("orange", 3, "free_margin", -1, "")),
        ({"interest": (1, 1, 1, 2.5)}, ("orange", 3, "debt_service", -1, "")),
        ({"debt": (60, 60, 101, 101)}, ("orange", 2, "debt_ratio", -1, "")),
        ({"reserve": (20, 0.5, 20, 20)}, ("orange", 1, "reserve", -1, "")),
        # one negative transfer that reserves cover: the gap between yellow and red in the rules
        ({"transfer": (-1, 10, 10, 10)}, ("yellow", -1, "", -1, "")),
        ({"transfer": (-1, 10, -1, 10)}, ("red", 2, "transfer", 2, "transfer")),
        ({"reserve": (20, 20, 0, 20), "cash_credit": (0, 0, 17, 0)}, ("red", 2, "cash_credit", 2, "cash_credit")),
        # reserve gone in one year, cash credit in another: not both at once
        ({"reserve": (20, 20, 0, 20), "cash_credit": (0, 17, 0, 0)}, ("orange", 2, "reserve", -1, "")),
        ({"cash_credit": (99, 99, 99, 99)}, ("green", -1, "", -1, "")),
        # orange from the second year on, and two years later still short
        ({"transfer": (3, 3, 10, 3)}, ("red", 1, "free_margin", 3, "consolidation")),
        ({"transfer": (3, 3, 10, 3), "consolidation": (0, 0, 1, 1)}, ("orange", 1, "free_margin", -1, "")),
        ({"transfer": (3, 3, 10, 10)}, ("orange", 1, "free_margin", -1, "")),
        ({"interest": (3, 3, 3, 3)}, ("red", 0, "debt_service", 2, "consolidation")),
        ({"debt": (120, 110, 99, 90)}, ("orange", 0, "debt_ratio", -1, "")),
    ],
)
def test_each_rule_on_rows_written_by_hand(rows, expected):
    assert judged(**rows) == expected


def test_the_same_row_among_others_gets_the_same_grade():
    one, other = window(transfer=(3, 3, 10, 3)), window()
    both = Window(
        **{
            name: np.hstack([getattr(one, name), getattr(other, name)])
            for name in Window.__slots__
            if name != "consolidation"
        }
    )
    found = grade(both)
    assert found.grade.tolist() == [Grade.RED, Grade.GREEN]
    assert found.passed.tolist() == [False, True]


def test_no_debt_and_no_revenue_are_no_division_by_zero():
    nothing = dict.fromkeys(CALM, (0, 0, 0, 0))
    assert judged(**nothing)[0] == "green"
    assert judged(**{**nothing, "debt": (1, 1, 1, 1)})[2] == "debt_ratio"
    assert (ratios(window(debt=(0, 0, 0, 0)))["debt_ratio"] == 0).all()
    assert np.isnan(ratios(window(**nothing))["debt_ratio"]).all()


def test_a_window_shorter_than_the_wait_never_asks_for_consolidation():
    short = {name: values[:1] for name, values in CALM.items()}
    v = grade(window(**{**short, "interest": (9,)}))
    assert v.grade.tolist() == [Grade.ORANGE]


def test_figures_of_different_shapes_are_refused():
    with pytest.raises(InputError, match="one shape"):
        window(debt=(1, 2, 3))


def test_the_limits_are_parameters_and_say_which_are_quoted():
    held = Limits.of(Parameters())
    assert {n: getattr(held, n) for n in Limits.__slots__} == pytest.approx(
        {n: getattr(Limits(), n) for n in Limits.__slots__}
    )
    strict = Limits.of(Parameters({"grade_debt_service_limit": 0.04}))
    assert grade(window(), strict).failed_by.tolist() == ["debt_service"]
    confidence = {name: entry.confidence for name, entry in limits_table().items()}
    assert confidence["debt_service_limit"] == confidence["debt_ratio_limit"] == "quoted"
    assert confidence["consolidation_years"] == "assumption"
    assert set(Limits.__slots__) == set(confidence)


def test_grades_have_words_and_letters():
    assert [g.letter for g in Grade] == ["G", "Y", "O", "R"]
    assert [g.title("de") for g in Grade] == ["grün", "gelb", "orange", "rot"]
    assert [g.passed for g in Grade] == [True, True, False, False]


def test_the_trailing_mean_uses_at_most_three_years():
    assert trailing_mean(np.array([[3.0], [6.0], [9.0], [12.0]])).ravel().tolist() == [3.0, 4.5, 6.0, 9.0]


YEARS, PLACES = 4, 3
amounts = arrays(np.float64, (YEARS, PLACES), elements=st.integers(-30, 30).map(float))
positive = arrays(np.float64, (YEARS, PLACES), elements=st.integers(0, 120).map(float))


@settings(max_examples=200, deadline=None)
@given(transfer=amounts, drop=positive, debt=positive, reserve=positive, credit=positive, more=positive, line=amounts)
def test_worse_figures_never_give_a_better_grade(transfer, drop, debt, reserve, credit, more, line):
    def of(transfer, debt, reserve, credit):
        return Window(
            transfer=transfer,
            repayment=np.full_like(transfer, 4.0),
            interest=np.abs(line) / 10,
            revenue=np.full_like(transfer, 100.0),
            mean_revenue=np.full_like(transfer, 100.0),
            debt=debt,
            reserve_before=reserve,
            reserve=reserve,
            cash_credit=credit,
        )

    before = grade(of(transfer, debt, reserve, credit))
    for worse in (
        of(transfer - drop, debt, reserve, credit),
        of(transfer, debt + more, reserve, credit),
        of(transfer, debt, reserve - more, credit),
        of(transfer, debt, reserve, credit + more),
    ):
        after = grade(worse)
        assert (after.grade >= before.grade).all()
        failed = before.failed_year >= 0
        assert (after.failed_year[failed] <= before.failed_year[failed]).all()


@settings(max_examples=100, deadline=None)
@given(transfer=amounts, debt=positive, reserve=positive, credit=positive)
def test_grade_failing_year_and_reason_agree(transfer, debt, reserve, credit):
    figures = {"repayment": 4.0, "interest": 1.0, "revenue": 100.0, "mean_revenue": 100.0}
    same = {name: np.full_like(transfer, value) for name, value in figures.items()}
    w = Window(transfer=transfer, debt=debt, reserve=reserve, reserve_before=reserve, cash_credit=credit, **same)
    v = grade(w)
    assert (v.passed == (v.failed_year < 0)).all()
    assert ((v.grade == Grade.RED) == (v.red_year >= 0)).all()
    assert all((name == "") == ok for name, ok in zip(v.failed_by, v.passed, strict=True))
    assert set(v.failed_by) | set(v.red_by) <= set(INDICATORS)
