"""The record of a run as measures read it: monthly arrays of counts and of money by level and municipality."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .budget import INSTRUMENT as GENERAL_BUDGET
from .calendar import year_of

if TYPE_CHECKING:
    from .integration_model import IntegrationModel

LEVELS = ("municipality", "district", "land", "bund", "others")
_OUTSIDE = frozenset(
    {"households", "landlords", "suppliers", "staff", "course_providers", "kita_providers", "schools", "taxpayers"}
)


class RunRecord:
    """Arrays of a finished (or running) run: T months, M municipalities."""

    def __init__(self, model: IntegrationModel) -> None:
        """Stack the recorder's months."""
        recorder = model.recorder
        self.model = model
        self.months = np.array(recorder.months, np.int64)
        self.places = np.array(recorder.by_place)
        self.region = np.array(recorder.by_region)
        self.cells_by_task = np.array(recorder.cells_by_task)
        self.cells_by_place = np.array(recorder.cells_by_place)
        self.hour_cost = model.parameters.hour_cost
        self.volunteer_hour_value = model.parameters.volunteer_hour_value
        self.inhabitants = np.array([model.population(year_of(int(m)) - 1) for m in self.months], np.float64)

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
        """Net integration cost in cents: by level (T,), by municipality (T, M), by district (T, D)."""
        flows = self.flows
        flows = flows.loc[flows["instrument"] != GENERAL_BUDGET]
        first = int(self.months[0]) if len(self.months) else 0
        t = flows["month"].to_numpy() - first
        cents = flows["cents"].to_numpy(np.float64)
        shape = len(self.months)
        levels = {level: np.zeros(shape) for level in LEVELS}
        towns = {f"municipality:{key}": m for m, key in enumerate(self.model.region.keys)}
        districts = {f"district:{d.key}": i for i, d in enumerate(self.model.region.districts)}
        by_place = np.zeros((shape, len(towns)))
        by_district = np.zeros((shape, len(districts)))
        inside = (t >= 0) & (t < shape)
        for side, sign in (("payer", 1.0), ("payee", -1.0)):
            codes, names = pd.factorize(flows[side])
            for code, name in enumerate(names):
                if name in _OUTSIDE:
                    continue
                rows = inside & (codes == code)
                series = np.bincount(t[rows], weights=sign * cents[rows], minlength=shape)
                kind = str(name).partition(":")[0]
                levels[kind if kind in levels else "others"] += series
                if name in towns:
                    by_place[:, towns[name]] += series
                elif name in districts:
                    by_district[:, districts[name]] += series
        return levels, by_place, by_district

    def net_cost(self, level: str) -> np.ndarray:
        """Return the net integration cost of a level in cents by month, shape (T,); `all` is the sum of the levels."""
        levels = self._net[0]
        return np.sum(list(levels.values()), axis=0) if level == "all" else levels[level]

    @property
    def net_cost_by_place(self) -> np.ndarray:
        """Net integration cost of the municipalities in cents, shape (T, M)."""
        return self._net[1]

    @cached_property
    def levy_base(self) -> np.ndarray:
        """Levy base of each municipality in cents in the year of each month, shape (T, M)."""
        years = np.array([year_of(int(month)) for month in self.months])
        known = {int(year): self.model.budgets.revenue.levy_base_cents(int(year)) for year in np.unique(years)}
        return np.array([known[int(year)] for year in years], np.float64)

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
