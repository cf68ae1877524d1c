"""What the audit found, in words: the turned first, nothing about other states of the model or other baselines."""

from __future__ import annotations

import csv
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from kreislauf.experiments.audit import FLIP_COLUMNS
from kreislauf.model.parameters import parameter_table
from kreislauf.model.region import load_region
from kreislauf.visualization.choices import Choice
from kreislauf.visualization.findings import audited
from kreislauf.visualization.findings.audited import audited_flips, sentences
from kreislauf.visualization.findings.comparison import flips
from kreislauf.visualization.findings.lens import Lens

sys.path.insert(0, str(Path(__file__).parent))
from tiny import A, B, Builder


def row(parameter, verdict, threshold, **more):
    """Return a row as the audit writes it."""
    entry = parameter_table()[parameter]
    values = {"variant": "community", "measure": "total_cost", "difference": -1.0, "parameter": parameter,
              "group": entry.group, "confidence": entry.confidence, "value": entry.value, "end": "high",
              "moved_to": entry.high, "difference_there": 1.0, "verdict": verdict, "threshold": threshold}  # fmt: skip
    return values | more


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Return a function that writes the audit's table for Coburg."""
    monkeypatch.setattr(audited, "FOLDER", tmp_path)
    audited._read.cache_clear()

    def write(*rows):
        with (tmp_path / "audit-coburg.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, FLIP_COLUMNS)
            table.writeheader()
            table.writerows(rows)

    yield write
    audited._read.cache_clear()


def test_the_turned_come_before_the_lost_and_the_nearest_first(written):
    entry = parameter_table()["job_base"]
    near = entry.value + 0.1 * (entry.high - entry.value)
    written(row("overlap_loss", "lost", ""), row("planning_months", "turned", ""), row("job_base", "turned", near))
    found = audited_flips("coburg")
    assert [flip.parameter for flip in found] == ["job_base", "planning_months", "overlap_loss"]
    assert found[0].threshold == near
    assert found[1].threshold is None


def test_rows_about_another_state_of_the_model_are_left_out(written):
    entry = parameter_table()["job_base"]
    written(
        row("job_base", "turned", "", value=entry.value * 1.5),
        {**row("overlap_loss", "turned", ""), "parameter": "gone"},
    )
    assert audited_flips("coburg") == ()
    assert audited_flips("nowhere") == ()


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_sentences_name_the_assumption_of_the_rule_and_of_the_instrument_of_b(written, tmp_path, language):
    written(row("job_base", "turned", ""), row("overlap_loss", "lost", "", variant="crowdfunding"),
            row("planning_months", "lost", "", variant="lead_agency"))  # fmt: skip
    ensemble = Builder(tmp_path).ensemble()
    lens = Lens(ensemble, A, B, language)
    found = sentences(lens)
    assert len(found) == 2
    assert ("kehrt sich um" if language == "de" else "turns round") in found[0]
    assert ("nicht mehr eindeutig" if language == "de" else "no longer clear") in found[1]
    assert lens.choice_name(Choice("community")) in found[0]
    assert "{" not in "".join(found)
    assert sentences(replace(lens, baseline=B, choice=A)) == ()  # the audit compared with the status quo
    ensemble.assumptions = {"job_base": 0.1}
    assert sentences(lens) == ()  # and at the usual assumptions


def test_many_are_counted(written, tmp_path):
    names = [name for name, entry in parameter_table().items() if entry.low < entry.high][:7]
    written(*(row(name, "turned", "") for name in names))
    found = sentences(Lens(Builder(tmp_path).ensemble(), A, B, "de"))
    assert len(found) == 5
    assert found[-1].startswith("3 weitere")


def test_what_the_audit_found_for_integration_is_not_said_of_another_field(written, tmp_path):
    written(row("job_base", "turned", ""))
    (tmp_path / "seniors").mkdir()
    assert len(flips(Lens(Builder(tmp_path).ensemble(), A, B, "de"))) > 1
    assert flips(Lens(Builder(tmp_path / "seniors", field="seniors").ensemble(), A, B, "de")) == ()


@pytest.mark.parametrize("choice", [Choice("lead_agency"), Choice("parallel", "regional_budget")])
def test_circumstances_that_were_searched_for_in_coburg_are_not_said_to_turn_anything_in_another_region(
    tmp_path, choice
):
    """In the Kiel region the regional budget leaves more work undone under those circumstances, too."""
    (tmp_path / "kiel").mkdir()
    assert flips(Lens(Builder(tmp_path).ensemble(), A, choice, "de"))
    kiel = Builder(tmp_path / "kiel", region=load_region("kielregion")).ensemble()
    assert flips(Lens(kiel, A, choice, "de")) == ()
