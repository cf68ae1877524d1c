"""What a month does to a household: status, children, ties, flat, departure; what it needs and what a service changes.

The compiled loop over all rows and `MigrantHousehold.step` call the same functions. All arithmetic is +, -, * and / on
float64, so that compiled and plain Python give the same bits (see adult_rules).

Sources of the effects: evidence rows X01-X17 and D03 (parameters.csv, group `household`).
"""

from __future__ import annotations

from typing import Any

from ..codes import LEFT
from ..jit import rule
from ..relations import confusion_after, contacts_after, trust_after
from .adult_rules import adult_month, has_access_to_course, is_protected, may_work, place_in_work
from .codes import (
    ACCOMMODATION,
    ASYLUM,
    CHILDCARE_COURSES,
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
    JOB_PLACEMENT,
    KITA,
    KITA_SCHOOL,
    LANGUAGE_COURSE,
    MAX_ADULTS,
    MAX_CHILDREN,
    NATURALISED,
    NO_PLACE,
    NO_WORK,
    PRIVATE,
    PRIVATE_HOUSING,
    PROCEDURE,
    PROTECTED,
    RECOGNISED,
    SCHOOL,
    SUBSIDIARY,
    TEMPORARY,
    TOLERATED,
    TOLERATED_GROUP,
    WAITING,
)

# Random numbers: one block of four per household or adult, month and purpose.
DRAW_STATUS = 1  # decision, outcome, exit, flat
DRAW_FAMILY = 2  # contact won, contact lost, child's place, naturalisation
DRAW_ADULT = 4  # + number of the adult: job start, kind of job, course end, job loss


@rule
def group_of(status: int) -> int:
    """Return the group (0 asylum, 1 protected, 2 tolerated) by which structures select whom they serve."""
    if is_protected(status):
        return PROTECTED
    return TOLERATED_GROUP if status == TOLERATED else ASYLUM


@rule
def standing_of(status: int, origin: int, month: int, p: Any) -> int:
    """Return the standing by which a household counts to a group, task by task (see `GROUP_OF_STANDING`).

    0 asylum seeker whom the federal course does not admit, 1 asylum seeker whom it admits, 2 protected, 3 tolerated.
    """
    group = group_of(status)
    if group == 0:
        return 1 if has_access_to_course(status, origin, month, p) else 0
    return group + 1


@rule
def decision_hazard(months_waiting: int, mean_months: float, minimum: float) -> float:
    """Return the monthly probability of an asylum decision, given the mean wait of the year in months (A01-A05).

    The first decisions come in the first whole month that is not below `minimum`, the mean wait is `mean_months`: a
    geometric wait with the chance 1 / (n + 1) lasts n months beyond its first one on average.
    """
    if months_waiting < minimum:
        return 0.0
    first = int(minimum)
    if first < minimum:
        first = first + 1
    beyond = mean_months - first
    return 1.0 if beyond < 0.0 else 1.0 / (beyond + 1.0)


@rule
def flat_hazard(
    easily: int, n_persons: int, months_served: int, has_work: bool, bound: bool, place: Any, p: Any
) -> float:
    """Return the monthly probability that a protected household moves into a private flat (bimodal, evidence H03).

    The residence rule lowers it (X15).
    """
    hazard = p.flat_easy if easily == 1 else p.flat_hard
    if n_persons >= 5:
        hazard = hazard * p.flat_large_family
    if has_work:
        hazard = hazard * p.flat_work
    if months_served <= p.flat_help_months:
        hazard = hazard * p.flat_help
    if bound:
        hazard = hazard * p.flat_bound
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
def social_month(h: Any, works: bool, p: Any, u_won: float, u_lost: float) -> None:
    """Let ties, trust and confusion change (S01-S03): ties by work, private flat and encounter; confusion fades."""
    chance = p.contact_base
    if works:
        chance = chance + p.contact_work
    if int(h.accommodation) == PRIVATE:
        chance = chance + p.contact_private
    h.contacts = contacts_after(float(h.contacts), chance, p.contact_loss, u_won, u_lost)
    h.confusion = confusion_after(float(h.confusion), int(h.contact_points), p)
    h.trust = trust_after(float(h.trust), float(h.confusion), p)


@rule
def looks_for_day_care(rank: int, age: int, p: Any) -> bool:
    """Return whether a family looks for day care for a child of `age` months, by its rank of entry (0..255).

    Families keep their rank, so who looks for a place for a child under three looks for one later too. Who does not
    look gets none by anybody's help: the child stays at home.
    """
    share = p.kita_wanted_3plus if age >= 36 else p.kita_wanted_under3
    return (rank + 0.5) / 256.0 < share


@rule
def place_wanted(h: Any, age: int, p: Any) -> int:
    """Return the place that the family looks for, for a child of `age` months: none, day care (KITA) or SCHOOL."""
    if age < 12 or age >= 216:
        return NO_PLACE
    if age >= 72:
        return SCHOOL
    return KITA if looks_for_day_care(int(h.kita_rank), age, p) else NO_PLACE


@rule
def children_month(h: Any, month: int, kita_help: bool, place: Any, p: Any, u: float) -> bool:
    """Give children school and kita places; return whether a child under three is cared for at home.

    School comes with age (C03). Day care needs a family that looks for it and supply; helped families find a place
    sooner (C01, C02).
    """
    at_home = False
    for j in range(int(h.n_children)):
        age = month - int(h.child_born[j])
        state = int(h.child_place[j])
        if age >= 72:
            if age < 216 and state != SCHOOL and month - int(h.arrived) >= 2:
                h.child_place[j] = SCHOOL
        elif state != KITA:
            hazard = 0.0
            if place_wanted(h, age, p) == KITA:
                hazard = p.kita_3plus if age >= 36 else p.kita_under3
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
    bound = month < int(h.bound_until)
    if int(h.accommodation) == EMERGENCY and month - int(h.moved_in) >= p.emergency_months:
        h.accommodation = DECENTRAL
        h.moved_in = month
    if int(h.accommodation) != PRIVATE and is_protected(status):
        hazard = flat_hazard(
            int(h.finds_flat_easily), n_persons, month - int(h.served_at[PRIVATE_HOUSING]), works, bound, place, p
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
            wanted = place_wanted(h, age, p)
            if wanted == KITA:
                bits |= F_KITA_WANTED
            elif wanted == SCHOOL:
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
        elif work == NO_WORK and may_work(status, month - int(h.arrived), age_years, p):
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
def receive_service(h: Any, a0: Any, a1: Any, task: int, month: int, p: Any, u: float) -> None:
    """Apply what a served case changes beside trust: a course starts, job placement is to act, a child gets the place
    looked for, ties grow.
    """
    h.served_at[task] = month
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
    elif task == JOB_PLACEMENT:
        for j in range(MAX_ADULTS):
            a = a0 if j == 0 else a1
            if int(a.present) == 1 and int(a.work) == NO_WORK:
                place_in_work(a, month, p)
    elif task == KITA_SCHOOL:
        for j in range(int(h.n_children)):
            wanted = place_wanted(h, month - int(h.child_born[j]), p)
            if int(h.child_place[j]) == NO_PLACE and wanted != NO_PLACE:
                h.child_place[j] = wanted
                break
    elif task == ENCOUNTER:
        if u < p.mentoring_match:
            h.contacts = float(h.contacts) + 1.0
    elif task == ACCOMMODATION and int(h.accommodation) == EMERGENCY:
        h.accommodation = DECENTRAL
        h.moved_in = month
