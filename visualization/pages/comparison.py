"""Comparison: B against A in one measure, then in all, then all variants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import solara

from ..components import Check, Figure, Select
from ..findings.cache import cached
from ..findings.comparison import COMPARED, comparison
from ..findings.lens import Lens
from ..markup import markup
from ..safe import safe
from .parts import badge, finding, notes, show, turning, value_table

if TYPE_CHECKING:
    from ..context import Context


@safe
def Page(context: Context) -> None:
    """Show the comparison."""
    say = context.text
    single = context.option("runs", ("0", "1")) == "1"
    lens = Lens(context.results, context.baseline, context.choice, context.language)
    compared = lens.known(COMPARED)
    measure = context.option("measure", compared)
    found = cached(
        comparison, context.results, context.baseline, context.choice, measure,
        language=context.language, single_runs=single, variants=context.results.choices,
    )  # fmt: skip
    show(notes(context, found.notes))
    with solara.Div(classes=["kl-controls"]):
        Select(
            label=say("comparison.measure"),
            value=measure,
            options=[{"value": name, "label": lens.title(name)} for name in compared],
            event_change=lambda name: context.choose("measure", name),
        )
    show(
        finding(found.finding, found.failures),
        markup("<p>{}<br>{}</p>", found.range_a, found.range_b),
        markup(
            "<p>{} {} <span class=kl-note>{}</span></p>", badge(found.quality), found.quality.sentence, found.formula
        ),
    )
    with solara.Div(classes=["kl-columns", "kl-wide"]):
        if found.dots is not None:
            Figure(context, found.dots, note=f"{found.same_luck} {found.rule}")
        with solara.Div():
            Figure(context, found.fan)
            Check(
                label=say("overview.single_runs"),
                value=single,
                event_change=lambda on: context.choose("runs", str(int(on))),
            )
    if found.flips:
        show(turning(context, found.flips))
    title = say("comparison.variants_title", a=context.label(context.baseline))
    show(
        value_table(context, found.measures, caption=say("comparison.measures_title")),
        value_table(context, found.variants, caption=title, mark=context.label(context.choice)),
        markup("<p class=kl-note>{}</p>", say("comparison.variants_note")),
    )
