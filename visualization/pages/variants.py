"""Variants: every rule and every instrument as a card with what happens and what it costs; no order of merit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import texts
from ..choices import Choice
from ..components import Html
from ..context import instrument_title, rule_title
from ..markup import joined, markup
from ..safe import safe

if TYPE_CHECKING:
    from markupsafe import Markup

    from ..context import Context


@safe
def Page(context: Context) -> None:
    """Show the cards and the table of all combinations."""
    say, world = context.text, context.world

    def pick(key: str) -> None:
        old = context.choice
        kind, _, name = key.partition(":")
        if kind == "rule":
            context.set(choice=Choice(name, old.instrument, old.strength))
        elif kind == "instrument":
            context.set(choice=Choice(old.rule, name, old.strength))
        elif kind == "both":
            rule, _, instrument = name.partition(":")
            context.set(choice=Choice(rule, instrument))

    if world.named:
        Html(markup("<p>{}</p>", say("variants.ready_made")))
        return
    Html(
        joined(
            (
                markup('<p class="kl-lead">{}</p>', say("variants.lead")),
                markup("<h2>{}</h2>", say("variants.rules")),
                _cards(context, "rule", world.rules, context.choice.rule, context.baseline.rule),
                markup("<h2>{}</h2><p>{}</p>", say("variants.instruments"), say("variants.instruments_hint")),
                _cards(
                    context, "instrument", world.instruments, context.choice.instrument, context.baseline.instrument
                ),
                markup("<h2>{}</h2><p>{}</p>", say("variants.all"), say("variants.all_hint")),
                _grid(context),
            )
        ),
        on_pick=pick,
    )


def _cards(context: Context, kind: str, names: tuple[str, ...], chosen: str, baseline: str) -> Markup:
    """Return a card for every rule or instrument."""
    return markup(
        '<div class="kl-columns">{}</div>',
        joined(_card(context, kind, name, chosen == name, baseline == name) for name in names),
    )


def _card(context: Context, kind: str, name: str, chosen: bool, baseline: bool) -> Markup:
    """Return one card: title, one sentence, what it means, what it costs, and a button that takes it."""
    say, language = context.text, context.language
    title = rule_title(name, language) if kind == "rule" else instrument_title(name, language)
    key = f"choices.{kind}.{name}"
    known = texts.has_text(f"{key}.short")
    marks = [("A", say("variants.is_a"))] if baseline else []
    marks += [("B", say("variants.is_b"))] if chosen else []
    tags = joined(markup('<span class="kl-tag kl-tag-{}">{}</span> ', letter.lower(), words) for letter, words in marks)
    button = markup(
        '<button type="button" class="kl-button {kind}" data-key="{key}" aria-pressed="{pressed}" '
        'aria-label="{label}">{words}</button>',
        kind="kl-plain",
        key=f"{kind}:{name}",
        pressed="true" if chosen else "false",
        label=f"{title}: {say('variants.chosen' if chosen else 'variants.choose')}",
        words=say("variants.chosen" if chosen else "variants.choose"),
    )
    body = (
        markup(
            "<p>{short}</p><details><summary>{what}</summary><p>{how}</p></details>"
            "<p><strong>{cost_head}</strong> {cost}</p>",
            short=say(f"{key}.short"),
            what=say("variants.what"),
            how=say(f"{key}.how"),
            cost_head=say("variants.cost"),
            cost=say(f"{key}.cost"),
        )
        if known
        else markup("<p>{}</p>", say("variants.third_party"))
    )
    return markup(
        '<section class="kl-card kl-choice" aria-label="{0}"><h3>{0}</h3><p>{1}</p>{2}<p>{3}</p></section>',
        title,
        tags,
        body,
        button,
    )


def _grid(context: Context) -> Markup:
    """Return the table of all combinations, each with a button."""
    say, language, world = context.text, context.language, context.world

    def cell(rule: str, instrument: str) -> Markup:
        choice = Choice(rule, instrument)
        chosen = choice == context.choice
        return markup(
            '<td><button type="button" class="kl-button kl-plain" data-key="both:{}:{}" aria-pressed="{}" '
            'aria-label="{}">{}</button></td>',
            rule,
            instrument,
            "true" if chosen else "false",
            choice.title(language),
            say("variants.chosen_short" if chosen else "variants.choose_short"),
        )

    head = joined(
        markup('<th scope="col">{}</th>', instrument_title(instrument, language)) for instrument in world.instruments
    )
    rows = joined(
        markup(
            '<tr><th scope="row">{}</th>{}</tr>',
            rule_title(rule, language),
            joined(cell(rule, instrument) for instrument in world.instruments),
        )
        for rule in world.rules
    )
    corner = say("variants.corner")
    return markup(
        '<div class="kl-scroll" tabindex="0" role="region" aria-label="{0}"><table><thead><tr><th scope="col">{0}</th>'
        "{1}</tr></thead><tbody>{2}</tbody></table></div>",
        corner,
        head,
        rows,
    )
