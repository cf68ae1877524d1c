"""Reading a survey file as it is: CSV, Parquet, Stata or SPSS, every value as text, with rows and value labels."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..model.errors import InputError, Problem, closest

ENDINGS = {".csv": "CSV", ".parquet": "Parquet", ".dta": "Stata", ".sav": "SPSS", ".zsav": "SPSS"}


@dataclass(frozen=True, slots=True)
class RawTable:
    """A file's columns as texts of shape (n,), empty where nothing stands.

    `lines` are what a person counts: line numbers of a CSV file, numbers of respondents from 1 in the others. `labels`
    are the value labels that Stata and SPSS files carry, by column and value.
    """

    file: str
    columns: Mapping[str, list[str]]
    lines: list[int]
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.lines)


def read_table(path: str | Path, *, encoding: str = "utf-8", separator: str = ",") -> RawTable:
    """Read a survey file by its ending; InputError says what is wrong with it and what would be right."""
    path = Path(path)
    kind = ENDINGS.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(f"{ending} ({name})" for ending, name in ENDINGS.items())
        raise InputError(Problem("this kind of file is not read", path.name, expected=known))
    try:
        start = path.open("rb").read(64)
    except FileNotFoundError:
        raise InputError(Problem("there is no such file", str(path))) from None
    except OSError as error:
        raise InputError(Problem(f"the file cannot be read: {error.strerror}", str(path))) from None
    if not start:
        raise InputError(Problem("the file is empty", path.name, expected="a header and one row per respondent"))
    really = _kind_of(start)
    if (really or "CSV") != kind and not (really is None and kind != "CSV"):
        ending = next((ending for ending, name in ENDINGS.items() if name == really), "")
        hint = (
            f"the ending {ending}"
            if ending
            else "a file of one of the kinds " + ", ".join(sorted(set(ENDINGS.values())))
        )
        raise InputError(
            Problem(f"the file is called {path.suffix} but is {_article(really)} file", path.name, expected=hint)
        )
    table = _READERS[kind](path, encoding, separator)
    if not len(table):
        raise InputError(Problem("the file has no respondents", path.name, expected="one row per respondent and wave"))
    return table


def _kind_of(start: bytes) -> str | None:
    """Return the kind of a file by its first bytes; None for text."""
    if start[:4] == b"PAR1":
        return "Parquet"
    if start[:4] in (b"$FL2", b"$FL3"):
        return "SPSS"
    if start[:11] == b"<stata_dta>" or (start[0] in range(0x69, 0x74) and start[1] in (1, 2) and start[3] == 0):
        return "Stata"
    if start[:2] == b"PK":
        return "Excel"
    return None


def _article(kind: str | None) -> str:
    return {"SPSS": "an SPSS", "Excel": "an Excel"}.get(kind or "", f"a {kind or 'text'}")


def _read_csv(path: Path, encoding: str, separator: str) -> RawTable:
    text = _decoded(path, encoding)
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    header: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    problems: list[Problem] = []
    try:
        for row in reader:
            if not header:
                header = [name.strip() for name in row]
                problems += _header_problems(path.name, header, text, separator)
                if problems:
                    raise InputError(problems)
            elif not row:
                continue
            elif len(row) != len(header):
                message = f"{len(row)} values in a table of {len(header)} columns"
                problems.append(Problem(message, path.name, reader.line_num))
            else:
                rows.append(row)
                lines.append(reader.line_num)
    except csv.Error as error:
        problems.append(Problem(f"not readable as CSV: {error}", path.name, reader.line_num))
    if problems:
        raise InputError(problems[:20])
    columns = {name: [row[i].strip() for row in rows] for i, name in enumerate(header)}
    return RawTable(path.name, columns, lines)


def _header_problems(file: str, header: list[str], text: str, separator: str) -> list[Problem]:
    first = text.splitlines()[0]
    if len(header) == 1:
        for other in {",", ";", "\t"} - {separator}:
            if first.count(other) >= 2:
                written = {"\t": '"\\t"'}.get(other, f'"{other}"')
                return [Problem("all columns stand in one", file, 1, expected=f"separator = {written} in the codebook")]
    twice = sorted({name for name in header if header.count(name) > 1})
    return [Problem("this column stands twice", file, 1, name or "(without a name)") for name in twice]


def _decoded(path: Path, encoding: str) -> str:
    data = path.read_bytes()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(Problem("the file is UTF-16 text (Excel's 'Unicode text')", path.name, expected="UTF-8"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if encoding == "latin-1":
            return data.decode("cp1252", errors="replace")
        line = data[: error.start].count(b"\n") + 1
        word = data[max(0, error.start - 12) : error.start + 12].split(b"\n")[0].decode("cp1252", errors="replace")
        raise InputError(
            Problem(
                "the file is not UTF-8; it looks like Latin-1 (Windows)", path.name, line, value=word.strip(),
                expected='a file saved as UTF-8, or encoding = "latin-1" in the codebook',
            )
        ) from None  # fmt: skip
    if encoding == "latin-1" and not text.isascii():
        raise InputError(
            Problem("the codebook says Latin-1, but the file is UTF-8", path.name, expected='encoding = "utf-8"')
        )
    return text


def _read_parquet(path: Path, _encoding: str, _separator: str) -> RawTable:
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (OSError, ValueError) as error:
        raise InputError(Problem(f"not readable as Parquet: {error}", path.name)) from None
    columns = {name: [as_text(value) for value in table[name].to_pylist()] for name in table.column_names}
    return RawTable(path.name, columns, list(range(1, table.num_rows + 1)))


def _read_stata_or_spss(path: Path, _encoding: str, _separator: str) -> RawTable:
    import pyreadstat

    reader = pyreadstat.read_dta if path.suffix.lower() == ".dta" else pyreadstat.read_sav
    try:
        data, about = reader(str(path), output_format="dict")
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError, OSError) as error:
        raise InputError(Problem(f"not readable as {ENDINGS[path.suffix.lower()]}: {error}", path.name)) from None
    columns = {str(name): [as_text(value) for value in values] for name, values in data.items()}
    labels = {
        str(name): {as_text(value): str(label) for value, label in values.items()}
        for name, values in about.variable_value_labels.items()
    }
    n = len(next(iter(columns.values()), []))
    return RawTable(path.name, columns, list(range(1, n + 1)), labels)


def as_text(value: Any) -> str:
    """Return a typed value as the text a CSV file would hold; whole numbers without a decimal point."""
    if value is None:
        return ""
    if isinstance(value, float | np.floating):
        number = float(value)
        if np.isnan(number):
            return ""
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    if isinstance(value, bool | np.bool_):
        return str(int(value))
    return str(value).strip()


_READERS = {"CSV": _read_csv, "Parquet": _read_parquet, "Stata": _read_stata_or_spss, "SPSS": _read_stata_or_spss}


def missing_column(table: RawTable, column: str, role: str, expected: str = "") -> Problem:
    """Return the problem of a column the file does not have."""
    hint = expected or closest(column, table.columns)
    return Problem(f"the column of {role} is missing", table.file, 1, column, expected=hint)
