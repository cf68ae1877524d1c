"""My municipality: its own figures beside the middle of all municipalities of the region, with A and B. No ranking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...model.calendar import year_of
from ...model.measures import MEASURES
from ..charts.chart import Table
from ..charts.fan_chart import Fan, fan_chart
from .lens import Lens, ahead_of, paired, spread, verdict

if TYPE_CHECKING:
    from ..charts.chart import Chart
    from ..choices import Choice
    from ..ensemble import Ensemble
    from .quality import Quality

SHOWN = (
    "burden_with_levy", "burden_per_inhabitant", "free_margin", "persons", "employment_rate", "private_housing_share",
    "german_share", "waiting_months", "operational_gap_share",
)  # fmt: skip
"""The figures of a municipality; all that depends on size is per inhabitant or a share, but for the persons."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a municipality in the last twelve months, beside the median of all municipalities."""

    measure: str
    title: str
    value: str
    unit: str
    spread: str
    compared: str
    district: str
    verdict: str
    quality: Quality


@dataclass(frozen=True, slots=True)
class Municipality:
    """One municipality: what it is, its figures, the course of one measure, and everything as a table."""

    name: str
    about: str
    period: str
    finding: str
    figures: tuple[Figure, ...]
    course: Chart
    table: Table
    notes: tuple[str, ...]


def municipality(
    ensemble: Ensemble, baseline: Choice, choice: Choice, place: str, measure: str, *, language: str
) -> Municipality:
    """Return the figures of a municipality (by key), and the course of one measure."""
    lens = Lens(ensemble, baseline, choice, language)
    figures = tuple(_figure(lens, place, name) for name in lens.known(SHOWN))
    return Municipality(
        name=lens.place_name(place),
        about=_about(lens, place),
        period=lens.say("last_year", month=lens.formats.month(ensemble.months[-1])),
        finding=_finding(lens, place),
        figures=figures,
        course=_course(lens, place, measure),
        table=_table(lens, place),
        notes=tuple(lens.say(f"not_modelled_{name}") for name in ("budgets", "people", "arrivals", "law")),
    )


def place_values(lens: Lens, choice: Choice, place: str, measure: str) -> np.ndarray:
    """Return a measure of one municipality in the last twelve months of every run, (S,)."""
    return lens.last_year_by_place(choice, measure)[:, lens.ensemble.places.index(place)]


def district_median(lens: Lens, choice: Choice, measure: str) -> float:
    """Return the middle municipality's value in the middle run: the median over runs of the median over places."""
    values = lens.last_year_by_place(choice, measure)
    return spread(np.array([spread(row)[1] for row in values]))[1]


def _figure(lens: Lens, place: str, measure: str) -> Figure:
    entry, formats = MEASURES[measure], lens.formats
    after, before = (place_values(lens, choice, place, measure) for choice in (lens.choice, lens.baseline))
    middle = formats.full(district_median(lens, lens.choice, measure), entry.unit)
    return Figure(
        measure=measure,
        title=lens.title(measure),
        value=formats.value(spread(after)[1], entry.unit),
        unit=formats.rest(spread(after)[1], entry.unit),
        spread=lens.range_sentence(after, entry.unit),
        compared="" if lens.same else lens.say("compared", a=lens.a, value=formats.full(spread(before)[1], entry.unit)),
        district=lens.say("municipality.middle", value=middle),
        verdict="" if lens.same else verdict(lens, paired(before, after, entry.better)),
        quality=lens.quality(measure),
    )


def _about(lens: Lens, place: str) -> str:
    """Return what is known of the municipality: inhabitants, and places in collective accommodation."""
    region = lens.ensemble.region
    number = lens.ensemble.places.index(place)
    year = max(year for year in region.population if year <= year_of(lens.ensemble.months[-1]))
    heads = lens.formats.number(float(region.population[year][number]), 0)
    return lens.say("municipality.about", name=lens.place_name(place), inhabitants=heads, year=str(year))


def _finding(lens: Lens, place: str) -> str:
    """Return the burden of the municipality beside the middle one, and what B changes."""
    measure = "burden_with_levy"
    unit = MEASURES[measure].unit
    after, before = (place_values(lens, choice, place, measure) for choice in (lens.choice, lens.baseline))
    words = lens.say(
        "municipality.finding",
        name=lens.place_name(place),
        b=lens.b,
        value=lens.formats.full(spread(after)[1], unit),
        middle=lens.formats.value(district_median(lens, lens.choice, measure), unit),
    )
    return words if lens.same else f"{words} {verdict(lens, paired(before, after, 'lower'))}"


def _course(lens: Lens, place: str, measure: str) -> Chart:
    """Return the months of a measure in the municipality, with the middle municipality as a level line at the end."""
    ensemble = lens.ensemble
    fans = [Fan.of(lens.b, ensemble.series(lens.choice, measure, place), "variant")]
    if not lens.same:
        fans.insert(0, Fan.of(lens.a, ensemble.series(lens.baseline, measure, place), "baseline"))
    return fan_chart(
        ensemble.place_months,
        fans,
        title=lens.say("municipality.course", measure=lens.title(measure), name=lens.place_name(place)),
        unit=MEASURES[measure].unit,
        formats=lens.formats,
    )


def _table(lens: Lens, place: str) -> Table:
    """Return every figure: the municipality with A and B, in how many runs B is ahead, the middle municipality."""
    rows = []
    for measure in lens.known(SHOWN):
        entry, sides = MEASURES[measure], (lens.baseline, lens.choice)
        write = lens.formats.value if entry.unit.startswith("EUR") else lens.formats.full
        before, after = (place_values(lens, choice, place, measure) for choice in sides)
        cells = [write(spread(values)[1], entry.unit) for values in (before, after)]
        cells.append(ahead_of(lens, paired(before, after, entry.better)))
        cells += [write(district_median(lens, choice, measure), entry.unit) for choice in sides]
        rows.append((lens.title(measure), *cells, lens.quality(measure).word))
    name = lens.place_name(place)
    columns = (
        lens.say("measure"),
        lens.say("lead_a", name=name),
        lens.say("lead_b", name=name),
        lens.say("comparison.ahead_b"),
        lens.say("municipality.middle_a"),
        lens.say("municipality.middle_b"),
        lens.say("comparison.backed"),
    )
    return Table(columns, tuple(rows))
