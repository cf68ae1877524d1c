"""The monthly census of senior households: counts by municipality, from which outcomes and payments follow."""

from __future__ import annotations

from typing import Any

from ....agents.codes import HERE
from ....agents.jit import rule
from ....agents.seniors.codes import AT_HOME, DEAD, FRAIL, GRADE, HOUSEHOLD_HELP, IN_CARE_HOME, NO_CARER
from ...people import COMMON_COUNTS

COUNTS = (
    *COMMON_COUNTS,
    "seniors",  # persons of 75 and more at home
    "frail",  # persons at home who need help and have no care grade
    "grade_home",  # persons with care grade 2 or 3 at home
    "high_grade_home",  # persons with care grade 4 or 5 at home
    "grade_care_home",
    "high_grade_care_home",
    "poor_home",  # persons with a care grade at home whose means do not suffice
    "poor_care_home",
    "moved",  # persons who moved to a care home this month
    "died",  # persons who died this month
    "hospital",  # households with a stay in hospital this month
    "adapted",  # homes adapted this month of households with a care grade
    "alone",  # households of one person
    "alone_without_contacts",
    "carers",  # households with an informal carer
    "strain",  # sum of their strain
    "strained",  # carers at or above the limit
    "in_need",  # households in which somebody needs help
    "helped",  # of these, those with household help within the last months
    "entered",  # households that came this month
)
COLUMN = {name: i for i, name in enumerate(COUNTS)}
_C = len(COMMON_COUNTS)


@rule
def take_census(table: Any, persons: Any, n: int, month: int, p: Any, out: Any) -> None:
    """Add the month's counts to `out` (M, C); persons in care homes count at the municipality they came from."""
    for i in range(n):
        h = table[i]
        row = out[int(h.municipality)]
        home = 0
        need = 0
        older = 0
        for j in range(2):
            a = persons[2 * i + j]
            where = int(a.where)
            if where == DEAD:
                if int(a.died_at) == month:
                    row[_C + 9] += 1
                continue
            if where == IN_CARE_HOME:
                row[_C + (4 if int(a.need) == GRADE else 5)] += 1
                if int(h.poor) == 1:
                    row[_C + 7] += 1
                if int(a.left_at) == month:
                    row[_C + 8] += 1
            elif where == AT_HOME:
                home += 1
                if month - int(a.born) >= 900:
                    older += 1
                if int(a.need) > need:
                    need = int(a.need)
                if int(a.need) == FRAIL:
                    row[_C + 1] += 1
                elif int(a.need) >= GRADE:
                    row[_C + (2 if int(a.need) == GRADE else 3)] += 1
                    if int(h.poor) == 1:
                        row[_C + 6] += 1
        if h.stay != HERE:
            continue
        row[0] += 1
        row[1] += home
        if float(h.contacts) >= 1.0:
            row[2] += 1
        points = int(h.contact_points)
        if points > 0:
            row[3] += points
            row[4] += 1
        row[5] += float(h.confusion)
        row[6] += float(h.trust)
        row[_C] += older
        if int(h.hospital_at) == month:
            row[_C + 10] += 1
        if int(h.adapted_since) == month and need >= GRADE:
            row[_C + 11] += 1
        if home == 1:
            row[_C + 12] += 1
            if float(h.contacts) < 1.0:
                row[_C + 13] += 1
        if int(h.carer) != NO_CARER:
            row[_C + 14] += 1
            row[_C + 15] += float(h.strain)
            if float(h.strain) >= p.senior_strain_limit:
                row[_C + 16] += 1
        if need >= FRAIL:
            row[_C + 17] += 1
            if month - int(h.served_at[HOUSEHOLD_HELP]) <= p.senior_help_months:
                row[_C + 18] += 1
        if int(h.arrived) == month:
            row[_C + 19] += 1
