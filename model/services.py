"""Capacity meets cases: every structure spends its hours on the files it holds, oldest first."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..agents.jit import rule
from ..agents.sums import added
from .coordination import quality_between

SERVICE = np.dtype(
    [
        ("overlap_loss", "f8"),  # share of a further body's hours lost to overlap without exchange (D05)
        ("stand_in_efficiency", "f8"),  # useful part of an hour of a body without mandate
        ("norm_months", "f8"),  # backlog in months of capacity up to which quality is full
        ("quality_slope", "f8"),  # loss of quality per month of backlog above the norm
        ("quality_floor", "f8"),
        ("trust_served", "f8"),
        ("trust_lapse", "f8"),
    ]
)
# Columns of the per-cell counters filled here.
HOURS, USEFUL, DUPLICATED, SERVED, WAIT, LAPSED, OPEN, UNHELD, UNMET = range(9)
N_COUNTERS = 9
MOST_BODIES = 62  # bodies of one place that are told apart; from this number on they share a bit


@rule
def quality_of(backlog: float, capacity: float, v: Any) -> float:
    """Return the useful part of an hour given the backlog in hours: full up to the norm, then falling to a floor
    (X11).
    """
    if capacity <= 0.0:
        return 1.0
    over = backlog / capacity - v.norm_months
    if over <= 0.0:
        return 1.0
    quality = 1.0 - v.quality_slope * over
    return quality if quality > v.quality_floor else v.quality_floor


@rule
def start_service(
    room: Any, extra_hours: Any, backlog: Any, capacity: Any, v: Any, whole: Any, left: Any, quality: Any
) -> None:
    """Write the hours `left` (S,) for cases and the `quality` of every structure's work; empty its backlog.

    `room` are the hours after meetings, `extra_hours` those of intake and hand-overs; `v` is an array of one SERVICE
    record. A waiting list does not shorten lessons, which are work as they stand (`whole`); X11 is about counsellors.
    """
    for s in range(len(backlog)):
        left[s] = max(room[s] - extra_hours[s], 0.0)
        quality[s] = 1.0 if whole[s] else quality_of(backlog[s], capacity[s], v[0])
        backlog[s] = 0.0


@rule
def finish_service(room: Any, extra_hours: Any, capacity: Any, left: Any) -> tuple[float, float, float]:
    """Return the hours that all structures had, worked on cases, and spent on intake and hand-overs."""
    n = len(left)
    worked = np.empty(n)
    for s in range(n):
        worked[s] = max(room[s] - extra_hours[s], 0.0) - left[s]
    return added(capacity, n), added(worked, n), added(extra_hours, n)


@rule
def serve(
    table: Any, cases: Any, n_cases: int, month: int, left: Any, quality: Any, backlog: Any, actor: Any, mandate: Any,
    q: Any, home: Any, column: Any, tasks: Any, how: Any, local: Any, spent: Any, counters: Any, served: Any,
    seen: Any,
) -> tuple[int, int]:  # fmt: skip
    """Work through the cases in order of age; close the served and the lapsed; return how many remain and were served.

    `left` (S,) are the hours of the month, used up in place; `backlog` (S,) adds the hours still to be done; `spent`
    (S, K) adds the hours worked; `counters` (cells, 9) adds per cell: hours worked, useful hours, hours lost to
    duplication, served cases, months waited by the served, lapsed, open and unheld cases, unmet hours; `served`
    (cases, 2) takes household and task of the served ones, in order; `seen` (rows,) the bodies that hold a file of each
    household as bits, see `count_contact_points`; `how` is an array of one SERVICE record.
    """
    v = how[0]
    kept = 0
    done = 0
    for i in range(n_cases):
        c = cases[i]
        files = int(c.n_files)
        k = int(c.task)
        cell = int(c.cell)
        effort = float(c.effort)
        progress = float(c.progress)
        worker = -1
        if files > 0 and int(c.available) <= month:
            lead = int(c.files[0])
            share = (effort - progress) / files
            # First every body does its equal share; what bodies without time leave over, the others finish.
            for turn in range(2):
                if turn == 1 and (files == 1 or progress >= effort - 1.0e-9):
                    break
                for f in range(files):
                    s = int(c.files[f])
                    if left[s] <= 0.0:
                        continue
                    loss = 0.0
                    if f > 0:
                        loss = v.overlap_loss * (1.0 - quality_between(actor[lead], actor[s], q, home, column))
                    useful = quality[s] * (1.0 - loss)
                    if (mandate[s] >> k) & 1 == 0:
                        useful = useful * v.stand_in_efficiency
                    hours = (share if turn == 0 else effort - progress) / useful
                    if hours > left[s]:
                        hours = left[s]
                    if hours > 0.0:
                        left[s] -= hours
                        spent[s, k] += hours
                        progress += hours * useful
                        counters[cell, HOURS] += hours
                        counters[cell, USEFUL] += hours * useful
                        counters[cell, DUPLICATED] += hours * loss
                        if worker < 0:
                            worker = s
            c.progress = progress
        h = table[int(c.household)]
        if worker >= 0 and progress >= effort - 1.0e-9:
            h.guide = int(actor[worker])
            h.trust = float(h.trust) + v.trust_served * (1.0 - float(h.trust))
            served[done, 0] = int(c.household)
            served[done, 1] = k
            done += 1
            h.open_tasks = int(h.open_tasks) & ~(1 << k)
            counters[cell, SERVED] += 1.0
            counters[cell, WAIT] += month - int(c.opened)
            continue
        if files == 0 and month - int(c.unheld_since) >= tasks[k].lapse_months:
            h.open_tasks = int(h.open_tasks) & ~(1 << k)
            trust = float(h.trust) - v.trust_lapse
            h.trust = trust if trust > 0.0 else 0.0
            counters[cell, LAPSED] += 1.0
            continue
        rest = effort - progress
        counters[cell, OPEN] += 1.0
        counters[cell, UNMET] += rest
        if files == 0:
            if month - int(c.unheld_since) >= 3:
                counters[cell, UNHELD] += 1.0
        else:
            for f in range(files):
                s = int(c.files[f])
                backlog[s] += rest / files
                seen[int(c.household)] |= 1 << min(local[s], MOST_BODIES)
        if kept < i:
            cases[kept] = c
        kept += 1
    return kept, done


@rule
def count_contact_points(table: Any, n: int, seen: Any, before: Any) -> None:
    """Set each household's number of bodies that hold a file of it, and empty `seen`.

    In `seen` (rows,) bit j stands for the body that `local` of `serve` numbers j among those within each other's reach;
    the count is exact up to 62 bodies in one place. `before` (rows,) keeps the bits of last month: a row is touched
    only where they have changed.
    """
    for i in range(n):
        if seen[i] != before[i]:
            before[i] = seen[i]
            bits = int(seen[i])
            count = 0
            while bits != 0:
                bits &= bits - 1
                count += 1
            table[i].contact_points = count
        seen[i] = 0
