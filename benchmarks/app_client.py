"""A reader of the app without a browser: speaks the protocol of the pages, clicks, and notes what comes back."""

from __future__ import annotations

import json
import time
import uuid
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

from websockets.sync.client import connect


class Reader:
    """One open page. `open(path)` shows a screen; `click(...)` does what a control does and waits for the answer."""

    def __init__(self, address: str, *, origin: str | None = None) -> None:
        """Connect to a running app at an address such as http://127.0.0.1:8765/."""
        self.host = urlsplit(address).netloc
        self.session, self.kernel, self.control = (uuid.uuid4().hex for _ in range(3))
        self.widgets: dict[str, dict[str, Any]] = {}
        self.seen: list[str] = []
        connection = connect(
            f"ws://{self.host}/jupyter/api/kernels/{uuid.uuid4()}/channels?session_id={self.session}",
            additional_headers={"Cookie": f"solara-session-id={uuid.uuid4()}"},
            origin=origin if origin is not None else f"http://{self.host}",  # pyright: ignore[reportArgumentType]
            max_size=None,
            open_timeout=60,
        )
        self._leaving = ExitStack()
        self._socket = self._leaving.enter_context(connection)

    def open(self, path: str) -> float:
        """Show the page of a path and return the seconds until all of it was sent."""
        start = time.perf_counter()
        self._send("comm_open", {"comm_id": self.control, "target_name": "solara.control", "data": {}})
        arguments = {"path": path, "appName": None, "dark": False, "themes": {"light": {}, "dark": {}}}
        self._ask(self.control, {"method": "run", "args": arguments})
        return time.perf_counter() - start

    def click(self, trait: str, event: str, data: object) -> float:
        """Send an event of the first control that has a trait, and return the seconds until the page is up to date."""
        start = time.perf_counter()
        self._ask(self.find(trait), {"method": "custom", "content": {"event": event, "data": data}})
        return time.perf_counter() - start

    def find(self, trait: str) -> str:
        """Return the identifier of the first control with a trait."""
        return next(key for key, state in self.widgets.items() if trait in state)

    def text(self) -> str:
        """Return everything the page shows now: the texts of all its controls."""
        return json.dumps(list(self.widgets.values()), ensure_ascii=False)

    def close(self) -> None:
        """Leave."""
        self._leaving.close()

    def _send(self, kind: str, content: dict[str, Any]) -> str:
        number = uuid.uuid4().hex
        header = {"msg_id": number, "msg_type": kind, "session": self.session, "username": "", "version": "5.2"}
        rest = {"parent_header": {}, "metadata": {}, "channel": "shell", "buffers": []}
        self._socket.send(json.dumps({"header": header, "content": content, **rest}))
        return number

    def _ask(self, comm: str, data: dict[str, Any]) -> None:
        """Send a message and take in everything until the server is done with it."""
        number = self._send("comm_msg", {"comm_id": comm, "data": data})
        while True:
            received = self._socket.recv(timeout=60)
            raw = received.decode("utf-8", "replace") if isinstance(received, bytes) else received
            self.seen.append(raw)
            if isinstance(received, bytes):
                continue
            message = json.loads(raw)
            self._take_in(message)
            idle = message["header"]["msg_type"] == "status" and message["content"]["execution_state"] == "idle"
            if idle and message["parent_header"].get("msg_id") == number:
                return

    def _take_in(self, message: dict[str, Any]) -> None:
        """Keep what a control shows."""
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "comm_open":
            self.widgets[content["comm_id"]] = dict(content["data"].get("state", {}))
        elif kind == "comm_msg" and content["data"].get("method") == "update":
            self.widgets.setdefault(content["comm_id"], {}).update(content["data"]["state"])
        elif kind == "comm_close":
            self.widgets.pop(content["comm_id"], None)
