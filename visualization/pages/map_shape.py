"""The switch between the kinds of map, and the field for boundaries of the district's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import solara

from ...model.errors import InputError
from ..charts.geojson import MAX_BYTES
from ..components import Html, Radio, Upload
from ..maps import ENDINGS, SHAPES, is_known, keep
from ..markup import joined, markup
from ..safe import safe

if TYPE_CHECKING:
    from ..context import Context

_MOST = 6  # faults of a file that are told


def shape_of(context: Context) -> str:
    """Return the kind of map the address names; hexagons as long as there are no boundaries of the district's own."""
    shape = context.option("shape", SHAPES)
    if shape != "own":
        return shape
    key = context.view.options.get("own", "")
    return f"own-{key}" if is_known(key, context.world.region, context.world.folder) else SHAPES[0]


def shape_note(context: Context, shape: str) -> str:
    """Return what to bear in mind with a map."""
    return context.text("maps.seats_note") if shape == "seats" else ""


@safe
def MapShape(context: Context) -> None:
    """Show the kinds of map, and with the district's own the field for its file and what is wrong with it."""
    no_faults = cast("tuple[str, ...]", ())
    faults, set_faults = solara.use_state(no_faults)
    say, shape = context.text, context.option("shape", SHAPES)
    limit = context.formats.number(MAX_BYTES / 1e6, 1)

    def take(chosen: Any) -> None:
        name, content = str(chosen.get("name", "")), chosen.get("content")
        try:
            if not isinstance(content, str) or len(content) > MAX_BYTES:
                raise InputError(say("maps.too_large", limit=limit))
            key = keep(content, context.world.region, context.world.folder, language=context.language, file=name)
        except InputError as error:
            set_faults(tuple(problem.message for problem in error.problems))
        else:
            set_faults(no_faults)
            context.set(options={**context.view.options, "shape": "own", "own": key})

    Radio(
        label=say("maps.shape"),
        value=shape,
        options=[{"value": name, "label": say(f"maps.{name}"), "hint": say(f"maps.{name}_hint")} for name in SHAPES],
        event_change=lambda name: context.choose("shape", name),
    )
    if shape != "own":
        return
    known = shape_of(context) != SHAPES[0]
    lost = not known and context.view.options.get("own")
    with solara.Div(classes=["kl-card"]):
        if lost:
            Html(markup("<p>{}</p>", say("maps.lost")))
        Upload(
            label=say("maps.other" if known else "maps.choose"),
            accept=",".join((*ENDINGS, "application/geo+json")),
            max_bytes=MAX_BYTES,
            too_large=say("maps.too_large", limit=limit),
            hint=say("maps.needed", limit=limit),
            event_file=take,
        )
        if faults:
            lines = joined(markup("<li>{}</li>", fault) for fault in faults[:_MOST])
            more = say("maps.more_faults", n=len(faults) - _MOST) if len(faults) > _MOST else ""
            Html(
                markup(
                    '<div class="kl-error" role="alert"><p><strong>{}</strong></p><ul>{}</ul><p>{}</p></div>',
                    say("maps.refused"),
                    lines,
                    more,
                )
            )
