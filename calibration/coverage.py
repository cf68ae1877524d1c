"""Does the inference keep its word? Posteriors of simulated data sets, whose true parameters are known.

Every run of the reference table is a data set with known truth; it is judged by the emulator that never saw its fold.
So one table serves all repetitions. If truth and data come from prior and model, the rank of the truth among the draws
is uniform (simulation-based calibration, Talts et al. 2018), and the nominal 90 % interval holds it in 90 % of cases.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from .posterior import Problem, sample

if TYPE_CHECKING:
    from .reference import Reference

LEVEL = 0.9
POWERS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.3)
"""Tempering powers that are tried."""
_BINS = 10

type Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Repetitions:
    """Posteriors of simulated data sets: truth, rank of the truth among the draws (0 to 1), whether the central 90 %
    interval holds it, its length, and the CRPS; all of shape (sets, parameters), in units of the prior's distribution.
    """

    truth: np.ndarray
    rank: np.ndarray
    inside: np.ndarray
    length: np.ndarray
    crps: np.ndarray

    @property
    def coverage(self) -> float:
        """Share of intervals that hold the truth, over sets and parameters."""
        return float(self.inside.mean())

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return an interval of the coverage; the unit is the data set, whose parameters err together."""
        per_set = self.inside.mean(axis=1)
        half = float(stats.norm.ppf(0.5 + level / 2.0)) * float(per_set.std(ddof=1)) / np.sqrt(len(per_set))
        return max(0.0, self.coverage - half), min(1.0, self.coverage + half)

    def uniformity(self) -> np.ndarray:
        """Return the p-value of every parameter's ranks being uniform: chi-square test with ten equal bins."""
        bins = np.minimum((self.rank * _BINS).astype(int), _BINS - 1)
        counts = np.array([np.bincount(column, minlength=_BINS) for column in bins.T])
        return np.array([float(stats.chisquare(row).pvalue) for row in counts])

    @property
    def p_uniform(self) -> float:
        """Smallest of these p-values, corrected for their number (Bonferroni)."""
        p = self.uniformity()
        return float(min(1.0, p.min() * len(p)))


def repeat(
    problem: Problem,
    reference: Reference,
    rows: Sequence[int] | np.ndarray,
    *,
    draws: int = 400,
    seed: int = 1,
    tell: Tell | None = None,
) -> Repetitions:
    """Return the posteriors of some runs of the table taken as data sets.

    With a discrepancy in the problem, the data get one too, drawn from its prior: then truth and data come from the
    very prior and likelihood that are tested. `problem.box` must be the part of the prior the runs were drawn from.
    """
    found = []
    for number, row in enumerate(rows):
        left_out = replace(problem, emulator=problem.emulator.fold(int(problem.emulator.fold_of[row])))
        data = reference.found[row]
        if problem.discrepancy is not None:
            data = data + drawn_discrepancy(problem, seed=seed * 1_000_003 + int(row))
        posterior = sample(
            left_out.log_likelihood(data),
            problem.dimensions,
            draws=draws,
            moves=6,
            last_moves=24,
            seed=seed * 7919 + int(row),
        )
        found.append(judged(left_out.places(posterior.z), reference.places[row], box=problem.box))
        if tell is not None:
            tell(number + 1, len(rows))
    return Repetitions(*(np.array(column) for column in zip(*found, strict=True)))


def judged(draws: np.ndarray, truth: np.ndarray, *, box: np.ndarray | None = None) -> tuple[np.ndarray, ...]:
    """Return truth, rank, inside, length and CRPS of draws (n, parameters) against the truth (parameters,).

    CRPS of draws is mean |x - truth| - half the mean |x - x'| (Gneiting and Raftery 2007), in units of the prior range.
    """
    if box is not None:
        width = box[1] - box[0]
        draws, truth = (draws - box[0]) / width, (truth - box[0]) / width
    n = len(draws)
    low, high = np.quantile(draws, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0], axis=0)
    ordered = np.sort(draws, axis=0)
    gini = 2.0 * ((2.0 * np.arange(1, n + 1) - n - 1.0)[:, np.newaxis] * ordered).sum(axis=0) / n**2
    crps = np.abs(draws - truth).mean(axis=0) - 0.5 * gini
    return truth, (draws < truth).mean(axis=0), (low <= truth) & (truth <= high), high - low, crps


def drawn_discrepancy(problem: Problem, *, seed: int) -> np.ndarray:
    """Return one data set's discrepancy drawn from its prior, (targets,)."""
    if problem.discrepancy is None:
        return np.zeros(len(problem.emulator.ids))
    random = np.random.default_rng([seed, 20])
    z = random.standard_normal((1, len(problem.discrepancy.groups)))
    correlated = np.linalg.solve(problem.emulator.whiten, random.standard_normal(len(problem.emulator.ids)))
    return problem.discrepancy.sd(z)[0] * correlated


def tempered(
    problem: Problem, reference: Reference, rows: Sequence[int] | np.ndarray, *, seed: int = 1, tell: Tell | None = None
) -> Problem:
    """Return the problem with the power at which the 90 % intervals of a calibration set cover closest to 90 %.

    The likelihood stays as it is when its coverage differs from 90 % by no more than chance (99 % interval over data
    sets). Otherwise the power is found by halving the list of powers: coverage falls as the power rises.
    """
    known: dict[int, Repetitions] = {}

    def tried(place: int) -> Repetitions:
        if place not in known:
            known[place] = repeat(replace(problem, power=POWERS[place]), reference, rows, seed=seed)
            if tell is not None:
                tell(len(known), 5)
        return known[place]

    whole = POWERS.index(1.0)
    least, most = tried(whole).interval(0.99)
    if least <= LEVEL <= most:
        return replace(problem, power=1.0)
    low, high = (0, whole) if tried(whole).coverage < LEVEL else (whole, len(POWERS) - 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if tried(middle).coverage >= LEVEL else (low, middle)
    best = min((low, high), key=lambda place: (abs(tried(place).coverage - LEVEL), place))
    return replace(problem, power=POWERS[best])
