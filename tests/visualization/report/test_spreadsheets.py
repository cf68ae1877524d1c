"""The tables come back from CSV and XLSX as the numbers they were, German with comma, and never as formulas."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.visualization.charts.chart import Table
from kreislauf.visualization.report.spreadsheets import csv_bytes, csv_files, number_format, tables_of, xlsx
from openpyxl import load_workbook


def read(data: bytes, language: str) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    text = data.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";" if language == "de" else ","))


def test_every_table_comes_back_from_csv(found):
    files = csv_files(found)
    assert set(files) == {f"{name}.csv" for name in tables_of(found)}
    numbers = 0
    for name, table in tables_of(found).items():
        head, *rows = read(files[f"{name}.csv"], found.language)
        assert [cell.lstrip("'") for cell in head] == [column.lstrip("'") for column in table.columns]
        assert len(rows) == len(table.rows)
        for row, values in zip(rows, table.rows, strict=True):
            for cell, value in zip(row, values, strict=True):
                if isinstance(value, str):
                    assert cell.lstrip("'") == value.lstrip("'")
                elif value is not None and value == value:
                    numbers += 1
                    assert float(cell.replace(",", ".") if found.language == "de" else cell) == pytest.approx(value)
                    assert found.language == "en" or "." not in cell
                else:
                    assert cell == ""
    assert numbers > 300


def test_every_table_comes_back_from_the_workbook_with_real_numbers(found):
    book = load_workbook(io.BytesIO(xlsx(found)))
    tables = tables_of(found)
    assert len(book.sheetnames) == len(tables) == len(set(book.sheetnames))
    for sheet, table in zip(book.worksheets, tables.values(), strict=True):
        for line, row in enumerate(table.rows, start=2):
            for column, value in enumerate(row, start=1):
                cell = sheet.cell(line, column)
                if isinstance(value, str):
                    assert (cell.value or "") == value
                elif value is not None and value == value:
                    assert cell.data_type == "n"
                    assert cell.value == pytest.approx(value)
                    assert cell.number_format == number_format(table.unit(column - 1))


def test_the_same_annex_gives_the_same_workbook(german):
    assert xlsx(german) == xlsx(german)


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=5))
def test_ten_digits_survive_the_way_through_csv(values):
    table = Table(("a",), tuple((value,) for value in values))
    rows = read(csv_bytes(table, "de"), "de")[1:]
    assert [float(row[0].replace(",", ".")) for row in rows] == pytest.approx(values, rel=1e-9)


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-cmd", "\tx"])
def test_a_text_never_becomes_a_formula(text, german):
    from dataclasses import replace

    table = Table(("name",), ((text,),))
    assert read(csv_bytes(table, "de"), "de")[1] == [f"'{text}"]
    cell = load_workbook(io.BytesIO(xlsx(replace(german, numbers=table)))).worksheets[0].cell(2, 1)
    assert cell.data_type == "s"


def test_signs_of_differences_are_left_alone():
    table = Table(("a;b",), (("+3,1 Prozentpunkte",), ("−2 €",), ("–",), ('er sagt "ja"; gut',)))
    rows = read(csv_bytes(table, "de"), "de")
    assert [row[0] for row in rows] == ["a;b", "+3,1 Prozentpunkte", "−2 €", "–", 'er sagt "ja"; gut']
