"""The crash test: how the budgets of a region bear shocks, and how much lost trade tax each municipality survives.

from kreislauf.experiments.stress import stress
stress("coburg", shock_year=2018).table

Every set of shocks is projected for the years the grades look at and compared with the same years without it. The
grades are functions of those years (`model.fiscal.grades`); the reverse test looks for the smallest loss of a
municipality's own trade tax that turns it red. With draws the test is repeated over the ranges of the estimated
parameters and of the sizes of the shocks, so that a result reads "red in 3 of 10 runs".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..model.calendar import year_of
from ..model.errors import InputError, KreislaufError, Problem
from ..model.fiscal.grades import Grade, Verdict, limits_table, ratios
from ..model.fiscal.shock_changes import posts_dropped
from ..model.fiscal.shocks import LARGEST, Shock, ShockSet, load_set, load_shocks, shock_sets
from ..model.parameters import Parameters
from ..model.region import Region, load_region
from .bench import LEAD_YEARS, SHARE_YEARS, Bench, CostPath, Loss, who_bears, window_of
from .draws import drawn_values, hypercube, uncertain_parameters
from .parameter_draws import SEEDS_PER_DRAW, ParameterDraws

if TYPE_CHECKING:
    from ..model.fiscal.projection import ProjectionResult

OWN_SET = "own"
"""Name of the set made of shocks that are given one by one."""
_NO_VALUES: Mapping[str, float] = MappingProxyType({})

type StressProgress = Callable[[int, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StressReport:
    """Results of a crash test; money is EUR.

    `table` has one row per set and municipality, `districts` one per set and district, `years` the indicators by year
    without draws. `draws` has one row per draw, set and municipality (empty without draws), `failures` one per draw
    that could not be projected. `limits` says where the grades change and how far each limit is backed, `inputs` what
    was asked.
    """

    table: pd.DataFrame
    districts: pd.DataFrame
    years: pd.DataFrame
    draws: pd.DataFrame
    failures: pd.DataFrame
    limits: pd.DataFrame
    sets: tuple[ShockSet, ...]
    inputs: dict[str, Any]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name, those with rows only."""
        found = {name: getattr(self, name) for name in ("table", "districts", "years", "draws", "failures", "limits")}
        found["grades"] = found.pop("table")
        return {name: frame for name, frame in found.items() if len(frame)}


def stress(
    region: str | Path | Region,
    sets: Sequence[str | ShockSet] | None = None,
    *,
    shocks: Sequence[str | Path | Shock] = (),
    shock_year: int | None = None,
    parameters: Mapping[str, float] = _NO_VALUES,
    costs: CostPath | None = None,
    compensation: float | None = None,
    react: bool = True,
    loss: Loss = "lasting",
    tolerance: float = 0.01,
    draws: int = 0,
    seed: int = 1,
    posterior: ParameterDraws | None = None,
    progress: StressProgress | None = None,
) -> StressReport:
    """Run the crash test and return its report; raises InputError for wrong input.

    Parameters
    ----------
    region
        A shipped name, a folder, or a region.
    sets
        Names of shipped sets of shocks or sets of one's own; all shipped ones by default, none when `shocks` are given.
    shocks
        Shocks by name, number or file, tested together as the set `own`.
    shock_year
        Calendar year t of the shock (default: the second year of the region's period).
    parameters
        Values that differ from parameters.csv; they stay as given in draws.
    costs
        Function from years to the net cost of the fields' tasks in them (default: none; then only the other spending is
        tested).
    compensation
        Share of the first year's loss of trade tax that Land and federation make good, in all sets; by default what
        the shocks say.
    react
        Whether municipalities in need cut, raise rates, borrow and get aid; without it they only use reserves.
    loss, tolerance
        Loss of the reverse test: from the year of the shock on (`lasting`) or only in it (`one-year`), and its step.
    draws, seed
        Number of draws over the ranges of uncertain parameters and sizes of shocks, and their seed.
    posterior
        Draws of parameters (such as a posterior) that replace drawing from the range; their mean is the stated value.

    >>> len(stress("coburg", shocks=["recession"]).table)
    17
    """
    place = region if isinstance(region, Region) or not isinstance(region, str | Path) else load_region(region)
    chosen = _chosen(sets, shocks)
    year = year_of(place.start_month) + 1 if shock_year is None else shock_year
    _check(place, year, draws, loss, compensation)
    settings = {"shock_year": year, "react": react, "costs": costs, "compensation": compensation}
    stated = {} if posterior is None else posterior.mean()
    bench = Bench(region=place, parameters=Parameters({**stated, **parameters}), **settings)
    results = [_tested(bench, entry, loss, tolerance) for entry in chosen]
    table = pd.concat([result.table for result in results], ignore_index=True)
    drawn, failures = _draws(bench, chosen, dict(parameters), loss, tolerance, draws, seed, posterior, progress)
    if draws:
        table = _with_counts(table, drawn, draws - len(failures))
    inputs: dict[str, Any] = {
        "region": {"name": place.name, "sha256": getattr(place, "fingerprint", "")},
        "sets": {entry.name: [shock.model_dump() for shock in entry.shocks] for entry in chosen},
        **{name: value for name, value in settings.items() if name != "costs"},
        "task_cost": costs is not None,
        "largest_taxpayer": _largest(bench, chosen),
        "window_years": bench.window_years,
        "parameters": dict(parameters),
        "reverse_test": {"loss": loss, "tolerance": tolerance},
        "draws": draws,
        "seed": seed,
        **({} if posterior is None else {"posterior": posterior.record()}),
    }
    return StressReport(
        table=table,
        districts=pd.concat([result.districts for result in results], ignore_index=True),
        years=pd.concat([result.years for result in results], ignore_index=True),
        draws=drawn,
        failures=failures,
        limits=_limits(bench),
        sets=chosen,
        inputs=inputs,
    )


