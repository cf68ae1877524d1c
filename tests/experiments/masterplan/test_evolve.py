"""The search among choices: what it asks for, what it finds, and that it can be repeated."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from kreislauf.experiments.masterplan.evolve import evolve, front
from kreislauf.experiments.masterplan.levers import Choice, Lever, Option, Space
from kreislauf.model.plan import Lead, Post

FRAME = {"from": "2018-01", "until": "2020-12"}
COST = 80_000.0


def post(task: str, fte: float) -> Option:
    return Option(posts=(Post(tasks=(task,), owner="district", fte=fte),))


def space(posts: int = 4, *, budget: float = 150_000.0) -> Space:
    sizes = (0.5, 1.0, 1.5)
    levers = [Lever(f"post{i}", "post", tuple(post(f"t{i}", fte) for fte in sizes)) for i in range(posts)]
    levers.append(Lever("rule", "rule", tuple(Option({"rule": name}) for name in ("community", "lead_agency"))))
    levers.append(Lever("lead", "lead", (Option(leads=(Lead(task="advice", owner="district", place=("all",)),)),)))
    return Space(tuple(levers), FRAME, budget, COST, last=71)


def made_up(choices: Sequence[Choice]) -> np.ndarray:
    """Return two goals of a known landscape: an outcome with an interaction and a penalty, and the cost."""
    rows = []
    for choice in choices:
        posts, rule, lead = choice[:-2], choice[-2], choice[-1]
        worth = sum(weight * fte for weight, fte in zip((3.0, 1.0, 2.0, 0.2), posts, strict=False))
        worth += (
            2.5 * (rule == 1) + 1.0 * (rule == 2) + 4.0 * lead * (rule == 2) * (posts[0] > 0) - 0.3 * sum(posts) ** 2
        )
        rows.append([-worth, 40_000.0 * sum(posts) + 1_000.0 * (rule > 0)])
    return np.array(rows)


def every(of: Space) -> list[Choice]:
    return [choice for choice in itertools.product(*(range(n) for n in of.sizes))
            if of.cost(choice) <= of.budget_eur and of.tidy(choice) == choice]  # fmt: skip


def test_the_best_of_all_choices_is_found_in_most_of_ten_seeds_though_only_a_part_is_tried():
    small = space()
    choices = every(small)
    best = made_up(choices)[:, 0].min()
    hits = 0
    for seed in range(1, 11):
        found = evolve(small, made_up, goals=2, evaluations=60, population=12, seed=seed)
        assert len(found) <= 60 < len(choices) / 2
        values = np.array(list(found.values()))[:, 0]
        hits += bool(values.min() <= best + 0.01 * abs(best))
    assert hits >= 7


def test_nothing_beyond_the_budget_is_ever_tried_and_the_status_quo_always_is():
    small = space(budget=90_000.0)
    found = evolve(small, made_up, goals=2, evaluations=60, population=12, seed=3)
    assert small.none() in found
    assert all(small.cost(choice) <= small.budget_eur for choice in found)


def test_the_same_search_asks_for_the_same_choices_in_the_same_order():
    runs = [list(evolve(space(), made_up, goals=2, evaluations=50, population=10, seed=7)) for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0] != list(evolve(space(), made_up, goals=2, evaluations=50, population=10, seed=8))


def test_a_small_space_is_gone_through_in_full():
    tiny = space(posts=1)
    found = evolve(tiny, made_up, goals=2, evaluations=1000, population=10, seed=1)
    assert set(found) == set(every(tiny))


def test_leads_count_only_where_the_rule_asks_for_leads():
    small = space(posts=1)
    assert small.tidy((0, 0, 1)) == (0, 0, 0)  # as before: every office for itself
    assert small.tidy((0, 1, 1)) == (0, 1, 0)  # community
    assert small.tidy((0, 2, 1)) == (0, 2, 1)  # lead agency
    assert small.plan((0, 1, 1)).lead == ()


@pytest.mark.parametrize("seed", range(5))
def test_giving_up_posts_brings_any_choice_within_the_budget(seed: int):
    small = space()
    random: Any = np.random.default_rng(seed)
    kept = small.within_budget((3, 3, 3, 3, 1, 0), random)
    assert small.cost(kept) <= small.budget_eur
    assert kept[-2] == 1


def test_the_front_has_no_dominated_choice_and_loses_no_other():
    found = dict(zip(choices := every(space(posts=2)), made_up(choices), strict=True))
    kept = front(found)
    for choice, value in found.items():
        beaten = any((other <= value).all() and (other < value).any() for other in found.values())
        assert (choice in kept) is not beaten
