"""What a batch costs beside its runs: overhead per run, parallel efficiency, memory of the parent.

python benchmarks/batch_overhead.py [SECONDS_PER_RUN] [RUNS] [WORKERS]; without arguments 50 ms, 400 runs, two workers.
"""

import resource
import sys
import tempfile
import time

import pandas as pd
from kreislauf.experiments.batch import run
from kreislauf.experiments.experiment import Experiment
from kreislauf.experiments.plan import Plan
from kreislauf.model.results import RunTables


def busy(_region, spec):
    """Keep one core busy for the time the command line asks for; the tables are as small as can be."""
    end = time.process_time() + SECONDS
    while time.process_time() < end:
        pass
    frame = pd.DataFrame({"month": [0], "scope": "region", "indicator": "x", "value": [float(spec.key.seed)]})
    return RunTables({"waiting_months": float(spec.key.seed)}, frame, frame, frame, frame)


SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 0.05
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 400
WORKERS = int(sys.argv[3]) if len(sys.argv) > 3 else 2

if __name__ == "__main__":
    plan = Plan.of(Experiment(name="overhead", seeds=RUNS))
    marks = []

    def mark(*_counts):
        """Note when a run came back."""
        marks.append(time.perf_counter())

    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        batch = run(plan, folder + "/out", workers=WORKERS, simulate=busy, progress=mark)
        whole = time.perf_counter() - start
        work = sum(part.seconds for part in batch.parts.values())
    first = marks[1] - start
    paid = (marks[-1] - marks[1]) * WORKERS  # from the first run that came back: without the start of the processes
    print(f"{RUNS} runs of {1000 * SECONDS:g} ms on {WORKERS} workers: {whole:.2f} s, of which start {first:.2f} s")
    print(f"overhead a run {1000 * (paid - work) / RUNS:.2f} ms of worker time, efficiency {work / paid:.3f}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(batch.parts)} parts, memory of the parent {memory:.0f} MB")
