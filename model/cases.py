"""Cases: a need of a household for one task, from the month it opens until it is served, given up or gone.

The case table is in order of age; within a month, households that arrived earlier come first. That order is "oldest
first" for whoever works through it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..agents.codes import HERE
from ..agents.jit import rule
from .lanes import lowest_bit
from .rng import HOUSEHOLD, uniforms

DRAW_NEEDS = 8  # purpose of draws: + task // 4, one draw per task; the life course of a field uses smaller ones
_NOBODY = 1 << 62  # a feature that no household has
MAX_FILES = 6  # bodies that can hold a file of the same case; a seventh that notices it finds it taken

CASE = np.dtype(
    [
        ("household", "i4"),
        ("task", "i2"),
        ("n_files", "i2"),
        ("opened", "i2"),  # month
        ("unheld_since", "i2"),  # month since which nobody holds it; meaningful while n_files == 0
        ("available", "i2"),  # a hand-over delays work until this month
        ("hand_overs", "i2"),
        ("cell", "i4"),
        ("files", "i4", (MAX_FILES,)),  # structures that hold a file, the first one leads
        ("effort", "f8"),  # hours of useful work needed
        ("progress", "f8"),  # hours of useful work done
    ],
    align=True,
)


@rule
def is_met(bits: int, all_of: int, none_of: int, any_of: int) -> bool:
    """Return whether features meet a task's conditions: all of some, none of others, one of a third kind (if any)."""
    return ((bits & all_of) == all_of) & ((bits & none_of) == 0) & ((any_of == 0) | ((bits & any_of) != 0))


@rule
def conditions(tasks: Any) -> Any:
    """Return the conditions of tasks (K,) as rows all_of, none_of, any_of, filled up with tasks that nobody needs.

    Their number is a multiple of eight, so that the processor looks at eight of them at a time.
    """
    found = np.zeros((3, (len(tasks) + 7) // 8 * 8), np.int64)
    found[0, :] = _NOBODY
    for k in range(len(tasks)):
        found[0, k], found[1, k], found[2, k] = tasks[k].all_of, tasks[k].none_of, tasks[k].any_of
    return found


@rule
def open_needs(
    table: Any, situation: Any, standing: Any, group_of: Any, n: int, month: int, seed: int, tasks: Any, n_places: int,
    n_groups: int, cases: Any, n_cases: int, opened: Any,
) -> int:  # fmt: skip
    """Open this month's cases after the rows in use; return the new number of cases.

    A need opens with the task's hazard when the household's features meet the task's conditions, no case of the task is
    open and the last one was served long enough ago. `situation` holds the features of each row, `standing` what
    `group_of` (K, standings) turns into the group of its cell; `opened` (cells,) counts the new cases.
    """
    condition = conditions(tasks)
    all_of, none_of, any_of = condition[0], condition[1], condition[2]
    for i in range(n):
        h = table[i]
        if h.stay != HERE:
            continue
        needs = 0
        for k in range(len(all_of)):
            needs |= (1 if is_met(situation[i], all_of[k], none_of[k], any_of[k]) else 0) << k
        open_tasks = int(h.open_tasks)
        needs &= ~open_tasks
        drawn, u = -1, (0.0, 0.0, 0.0, 0.0)
        while needs != 0:
            k = lowest_bit(needs)
            needs &= needs - 1
            t = tasks[k]
            if month - int(h.served_at[k]) < t.reopen_months:
                continue
            if k // 4 != drawn:
                drawn = k // 4
                u = uniforms(seed, HOUSEHOLD, int(h.identity), month, DRAW_NEEDS + drawn)
            if u[k % 4] >= t.hazard:
                continue
            c = cases[n_cases]
            c.household = i
            c.task = k
            c.n_files = 0
            c.opened = month
            c.unheld_since = month
            c.available = month
            c.hand_overs = 0
            c.cell = (k * n_places + int(h.municipality)) * n_groups + group_of[k, standing[i]]
            c.effort = t.effort
            c.progress = 0.0
            opened[int(c.cell)] += 1.0
            n_cases += 1
            open_tasks |= 1 << k
        h.open_tasks = open_tasks
    return n_cases


@rule
def sort_out(
    table: Any, situation: Any, standing: Any, group_of: Any, tasks: Any, cases: Any, n_cases: int, month: int,
    n_places: int, n_groups: int, cell_start: Any, pair_structure: Any, changed: Any, lost: Any,
) -> int:  # fmt: skip
    """Bring the cases up to date before work begins; return how many remain.

    Cases of households that left are closed, and those whose need is gone, unless the task is `lasting`: who has found
    a flat or a place by himself needs no help with it. A change of standing or place moves the case to another cell;
    whoever is no longer responsible there (or has ceased to exist) loses the file, counted in `lost` (cells,).
    `changed` (cells,) says which cells have other candidates than last month: files are looked at there and where a
    case changes its cell.
    """
    kept = 0
    for i in range(n_cases):
        c = cases[i]
        h = table[int(c.household)]
        if h.stay != HERE:
            continue
        k = int(c.task)
        t = tasks[k]
        if t.lasting == 0 and not is_met(situation[int(c.household)], t.all_of, t.none_of, t.any_of):
            h.open_tasks = int(h.open_tasks) & ~(1 << k)
            continue
        cell = (k * n_places + int(h.municipality)) * n_groups + group_of[k, standing[int(c.household)]]
        unchanged = not changed[cell] and int(c.cell) == cell
        c.cell = cell
        files = 0
        held = 0 if unchanged else int(c.n_files)
        for f in range(held):
            s = int(c.files[f])
            for pair in range(cell_start[cell], cell_start[cell + 1]):
                if pair_structure[pair] == s:
                    c.files[files] = s
                    files += 1
                    break
        if files < held:
            lost[cell] += held - files
            c.n_files = files
            if files == 0:
                c.unheld_since = month
        if kept < i:
            cases[kept] = c
        kept += 1
    return kept
