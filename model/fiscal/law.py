"""The numbers of the Bavarian fiscal law, one frozen `Law` per equalisation year, read from the tables shipped next to
this file.

Tables: `bavaria_parameters.csv` (name, years of validity, value, range, unit, confidence, source),
`bavaria_levy_multipliers.csv` (GemFinRefG § 6) and `bavaria_main_points.csv` (BayFAG Art. 3). They are read once, on
first use, and never changed; a variant of the law is a copy: `dataclasses.replace(law(2018), equalisation_rate=0.5)`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError, Problem, closest

if TYPE_CHECKING:
    from .amounts import FloatArray

_FOLDER = Path(__file__).parent
DATA_LAG_YEARS = 2
"""Equalisation of year t uses the taxes, the inhabitants and the children of t - 2 (FAGDV §§ 1, 4, 5)."""
DEMOGRAPHY_YEARS = 10
"""Years of the mean of the demography rule (BayFAG Art. 3 (2), FAGDV § 1)."""


@dataclass(frozen=True, slots=True)
class LawParameter:
    """One number of the law for a span of years, with its admissible range, unit, confidence and source."""

    name: str
    valid_from: int
    valid_to: int
    value: float
    low: float | None
    high: float | None
    unit: str
    confidence: str
    source: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """The numbers of one equalisation year; meaning, unit, source and confidence of each stand in
    `bavaria_parameters.csv`.

    Rates councils and statutes state in percent (levelling rates, multipliers) are percent; shares are between 0 and 1.
    `multiplier` is the trade-tax levy multiplier of the year itself, `tax_year_multiplier` the one of the tax year two
    years before, which the tax capacity uses.
    """

    year: int
    multiplier: float
    tax_year_multiplier: float
    levelling_property_a: float
    levelling_property_b: float
    levelling_trade: float
    excess_share: float
    income_slice_limit: float
    income_slice_weight: float
    turnover_weight: float
    equalisation_rate: float
    base_amount: float
    independent_city_supplement: float
    structural_factor: float
    structural_cap: float
    structural_tail_weight: float
    kita_weight: float
    stationed_forces_share: float
    special_threshold: float
    special_rate: float
    state_mean_capacity: float
    state_mean_income_tax: float
    levy_share_of_allocation: float
    levy_approval_jump: float
    levy_rate_spread: float
    district_equalisation_rate: float
    district_levy_power_share: float
    district_under18_factor: float
    district_social_factor: float
    district_base_amount: float
    grant_per_head: float
    shared_tax_quota: float
    key_mass_municipal_share: float
    income_tax_pool_wage: float
    income_tax_pool_capital: float
    income_tax_compensation_ratio: float
    income_tax_key_data_age: float
    trade_tax_factor: float
    trade_tax_allowance: float
    trade_tax_minimum_rate: float


@cache
def law(year: int) -> Law:
    """Return the law of an equalisation year (2015 to 2025 are complete); refuse a year no table covers.

    >>> law(2016).base_amount
    850.9
    """
    names = [field.name for field in fields(Law) if field.name not in ("year", "multiplier", "tax_year_multiplier")]
    values = {name: parameter(name, year).value for name in names}
    return Law(
        year=year,
        multiplier=levy_multiplier(year),
        tax_year_multiplier=levy_multiplier(year - DATA_LAG_YEARS),
        **values,
    )


def parameter(name: str, year: int) -> LawParameter:
    """Return one number of the law with its source; refuse an unknown name or a year outside the table.

    >>> parameter("equalisation_rate", 2016).source
    'BayFAG Art. 2 (2) (gesetze.legal/bayern/bayfag/2)'
    """
    return entry_of(parameter_table(), name, year)


def entry_of(table: Mapping[str, tuple[LawParameter, ...]], name: str, year: int) -> LawParameter:
    """Return one number of a law's table for a year; refuse an unknown name or a year outside the table."""
    if name not in table:
        raise InputError(Problem("unknown parameter of the fiscal law", value=name, expected=closest(name, table)))
    for entry in table[name]:
        if entry.valid_from <= year <= entry.valid_to:
            return entry
    years = f"{table[name][0].valid_from} to {table[name][-1].valid_to}"
    raise InputError(Problem(f"the fiscal law has no {name} for this year", value=str(year), expected=years))


@cache
def parameter_table() -> Mapping[str, tuple[LawParameter, ...]]:
    """Return every number of the law by name, each as its spans of years in order."""
    return read_parameters("bavaria_parameters.csv")


def read_parameters(file_name: str) -> Mapping[str, tuple[LawParameter, ...]]:
    """Return the numbers of a law by name, each as its spans of years in order, from a table of this folder."""
    table: dict[str, list[LawParameter]] = {}
    for row in _rows(file_name):
        entry = LawParameter(
            name=row["name"],
            valid_from=int(row["valid_from"]),
            valid_to=int(row["valid_to"]),
            value=float(row["value"]),
            low=float(row["low"]) if row["low"] else None,
            high=float(row["high"]) if row["high"] else None,
            unit=row["unit"],
            confidence=row["confidence"],
            source=row["source"],
            description=row["description"],
        )
        table.setdefault(entry.name, []).append(entry)
    spans = {name: tuple(sorted(entries, key=lambda entry: entry.valid_from)) for name, entries in table.items()}
    return MappingProxyType(spans)


def levy_multiplier(year: int) -> float:
    """Return the multiplier V of the trade-tax levy (Vervielfältiger) of a calendar year, percentage points.

    GemFinRefG § 6 (3) and the yearly regulations; western states.

    >>> levy_multiplier(2020)
    35.0
    """
    table = _multipliers()
    if year not in table:
        span = f"{min(table)} to {max(table)}"
        raise InputError(Problem("GemFinRefG § 6: no levy multiplier for this year", value=str(year), expected=span))
    return table[year]


@cache
def main_points_table() -> tuple[FloatArray, FloatArray]:
    """Return the nodes of the Hauptansatz: inhabitants and percent of inhabitants (BayFAG Art. 3 (1) Nr. 1)."""
    rows = _rows("bavaria_main_points.csv")
    inhabitants = np.array([float(row["inhabitants"]) for row in rows])
    percent = np.array([float(row["percent"]) for row in rows])
    inhabitants.flags.writeable = False
    percent.flags.writeable = False
    return inhabitants, percent


@cache
def _multipliers() -> Mapping[int, float]:
    return MappingProxyType({int(row["year"]): float(row["total"]) for row in _rows("bavaria_levy_multipliers.csv")})


def _rows(file_name: str) -> list[dict[str, str]]:
    with (_FOLDER / file_name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
