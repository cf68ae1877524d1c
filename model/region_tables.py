"""The tables of a region folder as data (column, kind, range, meaning), and one strict reader for all of them."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from .calendar import month_index
from .errors import Problem, closest
from .parameters import CONFIDENCE

LEVELS = ("federal", "state", "bezirk", "district", "welfare", "provider", "municipality", "volunteers")
PAYERS = ("bund", "land", "bezirk", "district", "municipality", "carrier", "donors")
NATURES = ("duty", "delegated", "voluntary")
PROGRAMME_KINDS = ("post", "project", "course", "cooperation")
FINANCE_LEVELS = ("municipality", "district", "bezirk", "land", "city")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its kind of value, admissible range or values, unit and meaning; `blank` says that it may be empty."""

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
    """One CSV file of a region folder: its columns in order, columns that may be left out, and the key of a row."""

    file: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...]
    optional: tuple[Column, ...] = ()


@dataclass(slots=True)
class Rows:
    """What was read from one table: typed values by column (None where a value was wrong or empty) and line numbers."""

    table: Table
    lines: list[int] = field(default_factory=list)
    columns: dict[str, list[Any]] = field(default_factory=dict)
    raw: dict[str, list[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.lines)

    def problem(self, row: int, column: str, message: str, expected: str = "") -> Problem:
        """Return a problem at a cell of this table."""
        return Problem(message, self.table.file, self.lines[row], column, self.raw[column][row], expected)


_CONFIDENCE = Column("confidence", "choice", "how sure the row's weakest figure is", choices=CONFIDENCE)
_SOURCE = Column("source", "list", "source_id of sources.csv; several separated by semicolons")
_NOTE = Column("note", "text", "what a reader should know", blank=True)
_EVIDENCE = (_CONFIDENCE, _SOURCE)
_IDENTITY = Column(
    "identity",
    "integer",
    "number that random draws follow; made from the key when the column is absent",
    low=0,
    high=2**31 - 1,
    blank=True,
)


def _share(name: str, meaning: str) -> Column:
    return Column(name, "number", meaning, "share 0 to 1", 0, 1)


def _key(name: str, meaning: str) -> Column:
    return Column(name, "key", meaning)


def _amount(name: str, meaning: str, unit: str, *, blank: bool = False) -> Column:
    return Column(name, "number", meaning, unit, 0, blank=blank)


TABLES: dict[str, Table] = {
    "municipalities": Table(
        "municipalities.csv",
        (
            Column("key", "municipality_key", "official municipality key (AGS)", "8 to 12 digits"),
            Column("name", "text", "name as people write it"),
            _key("district", "key of its district in region.toml"),
            Column("type", "text", "legal type, for example Gemeinde or Stadt"),
            Column("area_km2", "number", "area", "km2", 0.01, 20000),
            Column("lat", "number", "latitude of the seat", "degrees north", -90, 90),
            Column("lon", "number", "longitude of the seat", "degrees east", -180, 180),
            _amount("km_to_centre", "air distance from the seat to the district's course site", "km"),
            Column("gu_places", "integer", "places in collective accommodation of the state", "places", 0),
            _amount("asylum_2014", "asylum seekers housed before the rush; sets where the first ones live", "persons"),
            Column("borders_centre", "flag", "1 when it borders the town of the course site", "0 or 1"),
            _amount("rent_limit_1p_eur", "highest rent the job centre accepts for one person", "EUR a month"),
            _amount("rent_limit_3p_eur", "the same for three persons", "EUR a month"),
            Column("hex_q", "integer", "column on the hexagon map (axial coordinate)"),
            Column("hex_r", "integer", "row on the hexagon map (axial coordinate)"),
            *_EVIDENCE,
        ),
        ("key",),
        (_IDENTITY, _NOTE),
    ),
    "population": Table(
        "population.csv",
        (
            _key("key", "municipality"),
            Column("year", "integer", "year", low=1950, high=2100),
            Column("population", "integer", "inhabitants on 31 December", "persons", 1),
            *_EVIDENCE,
        ),
        ("key", "year"),
        (_NOTE,),
    ),
    "adjacency": Table(
        "adjacency.csv",
        (
            _key("from", "municipality"),
            _key("to", "another municipality; every ordered pair stands once"),
            Column("km", "number", "air distance between the seats", "km", 0.01, 2000),
            Column("adjacent", "flag", "1 when they have a common border", "0 or 1"),
            _amount("border_km", "length of the common border", "km"),
            *_EVIDENCE,
        ),
        ("from", "to"),
        (_NOTE,),
    ),
    "arrivals": Table(
        "arrivals.csv",
        (
            Column("month", "month", "month", "YYYY-MM"),
            _key("district", "district"),
            _amount("asylum_persons", "asylum seekers assigned in the month; fractions are allowed", "persons"),
            _amount("ukraine_persons", "people from Ukraine arriving in the month (net)", "persons"),
            _share("refugee_share", "decisions of the month: refugee status and asylum"),
            _share("subsidiary_share", "decisions of the month: subsidiary protection"),
            _share("ban_share", "decisions of the month: ban on deportation"),
            _share("rejected_share", "decisions of the month: rejected"),
            _share("closed_share", "decisions of the month: formally closed (Dublin, withdrawn)"),
            Column("procedure_months", "number", "mean length of procedures decided in the year", "months", 0.1, 60),
            *_EVIDENCE,
        ),
        ("month", "district"),
        (_NOTE,),
    ),
    "initial": Table(
        "initial.csv",
        (
            Column("indicator", "id", "what is given at the start of the history"),
            Column("value", "number", "its value"),
            Column("unit", "text", "unit of the value"),
            *_EVIDENCE,
        ),
        ("indicator",),
        (_NOTE,),
    ),
    "structures": Table(
        "structures.csv",
        (
            Column("id", "unit_id", "short name; phases of one office are name.1, name.2 and so on"),
            Column("name_de", "text", "German name"),
            Column("owner", "id", "who holds it: a short word such as district, caritas, jobcenter"),
            Column("level", "choice", "level of government or society", choices=LEVELS),
            Column("tasks", "list", "tasks of the field it serves"),
            Column("groups", "list", "groups of the field it serves, or all"),
            Column("catchment", "list", "all, each, or keys of municipalities or districts, or names of alliances"),
            Column("nature", "choice", "legal nature", choices=NATURES),
            _amount("fte", "staff", "full-time posts"),
            _amount("hours_per_month", "hours it can spend on cases, or on coordination, in a month", "hours"),
            _amount("monthly_cost_eur", "cost of the post itself (staff, workplace) in prices of 2017", "EUR a month"),
            Column("payers", "shares", "who pays, as payer:share, shares adding up to 1"),
            Column("start", "month", "first month; empty: before the history", "YYYY-MM", blank=True),
            Column("end", "month", "last month; empty: open", "YYYY-MM", blank=True),
            Column("ramp_up_months", "integer", "months until it works at full capacity", "months", 0, 60),
            Column("visibility_factor", "number", "how well it notices cases: 1 is usual", "factor", 0, 5),
            Column("programme", "id", "programme that pays it for a term (programmes.csv)", blank=True),
            Column("evidence_rows", "list", "rows of the task table (README of the region)", blank=True),
            _NOTE,
            *_EVIDENCE,
        ),
        ("id",),
    ),
    "programmes": Table(
        "programmes.csv",
        (
            Column("id", "id", "short name"),
            Column("name_de", "text", "German name"),
            Column("payer", "choice", "who pays", choices=PAYERS),
            Column("kind", "choice", "what it pays", choices=PROGRAMME_KINDS),
            Column("tasks", "list", "tasks it may pay for"),
            Column("eligible_levels", "list", "levels that may apply"),
            _amount("max_eur_per_year", "most it pays in the region in a year", "EUR a year"),
            _share("funded_share", "share of a post's or project's cost it pays"),
            Column("start", "month", "first month it pays; empty: before the history", "YYYY-MM", blank=True),
            Column("end", "month", "last month it pays; empty: open", "YYYY-MM", blank=True),
            Column("term_months", "integer", "months it grants at a time", "months", 1, 240),
            _share("renewal_probability", "chance that a grant is renewed at the end of its term"),
            *_EVIDENCE,
        ),
        ("id",),
        (_NOTE,),
    ),
    "finances": Table(
        "finances.csv",
        (
            Column("level", "choice", "whose figure it is", choices=FINANCE_LEVELS),
            Column("key", "text", "key of the municipality, district, Bezirk or Land"),
            Column("year", "integer", "year", low=1990, high=2100),
            Column("indicator", "id", "name of the figure"),
            Column("value", "number", "its value"),
            Column("unit", "text", "unit of the value"),
            *_EVIDENCE,
        ),
        ("level", "key", "year", "indicator"),
        (_NOTE,),
    ),
    "labour": Table(
        "labour.csv",
        (
            _key("district", "district"),
            Column("month", "month", "month", "YYYY-MM"),
            Column("indicator", "id", "name of the figure"),
            Column("value", "number", "its value"),
            Column("unit", "text", "unit of the value"),
            *_EVIDENCE,
        ),
        ("district", "month", "indicator"),
        (_NOTE,),
    ),
    "alliances": Table(
        "alliances.csv",
        (
            Column("alliance", "id", "short name"),
            Column("name", "text", "full name"),
            _key("key", "member municipality"),
            Column("start", "month", "first month of membership; empty: before the history", "YYYY-MM", blank=True),
            Column("end", "month", "last month of membership; empty: open", "YYYY-MM", blank=True),
            *_EVIDENCE,
        ),
        ("alliance", "key"),
        (_NOTE,),
    ),
    "sources": Table(
        "sources.csv",
        (
            Column("source_id", "source_id", "short name used in the column source"),
            Column("title", "text", "title, publisher, or the method of an estimate"),
            Column("url", "text", "address, or - when there is none"),
            Column("reference_date", "text", "date the figures refer to"),
            Column("type", "text", "official, quoted, estimate, ... in words"),
        ),
        ("source_id",),
        (_NOTE,),
    ),
}

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
    "number": (_number, "a number with a decimal point"),
    "integer": (_whole, "a whole number"),
    "flag": (lambda text: {"0": False, "1": True}[text], "0 or 1"),
    "month": (_month, "a month as YYYY-MM"),
    "list": (_list, "words separated by semicolons, none empty, none twice"),
    "shares": (_shares, "payer:share;payer:share, for example land:0.7;carrier:0.3"),
}


