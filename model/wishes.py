"""What planning actors wish for: the need each sees in its places, less the posts it knows others have asked for.

All actors plan in one pass over arrays; an actor that plans alone goes through the same pass with one row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents.jit import rule
from ..agents.planning import Wish, known_hours, perceived_need, posts_for
from .services import OPEN, UNHELD

if TYPE_CHECKING:
    from ..agents.actors import PlanningActor
    from .integration_model import IntegrationModel

type Pending = Mapping[tuple[str, int], tuple[int, float, tuple[int, ...]]]
"""Posts asked for and not yet decided: (actor, task) to month, hours a month, places."""


@rule
def add_known(
    row: int, first: int, end: int, places: Any, who: Any, tasks: Any, hours: Any, catch_start: Any, at_start: Any,
    at: Any, q: Any, home: Any, column: Any, share: Any, known: Any,
) -> None:  # fmt: skip
    """Add to `known` (K,) what actor `row`, at work in places[first:end], knows of the posts asked for.

    Of each post: `who` asked, the task, the hours a month and how many places it is to serve (`catch_start`); `at` has
    the posts of each place. `share` (posts,) is scratch and zero.
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
            pair = q[row, column[who[n]]] if home[row] >= 0 else q[who[n], column[row]]
            known[tasks[n]] += known_hours(hours[n], share[n] / (catch_start[n + 1] - catch_start[n]), pair)
        share[n] = 0


@rule
def sort_by_place(catch_start: Any, catch: Any, at_start: Any, at: Any) -> None:
    """Write the posts asked for by place: those of place m are at[at_start[m]:at_start[m + 1]], in their order.

    Post n is to serve catch[catch_start[n]:catch_start[n + 1]]; `at_start` (M + 1,) is zero.
    """
    for m in catch:
        at_start[m + 1] += 1
    for m in range(len(at_start) - 1):
        at_start[m + 1] += at_start[m]
    taken = at_start.copy()
    for n in range(len(catch_start) - 1):
        for i in range(catch_start[n], catch_start[n + 1]):
            at[taken[catch[i]]] = n
            taken[catch[i]] += 1


@rule
def plan_rows(
    begin: int, stop: int, rows: Any, sights: Any, competence: Any, place_start: Any, places: Any, unmet: Any,
    visibility: Any, months: float, least: float, hours_per_fte: float, who: Any, tasks: Any, hours: Any,
    catch_start: Any, at_start: Any, at: Any, q: Any, home: Any, column: Any, share: Any, need: Any, wished: Any,
    fte: Any,
) -> int:  # fmt: skip
    """Let planners begin..stop-1 plan: write the `need` (P, K) each believes in, and the posts it wishes for.

    `wished` (n, 2) takes planner and task of each wish, `fte` (n,) its posts; return their number. `unmet` (K, M, G)
    are the hours of open work.
    """
    found = 0
    for i in range(begin, stop):
        known = np.zeros(need.shape[1])
        first, end = place_start[i], place_start[i + 1]
        add_known(
            rows[i], first, end, places, who, tasks, hours, catch_start, at_start, at, q, home, column, share, known
        )
        for k in range(need.shape[1]):
            total = 0.0
            for j in range(first, end):
                here = 0.0
                for g in range(unmet.shape[2]):
                    here += unmet[k, places[j], g]
                total += here
            need[i, k] = perceived_need(total, visibility[k], sights[i], months, known[k])
            if competence[i, k] and need[i, k] >= least:
                wished[found, 0] = i
                wished[found, 1] = k
                fte[found] = posts_for(need[i, k], hours_per_fte)
                found += 1
    return found


@rule
def gap_hours(counters: Any, bodies: Any, task: int, first: int, end: int, places: Any) -> tuple[float, float]:
    """Return the open cases of a task in places[first:end], and those of them that are stuck: without any body that
    may take them on, or held by nobody for long.

    `counters` (K, M, G, C) and `bodies` (K, M, G) are those of the last month.
    """
    total, stuck = 0.0, 0.0
    for i in range(first, end):
        for g in range(bodies.shape[2]):
            cell = counters[task, places[i], g]
            total += cell[OPEN]
            stuck += cell[OPEN] if bodies[task, places[i], g] == 0 else cell[UNHELD]
    return total, stuck


class Plans:
    """The planning actors of a run as columns (P,), the need they believe in, and their wishes."""

    def __init__(self, model: IntegrationModel) -> None:
        """Take the model's planning actors: municipalities first, in their order."""
        self.model = model
        self.planners = model.planners
        self._number = {actor.name: i for i, actor in enumerate(self.planners)}
        self.need = np.zeros((len(self.planners), len(model.field.tasks)))
        """Need of the last plan, case hours a month, (P, K)."""
        self._rows = np.array([model.register.actor(actor.name) for actor in self.planners], np.int64)
        self._sights = np.array([actor.sight for actor in self.planners], np.float64)
        self._competence = np.array([model.competence[actor.level] for actor in self.planners], np.bool_)
        self._place_start, self._places = joined(actor.places for actor in self.planners)

    def need_of(self, actor: PlanningActor) -> np.ndarray:
        """Return the need an actor believes in, case hours a month by task, (K,)."""
        return self.need[self._number[actor.name]]

    def wishes(self, actor: PlanningActor | None = None) -> list[Wish]:
        """Let one actor plan, or all in turn, and return the posts they wish for.

        A post per task the actor may act on, from `least_post_hours` a month.
        """
        model, p = self.model, self.model.parameters
        network = model.coordination
        who, tasks, hours, catch_start, at_start, at = self._pending(model.politics.pending)
        begin, stop = (0, len(self.planners)) if actor is None else (n := self._number[actor.name], n + 1)
        wished, fte = np.empty((self.need.size, 2), np.int64), np.empty(self.need.size)
        found = plan_rows(
            begin, stop, self._rows, self._sights, self._competence, self._place_start, self._places,
            model.recorder.unmet, model.visibility, p.planning_months, p.least_post_hours, p.hours_per_fte, who, tasks,
            hours, catch_start, at_start, at, network.q, network.home, network.column, np.zeros(len(who), np.int64),
            self.need, wished, fte,
        )  # fmt: skip
        return [
            Wish(self.planners[i].name, k, float(self.need[i, k]), size, self.planners[i].places)
            for (i, k), size in zip(wished[:found].tolist(), fte[:found].tolist(), strict=True)
        ]

    def _pending(self, pending: Pending) -> tuple[np.ndarray, ...]:
        """Return the posts asked for as columns, and by place the posts that reach it."""
        number = self.model.register.actor
        who = np.array([number(actor) for actor, _ in pending], np.int64)
        tasks = np.array([task for _, task in pending], np.int64)
        hours = np.array([hours for _, hours, _ in pending.values()], np.float64)
        catch_start, catch = joined(places for _, _, places in pending.values())
        at_start, at = np.zeros(len(self.model.region.keys) + 1, np.int64), np.zeros(len(catch), np.int64)
        sort_by_place(catch_start, catch, at_start, at)
        return who, tasks, hours, catch_start, at_start, at


def joined(lists: Iterable[tuple[int, ...]]) -> tuple[np.ndarray, np.ndarray]:
    """Return lists of numbers as one, int64, and where each begins, with the end of the last.

    >>> [part.tolist() for part in joined([(3, 4), (), (5,)])]
    [[0, 2, 2, 3], [3, 4, 5]]
    """
    parts = list(lists)
    start = np.cumsum([0, *map(len, parts)], dtype=np.int64)
    return start, np.array([number for part in parts for number in part], np.int64)
