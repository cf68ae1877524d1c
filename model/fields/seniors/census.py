"""The monthly census of senior households: counts by municipality, from which outcomes and payments follow."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....agents.codes import HERE
from ....agents.jit import rule
from ....agents.seniors.codes import AT_HOME, DEAD, FRAIL, GRADE, HOUSEHOLD_HELP, IN_CARE_HOME, NO_CARER
from ...people import COMMON_COUNTS, count_ties

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
    "hospital",  # households with a stay in hospital this month, of those too who did not come home
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
CENSUS = np.dtype([(name, "f8") for name in COUNTS])


@rule
def take_census(table: Any, persons: Any, n: int, month: int, p: Any, out: Any) -> None:
    """Add the month's counts to `out` (M,), records of CENSUS.

    Persons in care homes count at the municipality they came from.
    """
    for i in range(n):
        h = table[i]
        count = out[int(h.municipality)]
        home = 0
        need = 0
        older = 0
        stays = False
        for j in range(2):
            a = persons[2 * i + j]
            where = int(a.where)
            if where == DEAD:
                if int(a.died_at) == month:
                    count.died += 1
                    stays = stays or int(a.hospital) == 1
                continue
            stays = stays or int(a.hospital) == 1
            if where == IN_CARE_HOME:
                if int(a.need) == GRADE:
                    count.grade_care_home += 1
                else:
                    count.high_grade_care_home += 1
                if int(h.poor) == 1:
                    count.poor_care_home += 1
                if int(a.left_at) == month:
                    count.moved += 1
            elif where == AT_HOME:
                home += 1
                if month - int(a.born) >= 900:
                    older += 1
                if int(a.need) > need:
                    need = int(a.need)
                if int(a.need) == FRAIL:
                    count.frail += 1
                elif int(a.need) >= GRADE:
                    if int(a.need) == GRADE:
                        count.grade_home += 1
                    else:
                        count.high_grade_home += 1
                    if int(h.poor) == 1:
                        count.poor_home += 1
        if stays:
            count.hospital += 1
        if h.stay != HERE:
            continue
        count.households += 1
        count.persons += home
        count_ties(h, count)
        count.seniors += older
        if int(h.adapted_since) == month and need >= GRADE:
            count.adapted += 1
        if home == 1:
            count.alone += 1
            if float(h.contacts) < 1.0:
                count.alone_without_contacts += 1
        if int(h.carer) != NO_CARER:
            count.carers += 1
            count.strain += float(h.strain)
            if float(h.strain) >= p.senior_strain_limit:
                count.strained += 1
        if need >= FRAIL:
            count.in_need += 1
            if month - int(h.served_at[HOUSEHOLD_HELP]) <= p.senior_help_months:
                count.helped += 1
        if int(h.arrived) == month:
            count.entered += 1
