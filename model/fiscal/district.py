"""The district's year: what it needs, which levy rate its council decides, and what spending does under changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .council import decide_levies
from .reference import district_grants

if TYPE_CHECKING:
    from ..parameters import Parameters
    from .amounts import FloatArray
    from .path import RevenuePath
    from .reference import Reference


@dataclass(frozen=True, slots=True, eq=False)
class DistrictPlan:
    """A year of the districts before its levy is decided, (D,), EUR or percent: what no event of the run changes.

    `base` are the levy bases, `kept` what is meant to stay for investment, `quoted` the rate without anything new,
    `points` what a change of the world adds to the decided rate, `fixed` a rate it sets (NaN: none).
    """

    base: FloatArray
    allocation: FloatArray
    grants: FloatArray
    regional_levy: FloatArray
    spending: FloatArray
    kept: FloatArray
    quoted: FloatArray
    points: FloatArray
    fixed: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class DistrictYear:
    """A year of the districts, (D,), EUR or percent: rate the need asks for, rate decided, and what goes in and out.

    `base` are the levy bases, `kept` what is meant to stay for investment.
    """

    needed: FloatArray
    rate: FloatArray
    base: FloatArray
    allocation: FloatArray
    grants: FloatArray
    regional_levy: FloatArray
    spending: FloatArray
    kept: FloatArray


def wage_factor(path: RevenuePath, year: int, parameters: Parameters) -> float:
    """Return the factor of wages on other spending: they act on its part for personnel."""
    return 1.0 + parameters.personnel_share * (float(path.change("wages", year)[0]) - 1.0)


def refinanced_points(path: RevenuePath, year: int, parameters: Parameters) -> float:
    """Return how far a change of the market rate has reached the whole debt: a share is refinanced every year."""
    span = max(1, round(parameters.refinancing_years))
    return sum(float(path.change("interest", y)[0]) for y in range(year - span + 1, year + 1)) / span


def town_spending(reference: Reference, path: RevenuePath, row: int, year: int, parameters: Parameters) -> FloatArray:
    """Return the other spending of municipalities in a year, EUR (M,), with changes and cost remanence.

    A loss of inhabitants lowers spending by less than in proportion (`spending_population_elasticity`).
    """
    people, before = path.people(year - 1), reference.population[row]
    ratio = np.divide(people, before, out=np.ones_like(before), where=before > 0.0)
    spending = reference.spending[row] * path.change("spending", year) * wage_factor(path, year, parameters)
    return spending * ratio**parameters.spending_population_elasticity + path.change("extra_spending", year)


def district_plan(
    reference: Reference, path: RevenuePath, row: int, year: int, base: FloatArray, parameters: Parameters
) -> DistrictPlan:
    """Return the districts' year as far as it follows from their levy bases (D,), EUR, and the changes of the world."""
    p = parameters
    allocation, grants = district_grants(path, year, base)
    factor = path.change("district_spending", year) * wage_factor(path, year, p)
    spending = reference.district_spending[row] * factor + path.change("extra_district_spending", year)
    quoted = reference.quoted_rate[row]
    return DistrictPlan(
        base=base,
        allocation=allocation,
        grants=grants,
        regional_levy=base * (reference.regional_rate[row] + path.change("regional_points", year)) / 100.0,
        spending=spending + refinanced_points(path, year, p) * reference.district_debt,
        kept=p.district_margin_share * quoted / 100.0 * base,
        quoted=quoted,
        points=path.change("levy_points", year),
        fixed=path.change_value("levy_rate", year),
    )


def district_year(
    plan: DistrictPlan, *, task_cost: FloatArray, shortfall: FloatArray, parameters: Parameters
) -> DistrictYear:
    """Return the districts' year from its plan, the net cost of the tasks they reckon with beyond what the quoted rate
    pays for, and an uncovered shortfall of earlier years, EUR (D,)."""
    p, needed, rate = parameters, np.empty(len(plan.base)), np.empty(len(plan.base))
    decide_levies(
        plan.base, plan.spending, plan.regional_levy, task_cost, plan.kept, shortfall, plan.allocation, plan.grants,
        plan.quoted, plan.points, plan.fixed, p.levy_restraint_points, p.levy_change_points, needed, rate,
    )  # fmt: skip
    return DistrictYear(
        needed=needed,
        rate=rate,
        base=plan.base,
        allocation=plan.allocation,
        grants=plan.grants,
        regional_levy=plan.regional_levy,
        spending=plan.spending,
        kept=plan.kept,
    )
