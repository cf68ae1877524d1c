"""Worker processes that live as long as their work: jobs go out in packets, messages come back, the dead are replaced.

A job is a list of items. The worker sends messages; each says how many items it finishes. When a worker dies, what it
had not finished goes back, one item per job, so that one item that kills its worker is found and fails alone. The
standard process pool gives up everything when one worker dies.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections import Counter, deque
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from ..model.errors import KreislaufError

ATTEMPTS = 3
"""How often an item alone in its job is tried when its worker process dies."""
_AHEAD = 2  # jobs a worker holds: one being done, one waiting


@dataclass(frozen=True, slots=True)
class Message[Payload]:
    """What a worker reports: anything, and how many of the job's items are finished for good by it."""

    payload: Payload
    finished: int = 0


type Work[Context, Item, Payload] = Callable[[Context, list[Item]], Iterator[Message[Payload]]]


def cores() -> int:
    """Return the number of processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_processes[Context, Item: Hashable, Payload](
    work: Work[Context, Item, Payload],
    context: Context,
    jobs: Iterable[list[Item]],
    *,
    workers: int,
    given_up: Callable[[Item, str], Payload],
    hold_back: Callable[[Item], bool] | None = None,
) -> Generator[Payload]:
    """Yield what `work(context, job)` reports for all jobs, as it comes, from `workers` processes (spawned).

    `work` and `context` must be importable and picklable by a fresh process. Jobs are taken from the iterable when a
    worker has room and `hold_back(first item)` does not say to wait. `given_up(item, sentence)` makes the payload of an
    item whose worker died three times. Closing the generator ends the workers at once.
    """
    source, waiting = iter(jobs), deque[list[Item]]()
    tries: Counter[Item] = Counter()
    crew = [_Worker(work, context) for _ in range(workers)]
    done = False

    def next_job() -> list[Item] | None:
        if not waiting and (job := next(source, None)) is not None:
            waiting.append(job)
        if not waiting or (hold_back is not None and hold_back(waiting[0][0])):
            return None
        return waiting.popleft()

    try:
        while True:
            for worker in crew:
                while len(worker.jobs) < _AHEAD and (job := next_job()) is not None:
                    worker.give(job)
            if not any(worker.jobs for worker in crew):
                break
            by_connection: dict[Any, _Worker] = {worker.connection: worker for worker in crew}
            for connection in wait(list(by_connection)):
                worker = by_connection[connection]
                try:
                    message = worker.receive()
                except (EOFError, OSError):
                    lost, victim, code = worker.bury(tries)
                    waiting.extendleft(reversed(lost))
                    crew[crew.index(worker)] = _Worker(work, context)
                    if victim is not None:
                        yield given_up(victim, f"the worker process died {ATTEMPTS} times (exit code {code})")
                    continue
                if message is not None:
                    yield message.payload
        done = True
    finally:
        for worker in crew:
            worker.end(at_once=not done)


def _serve(connection: Connection, work: Work[Any, Any, Any], context: Any) -> None:
    """Do jobs until told to stop: what a worker process runs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends the workers
    with contextlib.suppress(EOFError, BrokenPipeError):  # the parent is gone: nobody waits for the rest
        connection.send(None)
        while (job := connection.recv()) is not None:
            for message in work(context, job):
                connection.send(message)


class _Worker:
    """One worker process and the jobs it holds, first the one it is at."""

    def __init__(self, work: Work[Any, Any, Any], context: Any) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.connection, theirs = spawn.Pipe()
        self.process: BaseProcess = spawn.Process(target=_serve, args=(theirs, work, context), daemon=True)
        self.process.start()
        theirs.close()
        self.ready = False
        self.jobs: deque[list[Any]] = deque()

    def give(self, job: list[Any]) -> None:
        """Send a job."""
        self.jobs.append(list(job))
        with contextlib.suppress(OSError):  # it died: the next receive notices
            self.connection.send(job)

    def receive(self) -> Message[Any] | None:
        """Return the next message, None for a sign of life; raises EOFError or OSError when the process died."""
        message: Any = self.connection.recv()
        if message is None:
            self.ready = True
            return None
        if message.finished:
            del self.jobs[0][: message.finished]
            if not self.jobs[0]:
                self.jobs.popleft()
        return message

    def bury(self, tries: Counter[Any]) -> tuple[list[list[Any]], Any, int | None]:
        """Return the jobs to do again, the item that is given up (or None), and the exit code."""
        self.process.join()
        self.connection.close()
        if not self.ready:
            raise KreislaufError(
                "A worker process ended before its first run. In a script, put the call under "
                "`if __name__ == '__main__':`; with one worker everything runs in one process."
            )
        jobs, victim = list(self.jobs), None
        if jobs and len(jobs[0]) == 1:
            (item,) = jobs[0]
            tries[item] += 1
            if tries[item] >= ATTEMPTS:
                victim = item
                del jobs[0]
        elif jobs:
            jobs = [*([item] for item in jobs[0]), *jobs[1:]]
        return jobs, victim, self.process.exitcode

    def end(self, *, at_once: bool) -> None:
        """Let the process end after what it holds, or at once."""
        if at_once:
            self.process.terminate()
        else:
            with contextlib.suppress(OSError):
                self.connection.send(None)
        self.process.join(timeout=5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.connection.close()
