"""The life course of a household: pure rules for one row and one month.

Every rule is a scalar function of table rows (household `h`, adult `a`), of the conditions of the month and of uniform
random numbers. The compiled loop over all rows and `MigrantHousehold.step` call the same functions. All arithmetic is
+,
-, * and / on float64, so that compiled and plain Python give the same bits; fields are read with float() and int()
because NumPy's small types must not leak into it.

Sources of the effects: evidence rows X01-X17 and D03 (parameters.csv, group `household`).
"""

from __future__ import annotations

from typing import Any

from .codes import (
    ACCOMMODATION,
    APPRENTICESHIP,
    CHILDCARE_COURSES,
    COMPLETED,
    DECENTRAL,
    EMERGENCY,
    ENCOUNTER,
    F_COURSE_PLACE_WANTED,
    F_EMERGENCY,
    F_FEW_CONTACTS,
    F_FIRST_YEAR,
    F_IN_COURSE,
    F_JOBLESS,
    F_KITA_WANTED,
    F_LOW_GERMAN,
    F_MISPLACED,
    F_MOTHER_BLOCKED,
    F_NEWLY_PROTECTED,
    F_PROCEDURE,
    F_PROTECTED,
    F_QUALIFIABLE,
    F_REMOTE,
    F_SCHOOL_WANTED,
    F_STATE_HOUSING,
    F_TOLERATED,
    F_VULNERABLE,
    GOOD_PROSPECT,
    IN_COURSE,
    INTERPRETING,
    JOB_PLACEMENT,
    KITA,
    KITA_SCHOOL,
    LANGUAGE_COURSE,
    LEFT,
    MAX_ADULTS,
    MAX_CHILDREN,
    MINOR,
    MOBILITY,
    NATURALISED,
    NO_COURSE,
    NO_PLACE,
    NO_WORK,
    PRIVATE,
    PRIVATE_HOUSING,
    PROCEDURE,
    RECOGNISED,
    REGULAR,
    SCHOOL,
    SUBSIDIARY,
    TEMPORARY,
    TOLERATED,
    TRAINEE,
    TRAUMA_CARE,
    WAITING,
)
from .jit import rule

# Random numbers: one block of four per household or adult, month and purpose.
DRAW_STATUS = 1  # decision, outcome, exit, flat
DRAW_FAMILY = 2  # contact won, contact lost, child's place, naturalisation
DRAW_ADULT = 4  # + number of the adult: job start, kind of job, course end, job loss
DRAW_NEEDS = 8  # + task // 4: one draw per task


@rule
def is_protected(status: int) -> bool:
    """Return whether the status gives protection (and with it job centre benefits)."""
    return status in (RECOGNISED, SUBSIDIARY, TEMPORARY, NATURALISED)


@rule
def group_of(status: int) -> int:
    """Return the group (0 asylum, 1 protected, 2 tolerated) by which structures select whom they serve."""
    if is_protected(status):
        return 1
    if status == TOLERATED:
        return 2
    return 0


@rule
def has_access_to_course(status: int, origin: int, month: int, p: Any) -> bool:
    """Return whether the federal integration course is open (protected always; good prospects in procedure since
    11/2015).
    """
    if is_protected(status):
        return True
    return status == PROCEDURE and origin == GOOD_PROSPECT and month >= p.course_open_since


@rule
def group_for(task: int, status: int, origin: int, month: int, p: Any) -> int:
    """Return the group a household counts to for a task.

    For language courses, asylum seekers whom the federal course does not admit are served like tolerated persons (T15).
    """
    group = group_of(status)
    if task == LANGUAGE_COURSE and group == 0 and not has_access_to_course(status, origin, month, p):
        return 2
    return group


@rule
def decision_hazard(months_waiting: int, mean_months: float, minimum: float) -> float:
    """Return the monthly probability of an asylum decision, given the mean wait of the year in months (A01-A05)."""
    if months_waiting < minimum:
        return 0.0
    wait = mean_months - minimum
    return 1.0 if wait < 1.0 else 1.0 / wait


@rule
def flat_hazard(easily: int, n_persons: int, months_served: int, has_work: bool, place: Any, p: Any) -> float:
    """Return the monthly probability that a protected household moves into a private flat (bimodal, evidence H03)."""
    hazard = p.flat_easy if easily == 1 else p.flat_hard
    if n_persons >= 5:
        hazard = hazard * p.flat_large_family
    if has_work:
        hazard = hazard * p.flat_work
    if months_served <= p.flat_help_months:
        hazard = hazard * p.flat_help
    return hazard * place.flats


