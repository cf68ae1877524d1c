"""The crash test on a small world with round figures and on the shipped region."""

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kreislauf.experiments.bench import LEAD_YEARS, Bench, who_bears
from kreislauf.experiments.stress import stress
from kreislauf.model.errors import InputError
from kreislauf.model.fiscal.projection import Costs
from kreislauf.model.fiscal.shock_changes import changes_of, programme_money
from kreislauf.model.fiscal.shocks import VARIABLES, Shock, load_set, load_shock, shock_library
from kreislauf.model.parameters import Parameters
from kreislauf.model.region import load_region

from ..model.stubs import small_region

YEAR = 2016


def fact(level, key, year, indicator, value):
    return (level, key, year, indicator, value, "", "official", "test")


def world(*, places=3, growth=0.0, extra=(), **kwargs):
    """Return a region of strong recipients: trade-tax rate 350, district levy 42.5 %, capacity 900 EUR per head."""
    keys = [f"00001{n + 1:03d}" for n in range(places)]
    facts = [fact("district", "00001", 2015, "kreisumlage_rate", 42.5)]
    facts += [fact("municipality", key, 2015, "gewerbesteuer_hebesatz", 350.0) for key in keys]
    facts += [fact("municipality", key, 2018, "steuerkraft_per_head", 900.0) for key in keys]
    region = small_region(municipalities=places, growth=growth, finances=[*facts, *extra], **kwargs)
    region.fingerprint = "test"
    columns = ["id", "level", "programme", "payer_shares", "monthly_cost_eur", "start_month", "end_month"]
    region.structures = pd.DataFrame(columns=pd.Index([*columns, "district_index"]))
    return region


def bench(region=None, *, year=YEAR, react=False, costs=None, compensation=None, **values):
    # The council stays at the quoted rate for small needs, and nobody's reserve runs dry.
    parameters = Parameters({"levy_restraint_points": 1.5, "reserve_share": 0.5, **values})
    return Bench(
        region=region or world(), parameters=parameters, shock_year=year, react=react, costs=costs,
        compensation=compensation,
    )  # fmt: skip


def same_bits(one, two):
    return all(
        np.array_equal(getattr(one, field.name), getattr(two, field.name), equal_nan=True)
        for field in fields(one)
        if isinstance(getattr(one, field.name), np.ndarray)
    )


def trade(size, **more):
    return Shock(name="t", variable="trade_tax", size=size, **more)


# ---- who bears a loss ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [-0.05, -0.2])
def test_a_one_year_loss_of_trade_tax_is_borne_in_the_shares_of_the_retention_table(size):
    b = bench()
    borne = who_bears(b.run([trade(size, where=["00001001"])]), b.run(), first_year=YEAR)
    assert borne["federation"][0] == pytest.approx(0.197, abs=5e-4)
    assert borne["allocation"][0] == pytest.approx(0.385, abs=5e-4)
    assert borne["district"][0] == pytest.approx(0.297 - 0.131, abs=1e-3)
    assert borne["own"][0] == pytest.approx(0.251, abs=5e-4)
    assert np.isnan(borne["own"][1])


def test_the_shares_of_every_loss_add_up_to_one():
    b = bench(react=True)
    for shock in shock_library().values():
        borne = who_bears(b.run([shock], years=8), b.run(years=8), first_year=YEAR)
        lost = borne.pop("tax_loss") >= 1.0
        assert np.sum([share[lost] for share in borne.values()], axis=0) == pytest.approx(1.0, abs=1e-6)


# ---- shocks in a projection ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", sorted(VARIABLES))
@pytest.mark.parametrize("react", [False, True])
def test_a_shock_of_size_zero_changes_nothing_bit_for_bit(variable, react):
    b = bench(react=react)
    if VARIABLES[variable].kind == "value":
        shock = Shock(name="z", variable=variable, size=69.0, path=[0.0])
    else:
        shock = Shock(name="z", variable=variable, size=0.0, lasting=True)
    assert same_bits(b.run([shock]), b.run())


def test_shocks_compose_like_one_shock_of_the_joint_size():
    b = bench()
    two = b.run([trade(-0.2), Shock(name="u", variable="trade_tax", size=-0.5)])
    assert same_bits(two, b.run([Shock(name="u", variable="trade_tax", size=-0.5), trade(-0.2)]))
    assert two.trade == pytest.approx(b.run([trade(-0.6)]).trade)


