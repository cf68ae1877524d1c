"""Tables on disk: readable by anybody, replaced by the same command, never mixed with somebody's files."""

import errno
import json

import pandas as pd
import pytest
from kreislauf.experiments.tables_folder import prepare_tables_folder, write_tables
from kreislauf.model.errors import InputError
from kreislauf.model.files import file_hash

TABLES = {"grades": pd.DataFrame({"key": ["01"], "x": [0.5]}), "empty": pd.DataFrame({"key": []})}


def test_tables_are_written_twice_and_the_manifest_has_their_hashes(tmp_path):
    folder = tmp_path / "new" / "out"
    path = write_tables(folder, TABLES, kind="test", inputs={"a": 1}, command=["kreislauf", "/home/me/file.toml"])
    manifest = json.loads(path.read_text())
    assert sorted(manifest["files"]) == ["empty.csv", "empty.parquet", "grades.csv", "grades.parquet"]
    for name, entry in manifest["files"].items():
        assert entry["sha256"] == file_hash(folder / name)
    assert manifest["command"] == ["kreislauf", "file.toml"]
    assert pd.read_parquet(folder / "grades.parquet").equals(TABLES["grades"])
    assert (folder / "grades.csv").read_text() == "key,x\n01,0.5\n"
    assert not [p for p in folder.iterdir() if p.name.startswith(".")]


def test_the_same_kind_replaces_its_tables_and_another_kind_is_refused(tmp_path):
    write_tables(tmp_path, TABLES, kind="test", inputs={})
    write_tables(tmp_path, {"other": TABLES["grades"]}, kind="test", inputs={})
    assert sorted(p.name for p in tmp_path.iterdir()) == ["manifest.json", "other.csv", "other.parquet"]
    with pytest.raises(InputError, match="holds other files"):
        write_tables(tmp_path, TABLES, kind="else", inputs={})


def test_foreign_files_and_a_file_in_place_of_the_folder_are_refused(tmp_path):
    (tmp_path / "letters.txt").write_text("dear")
    with pytest.raises(InputError, match=r"letters\.txt"):
        prepare_tables_folder(tmp_path, "test")
    with pytest.raises(InputError, match="is a file"):
        prepare_tables_folder(tmp_path / "letters.txt", "test")
    with pytest.raises(InputError, match="cannot be written"):
        prepare_tables_folder(tmp_path / "letters.txt" / "below", "test")


def test_a_disk_that_fills_up_leaves_the_tables_of_before_and_nothing_half_written(tmp_path, monkeypatch):
    write_tables(tmp_path, TABLES, kind="test", inputs={})
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    to_csv = pd.DataFrame.to_csv

    def full(frame, path, **options):
        to_csv(frame, path, **options)
        if frame is TABLES["empty"]:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    with pytest.raises(OSError, match="No space left"):
        write_tables(tmp_path, {"new": TABLES["grades"], **TABLES}, kind="test", inputs={"later": True})
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
