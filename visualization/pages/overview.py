"""Overview: one sentence, four cards, the map over the months, two charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import solara

from ..components import Check, Figure, Play, Select
from ..findings.cache import cached
from ..findings.lens import Lens
from ..findings.overview import MAPPED, Card, overview, overview_map
from ..findings.stress import prepare, usual_shocks, usual_year
from ..markup import joined, markup
from ..safe import safe
from .map_shape import MapShape, shape_note, shape_of
from .parts import badge, finding, notes, show, turning

if TYPE_CHECKING:
    from markupsafe import Markup

    from ..choices import Choice
    from ..context import Context
    from ..ensemble import Ensemble


_STEP = 3  # months the map moves on


@safe
def Page(context: Context) -> None:
    """Show the overview."""
    single = context.option("runs", ("0", "1")) == "1"
    found = cached(
        overview, context.results, context.baseline, context.choice, language=context.language, single_runs=single
    )
    say = context.text
    show(
        notes(context, found.notes),
        finding(found.finding, found.failures),
        markup("<h2>{}</h2><p class=kl-note>{}</p>", say("overview.cards"), found.period),
        markup('<div class="kl-pairs">{}</div>', joined(_card(card) for card in found.cards)),
    )
    Map(context)
    cached(_crash_test_ready, context.results, context.baseline, context.choice)
    show(markup("<h2>{}</h2><p class=kl-note>{}</p>", say("overview.development"), say("findings.same_luck")))
    Check(label=say("overview.single_runs"), value=single, event_change=lambda on: context.choose("runs", str(int(on))))
    with solara.Div(classes=["kl-columns", "kl-wide"]):
        for chart in found.fans:
            Figure(context, chart)
    if found.flips:
        show(turning(context, found.flips))


@safe
def Map(context: Context) -> None:
    """Show the map of a measure in a month, with a slider over the months."""
    say, months = context.text, context.results.months
    lens = Lens(context.results, context.baseline, context.choice, context.language)
    mapped = lens.known(MAPPED)
    measure = context.option("map", mapped)
    month = min(max(context.month, months[0]), months[-1])
    show(markup("<h2>{}</h2>", say("overview.map")))
    with solara.Div(classes=["kl-controls"]):
        Select(
            label=say("overview.map_measure"),
            value=measure,
            options=[{"value": name, "label": lens.title(name)} for name in mapped],
            event_change=lambda name: context.choose("map", name),
        )
        Play(
            label=say("overview.month"),
            value=month,
            low=months[0] + (months[-1] - months[0]) % _STEP,
            high=months[-1],
            step=_STEP,
            shown=context.formats.month(month),
            play=say("overview.play"),
            pause=say("overview.pause"),
            event_change=lambda position: context.set(month=int(position)),
        )
        MapShape(context)
    shape = shape_of(context)
    chart = cached(
        overview_map, context.results, context.choice, measure, month,
        language=context.language, selected=context.municipality, clickable=True, shape=shape,
    )  # fmt: skip
    Figure(
        context,
        chart,
        note=f"{say('overview.map_hint')} {shape_note(context, shape)}".strip(),
        on_pick=lambda key: context.set(place=key, screen="municipality"),
    )


def _crash_test_ready(ensemble: Ensemble, baseline: Choice, choice: Choice) -> None:
    """Begin the crash test that the reader may look at next; once for a pair of variants."""
    prepare(ensemble, (baseline, choice), usual_shocks(), usual_year(ensemble))


def _card(card: Card) -> Markup:
    return markup(
        '<section class="kl-card"><h3>{}</h3><p class="kl-number-big">{} <span class="kl-unit">{}</span></p>'
        "<p>{} {}</p><p>{}</p><p>{}</p>"
        "<small>{}</small></section>",
        card.title,
        card.value,
        card.unit,
        card.spread,
        card.compared,
        card.verdict,
        badge(card.quality),
        card.quality.sentence,
    )
