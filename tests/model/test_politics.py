"""Politics of posts inside the model: routing, gaps, ends and what they cost."""

import numpy as np
import pytest
from kreislauf.model.errors import InputError
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.plan import Plan
from kreislauf.model.recorder import REGION_COLUMN
from kreislauf.model.variant import Variant


def run(months, variant="status_quo", **parameters):
    return IntegrationModel("coburg", variant, months=months, rng=1, parameters=parameters).run()


def test_an_instrument_named_for_a_task_gets_all_its_proposals_and_no_others():
    variant = Variant(name="mine", funding_by_task={"encounter": "crowdfunding"})
    model = IntegrationModel("coburg", variant, months=18, rng=1)
    seen = {}
    for name, instrument in model.politics.instruments.items():
        apply = instrument.apply
        instrument.apply = lambda p, name=name, apply=apply: (seen.setdefault(name, set()).add(p.task), apply(p))[1]
    model.run()
    assert seen["crowdfunding"] == {"encounter"}
    assert "encounter" not in seen["own_budget"]
    assert len(seen["own_budget"]) > 3


def test_an_unknown_task_or_instrument_in_a_mix_by_task_is_named():
    with pytest.raises(InputError, match="encounter"):
        IntegrationModel("coburg", Variant(name="mine", funding_by_task={"encountr": "crowdfunding"}))


def test_owners_forget_with_the_posts_they_lose():
    model = run(1)
    q = model.coordination.q
    actor = model.register.actor("district:09473")
    before = q[actor].copy()
    model.coordination.lose(actor, 0.5)
    kept = 1 - 0.5 * (1 - model.parameters.kept_after_change)
    others = np.arange(len(q)) != actor
    np.testing.assert_allclose(q[actor][others], before[others] * kept)
    assert q[actor, actor] == 1.0


def test_a_new_phase_of_an_office_loses_nothing_and_an_end_does():
    # October 2015: the job centre and the courses change their size; February 2019: the association's post ends.
    model = run(50)
    lost = []
    model.coordination.lose = lambda actor, share: lost.append((model.register.actors[actor], share))
    model.politics._lose_knowledge(10)
    assert lost == []
    model.politics._lose_knowledge(50)
    assert [name for name, _ in lost if name.startswith("awo")]


def test_ended_awards_are_counted_as_survived_or_gone():
    model = run(72)
    figures = model.politics.instruments["own_budget"].kpis()
    assert 0 < figures["survival_share"] < 1
    tally = model.politics.instruments["own_budget"].tally
    assert tally.ended >= tally.survived + tally.returned
    assert all(c.award.last_month >= model.month for c in model.politics.commitments)


def test_in_a_mix_owners_may_go_on_with_own_money_when_another_instrument_stops():
    weights = {"own_budget": 0.3, "regional_budget": 0.7}
    values = {"own_margin_share": 0.3, "regional_budget_b_share": 1.0, "regional_b_stage_pass": 1.0}
    model = IntegrationModel("coburg", Variant(name="mine", funding=weights, parameters=values), months=60, rng=4)
    figures = model.run().politics.instruments["regional_budget"].kpis()
    assert figures["survival_share"] > 0
    posts = model.register.frame()
    gone_on = [c.structure for c in model.politics.commitments if c.award.instrument == "own_budget"]
    assert any(name.startswith("regional_budget/") for name in gone_on)
    assert posts["structure"].is_unique


INSTRUMENTS = ("own_budget", "regional_budget", "municipal_association", "regional_fund", "crowdfunding")


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_in_coburg_every_instrument_balances_and_reports_how_it_did(name):
    variant = "status_quo" if name == "own_budget" else name
    model = run(64, variant)
    assert model.ledger.total() == 0
    names, balances = model.ledger.names, model.ledger.balances.tolist()
    assert all(b >= 0 for n, b in zip(names, balances, strict=True) if n.startswith("fund:"))
    figures = model.politics.instruments[name].kpis()
    assert figures["applications"] >= figures["awards"] > 0
    assert figures["excluded"] > 0
    assert any(key.startswith("excluded_from_") for key in figures)


