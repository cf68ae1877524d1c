"""The posterior: priors times the synthetic likelihood, with the model's own error as parameters.

The likelihood of a data set is normal around the emulator's mean. Its standard deviation per target is made of the
emulator's out-of-fold error (luck, sampling, emulation) and of the discrepancy: how far the model may be off whatever
its parameters. Discrepancy is one unknown number per group of quantities (`discrepancy.csv`), relative to the size of a
figure, with an exponential prior of mean 10 %: so a group the model cannot reproduce loses its say, and the report
shows it. The log likelihood is multiplied by a power, chosen so that intervals cover on simulated data.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from .emulator import one_thread

if TYPE_CHECKING:
    from .emulator import Emulator
    from .targets import Target, Targets

DISCREPANCY_MEAN = 0.1
"""Prior mean of the relative discrepancy of a group: an assumption, the model is off by about a tenth."""
_FILE = Path(__file__).with_name("discrepancy.csv")


@dataclass(frozen=True, slots=True, eq=False)
class Discrepancy:
    """The model's own error: names of the groups, the group of each target, and the size of each figure."""

    groups: tuple[str, ...]
    group_of: np.ndarray
    size: np.ndarray

    @classmethod
    def of(cls, targets: Targets) -> Discrepancy:
        """Return the groups that the targets belong to."""
        names = [groups_by_quantity()[row.quantity] for row in targets]
        groups = tuple(dict.fromkeys(names))
        return cls(groups, np.array([groups.index(name) for name in names], np.int64), sizes(targets))

    def only(self, used: np.ndarray) -> Discrepancy:
        """Return the discrepancy of some targets, bool (targets,); the groups stay as they are."""
        return Discrepancy(self.groups, self.group_of[used], self.size[used])

    def sd(self, z: np.ndarray) -> np.ndarray:
        """Return the standard deviation of every figure's discrepancy, (n, targets), from normal scores (n, groups)."""
        return self.relative(z)[:, self.group_of] * self.size

    @staticmethod
    def relative(z: np.ndarray) -> np.ndarray:
        """Return the relative discrepancy of every group from normal scores, same shape: exponential."""
        return -DISCREPANCY_MEAN * special.log_ndtr(-z)


def sizes(targets: Targets) -> np.ndarray:
    """Return what discrepancy is relative to, (targets,): of a share p the root of p (1 - p), else the figure."""

    def size(row: Target) -> float:
        if row.what.is_share:
            return float(np.sqrt(max(row.estimate * (1.0 - row.estimate), 0.01)))
        return max(abs(row.estimate), row.se)

    return np.array([size(row) for row in targets])


@cache
def groups_by_quantity() -> dict[str, str]:
    """Return the group of discrepancy of every quantity."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {row["quantity"]: row["group"] for row in csv.DictReader(file)}


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """What is to be inferred: emulator, discrepancy (None: the model is taken to be right), and the tempering power.

    Unknowns are normal scores z: first one per parameter (its place in the unit cube is their distribution function),
    then one per group of discrepancy. Their prior is standard normal. `box` (2, parameters) confines the prior to a
    part of the unit cube.
    """

    emulator: Emulator
    discrepancy: Discrepancy | None
    parameters: int
    power: float = 1.0
    box: np.ndarray | None = None

    @property
    def dimensions(self) -> int:
        """Number of unknowns."""
        return self.parameters + (len(self.discrepancy.groups) if self.discrepancy is not None else 0)

    def places(self, z: np.ndarray) -> np.ndarray:
        """Return the places of the parameters in the unit cube, (n, parameters)."""
        u = special.ndtr(z[:, : self.parameters])
        return u if self.box is None else self.box[0] + u * (self.box[1] - self.box[0])

    def log_likelihood(self, data: np.ndarray, used: np.ndarray | None = None) -> Callable[[np.ndarray], np.ndarray]:
        """Return the log likelihood of a data set (targets,), or of some targets, as a function of z (n, unknowns)."""
        emulator = self.emulator if used is None else self.emulator.only(used)
        discrepancy = self.discrepancy
        if used is not None:
            data = data[used]
            discrepancy = None if discrepancy is None else discrepancy.only(used)

        def evaluate(z: np.ndarray) -> np.ndarray:
            u = self.places(z)
            sd = emulator.sd(u)
            if discrepancy is not None:
                sd = np.hypot(sd, discrepancy.sd(z[:, self.parameters :]))
            standard = ((data - emulator.mean(u)) / sd) @ emulator.whiten.T
            return self.power * (-0.5 * (standard**2).sum(axis=1) - np.log(sd).sum(axis=1) - 0.5 * emulator.log_det)

        return evaluate


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Draws from a posterior: normal scores (n, unknowns), their log likelihood, and how the sampler fared."""

    z: np.ndarray
    log_likelihood: np.ndarray
    log_evidence: float
    steps: int
    acceptance: float
    evaluations: int


