"""Calibration: targets in, posterior and diagnostics out. Two rounds of runs, an emulator, a sampler, and checks.

from kreislauf.calibration.calibrate import calibrate
calibrate("coburg", Targets.of_region("coburg"), out="results/calibration").draws

The first round spreads its runs over the priors; the second over the box in which the first posterior lies, where the
emulator has to be good. Nothing but the priors' box is taken from the first round, so no importance weights are needed:
inside the box the prior is the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..experiments.batch import silent
from ..experiments.folder_lock import held
from ..experiments.parameter_draws import ParameterDraws
from ..model.errors import InputError
from ..model.files import TEMPORARY, write_text
from ..model.provenance import code_hash, provenance, without_folders
from ..model.region import Region, load_region
from .coverage import Repetitions, repeat, tempered
from .emulator import Emulator, complete, learn, learnable
from .posterior import Discrepancy, Draws, Problem, sample, together
from .priors import Priors, sobol
from .reference import Reference, simulate_reference

if TYPE_CHECKING:
    from ..experiments.runner import Simulate
    from .targets import Targets

INPUTS = "calibration.json"
ROUNDS = ("round-1", "round-2")
CHECK = "check"
DEFAULT_BUDGET = 1000
FEWEST_RUNS = 100
_FIRST_SHARE = 0.6
_SEEDS_APART = 10_000_000  # runs of the rounds and of the check never share a seed
_CHECK_DRAWS, _CHECK_SEEDS = 32, 16
POPULATIONS = 4
"""Independent populations of draws that make up a posterior; that they agree shows that the sampler has arrived."""

type Progress = Callable[[str, int, int, int], None]


def _silent(words: str, done: int, total: int, failed: int) -> None:
    """Show nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """Runs of the model itself after the fit, as shares of figures found: (runs, targets) each.

    `draws` were run at posterior draws, `mean` at the posterior mean, `hand` at the values of parameters.csv, the last
    two with the same number of seeds.
    """

    draws: np.ndarray
    mean: np.ndarray
    hand: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What a calibration found.

    `targets` are all rows the model can be compared with, in the order of the emulator; `used` says which were fitted.
    `left_out` names rows that could not be compared, with the reason. `z` are the unknowns of `problem`.
    """

    region: Region
    targets: Targets
    used: np.ndarray
    left_out: dict[str, str]
    priors: Priors
    problem: Problem
    posterior: Draws
    box: np.ndarray
    draws: ParameterDraws
    reference: Reference
    second: np.ndarray
    repetitions: Repetitions
    check: Check | None
    seconds: float
    inputs: dict[str, Any] = field(default_factory=dict)

    @property
    def data(self) -> np.ndarray:
        """The figures of the targets, (targets,)."""
        return self.targets.estimates

    @property
    def places(self) -> np.ndarray:
        """The posterior draws as places in the unit cube of the priors, (draws, parameters)."""
        return self.problem.places(self.posterior.z)


def calibrate(
    region: Region | str | Path,
    targets: Targets,
    *,
    out: str | Path,
    budget: int = DEFAULT_BUDGET,
    parameters: Sequence[str] | None = None,
    variant: str = "status_quo",
    scenario: str = "base",
    draws: int = 2000,
    sets: int = 100,
    check: bool = True,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
    tell: Callable[[str], None] | None = None,
    command: Sequence[str] = (),
    simulate: Simulate | None = None,
    months: int | None = None,
) -> Calibration:
    """Fit the calibrated parameters to the targets whose use is `calibrate`; continues what `out` holds.

    `budget` is the number of runs of the two rounds together, `parameters` those that are calibrated (default:
    calibrated.csv), `sets` the number of simulated data sets for tempering and again for coverage, `draws` those of the
    posterior, `months` cuts the period. Raises InputError for wrong input, Interrupted on Ctrl-C (runs are kept).

    >>> from .targets import Targets
    >>> calibrate("coburg", Targets.of_region("coburg"), out="fit", budget=5)
    Traceback (most recent call last):
    kreislauf.model.errors.InputError: 5 runs are too few to learn from; expected at least 100, better 500
    """
    place = region if isinstance(region, Region) else load_region(region)
    show = progress or (_silent)
    if budget < FEWEST_RUNS:
        raise InputError(f"{budget} runs are too few to learn from; expected at least {FEWEST_RUNS}, better 500")
    priors = Priors.of(parameters)
    reachable, left_out = _reachable(place, targets, months)
    if not len(reachable.fitted):
        raise InputError(
            "no target can be fitted: none has use `calibrate`, a standard error and a wave that is simulated"
        )
    folder = Path(out)
    inputs = {
        "region": {"name": place.name, "sha256": place.fingerprint},
        "field": place.field,
        "variant": variant,
        "scenario": scenario,
        "budget": budget,
        "seed": seed,
        "targets": targets.digest,
        "priors": priors.record(),
        "months": months,
    }
    with held(folder, command=command):
        _begin(folder, inputs, command)
        asked: dict[str, Any] = {"variant": variant, "scenario": scenario, "workers": workers, "command": command}
        asked |= {"tell": tell or silent, "simulate": simulate}

        def runs(name: str, places: np.ndarray, number: int) -> Reference:
            def bar(done: int, total: int, failed: int) -> None:
                show(f"{name}: runs of the model", done, total, failed)

            first_seed = number * _SEEDS_APART + 100_000 * seed
            return simulate_reference(
                place, reachable, priors, places, folder / name, first_seed=first_seed, progress=bar, **asked
            )

        number = round(_FIRST_SHARE * budget)
        first = runs(ROUNDS[0], sobol(number, len(priors), seed=seed), 1)
        show("learning", 0, 0, 0)
        left_out |= learnable(first)
        known = reachable.where(lambda row: row.id not in left_out)
        used = np.array([row in known.fitted.rows for row in known])
        early = _problem(complete(first.only(known.ids)), known, priors, seed)
        begun = sample(early.log_likelihood(known.estimates, used), early.dimensions, draws=600, seed=seed)
        box = _box(early.places(begun.z))
        inner = sobol(budget - number, len(priors), seed=seed + 1)
        second = runs(ROUNDS[1], box[0] + inner * (box[1] - box[0]), 2)
        reference = complete((first + second).only(known.ids))
        rows = np.arange(len(first), len(reference))
        show("learning", 0, 0, 0)
        problem = _problem(reference, known, priors, seed)
        # Data sets of the second round only: they are like the real one. Half of them choose the power, half judge it.
        half = len(rows) // 2
        inside = replace(problem, box=box, emulator=problem.emulator)
        inside = tempered(_fitted(inside, used), _fitted_table(reference, used), rows[:half][:sets], seed=seed,
                          tell=lambda done, total: show("tempering", done, total, 0))  # fmt: skip
        repetitions = repeat(inside, _fitted_table(reference, used), rows[half:][:sets], seed=seed + 1,
                             tell=lambda done, total: show("coverage on simulated data", done, total, 0))  # fmt: skip
        problem = replace(problem, power=inside.power)
        show("posterior", 0, 0, 0)
        likelihood = problem.log_likelihood(known.estimates, used)
        populations = [sample(likelihood, problem.dimensions, draws=draws // POPULATIONS, seed=POPULATIONS * seed + i)
                       for i in range(POPULATIONS)]  # fmt: skip
        posterior, draws = together(populations), POPULATIONS * (draws // POPULATIONS)
        values = priors.values(problem.places(posterior.z))
        about = {"region": place.name, "field": place.field, "targets": targets.digest, "code": code_hash(),
                 "power": problem.power, "budget": budget, "seed": seed}  # fmt: skip
        found = ParameterDraws(priors.names, values, np.full(draws, 1.0 / draws), about, "posterior.parquet")
        checked = None
        if check:
            checked = _checked(runs, priors, problem.places(posterior.z), values.mean(axis=0), known.ids)
        seconds = reference.seconds
        return Calibration(place, known, used, left_out, priors, problem, posterior, box, found, reference, rows,
                           repetitions, checked, seconds, inputs)  # fmt: skip


def _reachable(region: Region, targets: Targets, months: int | None) -> tuple[Targets, dict[str, str]]:
    """Return the rows whose wave is simulated, and why the others are left out."""
    last = region.start_month + min(months or region.months, region.months) - 1
    reachable = targets.within(region.start_month, last)
    left_out = {row.id: f"not modelled: {row.note}" for row in targets.not_modelled}
    inside = set(reachable.ids)
    left_out |= {row.id: "its wave is not simulated" for row in targets if row.modelled and row.id not in inside}
    return reachable, left_out


def _begin(folder: Path, inputs: Mapping[str, Any], command: Sequence[str]) -> None:
    """Write down what is asked; raises InputError when the folder holds another calibration."""
    path = folder / INPUTS
    if path.exists():
        try:
            earlier = json.loads(path.read_text(encoding="utf-8"))["inputs"]
        except (OSError, ValueError, KeyError, TypeError):
            raise InputError(f"{path} is damaged; calibrate into another folder with --out") from None
        now = json.loads(json.dumps(inputs))
        differs = [name for name in now if earlier.get(name) != now[name]]
        if differs:
            words = "; choose another folder with --out for the new one"
            raise InputError(
                f"the folder {folder} holds another calibration: it differs in {', '.join(differs)}{words}"
            )
        return
    if foreign := sorted(entry.name for entry in folder.iterdir() if TEMPORARY not in entry.name):
        names = ", ".join(foreign[:3])
        raise InputError(f"the folder {folder} holds other files ({names}); choose an empty folder with --out")
    about = {"inputs": dict(inputs), "command": [without_folders(word) for word in command], **provenance()}
    write_text(path, json.dumps(about, indent=1, ensure_ascii=False) + "\n")


def _problem(reference: Reference, targets: Targets, priors: Priors, seed: int) -> Problem:
    return Problem(learn(reference, seed=seed), Discrepancy.of(targets), len(priors))


def _fitted(problem: Problem, used: np.ndarray) -> Problem:
    """Return the problem of the fitted targets alone."""
    return replace(problem, emulator=problem.emulator.only(used),
                   discrepancy=problem.discrepancy.only(used) if problem.discrepancy else None)  # fmt: skip


def _fitted_table(reference: Reference, used: np.ndarray) -> Reference:
    return reference.only([name for name, fitted in zip(reference.ids, used, strict=True) if fitted])


def _box(places: np.ndarray) -> np.ndarray:
    """Return the part of the unit cube in which the posterior lies, with a margin: (2, parameters)."""
    low, high = np.quantile(places, [0.01, 0.99], axis=0)
    margin = 0.25 * (high - low)
    return np.array([np.clip(low - margin, 0.0, 1.0), np.clip(high + margin, 0.0, 1.0)])


def _checked(
    runs: Callable[[str, np.ndarray, int], Reference], priors: Priors, places: np.ndarray, mean: np.ndarray,
    ids: Sequence[str],
) -> Check:  # fmt: skip
    """Run the model at posterior draws, at their mean, and at the hand-set values."""
    chosen = places[np.linspace(0, len(places) - 1, _CHECK_DRAWS).astype(int)]
    middle = priors.places(np.array([mean]))
    hand = priors.places(np.array([priors.hand_set()]))
    together = np.vstack([chosen, np.repeat(middle, _CHECK_SEEDS, axis=0), np.repeat(hand, _CHECK_SEEDS, axis=0)])
    table = runs(CHECK, together, 3).only(ids)
    if table.failed:
        raise InputError(f"{table.failed} runs of the check failed; see {CHECK}")
    first, second = _CHECK_DRAWS, _CHECK_DRAWS + _CHECK_SEEDS
    return Check(table.found[:first], table.true[first:second], table.true[second:])


__all__ = ["Calibration", "Check", "Emulator", "calibrate"]
