"""What municipalities take in, in cents: the revenue path of the region's fiscal law as the budgets post it.

`Budgets` asks for a year's lines; everything behind them (taxes by kind, tax capacity, allocation, levy base) is the
law's (`model.fiscal`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from .fiscal.amounts import to_cents
from .fiscal.changes import NO_CHANGES, Changes
from .fiscal.district import DistrictPlan, district_plan, refinanced_points, town_spending
from .fiscal.path import RevenuePath
from .fiscal.reference import reference_of
from .fiscal.start import KINDS, OWN, TaxStart
from .kept import kept

if TYPE_CHECKING:
    from .fiscal.amounts import FloatArray
    from .parameters import Parameters
    from .region import Region

__all__ = ["KINDS", "OWN", "PlannedYear", "Revenue", "growth_changes"]


def growth_changes(shift: float, years: int) -> Changes:
    """Return the changes of a world whose taxes grow by `shift` more each year (0.01 = one percentage point).

    The first year is unchanged.
    """
    if shift == 0.0:
        return NO_CHANGES
    path = (1.0 + shift) ** np.arange(years)
    return Changes(property_a=path, property_b=path, trade=path, income=path, compensation=path, turnover=path)


@dataclass(frozen=True, slots=True, eq=False)
class PlannedYear:
    """A year of the budgets before anything has happened in it, int64 cents.

    `lines` are the yearly amounts by name; `levy_base` and `income` (M,); `district_base` (D,) and `district_spending`
    without the tasks' usual cost; `refinanced` and `market` what a change of the interest rate adds to old debt and to
    cash credits.
    """

    lines: Mapping[str, np.ndarray]
    levy_base: np.ndarray
    income: np.ndarray
    district: DistrictPlan
    district_base: np.ndarray
    district_spending: np.ndarray
    refinanced: float
    market: float


class Revenue:
    """Revenue of the municipalities (M) of a region by calendar year, int64 cents.

    `plain` is the same path without changes: what councils planned with; `reference` the spending behind the quoted
    levy rates.
    """

    def __init__(
        self,
        region: Region,
        parameters: Parameters,
        *,
        first_year: int,
        years: int,
        growth_shift: float = 0.0,
        changes: Changes = NO_CHANGES,
    ) -> None:
        """Infer the region's taxes; `growth_shift` and `changes` act from the first year on.

        What depends only on the region, the parameters of group `money` and the shift is shared by all runs.
        """
        money = parameters.values("money")
        start = kept(region, ("taxes", money), lambda: TaxStart(region, parameters))

        def path(shift: float) -> RevenuePath:
            changes = growth_changes(shift, years)
            made = RevenuePath(start, first_year=first_year, years=years, changes=changes)
            for year in range(first_year, first_year + years):
                made.of(year)
            return made

        self._parameters = parameters
        self.plain, grown = (
            kept(region, ("revenue", money, first_year, years, shift), partial(path, shift))
            for shift in (0.0, growth_shift)
        )
        span = tuple(range(first_year, first_year + years))
        self.reference = kept(region, ("reference", money, span), lambda: reference_of(self.plain, span))
        if changes is NO_CHANGES:
            self.path = grown.copy()
            key = ("planned", money, first_year, years, growth_shift)
            self._planned = dict(kept(region, key, lambda: {year: self._plan(year) for year in span}))
        else:
            changed = changes | growth_changes(growth_shift, years)
            self.path = RevenuePath(start, first_year=first_year, years=years, changes=changed)
            self._planned = {}

    def planned(self, year: int) -> PlannedYear:
        """Return a year of the budgets as far as no event of the run but higher tax rates changes it."""
        if year not in self._planned:
            self._planned[year] = self._plan(year)
        return self._planned[year]

    def _plan(self, year: int) -> PlannedYear:
        path, reference, p = self.path, self.reference, self._parameters
        row = min(year - path.first_year, len(reference.years) - 1)
        base, place = self.levy_base_cents(year), path.start.district_of
        district_base = np.zeros(len(path.start.region.districts), np.int64)
        np.add.at(district_base, place, base)
        district = district_plan(reference, path, row, year, district_base / 100.0, p)
        lines = self.lines(year) | {
            "other_spending": _cents(town_spending(reference, path, row, year, p)),
            "district_allocation": _cents(district.allocation),
            "district_grants": _cents(district.grants),
            "regional_levy": _cents(district.regional_levy),
        }
        return PlannedYear(
            lines=lines,
            levy_base=base,
            income=self.income_cents(year),
            district=district,
            district_base=district_base,
            district_spending=_cents(district.spending),
            refinanced=refinanced_points(path, year, p),
            market=float(path.change("interest", year)[0]),
        )

    def raise_rates(self, year: int, points: FloatArray) -> None:
        """Raise the rates of property and trade tax from a year on, percentage points (M,)."""
        self.path.raise_rates(year, points)
        self._planned = {known: plan for known, plan in self._planned.items() if known < year}

    def lines(self, year: int) -> dict[str, np.ndarray]:
        """Return taxes by kind, `trade_levy`, `key_allocation`, `grants` and `extra_revenue` of a year, each (M,).

        Taxes may be negative where refunds exceed receipts; so may the trade-tax levy.
        """
        revenue = self.path.of(year)
        out = {kind: _cents(revenue.taxes[kind]) for kind in KINDS}
        out["trade_levy"] = _cents(revenue.trade_levy)
        out["key_allocation"] = _cents(revenue.allocation)
        out["grants"] = _cents(revenue.grants)
        out["extra_revenue"] = _cents(revenue.extra)
        return out

    def key_allocation_cents(self, year: int) -> np.ndarray:
        """Key allocation (Schlüsselzuweisung) of the year: whole euros that four instalments divide."""
        return _cents(self.path.of(year).allocation)

    def levy_base_cents(self, year: int) -> np.ndarray:
        """Base of the district's and the Bezirk's levy, at least 0: tax capacity and most of last year's allocation."""
        return _cents(np.maximum(0.0, self.path.of(year).levy_base))

    def income_cents(self, year: int) -> np.ndarray:
        """Taxes after the trade-tax levy, allocation and grants of the year."""
        return _cents(self.path.of(year).total)


def _cents(euros: FloatArray) -> np.ndarray:
    return np.asarray(to_cents(euros), np.int64)
