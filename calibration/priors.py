"""Priors: what is believed of the calibrated parameters before the data, from their ranges and confidence.

Which parameters are calibrated is data (`calibrated.csv`, with the reason). The shape follows the confidence of the
value in parameters.csv, unless the file says another: a value that is quoted or derived is the peak of a triangle over
its range; an estimated or assumed one says no more than its range, so the prior is uniform, and log-uniform where the
range spans a factor of eight or more.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from ..model.errors import InputError, Problem, closest
from ..model.parameters import Parameter, parameter_table

Shape = Literal["uniform", "log-uniform", "triangular"]
SHAPES: tuple[str, ...] = get_args(Shape)
_FILE = Path(__file__).with_name("calibrated.csv")
_WIDE = 8.0  # high / low from which a range is one of orders of magnitude


@dataclass(frozen=True, slots=True)
class Prior:
    """The prior of one parameter over [low, high]; `mode` is the peak of a triangle."""

    name: str
    low: float
    high: float
    mode: float
    shape: Shape
    unit: str
    source: str
    reason: str = ""

    def value(self, u: np.ndarray) -> np.ndarray:
        """Return the values at which the prior's distribution function is u (0 to 1), same shape.

        >>> Prior("x", 0.0, 4.0, 1.0, "triangular", "", "").value(np.array([0.0, 0.25, 1.0])).tolist()
        [0.0, 1.0, 4.0]
        """
        u = np.asarray(u, np.float64)
        width = self.high - self.low
        if self.shape == "log-uniform":
            found = self.low * (self.high / self.low) ** u
        elif self.shape == "triangular":
            peak = (self.mode - self.low) / width
            left = self.low + np.sqrt(u * peak) * width
            right = self.high - np.sqrt((1.0 - u) * (1.0 - peak)) * width
            found = np.where(u < peak, left, right)
        else:
            found = self.low + u * width
        return np.clip(found, self.low, self.high)

    def place(self, value: np.ndarray) -> np.ndarray:
        """Return the prior's distribution function at values, 0 to 1: the inverse of `value`."""
        x = np.clip(np.asarray(value, np.float64), self.low, self.high)
        width = self.high - self.low
        if self.shape == "log-uniform":
            return np.log(x / self.low) / np.log(self.high / self.low)
        if self.shape == "triangular":
            left = (x - self.low) ** 2 / (width * max(self.mode - self.low, 1e-300))
            right = 1.0 - (self.high - x) ** 2 / (width * max(self.high - self.mode, 1e-300))
            return np.where(x < self.mode, left, right)
        return (x - self.low) / width


@dataclass(frozen=True, slots=True)
class Priors:
    """The priors of the calibrated parameters, independent of each other, in a fixed order.

    >>> Priors.of(["overlap_loss"]).values(np.array([[0.0], [1.0]])).ravel().tolist() == [
    ...     parameter_table()["overlap_loss"].low, parameter_table()["overlap_loss"].high
    ... ]
    True
    """

    rows: tuple[Prior, ...]

    @classmethod
    def of(cls, names: Iterable[str] | None = None) -> Priors:
        """Return the priors of some parameters (default: those of calibrated.csv); raises InputError."""
        listed = _listed()
        chosen = list(listed) if names is None else list(names)
        table, problems = parameter_table(), []
        for name in chosen:
            if name not in table:
                problems.append(Problem("unknown parameter", column=name, expected=closest(name, table)))
            elif not table[name].low < table[name].high:
                problems.append(Problem("this parameter has no range", column=name))
        if doubled := sorted({name for name in chosen if chosen.count(name) > 1}):
            problems.append(Problem("named twice", column=", ".join(doubled)))
        if not chosen:
            problems.append(Problem("no parameter to calibrate"))
        if problems:
            raise InputError(problems)
        return cls(tuple(_prior(table[name], *listed.get(name, ("", ""))) for name in chosen))

    def __len__(self) -> int:
        """Return the number of parameters."""
        return len(self.rows)

    @property
    def names(self) -> tuple[str, ...]:
        """The names in order."""
        return tuple(row.name for row in self.rows)

    def values(self, u: np.ndarray) -> np.ndarray:
        """Return parameter values at places of the unit cube, both of shape (n, parameters)."""
        return np.column_stack([row.value(u[:, i]) for i, row in enumerate(self.rows)])

    def places(self, values: np.ndarray) -> np.ndarray:
        """Return places of the unit cube of parameter values, both of shape (n, parameters)."""
        return np.column_stack([row.place(values[:, i]) for i, row in enumerate(self.rows)])

    def hand_set(self) -> np.ndarray:
        """Return the values of parameters.csv, shape (parameters,)."""
        return np.array([parameter_table()[name].value for name in self.names])

    def record(self) -> list[dict[str, object]]:
        """Return the priors as data."""
        return [{name: getattr(row, name) for name in Prior.__slots__} for row in self.rows]


def shape_of(entry: Parameter) -> Shape:
    """Return the shape of a prior by the confidence and the range of the value (see the module)."""
    if entry.confidence in ("official", "quoted", "derived"):
        return "triangular"
    return "log-uniform" if entry.low > 0.0 and entry.high >= _WIDE * entry.low else "uniform"


def _prior(entry: Parameter, shape: str, reason: str) -> Prior:
    kind: Shape = shape if shape else shape_of(entry)  # pyright: ignore[reportAssignmentType]
    return Prior(entry.name, entry.low, entry.high, entry.value, kind, entry.unit, entry.source, reason)


@cache
def _listed() -> dict[str, tuple[str, str]]:
    """Return shape (empty: by the rule) and reason of the calibrated parameters, in file order."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for line, row in enumerate(rows, start=2):
        if row["shape"] and row["shape"] not in SHAPES:
            raise ValueError(f"{_FILE.name} line {line}: shape {row['shape']!r} is not one of {SHAPES}")
    return {row["name"]: (row["shape"], row["reason"]) for row in rows}


def sobol(number: int, dimensions: int, *, seed: int) -> np.ndarray:
    """Return evenly spread places of the unit cube, shape (number, dimensions): scrambled Sobol points."""
    from scipy.stats import qmc

    if not dimensions:
        return np.zeros((number, 0))
    power = max(1, (number - 1).bit_length())
    points = qmc.Sobol(dimensions, rng=np.random.default_rng(seed)).random_base2(power)[:number]
    return np.clip(points, 1e-6, 1.0 - 1e-6)
