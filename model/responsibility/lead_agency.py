"""Rule `lead_agency`: one lead per task and place from an explicit matrix; a full lead delegates (Masterplan)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .base import Candidates, Rule

if TYPE_CHECKING:
    from ..parameters import Parameters


def precedence(c: Candidates, p: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """Ask the lead first; when it is full, whoever has free capacity."""
    del p
    return np.where(c.lead, 0.0, 1.0), np.where(c.lead, c.capacity, c.free)


def matrix_hours(p: Parameters) -> float:
    """Return the hours a year each actor spends on negotiating and keeping the matrix."""
    return p.matrix_hours


RULE = Rule(
    "lead_agency",
    "Lead agency by matrix",
    "Leitstelle nach Zuständigkeitsplan",
    precedence,
    passes_over_full=True,
    needs_matrix=True,
    upkeep_hours=matrix_hours,
)
