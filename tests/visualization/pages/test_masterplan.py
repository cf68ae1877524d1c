"""The screen of the master plan: opened from a folder, plan by plan; without one it says how to get it."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import solara
from kreislauf.experiments.masterplan.asked import STATUS_QUO
from kreislauf.model.region import load_region
from kreislauf.visualization.context import Context
from kreislauf.visualization.pages import screen
from kreislauf.visualization.pages.masterplan import FOLDER
from kreislauf.visualization.view import View

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))
from test_masterplan import folder_of, outcomes


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    fresh = {STATUS_QUO: outcomes(0.20, 1e8, seed=1), "plan_a": outcomes(0.25, 1.01e8, seed=2),
             "plan_b": outcomes(0.15, 0.9e8, seed=3)}  # fmt: skip
    return folder_of(tmp_path_factory.mktemp("found"), fresh, {"plan_a": (1, 1, 1), "plan_b": (0, 0, 1)}).folder


def shown(**view: Any) -> str:
    world: Any = SimpleNamespace(region=load_region("coburg"))
    context = Context(world, View(screen="masterplan", **view), None, outdated=False, set=lambda **_: None)
    box, rendered = solara.render(screen("masterplan").page(context), handle_error=False)
    words = _words(box)
    rendered.close()
    assert "kl-error" not in words
    return words


def _words(widget: Any) -> str:
    found = [value for name in ("content", "label") if isinstance(value := getattr(widget, name, None), str)]
    found += [_words(child) for child in getattr(widget, "children", None) or [] if not isinstance(child, str)]
    return " ".join(found)


def test_without_a_folder_the_screen_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(FOLDER, raising=False)
    assert "kreislauf masterplan coburg --budget" in shown()


def test_a_folder_without_a_finished_search_is_named_in_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    assert "holds no finished search for plans" in shown()


@pytest.mark.parametrize(
    ("language", "title"), [("de", "Was das Modell nicht sagen kann"), ("en", "What the model cannot say")]
)
def test_all_parts_stand_there_with_the_chosen_plan(
    folder: Path, monkeypatch: pytest.MonkeyPatch, language: str, title: str
):
    monkeypatch.setenv(FOLDER, str(folder))
    first, second = shown(language=language), shown(language=language, options={"plan": "plan_b"})
    assert title in first
    assert "<svg" in first
    assert "<h2>Plan A</h2>" in first
    assert "<h2>Plan B</h2>" not in first
    assert "<h2>Plan B</h2>" in second
