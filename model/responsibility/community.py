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


RULE = Rule(
    "community",
    "Community of responsibility",
    "Verantwortungsgemeinschaft",
    precedence,
    passes_over_full=True,
    joint_liability=True,
    meeting_growth=lambda p: p.conference_growth,
    delay_months=lambda p: p.conference_delay,
)
