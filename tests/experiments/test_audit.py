"""The audit finds the assumption that was made to flip a conclusion, its threshold, and none that does nothing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from kreislauf.experiments.audit import agreed_sign, audit, audited_parameters, crossing
from kreislauf.experiments.audit_report import markdown
from kreislauf.model.errors import InputError, KreislaufError
from kreislauf.model.parameters import parameter_table
from kreislauf.model.results import RunTables
from kreislauf.model.variant import Variant

FLIPS, DULL = "overlap_loss", "meeting_hours"


def world(region, spec):
    """Variant `b` waits longer by 1 - x, x being the place of `overlap_loss` in its range: negative never, zero at the
    high end; variant `c` by 0.25 - x: the sign turns at a quarter of the way."""
    entry = parameter_table()[FLIPS]
    x = (spec.parameters[FLIPS] - entry.low) / (entry.high - entry.low)
    luck = np.random.default_rng(spec.key.seed).normal()
    effect = {"a": 0.0, "b": 2.0 - x, "c": 0.25 - x}[spec.key.variant]
    frame = pd.DataFrame({"month": [0]})
    return RunTables({"waiting_months": luck + effect}, frame, frame, frame, frame)


@pytest.fixture
def found(coburg, tmp_path):
    crew = [Variant(name=name) for name in "bc"]
    return audit(
        coburg, tmp_path / "audit", variants=crew, reference="status_quo", measures=["waiting_months"],
        parameters=[FLIPS, DULL], workers=1, simulate=lambda r, s: world(r, s) if s.key.variant in "bc" else base(r, s),
    )  # fmt: skip


def base(region, spec):
    luck = np.random.default_rng(spec.key.seed).normal()
    frame = pd.DataFrame({"month": [0]})
    return RunTables({"waiting_months": luck}, frame, frame, frame, frame)


def test_the_parameter_that_turns_the_sign_is_named_with_its_threshold(found):
    entry = parameter_table()[FLIPS]
    assert found.conclusions.set_index("variant")["conclusion"]["b"] == "higher"
    assert set(found.flips["variant"]) == {"c"}
    assert set(found.flips["parameter"]) == {FLIPS}
    (row,) = found.flips.to_dict("records")
    assert row["verdict"] == "turned"
    assert row["threshold"] == pytest.approx(entry.low + 0.25 * (entry.high - entry.low))


def test_the_page_names_every_conclusion_flip_and_threshold(found):
    page = markdown(found, title="Here", reference="status_quo")
    entry = parameter_table()[FLIPS]
    threshold = entry.low + 0.25 * (entry.high - entry.low)
    assert "| c | " in page
    assert f"| turned | {threshold:.3g} |" in page
    assert "**1 survive every single assumption**, 1 are lost or turned by at least one, 1 are turned" in page
    assert "| higher | none | none |" in page


def test_the_page_counts_the_losses_that_may_be_the_luck_of_a_seed(found):
    (turned,) = found.flips.to_dict("records")
    lost = turned | {"verdict": "lost", "difference": -2.0}
    losses = [lost | {"difference_there": there} for there in (-1.9, -0.9, 0.3)]
    page = markdown(replace(found, flips=pd.DataFrame([turned, *losses])), title="Here", reference="status_quo")
    assert "What 3 seeds can say" in page
    assert "1 of the 3 losses keep more than half of the mean difference" in page
    assert "losses keep" not in markdown(found, title="Here", reference="status_quo")


def test_runs_are_kept_and_tables_written(found, tmp_path):
    assert found.runs == 3 * 3 * (1 + 2 * 2) + 3 * 3 * 3
    assert (tmp_path / "audit" / "tables" / "flips.csv").is_file()
    assert (tmp_path / "audit" / "ends" / "batch.json").is_file()


def test_only_parameters_without_a_source_are_audited():
    assert all(entry.confidence in {"estimated", "assumption"} for entry in audited_parameters())
    sourced = next(entry.name for entry in parameter_table().values() if entry.confidence == "official")
    with pytest.raises(InputError, match="is not an unsourced parameter"):
        audited_parameters([sourced])


def test_wrong_input_is_refused_before_the_first_run(coburg, tmp_path):
    with pytest.raises(InputError, match="cannot agree"):
        audit(coburg, tmp_path / "a", seeds=2)
    with pytest.raises(InputError, match="unknown measure 'waiting'"):
        audit(coburg, tmp_path / "a", measures=["waiting"])


def test_signs_and_crossings():
    assert agreed_sign(np.array([-1.0, -0.1])) == -1
    assert agreed_sign(np.zeros(3)) == 0
    assert crossing([(0.0, 1.0), (1.0, 2.0)]) != crossing([(0.0, 1.0), (1.0, 2.0)])  # never: NaN
    assert crossing([(2.0, 1.0), (1.0, -3.0)]) == pytest.approx(1.75)


def test_an_end_at_which_the_model_cannot_be_run_is_not_survived(coburg, tmp_path):
    """At the high end no run comes to its end, at the low end that of one seed does not."""
    entry = parameter_table()[FLIPS]

    def fails(region, spec):
        if spec.parameters[FLIPS] == entry.high or (spec.parameters[FLIPS] == entry.low and spec.key.seed == 2):
            raise KreislaufError("this world does not allow it")
        return world(region, spec) if spec.key.variant == "b" else base(region, spec)

    found = audit(coburg, tmp_path / "audit", variants=[Variant(name="b")], reference="status_quo",
                  measures=["waiting_months"], parameters=[FLIPS, DULL], workers=1, simulate=fails)  # fmt: skip
    assert found.failed == 2 * 3 + 2
    assert found.flips[["parameter", "end", "verdict"]].to_numpy().tolist() == [
        [FLIPS, "low", "lost"], [FLIPS, "high", "lost"],
    ]  # fmt: skip
    page = markdown(found, title="Here", reference="status_quo")
    assert "**8 runs failed.**" in page
    assert "**0 survive every single assumption**" in page
