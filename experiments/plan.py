"""The plan of a batch: every run an experiment asks for, by number, made only when it is needed.

Numbers run seed by seed, then point by point, then scenario by scenario, the variants last. So an interrupted batch has
complete pairs, and more seeds only add numbers at the end.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ..model.errors import InputError, Problem, gathered
from ..model.files import file_hash
from ..model.provenance import code_hash
from ..model.results import RunKey
from ..model.variant import Scenario, Variant
from .design import Points, points_of
from .experiment import WORLD, Experiment, as_given, load_experiment, named_by, with_world
from .parameter_draws import ParameterDraws, read_draws
from .runner import RunSpec

if TYPE_CHECKING:
    from ..model.region import Region


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run stands in the plan: indices of seed, point, scenario and variant."""

    seed: int
    point: int
    scenario: int
    variant: int


@dataclass(frozen=True, eq=False)
class Plan:
    """All runs of an experiment; `spec(number)` makes one of them.

    >>> plan = Plan.of(Experiment(name="mine", variants=("status_quo", "community"), seeds=2))
    >>> [plan.spec(number).key.seed for number in range(4)]
    [1, 1, 2, 2]
    """

    experiment: Experiment
    region: Region
    variants: tuple[Variant, ...]
    scenarios: tuple[Scenario, ...]
    points: Points
    draws: ParameterDraws | None = None

    @classmethod
    def of(
        cls,
        experiment: str | Path | Experiment,
        *,
        region: Region | None = None,
        base: Path | None = None,
        draws: ParameterDraws | None = None,
    ) -> Self:
        """Return the plan of an experiment, paths relative to `base`; raises InputError for what cannot be run.

        `draws` replaces the file of parameter draws that the experiment names.
        """
        asked, folder = load_experiment(experiment)
        base = base or folder
        problems: list[Problem] = []
        with gathered(problems):
            named = named_by(asked, base, region=region)
        with gathered(problems):
            points = points_of(asked, base)
        with gathered(problems):
            draws = read_draws(base / asked.posterior) if draws is None and asked.posterior else draws
        if problems:
            raise InputError(problems)
        return cls(asked, named.region, named.variants, named.scenarios, points, draws)

    def __len__(self) -> int:
        """Return the number of runs."""
        return len(self.seeds) * self.runs_per_seed

    @cached_property
    def seeds(self) -> tuple[int, ...]:
        """The seeds, in the order they are run."""
        return self.experiment.seed_list

    @property
    def runs_per_seed(self) -> int:
        """Number of runs with one seed."""
        return len(self.points) * len(self.scenarios) * len(self.variants)

    @property
    def reference(self) -> str:
        """The name of the variant others are compared with."""
        return self.experiment.reference or self.variants[0].name

    def place(self, run: int) -> Place:
        """Return where a run stands; raises InputError when the plan has no such run."""
        if not 0 <= run < len(self):
            raise InputError(f"there is no run {run}; the experiment has the runs 0 to {len(self) - 1}")
        rest, variant = divmod(run, len(self.variants))
        rest, scenario = divmod(rest, len(self.scenarios))
        seed, point = divmod(rest, len(self.points))
        return Place(seed, point, scenario, variant)

    def seed(self, place: Place) -> int:
        """Return the seed of the run at a place."""
        own = len(self.seeds) * place.point if self.experiment.design.own_seeds else 0
        return self.seeds[place.seed] + own

    def number(self, place: Place) -> int:
        """Return the number of the run at a place."""
        rest = place.seed * len(self.points) + place.point
        return (rest * len(self.scenarios) + place.scenario) * len(self.variants) + place.variant

    def spec(self, run: int) -> RunSpec:
        """Return one run, ready to be simulated; raises InputError for values the world does not allow."""
        place = self.place(run)
        variant, scenario = self.variants[place.variant], self.scenarios[place.scenario]
        values = self.points.at(place.point)
        world = {name: value for name, value in values.items() if name in WORLD}
        parameters = {name: value for name, value in values.items() if name not in WORLD}
        drawn = {} if self.draws is None else self.draws.for_run(self.seed(place), variant, scenario)
        return RunSpec(
            self.key(run),
            variant,
            with_world(scenario, world),
            {**drawn, **self.experiment.parameters, **parameters},
            self.experiment.tables,
        )

    def key(self, run: int) -> RunKey:
        """Return which run it is."""
        place = self.place(run)
        variant, scenario = self.variants[place.variant], self.scenarios[place.scenario]
        seed = self.seed(place)
        return RunKey(run, self.region.name, variant.name, scenario.name, seed, self.experiment.months)

    def identity(self, run: int) -> str:
        """Return the address of a run: a hash of everything its numbers depend on, 32 hex digits."""
        place = self.place(run)
        content = {
            **self._shared,
            "variant": self._variant_hashes[place.variant],
            "scenario": self._scenario_hashes[place.scenario],
            "values": self.points.at(place.point),
            "seed": self.seed(place),
        }
        if self.draws is not None:
            content["drawn"] = self.draws.for_seed(self.seed(place))
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]

    @cached_property
    def _shared(self) -> dict[str, Any]:
        return {
            "region": self.region.fingerprint,
            "field": self.region.field,
            "parameters": self.experiment.parameters,
            "months": self.experiment.months,
            "code": code_hash(),
        }

    @cached_property
    def _variant_hashes(self) -> list[str]:
        return [variant.fingerprint() for variant in self.variants]

    @cached_property
    def _scenario_hashes(self) -> list[str]:
        return [scenario.fingerprint() for scenario in self.scenarios]

    def inputs(self) -> dict[str, Any]:
        """Return what the runs depend on, for the record and for the question whether a batch can be continued."""
        digest = hashlib.sha256(json.dumps(self.points.names).encode() + self.points.values.tobytes())
        return {
            "region": {"name": self.region.name, "sha256": self.region.fingerprint, "files": _file_hashes(self.region)},
            "field": self.region.field,
            "variants": {
                variant.name: {"sha256": variant.fingerprint(), **variant.model_dump()} for variant in self.variants
            },
            "scenarios": {
                scenario.name: {"sha256": scenario.fingerprint(), **scenario.model_dump()}
                for scenario in self.scenarios
            },
            "seeds": list(self.seeds),
            "months": self.experiment.months,
            "parameters": dict(self.experiment.parameters),
            "points": {"names": list(self.points.names), "number": len(self.points), "sha256": digest.hexdigest()},
            "tables": list(self.experiment.tables),
            **({} if self.draws is None else {"draws": self.draws.record()}),
        }

    def row(self, run: int) -> dict[str, Any]:
        """Return the first columns of a run's row in the table of runs: what it is."""
        place, key = self.place(run), self.key(run)
        row: dict[str, Any] = {"run": run, "id": self.identity(run), "region": key.region, "variant": key.variant}
        row |= {"scenario": key.scenario, "point": place.point, "seed": key.seed, "months": key.months}
        if self.draws is not None:
            row["draw"] = self.draws.index(key.seed)
        return row | {f"p_{name}": value for name, value in self.points.at(place.point).items()}


