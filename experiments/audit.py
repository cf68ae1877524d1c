"""The audit of assumptions: which unsourced value flips which conclusion, and from where on.

A conclusion is a difference between a variant and the reference whose 95 % interval leaves out zero at the values of
`parameters.csv`. Every parameter marked `estimated` or `assumption` is then moved to the low and to the high end of its
range, all others left alone, with the same seeds. Where the sign is lost or turned, runs in between say at which value.
One parameter at a time: that two of them together flip what neither flips alone is not seen here (`kreislauf batch`
with `uncertain_groups` looks at that).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..model.errors import InputError, closest
from ..model.field_names import field_names
from ..model.measures import MEASURES
from ..model.parameters import Parameter, parameter_table
from ..model.variant import load_scenario, load_variant
from .batch import BatchProgress, run
from .design import Points
from .draws import value_at
from .experiment import Experiment
from .paired import differences, mean_interval
from .plan import Plan
from .runner import Simulate, run_model
from .tables_folder import prepare_tables_folder, write_tables

if TYPE_CHECKING:
    from ..model.region import Region
    from ..model.variant import Variant

UNSOURCED = ("estimated", "assumption")
DEFAULT_VARIANTS = ("lead_agency", "community", "regional_budget", "municipal_association")
DEFAULT_MEASURES = (
    "waiting_months", "duplication_share", "operational_gap_share", "self_sufficient_share", "total_cost",
    "burden_gini",
)  # fmt: skip
STEPS = (0.25, 0.5, 0.75)
"""Where between value and end the runs lie that locate a threshold."""
CONCLUSION_COLUMNS = ("variant", "measure", "difference", "low", "high", "seeds", "conclusion")
FLIP_COLUMNS = (
    "variant", "measure", "difference", "parameter", "group", "confidence", "value", "end", "moved_to",
    "difference_there", "verdict", "threshold",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """What was found.

    `conclusions` has one row per variant and measure: mean difference to the reference with its 95 % interval and the
    conclusion (`lower`, `higher`, or `open` when the interval holds zero). `flips` has one row per conclusion and end
    of a parameter's range that loses (`lost`: the seeds no longer agree, or not all of them have a value there) or
    turns it (`turned`), with the value from which on the mean difference has the other sign (NaN when it never has).
    `audited` lists the parameters looked at; `failed` counts runs that came to no end.
    """

    conclusions: pd.DataFrame
    flips: pd.DataFrame
    audited: tuple[Parameter, ...]
    runs: int
    failed: int = 0


def audited_parameters(names: Sequence[str] = (), *, field: str = "") -> tuple[Parameter, ...]:
    """Return the parameters without a source that have a range, or those of them that are named.

    With a `field` of action (or several with commas), groups that belong to other fields are left out.

    >>> {entry.confidence for entry in audited_parameters()} == {"estimated", "assumption"}
    True
    >>> "seniors" in {entry.group for entry in audited_parameters(field="integration")}
    False
    """
    foreign = {"observation", *(field_names() if field else ())} - set(field.split(","))
    known = {
        entry.name: entry
        for entry in parameter_table().values()
        if entry.confidence in UNSOURCED and entry.low < entry.high and entry.group not in foreign
    }
    for name in names:
        if name not in known:
            raise InputError(f"{name!r} is not an unsourced parameter, {closest(name, known)}")
    return tuple(known[name] for name in names) if names else tuple(known.values())


def audit(
    region: Region,
    folder: str | Path,
    *,
    variants: Sequence[str | Variant] = DEFAULT_VARIANTS,
    reference: str = "status_quo",
    measures: Sequence[str] = DEFAULT_MEASURES,
    parameters: Sequence[str] = (),
    seeds: int = 3,
    months: int | None = None,
    workers: int | None = None,
    progress: Callable[[str], AbstractContextManager[BatchProgress]] | None = None,
    command: Sequence[str] = (),
    simulate: Simulate = run_model,
) -> Audit:
    """Audit the conclusions and write `conclusions` and `flips` into `folder/tables`; its batches are resumed.

    `seeds` is the number of seeds at each end (at least 3, so that agreement says something); a conclusion itself is
    drawn from the same seeds. `progress` gets a title and opens what is called while runs finish. Raises InputError for
    unknown names and as `batch.run` does.

    >>> from tempfile import TemporaryDirectory
    >>> from ..model.region import load_region
    >>> with TemporaryDirectory() as folder:
    ...     found = audit(load_region("coburg"), folder, variants=["community"], parameters=["overlap_loss"], months=2,
    ...                   workers=1)
    >>> found.runs >= 18, [entry.name for entry in found.audited]
    (True, ['overlap_loss'])
    """
    for name in measures:
        if name not in MEASURES:
            raise InputError(f"unknown measure {name!r}, {closest(name, MEASURES)}")
    if seeds < 3:
        raise InputError(f"{seeds} seeds cannot agree on anything; expected at least 3")
    folder, entries = Path(folder), audited_parameters(parameters, field=region.field)
    prepare_tables_folder(folder / "tables", "audit")
    crew = [load_variant(reference), *(load_variant(v) if isinstance(v, str) else v for v in variants)]

    def batch(name: str, title: str, points: Points) -> pd.DataFrame:
        words = tuple(variant.name for variant in crew)
        asked = Experiment(name=name, region=region.name, variants=words, seeds=seeds, months=months)
        plan = Plan(asked, region, tuple(crew), (load_scenario("base"),), points)
        with progress(title) if progress is not None else nullcontext() as told:
            return run(plan, folder / name, workers=workers, progress=told, command=command, simulate=simulate).runs

    ends = batch("ends", f"{len(entries)} assumptions at both ends", _ends(entries))
    conclusions = _conclusions(ends, reference=reference, measures=measures)
    flips = _flips(ends, entries, conclusions, reference=reference)
    between = _between(entries, flips)
    runs, failed = len(ends), _failed(ends)
    if len(between):
        middle = batch("between", "thresholds of those that flip something", between)
        flips["threshold"] = _thresholds(flips, entries, middle, between, reference=reference)
        runs, failed = runs + len(middle), failed + _failed(middle)
    found = Audit(conclusions, flips.reset_index(drop=True), entries, runs, failed)
    inputs = {"region": region.name, "sha256": region.fingerprint, "seeds": seeds, "months": months, "runs": runs,
              "reference": reference, "parameters": [entry.name for entry in entries]}  # fmt: skip
    tables = {"conclusions": found.conclusions, "flips": found.flips}
    write_tables(folder / "tables", tables, kind="audit", inputs=inputs, command=command)
    return found


def _ends(entries: Sequence[Parameter]) -> Points:
    """Return the values of parameters.csv, then each parameter at its low and its high end."""
    values = np.tile([entry.value for entry in entries], (1 + 2 * len(entries), 1))
    for i, entry in enumerate(entries):
        values[1 + 2 * i, i], values[2 + 2 * i, i] = entry.low, entry.high
    return Points(tuple(entry.name for entry in entries), values)


def _failed(runs: pd.DataFrame) -> int:
    return sum(status != "done" for status in runs["status"].tolist())


def _conclusions(runs: pd.DataFrame, *, reference: str, measures: Sequence[str]) -> pd.DataFrame:
    rows = []
    for measure in measures:
        pairs: Any = differences(runs.query("point == 0"), reference=reference, measure=measure)
        for variant, group in pairs.groupby("variant", sort=False):
            values = group["difference"].to_numpy(np.float64)
            mean, low, high = mean_interval(values)
            word = "higher" if low > 0.0 else "lower" if high < 0.0 else "open"
            rows.append([variant, measure, mean, low, high, len(values), word])
    return pd.DataFrame(rows, columns=list(CONCLUSION_COLUMNS))


def agreed_sign(values: np.ndarray) -> int:
    """Return the sign all differences have, 0 when they do not agree or there is none.

    >>> agreed_sign(np.array([0.1, 2.0])), agreed_sign(np.array([0.1, -2.0])), agreed_sign(np.array([]))
    (1, 0, 0)
    """
    signs = np.unique(np.sign(values))
    return int(signs[0]) if len(signs) == 1 else 0


def _flips(
    runs: pd.DataFrame, entries: Sequence[Parameter], conclusions: pd.DataFrame, *, reference: str
) -> pd.DataFrame:
    rows = []
    settled: Any = conclusions[conclusions["conclusion"] != "open"]
    for measure, drawn in settled.groupby("measure", sort=False):
        pairs: Any = differences(runs, reference=reference, measure=str(measure))
        there = {key: group["difference"].to_numpy() for key, group in pairs.groupby(["variant", "point"], sort=False)}
        for row in drawn.to_dict("records"):
            sign = np.sign(row["difference"])
            for i, entry in enumerate(entries):
                for word, point, moved in (("low", 1 + 2 * i, entry.low), ("high", 2 + 2 * i, entry.high)):
                    values = there.get((row["variant"], point), np.zeros(0))
                    now = agreed_sign(values) if len(values) >= row["seeds"] else 0
                    if now == sign:
                        continue
                    about = [row["variant"], measure, row["difference"], entry.name, entry.group, entry.confidence]
                    verdict = "turned" if now == -sign else "lost"
                    mean = float(values.mean()) if len(values) else np.nan
                    rows.append([*about, entry.value, word, moved, mean, verdict, np.nan])
    return pd.DataFrame(rows, columns=list(FLIP_COLUMNS)).astype({"threshold": "float64"})


def _between(entries: Sequence[Parameter], flips: pd.DataFrame) -> Points:
    """Return points between the value and each end that flips something."""
    place = {entry.name: i for i, entry in enumerate(entries)}
    base = np.array([entry.value for entry in entries])
    rows = []
    for name, end in dict.fromkeys(zip(flips["parameter"], flips["end"], strict=True)):
        entry = entries[place[name]]
        for moved in _steps(entry, entry.low if end == "low" else entry.high):
            row = base.copy()
            row[place[name]] = moved
            rows.append(row)
    return Points(tuple(place), np.array(rows).reshape(-1, len(entries)))


def _steps(entry: Parameter, end: float) -> list[float]:
    """Return the values looked at between value and end; counted things stay whole numbers."""
    wide = entry.high - entry.low
    wanted = [entry.value + share * (end - entry.value) for share in STEPS]
    return [value_at(entry, (value - entry.low) / wide) for value in wanted]


def _thresholds(
    flips: pd.DataFrame, entries: Sequence[Parameter], runs: pd.DataFrame, points: Points, *, reference: str
) -> list[float]:
    """Return for each flip the value at which the mean difference changes its sign, by straight lines between runs."""
    known = {entry.name: entry for entry in entries}
    column = {name: i for i, name in enumerate(points.names)}
    means: dict[str, dict[Any, float]] = {}
    for measure in dict.fromkeys(flips["measure"]):
        pairs: Any = differences(runs, reference=reference, measure=str(measure))
        means[measure] = pairs.groupby(["variant", "point"])["difference"].mean().to_dict()
    out = []
    for row in flips.to_dict("records"):
        entry = known[row["parameter"]]
        line = [(entry.value, row["difference"])]
        for value in _steps(entry, row["moved_to"]):
            alone = _others_alone(points, known, entry)
            here = np.flatnonzero((points.values[:, column[entry.name]] == value) & alone)  # noqa: PD011 - an array
            mean = means[row["measure"]].get((row["variant"], int(here[0]))) if len(here) else None
            if mean is not None:
                line.append((value, mean))
        out.append(crossing([*line, (row["moved_to"], row["difference_there"])]))
    return out


def _others_alone(points: Points, known: dict[str, Parameter], entry: Parameter) -> np.ndarray:
    """Return which points leave all other parameters at their values, bool (points,)."""
    alone = np.ones(len(points), np.bool_)
    for i, name in enumerate(points.names):
        if name != entry.name:
            alone &= points.values[:, i] == known[name].value  # noqa: PD011 - an array
    return alone


def crossing(line: Sequence[tuple[float, float]]) -> float:
    """Return the first value at which a line of (value, difference) changes its sign, NaN when it never does.

    >>> crossing([(0.0, -2.0), (1.0, -1.0), (2.0, 1.0)])
    1.5
    """
    for (a, first), (b, second) in pairwise(line):
        if first == 0.0 or np.sign(first) != np.sign(second):
            return a if first == second else a + (b - a) * first / (first - second)
    return float("nan")
