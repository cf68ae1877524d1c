"""The municipal fiscal law of Schleswig-Holstein, simplified: what the model needs of the equalisation laws of 2014 (in
force 2015-2020) and 2020 (from 2021), each function with its article.

What is simplified, and where it matters:

* The text of the laws was not at hand. The levelling rates are quoted; the shares of the equalisation, the guarantee
  and the amounts per inhabitant (Grundbeträge) are assumptions with ranges in `schleswig_holstein_parameters.csv`, set
  so that the levy base of the county of Plön in 2018 is the published one. Levels are therefore no finding; how a loss
  works through is.
* What municipalities far above their requirement pay (Finanzausgleichsumlage) is left out: at the capacities assumed
  none of the region is.
* The law of 2020 is taken to equalise as the law of 2014; its allocations for area and for burdens of the population's
  structure (§§ 7, 10 FAG 2020) are left out, as are central places (§ 10 FAG 2014) and Helgoland.
* Taxes of the twelve months to 30 June of the year before count. The model knows calendar years, so the year before
  counts as a whole (`DATA_LAG_YEARS` = 1), half a year too fresh.
* A county's allocation distinguishes no social burden (§ 9 FAG 2014).
* The levy base holds last year's allocation instead of this year's.
* A city outside the counties (Kiel) is a municipality with a county of its own; what passes between them is internal.
  The levy of an Amt on its municipalities is part of their other spending, because an Amt counts as one unit here.
* There is no Bezirk, and no grant per head for delegated tasks: it is part of the allocation.
* The federal share of housing costs is Bavaria's; the part for refugees (SGB II § 46 (9)) differs by state.

Federal law (trade-tax levy, income-tax key) is shared with `bavaria`. Amounts are EUR, rates percent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ..errors import InputError, Problem
from .amounts import Numbers, plain, require_finite, require_not_negative
from .capacity import Capacity, TaxYear, levelled_property_tax, tax_base
from .housing_cost import federal_housing_cost_share, housing_cost_shares
from .law import LawParameter, entry_of, levy_multiplier, read_parameters
from .levies import levy
from .taxes import income_tax_key_years, trade_tax_levy, trade_tax_rate

NAME = "schleswig_holstein"
"""How a region file asks for this law (`fiscal_law = "schleswig_holstein"`)."""
DATA_LAG_YEARS = 1
"""Equalisation of year t uses the taxes of t - 1: the calendar year nearest to July of t - 2 to June of t - 1."""
DEMOGRAPHY_YEARS = 1
"""There is no mean over earlier years; callers still hand over the year before, which does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """The numbers of one equalisation year; unit, range, source and confidence of each stand in the table.

    Levelling rates and multipliers are percent, shares lie between 0 and 1, amounts are EUR per inhabitant.
    """

    year: int
    multiplier: float
    tax_year_multiplier: float
    levelling_property_a: float
    levelling_property_b: float
    levelling_trade: float
    equalisation_rate: float
    guarantee_share: float
    base_amount: float
    state_mean_capacity: float
    levy_share_of_allocation: float
    levy_approval_jump: float
    district_equalisation_rate: float
    district_levy_power_share: float
    district_base_amount: float
    income_tax_compensation_ratio: float
    income_tax_key_data_age: float
    trade_tax_minimum_rate: float


_DIRECT = (
    "equalisation_rate", "guarantee_share", "base_amount", "state_mean_capacity", "levy_share_of_allocation",
    "levy_approval_jump", "district_equalisation_rate", "district_levy_power_share", "district_base_amount",
    "income_tax_compensation_ratio", "income_tax_key_data_age", "trade_tax_minimum_rate",
)  # fmt: skip


@cache
def parameter_table() -> Mapping[str, tuple[LawParameter, ...]]:
    """Return every number of the law by name, each as its spans of years in order."""
    return read_parameters("schleswig_holstein_parameters.csv")


def parameter(name: str, year: int) -> LawParameter:
    """Return one number of the law with its source; refuse an unknown name or a year outside the table.

    >>> parameter("levelling_share", 2016).confidence
    'quoted'
    """
    return entry_of(parameter_table(), name, year)


