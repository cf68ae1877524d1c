"""Compare ways of inference on simulated surveys with known truth: CRPS, coverage of the nominal 90 % interval, cost.

uv run python benchmarks/calibration_methods.py FOLDER [SETS]

FOLDER is a calibration (`kreislauf calibrate REGION --out FOLDER`); its first round is the table all methods learn
from, less a fifth that is kept as data sets. Nothing is simulated anew. The discrepancy is left out: data and truth
come from the model itself.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from kreislauf.calibration.alternatives import (
    gaussian_process,
    learned_rejection,
    rejection,
    synthetic_likelihood,
)
from kreislauf.calibration.coverage import judged, repeat, tempered
from kreislauf.calibration.emulator import complete, learn, learnable, one_thread
from kreislauf.calibration.posterior import Problem
from kreislauf.calibration.reference import read_reference
from kreislauf.calibration.targets import Targets


def main(folder: str, sets: int = 60) -> None:
    """Print one row per method."""
    about = json.loads((Path(folder) / "calibration.json").read_text())
    targets = Targets.of_region(about["inputs"]["region"]["name"])
    table = read_reference(Path(folder) / "round-1", [row["name"] for row in about["inputs"]["priors"]])
    lost = learnable(table)
    fitted = [name for name in table.ids if targets[name].use == "calibrate" and name not in lost]
    table = complete(table.only(fitted))
    n = len(table)
    train, test = table.take(np.arange(n * 4 // 5)), table.take(np.arange(n * 4 // 5, n))
    rows = np.linspace(0, len(test) - 1, min(sets, len(test))).astype(int)
    start = time.process_time()
    problem = Problem(learn(train), None, table.places.shape[1])
    learning = time.process_time() - start
    power = tempered(problem, train, np.arange(0, len(train), max(1, len(train) // 60))).power
    informed = np.argsort(repeat(problem, train, range(30)).length.mean(axis=0))[:10]
    print(f"{len(train)} runs to learn from, {len(rows)} data sets, {len(fitted)} figures, {problem.parameters} "
          f"parameters; learning {learning:.1f} s, power {power:g}")  # fmt: skip
    methods = {
        "rejection on raw summaries": lambda: rejection(train),
        "rejection on learned summaries, regression adjustment": lambda: learned_rejection(train),
        "Gaussian-process synthetic likelihood": lambda: gaussian_process(train),
        "network-emulated synthetic likelihood": lambda: synthetic_likelihood(problem),
        "the same, tempered": lambda: synthetic_likelihood(replace(problem, power=power)),
    }
    print("| method | CRPS, all | CRPS, ten most informed | coverage, all | coverage, ten | CPU seconds per data set |")
    print("|---|---|---|---|---|---|")
    for name, make in methods.items():
        few = rows[:: max(1, len(rows) // 20)] if "Gaussian" in name else rows
        with one_thread():
            method = make()
            start = time.process_time()
            found = [judged(method(test.found[row]), test.places[row]) for row in few]
            cost = (time.process_time() - start) / len(few)
        inside, crps = np.array([one[2] for one in found]), np.array([one[4] for one in found])
        print(f"| {name} | {crps.mean():.4f} | {crps[:, informed].mean():.4f} | {inside.mean():.3f} | "
              f"{inside[:, informed].mean():.3f} | {cost:.2f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], *(int(word) for word in sys.argv[2:]))
