"""Rule `intermunicipal`: municipalities of an alliance pool their bodies; the district is the backstop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..structures import LEVEL
from .base import Candidates, Rule

if TYPE_CHECKING:
    from ..parameters import Parameters


def precedence(c: Candidates, p: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """Ask the alliance's own bodies by free capacity, then the district, then the rest."""
    del p
    own = c.same_cluster & (c.level <= LEVEL["municipality"])
    tier = np.where(own, 0.0, np.where(c.level == LEVEL["district"], 1.0, 2.0))
    return tier, c.free


def pool_hours(p: Parameters) -> float:
    """Return the hours a year each actor spends on running the pool."""
    return p.pool_hours


RULE = Rule(
    "intermunicipal",
    "Inter-municipal pooling",
    "Interkommunale Zusammenarbeit",
    precedence,
    passes_over_full=True,
    pools=True,
    upkeep_hours=pool_hours,
)
