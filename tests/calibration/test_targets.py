"""Targets: read strictly, kept apart by use, and the same table for published figures and survey estimates."""

import csv
import re

import pytest
from kreislauf.calibration.cell import Cell
from kreislauf.calibration.quantities import ADULT_VALUES, CHILD_VALUES, COUNTS, quantities
from kreislauf.calibration.targets import Target, Targets
from kreislauf.model.errors import InputError
from kreislauf.model.region import region_folder

HEADER = "id,quantity,wave,cell,estimate,se,use,se_basis"


@pytest.fixture(scope="module")
def coburg():
    return Targets.of_region("coburg")


def written(tmp_path, *lines, header=HEADER):
    path = tmp_path / "targets.csv"
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return path


def test_rows_kept_for_validation_are_never_fitted(coburg):
    assert {row.use for row in coburg.fitted} == {"calibrate"}
    assert {row.use for row in coburg.held_back} == {"validate"}
    assert len(coburg.held_back) >= 10
    kept_back = coburg.with_use("validate", ["E12", "E13", "E14"])
    assert set(coburg.fitted.ids) - set(kept_back.fitted.ids) == {"E12", "E13", "E14"}


def test_every_fitted_row_has_an_error_and_an_assumed_error_has_a_range(coburg):
    for row in coburg.fitted:
        assert row.se > 0
        assert row.source, row.id
        if row.se_basis == "assumption":
            assert row.se_low < row.se < row.se_high, row.id
            assert row.note, f"{row.id}: an assumed error says why"


def test_every_row_without_a_counterpart_says_why(coburg):
    assert len(coburg.not_modelled) > 0
    assert all("Not compared: " in row.note for row in coburg.not_modelled)


def test_published_shares_are_shares_not_percent(coburg):
    assert coburg["E08"].estimate == 0.49
    assert coburg["E08"].se == 0.025
    assert coburg["E08"].cell == Cell.parse("since=54..66;arrived=2013-01..2016-12;origin=asylum")


def test_a_table_written_and_read_again_is_the_same(coburg, tmp_path):
    path = tmp_path / "again.csv"
    path.write_text(coburg.to_csv(), encoding="utf-8")
    assert Targets.read(path).digest == coburg.digest


def test_the_effective_number_asked_gives_back_the_standard_error(coburg):
    row = coburg["E01"]
    assert (0.1 * 0.9 / row.n_effective) ** 0.5 == pytest.approx(row.se)


def test_a_table_of_nobody_does_not_divide_by_zero():
    sure = Target("x", "employed", 0, Cell(), 0.0, 0.01, n=50.0)
    assert sure.n_effective == 50.0


def test_every_problem_of_a_file_is_named_with_line_and_column(tmp_path):
    path = written(
        tmp_path,
        "A,emploied,2016-10,,0.1,0.01,calibrate,derived",
        "B,employed,2016-13,sx=women,ten,0.01,fit,derived",
        "B,employed,2016-10,,1.4,0.01,calibrate,derived",
        "C,employed,2016-10,,0.1,,calibrate,derived",
        "D,asylum_persons,2016-10,sex=men,100,5,calibrate,derived",
    )
    with pytest.raises(InputError) as error:
        Targets.read(path)
    text = str(error.value)
    for words in (
        "line 2, column quantity: unknown value (found 'emploied'), did you mean 'employed'?",
        "line 3, column wave: not a month",
        "line 3, column cell: unknown cell condition 'sx', did you mean 'sex'?",
        "line 3, column estimate: not a number",
        "line 3, column use: unknown value",
        "line 4, column id: this id stands in line 3 too",
        "line 5, column se: a fitted row needs a standard error",
        "line 6, column cell: a figure of a register knows no cell",
    ):
        assert words in text
    assert len(error.value.problems) == 8


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"id,quantity\n", "this column is missing"),
        (b"id;quantity\n", "expected commas between columns"),
        (b"id,quantity,wave,estimate,se,use\n", "the file has no rows"),
        ("id,quantity,wave,estimate,se,use\nA,ä".encode("latin-1"), "line 2: the file is not UTF-8 text"),
        (b"id,quantity,wave,estimate,se,uses\n", "unknown column, did you mean 'use'?"),
    ],
)
def test_a_file_that_is_no_table_of_targets_is_refused(tmp_path, content, words):
    path = tmp_path / "targets.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=re.escape(words)):
        Targets.read(path)


def test_a_quantity_is_described_once_and_has_one_value():
    known = quantities()
    of_people = {name for name, quantity in known.items() if quantity.who != "register"}
    assert of_people == {*ADULT_VALUES, *CHILD_VALUES}
    assert {name for name, quantity in known.items() if quantity.who == "register"} == set(COUNTS)


@pytest.mark.parametrize(
    "text", ["sex=woman", "since=5..2", "sex", "age=18..64;age=20..30", "arrived=2015..2016", "x=1"]
)
def test_a_cell_that_is_none_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match=r"did you mean|ends before|no value|twice|not a range|one of"):
        Cell.parse(text)


@pytest.mark.parametrize("text", ["all", "sex=women;since=12..23", "children=1..", "municipality=09473112+09473120"])
def test_a_cell_keeps_its_text(text):
    assert Cell.parse(text).key == text


def test_two_files_with_the_same_id_are_refused(coburg):
    with pytest.raises(InputError, match="same id in two files"):
        coburg + coburg.where(lambda row: row.id == "E01")


def test_shipped_targets_name_every_source():
    with (region_folder("coburg") / "targets.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert len(rows) > 90
    assert all(row["source"].strip() and row["use"] for row in rows)
