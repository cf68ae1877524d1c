import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from kreislauf.visualization.guard import Guard
from kreislauf.visualization.server import Options, allowed_hosts

HOST = "127.0.0.1:8765"


async def echo(scope, receive, send):
    """An application that answers with the headers it was given."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        message = await receive()
        await send({"type": "websocket.send", "text": message["type"]})
        return
    names = b",".join(name for name, _ in scope["headers"])
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-frame-options", b"ALLOW")]})
    await send({"type": "http.response.body", "body": names})


def ask(headers: dict[str, str], *, kind="http", path="/", method="GET", messages=(), repeated=()):
    """Return what the guard sends for one connection."""
    sent = []
    waiting = [{"type": f"{kind}.connect" if kind == "websocket" else "http.request"}, *messages]

    async def receive():
        return waiting.pop(0)

    async def send(message):
        sent.append(message)

    pairs = [(name.encode(), value.encode()) for name, value in [*headers.items(), *repeated]]
    scope = {"type": kind, "path": path, "method": method, "headers": pairs}
    with ThreadPoolExecutor(1) as thread:  # the browser's tests leave a loop running in theirs
        thread.submit(asyncio.run, Guard(echo, {HOST}, max_message=100)(scope, receive, send)).result()
    return sent


def status(*args, **kwargs):
    return ask(*args, **kwargs)[0]["status"]


def test_the_apps_own_pages_pass():
    assert status({"host": HOST}) == 200
    assert status({"host": HOST, "origin": f"http://{HOST}"}) == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "127.0.0.1", "127.0.0.1:9999", "", "127.0.0.1:8765.evil"]
)
def test_a_foreign_host_is_refused(host):
    assert status({"host": host}) == 403


def test_a_request_without_or_with_two_hosts_is_refused():
    assert status({}) == 403
    assert status({"host": HOST}, repeated=[("host", "evil.example")]) == 403


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "file://",
        f"http://{HOST}.evil.example",
        f"ftp://{HOST}",
        "http://[",
        "http://127.0.0.1",
    ],
)
def test_a_foreign_origin_is_refused_also_for_the_websocket(origin):
    assert status({"host": HOST, "origin": origin}) == 403
    assert ask({"host": HOST, "origin": origin}, kind="websocket") == [{"type": "websocket.close", "code": 1008}]


def test_a_websocket_without_origin_is_refused():
    assert ask({"host": HOST}, kind="websocket")[0]["type"] == "websocket.close"


def test_a_websocket_message_that_is_too_long_ends_the_connection():
    headers = {"host": HOST, "origin": f"http://{HOST}"}
    short = ask(headers, kind="websocket", messages=[{"type": "websocket.receive", "text": "x" * 100}])
    long = ask(headers, kind="websocket", messages=[{"type": "websocket.receive", "text": "x" * 101}])
    assert short[-1]["text"] == "websocket.receive"
    assert long[-1]["text"] == "websocket.disconnect"


def test_headers_that_rewrite_addresses_do_not_reach_the_app():
    bad = {
        "X-Script-Name": "//evil",
        "Script-Name": "/x",
        "X-Forwarded-Host": "evil",
        "X-Forwarded-Proto": "https",
        "Forwarded": "a",
    }
    answer = ask({"host": HOST, "accept": "*/*", **bad})
    assert answer[1]["body"] == b"host,accept"


@pytest.mark.parametrize(
    "path", ["/resourcez", "/resourcez/", "/RESOURCEZ", "/static/public/x", "/_solara/api/evict/1"]
)
def test_pages_of_diagnosis_are_not_there(path):
    assert status({"host": HOST}, path=path) == 404


def test_large_or_endless_or_unusual_requests_are_refused():
    assert status({"host": HOST, "content-length": "99999999"}, method="POST") == 413
    assert status({"host": HOST}, method="POST") == 411
    assert status({"host": HOST, "content-length": "10"}, method="POST") == 200
    assert status({"host": HOST}, method="DELETE") == 405


@pytest.mark.parametrize("headers", [{"host": HOST}, {"host": "evil.example"}])
def test_every_answer_has_the_security_headers_once(headers):
    sent = ask(headers)[0]["headers"]
    values = dict(sent)
    assert values[b"x-frame-options"] == b"DENY"
    assert b"frame-ancestors 'none'" in values[b"content-security-policy"]
    assert b"http" not in values[b"content-security-policy"], "no other server is allowed"
    assert len(values) == len(sent)


def test_only_names_of_this_computer_are_allowed_unless_others_are_named():
    assert allowed_hosts(Options(), 8765) == {"127.0.0.1:8765", "localhost:8765", "[::1]:8765"}
    outside = allowed_hosts(Options(host="0.0.0.0", hosts=("app.example.org",)), 80)
    assert outside == {"app.example.org", "app.example.org:80"}
