"""Targets: what surveys and registers found, with its error, in one table that calibration and checks read.

Published figures (`targets.csv` of a region) and estimates from a survey file (`estimates.py`) have the same form. A
row is fitted only when its `use` is `calibrate`; `validate` rows are kept back and are compared afterwards.
"""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import pandas as pd

from ..experiments.csv_file import as_number, decimal_point, read_csv_file
from ..model.calendar import month_index, month_label
from ..model.errors import InputError, Problem, closest
from ..model.parameters import CONFIDENCE
from .cell import Cell
from .quantities import Quantity, quantities

if TYPE_CHECKING:
    from ..model.region import Region

FILE = "targets.csv"
USES = ("calibrate", "validate", "initialise", "rule")
SE_BASES = ("published", "derived", "assumption", "design")
Use = Literal["calibrate", "validate", "initialise", "rule"]


@dataclass(frozen=True, slots=True)
class Target:
    """One figure: what was found about a cell of the population in a month, and how sure it is.

    `estimate`, `se`, `se_low` and `se_high` are in the unit of the quantity (shares from 0 to 1, not percent); the
    standard error is `published`, `derived` from the number asked, from the `design` of a survey file, or an
    `assumption`, and then has a range. `n` is the number asked (NaN when not known). Rows with the same `survey` and
    wave are answers of the same respondents. `panel` says whether the survey asks the same persons in every wave,
    `local` whether it asks the very people the model simulates, so that asking all of them would leave no sampling
    error. `sd` is the standard deviation of single answers (of a share it follows from the share).
    `quantity` is empty when the model has nothing that corresponds; `note` then says why, and the row is only listed.

    >>> Targets.of_region("coburg")["E01"].use in USES
    True
    """

    id: str
    quantity: str
    wave: int | None
    cell: Cell
    estimate: float
    se: float
    n: float = math.nan
    use: Use = "calibrate"
    survey: str = ""
    panel: bool = False
    local: bool = False
    sd: float = math.nan
    se_low: float = math.nan
    se_high: float = math.nan
    se_basis: str = "design"
    period: str = ""
    confidence: str = "quoted"
    source: str = ""
    note: str = ""

    @property
    def modelled(self) -> bool:
        """Whether the model has a quantity that corresponds."""
        return self.quantity != "" and self.wave is not None

    @property
    def what(self) -> Quantity:
        """The quantity of a modelled row."""
        return quantities()[self.quantity]

    @property
    def n_effective(self) -> float:
        """Respondents of a simple random sample with the same standard error; NaN when the spread is not known."""
        if not self.modelled or not self.se > 0:
            return math.nan
        spread = self.estimate * (1.0 - self.estimate) if self.what.is_share else self.sd**2
        if spread == 0.0:  # nobody or everybody said yes: the error then says nothing about the number asked
            return self.n
        return spread / self.se**2


COLUMNS = tuple(field.name for field in fields(Target))


@dataclass(frozen=True, slots=True)
class Targets:
    """A table of targets in a fixed order; everything that compares with a model is aligned to `rows`."""

    rows: tuple[Target, ...]

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read a CSV file of targets; InputError names every problem with line and column."""
        path = Path(path)
        return cls(tuple(_read(path, str(path))))

    @classmethod
    def of_region(cls, region: Region | str | Path) -> Self:
        """Return the published targets that come with a region; InputError when it has none.

        >>> Targets.of_region("coburg")["E01"].estimate
        0.1
        """
        from ..model.region import region_folder

        folder = region_folder(region if isinstance(region, str | Path) else region.name)
        if not (folder / FILE).is_file():
            raise InputError(Problem("this region has no published targets", str(folder / FILE)))
        return cls(tuple(_read(folder / FILE, FILE)))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def __iter__(self) -> Iterator[Target]:
        """Iterate over the rows in order."""
        return iter(self.rows)

    def __getitem__(self, name: str) -> Target:
        """Return a row by its id."""
        for row in self.rows:
            if row.id == name:
                return row
        raise KeyError(f"no target {name!r}, {closest(name, [row.id for row in self.rows])}")

    def __add__(self, other: Targets) -> Targets:
        """Return both tables one after the other; InputError when an id stands in both."""
        both = {row.id for row in self.rows} & {row.id for row in other.rows}
        if both:
            raise InputError(f"targets with the same id in two files: {', '.join(sorted(both))}")
        return Targets((*self.rows, *other.rows))

    def where(self, condition: Callable[[Target], bool]) -> Targets:
        """Return the rows for which the condition holds."""
        return Targets(tuple(row for row in self.rows if condition(row)))

    @property
    def fitted(self) -> Targets:
        """The rows calibration may fit: use `calibrate`, with a counterpart in the model and a standard error."""
        return self.where(lambda row: row.use == "calibrate" and row.modelled and row.se > 0)

    @property
    def held_back(self) -> Targets:
        """The rows kept for checks after the fit: use `validate`, with a counterpart in the model."""
        return self.where(lambda row: row.use == "validate" and row.modelled)

    @property
    def not_modelled(self) -> Targets:
        """The rows that are only listed, with the reason in `note`."""
        return self.where(lambda row: not row.modelled)

    def within(self, first: int, last: int) -> Targets:
        """Return the modelled rows whose wave lies in the months first..last (both included)."""
        return self.where(lambda row: row.modelled and row.wave is not None and first <= row.wave <= last)

    @property
    def waves(self) -> tuple[int, ...]:
        """The months at which people have to be looked at, in order."""
        return tuple(sorted({row.wave for row in self.rows if row.modelled and row.wave is not None}))

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids in order."""
        return tuple(row.id for row in self.rows)

    @property
    def estimates(self) -> np.ndarray:
        """The figures, shape (n,)."""
        return np.array([row.estimate for row in self.rows], np.float64)

    @property
    def errors(self) -> np.ndarray:
        """The standard errors, shape (n,)."""
        return np.array([row.se for row in self.rows], np.float64)

    def with_use(self, use: Use, ids: Iterable[str]) -> Targets:
        """Return the table with another use for some rows, for instance to keep a wave back."""
        chosen = set(ids)
        return Targets(tuple(replace(row, use=use) if row.id in chosen else row for row in self.rows))

    def frame(self) -> pd.DataFrame:
        """Return the table as data, in the columns of the CSV file."""
        return pd.DataFrame([_text_row(row) for row in self.rows], columns=list(COLUMNS))

    def to_csv(self) -> str:
        """Return the table as CSV text that `read` takes."""
        out = StringIO()
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(_text_row(row) for row in self.rows)
        return out.getvalue()

    @property
    def digest(self) -> str:
        """SHA-256 of the table: two tables with the same digest say the same."""
        return hashlib.sha256(self.to_csv().encode()).hexdigest()


