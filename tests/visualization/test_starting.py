"""Before the app is loaded: a page of its own, and everything else told to come back."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from kreislauf.visualization.guard import Guard
from kreislauf.visualization.starting import Door, page
from kreislauf.visualization.texts import text


def answer(application, path, *, kind="http", query=b"", method="GET"):
    """Return what an application sends for one connection."""
    sent = []

    async def receive():
        return {"type": "websocket.connect" if kind == "websocket" else "http.request"}

    async def send(message):
        sent.append(message)

    headers = [(b"host", b"127.0.0.1:1"), (b"origin", b"http://127.0.0.1:1")]
    scope = {"type": kind, "path": path, "method": method, "query_string": query, "headers": headers}
    with ThreadPoolExecutor(1) as thread:  # the browser's tests leave a loop running in theirs
        thread.submit(asyncio.run, application(scope, receive, send)).result()
    return sent


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_starting_page_speaks_the_language_of_its_address_and_asks_nobody_else(language):
    start, body = answer(Guard(Door("de"), ["127.0.0.1:1"]), "/", query=f"screen=money&lang={language}".encode())
    shown = body["body"].decode()
    assert start["status"] == 200
    headers = dict(start["headers"])
    assert b"content-security-policy" in headers
    assert headers[b"cache-control"] == b"no-store"
    assert f'<html lang="{language}">' in shown
    assert text(language, "starting.wait") in shown
    assert not re.search(r"https?://|(?:src|href)=", shown)


def test_the_door_says_not_ready_until_it_is_opened_and_closes_what_it_opened():
    door, closed = Door("de"), []
    assert answer(door, "/readyz")[0]["status"] == 503
    assert answer(door, "/jupyter/api/kernels/1/channels", kind="websocket")[0]["type"] == "websocket.close"

    async def application(scope, receive, send):
        del receive
        await send({"path": scope["path"]})

    door.open(application, lambda: closed.append(True))
    assert answer(door, "/readyz") == [{"path": "/readyz"}]
    assert [message["type"] for message in answer(door, "", kind="lifespan")] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert closed == [True]


def test_the_starting_page_holds_no_placeholder():
    for language in ("de", "en"):
        words = re.sub(r"<(style|script)>.*?</\1>", "", str(page(language)), flags=re.DOTALL)
        assert "{" not in words
