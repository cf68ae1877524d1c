"""The district authority (Landkreis): sees all its places from further away; its council decides by its own rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .actors import PlanningActor

if TYPE_CHECKING:
    from ..model.integration_model import IntegrationModel


class DistrictAuthority(PlanningActor):
    """One district with its municipalities."""

    level = "district"

    def __init__(self, model: IntegrationModel, index: int, places: tuple[int, ...]) -> None:
        """Take the district's number and its municipalities."""
        self.index = index
        self.key = model.region.districts[index].key
        super().__init__(model, f"district:{self.key}", places, model.parameters.notice_upper_level)

    @property
    def levy_rate(self) -> float:
        """Rate of the district levy in force (Kreisumlage, share of the base)."""
        return float(self.model.budgets.levy_rate[self.index])
