"""Who pays for care: care insurance, the body that pays help for care (Hilfe zur Pflege), subsidies for adapted homes.

Rates and payers stand in payment_rates.csv by fiscal law; rows of law `*` hold where a law says nothing of its own.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...calendar import month_index
from .census import COLUMN

if TYPE_CHECKING:
    from ...ledger import Ledger
    from ...region import Region

RATE_FILE = Path(__file__).with_name("payment_rates.csv")
# Benefit -> the count of the census it is paid for, and who receives it.
BENEFITS = {
    "benefit_grade_home": ("grade_home", "households"),
    "benefit_high_grade_home": ("high_grade_home", "households"),
    "benefit_grade_care_home": ("grade_care_home", "care_providers"),
    "benefit_high_grade_care_home": ("high_grade_care_home", "care_providers"),
    "support_home": ("poor_home", "care_providers"),
    "support_care_home": ("poor_care_home", "care_providers"),
    "adaptation_subsidy": ("adapted", "suppliers"),
}


@dataclass(frozen=True, slots=True)
class Rate:
    """From which month on who pays how much: `cents` per person and month, or per adapted home."""

    start: int
    payer: str
    cents: int


@cache
def payment_rates(law: str) -> dict[str, tuple[Rate, ...]]:
    """Return the rates by benefit in order of time, those of the law itself before the general ones.

    >>> payment_rates("bavaria")["support_care_home"][0].payer
    'bezirk'
    """
    found: dict[str, dict[str, list[Rate]]] = {}
    with RATE_FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rate = Rate(month_index(row["from"]), row["payer"], round(float(row["value"]) * 100))
            found.setdefault(row["item"], {}).setdefault(row["law"], []).append(rate)
    chosen = {item: laws.get(law) or laws["*"] for item, laws in found.items()}
    return {item: tuple(sorted(rows, key=lambda rate: rate.start)) for item, rows in chosen.items()}


class Payments:
    """The payments for care of one run."""

    def __init__(self, ledger: Ledger, region: Region) -> None:
        """Open the accounts."""
        self._ledger = ledger
        self._rates = payment_rates(region.fiscal_law)
        self._district_of = region.municipalities["district_index"].to_numpy(np.int64)
        self._districts = np.array([ledger.account(f"district:{d.key}") for d in region.districts], np.int64)
        for name in ("households", "care_providers", "suppliers"):
            ledger.account(name)
        for rows in self._rates.values():
            for rate in rows:
                if rate.payer != "district":
                    ledger.account(rate.payer)

    def post_month(self, month: int, counts: np.ndarray) -> None:
        """Post the month's payments; `counts` (M, C) is the census."""
        for item, (column, payee) in BENEFITS.items():
            rows = self._rates[item]
            rate = next((r for r in reversed(rows) if r.start <= month), rows[0])
            persons = np.zeros(len(self._districts), np.int64)
            np.add.at(persons, self._district_of, counts[:, COLUMN[column]].astype(np.int64))
            payer = self._districts if rate.payer == "district" else self._ledger.account(rate.payer)
            self._ledger.post_many(month, payer, self._ledger.account(payee), persons * rate.cents, item, "law")
