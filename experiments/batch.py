"""A batch: all runs of an experiment into a folder, in any number of sittings; whatever happens, nothing is lost."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..model.errors import InputError
from ..model.provenance import without_folders
from .batch_folder import Batch, begin_batch, machine, mend
from .chunk import ChunkContext, Committed, Event, RunDone, Trouble, do_chunk
from .compare import Interrupted
from .folder_lock import held
from .journal import Journal
from .parts import PartBuilder, StoreError
from .plan import Plan
from .pool import cores, in_processes
from .runner import Simulate, run_model
from .until import SequentialChoice

if TYPE_CHECKING:
    from ..model.region import Region
    from .experiment import Experiment

_PART_SECONDS = 15.0  # a part holds about so much work: what a kill can cost each worker
_MOST_RUNS = 4096

type BatchProgress = Callable[[int, int, int], None]
type Evaluator = Callable[[ChunkContext, Iterable[list[int]], Callable[[int, str], Event]], Generator[Event]]


def silent(sentence: str) -> None:
    """Say nothing."""


@dataclass(slots=True)
class _Pace:
    """How long a run takes, learned while they come."""

    runs: int = 0
    seconds: float = 0.0

    def chunk(self, left: int, workers: int) -> int:
        """Return how many runs to give out at once: one at first, then about a part's worth, fewer near the end."""
        if not self.runs:
            return 1
        worth = int(_PART_SECONDS / max(self.seconds / self.runs, 1e-6))
        return max(1, min(worth, _MOST_RUNS, -(-left // (2 * workers))))


def run(
    experiment: str | Path | Experiment | Plan,
    out: str | Path,
    *,
    workers: int | None = None,
    shard: tuple[int, int] = (1, 1),
    retry_failed: bool = False,
    progress: BatchProgress | None = None,
    tell: Callable[[str], None] = silent,
    command: Sequence[str] = (),
    simulate: Simulate = run_model,
    evaluator: Evaluator | None = None,
    region: Region | None = None,
) -> Batch:
    """Run an experiment into a folder, or what is left of it, and return the batch.

    `workers` is the number of processes (default: all cores; 1 runs in this process); `shard` = (i, n) does the i-th of
    n shares of the runs, for several machines; `retry_failed` does failed runs again; `progress` is called with the
    numbers of finished, of all, and of failed runs; `tell` gets sentences about damage that was mended. `evaluator`
    replaces the pool of processes (see `cluster`). Raises InputError before the first run for wrong input and for a
    folder that another command is writing into, StoreError
    when the folder cannot be written any more, Interrupted on Ctrl-C; finished runs are kept.

    >>> import tempfile
    >>> from .experiment import Experiment
    >>> asked = Experiment(name="tiny", months=2, seeds=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run(asked, folder, workers=1).runs["seed"].tolist()
    [1, 2]
    """
    plan = experiment if isinstance(experiment, Plan) else Plan.of(experiment, region=region)
    crew = workers or cores()
    if evaluator is None:
        evaluator = _this_process if crew == 1 else _processes(crew)
    folder = Path(out)
    with (
        held(folder, command=command),
        contextlib.nullcontext(begin_batch(plan, folder, command=command)) as batch,
        contextlib.closing(Journal(folder)) as journal,
    ):
        journal.session({"command": [without_folders(word) for word in command], **machine()})
        if retry_failed:
            _forget_failed(batch, journal)
        mend(batch, journal, tell=tell, every_byte=True)
        sitting = _Sitting(plan, batch, journal, evaluator, crew, simulate, progress)
        try:
            if plan.experiment.until is not None:
                _until_known(sitting, plan)
            else:
                sitting.work(_share_of(plan, shard))
        except KeyboardInterrupt:
            mend(batch, journal, tell=silent)  # takes over the parts that were written on the way out
            words = f"Stopped after {batch.finished} of {batch.requested} runs; they are kept in {batch.folder}."
            raise Interrupted(f"{words} The same command continues from there.") from None
        except StoreError:
            with contextlib.suppress(StoreError, OSError):
                mend(batch, journal, tell=silent)
            raise
        mend(batch, journal, tell=silent)  # clears away what workers that died left behind
    return batch


@dataclass(slots=True)
class _Sitting:
    """One go at a batch."""

    plan: Plan
    batch: Batch
    journal: Journal
    evaluator: Evaluator
    workers: int
    simulate: Simulate
    progress: BatchProgress | None

    def work(self, wanted: np.ndarray) -> None:
        """Run those of the wanted runs (bool (runs,)) that are not on disk."""
        todo = np.flatnonzero(wanted & ~self.batch.done())
        finished, failed = int((wanted & self.batch.done()).sum()), self.batch.failures
        total, pace = int(wanted.sum()), _Pace()
        if self.progress is not None:
            self.progress(finished, total, failed)
        if not len(todo):
            return
        context = ChunkContext(self.plan, self.batch.parts_folder, self.simulate)
        events = self.evaluator(context, self._chunks(todo, pace), self._given_up)
        with contextlib.closing(events):
            for event in events:
                if isinstance(event, Trouble):
                    raise StoreError(event.sentence)
                if isinstance(event, Committed):
                    self.journal.part(event.part)
                    self.batch.parts[event.part.name] = event.part
                    continue
                pace.runs, pace.seconds = pace.runs + 1, pace.seconds + event.seconds
                finished, failed = finished + 1, failed + bool(event.error)
                if self.progress is not None:
                    self.progress(min(finished, total), total, failed)

    def _chunks(self, todo: np.ndarray, pace: _Pace) -> Iterator[list[int]]:
        start = 0
        while start < len(todo):
            size = pace.chunk(len(todo) - start, self.workers)
            yield todo[start : start + size].tolist()
            start += size

    def _given_up(self, run: int, sentence: str) -> Event:
        """Write down a run that killed its worker every time."""
        builder = PartBuilder(self.batch.parts_folder)
        builder.add(self.plan.row(run), None, error=sentence, seconds=0.0, kept=())
        part = builder.write()
        self.journal.part(part)
        self.batch.parts[part.name] = part
        return RunDone(run, sentence, 0.0)


def _this_process(
    context: ChunkContext, jobs: Iterable[list[int]], given_up: Callable[[int, str], Event]
) -> Generator[Event]:
    """Do one chunk after another."""
    del given_up
    for job in jobs:
        for message in do_chunk(context, job):
            yield message.payload


def _processes(workers: int) -> Evaluator:
    """Return the evaluator with a pool of processes of this machine."""

    def evaluate(
        context: ChunkContext, jobs: Iterable[list[int]], given_up: Callable[[int, str], Event]
    ) -> Generator[Event]:
        return in_processes(do_chunk, context, jobs, workers=workers, given_up=given_up)

    return evaluate


def _share_of(plan: Plan, shard: tuple[int, int]) -> np.ndarray:
    """Return which runs belong to a shard; runs of one seed and point stay together, so that pairs are complete."""
    number, of = shard
    if not 1 <= number <= of:
        raise InputError(f"shard {number}/{of} is not usable; expected 1/{of} to {of}/{of}")
    pair = len(plan.scenarios) * len(plan.variants)
    return np.arange(len(plan)) // pair % of == number - 1


def _forget_failed(batch: Batch, journal: Journal) -> None:
    """Drop the parts that hold failed runs, so that these are done again (and their neighbours with them)."""
    for part in [part for part in batch.parts.values() if part.failures]:
        journal.dropped(part.name, "failed runs are tried again")
        del batch.parts[part.name]
        shutil.rmtree(batch.parts_folder / part.name, ignore_errors=True)


def _until_known(sitting: _Sitting, plan: Plan) -> None:
    """Run seeds for the variants still in question until the best one is known, or there are no more seeds."""
    choice = SequentialChoice.of(plan)
    while (wanted := choice.wanted()) is not None:
        sitting.work(wanted)
        choice.look(sitting.batch)
    choice.selection(sitting.batch).write(sitting.batch.folder)
