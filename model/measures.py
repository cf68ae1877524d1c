"""Every indicator of the model, once: name, unit, formula, how it is summed up over a run, and which way is better.

The words stand in `measures.csv`; here a small function computes each measure from the run's record: monthly, for
every municipality and the region as a whole, or for the region only. "Better" is the direction a reader expects,
never used by the model.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from .census import COLUMN
from .indices import fiscal_equivalence, gini, theil
from .recorder import REGION_COLUMN
from .services import DUPLICATED, HOURS, LAPSED, OPEN, SERVED, UNHELD, UNMET, WAIT

if TYPE_CHECKING:
    from .record import RunRecord

Aggregate = Literal["mean", "sum", "last", "max"]
Better = Literal["lower", "higher", "none"]
Compute = Callable[["RunRecord"], np.ndarray]
OPENED = 9  # column after the counters of services


@dataclass(frozen=True, slots=True)
class Measure:
    """One indicator.

    `compute` returns a monthly series: shape (T,) for the region only, or (T, M + 1) for every municipality and,
    last, the region. `aggregate` says how the region's series becomes the run's value. `question` groups measures for
    readers.
    """

    name: str
    question: Literal["outcomes", "responsibility", "coordination", "money", "burden", "people"]
    unit: str
    aggregate: Aggregate
    better: Better
    headline: bool
    title_en: str
    title_de: str
    formula: str
    compute: Compute


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(np.broadcast(part, whole).shape, np.nan), where=whole > 0)


def _count(name: str) -> Compute:
    return lambda r: r.with_total(r.places[:, :, COLUMN[name]])


def _share(part: str, whole: str) -> Compute:
    return lambda r: _ratio(_count(part)(r), _count(whole)(r))


def _cell(column: int) -> Compute:
    return lambda r: r.with_total(r.cells_by_place[:, :, column])


def _cell_share(part: int, whole: int) -> Compute:
    return lambda r: _ratio(_cell(part)(r), _cell(whole)(r))


def _figure(name: str) -> Compute:
    return lambda r: r.region[:, REGION_COLUMN[name]]


def _figure_share(part: str, whole: str) -> Compute:
    return lambda r: _ratio(_figure(part)(r), _figure(whole)(r))


def _duplication(r: RunRecord) -> np.ndarray:
    """Hours lost to duplication plus the intake of further files, over all hours."""
    wasted = r.cells_by_place[:, :, DUPLICATED].sum(axis=1) + _figure("duplicate_intake_hours")(r)
    return _ratio(wasted, r.cells_by_place[:, :, HOURS].sum(axis=1) + _figure("extra_hours")(r))


def _coordination_eur(r: RunRecord) -> np.ndarray:
    return (_figure("meeting_hours")(r) + _figure("extra_hours")(r)) * r.hour_cost


def _volunteer_eur(r: RunRecord) -> np.ndarray:
    return _figure("volunteer_hours")(r) * r.volunteer_hour_value


def _net(level: str) -> Compute:
    return lambda r: r.net_cost(level) / 100.0


def _place_burden(r: RunRecord) -> np.ndarray:
    """Net integration cost per inhabitant of each municipality over the last twelve months, without the levy."""
    return r.with_mean_of(r.year_sum(r.net_cost_by_place) / 100.0 / r.inhabitants, r.inhabitants)


def _place_burden_with_levy(r: RunRecord) -> np.ndarray:
    """The same plus the municipality's part in its district's net cost, by levy base."""
    return r.with_mean_of(r.year_sum(r.net_cost_by_place + r.levied) / 100.0 / r.inhabitants, r.inhabitants)


def _spread(index: Callable[..., float], burden: Compute) -> Compute:
    def compute(r: RunRecord) -> np.ndarray:
        values = burden(r)[:, :-1]
        return np.array([index(np.maximum(row, 0.0)) if (row > 0).any() else 0.0 for row in values])

    return compute


def _equivalence(r: RunRecord) -> np.ndarray:
    """Overlap of the municipalities' shares in cost (levy included) and in useful hours served."""
    cost = r.year_sum(r.net_cost_by_place + r.levied)
    benefit = r.year_sum(r.cells_by_place[:, :, HOURS])
    out = np.full(len(r.months), np.nan)
    for t in range(len(r.months)):
        paid = np.maximum(cost[t], 0.0)
        if paid.sum() > 0 and benefit[t].sum() > 0:
            out[t] = fiscal_equivalence(benefit[t], paid)
    return out


def _levy_points(r: RunRecord) -> np.ndarray:
    """Net integration cost of the districts over the last twelve months in points of their levy base."""
    return _ratio(r.year_sum(r.net_cost("district")[:, None])[:, 0] / 100.0, r.levy_base.sum(axis=1) / 100.0 / 100.0)


