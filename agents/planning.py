"""How an actor plans: it sees part of the unmet need, nets out what it knows of others' plans, and wishes for posts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Wish:
    """A post or project an actor would like: for which task, where, and how many case hours a month it would fill."""

    actor: str
    task: int
    hours: float
    fte: float
    catchment: tuple[int, ...]


def perceived_need(
    unmet_hours: np.ndarray, visibility: np.ndarray, sight: float, months: float, known_plans: np.ndarray
) -> np.ndarray:
    """Return the need per task an actor believes in, in case hours a month, shape (K,).

    It sees unmet work (`unmet_hours`, a stock) by the task's visibility and its own closeness (`sight`), would clear it
    within `months`, and subtracts the hours of posts others have asked for as far as it knows of them (`known_plans`).
    """
    return np.maximum(unmet_hours * visibility * sight / months - known_plans, 0.0)


def wishes(
    actor: str,
    need: np.ndarray,
    competence: np.ndarray,
    catchment: tuple[int, ...],
    *,
    least: float,
    hours_per_fte: float,
) -> list[Wish]:
    """Return the posts an actor wishes for: one per task it may act on, from `least` hours a month, in quarters."""
    found = []
    for task in np.flatnonzero(competence & (need >= least)):
        quarters = max(1, round(4.0 * float(need[task]) / hours_per_fte))
        found.append(Wish(actor, int(task), float(need[task]), min(quarters, 8) / 4.0, catchment))
    return found
