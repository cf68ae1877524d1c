"""Overview: how the region stands, in one sentence, four figures, a map over time and two charts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...model.measures import MEASURES
from ..charts.fan_chart import Fan, fan_chart
from ..maps import region_map
from .audited import sentences
from .lens import Lens, paired, spread, verdict

if TYPE_CHECKING:
    from ..charts.chart import Chart
    from ..choices import Choice
    from ..ensemble import Ensemble
    from .quality import Quality

FIGURES = ("employment_rate", "private_housing_share", "operational_gap_share", "burden_with_levy")
"""The measures of the four cards."""
FANS = ("operational_gap_share", "burden_with_levy")
MAPPED = (
    "burden_with_levy",
    "operational_gap_share",
    "waiting_months",
    "employment_rate",
    "private_housing_share",
    "persons",
)
"""Measures that can be put on the map."""


@dataclass(frozen=True, slots=True)
class Card:
    """One key figure: its value with B in the middle run (`unit` in words), the range, the baseline, the verdict."""

    measure: str
    title: str
    value: str
    unit: str
    spread: str
    compared: str
    verdict: str
    quality: Quality


@dataclass(frozen=True, slots=True)
class Overview:
    """The overview; `period` says which months the cards are about, `flips` which assumption turns a result."""

    finding: str
    period: str
    cards: tuple[Card, ...]
    fans: tuple[Chart, ...]
    flips: tuple[str, ...]
    notes: tuple[str, ...]
    failures: str


def overview(
    ensemble: Ensemble, baseline: Choice, choice: Choice, *, language: str, single_runs: bool = False
) -> Overview:
    """Return the overview of the choice beside the baseline; `single_runs` draws up to twenty runs as thin lines."""
    lens = Lens(ensemble, baseline, choice, language)
    notes = ("not_modelled_arrivals", "not_modelled_law", "not_modelled_people")
    return Overview(
        finding=_finding(lens),
        period=lens.say("last_year", month=lens.formats.month(ensemble.months[-1])),
        cards=tuple(card(lens, measure) for measure in _figures(lens)),
        fans=tuple(fan(lens, measure, single_runs=single_runs) for measure in FANS),
        flips=sentences(lens),
        notes=tuple(lens.say(note) for note in notes),
        failures=failures(lens),
    )


def _figures(lens: Lens) -> tuple[str, ...]:
    """Return the measures of the four cards: two outcomes of the field, then gaps and burden."""
    return (*lens.known(FIGURES)[:2], *FANS)


def card(lens: Lens, measure: str) -> Card:
    """Return the card of a measure in the last twelve months."""
    after, before = lens.last_year(lens.choice, measure), lens.last_year(lens.baseline, measure)
    unit, formats = MEASURES[measure].unit, lens.formats
    return Card(
        measure=measure,
        title=lens.title(measure),
        value=formats.value(spread(after)[1], unit),
        unit=formats.rest(spread(after)[1], unit),
        spread=lens.range_sentence(after, unit),
        compared="" if lens.same else lens.say("compared", a=lens.a, value=formats.full(spread(before)[1], unit)),
        verdict="" if lens.same else verdict(lens, paired(before, after, MEASURES[measure].better)),
        quality=lens.quality(measure),
    )


def fan(lens: Lens, measure: str, *, single_runs: bool = False) -> Chart:
    """Return the months of a measure with both variants on the same axes."""
    fans = [Fan.of(lens.b, lens.ensemble.series(lens.choice, measure), "variant", show_runs=single_runs)]
    if not lens.same:
        fans.insert(0, Fan.of(lens.a, lens.ensemble.series(lens.baseline, measure), "baseline", show_runs=single_runs))
    return fan_chart(
        lens.ensemble.months, fans, title=lens.title(measure), unit=MEASURES[measure].unit, formats=lens.formats
    )


def overview_map(
    ensemble: Ensemble,
    choice: Choice,
    measure: str,
    month: int,
    *,
    language: str,
    selected: str | None = None,
    clickable: bool = False,
    shape: str = "hex",
) -> Chart:
    """Return the map of a measure in a month, middle run of every municipality; same classes in all months."""
    lens = Lens(ensemble, choice, choice, language)
    values = middle(ensemble.places_at(choice, measure, month))
    low, high = map_domain(ensemble, choice, measure)
    return region_map(
        ensemble.region,
        dict(zip(ensemble.places, values, strict=True)),
        title=lens.say("overview.map_title", measure=lens.title(measure), name=lens.b, month=lens.formats.month(month)),
        unit=MEASURES[measure].unit,
        formats=lens.formats,
        language=language,
        shape=shape,
        selected=selected,
        clickable=clickable,
        domain=(low, high),
    )


def map_domain(ensemble: Ensemble, choice: Choice, measure: str) -> tuple[float, float]:
    """Return the smallest and largest value of a measure on the map over all months."""
    runs = np.array([ensemble.series(choice, measure, place) for place in ensemble.places]).transpose(0, 2, 1)
    known = runs[~np.isnan(runs).all(axis=-1)]  # one row per municipality and month with any value
    middles = np.nanmedian(known, axis=-1) if len(known) else np.array([0.0, 1.0])
    return float(middles.min()), float(middles.max())


def middle(values: np.ndarray) -> list[float]:
    """Return the median over runs of values (S, M); nan where no run has one."""
    return [spread(column)[1] for column in values.T]


def failures(lens: Lens) -> str:
    """Return how many runs of both variants failed, empty when none did."""
    found = {(c, seed) for c in (lens.baseline, lens.choice) for seed in lens.ensemble.failures(c)}
    return lens.say("failed_runs", n=lens.formats.number(len(found), 0)) if found else ""


def _finding(lens: Lens) -> str:
    """Return the overview in one sentence."""
    gap, burden = (spread(lens.last_year(lens.choice, name))[1] for name in FANS)
    formats = lens.formats
    values = {
        "year": formats.month(lens.ensemble.months[-1]),
        "b": lens.b,
        "gap": formats.percent(gap, 1),
        "burden": formats.full(burden, MEASURES[FANS[1]].unit),
    }
    if lens.same:
        return lens.say("overview.finding_one", **values)
    before = lens.last_year(lens.baseline, FANS[0]), lens.last_year(lens.baseline, FANS[1])
    said = [
        verdict(lens, paired(old, lens.last_year(lens.choice, name), "lower"))
        for old, name in zip(before, FANS, strict=True)
    ]
    return lens.say(
        "overview.finding_two",
        **values,
        a=lens.a,
        gap_a=formats.percent(spread(before[0])[1], 1),
        burden_a=formats.value(spread(before[1])[1], MEASURES[FANS[1]].unit),
        gap_said=said[0],
        burden_said=said[1],
    )
