"""The search for plans: screening, refinement, robustness, and a last comparison on seeds nobody has looked at.

A plan is chosen on the seeds of screening and refinement and judged on fresh ones, so what is reported of it is not
the luck it was chosen for. All stages run all plans with the same seeds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ...model.calendar import month_label, year_of
from ...model.field import load_field
from ...model.parameters import Parameters
from ..decision import regret
from ..draws import drawn_values, uncertain_parameters
from ..parameter_draws import SEEDS_PER_DRAW
from . import judge
from .asked import DRAWN_GROUPS, FRESH, REFINEMENT, ROBUSTNESS, SCREENING, STATUS_QUO
from .candidates import levers_of
from .contributions import flips, leave_one_out, without_project_money
from .evolve import evolve, front
from .goals import signs
from .levers import Space
from .runs import Run

if TYPE_CHECKING:
    from ...model.plan import Plan
    from .asked import Asked
    from .levers import Choice
    from .runs import Outcome, Runner


@dataclass(slots=True)
class Found:
    """What a search found; tables are as they are written (docs/plan-format.md)."""

    asked: Asked
    space: Space
    plans: dict[str, Plan]
    choices: dict[str, Choice]
    tables: dict[str, pd.DataFrame]
    stages: list[dict[str, Any]]
    ties: list[tuple[str, str]]
    dropped: dict[str, str]
    fresh: dict[str, list[Outcome]]

    @property
    def reported(self) -> list[str]:
        """The plans that are reported, the most balanced first."""
        return list(self.plans)

    def better(self) -> list[str]:
        """Return the plans that are surely better than the status quo in a goal and surely worse in none."""
        return [name for name, verdicts in self._verdicts().items() if "better" in verdicts and "worse" not in verdicts]

    def trades(self) -> list[str]:
        """Return the plans that are surely better in a goal and surely worse in another."""
        return [name for name, verdicts in self._verdicts().items() if {"better", "worse"} <= verdicts]

    def _verdicts(self) -> dict[str, set[str]]:
        """Return what the goals of each plan are found to be."""
        found: dict[str, set[str]] = {name: set() for name in self.plans}
        for row in self.tables["differences"].to_dict("records"):
            if row["goal"]:
                found[row["plan"]].add(row["verdict"])
        return found


def find_plans(asked: Asked, runner: Runner, *, stage: Callable[[str], None] | None = None) -> Found:
    """Search for plans; `stage` is told the name of each stage as it begins."""
    search = _Search(asked, runner, stage or (lambda _: None))
    return search.run()


class _Search:
    """The stages of one search, in order."""

    def __init__(self, asked: Asked, runner: Runner, stage: Callable[[str], None]) -> None:
        self.asked, self.runner, self._tell = asked, runner, stage
        self.stages: list[dict[str, Any]] = []
        self.base = asked.baseline
        self.scenario = asked.scenarios[0]
        self.tables: dict[str, pd.DataFrame] = {}

    def run(self) -> Found:
        """Go through all stages."""
        asked, effort = self.asked, self.asked.effort
        self._begin("need")
        before = self.outcomes([self.base], range(SCREENING, SCREENING + effort.screening))[0]
        space = self._space(before)
        self._end(plans=1)
        self._begin("screening")
        tried = self._screen(space)
        self._end(plans=len(tried))
        self._begin("refinement")
        choices, refined = self._refine(space, tried)
        self._end(plans=len(refined) - 1)
        plans = {name: space.plan(choice, name) for name, choice in choices.items()}
        self._begin("robustness")
        futures = self._futures(plans)
        self._end(plans=len(plans))
        self._begin("fresh seeds")
        fresh, dropped = self._fresh(plans)
        self._end(plans=len(plans))
        plans = {name: plan for name, plan in plans.items() if name not in dropped}
        choices = {name: choices[name] for name in plans}
        measures = [name for name in before[0].measures if name not in asked.goals]
        alive = {STATUS_QUO: fresh[STATUS_QUO], **{name: fresh[name] for name in plans}}
        every = [*asked.goals, *measures]
        self.tables["differences"] = judge.differences(
            alive, STATUS_QUO, every, goals=asked.goals, drawn=asked.posterior, judged=len(fresh) - 1
        )
        ties = judge.ties(alive, asked.goals, drawn=asked.posterior)
        self._begin("measures")
        explained = dict(list(plans.items())[: effort.explained])
        self.tables["contributions"] = leave_one_out(
            self.outcomes, asked, space, {name: choices[name] for name in explained}, fresh
        )
        self.tables["project_money"] = without_project_money(self.outcomes, asked, explained, fresh)
        self._end(plans=len(explained))
        self._begin("assumptions")
        self.tables["assumptions"] = flips(self.outcomes, asked, explained, futures)
        self._end(plans=len(explained))
        return Found(asked, space, plans, choices, self.tables, self.stages, ties, dropped, fresh)

    # ---- runs -----------------------------------------------------------------------------------------------

    def outcomes(
        self, plans: Sequence[Plan | None], seeds: Sequence[int] | range, values: Mapping[str, float] | None = None
    ) -> list[list[Outcome]]:
        """Return for each plan the outcomes of the seeds in the first scenario, in one go."""
        runs = [
            Run(plan, self.scenario, seed, {**self.asked.values(seed), **(values or {})})
            for plan in plans
            for seed in seeds
        ]
        found = self.runner(runs)
        n = len(seeds)
        return [found[i * n : (i + 1) * n] for i in range(len(plans))]

    # ---- stages ---------------------------------------------------------------------------------------------

    def _space(self, before: Sequence[Outcome]) -> Space:
        asked = self.asked
        need = {task: float(np.mean([o.tasks[task][-1] for o in before])) for task in before[0].tasks}
        places = {key: float(np.mean([o.places[key] for o in before])) for key in before[0].places}
        policy = asked.variant
        for plan in asked.decided.chain() if asked.decided else ():
            policy = plan.policy(policy)
        levers = asked.levers or levers_of(
            asked.region, policy, need, places, asked.first, asked.last, tasks=asked.effort.tasks
        )
        levers = (*levers, *asked.offered)
        frame = {"from": month_label(asked.first), "until": month_label(asked.last), "region": asked.region.name,
                 "field": asked.region.field, "earlier": asked.decided}  # fmt: skip
        fixed = {} if asked.posterior else asked.values(SCREENING)
        cost = Parameters({**self.scenario.parameters, **asked.variant.parameters, **fixed}).post_cost_eur
        committed: dict[int, float] = {}
        for plan in asked.decided.chain() if asked.decided else ():
            for entry in plan.posts_by_year(cost, last=asked.last):
                if entry.year >= year_of(asked.first):
                    committed[entry.year] = committed.get(entry.year, 0.0) + entry.eur
        return Space(levers, frame, asked.budget_eur, cost, asked.last, policy.rule, committed)

    def plan_of(self, space: Space, choice: Choice) -> Plan | None:
        """Return the plan of a choice; None when it decides nothing and nothing was decided before."""
        return space.plan(choice) if any(choice) or self.asked.decided else None

    def _screen(self, space: Space) -> dict[Choice, np.ndarray]:
        asked, effort = self.asked, self.asked.effort
        seeds = range(SCREENING, SCREENING + effort.screening)

        def goals_of(choices: list[Choice]) -> np.ndarray:
            plans = [self.plan_of(space, choice) for choice in choices]
            found = dict(enumerate(self.outcomes(plans, seeds)))
            return -judge.means({str(i): outcomes for i, outcomes in found.items()}, asked.goals)

        tried = evolve(
            space, goals_of, goals=len(asked.goals), evaluations=effort.evaluations, population=effort.population,
            seed=effort.search_seed,
        )  # fmt: skip
        rows = [
            {"number": number, "decisions": _words(space, choice), "eur_in_dearest_year": space.cost(choice),
             **dict(zip(asked.goals, -goals * signs(asked.goals), strict=True))}
            for number, (choice, goals) in enumerate(tried.items())
        ]  # fmt: skip
        self.tables["tried"] = pd.DataFrame(rows)
        return tried

    def _refine(
        self, space: Space, tried: dict[Choice, np.ndarray]
    ) -> tuple[dict[str, Choice], dict[str, list[Outcome]]]:
        """Return the finalists, the most balanced first, and their outcomes with those of the status quo."""
        asked, effort = self.asked, self.asked.effort
        best = [choice for choice in front(tried) if any(choice)]
        table = -np.array([tried[choice] for choice in best]).reshape(len(best), -1)
        best = [best[i] for i in judge.spread(table, effort.refined)] if best else []
        seeds = range(REFINEMENT, REFINEMENT + effort.refinement)
        runs = self.outcomes([self.base, *(space.plan(choice) for choice in best)], seeds)
        outcomes = dict(zip([STATUS_QUO, *map(str, range(len(best)))], runs, strict=True))
        left = [int(name) for name in judge.kept(outcomes, asked.goals) if name != STATUS_QUO]
        values = judge.means({str(i): outcomes[str(i)] for i in left}, asked.goals) if left else np.zeros((0, 1))
        chosen = judge.spread(values, effort.finalists) if left else []
        order = judge.balanced(values[chosen]).tolist() if chosen else []
        choices = {f"plan_{chr(ord('a') + rank)}": best[left[chosen[i]]] for rank, i in enumerate(order)}
        return choices, outcomes

    def _futures(self, plans: Mapping[str, Plan]) -> pd.DataFrame:
        """Run the finalists in every scenario and at every draw; write down regret and satisficing shares."""
        asked, effort = self.asked, self.asked.effort
        names = {STATUS_QUO: self.base, **plans}
        entries: list[tuple[str, int, str, Run]] = []
        for number, scenario in enumerate(asked.scenarios):
            for seed in range(ROBUSTNESS, ROBUSTNESS + max(2, effort.screening)) if number else ():
                entries += [
                    (name, -1, scenario.name, Run(plan, scenario, seed, asked.values(seed)))
                    for name, plan in names.items()
                ]
        for point, values in enumerate(self._draws()):
            seed = ROBUSTNESS + 1000 + point
            entries += [
                (name, point, self.scenario.name, Run(plan, self.scenario, seed, values))
                for name, plan in names.items()
            ]
        found = self.runner([entry[3] for entry in entries])
        rows = [
            {"variant": name, "point": point, "scenario": scenario, "seed": run.seed,
             **{goal: outcome.measures[goal] for goal in outcome.measures},
             **{f"p_{key}": value for key, value in (run.parameters.items() if point >= 0 else ())}}
            for (name, point, scenario, run), outcome in zip(entries, found, strict=True)
        ]  # fmt: skip
        futures = pd.DataFrame(rows)
        self.tables["robustness"] = _robust(futures, asked.goals) if plans and rows else pd.DataFrame()
        return futures

    def _draws(self) -> list[Mapping[str, float]]:
        """Return the parameter values of the futures: of the posterior, else from the whole admissible ranges.

        What policy or scenario set on purpose stays as they set it.
        """
        asked, effort = self.asked, self.asked.effort
        if asked.posterior:
            seeds = (
                ROBUSTNESS + 1000 + SEEDS_PER_DRAW * point for point in range(effort.draws)
            )  # each a draw of its own
            return [asked.values(seed) for seed in seeds]
        groups = (*DRAWN_GROUPS, *load_field(asked.region.field).parameter_groups)
        given = {*asked.variant.parameters, *self.scenario.parameters}
        entries = [entry for group in groups for entry in uncertain_parameters(group, without=given)]
        return list(drawn_values(entries, effort.draws, seed=effort.search_seed)) if effort.draws else []

    def _fresh(self, plans: Mapping[str, Plan]) -> tuple[dict[str, list[Outcome]], dict[str, str]]:
        """Return the outcomes on fresh seeds, and the plans that are dominated there with what dominates them."""
        asked = self.asked
        runs = self.outcomes([self.base, *plans.values()], range(FRESH, FRESH + asked.effort.fresh))
        fresh = dict(zip([STATUS_QUO, *plans], runs, strict=True))
        over = judge.dominators(fresh, asked.goals)
        return fresh, {name: by for name, by in over.items() if name != STATUS_QUO}

    # ---- bookkeeping ----------------------------------------------------------------------------------------

    def _begin(self, name: str) -> None:
        self._tell(name)
        self._open = (name, time.perf_counter(), len(self.runner.counted), self.runner.done)

    def _end(self, *, plans: int) -> None:
        name, start, counted, done = self._open
        self.stages.append(
            {"stage": name, "plans": plans, "runs": len(self.runner.counted) - counted,
             "new_runs": self.runner.done - done, "seconds": round(time.perf_counter() - start, 1)}
        )  # fmt: skip


def _words(space: Space, choice: Choice) -> str:
    """Return a choice in short words, for the list of what was tried."""
    parts = []
    for lever, option in space.options(choice):
        more = [f"{post.fte:g} FTE" + (f" to {post.end}" if post.end else "") for post in option.posts]
        more += [lead.owner for lead in option.leads] + [f"{value}" for value in option.settings.values()]
        parts.append(f"{lever.name} = {', '.join(more)}")
    return "; ".join(parts) or "as it was"


def _robust(futures: pd.DataFrame, goals: Sequence[str]) -> pd.DataFrame:
    """Return regret by goal and plan, and the share of futures in which a plan is at least as good as no plan."""
    table = regret(futures, goals)
    rows: list[dict[str, Any]] = []
    keys = ["scenario", "point"]
    mean: Any = futures.groupby([*keys, "variant"], sort=False)[list(goals)].mean()
    for goal, sign in zip(goals, signs(goals), strict=True):
        wide = sign * mean.reset_index().pivot_table(index=keys, columns="variant", values=goal, sort=False)
        for name in wide.columns:
            gap = (wide[name] - wide[STATUS_QUO]).dropna()
            rows.append({"objective": goal, "variant": name, "as_good_share": float((gap >= 0).mean())})
    shares = pd.DataFrame(rows)
    table = table.merge(shares, on=["objective", "variant"], how="left")
    return table.rename(columns={"objective": "measure", "variant": "plan"})
