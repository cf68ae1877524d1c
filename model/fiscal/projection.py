"""The yearly projection: every municipality (M) and district (D) of a region over Y years, with and without changes.

    from kreislauf.model.fiscal.projection import Changes, Projection

    projection = Projection(region, parameters)              # infers the start once
    base = projection.run(years=range(2018, 2026))
    down = projection.run(years=range(2018, 2026), changes=Changes(trade=[0.79, 0.9, 1, 1, 1, 1, 1, 1]))
    down.free_margin - base.free_margin                      # (Y, M), EUR

Everything is a yearly amount in euros; a run takes a few milliseconds. `project(region, parameters, ...)` is the same
in one call.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import InputError, Problem
from .changes import NO_CHANGES, Changes
from .council import proposed_rate
from .district import district_plan, district_year, refinanced_points, town_spending
from .path import RevenuePath, RevenueYear
from .reactions import first_year_of_rise, minimum_reserve, react, stabilisation_aid
from .reference import Reference, reference_of, sum_by
from .start import KINDS, OWN, TaxStart

if TYPE_CHECKING:
    from ..parameters import Parameters
    from ..region import Region
    from .amounts import FloatArray

__all__ = ["NO_CHANGES", "Changes", "Costs", "Projection", "ProjectionResult", "project"]

_MEAN_YEARS = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Costs:
    """Net cost of the tasks of the fields of action by year, EUR: `towns` (Y, M), `districts` (Y, D), and `voluntary`
    (Y, M), the part of the towns' cost they may cut."""

    towns: FloatArray
    districts: FloatArray
    voluntary: FloatArray | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProjectionResult:
    """A projection: arrays by year and municipality (Y, M) or year and district (Y, D); EUR per year unless said.

    The margin of a municipality: free_margin = property_a + property_b + trade + income + compensation + turnover -
    trade_levy + allocation + grants + extra_revenue + aid - levy - other_spending - task_cost - interest - repayment.
    `transfer` is the margin before repayment (Zuführung zum Vermögenshaushalt). reserve - cash_credit moves by
    free_margin - investment + loan.
    """

    years: tuple[int, ...]
    keys: tuple[str, ...]
    district_keys: tuple[str, ...]
    property_a: FloatArray
    property_b: FloatArray
    trade: FloatArray
    income: FloatArray
    compensation: FloatArray
    turnover: FloatArray
    trade_levy: FloatArray
    allocation: FloatArray
    grants: FloatArray
    extra_revenue: FloatArray
    aid: FloatArray
    levy: FloatArray
    other_spending: FloatArray
    voluntary_cut: FloatArray
    task_cost: FloatArray
    interest: FloatArray
    repayment: FloatArray
    free_margin: FloatArray
    transfer: FloatArray
    investment: FloatArray
    loan: FloatArray
    reserve: FloatArray
    reserve_minimum: FloatArray
    cash_credit: FloatArray
    debt: FloatArray
    capacity: FloatArray
    """Tax capacity (Steuerkraftmesszahl)."""
    counted: FloatArray
    """Inhabitants that count in the equalisation, persons."""
    population: FloatArray
    """Inhabitants of 31 December of the year before, persons."""
    levy_base: FloatArray
    trade_rate: FloatArray
    """Trade-tax rate (Hebesatz), percent."""
    property_rate: FloatArray
    """Rate of property tax B, percent."""
    current_revenue: FloatArray
    """Revenue of the current budget with fees and earmarked grants (estimated), for the ratios."""
    mean_revenue: FloatArray
    """Mean of the current revenue of up to three years."""
    levy_rate: FloatArray
    """District levy rate, percent (Y, D)."""
    needed_rate: FloatArray
    """Rate that would cover the need, percent (Y, D)."""
    proposed_rate: FloatArray
    """Rate the administration proposes, percent (Y, D)."""
    needs_approval: np.ndarray
    """Whether the levy rises by more than the law allows without approval, bool (Y, D)."""
    district_levy: FloatArray
    district_levy_base: FloatArray
    district_allocation: FloatArray
    district_grants: FloatArray
    regional_levy: FloatArray
    district_spending: FloatArray
    district_task_cost: FloatArray
    district_margin: FloatArray
    """Levy, allocation and grants less levy of the Bezirk, spending and cost of the tasks."""
    district_reserve: FloatArray
    """Reserve of the district; below zero it is a shortfall that the next rate has to cover."""

    @property
    def taxes(self) -> FloatArray:
        """Taxes before the trade-tax levy, (Y, M)."""
        return np.sum([getattr(self, kind) for kind in KINDS], axis=0)

    @property
    def debt_service_share(self) -> FloatArray:
        """Interest and repayment over the current revenue, (Y, M)."""
        return (self.interest + self.repayment) / np.maximum(self.current_revenue, 1.0)

    @property
    def debt_ratio(self) -> FloatArray:
        """Debt over the mean current revenue of three years, (Y, M)."""
        return self.debt / np.maximum(self.mean_revenue, 1.0)

    def frame(self) -> pd.DataFrame:
        """Return the projection as a long table: year, level, key, indicator, value."""
        parts: list[pd.DataFrame] = []
        for entry in fields(self)[3:]:
            values = np.asarray(getattr(self, entry.name), np.float64)
            town = entry.name not in _DISTRICT_LINES
            keys = self.keys if town else self.district_keys
            parts.append(
                pd.DataFrame(
                    {
                        "year": np.repeat(self.years, len(keys)),
                        "level": "municipality" if town else "district",
                        "key": np.tile(np.array(keys, object), len(self.years)),
                        "indicator": entry.name,
                        "value": values.ravel(),
                    }
                )
            )
        return pd.concat(parts, ignore_index=True)


