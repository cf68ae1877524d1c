"""Regional budget: small projects refunded after proof, and a budget with autonomy in four stages."""

import pytest
from kreislauf.model.funding import RegionalBudget, build_instruments

from .worlds import proposal, run, world

SMALL = {"regional_budget_b_share": 0.0, "prefinance_club": 0.9, "regional_a_completion": 1.0}
LARGE = {"regional_budget_b_share": 1.0, "regional_b_stage_pass": 1.0}


def able(w, budget, count):
    """Return keys of applicants that can pay first."""
    return [key for key in range(1, 400) if budget._can_pay_first(proposal(w, key))][:count]


def test_small_projects_are_decided_in_march_done_by_september_and_paid_in_december():
    w = world(**SMALL)
    budget = RegionalBudget(w, 1.0)
    (key,) = able(w, budget, 1)
    budget.apply(proposal(w, key, eur=1000, months=10, month=4))
    awards = run(budget, range(4, 24))
    assert [(a.first_month, a.last_month, a.payout) for a in awards] == [(15, 20, "after_proof")]
    flows = w.ledger.flows()
    paid = flows[flows["purpose"] == "grant"]
    assert paid["month"].tolist() == [23]
    assert paid["cents"].tolist() == [800_000]
    assert awards[0].days_from_idea == pytest.approx(11 * 30.44, abs=1)


def test_a_small_grant_is_at_most_eighty_percent_and_ten_thousand_euros():
    w = world(**SMALL)
    budget = RegionalBudget(w, 1.0)
    keys = able(w, budget, 2)
    for key, eur in zip(keys, (4000, 200), strict=True):
        budget.apply(proposal(w, key, eur=eur, months=5))
    run(budget, range(24))
    paid = w.ledger.flows().query("purpose == 'grant'")["cents"].sum()
    assert paid == 1_000_000 + 80_000


def test_staff_duties_and_large_projects_are_refused_by_the_small_project_budget():
    w = world(**SMALL)
    budget = RegionalBudget(w, 1.0)
    assert budget.apply(proposal(w, kind="post")).reason == "staff"
    assert budget.apply(proposal(w, eur=30_000)).reason == "too_large"
    assert budget.apply(proposal(w, mandatory=True)).reason == "mandatory_task"


def test_unused_money_lapses_at_the_end_of_the_year_to_those_who_gave_it():
    w = world(regional_budget_b_share=0.0, regional_a_fte_per_100k=0.05)
    budget = RegionalBudget(w, 1.0)
    run(budget, range(12))
    assert w.ledger.balance("land") == 0
    assert w.ledger.balance(budget.fund_name(0, "small")) == 0
    towns = sum(w.ledger.balance(f"municipality:{key}") for key in w.region.keys)
    assert -towns == w.ledger.balance("staff") > 0
    assert budget.kpis()["lapsed_eur"] == 100_000


def test_more_requests_than_money_are_ranked_and_the_rest_goes_away_empty():
    w = world(**SMALL)
    budget = RegionalBudget(w, 1.0)
    for key in range(1, 41):
        budget.apply(proposal(w, key, eur=1500, months=5, visibility=key / 41))
    awards = run(budget, range(12))
    assert len(awards) == 16  # 16 grants of 6,000 EUR out of 100,000
    assert budget.kpis()["excluded_oversubscribed"] > 0
    assert sum(a.proposal.visibility for a in awards) / 16 > 0.5


def test_who_cannot_pay_first_is_excluded_unless_a_revolving_fund_lends():
    found = {}
    for weights in ({"regional_budget": 1.0}, {"regional_budget": 1.0, "regional_fund": 1.0}):
        w = world(**{**SMALL, "prefinance_club": 0.3, "regional_fund_endowment_share": 0.0})
        built = build_instruments(w, weights)
        if "regional_fund" in built:
            built["regional_fund"].step(0)
        budget = built["regional_budget"]
        for key in range(1, 13):
            budget.apply(proposal(w, key, eur=1000, months=5))
        awards = run(budget, range(12))
        found[len(weights)] = len(awards)
        if "regional_fund" in built:
            assert budget.kpis().get("excluded_pre_finance", 0) == 0
            assert built["regional_fund"].loans == []
            assert w.ledger.balance(built["regional_fund"].fund_name(0, "loans")) == 10 * 900_000
    assert found[1] < found[2] == 12


