"""The runner: the same results for any number of workers, failures reported, dead workers replaced, Ctrl-C survived."""

import importlib
import textwrap
from dataclasses import replace

import pytest
from kreislauf.experiments import Interrupted, compare, run_all, specs_for
from kreislauf.model.errors import InputError
from kreislauf.model.region import load_region
from kreislauf.model.results_folder import read_results
from kreislauf.model.variant import Scenario, Variant

MEASURES = ["unemployed"]

# Worker processes import what they run by name, so the toy model is a module of its own on the search path.
TOY = '''
import os, random, time
from pathlib import Path
import pandas as pd
from kreislauf.model.errors import KreislaufError
from kreislauf.model.results import RunTables

def toy(region, spec):
    """A run whose numbers depend on seed and variant only; names of variants ask for trouble."""
    key, place = spec.key, Path(region.folder)
    if key.variant == "broken" and key.seed == 2:
        raise ZeroDivisionError("nothing to divide by")
    if key.variant == "refused":
        raise KreislaufError("this world does not allow it")
    if key.variant == "deadly" and key.seed == 2:
        os._exit(9)
    if key.variant == "mortal" and not (place / f"died{key.seed}").exists():
        (place / f"died{key.seed}").touch()
        os._exit(9)
    if key.variant == "interrupted" and key.seed == 3 and not (place / "again").exists():
        raise KeyboardInterrupt
    time.sleep(0.02 if key.seed % 2 else 0.0)
    draw = random.Random(key.seed).random() + len(key.variant) * (spec.parameters.get("minimum_wait", 0.0))
    frame = pd.DataFrame({"month": [0, 1], "scope": "district", "indicator": "x", "value": [draw, 2 * draw]})
    return RunTables({"unemployed": draw}, frame, frame, frame, frame)
'''


@pytest.fixture
def toy(tmp_path, monkeypatch):
    (tmp_path / "toy_model_for_tests.py").write_text(textwrap.dedent(TOY))
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield importlib.import_module("toy_model_for_tests").toy
    monkeypatch.delitem(importlib.sys.modules, "toy_model_for_tests")


@pytest.fixture
def place(tmp_path):
    return replace(load_region("coburg"), name="toyland", folder=tmp_path, fingerprint="0" * 64)


def specs(*names, seeds=4):
    return specs_for("toyland", [Variant(name=name) for name in names], Scenario(name="base"), range(1, seeds + 1))


def test_runs_are_ordered_seed_by_seed_and_all_variants_get_the_same_seeds():
    keys = [spec.key for spec in specs("a", "b", seeds=2)]
    assert [(key.run, key.variant, key.seed) for key in keys] == [(0, "a", 1), (1, "b", 1), (2, "a", 2), (3, "b", 2)]


def test_one_and_two_workers_give_the_same_bits_in_the_same_order(toy, place):
    one, two = (list(run_all(place, specs("a", "b"), workers=workers, simulate=toy)) for workers in (1, 2))
    assert [result.key for result in one] == [result.key for result in two] == [spec.key for spec in specs("a", "b")]
    assert [result.tables.fingerprint() for result in one] == [result.tables.fingerprint() for result in two]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failing_run_is_recorded_and_does_not_stop_the_others(toy, place, workers):
    results = list(run_all(place, specs("a", "broken", "refused", seeds=3), workers=workers, simulate=toy))
    failed = {(result.key.variant, result.key.seed): result.error for result in results if not result.done}
    assert set(failed) == {("broken", 2), ("refused", 1), ("refused", 2), ("refused", 3)}
    assert failed["broken", 2].startswith("ZeroDivisionError: nothing to divide by (toy_model_for_tests.py, line")
    assert failed["refused", 1] == "this world does not allow it"


def test_a_worker_that_dies_once_is_replaced_and_its_run_repeated(toy, place):
    results = list(run_all(place, specs("mortal", "a", seeds=2), workers=2, simulate=toy))
    assert [result.done for result in results] == [True] * 4


