"""The federal share of housing costs of SGB II households in Bavaria (Kosten der Unterkunft, SGB II § 46 (5)-(10)).

A district pays with the first value of a year and receives or returns the difference when the share is revised, one
year later for the first revision and two for the second (BBFestV 2016-2021). The table `housing_cost_shares.csv` is law
of the federation.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from ..errors import InputError, Problem
from .amounts import Numbers, plain, require_not_negative


@dataclass(frozen=True, slots=True)
class HousingCostShare:
    """One published value of the share: the four parts in percent of the housing costs, and where they stand.

    `stage` 0 is the first value, 1 and 2 its revisions; `base` § 46 (6), `relief` § 46 (7), `education` § 46 (8),
    `refugees` § 46 (9).
    """

    year: int
    stage: int
    base: float
    relief: float
    education: float
    refugees: float
    confidence: str
    source: str

    @property
    def total(self) -> float:
        """Return the federal share, percent."""
        return self.base + self.relief + self.education + self.refugees

    @property
    def posted_in(self) -> int:
        """Return the year in which this value reaches the district's cash."""
        return self.year + self.stage


def housing_cost_shares(year: int) -> tuple[HousingCostShare, ...]:
    """Return the first value and the revisions of a year, in order; refuse a year outside the table.

    >>> [round(share.total, 1) for share in housing_cost_shares(2018)]
    [49.3, 50.4, 50.3]
    """
    table = _table()
    if year not in table:
        message = "SGB II § 46: no federal share of housing costs for this year"
        raise InputError(Problem(message, value=str(year), expected=f"{min(table)} to {max(table)}"))
    return table[year]


def federal_housing_cost_share(year: int, *, revised: bool = False) -> float:
    """Return the federal share of a year as a number between 0 and 1: the first value, or the last revision.

    >>> round(federal_housing_cost_share(2020), 3), round(federal_housing_cost_share(2020, revised=True), 3)
    (0.475, 0.722)
    """
    return housing_cost_shares(year)[-1 if revised else 0].total / 100.0


def housing_cost_revisions(costs: Mapping[int, float], year: int) -> float:
    """Return what a district receives in `year` from revisions for earlier years, EUR (negative: pays back).

    `costs` are its housing costs by year, EUR; years outside the table are left out.

    >>> round(housing_cost_revisions({2017: 1_000_000.0}, 2018), 2)
    11000.0
    """
    received = 0.0
    for earlier, amount in costs.items():
        paid = float(require_not_negative(amount, "the housing costs", "SGB II § 46"))
        shares = _table().get(earlier, ())
        for before, after in itertools.pairwise(shares):
            if after.posted_in == year:
                received += paid * (after.total - before.total) / 100.0
    return received


def local_housing_cost(costs: Numbers, year: int, *, revised: bool = False) -> Numbers:
    """Return what of the housing costs stays with the district, EUR: costs * (1 - federal share)."""
    paid = require_not_negative(costs, "the housing costs", "SGB II § 46")
    return plain(paid * (1.0 - federal_housing_cost_share(year, revised=revised)))


@cache
def _table() -> Mapping[int, tuple[HousingCostShare, ...]]:
    table: dict[int, list[HousingCostShare]] = {}
    path = Path(__file__).with_name("housing_cost_shares.csv")
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            share = HousingCostShare(
                year=int(row["year"]),
                stage=int(row["stage"]),
                base=float(row["base"]),
                relief=float(row["relief"]),
                education=float(row["education"]),
                refugees=float(row["refugees"]),
                confidence=row["confidence"],
                source=row["source"],
            )
            table.setdefault(share.year, []).append(share)
    return MappingProxyType({year: tuple(sorted(rows, key=lambda row: row.stage)) for year, rows in table.items()})
