"""The reference table: many runs at places of the prior, each surveyed like the real region was.

The runs are a batch (`experiments.batch`): in parallel, resumable, each with its own seed. A run keeps two numbers per
target: what a survey without sampling error would have found, and what this survey found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..experiments.batch import BatchProgress, run, silent
from ..experiments.design import Points
from ..experiments.experiment import Design, Experiment
from ..experiments.plan import Plan
from ..model.errors import InputError
from ..model.results import RunTables
from ..model.variant import load_scenario, load_variant
from .observe import observe
from .people import see

if TYPE_CHECKING:
    from ..experiments.runner import RunSpec, Simulate
    from ..model.region import Region
    from .priors import Priors
    from .targets import Targets

TRUE, FOUND = "true.", "found."
"""Beginnings of the columns of the table of runs: without and with the sampling error of the survey."""


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """Simulated surveys, one per run.

    Places in the unit cube of the priors (n, parameters), figures (n, targets) without (`true`) and with (`found`)
    sampling error, and the ids of the targets.
    """

    places: np.ndarray
    true: np.ndarray
    found: np.ndarray
    ids: tuple[str, ...]
    seconds: float = 0.0
    failed: int = 0

    def __len__(self) -> int:
        """Return the number of runs."""
        return len(self.places)

    def __add__(self, other: Reference) -> Reference:
        """Return both tables as one."""
        places, true, found = (
            np.vstack(pair)
            for pair in ((self.places, other.places), (self.true, other.true), (self.found, other.found))
        )
        return Reference(places, true, found, self.ids, self.seconds + other.seconds, self.failed + other.failed)

    def take(self, rows: np.ndarray) -> Reference:
        """Return some of the runs."""
        return Reference(self.places[rows], self.true[rows], self.found[rows], self.ids)

    def only(self, ids: Sequence[str]) -> Reference:
        """Return some of the targets, in the order given."""
        columns = [self.ids.index(name) for name in ids]
        return Reference(self.places, self.true[:, columns], self.found[:, columns], tuple(ids), self.seconds,
                         self.failed)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Surveyed:
    """Runs the model through the waves of some targets and surveys it: what a worker of the batch does."""

    targets: Targets

    def __call__(self, region: Region, spec: RunSpec) -> RunTables:
        """Return a run whose measures are the figures of the targets."""
        from ..model.integration_model import IntegrationModel

        model = IntegrationModel(
            region,
            spec.variant,
            spec.scenario,
            months=spec.key.months,
            parameters=dict(spec.parameters),
            rng=spec.key.seed,
        )
        seen = see(model, self.targets.waves)
        true = observe(seen, self.targets, parameters=model.parameters, noise=False)
        found = observe(seen, self.targets, parameters=model.parameters, seed=model.seed)
        summary = {f"{TRUE}{name}": float(value) for name, value in zip(self.targets.ids, true, strict=True)}
        summary |= {f"{FOUND}{name}": float(value) for name, value in zip(self.targets.ids, found, strict=True)}
        nothing = pd.DataFrame()
        return RunTables(summary, nothing, nothing, nothing, nothing)


def months_needed(region: Region, targets: Targets) -> int:
    """Return how many months the model runs until the last wave; raises InputError when it reaches none."""
    last = region.start_month + region.months - 1
    waves = [wave for wave in targets.waves if region.start_month <= wave <= last]
    if not waves:
        raise InputError(f"none of the waves of the targets lies in the months that region {region.name} is simulated")
    return max(waves) - region.start_month + 1


def simulate_reference(
    region: Region,
    targets: Targets,
    priors: Priors,
    places: np.ndarray,
    out: Path,
    *,
    first_seed: int,
    variant: str = "status_quo",
    scenario: str = "base",
    workers: int | None = None,
    progress: BatchProgress | None = None,
    tell: Callable[[str], None] = silent,
    command: Sequence[str] = (),
    simulate: Simulate | None = None,
) -> Reference:
    """Run the model at places of the unit cube (n, parameters) and return the table; continues what `out` holds.

    Run i has seed `first_seed` + i. Runs that failed are left out and counted. Raises what `experiments.batch.run`
    raises, and InputError when too few runs came to their end.
    """
    experiment = Experiment(
        name="reference",
        region=region.name,
        seeds=(first_seed,),
        months=months_needed(region, targets),
        design=Design(own_seeds=True),
    )
    points = Points(priors.names, priors.values(places))
    plan = Plan(experiment, region, (load_variant(variant),), (load_scenario(scenario),), points)
    batch = run(plan, out, workers=workers, progress=progress, tell=tell, command=command,
                simulate=simulate or Surveyed(targets))  # fmt: skip
    return _table_of(batch.runs, places, targets.ids, sum(part.seconds for part in batch.parts.values()))


def read_reference(folder: Path, names: Sequence[str]) -> Reference:
    """Return the table of a batch that was run earlier, for parameters in the order of their priors."""
    from ..experiments.batch_folder import POINTS, open_batch
    from .priors import Priors

    batch = open_batch(folder)
    points = pd.read_parquet(folder / POINTS)
    places = Priors.of(names).places(points[list(names)].to_numpy(np.float64))
    runs = batch.runs
    ids = tuple(str(name).removeprefix(TRUE) for name in runs.columns if str(name).startswith(TRUE))
    return _table_of(runs, places, ids, sum(part.seconds for part in batch.parts.values()))


def _table_of(table: pd.DataFrame, places: np.ndarray, ids: tuple[str, ...], seconds: float) -> Reference:
    """Return the table of a batch's runs; raises InputError when too few came to their end."""
    done = table.loc[table["status"] == "done"].sort_values("point")
    if len(done) < max(2, len(table) // 2):
        first = table.loc[table["status"] != "done", "error"].iloc[0]
        raise InputError(f"{len(table) - len(done)} of {len(table)} runs failed; the first one: {first}")
    columns = [[f"{kind}{name}" for name in ids] for kind in (TRUE, FOUND)]
    true, found = (done[names].to_numpy(np.float64) for names in columns)
    kept = places[done["point"].to_numpy(np.int64)]
    return Reference(kept, true, found, ids, seconds, len(table) - len(done))