def _largest(bench: Bench, sets: Sequence[ShockSet]) -> str:
    """Return the name of the municipality with most trade tax where a shock asks for it, else nothing."""
    if not any(LARGEST in shock.where for entry in sets for shock in entry.shocks):
        return ""
    trade = bench.run(react=False).trade[LEAD_YEARS]
    return str(bench.region.municipalities["name"].iloc[int(trade.argmax())])


def _limits(bench: Bench) -> pd.DataFrame:
    """Return the limits of the grades with unit, confidence and source."""
    rows = [
        {
            "limit": name,
            "value": getattr(bench.limits, name),
            "unit": entry.unit,
            "confidence": entry.confidence,
            "source": entry.source,
            "description": entry.description,
        }
        for name, entry in limits_table().items()
    ]
    return pd.DataFrame(rows)


def _chosen(sets: Sequence[str | ShockSet] | None, shocks: Sequence[str | Path | Shock]) -> tuple[ShockSet, ...]:
    """Return the sets to test; raises InputError for unknown names and for a set named twice."""
    if sets is None:
        sets = [] if shocks else list(shock_sets())
    chosen = [entry if isinstance(entry, ShockSet) else load_set(entry) for entry in sets]
    if shocks:
        single = load_shocks(shocks)
        titles = [" + ".join(getattr(shock, name) for shock in single) for name in ("title_de", "title_en")]
        chosen.append(ShockSet(OWN_SET, titles[0], titles[1], single))
    names = [entry.name for entry in chosen]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"the set of shocks {name!r} stands twice; name each once")
    if not chosen:
        raise InputError("nothing to test; name a set or a shock")
    return tuple(chosen)


def _check(region: Region, year: int, draws: int, loss: str, compensation: float | None) -> None:
    """Refuse what cannot be tested, all problems together."""
    problems = []
    first, last = min(region.population), year_of(region.end_month)
    if not first + LEAD_YEARS <= year <= last + 1:
        words = f"{first + LEAD_YEARS} to {last + 1} for region {region.name}"
        problems.append(Problem("the year of the shock", value=str(year), expected=words))
    if not 0 <= draws <= 10_000:
        problems.append(Problem("the number of draws", value=str(draws), expected="0 to 10000"))
    if loss not in ("lasting", "one-year"):
        problems.append(Problem("the loss of the reverse test", value=loss, expected="lasting or one-year"))
    if compensation is not None and not 0.0 <= compensation <= 1.0:
        problems.append(Problem("the compensation", value=f"{compensation:g}", expected="0 to 1"))
    if problems:
        raise InputError(problems)


@dataclass(frozen=True, slots=True)
class _Tested:
    """The tables of one set."""

    table: pd.DataFrame
    districts: pd.DataFrame
    years: pd.DataFrame


