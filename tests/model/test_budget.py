"""The yearly budgets: levies, closing, and that odd regions do not break them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kreislauf.model.budget import Budgets
from kreislauf.model.ledger import Ledger
from kreislauf.model.parameters import Parameters
from kreislauf.model.region import load_region
from kreislauf.model.revenue import SimpleRevenue

from .stubs import small_region


def run(region, *, years=3, parameters=None, integration=None, **kwargs):
    """Run some years; `integration(ledger, month)` posts what integration costs before the budgets' own step."""
    ledger = Ledger()
    budgets = Budgets(region, ledger, Parameters(parameters or {}), **kwargs)
    for month in range(12 * years):
        if integration:
            integration(ledger, month)
        budgets.step(month)
        assert ledger.total() == 0
    return ledger, budgets


def lines(budgets, level, key, year):
    table = budgets.yearly()
    rows = table[(table["level"] == level) & (table["key"] == key) & (table["year"] == year)]
    return dict(zip(rows["indicator"], rows["cents"], strict=True))


def fact(level, key, year, indicator, value):
    return (level, key, year, indicator, value, "", "official", "test")


def test_the_levy_posted_is_the_rate_times_the_base():
    region = small_region(finances=[fact("district", "00001", 2015, "kreisumlage_rate", 43.0)])
    ledger, budgets = run(region, years=2)
    flows = ledger.flows()
    for year in (2015, 2016):
        base = budgets.revenue.levy_base_cents(year)
        posted = (
            flows[(flows["purpose"] == "levy") & (flows["month"] // 12 == year - 2015)].groupby("payer")["cents"].sum()
        )
        assert posted.tolist() == (base * 4300 // 10_000).tolist()
        assert budgets.levy_rates[year].tolist() == [43.0]


def test_the_free_margin_is_revenue_minus_spending_and_the_reserve_follows_it():
    def integration(ledger, month):
        ledger.post(month, "municipality:00001002", "schools", 1_234_567, "school_material")
        ledger.post(month, "land", "municipality:00001001", 777, "grant")

    ledger, budgets = run(small_region(), years=4, integration=integration)
    for key in ("00001001", "00001002", "00001003"):
        before = None
        for year in range(2015, 2019):
            v = lines(budgets, "municipality", key, year)
            spent = v["levy"] + v["other_spending"] + v["interest"] + v["repayment"] + v["integration_net"]
            assert v["free_margin"] == v["taxes"] + v["key_allocation"] - spent
            if before is not None:
                assert v["reserve"] == before + v["free_margin"] - v["investment"] + v["cash_credit"]
            before = v["reserve"]
    assert lines(budgets, "municipality", "00001002", 2016)["integration_net"] == 12 * 1_234_567
    assert lines(budgets, "municipality", "00001001", 2016)["integration_net"] == -12 * 777
    d = lines(budgets, "district", "00001", 2017)
    assert d["free_margin"] == d["levy"] - d["regional_levy"] - d["other_spending"] - d["integration_net"]
    assert budgets.reserve_cents.tolist() == [ledger.balance(f"municipality:{key}") for key in small_region().keys]


def test_the_first_year_closes_with_the_margin_asked_for_when_nothing_is_spent_on_integration():
    _, budgets = run(small_region(), years=1, parameters={"base_margin_share": 0.1})
    v = lines(budgets, "municipality", "00001001", 2015)
    assert v["free_margin"] == pytest.approx(0.1 * (v["taxes"] + v["key_allocation"]), abs=20)


def test_integration_cost_of_the_district_moves_the_levy_in_half_points_within_the_band():
    def integration(ledger, month):
        ledger.post(month, "district:00001", "landlords", 10_000 if month < 12 else 4_000_000, "housing_cost")

    _, calm = run(small_region(), years=4)
    _, pressed = run(small_region(), years=4, integration=integration)
    _, deaf = run(small_region(), years=4, integration=integration, parameters={"levy_reaction": 0.0})
    assert calm.levy_rate.tolist() == deaf.levy_rate.tolist() == [42.0]
    assert calm.levy_rate[0] < pressed.levy_rate[0] <= 45.0
    assert pressed.levy_rate[0] * 2 == round(pressed.levy_rate[0] * 2)


def test_refunds_that_are_only_late_do_not_move_the_levy():
    class Late:
        open_refund_cents = np.zeros(1, dtype=np.int64)

    late = Late()

    def integration(ledger, month):
        if month == 20:
            ledger.post(month, "district:00001", "landlords", 50_000_000, "asylum_housing")
            late.open_refund_cents = np.array([50_000_000])

    region, ledger = small_region(), Ledger()
    budgets = Budgets(region, ledger, Parameters())
    budgets.claims = late
    for month in range(36):
        integration(ledger, month)
        budgets.step(month)
    assert budgets.levy_rate.tolist() == [42.0]


def test_a_municipality_that_runs_out_of_reserves_takes_a_cash_credit_and_goes_on():
    def integration(ledger, month):
        ledger.post(month, "municipality:00001001", "suppliers", 50_000_000, "structures")

    _, budgets = run(small_region(), years=3, integration=integration)
    v = lines(budgets, "municipality", "00001001", 2016)
    assert v["cash_credit"] > 0
    assert v["reserve"] == 0
    assert budgets.free_margin_cents[0] < 0
    assert budgets.free_margin_cents[1] > 0


def test_a_lasting_loss_of_revenue_hurts_at_once_and_is_partly_made_good_after_two_years():
    _, base = run(small_region(), years=5)
    _, weak = run(small_region(), years=5, revenue_growth_shift=-0.02)
    key = "00001001"
    for year in (2016, 2017):
        loss = lines(weak, "municipality", key, year)
        assert loss["taxes"] < lines(base, "municipality", key, year)["taxes"]
        assert loss["key_allocation"] == lines(base, "municipality", key, year)["key_allocation"]
    assert (
        lines(weak, "municipality", key, 2018)["key_allocation"]
        > lines(base, "municipality", key, 2018)["key_allocation"]
    )
    assert lines(weak, "municipality", key, 2018)["levy"] < lines(base, "municipality", key, 2018)["levy"]


@settings(max_examples=20, deadline=None)
@given(
    heads=st.floats(0, 3000),
    debt=st.sampled_from([0.0, 1e6]),
    growth=st.floats(-0.2, 0.2),
    districts=st.integers(1, 2),
    shift=st.floats(-0.2, 0.2),
)
def test_no_taxes_no_debt_or_a_shrinking_population_do_not_break_the_budget(heads, debt, growth, districts, shift):
    facts = [fact("municipality", "00001001", 2018, "steuerkraft_per_head", heads)]
    facts += [fact("municipality", "00001001", 2015, "debt", debt)]
    facts += [fact("municipality", "00001001", 2018, "schluesselzuweisung", 0.0)]
    region = small_region(districts=districts, growth=growth, finances=facts)
    _, budgets = run(region, years=3, revenue_growth_shift=shift)
    table = budgets.yearly()
    assert (
        table.loc[table["indicator"].isin(["levy", "taxes", "key_allocation", "debt", "reserve"]), "cents"] >= 0
    ).all()
    assert len(table) == 3 * (len(region.keys) * 12 + districts * 8)


def test_two_equal_districts_have_equal_budgets():
    _, budgets = run(small_region(districts=2))
    table = budgets.yearly()
    sums = table[table["level"] == "district"].pivot_table(
        index="indicator", columns="key", values="cents", aggfunc="sum"
    )
    assert sums["00001"].equals(sums["00002"].rename("00001"))


def test_key_allocations_are_paid_in_four_equal_instalments_of_whole_euros():
    ledger, _ = run(
        small_region(finances=[fact("municipality", "00001001", 2018, "schluesselzuweisung", 500_000.0)]), years=2
    )
    flows = ledger.flows()
    paid = flows[(flows["purpose"] == "key_allocation") & (flows["payee"] == "municipality:00001001")]
    assert paid["month"].tolist() == [2, 5, 8, 11, 14, 17, 20, 23]
    assert paid["cents"].iloc[:4].nunique() == 1
    assert (paid["cents"] % 100 == 0).all()


def test_coburg_meets_its_published_levy_base_and_rates_without_extra_integration_cost():
    region = load_region("coburg")
    _, budgets = run(region, years=11)
    base = budgets.revenue.levy_base_cents(2018).sum() / 1e8
    assert base == pytest.approx(85.6, rel=0.04)
    assert budgets.levy_rates[2016].tolist() == [42.5]
    assert budgets.levy_rates[2025].tolist() == [48.25]
    paid = SimpleRevenue(region, Parameters(), first_year=2015).key_allocation_cents(2018).sum() / 1e8
    assert paid == pytest.approx(19.65, rel=0.01)
    assert (budgets.reserve_cents >= 0).all()
    assert np.isfinite(budgets.levy_rate).all()
