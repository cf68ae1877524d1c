"""The observation model: the simulated people are asked like the real ones, sampling error included."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents.integration.codes import NO_WORK
from ..agents.jit import rule
from ..model.parameters import Parameters
from ..model.rng import identity_of, uniforms
from .people import Columns, People, Seen, see
from .quantities import ADULT_VALUES, CHILD_VALUES

if TYPE_CHECKING:
    from ..model.integration_model import IntegrationModel
    from .targets import Target, Targets

STREAM = 32  # random numbers of surveys, apart from all streams of the model
_RESPONDENT, _REGISTER = 1, 2  # purposes

REGISTER_VALUES: dict[str, Callable[[People, Any], float]] = {
    "placements_14_months": lambda people, p: p.placements_counted * _jobs_begun(people.adults, 14),
}


def observe(
    seen: Seen, targets: Targets, *, parameters: Parameters | None = None, seed: int = 0, noise: bool = True
) -> np.ndarray:
    """Return what surveys and registers would have found among the simulated people, in the order of `targets`.

    Each row is answered by the simulated people of its wave and cell in the words of its question (`quantities.py`;
    `parameters` of group `observation`). With `noise` the answer has the sampling error of the row: every simulated
    person draws a weight, the same for all rows of one survey and wave (and for all waves of a panel), so that answers
    of the same respondents err together; its size is that of the row's effective number of respondents at the
    simulated share, less what a local survey (`Target.local`) gains by asking many of the few there are. Registers err
    by their own standard error. NaN where nobody of the cell is there, or for a row that is not modelled. Same seed,
    same people: same numbers.

    >>> from ..model.integration_model import IntegrationModel
    >>> from .people import see
    >>> from .targets import Targets
    >>> targets = Targets.of_region("coburg")
    >>> observe(see(IntegrationModel("coburg", months=3, rng=1), [2]), targets).shape == (len(targets),)
    True
    """
    p = parameters if parameters is not None else Parameters.default()
    out = np.full(len(targets), np.nan)
    answers: dict[tuple[int, str], np.ndarray] = {}
    weights: dict[tuple[int, str, str], np.ndarray] = {}
    for i, row in enumerate(targets):
        if row.wave is None or not row.modelled or row.wave not in seen.people:
            continue
        people, who = seen.at(row.wave), row.what.who
        if who == "register":
            value = REGISTER_VALUES.get(row.quantity, lambda people, _, row=row: people.counts[row.quantity])(people, p)
            out[i] = value + (
                row.se * _normal(seed, np.array([identity_of(row.id)]), _REGISTER, row.wave)[0] if noise else 0.0
            )
            continue
        columns = people.adults if who == "adult" else people.children
        key = (row.wave, row.quantity)
        if key not in answers:
            values = ADULT_VALUES if who == "adult" else CHILD_VALUES
            answers[key] = np.asarray(values[row.quantity](columns, p), np.float64)
        inside = row.cell.mask(columns, people.keys, adults=who == "adult") & ~np.isnan(answers[key])
        if not inside.any():
            continue
        y = answers[key][inside]
        out[i] = y.mean()
        if noise:
            group = (row.wave, who, row.survey)
            if group not in weights:
                wave = 0 if row.panel else row.wave
                weights[group] = _normal(seed ^ identity_of(row.survey), columns["person"], _RESPONDENT, wave)
            out[i] += _sampling_error(row, y, weights[group][inside])
    return out


def simulate(model: IntegrationModel, targets: Targets, *, seed: int | None = None, noise: bool = True) -> np.ndarray:
    """Step a model through the waves and return its observed figures; `seed` of the survey is the run's by default.

    Observation parameters are taken from the model's.
    """
    seen = see(model, targets.waves)
    return observe(seen, targets, parameters=model.parameters, seed=model.seed if seed is None else seed, noise=noise)


def _sampling_error(row: Target, y: np.ndarray, z: np.ndarray) -> float:
    """Return the error of one row: a normal number of the row's size, made of the respondents' weights."""
    residual = y - y.mean()
    length = float(np.sqrt((residual**2).sum()))
    n_effective = row.n_effective
    if np.isnan(n_effective):
        size = 0.0 if np.isnan(row.se) else row.se
    else:
        mean = float(y.mean())
        variance = max(mean * (1.0 - mean), 0.0) if row.what.is_share else float(y.var())
        size = float(np.sqrt(variance / n_effective))
    if row.local and row.n > 0:
        size *= float(np.sqrt(max(0.0, 1.0 - row.n / len(y))))
    direction = float(residual @ z) / length if length > 0 else float(z[0])
    return size * direction


def _jobs_begun(adults: Columns, months: int) -> float:
    begun = (adults["work"] != NO_WORK) & (adults["job_months"] < months) & (adults["status"] == "protected")
    return float(begun.sum())


@rule
def _fill(seed: int, persons: Any, purpose: int, wave: int, out: Any) -> None:
    for i in range(len(persons)):
        u0, u1, _, _ = uniforms(seed, 32, int(persons[i]), wave, purpose)
        out[i, 0] = u0
        out[i, 1] = u1


def _normal(seed: int, persons: np.ndarray, purpose: int, wave: int) -> np.ndarray:
    """Return a standard normal number per person, a function of seed, person, wave and purpose (Box and Muller)."""
    u = np.empty((len(persons), 2))
    _fill(seed, persons.astype(np.int64), purpose, wave, u)
    return np.sqrt(-2.0 * np.log(1.0 - u[:, 0])) * np.cos(2.0 * np.pi * u[:, 1])
