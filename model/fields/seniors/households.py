"""The people of the field `seniors`: households with a person of 75 and more, one month of life for all rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from ....agents.codes import HERE, LEFT
from ....agents.jit import as_records, plain, rule
from ....agents.seniors.codes import (
    ABSENT,
    AT_HOME,
    CARER_NAMES,
    FEATURES,
    GRADE,
    IN_CARE_HOME,
    MAX_PERSONS,
    NEED_NAMES,
    WHERE_NAMES,
)
from ....agents.seniors.household import HOUSEHOLD, PERSON, SeniorHousehold
from ....agents.seniors.needs import features, receive_service, standing_of
from ....agents.seniors.rules import DRAW_PERSON, DRAW_TIES, household_month
from ...calendar import month_label
from ...people import People
from ...rng import HOUSEHOLD as HOUSEHOLD_STREAM
from ...rng import case_uniforms, uniforms
from .census import CENSUS, COUNTS, take_census
from .entries import draw_all, entries_of
from .measures import MEASURES
from .payments import Payments

if TYPE_CHECKING:
    from ...field import Field
    from ...integration_model import IntegrationModel
    from ...ledger import Ledger

PLACE = np.dtype([("remote", "f8"), ("care_homes", "f8")])
"""Conditions of a municipality: far from the centre (0 or 1), supply of places in care homes (1 is usual)."""
_OUTCOME = 128  # purpose of the draw that decides whether a match succeeds
_SHARED = (
    "confusion_memory", "confusion_per_body", "trust_confusion", "trust_recovery", "trust_rest",
)  # fmt: skip
_GROUPS = ("without_care_grade", "with_care_grade")  # group of each standing


@rule
def live_row(table: Any, persons: Any, i: int, month: int, seed: int, places: Any, p: Any) -> None:
    """Let one household live a month: draw its random numbers and apply the rules."""
    h = table[i]
    a = persons[2 * i]
    b = persons[2 * i + 1]
    identity = int(h.identity)
    u_won, u_lost, _, _ = uniforms(seed, HOUSEHOLD_STREAM, identity, month, DRAW_TIES)
    a0, a1, a2, a3 = uniforms(seed, HOUSEHOLD_STREAM, identity, month, DRAW_PERSON)
    b0, b1, b2, b3 = 0.0, 0.0, 0.0, 0.0
    if int(b.where) == AT_HOME or int(b.where) == IN_CARE_HOME:
        b0, b1, b2, b3 = uniforms(seed, HOUSEHOLD_STREAM, identity, month, DRAW_PERSON + 1)
    household_month(h, a, b, month, places[int(h.municipality)], p, u_won, u_lost, a0, a1, a2, a3, b0, b1, b2, b3)


@rule
def concerned(table: Any, persons: Any, i: int, month: int) -> bool:
    """Return whether a month passes for the household: somebody of it lives, and it did not come just now."""
    if table[i].arrived >= month:
        return False
    if table[i].stay == HERE:
        return True
    return persons[2 * i].where == IN_CARE_HOME or persons[2 * i + 1].where == IN_CARE_HOME


@rule
def live_all(table: Any, persons: Any, n: int, month: int, seed: int, places: Any, p: Any) -> None:
    """Let the first `n` households of which somebody lives live one month."""
    for i in range(n):
        if concerned(table, persons, i, month):
            live_row(table, persons, i, month, seed, places, p)


@rule
def describe_all(
    table: Any, persons: Any, n: int, month: int, places: Any, p: Any, situation: Any, standing: Any
) -> None:
    """Write the feature bits and the standing of the households that are here."""
    for i in range(n):
        h = table[i]
        if h.stay == HERE:
            a, b = persons[2 * i], persons[2 * i + 1]
            situation[i] = features(h, a, b, month, places[int(h.municipality)], p)
            standing[i] = standing_of(a, b)


@rule
def receive_all(table: Any, served: Any, month: int, seed: int, p: Any) -> None:
    """Apply what served cases change, in the order they were served; `served` (n, 2) holds row and task."""
    for i in range(len(served)):
        h = table[int(served[i, 0])]
        k = int(served[i, 1])
        u, _, _, _ = case_uniforms(seed, 0, int(h.identity), month, k + _OUTCOME)
        receive_service(h, k, month, p, u)


@rule
def count_candidates(table: Any, persons: Any, n: int, out: Any) -> None:
    """Add to `out` (M,) the households in need or without regular ties: those whom helpers visit."""
    for i in range(n):
        h = table[i]
        if h.stay != HERE:
            continue
        if standing_of(persons[2 * i], persons[2 * i + 1]) == 1 or float(h.contacts) < 1.0:
            out[int(h.municipality)] += 1.0


class SeniorHouseholds(People):
    """All senior households of a run: the tables, the stream of entries, the payments for care."""

    features = FEATURES
    counts = COUNTS
    measures = MEASURES
    payees = frozenset({"households", "care_providers", "suppliers"})
    agent = SeniorHousehold
    compared: ClassVar[Mapping[str, Callable[[Any], Any]]] = {
        "at_home": lambda frame: frame["where_1"] == "home",
        **People.compared,
    }
    nobody: ClassVar[tuple[Mapping[str, float], Mapping[str, float]]] = ({}, {"senior_onset_factor": 0.0})
    reporters: ClassVar[Mapping[str, tuple[str, str]]] = {
        "seniors": ("seniors", ""),
        "carer_strain": ("strain", "carers"),
        "helped_share": ("helped", "in_need"),
    }

    def __init__(self, model: IntegrationModel, field: Field) -> None:
        """Draw everybody who is or will be 75; find out which places are remote."""
        self.parameters, self.region = model.parameters, model.region
        self.p = model.parameters.record("seniors", *_SHARED)
        super().__init__(model, field)
        self._entered = self.table.arrived.copy()  # never falls from row to row
        places = np.ones(len(self.region.keys), PLACE).view(np.recarray)
        km = self.region.municipalities["km_to_centre"].to_numpy(np.float64)
        places.remote = (km > self.parameters.remote_km).astype(np.float64)
        self.places = plain(places)
        groups = [field.groups.index(group) for group in _GROUPS]
        self.group_of = np.tile(np.array(groups, np.int64), (len(field.tasks), 1))

    def draw(self, model: IntegrationModel) -> Any:
        """Draw the first stock and everybody who enters later."""
        region = model.region
        first, months, stock, entries = entries_of(region, self.parameters)
        capacity = int(stock.sum() + entries.sum() * months) + len(stock) + 8
        table: Any = np.zeros(capacity, HOUSEHOLD).view(np.recarray)
        persons: Any = np.zeros(MAX_PERSONS * capacity, PERSON).view(np.recarray)
        identities = region.municipalities["identity"].to_numpy(np.int64)
        order = np.argsort(np.array(region.keys), kind="stable").astype(np.int64)
        n = draw_all(table, persons, model.seed, first, months, stock, entries, order, identities, self.p)
        self.person_rows: Any = plain(persons[: MAX_PERSONS * n].copy().view(np.recarray))
        return table[:n].copy().view(np.recarray)

    @property
    def persons(self) -> Any:
        """Two rows per household, read by attribute."""
        return self.person_rows.view(np.recarray)

    def arrive(self, month: int, *, past: bool = False) -> None:  # noqa: ARG002 - they live where they always did
        """Let the households enter whose first person turns 75 this month."""
        first = self.n
        self.n = max(first, int(np.searchsorted(self._entered, month, side="right")))
        self.table.stay[first : self.n] = HERE

    def live(self, month: int) -> None:
        """Let every household live one month (compiled loop)."""
        live_all(self.rows, self.person_rows, self.n, month, self.seed, self.places, self.p)

    def live_one(self, row: int, month: int) -> None:
        """Let one household live one month: the same rules as in `live`, for a single row."""
        if concerned(self.rows, self.person_rows, row, month):
            live_row(self.rows, self.person_rows, row, month, self.seed, self.places, self.p)

    def persons_of(self) -> np.ndarray:
        """Return the persons each household began with, (n,)."""
        return self.table.n_persons[: self.n].astype(np.int64)

    def describe(self, month: int) -> None:
        """Set the features of every household's situation and whether somebody has a care grade."""
        describe_all(self.rows, self.person_rows, self.n, month, self.places, self.p, self.situation, self.standing)

    def receive(self, served: np.ndarray, month: int) -> None:
        """Apply what served cases change: the home is adapted, ties are won, the carer rests."""
        receive_all(self.rows, served, month, self.seed, self.p)

    def helpers_wanted(self, month: int) -> np.ndarray:  # noqa: ARG002
        """Return the helpers that the households in need or without ties would call for, (M,)."""
        candidates = np.zeros(len(self.region.keys))
        count_candidates(self.rows, self.person_rows, self.n, candidates)
        return self.parameters.senior_helpers_per_100 / 100.0 * candidates

    @property
    def helper_hours(self) -> float:
        """Hours an active helper gives in a week."""
        return self.parameters.senior_helper_hours

    def census(self, month: int, out: np.ndarray) -> None:
        """Add the month's counts to `out` (M, len(counts))."""
        counts = as_records(out, CENSUS)
        take_census(self.rows, self.person_rows, self.n, month, self.p, counts)

    def open_accounts(self, ledger: Ledger) -> None:
        """Open the accounts of care insurance, help for care and those who receive them."""
        self.payments = Payments(ledger, self.region)

    def pay(self, month: int, counts: np.ndarray) -> None:
        """Post the month's care benefits, help for care and subsidies for adapting homes."""
        self.payments.post_month(month, counts)

    def frame(self) -> pd.DataFrame:
        """Return one row per household that has entered."""
        table = self.table[: self.n]
        first, second = self.persons[0 : 2 * self.n : 2], self.persons[1 : 2 * self.n : 2]
        keys = np.array(self.region.keys, dtype=object)
        where, need = np.array(WHERE_NAMES, object), np.array(NEED_NAMES, object)
        return pd.DataFrame(
            {
                "identity": table.identity,
                "arrived": [month_label(int(month)) for month in table.arrived],
                "here": table.stay == HERE,
                "left": table.stay == LEFT,
                "municipality": keys[table.municipality],
                "persons": table.n_persons,
                "where_1": where[first.where],
                "where_2": np.where(second.where == ABSENT, "", where[second.where]),
                "need_1": need[first.need],
                "need_2": np.where(second.where == ABSENT, "", need[second.need]),
                "grade_at_home": ((first.where == AT_HOME) & (first.need >= GRADE))
                | ((second.where == AT_HOME) & (second.need >= GRADE)),
                "carer": np.array(CARER_NAMES, object)[table.carer],
                "strain": table.strain,
                "adapted": table.adapted == 1,
                "contacts": table.contacts,
                "trust": table.trust,
                "confusion": table.confusion,
            }
        )
