"""What a month costs per person, child or course, and the share of housing costs that the federation bears.

Rates are the law's own (payment_rates.csv), shared out by parameters; what municipalities pay of their own grows
with prices from `PRICE_YEAR` on.
"""

from __future__ import annotations

import csv
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from ...calendar import month_index, year_of
from ...errors import InputError, KreislaufError
from ...fiscal import LAWS

RATE_FILE = Path(__file__).with_name("payment_rates.csv")
PRICE_YEAR = 2016


@cache
def housing_shares(law: str) -> dict[int, tuple[tuple[int, int], ...]]:
    """Return the federal share of housing cost by year as (first month it counts, per mille), in order.

    The first value of a year is paid during the year; revisions are paid at once, in the middle of the first and second
    year after it (the ordinance comes then). Raises KreislaufError when the law has no such table.
    """
    table: dict[int, tuple[tuple[int, int], ...]] = {}
    shares = getattr(LAWS.get(law), "housing_cost_shares", None)
    for year in range(2000, 2101):
        with suppress(InputError):
            rows = shares(year) if shares else ()
            table[year] = tuple(
                (month_index(f"{row.posted_in}-07" if row.stage else f"{year}-01"), round(row.total * 10))
                for row in rows
            )
    if not any(table.values()):
        known = ", ".join(name for name, module in LAWS.items() if hasattr(module, "housing_cost_shares"))
        raise KreislaufError(
            f"fiscal law {law!r} has no table of the federal share of housing cost (function housing_cost_shares); "
            f"laws that have one: {known}"
        )
    return table


@cache
def payment_rates(law: str) -> dict[str, tuple[tuple[int, float], ...]]:
    """Return rates in euros by item as (first month, value); raises KreislaufError when the law has no table."""
    table: dict[str, list[tuple[int, float]]] = {}
    with RATE_FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["law"] == law:
                table.setdefault(row["item"], []).append((month_index(row["from"]), float(row["value"])))
    missing = {"asylum_gross", "course_lesson", "sgb2_single"} - set(table)
    if missing:
        names = ", ".join(sorted(missing))
        raise KreislaufError(f"fiscal law {law!r} has no payment rates for {names}; add rows to {RATE_FILE.name}")
    return {item: tuple(sorted(rows)) for item, rows in table.items()}


@lru_cache(maxsize=4096)
def housing_share(law: str, year: int, month: int) -> int:
    """Return the federal share of the housing cost of `year`, per mille, as it is paid in `month`.

    Years before the table take its first year, so that a history before the table can run.
    """
    table = housing_shares(law)
    stages = table.get(year)
    if stages is None:
        if year > max(table):
            raise KreislaufError(
                f"the federal share of housing cost (law {law!r}) is known to {max(table)}, not for {year}"
            )
        stages = table[min(table)][:1]
    return next((share for counts_from, share in reversed(stages) if counts_from <= month), stages[0][1])


@cache
def last_revisions(law: str) -> dict[int, int]:
    """Return by year the month of the last revision of its federal share."""
    return {year: stages[-1][0] for year, stages in housing_shares(law).items()}


class RateParameters(NamedTuple):
    """The parameters that monthly rates depend on."""

    asylum_cash_share: float
    asylum_housing_share: float
    asylum_reimbursed_share: float
    state_shelter_eur_month: float
    sgb2_person_factor: float
    price_growth: float
    kita_municipal_under3_eur: float
    kita_municipal_3plus_eur: float
    pupil_material_eur: float
    outside_course_eur: float
    outside_course_district_share: float


class Rates(NamedTuple):
    """What a month costs per person, child, lesson or course, whole cents."""

    asylum_cash: int
    asylum_rent: int
    asylum_health: int
    asylum_refund: int
    shelter: int
    benefit: int
    kita_under3: int
    kita_3plus: int
    school_material: int
    lesson: int
    other_course_district: int
    other_course_land: int


@lru_cache(maxsize=4096)
def month_rates(law: str, month: int, p: RateParameters) -> Rates:
    """Return the rates of a month: the law's own, shared out by the parameters, and prices of `PRICE_YEAR` grown."""

    def rate(item: str) -> int:
        """Return a rate in cents as valid in the month (the first one before its own start)."""
        rows = payment_rates(law)[item]
        return round(next((value for start, value in reversed(rows) if start <= month), rows[0][1]) * 100)

    # A law may set the share itself; otherwise it is the parameter's.
    share_refunded = rate("asylum_reimbursed") / 100 if "asylum_reimbursed" in payment_rates(law) else None
    gross = rate("asylum_gross")
    cash, rent = round(gross * p.asylum_cash_share), round(gross * p.asylum_housing_share)
    price = (1 + p.price_growth) ** (year_of(month) - PRICE_YEAR)
    course = round(p.outside_course_eur * 100)
    share = round(course * p.outside_course_district_share)
    return Rates(
        asylum_cash=cash,
        asylum_rent=rent,
        asylum_health=gross - cash - rent,
        asylum_refund=round(gross * (share_refunded or p.asylum_reimbursed_share)),
        shelter=round(p.state_shelter_eur_month * 100),
        benefit=round(rate("sgb2_single") * p.sgb2_person_factor),
        kita_under3=round(p.kita_municipal_under3_eur * price * 100 / 12),
        kita_3plus=round(p.kita_municipal_3plus_eur * price * 100 / 12),
        school_material=round(p.pupil_material_eur * price * 100 / 12),
        lesson=rate("course_lesson"),
        other_course_district=share,
        other_course_land=course - share,
    )
