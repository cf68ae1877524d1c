"""Rule `district_lead`: the district, or whom it pays, takes all cases; the others refer (Federführung des
Landkreises).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..structures import LEVEL
from .base import Candidates, Rule

if TYPE_CHECKING:
    from ..parameters import Parameters


def precedence(c: Candidates, p: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """Ask the district first, then its contractors; others only where neither exists."""
    del p
    tier = np.where(c.level == LEVEL["district"], 0.0, np.where(c.contractor, 1.0, 2.0))
    return tier, c.capacity


RULE = Rule("district_lead", "District leads", "Landkreis federführend", precedence)
