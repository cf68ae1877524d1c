"""The simulated people as a survey would meet them: adults, children and counts at the months of the waves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents.codes import HERE
from ..agents.integration.adult_rules import is_protected
from ..agents.integration.codes import (
    COLLECTIVE,
    COMPLETED,
    DECENTRAL,
    GOOD_PROSPECT,
    IN_COURSE,
    MAX_ADULTS,
    MAX_CHILDREN,
    PRIVATE,
    PROCEDURE,
    TEMPORARY,
    TOLERATED,
    UKRAINE,
)
from ..model.calendar import month_label
from ..model.errors import InputError
from ..model.fields.integration.census import COLUMN

if TYPE_CHECKING:
    from ..model.integration_model import IntegrationModel

Columns = Mapping[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class People:
    """Everybody in the region at the end of one month.

    `adults` and `children` are columns of shape (n,), one entry per person; `counts` are figures of a register for the
    whole region. `keys` are the municipalities that the column `municipality` numbers.

    Columns of adults: person (identity), household, municipality, female, age (years), arrived (month), since (months),
    origin, status, children, course (`completed`, `none` or `started`), work, wage_eur, level (German), federal (course
    open), course_started (months ago), course_wait (months from entitlement to start), private, decentral, recognised
    (months since protection), settled (months from protection to a private flat, negative when it came before),
    contacts, contact_points (of the longest matter, NaN without one), unmet_needs, waiting (months, NaN without an open
    need), job_months, sgb2. Children: age, place, and the household's municipality, since, arrived, origin.
    """

    month: int
    keys: tuple[str, ...]
    adults: Columns
    children: Columns
    counts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Seen:
    """The people of one run at the months of the waves."""

    seed: int
    people: Mapping[int, People]

    def at(self, month: int) -> People:
        """Return the people of a month; InputError when that month was not looked at."""
        if month not in self.people:
            known = ", ".join(month_label(known) for known in sorted(self.people)) or "none"
            raise InputError(f"the simulation was not looked at in {month_label(month)}; months seen: {known}")
        return self.people[month]


def see(model: IntegrationModel, months: Iterable[int]) -> Seen:
    """Step a model up to the last of the months and return its people at each; other months leave no trace.

    Months outside the run are left out (`Targets.within` names the rows concerned). A model that is past a month
    cannot be seen at it. The run stops after the last wave: `model.run()` may be called to go on.

    >>> from ..model.integration_model import IntegrationModel
    >>> sorted(see(IntegrationModel("coburg", months=3, rng=1), [0, 2]).people)
    [0, 2]
    """
    wanted = {int(month) for month in months}
    first, last = model.region.start_month, model.region.start_month + model.months - 1
    due = sorted(month for month in wanted if first <= month <= last)
    if due and due[0] < model.month:
        raise ValueError(f"the model is at {month_label(model.month)}, past the wave of {month_label(due[0])}")
    people: dict[int, People] = {}
    for month in due:
        while model.month < month:
            model.step()
        people[month] = look(model)
    return Seen(model.seed, people)


def look(model: IntegrationModel) -> People:
    """Return the people of the model's current month; InputError when it does not act in the field `integration`."""
    if model.field.parts[0].name != "integration":
        raise InputError(f"surveys are of the field integration; this model acts in {model.field.name}")
    h, month = model.households, model.month
    keys = tuple(model.region.keys)
    table: Any = h.table[: h.n]
    here = np.flatnonzero(table.stay == HERE)
    needs = _needs(model)
    adults = _adults(model, here, needs)
    children = _children(table[here], month)
    return People(month, keys, adults, children, _counts(model, table[here]))


