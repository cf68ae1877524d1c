"""What a field of action does to the budgets of a region: projections with and without it, from paired runs.

from kreislauf.experiments.finance import finance
finance("coburg", seeds=3).burden

Three worlds with the same draws: `with` (as simulated), `no_arrivals` (nobody arrives from the start on, or falls into
need; posts that are kept up anyway still cost) and `without` (no tasks of the field at all). Net costs come from the
ledger of the runs; what they do to levy, equalisation and margins comes from the yearly projection of the fiscal law.
In the world `with` the district's quoted levy rates hold, because they were decided in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from ..model.budget import INSTRUMENT as GENERAL_BUDGET
from ..model.calendar import year_of
from ..model.errors import KreislaufError
from ..model.field import field_names, load_field
from ..model.fiscal.newcomers import without_newcomers
from ..model.fiscal.projection import Costs, Projection, ProjectionResult
from ..model.parameters import Parameters
from ..model.region import Region, load_region
from ..model.results import RunTables
from ..model.revenue import growth_changes
from ..model.variant import Scenario, Variant, load_scenario, load_variant
from .finance_tables import burden_table, district_table, index_table, quality_of
from .runner import RunSpec, run_all, specs_for

if TYPE_CHECKING:
    from ..model.fiscal.amounts import FloatArray
    from ..model.fiscal.changes import Changes
    from ..model.integration_model import IntegrationModel
    from ..model.results import RunResult

WORLDS = ("with", "no_arrivals", "without")
LEVELS = ("municipality", "district", "land", "bund", "others")
OUTSIDE = frozenset({"staff", "suppliers", "taxpayers", "opening", "capital_market"})
"""Accounts that only receive, or only stand for the start; they bear no cost. Each field adds its own."""
_NO_VALUES: Mapping[str, float] = MappingProxyType({})

type FinanceProgress = Callable[[int, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FinanceReport:
    """Budgets with and without the tasks of the fields at work; money is EUR per year, means over the seeds.

    `costs`: world, year, level, key, paid, received, net (these tasks only). `projection`: world, year, level, key,
    indicator, value, low, high (10 and 90 % over the seeds), quality. `burden`: one row per municipality, mean over the
    years: what the tasks take from its margin, by way. `indices`: inequality and equivalence by stage. `districts`:
    net cost, levy points and levy rates by year. `inputs` is what was asked.
    """

    costs: pd.DataFrame
    projection: pd.DataFrame
    burden: pd.DataFrame
    indices: pd.DataFrame
    districts: pd.DataFrame
    years: tuple[int, ...]
    inputs: dict[str, Any]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name."""
        return {name: getattr(self, name) for name in ("projection", "burden", "indices", "districts", "costs")}


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """One run by year: net cost of municipalities (Y, M) and districts (Y, D), EUR; newcomers and employed by year."""

    towns: FloatArray
    districts: FloatArray
    costs: pd.DataFrame
    persons: dict[int, FloatArray]
    employed: dict[int, FloatArray]


