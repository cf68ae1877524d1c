"""What every screen has around it: title, language, place, badge, run number, print, levers, navigation, errors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import solara

from .choices import OWN, Choice
from .components import Button, Document, Header, Heading, Html, Levers, Navigation, Progress, Ticker
from .context import Context, instrument_title, rule_title
from .markup import markup
from .pages import PAGES, Screen, screen
from .safe import safe
from .subject import subject
from .texts import has_text
from .world import STRENGTHS

if TYPE_CHECKING:
    from .background import Status
    from .view import View


def link(view: View, **changes: Any) -> str:
    """Return the address of a view with some changes."""
    return "/?" + replace(view, **changes).query()


@safe
def Top(context: Context) -> None:
    """Show the title, the language, the place, the badge and the run number."""
    say, view = context.text, context.view
    region = context.world.region
    name = region.title_de if view.language == "de" else region.title_en
    title = say("frame.title", subject=subject(region.field, view.language), region=name)
    shown = context.ensemble.assumptions if context.ensemble is not None else view.assumptions
    changed = len(shown) or len(view.assumptions)
    names = ("skip", "language", "place", "print", "run")
    Header(
        words={
            **{name: say(f"frame.{name}") for name in names},
            "title": title,
            "changed": say("frame.changed", n=changed),
            "presenter": say("frame.presenter_end" if view.presenter else "frame.presenter"),
        },
        language=view.language,
        place=view.place or "",
        places=[
            {"value": "", "label": say("frame.whole_region")},
            *({"value": key, "label": name} for key, name in context.world.place_names.items()),
        ],
        changed=bool(changed),
        run_number=context.ensemble.run_number if context.ensemble is not None else "",
        presenter=view.presenter,
        links={name: link(view, screen=name) for name in ("start", "print", "assumptions")},
        event_set=lambda changes: context.set(**changes),
    )


@safe
def Screens(context: Context) -> None:
    """Show the list of screens."""
    view = context.view
    Navigation(
        label=context.text("frame.screens"),
        entries=[
            {
                "screen": entry.name,
                "label": context.text(f"{entry.name}.{'nav' if has_text(f'{entry.name}.nav') else 'title'}"),
                "href": link(view, screen=entry.name),
                "current": entry.name == view.screen,
            }
            for entry in PAGES
        ],
        event_set=lambda changes: context.set(**changes),
    )


@safe
def Variants(context: Context) -> None:
    """Show variant A and variant B with their levers."""
    say = context.text
    Levers(
        words={name: say(f"frame.{name}") for name in ("levers", "rule", "instrument", "strength", "named")},
        variants=[_lever(context, "baseline", "A"), _lever(context, "choice", "B")],
        event_set=lambda changes: context.set(**_chosen(context, changes)),
    )


def _lever(context: Context, name: str, letter: str) -> dict[str, Any]:
    """Return what the lists of one variant show."""
    world, language = context.world, context.language
    choice: Choice = getattr(context.view, name)
    strengths = () if choice.instrument == OWN else STRENGTHS
    return {
        "name": name,
        "letter": letter,
        "title": context.text("frame.baseline" if name == "baseline" else "frame.variant"),
        "change": context.text("frame.change_baseline" if name == "baseline" else "frame.change_variant"),
        "open": name == "choice",
        "label": context.label(choice),
        "rule": choice.rule,
        "rules": [{"value": rule, "label": rule_title(rule, language)} for rule in world.rules],
        "instrument": choice.instrument,
        "named": [{"value": c.key, "label": c.title(language)} for c in world.choices] if world.named else [],
        "key": choice.key,
        "instruments": [{"value": i, "label": instrument_title(i, language)} for i in world.instruments],
        "strengths": [context.text("frame.percent", n=round(100 * strength)) for strength in strengths],
        "strength": min(range(len(STRENGTHS)), key=lambda n: abs(STRENGTHS[n] - choice.strength)),
    }


def _chosen(context: Context, changes: dict[str, Any]) -> dict[str, Choice]:
    """Return the change of the view for what was chosen in a list."""
    name = changes["variant"]
    if "key" in changes:
        return {name: Choice.parse(changes["key"])}
    old: Choice = getattr(context.view, name)
    rule, instrument = changes.get("rule", old.rule), changes.get("instrument", old.instrument)
    strength = STRENGTHS[int(changes["strength"])] if "strength" in changes else old.strength
    return {name: Choice(rule, instrument, strength)}


@safe
def Computation(context: Context, status: Status, beat: int, tick: Any) -> None:
    """Show how far the computation is, with a button to stop it; a line of text when the page has its results."""
    say, background, assumptions = context.text, context.world.background, context.view.assumptions
    Ticker(interval=700 if context.outdated else 4000, running=status.running, beat=beat, event_tick=tick)
    if not context.outdated:
        if status.running and status.total:
            words = say("frame.others", done=status.done, total=status.total)
            Html(markup('<p class="kl-note">{}</p>', words))
        return
    with solara.Div(classes=["kl-computation"]):
        if status.running:
            if context.ensemble is not None:
                Html(markup("<p>{}</p>", say("frame.outdated")))
            label = say("frame.waiting")
            shown = (
                say("frame.progress", done=status.done, total=status.total) if status.total else say("frame.starting")
            )
            Progress(
                label=label,
                done=status.done,
                total=status.total,
                shown=shown,
                cancel=say("frame.cancel"),
                event_stop=lambda _: background.cancel(assumptions),
            )
        else:
            Html(markup('<p role="alert">{}</p>', _ending(context, status)))

            def again(_: object) -> None:
                background.start(assumptions)
                tick(None)

            Button(label=say("frame.resume"), event_press=again)


def _ending(context: Context, status: Status) -> str:
    """Return why there are no results, in words."""
    if status.cancelled:
        return context.text("frame.cancelled")
    return context.text("frame.failed", reason=status.error or context.text("frame.failed_number", id=status.number))


@safe
def Turning(context: Context) -> None:
    """Show the presenter's buttons to the screen before and after."""
    before, after = neighbour(context.view.screen, -1), neighbour(context.view.screen, 1)
    with solara.Div(classes=["kl-turning"]):
        Button(
            label=context.text("frame.previous"),
            disabled=before is None,
            event_press=lambda _: context.set(screen=before),
        )
        Button(
            label=context.text("frame.next"), disabled=after is None, event_press=lambda _: context.set(screen=after)
        )


