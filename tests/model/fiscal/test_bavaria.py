"""Properties the fiscal law of Bavaria must have whatever the figures, and what it refuses."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.model.errors import InputError, KreislaufError
from kreislauf.model.fiscal import bavaria, fiscal_law, paths

YEARS = range(2015, 2026)
LAW = bavaria.law(2018)

euros = st.floats(0.0, 20e6)
rates = st.floats(200.0, 500.0)
people = st.floats(1.0, 30_000.0)
years = st.sampled_from(list(YEARS))


@st.composite
def tax_years(draw: st.DrawFn) -> bavaria.TaxYear:
    """Receipts and rates of one municipality in one year."""
    amounts = {name: draw(euros) for name in paths.SOURCES}
    return bavaria.TaxYear(**amounts, rate_a=draw(rates), rate_b=draw(rates), rate_trade=draw(rates))


def scaled(taxes: bavaria.TaxYear, factor: float) -> bavaria.TaxYear:
    return replace(taxes, **{name: factor * getattr(taxes, name) for name in paths.SOURCES})


# --- Metamorphic: allocations ---------------------------------------------------------------------------------------


@given(tax_years(), people, st.floats(0.0, 2_000.0), years)
def test_an_allocation_is_never_negative_and_always_a_multiple_of_four(
    taxes: bavaria.TaxYear, population: float, children: float, year: int
) -> None:
    result = bavaria.assess(taxes, population=population, children=children, law=bavaria.law(year))
    assert result.amount >= 0.0
    assert result.amount % 4.0 == 0.0
    assert abs(result.amount - result.exact) <= 2.0 + 1e-6


@given(tax_years(), st.floats(1.0, 2_500.0), st.floats(0.1, 2.0), years)
def test_allocation_and_capacity_scale_with_inhabitants_and_taxes_up_to_5000_inhabitants(
    taxes: bavaria.TaxYear, population: float, factor: float, year: int
) -> None:
    law = bavaria.law(year)
    one = bavaria.assess(taxes, population=population, children=0.04 * population, law=law)
    other = bavaria.assess(
        scaled(taxes, factor), population=factor * population, children=0.04 * factor * population, law=law
    )
    assert other.exact == pytest.approx(factor * one.exact, rel=1e-9, abs=1e-4)
    assert other.capacity.total == pytest.approx(factor * one.capacity.total, rel=1e-9, abs=1e-4)


@given(st.floats(1.0, 5e6), rates, st.floats(0.0, 300.0), people)
def test_a_higher_rate_on_the_same_business_changes_only_the_excess_part_of_the_capacity(
    assessment: float, rate: float, rise: float, population: float
) -> None:
    def capacity(h: float) -> bavaria.Capacity:
        taxes = bavaria.TaxYear(trade=assessment * h / 100, property_b=assessment * h / 100, rate_trade=h, rate_b=h)
        return bavaria.tax_capacity(taxes, population=population, law=LAW)

    low, high = capacity(rate), capacity(rate + rise)
    assert high.trade == pytest.approx(low.trade, rel=1e-12)
    assert high.property_b == pytest.approx(low.property_b, rel=1e-12)
    excess = [2 * 0.10 * assessment * max(0.0, h - 310.0) / 100.0 for h in (rate, rate + rise)]
    assert low.excess == pytest.approx(excess[0], rel=1e-9, abs=1e-6)
    assert high.excess == pytest.approx(excess[1], rel=1e-9, abs=1e-6)


def test_before_2016_receipts_above_the_levelling_rate_do_not_count() -> None:
    taxes = bavaria.TaxYear(trade=1e6, rate_trade=400.0, property_a=1e5, rate_a=500.0, property_b=1e6, rate_b=500.0)
    capacity = bavaria.tax_capacity(taxes, population=5_000, law=bavaria.law(2015))
    assert capacity.excess == 0.0
    assert capacity.trade == pytest.approx(1e6 / 400 * (300 - 69))
    assert capacity.property_a == pytest.approx(1e5 / 500 * 250)
    assert capacity.property_b == pytest.approx(1e6 / 500 * 250)


worlds = st.lists(st.tuples(st.floats(50.0, 20_000.0), st.floats(0.0, 20e6)), min_size=1, max_size=12)


@given(worlds, st.floats(1.0, 1e8))
def test_the_base_amount_of_a_closed_world_uses_up_its_mass(world: list[tuple[float, float]], mass: float) -> None:
    points, capacity = (np.array(column) for column in zip(*world, strict=True))
    g = bavaria.solve_base_amount(points, capacity, mass, law=LAW)
    paid = bavaria.regular_allocation(bavaria.requirement(points, law=LAW, base_amount=g), capacity, law=LAW)
    assert math.fsum(np.asarray(paid)) == pytest.approx(mass, abs=bavaria.BASE_AMOUNT_TOLERANCE_EUR)
    rounded = bavaria.round_to_instalments(paid)
    assert abs(math.fsum(np.asarray(rounded)) - mass) <= 2.0 * len(world) + 0.1


@given(worlds, st.floats(1.0, 1e7), st.floats(1.1, 3.0))
def test_a_larger_mass_never_lowers_the_base_amount(
    world: list[tuple[float, float]], mass: float, factor: float
) -> None:
    points, capacity = (np.array(column) for column in zip(*world, strict=True))
    low = bavaria.solve_base_amount(points, capacity, mass, law=LAW)
    assert bavaria.solve_base_amount(points, capacity, factor * mass, law=LAW) >= low - 1e-3


def test_a_mass_of_zero_gives_a_base_amount_of_zero() -> None:
    assert bavaria.solve_base_amount(np.array([100.0]), np.array([5.0]), 0.0, law=LAW) == 0.0


@given(tax_years(), people)
def test_published_allocations_can_be_inverted(taxes: bavaria.TaxYear, population: float) -> None:
    result = bavaria.assess(taxes, population=population, law=LAW)
    if result.exact < 1.0:
        return
    capacity = bavaria.implied_capacity(result.exact, result.requirement, population, law=LAW)
    assert capacity == pytest.approx(result.capacity.total, rel=1e-9, abs=1e-3)


# --- Metamorphic: levies and paths ----------------------------------------------------------------------------------


@given(st.sampled_from(paths.SOURCES), st.floats(1.0, 1e6), st.integers(2, 5))
def test_the_levy_of_a_year_does_not_depend_on_taxes_of_that_year_or_the_one_before(
    source: str, amount: float, year: int
) -> None:
    town = paths.reference_towns(law=LAW)["recipient"]
    steady = paths.municipal_path(town, law=LAW, years=8)
    series = np.zeros(8)
    series[year - 1 : year + 1] = amount
    changed = paths.municipal_path(town, {source: series}, law=LAW, years=8)
    assert changed.district_levy[: year + 1].tolist() == steady.district_levy[: year + 1].tolist()
    assert changed.allocation[: year + 1].tolist() == steady.allocation[: year + 1].tolist()
    assert changed.district_levy[year + 1] > steady.district_levy[year + 1]


@given(
    st.sampled_from(["recipient", "slice", "abundant"]),
    st.sampled_from(["trade", "property_b"]),
    st.floats(1_000.0, 100_000.0),
    st.floats(20.0, 60.0),
    st.floats(250.0, 450.0),
    st.sampled_from([2016, 2018, 2022]),
)
def test_retention_is_minus_the_sum_of_the_shock_path_per_euro_lost(
    regime: str, source: str, loss: float, levy_rate: float, trade_rate: float, year: int
) -> None:
    law = bavaria.law(year)
    town = paths.reference_towns(law=law, trade_rate=trade_rate, levy_rate=levy_rate)[regime]
    kept = paths.retention(town, source, law=law, amount=loss).kept
    path = paths.shock_path(town, source, -loss, law=law, years=8)
    assert kept == pytest.approx(-path.sum() / loss, abs=1e-8)


@given(st.floats(1_000.0, 100_000.0))
def test_a_permanent_loss_ends_at_the_kept_share_every_year(loss: float) -> None:
    town = paths.reference_towns(law=LAW)["recipient"]
    kept = paths.retention(town, "trade", law=LAW).kept
    path = paths.shock_path(town, "trade", -loss, law=LAW, years=9, permanent=True)
    assert path[3:] / loss == pytest.approx(np.full(6, -kept), abs=1e-7)


def test_a_cut_of_the_multiplier_helps_at_once_and_is_partly_clawed_back_two_years_later() -> None:
    before = replace(bavaria.law(2018), multiplier=69.0, tax_year_multiplier=69.0)
    cut = replace(before, multiplier=35.0)
    felt = replace(before, multiplier=35.0, tax_year_multiplier=35.0)
    town = paths.reference_towns(law=before)["recipient"]
    path = paths.municipal_path(town, law=before, years=4, laws=(cut, cut, felt, felt))
    gain = path.net - paths.municipal_path(town, law=before, years=4).net
    assert gain[0] > 0
    assert gain[1] == pytest.approx(gain[0])
    assert gain[2] < gain[0]


def test_an_unknown_tax_is_refused_with_the_nearest_name() -> None:
    town = paths.reference_towns(law=LAW)["recipient"]
    with pytest.raises(InputError, match="trade"):
        paths.shock_path(town, "tradee", -1.0, law=LAW)


# --- Municipalities of every kind -----------------------------------------------------------------------------------


def test_a_municipality_without_trade_tax_is_assessed_like_any_other() -> None:
    taxes = bavaria.TaxYear(property_b=100_000.0, rate_b=340.0, income=400_000.0, trade=0.0, rate_trade=320.0)
    result = bavaria.assess(taxes, population=900.0, children=30.0, law=LAW)
    assert result.capacity.trade == 0.0
    assert result.amount > 0.0
    assert bavaria.trade_tax_levy(0.0, 320.0, law=LAW) == 0.0
    key = bavaria.turnover_tax_key(np.zeros(2), np.array([10.0, 30.0]), np.array([1.0, 3.0]), np.array([320.0, 320.0]))
    assert key.tolist() == pytest.approx([0.25, 0.75])


def test_the_turnover_key_weighs_employees_and_wages_with_the_trade_tax_rate() -> None:
    key = bavaria.turnover_tax_key(
        np.array([1.0, 1.0]), np.array([10.0, 10.0]), np.array([5.0, 5.0]), np.array([300.0, 100.0])
    )
    assert key.tolist() == pytest.approx([0.25 * 0.5 + 0.75 * 0.75, 0.25 * 0.5 + 0.75 * 0.25])


def test_stationed_forces_count_with_three_quarters() -> None:
    assert bavaria.counted_population(1_000.0, law=LAW, stationed=100.0) == 1_075.0


def test_a_district_with_many_children_or_a_social_burden_has_more_points() -> None:
    assert bavaria.district_points(1_000.0, law=LAW) == 1_000.0
    young = bavaria.district_points(1_000.0, law=LAW, under18_percent=18.0, state_under18_percent=16.0)
    assert young == pytest.approx(1_030.0)
    assert bavaria.district_points(1_000.0, law=LAW, social_excess_percent=2.0) == pytest.approx(1_050.0)


def test_a_shrinking_municipality_counts_its_ten_year_mean() -> None:
    earlier = np.linspace(4_500.0, 4_050.0, 10)
    assert bavaria.counted_population(4_000.0, earlier, law=LAW) == pytest.approx(earlier.mean())
    assert bavaria.counted_population(4_600.0, earlier, law=LAW) == 4_600.0


def test_one_more_resident_is_worth_nothing_at_first_to_a_shrinking_municipality() -> None:
    town = replace(paths.reference_towns(law=LAW)["slice"], population=3_900.0)
    gain, _ = paths.resident_value(town, law=LAW, previous_population=np.linspace(4_500.0, 3_950.0, 10))
    assert gain == pytest.approx(0.0, abs=1e-6)
    longer = np.linspace(4_500.0, 3_950.0, 10)
    longer[-1] += 1.0
    more = bavaria.counted_population(3_900.0, longer, law=LAW)
    assert more - bavaria.counted_population(3_900.0, np.linspace(4_500.0, 3_950.0, 10), law=LAW) == pytest.approx(0.1)


def test_above_the_slice_a_resident_is_worth_more_because_the_slice_widens() -> None:
    law = bavaria.law(2016)
    towns = paths.reference_towns(law=law)
    inside, above = (paths.resident_value(towns[name], law=law)[0] for name in ("slice", "recipient"))
    wider = 0.55 * (1.0 - 0.65) * 0.5 * law.state_mean_income_tax
    assert above - inside == pytest.approx(wider, rel=1e-6)


def test_refunds_above_receipts_give_a_negative_levy_and_a_lower_capacity() -> None:
    assert bavaria.trade_tax_levy(-70_000.0, 350.0, law=LAW) == pytest.approx(-70_000 / 350 * 68.3)
    assert bavaria.levelled_trade_tax(-70_000.0, 350.0, law=LAW) < 0.0
    assert bavaria.district_levy(-1.0, 42.0) == 0.0


def test_a_very_weak_municipality_gets_a_special_allocation_on_top() -> None:
    taxes = bavaria.TaxYear(income=300_000.0)
    with_special = bavaria.assess(taxes, population=1_000.0, law=LAW)
    without = bavaria.assess(taxes, population=1_000.0, law=LAW, special=False)
    gap = 0.75 * 1_120 * 1_000 - with_special.capacity.total
    assert with_special.special == pytest.approx(0.15 * gap)
    assert with_special.exact - without.exact == pytest.approx(0.15 * gap)


def test_a_town_outside_a_district_gets_ten_percent_more_main_points_and_twice_the_grant() -> None:
    result = bavaria.assess(bavaria.TaxYear(), population=41_000.0, law=LAW, independent_city=True)
    assert result.independent == pytest.approx(0.1 * result.main)
    law = bavaria.law(2023)
    assert bavaria.grants_per_head(1.0, law=law, independent_city=True) == pytest.approx(36.84)
    assert bavaria.grants_per_head(1.0, law=law) == pytest.approx(18.42)


def test_structural_weakness_counts_only_above_the_state_mean_and_less_above_twenty_points() -> None:
    def points(unemployed: float) -> float:
        value = bavaria.structural_points(1_000.0, unemployed, 1e6, state_mean_percent=2.0, law=LAW)
        return float(value)

    assert points(20.0) == 0.0
    assert points(30.0) == pytest.approx(1_000 * 1.7 / 100)
    at_cap = 10.0 * (2.0 + 20.0 / 1.7)
    assert points(at_cap) == pytest.approx(200.0)
    assert points(at_cap + 10.0) == pytest.approx(200.0 + LAW.structural_tail_weight * 17.0)
    assert bavaria.structural_points(1_000.0, 5.0, 0.0, state_mean_percent=2.0, law=LAW) == pytest.approx(200.0)


def test_the_main_points_follow_the_nodes_of_the_law_and_are_straight_in_between() -> None:
    nodes = [1_000, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 900_000]
    percent = [112.0, 112.0, 115.0, 125.0, 135.0, 140.0, 145.0, 150.0, 150.0]
    assert np.asarray(bavaria.main_points_percent(np.array(nodes, dtype=float))).tolist() == percent
    assert bavaria.main_points_percent(17_500.0) == pytest.approx(120.0)


def test_the_levy_base_is_this_years_capacity_and_four_fifths_of_last_years_allocation() -> None:
    assert bavaria.levy_base(1_000_000.0, 500_000.0, law=LAW) == 1_400_000.0


def test_a_district_gains_a_fifth_of_each_euro_of_levy_base_lost() -> None:
    points = bavaria.district_points(87_000.0, law=LAW)
    before = bavaria.district_allocation(points, 85e6, law=LAW, rounded=False)
    after = bavaria.district_allocation(points, 84e6, law=LAW, rounded=False)
    assert after - before == pytest.approx(0.2e6)
    assert bavaria.district_allocation(points, 85e6, law=LAW) % 4 == 0
    assert bavaria.district_allocation(points, 1e9, law=LAW) == 0.0


def test_the_regional_levy_is_charged_on_the_sum_of_the_same_bases() -> None:
    assert bavaria.regional_levy(np.array([40e6, 45e6]), 17.5) == pytest.approx(0.175 * 85e6)


def test_differing_levy_rates_may_lie_a_third_apart() -> None:
    assert not bavaria.levy_rates_too_far_apart(np.array([42.0, 45.0, 56.0]), law=LAW)
    assert bavaria.levy_rates_too_far_apart(np.array([42.0, 56.1]), law=LAW)


def test_earmarked_turnover_tax_is_taken_off_before_the_quota() -> None:
    assert bavaria.shared_tax_mass(1_000.0, law=LAW, earmarked=200.0) == pytest.approx(0.1275 * 800)
    municipal, districts = bavaria.split_key_mass(3_231e6, law=LAW)
    assert municipal == pytest.approx(0.64 * 3_231e6)
    assert municipal + districts == pytest.approx(3_231e6)


def test_income_tax_is_shared_by_keys_that_last_three_years() -> None:
    pool = bavaria.income_tax_pool(100.0, 10.0, law=LAW)
    assert pool == pytest.approx(16.2)
    key = bavaria.income_tax_key(np.array([1.0, 3.0]))
    assert np.asarray(bavaria.income_tax_share(pool, key)).tolist() == pytest.approx([4.05, 12.15])
    assert [bavaria.income_tax_key_years(year, law=LAW)[0] for year in range(2014, 2022)] == [
        *(2012,),
        *(2015,) * 3,
        *(2018,) * 3,
        2021,
    ]
    delays = [
        next(y for y in range(work, work + 12) if bavaria.income_tax_key_years(y, law=LAW)[1] >= work) - work
        for work in range(2015, 2021)
    ]
    assert min(delays) >= 3
    assert max(delays) <= 6


# --- Arrays, rounding, data -----------------------------------------------------------------------------------------


@given(st.lists(st.tuples(euros, euros, rates, people), min_size=1, max_size=6))
def test_an_array_of_municipalities_is_assessed_as_each_of_them_alone(
    world: list[tuple[float, float, float, float]],
) -> None:
    trade, income, rate, population = (np.array(column) for column in zip(*world, strict=True))
    taxes = bavaria.TaxYear(trade=trade, income=income, rate_trade=rate)
    together = np.asarray(bavaria.assess(taxes, population=population, law=LAW).amount)
    alone = [
        bavaria.assess(bavaria.TaxYear(trade=t, income=i, rate_trade=h), population=p, law=LAW).amount
        for t, i, h, p in world
    ]
    assert together.tolist() == alone


@given(st.integers(-(10**13), 10**13))
def test_cents_survive_the_way_to_euros_and_back(cents: int) -> None:
    assert bavaria.to_cents(bavaria.to_euros(cents)) == cents


def test_half_a_cent_is_rounded_away_from_zero() -> None:
    assert bavaria.to_cents(1.005) == 101
    assert bavaria.to_cents(np.array([-1.005, 0.0])).tolist() == [-101, 0]


def test_every_year_from_2015_to_2025_has_a_complete_law() -> None:
    laws = [bavaria.law(year) for year in YEARS]
    assert [law.year for law in laws] == list(YEARS)
    assert [law.tax_year_multiplier for law in laws][2:] == [law.multiplier for law in laws][:-2]
    assert fiscal_law("bavaria") is bavaria


def test_every_number_without_a_published_source_has_a_range_that_holds_it() -> None:
    for entries in bavaria.parameter_table().values():
        for entry in entries:
            assert entry.confidence in ("official", "quoted", "derived", "estimated", "assumption")
            assert entry.unit
            assert entry.source
            assert entry.description
            if entry.confidence in ("estimated", "assumption"):
                assert entry.low is not None
                assert entry.high is not None
            if entry.low is not None and entry.high is not None:
                assert entry.low <= entry.value <= entry.high
        spans = [(entry.valid_from, entry.valid_to) for entry in entries]
        assert all(end < start for (_, end), (start, _) in itertools.pairwise(spans))


@given(st.sampled_from(range(2017, 2022)), st.floats(0.0, 1e7))
def test_first_housing_share_and_its_revisions_add_up_to_the_last_value(year: int, costs: float) -> None:
    first = costs * bavaria.federal_housing_cost_share(year)
    later = sum(bavaria.housing_cost_revisions({year: costs}, y) for y in range(year, year + 4))
    assert first + later == pytest.approx(costs * bavaria.federal_housing_cost_share(year, revised=True), abs=1e-6)
    assert bavaria.housing_cost_revisions({year: costs}, year) == 0.0


# --- Refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [199.99, 0.0, -10.0, float("nan")])
def test_a_trade_tax_rate_below_200_percent_is_refused_with_the_article(rate: float) -> None:
    taxes = bavaria.TaxYear(trade=1_000.0, rate_trade=rate)
    for call in (
        lambda: bavaria.trade_tax(1_000.0, rate, law=LAW),
        lambda: bavaria.trade_tax_levy(1_000.0, rate, law=LAW),
        lambda: bavaria.tax_capacity(taxes, population=10.0, law=LAW),
    ):
        with pytest.raises(KreislaufError, match=r"GewStG § 16 \(4\)"):
            call()


def test_one_wrong_rate_among_many_is_found() -> None:
    with pytest.raises(KreislaufError, match="150"):
        bavaria.trade_tax_rate(np.array([350.0, 150.0, 320.0]), law=LAW)


@pytest.mark.parametrize(
    ("call", "article"),
    [
        (lambda: bavaria.counted_population(-1.0, law=LAW), "FAGDV § 1"),
        (lambda: bavaria.counted_population(1.0, np.ones(9), law=LAW), "FAGDV § 1"),
        (lambda: bavaria.main_points(-5.0), r"BayFAG Art\. 3"),
        (lambda: bavaria.kita_points(-1.0, law=LAW), r"Art\. 3 \(1\) Nr\. 5"),
        (lambda: bavaria.assess(bavaria.TaxYear(), population=-1.0, law=LAW), "FAGDV § 1"),
        (lambda: bavaria.property_tax(-1.0, 300.0), "GrStG"),
        (lambda: bavaria.tax_base(100.0, 0.0), r"BayFAG Art\. 4"),
        (lambda: bavaria.district_levy(1.0, 101.0), r"BayFAG Art\. 18"),
        (lambda: bavaria.regional_levy(1.0, -1.0), r"BayFAG Art\. 21"),
        (lambda: bavaria.levy_rate_for(1.0, 0.0), r"BayFAG Art\. 18"),
        (lambda: bavaria.levy_rise(1.0, 0.0), r"BayFAG Art\. 19"),
        (lambda: bavaria.solve_base_amount(np.zeros(2), np.zeros(2), 1.0, law=LAW), r"BayFAG Art\. 2"),
        (lambda: bavaria.solve_base_amount(np.ones(2), np.zeros(2), -1.0, law=LAW), r"BayFAG Art\. 2"),
        (lambda: bavaria.implied_capacity(0.0, 1.0, 1.0, law=LAW), r"BayFAG Art\. 2"),
        (lambda: bavaria.grants_per_head(-1.0, law=LAW), r"BayFAG Art\. 7"),
        (lambda: bavaria.levy_multiplier(1999), "GemFinRefG § 6"),
        (lambda: bavaria.housing_cost_shares(1999), "SGB II § 46"),
        (lambda: bavaria.parameter("base_amount", 1999), "2015 to 2025"),
        (lambda: bavaria.parameter("base_amout", 2016), "base_amount"),
        (lambda: fiscal_law("bavariaa"), "bavaria"),
    ],
)
def test_impossible_inputs_are_refused_with_the_article_or_the_nearest_name(call, article: str) -> None:
    with pytest.raises(KreislaufError, match=article):
        call()
