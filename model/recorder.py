"""The recorder: what a run writes down each month, as arrays, and how payments and plans read it.

It keeps counts only; every indicator is computed from them in measures.py.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from .ledger import split_cents
from .services import N_COUNTERS, OPEN, SERVED, UNMET

if TYPE_CHECKING:
    from ..agents.volunteers import VolunteerNetwork
    from .cells import Cells
    from .integration_model import IntegrationModel
    from .results import RunTables
    from .structures import Structure

# Columns of the monthly figures of the whole region.
REGION_FIGURES = (
    "cells_with_bodies",
    "cells_overlapping",  # two and more active bodies, none of them in charge
    "cells_in_need",
    "cells_in_need_without_body",
    "files_opened",
    "hand_overs",
    "hand_overs_failed",
    "duplicates_found",
    "duplicate_intake_hours",
    "meeting_hours",
    "staff_hours",
    "capacity_hours",
    "worked_hours",
    "extra_hours",
    "helpers",
    "volunteer_hours",
    "fte",
    "fte_ending",
    "concentration",  # Herfindahl index of the bodies' hours per task, weighted by the tasks' hours
    "effective_bodies",
    "cooperation",
    "structures",
)
REGION_COLUMN = {name: i for i, name in enumerate(REGION_FIGURES)}


class Recorder:
    """The monthly counts of a run."""

    def __init__(self, model: IntegrationModel) -> None:
        """Prepare the arrays of a month."""
        self.model = model
        self.shape = (len(model.field.tasks), len(model.region.keys), len(model.field.groups))
        n_cells = int(np.prod(self.shape))
        self.opened = np.zeros(n_cells)
        self.lost = np.zeros(n_cells)
        self.counters = np.zeros((n_cells, N_COUNTERS))
        self.stats = np.zeros(5)
        self.counts = [np.zeros((self.shape[1], len(people.counts))) for people in model.people]  # (M, C) by field
        names = [name for people in model.people for name in people.counts]
        self.columns = {name: [i for i, other in enumerate(names) if other == name] for name in names}
        """Columns of `by_place` by the name of the count: one for every field that counts it."""
        self.region = np.zeros(len(REGION_FIGURES))
        self.months: list[int] = []
        self.by_place: list[np.ndarray] = []  # (M, C) census
        self.by_region: list[np.ndarray] = []  # (R,)
        self.margins: list[np.ndarray] = []  # (M,) free margin in cents
        self.by_part: list[np.ndarray] = []  # (fields, 2): helpers and posts (FTE) of each field of action
        self.cells_by_task: list[np.ndarray] = []  # (K, 9 + 1): counters and opened
        self.cells_by_place: list[np.ndarray] = []  # (M, 9 + 1)
        self.cells_total = np.zeros((n_cells, N_COUNTERS + 2))  # counters, opened, months without a body while in need
        self.unmet = np.zeros(self.shape)
        self.bodies = np.zeros(self.shape, np.int64)
        """Structures with a mandate in each cell now, (K, M, G)."""
        self._has_lead = np.zeros(self.shape, np.bool_)
        self._spent: list[np.ndarray] = [np.zeros((0, len(part.tasks))) for part in model.field.parts]
        self._payroll_key = b""
        self._split: dict[int, list[tuple[int, int]]] = {}  # (account, cents) of a structure's payers
        self._payroll = np.zeros(0, np.int64)  # cents a month by payer
        self._payroll_lines = np.zeros((0, 5), np.int64)

    def start_month(self) -> None:
        """Forget last month's counts."""
        for array in (self.opened, self.lost, self.counters, self.stats, *self.counts, self.region):
            array[:] = 0.0

    def new_cells(self, cells: Cells, has_lead: np.ndarray) -> None:
        """Take note of who could take on what."""
        self.bodies = cells.bodies()
        self._has_lead = has_lead

    def meeting_hours(self, meeting: np.ndarray, own: np.ndarray) -> None:
        """Add the hours of rounds and upkeep, and the staff hours they are taken from."""
        self.region[REGION_COLUMN["meeting_hours"]] = meeting.sum()
        self.region[REGION_COLUMN["staff_hours"]] = own.sum()

    def spent(self, field: int, n_structures: int) -> np.ndarray:
        """Return the array (S, tasks of the field) into which services write the hours worked."""
        self._spent[field] = np.zeros((n_structures, self._spent[field].shape[1]))
        return self._spent[field]

    def capacity(self, capacity: np.ndarray, worked: np.ndarray, extra: np.ndarray) -> None:
        """Add what structures could do and did."""
        self.region[REGION_COLUMN["capacity_hours"]] = capacity.sum()
        self.region[REGION_COLUMN["worked_hours"]] = worked.sum()
        self.region[REGION_COLUMN["extra_hours"]] = extra.sum()
        self.unmet = self.counters[:, UNMET].reshape(self.shape).copy()

    def volunteers(self, networks: Any) -> None:
        """Add helpers and their hours."""
        members: list[VolunteerNetwork] = list(networks)
        self.region[REGION_COLUMN["helpers"]] = sum(network.helpers for network in members)
        self.region[REGION_COLUMN["volunteer_hours"]] = sum(network.hours_given for network in members)

    def census(self) -> None:
        """Count the households of the month, field by field."""
        for people, out in zip(self.model.people, self.counts, strict=True):
            people.census(self.model.month, out)

    def pay_structures(self, active: np.ndarray) -> None:
        """Post the month's cost of the active structures of the register, split among their payers.

        A structure's cost is split once; the list changes only with the set of active structures.
        """
        register = self.model.register
        ledger = self.model.ledger
        due = active & (register.columns["cost_cents"] > 0)
        key = due.tobytes()
        if key != self._payroll_key:
            for s in np.flatnonzero(due).tolist():
                if s not in self._split:
                    self._split[s] = [
                        (ledger.account(name), cents) for name, cents in _cost_shares(register.structures[s])
                    ]
            payers = [part for s in np.flatnonzero(due).tolist() for part in self._split[s]]
            # One posting per payer: nobody is told apart by structure here.
            account, cents = np.array(payers, np.int64).reshape(-1, 2).T
            accounts, place = np.unique(account, return_inverse=True)
            self._payroll = np.zeros(len(accounts), np.int64)
            np.add.at(self._payroll, place, cents)
            self._payroll_lines = ledger.lines(accounts, ledger.account("staff"), "structures", count=len(accounts))
            self._payroll_key = key
        ledger.post_lines(self.model.month, self._payroll_lines, self._payroll)

    def close_month(self) -> None:
        """Keep the month's counts."""
        model = self.model
        r = self.region
        open_cells = self.counters[:, OPEN].reshape(self.shape) > 0
        has_body = self.bodies > 0
        r[REGION_COLUMN["cells_with_bodies"]] = has_body.sum()
        r[REGION_COLUMN["cells_overlapping"]] = ((self.bodies >= 2) & ~self._has_lead).sum()
        r[REGION_COLUMN["cells_in_need"]] = open_cells.sum()
        r[REGION_COLUMN["cells_in_need_without_body"]] = (open_cells & ~has_body).sum()
        for name, value in zip(
            ("files_opened", "hand_overs", "hand_overs_failed", "duplicates_found", "duplicate_intake_hours"),
            self.stats,
            strict=True,
        ):
            r[REGION_COLUMN[name]] = value
        ending, fte = model.register.ending_fte(model.month)
        r[REGION_COLUMN["fte"]] = fte
        r[REGION_COLUMN["fte_ending"]] = ending
        r[REGION_COLUMN["structures"]] = model.register.active(model.month).sum()
        r[REGION_COLUMN["concentration"]], r[REGION_COLUMN["effective_bodies"]] = self._concentration()
        r[REGION_COLUMN["cooperation"]] = model.coordination.mean()
        wide = np.concatenate([self.counters, self.opened[:, None]], axis=1)
        cube = wide.reshape(*self.shape, -1)
        self.months.append(model.month)
        self.by_place.append(np.concatenate(self.counts, axis=1))
        self.by_region.append(r.copy())
        self.by_part.append(self._by_part())
        self.margins.append(np.asarray(model.budgets.free_margin_cents).copy())
        self.cells_by_task.append(cube.sum(axis=(1, 2)))
        self.cells_by_place.append(cube.sum(axis=(0, 2)))
        self.cells_total[:, : N_COUNTERS + 1] += wide
        self.cells_total[:, N_COUNTERS + 1] += (open_cells & ~has_body).ravel()

    def _by_part(self) -> np.ndarray:
        """Return helpers and posts for cases (FTE) of each field of action, (fields, 2)."""
        model, columns = self.model, self.model.register.columns
        out = np.zeros((len(model.people), 2))
        for network in model.networks:
            out[network.field, 0] += network.helpers
        active = model.register.active(model.month)
        for desk in model.casework.desks:
            mine = (columns["tasks"] >> desk.first_task) & ((1 << len(desk.tasks)) - 1) != 0
            out[desk.number, 1] = columns["fte"][active & mine].sum()
        return out

    def _concentration(self) -> tuple[float, float]:
        """Return the Herfindahl index of the bodies' hours and the effective number of bodies, weighted over tasks."""
        actors = self.model.register.columns["actor"]
        tasks = self.shape[0]
        spent = np.concatenate(self._spent, axis=1)
        cell = actors[: len(spent), np.newaxis] * tasks + np.arange(tasks)
        n = len(self.model.register.actors) * tasks
        hours = np.bincount(cell.ravel(), weights=spent.ravel(), minlength=n).reshape(-1, tasks)
        per_task = hours.sum(axis=0)
        busy = per_task > 0
        if not busy.any():
            return 0.0, 0.0
        shares = hours[:, busy] / per_task[busy]
        index = (shares**2).sum(axis=0)
        weights = per_task[busy] / per_task[busy].sum()
        return float((index * weights).sum()), float((weights / index).sum())

    def results(self, tables: Collection[str] | None = None) -> RunTables:
        """Return the tables of the run so far; those not in `tables` (default: all) have no rows."""
        from .tables import run_tables

        return run_tables(self.model, tables)


def _cost_shares(structure: Structure) -> list[tuple[str, int]]:
    """Return the payers of a structure's monthly cost with their exact cents."""
    names, shares = zip(*structure.payers, strict=True)
    return list(zip(names, split_cents(structure.cost_cents, shares), strict=True))


def last_count(name: str, model: IntegrationModel) -> float:
    """Return one count of the last census over all municipalities."""
    recorder = model.recorder
    return float(recorder.by_place[-1][:, recorder.columns[name]].sum()) if recorder.by_place else 0.0


def last_share(part: str, whole: str, model: IntegrationModel) -> float:
    """Return one share of the last census; NaN where there is nobody."""
    total = last_count(whole, model)
    return last_count(part, model) / total if total else float("nan")


def reporters(model: IntegrationModel) -> dict[str, Any]:
    """Return what Mesa's DataCollector shows; partial functions, so that a running model can be pickled."""
    asked = {"persons": ("persons", "")}
    for people in model.people:
        asked |= people.reporters
    return {
        name: partial(last_share, part, whole) if whole else partial(last_count, part)
        for name, (part, whole) in asked.items()
    }


__all__ = ["REGION_COLUMN", "REGION_FIGURES", "SERVED", "Recorder", "reporters"]
