"""Assumptions and sources: every parameter with range, class and source; changing one computes the results anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import solara

from ...model.parameters import parameter_table
from ..assumption_list import Assumption, assumptions, changed_to, counts, group_title, groups, source
from ..components import Button, Check, Html, Number, Select, Slider
from ..findings.quality import CLASSES
from ..markup import joined, markup, table
from ..safe import safe

if TYPE_CHECKING:
    from collections.abc import Callable

    from markupsafe import Markup

    from ..context import Context

STYLE = {"sourced": "solid", "estimated": "dashed", "assumed": "dotted"}


@safe
def Page(context: Context) -> None:
    """Show what is changed, the table of a group, and the field to change one."""
    group, kind = context.option("group", groups()), context.option("kind", ("", *CLASSES))
    only, chosen = context.option("only", ("", "1")) == "1", context.option("name", ("", *parameter_table()))

    def choose(name: str) -> None:
        context.choose("name", name)

    say, changed = context.text, context.view.assumptions
    number = counts()
    Html(
        joined(
            (
                markup('<p class="kl-lead">{}</p>', say("assumptions.lead")),
                markup(
                    "<ul>{}</ul>",
                    joined(
                        markup("<li>{} – {}</li>", tag(context, one), say(f"assumptions.explain_{one}", n=number[one]))
                        for one in CLASSES
                    ),
                ),
                markup(
                    '<section class="kl-card"><h2>{}</h2><ul>{}</ul></section>',
                    say("assumptions.missing"),
                    joined(markup("<li>{}</li>", say(f"assumptions.missing_{n}")) for n in (1, 2, 3)),
                ),
            )
        )
    )
    Changed(context)
    found = assumptions(changed, context.language, group="" if only else group, kind=kind, only_changed=only)
    one = next((each for each in assumptions(changed, context.language) if each.entry.name == chosen), None)
    Html(markup("<h2>{}</h2>", say("assumptions.all")))
    with solara.Div(classes=["kl-filters"]):
        Select(
            label=say("assumptions.group"),
            value=group,
            options=[{"value": name, "label": group_title(name, context.language)} for name in groups()],
            event_change=lambda name: context.choose("group", name),
        )
        Select(
            label=say("assumptions.kind"),
            value=kind,
            options=[
                {"value": "", "label": say("assumptions.any_kind")},
                *({"value": name, "label": say(f"assumptions.{name}")} for name in CLASSES),
            ],
            event_change=lambda name: context.choose("kind", name),
        )
        Check(
            label=say("assumptions.only_changed"),
            value=only,
            event_change=lambda on: context.choose("only", "1" if on else ""),
        )
    if one is not None:
        Editor(context, one, choose)
    Html(_table(context, found), on_pick=choose)
    Html(_sources(context))


@safe
def Changed(context: Context) -> None:
    """Show what was changed, with a button to take everything back."""
    say = context.text

    def unit(one: Assumption) -> str:
        return context.formats.unit(one.entry.unit)

    found = assumptions(context.view.assumptions, context.language, only_changed=True)
    if not found:
        Html(markup("<p>{}</p>", say("assumptions.none_changed")))
        return
    lines = joined(
        markup(
            "<li><strong>{}</strong>: {} {}</li>",
            each.words,
            _value(context, each.value),
            say("assumptions.instead_of", value=_value(context, each.entry.value), unit=unit(each)),
        )
        for each in found
    )
    Html(
        markup(
            '<section class="kl-card kl-changed"><h2>{}</h2><p>{}</p><ul>{}</ul></section>',
            say("assumptions.changed", n=len(found)),
            say("assumptions.applies"),
            lines,
        )
    )
    with solara.Div(classes=["kl-row"]):
        Button(label=say("assumptions.reset_all"), event_press=lambda _: context.set(assumptions={}))


@safe
def Editor(context: Context, one: Assumption, choose: Callable[[str], None]) -> None:
    """Show the field to change one assumption within its range."""
    say, entry = context.text, one.entry
    unit = context.formats.unit(entry.unit)

    def change(value: float | None) -> None:
        context.set(assumptions=changed_to(context.view.assumptions, entry.name, value))

    low, high = _value(context, entry.low), _value(context, entry.high)
    with solara.Div(classes=["kl-card", "kl-editor"]):
        Html(
            markup(
                "<h3>{}</h3><p>{}</p><p>{} {}</p>",
                one.words,
                one.sentence,
                tag(context, one.kind),
                say("assumptions.source_is", source=source(entry, context.language)),
            )
        )
        if entry.low == entry.high:
            Html(markup("<p>{}</p>", say("assumptions.fixed", value=_value(context, one.value), unit=unit)))
        else:
            words = say("assumptions.between", low=low, high=high, unit=unit)
            Slider(
                label=words,
                value=one.value,
                low=entry.low,
                high=entry.high,
                step=one.step,
                shown=_value(context, one.value),
                event_change=change,
            )
            Number(
                label=say("assumptions.exact"),
                value=one.value,
                low=entry.low,
                high=entry.high,
                refused=say("assumptions.refused", low=low, high=high, value=_value(context, one.value)),
                event_change=change,
            )
        with solara.Div(classes=["kl-row"]):
            Button(
                label=say("assumptions.reset_one", value=_value(context, entry.value)),
                disabled=not one.changed,
                event_press=lambda _: change(None),
            )
            Button(label=say("assumptions.close"), event_press=lambda _: choose(""))


def tag(context: Context, kind: str) -> Markup:
    """Return a class as a word in a frame; full, dashed or dotted line."""
    words = context.text(f"assumptions.{kind}")
    return markup('<span class="kl-tag" style="border-style:{}">{}</span>', STYLE[kind], words)


def _value(context: Context, value: float) -> str:
    """Return a parameter's value with up to four decimals."""
    written = context.formats.number(value, 4)
    mark = "," if context.language == "de" else "."
    return written.rstrip("0").rstrip(mark) if mark in written else written