def _adults(model: IntegrationModel, here: np.ndarray, needs: Columns) -> Columns:
    h, month, p = model.households, model.month, model.parameters
    a: Any = h.adults.reshape(-1, MAX_ADULTS)[here].reshape(-1)
    rows = np.repeat(here, MAX_ADULTS)
    present = a.present == 1
    a, rows = a[present], rows[present]
    t: Any = h.table[rows]
    status = t.status.astype(np.int64)
    protected = _protected()[status]
    since = month - t.arrived.astype(np.int64)
    course = np.full(len(a), "none", "<U9")
    course[a.course == IN_COURSE] = "started"
    course[a.course == COMPLETED] = "completed"
    federal = protected | ((status == PROCEDURE) & (t.origin == GOOD_PROSPECT) & (month >= p.course_open_since))
    wages = np.bincount(rows, weights=a.wage_cents / 100.0, minlength=h.n)[rows]
    persons = t.n_adults.astype(np.int64) + t.n_children
    minors = ((month - t.child_born.astype(np.int64)) < 216) & (np.arange(MAX_CHILDREN) < t.n_children[:, None])
    group = np.full(len(a), "procedure", "<U10")
    group[protected] = "protected"
    group[status == TOLERATED] = "tolerated"
    number = (np.arange(len(present)) % MAX_ADULTS)[present]
    return {
        "person": t.identity * MAX_ADULTS + number,
        "household": t.identity.copy(),
        "municipality": t.municipality.astype(np.int64),
        "female": a.female == 1,
        "age": (month - a.born.astype(np.int64)) / 12.0,
        "arrived": t.arrived.astype(np.int64),
        "since": since,
        "origin": np.where(t.origin == UKRAINE, "ukraine", "asylum"),
        "status": group,
        "children": minors.sum(axis=1),
        "course": course,
        "work": a.work.astype(np.int64),
        "wage_eur": a.wage_cents / 100.0,
        "level": a.level.astype(np.float64),
        "federal": federal,
        "course_started": month - a.course_since.astype(np.int64),
        "course_wait": (a.course_since - _entitled(t, p)).astype(np.float64),
        "private": t.accommodation == PRIVATE,
        "decentral": t.accommodation == DECENTRAL,
        "recognised": np.where(protected & (status != TEMPORARY), month - t.status_since.astype(np.int64), -1),
        "settled": np.where(
            t.accommodation == PRIVATE, t.moved_in.astype(np.int64) - t.status_since.astype(np.int64), 999
        ),
        "contacts": t.contacts.astype(np.float64),
        "contact_points": needs["contact_points"][rows],
        "unmet_needs": needs["unmet_needs"][rows],
        "waiting": needs["waiting"][rows],
        "job_months": month - a.work_since.astype(np.int64),
        "sgb2": protected & (wages < p.self_sufficient_wage_eur * (1.0 + 0.5 * (persons - 1))),
    }


def _entitled(t: Any, p: Any) -> np.ndarray:
    """Return the month from which the integration course was open: protection, or arrival with good prospects."""
    since = np.where(_protected()[t.status.astype(np.int64)], t.status_since, 9999).astype(np.int64)
    good = np.maximum(t.arrived.astype(np.int64), int(p.course_open_since))
    return np.where(t.origin == GOOD_PROSPECT, np.minimum(since, good), since)


def _needs(model: IntegrationModel) -> Columns:
    """Return per household row: open needs, months the oldest waits, bodies with a file of the oldest one held."""
    n = model.households.n
    cases: Any = model.casework.cases[: model.casework.n_cases]
    cases = cases[cases.task < len(model.field.parts[0].task_ids)]  # other fields number other households
    row = cases.household.astype(np.int64)
    unmet = np.bincount(row, minlength=n).astype(np.float64)
    waiting = np.full(n, np.nan)
    np.fmax.at(waiting, row, (model.month - cases.opened.astype(np.int64)).astype(np.float64))
    points = np.full(n, np.nan)
    held = np.flatnonzero(cases.n_files > 0)[::-1]  # youngest first, so that the oldest is what stays
    points[row[held]] = cases.n_files[held]
    return {"unmet_needs": unmet, "waiting": waiting, "contact_points": points}


def _children(t: Any, month: int) -> Columns:
    there = np.arange(MAX_CHILDREN) < t.n_children[:, None]
    rows = np.nonzero(there)[0]
    age = (month - t.child_born[there].astype(np.int64)) / 12.0
    young = age < 18.0
    rows, age, place = rows[young], age[young], t.child_place[there][young]
    household = t[rows]
    return {
        "person": household.identity * (2 * MAX_CHILDREN) + np.nonzero(there)[1][young] + MAX_CHILDREN,
        "municipality": household.municipality.astype(np.int64),
        "age": age,
        "arrived": household.arrived.astype(np.int64),
        "since": month - household.arrived.astype(np.int64),
        "origin": np.where(household.origin == UKRAINE, "ukraine", "asylum"),
        "place": place.astype(np.int64),
    }


def _counts(model: IntegrationModel, t: Any) -> dict[str, float]:
    """Return the figures of registers: counts of persons."""
    census = model.recorder.by_place[-1].sum(axis=0)
    names = ("asylum_persons", "misplaced_persons", "sgb2_persons", "state_housing_persons", "protected_persons")
    counts = {name: float(census[COLUMN[name]]) for name in names}
    in_asylum = np.isin(t.status, (PROCEDURE, TOLERATED)) & (t.accommodation != COLLECTIVE)
    counts["asylum_decentral"] = float((t.n_adults + t.n_children)[in_asylum].sum())
    return counts


def _protected() -> np.ndarray:
    return np.array([is_protected(status) for status in range(6)])
