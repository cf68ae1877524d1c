"""Money flows: Sankey diagrams of A and B, who bears what, all flows, the burden per inhabitant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import solara

from ...model.calendar import year_of
from ..components import Figure, Select
from ..findings.cache import cached
from ..findings.money import burden_maps, money
from ..markup import markup
from ..safe import safe
from .map_shape import MapShape, shape_note, shape_of
from .parts import badge, finding, notes, show, value_table

if TYPE_CHECKING:
    from ..context import Context


@safe
def Page(context: Context) -> None:
    """Show the money flows."""
    say, results = context.text, context.results
    first, last = year_of(results.months[0]), year_of(results.months[-1])
    years = ["all", *(str(year) for year in range(first, last + 1))]
    chosen = context.option("year_of_money", years)
    found = cached(
        money, results, context.baseline, context.choice, None if chosen == "all" else int(chosen),
        language=context.language,
    )  # fmt: skip
    whole = say("money.whole", first=first, last=last)
    show(notes(context, found.notes))
    with solara.Div(classes=["kl-controls"]):
        Select(
            label=say("money.year"),
            value=chosen,
            options=[{"value": year, "label": whole if year == "all" else year} for year in years],
            event_change=lambda year: context.choose("year_of_money", year),
        )
    show(
        finding(found.finding),
        markup("<p class=kl-note>{}</p><p>{} {}</p>", found.explained, badge(found.quality), found.quality.sentence),
    )
    for chart in (found.sankey_a, found.sankey_b):
        if chart is not None:
            Figure(context, chart)
    show(
        value_table(context, found.levels, caption=say("money.levels_title"), exact=True),
        value_table(context, found.flows, caption=say("money.flows_title"), exact=True),
        markup("<p class=kl-note>{}</p>", say("money.cents")),
    )
    shape = shape_of(context)
    maps = cached(burden_maps, results, context.baseline, context.choice, language=context.language, shape=shape)
    with solara.Div(classes=["kl-controls"]):
        MapShape(context)
    with solara.Div(classes=["kl-columns", "kl-wide"]):
        for chart in maps:
            Figure(context, chart, note=shape_note(context, shape))
    mark = context.place_name(context.municipality) if context.municipality else ""
    show(value_table(context, found.burden, caption=say("money.burden_note"), mark=mark))
