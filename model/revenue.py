"""What municipalities take in, in cents: the revenue path of the region's fiscal law as the budgets post it.

`Budgets` asks for a year's lines; everything behind them (taxes by kind, tax capacity, allocation, levy base) is the
law's (`model.fiscal`).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from .fiscal.amounts import to_cents
from .fiscal.changes import NO_CHANGES, Changes
from .fiscal.path import RevenuePath
from .fiscal.reference import reference_of
from .fiscal.start import KINDS, OWN, TaxStart
from .kept import kept

if TYPE_CHECKING:
    from .fiscal.amounts import FloatArray
    from .parameters import Parameters
    from .region import Region

__all__ = ["KINDS", "OWN", "Revenue", "growth_changes"]


def growth_changes(shift: float, years: int) -> Changes:
    """Return the changes of a world whose taxes grow by `shift` more each year (0.01 = one percentage point).

    The first year is unchanged.
    """
    if shift == 0.0:
        return NO_CHANGES
    path = (1.0 + shift) ** np.arange(years)
    return Changes(property_a=path, property_b=path, trade=path, income=path, compensation=path, turnover=path)


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

        self.plain, grown = (
            kept(region, ("revenue", money, first_year, years, shift), partial(path, shift))
            for shift in (0.0, growth_shift)
        )
        span = tuple(range(first_year, first_year + years))
        self.reference = kept(region, ("reference", money, span), lambda: reference_of(self.plain, span))
        if changes is NO_CHANGES:
            self.path = grown.copy()
        else:
            changed = changes | growth_changes(growth_shift, years)
            self.path = RevenuePath(start, first_year=first_year, years=years, changes=changed)

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

    def taxes_cents(self, year: int) -> np.ndarray:
        """Own and shared taxes of the year after the trade-tax levy."""
        lines = self.lines(year)
        return np.sum([lines[kind] for kind in KINDS], axis=0) - lines["trade_levy"]

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
