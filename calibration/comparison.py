"""Published figures beside what the model says at given parameters: the look before any calibration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..model.integration_model import IntegrationModel
from .observe import observe
from .people import see

if TYPE_CHECKING:
    from ..model.region import Region
    from .targets import Target, Targets


@dataclass(frozen=True, slots=True)
class Compared:
    """A target and the model: mean over runs without sampling error, and how far the figure lies off.

    `distance` is (published - model) over the error of both, see `joint_error`; beyond 2 the figure is a miss.
    """

    target: Target
    model: float
    distance: float

    @property
    def is_miss(self) -> bool:
        """Whether the figure lies more than two standard deviations off."""
        return abs(self.distance) > 2.0


def joint_error(se: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Return by which error published figures and the mean over runs differ, shape (targets,).

    `se` (targets,) are the published standard errors, `true` (runs, targets) what the runs say without sampling error
    (NaN: not asked). The real world is one run more, so its chance counts beside the error of the mean; sampling error
    is in the published figure alone. NaN with fewer than three runs, because their chance is not known then.
    """
    n = np.count_nonzero(~np.isnan(true), axis=0)
    mean = np.divide(np.nansum(true, axis=0), n, out=np.full(len(se), np.nan), where=n > 0)
    squares = np.nansum((true - mean) ** 2, axis=0)
    chance = np.divide(squares, n - 1, out=np.full(len(se), np.nan), where=n > 2)
    return np.sqrt(se**2 + chance * (1.0 + 1.0 / np.maximum(n, 1)))


def compare_targets(
    region: Region,
    targets: Targets,
    *,
    seeds: Sequence[int],
    variant: str = "status_quo",
    scenario: str = "base",
    parameters: Mapping[str, float] | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> list[Compared]:
    """Run the model once per seed and return its figures beside those targets that lie in the simulated months."""
    inside = targets.within(region.start_month, region.end_month)
    true: list[np.ndarray] = []
    for done, seed in enumerate(seeds, start=1):
        model = IntegrationModel(region, variant, scenario, parameters=parameters, rng=seed)
        true.append(observe(see(model, inside.waves), inside, parameters=model.parameters, noise=False))
        if progress is not None:
            progress(done, len(seeds))
    spread = joint_error(inside.errors, np.array(true))
    rows = zip(inside, np.mean(true, axis=0), spread, strict=True)
    return [Compared(row, float(mean), float((row.estimate - mean) / s)) for row, mean, s in rows]