def test_two_small_shocks_on_different_variables_add_up():
    b = bench()
    one, other = trade(-0.02), Shock(name="o", variable="wages", size=0.01)
    base = b.run().free_margin
    joint = b.run([one, other]).free_margin - base
    alone = (b.run([one]).free_margin - base) + (b.run([other]).free_margin - base)
    assert joint == pytest.approx(alone, abs=30.0)  # allocations are rounded to 4 EUR


def test_years_before_the_shock_stay_as_they_are():
    b = bench(react=True)
    for shock in shock_library().values():
        shocked, base = b.run([shock]), b.run()
        assert (shocked.free_margin[:LEAD_YEARS] == base.free_margin[:LEAD_YEARS]).all()
        assert (shocked.levy_rate[:LEAD_YEARS] == base.levy_rate[:LEAD_YEARS]).all()


def test_every_shock_of_the_library_hurts_somebody_or_says_why_not():
    b = bench(load_region("coburg"), year=2018, levy_restraint_points=0.0)
    for shock in shock_library().values():
        shocked, base = b.run([shock], years=6), b.run(years=6)
        towns = (shocked.free_margin - base.free_margin).sum()
        district = (shocked.district_margin - base.district_margin).sum()
        if shock.name in ("pandemic_compensated", "levy_multiplier"):  # nothing lost; a smaller levy is a relief
            assert towns >= -1.0
        elif shock.name == "levy_base":  # towns pay on less, the rate rises
            assert (shocked.needed_rate - base.needed_rate)[LEAD_YEARS, 0] > 0.0
        elif shock.name == "population":
            assert shocked.allocation.sum() < base.allocation.sum()
        else:
            assert min(towns, district) < -1_000.0, shock.name


def test_the_district_reacts_to_its_own_shocks_with_the_rate():
    b = bench(load_region("coburg"), year=2018)
    base = b.run().levy_rate
    regional = b.run([load_shock("S9")]).levy_rate - base
    assert regional[LEAD_YEARS] == 0.0
    assert regional[LEAD_YEARS + 1] > 0.0
    assert (b.run([load_shock("S10")]).levy_rate - base)[LEAD_YEARS:, 0].tolist() == pytest.approx(
        [4, 6.25, 6.25, 6.25]
    )


def test_a_smaller_levy_base_raises_the_rate_and_leaves_the_towns_what_they_paid():
    b = bench(levy_restraint_points=0.0, levy_change_points=6.0)
    shocked, base = b.run([load_shock("S5")]), b.run()
    row = LEAD_YEARS
    assert shocked.levy_rate[row, 0] > base.levy_rate[row, 0]
    kept = 0.081 * base.levy[row]
    assert shocked.extra_revenue[row] == pytest.approx(kept)
    # The district can pass on less than it misses: a smaller base saves levy of the Bezirk and brings key allocation.
    more = shocked.levy[row].sum() - base.levy[row].sum()
    assert 0.0 < more <= kept.sum() * 1.15


def test_a_full_compensation_leaves_no_loss_and_without_counting_as_tax_brings_more_allocation():
    base, counted = bench().run(), bench().run([load_shock("S2c")])
    assert counted.free_margin == pytest.approx(base.free_margin)
    loose = bench(compensation_counts_as_tax=0.0)
    granted, base = loose.run([load_shock("S2c")]), loose.run()
    assert granted.free_margin[LEAD_YEARS] == pytest.approx(base.free_margin[LEAD_YEARS])
    assert (granted.allocation[LEAD_YEARS + 2] > base.allocation[LEAD_YEARS + 2]).all()
    forced = bench(compensation=1.0).run([load_shock("S1")])
    assert forced.free_margin[LEAD_YEARS] == pytest.approx(bench().run().free_margin[LEAD_YEARS])
    assert (forced.free_margin[LEAD_YEARS + 1] < bench().run().free_margin[LEAD_YEARS + 1]).all()


def test_programme_money_counts_posts_of_the_district_only_and_ends_by_share():
    region = load_region("coburg")
    money = programme_money(region, (2017, 2018, 2030))
    assert 150_000 < money[0, 0] < 300_000
    assert 0 < money[2, 0] < money[1, 0] + 150_000
    kept = bench(region, year=2018, programme_kept_share=1.0)
    base = kept.run()
    changes = changes_of([load_shock("S11")], projection=kept.projection, base=base, shock_year=2018)
    assert changes.extra_district_spending[LEAD_YEARS, 0] == pytest.approx(money[1, 0])
    assert not np.any(changes.extra_district_spending[:LEAD_YEARS])


