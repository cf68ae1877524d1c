"""Pilot and evaluate: a decided plan is run to a date, compared with what was observed, and the rest planned anew.

An observation is one figure of one month. The model's answer is the spread of its runs; what is observed deviates from
it beyond chance when it lies outside the interval in which one more run, and the error of the figure, would fall.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ...model.calendar import month_index, month_label
from ...model.errors import InputError, Problem, closest
from ...model.measures import MEASURES
from ...model.plan import Plan, truncated
from ..csv_file import as_number, decimal_point, read_csv_file
from ..runner import RunSpec, run_all, specs_for
from .levers import Lever, Option

if TYPE_CHECKING:
    from ...model.region import Region
    from ...model.results import RunTables
    from ...model.variant import Scenario, Variant

REGION = "region"
COLUMNS = ("month", "measure", "place", "value")
_ERROR = "standard_error"
DEVIATIONS = (
    "month", "measure", "place", "observed", "standard_error", "simulated", "spread", "deviation", "low", "high",
    "outside", "seeds",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Observation:
    """One figure observed: month number, measure, place (a municipality key or `region`), value, standard error."""

    month: int
    measure: str
    place: str
    value: float
    error: float = 0.0


def read_observations(path: str | Path, region: Region, *, until: int) -> tuple[Observation, ...]:
    """Return the observations of a CSV file before month `until`; raises InputError naming every wrong line.

    Columns: month (YYYY-MM), measure, place (a key or name of a municipality, or `region`), value and, optionally,
    standard_error.
    """
    name = str(path)
    file = read_csv_file(path)
    known = (*COLUMNS, _ERROR)
    problems = [Problem("this column is missing", name, 1, column) for column in COLUMNS if column not in file.names]
    problems += [
        Problem("unknown column", name, 1, column, expected=closest(column, known))
        for column in file.names
        if column not in known
    ]
    if problems:
        raise InputError(problems)
    if not file.rows:
        raise InputError(Problem("the file has no observations", name))
    places = {REGION: REGION, **{key: key for key in region.keys}}
    places |= {str(town): key for town, key in zip(region.municipalities["name"], region.keys, strict=True)}
    found: list[Observation] = []
    for line, row in file.rows:
        wrong = list(_row_problems(row, places, region, until))
        problems += [Problem(p.message, name, line, p.column, p.value, p.expected) for p in wrong]
        if not wrong:
            error = float(row.get(_ERROR) or 0.0)
            place = places[row["place"]]
            found.append(Observation(month_index(row["month"]), row["measure"], place, float(row["value"]), error))
    if problems:
        raise InputError(problems)
    return tuple(found)


def _row_problems(row: Mapping[str, str], places: Mapping[str, str], region: Region, until: int) -> Sequence[Problem]:
    found: list[Problem] = []
    period = f"YYYY-MM from {month_label(region.start_month)} to {month_label(until - 1)}"
    try:
        if not region.start_month <= month_index(row["month"]) < until:
            found.append(Problem("not before the date of the evaluation", "", None, "month", row["month"], period))
    except ValueError:
        found.append(Problem("not a month", "", None, "month", row["month"], period))
    if row["measure"] not in MEASURES:
        near = closest(row["measure"], MEASURES)
        found.append(Problem("unknown measure", "", None, "measure", row["measure"], near))
    if row["place"] not in places:
        found.append(Problem("unknown place", "", None, "place", row["place"], closest(row["place"], places)))
    for column, low in (("value", -np.inf), (_ERROR, 0.0)):
        text = row.get(column, "")
        if column == _ERROR and not text:
            continue
        number = as_number(text)
        if number is None or number < low:
            right = "a number" if column == "value" else "a number from 0, or nothing"
            found.append(Problem("not a number" if column == "value" else "not a standard error", "", None, column,
                                 text, decimal_point(text, right)))  # fmt: skip
    return found


def _run_plan(plan: Plan, values: Mapping[int, Mapping[str, float]], region: Region, spec: RunSpec) -> RunTables:
    from ...model.integration_model import IntegrationModel

    model = IntegrationModel(
        region, spec.variant, spec.scenario, months=spec.key.months, rng=spec.key.seed, plan=plan,
        parameters={**values[spec.key.seed], **spec.parameters},
    )  # fmt: skip
    return model.run().results(spec.tables)


def evaluate(
    pilot: Plan, observed: Sequence[Observation], region: Region, variant: Variant, scenario: Scenario, *, until: int,
    seeds: Sequence[int], values: Callable[[int], Mapping[str, float]], workers: int = 1,
    progress: Callable[[int, int], None] | None = None, level: float = 0.95,
) -> pd.DataFrame:  # fmt: skip
    """Return observed less simulated for every observation, with the interval it would lie in by chance.

    The pilot is run from the start of the region's period to the month before `until`. `low` and `high` hold the
    deviation of one more run, and of the figure's own error, with the stated level; `outside` says that the observed
    deviation is not in it. Raises InputError when the model has no value for an observation.
    """
    from scipy import stats

    months = until - region.start_month
    by_seed = {seed: dict(values(seed)) for seed in seeds}
    specs = specs_for(region.name, [variant], scenario, seeds, months=months, tables=("monthly",))
    wanted = {(o.month, o.measure, o.place) for o in observed}
    kept: dict[tuple[int, str, str], list[float]] = {key: [] for key in wanted}
    results = run_all(region, specs, workers=workers, simulate=partial(_run_plan, pilot, by_seed))
    for number, result in enumerate(results, start=1):
        if result.tables is None:
            raise InputError(f"the run of {pilot.name} with seed {result.key.seed} failed: {result.error}")
        monthly: Any = result.tables.monthly
        rows = monthly[monthly["indicator"].isin({key[1] for key in wanted})]
        rows = rows[rows["month"].isin({key[0] for key in wanted})]
        for month, place, measure, value in zip(
            *(rows[c] for c in ("month", "scope", "indicator", "value")), strict=True
        ):
            if (int(month), str(measure), str(place)) in kept:
                kept[int(month), str(measure), str(place)].append(float(value))
        if progress is not None:
            progress(number, len(specs))
    table: list[dict[str, Any]] = []
    missing: list[Problem] = []
    for one in observed:
        simulated = np.array(kept[one.month, one.measure, one.place])
        simulated = simulated[~np.isnan(simulated)]
        if len(simulated) < 2:
            message = f"the model has no value of {one.measure} for {one.place} in {month_label(one.month)}"
            missing.append(Problem(message, expected="a measure that exists there, such as those of `region`"))
            continue
        n, spread = len(simulated), float(simulated.std(ddof=1))
        half = float(stats.t.ppf(0.5 + level / 2, n - 1)) * float(np.sqrt(spread**2 * (1 + 1 / n) + one.error**2))
        deviation = one.value - float(simulated.mean())
        table.append(
            {"month": month_label(one.month), "measure": one.measure, "place": one.place, "observed": one.value,
             "standard_error": one.error, "simulated": float(simulated.mean()), "spread": spread,
             "deviation": deviation, "low": -half, "high": half, "outside": abs(deviation) > half, "seeds": n}
        )  # fmt: skip
    if missing:
        raise InputError(missing)
    return pd.DataFrame(table, columns=pd.Index(DEVIATIONS))


def what_is_left(pilot: Plan, month: int) -> tuple[Plan, Lever | None]:
    """Return what of a pilot is decided before a month, and a lever for those of its posts that begin later.

    Raises InputError when the pilot begins only then.
    """
    if pilot.start_month >= month:
        raise InputError(
            Problem("the pilot is not in force yet at the date of the evaluation", "--from", value=month_label(month),
                    expected=f"a month after {pilot.start}")
        )  # fmt: skip
    later = tuple(post for post in pilot.post if pilot.span_of(post)[0] >= month)
    lever = Lever("pilot:later_posts", "post", (Option(posts=later),)) if later else None
    return truncated(pilot, month), lever