_DISTRICT_LINES = frozenset(
    {"levy_rate", "needed_rate", "proposed_rate", "needs_approval", "regional_levy"}
    | {field.name for field in fields(ProjectionResult) if field.name.startswith("district_")}
)


class Projection:
    """Projections of a region: the start is inferred once, every `run` starts from it anew."""

    def __init__(self, region: Region, parameters: Parameters, *, start: TaxStart | None = None) -> None:
        """Infer the start, or take one already inferred; raises InputError when the law refuses a figure."""
        self.region, self.parameters = region, parameters
        self.start = start or TaxStart(region, parameters)
        self._references: dict[tuple[int, ...], Reference] = {}

    def run(
        self,
        *,
        years: Iterable[int],
        changes: Changes = NO_CHANGES,
        task_cost: Costs | None = None,
        reference_cost: Costs | None = None,
        react: bool = False,
    ) -> ProjectionResult:
        """Project consecutive years.

        `changes` act from the first year on. `task_cost` is what the tasks cost in this projection,
        `reference_cost` what it cost in the world in which the quoted levy rates were decided (default: nothing); the
        difference moves the levy rate. With `react` municipalities in need act (see `reactions`); without it only
        reserve and cash credit do.
        """
        span = _checked(years)
        return _Run(self, span, changes, task_cost, self.reference(span, reference_cost), react).result()

    def reference(self, years: tuple[int, ...], cost: Costs | None = None) -> Reference:
        """Return the spending behind the quoted levy rates; see `reference`."""
        if cost is None and years in self._references:
            return self._references[years]
        path = RevenuePath(self.start, first_year=years[0], years=len(years))
        found = reference_of(path, years, None if cost is None else cost.districts)
        if cost is None:
            self._references[years] = found
        return found


def project(
    region: Region,
    parameters: Parameters,
    *,
    years: Iterable[int],
    changes: Changes = NO_CHANGES,
    task_cost: Costs | None = None,
    react: bool = False,
) -> ProjectionResult:
    """Project a region in one call; `Projection` is quicker for several runs."""
    projection = Projection(region, parameters)
    return projection.run(years=years, changes=changes, task_cost=task_cost, react=react)