def test_large_projects_pass_four_stages_and_the_funded_share_falls_from_phase_to_phase():
    w = world(**LARGE)
    budget = RegionalBudget(w, 1.0)
    assert [budget.rate(month) for month in (0, 35, 36, 72, 108)] == [0.8, 0.8, 0.7, 0.6, 0.0]
    for key, month in ((1, 0), (2, 40), (3, 75)):
        budget.apply(proposal(w, key, kind="post", eur=3000, months=12, month=month))
    awards = run(budget, range(108))
    assert [(a.first_month, a.funded_share) for a in awards] == [(7, 0.8), (47, 0.7), (82, 0.6)]


def test_a_large_project_ends_with_its_phase_and_what_is_left_goes_back():
    w = world(**LARGE)
    budget = RegionalBudget(w, 1.0)
    budget.apply(proposal(w, kind="post", eur=3000, months=60))
    (award,) = run(budget, range(36))
    assert award.last_month == 35
    assert w.ledger.balance(budget.fund_name(0)) < 1000
    assert budget.kpis()["lapsed_eur"] > 0


def test_too_small_projects_are_refused_and_the_stages_sort_out():
    w = world(regional_budget_b_share=1.0, regional_b_stage_pass=0.75)
    budget = RegionalBudget(w, 1.0)
    assert budget.apply(proposal(w, eur=1000)).reason == "too_small"
    for key in range(1, 201):
        budget.apply(proposal(w, key, eur=1300, months=12))
    run(budget, range(8))
    share = 1 - budget.kpis()["excluded_stages"] / 200
    assert share == pytest.approx(0.75**4, abs=0.1)


def test_with_few_applications_most_of_the_large_budget_stays_unspent_as_observed_in_kiel():
    # KielRegion: eight projects in two and a half years, 112,000 EUR unspent in a round.
    w = world(regional_budget_b_share=1.0)
    budget = RegionalBudget(w, 1.0)
    for key in range(1, 25):
        budget.apply(proposal(w, key, eur=2500, months=12, month=key))
    awards = run(budget, range(36))
    assert 3 <= len(awards) <= 13
    assert budget.kpis()["absorption"] < 0.6


def test_a_call_without_applications_grants_nothing_and_its_money_goes_back():
    w = world(**SMALL)
    budget = RegionalBudget(w, 1.0)
    assert run(budget, range(24)) == []
    figures = budget.kpis()
    assert figures["absorption"] == 0.0
    assert figures["lapsed_eur"] == 200_000
    assert w.ledger.balance("land") == 0


def test_a_small_project_that_is_not_finished_when_its_grant_expires_gets_nothing():
    w = world(**{**SMALL, "regional_a_completion": 0.8})
    budget = RegionalBudget(w, 1.0)
    for key in able(w, budget, 60):
        budget.apply(proposal(w, key, eur=400, months=5))
    awards = run(budget, range(12))
    unfinished = budget.kpis()["excluded_not_finished"]
    assert 0 < unfinished < len(awards)
    paid = w.ledger.flows().query("purpose == 'grant'")
    assert paid["cents"].sum() == (len(awards) - unfinished) * 160_000
    assert w.ledger.balance(budget.fund_name(0, "small")) == 0


def test_a_large_project_cut_short_by_the_end_of_a_phase_is_counted():
    w = world(**LARGE)
    budget = RegionalBudget(w, 1.0)
    budget.apply(proposal(w, kind="post", eur=3000, months=60))
    run(budget, range(36))
    assert budget.kpis()["cut_short"] == 1
