"""The record of a run as measures read it: monthly arrays of counts and of money by level and municipality."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents.jit import rule
from .budget import INSTRUMENT as GENERAL_BUDGET
from .calendar import year_of

if TYPE_CHECKING:
    import pandas as pd

    from .integration_model import IntegrationModel

LEVELS = ("municipality", "district", "land", "bund", "others")
OUTSIDE = frozenset({"staff", "suppliers", "taxpayers"})
"""Accounts that only receive, whatever the field; each field adds its own (`People.payees`)."""


@rule
def sum_net(
    what: Any, money: Any, first: int, general: int, level: Any, town: Any, district: Any, levels: Any, by_place: Any,
    by_district: Any,
) -> None:  # fmt: skip
    """Add what every posting of the journal costs its payer, and brings its payee, to the holders of the accounts.

    By account `level`, `town` and `district` are numbers, -1 for none; `levels` (L, T), `by_place` (T, M) and
    `by_district` (T, D) begin with month `first`. Postings of the instrument `general` do not count. Cents.
    """
    for i in range(len(money)):
        t = int(what[i, 0]) - first
        if t < 0 or t >= levels.shape[1] or what[i, 4] == general:
            continue
        for side in range(1, 3):
            account = int(what[i, side])
            cents = float(money[i]) if side == 1 else -float(money[i])
            if level[account] >= 0:
                levels[level[account], t] += cents
            if town[account] >= 0:
                by_place[t, town[account]] += cents
            if district[account] >= 0:
                by_district[t, district[account]] += cents


class RunRecord:
    """Arrays of a finished (or running) run: T months, M municipalities."""

    def __init__(self, model: IntegrationModel) -> None:
        """Stack the recorder's months."""
        recorder = model.recorder
        self.model = model
        self.months = np.array(recorder.months, np.int64)
        self._outside = OUTSIDE.union(*(people.payees for people in model.people))
        self.places = recorder.by_place
        self.region = recorder.by_region
        self.cells_by_task = recorder.cells_by_task
        self.cells_by_place = recorder.cells_by_place
        self.by_part = recorder.by_part  # (T, fields, 3): helpers, posts, cents
        self.hour_cost = model.parameters.hour_cost
        self.volunteer_hour_value = model.parameters.volunteer_hour_value
        years = np.array([year_of(month) for month in recorder.months], np.int64)
        self.years, self._year_of_month = np.unique(years, return_inverse=True)
        self.inhabitants = self._yearly(lambda year: model.population(year - 1))

    def _yearly(self, of: Callable[[int], np.ndarray]) -> np.ndarray:
        """Return by month, (T, M), what `of` gives for its year, (M,)."""
        known = [of(year) for year in self.years.tolist()]
        return np.array(known, np.float64).reshape(-1, len(self.model.region.keys))[self._year_of_month]

    def count(self, name: str) -> np.ndarray:
        """Return a count of the census by month and municipality over all fields that have it, shape (T, M)."""
        columns = self.model.recorder.columns[name]
        return self.places[:, :, columns[0]] if len(columns) == 1 else self.places[:, :, columns].sum(axis=2)

    def cells_of_part(self, number: int) -> np.ndarray:
        """Return the counters of the cells of one field of several by month, shape (T, counters)."""
        return self.cells_by_task[:, self.model.casework.desks[number].task_range].sum(axis=1)

    def with_total(self, values: np.ndarray) -> np.ndarray:
        """Append the sum over municipalities to (T, M) values."""
        return np.concatenate([values, values.sum(axis=1, keepdims=True)], axis=1)

    def with_mean_of(self, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Append the weighted mean over municipalities to (T, M) values."""
        total = (values * weights).sum(axis=1, keepdims=True) / weights.sum(axis=1, keepdims=True)
        return np.concatenate([values, total], axis=1)

    @staticmethod
    def year_sum(values: np.ndarray) -> np.ndarray:
        """Return sums over the last twelve months, (T, ...); in the first eleven, twelve times the mean so far."""
        total = np.cumsum(values, axis=0, dtype=np.float64)
        out = total.copy()
        out[12:] -= total[:-12]
        n = min(11, len(values))
        out[:n] *= (12.0 / np.arange(1, n + 1)).reshape(-1, *([1] * (values.ndim - 1)))
        return out

    @cached_property
    def flows(self) -> pd.DataFrame:
        """All postings by month, payer, payee, purpose, instrument."""
        return self.model.ledger.flows()

    @cached_property
    def _net(self) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
        """Net cost of the fields of action in cents: by level (T,), by municipality (T, M), by district (T, D)."""
        ledger, region = self.model.ledger, self.model.region
        what, money = ledger.journal()
        first = int(self.months[0]) if len(self.months) else 0
        shape, labels = len(self.months), ledger.labels
        general = labels.index(GENERAL_BUDGET) if GENERAL_BUDGET in labels else -1
        levels, by_place, by_district = (
            np.zeros(size) for size in ((len(LEVELS), shape), (shape, len(region.keys)), (shape, len(region.districts)))
        )
        sum_net(what, money, first, general, *self._holders(ledger.names), levels, by_place, by_district)
        return dict(zip(LEVELS, levels, strict=True)), by_place, by_district

    def _holders(self, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return for each account its level, municipality and district as numbers, -1 for none."""
        towns = {f"municipality:{key}": m for m, key in enumerate(self.model.region.keys)}
        districts = {f"district:{d.key}": i for i, d in enumerate(self.model.region.districts)}
        kinds = [name.partition(":")[0] for name in names]
        number = {level: i for i, level in enumerate(LEVELS)}
        outside = [
            -1 if name in self._outside else number.get(kind, number["others"])
            for name, kind in zip(names, kinds, strict=True)
        ]
        holders = (outside, [towns.get(name, -1) for name in names], [districts.get(name, -1) for name in names])
        level, town, district = (np.array(column, np.int64) for column in holders)
        return level, town, district

    def net_cost(self, level: str) -> np.ndarray:
        """Return the net cost of a level in cents by month, shape (T,); `all` is the sum of the levels."""
        levels = self._net[0]
        return np.sum(list(levels.values()), axis=0) if level == "all" else levels[level]

    @property
    def net_cost_by_place(self) -> np.ndarray:
        """Net cost of the fields of action of the municipalities in cents, shape (T, M)."""
        return self._net[1]

    @cached_property
    def levy_base(self) -> np.ndarray:
        """Levy base of each municipality in cents in the year of each month, shape (T, M)."""
        return self._yearly(lambda year: self.model.budgets.revenue.planned(year).levy_base)

    @cached_property
    def levied(self) -> np.ndarray:
        """Each municipality's part in its district's net cost, by levy base, in cents, shape (T, M)."""
        by_district = self._net[2]
        base = self.levy_base
        out = np.zeros_like(base)
        for d in range(by_district.shape[1]):
            inside = self.model.district_of == d
            share = base[:, inside] / base[:, inside].sum(axis=1, keepdims=True)
            out[:, inside] = share * by_district[:, d : d + 1]
        return out

    @property
    def free_margin(self) -> np.ndarray:
        """Free margin of the last closed year in cents as known in each month, shape (T, M)."""
        return np.array(self.model.recorder.margins, np.float64)
