"""Crash test: shocks as switches, hexagons with "3 of 10", the line of one municipality, the reverse test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import solara

from ..components import Button, Check, Figure, Select
from ..findings.cache import cached
from ..findings.stress import (
    presets,
    reverse_test,
    shock_years,
    stress,
    stress_line,
    switches,
    usual_shocks,
    usual_year,
)
from ..markup import markup
from ..safe import safe
from .map_shape import MapShape, shape_note, shape_of
from .parts import badge, finding, notes, show, value_table

if TYPE_CHECKING:
    from ..context import Context


@safe
def Page(context: Context) -> None:
    """Show the crash test."""
    say, results = context.text, context.results
    years = [str(year) for year in shock_years(results)]
    shape = shape_of(context)
    year = int(context.option("year", (str(usual_year(results)), *years)))
    shocks = _chosen(context)
    found = cached(
        stress, results, context.baseline, context.choice, shocks, year,
        language=context.language, selected=context.municipality, clickable=True, shape=shape,
    )  # fmt: skip
    show(notes(context, found.notes))
    Switches(context, shocks, years, str(year))
    show(finding(found.finding, found.failures), markup("<p class=kl-note>{}</p>", found.explained))
    with solara.Div(classes=["kl-controls"]):
        MapShape(context)
    with solara.Div(classes=["kl-columns", "kl-wide"]):
        for chart in (found.map_a, found.map_b):
            if chart is not None:
                Figure(context, chart, note=shape_note(context, shape), on_pick=lambda key: context.set(place=key))
    Line(context, shocks, year)
    mark = context.place_name(context.municipality) if context.municipality else ""
    show(
        value_table(context, found.table, caption=say("stress.table_title"), mark=mark),
        markup("<h2>{}</h2><p>{} {}</p>", say("stress.limits"), badge(found.quality), found.quality.sentence),
    )


@safe
def Switches(context: Context, shocks: tuple[str, ...], years: list[str], year: str) -> None:
    """Show the shocks as switches, the sets as buttons, and the year."""
    say = context.text
    with solara.Div(classes=["kl-card", "kl-controls"]):
        show(markup("<h2>{}</h2>", say("stress.shocks")))
        with solara.Div(classes=["kl-row"]):
            for _, title, names in presets(context.language):
                Button(
                    label=title,
                    pressed=set(names) == set(shocks),
                    event_press=lambda _, names=names: context.choose("shocks", ".".join(names) or "none"),
                )
        with solara.Div(classes=["kl-columns"]):
            for switch in switches(context.language):
                Check(
                    label=f"{switch.title} ({say(f'findings.class_{switch.kind}')})",
                    value=switch.name in shocks,
                    event_change=lambda on, name=switch.name: _turn(context, shocks, name, on=on),
                )
        Select(
            label=say("stress.year"),
            value=year,
            options=[{"value": one, "label": one} for one in years],
            event_change=lambda one: context.choose("year", one),
        )


@safe
def Line(context: Context, shocks: tuple[str, ...], year: int) -> None:
    """Show the margin of the municipality that is followed, and its reverse test."""
    say, place = context.text, context.municipality
    if place is None:
        show(markup("<p class=kl-note>{}</p>", say("stress.pick")))
        return
    with solara.Div(classes=["kl-columns", "kl-wide"]):
        chart = cached(
            stress_line,
            context.results,
            context.baseline,
            context.choice,
            shocks,
            year,
            place,
            language=context.language,
        )
        Figure(context, chart)
        words = cached(reverse_test, context.results, context.choice, shocks, year, place, language=context.language)
        show(markup('<section class="kl-card"><h2>{}</h2><p>{}</p></section>', say("stress.reverse_title"), words))


def _chosen(context: Context) -> tuple[str, ...]:
    """Return the shocks that are switched on, in the order of the library."""
    given = context.view.options.get("shocks")
    if given is None:
        return usual_shocks()
    wanted = given.split(".")
    return tuple(switch.name for switch in switches("de") if switch.name in wanted)


def _turn(context: Context, shocks: tuple[str, ...], name: str, *, on: bool) -> None:
    """Switch one shock on or off."""
    left = [one for one in shocks if one != name] + ([name] if on else [])
    context.choose("shocks", ".".join(left) or "none")
