"""A batch survives: stopped, killed, damaged, continued; every trouble has its sentence."""

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from kreislauf.experiments import Interrupted
from kreislauf.experiments import parts as parts_module
from kreislauf.experiments.batch import run
from kreislauf.experiments.batch_folder import begin_batch, open_batch
from kreislauf.experiments.experiment import Experiment
from kreislauf.experiments.folder_lock import held
from kreislauf.experiments.journal import JOURNAL
from kreislauf.experiments.merge import merge, rebuild, verify
from kreislauf.experiments.parts import StoreError
from kreislauf.experiments.plan import Plan
from kreislauf.model.errors import InputError
from kreislauf.model.results import RunTables
from kreislauf.model.variant import Scenario, Variant

HERE = Path(__file__).parent


@pytest.fixture
def plan_of(place):
    """Return a function that makes a plan of toy runs, given names of variants."""

    def make(*names, seeds=4, region=place, **more):
        data = {"name": "toy", "seeds": seeds, "tables": ("monthly",), "uncertain": {"overlap_loss": [0.1, 0.2]}}
        data |= {"design": {"draws": 3}, **more}
        plan = Plan.of(Experiment(**data), region=region)
        variants = tuple(Variant(name=name) for name in names)
        return Plan(plan.experiment, region, variants, (Scenario(name="base"),), plan.points)

    return make


def bytes_of(folder, out):
    """Merge a batch and return the bytes of its tables."""
    results = merge([folder], out)
    return {name: results.path(name).read_bytes() for name in results.manifest["tables"]}


def test_a_plan_numbers_runs_seed_by_seed_with_the_variants_last(plan_of):
    plan = plan_of("a", "b", seeds=2)
    keys = [(plan.key(n).seed, plan.place(n).point, plan.key(n).variant) for n in range(len(plan))]
    assert len(plan) == 12
    assert keys[:7] == [(1, 0, "a"), (1, 0, "b"), (1, 1, "a"), (1, 1, "b"), (1, 2, "a"), (1, 2, "b"), (2, 0, "a")]
    assert [plan.number(plan.place(n)) for n in range(12)] == list(range(12))
    addresses = [plan.identity(n) for n in range(12)]
    assert len(set(addresses[::2])) == 6
    assert plan_of("a", "b", seeds=3).identity(3) == addresses[3]  # more seeds do not change the address of a run


def test_the_same_policy_under_two_names_has_one_address(plan_of):
    plan = plan_of("a", "b", seeds=1)
    assert plan.identity(0) == plan.identity(1)


def test_a_batch_gives_the_same_bytes_on_one_and_two_workers(toy, plan_of, tmp_path):
    plan = plan_of("a", "bb")
    one = run(plan, tmp_path / "one", workers=1, simulate=toy)
    two = run(plan, tmp_path / "two", workers=2, simulate=toy)
    assert (one.finished, one.failures, len(one.runs)) == (24, 0, 24)
    assert bytes_of(one.folder, tmp_path / "r1") == bytes_of(two.folder, tmp_path / "r2")
    assert one.runs["run"].tolist() == list(range(24))
    assert {"id", "point", "p_overlap_loss", "waiting_months", "only.a", "only.bb"} <= set(one.runs.columns)
    assert np.isnan(one.runs["only.bb"][0])
    assert two.table("monthly").groupby("run").size().tolist() == [40] * 24


def test_a_finished_batch_is_not_run_again_and_more_seeds_only_add_runs(toy, plan_of, tmp_path):
    seen = []
    run(plan_of("a", seeds=2), tmp_path / "out", workers=1, simulate=toy)
    run(plan_of("a", seeds=3), tmp_path / "out", workers=1, simulate=toy, progress=lambda *n: seen.append(n))
    assert (seen[0], seen[-1]) == ((6, 9, 0), (9, 9, 0))
    whole = run(plan_of("a", seeds=3), tmp_path / "whole", workers=1, simulate=toy)
    assert bytes_of(tmp_path / "out", tmp_path / "r1") == bytes_of(whole.folder, tmp_path / "r2")


