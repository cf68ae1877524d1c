"""Who pays for what by legal status: asylum benefits, rent, day care, school and courses, with refunds and lags.

The district pays asylum benefits and is refunded by the Land months later; it pays the rent of recognised households
and is refunded the federal share, which is set provisionally and revised for up to two years. So a positive decision
moves a person from a fully refunded regime into one where the district keeps about half of the rent (the recognition
shock).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from ....agents.jit import rule
from ...calendar import year_of
from .census import COLUMN
from .rates import RateParameters, housing_share, housing_shares, last_revisions, month_rates, payment_rates

if TYPE_CHECKING:
    from ...ledger import Ledger
    from ...parameters import Parameters
    from ...region import Region
    from .rates import Rates

# Columns of the census in the order of `MonthCounts`.
_PAID = [
    COLUMN[name]
    for name in (
        "asylum_persons", "misplaced_persons", "sgb2_persons", "sgb2_rent_cents", "kita_under3", "kita_3plus", "pupils",
        "course_lessons", "outside_starts",
    )
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class MonthCounts:
    """What is to be paid in a month: int64 arrays over municipalities (persons, cents for the rent, lessons).

    `asylum_persons` receive asylum benefits (procedure and tolerated, not self-sufficient); `fehlbeleger_persons` are
    recognised but still in state accommodation; `sgb2_rent_cents` is the monthly rent of SGB II households in private
    housing; `course_lessons` are attended in integration courses; `course_start_outside` start a course outside them.
    """

    asylum_persons: np.ndarray
    fehlbeleger_persons: np.ndarray
    sgb2_persons: np.ndarray
    sgb2_rent_cents: np.ndarray
    kita_under3: np.ndarray
    kita_3plus: np.ndarray
    pupils: np.ndarray
    course_lessons: np.ndarray
    course_start_outside: np.ndarray

    @classmethod
    def zeros(cls, municipalities: int) -> MonthCounts:
        """Return a month in which nothing is to be paid."""
        return cls(*(np.zeros(municipalities, dtype=np.int64) for _ in fields(cls)))


_LINES = (
    ("districts", "households", "asylum_benefits"),
    ("districts", "landlords", "asylum_housing"),
    ("districts", "suppliers", "asylum_health"),
    ("land", "districts", "asylum_refund"),
    ("land", "landlords", "state_shelter"),
    ("bund", "households", "basic_benefit"),
    ("districts", "landlords", "housing_cost"),
    ("bund", "districts", "housing_cost_federal"),
    ("land", "kita_providers", "day_care"),
    ("bund", "course_providers", "integration_course"),
    ("districts", "course_providers", "other_course"),
    ("land", "course_providers", "other_course"),
    ("towns", "kita_providers", "day_care"),
    ("towns", "schools", "school_material"),
)
"""Payer, payee and purpose of what the law has paid every month, in the order of the amounts in `month_amounts`."""
_COUNTS = tuple(field.name for field in fields(MonthCounts))
_RENT = _COUNTS.index("sgb2_rent_cents")
_COLUMNS = np.array(_PAID, np.int64)


class Payments:
    """The transfers by legal status of one run; remembers what is still to be refunded or revised."""

    def __init__(self, ledger: Ledger, region: Region, parameters: Parameters, *, steady_start: bool = True) -> None:
        """Open the accounts; raises KreislaufError when the region's fiscal law lacks a table.

        With `steady_start` the months before the first one are taken to have been like it, so that their refunds arrive
        in the first months; without it the first refund comes after the lag.
        """
        self._steady_start = steady_start
        self._ledger, self._law = ledger, region.fiscal_law
        housing_shares(self._law)
        payment_rates(self._law)
        self._district_of = region.municipalities["district_index"].to_numpy(dtype=np.int64)
        names = [district.key for district in region.districts]
        self._districts = np.array([ledger.account(f"district:{key}") for key in names], dtype=np.int64)
        self._municipalities = np.array([ledger.account(f"municipality:{key}") for key in region.keys], dtype=np.int64)
        for name in ("bund", "land", "households", "landlords", "suppliers", "kita_providers", "schools"):
            ledger.account(name)
        lag = round(parameters.asylum_reimbursement_lag)
        # Refunds of asylum benefits on their way, by the month in which they arrive (modulo the rows), cents.
        self._waiting = np.zeros((lag + 1, len(self._districts)), np.int64)
        self._last_month: int | None = None
        self._rent: dict[int, np.ndarray] = {}
        self._federal: dict[int, np.ndarray] = {}
        self._shares: dict[int, int] = {}  # per mille, as last paid by year
        self._by_town = np.zeros((len(_COUNTS), len(self._municipalities)), np.int64)
        self._by_district = np.zeros((len(_COUNTS), len(self._districts)), np.int64)
        self._by_purpose = np.concatenate([self._lines(*line) for line in _LINES])
        self._amounts = np.zeros(len(self._by_purpose), np.int64)
        self._revision = self._lines("bund", "districts", "housing_cost_revision")
        self._refund = np.zeros(len(self._districts), np.int64)
        self._values = RateParameters(*(getattr(parameters, name) for name in RateParameters._fields))

    def _lines(self, payer: str, payee: str, purpose: str) -> np.ndarray:
        """Return a purpose's lines for the ledger: one per district or, where municipalities pay, one for each."""
        many = {"districts": self._districts, "towns": self._municipalities}
        sides = [many[side] if side in many else self._ledger.account(side) for side in (payer, payee)]
        count = len(self._municipalities if payer == "towns" else self._districts)
        return self._ledger.lines(sides[0], sides[1], purpose, "law", count=count)

    def post_month(self, month: int, counts: MonthCounts) -> None:
        """Post the month's benefits, rents, refunds, day care, school and courses; months in ascending order."""
        by_town = np.array([getattr(counts, name) for name in _COUNTS])
        if by_town.dtype.kind not in "iu" or by_town.shape[1:] != self._district_of.shape:
            raise TypeError(f"counts are whole numbers, one per municipality, not {by_town.dtype} {by_town.shape[1:]}")
        self._post(month, np.ascontiguousarray(by_town.T, np.float64), np.arange(len(_COUNTS)))

    def post_census(self, month: int, counts: np.ndarray) -> None:
        """Post the same as follows from a census (M, C)."""
        self._post(month, counts, _COLUMNS)

    def _post(self, month: int, counts: np.ndarray, columns: np.ndarray) -> None:
        """Post the month of counts (M, C), of which `columns` are those of `MonthCounts`."""
        rates, year = month_rates(self._law, month, self._values), year_of(month)
        if year not in self._rent:
            self._rent[year], self._federal[year] = np.zeros_like(self._refund), np.zeros_like(self._refund)
        since = month if self._last_month is None else self._last_month + 1
        steady = self._last_month is None and self._steady_start
        self._last_month = month
        self._shares[year] = housing_share(self._law, year, month)
        pay_month(
            counts, columns, self._district_of, rates, since, month, steady, self._waiting, self._refund,
            self._shares[year], self._rent[year], self._federal[year], self._by_town, self._by_district, self._amounts,
        )  # fmt: skip
        self._ledger.post_lines(month, self._by_purpose, self._amounts, both_ways=True)  # a federal share may fall
        for change in self._revisions(year, month):
            self._ledger.post_lines(month, self._revision, change, both_ways=True)

    @property
    def open_refund_cents(self) -> np.ndarray:
        """What the Land still owes each district for asylum benefits, int64 of shape (districts,)."""
        return self._waiting.sum(axis=0)

    def _revisions(self, year: int, month: int) -> list[np.ndarray]:
        """Bring every earlier year still open to the federal share known this month; return what that brings the
        districts, cents (D,) each, negative when too much was paid."""
        changes: list[np.ndarray] = []
        for past in [past for past in sorted(self._rent) if past != year]:
            share = housing_share(self._law, past, month)
            if self._shares[past] != share:
                self._shares[past] = share
                due = self._rent[past] * share // 1000
                change = due - self._federal[past]
                if change.any():
                    changes.append(change)
                    self._federal[past] = due
            if past < year and last_revisions(self._law).get(past, month) <= month:
                del self._rent[past], self._federal[past], self._shares[past]
        return changes