def _cost_per(outcome: Compute) -> Compute:
    """Cumulative total cost over cumulative outcome units."""

    def compute(r: RunRecord) -> np.ndarray:
        total = np.cumsum(r.net_cost("all") / 100.0 + _volunteer_eur(r))
        units = np.cumsum(outcome(r))
        return _ratio(total, units)

    return compute


def _months_of(name: str) -> Compute:
    return lambda r: _count(name)(r)[:, -1]


_COMPUTE: dict[str, Compute] = {
    "persons": _count("persons"),
    "asylum_persons": _count("asylum_persons"),
    "misplaced_persons": _count("misplaced_persons"),
    "employment_rate": _share("employed", "adults"),
    "employment_rate_women": _share("women_employed", "women"),
    "regular_employment_rate": _share("employed_regular", "adults"),
    "german_share": _share("good_german", "adults"),
    "course_share": _share("ever_in_course", "adults"),
    "private_housing_share": _share("protected_private_persons", "protected_persons"),
    "kita_share": _share("kita_3plus", "children_3plus"),
    "contacts_share": _share("with_contacts", "households"),
    "self_sufficient_share": _share("self_sufficient", "households"),
    "trust": lambda r: _ratio(_count("trust")(r), _count("households")(r)),
    "waiting_months": _cell_share(WAIT, SERVED),
    "unmet_hours": _cell(UNMET),
    "cases_opened": _cell(OPENED),
    "cases_served": _cell(SERVED),
    "cases_lapsed": _cell(LAPSED),
    "overlap_share": _figure_share("cells_overlapping", "cells_with_bodies"),
    "duplication_share": _duplication,
    "structural_gap_share": _figure_share("cells_in_need_without_body", "cells_in_need"),
    "operational_gap_share": _cell_share(UNHELD, OPEN),
    "effective_bodies": _figure("effective_bodies"),
    "concentration": _figure("concentration"),
    "contact_points": _share("contact_points", "with_files"),
    "hand_overs_per_case": lambda r: _ratio(_figure("hand_overs")(r), _cell(OPENED)(r)[:, -1]),
    "confusion": lambda r: _ratio(_count("confusion")(r), _count("households")(r)),
    "coordination_hours": _figure("meeting_hours"),
    "coordination_cost": _coordination_eur,
    "coordination_share": _figure_share("meeting_hours", "staff_hours"),
    "cooperation": _figure("cooperation"),
    "helpers": _figure("helpers"),
    "volunteer_cost": _volunteer_eur,
    "cliff_exposure": _figure_share("fte_ending", "fte"),
    "posts": _figure("fte"),
    "net_cost_municipalities": _net("municipality"),
    "net_cost_district": _net("district"),
    "net_cost_land": _net("land"),
    "net_cost_bund": _net("bund"),
    "net_cost_others": _net("others"),
    "total_cost": _net("all"),
    "cost_per_self_sufficient": _cost_per(_months_of("self_sufficient")),
    "cost_per_case": _cost_per(lambda r: _cell(SERVED)(r)[:, -1]),
    "burden_per_inhabitant": _place_burden,
    "burden_with_levy": _place_burden_with_levy,
    "burden_gini": _spread(gini, _place_burden_with_levy),
    "burden_theil": _spread(theil, _place_burden_with_levy),
    "fiscal_equivalence": _equivalence,
    "levy_points": _levy_points,
    "free_margin": lambda r: r.with_mean_of(r.free_margin / 100.0 / r.inhabitants, r.inhabitants),
}


def _read() -> dict[str, Measure]:
    with Path(__file__).with_name("measures.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if {row["name"] for row in rows} != set(_COMPUTE):
        raise ValueError("measures.csv and measures.py do not name the same measures")
    return {
        row["name"]: Measure(**{**row, "headline": row["headline"] == "1", "compute": _COMPUTE[row["name"]]})
        for row in rows
    }


MEASURES: dict[str, Measure] = _read()


def summarise(measure: Measure, series: np.ndarray) -> float:
    """Return the run's value of a measure from its monthly series (the region's column where there are places).

    Months in which a measure is not defined (a share of nothing) are left out; NaN when there is none.
    """
    values = series if series.ndim == 1 else series[:, -1]
    known = values[~np.isnan(values)]
    if known.size == 0:
        return float("nan")
    if measure.aggregate == "sum":
        return float(known.sum())
    if measure.aggregate == "last":
        return float(known[-1])
    if measure.aggregate == "max":
        return float(known.max())
    return float(known.mean())
