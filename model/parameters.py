"""Every parameter of the model: value, admissible range, unit, source and confidence.

The parameters are data (`parameters.csv`). A value without a source is marked `assumption` or `estimated` and has a
range to be swept. Names are checked: a misspelt parameter or a value outside its range is refused.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from .errors import InputError, Problem, closest

CONFIDENCE = ("official", "quoted", "derived", "estimated", "assumption")
_FILE = Path(__file__).with_name("parameters.csv")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of the model with its admissible range [low, high], unit, source and confidence.

    >>> entry = parameter_table()["overlap_loss"]
    >>> entry.low <= entry.value <= entry.high
    True
    """

    group: str
    name: str
    value: float
    low: float
    high: float
    unit: str
    confidence: str
    source: str
    description: str

    def problem(self, value: object) -> Problem | None:
        """Return what is wrong with a proposed value, or None."""
        ok = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if ok and self.low <= value <= self.high:  # pyright: ignore[reportOperatorIssue]
            return None
        return Problem(
            "parameter outside its admissible range" if ok else "parameter value is not a number",
            column=self.name,
            value=str(value),
            expected=f"{self.low:g} to {self.high:g} {self.unit}".strip(),
        )


@cache
def parameter_table() -> dict[str, Parameter]:
    """Return all parameters by name, in file order.

    >>> "overlap_loss" in parameter_table()
    True
    """
    table: dict[str, Parameter] = {}
    with _FILE.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            numbers = {key: float(row[key]) for key in ("value", "low", "high")}
            entry = Parameter(**{**row, **numbers})
            place = f"{_FILE.name} line {line}"
            if entry.name in table:
                raise ValueError(f"{place}: parameter {entry.name!r} stands twice")
            if entry.confidence not in CONFIDENCE:
                raise ValueError(
                    f"{place}: confidence {entry.confidence!r} of {entry.name!r} is not one of {CONFIDENCE}"
                )
            if not entry.low <= entry.value <= entry.high:
                raise ValueError(f"{place}: value of {entry.name!r} lies outside its own range")
            table[entry.name] = entry
    return table


@cache
def _names(group: str) -> tuple[str, ...]:
    return tuple(name for name, entry in parameter_table().items() if entry.group == group)


def check_overrides(overrides: Mapping[str, object], *, file: str = "") -> list[Problem]:
    """Return the problems of a set of parameter overrides: unknown names and values outside their ranges."""
    table = parameter_table()
    problems: list[Problem] = []
    for name, value in overrides.items():
        if name not in table:
            problems.append(Problem("unknown parameter", file=file, column=name, expected=closest(name, table)))
        elif (problem := table[name].problem(value)) is not None:
            problems.append(Problem(problem.message, file, None, name, problem.value, problem.expected))
    return problems


class Parameters:
    """The parameter values of one run, read as attributes (`p.overlap_loss`); never changed in place.

    >>> Parameters({"overlap_loss": 0.1}).overlap_loss
    0.1
    """

    def __init__(self, overrides: Mapping[str, float] | None = None) -> None:
        """Take the defaults with some values replaced; raises InputError naming every wrong name or value."""
        overrides = dict(overrides or {})
        if problems := check_overrides(overrides):
            raise InputError(problems)
        self.__dict__.update({name: entry.value for name, entry in parameter_table().items()})
        self.__dict__.update({name: float(value) for name, value in overrides.items()})

    @classmethod
    def default(cls) -> Parameters:
        """Return all parameters at their stated values."""
        return cls()

    def with_values(self, overrides: Mapping[str, float]) -> Parameters:
        """Return a copy with some values replaced."""
        defaults = parameter_table()
        kept = {name: value for name, value in self if value != defaults[name].value}
        return Parameters({**kept, **overrides})

    def __getattr__(self, name: str) -> float:
        """Refuse a name that is no parameter, with the nearest one."""
        if name == "keys" or name.startswith("__"):  # Python asks whether this is a mapping, or can be copied
            raise AttributeError(name)
        raise AttributeError(f"no parameter {name!r}, {closest(name, self.__dict__)}")

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse to change a value in place."""
        raise AttributeError(f"parameters are not changed in place; use with_values({{{name!r}: {value!r}}})")

    def __iter__(self) -> Iterator[tuple[str, float]]:
        """Iterate over (name, value)."""
        return iter(self.__dict__.items())

    def __eq__(self, other: object) -> bool:
        """Two parameter sets are equal when all values are."""
        return isinstance(other, Parameters) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        """Hash by values."""
        return hash(tuple(self))

    def values(self, group: str) -> tuple[float, ...]:
        """Return the values of one group in the order of the file: what results kept between runs are known by."""
        return tuple(self.__dict__[name] for name in _names(group))

    def record(self, group: str, *more: str) -> np.record:
        """Return one group, and more by name, as a NumPy record of float64 fields, the form compiled rules read."""
        return self.records(group, *more)[0]

    def records(self, group: str, *more: str) -> np.recarray:
        """Return one group, and more by name, as an array of one such record."""
        names = (*_names(group), *more)
        rows = np.zeros(1, dtype=[(name, np.float64) for name in names]).view(np.recarray)
        rows[0] = tuple(self.__dict__[name] for name in names)
        return rows
