"""What all instruments keep, and that the common checks catch those that do not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kreislauf.model.errors import InputError
from kreislauf.model.funding import (
    INSTRUMENTS,
    FundingInstrument,
    build_instruments,
    check_instrument,
    instrument_names,
    load_instrument,
)
from kreislauf.model.funding.check import TinyWorld, run_instrument
from kreislauf.model.parameters import Parameters, parameter_table

from .worlds import proposal, world


@pytest.mark.parametrize("name", sorted(INSTRUMENTS))
def test_every_shipped_instrument_keeps_the_common_rules(name):
    check_instrument(INSTRUMENTS[name])


@pytest.mark.parametrize("name", sorted(INSTRUMENTS))
def test_every_shipped_instrument_grants_something_in_the_common_world(name):
    instrument = INSTRUMENTS[name](TinyWorld(), 1.0)
    awards, paid = run_instrument(instrument, range(96))
    assert awards
    assert sum(cents for _, _, cents in paid) > 0 or all(award.funded_share == 0 for award in awards)
    assert instrument.kpis()["applications"] >= instrument.kpis()["awards"]


INSTRUMENT_RANGES = {n: e for n, e in parameter_table().items() if e.group == "instruments"}


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from(sorted(INSTRUMENTS)),
    st.dictionaries(st.sampled_from(sorted(INSTRUMENT_RANGES)), st.floats(0, 1), max_size=8),
    st.integers(0, 2**32 - 1),
)
def test_money_is_conserved_and_no_fund_goes_below_zero_for_any_admissible_parameters(name, places, seed):
    values = {
        n: INSTRUMENT_RANGES[n].low + u * (INSTRUMENT_RANGES[n].high - INSTRUMENT_RANGES[n].low)
        for n, u in places.items()
    }
    tiny = TinyWorld(seed=seed, parameters=Parameters(values))
    run_instrument(INSTRUMENTS[name](tiny, 1.0), range(48))
    assert tiny.ledger.total() == 0


def test_a_fund_that_runs_dry_pays_only_what_it_has():
    w = world(regional_budget_b_share=1.0, regional_b_stage_pass=1.0)
    budget = INSTRUMENTS["regional_budget"](w, 1.0)
    budget.apply(proposal(w, kind="post", eur=3000, months=24))
    award = next(a for month in range(12) for a in budget.step(month))
    fund = w.ledger.account(budget.fund_name(0))
    w.ledger.post(12, fund, "land", w.ledger.balance(fund) - 70_000, "cut")
    assert budget.pays(12, award, 240_000) == 70_000
    assert budget.pays(12, award, 240_000) == 0
    assert w.ledger.balance(fund) == 0


def test_half_the_weight_is_half_the_budget():
    for weight, land in ((1.0, 9_000_000), (0.5, 4_500_000)):
        w = world(regional_budget_b_share=0.0)
        INSTRUMENTS["regional_budget"](w, weight).step(0)
        assert w.ledger.balance("land") == -land


def test_instruments_are_found_by_name_and_a_misspelt_one_is_answered_with_the_nearest():
    assert set(INSTRUMENTS) <= set(instrument_names())
    assert load_instrument("crowdfunding") is INSTRUMENTS["crowdfunding"]
    with pytest.raises(InputError, match="crowdfunding"):
        load_instrument("crowdfundig")
    built = build_instruments(world(), {"regional_budget": 0.5, "regional_fund": 0.5, "crowdfunding": 0.0})
    assert list(built) == ["regional_budget", "regional_fund"]
    assert built["regional_budget"].prefinancer is built["regional_fund"]


class _Broken(FundingInstrument):
    name = "broken"

    def refusal(self, proposal):
        return ""


class MoneyFromNothing(_Broken):
    def step(self, month):
        self.transfer(month, self._funds[0], "staff", 100, "gift")
        return []


class FirstComeFirstServed(_Broken):
    def step(self, month):
        queue, self._queue = self._queue, []
        return [self.award(p, funded_share=0.0, first_month=month + 1, months=1) for p in queue[:1]]


@pytest.mark.parametrize(("cls", "message"), [(MoneyFromNothing, "is at -"), (FirstComeFirstServed, "order of appl")])
def test_the_common_checks_catch_an_instrument_that_breaks_them(cls, message):
    with pytest.raises(AssertionError, match=message):
        check_instrument(cls)


def test_a_weight_outside_zero_to_one_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        INSTRUMENTS["crowdfunding"](world(), 1.5)


@pytest.mark.parametrize("name", sorted(INSTRUMENTS))
def test_every_key_figure_and_every_reason_for_exclusion_has_words(name):
    from kreislauf.model.funding.key_figures import KEY_FIGURES, REASONS

    instrument = INSTRUMENTS[name](TinyWorld(), 1.0)
    run_instrument(instrument, range(96))
    for key in instrument.kpis():
        reason = key.removeprefix("excluded_")
        assert key in KEY_FIGURES or reason in REASONS or key.startswith("excluded_from_"), key


@pytest.mark.parametrize("name", ["regional_budget", "municipal_association"])
def test_a_manager_costs_the_same_in_every_year_as_posts_do(name):
    share = {"regional_budget_b_share": 0.0, "association_exit_hazard": 0.0, "association_value_factor": 10.0}
    instrument = INSTRUMENTS[name](world(**share), 1.0)
    for month in range(120):
        instrument.world.month = month
        instrument.step(month)
    flows = instrument.world.ledger.flows()
    by_month = flows[flows["purpose"] == "fund_management"].groupby("month")["cents"].sum()
    assert len(by_month) >= 108
    assert by_month.nunique() == 1
    p = instrument.world.parameters
    posts = {"regional_budget": p.regional_a_fte_per_100k * p.regional_a_volume_eur / 100_000}
    posts["municipal_association"] = p.association_management_fte
    assert by_month.iloc[-1] == pytest.approx(posts[name] * p.workplace_eur * 100 / 12, abs=1)
