"""Memory per household and per run: `uv run python benchmarks/memory.py`.

Per household: the bytes of its rows in the tables, and what a run with more arrivals takes more in resident memory.
Per run: the growth of resident memory from the loaded region to the finished run, each in a process of its own.
"""

from __future__ import annotations

import resource
import subprocess
import sys

import numpy as np
from kreislauf.agents.integration.codes import MAX_ADULTS
from kreislauf.agents.integration.household import ADULT, HOUSEHOLD
from kreislauf.model.cases import CASE
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.region import load_region
from kreislauf.model.variant import load_scenario
from measuring import show


def peak_kib() -> int:
    """Return the largest resident memory of this process so far, KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def run_once(factor: float) -> None:
    """Run once with arrivals scaled, and print households, cases and the growth of peak memory in KiB."""
    region = load_region("coburg")
    IntegrationModel(region, months=1, rng=2)
    before = peak_kib()
    scenario = load_scenario("base").model_copy(update={"arrivals_factor": factor})
    model = IntegrationModel(region, scenario=scenario, rng=1).run()
    print(model.households.n, model.casework.n_cases, peak_kib() - before)


def measured(factor: float) -> tuple[int, int, int]:
    """Return households, cases at the end, and KiB of a run in a process of its own."""
    command = [sys.executable, __file__, "--once", str(factor)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    households, cases, kib = map(int, done.stdout.split())
    return households, cases, kib


def main() -> None:
    """Print bytes per household and per run."""
    few, many = measured(1.0), measured(40.0)
    slope = (many[2] - few[2]) * 1024 / (many[0] - few[0])
    case_part = (many[1] - few[1]) * CASE.itemsize / (many[0] - few[0])
    rows = HOUSEHOLD.itemsize + MAX_ADULTS * ADULT.itemsize
    scratch = np.dtype(np.int64).itemsize
    show(
        "Memory",
        [
            (
                "rows of a household",
                f"{rows} B",
                f"target 200; {HOUSEHOLD.itemsize} + {MAX_ADULTS} x {ADULT.itemsize}",
            ),
            ("scratch per household", f"{scratch} B", ""),
            ("open cases per household, at the end", f"{case_part:.0f} B", f"{CASE.itemsize} a case"),
            ("measured per household", f"{slope:.0f} B", f"{few[0]} against {many[0]} households, peak of a whole run"),
            ("a whole Coburg run", f"{few[2] / 1024:.1f} MiB", "beside program and region"),
        ],
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--once"]:
        run_once(float(sys.argv[2]))
    else:
        main()