def _checked(years: Iterable[int]) -> tuple[int, ...]:
    span = tuple(int(year) for year in years)
    if not span or span != tuple(range(span[0], span[0] + len(span))):
        raise InputError(Problem("a projection needs consecutive years", value=str(span), expected="2018, 2019, ..."))
    return span


class _Run:
    """One pass over the years; holds what one year hands on to the next."""

    def __init__(
        self,
        projection: Projection,
        years: tuple[int, ...],
        changes: Changes,
        cost: Costs | None,
        reference: Reference,
        react: bool,
    ) -> None:
        self.years, self.p, self.reference, self.react = years, projection.parameters, reference, react
        start = projection.start
        self.path = RevenuePath(start, first_year=years[0], years=len(years), changes=changes)
        self.module, self.place = start.module, start.district_of
        self.towns, self.districts = len(projection.region.keys), len(projection.region.districts)
        self.region = projection.region
        self.cost = self._costs(cost)
        self.debt, self.repayment = reference.debts.debt.copy(), reference.debts.repayment
        self.reserve = np.zeros(self.towns)
        self.cash_credit = np.zeros(self.towns)
        self.district_reserve = np.zeros(self.districts)
        self.levy_before = reference.levy_before
        self.margin = np.zeros(self.towns)
        self.lasting = np.ones(self.towns, np.bool_)
        self.aid = np.zeros(self.towns)
        self.revenues: list[FloatArray] = []

    def result(self) -> ProjectionResult:
        rows = [self._year(row, year) for row, year in enumerate(self.years)]
        arrays: dict[str, Any] = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
        keys = tuple(district.key for district in self.region.districts)
        return ProjectionResult(years=self.years, keys=self.region.keys, district_keys=keys, **arrays)

    def _costs(self, cost: Costs | None) -> Costs:
        shapes = {"towns": (len(self.years), self.towns), "districts": (len(self.years), self.districts)}
        shapes["voluntary"] = shapes["towns"]
        out: dict[str, FloatArray] = {}
        for name, shape in shapes.items():
            given = None if cost is None else getattr(cost, name)
            array = np.zeros(shape) if given is None else np.asarray(given, np.float64)
            if array.shape != shape:
                raise InputError(Problem(f"cost of the tasks of {name}", value=str(array.shape), expected=str(shape)))
            out[name] = array
        return Costs(**out)

    def _year(self, row: int, year: int) -> dict[str, Any]:
        p, path = self.p, self.path
        revenue = path.of(year)
        district = self._district(row, year, revenue)
        levy = np.asarray(self.module.district_levy(revenue.levy_base, district["levy_rate"][self.place]))
        people = path.people(year - 1)
        spending = town_spending(self.reference, path, row, year, p)
        points, market = refinanced_points(path, year, p), float(path.change("interest", year)[0])
        interest = (p.interest_rate + points) * self.debt + (p.interest_rate + market) * self.cash_credit
        repayment = np.minimum(self.repayment, self.debt)
        task_cost = self.cost.towns[row]
        if row == 0:
            self.reserve = p.reserve_share * (revenue.total - revenue.extra)
            self.margin = p.base_margin_share * revenue.total
        aid, self.aid = self.aid, np.zeros(self.towns)
        current = revenue.total * (1.0 + p.other_revenue_share) + aid
        self.revenues.append(current)
        mean = np.mean(self.revenues[-_MEAN_YEARS:], axis=0)
        minimum = np.asarray(minimum_reserve(mean, share=p.grade_minimum_reserve_share))
        margin = revenue.total + aid - levy - spending - interest - repayment - task_cost
        # A municipality with a cash credit has nothing to invest.
        investment = np.where(self.cash_credit > 0.0, 0.0, p.invested_margin_share * np.maximum(0.0, self.margin))
        cut, borrowed = np.zeros(self.towns), np.zeros(self.towns)
        if self.react:
            voluntary = p.voluntary_share * spending + self.cost.voluntary[row]  # pyright: ignore[reportOptionalSubscript]
            own = np.sum([path.taxes(year)[0][kind] for kind in OWN], axis=0)
            reaction = react(
                np.where(margin < 0.0, investment - margin, 0.0),
                reserve=self.reserve, minimum=minimum, voluntary=voluntary, rate=revenue.rates["trade"],
                own_tax_base=own, investment=investment, lasting_capacity=self.lasting, year=year, parameters=p,
            )  # fmt: skip
            cut, borrowed = reaction.voluntary, reaction.loan
            if reaction.rate_points.any():
                path.raise_rates(first_year_of_rise(year, round(p.decision_month)), reaction.rate_points)
                gained = path.of(year).total - revenue.total
                revenue, margin = path.of(year), margin + gained
            margin = margin + cut
            self.aid = np.asarray(
                stabilisation_aid(
                    reaction.open, population=people, population_before=path.people(year - 11),
                    capacity=revenue.capacity, state_mean_capacity=path.law(year).state_mean_capacity,
                    consolidates=(cut > 0.0) | (reaction.rate_points > 0.0), loss=p.aid_population_loss,
                    eur_per_head=p.aid_eur_per_head, probability=p.aid_probability,
                )
            )  # fmt: skip
        position = self.reserve - self.cash_credit + margin - investment + borrowed
        self.reserve, self.cash_credit = np.maximum(position, 0.0), np.maximum(-position, 0.0)
        self.debt = self.debt - repayment + borrowed
        self.margin, self.lasting = margin, margin >= 0.0
        return {
            **revenue.taxes,
            "trade_levy": revenue.trade_levy,
            "allocation": revenue.allocation,
            "grants": revenue.grants,
            "extra_revenue": revenue.extra,
            "aid": aid,
            "levy": levy,
            "other_spending": spending - cut,
            "voluntary_cut": cut,
            "task_cost": task_cost,
            "interest": interest,
            "repayment": repayment,
            "free_margin": margin,
            "transfer": margin + repayment,
            "investment": investment,
            "loan": borrowed,
            "reserve": self.reserve,
            "reserve_minimum": minimum,
            "cash_credit": self.cash_credit,
            "debt": self.debt,
            "capacity": revenue.capacity,
            "counted": revenue.counted,
            "population": people,
            "levy_base": revenue.levy_base,
            "trade_rate": revenue.rates["trade"],
            "property_rate": revenue.rates["property_b"],
            "current_revenue": current,
            "mean_revenue": mean,
            **district,
        }

    def _district(self, row: int, year: int, revenue: RevenueYear) -> dict[str, Any]:
        """Return the district's year: need, rate, levy and result; the reserve moves on."""
        p, path = self.p, self.path
        base = sum_by(np.maximum(0.0, revenue.levy_base), self.place, self.districts)
        task_cost = self.cost.districts[row]
        if row == 0:
            self.district_reserve = p.district_reserve_share * self.reference.quoted_rate[row] / 100.0 * base
        shortfall = np.maximum(0.0, -self.district_reserve)
        plan = district_plan(self.reference, path, row, year, base, p)
        d = district_year(plan, task_cost=task_cost, shortfall=shortfall, parameters=p)
        levied = base * d.rate / 100.0
        margin = levied + d.allocation + d.grants - d.regional_levy - d.spending - task_cost
        self.district_reserve = self.district_reserve + margin - d.kept
        approval = levied > self.levy_before * (1.0 + path.law(year).levy_approval_jump)
        self.levy_before = levied
        return {
            "levy_rate": d.rate,
            "needed_rate": d.needed,
            "proposed_rate": np.asarray(proposed_rate(d.needed)),
            "needs_approval": approval,
            "district_levy": levied,
            "district_levy_base": base,
            "district_allocation": d.allocation,
            "district_grants": d.grants,
            "regional_levy": d.regional_levy,
            "district_spending": d.spending,
            "district_task_cost": task_cost,
            "district_margin": margin,
            "district_reserve": self.district_reserve,
        }
