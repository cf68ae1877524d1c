"""Survey files: four formats say the same, and every wrong file gets its sentence with row and column."""

import pandas as pd
import pytest
from kreislauf.calibration.codebook import Codebook
from kreislauf.calibration.estimates import estimate
from kreislauf.calibration.survey import read_survey, survey_of_rows
from kreislauf.cli import main
from kreislauf.model.errors import InputError


def problems(files, name="small.csv"):
    with pytest.raises(InputError) as error:
        files.read(name)
    return [str(problem) for problem in error.value.problems]


def refused(path, codebook, capsys):
    """Return what the command says about a file it refuses; it must exit with 2 and print no traceback."""
    with pytest.raises(SystemExit) as left:
        main(["survey", "check", str(path), "--codebook", str(codebook)])
    captured = capsys.readouterr()
    assert left.value.code == 2
    assert captured.out == ""
    assert "Traceback" not in captured.err
    return captured.err


@pytest.mark.parametrize("name", ["small.parquet", "small.dta", "small.sav"])
def test_every_format_gives_identical_estimates(files, name):
    expected = estimate(files.read("small.csv")).frame()
    pd.testing.assert_frame_equal(estimate(files.read(name)).frame(), expected, check_exact=True)


@pytest.mark.parametrize("name", ["small.dta", "small.sav"])
def test_codes_may_be_given_by_the_value_labels_of_stata_and_spss(files, name):
    by_code = estimate(files.read("small.csv")).frame()
    text = "codes = { 1 = 1, 2 = 1, 3 = 1, 4 = 0 }"
    labels = '"full or part time" = 1, "paid apprenticeship" = 1, "mini-job or internship" = 1, "no paid work" = 0'
    by_label = estimate(files.replace(text, f"codes = {{ {labels} }}").read(name)).frame()
    pd.testing.assert_frame_equal(by_label, by_code, check_exact=True)


def test_a_german_spreadsheet_is_read_with_its_separator_decimal_comma_and_encoding(files):
    expected = estimate(files.read()).frame()
    path, _ = files.replace('weight = "weight"', 'weight = "weight"\nseparator = ";"\ndecimal = ","').write()
    rows = files.rows.copy()
    rows["Anmerkung"] = "Größe"
    rows.to_csv(path, sep=";", decimal=",", index=False, encoding="latin-1")
    text = (path.parent / "small.toml").read_text().replace('decimal = ","', 'decimal = ","\nencoding = "latin-1"')
    (path.parent / "small.toml").write_text(text)
    found = estimate(read_survey(path, Codebook.read(path.parent / "small.toml"))).frame()
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


@pytest.mark.parametrize(
    ("column", "row", "value", "sentence"),
    [
        (
            "weight",
            7,
            -1.5,
            "line 7, column weight: the weight is negative (found '-1.5'); expected a number above zero",
        ),
        ("weight", 8, 0, "line 8, column weight: the weight is zero"),
        ("weight", 9, "", "line 9, column weight: the weight is missing"),
        ("weight", 10, "heavy", "line 10, column weight: the weight is not a number (found 'heavy')"),
        ("weight", 11, "1,25", 'a decimal point (or decimal = "," in the codebook)'),
        ("work", 12, 7, "line 12, column work: unknown code of employed (found '7')"),
        ("work", 12, "no paid work", "one of 1, 2, 3, 4, or this label among the codes of the codebook"),
        ("german_level", 13, 9, "line 13, column german_level: an answer to german_level that cannot be (found '9')"),
        ("german_level", 13, "B1", "the answer to german_level is not a number (found 'B1')"),
        ("sex", 14, "f", "line 14, column sex: unknown code of sex (found 'f'), expected one of"),
        ("stratum", 15, "", "line 15, column stratum: the stratum is missing"),
        ("point", 16, "", "line 16, column point: the cluster is missing"),
        ("id", 17, "", "line 17, column id: the person is missing"),
        ("wave", 18, 3, "line 18, column wave: unknown wave (found '3')"),
        ("wave", 19, "", "line 19, column wave: the wave is missing"),
        ("months", 20, "new", "line 20, column months: since is not a number (found 'new')"),
        ("months", 21, -4, "line 21, column months: since outside what is possible (found '-4')"),
    ],
)
def test_a_wrong_value_is_named_with_row_and_column(files, column, row, value, sentence):
    found = problems(files.change(column, row, value))
    assert any(sentence.replace(", expected one of", "") in text for text in found), found