# ---- odd municipalities -------------------------------------------------------------------------------------------


def test_a_municipality_without_trade_tax_survives_any_loss_of_it():
    region = world(extra=[fact("municipality", "00001002", 2016, "trade_tax", 0.0)])
    b = bench(region, reserve_share=0.01)
    assert b.run().trade[:, 1].tolist() == [0.0] * len(b.run().years)
    assert b.smallest_loss(1) is None
    assert (b.run([trade(-1.0)]).free_margin[:, 1] >= b.run().free_margin[:, 1] - 1.0).all()
    table = stress(region, ["severe"], shock_year=YEAR).table
    assert np.isnan(table["smallest_loss"].iloc[1])


def test_zero_debt_has_no_debt_service_and_no_interest_shock():
    region = world(extra=[fact("municipality", "00001001", 2015, "debt", 0.0)])
    b = bench(region, base_margin_share=0.1)
    shocked = b.run([load_shock("S8")])
    assert not shocked.debt[:, 0].any()
    assert not shocked.interest[:, 0].any()
    assert shocked.interest[LEAD_YEARS:, 1].all()
    assert b.verdict(shocked).grade[0] == 0


@pytest.mark.parametrize("growth", [-0.02, 0.0])
def test_a_shrinking_population_is_graded_and_loses_allocation(growth):
    b = bench(world(growth=growth))
    shocked = b.run([load_shock("S6")], years=8)
    assert (shocked.allocation[-1] < b.run(years=8).allocation[-1]).all()
    assert np.isfinite(shocked.free_margin).all()
    assert len(stress(world(growth=growth), ["down"], shock_year=YEAR).table) == 3


# ---- reverse test -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("react", [False, True])
@pytest.mark.parametrize("loss", ["lasting", "one-year"])
def test_the_smallest_loss_turns_red_and_one_tolerance_less_does_not(react, loss):
    b = bench(react=react, reserve_share=0.02, levy_restraint_points=0.75)
    tolerance, found = 0.004, 0
    for place in range(3):
        share = b.smallest_loss(place, loss=loss, tolerance=tolerance)
        if share is None:
            assert not b.red(b.run(more=b.trade_tax_loss(place, 1.0, loss=loss)))[place]
            continue
        found += 1
        assert b.red(b.run(more=b.trade_tax_loss(place, share, loss=loss)))[place]
        assert not b.red(b.run(more=b.trade_tax_loss(place, share - tolerance, loss=loss)))[place]
    assert found or loss == "one-year"


def test_the_reverse_test_of_the_region_holds_for_every_municipality():
    region = load_region("coburg")
    b = Bench(region=region, parameters=Parameters(), shock_year=2018)
    shares = {place: b.smallest_loss(place, tolerance=0.05) for place in range(len(region.keys))}
    assert sum(share is not None for share in shares.values()) >= 12
    for place, share in shares.items():
        if share:
            assert b.red(b.run(more=b.trade_tax_loss(place, share)))[place]
            assert not b.red(b.run(more=b.trade_tax_loss(place, share - 0.05)))[place]


def test_a_municipality_that_shocks_alone_turn_red_needs_no_loss():
    b = bench(reserve_share=0.01)
    assert b.smallest_loss(0, [trade(-1.0, lasting=True)]) == 0.0


@settings(max_examples=8, deadline=None)
@given(tolerance=st.sampled_from([0.5, 0.1, 0.03, 0.01]))
def test_a_finer_tolerance_only_sharpens_the_answer(tolerance):
    b = bench(reserve_share=0.02)
    fine = b.smallest_loss(0, tolerance=0.002)
    coarse = b.smallest_loss(0, tolerance=tolerance)
    assert fine - 0.002 <= coarse <= fine + 1.0 / round(1.0 / tolerance) + 1e-9


# ---- the report ---------------------------------------------------------------------------------------------------