def read_cell(column: Column, text: str) -> tuple[Any, str, str]:
    """Return the typed value of a cell, and what is wrong with it and what would be right (empty when nothing is)."""
    if not text:
        return (None, "", "") if column.blank else (None, "the value is missing", _expected(column))
    if column.kind in _PATTERNS:
        pattern, right = _PATTERNS[column.kind]
        return (text, "", "") if pattern.fullmatch(text) else (None, "not a valid name or key", right)
    if column.kind == "choice":
        return (text, "", "") if text in column.choices else (None, "unknown value", closest(text, column.choices))
    if column.kind not in _READERS:
        return text, "", ""
    reader, right = _READERS[column.kind]
    try:
        value = reader(text)
    except (ValueError, KeyError):
        return None, f"cannot be read as {'a list' if column.kind in ('list', 'shares') else right}", right
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
        words = _READERS[column.kind][1]
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
        before = next(csv.reader([data[begin : error.start].decode("latin-1")]), [""])
        names = next(csv.reader([data.split(b"\n", 1)[0].decode("latin-1")]), [])
        column = names[len(before) - 1].strip() if len(before) <= len(names) else ""
        found = data[begin:].split(b"\n", 1)[0].decode("latin-1").strip()
        cell = (next(csv.reader([found]), [""]) + [""] * len(before))[len(before) - 1]
        return "", Problem("the file is not UTF-8 text: save as UTF-8", shown, line, column, cell, "UTF-8")


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
            problems.append(Problem("unknown column", table.file, 1, name, expected=hint))
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
