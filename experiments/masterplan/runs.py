"""One run under a plan and what is kept of it; many runs in processes that live as long as the search.

Every run is a pure function of plan, world, parameters and seed. What it gave stands in the journal of the search under
the hash of all that, so a search that was killed goes through its runs again without doing any of them twice.
"""

from __future__ import annotations

import hashlib
import json
import os
import traceback
import zlib
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self

import numpy as np

from ...model.calendar import year_of
from ...model.errors import KreislaufError
from ...model.provenance import code_hash
from ..parts import StoreError, sentence_of
from ..pool import Message, in_processes

if TYPE_CHECKING:
    from ...model.integration_model import IntegrationModel
    from ...model.plan import Plan
    from ...model.region import Region
    from ...model.variant import Scenario, Variant

EVALUATIONS = "evaluations.jsonl"
_YEARLY = ("posts", "unmet_hours", "operational_gap_share", "cliff_exposure")
_LEVELS = ("municipality", "district", "land", "bund", "others")
TASK_FIGURES = ("opened", "served", "hours", "duplicated", "open", "unheld", "unmet")


@dataclass(frozen=True, slots=True)
class World:
    """What all runs of a search share: region, the policy before the plan, the period that is judged.

    `first` and `last` are the months over which outcomes are taken.
    """

    region: Region
    variant: Variant
    first: int
    last: int

    @property
    def months(self) -> int:
        """Number of months a run takes."""
        return self.last - self.region.start_month + 1

    def fingerprint(self) -> str:
        """Return the SHA-256 of region, field, policy, period and code."""
        parts = [self.region.fingerprint, self.region.field, self.variant.fingerprint(), self.first, self.last]
        return hashlib.sha256(json.dumps([*parts, code_hash()]).encode()).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A run asked for: a plan (None: all stays as it is), a scenario, parameter values and a seed."""

    plan: Plan | None
    scenario: Scenario
    seed: int
    parameters: Mapping[str, float] = field(default_factory=dict)

    def key(self, world: str) -> str:
        """Return the hash under which its outcome is kept, given the fingerprint of the world."""
        plan = self.plan.fingerprint() if self.plan is not None else ""
        values = sorted(self.parameters.items())
        content = json.dumps([world, plan, self.scenario.fingerprint(), values, self.seed])
        return hashlib.sha256(content.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is kept of a run: every measure over the judged period, some by year, and figures by task.

    `tasks` has for each task opened and served cases, hours, duplicated hours (sums over the period), and the means of
    open cases, cases nobody held for three months, and unmet hours. `places` has the mean of unmet hours by place.
    """

    measures: dict[str, float]
    years: dict[str, list[float]]
    tasks: dict[str, list[float]]
    places: dict[str, float]


def simulate(world: World, run: Run) -> Outcome:
    """Run the model once and return what is kept of it."""
    from ...model.integration_model import IntegrationModel

    model = IntegrationModel(
        world.region, world.variant, run.scenario, months=world.months, parameters=dict(run.parameters), rng=run.seed,
        plan=run.plan,
    )  # fmt: skip
    return outcome_of(model.run(), world.first)


def outcome_of(model: IntegrationModel, first: int) -> Outcome:
    """Return what is kept of a model that has run, from month `first` on."""
    from ...model.measures import measures_of, summarise
    from ...model.record import RunRecord
    from ...model.services import UNMET

    record = RunRecord(model)
    inside = record.months >= first
    years = np.array([year_of(int(month)) for month in record.months[inside]])
    kept: dict[str, float] = {}
    by_year: dict[str, list[float]] = {"year": np.unique(years).tolist()}
    outcomes = [part.outcome for part in model.field.parts]
    for name, measure in measures_of(model.field).items():
        series = measure.compute(record)
        series = (series if series.ndim == 1 else series[:, -1])[inside]
        kept[name] = summarise(measure, series)
        if name in (*_YEARLY, *outcomes):
            by_year[name] = [float(np.nanmean(series[years == year])) for year in by_year["year"]]
    for level in _LEVELS:
        cents = record.net_cost(level)[inside]
        by_year[f"net_{level}"] = [float(cents[years == year].sum() / 100.0) for year in by_year["year"]]
    unmet = record.cells_by_place[inside][:, :, UNMET].mean(axis=0)
    places = {key: float(unmet[m]) for m, key in enumerate(model.region.keys)}
    return Outcome(kept, by_year, _by_task(model, record.cells_by_task[inside]), places)


def _by_task(model: IntegrationModel, counts: np.ndarray) -> dict[str, list[float]]:
    """Return the figures of `TASK_FIGURES` by task from monthly counters, shape (T, K, counters and opened)."""
    from ...model.services import DUPLICATED, HOURS, OPEN, SERVED, UNHELD, UNMET

    total, mean = counts.sum(axis=0), counts.mean(axis=0)
    columns = [total[:, -1], total[:, SERVED], total[:, HOURS], total[:, DUPLICATED]]
    columns += [mean[:, OPEN], mean[:, UNHELD], mean[:, UNMET]]
    return {task: [float(column[k]) for column in columns] for k, task in enumerate(model.field.task_ids)}


