"""The people of the field `integration`: migrant households, one month of life for all rows, what they need.

The arrival stream is a function of the region, the scenario and the seed alone (arrivals.py). The municipality is
chosen at arrival by the variant's allocation rule (allocation.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from ....agents.codes import HERE, LEFT
from ....agents.integration.adult_rules import adults_concerned
from ....agents.integration.codes import (
    ACCOMMODATION_NAMES,
    FEATURES,
    LANGUAGE_COURSE,
    MAX_ADULTS,
    ORIGIN_NAMES,
    STATUS_NAMES,
    WORK_NAMES,
)
from ....agents.integration.household import ADULT, HOUSEHOLD, MigrantHousehold
from ....agents.integration.household_rules import (
    DRAW_ADULT,
    DRAW_FAMILY,
    DRAW_STATUS,
    features,
    household_month,
    receive_service,
    standing_of,
)
from ....agents.jit import as_records, plain, rule
from ...calendar import month_label
from ...kept import kept
from ...lanes import four_uniforms
from ...people import WARM_UP, People
from ...rng import HOUSEHOLD as HOUSEHOLD_STREAM
from ...rng import case_uniforms
from .allocation import Allocation, count_in_collective, settle
from .arrivals import COMPOSITION, COMPOSITION_DTYPE, batches, draw_arrivals
from .census import CENSUS, COUNTS, take_census
from .conditions import COUNTRY, PLACE, Conditions
from .measures import MEASURES
from .payments import Payments

if TYPE_CHECKING:
    from ...field import Field
    from ...integration_model import IntegrationModel
    from ...ledger import Ledger

_SHARED_PERSONS = 50_000  # up to so many arrivals (some ten megabytes) people are kept for the next run of the seed
_OUTCOME = 128  # purpose of the draw that decides whether a match succeeds
_GROUPS = ("asylum", "asylum", "protected", "tolerated")  # group of each standing, see standing_of


@rule
def live_row(table: Any, adults: Any, i: int, month: int, seed: int, country: Any, places: Any, p: Any) -> None:
    """Let one household live a month: draw its random numbers and apply the rules."""
    h = table[i]
    a0 = adults[2 * i]
    a1 = adults[2 * i + 1]
    u = four_uniforms(
        seed, HOUSEHOLD_STREAM, int(h.identity), month, DRAW_STATUS, DRAW_FAMILY, DRAW_ADULT, DRAW_ADULT + 1
    )
    household_month(
        h, a0, a1, month, country, places[int(h.municipality)], p,
        u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15],
    )  # fmt: skip


@rule
def live_all(table: Any, adults: Any, n: int, month: int, seed: int, country: Any, places: Any, p: Any) -> None:
    """Let the first `n` households that are here live one month; `country` and `p` are arrays of one record."""
    for i in range(n):
        if table[i].stay == HERE and table[i].arrived < month:
            live_row(table, adults, i, month, seed, country[0], places, p[0])


@rule
def count_newcomers(table: Any, n: int, month: int, out: Any) -> None:
    """Add the persons of households that are here and arrived after `month` to `out` (M,)."""
    for i in range(n):
        if table[i].stay == HERE and table[i].arrived > month:
            out[int(table[i].municipality)] += int(table[i].n_adults) + int(table[i].n_children)


@rule
def describe_all(
    table: Any, adults: Any, n: int, month: int, places: Any, p: Any, situation: Any, standing: Any
) -> None:
    """Write the feature bits and the standing of the households that are here; `p` is an array of one record."""
    for i in range(n):
        h = table[i]
        if h.stay == HERE:
            situation[i] = features(h, adults[2 * i], adults[2 * i + 1], month, places[int(h.municipality)], p[0])
            standing[i] = standing_of(int(h.status), int(h.origin), month, p[0])


@rule
def size_cases(adults: Any, cases: Any, first: int, end: int, per_adult: Any) -> None:
    """Multiply the effort of new cases by the adults concerned where a task is counted per adult."""
    for i in range(first, end):
        c = cases[i]
        k = int(c.task)
        if per_adult[k] == 1:
            row = int(c.household)
            c.effort = float(c.effort) * adults_concerned(k, adults[2 * row], adults[2 * row + 1])


@rule
def receive_all(table: Any, adults: Any, served: Any, month: int, seed: int, p: Any) -> None:
    """Apply what served cases change, in the order they were served; `served` (n, 2) holds row and task.

    `p` is an array of one record.
    """
    for i in range(len(served)):
        row, k = int(served[i, 0]), int(served[i, 1])
        h = table[row]
        u, _, _, _ = case_uniforms(seed, 0, int(h.identity), month, k + _OUTCOME)
        receive_service(h, adults[2 * row], adults[2 * row + 1], k, month, p[0], u)


class Households(People):
    """All migrant households of a run: the tables, the arrival stream, the conditions of the month, the payments."""

    features = FEATURES
    counts = COUNTS
    measures = MEASURES
    payees = frozenset({"households", "landlords", "suppliers", "course_providers", "kita_providers", "schools"})
    agent = MigrantHousehold
    newcomers = ("persons", "employed_regular")
    compared: ClassVar[Mapping[str, Callable[[Any], Any]]] = {
        "level_1": itemgetter("level_1"),
        "work_1": lambda frame: frame["work_1"].map({name: place for place, name in enumerate(WORK_NAMES)}),
        "private": lambda frame: frame["accommodation"] == "private",
        **People.compared,
    }
    compared_by = ("origin",)
    nobody: ClassVar[tuple[Mapping[str, float], Mapping[str, float]]] = (
        {"arrivals_factor": 0.0, "ukraine_factor": 0.0},
        {},
    )
    reporters: ClassVar[Mapping[str, tuple[str, str]]] = {
        "asylum_persons": ("asylum_persons", ""),
        "misplaced_persons": ("misplaced_persons", ""),
        "employment_rate": ("employed", "adults"),
        "german_share": ("good_german", "adults"),
    }

    def __init__(self, model: IntegrationModel, field: Field) -> None:
        """Draw the arrival stream; find out who goes where and under which conditions people live."""
        self.parameters, self.region = model.parameters, model.region
        constants = model.parameters.records("household")
        self.p, self._constants = constants[0], plain(constants)
        self.adult_rows: Any = None
        super().__init__(model, field)
        self._arrived = self.table.arrived.copy()  # never falls from row to row
        months = np.arange(self.region.history_start_month - WARM_UP, self.region.end_month + 1)
        self._by_month: list[int] = np.searchsorted(self._arrived, months, side="right").tolist()
        self.conditions = kept(
            self.region, ("conditions", self.parameters), lambda: Conditions(self.region, self.parameters)
        )
        self.allocation = self._allocation(model)
        self._country = plain(np.zeros(1, COUNTRY).view(np.recarray))
        places = np.ones(len(self.region.keys), PLACE).view(np.recarray)
        self.conditions.places(places)
        self.places = plain(places)
        self._per_adult = np.array(field.table["per_adult"])
        groups = [field.groups.index(group) for group in _GROUPS]
        self.group_of = np.tile(np.array(groups, np.int64), (len(field.tasks), 1))
        # In courses, asylum seekers whom the federal course does not admit are served like tolerated persons (T15).
        self.group_of[LANGUAGE_COURSE, 0] = field.groups.index("tolerated")
        self._rents = kept(self.region, ("rents", self.parameters.heating_eur), self._rent_limits)

    def _rent_limits(self) -> np.ndarray:
        """Return the rents that are paid for one and for three persons, cents a month (M, 2)."""
        limits = [self.region.municipalities[f"rent_limit_{n}p_eur"].to_numpy(np.float64) for n in (1, 3)]
        return (np.stack(limits, axis=1) + self.parameters.heating_eur) * 100.0

    def _allocation(self, model: IntegrationModel) -> Allocation:
        """Return who goes where; only negotiated shares depend on the seed, by the willingness it draws."""
        rule, p = model.variant.allocation, self.parameters
        if rule == "negotiated":
            return Allocation(self.region, p, rule, model.willingness)
        key = ("allocation", rule, p.existing_weight, p.vacancy_rent_power)
        return kept(self.region, key, lambda: Allocation(self.region, p, rule, model.willingness))

    def draw(self, model: IntegrationModel) -> Any:
        """Draw the whole arrival stream of a run; the scenario scales asylum and Ukrainian arrivals.

        Variants of a seed see the same people: they are drawn once for all of them, and every run takes a copy.
        """
        factors = (model.world.arrivals_factor, model.world.ukraine_factor)
        arrivals = model.region.arrivals
        columns = ["asylum_persons", "ukraine_persons"]
        persons = kept(model.region, ("persons to come",), lambda: float(arrivals[columns].to_numpy().sum()))
        if persons * max(factors) > _SHARED_PERSONS:
            table, adults = self._drawn(model, factors)
            self.adult_rows = plain(adults)
            return table
        key = ("arrivals", model.seed, factors, model.parameters.values("household"))
        table, adults = kept(model.region, key, lambda: self._drawn(model, factors))
        self.adult_rows = plain(adults.copy())
        return table.copy()

    @property
    def adults(self) -> Any:
        """Two rows per household, read by attribute."""
        return self.adult_rows.view(np.recarray)

    def _drawn(self, model: IntegrationModel, factors: tuple[float, float]) -> tuple[Any, Any]:
        region = model.region
        stream = batches(region, factors)
        capacity = int(sum(persons for _, persons, _, _ in stream)) + 2 * len(region.districts) + 8
        table: Any = np.zeros(capacity, HOUSEHOLD).view(np.recarray)  # one row per household
        adults: Any = np.zeros(MAX_ADULTS * capacity, ADULT).view(np.recarray)
        composition = np.zeros(2, COMPOSITION_DTYPE).view(np.recarray)
        for s, name in enumerate(("asylum", "ukraine")):
            for figure in COMPOSITION:
                composition[s][figure] = region.households[name].get(figure, 0.0)
        identities = np.array([district.identity for district in region.districts], np.int64)
        columns = [np.array(column) for column in zip(*stream, strict=True)] if stream else [np.zeros(0, np.int64)] * 4
        total = draw_arrivals(
            table, adults, model.seed, columns[0].astype(np.int64), columns[1].astype(np.float64),
            columns[2].astype(np.int64), identities, columns[3].astype(np.int64), composition, self.p,
        )  # fmt: skip
        return table[:total].copy().view(np.recarray), adults[: MAX_ADULTS * total].copy().view(np.recarray)

    def arrive(self, month: int, *, past: bool = False) -> None:
        """Let the month's households arrive in their municipalities and get a roof."""
        first = self.n
        self.n = max(first, self._come_by(month))
        if self.n == first:
            return
        free, table = self.allocation.free_places(), self.rows
        count_in_collective(table, first, free)
        settle(
            table, first, self.n, self.seed, self.allocation.shares_at(past=past), self.allocation.order,
            self.allocation.starts, free, self.allocation.gu_at, self.parameters.gu_share,
        )  # fmt: skip

    def _come_by(self, month: int) -> int:
        """Return how many households have come by a month."""
        first = self.region.history_start_month - WARM_UP
        if not first <= month < first + len(self._by_month):
            return int(np.searchsorted(self._arrived, month, side="right"))
        return self._by_month[month - first]

    def set_conditions(self, month: int) -> None:
        """Set the conditions of the month: asylum procedure and labour market; nobody has attended a lesson yet."""
        self._country[0] = self.conditions.of(month)
        self.places["lessons"] = 0.0

    def live(self, month: int) -> None:
        """Let every household that is here live one month (compiled loop)."""
        self.set_conditions(month)
        live_all(
            self.rows, self.adult_rows, self.n, month, self.seed, self._country, self.places,
            self._constants,
        )  # fmt: skip

    def live_one(self, row: int, month: int) -> None:
        """Let one household live one month: the same rules as in `live`, for a single row."""
        if self.table[row].stay == HERE and self.table[row].arrived < month:
            live_row(self.rows, self.adult_rows, row, month, self.seed, self._country[0], self.places, self.p)

    def persons_of(self) -> np.ndarray:
        """Return the persons of each household that has arrived, (n,)."""
        table = self.table[: self.n]
        return table.n_adults.astype(np.int64) + table.n_children

    def describe(self, month: int) -> None:
        """Set the features of every household's situation and its standing."""
        describe_all(
            self.rows, self.adult_rows, self.n, month, self.places, self._constants,
            self.situation, self.standing,
        )  # fmt: skip

    def size(self, cases: Any, first: int, end: int) -> None:
        """Multiply the effort of new cases by the adults concerned where a task is counted per adult."""
        size_cases(self.adult_rows, cases, first, end, self._per_adult)

    def receive(self, served: np.ndarray, month: int) -> None:
        """Apply what served cases change: a course starts, a child gets its place, ties grow."""
        receive_all(self.rows, self.adult_rows, served, month, self.seed, self._constants)

    def helpers_wanted(self, month: int) -> np.ndarray:
        """Return the helpers that the arrivals of the last twelve months would call for, (M,)."""
        newcomers, first = np.zeros(len(self.region.keys)), self._come_by(month - 12)
        count_newcomers(self.rows[first:], self.n - first, month - 12, newcomers)
        return self.parameters.helpers_per_100 / 100.0 * newcomers

    @property
    def helper_hours(self) -> float:
        """Hours an active helper gives in a week."""
        return self.parameters.helper_hours

    def census(self, month: int, out: np.ndarray) -> None:
        """Add the month's counts to `out` (M, len(counts))."""
        wage_needed = self.parameters.self_sufficient_wage_eur * 100.0
        counts = as_records(out, CENSUS)
        take_census(self.rows, self.adult_rows, self.n, month, self._rents, wage_needed, self._constants, counts)
        counts["course_lessons"] += self.places["lessons"]

    def open_accounts(self, ledger: Ledger) -> None:
        """Open the accounts of payments by legal status."""
        self.payments = Payments(ledger, self.region, self.parameters)

    def pay(self, month: int, counts: np.ndarray) -> None:
        """Post benefits, rents, refunds, day care, school and courses of the month."""
        self.payments.post_census(month, counts)

    @property
    def open_refund_cents(self) -> np.ndarray:
        """What the Land still owes each district for asylum benefits, int64 (D,)."""
        return self.payments.open_refund_cents

    def frame(self) -> pd.DataFrame:
        """Return one row per household that has arrived."""
        table = self.table[: self.n]
        first, second = self.adults[0 : 2 * self.n : 2], self.adults[1 : 2 * self.n : 2]
        keys = np.array(self.region.keys, dtype=object)
        return pd.DataFrame(
            {
                "identity": table.identity,
                "arrived": [month_label(int(month)) for month in table.arrived],
                "here": table.stay == HERE,
                "left": table.stay == LEFT,
                "municipality": keys[table.municipality],
                "origin": np.array(ORIGIN_NAMES, object)[table.origin],
                "adults": table.n_adults,
                "children": table.n_children,
                "status": np.array(STATUS_NAMES, object)[table.status],
                "accommodation": np.array(ACCOMMODATION_NAMES, object)[table.accommodation],
                "work_1": np.array(WORK_NAMES, object)[first.work],
                "work_2": np.where(second.present == 1, np.array(WORK_NAMES, object)[second.work], ""),
                "level_1": first.level,
                "level_2": np.where(second.present == 1, second.level, np.nan),
                "contacts": table.contacts,
                "trust": table.trust,
                "confusion": table.confusion,
            }
        )
