"""Messages to the browsers leave without waiting.

Solara hands every message of a session to the server's loop and waits until it is sent: two changes of thread for each
of the fifty messages a click makes, half of its time with many sessions. Here a session leaves its messages in a box,
and the loop empties it in one go, in the same order.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

from solara.server import starlette, websocket


class Outbox(starlette.WebsocketWrapper):
    """The sending side of one connection; made in the loop, filled by the session's thread."""

    def __init__(self, ws: Any, portal: Any) -> None:
        """Take Solara's arguments: the websocket and the portal to its loop."""
        super().__init__(ws, portal)
        self._box: deque[str | bytes] = deque()
        self._guard = threading.Lock()
        self._emptying = self._gone = False

    def send_text(self, data: str) -> None:
        """Put a text into the box; raises WebSocketDisconnect when nobody listens any more."""
        self._put(data)

    def send_bytes(self, data: bytes) -> None:
        """Put bytes into the box; raises WebSocketDisconnect when nobody listens any more."""
        self._put(data)

    def _put(self, data: str | bytes) -> None:
        with self._guard:
            if self._gone:
                raise websocket.WebSocketDisconnect
            self._box.append(data)
            first, self._emptying = not self._emptying, True
        if first:
            self.event_loop.call_soon_threadsafe(self._begin)

    def _begin(self) -> None:
        task = self.event_loop.create_task(self._empty())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _empty(self) -> None:
        """Send what is in the box until it is empty, or for nobody."""
        while True:
            with self._guard:
                if not self._box or self._gone:
                    self._emptying = False
                    return
                data = self._box.popleft()
            try:
                await (self._send_bytes_exc(data) if isinstance(data, bytes) else self._send_text_exc(data))
            except Exception:  # the connection ended; the session notices with its next message
                with self._guard:
                    self._gone = True
                    self._box.clear()


def install() -> None:
    """Make Solara use the box for every connection from now on."""
    starlette.WebsocketWrapper = Outbox
