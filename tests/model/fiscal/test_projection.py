"""The projection: the law's arithmetic, identities, conservation, and municipalities at the edge."""

from dataclasses import fields
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kreislauf.model.errors import InputError
from kreislauf.model.fiscal import bavaria, council, reactions
from kreislauf.model.fiscal.changes import LINES, Changes
from kreislauf.model.fiscal.newcomers import employment_income, without_newcomers
from kreislauf.model.fiscal.projection import Costs, Projection, project
from kreislauf.model.fiscal.start import KINDS, TaxStart
from kreislauf.model.parameters import Parameters

from ..stubs import small_region

YEARS = range(2016, 2022)


def fact(level, key, year, indicator, value):
    return (level, key, year, indicator, value, "", "official", "test")


def projected(region=None, *, years=YEARS, parameters=None, **kwargs):
    return Projection(region or small_region(), Parameters(parameters or {})).run(years=years, **kwargs)


class OneLaw:
    """The law of one year for every year, so that only the lags of the equalisation move."""

    def __init__(self, year):
        self.law = bavaria.law(year)

    def __call__(self, year):
        return self.law

    def in_tables(self, year):
        return True


def net_revenue(result):
    return result.taxes - result.trade_levy + result.allocation - result.levy


def test_a_lost_euro_of_trade_tax_returns_as_the_law_says_two_years_later():
    """Shock path of FINANCE 1.6 per euro lost: -0.803, 0, +0.385 + 0.297, -0.131 (V = 69, h = 350, k = 42.5)."""
    region = small_region(finances=[fact("municipality", "00001001", 2018, "steuerkraft_per_head", 800.0)])
    start = TaxStart(region, Parameters({"revenue_growth": 0.0}))
    start.laws = OneLaw(2016)
    projection = Projection(region, start.parameters, start=start)
    loss = np.zeros((6, 3))
    loss[0, 0] = -100_000.0
    base, hit = (
        projection.run(years=YEARS, changes=Changes(extra_trade=loss * factor, levy_rate=42.5)) for factor in (0, 1)
    )
    path = (net_revenue(hit) - net_revenue(base))[:, 0]
    expected = [-80_285.7, 0.0, 68_246.0, -13_093.0, 0.0, 0.0]
    assert path == pytest.approx(expected, abs=10.0)
    assert path.sum() == pytest.approx(-25_130.0, abs=20.0)
    assert (net_revenue(hit) - net_revenue(base))[:, 1:] == pytest.approx(0.0)


def test_a_lasting_loss_hurts_in_full_for_two_years_and_is_kept_with_a_quarter():
    """FINANCE 1.6, permanent loss: -0.803, -0.803, -0.120, -0.251, -0.251 per euro."""
    region = small_region(finances=[fact("municipality", "00001001", 2018, "steuerkraft_per_head", 800.0)])
    start = TaxStart(region, Parameters({"revenue_growth": 0.0}))
    start.laws = OneLaw(2016)
    projection = Projection(region, start.parameters, start=start)
    base = projection.run(years=YEARS, changes=Changes(levy_rate=42.5))
    hit = projection.run(years=YEARS, changes=Changes(extra_trade=[[-100_000.0, 0, 0]] * 6, levy_rate=42.5))
    path = (net_revenue(hit) - net_revenue(base))[:, 0]
    assert path == pytest.approx([-80_286, -80_286, -12_040, -25_133, -25_133, -25_133], abs=12.0)


def test_the_teaching_example_of_issigau_comes_out_of_the_projection():
    """1,000 inhabitants, 50 children, base amount 1,250, capacity 1.1 m EUR: 199,375, paid as 199,376."""
    facts = [fact("municipality", "00001001", 2023, "steuerkraft_per_head", 1_100.0)]
    region = small_region(municipalities=1, population=1_000, finances=facts)
    r = projected(region, years=[2023], parameters={"kita_children_share": 0.05})
    assert r.capacity[0, 0] == pytest.approx(1_100_000.0)
    assert r.allocation[0, 0] == 199_376.0


