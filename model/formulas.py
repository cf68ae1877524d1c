"""The building blocks of measures: counts, shares and cells of a run's record as monthly series.

A series has shape (T,) for the region only, or (T, M + 1) for every municipality and, last, the region.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from .recorder import REGION_COLUMN

if TYPE_CHECKING:
    from .record import RunRecord

Compute = Callable[["RunRecord"], np.ndarray]


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Divide, NaN where there is nothing to divide by."""
    return np.divide(part, whole, out=np.full(np.broadcast(part, whole).shape, np.nan), where=whole > 0)


def count(name: str) -> Compute:
    """A count of the census."""
    return lambda r: r.with_total(r.count(name))


def share(part: str, whole: str) -> Compute:
    """One count of the census over another."""
    return lambda r: ratio(count(part)(r), count(whole)(r))


def cell(column: int) -> Compute:
    """A counter of the cells."""
    return lambda r: r.with_total(r.cells_by_place[:, :, column])


def cell_share(part: int, whole: int) -> Compute:
    """One counter of the cells over another."""
    return lambda r: ratio(cell(part)(r), cell(whole)(r))


def figure(name: str) -> Compute:
    """A monthly figure of the whole region."""
    return lambda r: r.region[:, REGION_COLUMN[name]]


def figure_share(part: str, whole: str) -> Compute:
    """One figure of the region over another."""
    return lambda r: ratio(figure(part)(r), figure(whole)(r))


def volunteer_eur(r: RunRecord) -> np.ndarray:
    """Value of the month's volunteer hours."""
    return figure("volunteer_hours")(r) * r.volunteer_hour_value


def cost_per(outcome: Compute) -> Compute:
    """Cumulative total cost over cumulative outcome units."""

    def compute(r: RunRecord) -> np.ndarray:
        total = np.cumsum(r.net_cost("all") / 100.0 + volunteer_eur(r))
        units = np.cumsum(outcome(r))
        return ratio(total, units)

    return compute


def months_of(name: str) -> Compute:
    """Months spent in a state, over the region."""
    return lambda r: count(name)(r)[:, -1]
