"""When the money of a budget moves: payer, payee, and the months in which a yearly amount is due in parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from ..agents.jit import rule

MONTHLY = tuple(range(1, 13))
TAX_DATES = (2, 5, 8, 11)
"""15 February, May, August and November (GrStG § 28, GewStG § 19; the shared taxes follow quarterly)."""
QUARTER_ENDS = (3, 6, 9, 12)
"""Key allocations and grants per head come in four equal parts (FAGDV § 6)."""
TRADE_LEVY_DATES = (5, 8, 11)
"""Advances of the trade-tax levy on 1 May, 1 August and 1 November, a quarter each; the rest follows on 1 February of
the next year (GemFinRefG § 6 (7))."""


@dataclass(frozen=True, slots=True)
class Line:
    """A yearly amount: who pays whom, as what, in which months, in how many parts.

    Accounts `towns`, `districts` and `levied_by` (each town's district) stand for many, others are names on the ledger.
    `settled_in` is the month of the next year in which what was not paid is settled; 0 when the year pays all.
    """

    payer: str
    payee: str
    purpose: str
    months: tuple[int, ...]
    parts: int
    settled_in: int = 0


def _line(payer: str, payee: str, purpose: str, months: tuple[int, ...] = MONTHLY) -> Line:
    return Line(payer, payee, purpose, months, len(months))


CALENDAR: Mapping[str, Line] = MappingProxyType(
    {
        "property_a": _line("taxpayers", "towns", "property_tax_a", TAX_DATES),
        "property_b": _line("taxpayers", "towns", "property_tax_b", TAX_DATES),
        "trade": _line("taxpayers", "towns", "trade_tax", TAX_DATES),
        "income": _line("land", "towns", "income_tax_share", TAX_DATES),
        "compensation": _line("land", "towns", "income_tax_compensation", TAX_DATES),
        "turnover": _line("land", "towns", "turnover_tax_share", TAX_DATES),
        "trade_levy": Line("towns", "land", "trade_tax_levy", TRADE_LEVY_DATES, 4, settled_in=2),
        "key_allocation": _line("land", "towns", "key_allocation", QUARTER_ENDS),
        "grants": _line("land", "towns", "grants_per_head", QUARTER_ENDS),
        "extra_revenue": _line("land", "towns", "extra_revenue", QUARTER_ENDS),
        "aid": _line("land", "towns", "stabilisation_aid", (12,)),
        "levy": _line("towns", "levied_by", "levy"),
        "other_spending": _line("towns", "suppliers", "other_spending"),
        "interest": _line("towns", "capital_market", "interest"),
        "repayment": _line("towns", "capital_market", "repayment"),
        "loan": _line("capital_market", "towns", "loan", (12,)),
        "investment": _line("towns", "suppliers", "investment"),
        "district_allocation": _line("land", "districts", "key_allocation", QUARTER_ENDS),
        "district_grants": _line("land", "districts", "grants_per_head", QUARTER_ENDS),
        "regional_levy": _line("districts", "bezirk", "regional_levy"),
        "district_spending": _line("districts", "suppliers", "other_spending"),
        "district_investment": _line("districts", "suppliers", "investment"),
    }
)
"""Every line of a budget."""


@rule
def due_of(total: int, parts_due: int, parts: int) -> int:
    """Return what of a yearly amount (cents) is due when so many of its equal parts have fallen due.

    Parts are whole cents and add up exactly.

    >>> due_of(1000, 3, 4)
    750
    """
    return total * parts_due // parts


@rule
def fall_due(
    amounts: Any, posted: Any, skipped: Any, line: Any, parts_due: Any, parts: Any, falls_due: Any, due: Any
) -> None:
    """Write into `due` (N,) what of the yearly `amounts` (N,) is to be posted this month, and add it to `posted`.

    `line` (N,) is the line of each amount; by line are `parts_due` up to and with this month, all `parts`, and whether
    one `falls_due` this month; `skipped` is not this run's to pay. All in cents.
    """
    for i in range(len(amounts)):
        due[i] = 0
        if falls_due[line[i]]:
            due[i] = due_of(amounts[i], parts_due[line[i]], parts[line[i]]) - skipped[i] - posted[i]
            posted[i] += due[i]


NAMES = tuple(CALENDAR)
PARTS = np.array([line.parts for line in CALENDAR.values()], np.int64)
FALLS_DUE = np.array([[month in line.months for line in CALENDAR.values()] for month in range(13)])
"""Whether a part of each line falls due in a month of the year (row 0: nothing), (13, lines)."""
SETTLES = np.array([[month > 0 and month == line.settled_in for line in CALENDAR.values()] for month in range(13)])
"""Whether the rest of last year of each line is settled in a month of the year, (13, lines)."""
PARTS_DUE = np.cumsum(FALLS_DUE, axis=0, dtype=np.int64)
"""Parts of each line due up to and with a month of the year, (13, lines)."""


@rule
def move_cash(due: Any, town: Any, into_towns: Any, cash: Any) -> None:
    """Add to `cash` (M,) what the municipalities get of the amounts `due` (N,), and take off what they pay, cents.

    `town` (N,) is the municipality of each amount, `into_towns` 1 where it gets it, -1 where it pays it, else 0.
    """
    for i in range(len(due)):
        if into_towns[i] != 0:
            cash[town[i]] += due[i] * into_towns[i]


@rule
def month_due(
    amounts: Any, posted: Any, skipped: Any, line: Any, town: Any, parts_due: Any, parts: Any, falls_due: Any,
    settles: Any, owed: Any, into_towns: Any, due: Any, cash: Any,
) -> None:  # fmt: skip
    """Write into `due` (N,) what is due this month, of this year (`fall_due`) and, for lines that it `settles`, what
    each municipality still owes of last year's (`owed` (M,)), and add it to the municipalities' `cash` (`move_cash`).
    """
    fall_due(amounts, posted, skipped, line, parts_due, parts, falls_due, due)
    for i in range(len(due)):
        if settles[line[i]]:
            due[i] += owed[town[i]]
    move_cash(due, town, into_towns, cash)