def test_in_coburg_municipalities_join_ride_free_and_leave():
    figures = run(100, "municipal_association").politics.instruments["municipal_association"].kpis()
    assert 7 <= figures["most_members"] < 17
    assert figures["notices"] > 0
    assert figures["left"] > 0
    assert figures["free_rider_months"] > 0


def test_proposals_that_reach_a_gap_are_told_from_those_that_do_not():
    model = run(30)
    from kreislauf.model.wishes import reaches_gap

    recorder = model.recorder
    task = model.field.task_ids.index("language_course")
    tolerated = model.field.groups.index("tolerated")
    counters = recorder.counters.reshape(*recorder.shape, -1)
    counters[task] = 0.0

    def reached():
        everywhere = np.arange(17)
        return reaches_gap(counters, recorder.bodies, task, 0, 17, everywhere, model.parameters.gap_case_share)

    assert not reached()
    counters[task, :, tolerated, 6] = 5.0  # open cases of a group that is served
    before = reached()
    counters[task, :, tolerated, 7] = 5.0  # and now held by nobody
    assert reached()
    assert not before


def test_an_actor_that_plans_alone_sees_and_wishes_what_it_does_among_all():
    model = run(18)
    plans = model.politics.plans
    together = {(wish.planner, wish.task): (wish.hours, wish.fte) for wish in plans.wishes()}
    needs = plans.need.copy()
    plans.need[:] = -1.0
    alone = {(i, wish.task): (wish.hours, wish.fte) for i, actor in enumerate(model.planners) for wish in actor.plan()}
    assert together
    assert together.items() <= alone.items()  # alone it also names what it has asked for already
    np.testing.assert_array_equal([actor.need for actor in model.planners], needs)


def watch_applications(model):
    """Return what is applied for during a run: (instrument, kind, month, who and for which task)."""
    seen = []
    for name, instrument in model.politics.instruments.items():

        def apply(proposal, name=name, apply=instrument.apply):
            reply = apply(proposal)
            who = proposal.owner, proposal.district, proposal.municipality, proposal.task
            if reply:
                seen.append((name, proposal.kind, proposal.month, who, proposal))
            return reply

        instrument.apply = apply
    return seen


@pytest.mark.parametrize(("variant", "share"), [("regional_budget", 0.5), ("status_quo", 0.0)])
def test_who_is_refused_a_post_asks_for_a_small_project_of_the_same_task(variant, share):
    model = IntegrationModel("coburg", variant, months=72, rng=1, parameters={"regional_budget_b_share": share})
    seen = watch_applications(model)
    refused = []
    decide = model.politics.plans.decide
    model.politics.plans.decide = lambda month, granted, out: (
        refused.extend((month, proposal) for proposal in out), decide(month, granted, out)
    )  # fmt: skip
    model.run()
    posts = {(p.owner, p.district, p.municipality, p.task, month) for month, p in refused if p.kind == "post"}
    wait = model.parameters.pending_months
    after = [
        any(month <= asked < month + wait for *mine, month in posts if tuple(mine) == who)
        for _, kind, asked, who, _ in seen if kind == "project"
    ]  # fmt: skip
    assert sum(after) >= 5
    if variant == "regional_budget":  # posts are eligible there, so nobody starts with a project
        assert all(after)


def test_small_projects_beside_posts_are_paid_from_their_own_pot():
    model = run(84, "regional_budget", regional_budget_b_share=0.5)
    flows = model.results().flows
    small = flows[flows["payer"].str.startswith("fund:regional_budget_small") & (flows["purpose"] == "grant")]
    assert len(small) >= 5
    projects = [s for s in model.register.structures if s.instrument == "regional_budget" and s.fte == 0.0]
    assert len(projects) >= len(small)


def test_a_little_autonomy_does_not_end_the_small_projects():
    awards = {
        share: run(84, "regional_budget", regional_budget_b_share=share)
        .politics.instruments["regional_budget"].tally.awards
        for share in (0.0, 0.01)
    }  # fmt: skip
    # Who asks for a post first waits for its refusal, so there are fewer, but not none.
    assert awards[0.0] >= 20
    assert awards[0.01] >= awards[0.0] / 3


