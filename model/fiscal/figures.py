"""Figures of a region file by key and year, and the law and the inhabitants of years outside the tables."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError

if TYPE_CHECKING:
    from types import ModuleType

    import pandas as pd

    from ..region import Region
    from .amounts import FloatArray

GROWING = ("base_amount", "district_base_amount", "state_mean_capacity", "state_mean_income_tax")
"""Numbers of the law in euros that grow with revenue where a year lies outside the tables of the law."""
_FARTHEST = 40


def figure(finances: pd.DataFrame, level: str, indicator: str) -> dict[str, dict[int, float]]:
    """Return a figure of the region file by key and year."""
    columns = (finances[name].tolist() for name in ("level", "indicator", "key", "year", "value"))
    table: dict[str, dict[int, float]] = {}
    for at_level, name, key, year, value in zip(*columns, strict=True):
        if at_level == level and name == indicator:
            table.setdefault(str(key), {})[int(year)] = float(value)
    return table


def nearest(by_year: dict[int, float], year: int) -> float:
    """Return a figure of a year: interpolated between known years, held before the first and after the last."""
    years = sorted(by_year)
    return float(np.interp(year, years, [by_year[y] for y in years]))


def in_force(by_year: dict[int, float], year: int) -> float:
    """Return the last known figure up to a year (a rate in force), or the first where none is that early."""
    years = sorted(by_year)
    return by_year[max((y for y in years if y <= year), default=years[0])]


class LawYears:
    """The law of any year: the module's own where its tables have it, else the nearest year's with grown amounts.

    A year outside the tables is an assumption: rates stay, amounts in euros (`GROWING`) move with `growth` per year.
    """

    def __init__(self, module: ModuleType, growth: float) -> None:
        """Take a law module (see `model.fiscal`) and the yearly growth outside its tables."""
        self.module, self._growth = module, growth
        self._laws: dict[int, Any] = {}

    def __call__(self, year: int) -> Any:
        """Return the law of a year."""
        if year not in self._laws:
            self._laws[year] = self._find(year)
        return self._laws[year]

    def in_tables(self, year: int) -> bool:
        """Return whether the law's own tables cover a year."""
        try:
            self.module.law(year)
        except InputError:
            return False
        return True

    def _find(self, year: int) -> Any:
        for distance in range(_FARTHEST):
            for known in (year - distance, year + distance):
                if not self.in_tables(known):
                    continue
                law = self.module.law(known)
                if known == year:
                    return law
                names = {field.name for field in fields(law)}
                growth = (1.0 + self._growth) ** (year - known)
                grown = {name: getattr(law, name) * growth for name in GROWING if name in names}
                return replace(law, year=year, **grown)
        raise InputError(f"the fiscal law has no tables within {_FARTHEST} years of {year}")


class People:
    """Inhabitants of 31 December of any year, (M,): the region's, carried on after the last and back before the first.

    Before the first known year every municipality is taken to have lost `decline` of its inhabitants a year, because
    the population rule looks back ten years and a region file rarely does.
    """

    def __init__(self, region: Region, decline: float) -> None:
        """Take the region's inhabitants."""
        self._known = {year: np.asarray(people, np.float64) for year, people in region.population.items()}
        self._first, self._last = min(self._known), max(self._known)
        self._decline = decline

    def __call__(self, year: int) -> FloatArray:
        """Return the inhabitants of a year."""
        if year < self._first:
            return self._known[self._first] * (1.0 + self._decline * (self._first - year))
        return self._known[min(year, self._last)]