def sample(
    log_likelihood: Callable[[np.ndarray], np.ndarray],
    dimensions: int,
    *,
    draws: int = 1000,
    moves: int = 8,
    last_moves: int = 30,
    seed: int = 1,
) -> Draws:
    """Return draws from standard normal prior times likelihood: sequential Monte Carlo.

    From the prior, the likelihood's power rises in steps that keep half of the effective sample size; after each step
    the draws are resampled and moved (Del Moral, Doucet and Jasra 2006). A move keeps a part of where a draw is and
    draws the rest anew from the normal distribution the draws have now (Crank and Nicolson's step around it), which is
    accepted often because posteriors of an emulator are near normal in these scores. There is no starting value and no
    burn-in to choose, and all draws move at once.
    """
    with one_thread():
        return _sample(log_likelihood, dimensions, draws, moves, last_moves, seed)


def _sample(
    log_likelihood: Callable[[np.ndarray], np.ndarray],
    dimensions: int,
    draws: int,
    moves: int,
    last_moves: int,
    seed: int,
) -> Draws:
    random = np.random.default_rng(seed)
    z = random.standard_normal((draws, dimensions))
    values = log_likelihood(z)
    power, evidence, steps, evaluations, kept, rate = 0.0, 0.0, 0, draws, -0.7, 0.0
    halves = np.arange(draws // 2), np.arange(draws // 2, draws)
    while power < 1.0:
        following = _next_power(values, power, draws / 2.0)
        weights = np.exp((following - power) * (values - values.max()))
        evidence += float(np.log(weights.mean()) + (following - power) * values.max())
        weights /= weights.sum()
        chosen = random.permutation(_systematic(weights, random))
        z, values, power, steps = z[chosen], values[chosen], following, steps + 1
        for _ in range(moves if power < 1.0 else last_moves):
            keep = float(np.sqrt(1.0 - np.exp(2.0 * kept)))
            rates = []
            for moving, still in (halves, halves[::-1]):
                # The half that stands still gives the shape: a draw that shapes its own step narrows the spread.
                mean, lower = _shape(z[still])
                standard = np.linalg.solve(lower, (z[moving] - mean).T).T
                moved = keep * standard + np.sqrt(1.0 - keep**2) * random.standard_normal(standard.shape)
                proposed = mean + moved @ lower.T
                there = log_likelihood(proposed)
                gain = power * (there - values[moving])
                gain -= 0.5 * ((proposed**2).sum(axis=1) - (z[moving] ** 2).sum(axis=1))
                gain += 0.5 * ((moved**2).sum(axis=1) - (standard**2).sum(axis=1))
                taken = np.flatnonzero(np.log(random.random(len(gain))) < gain)
                z[moving[taken]], values[moving[taken]] = proposed[taken], there[taken]
                rates.append(len(taken) / len(gain))
            rate, evaluations = float(np.mean(rates)), evaluations + draws
            kept = float(np.clip(kept + 0.5 * (rate - 0.3), -3.0, 0.0))
    return Draws(z, values, evidence, steps, rate, evaluations)


def _shape(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and Cholesky factor of the covariance of draws, shrunk towards independence."""
    n, dimensions = z.shape
    mean = z.mean(axis=0)
    covariance = (z - mean).T @ (z - mean) / n
    shrink = min(0.9, dimensions / (n + dimensions))
    covariance = (1.0 - shrink) * covariance + shrink * np.diag(np.diag(covariance))
    return mean, np.linalg.cholesky(1.1 * covariance + 1e-9 * np.eye(dimensions))


def together(populations: Sequence[Draws]) -> Draws:
    """Return independent populations of draws as one."""
    return Draws(
        np.vstack([one.z for one in populations]),
        np.concatenate([one.log_likelihood for one in populations]),
        float(np.mean([one.log_evidence for one in populations])),
        max(one.steps for one in populations),
        float(np.mean([one.acceptance for one in populations])),
        sum(one.evaluations for one in populations),
    )


def _next_power(values: np.ndarray, power: float, wanted: float) -> float:
    """Return the next power: the largest one at which the effective sample size is still as wanted."""

    def effective(following: float) -> float:
        weights = np.exp((following - power) * (values - values.max()))
        return float(weights.sum() ** 2 / (weights**2).sum())

    if effective(1.0) >= wanted:
        return 1.0
    low, high = power, 1.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if effective(middle) >= wanted else (low, middle)
    return max(low, power + 1e-9)


def _systematic(weights: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return indices drawn with probability proportional to weight, with the least possible luck."""
    n = len(weights)
    return np.minimum(np.searchsorted(np.cumsum(weights), (random.random() + np.arange(n)) / n), n - 1)
