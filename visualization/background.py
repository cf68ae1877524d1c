"""Results computed in the background, while everybody goes on looking at finished ones.

One computer serves a whole table: what was asked for last is computed first, and a variant can be looked at as soon as
its own runs are there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ..model.errors import KreislaufError
from .log import report

if TYPE_CHECKING:
    from .choices import Choice
    from .ensemble import Ensemble

type Assumptions = Mapping[str, float]
type Key = tuple[tuple[str, float], ...]

PAUSE = 1.0
"""Seconds between two looks at what is finished."""
KEPT = 8
"""Sets of assumptions kept in memory; those unused longest are forgotten (their runs stay on disk)."""


class Source(Protocol):
    """Where results come from."""

    def ready(self, assumptions: Assumptions, choices: Sequence[Choice]) -> Ensemble:
        """Return the ensemble of those choices whose runs are finished; quick."""
        ...

    def compute(
        self,
        assumptions: Assumptions,
        choices: Sequence[Choice],
        progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> None:
        """Compute the runs of all choices, in their order, and store them; may take minutes."""
        ...


@dataclass(frozen=True, slots=True)
class Status:
    """How far the results of one set of assumptions are.

    `ensemble` has the choices that are finished; `done` of `total` runs are. `error` is a sentence about what went
    wrong, `number` that of an unexpected error in the log.
    """

    ensemble: Ensemble | None = None
    running: bool = False
    done: int = 0
    total: int = 0
    error: str = ""
    number: str = ""
    cancelled: bool = False

    def has(self, choices: Sequence[Choice]) -> bool:
        """Return whether these choices can be looked at."""
        return self.ensemble is not None and all(choice in self.ensemble for choice in choices)


@dataclass(slots=True)
class _Job:
    """One set of assumptions: what is wanted, and how far it is."""

    assumptions: Assumptions
    order: list[Choice]
    status: Status
    wanted: set[Choice] = field(default_factory=set)
    stop: threading.Event = field(default_factory=threading.Event)
    again: bool = False  # the order has changed: begin anew, nothing finished is lost


class Background:
    """Computes what is missing in one thread (which uses processes): always `choices`, others on request."""

    def __init__(self, source: Source, choices: Sequence[Choice]) -> None:
        """Take the source; nothing starts before the first request."""
        self._source = source
        self._choices = tuple(choices)
        self._lock = threading.Lock()
        self._jobs: dict[Key, _Job] = {}
        self._waiting: list[Key] = []
        self._current: Key | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def request(self, assumptions: Assumptions, wanted: Sequence[Choice] = ()) -> Status:
        """Return how far the results are; what is missing is computed, the wanted choices first."""
        key = key_of(assumptions)
        with self._lock:
            job = self._jobs.pop(key, None)
            if job is None:
                job = self._new(assumptions, wanted)
            self._jobs[key] = job  # the last is the one used last
            status = job.status
            if self._closed or status.has(wanted) or status.cancelled or status.error or status.number:
                return status
            missing = [c for c in wanted if status.ensemble is None or c not in status.ensemble]
            new = [c for c in missing if c not in job.wanted]
            job.wanted.update(new)
            if not status.running:
                self._start(key, job, missing)
            elif new and self._is_late(
                job, missing
            ):  # only at the first wish: two tables must not push each other back
                job.order = [*missing, *(c for c in job.order if c not in missing)]
                job.again = True
            return job.status

    def start(self, assumptions: Assumptions, *, check: bool = False) -> None:
        """Compute everything that is missing; also goes on after a cancel or an error.

        With `check` the source is asked even when everything seems to be there: it may find something damaged.
        """
        key = key_of(assumptions)
        with self._lock:
            job = self._jobs.get(key) or self._jobs.setdefault(key, self._new(assumptions, ()))
            if not job.status.running and not self._closed and (check or not job.status.has(job.order)):
                self._start(key, job, [])

    def cancel(self, assumptions: Assumptions) -> None:
        """Stop computing these assumptions; what is finished is kept for the next time."""
        with self._lock:
            job = self._jobs.get(key_of(assumptions))
            if job is not None and job.status.running:
                job.stop.set()

    def close(self) -> None:
        """Stop everything, for the end of the server."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
            for job in self._jobs.values():
                job.stop.set()
            thread = self._thread
        if thread is not None:
            thread.join(timeout=15)

    def _new(self, assumptions: Assumptions, wanted: Sequence[Choice]) -> _Job:
        """Return a job with what is finished already; forgets the ones unused longest."""
        order = list(dict.fromkeys([*wanted, *self._choices]))
        try:
            status = Status(self._source.ready(assumptions, order))
        except KreislaufError as error:
            status = Status(error=str(error))
        idle = [key for key, job in self._jobs.items() if not job.status.running and key]
        for key in idle[: max(0, len(self._jobs) + 1 - KEPT)]:
            del self._jobs[key]
        return _Job(dict(assumptions), order, status)

    def _start(self, key: Key, job: _Job, first: Sequence[Choice]) -> None:
        """Put a job at the front of what waits. The lock is held."""
        job.order = list(dict.fromkeys([*first, *job.order]))
        job.stop, job.again = threading.Event(), False
        job.status = Status(job.status.ensemble, running=True)
        self._waiting.append(key)
        current = self._jobs.get(self._current) if self._current is not None else None
        if current is not None:  # the newest question counts; the other one continues afterwards
            current.again = True
            self._waiting.insert(0, self._current)  # pyright: ignore[reportArgumentType]
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="ensembles", daemon=True)
            self._thread.start()

    def _is_late(self, job: _Job, missing: Sequence[Choice]) -> bool:
        """Return whether other unfinished choices stand before the missing ones."""
        there = job.status.ensemble
        open_ = [choice for choice in job.order if there is None or choice not in there]
        return set(open_[: len(missing)]) != set(missing)

    def _work(self) -> None:
        """Compute what waits, the newest first, until nothing is left."""
        while True:
            with self._lock:
                self._waiting = [key for key in dict.fromkeys(self._waiting) if key in self._jobs]
                if not self._waiting or self._closed:
                    self._thread = self._current = None
                    return
                key = self._current = self._waiting.pop()
                job = self._jobs[key]
                job.again = False
                order = list(job.order)
            status = self._outcome(job, order)
            with self._lock:
                self._current = None
                if job.again and not job.stop.is_set() and not (status.error or status.number):
                    job.status = Status(status.ensemble, running=True, done=job.status.done, total=job.status.total)
                    if key not in self._waiting:
                        self._waiting.append(key)
                else:
                    job.status = status

    def _outcome(self, job: _Job, order: Sequence[Choice]) -> Status:
        """Compute one job and return its end: finished, stopped, or a sentence about what went wrong."""

        looked = time.monotonic()

        def progress(done: int, total: int) -> None:
            nonlocal looked
            found = before = job.status.ensemble
            if time.monotonic() - looked > PAUSE:
                looked = time.monotonic()
                found = self._source.ready(job.assumptions, order)
            grown = before is None or (found is not None and len(found.choices) > len(before.choices))
            with self._lock:
                job.status = Status(found if grown else before, running=True, done=done, total=total)

        error = number = ""
        try:
            self._source.compute(job.assumptions, order, progress, lambda: job.stop.is_set() or job.again)
        except KreislaufError as problem:
            error = "" if job.stop.is_set() or job.again else str(problem)
        except Exception as problem:  # the thread must live on for the next question
            number = report(problem, "background")
        try:
            ensemble = self._source.ready(job.assumptions, order)
        except KreislaufError as problem:
            return Status(job.status.ensemble, error=error or str(problem), number=number)
        stopped = job.stop.is_set() and not all(choice in ensemble for choice in order)
        done, total = job.status.done, job.status.total
        return Status(ensemble, False, done, total, error, number, cancelled=stopped)


def key_of(assumptions: Assumptions) -> Key:
    """Return assumptions in a form that can be compared."""
    return tuple(sorted(assumptions.items()))
