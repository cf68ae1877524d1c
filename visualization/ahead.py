"""Drawn ahead: what a reader is likely to look at next is drawn once for nobody, so that the click finds it ready.

First the other screens of the two variants looked at, in their order, then the same screen with the neighbouring
variants: another instrument, another rule. Findings, drawings and tables stay in the cache of findings; the page itself
is thrown away. Clicks go first: nothing is begun while somebody clicks.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .choices import OWN, Choice
from .log import report

if TYPE_CHECKING:
    from .context import Context
    from .view import View

PAUSE = 0.15
"""Seconds without a click before the next page is drawn ahead."""
LONGEST = 2.0
"""Seconds after which it is drawn although somebody clicks all the time."""
_REMEMBERED = 5000  # pages drawn ahead; they may have been forgotten by the cache since


class Ahead:
    """Draws ahead in one thread; the newest reader first."""

    def __init__(self) -> None:
        """Begin nothing yet."""
        self._changed = threading.Condition()
        self._newest: Context | None = None
        self._clicked = 0.0
        self._done: OrderedDict[tuple[str, str, str], None] = OrderedDict()
        self._thread: threading.Thread | None = None
        self._closed = False

    def look(self, context: Context) -> None:
        """Take in what a reader looks at now."""
        with self._changed:
            self._clicked = time.monotonic()
            if self._closed or context.ensemble is None or context.outdated:
                return
            self._newest = context
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="ahead", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Stop, for the end of the server."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _work(self) -> None:
        while True:
            with self._changed:
                while self._newest is None and not self._closed:
                    self._changed.wait()
                context, self._newest = self._newest, None
                if self._closed or context is None:
                    return
            for view in likely(context):
                if self._newest is not None or self._closed:
                    break
                self._draw(context, view)

    def _draw(self, context: Context, view: View) -> None:
        """Draw a page unless that was done before, as soon as nobody clicks."""
        key = (context.results.source, context.results.run_number, view.query())
        if key in self._done:
            return
        begin = time.monotonic()
        while time.monotonic() - self._clicked < PAUSE and time.monotonic() - begin < LONGEST:
            time.sleep(0.02)
        try:
            draw(replace(context, view=view, set=lambda **_: None))
        except Exception as error:  # whoever looks at the page sees what is wrong with it
            report(error, f"drawing ahead {view.query()}")
        self._done[key] = None
        while len(self._done) > _REMEMBERED:
            self._done.popitem(last=False)


def likely(context: Context) -> Iterator[View]:
    """Yield the views a reader is likely to turn to, the likeliest first."""
    from .pages import PAGES, screen

    view = context.view
    names = [entry.name for entry in PAGES if entry.needs_results]
    first = names.index(view.screen) if view.screen in names else -1
    for name in (*names[first + 1 :], *names[: max(first, 0)]):
        yield replace(view, screen=name)
    shown = view if screen(view.screen).needs_results else replace(view, screen=names[0])
    for choice in neighbours(context):
        yield replace(shown, choice=choice)


def neighbours(context: Context) -> tuple[Choice, ...]:
    """Return the finished variants that differ from the one looked at in the instrument or in the rule."""
    here = context.choice
    return tuple(
        choice
        for choice in context.results.choices
        if choice not in (here, context.baseline)
        and not choice.name
        and (choice.rule == here.rule or (choice.instrument == here.instrument and _as_strong(choice, here)))
    )


def _as_strong(choice: Choice, here: Choice) -> bool:
    return choice.instrument == OWN or choice.strength == here.strength


def draw(context: Context) -> None:
    """Draw a page for nobody: in a session of its own without a browser."""
    from uuid import uuid4

    from solara.server import kernel, kernel_context

    session: Any = kernel_context.VirtualKernelContext(
        id=f"ahead-{uuid4()}", kernel=kernel.Kernel(), session_id="ahead"
    )
    try:
        with session:
            render(context)
    finally:
        session.close()


def render(context: Context) -> None:
    """Make a page's controls and everything they show, and throw the controls away."""
    import solara

    from .pages import screen

    _, rendered = solara.render(screen(context.view.screen).page(context), handle_error=False)
    rendered.close()
