"""What a region's budgets look like when nothing changes: the spending behind the quoted levy rates and usual margins.

Spending on all but the fields' tasks is nowhere published by municipality. It is taken to follow the municipality's
own revenue: what three years brought on average, less debt service and a usual margin. The district's spending is what
the quoted levy rate pays for. A projection with changes then keeps this spending; that is what makes a loss hurt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .figures import figure, nearest

if TYPE_CHECKING:
    from ..parameters import Parameters
    from ..region import Region
    from .amounts import FloatArray
    from .path import RevenuePath

SMOOTHING_YEARS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Debts:
    """Debt at the start and its yearly repayment, EUR, of municipalities (M,) or districts (D,)."""

    debt: FloatArray
    repayment: FloatArray

    def after(self, years: int) -> FloatArray:
        """Return the debt left after so many ordinary repayments."""
        return np.maximum(0.0, self.debt - years * self.repayment)


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """Spending, levy rates and levies of Y years without changes; municipalities (Y, M), districts (Y, D), EUR.

    `quoted_rate` is the levy rate of the region file (percent), `regional_rate` the levy rate of the Bezirk (percent).
    """

    years: tuple[int, ...]
    spending: FloatArray
    district_spending: FloatArray
    quoted_rate: FloatArray
    regional_rate: FloatArray
    levy_before: FloatArray
    debts: Debts
    district_debt: FloatArray
    population: FloatArray


def starting_debts(region: Region, parameters: Parameters, year: int, people: FloatArray) -> Debts:
    """Return the debts of the municipalities in a year: published, or per inhabitant, or a parameter."""
    amounts = figure(region.finances, "municipality", "debt")
    heads = figure(region.finances, "municipality", "debt_per_head")
    debt = np.empty(len(region.keys))
    for i, key in enumerate(region.keys):
        per_head = nearest(heads[key], year) if key in heads else parameters.debt_per_head_eur
        debt[i] = nearest(amounts[key], year) if key in amounts else per_head * people[i]
    return Debts(debt, parameters.repayment_share * debt)


def quoted_rates(region: Region, level: str, indicator: str, years: tuple[int, ...], otherwise: float) -> FloatArray:
    """Return quoted levy rates by year and district, percent (Y, D); a Bezirk's by the beginning of the key."""
    table = figure(region.finances, level, indicator)
    out = np.full((len(years), len(region.districts)), otherwise)
    for d, district in enumerate(region.districts):
        known = next((rates for key, rates in table.items() if district.key.startswith(key)), None)
        if known is not None:
            out[:, d] = [nearest(known, year) for year in years]
    return out


def reference_of(path: RevenuePath, years: tuple[int, ...], district_cost: FloatArray | None = None) -> Reference:
    """Return the reference for a revenue path without changes.

    `district_cost` (Y, D) is the districts' net cost of the tasks in the world in which the quoted rates were decided;
    without it the quoted rates are taken to pay for other spending only.
    """
    start, module = path.start, path.module
    region, p = start.region, start.parameters
    place, districts = start.district_of, len(region.districts)
    quoted = quoted_rates(region, "district", "kreisumlage_rate", years, p.levy_rate_pct)
    regional = quoted_rates(region, "bezirk", "bezirksumlage_rate", years, p.regional_levy_rate_pct)
    debts = starting_debts(region, p, years[0], path.people(years[0] - 1))
    cost = np.zeros((len(years), districts)) if district_cost is None else district_cost
    net, spending = np.empty((len(years), len(place))), np.empty((len(years), len(place)))
    district_spending = np.empty((len(years), districts))
    for row, year in enumerate(years):
        revenue = path.of(year)
        levy = np.asarray(module.district_levy(revenue.levy_base, quoted[row][place]))
        net[row] = revenue.total - levy
        first = max(0, row - SMOOTHING_YEARS + 1)
        span = row - first + 1
        # The mean lies half a span back in time; growth brings it to the year itself.
        usual = net[first : row + 1].mean(axis=0) * (1.0 + p.revenue_growth) ** ((span - 1) / 2.0)
        left = debts.after(row)
        service = p.interest_rate * left + np.minimum(debts.repayment, left)
        spending[row] = np.maximum(0.0, usual - p.base_margin_share * revenue.total - service)
        base, levied = sum_by(revenue.levy_base, place, districts), sum_by(levy, place, districts)
        brings = district_revenue(path, year, base)
        bezirk = np.maximum(0.0, base) * regional[row] / 100.0
        kept = p.district_margin_share * levied
        district_spending[row] = np.maximum(0.0, levied + brings - bezirk - kept - cost[row])
    before = path.law(years[0] - 1)
    earlier = np.asarray(module.levy_base(path.capacity(years[0] - 1), path.paid_allocation(years[0] - 2), law=before))
    quoted_before = quoted_rates(region, "district", "kreisumlage_rate", (years[0] - 1,), p.levy_rate_pct)[0]
    owed = figure(region.finances, "district", "debt")
    debt = [nearest(owed[d.key], years[0]) if d.key in owed else 0.0 for d in region.districts]
    return Reference(
        years=years,
        spending=spending,
        district_spending=district_spending,
        quoted_rate=quoted,
        regional_rate=regional,
        levy_before=sum_by(earlier, place, districts) * quoted_before / 100.0,
        debts=debts,
        district_debt=np.array(debt),
        population=np.stack([path.people(year - 1) for year in years]),
    )


def district_revenue(path: RevenuePath, year: int, base: FloatArray) -> FloatArray:
    """Return what districts receive from the Land: key allocation and grants per head, EUR (D,)."""
    allocation, grants = district_grants(path, year, base)
    return allocation + grants


def district_grants(path: RevenuePath, year: int, base: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the districts' key allocation (BayFAG Art. 5) and their grants per head (Art. 7), EUR (D,) each."""
    module, law, place = path.module, path.law(year), path.start.district_of
    counted = sum_by(path.of(year).counted, place, base.size)
    allocation = np.asarray(module.district_allocation(module.district_points(counted, law=law), base, law=law))
    allocation = np.asarray(module.round_to_instalments(allocation * path.change("allocation", year)))
    people = sum_by(path.people(year - 1), place, base.size)
    return allocation, np.asarray(module.grants_per_head(people, law=law)) * path.change("grants", year)


def sum_by(values: FloatArray, place: np.ndarray, count: int) -> FloatArray:
    """Return sums over the municipalities of each district, (D,)."""
    return np.bincount(place, weights=values, minlength=count)
