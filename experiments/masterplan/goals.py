"""What a plan is judged by: measures with a better direction, as numbers of which more is better or less."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...model.errors import InputError, Problem, closest
from ...model.measures import MEASURES, measures_of

if TYPE_CHECKING:
    from ...model.field import Field

_OTHERS = {
    "cost": "total_cost",
    "equality": "burden_gini",
    "duplication": "duplication_share",
    "gaps": "operational_gap_share",
    "cliff": "cliff_exposure",
}
"""The measures that stand for total cost, equality of burden, duplication, gaps and cliff exposure.

Gaps are open cases nobody held for three months, those without any eligible body among them.
"""


def default_goals(field: Field) -> tuple[str, ...]:
    """Return the goals where none are named: the outcome of each field at work, then the five others.

    The outcome is what the field names in `outcome` of its field.toml, else its first headline outcome.

    >>> from ...model.field import load_field
    >>> default_goals(load_field("seniors"))[0]
    'at_home_share'
    """
    known = measures_of(field)
    outcomes = [part.outcome for part in field.parts if part.outcome in known]
    if not outcomes:
        headline = [name for name, measure in known.items() if measure.headline and measure.question == "outcomes"]
        outcomes = [name for name in headline if known[name].better != "none"][:1]
    return (*outcomes, *_OTHERS.values())


def check_goals(names: Sequence[str], field: Field) -> tuple[str, ...]:
    """Return the goals; raises InputError for measures the field has not, ones without a better direction, doubles."""
    known = measures_of(field)
    usable = [name for name, measure in known.items() if measure.better != "none"]
    problems = [
        Problem(f"unknown goal {name!r}, {closest(name, usable)}", "--goals")
        if name not in known
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
