"""What a column and a table of a region folder are, and the columns many tables share."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .parameters import CONFIDENCE


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its kind of value, admissible range or values, unit and meaning; `blank`: it may be empty."""

    name: str
    kind: str
    meaning: str
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One CSV file of a region folder: its columns in order, columns that may be left out, the key of a row."""

    file: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...]
    optional: tuple[Column, ...] = ()
    may_be_empty: bool = False


CONFIDENCE_COLUMN = Column(
    "confidence",
    "choice",
    "how sure the leading figure of the row is; others are qualified in the note",
    choices=CONFIDENCE,
)
SOURCE = Column("source", "list", "source_id of sources.csv; several separated by semicolons")
NOTE = Column("note", "text", "what a reader should know", blank=True)
EVIDENCE = (CONFIDENCE_COLUMN, SOURCE)
IDENTITY = Column(
    "identity",
    "integer",
    "number that random draws follow; made from the key when the column is absent",
    low=0,
    high=2**31 - 1,
    blank=True,
)


def share(name: str, meaning: str) -> Column:
    """Return a column of shares, 0 to 1."""
    return Column(name, "number", meaning, "share 0 to 1", 0, 1)


def key(name: str, meaning: str) -> Column:
    """Return a column that names a row of another table."""
    return Column(name, "key", meaning)


def amount(name: str, meaning: str, unit: str, *, blank: bool = False) -> Column:
    """Return a column of numbers from 0 on."""
    return Column(name, "number", meaning, unit, 0, blank=blank)
