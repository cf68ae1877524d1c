"""The register of structures: posts, offices, courses and projects with their tasks, places, capacity, payers and end.

Structures are not agents; actors own them. The register holds one column per property so that cells (task,
municipality, group) and capacities are computed for all structures at once. Structures are added during a run and
never removed: one that has ended is inactive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..agents.jit import rule
from .calendar import OPEN_END, month_label
from .rng import identity_of

if TYPE_CHECKING:
    from .field import Field
    from .region import Region

LEVELS = ("volunteers", "municipality", "welfare", "provider", "district", "bezirk", "state", "federal")
LEVEL = {name: code for code, name in enumerate(LEVELS)}
_NEVER = 2**40  # further away than any month


@dataclass(frozen=True, slots=True)
class Structure:
    """One structure: who owns it, what it covers and where, what it can do and costs, who pays, from when to when.

    `hours` is its capacity for cases in hours a month, `fte` its posts, `cost_cents` its monthly cost, `payers` the
    shares of ledger accounts in that cost, `start` and `end` month numbers (the end month is the first one without
    it). A post founded during the run is paid through its award: its `cost_cents` are 0, and `awarded` is what the
    first award says it costs a month and who bears it.
    """

    id: str
    name: str
    actor: str
    level: str
    tasks: tuple[str, ...]
    groups: tuple[str, ...]
    catchment: tuple[int, ...]
    hours: float
    fte: float
    cost_cents: int
    payers: tuple[tuple[str, float], ...]
    start: int
    end: int = OPEN_END
    ramp_up: int = 0
    notice: float = 1.0
    nature: str = "voluntary"
    instrument: str = "own_budget"
    seat: int = -1  # municipality index of its seat; -1: the district's centre
    awarded: tuple[int, tuple[tuple[str, float], ...]] = (0, ())
    unit: str = ""  # phases of one office share a unit: knowledge, files and luck pass from one to the next


@rule
def known_share(months: int, ramp_up: int, start_level: float) -> float:
    """Return the share of full effect of a structure after so many months: it ramps up from `start_level` to 1."""
    return min(1.0, start_level + (1.0 - start_level) * (months + 1) / ramp_up) if ramp_up > 0 else 1.0


@rule
def ramp_up(month: int, start: Any, ramp_up: Any, start_level: float, known: Any) -> None:
    """Write the share of full effect of all structures (S,) in a month."""
    for s in range(len(known)):
        known[s] = known_share(month - start[s], ramp_up[s], start_level)


@rule
def mark_active(month: int, start: Any, end: Any, before: Any, active: Any) -> tuple[int, int, bool]:
    """Write which structures (S,) exist in a month; return since which month they are the same, until which they stay
    so (the first month without), and whether others were active `before`, when there were fewer rows perhaps.
    """
    since, until, others = -_NEVER, _NEVER, False
    for s in range(len(active)):
        active[s] = start[s] <= month < end[s]
        others = others or active[s] != (s < len(before) and before[s])
        for turn in (start[s], end[s]):
            if turn <= month:
                since = max(since, turn)
            else:
                until = min(until, turn)
    return since, until, others


@rule
def number_locally(active: Any, first: Any, places: Any, taken: Any, numbers: Any) -> None:
    """Write the numbers of active structures (S,), see `Register.local_numbers`; `taken` (M,) is scratch and zero."""
    wide = 0
    for s in range(len(active)):
        if active[s] and first[s + 1] - first[s] > 1:
            numbers[s] = wide
            wide += 1
    for s in range(len(active)):
        if active[s] and first[s + 1] - first[s] == 1:
            numbers[s] = wide + taken[places[first[s]]]
            taken[places[first[s]]] += 1


_COLUMNS: dict[str, type] = {
    **dict.fromkeys(("actor", "level", "tasks", "groups", "cost_cents", "ramp_up", "seat", "identity"), np.int64),
    **dict.fromkeys(("start", "end", "unit_start", "funding_end"), np.int64),
    **dict.fromkeys(("hours", "fte", "notice", "support"), np.float64),
    **dict.fromkeys(("contractor", "whole"), np.bool_),
}
"""Columns of structures (tasks and groups are bits) and their types."""


@dataclass
class Register:
    """All structures of a run as columns, with the actors that own them."""

    field_of_action: Field
    region: Region
    support_share: float = 0.0
    """Part of the time of a post that looks after helpers beside cases."""
    structures: list[Structure] = field(default_factory=list)
    actors: list[str] = field(default_factory=list)
    version: int = 0  # grows whenever a structure is added or changed; who caches cells looks here

    def __post_init__(self) -> None:
        """Start with empty columns."""
        self._actor_index: dict[str, int] = {}
        self.task_number = {task: k for k, task in enumerate(self.field_of_action.task_ids)}
        """Number of each task of the field by its id."""
        self._number: dict[str, int] = {}
        self._later: dict[int, list[int]] = {}  # month to the phases of an office that begin then, but the first ones
        self._room = {name: np.empty(0, dtype) for name, dtype in _COLUMNS.items()}
        self._show_columns()
        self._district_of = self.region.municipalities["district_index"].to_numpy(np.int64)
        self._reach = np.zeros((len(self.region.districts), 0), np.bool_)  # which structures reach which district
        self.active_number = 0
        """Number of the set of active structures last asked for: another one means that others are active."""
        self.by_identity = np.zeros(0, np.int64)
        """Rows in the order of their structures' identities, which does not depend on the order of a file, (S,)."""
        self._active = np.zeros(0, np.bool_)
        self._active_in = (-1, 0, 0)  # version, and from which month to which the mask of active structures holds
        self._known: tuple[tuple[int, int, float], np.ndarray] = ((0, -1, 0.0), np.zeros(0))
        self.catch_start = np.zeros(1, np.int64)
        self.catch_list = np.zeros(0, np.int64)

    def __len__(self) -> int:
        """Count the structures, ended ones included."""
        return len(self.structures)

    def copy(self) -> Register:
        """Return a register with the same structures that can go its own way."""
        other = Register(
            self.field_of_action,
            self.region,
            self.support_share,
            self.structures.copy(),
            self.actors.copy(),
            self.version,
        )
        other._actor_index, other._number = self._actor_index.copy(), self._number.copy()
        other._room = {name: column.copy() for name, column in self._room.items()}
        other._show_columns()
        other.catch_start, other.catch_list = self.catch_start, self.catch_list
        other.by_identity, other._reach = self.by_identity, self._reach
        other._later = {month: rows.copy() for month, rows in self._later.items()}
        return other

    def actor(self, name: str) -> int:
        """Return the number of an actor, adding it on first use."""
        if name not in self._actor_index:
            self._actor_index[name] = len(self.actors)
            self.actors.append(name)
        return self._actor_index[name]

    def add(self, new: Sequence[Structure]) -> None:
        """Add structures; those in the register keep their rows."""
        first = len(self.structures)
        self.structures.extend(new)
        self._number.update({structure.id: first + i for i, structure in enumerate(new)})
        if len(self.structures) > len(self._room["start"]):
            more = max(len(new), first)
            self._room = {name: np.concatenate([c, np.empty(more, c.dtype)]) for name, c in self._room.items()}
        for i, row in enumerate(self._rows_of(new), start=first):
            for name, value in row.items():
                self._room[name][i] = value
            if row["start"] > row["unit_start"]:
                self._later.setdefault(row["start"], []).append(i)
        self._show_columns()
        self.by_identity = self.columns["identity"].argsort(kind="stable")
        starts, reach = [int(self.catch_start[-1])], np.zeros((len(self.region.districts), len(new)), np.bool_)
        for i, structure in enumerate(new):
            starts.append(starts[-1] + len(structure.catchment))
            for m in structure.catchment:
                reach[self._district_of[m], i] = True
        self.catch_start = np.concatenate([self.catch_start, np.array(starts[1:], np.int64)])
        self.catch_list = np.concatenate([self.catch_list, np.array([m for s in new for m in s.catchment], np.int64)])
        self._reach = np.concatenate([self._reach, reach], axis=1)
        self.version += 1

    def end(self, ids: Sequence[str], month: int) -> None:
        """Let structures end with this month (they are inactive from it on)."""
        for name in ids:
            i = self._number[name]
            self.columns["end"][i] = self.columns["funding_end"][i] = min(int(self.columns["end"][i]), month)
        self.version += 1

    def extend(self, structure: str, month: int) -> None:
        """Let a structure last until `month` (the first month without it) instead of its earlier end."""
        i = self._number[structure]
        self.columns["end"][i] = self.columns["funding_end"][i] = month
        self.version += 1

    def _show_columns(self) -> None:
        """Show the rows in use of the columns, which have room for more."""
        n = len(self.structures)
        self.columns = {name: column[:n] for name, column in self._room.items()}

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is only another view of the columns, which would become one of its own in a copy."""
        return {name: value for name, value in self.__dict__.items() if name != "columns"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Show the columns again."""
        self.__dict__.update(state)
        self._show_columns()

    def _rows_of(self, items: Sequence[Structure]) -> list[dict[str, Any]]:
        """Return the values of some structures by column; phases of one unit stand in the same call."""
        tasks = self.task_number
        groups = {group: g for g, group in enumerate(self.field_of_action.groups)}
        first: dict[str, int] = {}
        for s in items:
            unit = s.unit or s.id
            first[unit] = min(s.start, first.get(unit, s.start))
        return [
            {
                "actor": self.actor(s.actor),
                "level": LEVEL[s.level],
                "tasks": sum(1 << tasks[t] for t in s.tasks if t in tasks),
                "groups": sum(1 << groups[g] for g in s.groups),
                "hours": s.hours,
                "fte": s.fte,
                "cost_cents": s.cost_cents,
                "start": s.start,
                "end": s.end,
                "unit_start": first[s.unit or s.id],
                "funding_end": s.end if s.nature == "voluntary" else OPEN_END,  # a duty goes on whatever its phases
                "ramp_up": s.ramp_up,
                "notice": s.notice,
                "seat": s.seat,
                "contractor": any(name.startswith("district:") for name, _ in s.payers),
                "whole": self.whole(s.tasks),
                "support": self.support(s.tasks),
                "identity": identity_of(s.unit or s.id),
            }
            for s in items
        ]

    def whole(self, tasks: Sequence[str]) -> bool:
        """Return whether the hours of a structure of these tasks are work as they stand (lessons of courses)."""
        return any(task in self.field_of_action.full_hours_tasks for task in tasks)

    def support(self, tasks: Sequence[str]) -> float:
        """Return the part of its time that a structure of these tasks looks after helpers: all of it, none, or beside
        cases `support_share`; its hours for cases are less by as much.
        """
        if "volunteer_support" not in tasks:
            return 0.0
        return self.support_share if set(tasks) - set(self.field_of_action.support) else 1.0

    def in_district(self, district: int) -> np.ndarray:
        """Return the mask of structures that reach a municipality of a district, (S,)."""
        return self._reach[district]

    def successions(self, month: int) -> list[tuple[int, int]]:
        """Return (ended phase, its next phase) for every office that changes its size with this month."""
        starting = self._later.get(month)
        if starting is None:
            return []
        ended = {self.structures[i].unit: i for i in np.flatnonzero(self.columns["end"] == month)}
        return [(int(ended[unit]), i) for i in starting if (unit := self.structures[i].unit) in ended]

    def local_numbers(self, month: int) -> np.ndarray:
        """Number the active structures so that those reaching the same place differ: wide ones first, then by place."""
        numbers = np.zeros(len(self), np.int64)
        taken = np.zeros(len(self.region.keys), np.int64)
        number_locally(self.active(month), self.catch_start, self.catch_list, taken, numbers)
        return numbers

    def active(self, month: int) -> np.ndarray:
        """Return the mask of structures that exist in a month; it must not be changed.

        `active_number` stays the same until a structure begins or ends.
        """
        version, since, until = self._active_in
        if version != self.version or not since <= month < until:
            mask = np.empty(len(self), np.bool_)
            columns = self.columns
            since, until, others = mark_active(month, columns["start"], columns["end"], self._active, mask)
            self._active_in = (self.version, since, until)
            self.active_number += others
            mask.setflags(write=False)
            self._active = mask
        return self._active

    def knowledge(self, month: int, start_level: float) -> np.ndarray:
        """Return the share of full effect of each structure: it ramps up linearly from `start_level` to 1."""
        asked = (month, self.version, start_level)
        if self._known[0] != asked:
            self._known = (asked, self._knowledge(month, start_level))
        return self._known[1]

    def _knowledge(self, month: int, start_level: float) -> np.ndarray:
        known = np.empty(len(self))
        ramp_up(month, self.columns["unit_start"], self.columns["ramp_up"], start_level, known)
        return known

    def frame(self) -> pd.DataFrame:
        """Return the register as a table with month labels, one row per structure."""
        ends = self.columns["end"] if len(self) else []
        return pd.DataFrame(
            {
                "structure": [s.id for s in self.structures],
                "name": [s.name for s in self.structures],
                "owner": [s.actor for s in self.structures],
                "level": [s.level for s in self.structures],
                "tasks": [";".join(s.tasks) for s in self.structures],
                "groups": [";".join(s.groups) for s in self.structures],
                "catchment": [";".join(self.region.keys[m] for m in s.catchment) for s in self.structures],
                "fte": [s.fte for s in self.structures],
                "hours_per_month": [float(h) for h in self.columns.get("hours", [])],
                "cost_cents_per_month": [s.cost_cents or s.awarded[0] for s in self.structures],
                "payers": [
                    ";".join(f"{name}={share:g}" for name, share in s.awarded[1] or s.payers) for s in self.structures
                ],
                "nature": [s.nature for s in self.structures],
                "instrument": [s.instrument for s in self.structures],
                "start": ["" if s.start <= -OPEN_END else month_label(s.start) for s in self.structures],
                "end": ["" if end >= OPEN_END else month_label(int(end) - 1) for end in ends],
            }
        )
