"""Closing a gap: a small set of measures, each simulated with the same seeds as the run without it.

A measure changes the register of structures or the rule; actors, instruments and households react to it as they would.
With the same seed both runs see the same people and the same luck, so the difference is the effect of the measure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from ..model.calendar import OPEN_END
from ..model.errors import InputError
from ..model.field import load_field
from ..model.gaps import Gap, gaps_of, mean_cells
from ..model.parameters import Parameters
from .compare import quantiles
from .runner import RunSpec, run_all, run_model, specs_for

if TYPE_CHECKING:
    from ..model.region import Region
    from ..model.results import RunTables
    from ..model.variant import Scenario, Variant

POST_SIZES = (0.25, 0.5, 1.0)
_POST_HOURS = 132.5  # hours a month of one FTE in the register (1,590 a year, KGSt)
_OWNERS = {"district": "district", "welfare": "caritas", "municipality": "municipality", "provider": "vhs"}


@dataclass(frozen=True, slots=True)
class ClosingMeasure:
    """One way to close a gap: reach further with an existing office, a new post, or a lead for every task.

    `office` is the unit whose reach is extended; `fte` and `level` describe a post, in one municipality when `place` is
    its index, else for the whole region; `lead` is who leads the task.
    """

    name: str
    kind: Literal["extend", "post", "lead"]
    task: str
    group: str
    words: str
    office: str = ""
    fte: float = 0.0
    level: str = ""
    place: int = -1
    lead: str = ""


def candidate_measures(region: Region, gap: Gap, levels: Sequence[str]) -> list[ClosingMeasure]:
    """Return the measures to try for a gap; `levels` are those that may act on the task, the first the closest."""
    found: list[ClosingMeasure] = []
    everywhere = len(region.keys)
    offices = [row for row in region.structures.to_dict("records") if gap.task in row["task_ids"]]
    paid = [row for row in offices if row["level"] != "volunteers" and row["catchment"] != "each"]
    size: dict[str, float] = {}
    for row in paid:
        size[row["unit"]] = max(size.get(row["unit"], 0.0), row["hours_per_month"])
    for unit in sorted(size, key=lambda name: (-size[name], name))[:2]:
        phases = [row for row in paid if row["unit"] == unit]
        whole = all(gap.group in row["group_ids"] and len(row["municipality_indices"]) == everywhere for row in phases)
        if not whole:
            words = f"{phases[-1]['name_de']} also for {gap.group}, everywhere"
            found.append(ClosingMeasure(f"extend:{unit}", "extend", gap.task, gap.group, words, office=unit))
    if not levels:
        levels = [paid[-1]["level"]] if paid else ["district"]
    several = " in each district" if len(region.districts) > 1 else ""
    for level in levels:
        for fte in POST_SIZES:
            words = f"{fte:g} FTE at level {level}{several}"
            found.append(
                ClosingMeasure(f"post:{level}:{fte:g}", "post", gap.task, gap.group, words, fte=fte, level=level)
            )
    if gap.places and len(gap.places) < everywhere:
        worst = region.keys.index(gap.places[0])
        words = f"0.25 FTE of {region.municipalities['name'].iloc[worst]} for itself"
        found.append(
            ClosingMeasure(
                f"post:municipality:{region.keys[worst]}", "post", gap.task, gap.group, words,
                fte=POST_SIZES[0], level="municipality", place=worst,
            )
        )  # fmt: skip
    if offices:
        largest = max(offices, key=lambda row: (row["hours_per_month"], row["owner"]))
        words = f"one lead per task, here {largest['owner']}"
        found.append(ClosingMeasure("lead", "lead", gap.task, gap.group, words, lead=largest["owner"]))
    return found


def with_measure(region: Region, measure: ClosingMeasure, post_cost_eur: float) -> Region:
    """Return the region with a measure in its register; a lead changes nothing there.

    A post costs `post_cost_eur` a year and FTE, serves all groups, and is there from the first month on.
    """
    if measure.kind == "lead":
        return region
    rows: list[dict[str, Any]] = region.structures.to_dict("records")
    everywhere = tuple(range(len(region.keys)))
    if measure.kind == "extend":
        groups = _groups(region, measure.task)
        for row in rows:
            if row["unit"] == measure.office and measure.task in row["task_ids"]:
                row |= {"groups": "all", "group_ids": groups, "catchment": "all", "municipality_indices": everywhere}
        return replace(region, structures=pd.DataFrame(rows, columns=region.structures.columns))
    rows += [_post(region, measure, place, reach, post_cost_eur) for place, reach in _posts_of(region, measure)]
    return replace(region, structures=pd.DataFrame(rows, columns=region.structures.columns))


def _posts_of(region: Region, measure: ClosingMeasure) -> list[tuple[int, tuple[int, ...]]]:
    """Return the posts of a measure, each as its municipality (-1: none of its own) and the ones it serves: one for
    the municipality it is meant for, else one per district, each for its own municipalities."""
    everywhere = tuple(range(len(region.keys)))
    if len(region.districts) == 1 or measure.place >= 0:
        return [(measure.place, everywhere)]
    index = region.municipalities["district_index"].to_numpy()
    return [(-1, tuple(np.flatnonzero(index == d).tolist())) for d in range(len(region.districts))]


def yearly_cost(region: Region, measure: ClosingMeasure, post_cost_eur: float) -> float:
    """Return what the posts of a measure cost a year, EUR: as many of them as `with_measure` puts into the register."""
    return len(_posts_of(region, measure)) * measure.fte * post_cost_eur if measure.kind == "post" else 0.0


def _groups(region: Region, task: str) -> tuple[str, ...]:
    """Return the groups of the field a task belongs to."""
    field = load_field(region.field)
    return field.groups_of(field.task_ids.index(task))


def _post(
    region: Region, measure: ClosingMeasure, place: int, reach: tuple[int, ...], post_cost_eur: float
) -> dict[str, Any]:
    """Return the register row of a new post."""
    where = (place,) if place >= 0 else reach
    district = int(region.municipalities["district_index"].iloc[where[0]])
    payer = {"district": "district", "municipality": "municipality"}.get(measure.level, "carrier")
    name = f"measure_{measure.task}_{where[0]}"
    return {
        "id": name, "name_de": measure.words, "owner": _OWNERS.get(measure.level, measure.level),
        "level": measure.level, "tasks": measure.task, "groups": "all",
        "catchment": ";".join(region.keys[i] for i in where), "nature": "voluntary", "fte": measure.fte,
        "hours_per_month": measure.fte * _POST_HOURS, "monthly_cost_eur": measure.fte * post_cost_eur / 12,
        "payers": f"{payer}:1", "start": "", "end": "", "ramp_up_months": 9, "visibility_factor": 1.0,
        "programme": "", "evidence_rows": "", "note": "", "confidence": "assumption", "source": "", "unit": name,
        "task_ids": (measure.task,), "group_ids": _groups(region, measure.task),
        "payer_shares": ((payer, 1.0),), "start_month": region.start_month, "end_month": OPEN_END,
        "municipality_indices": where, "district_index": district, "next_phase": "", "unit_end_month": OPEN_END,
    }  # fmt: skip


def _simulate(measures: Mapping[str, ClosingMeasure], post_cost: float, region: Region, spec: RunSpec) -> RunTables:
    """Run once with the measure whose number the variant's name ends with (none for the reference)."""
    measure = measures.get(spec.variant.name)
    return run_model(region if measure is None else with_measure(region, measure, post_cost), spec)


