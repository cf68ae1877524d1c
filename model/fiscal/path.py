"""The revenue of municipalities year by year: taxes, levy to federation and state, allocations, levy base.

`RevenuePath` is asked for years in ascending order and remembers them; rates may be raised on the way, so that a
projection and a running model use the same formulas. All formulas are those of the region's law module.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .changes import LINES, NO_CHANGES, Changes
from .start import KINDS, OWN

if TYPE_CHECKING:
    from .amounts import FloatArray
    from .start import TaxStart


@dataclass(frozen=True, slots=True, eq=False)
class RevenueYear:
    """The revenue of one year, EUR (M,): taxes by kind as received, trade-tax levy, allocation, levy base, grants.

    `capacity` is the tax capacity, `counted` the inhabitants that count, `allocation` what is paid (multiples of 4),
    `rates` the tax rates in percent.
    """

    year: int
    taxes: dict[str, FloatArray]
    rates: dict[str, FloatArray]
    trade_levy: FloatArray
    capacity: FloatArray
    counted: FloatArray
    allocation: FloatArray
    levy_base: FloatArray
    grants: FloatArray
    extra: FloatArray

    @property
    def tax_total(self) -> FloatArray:
        """Return all taxes before the trade-tax levy."""
        return np.sum([self.taxes[kind] for kind in KINDS], axis=0)

    @property
    def total(self) -> FloatArray:
        """Return taxes after the trade-tax levy, allocation, grants and other extra revenue."""
        return self.tax_total - self.trade_levy + self.allocation + self.grants + self.extra


class RevenuePath:
    """Revenue of M municipalities from `first_year` on, under changes that start then."""

    def __init__(self, start: TaxStart, *, first_year: int, years: int, changes: Changes = NO_CHANGES) -> None:
        """Take the taxes without changes and the changes, one row per year from `first_year`; later years keep the
        last row."""
        self.start, self.module, self.laws = start, start.module, start.laws
        self.first_year, self._years = first_year, years
        self.changes = changes.full(years, len(start.region.keys), len(start.region.districts))
        self._law_changed = changes.base_amount is not None or changes.multiplier is not None
        self._raised: dict[str, dict[int, FloatArray]] = {kind: {} for kind in OWN}
        self._taxes: dict[int, tuple[dict[str, FloatArray], dict[str, FloatArray]]] = {}
        self._done: dict[int, RevenueYear] = {}
        self._allocation: dict[int, FloatArray] = {}

    def copy(self) -> RevenuePath:
        """Return a path that knows what this one has worked out and goes its own way from here."""
        other = copy(self)
        other._raised = {kind: dict(steps) for kind, steps in self._raised.items()}
        other._taxes, other._done, other._allocation = dict(self._taxes), dict(self._done), dict(self._allocation)
        return other

    def raise_rates(self, year: int, points: FloatArray) -> None:
        """Raise the rates of property and trade tax from a year on, percentage points (M,).

        The year's own revenue is computed anew; its allocation and levy base rest on earlier years.
        """
        for kind in OWN:
            self._raised[kind][year] = self._raised[kind].get(year, np.zeros_like(points)) + points
        self._forget(year)

    def _forget(self, year: int) -> None:
        for memory in (self._taxes, self._done, self._allocation):
            for known in [y for y in memory if y >= year]:
                del memory[known]

    def change(self, name: str, year: int) -> FloatArray:
        """Return the change of a line in a year: (M,), (D,) or (1,); neutral before the first year."""
        row = min(year - self.first_year, self._years - 1)
        if row >= 0:
            return self.changes[name][row]
        return np.ones(1) if LINES[name][0] == "factor" else np.zeros(1)

    def change_value(self, name: str, year: int) -> FloatArray:
        """Return a given value of a year, NaN where none is given: (D,) or (1,)."""
        row = min(year - self.first_year, self._years - 1)
        return self.changes[name][row] if row >= 0 else np.full(1, np.nan)

    def law(self, year: int) -> Any:
        """Return the law of a year with the changes of the Grundbetrag and of the levy multiplier."""
        law = self.laws(year)
        if not self._law_changed:
            return law
        factor = float(self.change("base_amount", year)[0])
        own, lagged = (float(self.change_value("multiplier", y)[0]) for y in (year, year - self.module.DATA_LAG_YEARS))
        return replace(
            law,
            base_amount=law.base_amount * factor,
            district_base_amount=law.district_base_amount * factor,
            multiplier=law.multiplier if np.isnan(own) else own,
            tax_year_multiplier=law.tax_year_multiplier if np.isnan(lagged) else lagged,
        )

    def people(self, year: int) -> FloatArray:
        """Return the inhabitants of 31 December of a year with changes, (M,)."""
        return self.start.people(year) * self.change("population", year)

    def taxes(self, year: int) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
        """Return the taxes of a year (own at a rate of 100 %, shared as received), EUR, and the rates, percent."""
        if year not in self._taxes:
            taxes, rates = self.start.taxes(year), self.start.rates(year)
            if year >= self.first_year:
                taxes = {kind: amount * self.change(kind, year) for kind, amount in taxes.items()}
                for kind in OWN:
                    points = self.change("trade_rate" if kind == "trade" else "property_rate", year)
                    raised = [step for since, step in self._raised[kind].items() if since <= year]
                    rates[kind] = rates[kind] + points + sum(raised, np.zeros(1))
                self.module.trade_tax_rate(rates["trade"], law=self.law(year))
                taxes["trade"] = taxes["trade"] + self.change("extra_trade", year) / rates["trade"] * 100.0
                taxes["income"] = taxes["income"] + self.change("extra_income", year)
            self._taxes[year] = taxes, rates
        return self._taxes[year]

    def capacity(self, year: int) -> FloatArray:
        """Return the tax capacity of an equalisation year, EUR (M,)."""
        tax_year = year - self.module.DATA_LAG_YEARS
        receipts, people = self.start.receipts(*self.taxes(tax_year)), self.people(tax_year)
        return np.asarray(self.module.tax_capacity(receipts, population=people, law=self.law(year)).total)

    def allocation(self, year: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the key allocation paid in a year, the tax capacity (EUR) and the counted inhabitants, each (M,)."""
        module, law = self.module, self.law(year)
        last = year - module.DATA_LAG_YEARS
        people, capacity = self.people(last), self.capacity(year)
        earlier = np.stack([self.people(y) + 0.0 * people for y in range(last - module.DEMOGRAPHY_YEARS, last)])
        counted = np.asarray(module.counted_population(people, earlier, law=law))
        kita = module.kita_points(self.start.parameters.kita_children_share * people, law=law)
        required = module.requirement(np.asarray(module.main_points(counted)) + kita, law=law)
        exact = module.regular_allocation(required, capacity, law=law)
        exact = np.asarray(exact + module.special_allocation(capacity, people, law=law))
        paid = np.asarray(module.round_to_instalments(exact * self.change("allocation", year)))
        return paid, capacity, counted

    def paid_allocation(self, year: int) -> FloatArray:
        """Return the key allocation paid in a year, EUR (M,), remembered."""
        if year not in self._allocation:
            self._allocation[year] = self.allocation(year)[0]
        return self._allocation[year]

    def of(self, year: int) -> RevenueYear:
        """Return the revenue of a year."""
        if year not in self._done:
            self._done[year] = self._revenue(year)
        return self._done[year]

    def _revenue(self, year: int) -> RevenueYear:
        module, law = self.module, self.law(year)
        before = self.paid_allocation(year - 1)
        paid, capacity, counted = self.allocation(year)
        self._allocation[year] = paid
        taxes, rates = self.taxes(year)
        received = {kind: taxes[kind] * (rates[kind] / 100.0 if kind in OWN else 1.0) for kind in KINDS}
        people = self.people(year - 1)
        return RevenueYear(
            year=year,
            taxes=received,
            rates=rates,
            trade_levy=np.asarray(module.trade_tax_levy(received["trade"], rates["trade"], law=law)),
            capacity=capacity,
            counted=counted,
            allocation=paid,
            levy_base=np.asarray(module.levy_base(capacity, before, law=law)),
            grants=np.asarray(module.grants_per_head(people, law=law)) * self.change("grants", year),
            extra=np.broadcast_to(self.change("extra_revenue", year), people.shape),
        )
