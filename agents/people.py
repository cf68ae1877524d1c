"""What the people of every field of action have in common: the columns of their table, and a Mesa agent for a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa

from .codes import HERE

if TYPE_CHECKING:
    import numpy as np

    from ..model.integration_model import IntegrationModel
    from ..model.people import People

CORE: dict[str, str] = {
    "identity": "fixed for a seed and below 2**63; the same household in every variant",
    "open_tasks": "bit k: a case of task k of the field is open",
    "municipality": "number of the municipality it lives in",
    "arrived": "month number since which the model knows it",
    "stay": "codes.NOT_YET, HERE (has needs) or LEFT",
    "served_at": "month a case of each task was last served (K,)",
    "guide": "actor that last served the household, -1 for none",
    "contact_points": "bodies that hold a file of the household this month",
    "trust": "trust in bodies, 0 to 1",
    "confusion": "confusion by too many bodies, 0 to 1",
}
"""Columns that the table of every field's people has, with their meaning."""


class Household(mesa.Agent["IntegrationModel"]):
    """A household of a field of action: a handle on its row in the table of the field's people."""

    def __init__(self, model: IntegrationModel, people: People, row: int) -> None:
        """Take the model, the people it belongs to and the row; the state itself stays in `people.table`."""
        super().__init__(model)
        self.people = people
        self.row = row

    @property
    def record(self) -> np.record:
        """The household's row; assigning to its fields changes the model."""
        return self.people.table[self.row]

    @property
    def identity(self) -> int:
        """The identity by which its random numbers are keyed; the same in every variant of a seed."""
        return int(self.record.identity)

    @property
    def is_here(self) -> bool:
        """Whether the household lives in the region now."""
        return int(self.record.stay) == HERE

    def step(self) -> None:
        """Live the model's current month: the same rules as the compiled loop, applied to this row alone."""
        self.people.live_one(self.row, self.model.month)
