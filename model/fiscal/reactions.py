"""What a municipality does when its budget does not balance, in order: reserve, voluntary tasks, rates, loan, aid.

Each step is a pure function of euros or percent, for one municipality or an array, with the article it rests on.
`react` runs them in order and says how much of a shortfall each covers; what is left is a cash credit. The order is
observed practice (an estimate); limits are parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .amounts import plain

if TYPE_CHECKING:
    from ..parameters import Parameters
    from .amounts import FloatArray, Numbers

LAST_MONTH_FOR_A_RISE = 6
"""A rise of a tax rate for the running year must be decided by 30 June (GewStG § 16 (3), GrStG § 25 (3))."""


def minimum_reserve(mean_budget: Numbers, *, share: float) -> Numbers:
    """Return the smallest reserve (Mindestrücklage), EUR: a share of the mean current budget of three years.

    KommHV-K § 20 (from memory).

    >>> minimum_reserve(10_000_000.0, share=0.01)
    100000.0
    """
    return plain(share * np.maximum(0.0, np.asarray(mean_budget, np.float64)))


def drawn_reserve(shortfall: Numbers, reserve: Numbers, minimum: Numbers) -> Numbers:
    """Return what of a shortfall the reserve above its minimum covers, EUR (KommHV-K §§ 20, 22).

    >>> drawn_reserve(80.0, 100.0, 30.0)
    70.0
    """
    room = np.maximum(0.0, np.asarray(reserve, np.float64) - minimum)
    return plain(np.minimum(np.maximum(0.0, np.asarray(shortfall, np.float64)), room))


def cut_voluntary(shortfall: Numbers, voluntary: Numbers, *, share: float) -> Numbers:
    """Return what of a shortfall is saved on voluntary tasks within a year, EUR (GO Art. 57, 61).

    At most `share` of the spending on voluntary tasks; duties and delegated tasks cannot be cut.

    >>> cut_voluntary(80.0, 100.0, share=0.5)
    50.0
    """
    most = share * np.maximum(0.0, np.asarray(voluntary, np.float64))
    return plain(np.minimum(np.maximum(0.0, np.asarray(shortfall, np.float64)), most))


def first_year_of_rise(year: int, decided_in_month: int) -> int:
    """Return the first year a rise of a tax rate counts: the same year if decided by 30 June, else the next.

    GewStG § 16 (3), GrStG § 25 (3).

    >>> first_year_of_rise(2018, 6), first_year_of_rise(2018, 7)
    (2018, 2019)
    """
    return year if decided_in_month <= LAST_MONTH_FOR_A_RISE else year + 1


def rise_of_rates(shortfall: Numbers, rate_percent: Numbers, *, step: float, ceiling: float) -> Numbers:
    """Return by how many points a municipality with an open shortfall raises its rates (GewStG § 16, GrStG § 25).

    >>> rise_of_rates(1.0, 390.0, step=20.0, ceiling=400.0), rise_of_rates(0.0, 350.0, step=20.0, ceiling=400.0)
    (10.0, 0.0)
    """
    room = np.maximum(0.0, ceiling - np.asarray(rate_percent, np.float64))
    return plain(np.where(np.asarray(shortfall) > 0.0, np.minimum(step, room), 0.0))


def loan(shortfall: Numbers, investment: Numbers, lasting_capacity: bool | np.ndarray, *, share: float) -> Numbers:
    """Return the loan that takes the place of own money in the year's investment, EUR (GO Art. 71 (1), (2)).

    Loans pay for investment only, and only a municipality with lasting capacity gets approval.

    >>> loan(80.0, 50.0, True, share=1.0), loan(80.0, 50.0, False, share=1.0)
    (50.0, 0.0)
    """
    most = share * np.maximum(0.0, np.asarray(investment, np.float64))
    amount = np.minimum(np.maximum(0.0, np.asarray(shortfall, np.float64)), most)
    return plain(np.where(lasting_capacity, amount, 0.0))


def stabilisation_aid(
    shortfall: Numbers,
    *,
    population: Numbers,
    population_before: Numbers,
    capacity: Numbers,
    state_mean_capacity: float,
    consolidates: bool | np.ndarray,
    loss: float,
    eur_per_head: float,
    probability: float = 1.0,
) -> Numbers:
    """Return the stabilisation aid (Stabilisierungshilfe) of the following year, EUR, expected value (BayFAG Art. 11).

    Conditions: an open shortfall, tax capacity per inhabitant below the state mean, more than `loss` of the inhabitants
    lost in ten years, and a consolidation concept (own measures taken).

    >>> stabilisation_aid(
    ...     9e5, population=900.0, population_before=1000.0, capacity=5e5, state_mean_capacity=1000.0,
    ...     consolidates=True, loss=0.05, eur_per_head=50.0,
    ... )
    45000.0
    """
    people = np.asarray(population, np.float64)
    weak = np.asarray(capacity) < state_mean_capacity * people
    shrunk = people < (1.0 - loss) * np.asarray(population_before, np.float64)
    amount = np.minimum(np.maximum(0.0, np.asarray(shortfall, np.float64)), eur_per_head * people)
    return plain(np.where(weak & shrunk & np.asarray(consolidates, bool), probability * amount, 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class Reaction:
    """What covers the shortfalls of a year, EUR (M,), and the points by which rates rise; `open` is a cash credit."""

    reserve: FloatArray
    voluntary: FloatArray
    rate_points: FloatArray
    rates: FloatArray
    loan: FloatArray
    open: FloatArray


def react(
    shortfall: FloatArray,
    *,
    reserve: FloatArray,
    minimum: FloatArray,
    voluntary: FloatArray,
    rate: FloatArray,
    own_tax_base: FloatArray,
    investment: FloatArray,
    lasting_capacity: np.ndarray,
    year: int,
    parameters: Parameters,
) -> Reaction:
    """Return what M municipalities do about their shortfalls of a year, in the order of this module.

    `own_tax_base` is what property and trade tax bring at a rate of 100 %, EUR; `rate` the trade-tax rate, percent. A
    rise decided too late covers nothing this year.
    """
    p = parameters
    left = np.maximum(0.0, shortfall)
    from_reserve = np.asarray(drawn_reserve(left, reserve, minimum))
    left = left - from_reserve
    cut = np.asarray(cut_voluntary(left, voluntary, share=p.voluntary_cut_share))
    left = left - cut
    points = np.asarray(rise_of_rates(left, rate, step=p.rate_step_points, ceiling=p.rate_ceiling_pct))
    in_time = first_year_of_rise(year, round(p.decision_month)) == year
    brings = points / 100.0 * np.maximum(0.0, own_tax_base) if in_time else np.zeros_like(left)
    from_rates = np.minimum(left, brings)
    left = left - from_rates
    borrowed = np.asarray(loan(left, investment, lasting_capacity, share=p.loan_share))
    return Reaction(from_reserve, cut, points, from_rates, borrowed, left - borrowed)
