"""Volunteer networks (Helferkreise): helpers come with need that is seen, tire, and stay longer when looked after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa

if TYPE_CHECKING:
    from ..model.integration_model import IntegrationModel

WEEKS_PER_MONTH = 52.0 / 12.0


def helpers_after_a_month(
    helpers: float, wanted: float, coordinated: float, *, join_months: float, exit_hazard: float,
    coordinated_ratio: float, free: float = 1.0,
) -> float:  # fmt: skip
    """Return the active helpers after a month.

    Helpers come towards the number `wanted`, the slower the smaller the part `free` (0..1) of those ready to help that
    other fields of action have not won; each leaves with `exit_hazard` (D01), which a staffed contact point
    multiplies by `coordinated_ratio` (D02) for the share `coordinated`.
    """
    joining = max(0.0, wanted - helpers) / join_months * free
    leaving = helpers * exit_hazard * (1.0 - coordinated + coordinated * coordinated_ratio)
    return helpers + joining - leaving


def case_hours(helpers: float, coordinated: float, *, weekly: float, case_share: float, uncoordinated: float) -> float:
    """Return the hours a month that helpers give to cases; without coordination a part is lost to poor matching
    (X12).
    """
    matched = coordinated + (1.0 - coordinated) * uncoordinated
    return helpers * weekly * WEEKS_PER_MONTH * case_share * matched


class VolunteerNetwork(mesa.Agent["IntegrationModel"]):
    """The helpers of one municipality for one field of action, and the structure that stands for their work."""

    def __init__(self, model: IntegrationModel, municipality: int, structure: int, field: int) -> None:
        """Take the municipality, the number of the network's structure, and the number of its field of action."""
        super().__init__(model)
        self.municipality = municipality
        self.structure = structure
        self.field = field
        self.helpers = 0.0
        self.readiness = 1.0
        self.coordinated = 0.0
        self.elsewhere = 0.0  # helpers that other fields of action have won in the same place

    def step(self) -> None:
        """Let helpers join and leave for a month and set the hours of their structure."""
        p = self.model.parameters
        wanted = float(self.model.helpers_wanted[self.field][self.municipality]) * self.readiness
        pool = p.helper_pool_share * self.model.inhabitants_at_start[self.municipality]
        self.helpers = helpers_after_a_month(
            self.helpers, wanted, self.coordinated, join_months=p.helper_join_months, exit_hazard=p.helper_exit,
            coordinated_ratio=p.helper_exit_coordinated, free=max(0.0, 1.0 - self.elsewhere / pool),
        )  # fmt: skip
        tired = p.helper_fatigue / 12.0 if self.helpers >= 1.0 else -1.0 / p.helper_recovery_months
        self.readiness = min(1.0, max(p.helper_least_readiness, self.readiness * (1.0 - tired)))
        self.offer()

    def offer(self) -> None:
        """Set the hours a month of the network's structure by the helpers it has."""
        p = self.model.parameters
        self.model.register.columns["hours"][self.structure] = case_hours(
            self.helpers, self.coordinated,
            weekly=self.weekly_hours, case_share=p.helper_case_share, uncoordinated=p.helper_uncoordinated_work,
        )  # fmt: skip

    @property
    def hours_given(self) -> float:
        """All hours of the helpers in a month, cases or not."""
        return self.helpers * self.weekly_hours * WEEKS_PER_MONTH

    @property
    def weekly_hours(self) -> float:
        """Hours a helper gives in a week."""
        return self.model.people[self.field].helper_hours
