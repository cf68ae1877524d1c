"""The tax capacity of a municipality (Steuerkraftmesszahl, BayFAG Art. 4): what it could raise at the state's levelling
rates.

The capacity of equalisation year t is made of the receipts, rates and levy multiplier of tax year t - 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .amounts import Numbers, plain, require_finite, require_not_negative, require_percent
from .taxes import HIGHEST_RATE_PERCENT, trade_tax_rate

if TYPE_CHECKING:
    from .law import Law


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxYear:
    """Receipts (Istaufkommen, EUR) and rates (Hebesätze, percent) of one calendar year; floats or arrays of
    municipalities.

    `income` is the income-tax share, `compensation` the Einkommensteuerersatz, `turnover` the turnover-tax share. A
    property-tax rate may be left at the levelling rate of 310 % where nothing is received.
    """

    property_a: Numbers = 0.0
    property_b: Numbers = 0.0
    trade: Numbers = 0.0
    income: Numbers = 0.0
    compensation: Numbers = 0.0
    turnover: Numbers = 0.0
    rate_a: Numbers = 310.0
    rate_b: Numbers = 310.0
    rate_trade: Numbers = 310.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """The parts of the tax capacity (EUR) as they stand on the notice of the state office for statistics."""

    property_a: Numbers
    property_b: Numbers
    trade: Numbers
    excess: Numbers
    income: Numbers
    turnover: Numbers

    @property
    def total(self) -> Numbers:
        """Return the Steuerkraftmesszahl (StKMZ), EUR."""
        return self.property_a + self.property_b + self.trade + self.excess + self.income + self.turnover


def tax_base(receipts: Numbers, rate_percent: Numbers) -> Numbers:
    """Return the base of a tax at 100 % (Grundbetrag GB of the tax), EUR: Ist / h * 100 (BayFAG Art. 4; FAGDV § 4).

    Zero receipts at a rate of zero are a base of zero; receipts at a rate of zero cannot be.

    >>> tax_base(350_000.0, 350.0)
    100000.0
    """
    paid = require_finite(receipts, "the tax receipts (Istaufkommen)", "BayFAG Art. 4")
    none = paid == 0.0
    rate = np.where(none, 100.0, np.asarray(rate_percent, dtype=np.float64))
    high = HIGHEST_RATE_PERCENT
    require_percent(rate, "a tax rate (Hebesatz) with receipts", "BayFAG Art. 4", low=1.0, high=high)
    return plain(paid / rate * 100.0)


def levelled_property_tax(receipts: Numbers, rate_percent: Numbers, levelling_percent: float) -> Numbers:
    """Return the capacity figure of a property tax (Steuerkraftzahl), EUR: GB * levelling rate / 100 (BayFAG Art. 4
    (2))."""
    return plain(np.asarray(tax_base(receipts, rate_percent)) * levelling_percent / 100.0)


def levelled_trade_tax(receipts: Numbers, rate_percent: Numbers, *, law: Law) -> Numbers:
    """Return the capacity figure of the trade tax, EUR: GB * (levelling rate - V of the tax year) / 100 (BayFAG Art. 4
    (2)).

    A lower multiplier V two years earlier raises the figure for the same business: the end of the federal surcharge in
    2020 is partly taken back from 2022 on.
    """
    trade_tax_rate(rate_percent, law=law)
    share = (law.levelling_trade - law.tax_year_multiplier) / 100.0
    return plain(np.asarray(tax_base(receipts, rate_percent)) * share)


def excess_receipts(receipts: Numbers, rate_percent: Numbers, levelling_percent: float, *, law: Law) -> Numbers:
    """Return what counts of receipts above the levelling rate, EUR: 10 % of GB * max(0, h - 310) / 100 (BayFAG Art. 4,
    since 2016)."""
    above = np.maximum(0.0, np.asarray(rate_percent, dtype=np.float64) - levelling_percent) / 100.0
    return plain(law.excess_share * np.asarray(tax_base(receipts, rate_percent)) * above)


def levelled_income_tax(income: Numbers, compensation: Numbers, population: Numbers, *, law: Law) -> Numbers:
    """Return the capacity figure of the income-tax share and its compensation, EUR (BayFAG Art. 4 (2), slice rule).

    Receipts E up to half the state mean per inhabitant count with 65 %, what lies above counts in full. `population` is
    the number of inhabitants of 31.12. of t - 2; the state mean is `law.state_mean_income_tax`.
    """
    received = require_finite(income, "the income-tax share", "BayFAG Art. 4") + require_finite(
        compensation, "the income-tax compensation", "BayFAG Art. 4"
    )
    inhabitants = require_not_negative(population, "the number of inhabitants", "FAGDV § 1")
    limit = law.income_slice_limit * law.state_mean_income_tax * inhabitants
    return plain(law.income_slice_weight * np.minimum(received, limit) + np.maximum(0.0, received - limit))


def tax_capacity(taxes: TaxYear, *, population: Numbers, law: Law) -> Capacity:
    """Return the tax capacity (Steuerkraftmesszahl) of equalisation year `law.year` in its parts, EUR (BayFAG Art. 4).

    `taxes` are those of `law.year` - 2, `population` the inhabitants of 31.12. of `law.year` - 2.

    >>> from kreislauf.model.fiscal.law import law
    >>> parts = tax_capacity(TaxYear(trade=350_000.0, rate_trade=350.0), population=1_000, law=law(2016))
    >>> round(parts.trade), round(parts.excess), round(parts.total)
    (241000, 4000, 245000)
    """
    trade_tax_rate(taxes.rate_trade, law=law)  # first, so that the refusal names the right article
    a, b, trade = law.levelling_property_a, law.levelling_property_b, law.levelling_trade
    excess = (
        np.asarray(excess_receipts(taxes.property_a, taxes.rate_a, a, law=law))
        + excess_receipts(taxes.property_b, taxes.rate_b, b, law=law)
        + excess_receipts(taxes.trade, taxes.rate_trade, trade, law=law)
    )
    turnover = require_finite(taxes.turnover, "the turnover-tax share", "BayFAG Art. 4")
    return Capacity(
        property_a=levelled_property_tax(taxes.property_a, taxes.rate_a, a),
        property_b=levelled_property_tax(taxes.property_b, taxes.rate_b, b),
        trade=levelled_trade_tax(taxes.trade, taxes.rate_trade, law=law),
        excess=plain(excess),
        income=levelled_income_tax(taxes.income, taxes.compensation, population, law=law),
        turnover=plain(law.turnover_weight * turnover),
    )
