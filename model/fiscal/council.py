"""How the district sets its levy: need first, then the administration's proposal, then what the council makes of it.

Rates in percent, amounts EUR per year. Observed in Coburg for 2016: 42.5 decided where 44 and then 43 were proposed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .amounts import plain

if TYPE_CHECKING:
    from .amounts import Numbers


def uncovered_need(
    *,
    spending: Numbers,
    regional_levy: Numbers,
    task_cost: Numbers,
    margin: Numbers,
    allocation: Numbers,
    grants: Numbers,
    shortfall: Numbers = 0.0,
) -> Numbers:
    """Return what the district levy has to bring (ungedeckter Bedarf), EUR, at least 0 (BayFAG Art. 18, LKrO Art. 56).

    Spending, levy of the Bezirk, cost of the fields' tasks, the margin kept for investment and an uncovered shortfall
    of earlier years, less the key allocation and the grants per head.
    """
    total = np.asarray(spending) + regional_levy + task_cost + margin + shortfall - allocation - grants
    return plain(np.maximum(0.0, total))


def proposed_rate(needed_percent: Numbers) -> Numbers:
    """Return the rate the administration proposes, percent: the needed one, rounded up to half points.

    >>> proposed_rate(43.2)
    43.5
    """
    return plain(np.ceil(np.round(np.asarray(needed_percent, np.float64) * 2.0, 9)) / 2.0)


def decided_rate(
    needed_percent: Numbers, expected_percent: Numbers, *, restraint: float, largest_change: float
) -> Numbers:
    """Return the rate the council decides, percent.

    `expected_percent` is the rate without anything new: the quoted one, or last year's. A higher need is met less
    `restraint` (0 to 1.5 points below the proposal), a lower need in full, both in half points and by at most
    `largest_change` points; the expected rate itself may be a quarter. Not below 0, not above 100.

    >>> decided_rate(44.0, 42.5, restraint=0.75, largest_change=3.0)
    43.5
    >>> decided_rate(42.9, 42.5, restraint=0.75, largest_change=3.0)
    42.5
    """
    gap = np.asarray(needed_percent, np.float64) - expected_percent
    passed = np.where(gap > 0.0, np.maximum(0.0, gap - restraint), gap)
    # Half a half point counts as one; the nudge keeps floats a hair below it on the right side.
    steps = np.sign(passed) * np.floor(np.abs(passed) * 2.0 + 0.5 + 1e-9) / 2.0
    steps = np.clip(steps, -largest_change, largest_change)
    return plain(np.clip(np.asarray(expected_percent, np.float64) + steps, 0.0, 100.0))
