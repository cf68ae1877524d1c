"""The expert view: Mesa's controls with titles in the reader's language; a reset begins with what was chosen."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import ipyvuetify as vuetify
import pytest
import solara
import solara.server.app
from kreislauf.model.region import load_region
from kreislauf.visualization.context import Context
from kreislauf.visualization.pages import expert
from kreislauf.visualization.view import View


@pytest.fixture(params=["de", "en"])
def run(request: pytest.FixtureRequest) -> Any:
    """Return the rendered run of a short model, and what it consists of."""
    region = load_region("coburg")
    world: Any = SimpleNamespace(region=region, last_month=region.start_month + 2)
    view = View(screen="expert", language=request.param)
    context = Context(world, view, None, outdated=False, set=lambda **_: None)
    parts = expert.run_parts().begin(context)
    _, rendered = solara.render(expert.run_parts().Run(context, **parts), handle_error=False)
    yield request.param, rendered, parts
    rendered.close()


def chosen(rendered: Any, label: str) -> Any:
    (found,) = [each.widget for each in rendered.find(vuetify.Select) if each.widget.label == label]
    return found


def test_variants_and_scenarios_are_offered_by_their_titles_with_the_names_in_small(run: Any):
    language, rendered, _ = run
    items = chosen(rendered, {"de": "Lage der Welt", "en": "Scenario"}[language]).items
    titles = {item["value"]: (item["title"], item["props"]["subtitle"]) for item in items}
    assert titles["recession"] == ({"de": "Schwache Einnahmen", "en": "Weak revenues"}[language], "recession")
    items = chosen(rendered, {"de": "Variante", "en": "Variant"}[language]).items
    titles = {item["value"]: item["title"] for item in items}
    assert titles["community"] == {"de": "Verantwortungsgemeinschaft", "en": "Shared responsibility"}[language]


def test_reset_begins_a_run_of_what_was_chosen(run: Any):
    language, rendered, parts = run
    before = parts["model"].value
    before.step()
    chosen(rendered, {"de": "Lage der Welt", "en": "Scenario"}[language]).v_model = "recession"
    (button,) = [each.widget for each in rendered.find(vuetify.Btn) if each.widget.children == ["Reset"]]
    button.click()
    after = parts["model"].value
    assert after is not before
    assert (before.world.name, after.world.name) == ("base", "recession")
    assert after.month == after.region.start_month - 1
