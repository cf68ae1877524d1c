"""What a month does to a senior household: need of care, falls, carers, ties, care home, death; what help changes.

Every rule is a scalar function of table rows (household `h`, persons `a`, `b`), of the place and of uniform random
numbers. All arithmetic is +, -, * and / on float64, so that compiled and plain Python give the same bits; fields are
read with float() and int() because NumPy's small types must not leak into it.

No rate here has a source in the project's evidence: all are parameters of the group `seniors` with a range, most of
them marked `assumption` with a word on where the figure should come from. Help acts with a delay and for a time; it
may also change nothing (each effect's range includes 1 or 0, no effect).
"""

from __future__ import annotations

from typing import Any

from ..codes import LEFT
from ..jit import rule
from ..relations import confusion_after, contacts_after, trust_after
from .codes import (
    AT_HOME,
    CARE_ADVICE,
    CHILD,
    DEAD,
    DISCHARGE,
    FRAIL,
    GRADE,
    HIGH_GRADE,
    HOUSEHOLD_HELP,
    IN_CARE_HOME,
    NO_CARER,
    NO_NEED,
    PARTNER,
)

# Random numbers: one block of four per household or person, month and purpose; tasks use 8 and more.
DRAW_TIES = 1  # tie won, tie lost, not used, not used
DRAW_PERSON = 2  # + number of the person: death, need, hospital, care home


@rule
def by_age(years: float, at_75: float, at_80: float, at_85: float, at_90: float) -> float:
    """Return a yearly rate by age: a constant in each of the bands 75-79, 80-84, 85-89 and 90 and more.

    Those younger (partners) have the rate of 75, shrunk by 6 % for each year below.
    """
    if years >= 90.0:
        return at_90
    if years >= 85.0:
        return at_85
    if years >= 80.0:
        return at_80
    if years >= 75.0:
        return at_75
    rate = at_75 * (1.0 - 0.06 * (75.0 - years))
    return rate if rate > 0.1 * at_75 else 0.1 * at_75


@rule
def death_hazard(years: float, need: int, p: Any) -> float:
    """Return the monthly probability of death: yearly rates by age, higher with need of care."""
    rate = by_age(years, p.senior_death_75, p.senior_death_80, p.senior_death_85, p.senior_death_90) / 12.0
    if need == GRADE:
        rate = rate * p.senior_death_grade
    elif need == HIGH_GRADE:
        rate = rate * p.senior_death_high_grade
    return rate if rate < 1.0 else 1.0


@rule
def onset_hazard(years: float, ties: float, p: Any) -> float:
    """Return the monthly probability that a person without need becomes frail; fewer regular ties raise it."""
    rate = by_age(years, p.senior_onset_75, p.senior_onset_80, p.senior_onset_85, p.senior_onset_90) / 12.0
    if ties < 1.0:
        rate = rate * p.senior_onset_lonely
    rate = rate * p.senior_onset_factor
    return rate if rate < 1.0 else 1.0


@rule
def need_after(need: int, years: float, ties: float, hospital: bool, u: float, p: Any) -> int:
    """Return a person's need after a month: it begins, rises by one step, or (frailty only) passes."""
    if need == NO_NEED:
        hazard = onset_hazard(years, ties, p)
        if hospital:
            hazard = hazard + p.senior_hospital_need * p.senior_onset_factor
        return FRAIL if u < hazard else NO_NEED
    if need == HIGH_GRADE:
        return HIGH_GRADE
    hazard = p.senior_progress_frail if need == FRAIL else p.senior_progress_grade
    if hospital:
        hazard = hazard + p.senior_hospital_need
    if u < hazard:
        return need + 1
    if need == FRAIL and u >= 1.0 - p.senior_recovery:
        return NO_NEED
    return need


@rule
def hospital_hazard(need: int, adapted: bool, p: Any) -> float:
    """Return the monthly probability of a stay in hospital after a fall or a crisis; an adapted home lowers it."""
    hazard = p.senior_fall
    if need == FRAIL:
        hazard = hazard * p.senior_fall_frail
    elif need != NO_NEED:
        hazard = hazard * p.senior_fall_grade
    if adapted:
        hazard = hazard * p.senior_fall_adapted
    return hazard


@rule
def care_home_hazard(
    need: int, alone: bool, carer: int, strain: float, helped: bool, after_hospital: bool, guided: bool, p: Any
) -> float:
    """Return the monthly probability that a person with a care grade moves to a care home.

    Living alone, no informal carer, a carer at the end of their strength and coming back from hospital raise it;
    household help and a guided discharge lower it.
    """
    if need < GRADE:
        return 0.0
    hazard = p.senior_home_grade if need == GRADE else p.senior_home_high_grade
    if alone:
        hazard = hazard * p.senior_home_alone
    if carer == NO_CARER:
        hazard = hazard * p.senior_home_no_carer
    else:
        hazard = hazard * (1.0 + (p.senior_home_strain - 1.0) * strain)
    if helped:
        hazard = hazard * p.senior_home_help
    if after_hospital:
        hazard = hazard * p.senior_home_hospital
        if guided:
            hazard = hazard * p.senior_home_discharge
    return hazard if hazard < 1.0 else 1.0