def test_failing_runs_are_recorded_and_do_not_stop_the_rest(toy, plan_of, tmp_path):
    plan = plan_of("a", "broken")
    batch = run(plan, tmp_path / "out", workers=2, simulate=toy)
    failed = batch.runs.query("status == 'failed'")
    assert (batch.finished, batch.failures) == (24, 3)
    assert failed["seed"].tolist() == [2, 2, 2]
    assert failed["error"].str.startswith("ZeroDivisionError: nothing to divide by (toy.py, line").all()
    again = rebuild(batch, int(failed["run"].iloc[0]), plan=plan, simulate=toy)
    assert not again.result.done
    assert again.differs_in == ()
    good = rebuild(batch, 0, plan=plan, simulate=toy)
    assert (good.differs_in, good.compared) == ((), ("monthly", "runs"))


def test_a_run_that_kills_its_worker_every_time_fails_alone(toy, plan_of, tmp_path):
    batch = run(plan_of("a", "deadly", uncertain={}), tmp_path / "out", workers=2, simulate=toy)
    failed = batch.runs.query("status == 'failed'")
    assert failed["error"].tolist() == ["the worker process died 3 times (exit code 9)"]
    assert (failed["variant"].tolist(), failed["seed"].tolist()) == (["deadly"], [2])
    assert sorted(batch.runs["run"]) == list(range(8))
    assert verify(batch) == []


def test_failed_runs_are_tried_again_when_asked(toy, plan_of, tmp_path, place):
    plan = plan_of("a", "broken", uncertain={})
    run(plan, tmp_path / "out", workers=1, simulate=toy)
    module = sys.modules["toy"]
    batch = run(plan, tmp_path / "out", workers=1, simulate=module.toy, retry_failed=True)
    assert (batch.finished, batch.failures) == (8, 1)


def test_ctrl_c_keeps_finished_runs_and_the_same_command_continues(toy, plan_of, place, tmp_path):
    plan = plan_of("status_quo", "interrupted", uncertain={})
    with pytest.raises(Interrupted, match=r"Stopped after 5 of 8 runs; .* The same command continues from there"):
        run(plan, tmp_path / "out", workers=1, simulate=toy)
    (place.folder / "again").touch()
    batch = run(plan, tmp_path / "out", workers=1, simulate=toy)
    whole = run(plan, tmp_path / "whole", workers=1, simulate=toy)
    assert bytes_of(batch.folder, tmp_path / "r1") == bytes_of(whole.folder, tmp_path / "r2")


def test_shards_of_several_machines_are_merged_into_the_same_bytes(toy, plan_of, tmp_path):
    plan = plan_of("a", "bb")
    for i in (1, 2, 3):
        run(plan, tmp_path / f"shard{i}", workers=1, simulate=toy, shard=(i, 3))
    whole = run(plan, tmp_path / "whole", workers=1, simulate=toy)
    merged = merge([tmp_path / f"shard{i}" for i in (3, 1, 2)], tmp_path / "merged")
    assert {name: merged.path(name).read_bytes() for name in merged.manifest["tables"]} == bytes_of(
        whole.folder, tmp_path / "r"
    )
    with pytest.raises(InputError, match="8 of 24 runs are there; finish the batch first"):
        merge([tmp_path / "shard1"], tmp_path / "partial")
    with pytest.raises(InputError, match="shard 4/3 is not usable"):
        run(plan, tmp_path / "shard4", simulate=toy, shard=(4, 3))


KILLED = """
import sys
sys.path.insert(0, {here!r})
from toy import toy
from dataclasses import replace
from pathlib import Path
from kreislauf.experiments.batch import run
from kreislauf.experiments.experiment import Experiment
from kreislauf.experiments.plan import Plan
from kreislauf.model.region import load_region
from kreislauf.model.variant import Scenario, Variant

if __name__ == "__main__":
    place = replace(load_region("coburg"), name="toyland", folder=Path({place!r}))
    experiment = Experiment(name="toy", seeds={seeds}, tables=("monthly",))
    plan = Plan.of(experiment, region=place)
    plan = Plan(experiment, place, (Variant(name="a"), Variant(name="bb")), (Scenario(name="base"),), plan.points)
    run(plan, {out!r}, workers=2, simulate=toy)
"""


