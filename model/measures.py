"""Every indicator of the model, once: name, unit, formula, how it is summed up over a run, and which way is better.

The words stand in `measures.csv`; here a small function computes each measure from the run's record: monthly, for
every municipality and the region as a whole, or for the region only. "Better" is the direction a reader expects,
never used by the model.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from .field import Field, field_names, load_field
from .formulas import Compute, cell, cell_share, cost_per, count, figure, figure_share, ratio, share, volunteer_eur
from .indices import equivalence_by_row, gini_by_row, theil_by_row
from .services import DUPLICATED, HOURS, LAPSED, OPEN, SERVED, UNHELD, UNMET, USEFUL, WAIT

if TYPE_CHECKING:
    from .record import RunRecord

Aggregate = Literal["mean", "sum", "last", "max"]
Better = Literal["lower", "higher", "none"]
OPENED = 9  # column after the counters of services


@dataclass(frozen=True, slots=True)
class Measure:
    """One indicator.

    `compute` returns a monthly series: shape (T,) for the region only, or (T, M + 1) for every municipality and,
    last, the region. `aggregate` says how the region's series becomes the run's value. `field` is the field of action
    it belongs to, empty for measures that every field has; `question` groups measures for readers.

    >>> MEASURES["waiting_months"].unit
    'months'
    """

    name: str
    field: str
    question: Literal["outcomes", "responsibility", "coordination", "money", "burden", "people"]
    unit: str
    aggregate: Aggregate
    better: Better
    headline: bool
    title_en: str
    title_de: str
    formula: str
    compute: Compute


def _duplication(r: RunRecord) -> np.ndarray:
    """Hours lost to duplication plus the intake of further files, over all hours."""
    wasted = r.cells_by_place[:, :, DUPLICATED].sum(axis=1) + figure("duplicate_intake_hours")(r)
    return ratio(wasted, r.cells_by_place[:, :, HOURS].sum(axis=1) + figure("extra_hours")(r))


def _coordination_eur(r: RunRecord) -> np.ndarray:
    return (figure("meeting_hours")(r) + figure("extra_hours")(r)) * r.hour_cost


def _net(level: str) -> Compute:
    return lambda r: r.net_cost(level) / 100.0


def _place_burden(r: RunRecord) -> np.ndarray:
    """Net cost of the tasks per inhabitant of each municipality over the last twelve months, without the levy."""
    return r.with_mean_of(r.year_sum(r.net_cost_by_place) / 100.0 / r.inhabitants, r.inhabitants)


def _place_burden_with_levy(r: RunRecord) -> np.ndarray:
    """The same plus the municipality's part in its district's net cost, by levy base."""
    return r.with_mean_of(r.year_sum(r.net_cost_by_place + r.levied) / 100.0 / r.inhabitants, r.inhabitants)


def _spread(index: Callable[[np.ndarray], np.ndarray], burden: Compute) -> Compute:
    return lambda r: index(np.maximum(burden(r)[:, :-1], 0.0))


def _equivalence(r: RunRecord) -> np.ndarray:
    """Overlap of the municipalities' shares in cost (levy included) and in useful hours served."""
    cost = np.maximum(r.year_sum(r.net_cost_by_place + r.levied), 0.0)
    return equivalence_by_row(r.year_sum(r.cells_by_place[:, :, USEFUL]), cost)


def _levy_points(r: RunRecord) -> np.ndarray:
    """Net cost of the tasks of the districts over the last twelve months in points of their levy base."""
    return ratio(r.year_sum(r.net_cost("district")[:, None])[:, 0] / 100.0, r.levy_base.sum(axis=1) / 100.0 / 100.0)


_COMPUTE: dict[str, Compute] = {
    "persons": count("persons"),
    "contacts_share": share("with_contacts", "households"),
    "trust": lambda r: ratio(count("trust")(r), count("households")(r)),
    "waiting_months": cell_share(WAIT, SERVED),
    "unmet_hours": cell(UNMET),
    "served_hours": cell(HOURS),
    "case_post_cost": lambda r: r.by_part[:, :, 2].sum(axis=1) / 100.0,
    "cases_opened": cell(OPENED),
    "cases_served": cell(SERVED),
    "cases_lapsed": cell(LAPSED),
    "overlap_share": figure_share("cells_overlapping", "cells_with_bodies"),
    "duplication_share": _duplication,
    "structural_gap_share": figure_share("cells_in_need_without_body", "cells_in_need"),
    "operational_gap_share": cell_share(UNHELD, OPEN),
    "effective_bodies": figure("effective_bodies"),
    "concentration": figure("concentration"),
    "contact_points": share("contact_points", "with_files"),
    "hand_overs_per_case": lambda r: ratio(figure("hand_overs")(r), cell(OPENED)(r)[:, -1]),
    "confusion": lambda r: ratio(count("confusion")(r), count("households")(r)),
    "coordination_hours": figure("meeting_hours"),
    "coordination_cost": _coordination_eur,
    "coordination_share": figure_share("meeting_hours", "staff_hours"),
    "cooperation": figure("cooperation"),
    "helpers": figure("helpers"),
    "volunteer_cost": volunteer_eur,
    "cliff_exposure": figure_share("fte_ending", "fte"),
    "posts": figure("fte"),
    "net_cost_municipalities": _net("municipality"),
    "net_cost_district": _net("district"),
    "net_cost_land": _net("land"),
    "net_cost_bund": _net("bund"),
    "net_cost_others": _net("others"),
    "total_cost": _net("all"),
    "cost_per_case": cost_per(lambda r: cell(SERVED)(r)[:, -1]),
    "burden_per_inhabitant": _place_burden,
    "burden_with_levy": _place_burden_with_levy,
    "burden_gini": _spread(gini_by_row, _place_burden_with_levy),
    "burden_theil": _spread(theil_by_row, _place_burden_with_levy),
    "fiscal_equivalence": _equivalence,
    "levy_points": _levy_points,
    "free_margin": lambda r: r.with_mean_of(r.free_margin / 100.0 / r.inhabitants, r.inhabitants),
}


