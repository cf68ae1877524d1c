"""The bench of the crash test: one region, one set of parameters, one year of shock; runs, grades, reverse test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..model.errors import InputError, Problem
from ..model.fiscal.changes import NO_CHANGES, Changes
from ..model.fiscal.grades import Grade, Limits, Verdict, Window, grade
from ..model.fiscal.projection import Costs, Projection, ProjectionResult
from ..model.fiscal.shock_changes import changes_of

if TYPE_CHECKING:
    from ..model.fiscal.amounts import FloatArray
    from ..model.fiscal.shocks import Shock
    from ..model.parameters import Parameters
    from ..model.region import Region

LEAD_YEARS = 2
"""Years projected before the year of the shock: ratios look at means of three years."""
SHARE_YEARS = 8
"""Years from the shock on over which it is counted who bears it: the path, the lag and the echo of the library."""

type CostPath = Callable[[tuple[int, ...]], Costs]
type Loss = Literal["lasting", "one-year"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Bench:
    """Runs of one region with a shock in `shock_year`.

    `react` lets municipalities in need act (reserve, voluntary tasks, rates, loans, aid); without it only reserve and
    cash credit do. `costs` returns the net cost of the fields' tasks for the years it is asked
    for; the quoted levy rates are taken to pay for it. `compensation` replaces the share of lost trade tax that is made
    good in the first year.
    """

    region: Region
    parameters: Parameters
    shock_year: int
    react: bool = True
    costs: CostPath | None = None
    compensation: float | None = None

    @cached_property
    def projection(self) -> Projection:
        """The projection all runs start from; raises InputError when the law refuses a figure of the region."""
        return Projection(self.region, self.parameters)

    @cached_property
    def limits(self) -> Limits:
        """The limits of the grades."""
        return Limits.of(self.parameters)

    @property
    def window_years(self) -> int:
        """Return the number of years the grades look at."""
        return round(self.parameters.grade_window_years)

    @property
    def graded_years(self) -> tuple[int, ...]:
        """Return the calendar years the grades look at."""
        return tuple(range(self.shock_year, self.shock_year + self.window_years))

    def run(
        self, shocks: Sequence[Shock] = (), *, more: Changes = NO_CHANGES, react: bool | None = None, years: int = 0
    ) -> ProjectionResult:
        """Project the lead years and `years` years from the shock on (default: those the grades look at)."""
        span = self._span(years or self.window_years)
        changes = more
        if shocks:
            found = changes_of(
                shocks,
                projection=self.projection,
                base=self._plain(span),
                shock_year=self.shock_year,
                compensation=self.compensation,
            )
            changes = found | more
        return self._project(span, changes, self.react if react is None else react)

    def verdict(self, result: ProjectionResult) -> Verdict:
        """Return the grades of a run."""
        return grade(window_of(result, self.graded_years), self.limits)

    def red(self, result: ProjectionResult) -> np.ndarray:
        """Return which municipalities a run turns red, bool (M,)."""
        return self.verdict(result).grade == Grade.RED

    def smallest_loss(
        self, place: int, shocks: Sequence[Shock] = (), *, loss: Loss = "lasting", tolerance: float = 0.01
    ) -> float | None:
        """Return the smallest loss of its own trade tax (share) that turns municipality number `place` red.

        The loss comes on top of the shocks, in the year of the shock only or from then on (`lasting`). The answer lies
        on a grid of `tolerance`: it turns the municipality red and one step less does not. 0 when the shocks alone turn
        it red; None when not even the loss of all trade tax does. The district and its other municipalities react as in
        every run.

        Without reactions the answer is found by bisection. With reactions red does not always stay red: a town whose
        reserve covers a loss does nothing, and one that loses a little more raises its rates and recovers. Then the
        search goes from the answer without reactions step by step, down while it is red, else up to the first red.
        """
        steps = _steps(tolerance)

        def turns_red(step: int, react: bool) -> bool:
            more = self.trade_tax_loss(place, step / steps, loss=loss)
            return bool(self.red(self.run(shocks, more=more, react=react))[place])

        if turns_red(0, self.react):
            return 0.0
        safe, enough = 0, steps
        while enough - safe > 1:
            middle = (safe + enough) // 2
            safe, enough = (safe, middle) if turns_red(middle, False) else (middle, enough)
        if not self.react:
            return enough / steps if enough < steps or turns_red(steps, False) else None
        if turns_red(enough, True):
            while turns_red(enough - 1, True):
                enough -= 1
            return enough / steps
        return next((step / steps for step in range(enough + 1, steps + 1) if turns_red(step, True)), None)

    def trade_tax_loss(self, place: int, share: float, *, loss: Loss = "lasting") -> Changes:
        """Return the loss of a share of one municipality's trade tax, from the year of the shock on or in it only."""
        factor = np.ones((LEAD_YEARS + self.window_years, len(self.region.keys)))
        last = LEAD_YEARS + 1 if loss == "one-year" else len(factor)
        factor[LEAD_YEARS:last, place] = 1.0 - share
        return Changes(trade=factor)

    def _span(self, years: int) -> tuple[int, ...]:
        return tuple(range(self.shock_year - LEAD_YEARS, self.shock_year + years))

    def _project(self, span: tuple[int, ...], changes: Changes, react: bool) -> ProjectionResult:
        cost = self.cost(span)
        return self.projection.run(years=span, changes=changes, task_cost=cost, reference_cost=cost, react=react)

    def cost(self, span: tuple[int, ...]) -> Costs | None:
        """Return the net cost of the fields' tasks in these years, remembered; None when none is given."""
        if span not in self._known_costs:
            self._known_costs[span] = self.costs(span) if self.costs is not None else None
        return self._known_costs[span]

    def _plain(self, span: tuple[int, ...]) -> ProjectionResult:
        """Return the world without shocks and reactions, remembered: shocks are put in euros against it."""
        if span not in self._plain_runs:
            self._plain_runs[span] = self._project(span, NO_CHANGES, react=False)
        return self._plain_runs[span]

    @cached_property
    def _known_costs(self) -> dict[tuple[int, ...], Costs | None]:
        return {}

    @cached_property
    def _plain_runs(self) -> dict[tuple[int, ...], ProjectionResult]:
        return {}


