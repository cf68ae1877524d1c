"""The monthly census: counts over households by municipality, from which outcomes and payments follow."""

from __future__ import annotations

from typing import Any

from ....agents.codes import HERE
from ....agents.integration.adult_rules import has_access_to_course, is_protected
from ....agents.integration.codes import (
    COMPLETED,
    EMERGENCY,
    IN_COURSE,
    KITA,
    MAX_ADULTS,
    MINOR,
    NO_WORK,
    PRIVATE,
    PROCEDURE,
    SCHOOL,
    TEMPORARY,
    TOLERATED,
)
from ....agents.jit import rule

# Columns of the census, in order.
COUNTS = (
    "households",
    "persons",
    "asylum_persons",  # in the procedure or tolerated and not self-sufficient: receive asylum benefits
    "procedure_persons",
    "tolerated_persons",
    "protected_persons",
    "temporary_persons",
    "misplaced_persons",  # protected but in state accommodation (Fehlbeleger)
    "state_housing_persons",
    "emergency_persons",
    "private_persons",
    "protected_private_persons",
    "sgb2_persons",  # protected, not self-sufficient
    "sgb2_rent_cents",
    "adults",  # 18 to 64 years
    "employed",
    "employed_regular",  # regular job or apprenticeship
    "women",
    "women_employed",
    "good_german",  # adults at B1 or more
    "ever_in_course",
    "in_course",  # federal integration courses
    "kita_under3",
    "kita_3plus",
    "children_under3",
    "children_3plus",
    "pupils",
    "children_school_age",
    "with_contacts",  # households with at least one regular tie
    "contact_points",
    "with_files",  # households of which some body holds a file
    "confusion",
    "trust",
    "self_sufficient",  # households living on a regular wage
    "arrived_persons",
    "outside_starts",  # adults who start a course outside the federal ones
)
COLUMN = {name: i for i, name in enumerate(COUNTS)}


@rule
def take_census(table: Any, adults: Any, n: int, month: int, rents: Any, wage_needed: float, p: Any, out: Any) -> None:
    """Add the month's counts to `out` (M, C); `rents` (M, 2) are the accepted rents of one and three persons in cents.

    A household is self-sufficient when its wages reach `wage_needed` cents a month per consumption unit (1 for the
    first adult, 0.5 for every further person).
    """
    for i in range(n):
        h = table[i]
        if h.stay != HERE:
            continue
        row = out[int(h.municipality)]
        persons = int(h.n_adults) + int(h.n_children)
        status = int(h.status)
        protected = is_protected(status)
        wages = 0.0
        for j in range(MAX_ADULTS):
            a = adults[MAX_ADULTS * i + j]
            if int(a.present) == 1:
                wages += int(a.wage_cents)
        self_sufficient = wages >= wage_needed * (1.0 + 0.5 * (persons - 1))
        row[0] += 1
        row[1] += persons
        if (status in (PROCEDURE, TOLERATED)) and not self_sufficient:
            row[2] += persons
        if status == PROCEDURE:
            row[3] += persons
        if status == TOLERATED:
            row[4] += persons
        private = int(h.accommodation) == PRIVATE
        if protected:
            row[5] += persons
            if status == TEMPORARY:
                row[6] += persons
            if private:
                row[11] += persons
            else:
                row[7] += persons
            if not self_sufficient:
                row[12] += persons
                if private:
                    extra = (rents[int(h.municipality), 1] - rents[int(h.municipality), 0]) / 2.0
                    row[13] += rents[int(h.municipality), 0] + int(extra * (persons - 1))
        if private:
            row[10] += persons
        else:
            row[8] += persons
            if int(h.accommodation) == EMERGENCY:
                row[9] += persons
        for j in range(MAX_ADULTS):
            a = adults[MAX_ADULTS * i + j]
            if int(a.present) == 0:
                continue
            years = (month - int(a.born)) / 12.0
            if years >= 65.0:
                continue
            work = int(a.work)
            row[14] += 1
            if work != NO_WORK:
                row[15] += 1
                if work != MINOR:
                    row[16] += 1
            if int(a.female) == 1:
                row[17] += 1
                if work != NO_WORK:
                    row[18] += 1
            if float(a.level) >= 3.0:
                row[19] += 1
            if int(a.course) in (IN_COURSE, COMPLETED):
                row[20] += 1
                if int(a.course) == IN_COURSE:
                    if has_access_to_course(status, int(h.origin), month, p[0]):
                        row[21] += 1
                    elif int(a.course_since) == month:
                        row[35] += 1
        for j in range(int(h.n_children)):
            age = month - int(h.child_born[j])
            place = int(h.child_place[j])
            if age < 36:
                row[24] += 1
                if place == KITA:
                    row[22] += 1
            elif age < 72:
                row[25] += 1
                if place == KITA:
                    row[23] += 1
            elif age < 216:
                row[27] += 1
                if place == SCHOOL:
                    row[26] += 1
        if float(h.contacts) >= 1.0:
            row[28] += 1
        points = int(h.contact_points)
        if points > 0:
            row[29] += points
            row[30] += 1
        row[31] += float(h.confusion)
        row[32] += float(h.trust)
        if self_sufficient:
            row[33] += 1
        if int(h.arrived) == month:
            row[34] += persons
