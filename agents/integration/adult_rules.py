"""What a month does to an adult: the integration course, German, the start and loss of a job.

Every rule is a scalar function of table rows (household `h`, adult `a`), of the conditions of the month and of uniform
random numbers. All arithmetic is +, -, * and / on float64, so that compiled and plain Python give the same bits; fields
are read with float() and int() because NumPy's small types must not leak into it.

Sources of the effects: evidence rows X01-X17 and D03 (parameters.csv, group `household`).
"""

from __future__ import annotations

from typing import Any

from ..jit import rule
from .codes import (
    APPRENTICESHIP,
    COMPLETED,
    GOOD_PROSPECT,
    IN_COURSE,
    INTERPRETING,
    JOB_PLACEMENT,
    LANGUAGE_COURSE,
    MAX_ADULTS,
    MINOR,
    MOBILITY,
    NATURALISED,
    NO_COURSE,
    NO_WORK,
    PROCEDURE,
    RECOGNISED,
    REGULAR,
    SUBSIDIARY,
    TEMPORARY,
    TOLERATED,
    TRAINEE,
    TRAUMA_CARE,
    WAITING,
)


@rule
def is_protected(status: int) -> bool:
    """Return whether the status gives protection (and with it job centre benefits)."""
    return status in (RECOGNISED, SUBSIDIARY, TEMPORARY, NATURALISED)


@rule
def has_access_to_course(status: int, origin: int, month: int, p: Any) -> bool:
    """Return whether the federal integration course is open (protected always; good prospects in procedure since
    11/2015).
    """
    if is_protected(status):
        return True
    return status == PROCEDURE and origin == GOOD_PROSPECT and month >= p.course_open_since


@rule
def may_work(status: int, here: int, age_years: float, p: Any) -> bool:
    """Return whether an adult may take a job after `here` months: from 18 to 64 years; in the procedure and tolerated
    only after the ban (§ 61 AsylG), which those with a residence permit, Ukrainians among them, do not have.
    """
    if age_years < 18.0 or age_years >= 65.0:
        return False
    return here >= p.work_ban_months or status not in (PROCEDURE, TOLERATED)


@rule
def course_total(literacy: int, repeats: int, federal: bool, p: Any) -> float:
    """Return the lessons of a course: a federal one has more for literacy and once more for those who repeat (IntV)."""
    if not federal:
        return p.course_lessons_outside
    total = p.course_lessons_literacy if literacy == 1 else p.course_lessons
    return total + p.repeat_lessons if repeats == 1 else total


@rule
def course_ends(a: Any, federal: bool, total: float, level: float, u: float, p: Any) -> None:
    """End a course that is broken off, whose German is reached or whose lessons were held, or let its adult repeat.

    Whether somebody below B1 repeats a federal course is drawn once, in the month in which its own lessons end (L17).
    """
    if u < p.course_dropout or level >= p.course_done_level:
        a.course = COMPLETED
    elif float(a.lessons) >= total:
        luck = (u - p.course_dropout) / (1.0 - p.course_dropout)
        if federal and int(a.repeats) == 0 and level < 3.0 and luck < p.course_repeat:
            a.repeats = 1
        else:
            a.course = COMPLETED


@rule
def job_hazard(
    female: int, age_years: float, education: int, level: float, status: int, origin: int, small_child: bool,
    in_course_lockin: bool, course_boost: bool, placed: bool, qualified_help: bool, mobility_help: bool,
    remote: bool, bound: bool, delay_scar: float, labour: float, p: Any,
) -> float:  # fmt: skip
    """Return the monthly probability that an adult out of work starts a job.

    A product of a base rate and hazard ratios: sex, age, education, German level, status (permit), procedure scar (X04,
    X05), lock-in and boost of the course (X01), placement (X09), mobility, residence rule (X15), labour market (X14).
    Coordination and mentoring do not appear: the evidence finds no direct effect of them on employment (X12).
    """
    hazard = p.job_base
    if female == 1:
        hazard = hazard * p.job_women
        if small_child:
            hazard = hazard * p.job_mother
    if age_years >= 50.0:
        hazard = hazard * p.job_older
    elif age_years < 30.0:
        hazard = hazard * p.job_young
    if education == 0:
        hazard = hazard * p.job_low_education
    if level < 1.0:
        hazard = hazard * p.job_no_german
    elif level < 2.0:
        hazard = hazard * p.job_a1
    elif level >= 3.0:
        hazard = hazard * p.job_b1
    if status == PROCEDURE:
        hazard = hazard * (p.job_procedure_good if origin == GOOD_PROSPECT else p.job_procedure_uncertain)
    elif status == TOLERATED:
        hazard = hazard * p.job_tolerated
    if in_course_lockin:
        hazard = hazard * p.job_lockin
    if course_boost:
        hazard = hazard * p.job_course
    if placed:
        hazard = hazard * p.job_placement
    if qualified_help:
        hazard = hazard * p.job_apprenticeship
    if remote and not mobility_help:
        hazard = hazard * p.job_remote
    if bound:
        hazard = hazard * p.job_bound
    hazard = hazard * delay_scar * labour
    return hazard if hazard < 1.0 else 1.0