def window_of(result: ProjectionResult, years: Sequence[int]) -> Window:
    """Return what the grades look at in these years of a projection.

    Stabilisation aid is paid for a consolidation concept only, so from the first year of aid on consolidation counts as
    approved.
    """
    rows = [result.years.index(year) for year in years]
    first, last = rows[0], rows[-1] + 1
    before = np.concatenate([result.reserve[:1], result.reserve[:-1]])
    return Window(
        transfer=result.transfer[first:last],
        repayment=result.repayment[first:last],
        interest=result.interest[first:last],
        revenue=result.current_revenue[first:last],
        mean_revenue=result.mean_revenue[first:last],
        debt=result.debt[first:last],
        reserve_before=before[first:last],
        reserve=result.reserve[first:last],
        cash_credit=result.cash_credit[first:last],
        consolidation=np.logical_or.accumulate(result.aid > 0.0, axis=0)[first:last],
    )


def who_bears(shocked: ProjectionResult, base: ProjectionResult, *, first_year: int) -> dict[str, FloatArray]:
    """Return the tax loss of a shock (EUR, (M,)) and who bears it, as shares of that loss summed over the years.

    `federation` is the lower trade-tax levy, `allocation` the higher key allocation, `district` the lower district levy
    (negative where the district passes its own loss on), `other` grants, relief or rise of spending and interest, `own`
    what the municipality's margin loses. The shares add up to 1; without a tax loss they are nan.
    """
    row = base.years.index(first_year)

    def change(*names: str) -> FloatArray:
        parts = [(getattr(shocked, name) - getattr(base, name))[row:].sum(axis=0) for name in names]
        return np.sum(parts, axis=0)

    loss = -change("property_a", "property_b", "trade", "income", "compensation", "turnover")
    counted = loss >= 1.0  # below one euro there is nothing to share
    parts = {
        "federation": -change("trade_levy"),
        "allocation": change("allocation"),
        "district": -change("levy"),
        "other": change("grants", "extra_revenue", "aid")
        - change("other_spending", "task_cost", "interest", "repayment"),
        "own": -change("free_margin"),
    }
    shares = {
        name: np.divide(amount, loss, out=np.full(loss.shape, np.nan), where=counted) for name, amount in parts.items()
    }
    return {"tax_loss": loss, **shares}


def _steps(tolerance: float) -> int:
    """Return the number of steps of a tolerance from 0 to 1; raises InputError for one that cannot be used."""
    if not 1e-6 <= tolerance <= 0.5:
        raise InputError(Problem("the tolerance of the reverse test", value=f"{tolerance:g}", expected="1e-6 to 0.5"))
    return round(1.0 / tolerance)
