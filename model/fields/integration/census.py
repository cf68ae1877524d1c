"""The monthly census: counts over households by municipality, from which outcomes and payments follow."""

from __future__ import annotations

from typing import Any

import numpy as np

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
from ...people import count_ties

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
    "course_lessons",  # lessons of federal integration courses attended this month
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
CENSUS = np.dtype([(name, "f8") for name in COUNTS])


@rule
def take_census(table: Any, adults: Any, n: int, month: int, rents: Any, wage_needed: float, p: Any, out: Any) -> None:
    """Add the month's counts but the lessons to `out` (M,), records of CENSUS.

    `rents` (M, 2) are the accepted rents of one and three persons in cents.

    A household is self-sufficient when its wages reach `wage_needed` cents a month per consumption unit (1 for the
    first adult, 0.5 for every further person).
    """
    for i in range(n):
        h = table[i]
        if h.stay != HERE:
            continue
        count = out[int(h.municipality)]
        persons = int(h.n_adults) + int(h.n_children)
        status = int(h.status)
        protected = is_protected(status)
        wages = 0.0
        for j in range(MAX_ADULTS):
            a = adults[MAX_ADULTS * i + j]
            if int(a.present) == 1:
                wages += int(a.wage_cents)
        self_sufficient = wages >= wage_needed * (1.0 + 0.5 * (persons - 1))
        count.households += 1
        count.persons += persons
        if (status in (PROCEDURE, TOLERATED)) and not self_sufficient:
            count.asylum_persons += persons
        if status == PROCEDURE:
            count.procedure_persons += persons
        if status == TOLERATED:
            count.tolerated_persons += persons
        private = int(h.accommodation) == PRIVATE
        if protected:
            count.protected_persons += persons
            if status == TEMPORARY:
                count.temporary_persons += persons
            if private:
                count.protected_private_persons += persons
            else:
                count.misplaced_persons += persons
            if not self_sufficient:
                count.sgb2_persons += persons
                if private:
                    extra = (rents[int(h.municipality), 1] - rents[int(h.municipality), 0]) / 2.0
                    count.sgb2_rent_cents += rents[int(h.municipality), 0] + int(extra * (persons - 1))
        if private:
            count.private_persons += persons
        else:
            count.state_housing_persons += persons
            if int(h.accommodation) == EMERGENCY:
                count.emergency_persons += persons
        for j in range(MAX_ADULTS):
            a = adults[MAX_ADULTS * i + j]
            if int(a.present) == 0:
                continue
            years = (month - int(a.born)) / 12.0
            if years >= 65.0:
                continue
            work = int(a.work)
            count.adults += 1
            if work != NO_WORK:
                count.employed += 1
                if work != MINOR:
                    count.employed_regular += 1
            if int(a.female) == 1:
                count.women += 1
                if work != NO_WORK:
                    count.women_employed += 1
            if float(a.level) >= 3.0:
                count.good_german += 1
            if int(a.course) in (IN_COURSE, COMPLETED):
                count.ever_in_course += 1
                starts = int(a.course) == IN_COURSE and int(a.course_since) == month
                if starts and not has_access_to_course(status, int(h.origin), month, p[0]):
                    count.outside_starts += 1
        for j in range(int(h.n_children)):
            age = month - int(h.child_born[j])
            place = int(h.child_place[j])
            if age < 36:
                count.children_under3 += 1
                if place == KITA:
                    count.kita_under3 += 1
            elif age < 72:
                count.children_3plus += 1
                if place == KITA:
                    count.kita_3plus += 1
            elif age < 216:
                count.children_school_age += 1
                if place == SCHOOL:
                    count.pupils += 1
        count_ties(h, count)
        if self_sufficient:
            count.self_sufficient += 1
        if int(h.arrived) == month:
            count.arrived_persons += persons
