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
    active: Any, tasks: Any, groups: Any, catch_start: Any, catch_list: Any, stands_in: Any, n_tasks: int,
    n_places: int, n_groups: int, cells: Any, structures: Any, liable: Any,
) -> int:  # fmt: skip
    """Write the candidate pairs (cell, structure) of all active structures; with empty outputs, only count them."""
    n = 0
    count_only = len(cells) == 0
    for s in range(len(active)):
        if not active[s] or tasks[s] == 0:
            continue
        for k in range(n_tasks):
            mandate = (tasks[s] >> k) & 1
            if mandate == 0 and not stands_in[s]:
                continue
            for j in range(catch_start[s], catch_start[s + 1]):
                m = catch_list[j]
                for g in range(n_groups):
                    if (groups[s] >> g) & 1:
                        if not count_only:
                            cells[n] = (k * n_places + m) * n_groups + g
                            structures[n] = s
                            liable[n] = 1 - mandate
                        n += 1
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
    if pool is not None:
        lists = [_pooled(places[start[s] : start[s + 1]], c["level"][s], pool) for s in range(len(register))]
        start = np.cumsum([0, *map(len, lists)]).astype(np.int64)
        places = np.concatenate(lists) if lists else places
    standing = np.zeros(len(register), np.bool_) if stands_in is None else stands_in
    arguments = (register.active(month), c["tasks"], c["groups"], start, places, standing, *shape)
    empty = np.zeros(0, np.int64)
    cell, structure, liable = (np.zeros(_fill(*arguments, empty, empty, empty), np.int64) for _ in range(3))
    _fill(*arguments, cell, structure, liable)
    if pool is not None:
        own = np.zeros((len(register), shape[1]), np.bool_)
        own[np.repeat(np.arange(len(register)), np.diff(register.catch_start)), register.catch_list] = True
        liable[~own[structure, cell // shape[2] % shape[1]]] = 2
    # Within a cell the order is by the structures' identities, not by their rows in a file.
    order = np.lexsort((c["identity"][structure], cell))
    cell, structure, liable = cell[order], structure[order], liable[order]
    first = np.searchsorted(cell, np.arange(int(np.prod(shape)) + 1)).astype(np.int64)
    return Cells(shape, first, structure, cell, liable)


def _pooled(catchment: np.ndarray, level: int, pool: np.ndarray) -> np.ndarray:
    """Return the places a structure reaches when municipal and voluntary ones also serve their cluster."""
    return np.flatnonzero(pool[catchment].any(axis=0)) if level <= LEVEL["municipality"] else catchment
