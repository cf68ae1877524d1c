"""How the district sets its levy: need first, then the administration's proposal, then what the council makes of it.

Rates in percent, amounts EUR per year. Observed in Coburg for 2016: 42.5 decided where 44 and then 43 were proposed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...agents.jit import rule
from .amounts import plain

if TYPE_CHECKING:
    from .amounts import Numbers


@rule
def uncovered_need(
    spending: float, regional_levy: float, task_cost: float, margin: float, shortfall: float, allocation: float,
    grants: float,
) -> float:  # fmt: skip
    """Return what the district levy has to bring (ungedeckter Bedarf), EUR, at least 0 (BayFAG Art. 18, LKrO Art. 56).

    Spending, levy of the Bezirk, cost of the fields' tasks, the margin kept for investment and an uncovered shortfall
    of earlier years, less the key allocation and the grants per head.

    >>> uncovered_need(100.0, 40.0, 5.0, 3.0, 0.0, 20.0, 8.0)
    120.0
    """
    return max(0.0, spending + regional_levy + task_cost + margin + shortfall - allocation - grants)


def proposed_rate(needed_percent: Numbers) -> Numbers:
    """Return the rate the administration proposes, percent: the needed one, rounded up to half points.

    >>> proposed_rate(43.2)
    43.5
    """
    return plain(np.ceil(np.round(np.asarray(needed_percent, np.float64) * 2.0, 9)) / 2.0)


@rule
def decided_rate(needed_percent: float, expected_percent: float, restraint: float, largest_change: float) -> float:
    """Return the rate the council decides, percent.

    `expected_percent` is the rate without anything new: the quoted one, or last year's. A higher need is met less
    `restraint` (0 to 1.5 points below the proposal), a lower need in full, both in half points and by at most
    `largest_change` points; the expected rate itself may be a quarter. Not below 0, not above 100.

    >>> decided_rate(44.0, 42.5, 0.75, 3.0)
    43.5
    >>> decided_rate(42.9, 42.5, 0.75, 3.0)
    42.5
    """
    gap = needed_percent - expected_percent
    passed = max(0.0, gap - restraint) if gap > 0.0 else gap
    # Half a half point counts as one; the nudge keeps floats a hair below it on the right side.
    steps = np.sign(passed) * np.floor(abs(passed) * 2.0 + 0.5 + 1e-9) / 2.0
    steps = min(max(steps, -largest_change), largest_change)
    return min(max(expected_percent + steps, 0.0), 100.0)


@rule
def decide_levies(
    base: Any, spending: Any, regional_levy: Any, task_cost: Any, kept: Any, shortfall: Any, allocation: Any,
    grants: Any, quoted: Any, points: Any, fixed: Any, restraint: float, largest_change: float, needed: Any, rate: Any,
) -> None:  # fmt: skip
    """Write the rate every district's need asks for and the one its council decides, percent (D,).

    `points` are added to the decided rate, and a `fixed` rate (NaN: none) is taken instead: one for all or one each.
    The council moves against the quoted path only for what is new; a quoted rate is met exactly without changes.
    """
    for d in range(len(base)):
        need = uncovered_need(
            spending[d], regional_levy[d], task_cost[d], kept[d], shortfall[d], allocation[d], grants[d]
        )
        needed[d] = 100.0 * need / max(base[d], 1.0) if base[d] > 0.0 else quoted[d]
        decided = decided_rate(needed[d], quoted[d], restraint, largest_change) + points[d % len(points)]
        given = fixed[d % len(fixed)]
        rate[d] = min(max(decided, 0.0), 100.0) if np.isnan(given) else given
