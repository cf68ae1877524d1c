"""A senior household: the tables that hold its state, and the Mesa agent that is a handle on its row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..people import Household
from .codes import ABSENT, MAX_PERSONS, N_TASKS

if TYPE_CHECKING:
    from ...model.fields.seniors.households import SeniorHouseholds

HOUSEHOLD = np.dtype(
    [
        ("identity", "i8"),
        ("open_tasks", "i4"),
        ("guide", "i4"),
        ("municipality", "i2"),
        ("arrived", "i2"),  # month its first person turned 75, or the first month of the history
        ("stay", "i1"),  # HERE while somebody lives at home
        ("n_persons", "i1"),  # persons it began with
        ("carer", "i1"),  # 1 while somebody near cares
        ("child_near", "i1"),  # 1 when a child or another near person can care
        ("poor", "i1"),  # 1 when its own means do not pay for care: help for care (Hilfe zur Pflege)
        ("adapted", "i1"),  # 1 when the home is adapted
        ("adapted_since", "i2"),
        ("served_at", "i2", (N_TASKS,)),
        ("hospital_at", "i2"),  # month of the last stay in hospital after which somebody came home
        ("contact_points", "i1"),
        ("contacts", "f8"),  # regular ties outside the household
        ("strain", "f8"),  # strain of the informal carer, 0 to 1
        ("trust", "f8"),
        ("confusion", "f8"),
    ],
    align=True,
)

PERSON = np.dtype(
    [
        ("born", "i2"),  # month number
        ("where", "i1"),  # at home, care home, dead, absent (codes.py)
        ("female", "i1"),  # 1 or 0
        ("need", "i1"),  # level of care need, 0 none (codes.py)
        ("hospital", "i1"),  # 1 in the month of a stay in hospital, whether home, a care home or death follows
        ("need_since", "i2"),  # month number
        ("left_at", "i2"),  # month it moved to a care home
        ("died_at", "i2"),  # month number
    ],
    align=True,
)


class SeniorHousehold(Household):
    """A household of one or two persons, at least one of them 75 or older."""

    people: SeniorHouseholds

    @property
    def persons(self) -> tuple[np.record, ...]:
        """The rows of its persons (one or two)."""
        rows = self.people.persons[MAX_PERSONS * self.row : MAX_PERSONS * (self.row + 1)]
        return tuple(row for row in rows if row.where != ABSENT)
