"""Results on disk: complete or absent, never half-written, and checked when read."""

import json

import pandas as pd
import pytest
from kreislauf.model import results_folder
from kreislauf.model.errors import InputError
from kreislauf.model.results import RunKey, RunResult, RunTables
from kreislauf.model.results_folder import ResultsWriter, read_results, write_results

INPUTS = {"region": "tiny", "seeds": [1, 2]}


def tables(value=1.0):
    return RunTables(
        summary={"jobs": value, "cost": 2 * value},
        monthly=pd.DataFrame(
            {"month": [0, 1], "scope": ["district", "a"], "indicator": ["x", "x"], "value": [value, 0.1]}
        ),
        cells=pd.DataFrame({"task": ["advice"], "municipality": ["a"], "group": ["asylum"], "owners": [2]}),
        flows=pd.DataFrame({"month": [0], "payer": ["bund"], "payee": ["land"], "cents": [10**15 + 1]}),
        structures=pd.DataFrame({"id": ["s1"], "end": pd.Series([None], dtype="str")}),
    )


def result(run, *, variant="status_quo", value=1.0):
    return RunResult(RunKey(run, "tiny", variant, "base", seed=run + 1), tables(value))


def test_what_was_written_is_read_back(tmp_path):
    failed = RunResult(RunKey(1, "tiny", "community", "base", seed=1), error="no money left")
    write_results(tmp_path / "out", [result(0), failed, result(2, value=3.5)], inputs=INPUTS)
    found = read_results(tmp_path / "out")
    assert found.runs["status"].tolist() == ["done", "failed", "done"]
    assert found.runs["error"].tolist() == ["", "no money left", ""]
    assert found.runs["jobs"].fillna(-1).tolist() == [1.0, -1.0, 3.5]
    assert found.table("monthly")["run"].tolist() == [0, 0, 2, 2]
    assert found.table("flows")["cents"].tolist() == [10**15 + 1] * 2
    assert found.manifest["runs"] == {"requested": 3, "done": 2, "failed": 1}
    with pytest.raises(InputError, match="no table 'households'"):
        found.table("households")


def test_the_manifest_tells_inputs_versions_and_command_but_no_folders(tmp_path):
    command = ["kreislauf", "run", "/home/somebody/region", "--out=/home/somebody/out"]
    with ResultsWriter(tmp_path / "out", inputs=INPUTS, command=command) as writer:
        writer.add(result(0))
        writer.close()
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["inputs"] == INPUTS
    assert manifest["command"] == ["kreislauf", "run", "region", "--out=out"]
    assert set(manifest["packages"]) >= {"mesa", "numpy", "pandas", "pyarrow"}
    assert len(manifest["code"]) == 64
    assert set(manifest["machine"]) == {"system", "processor", "cores"}


def test_the_same_runs_give_the_same_bytes(tmp_path):
    one = write_results(tmp_path / "one", [result(0), result(1)], inputs=INPUTS).manifest["tables"]
    two = write_results(tmp_path / "two", [result(0), result(1)], inputs=INPUTS).manifest["tables"]
    assert one == two


def test_an_empty_table_of_one_run_does_not_disturb_the_others(tmp_path):
    empty = RunResult(RunKey(0, "tiny", "a", "base", 1), RunTables({}, *(pd.DataFrame({"x": []}) for _ in range(4))))
    full = RunResult(
        RunKey(1, "tiny", "a", "base", 2), RunTables({}, *(pd.DataFrame({"x": ["text"]}) for _ in range(4)))
    )
    found = write_results(tmp_path / "out", [empty, full, empty], inputs=INPUTS)
    assert found.table("flows")["x"].tolist() == ["text"]


