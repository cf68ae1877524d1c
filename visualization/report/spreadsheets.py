"""The numbers of an annex as CSV files and as an Excel workbook, unrounded."""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..charts.chart import Table
    from .annex import Annex

BOM = "\ufeff"  # without it Excel reads UTF-8 as something else
_FORMULA = re.compile(r"^(?:[=@\t\r]|[+-](?![\d.,]))")
_WORD = re.compile(r"[^a-z0-9]+")
_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_EPOCH = (2015, 1, 1, 0, 0, 0)


def tables_of(found: Annex) -> dict[str, Table]:
    """Return every table of an annex by file name without ending: the figures first, then by part, charts included."""
    named = [("numbers", "", found.numbers)]
    for part in found.parts:
        named += [(part.key, caption, table) for caption, table in part.tables]
        named += [(part.key, chart.title, chart.table) for chart in (*part.charts, *part.more)]
    tables: dict[str, Table] = {}
    for place, (key, title, table) in enumerate(named, start=1):
        words = _WORD.sub("-", title.lower().translate(_LETTERS)).strip("-")
        tables[f"{place:02d}-{key}" + (f"-{words[:40].rstrip('-')}" if words else "")] = table
    return tables


def csv_files(found: Annex) -> dict[str, bytes]:
    """Return the tables as CSV by file name: German with semicolon and decimal comma, English with comma and point.

    UTF-8 with byte order mark, so that Excel opens them by a double click. A missing value is an empty field. A text
    that a spreadsheet would run as a formula gets an apostrophe.
    """
    return {f"{name}.csv": csv_bytes(table, found.language) for name, table in tables_of(found).items()}


def csv_bytes(table: Table, language: str) -> bytes:
    """Return one table as CSV; shares stand as fractions, money in euros, as the heads say.

    >>> from ..charts import Table
    >>> csv_bytes(Table(("months",), ((1.5,),), ("months",)), "de").decode("utf-8-sig").split()[-1]
    '1,5'
    """
    german = language == "de"
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";" if german else ",", lineterminator="\r\n")
    writer.writerow([_text(head) for head in table.columns])
    for row in table.rows:
        writer.writerow([_text(cell) if isinstance(cell, str) else _plain(cell, german) for cell in row])
    return (BOM + file.getvalue()).encode("utf-8")


def _text(words: str) -> str:
    return f"'{words}" if _FORMULA.match(words) else words


def _plain(value: float | None, german: bool) -> str:
    """Return a number with ten significant digits, "" when there is none."""
    if value is None or not math.isfinite(value):
        return ""
    written = f"{value:.10g}"
    return written.replace(".", ",") if german else written


def xlsx(found: Annex) -> bytes:
    """Return the tables as one workbook, a sheet each; numbers are numbers, shown with a format for their unit.

    The same annex gives the same bytes.
    """
    import datetime

    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.worksheets[0])
    for name, table in tables_of(found).items():
        sheet = book.create_sheet(name[:31].rstrip("-"))
        for column, head in enumerate(table.columns, start=1):
            cell = sheet.cell(1, column)
            cell.value, cell.data_type = head, "s"
            cell.font = Font(bold=True)
            cell.alignment = Alignment(wrap_text=True, vertical="bottom")
            widest = max([len(str(row[column - 1])) for row in table.rows if isinstance(row[column - 1], str)] or [12])
            sheet.column_dimensions[get_column_letter(column)].width = min(max(14, widest + 2), 60)
        for line, row in enumerate(table.rows, start=2):
            for column, value in enumerate(row, start=1):
                if value is None or (not isinstance(value, str) and not math.isfinite(value)):
                    continue
                cell = sheet.cell(line, column)
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"  # a text that begins with = stays a text
                else:
                    cell.number_format = number_format(table.unit(column - 1))
        sheet.freeze_panes = "B2"
    book.properties.title, book.properties.creator = found.title, "kreislauf"
    book.properties.created = book.properties.modified = datetime.datetime(*_EPOCH)
    file = io.BytesIO()
    book.save(file)
    return _same_every_time(file.getvalue())


def number_format(unit: str) -> str:
    """Return Excel's format for a unit; Excel itself writes comma or point as its language has it."""
    if unit == "share":
        return "0.0%"
    if unit == "EUR":
        return '#,##0 "€"'
    if unit.startswith("EUR"):
        return '#,##0.00 "€"'
    return "#,##0" if unit in ("persons", "cases", "runs") else "#,##0.00##"


def _same_every_time(data: bytes) -> bytes:
    """Return a workbook without the times at which its parts were written."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2015-01-01T00:00:00Z", content)
            new.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
