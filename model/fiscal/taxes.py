"""Own and shared taxes of a municipality (GewStG, GrStG, GemFinRefG), one function per formula.

Amounts are euros per year, rates (Hebesätze) percent. Receipts may be negative where refunds of earlier years exceed
the payments; assessments, populations and rates may not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .amounts import Numbers, plain, require_finite, require_not_negative, require_percent

if TYPE_CHECKING:
    from .law import Law

HIGHEST_RATE_PERCENT = 2_000.0
"""No law caps a rate; above this a value is taken for a slip of the pen (the highest in Germany is about 1,050)."""
TURNOVER_KEY_WEIGHTS = (0.25, 0.50, 0.25)
"""Weights of trade tax, insured employees and insured wages in the turnover-tax key (GemFinRefG § 5b)."""
INCOME_TAX_KEY_FIRST_YEAR = 2015
"""First year of one of the three-year periods of the income-tax key (GemFinRefG § 3)."""
INCOME_TAX_KEY_YEARS = 3
"""Years a key of the income-tax share stays in force (GemFinRefG § 3)."""


def property_tax(assessment: Numbers, rate_percent: Numbers) -> Numbers:
    """Return the property tax A or B (Grundsteuer), EUR: Messbetrag * h / 100 (GrStG § 25).

    >>> property_tax(100_000.0, 350.0)
    350000.0
    """
    base = require_not_negative(assessment, "the assessed amount (Messbetrag)", "GrStG § 13")
    rate = require_percent(
        rate_percent, "a property-tax rate (Hebesatz)", "GrStG § 25", low=0.0, high=HIGHEST_RATE_PERCENT
    )
    return plain(base * rate / 100.0)


def trade_tax_assessment(trade_income: Numbers, *, law: Law, corporation: bool | np.ndarray = False) -> Numbers:
    """Return the assessed amount of the trade tax (Steuermessbetrag), EUR: 3.5 % of the trade income (GewStG § 11).

    Natural persons and partnerships first take off the allowance of 24,500 EUR (Freibetrag); a corporation has none.
    A loss gives an assessment of zero.

    >>> from kreislauf.model.fiscal.law import law
    >>> round(trade_tax_assessment(124_500.0, law=law(2016)), 6)
    3500.0
    """
    income = require_finite(trade_income, "the trade income (Gewerbeertrag)", "GewStG § 7")
    allowance = np.where(corporation, 0.0, law.trade_tax_allowance)
    return plain(law.trade_tax_factor * np.maximum(0.0, income - allowance))


def trade_tax(assessment: Numbers, rate_percent: Numbers, *, law: Law) -> Numbers:
    """Return the trade tax (Gewerbesteuer), EUR: Messbetrag * h / 100 (GewStG § 16 (1)); h is at least 200 % (§ 16
    (4)).

    >>> from kreislauf.model.fiscal.law import law
    >>> trade_tax(3_500.0, 350.0, law=law(2016))
    12250.0
    """
    base = require_not_negative(assessment, "the assessed amount (Messbetrag)", "GewStG § 14")
    return plain(base * trade_tax_rate(rate_percent, law=law) / 100.0)


def trade_tax_rate(rate_percent: Numbers, *, law: Law) -> Numbers:
    """Return the trade-tax rate (Gewerbesteuer-Hebesatz), percent, or refuse one below 200 % (GewStG § 16 (4))."""
    low = law.trade_tax_minimum_rate
    rate = require_percent(
        rate_percent, "a trade-tax rate (Hebesatz)", "GewStG § 16 (4)", low=low, high=HIGHEST_RATE_PERCENT
    )
    return plain(rate)


def trade_tax_levy(receipts: Numbers, rate_percent: Numbers, *, law: Law, multiplier: float | None = None) -> Numbers:
    """Return the trade-tax levy to federation and state (Gewerbesteuerumlage), EUR: Ist / h * V (GemFinRefG § 6 (2)).

    V is `law.multiplier` unless given. Where refunds exceed receipts the levy is negative: it is refunded too (§ 6
    (6)).

    >>> from kreislauf.model.fiscal.law import law
    >>> round(trade_tax_levy(1_000_000.0, 350.0, law=law(2016)), 2)
    197142.86
    """
    paid = require_finite(receipts, "the trade-tax receipts (Istaufkommen)", "GemFinRefG § 6")
    v = law.multiplier if multiplier is None else multiplier
    return plain(paid / trade_tax_rate(rate_percent, law=law) * v)


def income_tax_pool(wage_and_assessed: Numbers, capital: Numbers, *, law: Law) -> Numbers:
    """Return what the municipalities of the state share of income taxes, EUR (GemFinRefG § 1).

    15 % of wage tax and assessed income tax (Lohnsteuer, veranlagte Einkommensteuer), 12 % of the tax on capital income
    (Abgeltungsteuer).
    """
    wages = require_finite(wage_and_assessed, "the wage and assessed income tax", "GemFinRefG § 1")
    yields = require_finite(capital, "the tax on capital income", "GemFinRefG § 1")
    return plain(law.income_tax_pool_wage * wages + law.income_tax_pool_capital * yields)


def income_tax_key(capped_income_tax: np.ndarray) -> np.ndarray:
    """Return the keys of the income-tax share (Schlüsselzahlen), shares that sum to 1 (GemFinRefG § 3).

    `capped_income_tax` is the income tax of each municipality on taxable incomes up to 35,000 / 70,000 EUR, EUR. A
    world without any such tax is shared equally.
    """
    tax = require_not_negative(capped_income_tax, "the income tax up to the limit", "GemFinRefG § 3")
    total = tax.sum()
    return tax / total if total > 0.0 else np.full(tax.shape, 1.0 / tax.size)


def income_tax_key_years(year: int, *, law: Law) -> tuple[int, int]:
    """Return (first year of the key's three-year period, year of the tax statistics behind it) (GemFinRefG § 3).

    The age of the statistics is `law.income_tax_key_data_age`: someone who finds work in year t raises the key of the
    municipality three to six years later.

    >>> from kreislauf.model.fiscal.law import law
    >>> income_tax_key_years(2020, law=law(2020))
    (2018, 2014)
    """
    first = INCOME_TAX_KEY_FIRST_YEAR + INCOME_TAX_KEY_YEARS * (
        (year - INCOME_TAX_KEY_FIRST_YEAR) // INCOME_TAX_KEY_YEARS
    )
    return first, first - round(law.income_tax_key_data_age)


def income_tax_share(pool: Numbers, key: Numbers) -> Numbers:
    """Return the municipal share of the income tax (Gemeindeanteil an der Einkommensteuer), EUR: pool * key (GemFinRefG
    § 2)."""
    shares = require_not_negative(key, "the key of the income-tax share (Schlüsselzahl)", "GemFinRefG § 3")
    return plain(np.asarray(pool, dtype=np.float64) * shares)


def income_tax_compensation(income_tax: Numbers, *, law: Law) -> Numbers:
    """Return the compensation paid with the income-tax share (Einkommensteuerersatz), EUR (BayFAG Art. 1b).

    A ratio of about 9 % of the share, derived from published amounts.
    """
    return plain(law.income_tax_compensation_ratio * np.asarray(income_tax, dtype=np.float64))


def turnover_tax_key(
    trade_tax_receipts: np.ndarray,
    insured_employees: np.ndarray,
    insured_wages: np.ndarray,
    rate_percent: np.ndarray,
) -> np.ndarray:
    """Return the keys of the turnover-tax share, shares that sum to 1 (GemFinRefG § 5b; in full force since 2018).

    A quarter follows trade-tax receipts (EUR), half insured employees at the place of work (persons), a quarter insured
    wages (EUR), the latter two weighted with the trade-tax rate (percent). A part nobody has (a world without trade
    tax) is left out.
    """
    rates = require_not_negative(rate_percent, "the trade-tax rate", "GemFinRefG § 5b")
    parts = (
        require_not_negative(trade_tax_receipts, "the trade-tax receipts", "GemFinRefG § 5b"),
        require_not_negative(insured_employees, "the number of insured employees", "GemFinRefG § 5b") * rates,
        require_not_negative(insured_wages, "the sum of insured wages", "GemFinRefG § 5b") * rates,
    )
    present = [(weight, part) for weight, part in zip(TURNOVER_KEY_WEIGHTS, parts, strict=True) if part.sum() > 0.0]
    if not present:
        return np.full(rates.shape, 1.0 / rates.size)
    weights = sum(weight for weight, _ in present)
    key = np.zeros(rates.shape)
    for weight, part in present:
        key += weight / weights * part / part.sum()
    return key


def turnover_tax_share(pool: Numbers, key: Numbers) -> Numbers:
    """Return the municipal share of the turnover tax (Gemeindeanteil an der Umsatzsteuer), EUR: pool * key (GemFinRefG
    § 5a)."""
    shares = require_not_negative(key, "the key of the turnover-tax share", "GemFinRefG § 5b")
    return plain(np.asarray(pool, dtype=np.float64) * shares)