@pytest.mark.parametrize("years", [range(2010, 2014), range(2024, 2032)])
def test_years_outside_the_tables_of_the_law_use_the_nearest_year_with_growth(years):
    r = projected(years=years)
    assert np.isfinite(r.free_margin).all()
    assert (np.diff(r.taxes[:, 0]) > 0.0).all()
    assert (r.allocation > 0.0).all()


@settings(max_examples=25, deadline=None)
@given(
    trade=st.floats(-0.5, 2.0),
    people=st.floats(0.5, 1.5),
    spending=st.floats(0.5, 2.0),
    cost=st.floats(-1e5, 2e6),
    districts=st.integers(1, 2),
    react=st.booleans(),
)
def test_every_euro_of_a_projection_is_accounted_for(trade, people, spending, cost, districts, react):
    region = small_region(districts=districts)
    towns = len(region.keys)
    costs = Costs(towns=np.full((6, towns), cost / 10), districts=np.full((6, districts), cost))
    changes = Changes(trade=trade, population=people, spending=spending)
    r = projected(region, changes=changes, task_cost=costs, react=react)
    income = r.taxes - r.trade_levy + r.allocation + r.grants + r.extra_revenue + r.aid
    assert r.free_margin == pytest.approx(
        income - r.levy - r.other_spending - r.task_cost - r.interest - r.repayment, abs=0.01
    )
    assert r.transfer == pytest.approx(r.free_margin + r.repayment)
    position = r.reserve - r.cash_credit
    moved = (r.free_margin - r.investment + r.loan)[1:]
    assert np.diff(position, axis=0) == pytest.approx(moved, abs=0.01)
    assert np.diff(r.debt, axis=0) == pytest.approx((r.loan - r.repayment)[1:], abs=0.01)
    # What towns pay the district receives, and what the district pays the Bezirk follows the same bases.
    place = region.municipalities["district_index"].to_numpy()
    for d in range(districts):
        assert r.levy[:, place == d].sum(axis=1) == pytest.approx(r.district_levy[:, d], abs=0.01)
    assert r.levy == pytest.approx(np.maximum(0.0, r.levy_base) * r.levy_rate[:, place] / 100.0)
    assert r.regional_levy == pytest.approx(r.district_levy_base * 0.175)
    assert r.district_margin == pytest.approx(
        r.district_levy + r.district_allocation + r.district_grants - r.regional_levy - r.district_spending
        - r.district_task_cost
    )  # fmt: skip
    assert (r.allocation >= 0).all()
    assert (r.allocation % 4 == 0).all()
    for line in fields(r)[3:]:
        assert np.isfinite(np.asarray(getattr(r, line.name), float)).all(), line.name


def test_without_changes_the_quoted_rates_hold_and_the_first_margin_is_the_one_asked_for():
    rates = [fact("district", "00001", year, "kreisumlage_rate", 40.0 + year % 3) for year in YEARS]
    r = projected(small_region(finances=rates), parameters={"base_margin_share": 0.08})
    assert r.levy_rate.ravel().tolist() == [40.0 + year % 3 for year in YEARS]
    assert r.needed_rate == pytest.approx(r.levy_rate)
    revenue = r.taxes - r.trade_levy + r.allocation + r.grants
    assert r.free_margin[0] == pytest.approx(0.08 * revenue[0])


def test_the_levy_of_a_year_does_not_depend_on_taxes_of_that_year_or_the_year_before():
    shocked = np.ones((6, 1))
    shocked[2:4] = 0.2
    base, hit = projected(), projected(changes=Changes(trade=shocked, levy_rate=42.0))
    assert hit.levy[:4] == pytest.approx(base.levy[:4])
    assert (hit.levy[4] < base.levy[4]).all()
    assert hit.allocation[:4] == pytest.approx(base.allocation[:4])
    assert (hit.allocation[4] > base.allocation[4]).all()


def test_a_higher_rate_changes_the_capacity_only_by_the_tenth_that_counts():
    base, more = projected(), projected(changes=Changes(trade_rate=20.0))
    extra = more.trade[0] - base.trade[0]
    # Everything brought by points above the levelling rate of 310 counts with a tenth.
    assert (more.capacity - base.capacity)[2] == pytest.approx(0.1 * extra)
    assert (more.capacity - base.capacity)[:2] == pytest.approx(0.0)


