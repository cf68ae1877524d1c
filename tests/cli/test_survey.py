"""`kreislauf survey`: made-up surveys are written whole, checked, and refused with one sentence."""

import pytest
from kreislauf.calibration.targets import Targets
from kreislauf.cli import main


def run(capsys, *words):
    with pytest.raises(SystemExit) as left:
        main(["survey", *map(str, words)])
    captured = capsys.readouterr()
    return left.value.code, captured.out, captured.err


@pytest.mark.parametrize("name", ["made.csv", "made.sav"])
def test_a_made_up_survey_is_written_with_codebook_and_truth_and_passes_the_check(tmp_path, capsys, name):
    out = tmp_path / name
    words = ("--waves", "2015-06", "--n", "150", "--design", "stratified")
    code, shown, _ = run(capsys, "synth", "coburg", out, *words)
    assert code == 0
    assert {path.name for path in tmp_path.iterdir()} == {name, "made.codebook.toml", "made.truth.csv"}
    assert "answered" in shown
    cells = tmp_path / "cells.csv"
    code, shown, err = run(capsys, "check", out, "--codebook", tmp_path / "made.codebook.toml", "--out", cells)
    assert (code, err) == (0, "")
    assert f"{name}: no problems found" in shown
    assert "no answer" in shown
    assert {row.survey for row in Targets.read(cells)} == {"made"}


def test_the_truth_file_changes_the_people(tmp_path, capsys):
    truth = tmp_path / "truth.toml"
    truth.write_text("[parameters]\njob_base = 0.08\n")
    shares = []
    for more in ((), ("--truth", truth)):
        out = tmp_path / f"s{len(shares)}.csv"
        assert run(capsys, "synth", "coburg", out, "--waves", "2015-12", "--n", "100", *more)[0] == 0
        rows = out.with_suffix(".truth.csv").read_text().splitlines()
        shares.append(next(float(row.split(",")[3]) for row in rows if ",employed,all," in row))
    assert shares[1] > shares[0] + 0.02


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["coburgg", "x.csv"], "did you mean 'coburg'"),
        (["coburg", "x.xlsx"], "this kind of file is not written; expected .csv"),
        (["coburg", "no/x.csv"], "no: there is no such folder"),
        (["coburg", "x.csv", "--design", "clusterd"], "unknown word 'clusterd', did you mean 'clustered'?"),
        (["coburg", "x.csv", "--waves", "2018"], "'2018' is not a month of the form YYYY-MM"),
        (["coburg", "x.csv", "--waves", "1999-01"], "1999-01 lies outside the simulated period"),
        (["coburg", "x.csv", "--waves", "2016-01,2016-01"], "2016-01 stands twice"),
        (["coburg", "x.csv", "--truth", "none.toml"], "none.toml: there is no such file"),
    ],
)
def test_wrong_input_gives_one_sentence_and_leaves_nothing_behind(tmp_path, capsys, monkeypatch, words, sentence):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, "synth", *words)
    assert (code, out) == (2, "")
    assert sentence in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_a_misspelt_true_parameter_is_named_with_its_line(tmp_path, capsys):
    truth = tmp_path / "truth.toml"
    truth.write_text("[parameters]\njob_bas = 0.08\n")
    code, _, err = run(capsys, "synth", "coburg", tmp_path / "x.csv", "--truth", truth)
    assert code == 2
    assert "line 2" in err
    assert "did you mean 'job_base'?" in err


def test_a_wrong_survey_file_is_refused_with_all_problems_and_their_number(tmp_path, capsys):
    survey, book = tmp_path / "s.csv", tmp_path / "b.toml"
    survey.write_text("w,work\n1,1\n-1,1\n1,3\n")
    book.write_text(
        'weight = "w"\n[waves]\nall = "2018-10"\n[quantities.employed]\ncolumn = "work"\ncodes = { 1 = 1, 2 = 0 }\n'
    )
    code, out, err = run(capsys, "check", survey, "--codebook", book)
    assert (code, out) == (2, "")
    assert "s.csv, line 3, column w: the weight is negative" in err
    assert "s.csv, line 4, column work: unknown code of employed (found '3')" in err
    assert "s.csv: 2 problems found" in err
