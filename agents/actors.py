"""What all planning actors share: a name among the actors, the places they look after, and a quarterly plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa

if TYPE_CHECKING:
    import numpy as np

    from ..model.integration_model import IntegrationModel
    from .planning import Wish


class PlanningActor(mesa.Agent["IntegrationModel"]):
    """An actor that holds structures, perceives need in its places and wishes for posts.

    `name` is its name among the actors of the register, `level` its level, `places` the municipalities it looks after,
    `sight` how much of a visible need it sees (1: close, less for upper levels).
    """

    level = ""

    def __init__(self, model: IntegrationModel, name: str, places: tuple[int, ...], sight: float) -> None:
        """Take name, places and sight."""
        super().__init__(model)
        self.name = name
        self.places = places
        self.sight = sight

    @property
    def need(self) -> np.ndarray:
        """The need the actor believes in since it last planned, case hours a month and task, shape (K,)."""
        return self.model.politics.plans.need_of(self)

    def plan(self) -> list[Wish]:
        """Update the need the actor believes in (case hours a month and task) and return the posts it wishes for."""
        return self.model.politics.plans.wishes_of(self)
