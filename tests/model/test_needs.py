"""What a household needs, and what a served case does for it, on hand-made rows."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from kreislauf.agents.codes import HERE, NEVER
from kreislauf.agents.integration import codes
from kreislauf.agents.integration.codes import (
    COMPLETED,
    EMERGENCY,
    ENCOUNTER,
    FEATURES,
    IN_COURSE,
    KITA,
    KITA_SCHOOL,
    LANGUAGE_COURSE,
    NO_COURSE,
    NO_PLACE,
    PRIVATE,
    RECOGNISED,
    REGULAR,
    SCHOOL,
    WAITING,
)
from kreislauf.model.integration_model import IntegrationModel

from .rows import (
    PROTECTED,
    P,
    adult,
    features,
    household,
    nobody,
    place,
    rules,
    serve,
)


def test_features_of_statuses_exclude_each_other():
    for status in range(6):
        found = features(household(status=status, status_since=-50))
        assert len(found & {"procedure", "protected", "tolerated"}) == 1
        assert ("misplaced" in found) is (status in PROTECTED)


def test_a_private_flat_is_not_state_housing():
    assert "state_housing" in features(household(status=RECOGNISED))
    assert not features(household(status=RECOGNISED, accommodation=PRIVATE)) & {
        "state_housing",
        "misplaced",
        "emergency",
    }


def test_newly_protected_lasts_three_months():
    assert ["newly_protected" in features(household(status=RECOGNISED, status_since=12 - n)) for n in range(5)] == [
        True, True, True, False, False,
    ]  # fmt: skip


def test_a_mother_of_a_small_child_without_care_is_blocked_and_a_father_is_not():
    h = household(status=RECOGNISED, n_children=1, child_born=0)
    waiting = {"course": WAITING}
    assert "mother_blocked" in features(h, adult(female=1, **waiting))
    assert "course_place_wanted" in features(h, adult(female=0, **waiting))
    h.served_at[codes.CHILDCARE_COURSES] = 12
    assert "course_place_wanted" in features(h, adult(female=1, **waiting))


def test_every_feature_can_be_present():
    seen: set[str] = set()
    situations = itertools.product(
        range(6), (0, -20, -40, -80), (NO_COURSE, WAITING, IN_COURSE), (12, -40), (0, 1), (0.5, 2.5), (0, 6)
    )
    for status, born, course, since, female, level, arrived in situations:
        h = household(
            status=status, status_since=since, n_children=1, child_born=born, accommodation=EMERGENCY, vulnerable=1,
            arrived=arrived,
        )  # fmt: skip
        seen |= features(h, adult(25, female=female, course=course, level=level), where=place(remote=1.0))
    assert seen == set(FEATURES)


@pytest.mark.parametrize("task", range(codes.N_TASKS))
def test_a_served_case_is_remembered(task):
    done = serve(task, household(trust=0.4), u=0.99)
    assert done.h.served_at[task] == 12
    assert [done.h.served_at[k] for k in range(codes.N_TASKS) if k != task] == [NEVER] * (codes.N_TASKS - 1)


def test_a_served_course_case_starts_the_course_of_all_who_wait_except_blocked_mothers():
    h = household(n_children=1, child_born=0)
    done = serve(LANGUAGE_COURSE, h, adult(course=WAITING), adult(female=1, course=WAITING))
    assert (done.a0.course, done.a1.course) == (IN_COURSE, WAITING)
    done = serve(LANGUAGE_COURSE, household(), adult(course=WAITING), adult(female=1, course=WAITING))
    assert (done.a0.course, done.a1.course) == (IN_COURSE, IN_COURSE)
    assert serve(LANGUAGE_COURSE, household(), adult(course=COMPLETED)).a0.course == COMPLETED


def test_a_served_place_case_gives_one_child_its_place():
    h = household(n_children=3, child_born=np.array([5, -20, -80, 0], np.int16))
    assert serve(KITA_SCHOOL, h).h.child_place.tolist() == [NO_PLACE, KITA, NO_PLACE, NO_PLACE]
    assert serve(KITA_SCHOOL, h).h.child_place.tolist() == [NO_PLACE, KITA, SCHOOL, NO_PLACE]


def test_mentoring_matches_with_the_published_share():
    for u, ties in ((P.mentoring_match - 1e-9, 1.0), (P.mentoring_match + 1e-9, 0.0)):
        assert serve(ENCOUNTER, household(), u=u).h.contacts == ties


def test_a_case_concerns_the_adults_in_need_and_at_least_one():
    out, works = adult(), adult(work=REGULAR)
    assert rules.adults_concerned(codes.JOB_PLACEMENT, out, adult()) == 2
    assert rules.adults_concerned(codes.JOB_PLACEMENT, out, works) == 1
    assert rules.adults_concerned(codes.JOB_PLACEMENT, works, nobody()) == 1
    assert rules.adults_concerned(LANGUAGE_COURSE, adult(course=WAITING), adult(course=WAITING)) == 2
    assert rules.adults_concerned(codes.ADVICE, out, out) == 1


@pytest.mark.parametrize("field", ["integration", "seniors"])
def test_no_case_stays_open_whose_need_is_gone_unless_its_task_lasts(field):
    model = IntegrationModel("coburg", "status_quo", field=field, months=40, rng=4)
    gone_but_lasting = 0
    while model.running:
        model.step()
        people, desk = model.people[0], model.casework.desks[0]
        people.describe(model.month)
        model.casework.open(model.month)
        cases, tasks = desk.cases[: desk.n_cases], model.field.table
        bits = people.situation[cases.household]
        all_of, any_of, none_of = (tasks[name][cases.task] for name in ("all_of", "any_of", "none_of"))
        needed = ((bits & all_of) == all_of) & ((any_of == 0) | ((bits & any_of) != 0)) & ((bits & none_of) == 0)
        lasting = np.isin(np.array(model.field.task_ids)[cases.task], model.field.lasting_tasks)
        assert (needed | lasting).all()
        gone_but_lasting += int((~needed & lasting).sum())
    assert gone_but_lasting > 0


def test_the_open_tasks_of_a_household_are_those_of_its_open_cases():
    model = IntegrationModel("coburg", "status_quo", months=30, rng=4)
    while model.running:
        model.step()
        table, cases = model.households.table, model.casework.cases[: model.casework.n_cases]
        bits = np.zeros(len(table), np.int64)
        np.bitwise_or.at(bits, cases.household, 1 << cases.task.astype(np.int64))
        assert (bits == table.open_tasks)[table.stay == HERE].all()
