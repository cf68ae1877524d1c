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

    `distance` is (published - model) over the root of the squares of the published standard error, the chance of a
    single run, and the error of the mean over runs; beyond 2 the figure is a miss. NaN with fewer than three runs,
    because their chance is not known then.
    """

    target: Target
    model: float
    distance: float

    @property
    def is_miss(self) -> bool:
        """Whether the figure lies more than two standard deviations off."""
        return abs(self.distance) > 2.0


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
    n = len(seeds)
    chance = np.var(true, axis=0, ddof=1) * (1.0 + 1.0 / n) if n > 2 else np.full(len(inside), np.nan)
    spread = np.sqrt(inside.errors**2 + chance)
    rows = zip(inside, np.mean(true, axis=0), spread, strict=True)
    return [Compared(row, float(mean), float((row.estimate - mean) / s)) for row, mean, s in rows]
