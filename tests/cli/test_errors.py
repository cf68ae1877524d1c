"""Wrong input gives one clear message and exit code 2, never a traceback."""

import errno
import os

import pytest
from kreislauf.cli import main


@pytest.fixture
def kreislauf(capsys):
    """Return a function that runs the command line and gives (exit code, stdout, stderr)."""

    def call(*words):
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        captured = capsys.readouterr()
        return left.value.code, captured.out, captured.err

    return call


def flat(text):
    """Return a text without the frame and line breaks a terminal puts around it."""
    return " ".join(text.replace("│", " ").split())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "coburgg"], "did you mean 'coburg'"),
        (["run", "coburg", "--variant", "comunity"], "unknown variant 'comunity', did you mean 'community'?"),
        (["run", "coburg", "--scenario", "recesion"], "unknown scenario 'recesion', did you mean 'recession'?"),
        (["run", "coburg", "--variant", "mine.toml"], "mine.toml: there is no such file"),
        (["run", "coburg", "--seed", "abc"], "Invalid value for '--seed'"),
        (["run", "coburg", "--seed", "-1"], "Invalid value for '--seed'"),
        (["run", "coburg", "--months", "-3"], "Invalid value for '--months'"),
        (["run", "coburg", "--months", "5000"], "months 5000 is not usable; expected a whole number from 1 to 132"),
        (["run", "coburg", "--set", "minimum_wait"], "NAME=NUMBER"),
        (["run", "coburg", "--set", "minimum_wait=soon"], "not a number"),
        (["run", "coburg", "--set", "minimum_wait=99"], "parameter outside its admissible range"),
        (["run", "coburg", "--set", "minimum_weight=1"], "did you mean 'minimum_wait'?"),
        (["compare", "coburg", "--variants", "status_quo,comunity"], "did you mean 'community'?"),
        (["compare", "coburg", "--variants", "community,community"], "two variants are called 'community'"),
        (["compare", "coburg", "--reference", "statusquo"], "did you mean 'status_quo'?"),
        (["compare", "coburg", "--seeds", "0"], "Invalid value for '--seeds'"),
        (["compare", "coburg", "--workers", "0"], "Invalid value for '--workers'"),
        (["parameters", "--group", "houshold"], "did you mean 'household'?"),
        (["region", "check", "no/such/folder"], "no/such/folder"),
        (["rnu", "coburg"], "rnu"),
    ],
)
def test_wrong_input_gives_one_message_and_exit_code_2(kreislauf, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    code, out, err = kreislauf(*words)
    assert code == 2
    assert out == ""
    assert message in flat(err)
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_a_misspelt_rule_in_a_file_is_named_with_file_line_and_the_nearest_rule(kreislauf, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('title_en = "Mine"\nrule = "subsidarity"\n')
    code, _, err = kreislauf("run", "coburg", "--variant", file)
    assert code == 2
    assert f"{file}, line 2" in err
    assert "unknown rule 'subsidarity', did you mean 'subsidiarity'?" in err


@pytest.mark.parametrize("command", [["run", "coburg"], ["compare", "coburg", "--seeds", "1"]])
def test_an_output_folder_that_cannot_be_written_is_refused_before_the_first_run(kreislauf, tmp_path, command):
    (tmp_path / "file").write_text("letters")
    code, out, err = kreislauf(*command, "--months", "1", "--out", tmp_path / "file" / "below")
    assert (code, out) == (2, "")
    assert err.startswith(f"the output folder {tmp_path / 'file' / 'below'} cannot be written")


def test_a_folder_with_other_files_is_refused_and_left_alone(kreislauf, tmp_path):
    (tmp_path / "letters.txt").write_text("dear")
    code, _, err = kreislauf("run", "coburg", "--months", "1", "--out", tmp_path)
    assert code == 2
    assert "holds other files (letters.txt)" in err
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_an_unexpected_error_is_one_sentence_and_a_traceback_only_with_debug(kreislauf, monkeypatch):
    from kreislauf.model import region

    def broken(*_):
        raise ZeroDivisionError("nothing there")

    monkeypatch.setattr(region, "load_region", broken)
    code, _, err = kreislauf("run", "coburg")
    assert code == 1
    assert err.startswith("Unexpected error, ZeroDivisionError: nothing there (test_errors.py, line")
    assert "Traceback" not in err
    with pytest.raises(ZeroDivisionError):
        main(["--debug", "run", "coburg"])


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_a_full_disk_or_a_forbidden_place_is_a_matter_of_the_machine_and_no_fault_of_the_program(
    kreislauf, monkeypatch, number
):
    """Libraries give such errors words of their own and no file, so the system's words are told."""

    def fails():
        raise OSError(number, "Error writing bytes to file. Detail: ...")

    monkeypatch.setattr("kreislauf.model.protocol.protocol", fails)
    code, out, err = kreislauf("protocol")
    assert (code, out) == (2, "")
    assert flat(err).startswith(f"A file cannot be read or written: {os.strerror(number)}. Free some space or make")
    assert "fault in kreislauf" not in flat(err)


def test_a_protocol_that_cannot_be_written_is_refused_with_a_sentence(kreislauf, tmp_path):
    code, out, err = kreislauf("protocol", "--out", tmp_path / "none" / "odd.md")
    assert (code, out) == (2, "")
    assert "odd.md cannot be written: No such file or directory" in flat(err)
