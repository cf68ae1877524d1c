"""Many runs: in this process, or in worker processes that live as long as the batch.

Results come back in the order of the runs asked for, whatever finished first. A failing run is a result with its error;
a worker that dies is replaced and its run tried again, so nothing is lost and nothing is done twice.
"""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..model.errors import KreislaufError
from ..model.results import TABLES, RunKey, RunResult, RunTables
from .pool import Message, cores, in_processes

if TYPE_CHECKING:
    from ..model.region import Region
    from ..model.variant import Scenario, Variant
    from .parameter_draws import ParameterDraws

_NO_PARAMETERS: Mapping[str, float] = MappingProxyType({})

type Simulate = Callable[[Region, RunSpec], RunTables]
type Progress = Callable[[RunResult], None]


@dataclass(frozen=True, slots=True)
class RunSpec:
    """One run asked for: variant, scenario and seed, with parameter values and the tables wanted back.

    >>> from ..model.variant import load_scenario, load_variant
    >>> spec = specs_for("coburg", [load_variant("status_quo")], load_scenario("base"), [7])[0]
    >>> spec.key.seed
    7
    """

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
    draws: ParameterDraws | None = None,
    tables: Sequence[str] = RunSpec.__dataclass_fields__["tables"].default,
) -> list[RunSpec]:
    """Return the runs of all variants with all seeds; seed by seed, so that an interrupted batch has complete pairs.

    With `draws`, every seed has parameters of its own; `parameters` replace what is drawn.

    >>> from ..model.variant import load_scenario, load_variant
    >>> both = [load_variant("status_quo"), load_variant("community")]
    >>> [(s.key.seed, s.variant.name) for s in specs_for("coburg", both, load_scenario("base"), [1, 2])][:3]
    [(1, 'status_quo'), (1, 'community'), (2, 'status_quo')]
    """
    return [
        RunSpec(
            RunKey(number * len(variants) + place, region, variant.name, scenario.name, seed, months),
            variant,
            scenario,
            {**(draws.for_run(seed, variant, scenario) if draws is not None else {}), **parameters},
            tuple(tables),
        )
        for number, seed in enumerate(seeds)
        for place, variant in enumerate(variants)
    ]


def run_model(region: Region, spec: RunSpec) -> RunTables:
    """Run the model once and return the tables that were asked for.

    >>> from ..model.region import load_region
    >>> from ..model.variant import load_scenario, load_variant
    >>> spec = specs_for("coburg", [load_variant("status_quo")], load_scenario("base"), [1], months=2)[0]
    >>> run_model(load_region("coburg"), spec).monthly["month"].nunique()
    2
    """
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
    return model.results(spec.tables)


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

    >>> from ..model.region import load_region
    >>> from ..model.variant import load_scenario, load_variant
    >>> specs = specs_for("coburg", [load_variant("status_quo")], load_scenario("base"), [1, 2], months=2)
    >>> [found.done for found in run_all(load_region("coburg"), specs, workers=1)]
    [True, True]
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
        result = attempt(simulate, region, spec)
        if progress is not None:
            progress(result)
        yield result


def attempt(simulate: Simulate, region: Region, spec: RunSpec) -> RunResult:
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


def _work(context: tuple[Region, Simulate], job: list[_Item]) -> Iterator[Message[RunResult]]:
    """Run the runs of a job: what a worker process does."""
    region, simulate = context
    for item in job:
        yield Message(attempt(simulate, region, item.spec), finished=1)


@dataclass(frozen=True, slots=True)
class _Item:
    """A run and its place in the order asked for."""

    place: int
    spec: RunSpec

    def __hash__(self) -> int:
        return self.place


def _in_processes(
    region: Region, specs: Sequence[RunSpec], count: int, progress: Progress | None, simulate: Simulate
) -> Generator[RunResult]:
    """Run in `count` worker processes and put the results in order."""
    size = max(1, min(16, len(specs) // (count * 100)))
    jobs = (
        [_Item(place, specs[place]) for place in range(start, min(start + size, len(specs)))]
        for start in range(0, len(specs), size)
    )
    window = count * size * 8  # how far finished runs may be ahead of the next one in order: keeps memory flat
    order = {spec.key.run: place for place, spec in enumerate(specs)}
    finished: dict[int, RunResult] = {}
    following = 0

    def too_far_ahead(item: _Item) -> bool:
        return item.place >= following + window

    def given_up(item: _Item, sentence: str) -> RunResult:
        return RunResult(item.spec.key, error=sentence)

    results = in_processes(_work, (region, simulate), jobs, workers=count, given_up=given_up, hold_back=too_far_ahead)
    with contextlib.closing(results):
        for result in results:
            finished[order[result.key.run]] = result
            if progress is not None:
                progress(result)
            while following in finished:
                yield finished.pop(following)
                following += 1