def most_job_hazard(p: Any) -> float:
    """Return the highest `job_hazard` that anybody can have where scar and labour market are 1.

    The same product with the highest ratio of each kind, so that nobody with a number above it need be looked at.
    """
    return (
        p.job_base
        * max(1.0, p.job_women)
        * max(1.0, p.job_mother)
        * max(1.0, p.job_older, p.job_young)
        * max(1.0, p.job_low_education)
        * max(1.0, p.job_no_german, p.job_a1, p.job_b1)
        * max(1.0, p.job_procedure_good, p.job_procedure_uncertain, p.job_tolerated)
        * max(1.0, p.job_lockin)
        * max(1.0, p.job_course)
        * max(1.0, p.job_placement)
        * max(1.0, p.job_apprenticeship)
        * max(1.0, p.job_remote)
        * max(1.0, p.job_bound)
    )


@rule
def job_kind(age_years: float, level: float, u: float, p: Any) -> int:
    """Return the kind of a new job: minor, apprenticeship (young with A2 and more) or regular (2018: 17 %
    apprentices).
    """
    if u < p.share_minor:
        return MINOR
    if age_years < 30.0 and level >= 2.0 and u < p.share_minor + p.share_trainee:
        return TRAINEE
    return REGULAR


@rule
def wage_cents(kind: int, months_here: int, p: Any) -> int:
    """Return the gross monthly wage in cents: full-time 1,660 EUR in the first two years, 2,037 EUR in the sixth
    (W01, W02).
    """
    if kind == MINOR:
        return int(p.wage_minor * 100.0)
    if kind == TRAINEE:
        return int(p.wage_trainee * 100.0)
    years = months_here / 12.0
    if years > 6.0:
        years = 6.0
    growth = (years - 2.0) / 4.0 if years > 2.0 else 0.0
    return int((p.wage_start + (p.wage_sixth_year - p.wage_start) * growth) * 100.0)


@rule
def job_loss_hazard(kind: int, months_in_job: int, p: Any) -> float:
    """Return the monthly probability that a job ends; it halves after the first year."""
    if kind == MINOR:
        hazard = p.loss_minor
    elif kind == TRAINEE:
        hazard = p.loss_trainee
    else:
        hazard = p.loss_regular
    return hazard if months_in_job < 12 else 0.5 * hazard


@rule
def language_gain(
    in_course: bool, lessons: float, literacy: int, talent: float, works: bool, contacts: float, level: float, p: Any
) -> float:
    """Return the change of the German level in one month, in CEFR steps.

    In a course: lessons of the month over the lessons a step takes; outside: a little by work and contacts, fading
    without any use (D03, assumption).
    """
    if in_course:
        step = p.lessons_per_step_literacy if literacy == 1 else p.lessons_per_step
        return lessons / step * talent
    if works or contacts >= 1.0:
        gain = (p.gain_work if works else 0.0) + (p.gain_contacts if contacts >= 1.0 else 0.0)
        return gain * talent if level < p.level_informal else 0.0
    if level < p.level_unaided:
        return p.gain_unaided * talent
    return -p.fading * level