def test_a_lower_levy_multiplier_is_partly_taken_back_two_years_later():
    base, low = projected(), projected(changes=Changes(multiplier=35.0))
    assert (low.trade_levy[0] < base.trade_levy[0]).all()
    assert low.capacity[:2] == pytest.approx(base.capacity[:2])
    assert (low.capacity[2] > base.capacity[2]).all()


def test_a_cut_of_the_key_mass_and_a_higher_regional_levy_reach_the_budgets():
    base = projected()
    assert projected(changes=Changes(allocation=0.9)).allocation == pytest.approx(0.9 * base.allocation, abs=4.0)
    assert (projected(changes=Changes(base_amount=0.9)).allocation < base.allocation).all()
    higher = projected(changes=Changes(regional_points=3.0))
    assert higher.regional_levy - base.regional_levy == pytest.approx(0.03 * base.district_levy_base)
    assert (higher.levy_rate > base.levy_rate).any()


def test_interest_reaches_the_debt_over_the_years_of_refinancing():
    base, dear = projected(), projected(changes=Changes(interest=0.03))
    extra = (dear.interest - base.interest) / np.maximum(base.debt + base.repayment, 1.0)
    assert extra[:5, 0] == pytest.approx([0.006, 0.012, 0.018, 0.024, 0.03])


def test_fewer_inhabitants_cost_allocation_only_through_the_ten_year_mean_and_spending_follows_slowly():
    base = projected(years=range(2016, 2024))
    fewer = projected(years=range(2016, 2024), changes=Changes(population=0.99))
    assert fewer.counted[:2] == pytest.approx(base.counted[:2])
    # One year of loss lowers the mean of ten years by a tenth of a percent.
    assert fewer.counted[3, 0] / base.counted[3, 0] == pytest.approx(0.999, abs=2e-4)
    assert fewer.other_spending[1] / base.other_spending[1] == pytest.approx(0.99**0.35)


def test_a_municipality_without_trade_tax_without_debt_or_without_anything_is_projected():
    facts = [
        fact("municipality", "00001001", 2016, "trade_tax", 0.0),
        fact("municipality", "00001002", 2018, "debt", 0.0),
        fact("municipality", "00001003", 2018, "steuerkraft_per_head", 0.0),
    ]
    r = projected(small_region(finances=facts))
    assert (r.trade[:, 0] == 0.0).all()
    assert (r.trade_levy[:, 0] == 0.0).all()
    assert (r.income[:, 0] > 0.0).all()
    assert (r.debt[:, 1] == 0.0).all()
    assert (r.interest[:, 1] == 0.0).all()
    assert (r.taxes[:, 2] == 0.0).all()
    assert (r.allocation[:, 2] > r.allocation[:, 1]).all()
    for line in ("free_margin", "debt_service_share", "debt_ratio"):
        assert np.isfinite(getattr(r, line)).all()


def test_a_shrinking_municipality_counts_with_its_ten_year_mean():
    r = projected(small_region(growth=-0.02))
    people = small_region(growth=-0.02).population
    assert r.counted[0, 0] == pytest.approx(np.mean([people[year][0] for year in range(2004, 2014)]))
    assert (r.counted[0] > r.population[0]).all()


@pytest.mark.parametrize("way", ["region", "change"])
def test_a_trade_tax_rate_below_200_is_refused_with_the_article(way):
    facts = [fact("municipality", "00001002", 2016, "gewerbesteuer_hebesatz", 190.0)] if way == "region" else []
    changes = Changes(trade_rate=-200.0) if way == "change" else Changes()
    with pytest.raises(InputError, match=r"GewStG § 16 \(4\)"):
        projected(small_region(finances=facts), changes=changes)


