"""What a worker of a batch does: simulate a chunk of runs and write their part."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from ..model.errors import KreislaufError
from ..model.results import RunResult
from .parts import Part, PartBuilder, StoreError
from .pool import Message
from .runner import Simulate, attempt

if TYPE_CHECKING:
    from .plan import Plan

_PART_BYTES = 64_000_000  # of tables in memory; a part is written when it has grown to this


@dataclass(frozen=True, slots=True)
class ChunkContext:
    """What every worker of a batch knows: the plan, the folder of parts, and what runs the model."""

    plan: Plan
    parts: Path
    simulate: Simulate


@dataclass(frozen=True, slots=True)
class RunDone:
    """A run was simulated, or failed with an error; it is not yet on disk."""

    run: int
    error: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Committed:
    """A part is on disk."""

    part: Part


@dataclass(frozen=True, slots=True)
class Trouble:
    """The folder cannot be written; the batch must stop."""

    sentence: str


type Event = RunDone | Committed | Trouble


def do_chunk(context: ChunkContext, runs: list[int]) -> Iterator[Message[Event]]:
    """Simulate runs and write them in one part, or in several when their tables are large.

    Being stopped (Ctrl-C, or SIGTERM to a worker) writes what is finished: after the run that is under way when it is a
    signal, without it when it is an exception.
    """
    builder = PartBuilder(context.parts)
    try:
        with _asked_to_stop() as stop:
            for run in runs:
                result = simulated(context.plan, run, context.simulate)
                row = context.plan.row(run)
                kept = context.plan.experiment.tables
                builder.add(row, result.tables, error=result.error, seconds=result.seconds, kept=kept)
                if stop.is_set():
                    builder.write()
                    raise SystemExit
                yield Message(RunDone(run, result.error, result.seconds))
                if builder.bytes > _PART_BYTES or run == runs[-1]:
                    finished = len(builder)
                    yield Message(Committed(builder.write()), finished)
    except StoreError as error:
        yield Message(Trouble(str(error)))
    except (KeyboardInterrupt, GeneratorExit):
        if len(builder):
            builder.write()
        raise


def simulated(plan: Plan, run: int, simulate: Simulate, *, tables: Sequence[str] | None = None) -> RunResult:
    """Return one run of a plan, with the tables asked for; values the world does not allow make it fail."""
    key = plan.key(run)
    try:
        spec = plan.spec(run)
    except KreislaufError as error:
        return RunResult(key, error=str(error))
    return attempt(simulate, plan.region, spec if tables is None else replace(spec, tables=tuple(tables)))


@contextmanager
def _asked_to_stop() -> Iterator[threading.Event]:
    """Turn SIGTERM of a worker process into a flag for as long as runs are under way."""
    stop = threading.Event()
    child = multiprocessing.parent_process() is not None
    if not child or threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def note(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature signal asks for
        stop.set()

    before = signal.signal(signal.SIGTERM, note)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGTERM, before)
