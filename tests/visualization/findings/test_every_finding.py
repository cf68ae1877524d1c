"""All findings in both languages: no text missing, German numbers everywhere, names escaped, no rank, no verdict."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from kreislauf.model.region import load_region
from kreislauf.visualization.findings import stress_runs
from kreislauf.visualization.findings.comparison import COMPARED, comparison
from kreislauf.visualization.findings.inventory import stock
from kreislauf.visualization.findings.lens import known_measures
from kreislauf.visualization.findings.money import money
from kreislauf.visualization.findings.municipality import municipality
from kreislauf.visualization.findings.overview import overview, overview_map
from kreislauf.visualization.findings.responsibilities import responsibilities
from kreislauf.visualization.findings.stress import stress, stress_line
from kreislauf.visualization.report.annex import annex

sys.path.insert(0, str(Path(__file__).parent))
from tiny import AHORN, A, B, Builder, texts_of

EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def evil(tmp_path_factory):
    """An ensemble of a region in which a municipality has a name that is a script."""
    region = load_region("coburg")
    towns = region.municipalities.copy()
    towns.loc[0, "name"] = EVIL
    builder = Builder(tmp_path_factory.mktemp("runs"), replace(region, municipalities=towns))
    for run in range(10):
        builder.place(B, "burden_with_levy", AHORN, [1234.5 + run] * 10)
    builder.series(B, "burden_with_levy", [1234.5] * 10)
    builder.cell(B, "advice", AHORN, opened=5, open_mean=10, unheld_mean=5)
    return builder.ensemble()


def every_finding(ensemble, language):
    both = (ensemble, A, B)
    yield overview(*both, language=language, single_runs=True)
    yield overview(ensemble, A, A, language=language)
    yield overview_map(ensemble, B, "burden_with_levy", 5, language=language, selected=AHORN, clickable=True)
    for measure in known_measures(ensemble, COMPARED):
        yield comparison(*both, measure, language=language)
    yield responsibilities(*both, language=language)
    yield money(*both, None, language=language)
    yield money(*both, 2016, language=language)
    yield stress(*both, ("recession", "programme_end"), 2016, language=language, clickable=True)
    yield stress_line(*both, ("recession",), 2016, AHORN, language=language)
    yield stock(*both, 23, language=language)
    yield municipality(*both, AHORN, "free_margin", language=language)


@pytest.fixture(scope="module", params=["de", "en"])
def texts(request, evil):
    patch = pytest.MonkeyPatch()
    patch.setattr(stress_runs, "RUNS", 2)
    found = [words for finding in every_finding(evil, request.param) for words in texts_of(finding)]
    patch.undo()
    return request.param, found


def test_no_placeholder_is_left_and_nothing_is_empty_of_numbers(texts):
    _, found = texts
    assert len(found) > 500
    left = [words for words in found if re.search(r"\{\w*\}", re.sub(r"<[^>]*>", "", words))]
    assert left == []
    assert not [words for words in found if re.search(r"\bnan\b|\binf\b|None", re.sub(r"<[^>]*>", "", words))]


def test_every_number_is_written_as_the_language_writes_it(texts):
    language, found = texts
    # In sentences and drawings alike: a German text has no decimal point, an English one no decimal comma;
    # before a percent sign German has a space, English none.
    wrong = re.compile(r"\d\.\d(?!\d\d)|\d%" if language == "de" else r"\d,\d(?!\d\d)|\d[ \u00a0]%")
    plain = [re.sub(r"<[^>]*>", " ", words) for words in found]
    assert [words for words in plain if wrong.search(words)] == []


def test_names_are_escaped_in_every_drawing(texts):
    _, found = texts
    drawings = [words for words in found if words.startswith("<svg")]
    assert len(drawings) > 20
    assert not [words for words in drawings if "<script" in words]
    assert any("&lt;script&gt;" in words for words in drawings)


def test_nobody_is_called_a_loser_or_ranked(texts):
    _, found = texts
    said = " ".join(found).casefold()
    for word in ("verlierer", "gewinner", "loser", "winner", "platz 1", "rang ", "iteration"):
        assert word not in said


def test_another_field_of_action_begins_with_its_own_outcomes(tmp_path, monkeypatch):
    monkeypatch.setattr(stress_runs, "RUNS", 2)
    ensemble = Builder(tmp_path, field="seniors").ensemble()
    found = [words for finding in every_finding(ensemble, "de") for words in texts_of(finding)]
    assert not [words for words in found if re.search(r"\bnan\b", re.sub(r"<[^>]*>", "", words))]
    assert known_measures(ensemble, COMPARED)[0] == "at_home_share"
    assert "employment_rate" not in known_measures(ensemble, COMPARED)
    assert [card.measure for card in overview(ensemble, A, B, language="de").cards][:2] == [
        "at_home_share",
        "helped_share",
    ]
    assert annex(ensemble, A, B, language="de").title.startswith("Älter werden zu Hause: ")
    assert annex(ensemble, A, A, language="en").title.startswith("Ageing at home: ")
