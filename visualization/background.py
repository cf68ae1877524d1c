"""Ensembles computed in the background, one at a time, while everybody goes on looking at finished ones."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..model.errors import KreislaufError
from .log import report

if TYPE_CHECKING:
    from .ensemble import Ensemble

type Assumptions = Mapping[str, float]
type Progress = Callable[[int, int], None]
type Compute = Callable[[Assumptions, Progress, Callable[[], bool]], Ensemble]

KEPT = 6
"""Finished ensembles kept in memory; the others are read from disk again."""


@dataclass(frozen=True, slots=True)
class Status:
    """How far an ensemble is: `ensemble` when finished, else `done` of `total` runs.

    `error` is a sentence about what went wrong, `number` that of an unexpected error in the log.
    """

    ensemble: Ensemble | None = None
    running: bool = False
    done: int = 0
    total: int = 0
    error: str = ""
    number: str = ""
    cancelled: bool = False


class Background:
    """Computes ensembles by their assumptions in one thread; `compute(assumptions, progress, cancelled)` does the work.

    What is asked for last is computed next: with one computer for a whole table, the newest question counts.
    """

    def __init__(self, compute: Compute) -> None:
        """Take the function that computes; nothing starts before the first request."""
        self._compute = compute
        self._lock = threading.Lock()
        self._states: OrderedDict[tuple, Status] = OrderedDict()
        self._waiting: list[tuple[tuple, Assumptions]] = []
        self._stop: dict[tuple, threading.Event] = {}
        self._thread: threading.Thread | None = None
        self._closed = False

    def request(self, assumptions: Assumptions) -> Status:
        """Return how far the ensemble of these assumptions is; starts it when nobody asked before."""
        key = key_of(assumptions)
        with self._lock:
            if key not in self._states and not self._closed:
                self._states[key] = Status(running=True)
                self._stop[key] = threading.Event()
                self._waiting.append((key, dict(assumptions)))
                if self._thread is None:
                    self._thread = threading.Thread(target=self._work, name="ensembles", daemon=True)
                    self._thread.start()
            if key in self._states:
                self._states.move_to_end(key)
            return self._states.get(key, Status())

    def retry(self, assumptions: Assumptions) -> None:
        """Forget that an ensemble failed or was cancelled, so that the next request starts it again."""
        with self._lock:
            state = self._states.get(key_of(assumptions))
            if state is not None and not state.running and state.ensemble is None:
                del self._states[key_of(assumptions)]

    def cancel(self, assumptions: Assumptions) -> None:
        """Stop computing these assumptions; what is finished on disk is kept for the next time."""
        key = key_of(assumptions)
        with self._lock:
            if key in self._stop:
                self._stop[key].set()

    def close(self) -> None:
        """Stop everything, for the end of the server."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
            for stop in self._stop.values():
                stop.set()
            thread = self._thread
        if thread is not None:
            thread.join(timeout=10)

    def _work(self) -> None:
        """Compute what waits, the newest first, until nothing is left."""
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                key, assumptions = self._waiting.pop()
                stop = self._stop[key]
            self._finish(key, self._outcome(key, assumptions, stop))

    def _outcome(self, key: tuple, assumptions: Assumptions, stop: threading.Event) -> Status:
        """Compute one ensemble and return its end: finished, cancelled, or a sentence about what went wrong."""

        def progress(done: int, total: int) -> None:
            with self._lock:
                self._states[key] = replace(self._states[key], done=done, total=total)

        try:
            if stop.is_set():
                return Status(cancelled=True)
            return Status(self._compute(assumptions, progress, stop.is_set))
        except KreislaufError as error:
            return Status(cancelled=True) if stop.is_set() else Status(error=str(error))
        except Exception as error:  # the thread must live on for the next question
            return Status(cancelled=True) if stop.is_set() else Status(number=report(error, "background"))

    def _finish(self, key: tuple, state: Status) -> None:
        """Keep the end of a computation and forget the oldest finished ensembles."""
        with self._lock:
            self._states[key] = state
            self._stop.pop(key, None)
            finished = [name for name, entry in self._states.items() if not entry.running and name]
            for name in finished[: max(0, len(finished) - KEPT)]:
                del self._states[name]


def key_of(assumptions: Assumptions) -> tuple[tuple[str, float], ...]:
    """Return assumptions in a form that can be compared."""
    return tuple(sorted(assumptions.items()))