@rule
def strain_after(strain: float, need: int, helped: bool, advised: bool, p: Any) -> float:
    """Return a carer's strain after a month: it grows with the need cared for and shrinks with help and rest."""
    gain = 0.0
    if need == FRAIL:
        gain = p.senior_strain_frail
    elif need == GRADE:
        gain = p.senior_strain_grade
    elif need == HIGH_GRADE:
        gain = p.senior_strain_high_grade
    if helped:
        gain = gain * p.senior_strain_help
    if advised:
        gain = gain * p.senior_strain_advice
    after = strain + gain * (1.0 - strain) - p.senior_strain_rest * strain
    return 0.0 if after < 0.0 else (1.0 if after > 1.0 else after)


@rule
def person_month(a: Any, h: Any, month: int, alone: bool, place: Any, p: Any,
                 u_death: float, u_need: float, u_hospital: float, u_home: float) -> None:  # fmt: skip
    """Let one person live a month at home or in a care home: hospital, death, need, move to a care home.

    Stays in hospital are followed for those at home only; death is as likely with one as without.
    """
    years = (month - int(a.born)) / 12.0
    need = int(a.need)
    hospital = False
    if int(a.where) == AT_HOME:
        adapted = int(h.adapted) == 1 and month - int(h.adapted_since) >= p.senior_adaptation_months
        hospital = u_hospital < hospital_hazard(need, adapted, p)
    a.hospital = 1 if hospital else 0
    if u_death < death_hazard(years, need, p):
        a.where = DEAD
        a.died_at = month
        return
    if int(a.where) != AT_HOME:
        return
    after = need_after(need, years, float(h.contacts), hospital, u_need, p)
    if after != need:
        a.need = after
        if after > need:
            a.need_since = month
    helped = 0 < month - int(h.served_at[HOUSEHOLD_HELP]) <= p.senior_help_months
    guided = month - int(h.served_at[DISCHARGE]) <= p.senior_discharge_months
    recent = hospital or month - int(h.hospital_at) <= p.senior_discharge_months
    hazard = care_home_hazard(after, alone, int(h.carer), float(h.strain), helped, recent, guided, p)
    if u_home < hazard * place.care_homes:
        a.where = IN_CARE_HOME
        a.left_at = month
    elif hospital:
        h.hospital_at = month


@rule
def carer_of(need_a: int, need_b: int, both_home: bool, child_near: int) -> int:
    """Return who cares informally: a partner without a care grade, else a child near, else nobody."""
    if need_a == NO_NEED and need_b == NO_NEED:
        return NO_CARER
    if both_home and (need_a < GRADE or need_b < GRADE):
        return PARTNER
    return CHILD if child_near == 1 else NO_CARER


@rule
def household_month(
    h: Any, a: Any, b: Any, month: int, place: Any, p: Any, u_won: float, u_lost: float,
    a0: float, a1: float, a2: float, a3: float, b0: float, b1: float, b2: float, b3: float,
) -> None:  # fmt: skip
    """Let one household live one month: its persons, its informal carer, its ties, trust and confusion.

    `h` is its row, `a` and `b` the rows of its persons, `place` the conditions of its municipality, `p` the parameters;
    the rest are uniform numbers in [0, 1).
    """
    two = int(a.where) == AT_HOME and int(b.where) == AT_HOME
    if int(a.where) in (AT_HOME, IN_CARE_HOME):
        person_month(a, h, month, not two, place, p, a0, a1, a2, a3)
    if int(b.where) in (AT_HOME, IN_CARE_HOME):
        person_month(b, h, month, not two, place, p, b0, b1, b2, b3)
    a_home = int(a.where) == AT_HOME
    b_home = int(b.where) == AT_HOME
    if not a_home and not b_home:
        h.stay = LEFT
        h.carer = NO_CARER
        h.strain = 0.0
        return
    need_a = int(a.need) if a_home else NO_NEED
    need_b = int(b.need) if b_home else NO_NEED
    carer = carer_of(need_a, need_b, a_home and b_home, int(h.child_near))
    if carer == NO_CARER:
        h.strain = 0.0
    else:
        worst = need_a if need_a > need_b else need_b
        helped = 0 < month - int(h.served_at[HOUSEHOLD_HELP]) <= p.senior_help_months
        advised = 0 < month - int(h.served_at[CARE_ADVICE]) <= p.senior_advice_months
        h.strain = strain_after(float(h.strain), worst, helped, advised, p)
    h.carer = carer
    ties_month(h, need_a if need_a > need_b else need_b, p, u_won, u_lost)


@rule
def ties_month(h: Any, need: int, p: Any, u_won: float, u_lost: float) -> None:
    """Let ties, trust and confusion change: ties are won less and lost more with need of care; confusion fades."""
    chance = p.senior_tie_won
    loss = p.senior_tie_lost
    if need >= GRADE:
        chance = chance * p.senior_tie_grade
        loss = loss / p.senior_tie_grade
    h.contacts = contacts_after(float(h.contacts), chance, loss, u_won, u_lost)
    h.confusion = confusion_after(float(h.confusion), int(h.contact_points), p)
    h.trust = trust_after(float(h.trust), float(h.confusion), p)
