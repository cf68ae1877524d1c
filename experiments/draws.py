"""Draws of uncertain parameters from their admissible ranges: a Latin hypercube with a stream of its own per name.

Each of n draws takes another n-th of every range, so a few draws already cover all ranges. The draws of one parameter
do not depend on which others are drawn, nor on their order.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..model.parameters import Parameter, parameter_table
from ..model.rng import identity_of

UNCERTAIN = ("estimated", "assumption")
"""Confidence of parameters that are drawn; official, quoted and derived ones stay at their value."""
_WHOLE_UNITS = frozenset({"years", "months", "month of the year"})


def uncertain_parameters(group: str, *, without: Iterable[str] = ()) -> tuple[Parameter, ...]:
    """Return the parameters of a group whose value is estimated or assumed and that have a range, in file order."""
    left_out = set(without)
    return tuple(
        entry
        for entry in parameter_table().values()
        if entry.group == group
        and entry.confidence in UNCERTAIN
        and entry.low < entry.high
        and entry.name not in left_out
    )


def hypercube(names: Iterable[str], draws: int, *, seed: int = 1) -> dict[str, np.ndarray]:
    """Return numbers in [0, 1) by name, shape (draws,): one in every n-th of the range, in random order.

    >>> cube = hypercube(["a", "b"], 4)
    >>> [sorted((4 * column).astype(int).tolist()) for column in cube.values()]
    [[0, 1, 2, 3], [0, 1, 2, 3]]
    """
    cube = {}
    for name in names:
        random = np.random.default_rng([seed, identity_of(name)])
        column = (random.permutation(draws) + random.random(draws)) / draws
        cube[name] = np.minimum(column, np.nextafter(1.0, 0.0))
    return cube


def drawn_values(entries: Iterable[Parameter], draws: int, *, seed: int = 1) -> list[dict[str, float]]:
    """Return parameter values for each draw, from the whole range of each; counted things are whole numbers."""
    chosen = list(entries)
    cube = hypercube((entry.name for entry in chosen), draws, seed=seed)
    return [{entry.name: value_at(entry, float(cube[entry.name][i])) for entry in chosen} for i in range(draws)]


def value_at(entry: Parameter, u: float) -> float:
    """Return the value at a place u (0 to 1) in the range of a parameter; counted things are whole numbers."""
    value = entry.low + u * (entry.high - entry.low)
    if entry.unit in _WHOLE_UNITS and all(float(x).is_integer() for x in (entry.value, entry.low, entry.high)):
        value = min(np.floor(entry.low + u * (entry.high - entry.low + 1.0)), entry.high)
    return float(min(max(value, entry.low), entry.high))