def finance(
    region: str | Path | Region,
    variant: str | Path | Variant = "status_quo",
    scenario: str | Path | Scenario = "base",
    *,
    seeds: int | Sequence[int] = 5,
    parameters: Mapping[str, float] = _NO_VALUES,
    react: bool = False,
    workers: int | None = 1,
    progress: FinanceProgress | None = None,
) -> FinanceReport:
    """Run the model with and without arrivals for each seed and project the budgets of both worlds and of none.

    Raises InputError for wrong inputs, KreislaufError when a run fails.

    >>> report = finance("coburg", seeds=1)
    >>> len(report.burden), report.years[0]
    (17, 2015)
    """
    place = region if isinstance(region, Region) else load_region(region)
    policy, world = load_variant(variant), load_scenario(scenario)
    draws = list(range(1, seeds + 1)) if isinstance(seeds, int) else list(seeds)
    settings: dict[str, float] = {}
    values: dict[str, float] = {}
    for part in load_field(place.field).parts:
        settings |= part.people.nobody[0]
        values |= part.people.nobody[1]
    empty = world.model_copy(update={**settings, "name": "no_arrivals"})
    runs = {
        name: specs_for(place.name, [policy], each, draws, parameters=given, tables=("monthly", "flows"))
        for name, each, given in (("with", world, parameters), ("no_arrivals", empty, {**parameters, **values}))
    }
    pairs = [spec for pair in zip(*runs.values(), strict=True) for spec in pair]
    specs = [replace(spec, key=replace(spec.key, run=number)) for number, spec in enumerate(pairs)]
    years = tuple(range(year_of(place.start_month), year_of(place.end_month) + 1))
    tables = _run(place, specs, workers, progress)
    accounts = [_account(place, found, years) for found in tables]
    p = Parameters({**world.parameters, **policy.parameters, **parameters})
    projection = Projection(place, p)
    weather = growth_changes(world.revenue_growth_shift, len(years))
    results: dict[str, list[ProjectionResult]] = {name: [] for name in WORLDS}
    for here, none in zip(accounts[::2], accounts[1::2], strict=True):
        for name, result in _project(projection, years, here, none, weather, react).items():
            results[name].append(result)
    persons = np.mean([_newcomers(a, b, years) for a, b in zip(accounts[::2], accounts[1::2], strict=True)], axis=0)
    costs = _mean_costs(accounts)
    inputs = {
        "region": {"name": place.name, "sha256": place.fingerprint},
        "field": place.field,
        "variant": {"name": policy.name, "sha256": policy.fingerprint()},
        "scenario": {"name": world.name, "sha256": world.fingerprint()},
        "seeds": draws,
        "parameters": dict(parameters),
        "reactions": react,
    }
    burden = burden_table(place, projection.start, results["with"], results["without"], persons)
    return FinanceReport(
        costs=costs,
        projection=_projection_table(place, results),
        burden=burden,
        indices=index_table(place, burden),
        districts=district_table(place, results["with"], results["without"]),
        years=years,
        inputs=inputs,
    )


def account_run(region: Region, spec: RunSpec) -> RunTables:
    """Run the model once and keep what public finance needs: flows of the tasks by year, people at the year's end."""
    from ..model.integration_model import IntegrationModel

    model = IntegrationModel(region, spec.variant, spec.scenario, parameters=dict(spec.parameters), rng=spec.key.seed)
    rows: list[pd.DataFrame] = []
    while model.running:
        model.step()
        if model.month % 12 == 11:
            rows.append(_people(model))
    flows = model.ledger.flows()
    flows = flows[flows["instrument"] != GENERAL_BUDGET]
    flows = flows.assign(year=[year_of(month) for month in flows["month"]])
    together = flows.groupby(["year", "payer", "payee", "purpose"], as_index=False)
    yearly = cast("pd.DataFrame", together["cents"].sum())
    nothing = pd.DataFrame()
    monthly = pd.concat(rows, ignore_index=True) if rows else nothing
    return RunTables(summary={}, monthly=monthly, cells=nothing, flows=yearly, structures=nothing)


def _people(model: IntegrationModel) -> pd.DataFrame:
    """Return by municipality who is there beside the inhabitants there always were, and how many of them work."""
    persons, employed = np.zeros(len(model.region.keys)), np.zeros(len(model.region.keys))
    for people, counts in zip(model.people, model.recorder.counts, strict=True):
        for total, name in ((persons, people.newcomers[0]), (employed, people.newcomers[1])):
            if name:
                total += counts[:, people.counts.index(name)]
    return pd.DataFrame(
        {
            "year": year_of(model.month),
            "key": list(model.region.keys),
            "persons": persons,
            "employed": employed,
        }
    )


def _run(
    region: Region, specs: Sequence[RunSpec], workers: int | None, progress: FinanceProgress | None
) -> list[RunTables]:
    """Run all specs and return their tables in order; raises KreislaufError with the first failure."""
    done = 0

    def count(result: RunResult) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, len(specs), 0 if result.done else 1)

    out: list[RunTables] = []
    for result in run_all(region, specs, workers=workers, progress=count, simulate=account_run):
        if result.tables is None:
            raise KreislaufError(f"a run with seed {result.key.seed} failed: {result.error}")
        out.append(result.tables)
    return out


def _account(region: Region, tables: RunTables, years: tuple[int, ...]) -> Account:
    """Return a run's net costs by account and its people."""
    costs = _costs_of(tables.flows)
    people = tables.monthly

    def by_key(name: str) -> dict[int, FloatArray]:
        if people.empty:
            return {}
        wide = people.pivot_table(index="year", columns="key", values=name, aggfunc="sum").reindex(columns=region.keys)
        return dict(zip([int(year) for year in wide.index], wide.to_numpy(np.float64), strict=True))

    def net(level: str, keys: Sequence[str]) -> FloatArray:
        rows = costs[costs["level"] == level]
        wide = rows.pivot_table(index="year", columns="key", values="net", aggfunc="sum")
        return wide.reindex(index=list(years), columns=list(keys)).fillna(0.0).to_numpy(np.float64)

    keys = [district.key for district in region.districts]
    towns, districts = net("municipality", region.keys), net("district", keys)
    return Account(towns, districts, costs, by_key("persons"), by_key("employed"))


