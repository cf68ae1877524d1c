"""What a plan may decide: levers with their options, and the plan that a choice among them makes.

A choice is one whole number per lever; 0 leaves everything as it was before. Two choices that make the same plan are
the same plan: leads count only where the rule asks for leads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...model.parameters import parameter_table
from ...model.plan import Lead, Plan, Post

type Choice = tuple[int, ...]


def _usual_cost() -> float:
    """Return the cost of a post by which a plan file's budget is checked; a plan at another cost states no budget."""
    return parameter_table()["post_cost_eur"].value


@dataclass(frozen=True, slots=True)
class Option:
    """One way to use a lever: the parts it adds to a plan.

    `settings` are plain keys of the plan file (rule, rounds_per_year, shared_register, funding).
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    leads: tuple[Lead, ...] = ()
    posts: tuple[Post, ...] = ()


@dataclass(frozen=True, slots=True)
class Lever:
    """Something a plan may decide; option 0 is always to leave it as it was."""

    name: str
    kind: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Space:
    """All choices among some levers, and what every plan made from them has in common.

    `frame` has the keys of a plan file that all plans share: from, until, region, field, budget, earlier.
    `post_cost_eur` is the yearly cost of a full-time post by which the budget is counted; `committed` are EUR by year
    that posts decided earlier take of it; `rule_before` is the rule where a choice names none.
    """

    levers: tuple[Lever, ...]
    frame: Mapping[str, Any]
    budget_eur: float
    post_cost_eur: float
    last: int
    rule_before: str = "parallel"
    committed: Mapping[int, float] = field(default_factory=dict)

    @property
    def sizes(self) -> np.ndarray:
        """Number of options of each lever, `as it was` included."""
        return np.array([len(lever.options) + 1 for lever in self.levers], np.int64)

    @property
    def size(self) -> float:
        """Number of choices."""
        return float(np.prod(self.sizes.astype(float)))

    def none(self) -> Choice:
        """Return the choice that leaves everything as it was."""
        return (0,) * len(self.levers)

    def options(self, choice: Sequence[int]) -> list[tuple[Lever, Option]]:
        """Return the levers that are used and how."""
        used = zip(self.levers, choice, strict=True)
        return [(lever, lever.options[number - 1]) for lever, number in used if number]

    def plan(self, choice: Sequence[int], name: str = "plan") -> Plan:
        """Return the plan a choice makes."""
        settings: dict[str, Any] = {}
        leads: list[Lead] = []
        posts: list[Post] = []
        for _, option in self.options(self.tidy(choice)):
            settings |= option.settings
            leads += option.leads
            posts += option.posts
        return Plan.model_validate(
            {**self.frame, **settings, "name": name, "lead": tuple(leads), "post": tuple(posts),
             "budget_eur_per_year": self.budget_eur if self.post_cost_eur == _usual_cost() else None}
        )  # fmt: skip

    def tidy(self, choice: Sequence[int]) -> Choice:
        """Return the choice without leads unless the rule is `lead_agency`: under another they would do nothing."""
        rules = [option.settings["rule"] for _, option in self.options(choice) if "rule" in option.settings]
        if [self.rule_before, *rules][-1] == "lead_agency":
            return tuple(int(number) for number in choice)
        return tuple(
            0 if lever.kind == "lead" else int(number) for lever, number in zip(self.levers, choice, strict=True)
        )

    def cost(self, choice: Sequence[int]) -> float:
        """Return what the posts of a choice cost in the dearest year, EUR."""
        years = self.plan(choice).cost_by_year(self.post_cost_eur, last=self.last)
        return max((eur + self.committed.get(year, 0.0) for year, eur in years.items()), default=0.0)

    def within_budget(self, choice: Sequence[int], random: np.random.Generator) -> Choice:
        """Return the choice, with posts given up in random order until the rest is within the budget."""
        kept = list(choice)
        posts = [i for i, lever in enumerate(self.levers) if lever.kind == "post" and kept[i]]
        order = random.permutation(len(posts)).tolist()
        while order and self.cost(kept) > self.budget_eur * (1.0 + 1e-9):
            kept[posts[order.pop()]] = 0
        return self.tidy(kept)

    def without(self, choice: Sequence[int], lever: int) -> Choice:
        """Return the choice with one lever left as it was."""
        return self.tidy([0 if i == lever else number for i, number in enumerate(choice)])
