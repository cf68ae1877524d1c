"""What a batch adds to its runs, and what a second worker brings: `uv run python benchmarks/batch_overhead.py [RUNS]`.

Overhead per run is the time of a batch of short runs beyond the time of the same models run by hand, for kreislauf's
own runner and for `mesa.batch_run`. Throughput of one and two worker processes is counted between the first and the
last result of whole runs, so that the start of the processes does not count.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from typing import Any

import mesa
from kreislauf.experiments.runner import RunSpec, run_all, specs_for
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.region import Region, load_region
from kreislauf.model.variant import load_scenario, load_variant
from measuring import seconds, show

MONTHS = 2  # of the short runs


def specs(runs: int, months: int | None) -> list[RunSpec]:
    """Return runs of the status quo with as many seeds, with the measures and the monthly table."""
    variants, scenario = [load_variant("status_quo")], load_scenario("base")
    return specs_for("coburg", variants, scenario, range(runs), months=months, tables=("monthly",))


def by_hand(region: Region, runs: int) -> None:
    """Run the models one after another without any runner."""
    variant, scenario = load_variant("status_quo"), load_scenario("base")
    for seed in range(runs):
        IntegrationModel(region, variant, scenario, months=MONTHS, rng=seed).run().results()


def with_mesa(region: Region, runs: int) -> None:
    """Run the models by Mesa's own batch runner."""
    mesa.batch_run(
        IntegrationModel,
        {"region": [region], "months": [MONTHS]},
        rng=list(range(runs)),
        number_processes=1,
        max_steps=MONTHS,
        data_collection_period=-1,
        display_progress=False,
    )


def without_tables(region: Region, runs: int) -> None:
    """Run the models by hand and collect nothing at the end, as `mesa.batch_run` does."""
    for seed in range(runs):
        IntegrationModel(region, months=MONTHS, rng=seed).run()


def throughput(region: Region, runs: int, workers: int) -> float:
    """Return runs per second of wall clock between the first and the last result that came in."""
    times: list[float] = []
    note: Any = lambda _: times.append(time.perf_counter())  # noqa: E731
    for _ in run_all(region, specs(runs, None), workers=workers, progress=note):
        pass
    return (runs - workers) / (times[-1] - times[workers - 1])


def main(runs: int = 24) -> None:
    """Print overhead per run and the gain of a second worker."""
    region = load_region("coburg")
    by_hand(region, 1)
    hand = seconds(partial(by_hand, region, runs), repeat=3)
    own = seconds(lambda: list(run_all(region, specs(runs, MONTHS), workers=1)), repeat=3)
    bare = seconds(partial(without_tables, region, runs), repeat=3)
    theirs = seconds(partial(with_mesa, region, runs), repeat=3)
    pairs = [(throughput(region, runs, 1), throughput(region, runs, 2)) for _ in range(3)]
    gain = sorted(two / one for one, two in pairs)[1]
    show(
        f"Batch of {runs} runs",
        [
            ("overhead per run, kreislauf", f"{(own - hand) / runs * 1e3:.2f} ms", "target 5"),
            ("overhead per run, mesa.batch_run", f"{(theirs - bare) / runs * 1e3:.2f} ms", "parameters and reporters"),
            ("runs per second, one worker", f"{max(one for one, _ in pairs):.2f}", "whole runs"),
            ("runs per second, two workers", f"{max(two for _, two in pairs):.2f}", ""),
            ("two workers against one", f"{gain:.2f}", "target 1.9; median of three pairs, needs two free cores"),
        ],
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
