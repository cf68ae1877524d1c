"""The first seconds: a page that says what this is about while libraries and region load, then the app in its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from markupsafe import Markup

from .markup import joined, markup
from .texts import LANGUAGES, text

if TYPE_CHECKING:
    from .guard import Application, Receive, Scope, Send

_LISTS = (("can", "can_1", "can_2", "can_3"), ("cannot", "cannot_1", "cannot_2", "cannot_3"))
_STYLE = Markup(
    "body{font:1.25rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}"
    "#state{border-left:.4rem solid #0072B2;padding:.5rem 1rem;background:#eef5fa}"
)
_SCRIPT = Markup("""
let missed = 0;
async function ask() {
  try {
    const answer = await fetch("/readyz", { cache: "no-store" });
    missed = 0;
    if (answer.ok) { location.reload(); return; }
  } catch (error) {
    missed += 1;
    const state = document.getElementById("state");
    if (missed > 5) state.textContent = state.dataset.failed;
  }
  setTimeout(ask, 500);
}
ask();
""")


class Door:
    """An ASGI application that shows the starting page until `open` puts the real one in its place."""

    def __init__(self, language: str) -> None:
        """Take the language of the page when its address names none."""
        self._language = language
        self._application: Application | None = None
        self._close: Callable[[], None] | None = None

    def open(self, application: Application, close: Callable[[], None]) -> None:
        """Let everybody through to the application; `close` is called once at the end of the server."""
        self._close = close
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._application is not None:
            await self._application(scope, receive, send)
        elif scope["type"] == "websocket":  # a page of an earlier start; it tries again
            await receive()
            await send({"type": "websocket.close", "code": 1013})
        else:
            await self._say(scope, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self._close is not None:
            self._close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _say(self, scope: Scope, send: Send) -> None:
        """Send the starting page, or that the app is not ready."""
        shown = scope["path"] == "/"
        asked = parse_qs(scope.get("query_string", b"").decode("ascii", "replace")).get("lang", [""])[0]
        body = page(asked if asked in LANGUAGES else self._language).encode() if shown else b"starting\n"
        kind = b"text/html; charset=utf-8" if shown else b"text/plain"
        headers = [
            (b"content-type", kind),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": 200 if shown else 503, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def page(language: str) -> Markup:
    """Return the starting page."""

    def say(key: str) -> str:
        return text(language, key)

    lists = (
        markup(
            "<h2>{}</h2><ul>{}</ul>",
            say(f"start.{head}"),
            joined(markup("<li>{}</li>", say(f"start.{item}")) for item in items),
        )
        for head, *items in _LISTS
    )
    return markup(
        '<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<noscript><meta http-equiv="refresh" content="3"></noscript><style>{style}</style></head>'
        '<body><main><h1>{title}</h1><p id="state" role="status" data-failed="{failed}">{wait}</p>'
        "{words}{lists}</main><script>{script}</script></body></html>\n",
        language=language,
        title=say("starting.title"),
        style=_STYLE,
        failed=say("starting.failed"),
        wait=say("starting.wait"),
        words=joined(markup("<p>{}</p>", say(f"start.{name}")) for name in ("one", "two", "three")),
        lists=joined(lists),
        script=_SCRIPT,
    )
