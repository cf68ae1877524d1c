"""Municipal association: joining by own interest, dues, votes, shared posts, exit."""

import numpy as np
import pytest
from kreislauf.model.funding import MunicipalAssociation

from .worlds import proposal, run, world


def association(w=None, **parameters):
    w = w or world(association_exit_hazard=0.0, **parameters)
    return w, MunicipalAssociation(w, 1.0)


def test_it_is_founded_when_enough_municipalities_gain_and_members_pay_dues_by_inhabitants():
    w, club = association()
    run(club, range(12))
    assert len(club.members) == 10
    dues = {w.ledger.balance(f"municipality:{key}") for key in w.region.keys}
    assert dues == {-round(1.5 * 9000 * 100)}


@pytest.mark.parametrize(
    "change", [{"association_spillover": 0.8}, {"association_value_factor": 1.0}, {"association_min_members": 12}]
)
def test_free_riding_a_low_worth_or_too_few_municipalities_prevent_it(change):
    w, club = association(**change)
    run(club, range(24))
    assert club.members == ()
    assert w.ledger.flows().empty
    assert club.apply(proposal(w)).reason == "no_association"


def test_a_municipality_that_sees_no_need_stays_outside_and_may_not_propose():
    w = world(association_exit_hazard=0.0)
    w.perceived_need_hours[3] = 0.0
    _, club = association(w)
    run(club, range(2))
    assert 3 not in club.members
    assert club.apply(proposal(w, owner="municipality", place=3)).reason == "not_member"


def test_a_shared_post_is_cheaper_reaches_all_members_and_starts_after_the_vote():
    w, club = association()
    run(club, range(4))
    club.apply(proposal(w, kind="post", eur=3000, months=60, month=4, catchment=tuple(range(8)), task="advice"))
    (award,) = run(club, range(4, 12))
    saving = club.scale_saving(10)
    assert 0.1 < saving <= 0.15
    assert award.proposal.monthly_cost_cents == round(300_000 * (1 - saving))
    assert award.proposal.catchment == tuple(range(10))
    assert award.first_month == 5 + 2
    assert award.last_month - award.first_month + 1 == 24


def test_a_post_that_serves_few_members_is_voted_down():
    w, club = association(association_solidarity=0.0)
    run(club, range(4))
    club.apply(proposal(w, kind="post", eur=3000, month=4, catchment=(0, 1), task="advice"))
    assert run(club, range(4, 12)) == []
    assert club.kpis()["excluded_voted_down"] == 1


def test_posts_stop_where_the_dues_end():
    w, club = association(association_start_money_eur=0)
    w.willingness[:] = 1.0
    run(club, range(4))
    for key in range(1, 7):
        club.apply(proposal(w, key, kind="post", eur=3500, months=24, month=4, task="advice"))
    awards = run(club, range(4, 12))
    dues, manager = 10 * 9000 * (1.5 + 0.25), 0.5 * 78_100
    assert sum(a.proposal.monthly_cost_cents for a in awards) * 12 / 100 <= dues - manager
    assert 0 < len(awards) < 6
    assert club.kpis()["excluded_no_money"] == 6 - len(awards)


def test_members_leave_more_often_after_elections_and_after_a_year_with_a_negative_margin():
    left = {}
    for name, values in {"calm": {}, "election": {"municipal_election_month": 11}, "red": {}}.items():
        count = 0
        for seed in range(60):
            w = world(
                seed,
                association_exit_hazard=0.1,
                association_notice_months=0,
                association_min_members=2,
                **{"municipal_election_month": 131, **values},
            )
            if name == "red":
                w.free_margin_cents = np.full(10, -1)
            _, club = association(w)
            run(club, range(12))
            count += club.notices
        left[name] = count / 600
    assert left["calm"] == pytest.approx(0.1, abs=0.04)
    assert left["election"] == pytest.approx(0.2, abs=0.05)
    assert left["red"] == pytest.approx(0.2, abs=0.05)


def test_below_the_minimum_it_is_dissolved_and_pays_back_what_is_left():
    w, club = association(association_notice_months=0)
    run(club, range(11))
    w.perceived_need_hours[:] = 0.0
    run(club, range(11, 12))
    assert club.notices == 10
    run(club, range(12, 13))
    assert club.members == ()
    assert club.dissolved == 1
    assert w.ledger.balance(club.fund_name(0)) == 0
    flows = w.ledger.flows()
    assert flows.query("purpose == 'fund_lapse'")["payee"].nunique() == 10
    assert not club._chapters[0].district


def test_who_stays_outside_joins_later_when_it_pays():
    w, club = association(association_min_members=2)
    w.perceived_need_hours[0] = 0.0
    run(club, range(12))
    assert 0 not in club.members
    w.perceived_need_hours[0] = 60.0
    run(club, range(12, 14))
    assert 0 in club.members


def test_a_municipality_that_leaves_in_the_middle_of_a_year_pays_until_then():
    w, club = association(association_notice_months=6)
    run(club, range(11))
    w.perceived_need_hours[4] = 0.0
    run(club, range(11, 17))
    assert 4 in club.members
    run(club, range(17, 24))
    assert 4 not in club.members
    assert (club.notices, club.left) == (1, 1)
    flows = w.ledger.flows().query("purpose == 'association_dues'")
    paid = flows[flows["payer"] == f"municipality:{w.region.keys[4]}"]
    assert paid["cents"].tolist() == [1_350_000, 675_000]


def test_a_loss_within_the_tolerance_is_borne():
    w, club = association(association_exit_tolerance=2, association_notice_months=0)
    run(club, range(11))
    w.perceived_need_hours[:] = 0.0
    run(club, range(11, 13))
    assert club.notices == 0


def test_the_district_joins_when_half_of_the_municipalities_have_and_only_then_may_propose():
    w, club = association(association_min_members=2, association_value_factor=10)
    w.perceived_need_hours[4:] = 0.0
    run(club, range(1))
    assert len(club.members) == 4
    assert club.apply(proposal(w, owner="district", kind="post")).reason == "not_member"
    assert w.ledger.balance("district:00001") == 0
    w.perceived_need_hours[:6] = 60.0
    run(club, range(12, 13))
    assert club.apply(proposal(w, owner="district", kind="post"))
    assert w.ledger.balance("district:00001") == -25 * 9000 * 10


def test_who_has_no_seat_on_the_board_values_its_autonomy_more():
    w, club = association(association_board_seats=3, association_seatless_factor=4)
    w.population = lambda year: np.arange(20_000, 10_000, -1000)
    everybody = set(range(10))
    assert [club.has_seat(i, everybody, 0) for i in range(5)] == [True, True, True, False, False]
    seated = MunicipalAssociation(world(association_board_seats=17), 1.0)
    seated.world.population = w.population
    assert club.surplus_cents(5, everybody, 0) < seated.surplus_cents(5, everybody, 0)


def test_free_riders_are_served_without_paying_and_counted():
    w, club = association()
    w.perceived_need_hours[3] = 0.0
    run(club, range(4))
    club.apply(proposal(w, kind="post", eur=2000, months=24, month=4, task="advice"))
    assert run(club, range(4, 12))
    assert club.free_riders(0) == [3]
    assert club.kpis()["free_rider_months"] > 0
    assert w.ledger.balance(f"municipality:{w.region.keys[3]}") == 0
