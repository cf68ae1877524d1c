"""What a plan is judged by: measures with a better direction, as numbers of which more is better or less."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...model.errors import InputError, Problem, closest
from ...model.measures import MEASURES

GOALS = {
    "outcome": "self_sufficient_share",
    "cost": "total_cost",
    "equality": "burden_gini",
    "duplication": "duplication_share",
    "gaps": "operational_gap_share",
    "cliff": "cliff_exposure",
}
"""The measures that stand for outcome, total cost, equality of burden, duplication, gaps and cliff exposure.

Gaps are open cases nobody held for three months, those without any eligible body among them.
"""


def check_goals(names: Sequence[str]) -> tuple[str, ...]:
    """Return the goals; raises InputError for unknown measures, ones without a better direction, and doubles."""
    usable = [name for name, measure in MEASURES.items() if measure.better != "none"]
    problems = [
        Problem(f"unknown goal {name!r}, {closest(name, usable)}", "--goals")
        if name not in MEASURES
        else Problem(f"{name!r} has no better direction and cannot be a goal", "--goals")
        for name in names
        if name not in usable
    ]
    if len(set(names)) < len(names):
        problems.append(Problem("a goal stands twice", "--goals", value=",".join(names)))
    if not names:
        problems.append(Problem("no goals", "--goals", expected="at least one measure"))
    if problems:
        raise InputError(problems)
    return tuple(names)


def signs(goals: Sequence[str]) -> np.ndarray:
    """Return +1 for goals of which more is better, -1 for those of which less is."""
    return np.array([1.0 if MEASURES[name].better == "higher" else -1.0 for name in goals])