def test_a_published_allocation_is_met_to_the_euro_and_zero_means_strong():
    facts = [
        fact("municipality", "00001001", 2018, "schluesselzuweisung", 620_000.0),
        fact("municipality", "00001001", 2020, "schluesselzuweisung", 500_000.0),
        fact("municipality", "00001002", 2018, "schluesselzuweisung", 0.0),
    ]
    r = projected(small_region(finances=facts))
    assert r.allocation[2, :2] == pytest.approx([620_000.0, 0.0], abs=2.0)
    assert r.allocation[4, 0] == pytest.approx(500_000.0, abs=2.0)


def test_known_single_taxes_replace_the_shares():
    facts = [fact("municipality", "00001001", 2016, "trade_tax", 300_000.0)]
    start = TaxStart(small_region(finances=facts), Parameters())
    received = start.tax_year(2016).trade
    assert received[0] == pytest.approx(300_000.0)
    assert received[1] != pytest.approx(300_000.0)


def test_net_cost_of_the_district_moves_the_rate_only_against_the_world_the_rates_were_decided_in():
    costs = Costs(towns=np.zeros((6, 3)), districts=np.full((6, 1), 3e5))
    projection = Projection(small_region(), Parameters())
    plain = projection.run(years=YEARS)
    same = projection.run(years=YEARS, task_cost=costs, reference_cost=costs)
    saved = projection.run(years=YEARS, reference_cost=costs)
    assert same.levy_rate.tolist() == plain.levy_rate.tolist()
    assert (saved.levy_rate < plain.levy_rate).all()
    assert (saved.free_margin > same.free_margin).all()


def test_reactions_come_in_order_and_cover_the_whole_shortfall():
    p = Parameters()
    base = {
        "reserve": np.full(5, 100.0), "minimum": np.full(5, 20.0), "voluntary": np.full(5, 60.0),
        "rate": np.full(5, 350.0), "own_tax_base": np.full(5, 200.0), "investment": np.full(5, 25.0),
        "lasting_capacity": np.ones(5, bool), "year": 2018, "parameters": p,
    }  # fmt: skip
    r = reactions.react(np.array([50.0, 100.0, 140.0, 170.0, 300.0]), **base)
    assert r.reserve.tolist() == [50.0, 80.0, 80.0, 80.0, 80.0]
    assert r.voluntary.tolist() == [0.0, 20.0, 30.0, 30.0, 30.0]
    assert r.rate_points.tolist() == [0.0, 0.0, 20.0, 20.0, 20.0]
    assert r.rates.tolist() == [0.0, 0.0, 30.0, 40.0, 40.0]
    assert r.loan.tolist() == [0.0, 0.0, 0.0, 20.0, 25.0]
    assert r.open.tolist() == [0.0, 0.0, 0.0, 0.0, 125.0]


def test_a_municipality_in_need_cuts_raises_rates_and_gets_aid_a_year_later():
    region = small_region(growth=-0.012)
    hard = Changes(extra_spending=[[4e6, 0, 0]] * 6)
    calm, need = (projected(region, changes=hard, react=react) for react in (False, True))
    assert (need.voluntary_cut[:, 0] > 0).any()
    assert need.trade_rate[-1, 0] > calm.trade_rate[-1, 0]
    assert need.trade_rate[-1, 0] <= Parameters().rate_ceiling_pct
    assert need.aid[0, 0] == 0.0
    assert need.aid[1, 0] > 0.0
    assert (need.aid[:, 1:] == 0.0).all()
    assert need.cash_credit[-1, 0] < calm.cash_credit[-1, 0]


def test_employment_counts_only_when_the_key_uses_the_statistics_of_its_year():
    start = TaxStart(small_region(), Parameters())
    employed = {2017: np.array([10.0, 0.0, 5.0])}
    paid = {year: employment_income(employed, year, start=start, eur_per_person=300.0)[0] for year in range(2017, 2026)}
    assert {year for year, amount in paid.items() if amount} == {2021, 2022, 2023}
    assert paid[2021] == 3000.0


