"""The result screens rendered without a browser: every one in both languages, their choices kept in the address."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
import solara
from kreislauf.visualization.context import Context
from kreislauf.visualization.findings import stress_runs
from kreislauf.visualization.pages import screen
from kreislauf.visualization.view import View

sys.path.insert(0, str(Path(__file__).parents[1] / "findings"))
from tiny import AHORN, A, B, Builder

SCREENS = ("overview", "comparison", "responsibilities", "money", "stress", "inventory", "municipality")


@pytest.fixture(scope="module", autouse=True)
def few_projections():
    """Two runs of the crash test, for the threads too that screens start and leave behind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stress_runs, "RUNS", 2)
        yield
        for thread in threading.enumerate():
            if thread.name == "crash test":
                thread.join(timeout=60.0)


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory):
    return Builder(tmp_path_factory.mktemp("runs")).ensemble()


def shown(ensemble, name, **view):
    """Render a screen and return its text and what it asked to change."""
    names = dict(zip(ensemble.places, ensemble.region.municipalities["name"], strict=True))
    world = SimpleNamespace(region=ensemble.region, place_names=names, choices=ensemble.choices, seeds=10,
                            last_month=ensemble.months[-1])  # fmt: skip
    changes: list[dict] = []
    state = View(screen=name, baseline=A, choice=B, **view)
    context = Context(world, state, ensemble, outdated=False, set=lambda **change: changes.append(change))  # pyright: ignore
    box, rendered = solara.render(screen(name).page(context), handle_error=False)
    return words_of(box), changes, rendered


def words_of(widget) -> str:
    """Return every text of a tree of widgets."""
    found = []
    for name in ("content", "svg", "title", "sentence", "label", "table", "note"):
        value = getattr(widget, name, None)
        if isinstance(value, str):
            found.append(value)
    children = getattr(widget, "children", None) or []
    found.extend(words_of(child) for child in children if not isinstance(child, str))
    return " ".join(found)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_shows_its_finding_its_badge_and_what_is_not_modelled(ensemble, name, language):
    words, _, rendered = shown(ensemble, name, language=language, place=AHORN)
    assert "kl-error" not in words
    assert "kl-finding" in words
    assert ("Was hier nicht mitgerechnet ist" if language == "de" else "What is not part of this") in words
    assert any(word in words for word in ("belegt", "geschätzt", "gesetzt", "sourced", "estimated", "assumed"))
    assert "<svg" in words
    rendered.close()


def test_without_a_municipality_the_map_asks_for_one(ensemble):
    words, _, rendered = shown(ensemble, "municipality")
    assert "Bitte eine Gemeinde wählen" in words
    rendered.close()


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("comparison", {"measure": "total_cost"}, "Gesamtkosten: In allen 10 Läufen"),
        ("money", {"year_of_money": "2015"}, "B: "),
        ("stress", {"shocks": "none", "year": "2016"}, "Ohne Schock im Jahr 2016"),
        ("inventory", {"stock": "2016"}, "Im Dezember 2016"),
    ],
)
def test_what_was_chosen_on_a_screen_comes_from_the_address(ensemble, name, options, words):
    text, _, rendered = shown(ensemble, name, options=options)
    if words.startswith("Gesamtkosten"):
        assert "In allen 10 Läufen sind beide gleich." in text
    else:
        assert words in text
    rendered.close()


def test_nonsense_in_the_address_is_as_if_nothing_was_chosen(ensemble):
    options = {"measure": "<script>", "shocks": "x.y", "year": "1066", "map": "gold", "stock": "1066"}
    for name in SCREENS:
        words, _, rendered = shown(ensemble, name, options=options, place=AHORN)
        assert "kl-error" not in words
        assert "<script>" not in words
        rendered.close()


def test_a_finding_that_fails_leaves_a_sentence_with_a_number(ensemble, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("kreislauf.visualization.pages.money.money", broken)
    words, _, rendered = shown(ensemble, "money")
    assert "kl-error" in words
    assert "secret detail" not in words
    rendered.close()
