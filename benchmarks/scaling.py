"""How the time of a run grows: `uv run python benchmarks/scaling.py [MOST]`.

Made-up regions of growing size; one thing grows at a time and the fitted exponent of time against size is printed
(1 is linear). The smallest sizes are large enough that fixed costs of a run matter little; MOST scales all sizes.
"""

from __future__ import annotations

import dataclasses
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from kreislauf.model import integration_model
from kreislauf.model.field import Field, load_field
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.region import Region, load_region
from kreislauf.model.region_synth import write_synthetic_region
from measuring import exponent, show

MONTHS = 24


def made(folder: Path, municipalities: int, districts: int, households: int) -> Region:
    """Return a made-up region, written once."""
    out = folder / f"{municipalities}-{districts}-{households}"
    if not out.exists():
        write_synthetic_region(out, municipalities=municipalities, districts=districts, households=households, seed=1)
    return load_region(out)


def spent(region: Region, months: int, repeat: int = 3) -> float:
    """Return the processor time of the months of a run, without building it, best of several."""
    best = float("inf")
    for _ in range(repeat):
        model = IntegrationModel(region, months=months, rng=1)
        start = time.process_time()
        model.run().results(())
        best = min(best, time.process_time() - start)
    return best


def lived(region: Region, months: int) -> int:
    """Return the household-months and months of open cases of a run: what its compiled loops have to go through."""
    model = IntegrationModel(region, months=months, rng=1)
    total = 0
    while model.running:
        model.step()
        total += sum(int(people.here.sum()) for people in model.people)
        total += sum(desk.n_cases for desk in model.casework.desks)
    return total


def with_structures(region: Region, times: int) -> Region:
    """Return the region with every structure split into `times` smaller ones."""
    parts = []
    for copy in range(times):
        part = region.structures.copy()
        for column in ("id", "unit"):
            part[column] = [f"{name}_{copy}" for name in part[column]]
        for column in ("hours_per_month", "fte", "monthly_cost_eur"):
            part[column] = part[column] / times
        parts.append(part)
    return dataclasses.replace(region, structures=pd.concat(parts, ignore_index=True))


def with_tasks(count: int) -> Callable[[str], Field]:
    """Return a loader of the field of which only the first tasks open cases."""
    field = load_field("integration")
    table = field.table.copy()
    table["hazard"][count:] = 0.0
    shorter = dataclasses.replace(field, table=table.view(type(field.table)))
    return lambda name: shorter  # noqa: ARG005


def main(most: float = 1.0) -> None:
    """Print times and exponents."""
    rows: list[tuple[str, str, str]] = []

    def add(what: str, sizes: list[int], times: list[float], target: str) -> None:
        shown = ", ".join(f"{size}: {taken:.2f} s" for size, taken in zip(sizes, times, strict=True))
        rows.append((what, f"{exponent(sizes, times):.2f}", f"{target}; {shown}"))

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spent(made(folder, 20, 1, 500), 2, 1)
        sizes = [round(n * most) for n in (20_000, 40_000, 80_000)]
        add("households", sizes, [spent(made(folder, 60, 2, n), MONTHS) for n in sizes], "target 1")
        sizes = [round(n * most) for n in (240, 480, 960)]
        times = [spent(made(folder, n, n // 30, 6_000), MONTHS) for n in sizes]
        add("municipalities, in as many districts", sizes, times, "at most n log n")
        sizes = [round(n * most) for n in (120, 240, 480)]
        add("municipalities in four districts", sizes, [spent(made(folder, n, 4, 6_000), MONTHS) for n in sizes], "")
        region = made(folder, 60, 2, round(20_000 * most))
        sizes = [33, 66, 132]
        times = [spent(region, n) for n in sizes]
        add("months", sizes, times, "target 1, but later months have more people")
        add("household-months and open cases of these", [lived(region, n) for n in sizes], times, "target 1")
        sizes = [1, 2, 4]
        add("structures", sizes, [spent(with_structures(region, n), MONTHS) for n in sizes], "at most n log n")
        sizes, plain = [4, 8, 15], integration_model.load_field
        times = []
        try:
            for n in sizes:
                integration_model.load_field = with_tasks(n)  # pyright: ignore[reportAttributeAccessIssue]
                times.append(spent(region, MONTHS))
        finally:
            integration_model.load_field = plain
        add("tasks that open cases", sizes, times, "at most n log n")
    show(f"Growth of the time of {MONTHS} months with size: fitted exponents", rows)


if __name__ == "__main__":
    main(*map(float, sys.argv[1:2]))