def test_all_problems_are_reported_at_once(files):
    wrong = files.change("weight", 3, -1).change("weight", 4, "x").change("work", 5, 77).change("sex", 6, 3)
    lines = {text.split(", column")[0].split("line ")[1] for text in problems(wrong)}
    assert lines == {"3", "4", "5", "6"}


def test_a_problem_of_every_row_is_named_five_times_and_counted(files):
    wrong = files.change("weight", 2, "x")
    wrong.rows["weight"] = "x"
    found = problems(wrong)
    assert len(found) == 6
    assert f"in {len(files.rows) - 5} further rows" in found[-1]


def test_the_same_person_twice_in_a_wave_is_named_with_both_rows_and_without_the_person(files):
    rows = files.rows
    same = rows[rows["wave"] == 1]
    first, second = (int(i) + 2 for i in same.index[:2])
    who = rows.loc[first - 2, "id"]
    found = problems(files.change("id", second, who))
    assert found == [f"small.csv, line {second}, column id: the same person and wave stand in row {first} too"]
    assert who not in found[0]


def test_a_file_without_weights_is_refused_and_equal_weights_are_not_assumed(files):
    del files.rows["weight"]
    (found,) = problems(files)
    assert (
        "column weight: the column of the weights is missing; expected a column of weights (of ones only when" in found
    )


def test_a_misspelt_column_is_named_with_the_nearest(files):
    files.rows = files.rows.rename(columns={"municipality": "muncipality", "work": "job"})
    found = " ".join(problems(files))
    assert "the column of dimension municipality is missing, did you mean 'muncipality'?" in found
    assert "column work: the column of quantity employed is missing; expected one of" in found


def test_an_empty_stratum_is_named(files):
    found = problems(
        files.replace('stratum = "stratum"', 'stratum = "stratum"\nstrata = ["large", "middle", "small", "tiny"]')
    )
    assert len(found) == 2
    assert "column stratum: stratum 'tiny' is empty: it has no respondents in wave '1'" in found[0]


def test_an_unknown_stratum_is_named(files):
    found = problems(files.replace('stratum = "stratum"', 'stratum = "stratum"\nstrata = ["large", "middle", "smal"]'))
    assert any("unknown stratum 'small' in wave '1', did you mean 'smal'?" in text for text in found)


def test_a_single_cluster_in_a_stratum_is_refused_unless_the_codebook_says_how_to_go_on(files):
    inside = (files.rows["stratum"] == "small") & (files.rows["wave"] == 1)
    files.rows.loc[inside, "point"] = "S0001"
    (found,) = problems(files)
    assert "stratum 'small' has a single cluster in wave '1': its sampling error cannot be estimated" in found
    assert 'single_cluster = "center"' in found
    survey = files.replace('cluster = "point"', 'cluster = "point"\nsingle_cluster = "center"').read()
    assert estimate(survey).shown


def test_a_sample_of_one_cluster_is_always_refused(files):
    files.rows["point"] = "X"
    text = files.replace('stratum = "stratum"\n', "").replace('"point"', '"point"\nsingle_cluster = "center"')
    found = problems(text)
    assert len(found) == 2
    assert "the sample has a single cluster in wave '1'" in found[0]


def test_a_wave_without_respondents_is_named(files):
    files.rows = files.rows[files.rows["wave"] == 1]
    assert "wave '2' of the codebook has no respondents" in problems(files)[0]


def test_people_of_a_panel_who_came_after_its_first_wave_are_named(files):
    """Its later waves are compared with simulated people who had arrived by the first one."""
    found = problems(files.replace("panel = false", "panel = true"))
    late = files.rows.loc[(files.rows["wave"] == 2) & (files.rows["months"] < 24)]
    assert len(found) == 6
    line = files.rows.index.get_loc(late.index[0]) + 2
    assert f"line {line}, column months: came after the first wave of the panel (2016-10)" in found[0]
    assert "panel = false" in found[0]
    assert f"in {len(late) - 5} further rows" in found[5]


def test_nobody_eligible_is_said(files):
    found = problems(files.replace('"origin=asylum"', '"age=90..99"'))
    assert found == [
        "small.csv: nobody in the file is eligible as 'age=90..99'; expected another population in the codebook"
    ]


