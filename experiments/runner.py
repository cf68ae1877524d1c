"""Many runs: in this process, or in worker processes that live as long as the batch.

Results come back in the order of the runs asked for, whatever finished first. A failing run is a result with its error;
a worker that dies is replaced and its run tried again, so nothing is lost and nothing is done twice.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..model.errors import KreislaufError
from ..model.results import TABLES, RunKey, RunResult, RunTables

if TYPE_CHECKING:
    from ..model.region import Region
    from ..model.variant import Scenario, Variant

_ATTEMPTS = 3  # how often a run is tried when its worker process dies
_AHEAD = 2  # packets a worker holds: one being run, one waiting
_NO_PARAMETERS: Mapping[str, float] = MappingProxyType({})

type Simulate = Callable[[Region, RunSpec], RunTables]
type Progress = Callable[[RunResult], None]


@dataclass(frozen=True, slots=True)
class RunSpec:
    """One run asked for: variant, scenario and seed, with parameter values and the tables wanted back."""

    key: RunKey
    variant: Variant
    scenario: Scenario
    parameters: Mapping[str, float] = field(default_factory=dict)
    tables: tuple[str, ...] = tuple(name for name in TABLES if name != "households")


def specs_for(
    region: str,
    variants: Sequence[Variant],
    scenario: Scenario,
    seeds: Sequence[int],
    *,
    months: int | None = None,
    parameters: Mapping[str, float] = _NO_PARAMETERS,
    tables: Sequence[str] = RunSpec.__dataclass_fields__["tables"].default,
) -> list[RunSpec]:
    """Return the runs of all variants with all seeds; seed by seed, so that an interrupted batch has complete pairs."""
    return [
        RunSpec(
            RunKey(number * len(variants) + place, region, variant.name, scenario.name, seed, months),
            variant,
            scenario,
            dict(parameters),
            tuple(tables),
        )
        for number, seed in enumerate(seeds)
        for place, variant in enumerate(variants)
    ]


def run_model(region: Region, spec: RunSpec) -> RunTables:
    """Run the model once and return the tables that were asked for."""
    from ..model.integration_model import IntegrationModel

    model = IntegrationModel(
        region,
        spec.variant,
        spec.scenario,
        months=spec.key.months,
        parameters=dict(spec.parameters),
        rng=spec.key.seed,
        record_households="households" in spec.tables,
    )
    model.run()
    return model.results()


def cores() -> int:
    """Return the number of processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_all(
    region: Region,
    specs: Sequence[RunSpec],
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    simulate: Simulate = run_model,
) -> Generator[RunResult]:
    """Yield one result per run, in the order of `specs`; the same bits for any number of workers.

    `workers` is the number of processes (default: all cores; 1 runs in this process). `progress` is called as runs
    finish, in any order. Ctrl-C, or closing the iterator, ends the workers. Scripts that use more than one worker keep
    their own calls under `if __name__ == "__main__":`, because each worker imports the script.
    """
    workers = min(workers or cores(), len(specs))
    if workers > 1:
        return _in_processes(region, specs, workers, progress, simulate)
    return _in_this_process(region, specs, progress, simulate)


def _in_this_process(
    region: Region, specs: Sequence[RunSpec], progress: Progress | None, simulate: Simulate
) -> Generator[RunResult]:
    """Run one after another."""
    for spec in specs:
        result = _attempt(simulate, region, spec)
        if progress is not None:
            progress(result)
        yield result


def _attempt(simulate: Simulate, region: Region, spec: RunSpec) -> RunResult:
    """Run once; an error becomes part of the result."""
    start = time.perf_counter()
    try:
        tables = simulate(region, spec)
        unwanted = {name: frame for name, frame in tables.frames().items() if name not in spec.tables}
        tables = replace(tables, **{name: frame.iloc[:0] for name, frame in unwanted.items()})
    except KreislaufError as error:
        return RunResult(spec.key, error=str(error), seconds=time.perf_counter() - start)
    except Exception as error:  # a bug in one run must not take the other runs with it
        place = traceback.extract_tb(error.__traceback__)[-1]
        sentence = f"{type(error).__name__}: {error} ({Path(place.filename).name}, line {place.lineno})"
        return RunResult(spec.key, error=sentence, seconds=time.perf_counter() - start)
    return RunResult(spec.key, tables, seconds=time.perf_counter() - start)


