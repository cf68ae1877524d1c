"""The council rules of the status quo."""

import numpy as np
import pandas as pd
import pytest
from kreislauf.model.funding import OwnBudget

from .worlds import proposal, run, world

COLUMNS = ["id", "payer", "kind", "tasks", "eligible_levels", "max_eur_per_year", "funded_share", "start", "end"]
COLUMNS += ["term_months", "renewal_probability"]


def with_programmes(w, *rows):
    w.region.programmes = pd.DataFrame(list(rows), columns=pd.Index(COLUMNS))
    return w


def grant(share=0.95, cap=80_000.0, start="2015-01", end="", renewal=0.0, kind="post", levels="district;welfare"):
    return ("grant", "land", kind, "advice;encounter", levels, cap, share, start, end, 12, renewal)


def calm(w):
    w.perceived_need_hours[:] = 0.0
    return w


def test_the_district_refuses_a_post_without_money_from_outside():
    w = calm(with_programmes(world()))
    own = OwnBudget(w, 1.0)
    assert own.apply(proposal(w, owner="district", kind="post", eur=3000, months=24))
    assert run(own, range(12)) == []
    assert own.kpis()["excluded_not_fully_funded"] == 1


def test_the_district_agrees_when_a_programme_pays_nearly_all():
    w = calm(with_programmes(world(), grant(0.95)))
    own = OwnBudget(w, 1.0)
    own.apply(proposal(w, owner="district", kind="post", eur=3000, months=24))
    (award,) = run(own, range(12))
    assert award.funded_share == 0.95
    assert award.first_month == round(w.parameters.district_lag_months) + 1
    assert award.last_month - award.first_month + 1 == 12


def test_a_grant_of_eighty_percent_of_the_pay_is_not_enough_for_the_district():
    w = calm(with_programmes(world(), grant(0.6)))
    own = OwnBudget(w, 1.0)
    own.apply(proposal(w, owner="district", kind="post", eur=3000, months=24))
    assert run(own, range(12)) == []


def test_united_municipal_pressure_turns_the_refusal_around_for_two_years():
    w = with_programmes(world())
    w.perceived_need_hours[:] = 5000.0
    own = OwnBudget(w, 1.0)
    own.apply(proposal(w, owner="district", kind="post", eur=3000, months=60))
    (award,) = run(own, range(12))
    assert award.funded_share == 0.0
    assert award.last_month - award.first_month + 1 == 24
    w.perceived_need_hours[:3] = 0.0
    assert own.pressure(0, "encounter") == 0.7


def test_a_post_of_the_district_becomes_an_extension_and_then_permanent():
    w = calm(with_programmes(world(district_extension_probability=1.0), grant(0.95, end="2015-12")))
    own = OwnBudget(w, 1.0)
    own.apply(proposal(w, owner="district", kind="post", eur=3000, months=12))
    first, extension, permanent = run(own, range(72))
    assert first.funded_share == 0.95
    assert extension.funded_share == permanent.funded_share == 0.0
    assert extension.first_month == first.last_month
    assert extension.last_month == first.last_month + 24
    assert permanent.last_month > 1000
    # Twelve months of the grant were paid, the last one included.
    assert -w.ledger.balance("land") == 12 * 285_000


def test_a_programme_renews_only_while_it_runs():
    w = calm(with_programmes(world(district_extension_probability=0.0), grant(1.0, end="2017-12", renewal=1.0)))
    own = OwnBudget(w, 1.0)
    own.apply(proposal(w, owner="district", kind="post", eur=3000, months=12))
    awards = run(own, range(72))
    assert len(awards) == 3
    assert awards[-1].last_month == 6 + 36


def test_a_programme_does_not_pay_more_than_its_yearly_sum():
    w = calm(with_programmes(world(), grant(1.0, cap=60_000.0)))
    own = OwnBudget(w, 1.0)
    for key in (1, 2):
        own.apply(proposal(w, key, owner="district", kind="post", eur=4000, months=24))
    (award,) = run(own, range(12))
    assert award.funded_share == 1.0