@rule
def sum_counts(counts: Any, columns: Any, district_of: Any, by_town: Any, by_district: Any) -> None:
    """Write `columns` of whole counts (M, C) by municipality, (n, M), and summed by district, (n, D)."""
    for i in range(len(columns)):
        for d in range(by_district.shape[1]):
            by_district[i, d] = 0
        for m in range(len(district_of)):
            by_town[i, m] = int(counts[m, columns[i]])
            by_district[i, district_of[m]] += by_town[i, m]


@rule
def pass_on(refund: Any, waiting: Any, since: int, month: int, steady: bool) -> None:
    """Put the month's `refund` (D,) behind those `waiting` (lag + 1, D), and write over it what arrives: what was due
    from month `since` on.

    With `steady` the months before were like this one, and their refunds arrive first.
    """
    places = len(waiting)
    for d in range(len(refund)):
        arrived = 0
        for due in range(max(since, month - places), month):
            arrived += waiting[due % places, d]
            waiting[due % places, d] = 0
        if steady:
            for i in range(places):
                waiting[i, d] = refund[d]
        else:
            waiting[(month + places - 1) % places, d] += refund[d]
        refund[d] = arrived + waiting[month % places, d]
        waiting[month % places, d] = 0


@rule
def month_amounts(
    by_town: Any, by_district: Any, rates: Rates, refund: Any, rent: Any, share: int, federal: Any, out: Any
) -> None:
    """Write what the law has paid in a month into `out`, in the order of `_LINES`, cents.

    `by_town` (9, M) and `by_district` (9, D) are counts in the order of `MonthCounts`; `refund` (D,) is what the
    districts get of asylum benefits. Of the year's `rent` (D,) so far the federation pays a `share` in per mille, less
    what it has paid, `federal` (D,), which is brought up to date.
    """
    districts = len(refund)
    for d in range(districts):
        asylum, misplaced, sgb2 = by_district[0, d], by_district[1, d], by_district[2, d]
        under3, from3 = by_district[4, d], by_district[5, d]
        lessons, starts = by_district[7, d], by_district[8, d]
        out[d] = asylum * rates.asylum_cash
        out[districts + d] = asylum * rates.asylum_rent
        out[2 * districts + d] = asylum * rates.asylum_health
        out[3 * districts + d] = refund[d]
        out[4 * districts + d] = misplaced * rates.shelter
        out[5 * districts + d] = sgb2 * rates.benefit
        out[6 * districts + d] = by_district[_RENT, d]
        out[7 * districts + d] = rent[d] * share // 1000 - federal[d]
        federal[d] = rent[d] * share // 1000
        # The Land pays the same formula part as the municipality (BayKiBiG).
        out[8 * districts + d] = under3 * rates.kita_under3 + from3 * rates.kita_3plus
        out[9 * districts + d] = lessons * rates.lesson
        out[10 * districts + d] = starts * rates.other_course_district
        out[11 * districts + d] = starts * rates.other_course_land
    towns = by_town.shape[1]
    for m in range(towns):
        out[12 * districts + m] = by_town[4, m] * rates.kita_under3 + by_town[5, m] * rates.kita_3plus
        out[12 * districts + towns + m] = by_town[6, m] * rates.school_material


@rule
def pay_month(
    counts: Any, columns: Any, district_of: Any, rates: Rates, since: int, month: int, steady: bool, waiting: Any,
    refund: Any, share: int, rent: Any, federal: Any, by_town: Any, by_district: Any, out: Any,
) -> None:  # fmt: skip
    """Write what the law has paid in a month into `out`, in the order of `_LINES`, cents.

    From `columns` of the counts (M, C). For the asylum refunds see `pass_on`; of this year's `rent` (D,) the federation
    pays a `share` in per mille, of which `federal` (D,) has been paid: both grow by the month's.
    """
    sum_counts(counts, columns, district_of, by_town, by_district)
    for d in range(len(rent)):
        refund[d] = by_district[0, d] * rates.asylum_refund
        rent[d] += by_district[_RENT, d]
    pass_on(refund, waiting, since, month, steady)
    month_amounts(by_town, by_district, rates, refund, rent, share, federal, out)
