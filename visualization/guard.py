"""The guard in front of the app: who may ask, what is answered, which headers go in and out.

Solara's own server accepts a websocket from any web page and trusts headers that a proxy would set. The guard is a
plain ASGI application around it: it refuses foreign hosts and origins with 403, hides pages of diagnosis, drops
headers that could rewrite addresses, limits what is sent, and adds the security headers.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any
from urllib.parse import urlsplit

type Scope = MutableMapping[str, Any]
type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Application = Callable[[Scope, Receive, Send], Awaitable[None]]

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' blob: 'unsafe-inline' 'unsafe-eval'",
        "connect-src 'self' blob:",
        "img-src 'self' data: blob:",
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self' data:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""Everything from this server only; the browser stack compiles templates, hence 'unsafe-eval' and blob:."""

HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)

REWRITING = frozenset(
    (b"x-script-name", b"script-name", b"forwarded", b"x-real-ip", b"x-original-url", b"x-rewrite-url")
)
"""Headers that only a proxy may set; the app is told its address at start and needs none of them."""

HIDDEN = ("/resourcez", "/static/public", "/_solara/api/evict")
MAX_BODY = 64 * 1024
"""Bytes of a request; the app takes no forms, files come through the websocket."""


class Guard:
    """An ASGI application that lets through only what comes from the app's own pages.

    `hosts` are the allowed values of the Host header, with port (`127.0.0.1:8765`); an origin is allowed when it is
    http or https and its host is one of them. `max_message` limits a websocket message in bytes.
    """

    def __init__(self, app: Application, hosts: Collection[str], *, max_message: int = 4_000_000) -> None:
        """Stand in front of `app`."""
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._max_message = max_message

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        kind = scope["type"]
        if kind not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = [(name.lower(), value) for name, value in scope["headers"]]
        status = self._refusal(scope, headers)
        if status:
            await (_refuse_socket if kind == "websocket" else _refuse)(scope, receive, send, status)
            return
        kept = [pair for pair in headers if pair[0] not in REWRITING and not pair[0].startswith(b"x-forwarded")]
        clean = {**scope, "headers": kept}
        if kind == "websocket":
            await self._app(clean, self._limited(receive), send)
        else:
            await self._app(clean, receive, _with_headers(send))

    def _refusal(self, scope: Scope, headers: list[tuple[bytes, bytes]]) -> int:
        """Return the status of a refusal, or 0 for what may pass."""
        values = dict(headers)
        host, origin = _text(values.get(b"host")), values.get(b"origin")
        if host not in self._hosts or sum(name == b"host" for name, _ in headers) != 1:
            return 403
        if origin is None:
            if scope["type"] == "websocket":
                return 403  # every browser names the origin of a websocket
        elif not self._is_ours(_text(origin)):
            return 403
        if any(scope["path"].lower().startswith(path) for path in HIDDEN):
            return 404
        if scope["type"] == "http":
            if scope["method"] not in ("GET", "HEAD", "POST"):
                return 405
            length = _text(values.get(b"content-length"))
            if scope["method"] == "POST" and not (length.isdigit() and int(length) <= MAX_BODY):
                return 413 if length.isdigit() else 411
        return 0

    def _is_ours(self, origin: str) -> bool:
        """Return whether a page of this origin may talk to the app."""
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        return parts.scheme in ("http", "https") and parts.netloc in self._hosts

    def _limited(self, receive: Receive) -> Receive:
        """Return `receive` that ends the connection after a message that is too long."""

        async def limited() -> Message:
            message = await receive()
            size = len(message.get("bytes") or b"") + len(message.get("text") or "")
            return {"type": "websocket.disconnect", "code": 1009} if size > self._max_message else message

        return limited


def _text(value: bytes | None) -> str:
    """Return a header's value in small letters; what is not ASCII matches nothing."""
    return (value or b"").decode("ascii", "replace").strip().lower()


def _with_headers(send: Send) -> Send:
    """Return `send` that adds the security headers to every answer."""

    async def adding(message: Message) -> None:
        if message["type"] == "http.response.start":
            ours = {name for name, _ in HEADERS}
            kept = [pair for pair in message.get("headers", []) if pair[0].lower() not in ours]
            message = {**message, "headers": [*kept, *HEADERS]}
        await send(message)

    return adding


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int) -> None:
    """Answer with a status and nothing else."""
    del scope, receive
    body = f"{status}\n".encode()
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode()), *HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _refuse_socket(scope: Scope, receive: Receive, send: Send, status: int) -> None:
    """Refuse a websocket before it opens; servers answer such a close with 403."""
    del scope, status
    await receive()
    await send({"type": "websocket.close", "code": 1008})
