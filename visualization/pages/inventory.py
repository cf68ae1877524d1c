"""Inventory: posts by level and payer, the expiry calendar, the cliff with A and B, what the runs add."""

from __future__ import annotations

from typing import TYPE_CHECKING

import solara

from ...model.calendar import month_index, year_of
from ..components import Figure, Select
from ..findings.cache import cached
from ..findings.inventory import stock
from ..markup import markup
from ..safe import safe
from .parts import badge, finding, notes, show, value_table

if TYPE_CHECKING:
    from ..context import Context


@safe
def Page(context: Context) -> None:
    """Show the inventory of a December."""
    say, results = context.text, context.results
    first, last = year_of(results.months[0]), year_of(results.months[-1])
    years = [str(year) for year in range(last, first - 1, -1)]
    year = context.option("stock", ("2018", *years) if "2018" in years else years)
    month = min(month_index(f"{year}-12"), results.months[-1])
    found = cached(stock, results, context.baseline, context.choice, month, language=context.language)
    show(notes(context, found.notes))
    with solara.Div(classes=["kl-controls"]):
        Select(
            label=say("inventory.month"),
            value=year,
            options=[{"value": one, "label": context.formats.month(month_index(f"{one}-12"))} for one in years],
            event_change=lambda one: context.choose("stock", one),
        )
    show(
        finding(found.finding),
        markup(
            "<p>{} {} <span class=kl-note>{}</span></p>",
            badge(found.quality),
            found.quality.sentence,
            say("inventory.register_note"),
        ),
    )
    with solara.Div(classes=["kl-columns", "kl-wide"]):
        Figure(context, found.levels)
        with solara.Div():
            show(value_table(context, found.payers, caption=say("inventory.payers_title")))
    Figure(context, found.endings)
    with solara.Div(classes=["kl-columns", "kl-wide"]):
        Figure(context, found.cliff)
        with solara.Div():
            show(value_table(context, found.founded, caption=say("inventory.founded_title")))
    show(
        value_table(context, found.ending_table, caption=say("inventory.endings_title")),
        value_table(context, found.offices, caption=say("inventory.offices_title")),
    )