def test_a_run_that_kills_its_worker_every_time_fails_alone(toy, place):
    results = list(run_all(place, specs("deadly", "a", seeds=3), workers=2, simulate=toy))
    assert [(result.key.variant, result.key.seed) for result in results if not result.done] == [("deadly", 2)]
    (error,) = (result.error for result in results if not result.done)
    assert error == "the worker process died 3 times (exit code 9)"


def test_progress_counts_every_run_once(toy, place):
    seen = []
    list(run_all(place, specs("a", "b"), workers=2, simulate=toy, progress=lambda result: seen.append(result.key.run)))
    assert sorted(seen) == list(range(8))


def test_workers_end_when_the_iterator_is_closed(toy, place):
    results = run_all(place, specs("a", "b"), workers=2, simulate=toy)
    next(results)
    results.close()
    assert list(results) == []


def test_compare_adds_the_reference_and_writes_the_runs(toy, place, tmp_path):
    comparison = compare(
        place,
        [Variant(name="longer")],
        seeds=3,
        parameters={"minimum_wait": 1.0},
        workers=1,
        out=tmp_path / "out",
        simulate=toy,
        measures=MEASURES,
    )
    assert comparison.runs["variant"].tolist() == ["status_quo", "longer"] * 3
    assert comparison.failures.empty
    assert comparison.table["difference"].tolist() == pytest.approx([0.0, len("longer") - len("status_quo")])
    found = read_results(tmp_path / "out")
    assert found.manifest["complete"]
    assert found.manifest["inputs"]["seeds"] == [1, 2, 3]
    assert found.manifest["inputs"]["region"] == {"name": "toyland", "sha256": "0" * 64}


def test_ctrl_c_keeps_what_is_finished_and_the_same_command_continues(toy, place, tmp_path):
    def ask(out):
        variants = [Variant(name="status_quo"), Variant(name="interrupted")]
        return compare(
            place,
            variants,
            seeds=4,
            workers=1,
            out=out,
            simulate=toy,
            measures=MEASURES,
            progress=lambda *n: counts.append(n),
        )

    counts = []
    with pytest.raises(
        Interrupted, match=r"Stopped after 5 of 8 runs; they are kept in .*out. The same command continues"
    ):
        ask(tmp_path / "out")
    assert read_results(tmp_path / "out").manifest["complete"] is False
    (tmp_path / "again").touch()
    counts.clear()
    continued = ask(tmp_path / "out")
    assert counts[0] == (5, 8, 0)
    assert counts[-1] == (8, 8, 0)
    whole = ask(tmp_path / "whole")
    assert continued.runs.equals(whole.runs)
    one, two = (read_results(tmp_path / name) for name in ("out", "whole"))
    assert one.table("monthly").equals(two.table("monthly"))


def test_a_changed_comparison_does_not_continue_an_interrupted_one(toy, place, tmp_path):
    with pytest.raises(Interrupted):
        compare(place, [Variant(name="interrupted")], seeds=3, workers=1, out=tmp_path / "out", simulate=toy)
    counts = []
    compare(
        place,
        [Variant(name="other")],
        seeds=3,
        workers=1,
        out=tmp_path / "out",
        simulate=toy,
        measures=MEASURES,
        progress=lambda *n: counts.append(n),
    )
    assert counts[0] == (1, 6, 0)


@pytest.mark.parametrize("seeds", [0, [], [1, 1], [-1], [2**32], [True]])
def test_seeds_that_are_none_unusable_or_double_are_refused(toy, place, seeds):
    with pytest.raises(InputError, match="seed"):
        compare(place, seeds=seeds, simulate=toy)


@pytest.mark.parametrize("months", [-3, 0, 133])
def test_months_the_region_does_not_have_are_refused(toy, place, months):
    with pytest.raises(InputError, match="from 1 to 132"):
        compare(place, months=months, simulate=toy)


def test_two_variants_of_one_name_are_refused(toy, place):
    with pytest.raises(InputError, match="two variants are called 'community'"):
        compare(place, ["community", Variant(name="community")], simulate=toy)