def test_an_error_while_writing_leaves_nothing_half_written(tmp_path):
    def write_and_fail():
        with ResultsWriter(tmp_path / "out", inputs=INPUTS) as writer:
            writer.add(result(0))
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("at", ["finish", "put_in_place"])
def test_an_error_while_closing_leaves_no_folder_that_reads_as_complete(tmp_path, monkeypatch, at):
    write_results(tmp_path / "out", [result(0)], inputs=INPUTS)
    original = getattr(results_folder.TableWriter, at)

    def fail_at_flows(self):
        if self._final.name == "flows.parquet":
            raise OSError("disk full")
        return original(self)

    monkeypatch.setattr(results_folder.TableWriter, at, fail_at_flows)
    with pytest.raises(OSError, match="disk full"):
        write_results(tmp_path / "out", [result(0, value=9.0)], inputs=INPUTS)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert not any(".part" in name for name in names)
    if at == "finish":
        assert read_results(tmp_path / "out").runs["jobs"].tolist() == [1.0]
    else:
        with pytest.raises(InputError, match="is missing, so the run did not come to its end"):
            read_results(tmp_path / "out")


def test_a_missing_and_a_truncated_table_are_named_in_one_sentence_each(tmp_path):
    out = write_results(tmp_path / "out", [result(0)], inputs=INPUTS).folder
    (out / "flows.parquet").unlink()
    (out / "monthly.parquet").write_bytes((out / "monthly.parquet").read_bytes()[:-10])
    with pytest.raises(InputError) as raised:
        read_results(out)
    lines = sorted(str(raised.value).splitlines())
    assert len(lines) == 2
    assert "flows.parquet is missing" in lines[0]
    assert "monthly.parquet is not the file that was written" in lines[1]


def test_a_damaged_manifest_or_no_folder_is_named(tmp_path):
    with pytest.raises(InputError, match="there is no such folder"):
        read_results(tmp_path / "nowhere")
    out = write_results(tmp_path / "out", [result(0)], inputs=INPUTS).folder
    (out / "manifest.json").write_text("{")
    with pytest.raises(InputError, match="damaged"):
        read_results(out)


def test_a_foreign_or_unwritable_folder_is_refused_and_stays_as_it_is(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "love.txt").write_text("dear")
    with pytest.raises(InputError, match=r"holds other files \(love.txt\)"):
        write_results(tmp_path / "letters", [result(0)], inputs=INPUTS)
    with pytest.raises(InputError, match="is a file"):
        write_results(tmp_path / "letters" / "love.txt", [result(0)], inputs=INPUTS)
    with pytest.raises(InputError, match="cannot be written"):
        write_results(tmp_path / "letters" / "love.txt" / "out", [result(0)], inputs=INPUTS)
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["love.txt"]


def test_results_of_an_earlier_command_are_replaced(tmp_path):
    write_results(tmp_path / "out", [result(0), result(1)], inputs=INPUTS)
    write_results(tmp_path / "out", [result(0, value=7.0)], inputs=INPUTS)
    assert read_results(tmp_path / "out").runs["jobs"].tolist() == [7.0]


def test_finished_runs_of_an_interrupted_batch_are_taken_over(tmp_path):
    runs = [result(0), result(1, value=2.0), result(2, value=3.0)]
    whole = write_results(tmp_path / "whole", runs, inputs=INPUTS)
    with ResultsWriter(tmp_path / "out", inputs=INPUTS) as writer:
        writer.add(runs[0])
        writer.add(runs[1])
        writer.close(complete=False, requested=3)
    earlier = read_results(tmp_path / "out")
    assert earlier.manifest["complete"] is False
    with ResultsWriter(tmp_path / "out", inputs=INPUTS) as writer:
        writer.copy(earlier, runs=[0, 1])
        writer.add(runs[2])
        writer.close()
    found = read_results(tmp_path / "out")
    for name in whole.manifest["tables"]:
        pd.testing.assert_frame_equal(found.table(name), whole.table(name))


def test_the_fingerprint_of_a_run_sees_the_last_bit():
    assert tables(1.0).fingerprint() == tables(1.0).fingerprint()
    assert tables(1.0).fingerprint() != tables(1.0 + 2**-52).fingerprint()
