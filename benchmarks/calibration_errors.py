"""Do the standard errors that are assumptions decide what is learned? Halve and double them and compare posteriors.

uv run python benchmarks/calibration_errors.py FOLDER

FOLDER is a finished calibration with published figures (`kreislauf calibrate REGION --out FOLDER`). Its runs are used
again: the sampling error that a simulated survey added to a figure with an assumed error is halved or doubled, then the
same emulator and sampler follow. Nothing is simulated anew.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from kreislauf.calibration.emulator import complete, learn, learnable
from kreislauf.calibration.posterior import Discrepancy, Problem, sample
from kreislauf.calibration.priors import Priors
from kreislauf.calibration.reference import Reference, read_reference
from kreislauf.calibration.targets import Targets

FACTORS = (0.5, 1.0, 2.0)


def scaled(table: Reference, assumed: np.ndarray, factor: float) -> Reference:
    """Return the table with the sampling error of some figures (targets,) multiplied by a factor."""
    factors = np.where(assumed, factor, 1.0)
    return replace(table, found=table.true + factors * (table.found - table.true))


def main(folder: str) -> None:
    """Print how far posterior means and widths move, and which figures change from met to missed."""
    about = json.loads((Path(folder) / "calibration.json").read_text())["inputs"]
    targets = Targets.of_region(about["region"]["name"])
    priors = Priors.of([row["name"] for row in about["priors"]])
    rounds = [read_reference(Path(folder) / name, priors.names) for name in ("round-1", "round-2")]
    table = rounds[0] + rounds[1]
    lost = learnable(rounds[0])
    known = targets.where(lambda row: row.id in table.ids and row.id not in lost)
    table = complete(table.only(known.ids))
    used = np.array([row.use == "calibrate" for row in known])
    assumed = np.array([row.se_basis == "assumption" for row in known])
    print(f"{len(table)} runs; {int((used & assumed).sum())} of {int(used.sum())} fitted figures have an assumed error")
    posterior, figures = {}, {}
    for factor in FACTORS:
        problem = Problem(learn(scaled(table, assumed, factor), seed=1), Discrepancy.of(known), len(priors))
        problem = replace(problem, power=float(about.get("power", 1.0)))
        found = sample(problem.log_likelihood(known.estimates, used), problem.dimensions, draws=2000, seed=1)
        places = problem.places(found.z)
        posterior[factor] = priors.values(places)
        sizes = np.hypot(problem.emulator.sd(places), Discrepancy.of(known).sd(found.z[:, len(priors) :])).mean(axis=0)
        figures[factor] = (problem.emulator.mean(places).mean(axis=0) - known.estimates) / sizes
    middle, width = posterior[1.0].mean(axis=0), posterior[1.0].std(axis=0)
    for factor in FACTORS:
        if factor == 1.0:
            continue
        shift = (posterior[factor].mean(axis=0) - middle) / width
        narrower = posterior[factor].std(axis=0) / width
        order = np.argsort(-np.abs(shift))
        print(f"\nassumed errors x {factor:g}: largest shift of a posterior mean {np.abs(shift).max():.2f} posterior "
              f"standard deviations, median {np.median(np.abs(shift)):.2f}; widths x {narrower.min():.2f} to "
              f"{narrower.max():.2f}")  # fmt: skip
        for k in order[:5]:
            print(f"  {priors.names[k]:26} {middle[k]:.4g} -> {posterior[factor][:, k].mean():.4g} ({shift[k]:+.2f})")
        turned = [
            name
            for name, before, after in zip(known.ids, figures[1.0], figures[factor], strict=True)
            if (abs(before) > 1.645) != (abs(after) > 1.645)
        ]
        print(f"  figures that change between met and missed: {', '.join(turned) or 'none'}")


if __name__ == "__main__":
    main(sys.argv[1])
