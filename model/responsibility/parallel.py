"""Rule `parallel`: every body that notices a case opens its own file (status quo of 2016, Nebeneinander)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .base import Candidates, Rule

if TYPE_CHECKING:
    from ..parameters import Parameters


def precedence(c: Candidates, p: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """Nobody is asked first; whoever notices acts."""
    del p
    return np.zeros(len(c.level)), c.capacity


RULE = Rule("parallel", "Side by side", "Nebeneinander", precedence, exclusive=False)
