"""What each measure of a plan adds, what happens when project money ends, which assumption would change the plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ...model.parameters import parameter_table
from . import judge
from .asked import FRESH, REFINEMENT, STATUS_QUO

if TYPE_CHECKING:
    from ...model.plan import Plan
    from .asked import Asked
    from .levers import Choice, Space
    from .runs import Outcome

type OutcomesOf = Callable[..., list[list[Outcome]]]
"""Returns for plans, seeds and (optionally) parameter values the outcomes, one list by plan."""

FLIPS = (
    "plan", "measure", "parameter", "low", "value", "high", "difference_low", "difference_high", "flips", "threshold",
    "rank_correlation",
)  # fmt: skip


def leave_one_out(
    outcomes_of: OutcomesOf,
    asked: Asked,
    space: Space,
    choices: Mapping[str, Choice],
    fresh: Mapping[str, Sequence[Outcome]],
) -> pd.DataFrame:
    """Return for each plan and each of its measures the plan minus the plan without that measure, on fresh seeds.

    Positive means the measure raises the figure. The parts of a plan act together, so they need not add up.
    """
    seeds = range(FRESH, FRESH + asked.effort.fresh)
    tables: list[pd.DataFrame] = []
    for name, choice in choices.items():
        used = [i for i, number in enumerate(choice) if number]
        without = {space.levers[i].name: space.without(choice, i) for i in used}
        plans = [space.plan(other) if any(other) or asked.decided else None for other in without.values()]
        found = outcomes_of(plans, seeds)
        for lever, outcomes in zip(without, found, strict=True):
            runs = {"without": outcomes, lever: fresh[name]}
            table = judge.differences(runs, "without", asked.goals, drawn=asked.posterior)
            tables.append(table.rename(columns={"plan": "lever"}).assign(plan=name))
    columns = ["plan", "lever", "measure", "pairs", "difference", "low", "high", "verdict"]
    everything = pd.concat(tables) if tables else pd.DataFrame(columns=pd.Index(columns))
    return everything.reset_index(drop=True).reindex(columns=columns)


def without_project_money(
    outcomes_of: OutcomesOf, asked: Asked, plans: Mapping[str, Plan], fresh: Mapping[str, Sequence[Outcome]]
) -> pd.DataFrame:
    """Return for each plan with fixed-term posts, by year, what it would be if its posts went on at the owner's cost.

    Columns: plan, year, measure, as_planned, carried_on, difference, low, high.
    """
    rows: list[dict[str, Any]] = []
    seeds = range(FRESH, FRESH + asked.effort.fresh)
    for name, plan in plans.items():
        longer = carried_on(plan)
        if longer.fingerprint() == plan.fingerprint():
            continue
        other = outcomes_of([longer], seeds)[0]
        for measure in other[0].years:
            if measure == "year":
                continue
            mine = np.array([outcome.years[measure] for outcome in fresh[name]])
            theirs = np.array([outcome.years[measure] for outcome in other])
            for column, year in enumerate(other[0].years["year"]):
                gap = theirs[:, column] - mine[:, column]
                mean, low, high = judge.mean_interval(judge.of_draws(gap) if asked.posterior else gap)
                rows.append(
                    {"plan": name, "year": int(year), "measure": measure, "as_planned": float(mine[:, column].mean()),
                     "carried_on": float(theirs[:, column].mean()), "difference": mean, "low": low, "high": high}
                )  # fmt: skip
    columns = ("plan", "year", "measure", "as_planned", "carried_on", "difference", "low", "high")
    return pd.DataFrame(rows, columns=pd.Index(columns))


def carried_on(plan: Plan) -> Plan:
    """Return the plan with every fixed-term post going on at its owner's cost."""
    posts = tuple(
        post.model_copy(update={"end": "", "afterwards": "own" if post.programme else post.afterwards})
        for post in plan.post
    )
    return plan.model_copy(update={"post": posts})


def flips(outcomes_of: OutcomesOf, asked: Asked, plans: Mapping[str, Plan], futures: pd.DataFrame) -> pd.DataFrame:
    """Return which assumptions change what a plan does: those that go most with its effect, moved to both ends.

    Parameters are ranked by the rank correlation of their value with the plan's difference to the status quo over the
    drawn futures, in the goal where it is largest; the first few are then moved one by one to the ends of their range,
    all others at their value. `flips` says that the sign of the difference changes between the ends, `threshold` where
    (straight line between the two ends).
    """
    uncertain = [str(name) for name in futures.columns if str(name).startswith("p_")]
    if not uncertain or asked.effort.assumptions == 0:
        return pd.DataFrame(columns=pd.Index(FLIPS))
    drawn: Any = futures[futures["point"] >= 0].set_index(["point", "variant"])
    rows: list[dict[str, Any]] = []
    seeds = range(REFINEMENT, REFINEMENT + max(3, asked.effort.refinement // 2))
    for name, plan in plans.items():
        base, own = drawn.xs(STATUS_QUO, level="variant"), drawn.xs(name, level="variant")
        gap = own[list(asked.goals)] - base[list(asked.goals)]
        strength = _correlations(own[uncertain], gap)
        ranked = (
            strength.abs().max(axis=1).sort_values(ascending=False, kind="stable").index[: asked.effort.assumptions]
        )
        for column in ranked:
            entry = parameter_table()[str(column).removeprefix("p_")]
            ends = []
            for value in (entry.low, entry.high):
                before, after = outcomes_of([asked.baseline, plan], seeds, {entry.name: value})
                ends.append(np.nanmean(judge.values(after, asked.goals) - judge.values(before, asked.goals), axis=0))
            for number, goal in enumerate(asked.goals):
                low, high = float(ends[0][number]), float(ends[1][number])
                turns = low * high < 0
                at = entry.low + (entry.high - entry.low) * low / (low - high) if turns else np.nan
                rows.append(
                    {"plan": name, "measure": goal, "parameter": entry.name, "low": entry.low, "value": entry.value,
                     "high": entry.high, "difference_low": low, "difference_high": high, "flips": turns,
                     "threshold": at, "rank_correlation": float(strength.loc[column, goal])}
                )  # fmt: skip
    return pd.DataFrame(rows, columns=pd.Index(FLIPS))


def _correlations(values: pd.DataFrame, gap: pd.DataFrame) -> pd.DataFrame:
    """Return rank correlations of parameters (rows) with differences (columns); 0 where nothing varies."""
    ranks, effects = values.rank(), gap.rank()
    table = {goal: ranks.corrwith(effects[goal]) for goal in effects.columns}
    return pd.DataFrame(table).fillna(0.0)
