"""The recorder: what a run writes down each month, as arrays, and how payments and plans read it.

It keeps counts only; every indicator is computed from them in measures.py.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents.jit import rule
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


@rule
def sum_cells(
    counters: Any, opened: Any, bodies: Any, has_lead: Any, by_task: Any, by_place: Any, total: Any
) -> tuple[int, int, int, int]:
    """Add the month's counts of all cells, by task (K, C + 1), by municipality (M, C + 1) and to those of the run
    (K, M, G, C + 2); return how many cells have bodies, overlap without a lead, are in need, and that without a body.

    `counters` (K, M, G, C) are those of services, `opened` the cases opened, `bodies` and `has_lead` (K, M, G).
    """
    served, overlapping, in_need, alone = 0, 0, 0, 0
    columns = counters.shape[3]
    for k in range(bodies.shape[0]):
        for m in range(bodies.shape[1]):
            for g in range(bodies.shape[2]):
                for j in range(columns + 1):
                    value = counters[k, m, g, j] if j < columns else opened[k, m, g]
                    by_task[k, j] += value
                    by_place[m, j] += value
                    total[k, m, g, j] += value
                if bodies[k, m, g] > 0:
                    served += 1
                    if bodies[k, m, g] >= 2 and not has_lead[k, m, g]:
                        overlapping += 1
                if counters[k, m, g, OPEN] > 0:
                    in_need += 1
                    if bodies[k, m, g] <= 0:
                        alone += 1
                        total[k, m, g, columns + 1] += 1.0
    return served, overlapping, in_need, alone


@rule
def sum_payroll(due: Any, first: Any, slot: Any, cents: Any, sums: Any) -> None:
    """Write into `sums` (payers,) what each payer owes for the structures that are `due` (S,), cents a month.

    Structure s is paid by slot[first[s]:first[s + 1]] with as many `cents`.
    """
    for i in range(len(sums)):
        sums[i] = 0
    for s in range(len(due)):
        if due[s]:
            for i in range(first[s], first[s + 1]):
                sums[slot[i]] += cents[i]


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
        self.by_part: list[np.ndarray] = []  # (fields, 3): helpers, posts (FTE), cents of each field of action
        self.cells_by_task: list[np.ndarray] = []  # (K, 9 + 1): counters and opened
        self.cells_by_place: list[np.ndarray] = []  # (M, 9 + 1)
        self.cells_total = np.zeros((n_cells, N_COUNTERS + 2))  # counters, opened, months without a body while in need
        self.unmet = np.zeros(self.shape)
        self.bodies = np.zeros(self.shape, np.int64)
        """Structures with a mandate in each cell now, (K, M, G)."""
        self._has_lead = np.zeros(self.shape, np.bool_)
        self._spent: list[np.ndarray] = [np.zeros((0, len(part.tasks))) for part in model.field.parts]
        self._payers: dict[int, int] = {}  # account to its place among the payers of the register
        self._pay_first, self._pay_slot, self._pay_cents = [0], list[int](), list[int]()
        self._pay_columns = tuple(np.array(column, np.int64) for column in ([0], [], []))
        self._pay_lines = np.zeros((0, 5), np.int64)
        self._cents_by_field = np.zeros(len(model.people))

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

        A structure's cost is split once; nobody is told apart by structure on the ledger.
        """
        register, ledger = self.model.register, self.model.ledger
        if len(register) >= len(self._pay_first):
            for structure in register.structures[len(self._pay_first) - 1 :]:
                shares = _cost_shares(structure) if structure.cost_cents > 0 else []
                for name, cents in shares:
                    self._pay_slot.append(self._payers.setdefault(ledger.account(name), len(self._payers)))
                    self._pay_cents.append(cents)
                self._pay_first.append(len(self._pay_slot))
            self._pay_columns = tuple(
                np.array(column, np.int64) for column in (self._pay_first, self._pay_slot, self._pay_cents)
            )
            accounts = np.array(list(self._payers), np.int64)
            self._pay_lines = ledger.lines(accounts, ledger.account("staff"), "structures", count=len(accounts))
        sums = np.empty(len(self._payers), np.int64)
        first, slot, cents = self._pay_columns
        sum_payroll(active, first, slot, cents, sums)
        ledger.post_lines(self.model.month, self._pay_lines, sums)
        self._cents_by_field = self._split(np.where(active, register.columns["cost_cents"], 0))

    def _split(self, cents: np.ndarray) -> np.ndarray:
        """Return what structures that serve cases cost by field of action, (fields,), given the cost of each (S,).

        A structure of several fields is split by the hours it worked for each this month, in equal parts when it
        worked for none.
        """
        masks = self.model.register.columns["tasks"]
        serves = np.zeros((len(self.model.people), len(cents)))
        hours = np.zeros_like(serves)
        for desk in self.model.casework.desks:
            serves[desk.number] = (masks >> desk.first_task) & ((1 << len(desk.tasks)) - 1) != 0
            spent = self._spent[desk.number]
            hours[desk.number, : len(spent)] = spent.sum(axis=1)
        worked = hours * serves
        weights = np.where(worked.sum(axis=0) > 0.0, worked, serves)
        total = weights.sum(axis=0)
        return (weights / np.where(total > 0.0, total, 1.0) * cents).sum(axis=1)

    def close_month(self) -> None:
        """Keep the month's counts."""
        model = self.model
        r = self.region
        by_task, by_place = (np.zeros((size, N_COUNTERS + 1)) for size in self.shape[:2])
        cells = sum_cells(
            self.counters.reshape(*self.shape, -1), self.opened.reshape(self.shape), self.bodies, self._has_lead,
            by_task, by_place, self.cells_total.reshape(*self.shape, -1),
        )  # fmt: skip
        r[REGION_COLUMN["cells_with_bodies"] : REGION_COLUMN["cells_in_need_without_body"] + 1] = cells
        r[REGION_COLUMN["files_opened"] : REGION_COLUMN["duplicate_intake_hours"] + 1] = self.stats
        ending, fte = model.register.ending_fte(model.month)
        r[REGION_COLUMN["fte"]] = fte
        r[REGION_COLUMN["fte_ending"]] = ending
        r[REGION_COLUMN["structures"]] = model.register.active(model.month).sum()
        r[REGION_COLUMN["concentration"]], r[REGION_COLUMN["effective_bodies"]] = self._concentration()
        r[REGION_COLUMN["cooperation"]] = model.coordination.mean()
        self.months.append(model.month)
        self.by_place.append(np.concatenate(self.counts, axis=1))
        self.by_region.append(r.copy())
        self.by_part.append(self._by_part())
        self.margins.append(np.asarray(model.budgets.free_margin_cents).copy())
        self.cells_by_task.append(by_task)
        self.cells_by_place.append(by_place)

    def _by_part(self) -> np.ndarray:
        """Return helpers, posts for cases (FTE) and their cost (cents) of each field of action, (fields, 3)."""
        model, columns = self.model, self.model.register.columns
        out = np.zeros((len(model.people), 3))
        out[:, 2] = self._cents_by_field + model.politics.cents_by_field
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
