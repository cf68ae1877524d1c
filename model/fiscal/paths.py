"""What an extra or lost euro leaves, year by year: one municipality's formulas run over several years.

Two views of the same arithmetic. `shock_path` gives the change of a municipality's net revenue per year after a tax
changes; `retention` sums up one extra euro: what stays after levy, lower allocation and higher district levy. Over a
path long enough for the two-year lag and its echo, retention is minus the sum of the shock path per euro lost.

Held fixed on a path: rates, population, the Grundbetrag and the levy rate of the district (a municipality is small in
its state and, for these views, in its district). Allocations are not rounded to multiples of 4 here, so that the
identity is exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError, Problem, closest
from .capacity import TaxYear
from .equalisation import assess
from .levies import district_levy, levy_base
from .taxes import trade_tax_levy

if TYPE_CHECKING:
    from .amounts import FloatArray
    from .law import Law

LAG_AND_ECHO_YEARS = 4
"""Years after which a one-year change has passed through: two of lag, one of echo in the levy base, and the year
itself."""
SOURCES = ("property_a", "property_b", "trade", "income", "compensation", "turnover")
"""Taxes a change can start from (fields of `TaxYear`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A municipality in a steady state: receipts and rates of every year, inhabitants, children in day care, district
    levy.

    `levy_rate` is the district's rate in percent; `special` says whether special allocations are paid.
    """

    taxes: TaxYear
    population: float
    levy_rate: float
    children: float = 0.0
    special: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MunicipalPath:
    """Yearly amounts of one municipality, EUR, shape (years,): gross taxes, trade-tax levy, allocation, district
    levy."""

    taxes: FloatArray
    trade_tax_levy: FloatArray
    allocation: FloatArray
    district_levy: FloatArray

    @property
    def net(self) -> FloatArray:
        """Return taxes and allocation after both levies, EUR per year."""
        return self.taxes - self.trade_tax_levy + self.allocation - self.district_levy


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What one extra euro of a tax leaves: shares of that euro, positive for money that comes, negative for money that
    goes.

    `received` is the net receipt in the year t itself, `allocation` the change of the key allocation in t + 2, `levy`
    the change of the district levy in t + 2, `echo` its change in t + 3 (the lower allocation lowers the levy base),
    `kept` the sum.
    """

    received: float
    allocation: float
    levy: float
    echo: float
    kept: float


def municipal_path(
    town: Town, changes: Mapping[str, FloatArray] | None = None, *, law: Law, years: int = 5, laws: tuple[Law, ...] = ()
) -> MunicipalPath:
    """Return the yearly amounts of a town, first as it was for ever, then with `changes` of its receipts.

    Parameters
    ----------
    town
        The steady state; it also describes the years before the path.
    changes
        EUR added to the receipts of a tax (name as in `TaxYear`), one number per year; missing years mean no change.
    law
        The law of every year, or, with `laws` given, only of the years before.
    years
        Length of the path.
    laws
        One law per year where the law itself changes on the way (for instance the levy multiplier in 2020).
    """
    added = _changes(changes or {}, years)
    by_year = laws or (law,) * years
    if len(by_year) != years:
        raise InputError(
            Problem("one law per year of the path is needed", value=str(len(by_year)), expected=str(years))
        )

    taxes = [
        replace(town.taxes, **{n: getattr(town.taxes, n) + series[t] for n, series in added.items()})
        for t in range(years)
    ]
    gross, levies, allocations, district = (np.zeros(years) for _ in range(4))
    previous = _allocation(town, town.taxes, law)[0]
    for t, year_law in enumerate(by_year):
        # Two years of lag: before the path has reached t = 2 the steady state speaks.
        allocation, capacity = _allocation(town, taxes[t - 2] if t >= 2 else town.taxes, year_law)
        gross[t] = sum(float(getattr(taxes[t], name)) for name in SOURCES)
        levies[t] = trade_tax_levy(taxes[t].trade, taxes[t].rate_trade, law=year_law)
        allocations[t] = allocation
        district[t] = district_levy(levy_base(capacity, previous, law=year_law), town.levy_rate)
        previous = allocation
    return MunicipalPath(taxes=gross, trade_tax_levy=levies, allocation=allocations, district_levy=district)


def shock_path(
    town: Town, source: str, amount: float, *, law: Law, years: int = 5, permanent: bool = False
) -> FloatArray:
    """Return the change of the town's net revenue per year, EUR, when a tax brings `amount` more (negative: less).

    The change lasts one year, or for good with `permanent`. A loss of trade tax is felt in full in t and t + 1; the
    equalisation answers in t + 2 and takes part of its answer back in t + 3.
    """
    change = _difference(town, source, amount, law=law, years=years, permanent=permanent)
    return change.net


def retention(town: Town, source: str, *, law: Law, amount: float = 1_000.0) -> Retention:
    """Return what one extra euro of a tax leaves in a town, measured with `amount` EUR more in one year.

    The amount must be small enough not to push the town into another regime (out of the allocation, over the slice).
    """
    change = _difference(town, source, amount, law=law, years=LAG_AND_ECHO_YEARS, permanent=False)
    return Retention(
        received=float(change.net[0]) / amount,
        allocation=float(change.allocation[2]) / amount,
        levy=-float(change.district_levy[2]) / amount,
        echo=-float(change.district_levy[3]) / amount,
        kept=float(change.net.sum()) / amount,
    )


def reference_towns(*, law: Law, trade_rate: float = 350.0, levy_rate: float = 42.5) -> Mapping[str, Town]:
    """Return three small towns well inside the three regimes of the law: `recipient`, `slice` and `abundant`.

    A recipient whose income tax lies above the slice, a recipient whose income tax lies inside it, and a town too
    strong for any allocation. Invented figures, all rates at `trade_rate`; only the regime matters for what a euro
    leaves.
    """
    people = 4_000.0
    limit = law.income_slice_limit * law.state_mean_income_tax * people
    need = 1.12 * people * law.base_amount

    def town(trade: float, income: float) -> Town:
        taxes = TaxYear(
            property_b=0.08 * need,
            trade=trade,
            income=income,
            rate_a=trade_rate,
            rate_b=trade_rate,
            rate_trade=trade_rate,
        )
        return Town(taxes=taxes, population=people, levy_rate=levy_rate, special=False)

    return MappingProxyType(
        {
            "recipient": town(0.2 * need, 1.2 * limit),
            "slice": town(0.2 * need, 0.8 * limit),
            "abundant": town(3.0 * need, 1.2 * limit),
        }
    )


def retention_table(*, law: Law, trade_rate: float = 350.0, levy_rate: float = 42.5) -> Mapping[str, Retention]:
    """Return what an extra euro leaves, by revenue: the five rows every treasurer asks for.

    >>> from kreislauf.model.fiscal.law import law
    >>> round(retention_table(law=law(2016))["trade"].kept, 3)
    0.251
    """
    towns = reference_towns(law=law, trade_rate=trade_rate, levy_rate=levy_rate)
    rows = {
        "trade": ("recipient", "trade"),
        "property_b": ("recipient", "property_b"),
        "income_above_slice": ("recipient", "income"),
        "income_in_slice": ("slice", "income"),
        "trade_abundant": ("abundant", "trade"),
    }
    return MappingProxyType({row: retention(towns[town], tax, law=law) for row, (town, tax) in rows.items()})


def resident_value(town: Town, *, law: Law, previous_population: FloatArray | None = None) -> tuple[float, float]:
    """Return what one more resident adds to the allocation, EUR per year, and what of it the district levy leaves.

    With `previous_population` (ten years) the demography rule applies: below its own ten-year mean a municipality gains
    nothing through its points at first. Income tax of the resident is not counted. Where the income tax lies above the
    slice, a resident also widens the slice and so lowers the capacity; inside the slice that effect is nil.
    """
    return _marginal(town, replace(town, population=town.population + 1.0), law=law, previous=previous_population)


def kita_child_value(town: Town, *, law: Law) -> tuple[float, float]:
    """Return what one more child in day care adds to the allocation, EUR per year, and what the district levy
    leaves."""
    return _marginal(town, replace(town, children=town.children + 1.0), law=law, previous=None)


def _marginal(before: Town, after: Town, *, law: Law, previous: FloatArray | None) -> tuple[float, float]:
    """Return the lasting change of the allocation and of the allocation less the district levy, EUR per year."""
    old, new = (_allocation(town, town.taxes, law, previous) for town in (before, after))
    allocation, capacity = new[0] - old[0], new[1] - old[1]
    charged = capacity + law.levy_share_of_allocation * allocation
    return allocation, allocation - before.levy_rate / 100.0 * charged


def _allocation(town: Town, taxes: TaxYear, law: Law, previous: FloatArray | None = None) -> tuple[float, float]:
    """Return the unrounded key allocation and the tax capacity a tax year leads to, EUR."""
    result = assess(
        taxes,
        population=town.population,
        previous_population=previous,
        children=town.children,
        special=town.special,
        law=law,
    )
    return float(result.exact), float(result.capacity.total)


def _difference(town: Town, source: str, amount: float, *, law: Law, years: int, permanent: bool) -> MunicipalPath:
    series = np.zeros(years)
    series[: years if permanent else 1] = amount
    with_change = municipal_path(town, {source: series}, law=law, years=years)
    without = municipal_path(town, law=law, years=years)
    return MunicipalPath(
        taxes=with_change.taxes - without.taxes,
        trade_tax_levy=with_change.trade_tax_levy - without.trade_tax_levy,
        allocation=with_change.allocation - without.allocation,
        district_levy=with_change.district_levy - without.district_levy,
    )


def _changes(changes: Mapping[str, FloatArray], years: int) -> dict[str, FloatArray]:
    padded: dict[str, FloatArray] = {}
    for name, series in changes.items():
        if name not in SOURCES:
            raise InputError(Problem("unknown tax", value=name, expected=closest(name, SOURCES)))
        given = np.atleast_1d(np.asarray(series, dtype=np.float64))[:years]
        padded[name] = np.concatenate([given, np.zeros(years - given.size)])
    return padded
