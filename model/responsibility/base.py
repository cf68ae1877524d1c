"""What a responsibility-sharing rule says: in which order bodies are asked, and what keeping to the rule costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..parameters import Parameters


@dataclass(frozen=True, slots=True)
class Candidates:
    """All pairs of a cell and a structure that may take on its cases; every property is an array of the same length.

    `level` is 0 volunteers, 1 municipality, 2 welfare, 3 provider, 4 district, 5 bezirk, 6 state, 7 federal;
    `contractor` is True where the district pays a part; `lead` where the responsibility matrix names the structure;
    `same_cluster` where it belongs to the municipality's own alliance; `stands_in` where it has no mandate;
    `capacity` and `free` are hours a month.

    >>> one, yes = np.ones(1), np.array([True])
    >>> c = Candidates(one, one, one, yes, yes, yes, ~yes, 20 * one, 5 * one)
    >>> c.free.tolist()
    [5.0]
    """

    task: np.ndarray
    municipality: np.ndarray
    level: np.ndarray
    contractor: np.ndarray
    lead: np.ndarray
    same_cluster: np.ndarray
    stands_in: np.ndarray
    capacity: np.ndarray
    free: np.ndarray


Precedence = Callable[[Candidates, "Parameters"], tuple[np.ndarray, np.ndarray]]


def _nothing(p: Parameters) -> float:  # noqa: ARG001
    """The cost or delay of a rule that has none."""
    return 0.0


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its precedence among candidates and the properties of the procedure.

    `precedence` returns (tier, weight): the lowest tier is asked first; within a tier cases are shared by weight, and a
    weight of zero never takes a case. `exclusive` rules let one body hold a case; `passes_over_full` ones go on to
    the next when a body is full. `pools` shares municipal bodies within clusters; `joint_liability` lets any body
    stand in for a case nobody holds. `upkeep_hours(p)` are hours a year and participant that the rule costs beside
    its meetings; `meeting_growth(p)` how the length of a meeting grows per participant beyond ten; `delay_months(p)`
    before work begins.

    >>> rule = Rule("equal", "Equal", "Gleich", lambda c, p: (np.zeros(len(c.task)), np.ones(len(c.task))))
    >>> rule.exclusive
    True
    """

    name: str
    title_en: str
    title_de: str
    precedence: Precedence
    exclusive: bool = True
    passes_over_full: bool = False
    pools: bool = False
    joint_liability: bool = False
    needs_matrix: bool = False
    upkeep_hours: Callable[[Parameters], float] = _nothing
    meeting_growth: Callable[[Parameters], float] = _nothing
    delay_months: Callable[[Parameters], float] = _nothing


def check_rule(rule: Rule, parameters: Parameters) -> None:
    """Raise AssertionError unless a rule keeps the promises every rule makes; for rules third parties add.

    Precedence must be a pure function: same answer twice, arrays of the candidates' length, finite tiers, weights of
    zero or more, and no dependence on the order of the candidates.

    >>> from ..parameters import Parameters
    >>> from .community import RULE
    >>> check_rule(RULE, Parameters.default())
    """
    n = 12
    grid = np.arange(n)
    candidates = Candidates(
        task=grid % 3, municipality=grid % 4, level=grid % 8, contractor=grid % 2 == 0, lead=grid % 5 == 0,
        same_cluster=grid % 3 == 0, stands_in=grid % 7 == 6, capacity=10.0 + grid, free=np.where(grid % 4 == 0, 0.0,
        5.0),
    )  # fmt: skip
    tier, weight = rule.precedence(candidates, parameters)
    again = rule.precedence(candidates, parameters)
    assert tier.shape == weight.shape == (n,), f"rule {rule.name}: tier and weight need one number per candidate"
    assert np.isfinite(tier).all(), f"rule {rule.name}: tiers must be finite"
    assert (weight >= 0).all(), f"rule {rule.name}: weights must be zero or more"
    assert (tier == again[0]).all(), f"rule {rule.name}: precedence must be a pure function"
    assert (weight == again[1]).all(), f"rule {rule.name}: precedence must be a pure function"
    turned = Candidates(*(getattr(candidates, name)[::-1] for name in Candidates.__slots__))
    tier_turned, weight_turned = rule.precedence(turned, parameters)
    assert (tier == tier_turned[::-1]).all(), f"rule {rule.name}: precedence depends on the order of candidates"
    assert (weight == weight_turned[::-1]).all(), f"rule {rule.name}: precedence depends on the order of candidates"