def neighbour(name: str, step: int) -> str | None:
    """Return the screen before (-1) or after (+1) in the presenter's order, None at the ends."""
    order = [entry.name for entry in PAGES if entry.in_order or entry.name == name]
    number = order.index(name) + step
    return order[number] if 0 <= number < len(order) else None


@solara.component
def Frame(context: Context, status: Status, beat: int, tick: Any, problems: tuple[str, ...]) -> None:
    """Show one screen in its frame."""
    say, view = context.text, context.view
    entry: Screen = screen(view.screen)

    def turn(step: int) -> None:
        target = neighbour(context.view.screen, step) if step else None
        if step == 0:
            context.set(presenter=False)
        elif target is not None:
            context.set(screen=target)

    with solara.Div(classes=["kl-app", *(["kl-presenting"] if view.presenter else [])]):
        solara.Title(f"{say(f'{view.screen}.title')} – kreislauf")
        Document(
            language=view.language,
            presenter=view.presenter,
            event_turn=turn,
        )
        Top(context)
        Screens(context)
        with solara.Div(classes=["kl-body"]):
            Variants(context)
            with solara.v.Html(tag="main", attributes={"id": "main", "tabindex": "-1"}):
                note = say("frame.link_problem", parts=", ".join(problems)[:300]) if problems else ""
                Heading(text=say(f"{view.screen}.question"), note=note, screen=view.screen)
                Computation(context, status, beat, tick)
                if entry.needs_results and context.ensemble is not None and context.ensemble.drawn_from:
                    Html(markup('<p class="kl-note">{}</p>', say("frame.drawn", file=context.ensemble.drawn_from)))
                if not entry.needs_results or context.ensemble is not None:
                    entry.page(context)
                elif status.running:
                    why = "waiting_changed" if view.assumptions else "waiting_long"
                    Html(markup("<p>{}</p>", say(f"frame.{why}", seeds=context.world.seeds)))
        if view.presenter:
            Turning(context)
        Html(markup('<footer class="kl-footer"><p>{}</p></footer>', say("frame.footer")))
