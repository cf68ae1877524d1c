"""CSV files that people hand in: read whole as texts, or refused with all that is wrong, each with its line."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from ..model.errors import InputError, Problem

_SEPARATORS = {";": "semicolons", "\t": "tabs"}


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A table of texts: its name as shown, the names of its columns, and its rows with the line each begins on."""

    name: str
    names: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]


def read_csv_file(path: str | Path, *, shown_as: str = "") -> CsvFile:
    """Return a CSV file with commas in UTF-8; empty lines are left out. Raises InputError with every problem."""
    shown = shown_as or str(path)
    records = list(_records(_text(Path(path), shown), shown))
    if not records:
        raise InputError(Problem("the file is empty", shown, expected="a line with the names of the columns"))
    (line, header), *rest = records
    problems: list[Problem] = []
    for separator, word in _SEPARATORS.items():
        if len(header) == 1 and separator in header[0]:
            message = f"columns are separated by {word}"
            raise InputError(Problem(message, shown, line, expected="commas between columns"))
    if not all(header):
        problems.append(Problem("a column has no name", shown, line))
    twice = sorted({name for name in header if name and header.count(name) > 1})
    problems += [Problem("this column stands twice", shown, line, name) for name in twice]
    for number, record in rest:
        if len(record) != len(header):
            values = f"{len(record)} value{'s' if len(record) > 1 else ''}"
            problems.append(Problem(f"{values} in a table of {len(header)} columns", shown, number))
    if problems:
        raise InputError(problems[:20])
    rows = tuple((number, dict(zip(header, record, strict=True))) for number, record in rest)
    return CsvFile(shown, tuple(header), rows)


def as_number(text: str) -> float | None:
    """Return a finite number written with a decimal point, None for anything else."""
    try:
        value = float(text.replace("_", "x"))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def decimal_point(text: str, expected: str = "a number") -> str:
    """Return what would be right in the place of a text that is no number: a decimal point, where a comma stands."""
    return "a decimal point" if "," in text else expected


def _text(path: Path, shown: str) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(Problem("there is no such file", shown)) from None
    except OSError as error:
        raise InputError(Problem(f"the file cannot be read: {error.strerror}", shown)) from None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(Problem("the file is UTF-16 text", shown, expected="a file saved as UTF-8"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n")
        found = data.split(b"\n")[line].decode("cp1252", errors="replace").strip()[:40]
        right = "a file saved as UTF-8"
        raise InputError(Problem("the file is not UTF-8 text", shown, line + 1, value=found, expected=right)) from None


def _records(text: str, shown: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the records that are not empty with the line each begins on; raises InputError where it is no CSV."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    begin = 1
    try:
        for record in reader:
            cells = [cell.strip() for cell in record]
            if any(cells):
                yield begin, cells
            begin = reader.line_num + 1
    except csv.Error as error:
        raise InputError(Problem(f"not readable as CSV: {error}", shown, begin)) from None
