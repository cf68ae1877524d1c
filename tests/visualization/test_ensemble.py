"""Ensembles: computed once, kept whole, continued after any stop, mended after damage, read from results folders."""

from __future__ import annotations

import os
import shutil
import time

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from kreislauf.experiments import batch
from kreislauf.experiments.compare import compare
from kreislauf.experiments.experiment import Experiment
from kreislauf.model.errors import InputError, KreislaufError
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.region import load_region
from kreislauf.model.variant import load_scenario, load_variant
from kreislauf.visualization.choices import STATUS_QUO, Choice, all_choices
from kreislauf.visualization.ensemble import ensure_ensemble
from kreislauf.visualization.ensemble_compute import CancelledError, prune
from kreislauf.visualization.ensemble_digest import read_block
from kreislauf.visualization.ensemble_results import choice_of, read_ensemble

MONTHS, SEEDS = 4, 7  # two blocks of seeds, the second one smaller
LEAD = Choice("lead_agency")
ASKED = {"choices": [STATUS_QUO, LEAD], "seeds": SEEDS, "months": MONTHS, "workers": 1}


def ensemble_in(folder, **changed):
    return ensure_ensemble("coburg", folder=folder, **{**ASKED, **changed})


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cache")
    return folder, ensemble_in(folder)


def files(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*.npz")}


def same(one, other):
    for choice in one.choices:
        assert one.summary(choice).equals(other.summary(choice))
        assert np.array_equal(one.series(choice, "persons"), other.series(choice, "persons"), equal_nan=True)
        assert one.flows(choice).astype(str).equals(other.flows(choice).astype(str))


def test_numbers_are_those_of_the_model(stored):
    _, ensemble = stored
    model = IntegrationModel("coburg", load_variant("status_quo"), load_scenario("base"), months=MONTHS, rng=3).run()
    tables = model.results()
    assert ensemble.summary(STATUS_QUO).loc[3, "total_cost"] == tables.summary["total_cost"]
    rows = tables.monthly.query("scope == '09473121' and indicator == 'persons'")
    seen = ensemble.series(STATUS_QUO, "persons", "09473121")[2]
    assert seen.tolist() == rows["value"].tolist()
    # Integration's money, cent by cent: what the model posted outside the general budget.
    posted = int(tables.flows.query("instrument != 'general_budget'")["cents"].sum())
    flows = ensemble.flows(STATUS_QUO)
    assert int(flows.loc[flows["seed"] == 3, "cents"].sum()) == posted
    cell = tables.cells.query("task == 'advice' and municipality == '09473121' and group == 'asylum'")
    k, m, g = (
        ensemble.shape.tasks.index("advice"),
        ensemble.places.index("09473121"),
        ensemble.shape.groups.index("asylum"),
    )
    assert ensemble.cells(STATUS_QUO)["opened"][2, k, m, g] == cell["opened"].item()


def test_what_is_stored_is_not_computed_again_and_more_seeds_only_add_files(stored, monkeypatch):
    folder, ensemble = stored
    before = files(folder)

    def never(*_):
        raise AssertionError("a stored run was computed again")

    monkeypatch.setattr("kreislauf.visualization.ensemble_compute.attempt", never)
    again = ensemble_in(folder)
    assert again.run_number == ensemble.run_number
    same(ensemble, again)
    assert files(folder) == before


def test_another_assumption_is_another_ensemble_and_both_stay(stored):
    folder, ensemble = stored
    changed = ensemble_in(folder, choices=[STATUS_QUO], seeds=2, assumptions={"overlap_loss": 0.0})
    assert changed.run_number != ensemble.run_number
    assert changed.assumptions == {"overlap_loss": 0.0}
    same(ensemble, ensemble_in(folder))


def test_stopping_keeps_finished_blocks_and_continuing_equals_an_undisturbed_run(stored, tmp_path):
    _, undisturbed = stored
    seen = []

    def after_six():
        return len(seen) > 6

    with pytest.raises(CancelledError, match="of 14 runs"):
        ensemble_in(tmp_path, progress=lambda *numbers: seen.append(numbers), cancelled=after_six)
    kept = files(tmp_path)
    assert len(kept) == 1  # five runs of the first block; those of the second were not finished
    counts = []
    resumed = ensemble_in(tmp_path, progress=lambda *numbers: counts.append(numbers))
    assert counts[0] == (5, 14, 0)
    assert counts[-1] == (14, 14, 0)
    same(undisturbed, resumed)
    assert kept.items() <= files(tmp_path).items()


@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: b"not a file of runs"])
def test_a_damaged_file_is_named_and_computed_anew(stored, tmp_path, damage):
    folder, undisturbed = stored
    place = tmp_path / "cache"
    shutil.copytree(folder, place)
    question = undisturbed.question
    victim = question.path(place, STATUS_QUO, (1, 2, 3, 4, 5))
    victim.write_bytes(damage(victim.read_bytes()))
    told = []
    mended = ensemble_in(place, tell=told.append)
    assert len(told) == 1
    assert victim.name in told[0]
    assert "computed anew" in told[0]
    same(undisturbed, mended)