def test_taking_newcomers_out_lowers_allocations_two_years_later_and_leaves_other_spending():
    start = TaxStart(small_region(), Parameters())
    years = tuple(YEARS)
    persons = {year: np.array([90.0, 0.0, 0.0]) for year in years}
    changes = without_newcomers(years, persons, {}, start=start)
    projection = Projection(start.region, start.parameters, start=start)
    base, gone = projection.run(years=years), projection.run(years=years, changes=changes)
    assert gone.population[1, 0] == 2910.0
    assert (gone.allocation[:2] == base.allocation[:2]).all()
    assert gone.allocation[2:, 0].sum() < base.allocation[2:, 0].sum()
    assert gone.other_spending == pytest.approx(base.other_spending)


def test_changes_are_stretched_combined_and_refused():
    full = Changes(trade=[0.8, 0.9, 1.0], interest=0.01).full(3, 4, 2)
    assert full["trade"].shape == (3, 4)
    assert full["trade"][:, 3].tolist() == [0.8, 0.9, 1.0]
    assert full["levy_rate"].shape == (3, 2)
    assert set(full) == set(LINES) == {field.name for field in fields(Changes)}
    both = (Changes(trade=[0.5, 1.0], extra_trade=5.0) | Changes(trade=0.5, extra_trade=-1.0, wages=1.1)).full(2, 3, 1)
    assert both["trade"][:, 0].tolist() == [0.25, 0.5]
    assert both["extra_trade"][0, 0] == 4.0
    assert both["wages"].tolist() == [[1.1], [1.1]]
    with pytest.raises(InputError, match="wrong shape"):
        Changes(trade=np.ones((2, 3))).full(4, 3, 1)
    with pytest.raises(InputError, match="missing"):
        Changes(extra_spending=np.nan).full(4, 3, 1)


def test_wrong_years_and_costs_are_refused():
    with pytest.raises(InputError, match="consecutive"):
        projected(years=[2016, 2018])
    with pytest.raises(InputError, match="cost of the tasks"):
        projected(task_cost=Costs(towns=np.zeros((2, 3)), districts=np.zeros((2, 1))))


def test_the_table_names_every_line_with_its_level():
    table = project(small_region(), Parameters(), years=YEARS).frame()
    assert set(table["level"]) == {"municipality", "district"}
    trade = table[(table["indicator"] == "trade") & (table["year"] == 2017)]
    assert trade["key"].tolist() == list(small_region().keys)
    assert set(KINDS) <= set(table["indicator"])
    rates = table[table["indicator"] == "levy_rate"]
    assert rates["key"].unique().tolist() == ["00001"]


@settings(max_examples=50, deadline=None)
@given(
    quoted=st.sampled_from([40.0, 42.5, 48.25]),
    gap=st.floats(-10.0, 10.0),
    restraint=st.floats(0.0, 1.5),
)
def test_the_council_moves_in_half_points_stays_below_the_proposal_and_within_its_limit(quoted, gap, restraint):
    rate = council.decided_rate(quoted + gap, quoted, restraint=restraint, largest_change=3.0)
    assert (rate - quoted) * 2 == pytest.approx(round((rate - quoted) * 2))
    assert abs(rate - quoted) <= 3.0
    if gap > 0:
        assert quoted <= rate <= council.proposed_rate(quoted + gap) + 0.25
    assert rate == council.decided_rate(quoted + gap, quoted, restraint=restraint, largest_change=3.0)


def test_a_rise_of_the_levy_above_a_fifth_needs_approval():
    jump = projected(changes=Changes(levy_points=[0.0, 12.0, 12.0, 12.0, 12.0, 12.0]))
    assert jump.needs_approval.ravel().tolist() == [False, True, False, False, False, False]


def test_a_stand_in_law_decides_the_formulas():
    """Another state is another module: the projection calls nothing but the module of the region's law."""
    names = [name for name in dir(bavaria) if not name.startswith("_")]
    other = SimpleNamespace(**{name: getattr(bavaria, name) for name in names})
    other.grants_per_head = lambda people, *, law: 100.0 * people
    start = TaxStart(small_region(), Parameters())
    start.module = other
    r = Projection(start.region, start.parameters, start=start).run(years=YEARS)
    assert r.grants == pytest.approx(100.0 * r.population)
    assert r.district_grants.ravel() == pytest.approx(100.0 * r.population.sum(axis=1))
