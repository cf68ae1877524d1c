"""What is asked of a search for plans, how much is to be tried, and the seeds of its stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .runs import World

if TYPE_CHECKING:
    from ...model.plan import Plan
    from ...model.region import Region
    from ...model.variant import Scenario, Variant
    from .levers import Lever

STATUS_QUO = "status_quo"
SCREENING, REFINEMENT, ROBUSTNESS, FRESH = 1, 1_000_001, 2_000_001, 3_000_001
"""First seeds of the stages: no stage sees the seeds of another."""
DRAWN_GROUPS = ("responsibility", "coordination", "structures", "volunteers", "instruments")
"""Groups of parameters that are drawn beside those of the field's people."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is tried: numbers of plans, seeds and futures.

    `evaluations` plans are tried with `screening` seeds each; `refined` of them again with `refinement` seeds; at most
    `finalists` are judged in `draws` draws of the uncertain parameters and in every scenario, and with `fresh` seeds.
    The first `explained` of them are taken apart measure by measure; `assumptions` is how many parameters are moved to
    the ends of their ranges to see what would change.
    """

    evaluations: int = 120
    population: int = 24
    screening: int = 2
    refined: int = 16
    refinement: int = 6
    finalists: int = 6
    draws: int = 16
    fresh: int = 20
    explained: int = 2
    assumptions: int = 6
    tasks: int = 6
    search_seed: int = 1

    def runs(self, scenarios: int) -> int:
        """Return about how many runs the search takes: what progress is measured against."""
        tried = (self.evaluations + 1) * self.screening + (self.refined + 1) * self.refinement
        final = (self.finalists + 1) * (self.fresh + self.draws + (scenarios - 1) * max(2, self.screening))
        parts = self.explained * 6 * self.fresh
        return tried + final + parts + self.explained * self.assumptions * 4 * max(3, self.refinement // 2)


def no_values(seed: int) -> Mapping[str, float]:  # noqa: ARG001
    """Return no parameter values: all stand as parameters.csv has them."""
    return {}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: where, from when to when, with which budget, by which goals, over which scenarios.

    `decided` is the plan already in force that a new one follows, `reference` what plans are compared with (nothing
    new at all by default). `values` returns the parameter values of a seed: with `posterior` those of a draw, and the
    futures are such draws as well; else futures are drawn from the admissible ranges. `levers` replace those of the
    region, `offered` ones are added to them.
    """

    region: Region
    variant: Variant
    first: int
    last: int
    budget_eur: float
    scenarios: tuple[Scenario, ...]
    goals: tuple[str, ...]
    effort: Effort = field(default_factory=Effort)
    decided: Plan | None = None
    reference: Plan | None = None
    levers: tuple[Lever, ...] = ()
    offered: tuple[Lever, ...] = ()
    values: Callable[[int], Mapping[str, float]] = no_values
    posterior: bool = False

    @property
    def baseline(self) -> Plan | None:
        """What plans are compared with; None when nothing new is decided in it."""
        return self.reference or self.decided

    @property
    def world(self) -> World:
        """What all runs of the search share."""
        return World(self.region, self.variant, self.first, self.last)
