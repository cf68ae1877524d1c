"""Status, flats and moves, rule by rule, on hand-made rows: directions, published relations, limits of a month."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.agents.codes import HERE, LEFT, NEVER
from kreislauf.agents.integration import codes
from kreislauf.agents.integration.codes import (
    COLLECTIVE,
    COMPLETED,
    DECENTRAL,
    EMERGENCY,
    GOOD_PROSPECT,
    LANGUAGE_COURSE,
    NATURALISED,
    NO_WORK,
    PRIVATE,
    PROCEDURE,
    RECOGNISED,
    REGULAR,
    SUBSIDIARY,
    TEMPORARY,
    TOLERATED,
    UNCERTAIN,
)
from kreislauf.model.integration_model import IntegrationModel

from .rows import (
    CHANCE,
    PROTECTED,
    P,
    adult,
    country,
    household,
    live_household,
    nobody,
    place,
    rules,
)


def test_protection_is_what_gives_job_centre_benefits():
    assert [status for status in range(6) if rules.is_protected(status)] == sorted(PROTECTED)


def test_groups_are_asylum_protected_tolerated():
    assert [rules.group_of(s) for s in (PROCEDURE, *PROTECTED, TOLERATED)] == [0, 1, 1, 1, 1, 2]


def test_the_course_opens_to_good_prospects_in_procedure_on_24_october_2015():
    """AsylVfBeschlG: October 2015 is month 9, so November (10) is the first whole month."""
    for origin, month, expected in ((GOOD_PROSPECT, 9, False), (GOOD_PROSPECT, 10, True), (UNCERTAIN, 60, False)):
        assert rules.has_access_to_course(PROCEDURE, origin, month, P) == expected
    assert all(rules.has_access_to_course(status, UNCERTAIN, -5, P) for status in PROTECTED)
    assert not rules.has_access_to_course(TOLERATED, GOOD_PROSPECT, 60, P)


def test_asylum_seekers_without_access_are_served_like_tolerated_persons_in_courses_only():
    people = IntegrationModel("coburg", months=1).people[0]
    outside, inside = (rules.standing_of(PROCEDURE, origin, 60, P) for origin in (UNCERTAIN, GOOD_PROSPECT))
    assert people.group_of[LANGUAGE_COURSE, [outside, inside]].tolist() == [2, 0]
    assert people.group_of[codes.ADVICE, [outside, inside]].tolist() == [0, 0]
    others = [rules.standing_of(status, UNCERTAIN, 60, P) for status in (*PROTECTED, TOLERATED)]
    assert (people.group_of[:, others] == [1, 1, 1, 1, 2]).all()


@pytest.mark.parametrize(
    ("mean", "minimum"), [(15.0, 5.0), (12.0, 5.0), (6.5, 5.0), (9.0, 4.5), (5.0, 5.0), (7.0, 1.0)]
)
def test_the_mean_wait_for_a_decision_is_the_years_mean(mean, minimum):
    """Nobody decides before `minimum` months; from then on the geometric wait has its mean at the stated one.

    By hand: 5 months, then a chance of 1 in 11 a month, from the fifth on, is 5 + 11 - 1 = 15 months on average.
    """
    survival, total = 1.0, 0.0
    for waiting in range(1, 2000):
        hazard = rules.decision_hazard(waiting, mean, minimum)
        total += survival * hazard * waiting
        survival *= 1.0 - hazard
    assert total == pytest.approx(mean, abs=1e-6)


def test_decisions_come_after_the_shortest_wait_and_at_once_when_the_mean_is_no_longer():
    assert rules.decision_hazard(5, 15.0, 5.0) == pytest.approx(1 / 11)
    assert rules.decision_hazard(4, 15.0, 5.0) == 0.0
    assert rules.decision_hazard(5, 4.0, 5.0) == 1.0


@given(CHANCE, st.sampled_from([GOOD_PROSPECT, UNCERTAIN]))
def test_outcomes_of_decisions_have_the_shares_of_the_month(u, origin):
    c = country(mean_wait=6.0, protected_good=0.9, protected_uncertain=0.3, refugee_part=0.5, closed_part=0.4)
    h = household(status=PROCEDURE, status_since=0, origin=origin)
    rules.status_month(h, 12, False, c, P, 0.0, u)
    protected = 0.9 if origin == GOOD_PROSPECT else 0.3
    if u < protected / 2:
        assert h.status == RECOGNISED
    elif u < protected:
        assert h.status == SUBSIDIARY
    elif u < protected + (1 - protected) * 0.4 - 1e-12:
        assert h.stay == LEFT
    elif u > protected + (1 - protected) * 0.4 + 1e-12:
        assert (h.status, h.stay) == (TOLERATED, HERE)


def test_the_residence_rule_binds_for_three_years_from_august_2016_on():
    """§ 12a AufenthG since 6 August 2016 (month 19), three years."""
    c = country(mean_wait=6.0, protected_good=1.0, refugee_part=1.0)
    for month, bound in ((18, NEVER), (19, 19 + 36), (40, 40 + 36)):
        h = household(status=PROCEDURE, status_since=0, origin=GOOD_PROSPECT)
        rules.status_month(h, month, False, c, P, 0.0, 0.0)
        assert h.bound_until == bound


def test_every_month_of_waiting_lowers_job_starts_by_the_published_factor_down_to_a_floor():
    h = household(status=PROCEDURE, status_since=12)
    for waited in range(1, 40):
        rules.status_month(h, 12, False, country(), P, 0.999, 0.0)
        assert h.delay_scar == pytest.approx(max(P.scar_procedure**waited, P.scar_floor))


def test_flats_are_found_easily_or_with_difficulty_and_help_is_a_hazard_ratio():
    args = {"n_persons": 2, "months_served": 999, "has_work": False, "bound": False, "place": place(), "p": P}
    easy = rules.flat_hazard(1, *args.values())
    hard = rules.flat_hazard(0, *args.values())
    assert (easy, hard) == (P.flat_easy, P.flat_hard)
    helped = rules.flat_hazard(0, 2, 3, False, False, place(), P)
    assert helped / hard == pytest.approx(P.flat_help)
    assert rules.flat_hazard(0, 2, int(P.flat_help_months) + 1, False, False, place(), P) == hard
    assert rules.flat_hazard(0, 5, 999, False, False, place(), P) / hard == pytest.approx(P.flat_large_family)
    assert rules.flat_hazard(0, 2, 999, True, False, place(), P) / hard == pytest.approx(P.flat_work)
    assert rules.flat_hazard(0, 2, 999, False, False, place(flats=0.5), P) == pytest.approx(hard / 2)


def test_the_residence_rule_holds_back_private_flats_until_it_ends():
    """X15 finds less private housing under the rule."""
    chance = P.flat_hard * (1.0 + P.flat_bound) / 2
    for until, moves in ((13, False), (12, True), (NEVER, True)):
        h = household(status=RECOGNISED, bound_until=until)
        assert (live_household(h, adult(course=COMPLETED), flat=chance).accommodation == PRIVATE) == moves


def test_a_third_of_the_protected_leaves_shared_housing_within_six_months():
    """Evidence H03: one third within 6 months of recognition, others after more than 18; tolerance 10 points."""
    easy, hard, share = P.flat_easy, P.flat_hard, P.flat_easy_share
    left = share * (1 - (1 - easy) ** 6) + (1 - share) * (1 - (1 - hard) ** 6)
    assert left == pytest.approx(1 / 3, abs=0.10)
    assert (1 - share) * (1 - hard) ** 18 > 0.15, "some stay for more than 18 months"


def test_moves_away_answer_to_rule_work_flat_and_children_by_their_ratios():
    def hazard(status=RECOGNISED, bound=False, work=False, private=False, children=False):
        return rules.move_away_hazard(status, bound, work, private, children, P)

    base = hazard()
    assert base == P.leave_protected
    assert hazard(bound=True) / base == pytest.approx(P.leave_bound)
    assert hazard(work=True) / base == pytest.approx(P.leave_work)
    assert hazard(private=True) / base == pytest.approx(P.leave_private)
    assert hazard(children=True) / base == pytest.approx(P.leave_children)
    assert hazard(TEMPORARY) == P.leave_temporary
    assert hazard(TOLERATED, work=True) / hazard(TOLERATED) == pytest.approx(P.leave_work)
    assert hazard(PROCEDURE, work=True, private=True) == P.leave_procedure


def test_the_residence_rule_lowers_moves_as_published():
    """M01, M02: 42 % moved without the rule, 30 % with it: the hazard ratio is log(0.70) / log(0.58)."""
    assert P.leave_bound == pytest.approx(np.log(1 - 0.30) / np.log(1 - 0.42), abs=0.02)


def test_emergency_accommodation_ends_after_its_longest_stay():
    months = int(P.emergency_months)
    assert (
        live_household(household(accommodation=EMERGENCY, moved_in=12 - months + 1), adult()).accommodation == EMERGENCY
    )
    assert live_household(household(accommodation=EMERGENCY, moved_in=12 - months), adult()).accommodation == DECENTRAL


def test_only_protected_households_move_to_a_flat_of_their_own():
    for status in range(6):
        h = household(status=status, status_since=12, accommodation=COLLECTIVE, finds_flat_easily=1)
        moved = live_household(h, adult(), flat=0.0).accommodation == PRIVATE
        assert moved == (status in PROTECTED)


def test_the_residence_rule_holds_back_moves_until_its_end():
    between = P.leave_protected * (1 + P.leave_bound) / 2
    for bound_until, left in ((13, False), (12, True), (NEVER, True)):
        h = household(status=RECOGNISED, bound_until=bound_until)
        assert (live_household(h, adult(), exit=between).stay == LEFT) == left


def test_whoever_is_rejected_by_a_closed_procedure_leaves_and_nothing_else_happens_in_the_month():
    h = household(status=PROCEDURE, status_since=0, origin=UNCERTAIN)
    a = adult()
    before = a.tobytes()
    c = country(mean_wait=1.0, protected_uncertain=0.0, closed_part=1.0)
    rules.household_month(h, a, nobody(), 12, c, place(), P, *([0.0] * 16))
    assert h.stay == LEFT
    assert a.tobytes() == before


def test_naturalisation_takes_years_and_work():
    year = int(P.naturalisation_months)
    for month, work, citizen in ((year, REGULAR, True), (year - 1, REGULAR, False), (year, NO_WORK, False)):
        h = household(status=RECOGNISED)
        live_household(h, adult(now=month, work=work, work_since=month - 13), month=month, citizen=0.0)
        assert (h.status == NATURALISED) == citizen
