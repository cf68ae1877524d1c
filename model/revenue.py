"""What municipalities take in: taxes, key allocation and the base of the levies, by year.

`Budgets` asks only the three functions of `RevenueLaw`. `SimpleRevenue` is a first version: one tax total per
municipality that grows with the district's known levy base, equalisation by the two-year rule with the population rule,
but without single taxes, their rates and the supplements of the law.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from .parameters import Parameters
    from .region import Region

EQUALISATION_RATE = 0.55  # Art. 3 BayFAG
PREVIOUS_ALLOCATION_SHARE = 0.8  # Art. 18 BayFAG: share of last year's key allocation in the levy base
DATA_LAG = 2  # years, FAGDV par. 4
DEMOGRAPHY_YEARS = 10  # FAGDV par. 1


class RevenueLaw(Protocol):
    """What a fiscal law must tell the budgets; int64 cents of shape (M,) for a calendar year."""

    def taxes_cents(self, year: int) -> np.ndarray:
        """Own and shared taxes received in the year, net of the trade-tax levy."""
        ...

    def key_allocation_cents(self, year: int) -> np.ndarray:
        """Key allocation (Schlüsselzuweisung) of the year."""
        ...

    def levy_base_cents(self, year: int) -> np.ndarray:
        """Base of the district's and the Bezirk's levy: tax capacity and most of last year's key allocation."""
        ...


def figure(finances: pd.DataFrame, level: str, indicator: str) -> dict[str, dict[int, float]]:
    """Return a figure of the region file by key and year."""
    rows = finances[(finances["level"] == level) & (finances["indicator"] == indicator)]
    table: dict[str, dict[int, float]] = {}
    for key, year, value in zip(rows["key"], rows["year"], rows["value"], strict=True):
        table.setdefault(str(key), {})[int(year)] = float(value)
    return table


def nearest(by_year: dict[int, float], year: int) -> float:
    """Return a figure of a year: interpolated between known years, held before the first and after the last."""
    years = sorted(by_year)
    return float(np.interp(year, years, [by_year[y] for y in years]))


class SimpleRevenue:
    """Taxes that grow with the levy base, and equalisation that answers two years later.

    Taxes of year y make the tax capacity of y + 2. The key allocation closes 55 % of the gap between requirement and
    capacity; the requirement grows with the trend and with the counted inhabitants (the larger of the last known number
    and the mean of ten years), not with a municipality's own taxes.
    """

    def __init__(self, region: Region, parameters: Parameters, *, first_year: int, growth_shift: float = 0.0) -> None:
        """Read the region's Steuerkraft, key allocations and levy base; `growth_shift` starts after the first year."""
        self._region, self._p, self._first, self._shift = region, parameters, first_year, growth_shift
        self._district_of = region.municipalities["district_index"].to_numpy(dtype=np.int64)
        capacity = figure(region.finances, "municipality", "steuerkraft_per_head")
        allocation = figure(region.finances, "municipality", "schluesselzuweisung")
        totals = figure(region.finances, "district", "umlagekraft_total")
        self._totals = [totals.get(district.key, {}) for district in region.districts]
        years = sorted({year for by_year in capacity.values() for year in by_year})
        self.reference_year = years[-1] if years else first_year
        heads = np.array(
            [
                nearest(capacity[key], self.reference_year) if key in capacity else parameters.capacity_per_head_eur
                for key in region.keys
            ]
        )
        self._capacity = heads * self._people(self.reference_year - DATA_LAG)
        paid = np.array(
            [nearest(allocation[key], self.reference_year) if key in allocation else 0.0 for key in region.keys]
        )
        self._requirement = self._capacity + paid / EQUALISATION_RATE

    def taxes_cents(self, year: int) -> np.ndarray:
        """Own and shared taxes received in the year, one total per municipality."""
        return np.rint(self._taxes(year) * 100).astype(np.int64)

    def key_allocation_cents(self, year: int) -> np.ndarray:
        """Key allocation, rounded to four equal instalments in whole euros."""
        return (np.rint(self._allocation(year) / 4) * 4 * 100).astype(np.int64)

    def levy_base_cents(self, year: int) -> np.ndarray:
        """Tax capacity of the year plus 80 % of last year's key allocation."""
        euros = self._capacity_in(year) + PREVIOUS_ALLOCATION_SHARE * self._allocation(year - 1)
        return np.rint(euros * 100).astype(np.int64)

    def _taxes(self, year: int) -> np.ndarray:
        shift = (1 + self._shift) ** max(0, year - self._first)
        return self._capacity * self._trend(year + DATA_LAG) * self._p.tax_over_capacity * shift

    def _capacity_in(self, year: int) -> np.ndarray:
        return self._taxes(year - DATA_LAG) / self._p.tax_over_capacity

    def _allocation(self, year: int) -> np.ndarray:
        counted = self._counted(year) / np.maximum(1.0, self._counted(self.reference_year))
        gap = self._requirement * self._trend(year) * counted - self._capacity_in(year)
        return EQUALISATION_RATE * np.maximum(0.0, gap)

    def _trend(self, year: int) -> np.ndarray:
        """Return the level of a year relative to the reference year, (M,), from the district's known levy bases."""
        by_district = np.array(
            [self._level(known, year) / self._level(known, self.reference_year) for known in self._totals]
        )
        return by_district[self._district_of]

    def _level(self, known: dict[int, float], year: int) -> float:
        growth = 1 + self._p.revenue_growth
        if not known:
            return growth ** (year - self._first)
        inside = min(max(year, min(known)), max(known))
        return nearest(known, inside) * growth ** (year - inside)

    def _people(self, year: int) -> np.ndarray:
        known = self._region.population
        return known[min(max(year, min(known)), max(known))].astype(np.float64)

    def _counted(self, year: int) -> np.ndarray:
        """Return the inhabitants that count in the equalisation of a year (population rule)."""
        last = self._people(year - DATA_LAG)
        span = [self._people(y) for y in range(year - DATA_LAG - DEMOGRAPHY_YEARS, year - DATA_LAG)]
        return np.maximum(last, np.mean(span, axis=0))
