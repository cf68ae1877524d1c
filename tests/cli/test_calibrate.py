"""`kreislauf calibrate`: wrong input is one sentence with exit code 2, before any run."""

import pytest
from kreislauf.cli import main


@pytest.fixture
def kreislauf(capsys, tmp_path, monkeypatch):
    """Return a function that runs `calibrate` in an empty folder and gives (exit code, stderr)."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        with pytest.raises(SystemExit) as left:
            main(["calibrate", *map(str, words)])
        return left.value.code, capsys.readouterr().err

    return call


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("atlantis",), "atlantis"),
        (("coburg", "--survey", "x.csv"), "a survey needs both --survey FILE and --codebook TOML"),
        (("coburg", "--targets", "x.csv"), "x.csv: there is no such file"),
        (("coburg", "--only", "job_bas"), "did you mean 'job_base'"),
        (("coburg", "--budget", "10"), "10 runs are too few to learn from"),
        (("coburg", "--hold-back", "E99"), "no figure is called 'E99'"),
    ],
)
def test_wrong_input_is_a_sentence_and_leaves_nothing_behind(kreislauf, tmp_path, words, sentence):
    code, err = kreislauf(*words)
    assert code == 2
    assert sentence in err
    assert "Traceback" not in err
    assert not list(tmp_path.rglob("*"))


def test_targets_of_ones_own_are_checked_like_the_published_ones(kreislauf, tmp_path):
    (tmp_path / "mine.csv").write_text("id,quantity,wave,estimate,se,use\nA,employd,2016-10,0.1,0.01,calibrate\n")
    code, err = kreislauf("coburg", "--targets", "mine.csv")
    assert code == 2
    assert "mine.csv, line 2, column quantity" in err
    assert "did you mean 'employed'" in err
