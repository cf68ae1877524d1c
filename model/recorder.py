"""The recorder: what a run writes down each month, as arrays that payments and plans read.

It keeps counts only; every indicator is computed from them in measures.py.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents.jit import rule
from ..agents.sums import added
from .payroll import tasks_of_fields
from .services import LAPSED, N_COUNTERS, OPEN, SERVED, UNMET

if TYPE_CHECKING:
    from .cells import Cells
    from .integration_model import IntegrationModel
    from .results import RunTables

# Columns of the monthly figures of the whole region.
REGION_FIGURES = (
    "cells_with_bodies",
    "cells_overlapping",  # two and more active bodies, as far as they keep to none in charge
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
_CELLS, _STATS = REGION_COLUMN["cells_with_bodies"], REGION_COLUMN["files_opened"]
_FTE, _FTE_ENDING, _STRUCTURES = (REGION_COLUMN[name] for name in ("fte", "fte_ending", "structures"))
_CONCENTRATION, _EFFECTIVE = REGION_COLUMN["concentration"], REGION_COLUMN["effective_bodies"]
_COOPERATION = REGION_COLUMN["cooperation"]
_CLIFF = 12  # months within which an end of funding is in sight
_LAST = 2**40  # a month after every other


@rule
def find_bodies(
    cell_start: Any, structures: Any, liable: Any, actor: Any, adherence: Any, has_lead: Any, led: Any, some: Any,
    several: Any,
) -> None:  # fmt: skip
    """Write by cell how far its bodies keep to the one the rule puts in charge (`led`: their mean adherence, 0 where it
    names none), and the probabilities that it has `some` body and `several`.

    A lead on paper that nobody heeds ends no overlap, and whoever pools (`liable` 2) is there as far as it keeps to the
    pool; those that only stand in (1) do not count. `actor` (S,) whose the structures are, `adherence` (A,); `has_lead`
    and what is written (cells,).
    """
    for cell in range(len(has_lead)):
        kept, n, none, one = 0.0, 0, 1.0, 0.0
        for pair in range(cell_start[cell], cell_start[cell + 1]):
            if liable[pair] != 1:
                keeps = adherence[actor[structures[pair]]]
                there = 1.0 if liable[pair] == 0 else keeps
                one = one * (1.0 - there) + none * there
                none *= 1.0 - there
                kept += keeps
                n += 1
        led[cell] = kept / n if has_lead[cell] and n > 0 else 0.0
        some[cell], several[cell] = 1.0 - none, max(1.0 - none - one, 0.0)


@rule
def sum_cells(
    counters: Any, opened: Any, led: Any, some: Any, several: Any, by_task: Any, by_place: Any, total: Any
) -> tuple[float, float, float, float]:
    """Add the month's counts of all cells, by task (K, C + 1), by municipality (M, C + 1) and to those of the run
    (K, M, G, C + 2); return how many cells have bodies, overlap, are in need, and that without a body.

    A cell with several bodies overlaps as far as these keep to nobody in charge, see `find_bodies` for `led`,
    `some` and `several` (K, M, G). `counters` (K, M, G, C) are those of services, `opened` the cases opened (K, M, G).
    """
    served, overlapping, in_need, alone = 0.0, 0.0, 0.0, 0.0
    columns = counters.shape[3]
    for k in range(some.shape[0]):
        for m in range(some.shape[1]):
            for g in range(some.shape[2]):
                # Every case of the month was open, served or given up at its end; most cells have none.
                busy = counters[k, m, g, OPEN] != 0 or counters[k, m, g, SERVED] != 0
                if busy or counters[k, m, g, LAPSED] != 0 or opened[k, m, g] != 0:
                    for j in range(columns + 1):
                        value = counters[k, m, g, j] if j < columns else opened[k, m, g]
                        by_task[k, j] += value
                        by_place[m, j] += value
                        total[k, m, g, j] += value
                served += some[k, m, g]
                overlapping += several[k, m, g] * (1.0 - led[k, m, g])
                if counters[k, m, g, OPEN] > 0:
                    in_need += 1.0
                    alone += 1.0 - some[k, m, g]
                    total[k, m, g, columns + 1] += 1.0 - some[k, m, g]
    return served, overlapping, in_need, alone


@rule
def concentration(spent: Any, actor: Any, actors: int) -> tuple[float, float]:
    """Return the Herfindahl index of the bodies' hours and the effective number of bodies, weighted over tasks.

    `spent` (S, K) are the hours structures worked, `actor` (S,) whose they are.
    """
    tasks = spent.shape[1]
    hours, per_task = np.zeros((actors, tasks)), np.zeros(tasks)
    for s in range(len(spent)):
        for k in range(tasks):
            hours[actor[s], k] += spent[s, k]
    for a in range(actors):
        for k in range(tasks):
            per_task[k] += hours[a, k]
    busy = 0
    index, weight, squares = np.empty(tasks), np.empty(tasks), np.empty(actors)
    for k in range(tasks):
        if per_task[k] > 0:
            for a in range(actors):
                share = hours[a, k] / per_task[k]
                squares[a] = share * share
            index[busy] = added(squares, actors)
            weight[busy] = per_task[k]
            busy += 1
    if busy == 0:
        return 0.0, 0.0
    total = added(weight, busy)
    several = np.empty(busy)
    for i in range(busy):
        weight[i] = weight[i] / total
        several[i] = weight[i] / index[i]
        index[i] = index[i] * weight[i]
    return added(index, busy), added(several, busy)


@rule
def posts(active: Any, tasks: Any, mask: int, end: Any, fte: Any, until: int) -> float:
    """Return the FTE of the active structures (S,) with one of the tasks in `mask` (0: any) that end by `until`."""
    found, n = np.empty(len(active)), 0
    for s in range(len(active)):
        if active[s] and end[s] <= until and (mask == 0 or (tasks[s] & mask) != 0):
            found[n] = fte[s]
            n += 1
    return added(found, n)


@rule
def sum_month(
    month: int, counters: Any, opened: Any, there: Any, by_task: Any, by_place: Any, total: Any, stats: Any,
    active: Any, tasks: Any, masks: Any, funding_end: Any, fte: Any, actor: Any, actors: int, spent: Any, q: Any,
    pairs: int, by_part: Any, region: Any,
) -> None:  # fmt: skip
    """Write the month's figures of cells, structures and cooperation into `region`, see `REGION_FIGURES`.

    `there` (3, K, M, G) are `led`, `some` and `several` of `find_bodies`; `masks` (F,) the tasks of each field of
    action as bits, `by_part` (F, 3) takes the posts of each; `funding_end` (S,) is the first month without money, `q`
    the cooperation as one row, with so many `pairs` of actors. For the rest see `sum_cells`.
    """
    first = _CELLS
    region[first], region[first + 1], region[first + 2], region[first + 3] = sum_cells(
        counters, opened, there[0], there[1], there[2], by_task, by_place, total
    )
    for i in range(len(stats)):
        region[_STATS + i] = stats[i]
    region[_FTE] = posts(active, tasks, 0, funding_end, fte, _LAST)
    region[_FTE_ENDING] = posts(active, tasks, 0, funding_end, fte, month + _CLIFF)
    at_work = 0
    for s in range(len(active)):
        at_work += active[s]
    region[_STRUCTURES] = at_work
    region[_CONCENTRATION], region[_EFFECTIVE] = concentration(spent, actor, actors)
    region[_COOPERATION] = (added(q, len(q)) - actors) / pairs if pairs > 0 else 0.0
    for f in range(len(masks)):
        by_part[f, 1] = posts(active, tasks, masks[f], funding_end, fte, _LAST)


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
        tasks, places, _ = self.shape
        size, counters = model.months, N_COUNTERS + 1
        self._by_place = np.zeros((size, places, sum(count.shape[1] for count in self.counts)))
        self._by_region = np.zeros((size, len(REGION_FIGURES)))
        self._margins = np.zeros((size, places), np.int64)
        self._by_part = np.zeros((size, len(model.people), 3))
        self._cells_by_task = np.zeros((size, tasks, counters))
        self._cells_by_place = np.zeros((size, places, counters))
        self._masks, _ = tasks_of_fields(model.field)
        self.cells_total = np.zeros((n_cells, N_COUNTERS + 2))  # counters, opened, months without a body while in need
        self.bodies = np.zeros(self.shape, np.int64)
        """Structures with a mandate in each cell now, (K, M, G)."""
        self._has_lead = np.zeros(self.shape, np.bool_)
        self._there: np.ndarray | None = None  # led, some and several of `find_bodies`; None: to be found anew
        self._spent: list[np.ndarray] = [np.zeros((0, len(part.tasks))) for part in model.field.parts]

    @property
    def by_place(self) -> np.ndarray:
        """Census of each month so far, (T, M, C)."""
        return self._by_place[: len(self.months)]

    @property
    def by_region(self) -> np.ndarray:
        """Figures of the whole region of each month so far, (T, R)."""
        return self._by_region[: len(self.months)]

    @property
    def margins(self) -> np.ndarray:
        """Free margin of the municipalities in cents, as known in each month so far, int64 (T, M)."""
        return self._margins[: len(self.months)]

    @property
    def by_part(self) -> np.ndarray:
        """Helpers, posts for cases (FTE) and their cost (cents) of each field in each month so far, (T, F, 3)."""
        return self._by_part[: len(self.months)]

    @property
    def cells_by_task(self) -> np.ndarray:
        """Counters of services and cases opened by task in each month so far, (T, K, 9 + 1)."""
        return self._cells_by_task[: len(self.months)]

    @property
    def cells_by_place(self) -> np.ndarray:
        """Counters of services and cases opened by municipality in each month so far, (T, M, 9 + 1)."""
        return self._cells_by_place[: len(self.months)]

    @property
    def unmet(self) -> np.ndarray:
        """Hours of work still open in each cell after services, (K, M, G)."""
        return self.counters[:, UNMET].reshape(self.shape)

    def start_month(self) -> None:
        """Forget last month's counts."""
        for array in (self.opened, self.lost, self.counters, self.stats, *self.counts, self.region):
            array[:] = 0.0

    def new_cells(self, cells: Cells, has_lead: np.ndarray) -> None:
        """Take note of who could take on what."""
        self.bodies = cells.bodies
        self._has_lead = has_lead
        self._there = None

    def meeting_hours(self, meeting: float, own: float) -> None:
        """Add the hours of rounds, upkeep and applications, and the staff hours they are taken from."""
        self.region[REGION_COLUMN["meeting_hours"]] = meeting
        self.region[REGION_COLUMN["staff_hours"]] = own

    def spent(self, field: int, n_structures: int) -> np.ndarray:
        """Return the array (S, tasks of the field) into which services write the hours worked."""
        self._spent[field] = np.zeros((n_structures, self._spent[field].shape[1]))
        return self._spent[field]

    def capacity(self, capacity: float, worked: float, extra: float) -> None:
        """Add the hours structures had, worked on cases, and spent on intake and hand-overs."""
        self.region[REGION_COLUMN["capacity_hours"]] = capacity
        self.region[REGION_COLUMN["worked_hours"]] = worked
        self.region[REGION_COLUMN["extra_hours"]] = extra

    def volunteers(self) -> None:
        """Add helpers and their hours."""
        helpers, hours = self.model.helpers.given
        self.region[REGION_COLUMN["helpers"]], self.region[REGION_COLUMN["volunteer_hours"]] = helpers, hours

    def census(self) -> None:
        """Count the households of the month, field by field."""
        for people, out in zip(self.model.people, self.counts, strict=True):
            people.census(self.model.month, out)

    def spent_on_all(self) -> np.ndarray:
        """Return the hours structures worked this month by task of all fields, (S, K)."""
        return self._spent[0] if len(self._spent) == 1 else np.concatenate(self._spent, axis=1)

    def _bodies_there(self) -> np.ndarray:
        """Return how far each cell's bodies keep to one in charge, and how sure it has some and several, (3, K, M, G).

        Under a rule that names nobody and pools nothing this stays until the candidates change.
        """
        if self._there is None or self.model.rule.exclusive:
            model, cells = self.model, self.model.cells
            self._there = np.empty((3, *self.shape))
            led, some, several = self._there.reshape(3, -1)
            find_bodies(
                cells.start, cells.structure, cells.liable, model.register.columns["actor"],
                model.coordination.adherence, self._has_lead.reshape(-1), led, some, several,
            )  # fmt: skip
        return self._there

    def close_month(self) -> None:
        """Keep the month's counts."""
        model, t = self.model, len(self.months)
        c, network = model.register.columns, model.coordination
        spent = self.spent_on_all()
        by_part = self._by_part[t]
        sum_month(
            model.month, self.counters.reshape(*self.shape, -1), self.opened.reshape(self.shape), self._bodies_there(),
            self._cells_by_task[t], self._cells_by_place[t], self.cells_total.reshape(*self.shape, -1), self.stats,
            model.register.active(model.month), c["tasks"], self._masks, c["funding_end"], c["fte"], c["actor"],
            len(network.actors), spent, network.q.reshape(-1), network.pairs, by_part, self.region,
        )  # fmt: skip
        by_part[:, 2] = model.payroll.cents_by_field + model.politics.cents_by_field
        by_part[:, 0] = np.bincount(model.helpers.field_of, model.helpers.rows["helpers"], minlength=len(by_part))
        self._by_region[t] = self.region
        if len(self.counts) == 1:
            self._by_place[t] = self.counts[0]
        else:
            np.concatenate(self.counts, axis=1, out=self._by_place[t])
        self._margins[t] = model.budgets.free_margin_cents
        self.months.append(model.month)

    def results(self, tables: Collection[str] | None = None) -> RunTables:
        """Return the tables of the run so far; those not in `tables` (default: all) have no rows."""
        from .tables import run_tables

        return run_tables(self.model, tables)
