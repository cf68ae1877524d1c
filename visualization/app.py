"""The root of the pages: reads the address, asks for the results, and hands both to the frame.

Everything is imported here at module level: imports inside running sessions can see half-loaded modules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import solara

from .context import Context
from .frame import Frame
from .view import View, read_query
from .world import installed


@solara.component
def Layout(children: list[Any]) -> None:
    """Show the page as it is, without Solara's own frame."""
    solara.Div(children=children)


@solara.component
def Page() -> None:
    """Show the screen that the address names."""
    world = installed()
    router = solara.use_router()
    beat, set_beat = solara.use_state(0)
    latest = solara.use_ref(View())  # the view of the newest change, so that two changes in one go both count
    shown: Any = solara.use_ref(None)  # the last finished results, shown while others are computed
    pushing: Any = solara.use_ref(router)
    pushing.current = router
    view, problems = read_query(router.search or "", world.limits)
    latest.current = view

    def changer() -> Callable[..., None]:
        def change(**changes: Any) -> None:
            new: View = replace(latest.current, **changes)
            latest.current = new
            pushing.current.push("/?" + new.query())

        return change

    change = solara.use_memo(changer, [])  # the same for the whole session, so that contexts can be compared
    wanted = (view.baseline, view.choice)
    status = world.background.request(view.assumptions, wanted)
    current = status.has(wanted)
    if current:
        shown.current = status.ensemble
    elif shown.current is not None and not all(choice in shown.current for choice in wanted):
        shown.current = None
    context = Context(world, view, shown.current, outdated=not current, set=change)
    world.ahead.look(context)
    Frame(context, status, beat, lambda _: set_beat(lambda count: count + 1), problems)
