"""The crash test behind the screen: ten runs of every variant, each with its own cost and its own uncertain values.

A run of the crash test is a projection of the budgets. It takes the cost of the tasks from one run of the ensemble,
the same seed for both variants, and values of the uncertain money parameters and sizes of shocks from their ranges, so
that "3 of 10 runs" covers both. The quoted levy rates are those of the world of the status quo; what a variant costs
more or less moves the levy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ...experiments.bench import LEAD_YEARS, Bench, window_of
from ...experiments.draws import drawn_values, hypercube, uncertain_parameters
from ...model.calendar import year_of
from ...model.errors import KreislaufError
from ...model.fiscal.grades import Limits, grade
from ...model.fiscal.projection import Costs
from ...model.fiscal.shock_changes import changes_of
from ...model.fiscal.shocks import load_shock, shock_library
from ...model.parameters import Parameters
from ..choices import STATUS_QUO

if TYPE_CHECKING:
    from ...experiments.bench import CostPath
    from ...model.fiscal.projection import ProjectionResult
    from ..choices import Choice
    from ..ensemble import Ensemble

RUNS = 10
"""Runs of the crash test; fewer when the ensemble has fewer seeds."""


@dataclass(frozen=True, slots=True, eq=False)
class StressRuns:
    """Results by run S, year Y of the window and municipality M.

    `below` (S, M): the municipality does not pass (two short years that no reserve covers, too much debt or worse);
    `margin` (S, Y, M): its free margin, EUR per inhabitant; `years` the calendar years; `failed` runs that could not
    be projected and are left out.
    """

    below: np.ndarray
    margin: np.ndarray
    years: tuple[int, ...]
    failed: int

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return len(self.below)

    @property
    def counts(self) -> np.ndarray:
        """In how many runs each municipality falls below the line, (M,)."""
        return self.below.sum(axis=0)


class StressTest:
    """The projections of one year of shock, made once and asked for any shocks and variants.

    Nothing of the ensemble is kept but what all its variants share: runs of further variants may be finished later.
    """

    def __init__(self, ensemble: Ensemble, year: int) -> None:
        """Take the region, the assumptions and the number of runs of an ensemble."""
        self.year = year
        self._region = ensemble.region
        self._assumptions = {name: value for name, value in ensemble.assumptions.items() if name in _money()}
        self._runs = len(ensemble.seeds[:RUNS])
        self._known: dict[Choice, list[CostPath]] = {}
        self._plain: dict[tuple[int, Choice, Choice], ProjectionResult] = {}

    @cached_property
    def benches(self) -> list[Bench]:
        """One bench per run, with values drawn from the ranges of what is uncertain about money."""
        limits = [entry.name for entry in uncertain_parameters("money") if entry.name.startswith("grade_")]
        entries = uncertain_parameters("money", without=[*self._assumptions, *limits])
        return [
            Bench(region=self._region, parameters=Parameters({**values, **self._assumptions}), shock_year=self.year)
            for values in drawn_values(entries, self._runs)
        ]

    @cached_property
    def sizes(self) -> Mapping[str, np.ndarray]:
        """The place of every shock's size in its range, by name and run."""
        return hypercube((f"shock {name}" for name in sorted(shock_library())), len(self.benches))

    def costs(self, ensemble: Ensemble, choice: Choice) -> list[CostPath]:
        """Return the cost of the fields' tasks with a variant, run by run; remembered."""
        if choice not in self._known:
            self._known[choice] = cost_paths(ensemble, choice)
        return self._known[choice]

    def run(self, ensemble: Ensemble, choice: Choice, shocks: Sequence[str]) -> StressRuns:
        """Return the runs of a variant under some shocks of the library; raises KreislaufError when none succeeds."""
        costs, reference = self.costs(ensemble, choice), reference_of(ensemble, choice)
        usual = self.costs(ensemble, reference)
        below, margin, problems = [], [], []
        for number, bench in enumerate(self.benches):
            drawn = [load_shock(name).drawn(float(self.sizes[f"shock {name}"][number])) for name in shocks]
            try:
                result = self._project(number, (choice, costs[number]), (reference, usual[number]), drawn)
            except KreislaufError as error:
                problems.append(str(error))
                continue
            verdict = grade(window_of(result, bench.graded_years), Limits.of(bench.parameters))
            below.append(~verdict.passed)
            heads = np.array([self._inhabitants(year) for year in bench.graded_years])
            margin.append(result.free_margin[LEAD_YEARS:] / heads)
        if not below:
            raise KreislaufError(f"no run of the crash test could be projected; the first one: {problems[0]}")
        return StressRuns(np.array(below), np.array(margin), self.benches[0].graded_years, len(problems))

    def _project(
        self, number: int, cost: tuple[Choice, CostPath], usual: tuple[Choice, CostPath], shocks: Sequence[Any]
    ) -> ProjectionResult:
        """Project the lead years and the window with the `cost` of a variant and the levy rates of the `usual` one."""
        bench = self.benches[number]
        span = tuple(range(self.year - LEAD_YEARS, bench.graded_years[-1] + 1))
        known = {"years": span, "task_cost": cost[1](span), "reference_cost": usual[1](span)}
        if not shocks:
            return bench.projection.run(**known, react=True)
        key = number, cost[0], usual[0]
        if key not in self._plain:
            self._plain[key] = bench.projection.run(**known)
        changes = changes_of(shocks, projection=bench.projection, base=self._plain[key], shock_year=self.year)
        return bench.projection.run(**known, changes=changes, react=True)

    def _inhabitants(self, year: int) -> np.ndarray:
        known = self._region.population
        return known[min(max(year - 1, min(known)), max(known))]


