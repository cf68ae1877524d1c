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
def _fill(
    order: Any, active: Any, tasks: Any, groups: Any, start: Any, places: Any, own: Any, stands_in: Any,
    shape: tuple[int, int, int], count_only: bool, free: Any, cells: Any, structures: Any, liable: Any,
) -> None:  # fmt: skip
    """Write the candidate pairs (cell, structure) of all active structures, by cell, within a cell in `order`.

    With `count_only` their number is added to `free` (cells,), else `free` is the first free row of each cell.
    """
    n_tasks, n_places, n_groups = shape
    for s in order:
        if not active[s] or tasks[s] == 0:
            continue
        for k in range(n_tasks):
            mandate = (tasks[s] >> k) & 1
            if mandate == 0 and not stands_in[s]:
                continue
            for j in range(start[s], start[s + 1]):
                for g in range(n_groups):
                    if (groups[s] >> g) & 1:
                        cell = (k * n_places + places[j]) * n_groups + g
                        row = free[cell]
                        free[cell] = row + 1
                        if not count_only:
                            cells[row] = cell
                            structures[row] = s
                            liable[row] = 1 - mandate if own[j] else 2


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
class Cells:
    """The candidate table of a month: for each pair its cell, structure and whether it only stands in (joint
    liability).
    """

    shape: tuple[int, int, int]  # tasks, municipalities, groups
    start: np.ndarray  # (cells + 1,) int64
    structure: np.ndarray  # (pairs,) int64
    cell: np.ndarray  # (pairs,) int64
    liable: np.ndarray  # (pairs,) int64: 1 where the structure has no mandate and only stands in, 2 where it pools

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

    def bodies(self) -> np.ndarray:
        """Return the number of structures with a mandate in each cell, shape (tasks, municipalities, groups)."""
        total = np.bincount(self.cell, weights=self.liable != 1, minlength=len(self.start) - 1)
        return total.astype(np.int64).reshape(self.shape)


def build_cells(register: Register, month: int, *, pool: np.ndarray | None, stands_in: np.ndarray | None) -> Cells:
    """Return the candidate table of a month.

    `pool` (M, M) bool extends municipal structures to the other members of their cluster (rule `intermunicipal`);
    `stands_in` (S,) bool marks structures that accept any task under joint liability (rule `community`).
    """
    field = register.field_of_action
    shape = (len(field.tasks), len(register.region.keys), len(field.groups))
    c = register.columns
    start, places = register.catch_start, register.catch_list
    own = np.ones(len(places), np.bool_)
    if pool is not None:
        start, places, own = _pooled(register, pool)
    standing = np.zeros(len(register), np.bool_) if stands_in is None else stands_in
    # Within a cell the order is by the structures' identities, not by their rows in a file.
    order = np.argsort(c["identity"], kind="stable")
    arguments = (order, register.active(month), c["tasks"], c["groups"], start, places, own, standing, shape)
    first, nothing = np.zeros(int(np.prod(shape)) + 1, np.int64), np.zeros(0, np.int64)
    _fill(*arguments, True, first[1:], nothing, nothing, nothing)
    np.cumsum(first, out=first)
    cell, structure, liable = (np.zeros(first[-1], np.int64) for _ in range(3))
    _fill(*arguments, False, first[:-1].copy(), cell, structure, liable)
    return Cells(shape, first, structure, cell, liable)


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
