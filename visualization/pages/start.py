"""Start: what this is about, what the model can and cannot do, and where to go."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import solara

from ..choices import STATUS_QUO, Choice
from ..components import Button, Html
from ..markup import joined, markup
from ..safe import safe
from ..subject import OWN, subject

if TYPE_CHECKING:
    from ..context import Context

PRESETS = (
    Choice("lead_agency"),
    Choice("community"),
    Choice("parallel", "regional_budget"),
    Choice("intermunicipal", "municipal_association"),
)
"""Variants to begin with: two rules, one instrument, one of both; no order of merit."""


@safe
def Page(context: Context) -> None:
    """Show the start page; it needs no results."""
    say = context.text
    field = context.world.region.field
    one = say("start.one") if field == OWN else say("start.one_field", field=subject(field, context.language))
    lead = (one, say("start.two"), say("start.three"))
    Html(
        joined(
            (
                joined(markup('<p class="kl-lead">{}</p>', words) for words in lead),
                markup('<div class="kl-three">{}{}{}</div>', *(_list(context, *names) for names in _LISTS)),
            )
        )
    )
    if not context.world.named:
        Html(markup("<h2>{}</h2><p>{}</p>", say("start.presets"), say("start.presets_hint")))
        with solara.Div(classes=["kl-row"]):
            for preset in PRESETS:
                Button(
                    label=context.label(preset),
                    kind="strong",
                    event_press=lambda _, preset=preset: context.set(
                        screen="overview", baseline=STATUS_QUO, choice=preset
                    ),
                )
    links = joined(
        markup(
            '<li><a href="/?{}" data-key="{}">{}</a> – {}</li>',
            replace(context.view, screen=name).query(),
            name,
            say(f"{name}.title"),
            say(f"{name}.question"),
        )
        for name in context.world.screens
        if name != "start"
    )
    Html(
        markup("<h2>{}</h2><ul>{}</ul>", say("start.screens"), links),
        on_pick=lambda name: context.set(screen=name),
    )


_LISTS = (
    ("can", "can_1", "can_2", "can_3"),
    ("cannot", "cannot_1", "cannot_2", "cannot_3"),
    ("words", "word_run", "word_same_luck", "word_classes"),
)


def _list(context: Context, head: str, *items: str) -> str:
    """Return a heading with a list."""
    lines = joined(markup("<li>{}</li>", context.text(f"start.{item}")) for item in items)
    return markup('<section class="kl-card"><h2>{}</h2><ul>{}</ul></section>', context.text(f"start.{head}"), lines)
