"""Rule `community`: shared register and case conference of all levels, gaps by joint liability
(Verantwortungsgemeinschaft).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .base import Candidates, Rule

if TYPE_CHECKING:
    from ..parameters import Parameters


def precedence(c: Candidates, p: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """Give the case to free capacity wherever it is; bodies without a mandate come last."""
    del p
    return np.where(c.stands_in, 1.0, 0.0), c.free


def conference_growth(p: Parameters) -> float:
    """Return how a conference's length grows per participant beyond ten."""
    return p.conference_growth


def conference_delay(p: Parameters) -> float:
    """Return the months until the conference has decided."""
    return p.conference_delay


RULE = Rule(
    "community",
    "Community of responsibility",
    "Verantwortungsgemeinschaft",
    precedence,
    passes_over_full=True,
    joint_liability=True,
    meeting_growth=conference_growth,
    delay_months=conference_delay,
)
