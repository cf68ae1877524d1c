"""Three simple rivals of the agent-based model: what does it say that a table, a queue or a spreadsheet does not?

Each rival is what somebody would use who had no model, fed with the same figures. Where a rival does as well, agents
add nothing to that question, and the report says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..model.calendar import month_index

if TYPE_CHECKING:
    import pandas as pd

    from .targets import Target


def months_since_arrival(row: Target) -> float:
    """Return the mean months since arrival a row's cell stands for; NaN when the cell does not say."""
    conditions = dict(row.cell.conditions)
    span = conditions.get("since")
    if isinstance(span, tuple):
        return (span[0] + span[1]) / 2.0
    arrived = conditions.get("arrived")
    if isinstance(arrived, tuple) and row.wave is not None:
        return row.wave - (arrived[0] + min(arrived[1], row.wave)) / 2.0
    return math.nan


def hazard_table(rows: Sequence[Target], wanted: Sequence[Target]) -> list[float]:
    """Return what a table by months since arrival says about the wanted rows.

    The log odds of the share grow with the logarithm of the months, a straight line through the published rows of the
    same quantity (least squares, weights from their errors); a wanted row is never among those it is predicted from.
    NaN where fewer than two other rows of the quantity and the same sex say something.
    """

    def who(row: Target) -> tuple[str, object, object]:
        conditions = dict(row.cell.conditions)
        return row.quantity, conditions.get("sex"), conditions.get("course")

    out = []
    for target in wanted:
        known = [row for row in rows if who(row) == who(target) and row.id != target.id and 0 < row.estimate < 1]
        x = np.array([math.log(1.0 + months_since_arrival(row)) for row in known])
        here = math.log(1.0 + months_since_arrival(target))
        if len(known) < 2 or np.isnan([*x, here]).any() or np.ptp(x) == 0.0:
            out.append(math.nan)
            continue
        odds = np.array([math.log(row.estimate / (1.0 - row.estimate)) for row in known])
        spread = np.array([row.se / (row.estimate * (1.0 - row.estimate)) for row in known])
        slope, level = np.polyfit(x, odds, 1, w=1.0 / spread)
        out.append(float(1.0 / (1.0 + math.exp(-(level + slope * here)))))
    return out


def active_hours(structures: pd.DataFrame, column: str, months: int) -> np.ndarray:
    """Return the sum of a column of the table of structures over those active, by month, shape (months,).

    >>> import pandas as pd
    >>> table = pd.DataFrame({"start": ["", "2015-02"], "end": ["2015-02", ""], "hours_per_month": [10.0, 5.0]})
    >>> active_hours(table, "hours_per_month", 3).tolist()
    [10.0, 15.0, 5.0]
    """
    out = np.zeros(months)
    table: Any = structures[["start", "end", column]]
    for row in table.to_dict("records"):
        first = max(0, month_index(row["start"])) if row["start"] else 0
        last = month_index(row["end"]) if row["end"] else months - 1
        out[first : last + 1] += float(row[column])
    return out


def queue(opened: np.ndarray, effort: float, hours: np.ndarray, *, share: float = 1.0) -> tuple[float, float]:
    """Return mean unmet hours and mean wait (months) of one queue for the whole district.

    Every month `opened` cases of `effort` hours come in and `share` of `hours` is worked off; nobody is responsible for
    anything in particular, nothing is lost between bodies.

    >>> queue(np.array([10.0, 0.0]), 2.0, np.array([5.0, 5.0]))
    (12.5, 2.5)
    """
    left, unmet, waits = 0.0, [], []
    for cases, capacity in zip(opened, share * hours, strict=True):
        left = max(0.0, left + cases * effort - capacity)
        unmet.append(left)
        waits.append(left / capacity if capacity > 0 else math.nan)
    return float(np.mean(unmet)), float(np.nanmean(waits))


def spreadsheet(post_cents: np.ndarray, person_months: float, eur_per_person_month: float) -> float:
    """Return the total cost a spreadsheet of posts and heads gives, EUR: posts by month, and a rate per person.

    >>> spreadsheet(np.array([100_00, 200_00]), 10.0, 5.0)
    350.0
    """
    return float(post_cents.sum()) / 100.0 + person_months * eur_per_person_month
