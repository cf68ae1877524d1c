"""The emulator: what the model would find at any place of the priors, and how far it may be off, learned from runs.

A ridge regression takes the straight part of every target's response, an ensemble of small networks the rest. Each
network is trained without one fold of the runs, and the fold left out tells its error: so the error stated covers the
luck of a run, the sampling error of the survey, and what the emulator does not know (out-of-fold variance).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..experiments.optional import optional

if TYPE_CHECKING:
    from .reference import Reference

FOLDS = 5
_HIDDEN = 48
_RIDGE, _DECAY, _VARIANCE_RIDGE = 1.0, 1.0, 30.0
_MOST_MISSING = 0.05  # share of runs without a value from which a target cannot be learned
_FEWEST = 40

type Layers = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, slots=True, eq=False)
class Emulator:
    """Mean and error of the figures of some targets as functions of the place in the unit cube of the priors.

    `whiten` turns errors in units of their standard deviation into independent ones. `fold_of` says for each run of the
    table in which fold it was left out, `residuals` (runs, targets) what the survey found minus what the emulator
    without that fold said, `r2` how much of the variance of the true figures it explains there.
    """

    ids: tuple[str, ...]
    centre: np.ndarray
    scale: np.ndarray
    straight: tuple[np.ndarray, ...]
    nets: tuple[Layers, ...]
    spread: np.ndarray
    whiten: np.ndarray
    log_det: float
    fold_of: np.ndarray
    residuals: np.ndarray
    r2: np.ndarray

    def mean(self, places: np.ndarray) -> np.ndarray:
        """Return the expected figures at places of the unit cube (n, parameters), shape (n, targets)."""
        x = _scaled(places)
        total = np.zeros((len(x), len(self.ids)))
        for straight, (w1, b1, w2, b2) in zip(self.straight, self.nets, strict=True):
            total += _with_one(x) @ straight + np.tanh(x @ w1 + b1) @ w2 + b2
        return self.centre + self.scale * total / len(self.nets)

    def sd(self, places: np.ndarray) -> np.ndarray:
        """Return the standard deviation of what a survey finds about that, shape (n, targets)."""
        return self.scale * np.exp(0.5 * np.clip(_with_one(_scaled(places)) @ self.spread, -20.0, 5.0))

    def only(self, used: np.ndarray) -> Emulator:
        """Return the emulator of some targets, bool (targets,)."""
        inverse = np.linalg.inv(self.whiten)
        lower = np.linalg.cholesky((inverse @ inverse.T)[np.ix_(used, used)])
        nets = tuple((w1, b1, w2[:, used], b2[used]) for w1, b1, w2, b2 in self.nets)
        return replace(
            self, ids=tuple(name for name, keep in zip(self.ids, used, strict=True) if keep), centre=self.centre[used],
            scale=self.scale[used], straight=tuple(line[:, used] for line in self.straight), nets=nets,
            spread=self.spread[:, used], whiten=np.linalg.inv(lower),
            log_det=float(2.0 * np.log(np.diag(lower)).sum()), residuals=self.residuals[:, used], r2=self.r2[used],
        )  # fmt: skip

    def fold(self, number: int) -> Emulator:
        """Return the emulator that never saw one fold: for tests with the runs of that fold."""
        return replace(self, straight=(self.straight[number],), nets=(self.nets[number],))


def learn(reference: Reference, *, seed: int = 1) -> Emulator:
    """Return the emulator learned from a reference table without missing values (see `complete`)."""
    with one_thread():
        return _learn(reference, seed)


def learnable(reference: Reference) -> dict[str, str]:
    """Return the targets that cannot be learned from the runs, with the reason."""
    missing = np.isnan(reference.true).mean(axis=0)
    out = {}
    for i, name in enumerate(reference.ids):
        values = reference.true[:, i]
        if missing[i] > _MOST_MISSING:
            out[name] = f"nobody of the cell was there in {100 * missing[i]:.0f} % of the runs"
        elif float(np.nanstd(values)) <= 1e-12 * max(1.0, float(np.nanmean(np.abs(values)))):
            out[name] = "the same in all runs: no calibrated parameter moves it"
    return out


def complete(reference: Reference) -> Reference:
    """Return the table with the few missing values filled by the mean of their column."""
    true, found = reference.true.copy(), reference.found.copy()
    for table in (true, found):
        rows, columns = np.nonzero(np.isnan(table))
        table[rows, columns] = np.nanmean(table, axis=0)[columns]
    return replace(reference, true=true, found=found)


def _learn(reference: Reference, seed: int) -> Emulator:
    n = len(reference)
    if n < _FEWEST:
        from ..model.errors import InputError

        raise InputError(f"{n} runs are too few to learn from; at least {_FEWEST} are needed, better 500")
    x = _scaled(reference.places)
    centre, scale = reference.true.mean(axis=0), reference.true.std(axis=0)
    y = (reference.true - centre) / scale
    fold_of = np.random.default_rng(seed).permutation(np.arange(n) % FOLDS)
    straight, nets, outside = [], [], np.empty_like(y)
    for fold in range(FOLDS):
        inside = fold_of != fold
        line = _ridge(_with_one(x[inside]), y[inside], _RIDGE)
        net = _network(x[inside], y[inside] - _with_one(x[inside]) @ line, seed=seed * FOLDS + fold)
        straight.append(line)
        nets.append(net)
        left_out = x[~inside]
        outside[~inside] = _with_one(left_out) @ line + np.tanh(left_out @ net[0] + net[1]) @ net[2] + net[3]
    residuals = (reference.found - centre) / scale - outside
    spread = _log_variance(x, residuals)
    standard = residuals / np.exp(0.5 * _with_one(x) @ spread)
    whiten, log_det = _whitening(standard)
    r2 = 1.0 - ((y - outside) ** 2).mean(axis=0) / y.var(axis=0)
    return Emulator(
        reference.ids, centre, scale, tuple(straight), tuple(nets), spread, whiten, log_det, fold_of,
        residuals * scale, r2,
    )  # fmt: skip


def _network(x: np.ndarray, y: np.ndarray, *, seed: int) -> Layers:
    """Return the weights of a network with one hidden layer, trained on what the ridge regression left."""
    regressor = optional("sklearn.neural_network").MLPRegressor(
        hidden_layer_sizes=(_HIDDEN,), activation="tanh", solver="lbfgs", alpha=_DECAY, max_iter=150, random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # it may stop before the last digit is settled; the fold left out tells the error
        regressor.fit(x, y if y.shape[1] > 1 else y[:, 0])
    (w1, w2), (b1, b2) = regressor.coefs_, regressor.intercepts_
    return w1, b1, w2.reshape(len(b1), -1), b2


def _log_variance(x: np.ndarray, residuals: np.ndarray) -> np.ndarray:
    """Return coefficients (parameters + 1, targets) of the log variance, scaled so that it fits the mean square."""
    logs = np.log(residuals**2 + 1e-4 * residuals.var(axis=0))
    features = _with_one(x)
    coefficients = _ridge(features, logs, _VARIANCE_RIDGE)
    variance = np.exp(features @ coefficients)
    coefficients[0] += np.log((residuals**2 / variance).mean(axis=0))
    return coefficients


def _whitening(standard: np.ndarray) -> tuple[np.ndarray, float]:
    """Return W with W R W' = 1 for the (shrunk) correlation R of standardised errors, and log |R|."""
    covariance, _ = optional("sklearn.covariance").ledoit_wolf(standard, assume_centered=True)
    sd = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(sd, sd)
    lower = np.linalg.cholesky(correlation)
    return np.linalg.inv(lower), float(2.0 * np.log(np.diag(lower)).sum())


def _ridge(features: np.ndarray, y: np.ndarray, penalty: float) -> np.ndarray:
    """Return ridge coefficients; the first feature is the constant and is not shrunk."""
    shrink = np.eye(features.shape[1]) * penalty
    shrink[0, 0] = 0.0
    return np.linalg.solve(features.T @ features + shrink, features.T @ y)


def _scaled(places: np.ndarray) -> np.ndarray:
    """Return places with mean 0 and standard deviation 1 under the prior."""
    return (np.asarray(places, np.float64) - 0.5) * np.sqrt(12.0)


def _with_one(x: np.ndarray) -> np.ndarray:
    return np.hstack([np.ones((len(x), 1)), x])


def one_thread() -> Any:
    """Return a context in which linear algebra runs in one thread: the same bits on the same machine, less overhead."""
    return optional("threadpoolctl").threadpool_limits(1)
