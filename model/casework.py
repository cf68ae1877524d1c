"""Casework: the open cases of a run and the three phases that open them, share them out and serve them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .assignment import Assignment
from .cases import CASE, open_needs, sort_out
from .cells import mark_changed
from .services import SERVICE, serve
from .take_on import TAKE_ON, count_contact_points, take_on

if TYPE_CHECKING:
    from .integration_model import IntegrationModel

_MANY = 62  # structures up to which a household's contact points are counted by structure number


class Casework:
    """The case table, the candidate table, and the hours of structures in the current month."""

    def __init__(self, model: IntegrationModel) -> None:
        """Start without cases; put the parameters compiled loops read into records."""
        self.model = model
        self.tasks = model.field.table
        n = len(model.households.table)
        self.cases = np.zeros(n * len(self.tasks), CASE).view(np.recarray)
        self.n_cases = 0
        self.assignment = Assignment(model)
        self.backlog = np.zeros(0)  # (S,) hours of work held at the end of last month
        self.capacity = np.zeros(0)  # (S,) hours of the month
        self.room = np.zeros(0)  # (S,) hours left for cases after meetings
        self.extra_hours = np.zeros(0)  # (S,) intake and hand-overs
        self._seen = np.zeros(n, np.int64)
        p = model.parameters
        self._how = np.zeros(1, TAKE_ON).view(np.recarray)
        self.follow_rule()
        self._service = np.zeros(1, SERVICE).view(np.recarray)
        for name in SERVICE.names or ():
            self._service[name] = getattr(p, name)

    def follow_rule(self) -> None:
        """Take the model's rule and variant as they now are."""
        model = self.model
        p, rule = model.parameters, model.rule
        self.assignment.follow_rule()
        settings = {name: getattr(p, name) for name in TAKE_ON.names or () if name in dict(p)}
        settings |= {
            "exclusive": float(rule.exclusive),
            "refuses_when_full": float(rule.passes_over_full),
            "register": float(model.variant.shared_register),
            "delay_months": rule.delay_months(p),
            "liable_after": p.liable_after if rule.joint_liability else 1.0e6,
        }
        for name, value in settings.items():
            self._how[name] = value

    def open(self, month: int) -> None:
        """Bring the cases up to date and open the month's new ones."""
        model, h = self.model, self.model.households
        before = self.assignment.cells
        rebuilt = self.refresh(month)
        if successions := model.register.successions(month):
            successor = np.arange(len(model.register), dtype=np.int32)
            for old, new in successions:
                successor[old] = new
            files = self.cases.files[: self.n_cases]
            files[:] = successor[files]
        cells = self.assignment.cells
        changed = np.zeros(len(cells.start) - 1, np.bool_)
        if rebuilt:
            mark_changed(before.start, before.structure, cells.start, cells.structure, changed)
        _, n_places, n_groups = cells.shape
        self.n_cases = sort_out(
            h.table, self.cases, self.n_cases, month, n_places, n_groups, cells.start, cells.structure,
            changed, h.p, model.recorder.lost,
        )  # fmt: skip
        self.n_cases = open_needs(
            h.table, h.adults, h.n, month, model.seed, h.places, h.p, self.tasks, n_places, n_groups, self.cases,
            self.n_cases, model.recorder.opened,
        )  # fmt: skip

    def refresh(self, month: int) -> bool:
        """Rebuild the candidate table when structures or alliances have changed; return whether it did."""
        rebuilt = self.assignment.refresh(month)
        if rebuilt:
            self.model.recorder.new_cells(self.assignment.cells, self.assignment.has_lead())
        return rebuilt

    def take_on(self, month: int, meeting_hours: np.ndarray) -> None:
        """Let bodies notice, take on and hand over the open cases by the variant's rule.

        Their hours are those left after meetings (`meeting_hours` (A,) by actor), shared by an actor's structures.
        """
        model = self.model
        p, register, network = model.parameters, model.register, model.coordination
        c, cells = register.columns, self.assignment.cells
        known = register.knowledge(month, p.ramp_up_level)
        self.capacity = c["hours"] * known * register.active(month)
        self.backlog = np.concatenate([self.backlog, np.zeros(len(register) - len(self.backlog))])
        free = np.maximum(p.full_months * self.capacity - self.backlog, 0.0)
        tier, weight = model.rule.precedence(self.assignment.candidates(self.capacity, free), p)
        actors = c["actor"]
        meeting = np.zeros(len(register.actors))
        meeting[: len(meeting_hours)] = meeting_hours
        own = np.bincount(actors, weights=self.capacity, minlength=len(meeting))
        part = np.divide(self.capacity, own[actors], out=np.zeros_like(self.capacity), where=own[actors] > 0)
        self.room = np.maximum(self.capacity - part * meeting[actors] * p.meeting_cost_share, 0.0)
        model.recorder.meeting_hours(meeting, own)
        self.extra_hours = np.zeros(len(register))
        take_on(
            model.households.table, self.cases, self.n_cases, month, model.seed, cells.start, cells.structure,
            cells.liable, self.assignment.notice, tier, weight, c["actor"], c["identity"], network.q,
            network.home, network.column, network.adherence, self.backlog, self.capacity, self.room, self._how[0],
            self.extra_hours, model.recorder.stats,
        )  # fmt: skip

    def serve(self, month: int) -> None:
        """Spend the hours that meetings, intake and hand-overs leave on the cases held."""
        model, h = self.model, self.model.households
        register, network = model.register, model.coordination
        c, actors = register.columns, register.columns["actor"]
        left = np.maximum(self.room - self.extra_hours, 0.0)
        before = left.copy()
        self.n_cases = serve(
            h.table, h.adults, self.cases, self.n_cases, month, model.seed, left, self.capacity, self.backlog, actors,
            c["tasks"], network.q, network.home, network.column, self.tasks, self._service[0], h.p,
            model.recorder.spent(len(register)), model.recorder.counters,
        )  # fmt: skip
        model.recorder.capacity(self.capacity, before - left, self.extra_hours)
        local = np.arange(len(register)) if len(register) <= _MANY else register.local_numbers(month)
        count_contact_points(h.table, h.n, self.cases, self.n_cases, local, self._seen)
