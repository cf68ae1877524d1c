"""The helpers of a run: all volunteer networks as one table, and their month in two compiled loops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents.jit import plain
from ..agents.volunteers import NETWORK, help_all, live_networks
from .calendar import year_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .integration_model import IntegrationModel


class Helpers:
    """The volunteer networks of a run: `networks` has one row each, in the order of their structures."""

    def __init__(self, model: IntegrationModel, rows: Sequence[tuple[int, int, int]]) -> None:
        """Take municipality, field of action and structure of each network; nobody helps yet."""
        self.model = model
        p = model.parameters
        self.rows: Any = plain(np.zeros(len(rows), NETWORK).view(np.recarray))
        """The networks as compiled code takes them."""
        for i, row in enumerate(rows):
            self.rows[i] = *row, 0.0, 1.0, 0.0, 0.0
        self.field_of = self.rows["part"].copy()
        self.actor_of = model.register.columns["actor"][self.rows["structure"]]
        self._constants = plain(p.records("volunteers"))
        self._inhabitants = np.asarray(model.population(year_of(model.region.start_month) - 1), np.float64)
        self._weekly = np.array([people.helper_hours for people in model.people], np.float64)
        self.given = (0.0, 0.0)
        """Helpers of the month, and all hours they gave, cases or not."""
        self.wanted = np.zeros((len(model.people), len(model.region.keys)))
        """Helpers that the present need would bring together, by field and municipality, (F, M)."""

    def want(self, month: int) -> None:
        """Count for every field how many helpers the present need would bring together."""
        for wanted, people in zip(self.wanted, self.model.people, strict=True):
            wanted[:] = people.helpers_wanted(month)

    def start(self) -> None:
        """Let the helpers be there who help when a run begins."""
        share = self.model.parameters.helpers_at_start
        for network in self.networks:
            network.helpers = share * float(self.wanted[network.part, network.municipality])
        self._help(self.rows, live=False)

    def live(self, month: int) -> None:
        """Let helpers join, tire and leave for a month; posts that coordinate them keep them and match them better."""
        self.want(month)
        model, register = self.model, self.model.register
        c = register.columns
        self.given = live_networks(
            self.rows, c["support"], register.active(month), c["fte"],
            register.knowledge(month, model.parameters.ramp_up_level), register.catch_start, register.catch_list,
            self.wanted, self._inhabitants, self._weekly, c["hours"], self._constants,
        )  # fmt: skip

    def live_one(self, row: int) -> None:
        """Let the helpers of one network join and leave for a month."""
        self._help(self.rows[row : row + 1], live=True)

    def _help(self, networks: Any, *, live: bool) -> None:
        hours = self.model.register.columns["hours"]
        help_all(networks, self.wanted, self._inhabitants, self._weekly, hours, self._constants, live)

    @property
    def networks(self) -> Any:
        """The table of networks, read by attribute."""
        return self.rows.view(np.recarray)