def kill_and_resume(tmp_path, place, moments, *, seeds, worker_too):
    """Run a batch, killing it at random moments, until it is finished; return how often it was killed."""
    script = tmp_path / "batch.py"
    out = tmp_path / "out"
    words = {"here": str(HERE), "place": str(place.folder), "out": str(out), "seeds": seeds}
    script.write_text(textwrap.dedent(KILLED).format(**words))
    rng, kills = np.random.default_rng(5), 0
    for moment in range(moments + 1):
        process = subprocess.Popen([sys.executable, str(script)], stderr=subprocess.PIPE, start_new_session=True)
        started, began = time.perf_counter(), sum(1 for _ in out.glob("parts/*"))
        while moment % 3 and (not (out / "parts").exists() or sum(1 for _ in out.glob("parts/*")) <= began):
            if process.poll() is not None or time.perf_counter() - started > 60:
                break
            time.sleep(0.005)
        if moment < moments:
            time.sleep(float(rng.uniform(0.0, 0.3 if moment % 3 else 2.5)))
            if worker_too and moment % 2:
                children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
                for child in children.read_text().split()[1:2] if children.exists() else []:
                    os.kill(int(child), signal.SIGKILL)
                    time.sleep(0.05)
            kills += process.poll() is None
            process.kill()
            process.wait()
        else:
            _, errors = process.communicate()
            assert process.returncode == 0, errors.decode()
    return kills


def test_one_failing_run_in_a_thousand_is_recorded_and_named_with_its_command(plan_of, tmp_path):
    def simulate(region, spec):
        if spec.key.run == 617:
            raise ZeroDivisionError("nothing to divide by")
        frame = pd.DataFrame({"month": [0], "scope": "region", "indicator": "x", "value": float(spec.key.seed)})
        return RunTables({"waiting_months": float(spec.key.run)}, frame, frame, frame, frame)

    plan = plan_of("a", "bb", seeds=500, uncertain={}, design={})
    batch = run(plan, tmp_path / "out", workers=1, simulate=simulate)
    assert (len(plan), batch.finished, batch.failures) == (1000, 1000, 1)
    runs = batch.runs.set_index("run")
    assert runs.index[runs["status"] == "failed"].tolist() == [617]
    assert "ZeroDivisionError: nothing to divide by" in runs.loc[617, "error"]
    assert runs["waiting_months"].drop(617).tolist() == [float(n) for n in range(1000) if n != 617]
    again = rebuild(batch, 617, plan=plan, simulate=simulate)
    assert (again.result.error, again.differs_in) == (runs.loc[617, "error"], ())


@pytest.mark.parametrize("moments", [4, pytest.param(100, marks=[pytest.mark.slow, pytest.mark.long])])
def test_kill_9_at_random_moments_loses_nothing_and_repeats_nothing(toy, plan_of, place, tmp_path, moments):
    seeds = 30 * moments  # so many that every kill hits work that is under way
    assert kill_and_resume(tmp_path, place, moments, seeds=seeds, worker_too=True) == moments
    batch = open_batch(tmp_path / "out")
    assert verify(batch) == []
    assert sorted(batch.runs["run"]) == list(range(2 * seeds))
    plan = plan_of("a", "bb", seeds=seeds, uncertain={})
    whole = run(plan, tmp_path / "whole", workers=1, simulate=toy)
    assert bytes_of(batch.folder, tmp_path / "r1") == bytes_of(whole.folder, tmp_path / "r2")
    leftovers = [path.name for path in batch.parts_folder.iterdir() if path.name not in batch.parts]
    assert leftovers == []


