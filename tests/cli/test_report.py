"""`kreislauf report`: all files or none, and a sentence with exit code 2 for what is wrong."""

from __future__ import annotations

import shutil

import pytest
from kreislauf.cli import main
from kreislauf.experiments.compare import compare
from kreislauf.model.region import load_region
from kreislauf.model.variant import load_variant
from kreislauf.visualization.findings import stress_runs
from pypdf import PdfReader


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A small folder of results: two variants, two seeds, six months."""
    folder = tmp_path_factory.mktemp("results") / "compare"
    variants = [load_variant("status_quo"), load_variant("community")]
    compare(load_region("coburg"), variants, seeds=2, months=6, out=folder, workers=1, command=["kreislauf", "compare"])
    return folder


@pytest.fixture(autouse=True)
def few_projections(monkeypatch):
    monkeypatch.setattr(stress_runs, "RUNS", 2)


def run(*words) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["report", *map(str, words)])
    return int(ended.value.code or 0)


def test_all_files_are_written_from_a_results_folder(results, tmp_path, capsys):
    out = tmp_path / "new" / "anlage.pdf"
    names = {"--html": out.with_name("seite.html"), "--csv": tmp_path / "csv", "--xlsx": out.with_name("tabellen.xlsx")}
    assert run(results, "--out", out, *(word for pair in names.items() for word in pair)) == 0
    assert 2 <= len(PdfReader(out).pages) <= 4
    assert "<script" not in names["--html"].read_text(encoding="utf-8")
    assert len(list(names["--csv"].glob("*.csv"))) > 8
    assert names["--xlsx"].read_bytes().startswith(b"PK")
    assert sorted(path.name for path in out.parent.iterdir()) == ["anlage.pdf", "seite.html", "tabellen.xlsx"]
    told = capsys.readouterr().err
    assert "A: Status quo" in told
    assert "B: Verantwortungsgemeinschaft" in told
    assert f"Written: {out}" in told


def test_the_same_results_give_the_same_page_in_english(results, tmp_path):
    pages = []
    for name in ("one.html", "two.html"):
        assert run(results, "--lang", "en", "--html", tmp_path / name) == 0
        pages.append((tmp_path / name).read_bytes())
    assert pages[0] == pages[1]
    assert b'<html lang="en">' in pages[0]
    assert not (tmp_path / "annex.pdf").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--lang", "fr"], "there is no text in language 'fr'"),
        (["--choice", "comunity"], "there are no runs of 'comunity' in these results, did you mean 'community'?"),
        (["--baseline", "regional_fund"], "there are no runs of 'regional_fund'"),
        (["--shocks", "resession"], "unknown shock 'resession', did you mean 'recession'?"),
        (["--year", "1980"], "there is no data for shocks in 1980; expected"),
    ],
)
def test_wrong_words_are_refused_before_anything_is_written(results, tmp_path, capsys, monkeypatch, words, sentence):
    monkeypatch.chdir(tmp_path)
    assert run(results, *words) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert "Traceback" not in told
    assert list(tmp_path.iterdir()) == []


def test_places_that_cannot_be_written_to_are_all_named_before_the_work(tmp_path, capsys):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    assert run(tmp_path / "nowhere", "--out", blocked / "a.pdf", "--html", tmp_path, "--csv", blocked) == 2
    told = capsys.readouterr().err
    assert f"{blocked / 'a.pdf'} cannot be written: {blocked} is not a folder" in told
    assert f"{tmp_path} cannot be written: it is a folder" in told
    assert f"{blocked} cannot be written" in told
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_is_not_there_or_is_damaged_is_refused_with_a_sentence(results, tmp_path, capsys):
    assert run(tmp_path / "nowhere", "--out", tmp_path / "a.pdf") == 2
    assert "nowhere" in capsys.readouterr().err
    for damage in ("runs.parquet", "flows.parquet", "manifest.json"):
        broken = tmp_path / "broken"
        shutil.copytree(results, broken)
        (broken / damage).write_bytes(b"not what it was")
        assert run(broken, "--out", tmp_path / "a.pdf") == 2, damage
        told = capsys.readouterr().err
        assert told.strip()
        assert "Traceback" not in told
        assert "fault in kreislauf" not in told
        shutil.rmtree(broken)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_drawing_leaves_no_file_behind(results, tmp_path, monkeypatch):
    def broken(*_):
        raise RuntimeError("no more paper")

    monkeypatch.setattr("kreislauf.visualization.report.paper.fitting_pdf", broken)
    assert run(results, "--out", tmp_path / "a.pdf", "--html", tmp_path / "b.html") == 1
    assert list(tmp_path.iterdir()) == []
