"""Other ways to the posterior, from the same reference table: to choose by measurement, and as a second opinion.

Each takes runs to learn from and a data set, and returns draws as places in the unit cube of the priors.
`benchmarks/calibration_methods.py` compares them on simulated data sets with known truth; docs/calibration.md has the
table.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from ..experiments.optional import optional
from .emulator import one_thread
from .posterior import Problem, sample

if TYPE_CHECKING:
    from .reference import Reference

type Method = Callable[[np.ndarray], np.ndarray]


def rejection(reference: Reference, *, keep: int = 40) -> Method:
    """Return rejection on raw summaries: the places of the `keep` runs whose figures lie nearest to the data."""
    scale = reference.found.std(axis=0)

    def draws(data: np.ndarray) -> np.ndarray:
        distance = (((reference.found - data) / scale) ** 2).sum(axis=1)
        return reference.places[np.argsort(distance, kind="stable")[:keep]]

    return draws


def learned_rejection(reference: Reference, *, keep: float = 0.4, seed: int = 1) -> Method:
    """Return rejection on learned summaries with regression adjustment.

    A network learns the expected parameters from the figures (Fearnhead and Prangle 2012); runs with nearest
    expectations are kept and moved along a local linear regression of parameters on expectations (Beaumont, Zhang and
    Balding 2002), in normal scores.
    """
    centre, scale = reference.found.mean(axis=0), reference.found.std(axis=0)
    scores = special.ndtri(reference.places)
    network = optional("sklearn.neural_network").MLPRegressor(
        hidden_layer_sizes=(48,), activation="tanh", alpha=10.0, solver="lbfgs", max_iter=200, random_state=seed
    )
    with warnings.catch_warnings(), one_thread():
        warnings.simplefilter("ignore")
        network.fit((reference.found - centre) / scale, scores)
    summaries = network.predict((reference.found - centre) / scale)
    spread = summaries.std(axis=0)
    number = max(20, round(keep * len(reference)))

    def draws(data: np.ndarray) -> np.ndarray:
        own = network.predict(((data - centre) / scale)[np.newaxis])[0]
        distance = np.sqrt((((summaries - own) / spread) ** 2).sum(axis=1))
        near = np.argsort(distance, kind="stable")[:number]
        weight = 1.0 - (distance[near] / distance[near].max()) ** 2
        away = summaries[near] - own
        adjusted = np.empty((number, scores.shape[1]))
        for i in range(scores.shape[1]):  # each parameter on its own learned summary
            x = away[:, i]
            mean_x, mean_y = np.average(x, weights=weight), np.average(scores[near, i], weights=weight)
            slope = np.average((x - mean_x) * (scores[near, i] - mean_y), weights=weight)
            slope /= max(float(np.average((x - mean_x) ** 2, weights=weight)), 1e-12)
            adjusted[:, i] = scores[near, i] - slope * x
        random = np.random.default_rng(0)
        return special.ndtr(adjusted[random.choice(number, 400, p=weight / weight.sum())])

    return draws


@dataclass(frozen=True, slots=True, eq=False)
class GaussianProcess:
    """A Gaussian process in the place of the network emulator: one kernel for all targets, its own predictive error."""

    model: Any
    centre: np.ndarray
    scale: np.ndarray
    noise: np.ndarray
    whiten: np.ndarray
    log_det: float
    ids: tuple[str, ...] = ()
    fold_of: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def mean(self, places: np.ndarray) -> np.ndarray:
        """Return the expected figures, (n, targets)."""
        return self.centre + self.scale * self.model.predict(places)

    def sd(self, places: np.ndarray) -> np.ndarray:
        """Return the predictive standard deviation, sampling error included, (n, targets)."""
        _, sd = self.model.predict(places, return_std=True)
        return self.scale * np.hypot(sd.reshape(len(places), -1), self.noise)


def gaussian_process(reference: Reference, *, draws: int = 300, most: int = 400) -> Method:
    """Return the synthetic likelihood over a Gaussian process, learned from at most `most` runs."""
    table = reference.take(np.arange(min(most, len(reference))))
    kernels = optional("sklearn.gaussian_process.kernels")
    kernel = kernels.ConstantKernel(5.0) * kernels.RBF(4.0) + kernels.WhiteKernel(0.2)
    model = optional("sklearn.gaussian_process").GaussianProcessRegressor(kernel, random_state=1)
    centre, scale = table.true.mean(axis=0), table.true.std(axis=0)
    with warnings.catch_warnings(), one_thread():
        warnings.simplefilter("ignore")
        model.fit(table.places, (table.true - centre) / scale)
    sampling = (table.found - table.true) / scale
    targets = len(table.ids)
    process = GaussianProcess(model, centre, scale, sampling.std(axis=0), np.eye(targets), 0.0, table.ids)
    problem = Problem(process, None, table.places.shape[1])  # pyright: ignore[reportArgumentType]

    def posterior(data: np.ndarray) -> np.ndarray:
        found = sample(problem.log_likelihood(data), problem.dimensions, draws=draws, moves=3, last_moves=8)
        return problem.places(found.z)

    return posterior


def synthetic_likelihood(problem: Problem, *, draws: int = 300) -> Method:
    """Return the synthetic likelihood over the network emulator, as `calibrate` uses it."""

    def posterior(data: np.ndarray) -> np.ndarray:
        found = sample(problem.log_likelihood(data), problem.dimensions, draws=draws, moves=4, last_moves=12)
        return problem.places(found.z)

    return posterior


def second_opinion(
    problem: Problem,
    data: np.ndarray,
    *,
    survey: Callable[[np.ndarray], np.ndarray] | None = None,
    population: int = 200,
    rounds: int = 6,
    seed: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """Return places (n, parameters) and weights of an ABC-SMC posterior by pyABC, a program of others.

    It draws data sets from the emulator (mean, error, discrepancy) and never sees the likelihood, so it checks sampler
    and likelihood, not the emulator. With `survey`, the figures (targets,) that a run at a place (parameters,) gives,
    it asks the model itself and checks the emulator too, at one run per draw that is tried. Needs pyABC (no part of any
    extra; `uv sync` has it).
    """
    pyabc = optional("pyabc")
    names = [f"u{i}" for i in range(problem.parameters)]
    random = np.random.default_rng(seed)
    groups = 0 if problem.discrepancy is None else len(problem.discrepancy.groups)
    lower = np.linalg.inv(problem.emulator.whiten)

    def simulate(values: Any) -> dict[str, np.ndarray]:
        u = np.clip([[values[name] for name in names]], 1e-9, 1.0 - 1e-9)
        if survey is not None:
            return {"x": survey(u[0])}
        sd = problem.emulator.sd(u)
        if problem.discrepancy is not None:
            sd = np.hypot(sd, problem.discrepancy.sd(random.standard_normal((1, groups))))
        found = problem.emulator.mean(u) + sd * (lower @ random.standard_normal(len(data)))
        return {"x": found[0]}

    scale = problem.emulator.sd(np.full((1, problem.parameters), 0.5))[0]

    def distance(one: Any, other: Any) -> float:
        return float(np.sqrt((((one["x"] - other["x"]) / scale) ** 2).mean()))

    prior = pyabc.Distribution(**{name: pyabc.RV("uniform", 0.0, 1.0) for name in names})
    state = np.random.get_state()  # noqa: NPY002 - pyABC draws from the global stream
    np.random.seed(seed)  # noqa: NPY002
    try:
        abc = pyabc.ABCSMC(
            simulate, prior, distance, population_size=population, sampler=pyabc.sampler.SingleCoreSampler()
        )
        abc.new("sqlite://", {"x": data})
        history = abc.run(max_nr_populations=rounds, min_acceptance_rate=0.02)
    finally:
        np.random.set_state(state)  # noqa: NPY002
    frame, weights = history.get_distribution()
    return frame[names].to_numpy(float), np.asarray(weights, np.float64)