def test_the_report_has_a_row_per_set_and_municipality_with_what_failed():
    report = stress("coburg", shock_year=2018, tolerance=0.1)
    table = report.table
    assert table.groupby("set", sort=False).size().to_dict() == {"base": 17, "down": 17, "severe": 17}
    assert set(table["letter"]) <= set("GYOR")
    assert (table["passed"] == (table["failed_indicator"] == "")).all()
    assert table["first_failing_year"].isna().equals(table["passed"])
    assert table["first_failing_year"].dropna().between(2018, 2021).all()
    worst = report.years.groupby(["set", "key"], sort=False)["free_margin_eur"].min().to_numpy()
    assert worst == pytest.approx(table["min_free_margin_eur"].to_numpy())
    assert report.districts["set"].tolist() == ["base", "down", "severe"]
    assert report.districts["tasks_ended_eur"].iloc[2] > 0
    assert report.inputs["largest_taxpayer"] == "Neustadt b.Coburg"
    assert set(report.tables()) == {"grades", "districts", "years", "limits"}
    assert {"quoted", "assumption"} <= set(report.limits["confidence"])


def test_draws_are_counted_repeatable_and_leave_given_values_alone():
    asked = {"shock_year": YEAR, "draws": 4, "tolerance": 0.25}
    one, two = (stress(world(), ["base", "down"], seed=3, **asked) for _ in range(2))
    pd.testing.assert_frame_equal(one.draws, two.draws)
    counts = one.table[[f"runs_{word}" for word in ("green", "yellow", "orange", "red")]].sum(axis=1)
    assert counts.tolist() == one.table["runs"].tolist() == [4] * 6
    assert not one.draws.equals(stress(world(), ["base", "down"], seed=4, **asked).draws)
    assert one.table["smallest_loss_q10"].le(one.table["smallest_loss_q90"]).all()


def test_a_draw_that_cannot_be_projected_is_reported_and_does_not_lose_the_others(monkeypatch):
    from kreislauf.experiments import stress as module

    calls = iter(range(100))
    original = module._smallest_losses

    def sometimes(*args):
        if next(calls) == 2:
            raise InputError("no such world")
        return original(*args)

    monkeypatch.setattr(module, "_smallest_losses", sometimes)
    report = stress(world(), ["base"], shock_year=YEAR, draws=3, tolerance=0.5)
    assert report.failures["error"].tolist() == ["no such world"]
    assert report.table["runs"].tolist() == [2] * 3


def test_cuts_of_integration_are_its_part_of_what_may_be_cut():
    def costs(years):
        towns = np.full((len(years), 3), 60_000.0)
        return Costs(towns=towns, districts=np.zeros((len(years), 1)), voluntary=0.5 * towns)

    hard = {"reserve_share": 0.01, "base_margin_share": 0.0, "invested_margin_share": 0.0}
    report = stress(world(), shocks=[trade(-0.6, lasting=True)], shock_year=YEAR, parameters=hard, costs=costs)
    table = report.table
    assert (table["voluntary_cut_eur"] > 0).all()
    assert (table["tasks_cut_eur"] > 0).all()
    assert (table["tasks_cut_eur"] < table["voluntary_cut_eur"]).all()
    assert table["set"].unique().tolist() == ["own"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"sets": ["sever"]}, "did you mean 'severe'"),
        ({"sets": ["down", "down"]}, "stands twice"),
        ({"sets": []}, "nothing to test"),
        ({"shocks": ["recesion"]}, "did you mean 'recession'"),
        ({"shock_year": 1990}, "year of the shock"),
        ({"draws": -1}, "number of draws"),
        ({"loss": "weekly"}, "lasting or one-year"),
        ({"compensation": 2.0}, "0 to 1"),
        ({"tolerance": 0.0}, "tolerance"),
        ({"parameters": {"reserve_shar": 0.1}}, "did you mean 'reserve_share'"),
        ({"shocks": [trade(-0.1, where=["Atlantis"])]}, "unknown municipality 'Atlantis'"),
    ],
)
def test_wrong_input_is_refused_in_one_sentence(words, message):
    with pytest.raises(InputError, match=message):
        stress(world(), **{"shock_year": YEAR, **words})


def test_severe_is_never_kinder_than_its_single_shocks():
    b = bench(load_region("coburg"), year=2018)
    joint = b.run(load_set("severe").shocks).free_margin[LEAD_YEARS]
    for shock in load_set("severe").shocks:
        assert (joint <= b.run([shock]).free_margin[LEAD_YEARS] + 1.0).all()
