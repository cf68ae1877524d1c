"""`kreislauf stress`: what it shows and writes, and that wrong input is one sentence with exit code 2."""

import json

import pandas as pd
import pytest
from kreislauf.cli import main

QUICK = ("--year", "2018", "--tolerance", "0.25")


@pytest.fixture
def kreislauf(capsys):
    """Return a function that runs the command line and gives (exit code, stdout, stderr)."""

    def call(*words):
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        captured = capsys.readouterr()
        return left.value.code, captured.out, captured.err

    return call


def test_the_library_and_the_sets_are_listed(kreislauf):
    code, out, _ = kreislauf("stress", "--list")
    assert code == 0
    for word in ("S1 ", "S13", "recession", "severe", "S4 + S1 + S9 + S11", "Wirtschaftskrise", "estimated"):
        assert word in out


def test_grades_are_shown_in_words_and_letters_with_marks_of_the_limits(kreislauf):
    code, out, _ = kreislauf("stress", "coburg", *QUICK)
    assert code == 0
    for word in ("Bad Rodach", "O orange", "G green", "[q]", "[a]", "HSS handbook", "Landkreis Coburg: levy", "2018"):
        assert word in out
    assert out.count("municipalities pass.") == 3


def test_own_shocks_from_a_file_act_together_with_shipped_ones(kreislauf, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('title_en = "Two firms leave"\nvariable = "trade_tax"\nsize = -0.9\nlasting = true\n')
    code, out, _ = kreislauf("stress", "coburg", "--shock", file, "--shock", "S12", "--shares", *QUICK)
    assert code == 0
    assert "Two firms leave + Wage settlement (own: mine + S12)" in out
    assert "R red" in out
    assert "Who bears the loss of taxes (own)" in out
    assert "red already" in out


def test_draws_and_parameters_and_tables_on_disk(kreislauf, tmp_path):
    words = ("stress", "coburg", "--set", "down", "--set", "reserve_share=0.05", "--draws", "2", *QUICK)
    code, out, err = kreislauf(*words, "--out", tmp_path / "out")
    assert code == 0
    assert "G/Y/O/R of 2" in out
    assert "Results:" in err
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["format"] == "kreislauf-stress"
    assert manifest["inputs"]["parameters"] == {"reserve_share": 0.05}
    assert manifest["inputs"]["reverse_test"] == {"loss": "lasting", "tolerance": 0.25}
    assert {f"{name}.parquet" for name in ("grades", "districts", "years", "draws", "limits")} < set(manifest["files"])
    grades = pd.read_parquet(tmp_path / "out" / "grades.parquet")
    assert len(grades) == 17
    assert pd.read_csv(tmp_path / "out" / "grades.csv")["letter"].tolist() == grades["letter"].tolist()
    assert kreislauf(*words, "--out", tmp_path / "out")[0] == 0


def test_two_equal_calls_show_the_same(kreislauf):
    words = ("stress", "coburg", "--set", "severe", "--draws", "1", *QUICK)
    assert kreislauf(*words)[1] == kreislauf(*words)[1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["stress"], "name a region"),
        (["stress", "coburgg"], "did you mean 'coburg'"),
        (["stress", "coburg", "--set", "sever"], "unknown set of shocks 'sever', did you mean 'severe'?"),
        (["stress", "coburg", "--shock", "recesion"], "unknown shock 'recesion', did you mean 'recession'?"),
        (["stress", "coburg", "--shock", "mine.toml"], "mine.toml: there is no such file"),
        (["stress", "coburg", "--set", "reserve_shar=1"], "did you mean 'reserve_share'?"),
        (["stress", "coburg", "--set", "reserve_share=9"], "parameter outside its admissible range"),
        (["stress", "coburg", "--year", "1900"], "the year of the shock (found '1900'); expected"),
        (["stress", "coburg", "--costs", "nowhere"], "no costs of tasks here"),
        (["stress", "coburg", "--draws", "-1"], "Invalid value for '--draws'"),
        (["stress", "coburg", "--compensation", "2"], "Invalid value for '--compensation'"),
        (["stress", "coburg", "--tolerance", "0"], "Invalid value for '--tolerance'"),
    ],
)
def test_wrong_input_gives_one_message_and_exit_code_2(kreislauf, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    code, out, err = kreislauf(*words)
    assert code == 2
    assert out == ""
    assert message in " ".join(err.replace("│", " ").split())
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_all_problems_of_a_shock_file_are_shown_with_their_lines(kreislauf, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('variable = "trade_tx"\nsize = "much"\nlastng = true\n')
    code, _, err = kreislauf("stress", "coburg", "--shock", file)
    assert code == 2
    assert "did you mean 'trade_tax'?" in err
    assert "line 2" in err
    assert "did you mean 'lasting'?" in err


def test_a_folder_with_other_files_is_refused_before_anything_runs(kreislauf, tmp_path):
    (tmp_path / "letters.txt").write_text("dear")
    code, out, err = kreislauf("stress", "coburg", "--out", tmp_path)
    assert (code, out) == (2, "")
    assert "holds other files (letters.txt)" in err
