"""Gaps and duplicates: which cells of task and group nobody, only volunteers, or several bodies cover, and why.

Two views: the register in a month (who could act), and the cells of a run (what was left lying). A cell is (task,
municipality, group); gaps are gathered by task and group, with the municipalities they concern.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from .field import Field
    from .region import Region

Cause = Literal["no owner", "group left out", "place out of reach", "ended", "not seen", "too little capacity", "none"]

CAUSE_WORDS: dict[str, str] = {
    "no owner": "no body has the task",
    "group left out": "bodies have the task, but not for this group",
    "place out of reach": "bodies have the task for this group, but not there",
    "ended": "a body was there only for a time",
    "not seen": "bodies are there, but do not notice",
    "too little capacity": "bodies are there, but full",
    "none": "no gap",
}


def register_cells(region: Region, field: Field, month: int) -> pd.DataFrame:
    """Return for each task and group how many municipalities have no, one or several bodies in a month.

    Columns: task, group, uncovered, only_volunteers, single, several (numbers of municipalities), bodies_mean (bodies
    per municipality), bodies (their owners). Bodies are counted by owner: two offices of one owner are one body.
    """
    rows: Any = region.structures
    active = rows[(rows["start_month"] <= month) & (rows["end_month"] >= month)].to_dict("records")
    found: list[dict[str, Any]] = []
    for number, task in enumerate(field.task_ids):
        for group in field.groups_of(number):
            mine = [row for row in active if task in row["task_ids"] and group in row["group_ids"]]
            owners: list[set[str]] = [set() for _ in region.keys]
            staffed = np.zeros(len(region.keys), np.bool_)
            for row in mine:
                for place in row["municipality_indices"]:
                    owners[place].add(row["owner"])
                    staffed[place] |= row["level"] != "volunteers"
            count = np.array([len(names) for names in owners])
            found.append(
                {
                    "task": task,
                    "group": group,
                    "uncovered": int((count == 0).sum()),
                    "only_volunteers": int(((count > 0) & ~staffed).sum()),
                    "single": int((count == 1).sum()),
                    "several": int((count >= 2).sum()),
                    "bodies_mean": float(count.mean()),
                    "bodies": ", ".join(sorted(set().union(*owners))),
                }
            )
    return pd.DataFrame(found)


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap of a run: task and group, its months without help, where, and why.

    `case_months` are months in which an open case was held by nobody for three months or more, summed over cases;
    `waiting_months` all months of open cases; `without_body` cell-months in need without any eligible body;
    `places` the municipalities with a tenth of the gap or more each, largest first.
    """

    task: str
    group: str
    case_months: float
    waiting_months: float
    without_body: float
    unmet_hours: float
    places: tuple[str, ...]
    cause: Cause


def gaps_of(
    cells: pd.DataFrame, months: int, region: Region, field: Field, *, full_months: float, last_month: int
) -> list[Gap]:
    """Return the gaps of a run, largest first, from its table of cells (or the mean of several runs' tables).

    `full_months` is the backlog in months of work at which bodies count as full; `last_month` the run's last month.
    """
    totals: Any = cells.assign(
        unheld=cells["unheld_mean"] * months, open=cells["open_mean"] * months, unmet=cells["unmet_hours_mean"] * months
    )
    found: list[Gap] = []
    for (task, group), part in totals.groupby(["task", "group"], sort=False):
        unheld = float(part["unheld"].sum())
        if unheld <= 0:
            continue
        ordered = part.sort_values(["unheld", "municipality"], ascending=[False, True])
        places = tuple(ordered.loc[ordered["unheld"] >= 0.1 * unheld, "municipality"])
        found.append(
            Gap(
                task=str(task),
                group=str(group),
                case_months=unheld,
                waiting_months=float(part["open"].sum()),
                without_body=float(part["months_without_body"].sum()),
                unmet_hours=float(part["unmet"].sum()) / months,
                places=places,
                cause=_cause(part, str(task), str(group), months, region, field, full_months, last_month),
            )
        )
    return sorted(found, key=lambda gap: (-gap.case_months, gap.task, gap.group))


def _cause(
    part: Any, task: str, group: str, months: int, region: Region, field: Field, full_months: float, last: int
) -> Cause:
    """Return why most of a gap exists, by who could have acted and how full they were."""
    if float(part["months_without_body"].sum()) > 0:
        return structural_cause(region, task, group, last - months + 1, last)
    worked = float(part["hours"].sum())
    backlog = float(part["unmet"].sum()) / worked if worked > 0 else float("inf")
    seen = next(t.visibility for t in field.tasks if t.id == task)
    # Bodies with a backlog beyond what they call full refuse; the less visible a task, the sooner it is just not seen.
    return "too little capacity" if backlog >= full_months or seen >= 0.5 else "not seen"


def structural_cause(region: Region, task: str, group: str, first: int, last: int) -> Cause:
    """Return why cells of a task and group have no body at times from month `first` to `last`, by the register."""
    rows = [
        row for row in region.structures.to_dict("records")
        if task in row["task_ids"] and row["start_month"] <= last and row["end_month"] >= first
    ]  # fmt: skip
    if not rows:
        return "no owner"
    serving = [row for row in rows if group in row["group_ids"]]
    if not serving:
        return "group left out"
    reached: set[int] = set()
    for row in serving:
        reached.update(row["municipality_indices"])
    if len(reached) < len(region.keys):
        return "place out of reach"
    always = {
        place for place in range(len(region.keys)) if _unbroken(serving, place, first, last)
    }  # fmt: skip
    if len(always) == len(region.keys):
        return "none"
    # Other groups were served all the time while this one was only for a while: it was let in and left out again.
    return "ended"


def _unbroken(rows: Sequence[dict[str, Any]], place: int, first: int, last: int) -> bool:
    """Return whether some body reached a place in every month from `first` to `last`."""
    month = first
    for row in sorted((r for r in rows if place in r["municipality_indices"]), key=lambda r: r["start_month"]):
        if row["start_month"] > month:
            return False
        month = max(month, int(row["end_month"]) + 1)
    return month > last


def mean_cells(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the mean over runs of their tables of cells (rows in the same order)."""
    keys = tables[0][["task", "municipality", "group"]]
    numbers = tables[0].columns.difference(["task", "municipality", "group"], sort=False)
    values = np.mean([table[numbers].fillna(0.0).to_numpy(np.float64) for table in tables], axis=0)
    return keys.join(pd.DataFrame(values, columns=numbers, index=keys.index))