def _tested(bench: Bench, entry: ShockSet, loss: Loss, tolerance: float) -> _Tested:
    """Return the tables of one set at the stated values."""
    result, shocks, region = bench.run(entry.shocks), entry.shocks, bench.region
    verdict, first = bench.verdict(result), bench.shock_year
    rows = slice(LEAD_YEARS, None)
    margin = result.free_margin[rows]
    # Who bears the loss is counted without reactions: a raised rate would hide what was lost.
    long = {"react": False, "years": max(SHARE_YEARS, bench.window_years)}
    borne = who_bears(bench.run(shocks, **long), bench.run(**long), first_year=first)
    table = pd.DataFrame(
        {
            "set": entry.name,
            "key": region.keys,
            "name": region.municipalities["name"].tolist(),
            **_verdict_columns(verdict, first),
            "smallest_loss": _smallest_losses(bench, shocks, loss, tolerance),
            "smallest_loss_kind": loss,
            "min_free_margin_eur": margin.min(axis=0),
            "min_free_margin_year": first + margin.argmin(axis=0),
            "peak_cash_credit_eur": result.cash_credit[rows].max(axis=0),
            "voluntary_cut_eur": result.voluntary_cut[rows].sum(axis=0),
            "tasks_cut_eur": _tasks_cut(bench, result)[rows].sum(axis=0),
            "tax_loss_eur": borne.pop("tax_loss"),
            **{f"borne_by_{name}": share for name, share in borne.items()},
        }
    )
    return _Tested(table, _district_table(bench, entry, result), _year_table(bench, entry, result))


def _verdict_columns(verdict: Verdict, first_year: int) -> dict[str, Any]:
    """Return the columns of the grades, with calendar years; no year is NA."""

    def calendar(rows: np.ndarray) -> pd.Series:
        return pd.Series(np.where(rows >= 0, rows + first_year, -1), dtype="Int64").mask(rows < 0)

    grades = [Grade(int(value)) for value in verdict.grade]
    return {
        "grade": [grade.title() for grade in grades],
        "letter": [grade.letter for grade in grades],
        "passed": verdict.passed,
        "first_failing_year": calendar(verdict.failed_year),
        "failed_indicator": verdict.failed_by.astype(str),
        "first_red_year": calendar(verdict.red_year),
        "red_indicator": verdict.red_by.astype(str),
    }


def _smallest_losses(bench: Bench, shocks: Sequence[Shock], loss: Loss, tolerance: float) -> np.ndarray:
    """Return the reverse test of every municipality, shares; nan where trade tax alone turns nobody red."""
    found = [
        bench.smallest_loss(place, shocks, loss=loss, tolerance=tolerance) for place in range(len(bench.region.keys))
    ]
    return np.array([np.nan if share is None else share for share in found])


def _tasks_cut(bench: Bench, result: ProjectionResult) -> np.ndarray:
    """Return how much of the cut falls on the fields' tasks, EUR (Y, M): in proportion to what may be cut."""
    cost = bench.cost(result.years)
    if cost is None or cost.voluntary is None:
        return np.zeros_like(result.voluntary_cut)
    open_to_cuts = bench.parameters.voluntary_share * (result.other_spending + result.voluntary_cut) + cost.voluntary
    share = np.divide(cost.voluntary, open_to_cuts, out=np.zeros_like(open_to_cuts), where=open_to_cuts > 0.0)
    return result.voluntary_cut * share


def _district_table(bench: Bench, entry: ShockSet, result: ProjectionResult) -> pd.DataFrame:
    """Return what the shocks do to the districts and what their councils answer."""
    rows, base = slice(LEAD_YEARS, None), bench.run()
    moved = result.levy_rate - base.levy_rate
    dropped = posts_dropped(entry.shocks, projection=bench.projection, base=base, shock_year=bench.shock_year)
    most = np.abs(moved[rows]).argmax(axis=0)
    return pd.DataFrame(
        {
            "set": entry.name,
            "key": [district.key for district in bench.region.districts],
            "name": [district.name for district in bench.region.districts],
            "levy_rate_first_pct": result.levy_rate[LEAD_YEARS],
            "levy_rate_last_pct": result.levy_rate[-1],
            "largest_levy_change_points": np.take_along_axis(moved[rows], most[np.newaxis], axis=0)[0],
            "largest_levy_change_year": bench.shock_year + most,
            "needed_rate_peak_pct": result.needed_rate[rows].max(axis=0),
            "min_margin_eur": result.district_margin[rows].min(axis=0),
            "min_reserve_eur": result.district_reserve[rows].min(axis=0),
            "tasks_ended_eur": dropped[rows].sum(axis=0),
        }
    )