def test_a_programme_already_spent_on_the_regions_structures_has_no_room():
    w = calm(with_programmes(world(), grant(1.0, cap=60_000.0)))
    w.region.structures = pd.DataFrame([{"programme": "grant", "monthly_cost_eur": 5000.0, "start": "", "end": ""}])
    own = OwnBudget(w, 1.0)
    own.apply(proposal(w, owner="district", kind="post", eur=4000, months=24))
    assert run(own, range(12)) == []


def test_a_municipality_acts_out_of_its_free_margin_when_it_is_willing():
    for margin, will, granted in ((50_000_000, 1.0, 1), (1_000_000, 1.0, 0), (50_000_000, 0.0, 0), (-1, 1.0, 0)):
        w = with_programmes(world())
        w.free_margin_cents = np.full(10, margin)
        w.willingness = np.full(10, will)
        own = OwnBudget(w, 1.0)
        own.apply(proposal(w, owner="municipality", place=0, eur=1000))
        assert len(run(own, range(6))) == granted


def test_what_is_granted_is_the_funded_share_of_the_cost_over_its_months():
    """A municipality's project of 1,000 EUR for four months from its own money, all of it; and nothing that is not."""
    w = with_programmes(world())
    w.free_margin_cents = np.full(10, 50_000_000)
    w.willingness = np.full(10, 1.0)
    own = OwnBudget(w, 1.0)
    own.apply(proposal(w, owner="municipality", place=0, eur=1000, months=4))
    (award,) = run(own, range(6))
    assert own.tally.granted_cents == round(award.funded_share * 400_000)
    again = own.award(award.proposal, funded_share=0.25, first_month=6, months=2)
    assert (again.first_month, again.last_month) == (6, 7)
    assert own.tally.granted_cents == round(award.funded_share * 400_000) + 50_000


def test_a_welfare_association_needs_a_programme_that_leaves_a_small_own_share():
    for share, granted in ((0.75, 1), (0.5, 0)):
        w = calm(with_programmes(world(), grant(share)))
        own = OwnBudget(w, 1.0)
        assert own.apply(proposal(w, kind="post", eur=3000, task="advice", months=24))
        assert len(run(own, range(8))) == granted
    w = with_programmes(world())
    reply = OwnBudget(w, 1.0).apply(proposal(w, kind="post", task="advice"))
    assert not reply
    assert reply.reason == "no_programme"


def test_before_2016_a_united_front_makes_the_district_close_a_carriers_gap_and_later_it_pays_material_cost_only():
    for month, need, share, granted, helped in (
        (0, 5000.0, 0.5, 1, 0.2), (0, 0.0, 0.5, 0, 0.0), (24, 5000.0, 0.5, 0, 0.0), (24, 5000.0, 0.65, 1, 0.05),
    ):  # fmt: skip
        w = with_programmes(world(), grant(share))
        w.perceived_need_hours[:] = need
        own = OwnBudget(w, 1.0)
        own.apply(proposal(w, kind="post", eur=3000, task="advice", months=24, month=month))
        awards = run(own, range(month, month + 9))
        assert len(awards) == granted
        paid = -w.ledger.balance("district:00001") / 100
        assert paid == pytest.approx(helped * 3000 * 4 if granted else 0)
        assert own.kpis()["district_help_eur"] == pytest.approx(paid)


def test_the_council_puts_off_what_it_has_no_overview_of_and_decides_a_session_later():
    starts = {}
    for known in (0.0, 1.0):
        w = calm(with_programmes(world(), grant(0.95)))
        w.known_bodies = known
        own = OwnBudget(w, 1.0)
        own.apply(proposal(w, owner="district", kind="post", eur=3000, months=24))
        (award,) = run(own, range(14))
        starts[known] = award.first_month
    assert starts[0.0] - starts[1.0] == round(w.parameters.council_delay_months)


def test_programme_sums_are_shared_by_the_districts_by_inhabitants():
    w = with_programmes(world(districts=2), grant(0.9, cap=90_000.0))
    w.population = lambda year: np.array([18_000] * 10 + [9_000] * 10)
    (programme,) = OwnBudget(w, 1.0)._programmes
    assert programme.cap_cents == (6_000_000, 3_000_000)