def _table(context: Context, found: tuple[Assumption, ...]) -> Markup:
    """Return the table of assumptions; each row has a button to change it."""
    say = context.text
    if not found:
        return markup("<p>{}</p>", say("assumptions.nothing"))

    def row(one: Assumption) -> tuple[object, ...]:
        entry = one.entry
        value = _value(context, one.value)
        number = markup("<strong>{} ●</strong>", value) if one.changed else value
        shown = markup("{}<small>{}</small>", number, context.formats.unit(entry.unit))
        button = markup(
            '<button type="button" class="kl-button kl-plain" data-key="{}" aria-label="{}">{}</button>',
            entry.name,
            f"{say('assumptions.change')}: {one.words}",
            say("assumptions.change"),
        )
        extent = f"{_value(context, entry.low)} – {_value(context, entry.high)}"
        name = markup("<strong>{}</strong><small>{}</small>", one.words, one.sentence) if one.sentence else one.words
        backed = markup("{}<small>{}</small>", tag(context, one.kind), source(entry, context.language))
        return (name, shown, extent, backed, button)

    heads = [say(f"assumptions.head_{name}") for name in ("what", "value", "range", "backed", "change")]
    shown = table(heads, [row(one) for one in found], caption=say("assumptions.caption", n=len(found)), right=(1, 2))
    return joined((shown, markup('<p class="kl-note">{}</p>', say("assumptions.codes"))))


def _sources(context: Context) -> Markup:
    """Return the sources of the region's figures, folded."""
    sources = context.world.region.sources
    names = [name for name in ("source_id", "title", "url", "reference_date", "type") if name in sources.columns]
    rows = sources[names].astype(str).to_numpy().tolist()
    heads = [context.text(f"assumptions.source_{name}") for name in names]
    return markup(
        "<details class='kl-details'><summary>{}</summary>{}</details>",
        context.text("assumptions.sources", n=len(rows)),
        table(heads, rows, caption=context.text("assumptions.sources_caption")),
    )