def _work(connection: Connection, region: Region, simulate: Simulate) -> None:
    """Run packets of runs until told to stop: what a worker process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends the workers
    connection.send("ready")
    while (packet := connection.recv()) is not None:
        for spec in packet:
            connection.send(_attempt(simulate, region, spec))


class _Worker:
    """One worker process and the runs it holds, first the one it is at."""

    def __init__(self, region: Region, simulate: Simulate) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=_work, args=(theirs, region, simulate), daemon=True)
        self.process.start()
        theirs.close()
        self.ready = False
        self.holds: deque[RunSpec] = deque()

    def give(self, packet: list[RunSpec]) -> None:
        """Send a packet of runs."""
        self.holds.extend(packet)
        with contextlib.suppress(OSError):  # it died: the next receive notices
            self.connection.send(packet)

    def receive(self) -> RunResult | None:
        """Return the next result, None for a sign of life; raises EOFError or OSError when the process died."""
        message: Any = self.connection.recv()
        if isinstance(message, RunResult):
            self.holds.popleft()
            return message
        self.ready = True
        return None

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


def _in_processes(
    region: Region, specs: Sequence[RunSpec], count: int, progress: Progress | None, simulate: Simulate
) -> Generator[RunResult]:
    """Run in `count` worker processes.

    The standard process pool gives up the whole batch when one worker dies; here the dead worker is replaced.
    """
    size = max(1, min(16, len(specs) // (count * 100)))
    waiting = deque(list(specs[start : start + size]) for start in range(0, len(specs), size))
    window = count * _AHEAD * size * 4  # how far finished runs may be ahead of the next one in order: keeps memory flat
    order = {spec.key.run: number for number, spec in enumerate(specs)}
    finished: dict[int, RunResult] = {}
    tries: Counter[int] = Counter()
    following = 0
    workers = [_Worker(region, simulate) for _ in range(count)]
    done = False
    try:
        while following < len(specs):
            for worker in workers:
                while waiting and len(worker.holds) <= (_AHEAD - 1) * size:
                    if order[waiting[0][0].key.run] >= following + window:
                        break
                    worker.give(waiting.popleft())
            by_connection = {worker.connection: worker for worker in workers}
            for connection in wait(list(by_connection)):
                worker = by_connection[connection]  # pyright: ignore[reportArgumentType]
                try:
                    result = worker.receive()
                except (EOFError, OSError):
                    result = _bury(worker, tries, waiting)
                    workers[workers.index(worker)] = _Worker(region, simulate)
                if result is not None:
                    finished[order[result.key.run]] = result
                    if progress is not None:
                        progress(result)
            while following in finished:
                yield finished.pop(following)
                following += 1
        done = True
    finally:
        for worker in workers:
            worker.end(at_once=not done)


def _bury(worker: _Worker, tries: Counter[int], waiting: deque[list[RunSpec]]) -> RunResult | None:
    """Put the runs of a dead worker back to the front; the run it was at fails when it was tried often enough."""
    worker.process.join()
    if not worker.ready:
        raise KreislaufError(
            "A worker process ended before its first run. In a script, put the call under "
            "`if __name__ == '__main__':`; with one worker everything runs in one process."
        )
    held = list(worker.holds)
    failed = None
    if held:
        tries[held[0].key.run] += 1
        if tries[held[0].key.run] >= _ATTEMPTS:
            code = worker.process.exitcode
            failed = RunResult(held.pop(0).key, error=f"the worker process died {_ATTEMPTS} times (exit code {code})")
    waiting.extendleft([spec] for spec in reversed(held))
    worker.connection.close()
    return failed
