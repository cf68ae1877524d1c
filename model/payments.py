"""Who pays for what by legal status: asylum benefits, rent, day care, school and courses, with refunds and lags.

The district pays asylum benefits and is refunded by the Land months later; it pays the rent of recognised households
and is refunded the federal share, which is set provisionally and revised for up to two years. So a positive decision
moves a person from a fully refunded regime into one where the district keeps about half of the rent (the recognition
shock).
"""

from __future__ import annotations

import csv
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .calendar import month_index, year_of
from .errors import InputError, KreislaufError
from .fiscal import LAWS

if TYPE_CHECKING:
    from .ledger import Ledger
    from .parameters import Parameters
    from .region import Region

RATE_FILE = Path(__file__).with_name("payment_rates.csv")
PRICE_YEAR = 2016


@dataclass(frozen=True, slots=True)
class MonthCounts:
    """What is to be paid in a month: int64 arrays over municipalities (persons, or cents for the rent).

    `asylum_persons` receive asylum benefits (procedure and tolerated, not self-sufficient); `fehlbeleger_persons` are
    recognised but still in state accommodation; `sgb2_rent_cents` is the monthly rent of SGB II households in private
    housing; `course_participants` sit in an integration course; `course_start_outside` start a course outside it.
    """

    asylum_persons: np.ndarray
    fehlbeleger_persons: np.ndarray
    sgb2_persons: np.ndarray
    sgb2_rent_cents: np.ndarray
    kita_under3: np.ndarray
    kita_3plus: np.ndarray
    pupils: np.ndarray
    course_participants: np.ndarray
    course_start_outside: np.ndarray

    @classmethod
    def zeros(cls, municipalities: int) -> MonthCounts:
        """Return a month in which nothing is to be paid."""
        return cls(*(np.zeros(municipalities, dtype=np.int64) for _ in fields(cls)))


@cache
def housing_shares(law: str) -> dict[int, tuple[tuple[int, int], ...]]:
    """Return the federal share of housing cost by year as (first month it counts, per mille), in order.

    The first value of a year is paid during the year; revisions are paid at once, in the middle of the first and second
    year after it (the ordinance comes then). Raises KreislaufError when the law has no such table.
    """
    table: dict[int, tuple[tuple[int, int], ...]] = {}
    shares = getattr(LAWS.get(law), "housing_cost_shares", None)
    for year in range(2000, 2101):
        with suppress(InputError):
            rows = shares(year) if shares else ()
            table[year] = tuple(
                (month_index(f"{row.posted_in}-07" if row.stage else f"{year}-01"), round(row.total * 10))
                for row in rows
            )
    if not any(table.values()):
        known = ", ".join(name for name, module in LAWS.items() if hasattr(module, "housing_cost_shares"))
        raise KreislaufError(
            f"fiscal law {law!r} has no table of the federal share of housing cost (function housing_cost_shares); "
            f"laws that have one: {known}"
        )
    return table


@cache
def payment_rates(law: str) -> dict[str, tuple[tuple[int, float], ...]]:
    """Return rates in euros by item as (first month, value); raises KreislaufError when the law has no table."""
    table: dict[str, list[tuple[int, float]]] = {}
    with RATE_FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["law"] == law:
                table.setdefault(row["item"], []).append((month_index(row["from"]), float(row["value"])))
    missing = {"asylum_gross", "course_lesson", "sgb2_single"} - set(table)
    if missing:
        names = ", ".join(sorted(missing))
        raise KreislaufError(f"fiscal law {law!r} has no payment rates for {names}; add rows to {RATE_FILE.name}")
    return {item: tuple(sorted(rows)) for item, rows in table.items()}


def housing_share(law: str, year: int, month: int) -> int:
    """Return the federal share of the housing cost of `year`, per mille, as it is paid in `month`.

    Years before the table take its first year, so that a history before the table can run.
    """
    table = housing_shares(law)
    if year > max(table):
        raise KreislaufError(
            f"the federal share of housing cost (law {law!r}) is known to {max(table)}, not for {year}"
        )
    stages = table[year] if year >= min(table) else table[min(table)][:1]
    return next((share for counts_from, share in reversed(stages) if counts_from <= month), stages[0][1])