# ---- many of them ------------------------------------------------------------------------------------------------


class Evaluations:
    """The journal of a search: one line per run with its key and outcome, only appended; a torn last line is cut off.

    Lines of another code or region are left alone: their keys are never asked for.
    """

    def __init__(self, folder: Path | None) -> None:
        """Read what is there; without a folder nothing is written."""
        self.found: dict[str, Outcome] = {}
        self._file: BinaryIO | None = None
        self._folder = folder or Path()
        if folder is None:
            return
        path = folder / EVALUATIONS
        try:
            self._file = path.open("ab")
            whole = 0
            for line in path.read_bytes().splitlines(keepends=True):
                entry = _entry(line)
                if entry is None:
                    break
                whole += len(line)
                key = entry.pop("key")
                self.found[key] = Outcome(**entry)
            if whole < path.stat().st_size:
                self._file.truncate(whole)
        except OSError as error:
            raise StoreError(sentence_of(error, folder)) from None

    def add(self, key: str, outcome: Outcome) -> None:
        """Keep an outcome, synced to disk before the next thing happens."""
        self.found[key] = outcome
        if self._file is None:
            return
        text = json.dumps({"key": key, **{name: getattr(outcome, name) for name in Outcome.__slots__}})
        try:
            self._file.write(f"{zlib.crc32(text.encode()):08x} {text}\n".encode())
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise StoreError(sentence_of(error, self._folder)) from None

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def _entry(line: bytes) -> dict[str, Any] | None:
    """Return what a line says, None when it is damaged or torn."""
    check, _, text = line.rstrip(b"\n").partition(b" ")
    if not line.endswith(b"\n") or f"{zlib.crc32(text):08x}".encode() != check:
        return None
    return json.loads(text)


@dataclass(slots=True)
class Runner:
    """Does runs, each once: in this process with one worker, else in worker processes kept between calls.

    `counted` is the number of runs asked for so far, repeated ones left out; `done` how many of them were new.
    `progress` is told after every run.
    """

    world: World
    evaluations: Evaluations
    workers: int = 1
    progress: Callable[[], None] | None = None
    counted: set[str] = field(default_factory=set)
    done: int = 0
    _world: str = ""
    _queue: deque[list[Run]] = field(default_factory=deque)
    _crew: Generator[tuple[Run, Outcome | str]] | None = None

    def __post_init__(self) -> None:
        """Fingerprint the world once."""
        self._world = self.world.fingerprint()

    def __call__(self, runs: Sequence[Run]) -> list[Outcome]:
        """Return the outcomes in the order of the runs; raises KreislaufError when one cannot be done."""
        keys = [run.key(self._world) for run in runs]
        missing = {key: run for key, run in zip(keys, runs, strict=True) if key not in self.evaluations.found}
        self.counted.update(keys)
        for run, outcome in self._do(list(missing.values())):
            if isinstance(outcome, str):
                name = run.plan.name if run.plan is not None else "without a plan"
                raise KreislaufError(f"the run of {name} with seed {run.seed} failed: {outcome}")
            self.evaluations.add(run.key(self._world), outcome)
            self.done += 1
            if self.progress is not None:
                self.progress()
        return [self.evaluations.found[key] for key in keys]

    def _do(self, runs: list[Run]) -> Iterator[tuple[Run, Outcome | str]]:
        if self.workers <= 1 or (self._crew is None and len(runs) <= 1):
            yield from (_attempt(self.world, run) for run in runs)
            return
        self._queue.extend([run] for run in runs)
        if self._crew is None:
            self._crew = in_processes(
                _work, self.world, _Endless(self._queue), workers=self.workers, given_up=_given_up
            )
        for _ in runs:
            yield next(self._crew)

    def close(self) -> None:
        """End the workers."""
        if self._crew is not None:
            self._crew.close()
        self.evaluations.close()

    def __enter__(self) -> Self:
        """Use the runner in a `with` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the workers."""
        self.close()


class _Endless(Iterable[list[Run]]):
    """Jobs from a queue that may be filled again after it was empty."""

    def __init__(self, queue: deque[list[Run]]) -> None:
        self._queue = queue

    def __iter__(self) -> Iterator[list[Run]]:
        return self

    def __next__(self) -> list[Run]:
        if not self._queue:
            raise StopIteration
        return self._queue.popleft()


def _work(world: World, job: list[Run]) -> Iterator[Message[tuple[Run, Outcome | str]]]:
    """Do the runs of a job: what a worker process does."""
    for run in job:
        yield Message(_attempt(world, run), finished=1)


def _given_up(run: Run, why: str) -> tuple[Run, Outcome | str]:
    return run, why


def _attempt(world: World, run: Run) -> tuple[Run, Outcome | str]:
    """Run once; an error becomes a sentence."""
    try:
        return run, simulate(world, run)
    except KreislaufError as error:
        return run, str(error)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return run, f"{type(error).__name__}: {error} ({Path(place.filename).name}, line {place.lineno})"
