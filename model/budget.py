"""The budgets of municipalities and districts: monthly in cash on the ledger, yearly in result.

Revenue follows the region's fiscal law (`revenue`); spending on all but the fields' tasks is what the quoted levy rates
and a usual margin leave (`fiscal.reference`); the council sets the levy from the district's need
(`fiscal.council`); a municipality in need reacts in the middle of the year (`fiscal.reactions`). The net cost of
these tasks is not estimated here: it is whatever else moved on the account during the year. Effects of newcomers on
inhabitants and income tax are in the published figures already and are not added again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from .budget_year import close_year, invested, open_year, own_result
from .calendar import month_of_year, year_of
from .fiscal.amounts import to_cents
from .fiscal.changes import NO_CHANGES, Changes
from .fiscal.district import district_year
from .fiscal.reactions import first_year_of_rise, minimum_reserve, react, stabilisation_aid
from .instalments import CALENDAR, FALLS_DUE, NAMES, PARTS, PARTS_DUE, SETTLES, fall_due, month_due
from .revenue import KINDS, OWN, Revenue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .fiscal.amounts import FloatArray
    from .ledger import Ledger
    from .parameters import Parameters
    from .region import Region

INSTRUMENT = "general_budget"
"""Instrument name of all postings made here: everything else on an account is for the tasks of the fields at work."""

MUNICIPAL_LINES = (
    *KINDS, "trade_levy", "key_allocation", "grants", "extra_revenue", "aid", "levy", "other_spending", "interest",
    "repayment", "task_cost", "free_margin", "investment", "loan", "cash_credit", "reserve", "debt",
)  # fmt: skip
# A municipality's revenue in a year and its spending, repayment included, investment and the fields' tasks not.
_INCOME = frozenset({*KINDS, "key_allocation", "grants", "extra_revenue", "aid"})
_OUTGO = frozenset({"trade_levy", "levy", "other_spending", "interest", "repayment"})
_SETTLED = SETTLES.any(axis=1).tolist()
DISTRICT_LINES = (
    "levy", "levy_base", "key_allocation", "grants", "regional_levy", "other_spending", "task_cost",
    "free_margin", "investment", "reserve",
)  # fmt: skip


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
        changes: Changes = NO_CHANGES,
    ) -> None:
        """Open the accounts; `changes` (by year from the region's first) and the growth shift alter the revenue."""
        self._region, self._ledger, self._p = region, ledger, parameters
        self._first = year_of(region.start_month)
        years = tuple(range(self._first, max(self._first, year_of(region.end_month)) + 1))
        self.revenue = Revenue(
            region, parameters, first_year=self._first, years=len(years),
            growth_shift=revenue_growth_shift, changes=changes,
        )  # fmt: skip
        self._reference = self.revenue.reference
        self._district_of = region.municipalities["district_index"].to_numpy(dtype=np.int64)
        self._towns = np.array([ledger.account(f"municipality:{key}") for key in region.keys], dtype=np.int64)
        self._districts = np.array([ledger.account(f"district:{d.key}") for d in region.districts], dtype=np.int64)
        self._accounts = {
            "towns": self._towns,
            "districts": self._districts,
            "levied_by": self._districts[self._district_of],
        }
        towns, districts = len(self._towns), len(self._districts)
        self._year: int | None = None
        self._debt = np.asarray(to_cents(self._reference.debts.debt), np.int64)
        self._repayment = np.asarray(to_cents(self._reference.debts.repayment), np.int64)
        self._cash_credit, self._aid = (np.zeros(towns, np.int64) for _ in range(2))
        self._lasting = np.ones(towns, np.bool_)
        self._reference_cost: np.ndarray | None = None
        self._last_cost = np.zeros(districts, dtype=np.int64)
        self.claims: Claims | None = None
        """Set to the run's `Payments`: the council then looks at cost without refunds that are only late."""
        self._last_claims = np.zeros(districts, dtype=np.int64)
        self._opened, self._opened_districts = self._balances(self._towns), self._balances(self._districts)
        self._district_base = np.zeros(districts, dtype=np.int64)
        self._owed, self._own_cash, self._cash_at_opening = (np.zeros(towns, np.int64) for _ in range(3))
        self._reserve_floor = np.zeros(districts, np.int64)
        self._prepare()
        self._closed: list[tuple[int, str, dict[str, np.ndarray]]] = []  # year, level, lines in cents
        self._incomes: list[np.ndarray] = []
        self._months_run = 0
        self._rate = self._reference.quoted_rate[0].copy()
        self._margin = np.rint(parameters.base_margin_share * self.revenue.income_cents(self._first)).astype(np.int64)
        self._district_margin = np.zeros(districts, dtype=np.int64)
        self.levy_rates: dict[int, np.ndarray] = {}
        """Levy rates set so far by year, percent (D,)."""

    def _prepare(self) -> None:
        """Lay all lines of all budgets out in one row of N amounts, so that a month is one pass and one posting."""
        sizes = [
            len(self._districts) if "districts" in (line.payer, line.payee) else len(self._towns)
            for line in CALENDAR.values()
        ]
        ends = np.cumsum(sizes)
        self._place = {
            name: slice(end - size, end) for name, end, size in zip(NAMES, ends.tolist(), sizes, strict=True)
        }
        self._line = np.repeat(np.arange(len(NAMES)), sizes)
        self._amounts, self._posted, self._skipped, self._due = (np.zeros(ends[-1], np.int64) for _ in range(4))
        parts = [self._lines_of(name, size) for name, size in zip(NAMES, sizes, strict=True)]
        self._postings = np.concatenate([lines for lines, _ in parts])
        self._into_towns = np.repeat([sign for _, sign in parts], sizes)
        """1 where an amount goes to a municipality, -1 where it comes from one, else 0, (N,)."""
        self._result_sign = np.repeat([(name in _INCOME) - (name in _OUTGO) for name in NAMES], sizes)
        self._town = np.concatenate([np.arange(size) for size in sizes])
        self._own = np.zeros(len(self._towns), np.int64)
        bank = self._ledger.account("capital_market")
        self._credits = self._ledger.lines(bank, self._towns, "cash_credit", INSTRUMENT, count=len(self._towns))

    def _by_name(self, flat: np.ndarray) -> dict[str, np.ndarray]:
        """Return a row of amounts by name of the line, as views."""
        return {name: flat[place] for name, place in self._place.items()}

    def _lines_of(self, name: str, size: int) -> tuple[np.ndarray, int]:
        """Return a line's postings for the ledger, and whether it pays municipalities (1), is paid by them (-1) or no
        (0)."""
        line, account = CALENDAR[name], self._ledger.account
        payer, payee = (
            self._accounts[side] if side in self._accounts else account(side) for side in (line.payer, line.payee)
        )
        sign = 1 if line.payee == "towns" else -1 if line.payer == "towns" else 0
        return self._ledger.lines(payer, payee, line.purpose, INSTRUMENT, count=size), sign

    # ---- what others read -----------------------------------------------------------------------------------

    @property
    def free_margin_cents(self) -> np.ndarray:
        """Free financial margin of the last closed year, int64 (M,); before the first closing what is expected."""
        return self._margin

    @property
    def reserve_cents(self) -> np.ndarray:
        """Reserves, int64 (M,): the balances of the municipalities' accounts less the trade-tax levy still owed."""
        return self._balances(self._towns) - self._owed

    @property
    def debt_cents(self) -> np.ndarray:
        """Debt of the municipalities, cash credits included, int64 (M,)."""
        return self._debt + self._cash_credit

    @property
    def levy_rate(self) -> np.ndarray:
        """Current levy rate, percent (D,)."""
        return self._rate

    def yearly(self) -> pd.DataFrame:
        """Return the closed years: year, level, key, indicator, cents.

        For municipalities free_margin = taxes by kind - trade_levy + key_allocation + grants + extra_revenue + aid -
        levy - other_spending - interest - repayment - task_cost; for districts free_margin = levy +
        key_allocation + grants - regional_levy - other_spending - task_cost. Reserves of municipalities change by
        free_margin - investment + loan + the change of the cash credit. The trade-tax levy counts in the year it is
        owed for, though its last part is paid in February of the next.
        """
        districts = tuple(district.key for district in self._region.districts)
        holders = {"municipality": (self._region.keys, MUNICIPAL_LINES), "district": (districts, DISTRICT_LINES)}
        rows = [
            (year, level, key, line, cents)
            for year, level, lines in self._closed
            for line in holders[level][1]
            for key, cents in zip(holders[level][0], lines[line].tolist(), strict=True)
        ]
        return pd.DataFrame(rows, columns=pd.Index(["year", "level", "key", "indicator", "cents"]))

    # ---- the month ------------------------------------------------------------------------------------------

    def step(self, month: int) -> None:
        """Post the month's instalments after all other postings of the month; close the year in December."""
        if self._year is None and self.claims:
            self._last_claims = self.claims.open_refund_cents
        part = month_of_year(month)
        if self._year != year_of(month):
            self._open(month)
        if part == round(self._p.decision_month):
            self._review(month)
        self._instalments(month, part)
        self._months_run += 1
        if part == 12:
            self._close(month)

    def _instalments(self, month: int, part: int) -> None:
        """Post what is due of all yearly amounts this month, and what is still owed of last year's; refunds go back."""
        month_due(
            self._amounts, self._posted, self._skipped, self._line, self._town, PARTS_DUE[part], PARTS, FALLS_DUE[part],
            SETTLES[part], self._owed, self._into_towns, self._due, self._own_cash,
        )  # fmt: skip
        if _SETTLED[part]:
            self._owed = np.zeros_like(self._owed)
        self._ledger.post_lines(month, self._postings, self._due, both_ways=True)

    # ---- the year -------------------------------------------------------------------------------------------

    def _open(self, month: int) -> None:
        """Set the year's levy rate and amounts; in the first year also reserves."""
        year, first = year_of(month), self._year is None
        self._year, self._months_run = year, 0
        p, planned = self._p, self.revenue.planned(year)
        self._district_base = planned.district_base
        if first:
            self._start(month, planned.lines)
        self._cash_at_opening = self._balances(self._towns)
        self._own_cash = np.zeros_like(self._own_cash)
        self._incomes.append(planned.income)
        district = district_year(
            planned.district, task_cost=self._new_cost() / 100.0, shortfall=self._shortfall() / 100.0, parameters=p
        )
        self._rate = district.rate
        self.levy_rates[year] = self._rate.copy()
        usual = 0 if self._reference_cost is None else self._reference_cost
        amounts = self._by_name(self._amounts)
        for name, line in planned.lines.items():
            amounts[name][:] = line
        open_year(
            planned.levy_base, self._rate, self._district_of, self._debt, self._repayment, self._cash_credit,
            self._margin, p.interest_rate + planned.refinanced, p.interest_rate + planned.market,
            p.invested_margin_share, amounts["levy"], amounts["interest"], amounts["repayment"], amounts["investment"],
        )  # fmt: skip
        amounts["aid"][:] = self._aid
        amounts["loan"][:] = 0
        amounts["district_spending"][:] = np.maximum(0, planned.district_spending - usual)
        margins = self._district_margin.tolist()
        amounts["district_investment"][:] = [invested(margin, p.invested_margin_share) for margin in margins]
        self._aid = np.zeros_like(self._aid)
        self._posted[:] = 0
        self._skipped[:] = 0
        if first:
            self._skip(month_of_year(month) - 1)

    def _skip(self, before: int) -> None:
        """Leave out the instalments before a run that starts within a year."""
        parts_due, parts = PARTS_DUE[before].copy(), PARTS.copy()
        # The trade-tax levy follows the tax: what fell due on taxes before the start is not this run's.
        levy, tax = NAMES.index("trade_levy"), NAMES.index("trade")
        parts_due[levy], parts[levy] = parts_due[tax], parts[tax]
        nothing, everything = np.zeros_like(self._amounts), np.ones(len(NAMES), np.bool_)
        fall_due(self._amounts, nothing, nothing.copy(), self._line, parts_due, parts, everything, self._skipped)

    def _start(self, month: int, lines: Mapping[str, np.ndarray]) -> None:
        """Give everybody a reserve, and the municipalities what they owe of last year's trade-tax levy."""
        income = np.sum([lines[name] for name in (*KINDS, "key_allocation", "grants")], axis=0) - lines["trade_levy"]
        reserve = np.rint(self._p.reserve_share * np.maximum(0, income)).astype(np.int64)
        if month_of_year(month) <= CALENDAR["trade_levy"].settled_in:
            self._owed = np.maximum(0, lines["trade_levy"]) // CALENDAR["trade_levy"].parts
        levy = self._district_base * self._reference.quoted_rate[0] / 100.0
        kept = np.rint(levy * self._p.district_reserve_share).astype(np.int64)
        opening = self._ledger.account("opening")
        self._ledger.post_many(month, opening, self._towns, reserve, "opening_reserve", INSTRUMENT)
        self._ledger.post_many(month, opening, self._towns, self._owed, "opening_balance", INSTRUMENT)
        self._ledger.post_many(month, opening, self._districts, kept, "opening_reserve", INSTRUMENT)
        self._opened, self._opened_districts = self._opened + reserve, self._opened_districts + kept

    def _new_cost(self) -> np.ndarray:
        """Return the districts' cost of the tasks of last year beyond the first full year's, cents (D,)."""
        return (
            np.zeros_like(self._last_cost) if self._reference_cost is None else self._last_cost - self._reference_cost
        )

    def _shortfall(self) -> np.ndarray:
        """Return what the districts lack since the first full year, cents (D,); late refunds are not missing."""
        claims = self.claims.open_refund_cents if self.claims else np.zeros_like(self._last_claims)
        return np.maximum(0, self._reserve_floor - self._balances(self._districts) - claims)

    def _review(self, month: int) -> None:
        """In the middle of the year municipalities whose budget will not balance react, in the order of the law."""
        year, a, p = year_of(month), self._by_name(self._amounts), self._p
        # Everything on the account that the budget did not move itself is for the tasks.
        task_cost = self._cash_at_opening + self._own_cash - self._balances(self._towns)
        expected = task_cost * 12 // (self._months_run + 1)
        own_result(self._amounts, self._town, self._result_sign, self._own)
        margin = (self._own - expected) / 100.0
        short = np.where(margin < 0.0, a["investment"] / 100.0 - margin, 0.0)
        if not (short > 0.0).any():
            return
        path = self.revenue.path
        taxes, rates = path.taxes(year)
        budget = np.mean(self._incomes[-3:], axis=0) * (1.0 + p.other_revenue_share) / 100.0
        reaction = react(
            short,
            reserve=self._opened / 100.0,
            minimum=np.asarray(minimum_reserve(budget, share=p.grade_minimum_reserve_share)),
            voluntary=p.voluntary_share * a["other_spending"] / 100.0,
            rate=rates["trade"],
            own_tax_base=np.sum([taxes[kind] for kind in OWN], axis=0),
            investment=a["investment"] / 100.0,
            lasting_capacity=self._lasting,
            year=year,
            parameters=p,
        )
        if reaction.rate_points.any():
            since = first_year_of_rise(year, round(p.decision_month))
            self.revenue.raise_rates(since, reaction.rate_points)
            if since == year:
                lines = self.revenue.lines(year)
                for name in OWN:
                    a[name][:] = lines[name]
        a["other_spending"] -= _cents(reaction.voluntary)
        a["loan"][:] = _cents(reaction.loan)
        aid = stabilisation_aid(
            reaction.open,
            population=path.people(year - 1),
            population_before=path.people(year - 11),
            capacity=path.of(year).capacity,
            state_mean_capacity=path.law(year).state_mean_capacity,
            consolidates=(reaction.voluntary > 0.0) | (reaction.rate_points > 0.0),
            loss=p.aid_population_loss,
            eur_per_head=p.aid_eur_per_head,
            probability=p.aid_probability,
        )
        self._aid = _cents(np.asarray(aid))

    def _close(self, month: int) -> None:
        """Compute the year's result from the accounts, settle the cash credit, write the lines."""
        year, posted, levy = year_of(month), self._posted.copy(), self._place["trade_levy"]
        # What is owed of the trade-tax levy belongs to this year, though it is paid in the next.
        self._owed = self._amounts[levy] - self._skipped[levy] - posted[levy]
        posted[levy] += self._owed
        own_result(posted, self._town, self._result_sign, self._own)
        p = self._by_name(posted)
        free = self._balances(self._towns) - self._owed
        credit, closed = np.empty_like(free), np.empty((5, len(free)), np.int64)
        close_year(
            free, self._opened, self._own, p["investment"], p["loan"], p["repayment"], self._debt, self._cash_credit,
            credit, closed,
        )  # fmt: skip
        self._ledger.post_lines(month, self._credits, credit, both_ways=True)
        _, self._margin, self._cash_credit, self._opened, self._debt = closed
        self._lasting = self._margin >= 0
        results = dict(zip(("task_cost", "free_margin", "cash_credit", "reserve", "debt"), closed, strict=True))
        self._closed.append((year, "municipality", p | results))
        self._close_districts(year, p)

    def _close_districts(self, year: int, p: dict[str, np.ndarray]) -> None:
        balance = self._balances(self._districts)
        change = balance - self._opened_districts + p["district_investment"]
        self._district_margin = change
        levy = self._by_district(p["levy"])
        income = levy + p["district_allocation"] + p["district_grants"]
        cost = income - p["regional_levy"] - p["district_spending"] - change
        self._opened_districts = balance
        claims = self.claims.open_refund_cents if self.claims else self._last_claims
        self._last_cost = cost - (claims - self._last_claims)
        self._last_claims = claims
        if self._reference_cost is None and self._months_run == 12:
            self._reference_cost = self._last_cost
            self._reserve_floor = np.minimum(0, balance + claims)
        lines = {
            "levy": levy,
            "levy_base": self._district_base,
            "key_allocation": p["district_allocation"],
            "grants": p["district_grants"],
            "regional_levy": p["regional_levy"],
            "other_spending": p["district_spending"],
            "task_cost": cost,
            "free_margin": change,
            "investment": p["district_investment"],
            "reserve": balance,
        }
        self._closed.append((year, "district", lines))

    # ---- help -----------------------------------------------------------------------------------------------

    def _by_district(self, values: np.ndarray) -> np.ndarray:
        sums = np.zeros(len(self._districts), dtype=np.int64)
        np.add.at(sums, self._district_of, values)
        return sums

    def _balances(self, accounts: np.ndarray) -> np.ndarray:
        return self._ledger.balances_of(accounts)


def _cents(euros: FloatArray) -> np.ndarray:
    return np.asarray(to_cents(euros), np.int64)
