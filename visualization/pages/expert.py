"""Expert view: one live model of this session, stepped with Mesa's own parts (play, step, reset, parameters).

Mesa's parts take seconds to import and only this view needs them, so `run_parts` imports them: by the server after its
start, or by whoever is quicker.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import solara

from ..components import Button, Html
from ..markup import markup
from ..safe import safe

if TYPE_CHECKING:
    from types import ModuleType

    from ..context import Context

_LOCK = threading.Lock()


@safe
def Page(context: Context) -> None:
    """Show a button that begins a run, or the run with Mesa's controls."""
    nothing: Any = None
    run, set_run = solara.use_state(nothing)
    say = context.text
    Html(markup('<p class="kl-lead">{}</p>', say("expert.lead")))
    if run is None:
        Button(
            label=say("expert.begin"),
            kind="strong",
            event_press=lambda _: set_run(run_parts().begin(context)),
        )
        return
    Button(label=say("expert.stop"), event_press=lambda _: set_run(None))
    run_parts().Run(context, **run)


def run_parts() -> ModuleType:
    """Return the module with Mesa's parts, imported by one thread at a time."""
    with _LOCK:
        from . import expert_run

        return expert_run
