"""Crash test: in how many of ten runs a municipality falls below the line under some shocks, with A and with B."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...model.calendar import month_index
from ...model.errors import KreislaufError
from ...model.fiscal.shocks import shock_library, shock_sets
from ..charts.chart import Table
from ..charts.fan_chart import Fan, fan_chart
from ..charts.shading import sort_key
from ..maps import region_map
from .cache import cached
from .lens import Lens
from .quality import CLASS_OF, Quality, quality_from
from .stress_runs import RUNS, StressRuns, StressTest, reference_of, shock_years
from .stress_store import stored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..charts.chart import Chart
    from ..choices import Choice
    from ..ensemble import Ensemble

USUAL = "down"
"""The set of shocks to begin with."""
LIMITS = ("grade_margin_floor_share", "grade_short_years", "grade_debt_service_limit", "grade_debt_ratio_limit",
          "grade_negative_years", "grade_minimum_reserve_share", "grade_cash_credit_limit")  # fmt: skip
UNIT = "EUR per inhabitant"
MOST_NAMES = 6
"""More municipalities than these are counted, not named; map and table have them all."""


@dataclass(frozen=True, slots=True)
class Switch:
    """A shock that can be switched on: its name, title, what it rests on, and the class of its size."""

    name: str
    title: str
    basis: str
    kind: str


@dataclass(frozen=True, slots=True)
class Stress:
    """The crash test of both variants; `map_a` is None when A and B are the same."""

    finding: str
    explained: str
    map_a: Chart | None
    map_b: Chart
    table: Table
    quality: Quality
    notes: tuple[str, ...]
    failures: str


def switches(language: str) -> tuple[Switch, ...]:
    """Return the shocks of the library."""
    return tuple(
        Switch(shock.name, _title(shock, language), f"{shock.id}: {shock.source}", CLASS_OF[shock.confidence])
        for shock in shock_library().values()
    )


def presets(language: str) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return the shipped sets of shocks: name, title, names of their shocks."""
    return tuple(
        (name, _title(entry, language), tuple(s.name for s in entry.shocks)) for name, entry in shock_sets().items()
    )


def usual_shocks() -> tuple[str, ...]:
    """Return the shocks to begin with."""
    return tuple(shock.name for shock in shock_sets()[USUAL].shocks)


def usual_year(ensemble: Ensemble) -> int:
    """Return the year of the shock to begin with: the last of the region's period."""
    return shock_years(ensemble)[1]


def test_of(ensemble: Ensemble, year: int) -> StressTest:
    """Return the crash test of a year; its projections are made at the first question."""
    return StressTest(ensemble, year)


def runs_of(ensemble: Ensemble, choice: Choice, shocks: tuple[str, ...], year: int) -> StressRuns:
    """Return the runs of a variant under some shocks; made once and kept on disk."""
    return cached(_runs_of, ensemble, choice, reference_of(ensemble, choice), shocks, year)


def _runs_of(ensemble: Ensemble, choice: Choice, _: Choice, shocks: tuple[str, ...], year: int) -> StressRuns:
    return stored(ensemble, choice, shocks, year, lambda: cached(test_of, ensemble, year).run(ensemble, choice, shocks))


def prepare(ensemble: Ensemble, choices: Sequence[Choice], shocks: tuple[str, ...], year: int) -> None:
    """Make the runs of some variants in a thread of its own, so that the screen finds them ready."""

    def work() -> None:
        with suppress(KreislaufError):  # said to whoever opens the screen
            for choice in choices:
                runs_of(ensemble, choice, shocks, year)
                runs_of(ensemble, choice, (), year)

    threading.Thread(target=work, name="crash test", daemon=True).start()


def stress(
    ensemble: Ensemble,
    baseline: Choice,
    choice: Choice,
    shocks: tuple[str, ...],
    year: int,
    *,
    language: str,
    selected: str | None = None,
    clickable: bool = False,
    shape: str = "hex",
    width: float = 600.0,
) -> Stress:
    """Return the crash test of two variants under some shocks in a year; `width` is that of the maps."""
    lens = Lens(ensemble, baseline, choice, language)
    after = runs_of(ensemble, choice, shocks, year)
    before = runs_of(ensemble, baseline, shocks, year)
    calm = runs_of(ensemble, choice, (), year) if shocks else None
    maps = [
        _map(lens, letter, runs, selected=selected, clickable=clickable, shape=shape, width=width)
        for letter, runs in (("a", before), ("b", after))
        if not (letter == "a" and lens.same)
    ]
    failed = max(before.failed, after.failed)
    return Stress(
        finding=_finding(lens, before, after, calm, shocks, year),
        explained=lens.say("stress.explained", first=str(after.years[0]), last=str(after.years[-1]), N=str(after.runs)),
        map_a=None if lens.same else maps[0],
        map_b=maps[-1],
        table=_table(lens, before, after, calm),
        quality=quality_from(LIMITS, language),
        notes=tuple(lens.say(f"not_modelled_{name}") for name in ("reaction", "budgets", "law", "arrivals")),
        failures=lens.say("failed_runs", n=lens.formats.number(failed, 0)) if failed else "",
    )


def stress_line(
    ensemble: Ensemble,
    baseline: Choice,
    choice: Choice,
    shocks: tuple[str, ...],
    year: int,
    place: str,
    *,
    language: str,
) -> Chart:
    """Return the free margin of one municipality over the years of the test, with the line below which it is short."""
    lens = Lens(ensemble, baseline, choice, language)
    column = ensemble.places.index(place)
    fans = [Fan.of(lens.b, runs_of(ensemble, choice, shocks, year).margin[:, :, column], "variant")]
    if not lens.same:
        runs = runs_of(ensemble, baseline, shocks, year)
        fans.insert(0, Fan.of(lens.a, runs.margin[:, :, column], "baseline"))
    years = runs_of(ensemble, choice, shocks, year).years
    return fan_chart(
        [month_index(f"{one}-07") for one in years],
        fans,
        title=lens.say("stress.line_title", place=lens.place_name(place)),
        unit=UNIT,
        formats=lens.formats,
        limit=(0.0, lens.say("stress.limit")),
        yearly=True,
    )


