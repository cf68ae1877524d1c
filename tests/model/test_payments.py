"""Who pays for what: the recognition shock, refunds with a lag, revisions of the federal share."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from kreislauf.model.calendar import month_index
from kreislauf.model.errors import KreislaufError
from kreislauf.model.fields.integration.payments import MonthCounts, Payments
from kreislauf.model.fields.integration.rates import housing_share, housing_shares
from kreislauf.model.ledger import Ledger
from kreislauf.model.parameters import Parameters

from .stubs import small_region


def run(counts_of_month, first, last, *, parameters=None, region=None, steady_start=False):
    region = region or small_region()
    ledger = Ledger()
    payments = Payments(ledger, region, Parameters(parameters or {}), steady_start=steady_start)
    for month in range(first, last + 1):
        payments.post_month(month, counts_of_month(month))
        assert ledger.total() == 0
    return ledger, payments


def one_household_in(year, cents):
    def counts(month):
        zero = MonthCounts.zeros(3)
        if month_index(f"{year}-01") <= month <= month_index(f"{year}-12"):
            return replace(zero, sgb2_rent_cents=np.array([cents, 0, 0]))
        return zero

    return counts


@pytest.mark.parametrize(("year", "net_eur"), [(2017, 2838), (2020, 1575)])
def test_a_recognised_household_of_three_costs_the_district_its_part_of_the_rent_after_all_revisions(year, net_eur):
    rent = (402 + 70) * 100
    ledger, _ = run(one_household_in(year, rent), month_index(f"{year}-01"), month_index(f"{year + 2}-12"))
    assert ledger.balance("landlords") == 12 * rent
    assert round(-ledger.balance("district:00001") / 100) == net_eur
    assert -ledger.balance("bund") - ledger.balance("district:00001") == 12 * rent


def test_the_first_value_is_paid_during_the_year_and_the_revision_comes_once_in_the_year_after():
    ledger, _ = run(one_household_in(2017, 100_000), month_index("2017-01"), month_index("2019-12"))
    flows = ledger.flows()
    federal = flows[flows["purpose"] == "housing_cost_federal"]
    assert federal["month"].max() == month_index("2017-12")
    assert int(federal["cents"].sum()) == round(1_200_000 * 0.488)
    revision = flows[flows["purpose"] == "housing_cost_revision"]
    assert revision["month"].tolist() == [month_index("2018-07")]
    assert revision["cents"].tolist() == [round(1_200_000 * 0.011)]


def test_a_downward_revision_makes_the_district_pay_back():
    ledger, _ = run(one_household_in(2019, 100_000), month_index("2019-01"), month_index("2021-12"))
    flows = ledger.flows()
    back = flows[(flows["payee"] == "bund") & (flows["purpose"] == "housing_cost_revision")]
    assert back["payer"].tolist() == ["district:00001"]
    assert back["cents"].tolist() == [round(1_200_000 * (0.481 - 0.468))]


def test_asylum_benefits_are_refunded_in_full_after_the_lag():
    def counts(month):
        return replace(MonthCounts.zeros(3), asylum_persons=np.array([10, 5, 0]) * (month < 6))

    lag = 3
    ledger, payments = run(counts, 0, 5, parameters={"asylum_reimbursement_lag": lag})
    gross = 15 * 96_208
    assert ledger.balance("district:00001") == -lag * gross
    assert payments.open_refund_cents.tolist() == [lag * gross]
    ledger, payments = run(counts, 0, 5 + lag, parameters={"asylum_reimbursement_lag": lag})
    assert ledger.balance("district:00001") == 0
    assert payments.open_refund_cents.tolist() == [0]


def test_with_a_steady_start_the_refunds_of_the_months_before_arrive_first():
    counts = replace(MonthCounts.zeros(3), asylum_persons=np.array([10, 5, 0]))
    ledger, payments = run(lambda _: counts, 0, 11, steady_start=True)
    assert ledger.balance("district:00001") == 0
    assert payments.open_refund_cents.tolist() == [2 * 15 * 96_208]


def test_recognition_moves_a_person_from_full_refund_to_a_part_kept_by_the_district():
    asylum = replace(MonthCounts.zeros(3), asylum_persons=np.array([3, 0, 0]))
    recognised = replace(
        MonthCounts.zeros(3), sgb2_persons=np.array([3, 0, 0]), sgb2_rent_cents=np.array([47_200, 0, 0])
    )
    before, _ = run(lambda month: asylum if month < 24 else MonthCounts.zeros(3), 12, 30)
    after, _ = run(lambda month: recognised if month < 24 else MonthCounts.zeros(3), 12, 30)
    assert before.balance("district:00001") == 0
    assert after.balance("district:00001") < 0


def test_day_care_is_shared_half_and_half_and_pupils_are_paid_by_their_municipality():
    counts = replace(
        MonthCounts.zeros(3),
        kita_under3=np.array([1, 0, 0]),
        kita_3plus=np.array([2, 0, 0]),
        pupils=np.array([0, 4, 0]),
    )
    ledger, _ = run(lambda _: counts, 12, 12)
    assert ledger.balance("municipality:00001001") == -(30_208 + 2 * 19_633)
    assert ledger.balance("land") == ledger.balance("municipality:00001001")
    assert ledger.balance("municipality:00001002") == -4 * 12_500
    assert ledger.balance("schools") == 4 * 12_500


def test_the_federal_share_is_the_published_one_and_a_missing_law_or_year_is_named():
    assert housing_share("bavaria", 2017, month_index("2017-12")) == 488
    assert housing_share("bavaria", 2017, month_index("2018-07")) == 499
    assert housing_share("bavaria", 2020, month_index("2025-01")) == 722
    assert set(range(2015, 2026)) <= set(housing_shares("bavaria"))
    assert housing_share("bavaria", 2014, 0) == housing_share("bavaria", 2015, 0)
    with pytest.raises(KreislaufError, match=r"saxony.*federal share of housing cost"):
        Payments(Ledger(), small_region(law="saxony"), Parameters())
    with pytest.raises(KreislaufError, match="2040"):
        housing_share("bavaria", 2040, 0)


@settings(max_examples=25, deadline=None)
@given(hnp.arrays(np.int64, (9, 4), elements=st.integers(0, 5000)), st.integers(0, 120))
def test_sums_are_conserved_for_any_counts(values, month):
    counts = MonthCounts(*values)
    region = small_region(municipalities=2, districts=2)
    ledger, payments = run(lambda _: counts, month, month, region=region)
    flows = ledger.flows()
    assert ledger.total() == 0
    assert (flows["cents"] > 0).all()
    rent = flows.loc[flows["purpose"] == "housing_cost", "cents"].sum()
    assert rent == counts.sgb2_rent_cents.sum()
    paid = flows.loc[
        flows["purpose"].str.startswith("asylum") & flows["payer"].str.startswith("district"), "cents"
    ].sum()
    assert paid == payments.open_refund_cents.sum()


def test_counts_that_are_not_whole_numbers_are_refused():
    counts = replace(MonthCounts.zeros(3), asylum_persons=np.array([0.5, 0, 0]))
    with pytest.raises(TypeError, match="whole numbers"):
        run(lambda _: counts, 0, 0)
    assert len(fields(MonthCounts)) == 9
