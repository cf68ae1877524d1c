"""Drawing ahead: the likeliest pages first, every finding made once, and a click that finds all of it ready."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from kreislauf.visualization import ahead
from kreislauf.visualization.ahead import Ahead, likely, neighbours, render
from kreislauf.visualization.choices import Choice
from kreislauf.visualization.context import Context
from kreislauf.visualization.findings import cache, stress_runs
from kreislauf.visualization.view import View

sys.path.insert(0, str(Path(__file__).parent / "findings"))
from tiny import A, B, Builder

SCREENS = ("overview", "comparison", "responsibilities", "money", "inventory")


@pytest.fixture
def context(tmp_path, monkeypatch):
    monkeypatch.setattr(stress_runs, "RUNS", 2)
    ensemble = Builder(tmp_path).ensemble()
    names = dict(zip(ensemble.places, ensemble.region.municipalities["name"], strict=True))
    world = SimpleNamespace(region=ensemble.region, place_names=names, choices=ensemble.choices, seeds=10,
                            last_month=ensemble.months[-1])  # fmt: skip
    cache.forget()
    yield Context(world, View(screen="money", baseline=A, choice=B), ensemble, outdated=False, set=lambda **_: None)  # pyright: ignore
    cache.forget()


def test_the_screens_after_the_one_looked_at_come_first_and_each_once(context):
    names = [view.screen for view in likely(context)]
    assert names[:2] == ["stress", "inventory"]
    assert len(names) == len(set(names))
    assert "money" not in names
    assert "expert" not in names


def test_neighbours_differ_in_the_rule_or_in_the_instrument(context):
    near = (Choice("community"), Choice("community", "regional_budget"), Choice("lead_agency", "crowdfunding", 0.5))
    far = (Choice("lead_agency", "crowdfunding"), Choice("lead_agency"))
    shown = replace(context, ensemble=SimpleNamespace(choices=(A, B, *near, *far)))  # pyright: ignore
    assert neighbours(shown) == near


def test_after_drawing_ahead_a_click_makes_no_finding(context, monkeypatch):
    for name in SCREENS:
        render(replace(context, view=replace(context.view, screen=name)))
    made = []
    once = cache.once

    def counting(key, make):
        def noted():
            made.append(key)
            return make()

        return once(key, noted)

    for module in [module for name, module in sys.modules.items() if name.startswith("kreislauf.visualization")]:
        if getattr(module, "once", None) is once:
            monkeypatch.setattr(module, "once", counting)
    for name in SCREENS:
        render(replace(context, view=replace(context.view, screen=name)))
    assert made == []
    render(replace(context, view=replace(context.view, screen="money", options={"year_of_money": "2015"})))
    assert made  # the counter counts


def test_the_newest_reader_is_served_and_no_page_is_drawn_twice(context, monkeypatch):
    drawn = []
    monkeypatch.setattr(ahead, "draw", lambda shown: drawn.append(shown.view.query()))
    monkeypatch.setattr(ahead, "PAUSE", 0.0)
    worker = Ahead()
    expected = {view.query() for view in likely(context)}
    for _ in range(2):
        worker.look(context)
        waited = 0
        while set(drawn) != expected and waited < 200:
            waited += 1
            ahead.time.sleep(0.05)
    worker.look(replace(context, outdated=True))
    worker.close()
    assert sorted(drawn) == sorted(expected)