def reverse_test(
    ensemble: Ensemble, choice: Choice, shocks: tuple[str, ...], year: int, place: str, *, language: str
) -> str:
    """Return in a sentence how much of its own trade tax a municipality can lose before it turns red.

    At the stated values of all parameters; the search of `experiments.bench`.
    """
    from ...experiments.bench import Bench
    from ...model.fiscal.shocks import load_shock
    from ...model.parameters import Parameters, parameter_table
    from .stress_runs import cost_paths

    lens = Lens(ensemble, choice, choice, language)
    money = {name: value for name, value in ensemble.assumptions.items() if parameter_table()[name].group == "money"}
    bench = Bench(
        region=ensemble.region, parameters=Parameters(money), shock_year=year, costs=cost_paths(ensemble, choice)[0]
    )
    found = bench.smallest_loss(ensemble.places.index(place), [load_shock(name) for name in shocks], tolerance=0.02)
    values = {"place": lens.place_name(place), "year": str(year)}
    if found is None:
        return lens.say("stress.reverse_none", **values)
    if found == 0.0:
        return lens.say("stress.reverse_already", **values)
    return lens.say("stress.reverse", share=lens.formats.percent(found, 0), **values)


def _finding(
    lens: Lens, before: StressRuns, after: StressRuns, calm: StressRuns | None, shocks: tuple[str, ...], year: int
) -> str:
    """Return how many municipalities fall below the line in at least half of the runs, by alphabet; and how many do
    without the shocks (`calm`).
    """
    named = lens.formats.listing(
        [lens.say("stress.named", name=_title(shock_library()[name], lens.language)) for name in shocks]
    )
    head = (
        lens.say("stress.head", shocks=named, year=str(year))
        if shocks
        else lens.say("stress.head_none", year=str(year))
    )
    often = [name for name, hit in _named(lens, 2 * after.counts >= after.runs) if hit]
    total = len(lens.ensemble.places)
    values = {"n": lens.formats.number(len(often), 0), "M": lens.formats.number(total, 0), "b": lens.b}
    if not often:
        words = [lens.say("stress.nobody", **values)]
    else:
        key = "stress.somebody" if len(often) <= MOST_NAMES else "stress.many"
        words = [lens.say(key, **values, names=lens.formats.listing(often[:MOST_NAMES]))]
    if calm is not None:
        words.append(lens.say("stress.without", b=lens.b, n=lens.formats.number(_often(calm), 0)))
    if not lens.same:
        words.append(lens.say("stress.baseline", a=lens.a, n=lens.formats.number(_often(before), 0)))
    return " ".join((head, *words))


def _often(runs: StressRuns) -> int:
    """Return how many municipalities fall below the line in at least half of the runs."""
    return int((2 * runs.counts >= runs.runs).sum())


def _named(lens: Lens, values: np.ndarray) -> list[tuple[str, bool]]:
    pairs = [(lens.place_name(key), bool(value)) for key, value in zip(lens.ensemble.places, values, strict=True)]
    return sorted(pairs, key=lambda pair: sort_key(pair[0]))


def _map(lens: Lens, letter: str, runs: StressRuns, **drawn: Any) -> Chart:
    name = lens.a if letter == "a" else lens.b
    counts = dict(zip(lens.ensemble.places, runs.counts.tolist(), strict=True))
    labels = {key: lens.say("stress.short", n=str(count), N=str(runs.runs)) for key, count in counts.items()}
    title = lens.say("stress.map_title", name=lens.say(f"lead_{letter}", name=name))
    return region_map(
        lens.ensemble.region,
        {key: float(count) for key, count in counts.items()},
        title=title,
        unit="runs",
        formats=lens.formats,
        caption=lens.say("stress.caption", N=str(runs.runs)),
        labels=labels,
        domain=(0.0, float(runs.runs)),
        language=lens.language,
        **drawn,
    )


def _table(lens: Lens, before: StressRuns, after: StressRuns, calm: StressRuns | None) -> Table:
    """Return one row per municipality, by alphabet: runs below the line with A and B and without a shock, lowest
    margin.
    """
    counted = [(lens.say("lead_a", name=lens.a), before), (lens.say("lead_b", name=lens.b), after)]
    if calm is not None:
        counted.append((lens.say("stress.b_without"), calm))
    heads = [head for head, _ in counted]
    columns = (lens.say("stress.municipality"), *heads, lens.say("stress.lowest_a"), lens.say("stress.lowest_b"))
    lowest = [np.median(runs.margin.min(axis=1), axis=0) for runs in (before, after)]
    rows = []
    for number, key in enumerate(lens.ensemble.places):
        counts = [lens.formats.of_runs(int(runs.counts[number]), runs.runs) for _, runs in counted]
        rows.append((lens.place_name(key), *counts, float(lowest[0][number]), float(lowest[1][number])))
    rows.sort(key=lambda row: sort_key(row[0]))
    return Table(columns, tuple(rows), ("", *[""] * len(counted), UNIT, UNIT))


def _title(entry: object, language: str) -> str:
    return str(getattr(entry, f"title_{language}"))


__all__ = [
    "RUNS",
    "Stress",
    "Switch",
    "presets",
    "reverse_test",
    "runs_of",
    "shock_years",
    "stress",
    "stress_line",
    "switches",
]