def damage(batch, how):
    """Damage the first part of a batch."""
    part = next(iter(batch.parts.values()))
    path = batch.parts_folder / part.name / "monthly.parquet"
    if how == "deleted part":
        shutil.rmtree(path.parent)
    elif how == "deleted table":
        path.unlink()
    elif how == "truncated":
        os.truncate(path, path.stat().st_size // 2)
    elif how == "changed byte":
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(bytes(data))
    return part.name


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ("deleted part", r"the part .* is missing: it was deleted or moved; its \d+ runs are done again"),
        ("deleted table", r"monthly.parquet is missing: it was deleted or moved; its \d+ runs are done again"),
        ("truncated", r"monthly.parquet was truncated: \d+ bytes, \d+ expected; its \d+ runs are done again"),
    ],
)
def test_damaged_parts_are_named_and_done_again(toy, plan_of, tmp_path, how, sentence):
    plan = plan_of("a", "bb")
    whole = bytes_of(run(plan, tmp_path / "out", workers=1, simulate=toy).folder, tmp_path / "r1")
    damage(open_batch(tmp_path / "out"), how)
    damaged = open_batch(tmp_path / "out")
    assert verify(damaged)
    first = int(next(iter(damaged.parts.values())).numbers()[0])
    for use in (lambda: merge([tmp_path / "out"], tmp_path / "r2"), lambda: damaged.table("monthly"),
                lambda: rebuild(damaged, first, plan=plan, simulate=toy)):  # fmt: skip
        with pytest.raises(InputError, match=rf"{sentence.split(';')[0]}[\s\S]*it does the damaged parts anew"):
            use()
    said = []
    run(plan, tmp_path / "out", workers=1, simulate=toy, tell=said.append)
    assert len(said) == 1
    assert re.search(sentence, said[0])
    assert bytes_of(tmp_path / "out", tmp_path / "r3") == whole


def test_a_folder_whose_record_or_points_are_cut_or_of_another_form_says_so(toy, plan_of, tmp_path):
    run(plan_of("a"), tmp_path / "out", workers=1, simulate=toy)
    about = json.loads((tmp_path / "out" / "batch.json").read_text())
    (tmp_path / "out" / "batch.json").write_text(json.dumps({k: v for k, v in about.items() if k != "format_version"}))
    with pytest.raises(InputError, match=r"batch\.json is damaged; run the batch into another folder"):
        open_batch(tmp_path / "out")
    (tmp_path / "out" / "batch.json").write_text(json.dumps(about))
    points = tmp_path / "out" / "points.parquet"
    os.truncate(points, points.stat().st_size // 2)
    with pytest.raises(InputError, match=r"points\.parquet is missing or damaged"):
        open_batch(tmp_path / "out").plan()


def test_a_changed_byte_is_found_by_verify_and_the_same_command_does_the_part_again(toy, plan_of, tmp_path):
    batch = run(plan_of("a"), tmp_path / "out", workers=1, simulate=toy)
    whole = bytes_of(batch.folder, tmp_path / "r1")
    damage(batch, "changed byte")
    (problem,) = verify(batch)
    assert problem.endswith("monthly.parquet was changed: its bytes are not those that were written")
    said = []
    run(plan_of("a"), tmp_path / "out", workers=1, simulate=toy, tell=said.append)
    assert len(said) == 1
    assert said[0].startswith(problem)
    assert verify(open_batch(tmp_path / "out")) == []
    assert bytes_of(batch.folder, tmp_path / "r2") == whole


@pytest.mark.parametrize("cut", [1, 40, 400])
def test_a_torn_or_damaged_journal_is_mended_from_the_parts(toy, plan_of, tmp_path, cut):
    plan = plan_of("a", "bb")
    run(plan, tmp_path / "out", workers=1, simulate=toy)
    journal = tmp_path / "out" / JOURNAL
    os.truncate(journal, journal.stat().st_size - cut)
    seen = []
    batch = run(plan, tmp_path / "out", workers=1, simulate=toy, progress=lambda *n: seen.append(n))
    assert seen == [(24, 24, 0)]  # nothing had to be done again
    assert verify(open_batch(batch.folder)) == []
    lines = journal.read_text().splitlines()
    journal.write_text("\n".join(["nonsense" if i == 1 else line for i, line in enumerate(lines)]) + "\n")
    said = []
    run(plan, tmp_path / "out", workers=1, simulate=toy, tell=said.append)
    assert "line 2: this line is damaged" in said[0]
    assert open_batch(batch.folder).finished == 24


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "is full; free some space"),
        (errno.EROFS, "cannot be written"),
        (errno.EACCES, "make it writable"),
    ],
)
def test_a_full_disk_and_a_read_only_folder_stop_with_a_sentence_and_lose_nothing(
    toy, plan_of, tmp_path, monkeypatch, code, words
):
    plan, real, calls = plan_of("a", "bb"), parts_module.sync_file, []

    def full(path):
        calls.append(path)
        if len(calls) > 7:
            raise OSError(code, os.strerror(code))
        real(path)

    monkeypatch.setattr(parts_module, "sync_file", full)
    with pytest.raises(StoreError, match=f"{words}.*finished runs are kept, and the same command continues"):
        run(plan, tmp_path / "out", workers=1, simulate=toy)
    monkeypatch.setattr(parts_module, "sync_file", real)
    kept = open_batch(tmp_path / "out").finished
    assert kept >= 1
    batch = run(plan, tmp_path / "out", workers=1, simulate=toy)
    whole = run(plan, tmp_path / "whole", workers=1, simulate=toy)
    assert bytes_of(batch.folder, tmp_path / "r1") == bytes_of(whole.folder, tmp_path / "r2")


