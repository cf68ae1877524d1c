"""Work, wages, courses and German, rule by rule, on hand-made rows: published ratios and directions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.agents.codes import NEVER
from kreislauf.agents.integration import codes
from kreislauf.agents.integration.codes import (
    COMPLETED,
    GOOD_PROSPECT,
    IN_COURSE,
    MINOR,
    NO_COURSE,
    NO_WORK,
    PROCEDURE,
    RECOGNISED,
    REGULAR,
    SUBSIDIARY,
    TEMPORARY,
    TOLERATED,
    TRAINEE,
    UNCERTAIN,
    WAITING,
)

from .rows import (
    CHANCE,
    P,
    adult,
    features,
    household,
    live_adult,
    place,
    rules,
    with_values,
)

JOB = {
    "female": 0, "age_years": 40.0, "education": 1, "level": 2.0, "status": RECOGNISED, "origin": GOOD_PROSPECT,
    "small_child": False, "in_course_lockin": False, "course_boost": False, "placed": False, "qualified_help": False,
    "mobility_help": False, "remote": False, "bound": False, "delay_scar": 1.0, "labour": 1.0,
}  # fmt: skip


def job(p=P, **changes):
    return rules.job_hazard(*(JOB | changes).values(), p)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"female": 1}, "job_women"),
        ({"age_years": 50.0}, "job_older"),
        ({"age_years": 29.9}, "job_young"),
        ({"education": 0}, "job_low_education"),
        ({"level": 0.5}, "job_no_german"),
        ({"level": 1.5}, "job_a1"),
        ({"level": 3.0}, "job_b1"),
        ({"status": PROCEDURE}, "job_procedure_good"),
        ({"status": PROCEDURE, "origin": UNCERTAIN}, "job_procedure_uncertain"),
        ({"status": TOLERATED}, "job_tolerated"),
        ({"in_course_lockin": True}, "job_lockin"),
        ({"course_boost": True}, "job_course"),
        ({"placed": True}, "job_placement"),
        ({"qualified_help": True}, "job_apprenticeship"),
        ({"remote": True}, "job_remote"),
        ({"bound": True}, "job_bound"),
    ],
)
def test_every_hazard_ratio_of_job_starts_is_its_parameter(changes, name):
    assert job(**changes) / job() == pytest.approx(getattr(P, name), rel=1e-12)


def test_the_base_of_job_starts_is_its_parameter():
    assert job() == P.job_base


def test_mobility_help_lifts_the_disadvantage_of_remote_places():
    assert job(remote=True, mobility_help=True) == job()
    assert job(mobility_help=True) == job()


def test_a_small_child_holds_back_mothers_and_not_fathers():
    assert job(female=1, small_child=True) / job(female=1) == pytest.approx(P.job_mother)
    assert job(small_child=True) == job()


@given(st.floats(0.1, 3.0), st.floats(0.1, 1.0))
def test_job_starts_are_proportional_to_labour_market_and_scar_and_never_above_one(labour, scar):
    assert job(labour=labour, delay_scar=scar) == pytest.approx(job() * labour * scar)
    assert job(with_values(job_base=0.08), labour=1000.0) == 1.0


@given(st.floats(0.0, 5.0), st.floats(0.0, 5.0))
def test_more_german_never_lowers_job_starts(one, two):
    low, high = sorted((one, two))
    assert job(level=low) <= job(level=high)


BOOLS = (
    "small_child", "in_course_lockin", "course_boost", "placed", "qualified_help", "mobility_help", "remote", "bound",
)  # fmt: skip


ADULTS = st.fixed_dictionaries(
    dict.fromkeys(BOOLS, st.booleans())
    | {
        "female": st.integers(0, 1), "age_years": st.floats(18.0, 65.0), "education": st.integers(0, 2),
        "level": st.floats(0.0, 5.0), "status": st.sampled_from([PROCEDURE, TOLERATED, RECOGNISED]),
        "origin": st.sampled_from([GOOD_PROSPECT, UNCERTAIN]), "delay_scar": st.floats(0.1, 1.0),
        "labour": st.floats(0.1, 3.0),
    }
)  # fmt: skip


@given(ADULTS, st.floats(0.1, 0.7), st.floats(1.2, 2.0))
def test_nobody_s_job_start_is_likelier_than_the_highest(adult, women, course):
    p = with_values(job_women=women, job_course=course)
    assert job(p, **adult) <= rules.most_job_hazard(p) * adult["delay_scar"] * adult["labour"]


def test_neither_contacts_nor_encounter_nor_trust_appear_in_job_starts():
    """X12 finds no direct effect of mentoring on employment, so the rule must not know of it."""
    function = getattr(rules.job_hazard, "py_func", rules.job_hazard)
    names = set(function.__code__.co_names) | set(function.__code__.co_varnames)
    assert not {name for name in names if any(word in name for word in ("contact", "trust", "mentor", "encounter"))}


@given(st.integers(0, 200), st.integers(0, 200))
def test_wages_grow_with_time_from_the_published_first_to_the_sixth_year(one, two):
    early, late = sorted((one, two))
    assert rules.wage_cents(REGULAR, early, P) <= rules.wage_cents(REGULAR, late, P)
    assert rules.wage_cents(REGULAR, 12, P) == 166_000  # W01
    assert rules.wage_cents(REGULAR, 72, P) == rules.wage_cents(REGULAR, 400, P) == 203_700  # W02
    assert rules.wage_cents(MINOR, one, P) == 100 * P.wage_minor
    assert rules.wage_cents(TRAINEE, one, P) == 100 * P.wage_trainee


@given(CHANCE, st.floats(18.0, 64.0), st.floats(0.0, 5.0))
def test_minor_jobs_have_their_share_and_apprentices_are_young_and_speak_german(u, age, level):
    kind = rules.job_kind(age, level, u, P)
    assert (kind == MINOR) == (u < P.share_minor)
    if kind == TRAINEE:
        assert age < 30.0
        assert level >= 2.0


@pytest.mark.parametrize("kind", [MINOR, TRAINEE, REGULAR])
def test_jobs_end_half_as_often_after_the_first_year(kind):
    assert rules.job_loss_hazard(kind, 12, P) == rules.job_loss_hazard(kind, 11, P) / 2


@pytest.mark.parametrize("status", [PROCEDURE, TOLERATED])
def test_nobody_in_the_procedure_or_tolerated_starts_work_within_the_ban_whatever_the_luck(status):
    for months in range(int(P.work_ban_months)):
        h = household(status=status, arrived=12 - months)
        assert live_adult(adult(), h, start=0.0).work == NO_WORK
        assert "jobless" not in features(h)
    h = household(status=status, arrived=12 - int(P.work_ban_months))
    assert live_adult(adult(), h, start=0.0).work == REGULAR
    assert "jobless" in features(h)


@pytest.mark.parametrize("status", [RECOGNISED, SUBSIDIARY, TEMPORARY])
def test_the_protected_and_those_from_ukraine_may_work_from_the_first_month(status):
    """§ 61 AsylG bans asylum seekers from work, not those with a residence permit (§§ 24, 25 AufenthG)."""
    h = household(status=status, arrived=11)
    assert live_adult(adult(), h, start=0.0).work == REGULAR
    assert "jobless" in features(h)


def test_the_residence_rule_holds_back_job_starts_until_it_ends():
    """X15: the hazard is lower while bound, from the decision to `bound_until`."""
    chance = job(level=0.0) * (1.0 + P.job_bound) / 2
    for until, works in ((13, False), (12, True), (NEVER, True)):
        h = household(status=RECOGNISED, bound_until=until)
        assert (live_adult(adult(40), h, start=chance).work != NO_WORK) == works


@pytest.mark.parametrize(("years", "works"), [(17.5, False), (18.5, True), (64.5, True), (65.5, False)])
def test_only_adults_of_18_to_64_start_work(years, works):
    assert (live_adult(adult(years), start=0.0).work != NO_WORK) == works


def test_a_lost_job_pays_no_wage():
    a = adult(work=REGULAR, work_since=10, wage_cents=166_000)
    live_adult(a, loss=0.0)
    assert (a.work, a.wage_cents, a.work_since) == (NO_WORK, 0, 12)


def test_an_apprenticeship_ends_in_a_regular_job():
    a = adult(work=TRAINEE, work_since=100 - int(P.trainee_months), wage_cents=75_000)
    live_adult(a, month=100)
    assert a.work == REGULAR
    assert a.wage_cents == rules.wage_cents(REGULAR, 100, P)


def test_lessons_of_a_month_are_fewer_far_away_without_help_and_beside_work():
    def lessons(where=None, served=(), **values):
        h = household(status=RECOGNISED, vulnerable=1)
        for task in served:
            h.served_at[task] = 12
        return live_adult(adult(course=IN_COURSE, course_since=11, **values), h, where=where).lessons

    everything = (codes.MOBILITY, codes.INTERPRETING, codes.TRAUMA_CARE)
    full = lessons(served=everything)
    assert full == P.lessons_per_month
    assert lessons(place(remote=1.0), everything[1:]) / full == pytest.approx(P.attendance_remote)
    assert lessons(place(remote=1.0), everything) == full
    assert lessons(served=(codes.TRAUMA_CARE,)) / full == pytest.approx(P.attendance_no_help)
    assert lessons(served=(codes.INTERPRETING,)) / full == pytest.approx(P.attendance_vulnerable)
    assert lessons(served=everything, work=REGULAR) / full == pytest.approx(P.attendance_work)


def test_a_course_lifts_german_by_a_step_per_stated_lessons_and_slower_for_literacy():
    gain = rules.language_gain(True, 90.0, 0, 1.0, False, 0.0, 1.0, P)
    slow = rules.language_gain(True, 90.0, 1, 1.0, False, 0.0, 1.0, P)
    assert gain == pytest.approx(90.0 / P.lessons_per_step)
    assert slow / gain == pytest.approx(P.lessons_per_step / P.lessons_per_step_literacy)
    assert rules.language_gain(True, 90.0, 0, 1.3, False, 0.0, 1.0, P) == pytest.approx(1.3 * gain)


def test_without_use_german_is_learned_a_little_and_fades_above_that():
    assert rules.language_gain(False, 0.0, 0, 1.0, False, 0.0, 0.0, P) > 0
    assert rules.language_gain(False, 0.0, 0, 1.0, False, 0.0, 3.0, P) == pytest.approx(-3.0 * P.fading)
    assert rules.language_gain(False, 0.0, 0, 1.0, True, 0.0, 3.0, P) == pytest.approx(P.gain_work)
    assert rules.language_gain(False, 0.0, 0, 1.0, True, 1.0, 3.0, P) == pytest.approx(P.gain_work + P.gain_contacts)
    assert rules.language_gain(False, 0.0, 0, 1.0, True, 1.0, P.level_informal, P) == 0.0


@given(st.floats(0.0, 5.0), st.sampled_from([NO_COURSE, WAITING, IN_COURSE, COMPLETED]), st.floats(0.5, 1.5), CHANCE)
def test_the_german_level_stays_between_none_and_c1(level, course, talent, end):
    a = live_adult(adult(level=level, course=course, talent=talent, course_since=5), end=end)
    assert 0.0 <= a.level <= 5.0


def test_a_completed_course_works_after_its_delay_and_only_when_it_was_long_enough():
    def starts(since, lessons):
        chance = job(age_years=40.0, course_boost=True)
        a = adult(40, course=COMPLETED, course_since=12 - since, lessons=lessons, level=2.5)
        return live_adult(a, start=chance * 0.999).work != NO_WORK

    assert starts(6, 700)
    assert not starts(5, 700)
    assert not starts(6, 320), "X02: courses of up to 320 hours have no effect on work"