@rule
def adult_month(a: Any, h: Any, month: int, small_child: bool, country: Any, place: Any, p: Any,
                u_start: float, u_kind: float, u_end: float, u_loss: float) -> None:  # fmt: skip
    """Let one adult live a month: course, German, job start or loss."""
    status = int(h.status)
    here = month - int(h.arrived)
    age = (month - int(a.born)) / 12.0
    work = int(a.work)
    course = int(a.course)
    level = float(a.level)
    remote = float(place.remote) > 0.5
    mobile = month - int(h.served_at[MOBILITY]) <= p.mobility_months
    lessons, total = 0.0, 0.0
    federal = course != COMPLETED and has_access_to_course(status, int(h.origin), month, p)
    if course == IN_COURSE:
        total = course_total(int(a.literacy), int(a.repeats), federal, p)
        full = p.lessons_per_month
        if remote and not mobile:
            full = full * p.attendance_remote
        if month - int(h.served_at[INTERPRETING]) > p.interpreting_months:
            full = full * p.attendance_no_help
        if month - int(h.served_at[TRAUMA_CARE]) > p.trauma_months and int(h.vulnerable) == 1:
            full = full * p.attendance_vulnerable
        if work == REGULAR:
            full = full * p.attendance_work
        before = float(a.lessons)
        left = total - before
        lessons = full if full < left else (left if left > 0.0 else 0.0)
        a.lessons = before + lessons
        if federal:
            place.lessons = float(place.lessons) + (int(float(a.lessons)) - int(before))  # whole lessons are paid
    elif course in (NO_COURSE, WAITING):
        wants = level < 3.0 and age < 60.0 and work != REGULAR
        a.course = WAITING if wants and here >= (1 if federal else 3) else NO_COURSE
    level = level + language_gain(
        course == IN_COURSE, lessons, int(a.literacy), float(a.talent), work != NO_WORK, float(h.contacts), level, p
    )
    a.level = 0.0 if level < 0.0 else (5.0 if level > 5.0 else level)
    if course == IN_COURSE:
        course_ends(a, federal, total, level, u_end, p)
    if work == NO_WORK:
        if not may_work(status, here, age, p):
            return
        if u_start >= country.most_job_hazard * float(h.delay_scar) * (country.labour * place.jobs):
            return  # nobody's hazard is so high
        in_course = course == IN_COURSE
        since_course = month - int(a.course_since)
        hazard = job_hazard(
            int(a.female), age, int(a.education), level, status, int(h.origin), small_child,
            in_course and since_course < 6,
            course == COMPLETED and since_course >= p.course_delay_months and float(a.lessons) >= p.course_counts_from,
            int(a.placed_from) < month <= int(a.placed_until),
            month - int(h.served_at[APPRENTICESHIP]) <= p.apprenticeship_months,
            mobile, remote, month < int(h.bound_until), float(h.delay_scar), country.labour * place.jobs, p,
        )  # fmt: skip
        if u_start < hazard:
            kind = job_kind(age, level, u_kind, p)
            a.work = kind
            a.work_since = month
            a.wage_cents = wage_cents(kind, here, p)
            if int(a.first_work) < -500:
                a.first_work = month
            if in_course and kind == REGULAR:
                a.course = COMPLETED
        return
    in_job = month - int(a.work_since)
    if u_loss < job_loss_hazard(work, in_job, p):
        a.work = NO_WORK
        a.wage_cents = 0
        a.work_since = month
    elif (work == TRAINEE and in_job >= p.trainee_months) or (work == MINOR and u_kind < p.minor_to_regular):
        a.work = REGULAR
        a.work_since = month
        a.wage_cents = wage_cents(REGULAR, here, p)
    elif work == REGULAR and in_job % 12 == 0:
        a.wage_cents = wage_cents(REGULAR, here, p)


@rule
def place_in_work(a: Any, month: int, p: Any) -> None:
    """Let a served job placement act: after its delay, for its time.

    Who is served again while an earlier placement acts, or is still to act, keeps it, and it lasts until the new one's
    end.
    """
    begin = month + int(p.placement_delay_months)
    if month > int(a.placed_until):
        a.placed_from = begin
    a.placed_until = begin + int(p.placement_months)


@rule
def adults_concerned(task: int, a0: Any, a1: Any) -> int:
    """Return how many adults a case is for: those waiting for a course, those out of work; at least one."""
    n = 0
    for j in range(MAX_ADULTS):
        a = a0 if j == 0 else a1
        if int(a.present) == 1 and (
            (task == LANGUAGE_COURSE and int(a.course) == WAITING) or (task == JOB_PLACEMENT and int(a.work) == NO_WORK)
        ):
            n += 1
    return n if n > 0 else 1