def test_a_file_damaged_while_the_app_runs_gives_a_sentence(stored, tmp_path):
    ensemble = ensemble_in(tmp_path, choices=[STATUS_QUO], seeds=1)
    for path in tmp_path.rglob("*.npz"):
        path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(KreislaufError, match="damaged"):
        ensemble.summary(STATUS_QUO)


def test_a_choice_without_runs_is_refused_with_a_sentence(stored):
    _, ensemble = stored
    assert STATUS_QUO in ensemble
    assert Choice("community") not in ensemble
    with pytest.raises(KreislaufError, match="no runs"):
        ensemble.summary(Choice("community"))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"seeds": 0}, "seeds"),
        ({"assumptions": {"overlap_los": 0.1}}, "overlap_loss"),
        ({"months": 1000}, "months"),
        ({"scenario": "bse"}, "base"),
    ],
)
def test_wrong_input_is_refused_before_the_first_run(tmp_path, wrong, words):
    with pytest.raises(InputError, match=words):
        ensemble_in(tmp_path, **wrong)
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_cannot_be_written_gives_a_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="cannot be written"):
        ensemble_in(tmp_path / "file" / "below")


def test_old_ensembles_make_room_but_never_the_one_in_use(tmp_path):
    for name in ("old", "older", "mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "runs.npz").write_bytes(b"x" * 100)
    for age, name in ((10, "older"), (5, "old"), (20, "mine")):
        stamp = (tmp_path / name).stat().st_mtime - age * 86_400
        os.utime(tmp_path / name, (stamp, stamp))
    prune(tmp_path, keep=tmp_path / "mine", most=200)
    assert {path.name for path in tmp_path.iterdir()} == {"old", "mine"}


def test_what_another_app_is_writing_stays_and_what_a_killed_one_left_goes(tmp_path):
    asked = {"choices": [STATUS_QUO], "seeds": 2, "months": 1}
    ensemble_in(tmp_path, **asked)
    (place,) = [path for path in tmp_path.iterdir() if path.is_dir()]
    for name, age in (("young", 5), ("old", 7200)):
        (place / f".{name}.npz.part77").write_bytes(b"begun")
        os.utime(place / f".{name}.npz.part77", (time.time() - age,) * 2)
    ensemble_in(tmp_path, **{**asked, "choices": [STATUS_QUO, LEAD]})
    assert [path.name for path in place.glob(".*")] == [".young.npz.part77"]


def test_results_of_compare_are_read_as_the_same_ensemble(stored, tmp_path):
    _, ensemble = stored
    compare("coburg", ["status_quo", "lead_agency"], seeds=SEEDS, months=MONTHS, workers=1, out=tmp_path / "results")
    read = read_ensemble(tmp_path / "results")
    assert read.choices == ensemble.choices
    same(ensemble, read)
    assert np.array_equal(read.cells(LEAD)["unheld_mean"], ensemble.cells(LEAD)["unheld_mean"])


def test_a_finished_batch_is_read_and_an_unfinished_one_refused(stored, tmp_path):
    _, ensemble = stored
    experiment = Experiment(name="small", variants=("status_quo", "lead_agency"), seeds=SEEDS, months=MONTHS,
                            tables=("monthly", "cells", "flows", "structures"))  # fmt: skip
    batch.run(experiment, tmp_path / "half", workers=1, shard=(1, 2))
    with pytest.raises(InputError, match="not finished"):
        read_ensemble(tmp_path / "half")
    batch.run(experiment, tmp_path / "half", workers=1)
    same(ensemble, read_ensemble(tmp_path / "half"))


@pytest.mark.parametrize("harm", ["cut", "other_values"])
def test_a_batch_with_a_cut_or_altered_table_is_refused_by_the_name_of_the_file(tmp_path, harm):
    experiment = Experiment(name="small", seeds=2, months=2, tables=("monthly", "cells", "flows", "structures"))
    batch.run(experiment, tmp_path / "done", workers=1)
    path = next((tmp_path / "done").rglob("monthly.parquet"))
    if harm == "cut":
        path.write_bytes(path.read_bytes()[:-1])
    else:
        table = pq.ParquetFile(path).read()
        column = table.column_names.index("value")
        pq.write_table(table.set_column(column, "value", pc.multiply(table["value"], 2.0)), path)
    with pytest.raises(InputError, match=rf"{path} was (truncated|changed).*\n.*command of the batch again"):
        read_ensemble(tmp_path / "done")


def test_results_of_another_field_of_action_are_read_too(tmp_path):
    compare("coburg", ["status_quo"], field="seniors", seeds=1, months=2, workers=1, out=tmp_path / "results")
    read = read_ensemble(tmp_path / "results")
    assert read.field == "seniors"
    assert not np.isnan(read.series(STATUS_QUO, "at_home_share")).all()


def test_a_damaged_or_missing_results_folder_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        read_ensemble(tmp_path / "nothing")
    compare("coburg", ["status_quo"], seeds=1, months=1, workers=1, out=tmp_path / "results")
    table = tmp_path / "results" / "monthly.parquet"
    table.write_bytes(table.read_bytes()[:100])
    with pytest.raises(InputError, match=r"monthly\.parquet"):
        read_ensemble(tmp_path / "results")


@pytest.mark.parametrize("choice", [*all_choices(), Choice("community", "crowdfunding", 0.25)], ids=lambda c: c.key)
def test_a_choice_survives_its_address_and_its_variant(choice):
    assert Choice.parse(choice.key) == choice
    assert choice_of(choice.variant()) == choice
    assert sum(choice.variant().funding.values()) == pytest.approx(1.0)


def test_a_choice_of_full_strength_is_the_shipped_variant():
    for name in ("status_quo", "community", "crowdfunding"):
        choice = choice_of(load_variant(name))
        assert choice is not None
        assert choice.variant().fingerprint() == load_variant(name).fingerprint()
    assert len(set(all_choices())) == len(all_choices()) == 30
    assert Choice("community", "crowdfunding", 0.0) == Choice("community")


def test_a_policy_that_is_no_choice_is_kept_under_its_name(tmp_path):
    other = load_variant("status_quo").model_copy(update={"name": "meetings", "rounds_per_year": 12})
    assert choice_of(other) is None
    compare("coburg", ["status_quo", other], seeds=1, months=1, workers=1, out=tmp_path / "results")
    assert read_ensemble(tmp_path / "results").choices == (STATUS_QUO, Choice(name="meetings"))


@pytest.mark.parametrize("key", ["", "parallel", "parallel-gold", "paralel-own_budget", "community-crowdfunding-200"])
def test_an_address_that_is_no_choice_is_refused(key):
    with pytest.raises(InputError):
        Choice.parse(key)


def test_a_failed_run_is_missing_and_says_why(tmp_path):
    from kreislauf.experiments.runner import run_model
    from kreislauf.visualization.ensemble import ask, stored_ensemble
    from kreislauf.visualization.ensemble_compute import compute

    def fails_once(region, spec):
        if spec.key.seed == 2:
            raise KreislaufError("the second run fails")
        return run_model(region, spec)

    question = ask(load_region("coburg"), seeds=3, months=1)
    compute(question, [STATUS_QUO], tmp_path, workers=1, tell=print, simulate=fails_once)
    ensemble = stored_ensemble(question, [STATUS_QUO], tmp_path)
    assert ensemble.failures(STATUS_QUO) == {2: "the second run fails"}
    assert ensemble.summary(STATUS_QUO)["persons"].isna().tolist() == [False, True, False]
    block = read_block(next(tmp_path.rglob("*.npz")), ("places",))
    assert np.isnan(block["places"][1]).all()
