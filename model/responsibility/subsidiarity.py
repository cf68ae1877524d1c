"""Rule `subsidiarity`: the lowest level with a mandate first; on refusal or full capacity the case goes up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .base import Candidates, Rule

if TYPE_CHECKING:
    from ..parameters import Parameters

# Municipality and its volunteers, then free welfare and providers (their precedence: § 5 SGB XII, § 4 SGB VIII), then
# up.
_STEP = np.array([0.0, 0.0, 1.0, 1.0, 2.0, 3.0, 4.0, 5.0])


def precedence(c: Candidates, p: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """Ask by level from the bottom; within a level by capacity."""
    del p
    return _STEP[c.level], c.capacity


RULE = Rule("subsidiarity", "Subsidiarity", "Subsidiarität", precedence, passes_over_full=True)
