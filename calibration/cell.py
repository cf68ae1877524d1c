"""A cell: the part of the population a figure is about, written the same way in every file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ..model.calendar import month_index, month_label
from ..model.errors import closest

DIMENSIONS = ("sex", "age", "since", "arrived", "municipality", "children", "origin", "status", "course")
WORDS = {
    "sex": ("men", "women"),
    "origin": ("asylum", "ukraine"),
    "status": ("procedure", "protected", "tolerated"),
    "course": ("completed", "none"),
}
ADULT_AGE = (18, 64)  # the working age surveys of refugees report on, unless the cell says another


@dataclass(frozen=True, slots=True)
class Cell:
    """Conditions that must all hold, such as `sex=women;since=12..23`; the empty cell is everybody.

    Ranges include both ends. Keys: `sex` (men, women), `age` in years, `since` months since arrival, `arrived` from and
    to as YYYY-MM, `municipality` (official keys, joined by `+`), `children` under 18 in the household, `origin`
    (asylum, ukraine), `status` (procedure, protected, tolerated), `course` (completed, none). Without `age` adults of
    18 to 64 years are meant.

    >>> Cell.parse("since=12..23; sex=women").key
    'sex=women;since=12..23'
    >>> Cell.parse("").key
    'all'
    """

    conditions: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a cell from its text; ValueError with a plain sentence when it is none."""
        found: dict[str, Any] = {}
        for part in text.split(";") if text.strip() not in ("", "all") else ():
            name, equals, value = (piece.strip() for piece in part.partition("="))
            if name not in DIMENSIONS:
                raise ValueError(f"unknown cell condition {name!r}, {closest(name, DIMENSIONS)}")
            if not equals or not value:
                raise ValueError(f"cell condition {name!r} has no value; expected {name}=...")
            if name in found:
                raise ValueError(f"cell condition {name!r} stands twice")
            found[name] = _value(name, value)
        return cls(tuple((name, found[name]) for name in DIMENSIONS if name in found))

    @classmethod
    def of(cls, **conditions: Any) -> Self:
        """Return a cell from keyword conditions, values as in `parse` (`Cell.of(sex="women")`)."""
        return cls.parse(";".join(f"{name}={value}" for name, value in conditions.items()))

    @property
    def key(self) -> str:
        """The cell as text, the same text for the same cell."""
        return ";".join(f"{name}={_text(name, value)}" for name, value in self.conditions) or "all"

    def get(self, name: str) -> Any:
        """Return the value of a condition, or None."""
        return dict(self.conditions).get(name)

    def with_(self, other: Cell) -> Cell:
        """Return the cell in which the conditions of both hold; the other's win where both speak."""
        merged = dict(self.conditions) | dict(other.conditions)
        return Cell(tuple((name, merged[name]) for name in DIMENSIONS if name in merged))

    def mask(self, columns: Mapping[str, np.ndarray], keys: Sequence[str], *, adults: bool = True) -> np.ndarray:
        """Return which rows lie in the cell, shape (n,).

        `columns` are arrays of shape (n,): female, age, since, arrived, municipality (index into `keys`), children,
        origin, status, course, as `people.People` has them. Only the columns that conditions need are looked at.
        """
        conditions = dict(self.conditions)
        if adults:
            conditions.setdefault("age", ADULT_AGE)
        n = len(next(iter(columns.values())))
        inside = np.ones(n, np.bool_)
        for name, value in conditions.items():
            if name in ("age", "since", "arrived", "children"):
                low, high = value
                numbers = np.floor(columns[name])
                inside &= (numbers >= low) & (numbers <= high)
            elif name == "sex":
                inside &= columns["female"] == (value == "women")
            elif name == "municipality":
                known = {key: i for i, key in enumerate(keys)}
                inside &= np.isin(columns["municipality"], [known.get(key, -1) for key in value])
            else:
                inside &= columns[name] == value
        return inside


def _value(name: str, text: str) -> Any:
    if name in WORDS:
        if text not in WORDS[name]:
            raise ValueError(f"unknown value {text!r} of {name}, {closest(text, WORDS[name])}")
        return text
    if name == "municipality":
        return tuple(sorted(key.strip() for key in text.split("+")))
    low, dots, high = text.partition("..")
    if not dots:
        high = low
    try:
        if name == "arrived":
            ends = (month_index(low.strip()), month_index(high.strip()))
        else:
            ends = (int(low), int(high) if high.strip() else 999)
    except ValueError:
        form = "YYYY-MM..YYYY-MM" if name == "arrived" else "LOW..HIGH with whole numbers"
        raise ValueError(f"{text!r} is not a range of {name}; expected {form}") from None
    if ends[0] > ends[1]:
        raise ValueError(f"the range {text!r} of {name} ends before it begins")
    return ends


def _text(name: str, value: Any) -> str:
    if name in WORDS:
        return value
    if name == "municipality":
        return "+".join(value)
    low, high = (month_label(end) for end in value) if name == "arrived" else value
    if high == 999:
        return f"{low}.."
    return f"{low}" if low == high else f"{low}..{high}"
