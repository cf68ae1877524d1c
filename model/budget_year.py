"""The year of a municipality's budget in figures: what it begins with, what it comes to, and what is carried over.

All amounts are whole cents, int64 by municipality (M,); the rules are pure and the passes over all municipalities are
compiled.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..agents.jit import rule


@rule
def levy_of(base: int, rate: float) -> int:
    """Return the levy on a base at a rate in percent: in hundredths of a percent it is a whole number, so the levy is
    exact.

    >>> levy_of(100_000_00, 42.5)
    4250000
    """
    return base * int(np.rint(rate * 100)) // 10_000


@rule
def interest_of(debt: int, cash_credit: int, debt_rate: float, credit_rate: float) -> int:
    """Return the year's interest on debt and on cash credits.

    >>> interest_of(1_000_000, 500_000, 0.02, 0.03)
    35000
    """
    return int(np.rint(debt_rate * debt + credit_rate * cash_credit))


@rule
def invested(margin: int, share: float) -> int:
    """Return what of a free margin goes into investment; nothing of a deficit.

    >>> invested(1000, 0.8), invested(-1000, 0.8)
    (800, 0)
    """
    return int(np.rint(max(0, margin) * share))


@rule
def credit_change(balance: int, cash_credit: int) -> int:
    """Return what a municipality borrows at the end of the year to cover a negative balance, or pays back (negative) of
    its cash credit out of a positive one.

    >>> credit_change(-500, 100), credit_change(300, 100), credit_change(50, 100)
    (500, -100, -50)
    """
    return -balance if balance < 0 else -min(cash_credit, balance)


@rule
def open_year(
    levy_base: Any, rate: Any, district_of: Any, debt: Any, repayment: Any, cash_credit: Any, margin: Any,
    debt_rate: float, credit_rate: float, invested_share: float, levy: Any, interest: Any, repaid: Any, investment: Any,
) -> None:  # fmt: skip
    """Write the year's `levy` at the districts' rates (D,), `interest`, what is `repaid` and the `investment`: a share
    of last year's margin, nothing where a cash credit is open.
    """
    for m in range(len(levy_base)):
        levy[m] = levy_of(levy_base[m], rate[district_of[m]])
        interest[m] = interest_of(debt[m], cash_credit[m], debt_rate, credit_rate)
        repaid[m] = min(repayment[m], debt[m])
        investment[m] = 0 if cash_credit[m] > 0 else invested(margin[m], invested_share)


@rule
def close_year(
    free: Any, opened: Any, own: Any, investment: Any, loan: Any, repaid: Any, debt: Any, cash_credit: Any, credit: Any,
    closed: Any,
) -> None:  # fmt: skip
    """Write what the year came to into `closed` (5, M): cost of the tasks, free margin, cash credit, reserve and debt;
    and what of a cash `credit` is taken up or paid back.

    `free` are the balances now and `opened` those at the start, `own` what the municipalities took in less what they
    spent but for the tasks.
    """
    for m in range(len(free)):
        margin = free[m] - opened[m] + investment[m] - loan[m]
        credit[m] = credit_change(free[m], cash_credit[m])
        closed[0, m] = own[m] - margin
        closed[1, m] = margin
        closed[2, m] = cash_credit[m] + credit[m]
        closed[3, m] = free[m] + credit[m]
        closed[4, m] = debt[m] - repaid[m] + loan[m]


@rule
def own_result(amounts: Any, town: Any, sign: Any, result: Any) -> None:
    """Write into `result` (M,) what the municipalities take in less what they spend, cents.

    `sign` (N,) is 1 for amounts that are revenue of the municipality `town`, -1 for spending, else 0.
    """
    result[:] = 0
    for i in range(len(amounts)):
        if sign[i] != 0:
            result[town[i]] += amounts[i] * sign[i]
