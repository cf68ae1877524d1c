"""Regional fund: an endowment that gives its yield, and loans that come back."""

import pytest
from kreislauf.model.funding import RegionalFund

from .worlds import proposal, run, world

ENDOWMENT = {"regional_fund_endowment_share": 1.0, "endowment_donations_share": 0.0}
LOANS = {"regional_fund_endowment_share": 0.0, "revolving_revenue_share": 0.5, "revolving_default": 0.03}


def test_an_endowment_of_a_million_carries_about_a_tenth_of_a_post_in_years_of_low_interest():
    w = world(**ENDOWMENT)
    fund = RegionalFund(w, 1.0)
    run(fund, range(12))
    income = w.ledger.flows().query("purpose == 'interest'")["cents"].sum() / 100
    assert income == pytest.approx(7500, abs=1)
    assert income / w.parameters.workplace_eur == pytest.approx(0.1, abs=0.02)
    assert w.ledger.balance(fund.fund_name(0, "capital")) == 100_000_000
    assert [fund.yield_in(year) for year in (2021, 2022, 2023)] == [0.0075, 0.01625, 0.025]


def test_the_board_never_grants_more_than_the_income():
    w = world(**ENDOWMENT)
    fund = RegionalFund(w, 1.0)
    for key in range(1, 30):
        fund.apply(proposal(w, key, eur=800, months=6, month=key))
    awards = run(fund, range(60))
    assert awards
    income = w.ledger.flows().query("purpose == 'interest'")["cents"].sum()
    assert sum(a.proposal.monthly_cost_cents * (a.last_month - a.first_month + 1) for a in awards) <= income
    assert fund.kpis()["excluded_no_money"] > 0
    assert all(2 <= a.first_month - a.proposal.month - 1 <= 13 for a in awards)


def test_a_post_is_too_large_for_the_endowment():
    w = world(**ENDOWMENT)
    assert RegionalFund(w, 1.0).apply(proposal(w, kind="post", eur=3000, months=24)).reason == "too_large"


def test_a_loan_is_paid_at_once_and_repaid_in_equal_parts():
    w = world(**LOANS, revolving_admin_share=0.02)
    fund = RegionalFund(w, 1.0)
    fund.apply(proposal(w, owner="municipality", place=0, eur=2400, months=5))
    (award,) = run(fund, range(3))
    assert (award.payout, award.funded_share, award.first_month) == ("advance", 0.0, 3)
    assert fund.kpis()["loans_open_eur"] == 12_000
    run(fund, range(3, 2 + 49))
    assert fund.kpis()["loans_open_eur"] == 0
    back = w.ledger.flows().query("purpose == 'loan_repayment'")
    assert back["cents"].sum() == 1_200_000
    assert back["cents"].max() == 25_000


def test_a_fund_that_is_all_endowment_lends_nothing():
    """The same project is a loan where there is a loan fund, and asks the board where there is none."""
    for settings, loans in (
        (LOANS, 1),
        ({**ENDOWMENT, "endowment_capital_eur": 3e6, "endowment_max_grant_eur": 20_000.0}, 0),
    ):
        w = world(**settings)
        fund = RegionalFund(w, 1.0)
        fund.apply(proposal(w, owner="municipality", place=0, eur=2400, months=5))
        (award,) = run(fund, range(24))
        assert len(w.ledger.flows().query("purpose == 'loan'")) == loans
        assert award.funded_share == (0.0 if loans else 1.0)


def test_some_loans_are_lost_and_lost_money_stays_with_the_borrower():
    w = world(**{**LOANS, "revolving_default": 0.08, "revolving_contribution_eur": 3.0})
    fund = RegionalFund(w, 1.0)
    for key in range(1, 120):
        fund.apply(proposal(w, key, owner="municipality", place=0, eur=1000, months=3, month=key // 3))
    run(fund, range(120))
    figures = fund.kpis()
    assert 0 < figures["loans_defaulted_eur"] < 0.12 * figures["loans_eur"]
    assert fund.loans == []


def test_without_money_in_the_pot_a_loan_waits_a_year_and_is_then_refused():
    w = world(**LOANS)
    w.willingness[:] = 0.0
    fund = RegionalFund(w, 1.0)
    fund.apply(proposal(w, owner="municipality", place=0, eur=2400, months=5))
    assert run(fund, range(20)) == []
    assert fund.members == ()
    assert fund.kpis()["excluded_no_money"] == 1


def test_only_who_can_repay_gets_a_loan():
    w = world(**{**LOANS, "revolving_revenue_share": 0.0})
    fund = RegionalFund(w, 1.0)
    assert fund.apply(proposal(w)).reason == "no_revenue"
    assert fund.apply(proposal(w, owner="municipality", place=0))
    w.free_margin_cents[0] = 0
    assert fund.apply(proposal(w, owner="municipality", place=0)).reason == "no_revenue"


def test_contributions_come_from_willing_municipalities_with_a_margin_for_five_years():
    w = world(**LOANS)
    w.willingness[0] = 0.2
    w.free_margin_cents[1] = -5
    fund = RegionalFund(w, 1.0)
    run(fund, range(96))
    assert fund.members == tuple(range(2, 10))
    assert fund.contributed_cents == 8 * 5 * 900_000
