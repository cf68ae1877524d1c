"""Computing the runs of an ensemble that are not stored yet, in worker processes, a block of seeds at a time."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..experiments.pool import Message, cores, in_processes
from ..experiments.runner import RunSpec, Simulate, attempt, run_model
from ..model.errors import InputError, KreislaufError
from ..model.files import TEMPORARY
from ..model.results import RunKey
from ..model.variant import load_scenario
from .ensemble_digest import BrokenBlockError, Shape, digest, empty_digest, read_block, write_block

if TYPE_CHECKING:
    from .choices import Choice
    from .ensemble import EnsembleProgress, Question

TABLES = ("monthly", "cells", "flows", "structures")
_LEFT_BEHIND_SECONDS = 3600  # a younger temporary file may be that of another app at work on the same question
_KEPT_BYTES = 2_000_000_000  # of ensembles in the cache; the longest unused go first


class CancelledError(KreislaufError):
    """The computation was stopped on request; what is finished is stored."""


@dataclass(frozen=True, eq=False)
class _Context:
    """What every worker knows."""

    question: Question
    folder: Path
    simulate: Simulate


@dataclass(frozen=True, slots=True)
class _Item:
    """A block of seeds of one choice: what a worker does in one go."""

    choice: Choice
    seeds: tuple[int, ...]


def compute(
    question: Question,
    choices: Sequence[Choice],
    folder: Path,
    *,
    workers: int | None = None,
    progress: EnsembleProgress | None = None,
    cancelled: Callable[[], bool] | None = None,
    tell: Callable[[str], None],
    simulate: Simulate = run_model,
) -> None:
    """Run what is not stored, choice by choice in the order given; raises CancelledError when asked to stop."""
    blocks = [_Item(choice, seeds) for choice in dict.fromkeys(choices) for seeds in question.blocks()]
    missing = [item for item in blocks if not _stored(question, folder, item, tell)]
    total = sum(len(item.seeds) for item in blocks)
    done, failed = total - sum(len(item.seeds) for item in missing), 0
    if progress is not None:
        progress(done, total, failed)
    place = folder / question.address
    if not missing:
        with contextlib.suppress(OSError):
            place.touch()
        return
    try:
        place.mkdir(parents=True, exist_ok=True)
        for left in place.glob(f".*{TEMPORARY}*"):
            with contextlib.suppress(FileNotFoundError):  # it was just finished
                if time.time() - left.stat().st_mtime > _LEFT_BEHIND_SECONDS:
                    left.unlink()
    except OSError as error:
        raise InputError(f"the folder for finished runs, {place}, cannot be written: {error.strerror}") from None
    context = _Context(question, folder, simulate)
    crew = min(workers or cores(), len(missing))
    results = _here(context, missing) if crew == 1 else _in_processes(context, missing, crew)
    with contextlib.closing(results):
        for error in results:
            done, failed = done + 1, failed + bool(error)
            if progress is not None:
                progress(min(done, total), total, failed)
            if cancelled is not None and cancelled():
                raise CancelledError(
                    f"Stopped after {done} of {total} runs; they are kept, and the next start continues."
                )
    prune(folder, keep=place)


def _here(context: _Context, items: Sequence[_Item]) -> Generator[str]:
    for message in _work(context, list(items)):
        if message.payload is not None:
            yield message.payload


def _in_processes(context: _Context, items: Sequence[_Item], crew: int) -> Generator[str]:
    results = in_processes(_work, context, ([item] for item in items), workers=crew, given_up=_given_up)
    with contextlib.closing(results):
        for error in results:
            if error is not None:
                yield error


def _given_up(item: _Item, sentence: str) -> str:
    raise KreislaufError(f"the runs of {item.choice.key} with seeds {item.seeds[0]} to {item.seeds[-1]}: {sentence}")


def _work(context: _Context, items: list[_Item]) -> Iterator[Message[str | None]]:
    """Simulate blocks and write their files: a message per run (its error, or nothing), one more when it is stored."""
    question = context.question
    shape = Shape.of(question.region, question.months)
    scenario = load_scenario(question.scenario)
    for item in items:
        runs, failures = [], {}
        variant = item.choice.variant()
        for seed in item.seeds:
            key = RunKey(seed, question.region.name, variant.name, scenario.name, seed, question.months)
            drawn = question.draws.for_run(seed, variant, scenario) if question.draws is not None else {}
            spec = RunSpec(key, variant, scenario, {**drawn, **question.assumptions}, TABLES)
            result = attempt(context.simulate, question.region, spec)
            if result.tables is None:
                failures[seed] = result.error
                runs.append((seed, empty_digest(shape), {}))
            else:
                runs.append((seed, *digest(result.tables.summary, result.tables.frames(), shape)))
            yield Message(result.error)
        path = question.path(context.folder, item.choice, item.seeds)
        try:
            write_block(path, runs, failures=failures)
        except OSError as error:
            words = f"the folder for finished runs, {path.parent}, cannot be written: {error.strerror}"
            raise KreislaufError(words) from None
        yield Message(None, 1)


def _stored(question: Question, folder: Path, item: _Item, tell: Callable[[str], None]) -> bool:
    """Return whether a block is stored; a damaged file is removed, with a sentence."""
    path = question.path(folder, item.choice, item.seeds)
    if not path.is_file():
        return False
    try:
        read_block(path, ("summary",))
    except BrokenBlockError:
        tell(f"{path.name} is damaged; its {len(item.seeds)} runs are computed anew")
        path.unlink(missing_ok=True)
        return False
    return True


def prune(folder: Path, *, keep: Path, most: int = _KEPT_BYTES) -> None:
    """Remove the longest unused ensembles until the rest is small enough; `keep` and those of the last day stay."""
    found = []
    for place in folder.iterdir():
        if place.is_dir():
            with contextlib.suppress(OSError):
                size = sum(file.stat().st_size for file in place.iterdir())
                found.append((place.stat().st_mtime, place, size))
    total = sum(size for _, _, size in found)
    for used, place, size in sorted(found):
        if total <= most:
            break
        if place != keep and time.time() - used > 86_400:
            shutil.rmtree(place, ignore_errors=True)
            total -= size