def test_two_batches_in_one_folder_are_refused(toy, plan_of, tmp_path):
    with held(tmp_path / "out"), pytest.raises(InputError, match=r"is writing into .*out"):
        run(plan_of("a"), tmp_path / "out", workers=1, simulate=toy)


def test_a_changed_region_version_or_experiment_is_refused_with_its_sentence(
    toy, plan_of, place, tmp_path, monkeypatch
):
    from dataclasses import replace

    (place.folder / "structures.csv").write_text("a")
    out = tmp_path / "out"
    begin_batch(plan_of("a"), out_folder(out))
    (place.folder / "structures.csv").write_text("b")
    changed = replace(place, fingerprint="1" * 64)
    with pytest.raises(InputError, match=r"the region toyland has changed .*\(structures.csv\); undo the change"):
        run(plan_of("a", region=changed), out, workers=1, simulate=toy)
    with pytest.raises(InputError, match="another experiment: it differs in variants, months"):
        run(plan_of("b", months=3), out, workers=1, simulate=toy)
    about = json.loads((out / "batch.json").read_text())
    (out / "batch.json").write_text(json.dumps(about | {"code": "0" * 64}))
    with pytest.raises(InputError, match=r"kreislauf itself has changed .* \(code 00000000 then"):
        run(plan_of("a"), out, workers=1, simulate=toy)
    (out / "batch.json").write_text(json.dumps(about | {"packages": about["packages"] | {"numpy": "1.0"}}))
    with pytest.raises(InputError, match=r"other versions than when the batch was begun: numpy 1\.0 then"):
        run(plan_of("a"), out, workers=1, simulate=toy)


def out_folder(path):
    path.mkdir(exist_ok=True)
    return path


def test_folders_of_others_are_left_alone(toy, plan_of, tmp_path):
    out = out_folder(tmp_path / "out")
    (out / "letter.txt").touch()
    with pytest.raises(InputError, match=r"holds other files \(letter.txt\)"):
        run(plan_of("a"), out, workers=1, simulate=toy)
    with pytest.raises(InputError, match="is not the folder of a batch"):
        open_batch(out)
    with pytest.raises(InputError, match="is a file"):
        run(plan_of("a"), out / "letter.txt", workers=1, simulate=toy)


def test_results_are_an_ro_crate_that_names_every_table(toy, plan_of, tmp_path):
    batch = run(plan_of("a"), tmp_path / "out", workers=1, simulate=toy)
    results = merge([batch.folder], tmp_path / "results")
    crate = json.loads((results.folder / "ro-crate-metadata.json").read_text())
    entities = {entry["@id"]: entry for entry in crate["@graph"]}
    assert entities["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    assert {part["@id"] for part in entities["./"]["hasPart"]} == {"runs.parquet", "monthly.parquet", "manifest.json"}
    assert entities["runs.parquet"]["sha256"] == results.manifest["tables"]["runs"]["sha256"]
    for entry in crate["@graph"]:  # every reference points to something that is described
        for value in entry.values():
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict) and not item["@id"].startswith("http"):
                    assert item["@id"] in entities
