"""Casework: the open cases of a run and the three phases that open them, share them out and serve them.

Every field of action has a desk of its own with its people's cases. Bodies, their hours and their cooperation are
shared: the desks take turns in coming first, so that no field is always served from what the others leave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents.jit import plain
from .assignment import Assignment
from .cases import CASE, open_needs, sort_out
from .cells import mark_changed
from .services import MOST_BODIES, SERVICE, count_contact_points, finish_service, serve, start_service
from .take_on import TAKE_ON, divide_hours, take_on

if TYPE_CHECKING:
    from .integration_model import IntegrationModel
    from .people import People


class Desk:
    """The cases of one field of action, and where its tasks, groups and cells stand among those of all fields."""

    def __init__(self, model: IntegrationModel, number: int, people: People) -> None:
        """Start without cases."""
        parts = model.field.parts
        self.people = people
        self.number = number
        self.tasks = plain(people.field.table)
        self.first_task = sum(len(part.tasks) for part in parts[:number])
        self.task_range = slice(self.first_task, self.first_task + len(self.tasks))
        groups = len(model.field.groups)
        per_task = len(model.region.keys) * groups
        self.cell_range = slice(self.task_range.start * per_task, self.task_range.stop * per_task)
        self.starts = slice(self.cell_range.start, self.cell_range.stop + 1)
        self.group_of = people.group_of + sum(len(part.groups) for part in parts[:number])
        n = len(people.rows)
        self.rows = plain(np.zeros(n * len(self.tasks), CASE).view(np.recarray))
        self.n_cases = 0
        self.seen, self.seen_before = np.zeros(n, np.int64), np.zeros(n, np.int64)

    @property
    def cases(self) -> Any:
        """The case table, read by attribute; the rows up to `n_cases` are in use."""
        return self.rows.view(np.recarray)


class Casework:
    """The desks of all fields, the candidate table, and the hours of structures in the current month."""

    def __init__(self, model: IntegrationModel) -> None:
        """Start without cases; put the parameters compiled loops read into records."""
        self.model = model
        self.desks = [Desk(model, number, people) for number, people in enumerate(model.people)]
        self.assignment = Assignment(model)
        self.backlog = np.zeros(0)  # (S,) hours of work held at the end of last month
        self._make_room(0)
        self._local = np.zeros(0, np.int64)
        self._unchanged = np.zeros(len(model.recorder.opened), np.bool_)
        p = model.parameters
        self._how = plain(np.zeros(1, TAKE_ON).view(np.recarray))
        self.follow_rule()
        self._service = plain(np.zeros(1, SERVICE).view(np.recarray))
        for name in SERVICE.names or ():
            self._service[name] = getattr(p, name)

    def follow_rule(self) -> None:
        """Take the model's rule and variant as they now are."""
        model = self.model
        p, rule = model.parameters, model.rule
        self.assignment.follow_rule()
        known = dict(p)
        settings = {name: known[name] for name in TAKE_ON.names or () if name in known}
        settings |= {
            "exclusive": float(rule.exclusive),
            "refuses_when_full": float(rule.passes_over_full),
            "register": float(model.variant.shared_register),
            "delay_months": rule.delay_months(p),
            "liable_after": p.liable_after if rule.joint_liability else 1.0e6,
        }
        for name, value in settings.items():
            self._how[name] = value

    def _make_room(self, n: int) -> None:
        """Have columns for `n` structures; the work held at the end of last month stays."""
        if n == len(self.backlog) > 0:
            return
        self.backlog = np.concatenate([self.backlog, np.zeros(n - len(self.backlog))])
        self.capacity = np.zeros(n)  # (S,) hours of the month
        self.free = np.zeros(n)  # (S,) hours until a body is full
        self.room = np.zeros(n)  # (S,) hours left for cases after meetings
        self.extra_hours = np.zeros(n)  # (S,) intake and hand-overs
        self._left, self._quality = np.zeros(n), np.zeros(n)

    @property
    def cases(self) -> Any:
        """The case table of the first field."""
        return self.desks[0].cases

    @property
    def n_cases(self) -> int:
        """Open cases of the first field: the rows of its table in use."""
        return self.desks[0].n_cases

    def in_turn(self, month: int) -> list[Desk]:
        """Return the desks in the order of a month: each comes first as often as the others."""
        first = month % len(self.desks)
        return self.desks[first:] + self.desks[:first]

    def open(self, month: int) -> None:
        """Bring the cases up to date and open the month's new ones."""
        model = self.model
        before = self.assignment.cells
        rebuilt = self.refresh(month)
        successions = model.register.successions(month)
        successor = np.arange(len(model.register) if successions else 0, dtype=np.int32)
        for old, new in successions:
            successor[old] = new
        cells = self.assignment.cells
        changed = self._unchanged
        if rebuilt:
            changed = np.empty(len(cells.start) - 1, np.bool_)
            mark_changed(before.start, before.structure, cells.start, cells.structure, changed)
        _, n_places, n_groups = cells.shape
        for desk in self.desks:
            people = desk.people
            if successions:
                files = desk.cases.files[: desk.n_cases]
                files[:] = successor[files]
            people.describe(month)
            table, cases = people.rows, desk.rows
            old = sort_out(
                table, people.situation, people.standing, desk.group_of, desk.tasks, cases, desk.n_cases, month,
                n_places, n_groups, cells.start[desk.starts], cells.structure, changed[desk.cell_range],
                model.recorder.lost[desk.cell_range],
            )  # fmt: skip
            desk.n_cases = open_needs(
                table, people.situation, people.standing, desk.group_of, people.n, month, model.seed,
                desk.tasks, n_places, n_groups, cases, old, model.recorder.opened[desk.cell_range],
            )  # fmt: skip
            people.size(cases, old, desk.n_cases)

    def refresh(self, month: int) -> bool:
        """Rebuild the candidate table when structures or alliances have changed; return whether it did."""
        rebuilt = self.assignment.refresh(month)
        if rebuilt:
            self.model.recorder.new_cells(self.assignment.cells, self.assignment.has_lead())
            register = self.model.register
            few = len(register) <= MOST_BODIES
            self._local = np.arange(len(register)) if few else register.local_numbers(month)
        return rebuilt

    def take_on(self, month: int, meeting_hours: np.ndarray) -> None:
        """Let bodies notice, take on and hand over the open cases by the variant's rule.

        Their hours are those left after meetings and applications (`meeting_hours` (A,) by actor), which an actor's
        structures share.
        """
        model = self.model
        p, register, network = model.parameters, model.register, model.coordination
        c, cells = register.columns, self.assignment.cells
        self._make_room(len(register))
        meeting = meeting_hours
        if len(meeting) < len(register.actors):
            meeting = np.zeros(len(register.actors))
            meeting[: len(meeting_hours)] = meeting_hours
        met, own = divide_hours(
            c["hours"], register.knowledge(month, p.ramp_up_level), register.active(month), c["actor"], meeting,
            p.meeting_cost_share, p.full_months, self.backlog, self.capacity, self.free, self.room, self.extra_hours,
        )  # fmt: skip
        model.recorder.meeting_hours(met, own)
        tier, weight = self.assignment.precedence(self.capacity, self.free)
        for desk in self.in_turn(month):
            take_on(
                desk.people.rows, desk.rows, desk.n_cases, month, model.seed, cells.start[desk.starts],
                cells.structure, cells.liable, cells.notice, tier, weight, c["actor"], c["identity"],
                network.q, network.home, network.column, network.adherence, self.backlog, self.capacity, self.room,
                self._how, self.extra_hours, model.recorder.stats,
            )  # fmt: skip

    def serve(self, month: int) -> None:
        """Spend the hours that meetings, intake and hand-overs leave on the cases held."""
        model = self.model
        register, network = model.register, model.coordination
        c, actors = register.columns, register.columns["actor"]
        start_service(
            self.room,
            self.extra_hours,
            self.backlog,
            self.capacity,
            self._service,
            c["whole"],
            self._left,
            self._quality,
        )
        for desk in self.in_turn(month):
            people, cases = desk.people, desk.rows
            served = np.empty((desk.n_cases, 2), np.int64)
            desk.n_cases, done = serve(
                people.rows, cases, desk.n_cases, month, self._left, self._quality, self.backlog, actors,
                c["tasks"] >> desk.first_task, network.q, network.home, network.column, desk.tasks, self._service,
                self._local, model.recorder.spent(desk.number, len(register)),
                model.recorder.counters[desk.cell_range], served, desk.seen,
            )  # fmt: skip
            count_contact_points(people.rows, people.n, desk.seen, desk.seen_before)
            people.receive(served[:done], month)
        model.recorder.capacity(*finish_service(self.room, self.extra_hours, self.capacity, self._left))
