"""Cells: which structures may take on a case of a task, in a municipality, for a group.

A cell is (task, municipality, group). Its candidates are the active structures that cover the task, serve the group and
reach the place. They are kept as a compressed table: `start[c]:start[c + 1]` are the candidate rows of cell c.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents.jit import rule
from .structures import LEVEL

if TYPE_CHECKING:
    from .structures import Register


@rule
def base_notice(visibility: float, factor: float, km: float, half_km: float, upper: float) -> float:
    """Return the probability that a body notices an open case in a month, before trust and referral.

    `visibility` of the task and the body's own `factor`, closeness by distance (a half at `half_km`), and the share
    that bodies of upper levels (`upper`, else 1) see.
    """
    return min(visibility * factor * (half_km / (half_km + km)) * upper, 1.0)


@rule
def part_in(mandate: int, own: bool) -> int:
    """Return a structure's part in a cell: 0 with a mandate, 1 where it only stands in, 2 where it pools."""
    return 1 - mandate if own else 2


@rule
def count_pairs(
    active: Any, tasks: Any, groups: Any, start: Any, places: Any, own: Any, stands_in: Any, bodies: Any, first: Any
) -> int:
    """Count the candidates of each cell: write where its rows begin into `first` (cells + 1,), and how many of them are
    more than stand-ins into `bodies` (K, M, G), which is zero; return the number of rows.

    Structure s, when `active`, reaches places[start[s]:start[s + 1]], of which some are its `own`; its `tasks` and
    `groups` are bits, and with `stands_in` it accepts any task.
    """
    n_tasks, n_places, n_groups = bodies.shape
    first[:] = 0
    for s in range(len(active)):
        if not active[s] or tasks[s] == 0:
            continue
        for k in range(n_tasks):
            mandate = (tasks[s] >> k) & 1
            if mandate == 0 and not stands_in[s]:
                continue
            for j in range(start[s], start[s + 1]):
                m = places[j]
                counts = 0 if part_in(mandate, own[j]) == 1 else 1
                for g in range(n_groups):
                    if (groups[s] >> g) & 1:
                        first[(k * n_places + m) * n_groups + g + 1] += 1
                        bodies[k, m, g] += counts
    for cell in range(1, len(first)):
        first[cell] += first[cell - 1]
    return first[len(first) - 1]


@rule
def fill_pairs(
    order: Any, active: Any, tasks: Any, groups: Any, start: Any, places: Any, own: Any, stands_in: Any,
    shape: tuple[int, int, int], seats: Any, levels: Any, factors: Any, distance_km: Any, km_centre: Any,
    visibility: Any, half_km: float, upper: float, upper_level: int, free: Any, structures: Any, liable: Any,
    notice: Any,
) -> None:  # fmt: skip
    """Write the candidate pairs of all active structures, by cell, within a cell in `order` (S,).

    `free` (cells,) is the first free row of each cell. For the structures see `count_pairs`; `seats` (-1: the
    district's centre), `levels` and `factors` of attention (S,), distances and the tasks' `visibility` give what they
    notice, see `base_notice`.
    """
    n_tasks, n_places, n_groups = shape
    for s in order:
        if not active[s] or tasks[s] == 0:
            continue
        seat = seats[s]
        seen = upper if levels[s] >= upper_level else 1.0
        for k in range(n_tasks):
            mandate = (tasks[s] >> k) & 1
            if mandate == 0 and not stands_in[s]:
                continue
            for j in range(start[s], start[s + 1]):
                m = places[j]
                km = distance_km[seat, m] if seat >= 0 else km_centre[m]
                noticed = base_notice(visibility[k], factors[s], km, half_km, seen)
                for g in range(n_groups):
                    if (groups[s] >> g) & 1:
                        cell = (k * n_places + m) * n_groups + g
                        row = free[cell]
                        free[cell] = row + 1
                        structures[row] = s
                        liable[row] = part_in(mandate, own[j])
                        notice[row] = noticed


@rule
def _pool(
    levels: Any, highest: int, catch_start: Any, catch_list: Any, pool_start: Any, pool_list: Any, seen: Any,
    start: Any, places: Any, own: Any,
) -> int:  # fmt: skip
    """Write for each structure the places it reaches when those up to a level also serve their cluster; return the
    number of rows.

    `pool_list` has the members of each municipality's cluster; `seen` (M,) is scratch and -1; `own` says which places
    are its own.
    """
    n = 0
    for s in range(len(levels)):
        start[s] = n
        for turn in range(2):
            for j in range(catch_start[s], catch_start[s + 1]):
                m = catch_list[j]
                if turn == 0:
                    seen[m] = s
                    places[n] = m
                    own[n] = True
                    n += 1
                elif levels[s] <= highest:
                    for i in range(pool_start[m], pool_start[m + 1]):
                        if seen[pool_list[i]] != s:
                            seen[pool_list[i]] = s
                            places[n] = pool_list[i]
                            own[n] = False
                            n += 1
    start[len(levels)] = n
    return n


