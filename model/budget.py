"""The yearly budgets of municipalities and districts, in monthly instalments on the ledger.

First version. Simplified: one tax total instead of single taxes (`revenue.SimpleRevenue`); other spending is one line
that makes the first year close with a given margin and then grows; the quoted levy rate of the region file is taken to
balance the district without additional integration cost; a fixed share of last year's free margin is invested; no rates
of own taxes, no reactions except the reserve and, when it is used up, a cash credit.

The net cost of integration is not estimated here: it is whatever else moved on the account during the year.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from .calendar import month_of_year, year_of
from .revenue import RevenueLaw, SimpleRevenue, figure, nearest

if TYPE_CHECKING:
    from .ledger import Ledger
    from .parameters import Parameters
    from .region import Region

INSTRUMENT = "general_budget"
"""Instrument name of all postings made here: everything else on an account is integration."""

MUNICIPAL_LINES = (
    "taxes", "key_allocation", "levy", "other_spending", "interest", "repayment", "integration_net", "free_margin",
    "investment", "cash_credit", "reserve", "debt",
)  # fmt: skip
DISTRICT_LINES = (
    "levy",
    "levy_base",
    "regional_levy",
    "other_spending",
    "integration_net",
    "free_margin",
    "investment",
    "reserve",
)


class Claims(Protocol):
    """Who knows what the Land still owes the districts, as `payments.Payments` does."""

    @property
    def open_refund_cents(self) -> np.ndarray:
        """Open claims, int64 (D,)."""
        ...


class Budgets:
    """Budgets of all municipalities (M) and districts (D) of a region; call `step` at the end of every month."""

    def __init__(
        self,
        region: Region,
        ledger: Ledger,
        parameters: Parameters,
        *,
        revenue_growth_shift: float = 0.0,
        revenue: RevenueLaw | None = None,
    ) -> None:
        """Open the accounts; `revenue` replaces the simple revenue law."""
        self._region, self._ledger, self._p = region, ledger, parameters
        first_year = year_of(region.start_month)
        self.revenue: RevenueLaw = revenue or SimpleRevenue(
            region, parameters, first_year=first_year, growth_shift=revenue_growth_shift
        )
        self._district_of = region.municipalities["district_index"].to_numpy(dtype=np.int64)
        self._towns = np.array([ledger.account(f"municipality:{key}") for key in region.keys], dtype=np.int64)
        self._districts = np.array([ledger.account(f"district:{d.key}") for d in region.districts], dtype=np.int64)
        self._quoted = self._rates("district", "kreisumlage_rate", parameters.levy_rate_pct)
        self._regional = self._rates("bezirk", "bezirksumlage_rate", parameters.regional_levy_rate_pct)
        self._year: int | None = None
        self._base_year = first_year
        self._other_base = np.zeros(len(self._towns), dtype=np.int64)
        self._repayment = np.zeros(len(self._towns), dtype=np.int64)
        self._debt = np.zeros(len(self._towns), dtype=np.int64)
        self._reference_cost: np.ndarray | None = None
        self._last_cost = np.zeros(len(self._districts), dtype=np.int64)
        self.claims: Claims | None = None
        """Set to the run's `Payments`: the council then looks at cost without refunds that are only late."""
        self._last_claims = np.zeros(len(self._districts), dtype=np.int64)
        self._start_towns, self._start_districts = self._balances(self._towns), self._balances(self._districts)
        self._district_base = np.zeros(len(self._districts), dtype=np.int64)
        self._amounts: dict[str, np.ndarray] = {}
        self._posted: dict[str, np.ndarray] = {}
        self._rows: list[tuple[int, str, str, str, int]] = []
        self._months_run = 0
        self._rate = np.array([self._quoted_in(d, first_year) for d in range(len(self._districts))])
        self._margin = np.rint(self._p.base_margin_share * self._income(first_year)).astype(np.int64)
        self._district_margin = np.zeros(len(self._districts), dtype=np.int64)
        self.levy_rates: dict[int, np.ndarray] = {}
        """Levy rates set so far by year, percent (D,)."""

    # ---- what others read -----------------------------------------------------------------------------------

    @property
    def free_margin_cents(self) -> np.ndarray:
        """Free financial margin of the last closed year, int64 (M,); before the first closing what is expected."""
        return self._margin

    @property
    def reserve_cents(self) -> np.ndarray:
        """Reserves, int64 (M,): the balances of the municipalities' accounts."""
        return self._balances(self._towns)

    @property
    def debt_cents(self) -> np.ndarray:
        """Debt of the municipalities, cash credits included, int64 (M,)."""
        return self._debt.copy()

    @property
    def levy_rate(self) -> np.ndarray:
        """Current levy rate, percent (D,)."""
        return self._rate

    def yearly(self) -> pd.DataFrame:
        """Return the closed years: year, level, key, indicator, cents.

        For municipalities free_margin = taxes + key_allocation - levy - other_spending - interest - repayment -
        integration_net; for districts free_margin = levy - regional_levy - other_spending - integration_net.
        Reserves change by free_margin - investment (+ cash_credit).
        """
        return pd.DataFrame(self._rows, columns=pd.Index(["year", "level", "key", "indicator", "cents"]))

    # ---- the month ------------------------------------------------------------------------------------------

    def step(self, month: int) -> None:
        """Post the month's instalments after all other postings of the month; close the year in December."""
        if self._year is None and self.claims:
            self._last_claims = self.claims.open_refund_cents
        if self._year != year_of(month):
            self._open(month)
        part = month_of_year(month)
        self._instalment(month, "taxes", "taxpayers", self._towns, part, 12)
        if part % 3 == 0:
            self._instalment(month, "key_allocation", "land", self._towns, part // 3, 4)
        self._instalment(month, "levy", self._towns, self._districts[self._district_of], part, 12)
        self._instalment(month, "regional_levy", self._districts, "bezirk", part, 12)
        self._instalment(month, "other_spending", self._towns, "suppliers", part, 12)
        self._instalment(month, "district_spending", self._districts, "suppliers", part, 12)
        self._instalment(month, "interest", self._towns, "capital_market", part, 12)
        self._instalment(month, "repayment", self._towns, "capital_market", part, 12)
        self._instalment(month, "investment", self._towns, "suppliers", part, 12)
        self._instalment(month, "district_investment", self._districts, "suppliers", part, 12)
        self._months_run += 1
        if part == 12:
            self._close(month)

    def _instalment(
        self, month: int, line: str, payer: np.ndarray | str, payee: np.ndarray | str, part: int, parts: int
    ) -> None:
        """Post the part of a yearly amount that is due, so that the parts of a year add up to it exactly."""
        total = self._amounts[line]
        due = total * part // parts - total * (part - 1) // parts
        source = self._ledger.account(payer) if isinstance(payer, str) else payer
        target = self._ledger.account(payee) if isinstance(payee, str) else payee
        purpose = {"district_spending": "other_spending", "district_investment": "investment"}.get(line, line)
        self._ledger.post_many(month, source, target, due, purpose, INSTRUMENT)
        self._posted[line] = self._posted[line] + due

    # ---- the year -------------------------------------------------------------------------------------------

    def _open(self, month: int) -> None:
        """Set the year's levy rate and amounts; in the first year also what is derived from it."""
        year, first = year_of(month), self._year is None
        self._year, self._months_run = year, 0
        base = self.revenue.levy_base_cents(year)
        district_base = self._by_district(base)
        self._rate = self._set_rates(year, district_base)
        self.levy_rates[year] = self._rate.copy()
        self._district_base = district_base
        # In hundredths of a percent the rate is a whole number, so the levy is exact in integers.
        levy = base * np.rint(self._rate[self._district_of] * 100).astype(np.int64) // 10_000
        taxes, allocation = self.revenue.taxes_cents(year), self.revenue.key_allocation_cents(year)
        income = taxes + allocation
        if first:
            self._start(month, year, income, levy)
        regional = self._share(district_base, [self._regional_in(d, year) for d in range(len(self._districts))])
        self._amounts = {
            "taxes": taxes,
            "key_allocation": allocation,
            "levy": levy,
            "other_spending": self._other(year),
            "interest": np.rint(self._debt * self._p.interest_rate).astype(np.int64),
            "repayment": np.minimum(self._repayment, self._debt),
            "regional_levy": regional,
            "district_spending": self._district_spending(year, district_base, regional),
            "investment": self._invested(self._margin),
            "district_investment": self._invested(self._district_margin),
        }
        self._posted = {line: np.zeros_like(amount) for line, amount in self._amounts.items()}

    def _start(self, month: int, year: int, income: np.ndarray, levy: np.ndarray) -> None:
        """Set debt, reserves and other spending so that the first year closes with the given margin."""
        self._base_year = year
        people = self._people(year - 1)
        debts = figure(self._region.finances, "municipality", "debt")
        heads = figure(self._region.finances, "municipality", "debt_per_head")
        for i, key in enumerate(self._region.keys):
            if key in debts:
                debt = nearest(debts[key], year)
            else:
                per_head = nearest(heads[key], year) if key in heads else self._p.debt_per_head_eur
                debt = per_head * people[i]
            self._debt[i] = round(debt * 100)
        self._repayment = np.rint(self._debt * self._p.repayment_share).astype(np.int64)
        service = np.rint(self._debt * self._p.interest_rate).astype(np.int64) + self._repayment
        margin = np.rint(income * self._p.base_margin_share).astype(np.int64)
        self._other_base = np.maximum(0, income - levy - service - margin)
        reserve = np.rint(income * self._p.reserve_share).astype(np.int64)
        opening = self._ledger.account("opening")
        self._ledger.post_many(month, opening, self._towns, reserve, "opening_reserve", INSTRUMENT)
        self._start_towns = self._start_towns + reserve

    def _close(self, month: int) -> None:
        """Compute the year's result from the accounts, cover a negative reserve by a cash credit, write the lines."""
        year, p = year_of(month), self._posted
        change = self._balances(self._towns) - self._start_towns + p["investment"]
        own = p["taxes"] + p["key_allocation"] - p["levy"] - p["other_spending"] - p["interest"] - p["repayment"]
        self._debt = self._debt - p["repayment"]
        self._margin = change
        credit = np.maximum(0, -self._balances(self._towns))
        bank = self._ledger.account("capital_market")
        self._ledger.post_many(month, bank, self._towns, credit, "cash_credit", INSTRUMENT)
        self._debt = self._debt + credit
        self._start_towns = self._balances(self._towns)
        lines = {
            line: p[line] for line in ("taxes", "key_allocation", "levy", "other_spending", "interest", "repayment")
        }
        lines |= {
            "investment": p["investment"],
            "integration_net": own - change,
            "free_margin": change,
            "cash_credit": credit,
        }
        lines |= {"reserve": self._start_towns, "debt": self._debt}
        self._write(year, "municipality", self._region.keys, {line: lines[line] for line in MUNICIPAL_LINES})

        change = self._balances(self._districts) - self._start_districts + p["district_investment"]
        self._district_margin = change
        levy = self._by_district(p["levy"])
        cost = levy - p["regional_levy"] - p["district_spending"] - change
        self._start_districts = self._balances(self._districts)
        claims = self.claims.open_refund_cents if self.claims else self._last_claims
        self._last_cost = cost - (claims - self._last_claims)
        self._last_claims = claims
        if self._reference_cost is None and self._months_run == 12:
            self._reference_cost = self._last_cost
        lines = {
            "levy": levy,
            "levy_base": self._district_base,
            "regional_levy": p["regional_levy"],
            "other_spending": p["district_spending"],
            "integration_net": cost,
            "free_margin": change,
            "investment": p["district_investment"],
            "reserve": self._start_districts,
        }
        keys = tuple(district.key for district in self._region.districts)
        self._write(year, "district", keys, {line: lines[line] for line in DISTRICT_LINES})

    def _set_rates(self, year: int, base: np.ndarray) -> np.ndarray:
        """Return the levy rates of a year: the quoted path, moved by additional integration cost, in half points."""
        rates = np.array([self._quoted_in(d, year) for d in range(len(self._districts))])
        if self._reference_cost is not None:
            extra = self._last_cost - self._reference_cost
            points = self._p.levy_reaction * 100.0 * extra / np.maximum(base, 1)
            points = np.clip(points, -self._p.levy_band_points, self._p.levy_band_points)
            # The council moves in half points; the quoted rate itself may be a quarter.
            rates = rates + np.floor(points * 2 + 0.5) / 2
        return np.maximum(0.0, rates)

    def _district_spending(self, year: int, base: np.ndarray, regional: np.ndarray) -> np.ndarray:
        """Return other net spending: what the quoted rate pays for beside Bezirk, margin and first integration cost."""
        levy = self._share(base, [self._quoted_in(d, year) for d in range(len(self._districts))])
        kept = np.rint(levy * self._p.district_margin_share).astype(np.int64)
        reference = 0 if self._reference_cost is None else self._reference_cost
        return np.maximum(0, levy - regional - kept - reference)

    def _invested(self, margin: np.ndarray) -> np.ndarray:
        return np.rint(np.maximum(0, margin) * self._p.invested_margin_share).astype(np.int64)

    def _other(self, year: int) -> np.ndarray:
        growth = (1 + self._p.spending_growth) ** (year - self._base_year)
        people = self._people(year - 1) / np.maximum(1, self._people(self._base_year - 1))
        return np.rint(self._other_base * growth * people**self._p.spending_population_elasticity).astype(np.int64)

    # ---- help -----------------------------------------------------------------------------------------------

    def _income(self, year: int) -> np.ndarray:
        return self.revenue.taxes_cents(year) + self.revenue.key_allocation_cents(year)

    def _people(self, year: int) -> np.ndarray:
        known = self._region.population
        return known[min(max(year, min(known)), max(known))]

    def _by_district(self, values: np.ndarray) -> np.ndarray:
        sums = np.zeros(len(self._districts), dtype=np.int64)
        np.add.at(sums, self._district_of, values)
        return sums

    def _balances(self, accounts: np.ndarray) -> np.ndarray:
        return self._ledger.balances[accounts]

    @staticmethod
    def _share(base: np.ndarray, percent: list[float]) -> np.ndarray:
        return np.rint(base * np.array(percent) / 100).astype(np.int64)

    def _rates(self, level: str, indicator: str, otherwise: float) -> list[dict[int, float]]:
        """Return quoted rates by district; a Bezirk belongs to the districts whose key starts with its own."""
        table = figure(self._region.finances, level, indicator)
        return [
            next((rates for key, rates in table.items() if district.key.startswith(key)), {2000: otherwise})
            for district in self._region.districts
        ]

    def _quoted_in(self, district: int, year: int) -> float:
        return nearest(self._quoted[district], year)

    def _regional_in(self, district: int, year: int) -> float:
        return nearest(self._regional[district], year)

    def _write(self, year: int, level: str, keys: tuple[str, ...], lines: dict[str, np.ndarray]) -> None:
        for line, values in lines.items():
            self._rows.extend((year, level, key, line, int(v)) for key, v in zip(keys, values, strict=True))