def _year_table(bench: Bench, entry: ShockSet, result: ProjectionResult) -> pd.DataFrame:
    """Return the indicators behind the grades, by year and municipality."""
    years, keys = bench.graded_years, bench.region.keys
    window = window_of(result, years)
    euros = {
        "transfer_eur": window.transfer,
        "free_margin_eur": window.free_margin,
        "reserve_eur": window.reserve,
        "cash_credit_eur": window.cash_credit,
        "debt_eur": window.debt,
        "taxes_eur": result.taxes[LEAD_YEARS:],
        "allocation_eur": result.allocation[LEAD_YEARS:],
        "levy_eur": result.levy[LEAD_YEARS:],
    }
    shares = {f"{name}_share": values for name, values in ratios(window).items()}
    return pd.DataFrame(
        {
            "set": entry.name,
            "key": np.tile(np.array(keys, object), len(years)),
            "year": np.repeat(years, len(keys)),
            **{name: values.ravel() for name, values in (euros | shares).items()},
        }
    )


def _draws(
    bench: Bench,
    sets: Sequence[ShockSet],
    fixed: dict[str, float],
    loss: Loss,
    tolerance: float,
    draws: int,
    seed: int,
    posterior: ParameterDraws | None,
    progress: StressProgress | None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return grades and reverse test of every draw, and the draws that could not be projected.

    The limits of the grades are not drawn: they say what is asked, not what is uncertain.
    """
    limits = [entry.name for entry in uncertain_parameters("money") if entry.name.startswith("grade_")]
    entries = uncertain_parameters("money", without=[*fixed, *limits])
    values = drawn_values(entries, draws, seed=seed)
    if posterior is not None:  # a number per draw; neighbours need not share one here, as nothing is taken apart
        numbers = [SEEDS_PER_DRAW * (seed + draw) for draw in range(draws)]
        values = [{**own, **posterior.for_seed(number)} for own, number in zip(values, numbers, strict=True)]
    names = {shock.name for entry in sets for shock in entry.shocks}
    sizes = hypercube((f"shock {name}" for name in sorted(names)), draws, seed=seed)
    frames, failures = [], []
    for draw in range(draws):
        one = replace(bench, parameters=Parameters({**values[draw], **fixed}))
        try:
            parts = []
            for entry in sets:
                shocks = [shock.drawn(float(sizes[f"shock {shock.name}"][draw])) for shock in entry.shocks]
                verdict = one.verdict(one.run(shocks))
                columns = _verdict_columns(verdict, one.shock_year)
                losses = _smallest_losses(one, shocks, loss, tolerance)
                row = {"draw": draw, "set": entry.name, "key": one.region.keys, **columns, "smallest_loss": losses}
                parts.append(pd.DataFrame(row))
            frames += parts
        except KreislaufError as error:
            failures.append({"draw": draw, "error": str(error)})
        if progress is not None:
            progress(draw + 1, draws, len(failures))
    if draws and len(failures) == draws:
        raise InputError(f"no draw could be projected; the first one: {failures[0]['error']}")
    drawn = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    return drawn, pd.DataFrame(failures, columns=pd.Index(["draw", "error"]))


def _with_counts(table: pd.DataFrame, drawn: pd.DataFrame, runs: int) -> pd.DataFrame:
    """Return the table with the number of draws in each grade and the spread of the reverse test over the draws.

    A municipality trade tax alone does not turn red counts as surviving the loss of all of it and more (infinite).
    """
    groups = drawn.assign(smallest_loss=drawn["smallest_loss"].fillna(np.inf)).groupby(["set", "key"], sort=False)
    letters = groups["letter"].agg("".join)
    counts = {f"runs_{word.title()}": letters.str.count(word.letter) for word in Grade}
    spread = {
        f"smallest_loss_q{int(100 * q)}": groups["smallest_loss"].quantile(q, interpolation="lower")
        for q in (0.1, 0.5, 0.9)
    }
    extra = pd.DataFrame({**counts, **spread}).assign(runs=runs).reset_index()
    return table.merge(extra, on=["set", "key"], how="left", sort=False)
