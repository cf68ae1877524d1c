"""Judging plans from runs with common seeds: means, paired differences with intervals, dominance, ties, spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ...model.measures import MEASURES
from ..decision import undominated
from ..paired import mean_interval, of_draws
from .goals import signs

if TYPE_CHECKING:
    from .runs import Outcome

DIFFERENCES = (
    "plan",
    "measure",
    "goal",
    "pairs",
    "mean",
    "difference",
    "low",
    "high",
    "all_low",
    "all_high",
    "verdict",
)


def values(outcomes: Sequence[Outcome], measures: Sequence[str]) -> np.ndarray:
    """Return the measures of some runs, shape (runs, measures)."""
    return np.array([[outcome.measures[name] for name in measures] for outcome in outcomes], np.float64)


def differences(
    runs: Mapping[str, Sequence[Outcome]], reference: str, measures: Sequence[str], *, goals: Sequence[str] = (),
    level: float = 0.95, drawn: bool = False, judged: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Return the mean of each plan and its mean difference to the reference, runs paired by their order (the seed).

    `low` and `high` hold the true difference with the stated level, each for itself; `all_low` and `all_high` hold all
    differences of the goals (of all plans) at once (Bonferroni). `verdict` is better, worse or open, by the latter.
    `drawn`: neighbouring runs share a draw of parameters, so two of them are one observation (`pairs` counts those).
    `judged` is the number of plans that were judged on these runs where some were then left out: `all_low` and
    `all_high` hold for those as well, or the luck by which a plan stays would be taken for its effect.
    """
    goals = goals or tuple(measures)
    base = values(runs[reference], measures)
    many = max(1, max(judged, len(runs) - 1) * len(goals))
    rows: list[dict[str, Any]] = []
    for plan, outcomes in runs.items():
        if plan == reference:
            continue
        own = values(outcomes, measures)
        for number, name in enumerate(measures):
            gap = own[:, number] - base[:, number]
            gap = of_draws(gap) if drawn else gap[~np.isnan(gap)]
            mean, low, high = mean_interval(gap, level=level)
            _, all_low, all_high = mean_interval(gap, level=1.0 - (1.0 - level) / many)
            rows.append(
                {"plan": plan, "measure": name, "goal": name in goals, "pairs": len(gap),
                 "mean": float(np.nanmean(own[:, number])) if len(gap) else np.nan, "difference": mean, "low": low,
                 "high": high, "all_low": all_low, "all_high": all_high,
                 "verdict": verdict(name, all_low, all_high, gap)}
            )  # fmt: skip
    return pd.DataFrame(rows, columns=pd.Index(DIFFERENCES))


def verdict(measure: str, low: float, high: float, gap: np.ndarray) -> str:
    """Return whether a difference is surely better, surely worse, exactly the same, or open."""
    if len(gap) and not gap.any():
        return "same"
    better = MEASURES[measure].better
    if better == "none" or not (low > 0 or high < 0):
        return "open"
    return "better" if (low > 0) == (better == "higher") else "worse"


def means(runs: Mapping[str, Sequence[Outcome]], goals: Sequence[str]) -> np.ndarray:
    """Return the mean of each goal by plan, all to be made large, shape (plans, goals)."""
    return np.array([np.nanmean(values(outcomes, goals), axis=0) for outcomes in runs.values()]) * signs(goals)


def kept(runs: Mapping[str, Sequence[Outcome]], goals: Sequence[str]) -> list[str]:
    """Return the plans whose means no other plan of the runs dominates."""
    flags = undominated(means(runs, goals))
    return [name for name, keep in zip(runs, flags, strict=True) if keep]


def dominators(runs: Mapping[str, Sequence[Outcome]], goals: Sequence[str]) -> dict[str, str]:
    """Return for each dominated plan one that dominates it."""
    names, table = list(runs), means(runs, goals)
    found: dict[str, str] = {}
    for i, name in enumerate(names):
        over = (table >= table[i]).all(axis=1) & (table > table[i]).any(axis=1)
        if over.any():
            found[name] = names[int(np.argmax(over))]
    return found


def ties(
    runs: Mapping[str, Sequence[Outcome]], goals: Sequence[str], *, level: float = 0.95, drawn: bool = False
) -> list[tuple[str, str]]:
    """Return the pairs of plans that cannot be told apart: no goal differs surely between them."""
    names = list(runs)
    found = []
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            table = differences({one: runs[one], other: runs[other]}, one, goals, level=level, drawn=drawn)
            if set(table["verdict"]) <= {"open", "same"}:
                found.append((one, other))
    return found


def spread(table: np.ndarray, most: int) -> list[int]:
    """Return at most `most` rows that cover the values best: the best of each goal, then those furthest from the rest.

    `table` has goals to be made large, shape (rows, goals).
    """
    n = len(table)
    if n <= most:
        return list(range(n))
    low, high = table.min(axis=0), table.max(axis=0)
    unit = (table - low) / np.where(high > low, high - low, 1.0)
    chosen = list(dict.fromkeys(int(i) for i in unit.argmax(axis=0)))[:most]
    while len(chosen) < most:
        distance = np.abs(unit[:, None, :] - unit[None, chosen, :]).sum(axis=2).min(axis=1)
        distance[chosen] = -1.0
        chosen.append(int(distance.argmax()))
    return sorted(chosen)


def balanced(table: np.ndarray) -> np.ndarray:
    """Return the rows in order of their largest loss over the goals, each goal measured from its worst to its best.

    It weighs no goal against another; it is one order among many, and the others are shown beside it.
    """
    low, high = table.min(axis=0), table.max(axis=0)
    loss = (high - table) / np.where(high > low, high - low, 1.0)
    return np.lexsort((loss.sum(axis=1), loss.max(axis=1)))