@rule
def move_away_hazard(status: int, bound: bool, has_work: bool, private: bool, has_children: bool, p: Any) -> float:
    """Return the monthly probability that the household leaves the district (M01, M02, X15)."""
    if status == PROCEDURE:
        return p.leave_procedure
    if status == TOLERATED:
        return p.leave_work * p.leave_tolerated if has_work else p.leave_tolerated
    hazard = p.leave_temporary if status == TEMPORARY else p.leave_protected
    if bound:
        hazard = hazard * p.leave_bound
    if has_work:
        hazard = hazard * p.leave_work
    if private:
        hazard = hazard * p.leave_private
    if has_children:
        hazard = hazard * p.leave_children
    return hazard


@rule
def job_hazard(
    female: int, age_years: float, education: int, level: float, status: int, origin: int, small_child: bool,
    in_course_lockin: bool, course_boost: bool, placed: bool, qualified_help: bool, mobility_help: bool,
    remote: bool, delay_scar: float, labour: float, p: Any,
) -> float:  # fmt: skip
    """Return the monthly probability that an adult out of work starts a job.

    A product of a base rate and hazard ratios: sex, age, education, German level, status (permit), procedure scar (X04,
    X05), lock-in and boost of the course (X01), placement (X09), mobility, labour market (X14). Coordination and
    mentoring do not appear: the evidence finds no direct effect of them on employment (X12).
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
    hazard = hazard * delay_scar * labour
    return hazard if hazard < 1.0 else 1.0


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
def status_month(h: Any, month: int, has_work: bool, country: Any, p: Any, u_decision: float, u_outcome: float) -> None:
    """Let the asylum procedure go on for a month: decision, protection or rejection, and with it the residence rule."""
    waiting = month - int(h.status_since)
    if u_decision >= decision_hazard(waiting, country.mean_wait, p.minimum_wait):
        h.delay_scar = float(h.delay_scar) * p.scar_procedure
        if float(h.delay_scar) < p.scar_floor:
            h.delay_scar = p.scar_floor
        return
    chance = country.protected_good if int(h.origin) == GOOD_PROSPECT else country.protected_uncertain
    h.status_since = month
    if u_outcome < chance:
        h.status = RECOGNISED if u_outcome < chance * country.refugee_part else SUBSIDIARY
        if month >= p.residence_rule_since:
            h.bound_until = month + int(p.residence_rule_months)
        return
    closed = chance + (1.0 - chance) * country.closed_part
    if u_outcome < closed and not has_work:
        h.stay = LEFT
    else:
        h.status = TOLERATED


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
    lessons = 0.0
    if course == IN_COURSE:
        full = p.lessons_per_month
        if remote and not mobile:
            full = full * p.attendance_remote
        if month - int(h.served_at[INTERPRETING]) > p.interpreting_months:
            full = full * p.attendance_no_help
        if month - int(h.served_at[TRAUMA_CARE]) > p.trauma_months and int(h.vulnerable) == 1:
            full = full * p.attendance_vulnerable
        if work == REGULAR:
            full = full * p.attendance_work
        lessons = full
        a.lessons = float(a.lessons) + lessons
    elif course in (NO_COURSE, WAITING):
        wants = level < 3.0 and age < 60.0 and work != REGULAR
        open_to = has_access_to_course(status, int(h.origin), month, p)
        a.course = WAITING if wants and here >= (1 if open_to else 3) else NO_COURSE
    level = level + language_gain(
        course == IN_COURSE, lessons, int(a.literacy), float(a.talent), work != NO_WORK, float(h.contacts), level, p
    )
    a.level = 0.0 if level < 0.0 else (5.0 if level > 5.0 else level)
    if course == IN_COURSE:
        total = p.course_lessons_literacy if int(a.literacy) == 1 else p.course_lessons
        if not has_access_to_course(status, int(h.origin), month, p):
            total = p.course_lessons_outside
        dropped = u_end < p.course_dropout
        if float(a.lessons) >= total or dropped or level >= p.course_done_level:
            if (
                not dropped
                and level < 3.0
                and u_end < p.course_dropout + p.course_repeat
                and float(a.lessons) < total + p.repeat_lessons
            ):
                a.course = IN_COURSE  # repeats up to 300 lessons
            else:
                a.course = COMPLETED
    if work == NO_WORK:
        if here < p.work_ban_months or age < 18.0 or age >= 65.0:
            return
        in_course = course == IN_COURSE
        since_course = month - int(a.course_since)
        hazard = job_hazard(
            int(a.female), age, int(a.education), level, status, int(h.origin), small_child,
            in_course and since_course < 6,
            course == COMPLETED and since_course >= p.course_delay_months and float(a.lessons) >= p.course_counts_from,
            0 <= month - int(h.served_at[JOB_PLACEMENT]) - int(p.placement_delay_months) <= p.placement_months,
            month - int(h.served_at[APPRENTICESHIP]) <= p.apprenticeship_months,
            mobile, remote, float(h.delay_scar), country.labour * place.jobs, p,
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
def social_month(h: Any, works: bool, p: Any, u_won: float, u_lost: float) -> None:
    """Let ties, trust and confusion change (S01-S03): ties by work, private flat and encounter; confusion fades."""
    contacts = float(h.contacts)
    chance = p.contact_base
    if works:
        chance = chance + p.contact_work
    if int(h.accommodation) == PRIVATE:
        chance = chance + p.contact_private
    if u_lost < p.contact_loss * contacts:
        contacts = contacts - 1.0
    if u_won < chance:
        contacts = contacts + 1.0
    h.contacts = contacts if contacts > 0.0 else 0.0
    extra = float(h.contact_points) - 1.0
    confusion = float(h.confusion) * p.confusion_memory
    if extra > 0.0:
        confusion = confusion + p.confusion_per_body * extra
    h.confusion = 1.0 if confusion > 1.0 else confusion
    trust = float(h.trust) + p.trust_recovery * (p.trust_rest - float(h.trust)) - p.trust_confusion * float(h.confusion)
    h.trust = 0.0 if trust < 0.0 else (1.0 if trust > 1.0 else trust)


@rule
def children_month(h: Any, month: int, kita_help: bool, place: Any, p: Any, u: float) -> bool:
    """Give children school and kita places; return whether a child under three is cared for at home.

    School comes with age (C03). A kita place needs supply; helped families find one sooner (C01, C02).
    """
    at_home = False
    for j in range(int(h.n_children)):
        age = month - int(h.child_born[j])
        state = int(h.child_place[j])
        if age >= 72:
            if age < 216 and state != SCHOOL and month - int(h.arrived) >= 2:
                h.child_place[j] = SCHOOL
        elif state != KITA:
            hazard = p.kita_3plus if age >= 36 else (p.kita_under3 if age >= 12 else 0.0)
            if kita_help:
                hazard = hazard * p.kita_help
            share = u + j / MAX_CHILDREN  # one draw serves all children, each from its own start in [0, 1)
            if share >= 1.0:
                share = share - 1.0
            if share < hazard * place.kita:
                h.child_place[j] = KITA
            elif age < 36:
                at_home = True
    return at_home


@rule
def household_month(
    h: Any, a0: Any, a1: Any, month: int, country: Any, place: Any, p: Any,
    u_decision: float, u_outcome: float, u_exit: float, u_flat: float,
    u_won: float, u_lost: float, u_child: float, u_citizen: float,
    s0: float, k0: float, e0: float, l0: float, s1: float, k1: float, e1: float, l1: float,
) -> None:  # fmt: skip
    """Let one household live one month: status, children, adults, ties, flat, departure (MODEL: household outcomes).

    `h` is its row, `a0` and `a1` the rows of its adults, `country` and `place` the conditions of the month, `p` the
    parameters of group `household`; the rest are uniform numbers in [0, 1).
    """
    works = int(a0.work) != NO_WORK or (int(a1.present) == 1 and int(a1.work) != NO_WORK)
    if int(h.status) == PROCEDURE:
        status_month(h, month, works, country, p, u_decision, u_outcome)
        if int(h.stay) == LEFT:
            return
    else:
        scar = float(h.delay_scar)
        h.delay_scar = scar + (1.0 - scar) * p.scar_recovery
    kita_help = month - int(h.served_at[KITA_SCHOOL]) <= p.kita_help_months
    small_child = children_month(h, month, kita_help, place, p, u_child)
    care = month - int(h.served_at[CHILDCARE_COURSES]) <= p.childcare_months
    adult_month(a0, h, month, small_child and not care, country, place, p, s0, k0, e0, l0)
    if int(a1.present) == 1:
        adult_month(a1, h, month, small_child and not care, country, place, p, s1, k1, e1, l1)
    works = int(a0.work) != NO_WORK or (int(a1.present) == 1 and int(a1.work) != NO_WORK)
    social_month(h, works, p, u_won, u_lost)
    status = int(h.status)
    n_persons = int(h.n_adults) + int(h.n_children)
    if int(h.accommodation) == EMERGENCY and month - int(h.moved_in) >= p.emergency_months:
        h.accommodation = DECENTRAL
        h.moved_in = month
    if int(h.accommodation) != PRIVATE and is_protected(status):
        hazard = flat_hazard(
            int(h.finds_flat_easily), n_persons, month - int(h.served_at[PRIVATE_HOUSING]), works, place, p
        )
        if u_flat < hazard:
            h.accommodation = PRIVATE
            h.moved_in = month
    if (
        (status in (RECOGNISED, SUBSIDIARY))
        and works
        and month - int(h.arrived) >= p.naturalisation_months
        and u_citizen < p.naturalisation_hazard
    ):
        h.status = NATURALISED
        h.status_since = month
    bound = month < int(h.bound_until)
    private = int(h.accommodation) == PRIVATE
    if u_exit < move_away_hazard(int(h.status), bound, works, private, int(h.n_children) > 0, p):
        h.stay = LEFT


@rule
def features(h: Any, a0: Any, a1: Any, month: int, place: Any, p: Any) -> int:
    """Return the bits of the household's situation (see codes.FEATURES) from which needs open."""
    status = int(h.status)
    protected = is_protected(status)
    place_kind = int(h.accommodation)
    bits = 0
    if place_kind == EMERGENCY:
        bits |= F_EMERGENCY
    if place_kind != PRIVATE:
        bits |= F_STATE_HOUSING
        if protected:
            bits |= F_MISPLACED
    if status == PROCEDURE:
        bits |= F_PROCEDURE
    elif protected:
        bits |= F_PROTECTED
        if month - int(h.status_since) < 3 and status != NATURALISED:
            bits |= F_NEWLY_PROTECTED
    else:
        bits |= F_TOLERATED
    if month - int(h.arrived) < 12:
        bits |= F_FIRST_YEAR
    small_child = False
    for j in range(int(h.n_children)):
        age = month - int(h.child_born[j])
        if int(h.child_place[j]) == NO_PLACE:
            if 12 <= age < 72:
                bits |= F_KITA_WANTED
            elif 72 <= age < 216:
                bits |= F_SCHOOL_WANTED
            if age < 36:
                small_child = True
    blocked = small_child and month - int(h.served_at[CHILDCARE_COURSES]) > p.childcare_months
    for j in range(MAX_ADULTS):
        a = a0 if j == 0 else a1
        if int(a.present) == 0:
            continue
        age_years = (month - int(a.born)) / 12.0
        course = int(a.course)
        work = int(a.work)
        if course == WAITING:
            if blocked and int(a.female) == 1:
                bits |= F_MOTHER_BLOCKED
            else:
                bits |= F_COURSE_PLACE_WANTED
        elif course == IN_COURSE:
            bits |= F_IN_COURSE
        elif work == NO_WORK and 18.0 <= age_years < 65.0 and month - int(h.arrived) >= p.work_ban_months:
            bits |= F_JOBLESS
        if work == NO_WORK and float(a.level) >= 2.0 and (int(a.vocation) == 1 or age_years < 30.0):
            bits |= F_QUALIFIABLE
        if float(a.level) < 2.0:
            bits |= F_LOW_GERMAN
    if int(h.vulnerable) == 1:
        bits |= F_VULNERABLE
    if float(h.contacts) < 1.0:
        bits |= F_FEW_CONTACTS
    if float(place.remote) > 0.5:
        bits |= F_REMOTE
    return bits


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