@dataclass(frozen=True, slots=True)
class Closed:
    """What a measure did for a gap, as (10 % quantile, median, 90 % quantile) over seeds.

    `held` are case-months of this gap less than without it; `waiting` and `waiting_all` are months of open cases less,
    in this task and group and in the whole region: a case that somebody holds may still wait, and what an office does
    for one group it cannot do for another. `closed` is the smaller of `held` and `waiting`: months that are neither
    without anybody nor just passed in another queue. `eur` is the cost of posts and of coordination over the run,
    `eur_per_month` EUR per case-month closed (NaN when none was closed).
    """

    measure: ClosingMeasure
    held: tuple[float, float, float]
    closed: tuple[float, float, float]
    waiting: tuple[float, float, float]
    waiting_all: tuple[float, float, float]
    eur: tuple[float, float, float]
    eur_per_month: tuple[float, float, float]

    def closes(self, gap: Gap, least: float) -> bool:
        """Return whether it surely closes at least the share `least` of the gap and prolongs no waiting elsewhere."""
        return self.closed[0] > 0 and self.closed[1] >= least * gap.case_months and self.waiting_all[1] >= 0


@dataclass(frozen=True, slots=True)
class GapReport:
    """The gaps of a region under a variant, and for the largest of them what closes them."""

    gaps: tuple[Gap, ...]
    closed: dict[tuple[str, str], tuple[Closed, ...]]
    months: int
    seeds: int
    duplicated: pd.DataFrame
    """Duplicated work by task: hours, duplicated hours and their share (mean over runs)."""

    def cheapest(self, gap: Gap, least: float) -> Closed | None:
        """Return the cheapest measure that closes at least the share `least` of a gap, or None."""
        able = [c for c in self.closed.get((gap.task, gap.group), ()) if c.closes(gap, least)]
        return min(able, key=lambda c: (c.eur_per_month[1], -c.waiting_all[1], c.measure.name), default=None)


