"""Cases: a need of a household for one task, from the month it opens until it is served or given up.

The case table is in order of age; within a month, households that arrived earlier come first. That order is "oldest
first" for whoever works through it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..agents.codes import HERE
from ..agents.jit import rule
from .lanes import four_uniforms
from .rng import HOUSEHOLD

DRAW_NEEDS = 8  # purpose of draws: + task // 4, one draw per task; the life course of a field uses smaller ones
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
def open_needs(
    table: Any, situation: Any, standing: Any, group_of: Any, n: int, month: int, seed: int, tasks: Any, n_places: int,
    n_groups: int, cases: Any, n_cases: int, opened: Any,
) -> int:  # fmt: skip
    """Open this month's cases after the rows in use; return the new number of cases.

    A need opens with the task's hazard when the household's features meet the task's conditions, no case of the task is
    open and the last one was served long enough ago. `situation` holds the features of each row, `standing` what
    `group_of` (K, standings) turns into the group of its cell; `opened` (cells,) counts the new cases.
    """
    draws = np.empty(16)
    for i in range(n):
        h = table[i]
        if h.stay != HERE:
            continue
        bits = situation[i]
        open_tasks = int(h.open_tasks)
        drawn = -1
        for k in range(len(tasks)):
            t = tasks[k]
            if (open_tasks >> k) & 1 or (bits & t.all_of) != t.all_of or (bits & t.none_of) != 0:
                continue
            if t.any_of != 0 and (bits & t.any_of) == 0:
                continue
            if month - int(h.served_at[k]) < t.reopen_months:
                continue
            if k // 16 != drawn:
                drawn = k // 16
                first = DRAW_NEEDS + 4 * drawn
                u = four_uniforms(seed, HOUSEHOLD, int(h.identity), month, first, first + 1, first + 2, first + 3)
                for j in range(16):
                    draws[j] = u[j]
            u_task = draws[k % 16]
            if u_task >= t.hazard:
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
def sort_out(table: Any, standing: Any, group_of: Any, cases: Any, n_cases: int, month: int, n_places: int,
             n_groups: int, cell_start: Any, pair_structure: Any, changed: Any, lost: Any) -> int:  # fmt: skip
    """Bring the cases up to date before work begins; return how many remain.

    Cases of households that left are closed. A change of standing or place moves the case to another cell; whoever is
    no longer responsible there (or has ceased to exist) loses the file, counted in `lost` (cells,). `changed` (cells,)
    says which cells have other candidates than last month: files are looked at there and where a case changes its cell.
    """
    kept = 0
    for i in range(n_cases):
        c = cases[i]
        h = table[int(c.household)]
        if h.stay != HERE:
            continue
        k = int(c.task)
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