class Payments:
    """The transfers by legal status of one run; remembers what is still to be refunded or revised."""

    def __init__(self, ledger: Ledger, region: Region, parameters: Parameters, *, steady_start: bool = True) -> None:
        """Open the accounts; raises KreislaufError when the region's fiscal law lacks a table.

        With `steady_start` the months before the first one are taken to have been like it, so that their refunds arrive
        in the first months; without it the first refund comes after the lag.
        """
        self._steady_start = steady_start
        self._ledger, self._law, self._p = ledger, region.fiscal_law, parameters
        housing_shares(self._law)
        payment_rates(self._law)
        self._district_of = region.municipalities["district_index"].to_numpy(dtype=np.int64)
        names = [district.key for district in region.districts]
        self._districts = np.array([ledger.account(f"district:{key}") for key in names], dtype=np.int64)
        self._municipalities = np.array([ledger.account(f"municipality:{key}") for key in region.keys], dtype=np.int64)
        for name in ("bund", "land", "households", "landlords", "suppliers", "kita_providers", "schools"):
            ledger.account(name)
        self._refunds: dict[int, np.ndarray] = {}
        self._rent: dict[int, np.ndarray] = {}
        self._federal: dict[int, np.ndarray] = {}

    def post_month(self, month: int, counts: MonthCounts) -> None:
        """Post the month's benefits, rents, refunds, day care, school and courses; months in ascending order."""
        self._asylum(month, counts)
        self._basic_benefit_and_rent(month, counts)
        self._children(month, counts)
        self._courses(month, counts)

    @property
    def open_refund_cents(self) -> np.ndarray:
        """What the Land still owes each district for asylum benefits, int64 of shape (districts,)."""
        return sum(self._refunds.values(), np.zeros_like(self._districts))

    def _asylum(self, month: int, counts: MonthCounts) -> None:
        gross = self._rate("asylum_gross", month)
        cash = round(gross * self._p.asylum_cash_share)
        rent = round(gross * self._p.asylum_housing_share)
        persons = self._by_district(counts.asylum_persons)
        self._pay(month, self._districts, "households", persons * cash, "asylum_benefits")
        self._pay(month, self._districts, "landlords", persons * rent, "asylum_housing")
        self._pay(month, self._districts, "suppliers", persons * (gross - cash - rent), "asylum_health")
        refund = persons * round(gross * self._p.asylum_reimbursed_share)
        due = month + round(self._p.asylum_reimbursement_lag)
        if self._steady_start:
            self._refunds.update({earlier: refund.copy() for earlier in range(month, due)})
            self._steady_start = False
        self._refunds[due] = self._refunds.get(due, 0) + refund
        for ready in sorted(key for key in self._refunds if key <= month):
            self._pay(month, "land", self._districts, self._refunds.pop(ready), "asylum_refund")
        shelter = round(self._p.state_shelter_eur_month * 100)
        self._pay(month, "land", "landlords", self._by_district(counts.fehlbeleger_persons) * shelter, "state_shelter")

    def _basic_benefit_and_rent(self, month: int, counts: MonthCounts) -> None:
        benefit = round(self._rate("sgb2_single", month) * self._p.sgb2_person_factor)
        self._pay(month, "bund", "households", self._by_district(counts.sgb2_persons) * benefit, "basic_benefit")
        rent = self._by_district(counts.sgb2_rent_cents)
        self._pay(month, self._districts, "landlords", rent, "housing_cost")
        year = year_of(month)
        self._rent[year] = self._rent.get(year, 0) + rent
        self._federal.setdefault(year, np.zeros_like(rent))
        # Every year still open is brought to the share known this month: the running month's part, or a revision.
        for past in sorted(self._rent):
            due = self._rent[past] * housing_share(self._law, past, month) // 1000
            change = due - self._federal[past]
            purpose = "housing_cost_federal" if past == year else "housing_cost_revision"
            self._pay(month, "bund", self._districts, np.maximum(change, 0), purpose)
            self._pay(month, self._districts, "bund", np.maximum(-change, 0), purpose)
            self._federal[past] = due
        last = {past: stages[-1][0] for past, stages in housing_shares(self._law).items()}
        closed = [past for past in self._rent if past < year and last.get(past, month) <= month]
        for past in closed:
            del self._rent[past], self._federal[past]

    def _children(self, month: int, counts: MonthCounts) -> None:
        price = (1 + self._p.price_growth) ** (year_of(month) - PRICE_YEAR)
        under3 = round(self._p.kita_municipal_under3_eur * price * 100 / 12)
        from3 = round(self._p.kita_municipal_3plus_eur * price * 100 / 12)
        care = counts.kita_under3 * under3 + counts.kita_3plus * from3
        self._pay(month, self._municipalities, "kita_providers", care, "day_care")
        # The Land pays the same formula part as the municipality (BayKiBiG).
        self._pay(month, "land", "kita_providers", self._by_district(care), "day_care")
        material = round(self._p.pupil_material_eur * price * 100 / 12)
        self._pay(month, self._municipalities, "schools", counts.pupils * material, "school_material")

    def _courses(self, month: int, counts: MonthCounts) -> None:
        lessons = round(self._rate("course_lesson", month) * self._p.course_lessons_month)
        participants = self._by_district(counts.course_participants)
        self._pay(month, "bund", "course_providers", participants * lessons, "integration_course")
        cost = round(self._p.outside_course_eur * 100)
        share = round(cost * self._p.outside_course_district_share)
        starts = self._by_district(counts.course_start_outside)
        self._pay(month, self._districts, "course_providers", starts * share, "other_course")
        self._pay(month, "land", "course_providers", starts * (cost - share), "other_course")

    def _rate(self, item: str, month: int) -> int:
        """Return a rate in cents as valid in a month (the first one before its own start)."""
        rows = payment_rates(self._law)[item]
        value = next((value for start, value in reversed(rows) if start <= month), rows[0][1])
        return round(value * 100)

    def _by_district(self, values: np.ndarray) -> np.ndarray:
        """Sum an integer array over municipalities to districts."""
        if values.dtype.kind not in "iu" or values.shape != self._district_of.shape:
            raise TypeError(f"counts are whole numbers, one per municipality, not {values.dtype} {values.shape}")
        sums = np.zeros(len(self._districts), dtype=np.int64)
        np.add.at(sums, self._district_of, values)
        return sums

    def _pay(
        self, month: int, payer: np.ndarray | str, payee: np.ndarray | str, cents: np.ndarray, purpose: str
    ) -> None:
        source = self._ledger.account(payer) if isinstance(payer, str) else payer
        target = self._ledger.account(payee) if isinstance(payee, str) else payee
        self._ledger.post_many(month, source, target, cents, purpose, "law")
