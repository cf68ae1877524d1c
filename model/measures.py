"""Every indicator of the model, once: name, unit, formula, how it is summed up over a run, and which way is better.

A measure is computed from the run's record by a small function: monthly, for every municipality and the region as a whole,
or for the region only. "Better" is the direction a reader expects, never used by the model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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

    `compute` returns a monthly series: shape (T,) for the region only, or (T, M + 1) for every municipality and, last, the
    region. `aggregate` says how the region's series becomes the run's value. `question` groups measures for readers.
    """

    name: str
    unit: str
    formula: str
    title_de: str
    title_en: str
    question: Literal["outcomes", "responsibility", "coordination", "money", "burden", "people"]
    compute: Compute
    aggregate: Aggregate = "mean"
    better: Better = "none"
    headline: bool = False


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


_M = Measure
# One line per measure: a table is read faster than forty paragraphs.
_ALL = (
    _M("persons", "persons", "persons of households in the region", "Geflüchtete und Zugewanderte", "Persons", "people", _count("persons"), "last"),
    _M("asylum_persons", "persons", "persons in the procedure or tolerated who receive asylum benefits", "Personen im Asylbewerberleistungsbezug", "Persons on asylum benefits", "people", _count("asylum_persons")),
    _M("misplaced_persons", "persons", "protected persons in state accommodation", "Fehlbeleger", "Protected persons in state accommodation", "people", _count("misplaced_persons"), "mean", "lower", True),
    _M("employment_rate", "share", "adults 18-64 with any paid work / adults 18-64", "Beschäftigung", "Employment", "outcomes", _share("employed", "adults"), "mean", "higher", True),
    _M("employment_rate_women", "share", "women with any paid work / women", "Beschäftigung der Frauen", "Employment of women", "outcomes", _share("women_employed", "women"), "mean", "higher"),
    _M("regular_employment_rate", "share", "adults in a regular job or apprenticeship / adults", "Reguläre Beschäftigung", "Regular employment", "outcomes", _share("employed_regular", "adults"), "mean", "higher"),
    _M("german_share", "share", "adults at B1 or more / adults", "Deutsch mindestens B1", "German B1 or more", "outcomes", _share("good_german", "adults"), "mean", "higher", True),
    _M("course_share", "share", "adults who are or were in a course / adults", "Kursbesuch", "Course attended", "outcomes", _share("ever_in_course", "adults"), "mean", "higher"),
    _M("private_housing_share", "share", "protected persons in private flats / protected persons", "Anerkannte in eigener Wohnung", "Protected persons in private flats", "outcomes", _share("protected_private_persons", "protected_persons"), "mean", "higher", True),
    _M("kita_share", "share", "children of 3-5 in day care / children of 3-5", "Kita-Besuch ab 3", "Day care from 3", "outcomes", _share("kita_3plus", "children_3plus"), "mean", "higher"),
    _M("contacts_share", "share", "households with regular contact to residents / households", "Haushalte mit Kontakten", "Households with contacts", "outcomes", _share("with_contacts", "households"), "mean", "higher"),
    _M("self_sufficient_share", "share", "households living on their wages / households", "Haushalte ohne Leistungsbezug", "Self-sufficient households", "outcomes", _share("self_sufficient", "households"), "mean", "higher", True),
    _M("trust", "0..1", "mean trust of households", "Vertrauen", "Trust", "outcomes", lambda r: _ratio(_count("trust")(r), _count("households")(r)), "mean", "higher"),
    _M("waiting_months", "months", "months from opening to service of the cases served in the month, mean", "Wartezeit bis zur Hilfe", "Wait until served", "outcomes", _cell_share(WAIT, SERVED), "mean", "lower", True),
    _M("unmet_hours", "hours", "work left in open cases at the end of the month", "Unerledigte Arbeit", "Unmet work", "responsibility", _cell(UNMET), "mean", "lower"),
    _M("cases_opened", "cases", "cases opened in the month", "Neue Fälle", "Cases opened", "people", _cell(OPENED), "sum"),
    _M("cases_served", "cases", "cases served in the month", "Erledigte Fälle", "Cases served", "outcomes", _cell(SERVED), "sum", "higher"),
    _M("cases_lapsed", "cases", "cases given up in the month", "Aufgegebene Fälle", "Cases lapsed", "responsibility", _cell(LAPSED), "sum", "lower"),
    _M("overlap_share", "share", "cells with two or more active bodies and none in charge / cells with a body", "Mehrfachzuständigkeit", "Overlapping responsibility", "responsibility", _figure_share("cells_overlapping", "cells_with_bodies"), "mean", "lower", True),
    _M("duplication_share", "share", "(hours lost between bodies on one case + intake of further files) / (case hours + intake and hand-over)", "Doppelarbeit", "Duplicated work", "responsibility", _duplication, "mean", "lower", True),
    _M("structural_gap_share", "share", "cells with open cases and no eligible body / cells with open cases", "Lücken: niemand zuständig", "Gaps: nobody responsible", "responsibility", _figure_share("cells_in_need_without_body", "cells_in_need"), "mean", "lower", True),
    _M("operational_gap_share", "share", "open cases nobody has held for three months / open cases", "Lücken: niemand kümmert sich", "Gaps: nobody acts", "responsibility", _cell_share(UNHELD, OPEN), "mean", "lower", True),
    _M("effective_bodies", "bodies", "1 / sum of squared shares of bodies in a task's hours, mean over tasks by hours", "Wirksame Stellen je Aufgabe", "Effective bodies per task", "responsibility", _figure("effective_bodies")),
    _M("concentration", "0..1", "sum of squared shares of bodies in a task's hours (Herfindahl), mean over tasks by hours", "Konzentration", "Concentration", "responsibility", _figure("concentration")),
    _M("contact_points", "bodies", "bodies holding a file of a household, mean over households with a file", "Anlaufstellen je Haushalt", "Contact points per household", "responsibility", _share("contact_points", "with_files"), "mean", "lower", True),
    _M("hand_overs_per_case", "hand-overs", "hand-overs of the month / cases opened in the month", "Übergaben je Fall", "Hand-overs per case", "responsibility", lambda r: _ratio(_figure("hand_overs")(r), _cell(OPENED)(r)[:, -1]), "mean", "lower"),
    _M("confusion", "0..1", "mean confusion of households", "Verwirrung", "Confusion", "responsibility", lambda r: _ratio(_count("confusion")(r), _count("households")(r)), "mean", "lower"),
    _M("coordination_hours", "hours", "hours of rounds and upkeep of the rule", "Abstimmung in Stunden", "Coordination hours", "coordination", _figure("meeting_hours"), "sum", "lower"),
    _M("coordination_cost", "EUR", "(hours of rounds, upkeep, intake and hand-overs) x cost of a staff hour", "Kosten der Abstimmung", "Cost of coordination", "coordination", _coordination_eur, "sum", "lower", True),
    _M("coordination_share", "share", "hours of rounds and upkeep / staff hours for cases", "Abstimmung an der Arbeitszeit", "Coordination share of staff time", "coordination", _figure_share("meeting_hours", "staff_hours"), "mean", "lower"),
    _M("cooperation", "0..1", "mean quality of cooperation between two actors", "Zusammenarbeit", "Cooperation", "coordination", _figure("cooperation")),
    _M("helpers", "persons", "active helpers", "Aktive Helfer", "Active helpers", "coordination", _figure("helpers"), "mean", "higher"),
    _M("volunteer_cost", "EUR", "volunteer hours x value of a volunteer hour", "Wert ehrenamtlicher Stunden", "Value of volunteer hours", "money", _volunteer_eur, "sum"),
    _M("cliff_exposure", "share", "posts (FTE) that end within twelve months / all posts", "Stellen, die binnen 12 Monaten enden", "Posts ending within 12 months", "coordination", _figure_share("fte_ending", "fte"), "mean", "lower", True),
    _M("posts", "FTE", "posts of active structures", "Stellen", "Posts", "money", _figure("fte")),
    _M("net_cost_municipalities", "EUR", "integration postings paid less received by municipalities", "Kosten der Gemeinden", "Net cost of municipalities", "money", _net("municipality"), "sum", "lower", True),
    _M("net_cost_district", "EUR", "integration postings paid less received by districts", "Kosten des Landkreises", "Net cost of the district", "money", _net("district"), "sum", "lower", True),
    _M("net_cost_land", "EUR", "integration postings paid less received by the Land", "Kosten des Freistaats", "Net cost of the Land", "money", _net("land"), "sum"),
    _M("net_cost_bund", "EUR", "integration postings paid less received by the Bund", "Kosten des Bundes", "Net cost of the Bund", "money", _net("bund"), "sum"),
    _M("net_cost_others", "EUR", "integration postings paid less received by carriers, donors, funds and the Bezirk", "Kosten anderer Träger", "Net cost of others", "money", _net("others"), "sum"),
    _M("total_cost", "EUR", "sum of the net costs of all payers", "Gesamtkosten", "Total cost", "money", _net("all"), "sum", "lower", True),
    _M("cost_per_self_sufficient", "EUR per household and month", "(total cost + value of volunteer hours) / months of self-sufficient households, cumulated", "Kosten je Monat eines selbständigen Haushalts", "Cost per month of a self-sufficient household", "money", _cost_per(_months_of("self_sufficient")), "last", "lower", True),
    _M("cost_per_case", "EUR per case", "(total cost + value of volunteer hours) / cases served, cumulated", "Kosten je erledigtem Fall", "Cost per case served", "money", _cost_per(lambda r: _cell(SERVED)(r)[:, -1]), "last", "lower"),
    _M("burden_per_inhabitant", "EUR per inhabitant and year", "net integration cost of a municipality over twelve months / inhabitants", "Belastung je Einwohner", "Burden per inhabitant", "burden", _place_burden, "mean", "lower"),
    _M("burden_with_levy", "EUR per inhabitant and year", "net integration cost of a municipality and its part in the district's, over twelve months / inhabitants", "Belastung je Einwohner mit Kreisumlage", "Burden per inhabitant with levy", "burden", _place_burden_with_levy, "mean", "lower", True),
    _M("burden_gini", "0..1", "Gini coefficient of the burden per inhabitant over municipalities, levy included", "Ungleichheit der Belastung (Gini)", "Inequality of burden (Gini)", "burden", _spread(gini, _place_burden_with_levy), "mean", "lower", True),
    _M("burden_theil", "nats", "Theil index of the burden per inhabitant over municipalities, levy included", "Ungleichheit der Belastung (Theil)", "Inequality of burden (Theil)", "burden", _spread(theil, _place_burden_with_levy), "mean", "lower"),
    _M("fiscal_equivalence", "0..1", "1 - half the sum of |share in useful hours - share in cost| over municipalities (Olson)", "Fiskalische Äquivalenz", "Fiscal equivalence", "burden", _equivalence, "mean", "higher"),
    _M("levy_points", "points", "net integration cost of the district over twelve months / one hundredth of its levy base", "Integration in Punkten der Kreisumlage", "Integration in levy points", "burden", _levy_points, "mean", "lower", True),
    _M("free_margin", "EUR per inhabitant", "free financial margin of municipalities in the last closed year / inhabitants", "Freie Finanzspanne", "Free financial margin", "burden", lambda r: r.with_mean_of(r.free_margin / 100.0 / r.inhabitants, r.inhabitants), "last", "higher", True),
)  # fmt: skip
MEASURES: dict[str, Measure] = {measure.name: measure for measure in _ALL}


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
