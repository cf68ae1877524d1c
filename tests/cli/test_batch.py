"""`kreislauf batch` from the command line, on a real region cut to two months."""

import runpy
from pathlib import Path

import pandas as pd
import pytest
from kreislauf.cli import main
from kreislauf.model.results_folder import read_results

FILE = """
variants = ["status_quo", "community"]
seeds = 3
months = 2
tables = ["monthly", "households"]
objectives = ["waiting_months", "persons"]

[satisfice]
waiting_months = 3.0

[uncertain]
overlap_loss = [0.1, 0.5]
arrivals_factor = [0.5, 2.0]

[design]
draws = 4
"""


@pytest.fixture
def kreislauf(capsys):
    """Return a function that runs a command and gives (exit code, stdout, stderr)."""

    def call(*words):
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        return left.value.code, *capsys.readouterr()

    return call


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The folder of a finished batch."""
    folder = tmp_path_factory.mktemp("batch")
    (folder / "small.toml").write_text(FILE)
    with pytest.raises(SystemExit) as left:
        main(["batch", str(folder / "small.toml"), "--out", str(folder / "out"), "--workers", "1"])
    assert left.value.code == 0
    return folder / "out"


def test_a_file_is_run_and_running_it_again_does_nothing_more(kreislauf, finished):
    code, _, err = kreislauf("batch", finished.parent / "small.toml", "--out", finished, "--workers", "1")
    assert code == 0
    assert "24 of 24 runs" in err
    assert "0 failed" in err


def test_status_open_and_verify_say_what_is_there(kreislauf, finished):
    code, out, _ = kreislauf("batch", "status", finished)
    assert code == 0
    assert "Runs on disk" in out
    code, out, _ = kreislauf("batch", "open", finished)
    assert "runs.parquet" in out
    assert "community" in out
    code, out, err = kreislauf("batch", "open", finished, "3")
    assert "waiting_months" in out
    assert "p_overlap_loss" in out
    assert "rebuild" in err
    assert kreislauf("batch", "verify", finished)[0] == 0
    code, _, err = kreislauf("batch", "open", finished, "99")
    assert code == 2
    assert "run 99 is not among the 24 runs" in err


def test_a_run_is_rebuilt_bit_by_bit_and_written_in_detail(kreislauf, finished, tmp_path):
    code, _, err = kreislauf("batch", "rebuild", finished, "5", "--out", tmp_path / "run", "--households")
    assert code == 0
    assert "Run 5 is bit-identical to what is stored (households, monthly, runs)" in err
    assert {"flows", "cells", "households"} <= set(read_results(tmp_path / "run").manifest["tables"])
    code, _, err = kreislauf("batch", "rebuild", finished, "24")
    assert code == 2
    assert "there is no run 24; the experiment has the runs 0 to 23" in err


def test_merged_results_are_read_by_the_example(kreislauf, finished, tmp_path, capsys):
    assert kreislauf("batch", "merge", finished, "--out", tmp_path / "results")[0] == 0
    assert len(read_results(tmp_path / "results").runs) == 24
    path = Path(__file__).parents[2] / "examples" / "read_results.py"
    example = runpy.run_path(str(path))
    for folder in (finished, tmp_path / "results"):
        assert example["levels"](folder)["runs"].tolist() == [12, 12]
        assert example["differences"](folder)["pairs"].tolist() == [12]
        assert example["by_year"](folder).index.tolist() == [2015]


@pytest.mark.slow
def test_the_analysis_writes_tables_and_figures(kreislauf, finished, tmp_path):
    code, out, _ = kreislauf("batch", "analyse", finished, "--out", tmp_path / "analysis")
    assert code == 0
    assert "waiting_months" in out
    tables = {path.stem for path in (tmp_path / "analysis" / "tables").glob("*.csv")}
    assert tables == {"paired", "pareto", "regret", "satisficing", "sensitivity", "municipalities", "households"}
    figures = {path.name for path in (tmp_path / "analysis" / "figures").iterdir()}
    assert {"paired-waiting_months.svg", "paired-waiting_months.png", "levels-persons.svg"} <= figures
    households = pd.read_parquet(tmp_path / "analysis" / "tables" / "households.parquet")
    assert (households["only_here"] + households["only_reference"] + households["households"] > 0).all()
    assert kreislauf("batch", "analyse", finished, "--out", tmp_path / "analysis")[0] == 0  # again, over itself


def test_a_choice_is_made_from_the_command_line(kreislauf, tmp_path):
    (tmp_path / "choice.toml").write_text('variants = ["status_quo", "community"]\nmonths = 2')
    words = ["--until", "0.9", "--measure", "waiting_months", "--zone", "0.5", "--workers", "1"]
    code, out, err = kreislauf("batch", tmp_path / "choice.toml", "--out", tmp_path / "out", *words)
    assert code == 0
    assert "to the best" in out
    assert "is best in waiting_months" in err
    code, _, err = kreislauf("batch", tmp_path / "choice.toml", "--out", tmp_path / "out2", "--until", "0.9")
    assert code == 2
    assert "--until also needs --measure and --zone" in err


def test_wrong_input_is_a_sentence_and_exit_code_2(kreislauf, tmp_path):
    assert "no such file" in kreislauf("batch", tmp_path / "none.toml")[2]
    assert "is not the folder of a batch" in kreislauf("batch", "status", tmp_path)[2]
    (tmp_path / "x.toml").write_text("seeds = 0")
    code, _, err = kreislauf("batch", tmp_path / "x.toml", "--out", tmp_path / "o", "--shard", "1of4")
    assert code == 2
    assert "at least 1" in err


def test_a_failing_run_is_told_with_its_rebuild_command(kreislauf, tmp_path):
    (tmp_path / "x.toml").write_text(
        'scenarios = ["high_arrivals"]\nseeds = 1\nmonths = 1\n[uncertain]\narrivals_factor = { values = [1, 10] }\n'
        '[design]\nkind = "factorial"'
    )
    code, _, err = kreislauf("batch", tmp_path / "x.toml", "--out", tmp_path / "out", "--workers", "1")
    assert code == 1
    assert "1 runs failed" in err
    assert f"kreislauf batch rebuild {tmp_path / 'out'} 1" in err
    assert kreislauf("batch", "rebuild", tmp_path / "out", "1")[0] == 1


def test_help_of_batch_names_its_commands(kreislauf):
    code, out, _ = kreislauf("batch", "--help")
    assert code == 0
    for word in ("run", "status", "merge", "verify", "rebuild", "open", "analyse"):
        assert word in out
