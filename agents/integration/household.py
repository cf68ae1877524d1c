"""A migrant household: the tables that hold its state, and the Mesa agent that is a handle on its row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..people import Household
from .codes import MAX_ADULTS, MAX_CHILDREN, N_TASKS

if TYPE_CHECKING:
    from ...model.fields.integration.households import Households

HOUSEHOLD = np.dtype(
    [
        ("identity", "i8"),  # fixed for a seed; the same person in every variant
        ("open_tasks", "i4"),  # bit k: a case of task k is open
        ("guide", "i4"),  # actor that last served the household, -1 for none; a country has more than 2**15 actors
        ("district", "i2"),  # number of its district
        ("municipality", "i2"),  # number of the municipality it lives in
        ("arrived", "i2"),  # month number
        ("stay", "i1"),  # NOT_YET, HERE, LEFT
        ("origin", "i1"),  # asylum or Ukraine: which procedure it goes through
        ("n_adults", "i1"),  # 1 or 2
        ("n_children", "i1"),  # 0 to 4
        ("vulnerable", "i1"),  # 1 when in particular need of protection
        ("finds_flat_easily", "i1"),  # 1 for those who have the help or the size the market takes (evidence H03)
        ("status", "i1"),  # procedure, protected, tolerated, ... (codes.py)
        ("accommodation", "i1"),  # emergency, collective, flat of the district, private (codes.py)
        ("status_since", "i2"),  # month number
        ("bound_until", "i2"),  # residence rule (Wohnsitzauflage) ends in this month
        ("moved_in", "i2"),  # month number
        ("child_born", "i2", (MAX_CHILDREN,)),  # month number of birth
        ("child_place", "i1", (MAX_CHILDREN,)),  # 1 when the child has a place in day care or school
        ("served_at", "i2", (N_TASKS,)),  # month a case of the task was last served
        ("contact_points", "i1"),  # bodies that hold a file of the household this month
        ("kita_rank", "u1"),  # 0..255, drawn at entry: families of a low rank look for day care first
        ("contacts", "f8"),  # regular ties with residents
        ("trust", "f8"),  # 0..1
        ("confusion", "f8"),  # 0..1
        ("delay_scar", "f8"),  # job-start multiplier left by waiting in the procedure (X04, X05)
    ],
    align=True,
)

# Widest fields first, so that nothing is padded: with two adults a household takes 200 bytes.
ADULT = np.dtype(
    [
        ("level", "f8"),  # German: 0 none, 1 A1, 2 A2, 3 B1, 4 B2, 5 C1
        ("talent", "f8"),  # learning speed, mean 1
        ("lessons", "f4"),  # attended
        ("wage_cents", "i4"),  # gross, a month
        ("born", "i2"),  # month number of birth
        ("work_since", "i2"),  # month number
        ("first_work", "i2"),  # month of the first job ever
        ("course_since", "i2"),  # month number
        ("placed_from", "i2"),  # after this month job placement acts ...
        ("placed_until", "i2"),  # ... until this one: see `place_in_work`
        ("work", "i1"),  # none, minor, apprenticeship, regular (codes.py)
        ("present", "i1"),  # 1 for an adult that exists
        ("female", "i1"),  # 1 or 0
        ("education", "i1"),  # 0 low, 1 middle, 2 high
        ("vocation", "i1"),  # 1 with a usable vocational training
        ("literacy", "i1"),  # needs a literacy course
        ("course", "i1"),  # not yet, waiting, attending, done (codes.py)
        ("repeats", "i1"),  # 1 once the lessons of a repeater were added to the course
    ]
)


class MigrantHousehold(Household):
    """A household of one or two adults and their children."""

    people: Households

    @property
    def adults(self) -> tuple[np.record, ...]:
        """The rows of its adults (one or two)."""
        rows = self.people.adults[MAX_ADULTS * self.row : MAX_ADULTS * (self.row + 1)]
        return tuple(row for row in rows if row.present)
