"""A whole run of 132 months with all measures, phase by phase: `uv run python benchmarks/whole_run.py [VARIANT ...]`.

Processor time of one core after warm-up, best of several runs. Target: 50 ms, of which institutions and bookkeeping
take less than half.
"""

from __future__ import annotations

import sys
import time

from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.region import load_region
from measuring import seconds, show

REPEAT = 7
COMPILED = {"arrivals", "life", "needs", "responsibility", "service"}


def by_phase(region: object, variant: str) -> dict[str, float]:
    """Return the seconds each phase takes in one run."""
    model = IntegrationModel(region, variant, rng=1)  # pyright: ignore[reportArgumentType]
    total = dict.fromkeys(model.PHASES, 0.0)
    while model.running:
        model.month += 1
        for phase in model.PHASES:
            start = time.thread_time()
            getattr(model, phase)()
            total[phase] += time.thread_time() - start
        model.running = model.month - region.start_month + 1 < model.months  # pyright: ignore
    return total


def main(variants: list[str]) -> None:
    """Time the variants named, by default the status quo."""
    region = load_region("coburg")
    for variant in variants or ["status_quo"]:
        IntegrationModel(region, variant, rng=1).run().results()
        whole = seconds(lambda v=variant: IntegrationModel(region, v, rng=1).run().results(), repeat=REPEAT)
        build = seconds(lambda v=variant: IntegrationModel(region, v, rng=1), repeat=REPEAT)
        finished = IntegrationModel(region, variant, rng=1).run()
        tables = seconds(finished.results, repeat=REPEAT)
        measures = seconds(lambda m=finished: m.results(()), repeat=REPEAT)
        measured = seconds(lambda v=variant: IntegrationModel(region, v, rng=1).run().results(()), repeat=REPEAT)
        runs = [by_phase(region, variant) for _ in range(REPEAT)]
        phases = {phase: min(run[phase] for run in runs) for phase in runs[0]}
        rows = [("run of 132 months with all measures", f"{measured * 1e3:.1f} ms", "target 50")]
        rows += [("  the same with all tables", f"{whole * 1e3:.1f} ms", "")]
        rows += [("  building and warm-up", f"{build * 1e3:.1f} ms", "")]
        rows += [("  measures", f"{measures * 1e3:.1f} ms", ""), ("  tables", f"{tables * 1e3:.1f} ms", "")]
        rows += [(f"  phase {phase}", f"{best * 1e3:.1f} ms", "") for phase, best in phases.items()]
        kernels = sum(best for phase, best in phases.items() if phase in COMPILED)
        share = 1.0 - kernels / sum(phases.values())
        rows.append(("institutions and bookkeeping in the months", f"{share:.0%}", "target below 50 %"))
        show(f"Whole run, Coburg, {variant}", rows)


if __name__ == "__main__":
    main(sys.argv[1:])
