"""Single rules of fiscal law and of reactions, worked out by hand: what larger tests would not notice."""

import numpy as np
import pytest
from kreislauf.model.fiscal import schleswig_holstein
from kreislauf.model.fiscal.changes import Changes
from kreislauf.model.fiscal.equalisation import structural_points
from kreislauf.model.fiscal.housing_cost import federal_housing_cost_share, local_housing_cost
from kreislauf.model.fiscal.law import law
from kreislauf.model.fiscal.projection import Projection
from kreislauf.model.fiscal.reactions import react, stabilisation_aid
from kreislauf.model.fiscal.taxes import income_tax_compensation, trade_tax_assessment
from kreislauf.model.parameters import Parameters

from ..stubs import small_region


def test_a_corporation_has_no_allowance_and_a_person_one_of_24500_euros():
    assert trade_tax_assessment(100_000.0, law=law(2018), corporation=True) == pytest.approx(3_500.0)
    assert trade_tax_assessment(100_000.0, law=law(2018)) == pytest.approx(0.035 * 75_500.0)
    mixed = trade_tax_assessment(np.array([24_500.0, 24_500.0]), law=law(2018), corporation=np.array([True, False]))
    assert mixed == pytest.approx([857.5, 0.0])


@pytest.mark.parametrize("year", range(2015, 2026))
def test_federal_and_local_share_of_the_housing_costs_add_up_to_them(year):
    """Bavaria's federal share lay between 26 and 75 % in these years (SGB II § 46)."""
    share = federal_housing_cost_share(year)
    assert 0.26 <= share <= 0.75
    assert local_housing_cost(1_000_000.0, year) == pytest.approx(1_000_000.0 - 1_000_000.0 * share)


def test_the_compensation_is_a_share_of_the_income_tax_and_nothing_without_it():
    assert income_tax_compensation(0.0, law=law(2018)) == 0.0
    assert income_tax_compensation(2e6, law=law(2018)) == pytest.approx(2 * income_tax_compensation(1e6, law=law(2018)))
    assert income_tax_compensation(1e6, law=law(2018)) == pytest.approx(90_000.0, rel=0.1)


def test_schleswig_holstein_pays_no_grants_per_head():
    paid = schleswig_holstein.grants_per_head(np.array([1_000.0, 90_000.0]), law=schleswig_holstein.law(2018))
    assert paid.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("year", range(2015, 2021))
def test_levelling_rates_of_schleswig_holstein_lie_a_little_below_the_mean_rates(year):
    found, parameter = schleswig_holstein.law(year), schleswig_holstein.parameter
    share = parameter("levelling_share", year).value
    assert 0.9 <= share < 1.0
    for kind in ("property_a", "property_b"):
        mean = parameter(f"mean_rate_{kind}", year).value
        assert getattr(found, f"levelling_{kind}") == pytest.approx(share * mean)


def test_unemployed_without_any_tax_capacity_count_as_those_with_hardly_any():
    nothing, hardly = (
        structural_points(1_000.0, 0.5, capacity, state_mean_percent=2.0, law=law(2018)) for capacity in (0.0, 2_400.0)
    )
    assert law(2018).structural_factor * (100.0 * 0.5 / 2.4 - 2.0) > law(2018).structural_cap
    assert nothing == pytest.approx(0.2 * 1_000.0)  # the cap, 20 % of the inhabitants
    assert hardly >= nothing


def test_who_has_no_shortfall_does_nothing_and_gets_no_aid():
    rich = np.array([1e6])
    done = react(
        np.array([-5_000.0]), reserve=rich, minimum=np.zeros(1), voluntary=rich, rate=np.array([300.0]),
        own_tax_base=rich, investment=rich, lasting_capacity=np.array([True]), year=2018, parameters=Parameters({}),
    )  # fmt: skip
    for part in (done.reserve, done.voluntary, done.rate_points, done.rates, done.loan, done.open):
        assert part.tolist() == [0.0]
    aid = stabilisation_aid(
        0.0, population=900.0, population_before=1000.0, capacity=5e5, state_mean_capacity=1000.0, consolidates=True,
        loss=0.05, eur_per_head=50.0,
    )  # fmt: skip
    assert aid == 0.0


def test_a_factor_on_the_spending_of_a_district_multiplies_it():
    years = range(2016, 2019)
    once, more = (
        Projection(small_region(), Parameters({})).run(
            years=years, changes=Changes(district_spending=factor, levy_rate=42.5)
        )
        for factor in (1.0, 1.1)
    )
    assert once.district_spending.min() > 0.0
    assert more.district_spending == pytest.approx(1.1 * once.district_spending)