@pytest.mark.parametrize("variant", ["status_quo", "regional_budget", "municipal_association", "crowdfunding"])
def test_nobody_has_a_post_and_a_project_for_the_same_task_asked_for_at_once(variant):
    model = IntegrationModel("coburg", variant, months=72, rng=2, parameters={"regional_budget_b_share": 0.5})
    seen = watch_applications(model)
    open_now = {}
    decide = model.politics.plans.decide

    def decided(month, granted, refused):
        refused = list(refused)
        for name in [*granted, *((p.key, p.district, p.municipality) for p in refused)]:
            open_now.pop(name, None)
        decide(month, granted, refused)

    model.politics.plans.decide = decided
    while model.running:
        before = len(seen)
        model.step()
        for _, _, _, who, proposal in seen[before:]:
            assert who not in open_now.values(), f"{who} in month {model.month}"
            open_now[proposal.key, proposal.district, proposal.municipality] = who
    assert len(seen) > 20


def test_what_is_decided_no_longer_counts_as_asked_for():
    model = run(36)
    plans = model.politics.plans
    plans.forget(36)
    known_from = plans._asked[:, 3]
    assert (plans._asked_hours[known_from <= 36] == 0).all()
    assert (plans._asked_hours[known_from > 36] > 0).all()
    assert (known_from <= 36).any()
    assert (known_from > 36).any()


def figures_of_plan(name, *, since, months, **parameters):
    """Return the key figures of an instrument that a plan introduces in a month of 2018 or later, Coburg."""
    plan = Plan.model_validate({"name": "mine", "from": since, "funding": {name: 1.0}})
    model = IntegrationModel("coburg", "status_quo", months=months, rng=1, plan=plan, parameters=parameters).run()
    return model.politics.instruments[name].kpis()


@pytest.mark.parametrize("name", INSTRUMENTS[1:])
def test_an_instrument_begins_with_the_plan_that_introduces_it(name):
    introduced = figures_of_plan(name, since="2018-01", months=60)
    begun_there = figures_of_plan(name, since="2018-01", months=60, instrument_start_month=36)
    assert introduced == pytest.approx(begun_there, nan_ok=True)
    assert introduced["applications"] + introduced["excluded"] > 0


def test_a_fund_introduced_by_a_plan_gets_its_capital_then():
    plan = Plan.model_validate({"name": "mine", "from": "2018-05", "funding": {"regional_fund": 1.0}})
    model = IntegrationModel("coburg", "status_quo", months=48, rng=1, plan=plan).run()
    flows = model.results().flows
    given = flows[flows["purpose"] == "endowment"]
    assert given["month"].tolist() == [40]
    p = model.parameters
    assert given["cents"].sum() == round(p.endowment_capital_eur * 100 * p.regional_fund_endowment_share)


def test_a_loan_fund_introduced_later_pre_finances_the_budget_that_is_there():
    plan = {"name": "mine", "from": "2016-03", "funding": {"regional_budget": 0.5, "regional_fund": 0.5}}
    model = IntegrationModel("coburg", "regional_budget", months=20, rng=1, plan=Plan.model_validate(plan)).run()
    instruments = model.politics.instruments
    assert instruments["regional_budget"].prefinancer is instruments["regional_fund"]


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_the_hours_of_applications_are_taken_in_the_month_after_and_no_others(name):
    # Without rounds and upkeep only applications take time; the last month is not one of planning.
    variant = Variant(name="mine", rounds_per_year=0, funding={name: 1.0})
    model = IntegrationModel("coburg", variant, months=61, rng=1).run()
    taken = model.recorder.by_region[:, REGION_COLUMN["meeting_hours"]]
    applied = model.politics.instruments[name].kpis()["applicant_hours"]
    assert applied > 0
    assert taken.sum() == pytest.approx(applied)
    assert set(np.flatnonzero(taken) % 3) == {0}  # planned at the end of a quarter, taken at the start of the next
    summary = model.results().summary
    assert summary["coordination_hours"] == pytest.approx(applied)
    assert summary["coordination_cost"] >= applied * model.parameters.hour_cost


def test_long_applications_take_hours_from_cases():
    short = run(72, own_application_hours=5).results().summary
    long = run(72, own_application_hours=60).results().summary
    assert long["coordination_hours"] > short["coordination_hours"] * 1.5
    assert long["served_hours"] < short["served_hours"]
