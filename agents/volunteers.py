"""Volunteer networks (Helferkreise): helpers come with need that is seen, tire, and stay longer when looked after.

All networks of a run are rows of one table; `VolunteerNetwork` is a Mesa agent that is a handle on its row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from .jit import rule
from .sums import added, summed

if TYPE_CHECKING:
    from ..model.integration_model import IntegrationModel

WEEKS_PER_MONTH = 52.0 / 12.0

NETWORK = np.dtype(
    [
        ("municipality", "i8"),
        ("part", "i8"),  # number of its field of action
        ("structure", "i8"),  # number of the structure that stands for its work
        ("helpers", "f8"),
        ("readiness", "f8"),  # part of those who would come that still do, 0 to 1
        ("coordinated", "f8"),  # share of the helpers that a post looks after
        ("elsewhere", "f8"),  # helpers that other fields of action have won in the same place
    ]
)


@rule
def helpers_after_a_month(
    helpers: float, wanted: float, coordinated: float, join_months: float, exit_hazard: float,
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


@rule
def case_hours(helpers: float, coordinated: float, weekly: float, case_share: float, uncoordinated: float) -> float:
    """Return the hours a month that helpers give to cases; without coordination a part is lost to poor matching
    (X12).
    """
    matched = coordinated + (1.0 - coordinated) * uncoordinated
    return helpers * weekly * WEEKS_PER_MONTH * case_share * matched


@rule
def network_month(network: Any, wanted: float, inhabitants: float, p: Any) -> None:
    """Let helpers join and leave for a month: `wanted` by the need, out of a municipality's `inhabitants`."""
    helpers = helpers_after_a_month(
        float(network.helpers), wanted * float(network.readiness), float(network.coordinated), p.helper_join_months,
        p.helper_exit, p.helper_exit_coordinated,
        max(0.0, 1.0 - float(network.elsewhere) / (p.helper_pool_share * inhabitants)),
    )  # fmt: skip
    tired = p.helper_fatigue / 12.0 if helpers >= 1.0 else -1.0 / p.helper_recovery_months
    network.helpers = helpers
    network.readiness = min(1.0, max(p.helper_least_readiness, float(network.readiness) * (1.0 - tired)))


@rule
def offered_hours(network: Any, weekly: float, p: Any) -> float:
    """Return the hours a month of a network's structure by the helpers it has, each with `weekly` hours a week."""
    return case_hours(
        float(network.helpers), float(network.coordinated), weekly, p.helper_case_share, p.helper_uncoordinated_work
    )


@rule
def look_after(
    networks: Any, support: Any, active: Any, fte: Any, known: Any, first: Any, places: Any, by_field: Any,
    looked_after: Any, p: Any,
) -> None:  # fmt: skip
    """Find out which share of each network's helpers a post looks after, and what other fields have won there.

    Structures (S,) that are `active` and give a part of their time to helpers (`support`) reach
    places[first[s]:first[s + 1]] and look after `helpers_per_post` for each FTE of it, as far as they are `known`.
    `by_field` (F, M) and `looked_after` (M,) are scratch and zero; `p` is an array of one record.
    """
    t = p[0]
    for i in range(len(networks)):
        by_field[networks[i].part, networks[i].municipality] += networks[i].helpers
    n_places = len(looked_after)
    helpers, there = np.zeros(n_places), np.empty(n_places)
    for f in range(len(by_field)):
        for m in range(n_places):
            helpers[m] += by_field[f, m]
    for s in range(len(support)):
        if support[s] == 0.0 or not active[s]:
            continue
        for i in range(first[s], first[s + 1]):
            there[i - first[s]] = helpers[places[i]]
        reached = added(there, first[s + 1] - first[s])
        able = max(fte[s] * support[s], t.honorary_fte) * known[s] * t.helpers_per_post
        each = able / reached if reached > 0.0 else 0.0
        for i in range(first[s], first[s + 1]):
            looked_after[places[i]] += each
    for i in range(len(networks)):
        m = networks[i].municipality
        networks[i].coordinated = min(1.0, looked_after[m])
        networks[i].elsewhere = helpers[m] - by_field[networks[i].part, m]


@rule
def help_all(networks: Any, wanted: Any, inhabitants: Any, weekly: Any, hours: Any, p: Any, live: bool) -> None:
    """Let the helpers of all networks join and leave for a month (`live`), and set their structures' `hours` (S,).

    `wanted` (F, M) helpers by the need, `inhabitants` (M,), `weekly` (F,) hours of a helper.
    """
    for i in range(len(networks)):
        network = networks[i]
        f, m = int(network.part), int(network.municipality)
        if live:
            network_month(network, wanted[f, m], inhabitants[m], p[0])
        hours[int(network.structure)] = offered_hours(network, weekly[f], p[0])


@rule
def live_networks(
    networks: Any, support: Any, active: Any, fte: Any, known: Any, first: Any, places: Any, wanted: Any,
    inhabitants: Any, weekly: Any, hours: Any, p: Any,
) -> tuple[float, float]:  # fmt: skip
    """Let all networks live a month, looked after as posts can; return their helpers and all hours these give, cases or
    not. See `look_after` and `help_all`.
    """
    look_after(
        networks, support, active, fte, known, first, places, np.zeros(wanted.shape), np.zeros(wanted.shape[1]), p
    )
    help_all(networks, wanted, inhabitants, weekly, hours, p, True)
    helpers, given = np.empty(len(networks)), np.empty(len(networks))
    for i in range(len(networks)):
        helpers[i] = networks[i].helpers
        given[i] = helpers[i] * weekly[networks[i].part] * WEEKS_PER_MONTH
    return summed(helpers, len(helpers)), summed(given, len(given))


class VolunteerNetwork(mesa.Agent["IntegrationModel"]):
    """The helpers of one municipality for one field of action: a handle on their row in the table of networks."""

    def __init__(self, model: IntegrationModel, row: int) -> None:
        """Take the model and the row; the state itself stays in `model.helpers.networks`."""
        super().__init__(model)
        self.row = row

    @property
    def record(self) -> Any:
        """The network's row; assigning to its fields changes the model."""
        return self.model.helpers.networks[self.row]

    @property
    def municipality(self) -> int:
        """Number of its municipality."""
        return int(self.record.municipality)

    @property
    def structure(self) -> int:
        """Number of the structure that stands for its work."""
        return int(self.record.structure)

    @property
    def field(self) -> int:
        """Number of its field of action."""
        return int(self.record.part)

    @property
    def helpers(self) -> float:
        """Active helpers."""
        return float(self.record.helpers)

    @property
    def coordinated(self) -> float:
        """Share of the helpers that a post looks after."""
        return float(self.record.coordinated)

    def step(self) -> None:
        """Let helpers join and leave for a month: the same rules as the compiled loop, applied to this row alone."""
        self.model.helpers.live_one(self.row)