@cache
def law(year: int) -> Law:
    """Return the law of an equalisation year (2015 to 2025 are complete); refuse a year no table covers.

    A levelling rate is a share of the mean rate of the municipalities in counties, that of the trade tax at least 310 %
    (§ 7 (2) FAG 2014).

    >>> round(law(2016).levelling_trade, 1)
    317.4
    """
    share = parameter("levelling_share", year).value
    mean = {kind: parameter(f"mean_rate_{kind}", year).value for kind in ("property_a", "property_b", "trade")}
    return Law(
        year=year,
        multiplier=levy_multiplier(year),
        tax_year_multiplier=levy_multiplier(year - DATA_LAG_YEARS),
        levelling_property_a=share * mean["property_a"],
        levelling_property_b=share * mean["property_b"],
        levelling_trade=max(parameter("levelling_trade_minimum", year).value, share * mean["trade"]),
        **{name: parameter(name, year).value for name in _DIRECT},
    )


def tax_capacity(taxes: TaxYear, *, population: Numbers, law: Law) -> Capacity:
    """Return the tax capacity (Steuerkraftmesszahl) of a year in its parts, EUR (§ 7 FAG 2014).

    Own taxes count at the levelling rates, the trade tax less its levy; the shares of income and turnover tax and the
    compensation count in full. `population` is not used: there is no rule by inhabitants.

    >>> taxes = TaxYear(trade=345_000.0, rate_trade=345.0, income=500_000.0)
    >>> parts = tax_capacity(taxes, population=1_000.0, law=law(2021))
    >>> round(parts.trade), round(parts.total)
    (282400, 782400)
    """
    del population
    federal: Any = law  # the formula is the federation's; of the law it reads the lowest rate only
    trade_tax_rate(taxes.rate_trade, law=federal)
    share = (law.levelling_trade - law.tax_year_multiplier) / 100.0
    received = require_finite(taxes.income, "the income-tax share", "FAG SH § 7") + require_finite(
        taxes.compensation, "the income-tax compensation", "FAG SH § 7"
    )
    return Capacity(
        property_a=levelled_property_tax(taxes.property_a, taxes.rate_a, law.levelling_property_a),
        property_b=levelled_property_tax(taxes.property_b, taxes.rate_b, law.levelling_property_b),
        trade=plain(np.asarray(tax_base(taxes.trade, taxes.rate_trade)) * share),
        excess=plain(0.0 * received),
        income=plain(received),
        turnover=plain(require_finite(taxes.turnover, "the turnover-tax share", "FAG SH § 7")),
    )


def counted_population(
    current: Numbers, previous: np.ndarray | None = None, *, law: Law, stationed: Numbers = 0.0
) -> Numbers:
    """Return the inhabitants that count, persons: those of 31 December, nothing else (§ 6 FAG 2014)."""
    del previous, law, stationed
    return plain(require_not_negative(current, "the number of inhabitants", "FAG SH § 6"))


def main_points(population: Numbers) -> Numbers:
    """Return the points of a municipality: one per inhabitant, whatever its size (§ 6 FAG 2014)."""
    return plain(require_not_negative(population, "the number of inhabitants", "FAG SH § 6"))


def kita_points(children: Numbers, *, law: Law) -> Numbers:
    """Return zero: children in day care raise no points."""
    del law
    return plain(0.0 * np.asarray(children, dtype=np.float64))


def requirement(points: Numbers, *, law: Law, base_amount: float | None = None) -> Numbers:
    """Return the requirement (Ausgangsmesszahl), EUR: points * Grundbetrag (§ 6 FAG 2014)."""
    amount = law.base_amount if base_amount is None else base_amount
    return plain(require_not_negative(points, "the number of points", "FAG SH § 6") * amount)


def regular_allocation(required: Numbers, capacity: Numbers, *, law: Law) -> Numbers:
    """Return the key allocation (Schlüsselzuweisung), EUR: a share of the gap (§ 5 FAG 2014).

    >>> round(regular_allocation(1_150_000.0, 850_000.0, law=law(2018)), 6)
    210000.0
    """
    gap = np.asarray(required, dtype=np.float64) - require_finite(capacity, "the tax capacity", "FAG SH § 5")
    return plain(law.equalisation_rate * np.maximum(0.0, gap))


def special_allocation(capacity: Numbers, population: Numbers, *, law: Law) -> Numbers:
    """Return what lifts a weak municipality to the guarantee (Mindestgarantie), EUR (§ 5 FAG 2014).

    Capacity and regular allocation together reach at least a share of the requirement of `population` inhabitants.

    >>> round(special_allocation(0.0, 1_000.0, law=law(2018)), 6)  # 0.8 of 1,217,000 less 0.7 of 1,217,000
    121700.0
    """
    required = np.asarray(requirement(main_points(population), law=law))
    reached = np.asarray(capacity, dtype=np.float64) + regular_allocation(required, capacity, law=law)
    return plain(np.maximum(0.0, law.guarantee_share * required - reached))