@rule
def receive_service(h: Any, a0: Any, a1: Any, task: int, month: int, actor: int, p: Any, u: float) -> None:
    """Apply what a served case changes: a course starts, a child gets its place, ties and trust grow."""
    h.served_at[task] = month
    h.guide = actor
    trust = float(h.trust) + p.trust_served * (1.0 - float(h.trust))
    h.trust = trust
    if task == LANGUAGE_COURSE:
        small_child = False
        for j in range(int(h.n_children)):
            if int(h.child_place[j]) == NO_PLACE and month - int(h.child_born[j]) < 36:
                small_child = True
        blocked = small_child and month - int(h.served_at[CHILDCARE_COURSES]) > p.childcare_months
        for j in range(MAX_ADULTS):
            a = a0 if j == 0 else a1
            if int(a.present) == 1 and int(a.course) == WAITING and not (blocked and int(a.female) == 1):
                a.course = IN_COURSE
                a.course_since = month
    elif task == KITA_SCHOOL:
        for j in range(int(h.n_children)):
            age = month - int(h.child_born[j])
            if int(h.child_place[j]) == NO_PLACE and age >= 12:
                h.child_place[j] = KITA if age < 72 else SCHOOL
                break
    elif task == ENCOUNTER:
        if u < p.mentoring_match:
            h.contacts = float(h.contacts) + 1.0
    elif task == ACCOMMODATION and int(h.accommodation) == EMERGENCY:
        h.accommodation = DECENTRAL
        h.moved_in = month
