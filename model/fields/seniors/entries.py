"""Who grows old: the households of the first month and those whose first person turns 75 later.

A function of region, parameters and seed alone: every variant of a seed sees the same people. A household stays where
it lives. How many persons of 75 and more a municipality has comes from the region's own table
`fields/seniors/ages.csv` (key, persons_75_plus, confidence, source) where there is one, else from its inhabitants and
the parameter `senior_share`.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import numpy as np

from ....agents.codes import NEVER, NOT_YET
from ....agents.jit import rule
from ....agents.seniors.codes import ABSENT, AT_HOME, FRAIL, GRADE, HIGH_GRADE, NO_NEED
from ....agents.seniors.rules import by_age
from ...calendar import year_of
from ...errors import InputError, Problem, closest
from ...people import WARM_UP
from ...rng import ARRIVALS, uniforms

if TYPE_CHECKING:
    from ...parameters import Parameters
    from ...region import Region

FIELD_BIT = 1 << 60  # set in the identities of this field's households, so that no other field's share their draws
AGES_FILE = "ages.csv"

# Draws at entry: blocks of four.
_WHO = 1  # age, couple, age of the partner, sex
_STATE = 2  # child near, poor, ties, home adapted
_NEED = 4  # + number of the person: need, high grade, not used, not used


@rule
def need_at(years: float, u: float, u_high: float, p: Any) -> int:
    """Return a person's need at entry by age: shares with a care grade at home and, of the others, frail ones."""
    grade = by_age(years, p.senior_grade_75, p.senior_grade_80, p.senior_grade_85, p.senior_grade_90)
    grade = grade * p.senior_onset_factor if p.senior_onset_factor < 1.0 else grade
    if u < grade:
        return HIGH_GRADE if u_high < p.senior_high_share else GRADE
    frail = p.senior_frail_share * (1.0 - grade)
    frail = frail * p.senior_onset_factor if p.senior_onset_factor < 1.0 else frail
    return FRAIL if u < grade + frail else NO_NEED


@rule
def draw_household(h: Any, a: Any, b: Any, seed: int, identity: int, month: int, new: int, p: Any) -> int:
    """Fill one household's rows from its identity; return its number of persons of 75 and more.

    `new` 1 is a household whose first person turns 75 in this month; 0 one of the first stock, of any age from 75 on.
    """
    u_age, u_couple, u_partner, u_sex = uniforms(seed, ARRIVALS, identity, 0, _WHO)
    u_child, u_poor, u_ties, u_adapted = uniforms(seed, ARRIVALS, identity, 0, _STATE)
    years = 75.0
    if new == 0:
        first = p.senior_age_75
        second = first + p.senior_age_80
        third = second + p.senior_age_85
        if u_age < first:
            years = 75.0 + u_age / first * 5.0
        elif u_age < second:
            years = 80.0 + (u_age - first) / p.senior_age_80 * 5.0
        elif u_age < third:
            years = 85.0 + (u_age - second) / p.senior_age_85 * 5.0
        else:
            years = 90.0 + (u_age - third) / (1.0 - third) * 8.0
    couple = u_couple < by_age(years, p.senior_couple_75, p.senior_couple_80, p.senior_couple_85, p.senior_couple_90)
    partner_years = years - u_partner * 6.0
    h.identity = identity
    h.arrived = month
    h.stay = NOT_YET
    h.n_persons = 2 if couple else 1
    h.child_near = 1 if u_child < p.senior_child_near else 0
    h.poor = 1 if u_poor < p.senior_poor else 0
    h.adapted = 1 if u_adapted < p.senior_adapted_start else 0
    h.adapted_since = NEVER
    h.hospital_at = NEVER
    h.guide = -1
    h.trust = p.trust_rest
    h.contacts = float(int(u_ties * (2.0 * p.senior_ties_start + 1.0)))
    for k in range(len(h.served_at)):
        h.served_at[k] = NEVER
    older = 0
    for j in range(2):
        person = a if j == 0 else b
        person.left_at = NEVER
        person.died_at = NEVER
        person.need_since = NEVER
        if j == 1 and not couple:
            person.where = ABSENT
            continue
        u_need, u_high, _, _ = uniforms(seed, ARRIVALS, identity, 0, _NEED + j)
        age = years if j == 0 else partner_years
        person.where = AT_HOME
        person.born = month - int(age * 12.0)
        person.female = (1 if u_sex < 0.5 else 0) if j == 0 else (0 if u_sex < 0.5 else 1)
        person.need = need_at(age, u_need, u_high, p)
        if age >= 75.0:
            older += 1
    return older


@rule
def draw_all(
    table: Any, persons: Any, seed: int, first: int, months: int, stock: Any, entries: Any, order: Any, identities: Any,
    p: Any,
) -> int:  # fmt: skip
    """Fill the tables with the stock of month `first` and the entries of the `months` after it; return the households.

    `stock` and `entries` (M,) are persons of 75 and more at the start and households entering a month; `order` is that
    of the municipalities' keys. Fractions are carried over from month to month.
    """
    n = 0
    carry = np.zeros(len(order))
    sequence = np.zeros(len(order), np.int64)
    for t in range(months + 1):
        for place in range(len(order)):
            m = order[place]
            carry[m] += stock[m] if t == 0 else entries[m]
            while carry[m] >= 1.0 and n < len(table):
                identity = FIELD_BIT | (int(identities[m]) << 24) | int(sequence[m])
                older = draw_household(
                    table[n], persons[2 * n], persons[2 * n + 1], seed, identity, first + t, 0 if t == 0 else 1, p
                )
                table[n].municipality = m
                carry[m] -= older if t == 0 else 1
                sequence[m] += 1
                n += 1
            if t == 0:
                carry[m] = 0.0
    return n


def persons_at_start(region: Region, parameters: Parameters) -> np.ndarray:
    """Return the persons of 75 and more in each municipality at the start of the history, (M,)."""
    path = region.folder / "fields" / "seniors" / AGES_FILE
    if not path.is_file():
        years = region.population
        year = year_of(region.history_start_month) - 1
        people = years[min(max(year, min(years)), max(years))]
        return people.astype(np.float64) * parameters.senior_share
    shown = f"fields/seniors/{AGES_FILE}"
    found: dict[str, float] = {}
    problems: list[Problem] = []
    with path.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            key = (row.get("key") or "").strip()
            if key not in region.keys:
                problems.append(
                    Problem(f"unknown municipality {key!r}, {closest(key, region.keys)}", shown, line, "key")
                )
            try:
                found[key] = float(row.get("persons_75_plus") or "")
            except ValueError:
                value = str(row.get("persons_75_plus"))
                problems.append(Problem("not a number", shown, line, "persons_75_plus", value, "persons"))
    gone = [key for key in region.keys if key not in found]
    if gone and not problems:
        problems.append(Problem(f"no row for municipality {gone[0]}", shown, column="key", expected="one row for each"))
    if problems:
        raise InputError(problems)
    return np.array([found[key] for key in region.keys])


def entries_of(region: Region, parameters: Parameters) -> tuple[int, int, np.ndarray, np.ndarray]:
    """Return the first month, the months after it, the stock of persons and the households entering a month, (M,)."""
    first = region.history_start_month - WARM_UP
    stock = persons_at_start(region, parameters)
    return first, region.end_month - first, stock, stock * parameters.senior_entry / 12.0