def reference_of(ensemble: Ensemble, choice: Choice) -> Choice:
    """Return the variant whose cost the quoted levy rates belong to: the status quo when its runs are there."""
    return STATUS_QUO if STATUS_QUO in ensemble else choice


def shock_years(ensemble: Ensemble) -> tuple[int, ...]:
    """Return the years in which shocks can happen, the latest first."""
    region = ensemble.region
    first = min(region.population) + LEAD_YEARS
    return tuple(range(year_of(region.end_month) + 1, first - 1, -1))


def cost_paths(ensemble: Ensemble, choice: Choice) -> list[CostPath]:
    """Return the net cost of the fields' tasks by year for each of the first runs, as functions of years.

    Net: paid less received for the tasks by a municipality or district. Years outside the runs have the cost of the
    nearest year.
    """
    flows = ensemble.flows(choice)
    first = year_of(ensemble.months[0])
    years = year_of(ensemble.months[-1]) - first + 1
    seeds = ensemble.seeds[:RUNS]
    towns = [f"municipality:{key}" for key in ensemble.places]
    districts = [f"district:{district.key}" for district in ensemble.region.districts]
    holders = {name: number for number, name in enumerate([*towns, *districts])}
    net = np.zeros((len(seeds), years, len(holders)))
    run = {seed: number for number, seed in enumerate(seeds)}
    rows = flows.loc[flows["seed"].isin(seeds)]
    place = rows["seed"].map(run).to_numpy(np.int64), rows["year"].to_numpy(np.int64) - first
    euros = rows["cents"].to_numpy(np.float64) / 100.0
    for side, sign in (("payer", 1.0), ("payee", -1.0)):
        holder = rows[side].astype(str).map(holders)
        known = holder.notna().to_numpy()
        where = (place[0][known], place[1][known], holder[known].to_numpy(np.int64))
        np.add.at(net, where, sign * euros[known])
    return [_path(values, first, len(towns)) for values in net]


def _path(values: np.ndarray, first: int, towns: int) -> CostPath:
    def of(years: tuple[int, ...]) -> Costs:
        near = [min(max(year - first, 0), len(values) - 1) for year in years]
        return Costs(towns=values[near][:, :towns], districts=values[near][:, towns:])

    return of


def _money() -> set[str]:
    from ...model.parameters import parameter_table

    return {entry.name for entry in parameter_table().values() if entry.group == "money"}