def _of_part(name: str, compute: Callable[[RunRecord, int], np.ndarray]) -> dict[str, Compute]:
    """Return a measure of every field for itself, for runs with several; NaN where the field is not run."""

    def of(field: str) -> Compute:
        def one(r: RunRecord) -> np.ndarray:
            names = [part.name for part in r.model.field.parts]
            return compute(r, names.index(field)) if field in names else np.full(len(r.months), np.nan)

        return one

    return {f"{Path(field).name}_{name}": of(field) for field in field_names()}


def _part_cell(column: int) -> Callable[[RunRecord, int], np.ndarray]:
    return lambda r, n: r.cells_of_part(n)[:, column]


def _part_share(part: int, whole: int) -> Callable[[RunRecord, int], np.ndarray]:
    return lambda r, n: ratio(r.cells_of_part(n)[:, part], r.cells_of_part(n)[:, whole])


PART_MEASURES: dict[str, Callable[[RunRecord, int], np.ndarray]] = {
    "waiting_months": _part_share(WAIT, SERVED),
    "unmet_hours": _part_cell(UNMET),
    "cases_served": _part_cell(SERVED),
    "cases_lapsed": _part_cell(LAPSED),
    "operational_gap_share": _part_share(UNHELD, OPEN),
    "helpers": lambda r, n: r.by_part[:, n, 0],
    "posts": lambda r, n: r.by_part[:, n, 1],
    "case_post_cost": lambda r, n: r.by_part[:, n, 2] / 100.0,
    "served_hours": _part_cell(HOURS),
}
"""Measures that runs with several fields also have for each field alone, under the name `FIELD_MEASURE`."""


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _read() -> dict[str, Measure]:
    fields = {name: load_field(name) for name in field_names()}
    compute = dict(_COMPUTE)
    rows = _rows(Path(__file__).with_name("measures.csv"))
    for field in fields.values():
        compute |= field.people.measures
        rows += _rows(field.folder / "measures.csv")
    names = [row["name"] for row in rows]
    if sorted(names) != sorted(compute):
        wrong = ", ".join(sorted({*names} ^ {*compute})) or "a name stands twice"
        raise ValueError(f"the tables measures.csv and the formulas do not name the same measures: {wrong}")
    read = {
        row["name"]: Measure(**{**row, "headline": row["headline"] == "1", "compute": compute[row["name"]]})
        for row in rows
    }
    return read | _parts(read, fields)


def _parts(known: dict[str, Measure], fields: dict[str, Field]) -> dict[str, Measure]:
    """Return the measures of each field for itself."""
    found: dict[str, Measure] = {}
    for base, compute in PART_MEASURES.items():
        for name, one in _of_part(base, compute).items():
            field = fields[next(key for key in fields if name == f"{Path(key).name}_{base}")]
            found[name] = replace(
                known[base],
                name=name,
                field=f"{field.name}+",
                headline=known[base].headline or base == "helpers",
                title_en=f"{known[base].title_en} ({field.title_en})",
                title_de=f"{known[base].title_de} ({field.title_de})",
                formula=f"{known[base].formula}; cases of this field only, in runs with several fields",
                compute=one,
            )
    return found


MEASURES: dict[str, Measure] = _read()


def measures_of(field: Field) -> dict[str, Measure]:
    """Return the measures a run of a field (or several) has: the common ones, its own, and with several each one's.

    >>> from .field import load_field
    >>> "waiting_months" in measures_of(load_field("seniors"))
    True
    """
    names = {part.name for part in field.parts}
    known = {"", *names} | ({f"{name}+" for name in names} if len(names) > 1 else set())
    return {name: measure for name, measure in MEASURES.items() if measure.field in known}


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
