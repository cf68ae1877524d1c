"""How an actor plans: it sees part of the unmet need, nets out what it knows of others' plans, and wishes for posts."""

from __future__ import annotations

from dataclasses import dataclass

from .jit import rule


@dataclass(frozen=True, slots=True)
class Wish:
    """A post an actor would like: for which task (its number), how many case hours a month it would fill, its size in
    FTE, and the municipalities it is for.
    """

    actor: str
    task: int
    hours: float
    fte: float
    catchment: tuple[int, ...]


@rule
def perceived_need(unmet_hours: float, visibility: float, sight: float, months: float, known_plans: float) -> float:
    """Return the need for a task an actor believes in, in case hours a month.

    It sees unmet work (`unmet_hours`, a stock) by the task's visibility and its own closeness (`sight`), would clear it
    within `months`, and subtracts the hours of posts others have asked for as far as it knows of them (`known_plans`).
    """
    need = unmet_hours * visibility * sight / months - known_plans
    return need if need > 0.0 else 0.0


@rule
def known_hours(hours: float, overlap: float, cooperation: float) -> float:
    """Return what an actor knows of the hours a month another has asked for: the part that falls in its own places
    (`overlap`), as far as the two cooperate (both from 0 to 1).
    """
    return hours * overlap * cooperation


@rule
def posts_for(need: float, hours_per_fte: float) -> float:
    """Return the posts (FTE) an actor asks for to meet a need: in quarters, from a quarter to two."""
    quarters = max(1, round(4.0 * need / hours_per_fte))
    return min(quarters, 8) / 4.0
