"""The law of Schleswig-Holstein: cases worked out by hand, and what must hold whatever the numbers are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.model.errors import InputError
from kreislauf.model.fiscal import LAWS, REQUIRED, fiscal_law
from kreislauf.model.fiscal import schleswig_holstein as sh
from kreislauf.model.fiscal.projection import Projection
from kreislauf.model.parameters import Parameters
from kreislauf.model.region import load_region

LAW = sh.law(2018)
EUROS = st.floats(0.0, 5e6)


def test_every_law_offers_what_projections_and_budgets_call():
    for name in LAWS:
        module = fiscal_law(name)
        assert not [needed for needed in REQUIRED if not hasattr(module, needed)]
        assert [module.law(year).year for year in range(2015, 2026)] == list(range(2015, 2026))


def test_every_number_has_a_unit_and_a_source_and_estimates_have_a_range():
    for name, spans in sh.parameter_table().items():
        for entry in spans:
            assert entry.unit, name
            assert entry.source, name
            if entry.low is not None:
                assert entry.low <= entry.value <= entry.high, name
            elif name != "levy_approval_jump":
                assert entry.confidence in {"official", "quoted"}, name


def test_the_levelling_rate_of_the_trade_tax_never_falls_below_310_percent():
    # Drucksache 18/2073: 92 % of the mean rate, at least 310 %; with a mean of 345 % the 92 % are 317.4.
    assert sh.law(2016).levelling_trade == pytest.approx(317.4)
    assert all(sh.law(year).levelling_trade >= 310.0 for year in range(2015, 2026))


def test_a_municipality_worked_out_by_hand():
    # 1,000 inhabitants, trade tax 69,000 at 345 %: base 20,000, counts with (317.4 - 68.5) / 100 = 49,780.
    taxes = sh.TaxYear(trade=69_000.0, rate_trade=345.0, income=400_000.0, compensation=36_000.0, turnover=20_000.0)
    capacity = sh.tax_capacity(taxes, population=1_000.0, law=LAW).total
    assert capacity == pytest.approx(49_780.0 + 400_000.0 + 36_000.0 + 20_000.0)
    required = sh.requirement(sh.main_points(1_000.0), law=LAW)
    assert required == pytest.approx(1_217_000.0)
    assert sh.regular_allocation(required, capacity, law=LAW) == pytest.approx(0.7 * (1_217_000.0 - 505_780.0))
    assert sh.special_allocation(capacity, 1_000.0, law=LAW) == 0.0  # 505,780 + 497,854 is above 973,600
    assert sh.levy_base(capacity, 497_854.0, law=LAW) == pytest.approx(1_003_634.0)


def test_the_published_levy_base_of_the_county_of_ploen_is_met():
    """For 2018 0.3 points of levy were 420,000 EUR: 140 million. The council then expected 1.1 million EUR less of a
    cut by 0.75 points in 2019: 147 million, and 140 to 153 million as the 1.1 is rounded; to that nothing was set."""
    region = load_region("kielregion")
    found = Projection(region, Parameters.default()).run(years=(2018, 2019))
    ploen = region.municipalities["district"].to_numpy() == "01057"
    base = found.levy_base[:, ploen].sum(axis=1)
    assert base[0] == pytest.approx(420_000.0 / 0.003, rel=0.002)
    assert 1_050_000.0 / 0.0075 <= base[1] <= 1_150_000.0 / 0.0075


@given(EUROS, EUROS, st.integers(100, 5_000))
def test_whoever_has_more_never_ends_with_less(first, second, people):
    low, high = sorted((first, second))

    def after(capacity):
        required = sh.requirement(people, law=LAW)
        regular = sh.regular_allocation(required, capacity, law=LAW)
        return capacity + regular + sh.special_allocation(capacity, people, law=LAW)

    assert after(low) <= after(high) + 1e-6
    assert after(low) >= LAW.guarantee_share * sh.requirement(people, law=LAW) - 1e-6


@given(st.floats(1.0, 4e6), st.integers(100, 5_000))
def test_the_capacity_behind_an_allocation_is_found_again(capacity, people):
    required = sh.requirement(people, law=LAW)
    paid = sh.regular_allocation(required, capacity, law=LAW) + sh.special_allocation(capacity, people, law=LAW)
    if paid < 1e-3:
        with pytest.raises(InputError, match="cannot be inferred"):
            sh.implied_capacity(0.0, required, people, law=LAW)
        return
    assert sh.implied_capacity(paid, required, people, law=LAW) == pytest.approx(capacity, rel=1e-6, abs=0.01)


@given(st.integers(1, 4))
def test_two_equal_municipalities_get_twice_what_one_gets(count):
    people, capacity = np.full(count, 2_000.0), np.full(count, 1_500_000.0)
    required = sh.requirement(sh.main_points(people), law=LAW)
    alone = sh.regular_allocation(sh.requirement(2_000.0, law=LAW), 1_500_000.0, law=LAW)
    assert sh.regular_allocation(required, capacity, law=LAW).sum() == pytest.approx(count * alone)