@rule
def mark_changed(old_start: Any, old: Any, new_start: Any, new: Any, changed: Any) -> None:
    """Mark in `changed` (cells,) the cells whose candidates are others than before."""
    for cell in range(len(new_start) - 1):
        size = new_start[cell + 1] - new_start[cell]
        changed[cell] = old_start[cell + 1] - old_start[cell] != size
        if not changed[cell]:
            for i in range(size):
                if old[old_start[cell] + i] != new[new_start[cell] + i]:
                    changed[cell] = True
                    break


@dataclass(frozen=True, slots=True)
class Attention:
    """What decides which open cases a body notices, see `base_notice`."""

    distance_km: np.ndarray  # (M, M) between municipalities
    km_centre: np.ndarray  # (M,) to the district's centre
    visibility: np.ndarray  # (K,) of the tasks
    half_km: float
    upper: float  # what bodies of the upper levels see
    upper_level: int


@dataclass(frozen=True, slots=True)
class Cells:
    """The candidate table of a month: where the rows of each cell begin, and what is known of each pair."""

    shape: tuple[int, int, int]  # tasks, municipalities, groups
    start: np.ndarray  # (cells + 1,) int64
    bodies: np.ndarray  # (tasks, municipalities, groups) int64: structures that do more than stand in
    structure: np.ndarray  # (pairs,) int64
    liable: np.ndarray  # (pairs,) int64: the structure's part, see `part_in`
    notice: np.ndarray  # (pairs,) probability to notice an open case in a month, before trust and referral

    @property
    def cell(self) -> np.ndarray:
        """Cell of each pair."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))

    @property
    def task(self) -> np.ndarray:
        """Task of each pair."""
        return self.cell // (self.shape[1] * self.shape[2])

    @property
    def municipality(self) -> np.ndarray:
        """Municipality of each pair."""
        return self.cell // self.shape[2] % self.shape[1]

    @property
    def group(self) -> np.ndarray:
        """Group of each pair."""
        return self.cell % self.shape[2]


def build_cells(
    register: Register, month: int, attention: Attention, *, pool: np.ndarray | None, stands_in: np.ndarray | None
) -> Cells:
    """Return the candidate table of a month.

    `pool` (M, M) bool extends municipal structures to the other members of their cluster (rule `intermunicipal`);
    `stands_in` (S,) bool marks structures that accept any task under joint liability (rule `community`).
    """
    field = register.field_of_action
    shape = (len(field.tasks), len(register.region.keys), len(field.groups))
    c = register.columns
    if pool is None:
        start, places = register.catch_start, register.catch_list
        own = np.empty(len(places), np.bool_)
        own[:] = True
    else:
        start, places, own = _pooled(register, pool)
    standing = np.zeros(len(register), np.bool_) if stands_in is None else stands_in
    reach = (register.active(month), c["tasks"], c["groups"], start, places, own, standing)
    bodies, first = np.zeros(shape, np.int64), np.empty(shape[0] * shape[1] * shape[2] + 1, np.int64)
    n = count_pairs(*reach, bodies, first)
    structure, liable, notice = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n)
    a = attention
    # Within a cell the order is by the structures' identities, not by their rows in a file.
    fill_pairs(
        register.by_identity, *reach, shape, c["seat"], c["level"], c["notice"], a.distance_km, a.km_centre,
        a.visibility, a.half_km, a.upper, a.upper_level, first[:-1].copy(), structure, liable, notice,
    )  # fmt: skip
    return Cells(shape, first, bodies, structure, liable, notice)


def _pooled(register: Register, pool: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return where each structure's places begin, the places it reaches in its cluster, and which are its own."""
    owner, member = np.nonzero(pool)
    pool_start = np.searchsorted(owner, np.arange(len(pool) + 1))
    most = int(np.diff(pool_start)[register.catch_list].sum()) + len(register.catch_list)
    start, places, own = np.zeros(len(register) + 1, np.int64), np.zeros(most, np.int64), np.zeros(most, np.bool_)
    n = _pool(
        register.columns["level"], LEVEL["municipality"], register.catch_start, register.catch_list, pool_start, member,
        np.full(len(pool), -1, np.int64), start, places, own,
    )  # fmt: skip
    return start, places[:n], own[:n]
