"""Does the model say what was observed? Patterns against published figures, and against three simple rivals.

Rows of the targets marked `validate` were never fitted; the others are shown too, as a fit. Every row is compared with
the runs of several seeds, asked as the survey asked. Misses are named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..experiments.runner import run_all, specs_for
from ..model.errors import KreislaufError
from ..model.integration_model import IntegrationModel
from ..model.parameters import Parameters
from ..model.variant import load_scenario, load_variant, variant_names
from .comparison import joint_error
from .observe import observe
from .people import see
from .rivals import active_hours, hazard_table, queue, spreadsheet
from .targets import Targets

if TYPE_CHECKING:
    from ..experiments.parameter_draws import ParameterDraws
    from ..model.region import Region
    from ..model.results import RunResult

REFERENCE = "status_quo"
PATTERN_COLUMNS = (
    "id", "quantity", "wave", "use", "observed", "se", "model", "low", "high", "z", "verdict", "hazard_table",
    "z_table",
)  # fmt: skip
RIVAL_COLUMNS = ("variant", "quantity", "model", "low", "high", "rival", "predicted", "agents_add")
_LEVEL = 1.645  # standard errors that hold 90 % of a normal number


@dataclass(frozen=True, slots=True, eq=False)
class Validation:
    """What was found.

    `patterns`: one row per modelled target: the observed figure and its error, the model's mean without sampling error,
    the range that holds 90 % of the seeds with it, `z` = (model - observed) / joint error (`joint_error`), `verdict`
    (`met`, `too high`, `too low`, `not known` with fewer than three seeds), and what the hazard table says. `rivals`:
    one row per variant and quantity: the model's mean difference to the status quo with its 90 % range over seeds, what
    the rival predicts, and whether agents add something. `listed`: targets the model has no counterpart for, with the
    reason. All are data frames.
    """

    patterns: Any
    rivals: Any
    listed: Any
    seeds: int
    region: str

    @property
    def held_back(self) -> Any:
        """The patterns that were never fitted."""
        return self.patterns[self.patterns["use"] == "validate"]

    @property
    def misses(self) -> Any:
        """The patterns the model misses."""
        return self.patterns[self.patterns["verdict"].isin(["too high", "too low"])]


def validate(
    region: Region,
    *,
    seeds: int = 10,
    months: int | None = None,
    parameters: Mapping[str, float] | None = None,
    draws: ParameterDraws | None = None,
    variants: Sequence[str] = (),
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Validation:
    """Validate the model of a region against its published targets; raises InputError when it has none.

    `draws` gives every seed parameters of its own (a posterior). `variants` are those the queue and the spreadsheet are
    compared on (default: all shipped). `progress` is called with the numbers of finished and of all runs.

    >>> from ..model.region import load_region
    >>> found = validate(load_region("coburg"), seeds=2, months=24, variants=["community"], workers=1)
    >>> set(found.patterns["verdict"])  # three seeds and more tell
    {'not known'}
    """
    targets = Targets.of_region(region)
    names = [name for name in (variants or variant_names()) if name != REFERENCE]
    total = seeds * (2 + len(names))
    done = 0

    def tick(_: object = None) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    variant, scenario = load_variant(REFERENCE), load_scenario("base")
    drawn = [
        {**(draws.for_run(seed, variant, scenario) if draws is not None else {}), **(parameters or {})}
        for seed in range(1, seeds + 1)
    ]
    asked = targets.where(lambda row: row.modelled)
    answers, true = np.full((2, seeds, len(asked)), np.nan)
    for s, values in enumerate(drawn):
        model = IntegrationModel(region, variant, scenario, months=months, parameters=values, rng=s + 1)
        seen = see(model, [wave for wave in asked.waves if wave < model.region.start_month + model.months])
        answers[s] = observe(seen, asked, parameters=model.parameters, seed=s + 1)
        true[s] = observe(seen, asked, parameters=model.parameters, noise=False)
        tick()
    specs = specs_for(
        region.name, [load_variant(name) for name in (REFERENCE, *names)], scenario, range(1, seeds + 1),
        months=months, parameters=parameters or {}, draws=draws, tables=("monthly", "structures", "cells"),
    )  # fmt: skip
    runs = list(run_all(region, specs, workers=workers, progress=tick))
    if failed := [run for run in runs if not run.done]:
        raise KreislaufError(f"{len(failed)} of {len(runs)} runs failed, the first with: {failed[0].error}")
    cost = Parameters(parameters or {}).post_cost_eur
    listed = targets.not_modelled.frame()[["id", "estimate", "source", "note"]]
    return Validation(_patterns(asked, answers, true), _rivals(runs, cost), listed, seeds, region.title_en)


def _patterns(targets: Targets, answers: np.ndarray, true: np.ndarray) -> pd.DataFrame:
    """Return the patterns from what the runs say with sampling error and without it, both (runs, targets)."""
    table, errors = hazard_table(targets.rows, targets.rows), joint_error(targets.errors, true)
    rows = []
    for i, target in enumerate(targets):
        values, seen = answers[:, i][~np.isnan(answers[:, i])], true[:, i][~np.isnan(true[:, i])]
        if not len(values) or target.use == "initialise":
            continue
        (low, high), middle = np.quantile(values, (0.05, 0.95)), float(seen.mean())
        z = (middle - target.estimate) / errors[i] if errors[i] > 0 else np.nan
        verdict = "not known" if np.isnan(z) else "met" if abs(z) <= _LEVEL else "too high" if z > 0 else "too low"
        rival = (table[i] - target.estimate) / target.se if target.se > 0 else np.nan
        rows.append([target.id, target.quantity, target.wave, target.use, target.estimate, target.se, middle, low, high,
                     z, verdict, table[i], rival])  # fmt: skip
    return pd.DataFrame(rows, columns=list(PATTERN_COLUMNS))


def _rivals(runs: Sequence[RunResult], post_cost_eur: float) -> pd.DataFrame:
    """Compare differences to the status quo with those of a queue (unmet hours, wait) and a spreadsheet (cost)."""
    said: dict[tuple[str, int], dict[str, tuple[float, float]]] = {}
    base: dict[int, dict[str, Any]] = {}
    for run in sorted(runs, key=lambda run: (run.key.seed, run.key.variant != REFERENCE)):
        assert run.tables is not None
        monthly: Any = run.tables.monthly
        region: Any = monthly[monthly["scope"] == "region"].pivot_table(
            index="month", columns="indicator", values="value", observed=True
        )
        months, summary = len(region), run.tables.summary
        structures = _with_posts_paid(run.tables.structures, post_cost_eur)
        hours = active_hours(structures, "hours_per_month", months)
        post_cents = active_hours(structures, "cost_cents_per_month", months)
        if run.key.variant == REFERENCE:
            cells: Any = run.tables.cells
            people = float(region["persons"].sum())
            opened = region["cases_opened"].to_numpy(np.float64)
            effort = float(cells["hours"].sum()) / max(float(cells["served"].sum()), 1.0)
            share = _share_at_work(opened, effort, hours, float(region["unmet_hours"].mean()))
            rate = (summary["total_cost"] - float(post_cents.sum()) / 100.0) / max(people, 1.0)
            base[run.key.seed] = {
                "opened": opened, "effort": effort, "share": share, "people": people, "rate": rate,
            }  # fmt: skip
        known = base[run.key.seed]
        unmet, wait = queue(known["opened"], known["effort"], hours, share=known["share"])
        cost = spreadsheet(post_cents, known["people"], known["rate"])
        said[run.key.variant, run.key.seed] = {
            "unmet_hours": (summary["unmet_hours"], unmet),
            "waiting_months": (summary["waiting_months"], wait),
            "total_cost": (summary["total_cost"], cost),
        }
    rows = []
    seeds = sorted(base)
    for name in dict.fromkeys(variant for variant, _ in said if variant != REFERENCE):
        for quantity, rival in (("unmet_hours", "queue"), ("waiting_months", "queue"), ("total_cost", "spreadsheet")):
            pairs = [(said[name, s][quantity], said[REFERENCE, s][quantity]) for s in seeds]
            own = np.array([mine[0] - theirs[0] for mine, theirs in pairs])
            predicted = float(np.mean([mine[1] - theirs[1] for mine, theirs in pairs]))
            low, high = np.quantile(own, (0.05, 0.95))
            rows.append([name, quantity, own.mean(), low, high, rival, predicted, not low <= predicted <= high])
    return pd.DataFrame(rows, columns=list(RIVAL_COLUMNS))


def _share_at_work(opened: np.ndarray, effort: float, hours: np.ndarray, unmet: float) -> float:
    """Return the share of hours that goes into cases with which the queue meets the status quo's mean unmet hours."""
    low, high = 0.0, 4.0
    for _ in range(50):
        middle = (low + high) / 2.0
        low, high = (middle, high) if queue(opened, effort, hours, share=middle)[0] > unmet else (low, middle)
    return (low + high) / 2.0


def _with_posts_paid(structures: Any, post_cost_eur: float) -> pd.DataFrame:
    """Return the table with the cost of founded posts, which are paid by award and have none of their own there."""
    founded = structures["structure"].str.contains("/") & (structures["cost_cents_per_month"] == 0)
    cost = structures["cost_cents_per_month"].where(~founded, structures["fte"] * post_cost_eur * 100.0 / 12.0)
    return structures.assign(cost_cents_per_month=cost)
