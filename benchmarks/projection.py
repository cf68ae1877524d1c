"""How long a yearly projection of a region takes: `python benchmarks/projection.py [REGION]`.

Prints the best of several runs in milliseconds and the ratio to a fixed piece of NumPy work, which is comparable
between machines.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
from kreislauf.model.calendar import year_of
from kreislauf.model.fiscal.projection import Changes, Projection
from kreislauf.model.fiscal.start import TaxStart
from kreislauf.model.parameters import Parameters
from kreislauf.model.region import load_region

REPEATS = 20


def best(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the shortest time of several runs, seconds."""
    times: list[float] = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def yardstick() -> object:
    """Do a fixed amount of small-array NumPy work, the kind a projection consists of."""
    values = np.ones(17)
    for _ in range(2_000):
        values = np.maximum(0.0, values * 1.0001) + np.where(values > 2.0, 0.0, 1e-9)
    return values


def main() -> None:
    """Print times and ratios."""
    region = load_region(sys.argv[1] if len(sys.argv) > 1 else "coburg")
    parameters = Parameters()
    years = range(year_of(region.start_month), year_of(region.end_month) + 1)
    start = TaxStart(region, parameters)
    projection = Projection(region, parameters, start=start)
    projection.run(years=years)
    shocked = Changes(trade=0.8)
    unit = best(yardstick)
    print(f"{len(region.keys)} municipalities x {len(years)} years; unit: {unit * 1000:.2f} ms of small-array NumPy")
    for name, work in (
        ("start (once per region)", lambda: TaxStart(region, parameters)),
        ("projection", lambda: projection.run(years=years)),
        ("projection with a shock and reactions", lambda: projection.run(years=years, changes=shocked, react=True)),
    ):
        seconds = best(work)
        print(f"{name}: {seconds * 1000:.1f} ms, ratio {seconds / unit:.2f}")


if __name__ == "__main__":
    main()
