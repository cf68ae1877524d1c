"""One strict reader for all tables of a region folder: typed values, or every problem with file, line and column."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .calendar import month_index
from .errors import Problem, closest

if TYPE_CHECKING:
    from .region_schema import Column, Table


@dataclass(slots=True)
class Rows:
    """What was read from one table: typed values by column (None where a value was wrong or empty) and line numbers."""

    table: Table
    lines: list[int] = field(default_factory=list)
    columns: dict[str, list[Any]] = field(default_factory=dict)
    raw: dict[str, list[str]] = field(default_factory=dict)
    readable: bool = False

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.lines)

    def problem(self, row: int, column: str, message: str, expected: str = "") -> Problem:
        """Return a problem at a cell of this table."""
        return Problem(message, self.table.file, self.lines[row], column, self.raw[column][row], expected)


_PATTERNS: dict[str, tuple[re.Pattern[str], str]] = {
    "key": (re.compile(r"\d{5,12}"), "the official key, digits only, with its leading zero"),
    "municipality_key": (re.compile(r"\d{8,12}"), "the official key of 8 to 12 digits, with its leading zero"),
    "id": (re.compile(r"[a-z][a-z0-9_]*"), "a short name of small letters, digits and _"),
    "unit_id": (re.compile(r"[a-z][a-z0-9_]*(\.\d+)?"), "small letters, digits and _, with .1, .2 for phases"),
    "source_id": (re.compile(r"[A-Za-z0-9_]+"), "letters, digits and _"),
}


def _number(text: str) -> float:
    value = float(text.replace("_", "x"))  # Python reads 1_000; a region file must not
    if not math.isfinite(value):
        raise ValueError
    return value


def _whole(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d+", text):
        raise ValueError
    return int(text)


def _month(text: str) -> int:
    return month_index(text)


def _list(text: str) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in text.split(";"))
    if not all(parts) or len(set(parts)) != len(parts):
        raise ValueError
    return parts


def _shares(text: str) -> tuple[tuple[str, float], ...]:
    pairs: list[tuple[str, float]] = []
    for part in text.split(";"):
        name, colon, share = part.partition(":")
        if not colon:
            raise ValueError
        pairs.append((name.strip(), _number(share)))
    return tuple(pairs)


_READERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "number": (_number, "a number with a decimal point, such as 13.9"),
    "integer": (_whole, "a whole number, such as 12"),
    "flag": (lambda text: {"0": False, "1": True}[text], "0 or 1"),
    "month": (_month, "a month as YYYY-MM, such as 2015-03"),
    "list": (_list, "words separated by semicolons, none empty, none twice"),
    "shares": (_shares, "payer:share;payer:share, for example land:0.7;carrier:0.3"),
}


_WORDS = {
    "number": "a number",
    "integer": "a whole number",
    "flag": "0 or 1",
    "month": "a month",
    "list": "a list",
    "shares": "a list of payers and shares",
}


def nearest(name: str, names: Sequence[str]) -> str:
    """Return the nearest known name, or a few of the known ones when none is near."""
    if not names:
        return "none is known"
    hint = closest(name, names)
    if hint.startswith("one of") and len(names) > 25:
        return "one of " + ", ".join(sorted(names)[:5]) + f" and {len(names) - 5} more"
    return hint


def read_cell(column: Column, text: str) -> tuple[Any, str, str]:
    """Return the typed value of a cell, and what is wrong with it and what would be right (empty when nothing is)."""
    if not text:
        return (None, "", "") if column.blank else (None, "the value is missing", _expected(column))
    if column.kind in _PATTERNS:
        pattern, right = _PATTERNS[column.kind]
        return (text, "", "") if pattern.fullmatch(text) else (None, "not a valid name or key", right)
    if column.kind == "choice":
        known = text in column.choices
        return (text, "", "") if known else (None, f"unknown value, {closest(text, column.choices)}", _expected(column))
    if column.kind not in _READERS:
        return text, "", ""
    reader, right = _READERS[column.kind]
    try:
        value = reader(text)
    except (ValueError, KeyError):
        return None, f"not {_WORDS[column.kind]}", right
    if column.kind in ("number", "integer") and not column.low <= value <= column.high:
        return None, "the value is outside its range", _expected(column)
    return value, "", ""


def _expected(column: Column) -> str:
    """Say in words what a cell of a column should hold."""
    if column.kind in _PATTERNS:
        return _PATTERNS[column.kind][1]
    if column.kind == "choice":
        return "one of " + ", ".join(column.choices)
    if column.kind in ("number", "integer"):
        words = _WORDS[column.kind]
        if column.low > -math.inf:
            words += f" from {column.low:g}"
        if column.high < math.inf:
            words += f" to {column.high:g}"
        return words
    return _READERS[column.kind][1] if column.kind in _READERS else "a text"


def read_table(folder: Path, table: Table) -> tuple[Rows, list[Problem]]:
    """Return the typed rows of one CSV file and everything that is wrong with it; a missing file gives no rows."""
    rows = Rows(table)
    text, problem = _read_text(folder / table.file, table.file)
    if problem is not None:
        return rows, [problem]
    problems: list[Problem] = []
    records = _records(text, table.file, problems)
    if not records:
        return rows, problems or [Problem("the file is empty", table.file, 1, expected=_header(table))]
    header = [cell.strip() for cell in records[0][1]]
    position = _match_header(table, header, problems)
    rows.readable = True
    wanted = [column for column in (*table.columns, *table.optional) if column.name in position]
    for column in wanted:
        rows.columns[column.name], rows.raw[column.name] = [], []
    for line, record in records[1:]:
        if len(record) != len(header):
            problems.append(
                Problem("wrong number of cells", table.file, line, value=str(len(record)), expected=f"{len(header)}")
            )
            continue
        rows.lines.append(line)
        for column in wanted:
            cell = record[position[column.name]].strip()
            value, message, right = read_cell(column, cell)
            if message:
                problems.append(Problem(message, table.file, line, column.name, cell, right))
            rows.columns[column.name].append(value)
            rows.raw[column.name].append(cell)
    for column in (*table.columns, *table.optional):  # so that later checks need not ask whether a column was there
        rows.columns.setdefault(column.name, [None] * len(rows))
        rows.raw.setdefault(column.name, [""] * len(rows))
    _check_unique(rows, problems)
    return rows, problems


def _header(table: Table) -> str:
    return "the header line " + ",".join(column.name for column in table.columns)


def _read_text(path: Path, shown: str) -> tuple[str, Problem | None]:
    """Return the text of a file, or the reason why it cannot be read (missing, not UTF-8 with line and column)."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return "", Problem("the file is missing", shown, expected=f"a file {shown} in the region folder")
    except OSError as error:
        return "", Problem(f"the file cannot be read: {error.strerror}", shown)
    try:
        return data.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        begin = data.rfind(b"\n", 0, error.start) + 1
        before = _cells(data[begin : error.start])
        names = _cells(data.split(b"\n", 1)[0])
        column = names[len(before) - 1].strip() if len(before) <= len(names) else ""
        found = _cells(data[begin:].split(b"\n", 1)[0].strip())
        cell = (found + [""] * len(before))[len(before) - 1]
        return "", Problem("the file is not UTF-8 text: save as UTF-8", shown, line, column, cell, "UTF-8")


