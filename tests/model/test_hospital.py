"""Stays in hospital are counted whatever comes of them: home again, a care home or death in the same month."""

from __future__ import annotations

import numpy as np
import pytest
from kreislauf.agents.codes import HERE, LEFT, NEVER
from kreislauf.agents.seniors.codes import AT_HOME, DEAD, GRADE, IN_CARE_HOME
from kreislauf.agents.seniors.household import HOUSEHOLD, PERSON
from kreislauf.agents.seniors.rules import household_month
from kreislauf.model.fields.seniors.census import CENSUS, take_census
from kreislauf.model.fields.seniors.households import _SHARED, PLACE
from kreislauf.model.parameters import Parameters

P = Parameters.default().record("seniors", *_SHARED)
NEVER_DRAWN = 0.999999


def rows():
    """Return the tables of one household of a single person of 80 with a care grade."""
    table = np.zeros(1, HOUSEHOLD).view(np.recarray)
    persons = np.zeros(2, PERSON).view(np.recarray)
    table.arrived, table.stay, table.n_persons = -20, HERE, 1
    for name in ("served_at", "hospital_at", "adapted_since"):
        table[name] = NEVER
    persons.left_at = persons.died_at = persons.need_since = NEVER
    persons[0].born, persons[0].where, persons[0].need = 12 - 80 * 12, AT_HOME, GRADE
    return table, persons


def live(table, persons, month, *, death=NEVER_DRAWN, hospital=NEVER_DRAWN, home=NEVER_DRAWN):
    place = np.zeros(1, PLACE).view(np.recarray)
    place.care_homes = 1.0
    household_month(
        table[0], persons[0], persons[1], month, place[0], P, NEVER_DRAWN, NEVER_DRAWN,
        death, NEVER_DRAWN, hospital, home, *[NEVER_DRAWN] * 4,
    )  # fmt: skip


def counted(table, persons, month):
    out = np.zeros(1, CENSUS).view(np.recarray)
    take_census(table, persons, 1, month, P, out)
    return out[0]


@pytest.mark.parametrize(
    ("luck", "where", "stay"),
    [({}, AT_HOME, HERE), ({"home": 0.0}, IN_CARE_HOME, LEFT), ({"death": 0.0}, DEAD, LEFT)],
)
def test_a_stay_in_hospital_counts_in_its_month_only_whether_at_its_end_is_home_a_care_home_or_death(luck, where, stay):
    table, persons = rows()
    live(table, persons, 12, hospital=0.0, **luck)
    assert (persons[0].where, table[0].stay) == (where, stay)
    assert counted(table, persons, 12).hospital == 1
    if where != DEAD:
        live(table, persons, 13)
    assert counted(table, persons, 13).hospital == 0


def test_only_who_comes_home_has_just_come_back_from_hospital():
    for luck, month in (({}, 12), ({"home": 0.0}, NEVER), ({"death": 0.0}, NEVER)):
        table, persons = rows()
        live(table, persons, 12, hospital=0.0, **luck)
        assert table[0].hospital_at == month


@pytest.mark.parametrize("luck", [{}, {"home": 0.0}, {"death": 0.0}])
def test_without_a_stay_none_is_counted(luck):
    table, persons = rows()
    live(table, persons, 12, **luck)
    assert counted(table, persons, 12).hospital == 0
