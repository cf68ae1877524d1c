"""From shocks to what a projection applies: factors on taxes, points on rates, euros for the district.

Three shocks have no line of their own in a projection and are put in euros against the world without shocks:

* a smaller levy base at an unchanged need: municipalities keep what they would have paid, the district misses it, less
  what it saves in levy of the Bezirk and gains in its own key allocation; its council then answers with the rate,
* programme money that ends: the district keeps a share of the posts at its own cost, the rest close,
* more recognised persons: the district pays its share of their housing cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..calendar import month_index
from ..errors import InputError
from .changes import Changes
from .shocks import Shock, ShockTable, compose

if TYPE_CHECKING:
    from ..region import Region
    from .amounts import FloatArray
    from .projection import Projection, ProjectionResult

_TAXES = {
    "trade_tax": ("trade",),
    "property_tax": ("property_a", "property_b"),
    "income_tax": ("income", "compensation"),
    "turnover_tax": ("turnover",),
    "population": ("population",),
}
_OWN_LEVELS = ("district", "municipality")
_OUTSIDE = ("bund", "land", "bezirk", "donors")


def changes_of(
    shocks: Sequence[Shock],
    *,
    projection: Projection,
    base: ProjectionResult,
    shock_year: int,
    compensation: float | None = None,
) -> Changes:
    """Return what shocks change in the years of `base`, the projection of the same years without them.

    Parameters
    ----------
    shocks
        In any order; none gives no changes.
    projection, base
        The region's projection and its result without shocks; the changes have one row per year of `base`.
    shock_year
        Calendar year t; the years before stay as they are.
    compensation
        Share of the first year's loss of trade tax made good by Land and federation, in place of what the shocks say.
    """
    region = projection.region
    lead = base.years.index(shock_year)
    table = compose(
        shocks,
        years=len(base.years) - lead,
        keys=region.keys,
        names=region.municipalities["name"].tolist(),
        trade_tax=base.trade[lead],
        compensation=compensation,
    )
    return _Translation(projection, base, lead, table).changes()


def programme_money(region: Region, years: Sequence[int]) -> FloatArray:
    """Return what programmes pay for posts of districts and municipalities, EUR per year and district, (Y, D).

    Posts of welfare bodies and providers are not counted: their loss is not the budget's. A post that reaches several
    districts is shared equally.
    """
    paid = np.zeros((len(years), len(region.districts)))
    for post in region.structures.to_dict("records"):
        if not post["programme"] or post["level"] not in _OWN_LEVELS:
            continue
        share = sum(part for payer, part in post["payer_shares"] if payer in _OUTSIDE)
        for row, year in enumerate(years):
            first, last = month_index(f"{year}-01"), month_index(f"{year}-12")
            months = min(last, post["end_month"]) - max(first, post["start_month"]) + 1
            amount = max(0, months) * post["monthly_cost_eur"] * share
            if post["district_index"] >= 0:
                paid[row, post["district_index"]] += amount
            else:
                paid[row] += amount / len(region.districts)
    return paid


class _Translation:
    """One table of shocks put into the lines of a projection."""

    def __init__(self, projection: Projection, base: ProjectionResult, lead: int, table: ShockTable) -> None:
        self.projection, self.base, self.lead, self.table = projection, base, lead, table
        self.region, self.p = projection.region, projection.parameters
        self.module, self.place = projection.start.module, projection.start.district_of

    def changes(self) -> Changes:
        """Return all changes; lines nobody shocks stay None, so that no shock is no change to the bit."""
        table, lines = self.table, {}
        for variable, names in _TAXES.items():
            if variable in table.by_variable:
                lines |= dict.fromkeys(names, self._padded(table.get(variable), 1.0))
        for variable, name, neutral in (
            ("key_mass", "allocation", 1.0),
            ("wages", "wages", 1.0),
            ("interest_rate", "interest", 0.0),
            ("regional_levy_rate", "regional_points", 0.0),
            ("levy_multiplier", "multiplier", np.nan),
        ):
            if variable in table.by_variable:
                lines[name] = self._padded(table.get(variable)[:, :1], neutral)
        if "levy_rate" in table.by_variable:
            points = self._padded(table.get("levy_rate")[:, :1], 0.0)
            lines["levy_points"] = points + np.zeros(len(self.region.districts))
        found = Changes(**lines)
        for variable, translate in (
            ("levy_base", self._levy_base),
            ("programme_money", self._programmes),
            ("recognised", self._recognised),
        ):
            if variable in table.by_variable:
                found = found | translate(table.get(variable))
        return found | self._compensation(found) if table.compensation.any() else found

    def _padded(self, rows: FloatArray, neutral: float) -> FloatArray:
        """Return rows from the year of the shock on with neutral ones for the years before."""
        return np.concatenate([np.full((self.lead, rows.shape[1]), neutral), rows])

    def _sums(self, values: FloatArray) -> FloatArray:
        """Return sums over the municipalities of each district, (Y, D)."""
        count = len(self.region.districts)
        return np.stack([np.bincount(self.place, weights=row, minlength=count) for row in values])

    def _levy_base(self, factor: FloatArray) -> Changes:
        """Return the levy the district misses, net of what a smaller base saves and brings it."""
        lost = self._padded(1.0 - factor, 0.0)
        laws = [self.projection.start.laws(year) for year in self.base.years]
        gain = np.array([law.district_equalisation_rate * law.district_levy_power_share for law in laws])
        base = self._sums(lost * self.base.levy_base)
        kept = lost * self.base.levy
        share = self._sums(lost * self.base.levy_base) / np.maximum(self.base.district_levy_base, 1.0)
        receives = np.where(self.base.district_allocation > 0.0, gain[:, None] * base, 0.0)
        missing = self._sums(kept) - share * self.base.regional_levy - receives
        return Changes(extra_revenue=kept, extra_district_spending=missing)

    def _programmes(self, factor: FloatArray) -> Changes:
        """Return the cost of posts the district keeps when their programme ends."""
        ended = self._padded(1.0 - factor[:, :1], 0.0)
        return Changes(extra_district_spending=self.p.programme_kept_share * ended * self._programme_money())

    def _programme_money(self) -> FloatArray:
        return programme_money(self.region, self.base.years)

    def dropped(self) -> FloatArray:
        """Return spending on posts that ends with programme money, EUR (Y, D)."""
        factor = self.table.get("programme_money")
        ended = self._padded(1.0 - factor[:, :1], 0.0)
        return (1.0 - self.p.programme_kept_share) * ended * self._programme_money()

    def _recognised(self, factor: FloatArray) -> Changes:
        """Return the housing cost of more recognised persons in SGB II that stays with the district."""
        more = self._padded(factor[:, :1] - 1.0, 0.0)
        persons = self.p.recognised_per_1000 / 1000.0 * self._sums(self.base.population) * more
        local = np.array([_local_share(self.module, year) for year in self.base.years])
        return Changes(extra_district_spending=persons * self.p.recognised_housing_eur * local[:, None])

    def _compensation(self, found: Changes) -> Changes:
        """Return the compensation: what counts as tax as trade tax, the rest as a grant outside the equalisation.

        The grant leaves out what the municipality saves in trade-tax levy, so that nothing is made good twice.
        """
        grant = self._padded(self.table.compensation, 0.0) * self.base.trade
        counts = self.p.compensation_counts_as_tax
        multiplier = np.array([self.projection.start.laws(year).multiplier for year in self.base.years])[:, None]
        if found.multiplier is not None:
            other = np.asarray(found.multiplier)
            multiplier = np.where(np.isnan(other), multiplier, other)
        net = 1.0 - multiplier / self.base.trade_rate
        return Changes(extra_trade=counts * grant, extra_revenue=(1.0 - counts) * grant * net)


def posts_dropped(
    shocks: Sequence[Shock], *, projection: Projection, base: ProjectionResult, shock_year: int
) -> FloatArray:
    """Return spending on posts that ends because programme money ends, EUR per year and district, (Y, D)."""
    lead = base.years.index(shock_year)
    only = [shock for shock in shocks if shock.variable == "programme_money"]
    names = projection.region.municipalities["name"].tolist()
    years = len(base.years) - lead
    table = compose(only, years=years, keys=projection.region.keys, names=names, trade_tax=base.trade[lead])
    return _Translation(projection, base, lead, table).dropped()


def _local_share(module: Any, year: int) -> float:
    """Return the district's share of housing cost in a year; outside the law's table that of the nearest year."""
    for distance in range(40):
        for near in (year - distance, year + distance):
            try:
                return 1.0 - module.federal_housing_cost_share(near, revised=True)
            except InputError:
                continue
    raise InputError(f"the fiscal law has no federal share of housing cost near {year}")
