"""A toy in the place of the model: figures are smooth functions of four parameters, with the luck of a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from kreislauf.calibration.cell import Cell
from kreislauf.calibration.priors import Priors
from kreislauf.calibration.reference import FOUND, TRUE, Reference
from kreislauf.calibration.targets import Target, Targets
from kreislauf.model.calendar import month_index
from kreislauf.model.results import RunTables

NAMES = ("job_base", "loss_regular", "contact_base", "flat_help")  # nothing depends on the last one
ROWS = (
    ("early", "employed", "2016-10", "", 0.02), ("men", "employed", "2017-10", "sex=men", 0.03),
    ("women", "employed", "2017-10", "sex=women", 0.03), ("late", "employed", "2018-10", "", 0.02),
    ("german", "german_good", "2017-10", "", 0.02), ("german2", "german_good", "2018-10", "", 0.02),
    ("friends", "weekly_contact", "2017-10", "", 0.03), ("stock", "asylum_persons", "2018-10", "", 20.0),
    ("kept", "employed", "2019-10", "", 0.02),
)  # fmt: skip
EFFECTS = np.array(
    [[0.3, -0.05, 0, 0], [0.35, -0.2, 0, 0], [0.15, -0.2, 0, 0], [0.3, -0.3, 0, 0], [0.1, 0.05, 0.25, 0],
     [0.15, 0.02, 0.3, 0], [0.02, 0, 0.4, 0], [-100, 30, 0, 0], [0.3, -0.35, 0.05, 0]]
)  # fmt: skip
LEVEL = np.array([0.15, 0.3, 0.2, 0.4, 0.2, 0.3, 0.35, 400.0, 0.45])
LUCK = 0.3  # of the standard error of a figure


def targets(estimates=None) -> Targets:
    """Return the toy's figures; without estimates, those of the middle of the priors."""
    values = expected(np.full((1, 4), 0.5))[0] if estimates is None else estimates
    return Targets(
        tuple(
            Target(name, quantity, month_index(wave), Cell.parse(cell), float(value), se,
                   use="validate" if name == "kept" else "calibrate", survey="toy")
            for (name, quantity, wave, cell, se), value in zip(ROWS, values, strict=True)
        )
    )  # fmt: skip


def expected(places: np.ndarray) -> np.ndarray:
    """Return the toy's expected figures: nearly straight lines, a bend, and a product."""
    bend = places + 0.3 * places * (1.0 - places) * np.array([1.0, -1.0, 0.5, 0.0])
    return LEVEL + bend @ EFFECTS.T + 0.1 * EFFECTS[:, 0] * (places[:, [0]] * places[:, [1]])


def figures(places: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return figures without and with sampling error, (n, targets) each."""
    random = np.random.default_rng(seed)
    se = np.array([row[4] for row in ROWS])
    true = expected(places) + LUCK * se * random.standard_normal((len(places), len(ROWS)))
    together = np.sqrt(0.5) * random.standard_normal((len(places), 1))  # respondents answer several questions
    return true, true + se * (together + np.sqrt(0.5) * random.standard_normal((len(places), len(ROWS))))


def table(n: int, seed: int = 1) -> Reference:
    """Return a reference table of the toy, drawn from the priors."""
    places = np.random.default_rng([seed, 5]).random((n, 4))
    return Reference(places, *figures(places, seed), tuple(row[0] for row in ROWS))


@dataclass(frozen=True)
class ToySurvey:
    """The toy as a batch runs it; the first run with seed `at` leaves a mark in the folder `stop` and stops."""

    stop: Path | None = None
    at: int = 0

    def __call__(self, region, spec):
        del region
        if self.stop is not None and spec.key.seed == self.at and not (self.stop / "again").exists():
            (self.stop / "again").touch()
            raise KeyboardInterrupt
        values = np.array([[spec.parameters[name] for name in NAMES]])
        true, found = figures(Priors.of(NAMES).places(values), spec.key.seed)
        names = [row[0] for row in ROWS]
        summary = {f"{TRUE}{name}": float(value) for name, value in zip(names, true[0], strict=True)}
        summary |= {f"{FOUND}{name}": float(value) for name, value in zip(names, found[0], strict=True)}
        nothing = pd.DataFrame()
        return RunTables(summary, nothing, nothing, nothing, nothing)
