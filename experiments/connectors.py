"""For users of Mesa's `batch_run` and of the EMA Workbench: the model and an experiment in their words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .experiment import WORLD, Experiment, with_world
from .optional import optional
from .plan import Plan
from .runner import RunSpec, run_model


def mesa_parameters(experiment: str | Path | Experiment) -> dict[str, Any]:
    """Return the `parameters` for `mesa.batch_run(IntegrationModel, parameters, rng=seeds)`, one combination per run.

    `mesa.batch_run` multiplies lists out, so uncertain values are given whole, as one dictionary per point. Use
    `kreislauf batch` for anything large: it resumes, stores tables and is measured to be faster.

    >>> sorted(mesa_parameters(Experiment(name="x", seeds=2)))
    ['months', 'parameters', 'region', 'scenario', 'variant']
    """
    plan = Plan.of(experiment)
    points = [{**plan.experiment.parameters, **plan.points.at(point)} for point in range(len(plan.points))]
    return {
        "region": plan.experiment.region,
        "variant": list(plan.variants),
        "scenario": list(plan.scenarios),
        "months": plan.experiment.months,
        "parameters": [{name: value for name, value in point.items() if name not in WORLD} for point in points],
    }


def ema_function(experiment: str | Path | Experiment, *, seed: int = 1) -> Callable[..., dict[str, float]]:
    """Return a function of variant, scenario and uncertain values that gives all measures of one run."""
    plan = Plan.of(experiment)
    variants = {variant.name: variant for variant in plan.variants}
    worlds = {scenario.name: scenario for scenario in plan.scenarios}

    def simulate(*, variant: str = plan.reference, world: str = plan.scenarios[0].name, **values: float) -> Any:
        factors: Mapping[str, float] = {name: float(v) for name, v in values.items() if name in WORLD}
        parameters = {name: float(v) for name, v in values.items() if name not in WORLD}
        key = plan.key(0)
        spec = RunSpec(
            type(key)(0, key.region, variant, world, seed, key.months),
            variants[variant],
            with_world(worlds[world], dict(factors)),
            {**plan.experiment.parameters, **parameters},
            (),
        )
        return run_model(plan.region, spec).summary

    return simulate


def ema_model(experiment: str | Path | Experiment, *, outcomes: tuple[str, ...], seed: int = 1) -> Any:
    """Return an EMA Workbench `Model`: uncertain values as uncertainties, variant and scenario as levers.

    Needs `kreislauf[analysis]`.
    """
    ema = optional("ema_workbench")
    plan = Plan.of(experiment)
    model = ema.Model("kreislauf", function=ema_function(experiment, seed=seed))
    model.uncertainties = [
        ema.CategoricalParameter(name, list(span.options)) if span.options
        else ema.RealParameter(name, span.low, span.high)
        for name, span in plan.experiment.spans().items()
    ]  # fmt: skip
    model.levers = [
        ema.CategoricalParameter(name, [entry.name for entry in named])
        for name, named in (("variant", plan.variants), ("world", plan.scenarios))
        if len(named) > 1
    ]
    model.outcomes = [ema.ScalarOutcome(name) for name in outcomes]
    return model