def _cells(line: bytes) -> list[str]:
    """Return the cells of one line of a file whose encoding is not known, at least one."""
    return next(csv.reader([line.decode("latin-1").replace("\r", " ")]), []) or [""]


def _records(text: str, shown: str, problems: list[Problem]) -> list[tuple[int, list[str]]]:
    """Return the records of a CSV text with the line each begins on; empty lines are skipped."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    records: list[tuple[int, list[str]]] = []
    begin = 1
    try:
        for record in reader:
            if record and any(cell.strip() for cell in record):
                records.append((begin, record))
            begin = reader.line_num + 1
    except csv.Error as error:
        problems.append(Problem(f"not a valid CSV line: {error}", shown, begin))
    if records and len(records[0][1]) == 1 and ";" in records[0][1][0]:
        problems.append(Problem("columns are separated by semicolons", shown, 1, expected="commas between columns"))
        return []
    return records


def _match_header(table: Table, header: Sequence[str], problems: list[Problem]) -> dict[str, int]:
    """Return the position of each known column; report unknown, repeated and missing ones, near misses together."""
    required = [column.name for column in table.columns]
    known = required + [column.name for column in table.optional]
    position: dict[str, int] = {}
    missing = [name for name in required if name not in header]
    for index, name in enumerate(header):
        if name in position:
            problems.append(Problem("the column stands twice", table.file, 1, name))
        elif name in known:
            position[name] = index
        else:
            hint = closest(name, missing or known)
            near = hint.removeprefix("did you mean '").removesuffix("'?") if hint.startswith("did") else ""
            if near in missing:  # one problem instead of two: the misspelt column is the missing one
                missing.remove(near)
            problems.append(Problem(f"unknown column, {hint}", table.file, 1, name))
    problems.extend(Problem("the column is missing", table.file, 1, name, expected=_header(table)) for name in missing)
    return position


def _check_unique(rows: Rows, problems: list[Problem]) -> None:
    """Report rows whose key was there before."""
    seen: dict[tuple[Any, ...], int] = {}
    for row in range(len(rows)):
        key = tuple(rows.columns[name][row] for name in rows.table.unique)
        if None in key:
            continue
        if key in seen:
            name = rows.table.unique[-1]
            problems.append(
                rows.problem(row, name, f"the same row as in line {seen[key]}", "every key once: " + _words(rows.table))
            )
        else:
            seen[key] = rows.lines[row]


def _words(table: Table) -> str:
    return ", ".join(table.unique)


def cells(rows: Rows, *names: str) -> Iterator[tuple[Any, ...]]:
    """Yield (row, value, value, ...) where none of the values is missing or wrong."""
    for row in range(len(rows)):
        values = [rows.columns[name][row] for name in names]
        if None not in values:
            yield (row, *values)