def implied_capacity(allocation: Numbers, required: Numbers, population: Numbers, *, law: Law) -> Numbers:
    """Return the tax capacity that leads to a published allocation, EUR: §§ 5-6 solved for it; refuse an allocation of
    zero, which says no more than that the capacity is at least the requirement.

    >>> round(implied_capacity(210_000.0, 1_150_000.0, 1_000.0, law=law(2018)), 6)
    850000.0
    """
    del population
    paid = require_not_negative(allocation, "the key allocation", "FAG SH § 5")
    if np.any(paid == 0.0):
        message = "FAG SH § 5: the tax capacity of a municipality without allocation cannot be inferred"
        raise InputError(Problem(message, value="0", expected="an allocation above zero"))
    need = require_not_negative(required, "the requirement (Ausgangsmesszahl)", "FAG SH § 6")
    without = need - paid / law.equalisation_rate
    reached = without + law.equalisation_rate * (need - without)
    return plain(np.where(reached < law.guarantee_share * need, law.guarantee_share * need - paid, without))


def round_to_instalments(euros: Numbers) -> Numbers:
    """Return whole euros; how the Land rounds is not known."""
    return plain(np.floor(np.asarray(euros, dtype=np.float64) + 0.5))


def levy_base(capacity: Numbers, previous_allocation: Numbers, *, law: Law) -> Numbers:
    """Return the base of the county's levy (Umlagegrundlagen), EUR: capacity plus key allocation (§ 19 FAG 2014).

    >>> levy_base(850_000.0, 210_000.0, law=law(2018))
    1060000.0
    """
    allocation = require_not_negative(previous_allocation, "last year's key allocation", "FAG SH § 19")
    strength = require_finite(capacity, "the tax capacity", "FAG SH § 19")
    return plain(strength + law.levy_share_of_allocation * allocation)


def district_levy(base: Numbers, rate_percent: Numbers) -> Numbers:
    """Return the levy a municipality pays its county (Kreisumlage), EUR (§ 19 FAG 2014)."""
    return levy(base, rate_percent, article="FAG SH § 19")


def district_points(population: Numbers, *, law: Law) -> Numbers:
    """Return the points of a county or city: one per inhabitant; its social burden is left out (§ 9 FAG 2014)."""
    del law
    return plain(require_not_negative(population, "the number of inhabitants", "FAG SH § 9"))


def district_allocation(
    points: Numbers, levy_bases: Numbers, *, law: Law, base_amount: float | None = None, rounded: bool = True
) -> Numbers:
    """Return the key allocation of a county or city, EUR: a share of the gap between its requirement and its levy power
    (§ 9 FAG 2014)."""
    amount = law.district_base_amount if base_amount is None else base_amount
    required = require_not_negative(points, "the number of points", "FAG SH § 9") * amount
    power = law.district_levy_power_share * require_finite(levy_bases, "the levy bases", "FAG SH § 9")
    exact = plain(law.district_equalisation_rate * np.maximum(0.0, required - power))
    return round_to_instalments(exact) if rounded else exact


def grants_per_head(population: Numbers, *, law: Law, independent_city: bool = False) -> Numbers:
    """Return zero: delegated tasks are paid for in the key allocation."""
    del law, independent_city
    return plain(0.0 * np.asarray(population, dtype=np.float64))


def income_tax_compensation(income_tax: Numbers, *, law: Law) -> Numbers:
    """Return the compensation paid with the income-tax share (Familienleistungsausgleich), EUR."""
    return plain(law.income_tax_compensation_ratio * np.asarray(income_tax, dtype=np.float64))


__all__ = [
    "DATA_LAG_YEARS",
    "DEMOGRAPHY_YEARS",
    "NAME",
    "Law",
    "TaxYear",
    "counted_population",
    "district_allocation",
    "district_levy",
    "district_points",
    "federal_housing_cost_share",
    "grants_per_head",
    "housing_cost_shares",
    "implied_capacity",
    "income_tax_compensation",
    "income_tax_key_years",
    "kita_points",
    "law",
    "levy_base",
    "main_points",
    "parameter",
    "parameter_table",
    "regular_allocation",
    "requirement",
    "round_to_instalments",
    "special_allocation",
    "tax_capacity",
    "trade_tax_levy",
    "trade_tax_rate",
]
