"""Lessons of integration courses: how many are held, who repeats, and that those held are those paid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.agents.integration.codes import (
    COMPLETED,
    GOOD_PROSPECT,
    IN_COURSE,
    PROCEDURE,
    RECOGNISED,
    TOLERATED,
)
from kreislauf.model.integration_model import IntegrationModel

from .rows import P, adult, household, live_adult, place

SLOW = 0.05  # a talent that brings nobody to B1


def attended(ends, *, status=RECOGNISED, where=None, **values):
    """Let an adult live with these random numbers for the end of the course; return the row and lessons by month."""
    h = household(status=status, origin=GOOD_PROSPECT)
    a = adult(course=IN_COURSE, course_since=12, talent=SLOW, work=0, **values)
    months = []
    for month, end in enumerate(ends, start=13):
        live_adult(a, h, month=month, end=end, where=where)
        months.append(float(a.lessons))
    return a, months


@given(st.lists(st.floats(P.course_dropout, 1.0, exclude_max=True), min_size=60, max_size=60), st.booleans())
def test_whoever_stays_below_b1_gets_the_whole_course_and_all_lessons_of_a_repeater_or_none(ends, literacy):
    a, _ = attended(ends, literacy=literacy)
    first = P.course_lessons_literacy if literacy else P.course_lessons
    assert a.course == COMPLETED
    assert a.lessons in (first, first + P.repeat_lessons)


def test_the_share_of_repeaters_is_the_stated_one_and_drawn_once():
    """L17: of those who sit the course to its end below B1, `course_repeat` get 300 more lessons."""
    draws = np.random.default_rng(1).uniform(P.course_dropout, 1.0, (1000, 40))
    total = [attended(ends)[0].lessons for ends in draws]
    assert set(total) == {P.course_lessons, P.course_lessons + P.repeat_lessons}
    assert np.mean(np.array(total) > P.course_lessons) == pytest.approx(P.course_repeat, abs=0.05)


def test_who_breaks_off_while_repeating_gets_no_more():
    stays = [P.course_dropout] * 12
    assert attended([*stays[:10], 0.0, *stays])[0].lessons < P.course_lessons + P.repeat_lessons
    assert attended([*stays[:10], *stays])[0].lessons == P.course_lessons + P.repeat_lessons


@pytest.mark.parametrize("status", [PROCEDURE, TOLERATED])
def test_only_the_federal_course_is_repeated(status):
    """IntV: the 300 further lessons are those of the integration course."""
    a, _ = attended([P.course_dropout] * 40, status=status)
    inside = status == PROCEDURE  # good prospects: admitted since October 2015
    assert a.lessons == (P.course_lessons + P.repeat_lessons if inside else P.course_lessons_outside)


@pytest.mark.parametrize(("status", "paid"), [(RECOGNISED, 700), (TOLERATED, 0)])
def test_a_finished_federal_course_pays_its_lessons_and_no_more_however_slowly_they_are_attended(status, paid):
    """700 lessons at 3.90 EUR are the 2,730 EUR that a course costs for a person (OUTCOMES 2)."""
    for remote in (0.0, 1.0):
        where = place(remote=remote, lessons=0.0)
        attended([0.999] * 30, status=status, where=where)
        assert where.lessons == paid


def test_the_federation_pays_in_a_run_what_was_attended():
    model = IntegrationModel("coburg", "status_quo", rng=1, months=12)
    people = model.people[0]
    column = people.counts.index("course_lessons")
    while model.running:
        before = people.adults.lessons.astype(np.int64)
        model.step()
        more = people.adults.lessons.astype(np.int64) - before
        table = people.table
        federal = np.isin(people.standing[: people.n], (1, 2))  # good prospects and protected: see standing_of
        here = table.stay[: people.n] == 1
        least = more[: 2 * people.n].reshape(-1, 2).sum(axis=1)
        counted = model.recorder.counts[0][:, column].sum()
        assert least[here & federal].sum() <= counted <= least.sum()
    assert counted > 0
