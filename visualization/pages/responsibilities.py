"""Responsibilities: matrices of tasks by municipality and by level, gap, duplicate or clear, with A and B."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..components import Figure
from ..findings.cache import cached
from ..findings.responsibilities import responsibilities
from ..markup import markup
from ..safe import safe
from .parts import badge, finding, notes, show, value_table

if TYPE_CHECKING:
    from ..context import Context


@safe
def Page(context: Context) -> None:
    """Show who does what."""
    say = context.text
    found = cached(responsibilities, context.results, context.baseline, context.choice, language=context.language)
    show(
        notes(context, found.notes),
        finding(found.finding),
        markup("<p class=kl-note>{}</p><p>{} {}</p>", found.explained, badge(found.quality), found.quality.sentence),
        markup("<h2>{}</h2>", say("responsibilities.by_place")),
    )
    for chart in (found.places_a, found.places_b):
        if chart is not None:
            Figure(context, chart)
    show(
        markup("<h2>{}</h2>", say("responsibilities.by_level")),
        markup("<p class=kl-note>{}</p>", say("responsibilities.levels_note")),
    )
    for chart in (found.levels_a, found.levels_b):
        if chart is not None:
            Figure(context, chart)
    show(value_table(context, found.table, caption=say("responsibilities.table_title")))
