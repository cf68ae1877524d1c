"""A municipality (Gemeinde): sees the need of its own place, and decides with its own money and interest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .actors import PlanningActor

if TYPE_CHECKING:
    from ..model.integration_model import IntegrationModel


class Municipality(PlanningActor):
    """One municipality with its number, official key and willingness to act and cooperate (0..1, an assumption)."""

    level = "municipality"

    def __init__(self, model: IntegrationModel, index: int, willingness: float) -> None:
        """Take the municipality's number in the region."""
        self.index = index
        self.key = model.region.keys[index]
        self.willingness = willingness
        super().__init__(model, f"municipality:{self.key}", (index,), 1.0)

    @property
    def free_margin_eur(self) -> float:
        """Free financial margin of the last closed year in euros (freie Finanzspanne)."""
        return float(self.model.budgets.free_margin_cents[self.index]) / 100.0
