"""What planning actors wish for: the need each sees in its places, less the posts it knows others have asked for.

All actors plan in one pass over arrays; an actor that plans alone goes through the same pass with one row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..agents.jit import rule
from ..agents.planning import Wish, known_hours, perceived_need, posts_for
from .coordination import quality_between
from .funding.proposal import Kind, Proposal, proposal_of
from .services import OPEN, UNHELD, UNMET

if TYPE_CHECKING:
    from ..agents.actors import PlanningActor
    from .integration_model import IntegrationModel

# Columns of what was asked for: planner, task, month, and the first month in which it is at work or known as refused.
PLANNER, TASK, ASKED, KNOWN_FROM, N_COLUMNS = 0, 1, 2, 3, 4
_UNDECIDED = 2**40  # a month after every other
_LONGEST = 24  # months after which nobody waits for a decision any more


@rule
def add_known(
    row: int, first: int, end: int, places: Any, who: Any, tasks: Any, hours: Any, reach: Any, at_start: Any, at: Any,
    q: Any, home: Any, column: Any, share: Any, known: Any,
) -> None:  # fmt: skip
    """Add to `known` (K,) what actor `row`, at work in places[first:end], knows of the posts asked for.

    Of each post: `who` asked, the task, the hours a month and how many places it is to serve (`reach`); `at` has the
    posts of each place. `share` (posts,) is scratch and zero.
    """
    for i in range(first, end):
        for j in range(at_start[places[i]], at_start[places[i] + 1]):
            share[at[j]] += 1
    # In the order in which they were asked for, whichever places they are found by.
    alone = end - first == 1
    for j in range(at_start[places[first]] if alone else 0, at_start[places[first] + 1] if alone else len(who)):
        n = at[j] if alone else j
        if share[n] == 0:
            continue
        if who[n] == row:
            known[tasks[n]] += hours[n]
        else:
            quality = quality_between(row, who[n], q, home, column)
            known[tasks[n]] += known_hours(hours[n], share[n] / reach[n], quality)
        share[n] = 0


@rule
def by_place(planners: Any, place_start: Any, places: Any, n_places: int) -> tuple[Any, Any]:
    """Return the posts asked for by place: those of place m are at[at_start[m]:at_start[m + 1]], in their order.

    Post n is to serve the places of planners[n], places[place_start[planner]:place_start[planner + 1]].
    """
    at_start = np.zeros(n_places + 1, np.int64)
    for planner in planners:
        for i in range(place_start[planner], place_start[planner + 1]):
            at_start[places[i] + 1] += 1
    for m in range(n_places):
        at_start[m + 1] += at_start[m]
    taken, at = at_start.copy(), np.empty(at_start[n_places], np.int64)
    for n in range(len(planners)):
        for i in range(place_start[planners[n]], place_start[planners[n] + 1]):
            at[taken[places[i]]] = n
            taken[places[i]] += 1
    return at_start, at


@rule
def gap_hours(counters: Any, bodies: Any, task: int, first: int, end: int, places: Any) -> tuple[float, float]:
    """Return the open cases of a task in places[first:end], and those of them that are stuck: without any body that
    may take them on, or held by nobody for long.

    `counters` (K, M, G, C) and `bodies` (K, M, G) are those of the last month.
    """
    total, stuck = 0.0, 0.0
    for i in range(first, end):
        m = places[i]
        for g in range(bodies.shape[2]):
            total += counters[task, m, g, OPEN]
            stuck += counters[task, m, g, OPEN if bodies[task, m, g] == 0 else UNHELD]
    return total, stuck


@rule
def reaches_gap(counters: Any, bodies: Any, task: int, first: int, end: int, places: Any, least: float) -> bool:
    """Return whether at least the share `least` of the open cases of a task in places[first:end] are stuck."""
    total, stuck = gap_hours(counters, bodies, task, first, end, places)
    return total > 0 and stuck >= least * total


@rule
def plan_rows(
    begin: int, stop: int, rows: Any, sights: Any, competence: Any, place_start: Any, places: Any, counters: Any,
    bodies: Any, visibility: Any, months: float, least: float, hours_per_fte: float, gap_share: float, asked: Any,
    asked_hours: Any, q: Any, home: Any, column: Any, need: Any, wished: Any, sizes: Any,
) -> int:  # fmt: skip
    """Let planners begin..stop-1 plan: write the `need` (P, K) each believes in, and the posts it wishes for.

    `wished` (n, 4) takes planner and task of each wish, whether the planner waits before it asks for such a post again,
    and whether it reaches a gap; `sizes` (n, 2) its hours a month and its posts; return their number. `asked` (posts,
    columns) are planner and task of what was asked for, `asked_hours` its hours while it is not yet decided or at work;
    `counters` (K, M, G, C) has the hours of open work.
    """
    who, tasks, reach = rows[asked[:, 0]], asked[:, 1], np.empty(len(asked), np.int64)
    waits = np.zeros(need.shape, np.bool_)
    for n in range(len(asked)):
        reach[n] = place_start[asked[n, 0] + 1] - place_start[asked[n, 0]]
        waits[asked[n, 0], asked[n, 1]] = True
    at_start, at = by_place(asked[:, 0], place_start, places, counters.shape[1])
    unmet = np.zeros((counters.shape[0], counters.shape[1]))
    for k in range(unmet.shape[0]):
        for m in range(unmet.shape[1]):
            for g in range(counters.shape[2]):
                unmet[k, m] += counters[k, m, g, UNMET]
    share = np.zeros(len(asked), np.int64)
    found = 0
    for i in range(begin, stop):
        known = np.zeros(need.shape[1])
        first, end = place_start[i], place_start[i + 1]
        add_known(
            rows[i], first, end, places, who, tasks, asked_hours, reach, at_start, at, q, home, column, share, known
        )
        for k in range(need.shape[1]):
            total = 0.0
            for j in range(first, end):
                total += unmet[k, places[j]]
            need[i, k] = perceived_need(total, visibility[k], sights[i], months, known[k])
            if competence[i, k] and need[i, k] >= least:
                wished[found, 0] = i
                wished[found, 1] = k
                wished[found, 2] = waits[i, k]
                wished[found, 3] = reaches_gap(counters, bodies, k, first, end, places, gap_share)
                sizes[found, 0] = need[i, k]
                sizes[found, 1] = posts_for(need[i, k], hours_per_fte)
                found += 1
    return found


class Wished(NamedTuple):
    """A wish of all planners' pass: planner and task by number, hours a month, posts, whether it reaches a gap.

    `waits`: the planner asked for such a post so lately that it does not ask again; `refused`: that post was refused.
    """

    planner: int
    task: int
    hours: float
    fte: float
    gap: bool
    waits: bool = False
    refused: bool = False


class _Asked(NamedTuple):
    """What is asked for and not yet decided."""

    planner: int
    task: int
    kind: Kind


class Plans:
    """The planning actors of a run as columns (P,), the need they believe in, and what they wish and asked for."""

    def __init__(self, model: IntegrationModel) -> None:
        """Take the model's planning actors: municipalities first, in their order."""
        self.model = model
        self.planners = model.planners
        self._number = {actor.name: i for i, actor in enumerate(self.planners)}
        self.need = np.zeros((len(self.planners), len(model.field.tasks)))
        """Need of the last plan, case hours a month, (P, K)."""
        self.rows = np.array([model.register.actor(actor.name) for actor in self.planners], np.int64)
        """Rows of the planners among the actors of the register, (P,)."""
        self._sights = np.array([actor.sight for actor in self.planners], np.float64)
        self._competence = np.array([model.competence[actor.level] for actor in self.planners], np.bool_)
        self._place_start, self._places = joined(actor.places for actor in self.planners)
        self._wished, self._sizes = np.empty((self.need.size, 4), np.int64), np.empty((self.need.size, 2))
        # What was asked for and keeps its planner waiting, in the order in which it was.
        self._asked, self._asked_hours = np.empty((0, N_COLUMNS), np.int64), np.empty(0)
        self._undecided: dict[tuple[int, int, int], _Asked] = {}  # by proposal
        self._refused: dict[tuple[int, int], int] = {}  # month in which a planner's post for a task was refused

    def need_of(self, actor: PlanningActor) -> np.ndarray:
        """Return the need an actor believes in, case hours a month by task, (K,)."""
        return self.need[self._number[actor.name]]

    def wishes_of(self, actor: PlanningActor) -> list[Wish]:
        """Let one actor plan, and return the posts it wishes for.

        A post per task the actor may act on, from `least_post_hours` a month.
        """
        number = self._number[actor.name]
        found = self._plan(number, number + 1)
        return [
            Wish(actor.name, task, hours, fte, actor.places)
            for (_, task, _, _), (hours, fte) in zip(
                self._wished[:found].tolist(), self._sizes[:found].tolist(), strict=True
            )
        ]

    def wishes(self) -> list[Wished]:
        """Let all actors plan in turn, and return the posts they wish for and do not wait for, and those refused
        since their last plan.
        """
        found = self._plan(0, len(self.planners))
        rows = zip(self._wished[:found].tolist(), self._sizes[:found].tolist(), strict=True)
        refused = self._refused
        return [
            Wished(planner, task, hours, fte, gap == 1, waits == 1, (planner, task) in refused)
            for (planner, task, waits, gap), (hours, fte) in rows
            if not waits or (planner, task) in refused
        ]

    def ask(self, month: int, asked: Sequence[tuple[Wished, Proposal]]) -> None:
        """Note what is asked for in a month; what was refused before has had its answer."""
        for wish, proposal in asked:
            self._undecided[proposal_of(proposal)] = _Asked(wish.planner, wish.task, proposal.kind)
            self._refused.pop(wish[:2], None)
        rows = np.array([(*wish[:2], month, _UNDECIDED) for wish, _ in asked], np.int64).reshape(-1, N_COLUMNS)
        self._asked = np.concatenate([self._asked, rows])
        self._asked_hours = np.concatenate([self._asked_hours, [wish.hours for wish, _ in asked]])

    def decide(self, month: int, granted: Mapping[tuple[int, int, int], int], refused: Iterable[Proposal]) -> None:
        """Note what instruments have decided: the first month of what they granted, and what they refused."""
        known_from: dict[tuple[int, int], int] = {}
        for name, first in granted.items():
            if (asked := self._undecided.pop(name, None)) is not None:
                known_from[asked[:2]] = first
        for proposal in refused:
            if (asked := self._undecided.pop(proposal_of(proposal), None)) is not None:
                known_from[asked[:2]] = month
                if asked.kind == "post":
                    self._refused[asked[:2]] = month
        if known_from:
            open_rows = np.flatnonzero(self._asked[:, KNOWN_FROM] == _UNDECIDED)
            for row, (planner, task) in zip(open_rows.tolist(), self._asked[open_rows, :2].tolist(), strict=True):
                self._asked[row, KNOWN_FROM] = known_from.get((planner, task), _UNDECIDED)

    def forget(self, month: int) -> None:
        """Let planners wait no more for what was asked for so long ago; count no hours of what is decided.

        What is not decided yet is waited for until it is, at most two years; what was granted counts until it is at
        work.
        """
        asked, most = self._asked, self.model.parameters.pending_months
        age = month - asked[:, ASKED]
        waits = (age < most) | ((asked[:, KNOWN_FROM] == _UNDECIDED) & (age < _LONGEST))
        self._asked, hours = asked[waits], self._asked_hours[waits]
        self._asked_hours = np.where(self._asked[:, KNOWN_FROM] <= month, 0.0, hours)
        self._refused = {pair: when for pair, when in self._refused.items() if month - when < most}

    def _plan(self, begin: int, stop: int) -> int:
        """Let some planners plan; return how many wishes they have."""
        model, p, recorder = self.model, self.model.parameters, self.model.recorder
        network = model.coordination
        return plan_rows(
            begin, stop, self.rows, self._sights, self._competence, self._place_start, self._places,
            recorder.counters.reshape(*recorder.shape, -1), recorder.bodies, model.visibility, p.planning_months,
            p.least_post_hours, p.hours_per_fte, p.gap_case_share, self._asked, self._asked_hours, network.q,
            network.home, network.column, self.need, self._wished, self._sizes,
        )  # fmt: skip


def joined(lists: Iterable[tuple[int, ...]]) -> tuple[np.ndarray, np.ndarray]:
    """Return lists of numbers as one, int64, and where each begins, with the end of the last.

    >>> [part.tolist() for part in joined([(3, 4), (), (5,)])]
    [[0, 2, 2, 3], [3, 4, 5]]
    """
    parts = list(lists)
    start = np.cumsum([0, *map(len, parts)], dtype=np.int64)
    return start, np.array([number for part in parts for number in part], np.int64)