def find_gaps(
    region: Region,
    variant: Variant,
    scenario: Scenario,
    *,
    seeds: int = 3,
    most: int = 3,
    months: int | None = None,
    parameters: Mapping[str, float] | None = None,
    workers: int | None = None,
    progress: Callable[[int, int, int], None] | None = None,
) -> GapReport:
    """Run a variant, name its gaps, and try measures on the `most` largest; raises InputError when a run fails.

    Runs seeds 1, 2, ...; every measure is run with the same ones.
    """
    values = dict(parameters or {})
    p = Parameters({**scenario.parameters, **variant.parameters, **values})
    field = load_field(region.field)
    chosen = list(range(1, seeds + 1))
    base = _runs(region, [variant], scenario, chosen, months, values, {}, 0.0, workers, progress)[variant.name]
    cells = mean_cells([tables.cells for tables in base])
    length = region.months if months is None else months
    last = region.start_month + length - 1
    gaps = gaps_of(cells, length, region, field, full_months=p.full_months, last_month=last)
    measures: dict[str, ClosingMeasure] = {}
    variants: list[Variant] = []
    by_gap: dict[tuple[str, str], list[str]] = {}
    for gap in gaps[:most]:
        levels = [level for level in ("district", "welfare") if gap.task in field.competence.get(level, ())]
        for measure in candidate_measures(region, gap, levels):
            # A post for a task serves all groups, and a lead is the same for all: gaps of one task share such runs.
            shared = f"{measure.task}-{measure.name}" if measure.kind != "lead" else f"lead-{measure.task}"
            name = "".join(sign if sign.isalnum() else "-" for sign in shared)
            by_gap.setdefault((gap.task, gap.group), []).append(name)
            if name not in measures:
                measures[name] = measure
                led = {"rule": "lead_agency", "lead": {measure.task: measure.lead}} if measure.kind == "lead" else {}
                variants.append(variant.model_copy(update={"name": name, **led}))
    cost = p.post_cost_eur
    runs = _runs(region, variants, scenario, chosen, months, values, measures, cost, workers, progress)
    closed = {
        key: tuple(
            _closed(replace(measures[n], group=key[1]), base, runs[n], length, yearly_cost(region, measures[n], cost))
            for n in names
        )
        for key, names in by_gap.items()
    }
    work: Any = cells.groupby("task", sort=False)[["hours", "duplicated_hours"]].sum()
    work["share"] = work["duplicated_hours"] / work["hours"].where(work["hours"] > 0)
    return GapReport(tuple(gaps), closed, length, seeds, work.reset_index())


def _runs(
    region: Region, variants: Sequence[Variant], scenario: Scenario, seeds: Sequence[int], months: int | None,
    values: Mapping[str, float], measures: Mapping[str, ClosingMeasure], post_cost: float, workers: int | None,
    progress: Callable[[int, int, int], None] | None,
) -> dict[str, list[RunTables]]:  # fmt: skip
    """Run all variants with all seeds and return their tables by variant, in the order of the seeds."""
    specs = specs_for(region.name, variants, scenario, seeds, months=months, parameters=values, tables=("cells",))
    found: dict[str, list[RunTables]] = {variant.name: [] for variant in variants}
    simulate = partial(_simulate, dict(measures), post_cost)
    for number, result in enumerate(run_all(region, specs, workers=workers, simulate=simulate), start=1):
        if result.tables is None:
            raise InputError(f"the run of {result.key.variant} with seed {result.key.seed} failed: {result.error}")
        found[result.key.variant].append(result.tables)
        if progress is not None:
            progress(number, len(specs), 0)
    return found


def _closed(
    measure: ClosingMeasure, base: Sequence[RunTables], runs: Sequence[RunTables], months: int, yearly_eur: float
) -> Closed:
    """Return the paired effect of a measure whose posts cost `yearly_eur` a year."""
    rows: list[tuple[float, float, float, float]] = []
    posts = yearly_eur * months / 12
    for before, after in zip(base, runs, strict=True):
        old: Any = before.cells
        new: Any = after.cells
        gap = (old["task"] == measure.task) & (old["group"] == measure.group)
        unheld = (old["unheld_mean"] - new["unheld_mean"]) * months
        waiting = (old["open_mean"] - new["open_mean"]) * months
        eur = posts + after.summary["coordination_cost"] - before.summary["coordination_cost"]
        rows.append((float(unheld[gap].sum()), float(waiting[gap].sum()), float(waiting.sum()), eur))
    held, here, everywhere, cost = np.array(rows).T
    closed = np.minimum(held, here)
    nan = float("nan")
    per_month = (nan, nan, nan) if (closed <= 0).any() else quantiles(cost / closed)
    return Closed(
        measure, quantiles(held), quantiles(closed), quantiles(here), quantiles(everywhere), quantiles(cost), per_month
    )