def test_latin_1_text_is_recognised_with_its_line(files, capsys):
    path, codebook = files.change("municipality", 4, "Rödental").write()
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))
    words = refused(path, codebook, capsys)
    assert "small.csv, line 4: the file is not UTF-8; it looks like Latin-1 (Windows)" in words
    assert 'encoding = "latin-1" in the codebook' in words
    assert "Rödental" in words


def test_a_codebook_that_says_latin_1_of_a_utf_8_file_is_corrected(files, capsys):
    path, codebook = files.change("municipality", 4, "Rödental").write()
    codebook.write_text(codebook.read_text().replace('wave = "wave"', 'wave = "wave"\nencoding = "latin-1"'))
    assert 'the codebook says Latin-1, but the file is UTF-8; expected encoding = "utf-8"' in refused(
        path, codebook, capsys
    )


@pytest.mark.parametrize(
    ("written", "called", "sentence"),
    [
        ("small.sav", "small.csv", "the file is called .csv but is an SPSS file; expected the ending .sav"),
        ("small.dta", "small.csv", "the file is called .csv but is a Stata file; expected the ending .dta"),
        ("small.parquet", "small.sav", "the file is called .sav but is a Parquet file; expected the ending .parquet"),
        ("small.csv", "small.xlsx", "this kind of file is not read (found '') ; expected .csv (CSV)"),
    ],
)
def test_a_file_of_another_kind_than_its_name_says_is_recognised(files, capsys, written, called, sentence):
    path, codebook = files.write(written)
    path = path.rename(path.with_name(called))
    assert sentence.replace(" (found '') ", "") in refused(path, codebook, capsys)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "small.csv: the file is empty"),
        (b"id,wave,weight\nP1,1,1\n", "the column of stratum is missing"),
        (b"PK\x03\x04" + b"\0" * 60, "the file is called .csv but is an Excel file"),
        ("id;wave;weight;work\nP1;1;1;1\n".encode("utf-16"), "the file is UTF-16 text"),
        (b"id;wave;weight;work\nP1;1;1;1\n", 'all columns stand in one; expected separator = ";" in the codebook'),
        (b"id,wave,wave,weight\nP1,1,1,1\n", "line 1, column wave: this column stands twice"),
        (b"id,wave,weight\nP1,1\n", "line 2: 2 values in a table of 3 columns"),
    ],
)
def test_a_file_that_is_no_survey_is_refused(files, capsys, content, sentence):
    path, codebook = files.write()
    path.write_bytes(content)
    assert sentence in refused(path, codebook, capsys)


def test_a_file_with_a_header_and_nobody_is_refused(files, capsys):
    path, codebook = files.write()
    path.write_text(path.read_text().splitlines()[0] + "\n")
    assert "the file has no respondents" in refused(path, codebook, capsys)


def test_a_missing_file_is_named(files, capsys):
    path, codebook = files.write()
    path.unlink()
    assert "there is no such file" in refused(path, codebook, capsys)


@pytest.mark.parametrize("name", ["small.dta", "small.sav", "small.parquet"])
def test_a_broken_file_is_refused_with_a_sentence(files, capsys, name):
    path, codebook = files.write(name)
    path.write_bytes(path.read_bytes()[:200])
    assert "not readable as" in refused(path, codebook, capsys)


def test_rows_of_stata_files_are_counted_from_one(files):
    found = problems(files.change("weight", 7, -1.5), "small.dta")
    assert found[0].startswith("small.dta, row 6, column weight: the weight is negative")


def test_no_survey_object_shows_an_answer(files):
    assert repr(files.read()) == f"Survey(small, {len(files.rows)} rows)"


@pytest.mark.parametrize(
    ("region", "written", "key"), [("coburg", "9473112", "09473112"), ("kielregion", "10020000", "010020000")]
)
def test_a_municipality_whose_leading_zero_a_spreadsheet_took_is_known(region, written, key):
    """Keys have eight digits in Bavaria; the units of the Kiel region, Ämter among them, have nine."""
    book = Codebook(
        name="mine", weight="w", waves={"all": "2016-10"}, region=region,
        dimensions={"municipality": {"column": "m"}}, quantities={"employed": {"column": "work"}},
    )  # fmt: skip
    rows = pd.DataFrame({"w": ["1", "1"], "work": ["1", "0"], "m": [written, key]})
    assert survey_of_rows(rows, book).dimensions["municipality"].tolist() == [key, key]
