"""The municipal fiscal law of Bavaria: every formula as a pure function of one year's inputs, each with its article.

A treasurer can check one municipality by hand::

    from kreislauf.model.fiscal import bavaria

    year = bavaria.law(2018)                      # numbers of equalisation year 2018, with sources in
    bavaria_parameters.csv taxes = bavaria.TaxYear(trade=900_000.0, rate_trade=350.0, income=1_900_000.0, ...)    #
    receipts and rates of 2016 result = bavaria.assess(taxes, population=4_200, children=190, law=year)
    result.capacity.total, result.requirement, result.amount

The functions stand in five files by subject: own and shared taxes (`taxes`), tax capacity (`capacity`), key allocations
and grants (`equalisation`), levies (`levies`), the federal share of housing costs (`housing_cost`). Numbers by year are
data (`law`). Amounts are floats in euros inside the law; `to_cents` and `round_to_instalments` (see `amounts`) are the
only ways to round. Every function takes one municipality or a NumPy array of municipalities.
"""

from __future__ import annotations

from .amounts import FloatArray, Numbers, round_to_instalments, to_cents, to_euros
from .capacity import (
    Capacity,
    TaxYear,
    excess_receipts,
    levelled_income_tax,
    levelled_property_tax,
    levelled_trade_tax,
    tax_base,
    tax_capacity,
)
from .equalisation import (
    BASE_AMOUNT_TOLERANCE_EUR,
    Allocation,
    assess,
    counted_population,
    data_year,
    district_allocation,
    district_points,
    grants_per_head,
    implied_capacity,
    independent_city_points,
    kita_points,
    main_points,
    main_points_percent,
    regular_allocation,
    requirement,
    shared_tax_mass,
    solve_base_amount,
    special_allocation,
    split_key_mass,
    structural_points,
)
from .housing_cost import (
    HousingCostShare,
    federal_housing_cost_share,
    housing_cost_revisions,
    housing_cost_shares,
    local_housing_cost,
)
from .law import DATA_LAG_YEARS, DEMOGRAPHY_YEARS, Law, LawParameter, law, levy_multiplier, parameter, parameter_table
from .levies import (
    district_levy,
    levy,
    levy_base,
    levy_needs_approval,
    levy_point,
    levy_rate_for,
    levy_rates_too_far_apart,
    levy_rise,
    regional_levy,
)
from .taxes import (
    income_tax_compensation,
    income_tax_key,
    income_tax_key_years,
    income_tax_pool,
    income_tax_share,
    property_tax,
    trade_tax,
    trade_tax_assessment,
    trade_tax_levy,
    trade_tax_rate,
    turnover_tax_key,
    turnover_tax_share,
)

NAME = "bavaria"
"""How a region file asks for this law (`fiscal_law = "bavaria"`)."""

__all__ = [
    "BASE_AMOUNT_TOLERANCE_EUR",
    "DATA_LAG_YEARS",
    "DEMOGRAPHY_YEARS",
    "NAME",
    "Allocation",
    "Capacity",
    "FloatArray",
    "HousingCostShare",
    "Law",
    "LawParameter",
    "Numbers",
    "TaxYear",
    "assess",
    "counted_population",
    "data_year",
    "district_allocation",
    "district_levy",
    "district_points",
    "excess_receipts",
    "federal_housing_cost_share",
    "grants_per_head",
    "housing_cost_revisions",
    "housing_cost_shares",
    "implied_capacity",
    "income_tax_compensation",
    "income_tax_key",
    "income_tax_key_years",
    "income_tax_pool",
    "income_tax_share",
    "independent_city_points",
    "kita_points",
    "law",
    "levelled_income_tax",
    "levelled_property_tax",
    "levelled_trade_tax",
    "levy",
    "levy_base",
    "levy_multiplier",
    "levy_needs_approval",
    "levy_point",
    "levy_rate_for",
    "levy_rates_too_far_apart",
    "levy_rise",
    "local_housing_cost",
    "main_points",
    "main_points_percent",
    "parameter",
    "parameter_table",
    "property_tax",
    "regional_levy",
    "regular_allocation",
    "requirement",
    "round_to_instalments",
    "shared_tax_mass",
    "solve_base_amount",
    "special_allocation",
    "split_key_mass",
    "structural_points",
    "tax_base",
    "tax_capacity",
    "to_cents",
    "to_euros",
    "trade_tax",
    "trade_tax_assessment",
    "trade_tax_levy",
    "trade_tax_rate",
    "turnover_tax_key",
    "turnover_tax_share",
]