def _text_row(row: Target) -> dict[str, str]:
    out: dict[str, str] = {}
    for name in COLUMNS:
        value = getattr(row, name)
        if isinstance(value, Cell):
            out[name] = value.key
        elif isinstance(value, bool):
            out[name] = str(int(value))
        elif isinstance(value, float):
            out[name] = "" if math.isnan(value) else repr(value)
        elif name == "wave":
            out[name] = "" if value is None else month_label(value)
        else:
            out[name] = str(value)
    return out


def _read(path: Path, shown: str) -> list[Target]:
    file = read_csv_file(path, shown_as=shown)
    names = file.names
    problems = [
        Problem("unknown column", shown, 1, name, expected=closest(name, COLUMNS))
        for name in names
        if name not in COLUMNS
    ]
    needed = ("id", "quantity", "wave", "estimate", "se", "use")
    problems += [Problem("this column is missing", shown, 1, name) for name in needed if name not in names]
    if problems:
        raise InputError(problems)
    rows: list[Target] = []
    lines: dict[str, int] = {}
    for line, cells in file.rows:
        found: list[Problem] = []
        values = {name: _value(name, cells[name], found, shown, line) for name in cells}
        if values["id"] in lines:
            found.append(Problem(f"this id stands in line {lines[values['id']]} too", shown, line, "id", values["id"]))
        lines.setdefault(values["id"], line)
        if not found:
            row = Target(**{"cell": Cell(), **values})
            found += _row_problems(row, shown, line)
            rows.append(row)
        problems += found
    if not rows and not problems:
        problems.append(Problem("the file has no rows", shown))
    if problems:
        raise InputError(problems)
    return rows


def _value(name: str, text: str, problems: list[Problem], file: str, line: int) -> Any:
    """Return the typed value of a field; what is wrong with it goes to `problems`."""

    def wrong(message: str, expected: str = "") -> None:
        problems.append(Problem(message, file, line, name, text, expected))

    if name in ("estimate", "se", "n", "sd", "se_low", "se_high"):
        value = as_number(text) if text else math.nan
        return wrong("not a number", decimal_point(text, "a finite number")) if value is None else value
    if name == "wave":
        try:
            return month_index(text) if text else None
        except ValueError:
            return wrong("not a month", "YYYY-MM, such as 2016-10")
    if name == "cell":
        try:
            return Cell.parse(text)
        except ValueError as error:
            return wrong(str(error))
    if name in ("panel", "local"):
        return text == "1" if text in ("0", "1", "") else wrong("not a yes or no", "0 or 1")
    choices = {"use": USES, "se_basis": SE_BASES, "confidence": CONFIDENCE, "quantity": ("", *quantities())}.get(name)
    if choices is not None and text not in choices:
        return wrong("unknown value", closest(text, [choice for choice in choices if choice]))
    if name == "id" and not text:
        return wrong("the row has no id")
    return text


def _row_problems(row: Target, file: str, line: int) -> Iterator[Problem]:
    if not row.modelled:
        if row.quantity:
            yield Problem("a quantity needs the month of its wave", file, line, "wave", expected="YYYY-MM")
        elif not row.note:
            yield Problem("a row without quantity says why in its note", file, line, "note")
        return
    what = row.what
    if not what.low <= row.estimate <= what.high:
        bounds = f"{what.low:g} to {what.high:g} {what.unit}"
        yield Problem("estimate outside what is possible", file, line, "estimate", f"{row.estimate:g}", bounds)
    if row.use == "calibrate" and not row.se > 0:
        expected = "more than 0 (an assumption with a range when none is published)"
        yield Problem("a fitted row needs a standard error", file, line, "se", f"{row.se:g}", expected)
    if row.se_basis == "assumption" and row.se > 0 and not row.se_low <= row.se <= row.se_high:
        yield Problem("an assumed standard error lies within its range", file, line, "se_low", f"{row.se_low:g}")
    if what.who == "register" and row.cell.key != "all":
        yield Problem("a figure of a register knows no cell", file, line, "cell", row.cell.key, "all or empty")