def load_plan(
    inputs: Mapping[str, Any],
    experiment: Mapping[str, Any],
    region_place: str,
    points: Points,
    draws: ParameterDraws | None = None,
) -> Plan:
    """Return the plan a batch was begun with, from its records; raises InputError when the region is gone."""
    from ..model.region import load_region

    return Plan(
        Experiment.model_validate(as_given(experiment)),
        load_region(region_place),
        tuple(Variant.model_validate(_without_hash(entry)) for entry in inputs["variants"].values()),
        tuple(Scenario.model_validate(_without_hash(entry)) for entry in inputs["scenarios"].values()),
        points,
        draws,
    )


def _without_hash(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "sha256"}


def _file_hashes(region: Region) -> dict[str, str]:
    """Return the hashes of a region's files, so that a change can be named."""
    paths = sorted(path for path in region.folder.glob("*") if path.suffix in {".csv", ".toml"})
    return {path.name: file_hash(path) for path in paths}


def ranges_of(numbers: np.ndarray) -> list[list[int]]:
    """Return sorted whole numbers as ranges [first, last].

    >>> ranges_of(np.array([0, 1, 2, 7]))
    [[0, 2], [7, 7]]
    """
    if not len(numbers):
        return []
    breaks = np.flatnonzero(np.diff(numbers) != 1)
    firsts = numbers[np.concatenate([[0], breaks + 1])]
    lasts = numbers[np.concatenate([breaks, [len(numbers) - 1]])]
    return [[int(first), int(last)] for first, last in zip(firsts, lasts, strict=True)]
