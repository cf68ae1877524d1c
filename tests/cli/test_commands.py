"""The subcommands do what they say, on a real region cut to a few months."""

import json
import subprocess
import sys

import pytest
from kreislauf.cli import main
from kreislauf.model.results_folder import read_results


@pytest.fixture
def kreislauf(capsys):
    """Return a function that runs a command that must succeed and gives (stdout, stderr)."""

    def call(*words):
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        captured = capsys.readouterr()
        assert left.value.code == 0, captured.err
        return captured.out, captured.err

    return call


def test_help_does_not_load_the_heavy_libraries():
    code = (
        "import sys, kreislauf.cli as c\ntry: c.main(['--help'])\nexcept SystemExit: pass\n"
        "print(sorted(set(sys.modules) & {'numpy', 'pandas', 'numba', 'mesa', 'pyarrow', 'networkx', 'scipy'}))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[-1] == "[]"


def test_the_version_is_shown(kreislauf):
    assert kreislauf("--version")[0].startswith("kreislauf 0.")


def test_lists_name_everything_that_is_shipped(kreislauf):
    for word in ("status_quo", "lead_agency", "crowdfunding", "Verantwortungsgemeinschaft"):
        assert word in kreislauf("variants")[0]
    assert "recession" in kreislauf("scenarios")[0]
    assert "minimum_wait" in kreislauf("parameters", "--group", "household")[0]
    assert "coburg" in kreislauf("region", "list")[0]
    assert json.loads(kreislauf("variants", "--schema")[0])["title"] == "Variant"
    assert json.loads(kreislauf("scenarios", "--schema")[0])["title"] == "Scenario"


def test_one_variant_is_shown_in_full(kreislauf):
    out, _ = kreislauf("variants", "community")
    assert "shared_register" in out
    assert "true" in out


def test_the_shipped_region_has_no_problems(kreislauf):
    assert kreislauf("region", "check", "coburg")[0] == "coburg: no problems found\n"


def test_measures_are_listed_with_unit_and_formula(kreislauf):
    from kreislauf.model.measures import MEASURES

    out, _ = kreislauf("measures")
    assert all(name in out for name in MEASURES)


def test_a_run_shows_measures_and_writes_results(kreislauf, tmp_path):
    out, err = kreislauf("run", "coburg", "--months", "2", "--seed", "3", "--out", tmp_path / "out")
    assert "Coburg" in out
    assert "seed 3" in out
    assert "Results:" in err
    found = read_results(tmp_path / "out")
    assert found.runs[["variant", "scenario", "seed", "months", "status"]].iloc[0].tolist() == [
        "status_quo",
        "base",
        3,
        2,
        "done",
    ]
    assert {"runs", "monthly", "cells", "flows", "structures"} <= set(found.manifest["tables"])


def test_a_comparison_shows_differences_and_writes_results_into_the_default_folder(kreislauf, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["compare", "coburg", "--variants", "status_quo,lead_agency", "--seeds", "2", "--months", "3"]
    out, _ = kreislauf(*words, "--workers", "1")
    assert "One lead per task" in out
    assert "reference" in out
    found = read_results(tmp_path / "results" / "compare-coburg")
    assert found.runs["seed"].tolist() == [1, 1, 2, 2]
    assert found.manifest["complete"]


def test_the_same_run_gives_the_same_bytes_and_a_variant_in_a_file_equals_the_shipped_one(kreislauf, tmp_path):
    (tmp_path / "status_quo.toml").write_text('rule = "parallel"')
    kreislauf("run", "coburg", "--months", "2", "--out", tmp_path / "one")
    kreislauf("run", "coburg", "--months", "2", "--out", tmp_path / "two", "--variant", tmp_path / "status_quo.toml")
    one, two = (read_results(tmp_path / name).manifest["tables"] for name in ("one", "two"))
    assert one == two


def test_the_inventory_shows_structures_by_level_task_funding_and_expiry(kreislauf):
    out, _ = kreislauf("inventory", "coburg", "--month", "2016-12")
    for word in ("By level", "By task", "By funding", "2018-02", "goes on:", "only volunteers"):
        assert word in out
    some, _ = kreislauf("inventory", "coburg", "--task", "mobility", "--level", "district")
    assert "bus" in some
    assert "By level" not in some


def test_structures_shows_the_calendar_and_the_cliff_known_and_simulated(kreislauf):
    out, _ = kreislauf("structures", "coburg", "--until", "2018", "--seeds", "1")
    assert "MORO-Projektbüro" in out
    assert "2019-10" not in out
    assert "Simulated: Status quo" in out
    assert "Simulated" not in kreislauf("structures", "coburg", "--seeds", "0")[0]


def test_gaps_names_cells_causes_and_measures(kreislauf):
    words = ["--months", "6", "--seeds", "1", "--most", "1", "--workers", "1", "--month", "2016-12"]
    out, _ = kreislauf("gaps", "coburg", *words)
    assert "17 by nobody" in out
    assert "What closes" in out
    assert "0.25 FTE" in out


def test_instruments_shows_key_figures_and_who_was_left_out(kreislauf):
    words = ["--variants", "status_quo,crowdfunding", "--seeds", "2", "--months", "24", "--workers", "1"]
    out, _ = kreislauf("instruments", "coburg", *words)
    for word in ("own_budget", "crowdfunding", "awards / applications", "staff is not fundable", "from level welfare"):
        assert word in out
