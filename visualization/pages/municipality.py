"""My municipality: own figures beside the middle municipality, the course of one measure, everything as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import solara

from ..components import Figure, Select
from ..findings.cache import cached
from ..findings.lens import Lens
from ..findings.municipality import SHOWN, municipality
from ..findings.municipality import Figure as PlaceFigure
from ..findings.overview import MAPPED, overview_map
from ..markup import joined, markup
from ..safe import safe
from .map_shape import MapShape, shape_note, shape_of
from .parts import badge, finding, notes, show, value_table

if TYPE_CHECKING:
    from markupsafe import Markup

    from ..context import Context


@safe
def Page(context: Context) -> None:
    """Show the municipality that is followed, or the map to choose one."""
    say, place, shape = context.text, context.municipality, shape_of(context)
    if place is None:
        show(markup('<p class="kl-finding">{}</p>', say("municipality.choose")))
        chart = cached(
            overview_map, context.results, context.choice, SHOWN[0], context.results.months[-1],
            language=context.language, selected=None, clickable=True, shape=shape,
        )  # fmt: skip
        with solara.Div(classes=["kl-controls"]):
            MapShape(context)
        Figure(context, chart, note=shape_note(context, shape), on_pick=lambda key: context.set(place=key))
        return
    lens = Lens(context.results, context.baseline, context.choice, context.language)
    known = lens.known(SHOWN)
    measure = context.option("course", known)
    found = cached(
        municipality, context.results, context.baseline, context.choice, place, measure, language=context.language
    )
    show(
        notes(context, found.notes),
        finding(found.finding, found.about),
        markup("<h2>{}</h2><p class=kl-note>{}</p>", say("municipality.figures"), found.period),
        markup('<div class="kl-pairs">{}</div>', joined(_card(one) for one in found.figures[:4])),
    )
    with solara.Div(classes=["kl-controls"]):
        Select(
            label=say("municipality.measure"),
            value=measure,
            options=[{"value": name, "label": lens.title(name)} for name in known],
            event_change=lambda name: context.choose("course", name),
        )
        MapShape(context)
    chart = cached(
        overview_map, context.results, context.choice, measure if measure in MAPPED else SHOWN[0],
        context.results.months[-1], language=context.language, selected=place, clickable=True, shape=shape,
    )  # fmt: skip
    with solara.Div(classes=["kl-columns", "kl-wide"]):
        Figure(context, found.course)
        Figure(context, chart, note=shape_note(context, shape), on_pick=lambda key: context.set(place=key))
    show(
        value_table(context, found.table, caption=say("municipality.table_title")),
        markup("<p class=kl-note>{}</p>", say("municipality.table_note")),
    )


def _card(one: PlaceFigure) -> Markup:
    return markup(
        '<section class="kl-card"><h3>{}</h3><p class="kl-number-big">{} <span class="kl-unit">{}</span></p>'
        "<p>{} {}</p><p>{}</p><p>{}</p><p>{}</p></section>",
        one.title,
        one.value,
        one.unit,
        one.spread,
        one.compared,
        one.district,
        one.verdict,
        badge(one.quality),
    )
