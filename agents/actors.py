"""What all planning actors share: a name among the actors, the places they look after, and a quarterly plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa
import numpy as np

from .planning import Wish, perceived_need, wishes

if TYPE_CHECKING:
    from ..model.integration_model import IntegrationModel


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
        self.need = np.zeros(len(model.field.tasks))

    def plan(self) -> list[Wish]:
        """Update the need the actor believes in (case hours a month and task) and return the posts it wishes for."""
        model = self.model
        self.need = perceived_need(
            model.unmet_hours(self.places),
            model.visibility,
            self.sight,
            model.parameters.planning_months,
            model.known_plans(self.name, self.places),
        )
        return wishes(
            self.name,
            self.need,
            model.competence[self.level],
            self.places,
            least=model.parameters.least_post_hours,
            hours_per_fte=model.parameters.hours_per_fte,
        )