def _costs_of(flows: pd.DataFrame) -> pd.DataFrame:
    """Return what every level and key paid, received and bore in a year, EUR."""
    sides = [
        pd.DataFrame({"year": flows["year"], "account": flows[side], name: flows["cents"] / 100.0})
        for side, name in (("payer", "paid"), ("payee", "received"))
    ]
    table = cast(
        "pd.DataFrame", pd.concat(sides).groupby(["year", "account"], as_index=False)[["paid", "received"]].sum()
    )
    outside = OUTSIDE.union(*(load_field(name).people.payees for name in field_names()))
    table = table.loc[~table["account"].isin(list(outside))]
    kinds, keys = zip(*[_level(str(account)) for account in table["account"]], strict=True) if len(table) else ((), ())
    table = table.assign(level=list(kinds), key=list(keys), net=table["paid"] - table["received"])
    together = table.groupby(["year", "level", "key"], as_index=False)
    return cast("pd.DataFrame", together[["paid", "received", "net"]].sum())


def _level(account: str) -> tuple[str, str]:
    """Return the level an account belongs to, and the key of a municipality or district."""
    kind, _, key = account.partition(":")
    if kind in ("municipality", "district"):
        return kind, key
    return (kind if kind in LEVELS else "others"), ""


def _project(
    projection: Projection, years: tuple[int, ...], here: Account, none: Account, weather: Changes, react: bool
) -> dict[str, ProjectionResult]:
    """Return the projections of the three worlds of one pair of runs; `weather` changes all three."""
    cost = Costs(towns=here.towns, districts=here.districts)
    kept = Costs(towns=none.towns, districts=none.districts)

    def more(of: Account, than: Account, name: str) -> dict[int, FloatArray]:
        one, two = getattr(of, name), getattr(than, name)
        return {year: np.maximum(0.0, people - two.get(year, 0.0)) for year, people in one.items()}

    gone = without_newcomers(years, more(here, none, "persons"), more(here, none, "employed"), start=projection.start)
    settings: dict[str, dict[str, Any]] = {
        "with": {"task_cost": cost, "changes": weather},
        "no_arrivals": {"task_cost": kept, "changes": weather | gone},
        "without": {"changes": weather | gone},
    }
    return {
        name: projection.run(years=years, reference_cost=cost, react=react, **setting)
        for name, setting in settings.items()
    }


def _newcomers(here: Account, none: Account, years: tuple[int, ...]) -> FloatArray:
    """Return the mean number of newcomers by municipality over the years, (M,)."""
    found = [np.maximum(0.0, here.persons[year] - none.persons[year]) for year in years if year in here.persons]
    return np.mean(found, axis=0) if found else np.zeros(here.towns.shape[1])


def _mean_costs(accounts: Sequence[Account]) -> pd.DataFrame:
    """Return the costs by world, level and key, mean over the seeds."""
    pairs = len(accounts) // 2
    tables = [account.costs.assign(world=WORLDS[number % 2]) for number, account in enumerate(accounts)]
    together = pd.concat(tables).groupby(["world", "year", "level", "key"], as_index=False)
    total = cast("pd.DataFrame", together[["paid", "received", "net"]].sum())
    return total.assign(**{name: total[name] / pairs for name in ("paid", "received", "net")})


def _projection_table(region: Region, results: Mapping[str, Sequence[ProjectionResult]]) -> pd.DataFrame:
    """Return all projections as one long table: mean, 10 and 90 % over the seeds, and how well each line is known."""
    quality = quality_of(region)
    parts: list[pd.DataFrame] = []
    for world, runs in results.items():
        frame = runs[0].frame()
        values = np.stack([run.frame()["value"].to_numpy() for run in runs])
        low, high = np.quantile(values, [0.1, 0.9], axis=0)
        frame = frame.assign(value=values.mean(axis=0), low=low, high=high)
        frame.insert(0, "world", world)
        parts.append(frame)
    table = pd.concat(parts, ignore_index=True)
    names = zip(table["world"], table["indicator"], table["key"], table["year"], strict=True)
    return table.assign(quality=[quality(world, line, key, int(year)) for world, line, key, year in names])
