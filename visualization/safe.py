"""An error in one part of the screen stays there: a friendly sentence with a number, the report in the log."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import solara

from ..model.errors import KreislaufError
from .components import Html
from .log import report
from .markup import markup
from .texts import text


def error_box(error: BaseException, where: str, language: str) -> str:
    """Return the words for a reader; what the user can mend is said as it is, all else gets a number."""
    if isinstance(error, KreislaufError):
        return markup('<div class="kl-error" role="alert"><p>{}</p></div>', str(error))
    words = text(language, "frame.error", id=report(error, where))
    return markup('<div class="kl-error" role="alert"><p>{}</p></div>', words)


def safe[**P](component: Callable[P, Any]) -> Callable[P, Any]:
    """Return a Solara component whose body may fail without harm to the rest of the page.

    The first argument or any keyword `context` gives the language. Hooks stand before anything that can raise, so a
    component with hooks keeps their order when its body fails once and recovers.
    """

    @functools.wraps(component)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
        context = kwargs.get("context", args[0] if args else None)
        language = getattr(context, "language", "de")
        try:
            with solara.Div(classes=["kl-part"]):
                component(*args, **kwargs)
        except Exception as error:  # the boundary: nothing may tear down the page
            Html(error_box(error, component.__name__, language))

    return solara.component(guarded)
