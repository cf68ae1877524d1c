"""A batch of very many runs that take no time: does memory stay flat, and what does the store cost per run?

    python benchmarks/million_runs.py            # 20,000 and 200,000 runs
    python benchmarks/million_runs.py 1000000    # a million: about an hour on two cores

Each run gives a row of 40 measures and no tables; so what is measured is the plan, the pool, the parts, the journal and
the merge, not the model. Memory is the peak of the process that leads the batch, and of a process that merges it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from kreislauf.experiments.batch import run
from kreislauf.experiments.experiment import Experiment
from kreislauf.experiments.merge import merge
from kreislauf.experiments.plan import Plan
from kreislauf.model.measures import MEASURES
from kreislauf.model.results import RunTables

_NAMES = list(MEASURES)[:40]
_NOTHING = pd.DataFrame({"month": np.zeros(0, np.int64)})


def instant(_region, spec):
    """Return a run whose 40 measures are a function of its number."""
    values = np.random.default_rng(spec.key.run).random(len(_NAMES))
    return RunTables(dict(zip(_NAMES, values.tolist(), strict=True)), _NOTHING, _NOTHING, _NOTHING, _NOTHING)


def plan_of(runs: int) -> Plan:
    """Return a plan of so many runs: ten variants, a hundred points, the rest seeds."""
    variants = ("status_quo", "subsidiarity", "district_lead", "lead_agency", "intermunicipal")
    variants += ("community", "regional_budget", "municipal_association", "regional_fund", "crowdfunding")
    data = {"name": "many", "variants": variants, "seeds": runs // 1000, "uncertain": {"overlap_loss": "range"}}
    return Plan.of(Experiment.model_validate(data | {"design": {"draws": 100}}))


def _do(what: str, runs: int, folder: Path, told: multiprocessing.Queue) -> None:
    begin = time.perf_counter()
    if what in ("batch", "resume"):
        run(plan_of(runs), folder / "batch", workers=2, simulate=instant)
    else:
        merge([folder / "batch"], folder / "merged")
    told.put((time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def measured(what: str, runs: int, folder: Path) -> tuple[float, float]:
    """Return seconds and peak MiB of one step in a process of its own."""
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    process = context.Process(target=_do, args=(what, runs, folder, told))
    process.start()
    found = told.get()
    process.join()
    return found


def main() -> None:
    """Measure each size and print a line per step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="*", type=int, default=[20_000, 200_000], help="numbers of runs (thousands)")
    for runs in parser.parse_args().runs:
        folder = Path(tempfile.mkdtemp(prefix="many-"))
        try:
            for what in ("batch", "resume", "merge"):
                seconds, peak = measured(what, runs, folder)
                print(f"{runs:>9,} runs  {what:7} {1e3 * seconds / runs:7.3f} ms per run  {peak:7.0f} MiB", flush=True)
            size = sum(path.stat().st_size for path in (folder / "batch").rglob("*") if path.is_file())
            print(f"{runs:>9,} runs  on disk {size / runs:5.0f} bytes per run", flush=True)
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
