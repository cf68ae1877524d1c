"""The life course, rule by rule, on hand-made rows: directions, published relations, and what a month may change."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.agents.codes import HERE, LEFT, NEVER
from kreislauf.agents.integration import adult_rules, codes, household_rules
from kreislauf.agents.integration.codes import (
    COLLECTIVE,
    COMPLETED,
    DECENTRAL,
    EMERGENCY,
    ENCOUNTER,
    FEATURES,
    GOOD_PROSPECT,
    IN_COURSE,
    KITA,
    KITA_SCHOOL,
    LANGUAGE_COURSE,
    MINOR,
    NATURALISED,
    NO_COURSE,
    NO_PLACE,
    NO_WORK,
    PRIVATE,
    PROCEDURE,
    RECOGNISED,
    REGULAR,
    SCHOOL,
    SUBSIDIARY,
    TEMPORARY,
    TOLERATED,
    TRAINEE,
    UNCERTAIN,
    WAITING,
)
from kreislauf.agents.integration.household import ADULT, HOUSEHOLD
from kreislauf.model.fields.integration.conditions import COUNTRY, PLACE
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.parameters import Parameters
from scipy import stats

rules = SimpleNamespace(**{**vars(adult_rules), **vars(household_rules)})
P = Parameters.default().record("household")
PROTECTED = (RECOGNISED, SUBSIDIARY, TEMPORARY, NATURALISED)
CHANCE = st.floats(0.0, 1.0, exclude_max=True)


def with_values(**values: float):
    return Parameters(values).record("household")


def place(**values: float):
    row = np.ones(1, PLACE).view(np.recarray)[0]
    row.remote = 0.0
    for name, value in values.items():
        row[name] = value
    return row


def country(**values: float):
    row = np.zeros(1, COUNTRY).view(np.recarray)[0]
    for name, value in (
        {"mean_wait": 10.0, "labour": 1.0, "most_job_hazard": rules.most_job_hazard(P)} | values
    ).items():
        row[name] = value
    return row


def household(**values):
    """Return a household that arrived a year ago (month 12 is now), with one adult and no children."""
    row = np.zeros(1, HOUSEHOLD).view(np.recarray)[0]
    defaults = {"identity": 1, "arrived": 0, "stay": HERE, "n_adults": 1, "accommodation": DECENTRAL, "trust": 0.5}
    defaults |= {"bound_until": NEVER, "guide": -1, "delay_scar": 1.0, "served_at": NEVER}
    for name, value in (defaults | values).items():
        row[name] = value
    return row


def adult(years: float = 30.0, *, now: int = 12, **values):
    row = np.zeros(1, ADULT).view(np.recarray)[0]
    defaults = {"present": 1, "education": 1, "talent": 1.0, "born": now - int(years * 12), "first_work": NEVER}
    for name, value in (defaults | {"course_since": NEVER} | values).items():
        row[name] = value
    return row


def nobody():
    return adult(present=0)


# ---- status and access --------------------------------------------------------------------------------------------


def test_protection_is_what_gives_job_centre_benefits():
    assert [status for status in range(6) if rules.is_protected(status)] == sorted(PROTECTED)


def test_groups_are_asylum_protected_tolerated():
    assert [rules.group_of(s) for s in (PROCEDURE, *PROTECTED, TOLERATED)] == [0, 1, 1, 1, 1, 2]


def test_the_course_opens_to_good_prospects_in_procedure_on_24_october_2015():
    """AsylVfBeschlG: October 2015 is month 9, so November (10) is the first whole month."""
    for origin, month, expected in ((GOOD_PROSPECT, 9, False), (GOOD_PROSPECT, 10, True), (UNCERTAIN, 60, False)):
        assert rules.has_access_to_course(PROCEDURE, origin, month, P) is expected
    assert all(rules.has_access_to_course(status, UNCERTAIN, -5, P) for status in PROTECTED)
    assert not rules.has_access_to_course(TOLERATED, GOOD_PROSPECT, 60, P)


def test_asylum_seekers_without_access_are_served_like_tolerated_persons_in_courses_only():
    people = IntegrationModel("coburg", months=1).people[0]
    outside, inside = (rules.standing_of(PROCEDURE, origin, 60, P) for origin in (UNCERTAIN, GOOD_PROSPECT))
    assert people.group_of[LANGUAGE_COURSE, [outside, inside]].tolist() == [2, 0]
    assert people.group_of[codes.ADVICE, [outside, inside]].tolist() == [0, 0]
    others = [rules.standing_of(status, UNCERTAIN, 60, P) for status in (*PROTECTED, TOLERATED)]
    assert (people.group_of[:, others] == [1, 1, 1, 1, 2]).all()


def test_the_mean_wait_for_a_decision_is_the_years_mean():
    """Waiting at least `minimum` months and then leaving with the hazard takes `mean` months on average."""
    mean, minimum = 12.0, 5.0
    survival, total = 1.0, 0.0
    for waiting in range(2000):
        hazard = rules.decision_hazard(waiting, mean, minimum)
        total += survival * hazard * waiting
        survival *= 1.0 - hazard
    # The month of the decision counts from 0, so the mean is one step below.
    assert total == pytest.approx(mean - 1.0, abs=1e-6)
    assert rules.decision_hazard(4, mean, minimum) == 0.0
    assert rules.decision_hazard(5, 5.5, minimum) == 1.0


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


# ---- flats and moves ----------------------------------------------------------------------------------------------


def test_flats_are_found_easily_or_with_difficulty_and_help_is_a_hazard_ratio():
    args = {"n_persons": 2, "months_served": 999, "has_work": False, "place": place(), "p": P}
    easy = rules.flat_hazard(1, *args.values())
    hard = rules.flat_hazard(0, *args.values())
    assert (easy, hard) == (P.flat_easy, P.flat_hard)
    helped = rules.flat_hazard(0, 2, 3, False, place(), P)
    assert helped / hard == pytest.approx(P.flat_help)
    assert rules.flat_hazard(0, 2, int(P.flat_help_months) + 1, False, place(), P) == hard
    assert rules.flat_hazard(0, 5, 999, False, place(), P) / hard == pytest.approx(P.flat_large_family)
    assert rules.flat_hazard(0, 2, 999, True, place(), P) / hard == pytest.approx(P.flat_work)
    assert rules.flat_hazard(0, 2, 999, False, place(flats=0.5), P) == pytest.approx(hard / 2)


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


# ---- work ---------------------------------------------------------------------------------------------------------

JOB = {
    "female": 0, "age_years": 40.0, "education": 1, "level": 2.0, "status": RECOGNISED, "origin": GOOD_PROSPECT,
    "small_child": False, "in_course_lockin": False, "course_boost": False, "placed": False, "qualified_help": False,
    "mobility_help": False, "remote": False, "delay_scar": 1.0, "labour": 1.0,
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


BOOLS = ("small_child", "in_course_lockin", "course_boost", "placed", "qualified_help", "mobility_help", "remote")
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


# ---- a month of an adult -------------------------------------------------------------------------------------------


def live_adult(a, h=None, *, month=12, where=None, start=0.99, kind=0.99, end=0.99, loss=0.99):
    h = household(status=RECOGNISED) if h is None else h
    rules.adult_month(a, h, month, False, country(), where or place(), P, start, kind, end, loss)
    return a


def test_nobody_starts_work_within_the_ban_whatever_the_luck():
    for months in range(int(P.work_ban_months)):
        h = household(status=RECOGNISED, arrived=12 - months)
        assert live_adult(adult(), h, start=0.0).work == NO_WORK
    assert (
        live_adult(adult(), household(status=RECOGNISED, arrived=12 - int(P.work_ban_months)), start=0.0).work
        == REGULAR
    )


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


# ---- children, ties, and the household's month --------------------------------------------------------------------


@pytest.mark.parametrize(("age", "name"), [(40, "kita_3plus"), (20, "kita_under3")])
@pytest.mark.parametrize("helped", [False, True])
def test_a_child_finds_day_care_with_the_stated_monthly_chance(age, name, helped):
    grid = (np.arange(20_000) + 0.5) / 20_000
    for children in (1, 2, 4):
        found = np.zeros(children)
        for u in grid[::10]:
            h = household(n_children=children, child_born=100 - age)
            rules.children_month(h, 100, helped, place(), P, float(u))
            found += h.child_place[:children] == KITA
        expected = getattr(P, name) * (P.kita_help if helped else 1.0)
        np.testing.assert_allclose(found / 2000, expected, atol=0.002)


def test_children_go_to_school_from_six_and_none_under_one_goes_to_day_care():
    for age, expected in ((5, NO_PLACE), (72, SCHOOL), (215, SCHOOL), (216, NO_PLACE)):
        h = household(n_children=1, child_born=100 - age)
        rules.children_month(h, 100, False, place(), P, 0.0)
        assert h.child_place[0] == expected


def test_a_child_under_three_without_a_place_is_at_home():
    def at_home(age, state=NO_PLACE):
        return rules.children_month(
            household(n_children=1, child_born=100 - age, child_place=state), 100, False, place(), P, 0.999
        )

    assert at_home(10)
    assert at_home(35)
    assert not at_home(36)
    assert not at_home(20, KITA)


def test_families_look_for_day_care_by_their_rank_and_those_who_look_early_look_later_too():
    ranks = range(256)
    early, late = ({r for r in ranks if rules.looks_for_day_care(r, age, P)} for age in (35, 36))
    assert len(early) / 256 == pytest.approx(P.kita_wanted_under3, abs=1 / 256)
    assert len(late) / 256 == pytest.approx(P.kita_wanted_3plus, abs=1 / 256)
    assert early < late
    everybody, nobody_looks = (with_values(kita_wanted_3plus=share) for share in (1.0, 0.75))
    assert all(rules.looks_for_day_care(r, 40, everybody) for r in ranks)
    assert sum(rules.looks_for_day_care(r, 40, nobody_looks) for r in ranks) == 192


def test_a_child_whose_family_does_not_look_for_a_place_gets_none_and_stays_at_home():
    last = {"kita_rank": 255, "n_children": 1, "status": RECOGNISED}
    small = household(child_born=12 - 20, **last)
    assert rules.children_month(small, 12, True, place(), P, 0.0), "at home, whatever the luck and the help"
    assert "kita_wanted" not in features(small, adult())
    assert "kita_wanted" in features(household(child_born=12 - 20, **(last | {"kita_rank": 0})), adult())
    assert "mother_blocked" in features(small, adult(female=1, course=WAITING))
    assert serve(KITA_SCHOOL, small).h.child_place[0] == NO_PLACE
    assert not rules.children_month(household(child_born=12 - 40, **last), 12, True, place(), P, 0.0)
    pupil = household(child_born=12 - 80, **last)
    assert "school_wanted" in features(pupil, adult()), "school is not a matter of wishes"
    assert serve(KITA_SCHOOL, pupil).h.child_place[0] == SCHOOL


def test_a_served_place_case_goes_to_the_child_the_family_looks_for_and_a_grown_up_child_needs_no_place():
    only_from_three = {"kita_rank": int(256 * P.kita_wanted_under3) + 1}
    h = household(n_children=3, child_born=np.array([12 - 220, 12 - 20, 12 - 40, 0], np.int16), **only_from_three)
    assert serve(KITA_SCHOOL, h).h.child_place.tolist() == [NO_PLACE, NO_PLACE, KITA, NO_PLACE]


def test_who_looks_for_day_care_is_spread_evenly_over_families_and_changes_no_other_trait():
    ranks, traits = [], []
    for share in (0.1, 0.5):
        table = IntegrationModel("coburg", months=1, parameters={"kita_wanted_under3": share}, rng=3).people[0].table
        ranks.append(table.kita_rank.copy())
        traits.append([table[name].copy() for name in ("identity", "arrived", "n_children", "origin", "vulnerable")])
    assert (ranks[0] == ranks[1]).all()
    assert all((one == other).all() for one, other in zip(*traits, strict=True))
    counts = np.histogram(ranks[0], bins=8, range=(0, 256))[0]
    assert stats.chisquare(counts).pvalue > 0.001
    families = table.n_children > 0
    assert abs(np.corrcoef(ranks[0][families], table.n_children[families])[0, 1]) < 0.15


@given(st.floats(0, 10), st.floats(0, 1), st.floats(0, 1), st.integers(0, 9), CHANCE, CHANCE, st.booleans())
def test_ties_trust_and_confusion_stay_in_their_ranges(contacts, trust, confusion, points, won, lost, works):
    h = household(contacts=contacts, trust=trust, confusion=confusion, contact_points=points)
    rules.social_month(h, works, P, won, lost)
    assert h.contacts >= 0.0
    assert 0.0 <= h.trust <= 1.0
    assert 0.0 <= h.confusion <= 1.0


def test_confusion_grows_with_every_further_body_and_fades_with_one():
    def confusion(points, before=0.2):
        h = household(confusion=before, contact_points=points)
        rules.social_month(h, False, P, 0.99, 0.99)
        return float(h.confusion)

    assert confusion(0) == confusion(1) == pytest.approx(0.2 * P.confusion_memory)
    assert confusion(4) - confusion(3) == pytest.approx(P.confusion_per_body)


@pytest.mark.parametrize(
    ("help_", "name"), [({"accommodation": PRIVATE}, "contact_private"), ({"works": True}, "contact_work")]
)
def test_work_and_a_private_flat_add_their_chance_of_a_tie(help_, name):
    values = dict(help_)
    works = values.pop("works", False)
    for offset, gained in ((-1e-9, 1.0), (1e-9, 0.0)):
        h = household(**values)
        rules.social_month(h, works, P, P.contact_base + getattr(P, name) + offset, 0.99)
        assert h.contacts == gained


def live_household(h, a0, a1=None, *, month=12, **luck):
    draws = dict.fromkeys(
        ["decision", "outcome", "exit", "flat", "won", "lost", "child", "citizen", "s0", "k0", "e0", "l0", "s1", "k1",
         "e1", "l1"], 0.9999
    ) | luck  # fmt: skip
    rules.household_month(h, a0, nobody() if a1 is None else a1, month, country(), place(), P, *draws.values())
    return h


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


# ---- needs and services -------------------------------------------------------------------------------------------


def names_of(bits: int) -> set[str]:
    return {name for name, bit in codes.FEATURE_BIT.items() if bits & bit}


def features(h, a0=None, a1=None, *, month=12, where=None):
    return names_of(rules.features(h, a0 or adult(now=month), a1 or nobody(), month, where or place(), P))


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


def serve(task, h, a0=None, a1=None, u=0.0):
    a0, a1 = a0 or adult(), a1 or nobody()
    rules.receive_service(h, a0, a1, task, 12, P, u)
    return SimpleNamespace(h=h, a0=a0, a1=a1)


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
