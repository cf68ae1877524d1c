"""Coordination between actors: the quality of cooperation, adherence to the rule, and what meetings cost.

`q[a, b]` in [0, 1] is the quality of cooperation of two actors: it grows when both sit in the same round, decays
without, and is partly lost when the person behind a post leaves (assumption D04). `adherence[a]` is the probability
that an actor keeps to the variant's rule; meetings raise it, turnover lowers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np

from ..agents.jit import rule
from .rng import ACTOR, identity_of, uniforms

if TYPE_CHECKING:
    from .parameters import Parameters

_TURNOVER = 1


@rule
def scale(q: Any, home: Any, column: Any, actor: int, factor: float) -> None:
    """Multiply all cooperation of one actor, in its row and in its column of all that can meet it."""
    for b in range(q.shape[1]):
        q[actor, b] *= factor
    for a in range(len(q)):
        if home[actor] < 0 or home[a] == home[actor]:
            q[a, column[actor]] *= factor


@rule
def quality_between(a: int, b: int, q: Any, home: Any, column: Any) -> float:
    """Return the quality of cooperation of actors `a` and `b`, 0 to 1; it stands in the row of one of them.

    Those at work in several districts (`home` below 0) stand in the rows of the others.
    """
    row, other = (a, b) if home[a] >= 0 else (b, a)
    return q[row, column[other]]


@rule
def fade(
    q: Any, adherence: Any, home: Any, column: Any, identities: Any, month: int, seed: int, decay: float, start: float,
    adherence_decay: float, turnover: float, kept_after_change: float,
) -> None:  # fmt: skip
    """Let cooperation `q` (A, C) and adherence (A,) decay for a month; where the person changes, `kept_after_change` of
    the cooperation stays and adherence begins anew.

    Adherence tends to `start`; nobody's cooperation with oneself decays.
    """
    kept = 1.0 - decay
    changed, found = np.empty(len(q), np.int64), 0
    for a in range(len(q)):
        for b in range(q.shape[1]):
            q[a, b] *= kept
        adherence[a] += (start - adherence[a]) * adherence_decay
        if uniforms(seed, ACTOR, int(identities[a]), month, _TURNOVER)[0] < turnover:
            changed[found] = a
            found += 1
    for i in range(found):
        scale(q, home, column, changed[i], kept_after_change)
        adherence[changed[i]] = start
    for a in range(len(q)):
        q[a, column[a]] = 1.0


@rule
def come_closer(q: Any, home: Any, column: Any, participants: Any, gain: float, several: bool) -> None:
    """Raise the cooperation `q` of all pairs of participants (A,) by `gain` of what is missing.

    First of those with a district of their own with everybody; with `several` of those that work in several districts
    among each other. No cell is raised twice, though columns are shared by actors that never meet.
    """
    columns, n, taken = np.empty(len(home), np.int64), 0, np.zeros(q.shape[1], np.bool_)
    for b in range(len(participants)):
        if participants[b] and (home[b] < 0 or not several) and not taken[column[b]]:
            taken[column[b]] = True
            columns[n] = column[b]
            n += 1
    for a in range(len(participants)):
        if participants[a] and (home[a] < 0) == several:
            for i in range(n):
                q[a, columns[i]] += gain * (1.0 - q[a, columns[i]])


@rule
def adhere_more(adherence: Any, participants: Any, gain: float, most: float) -> None:
    """Raise the adherence (A,) of participants by `gain` of what is missing to the highest one."""
    for a in range(len(participants)):
        if participants[a]:
            adherence[a] += gain * (most - adherence[a])


@rule
def mark_actors(active: Any, level: Any, without: int, reach: Any, actor: Any, at_work: Any) -> int:
    """Mark in `at_work` (A,) the actors of structures (S,) that are active, not of level `without`, and in `reach`;
    return how many there are.
    """
    found = 0
    for s in range(len(active)):
        if active[s] and level[s] != without and reach[s] and not at_work[actor[s]]:
            at_work[actor[s]] = True
            found += 1
    return found


class Coordination:
    """Cooperation between the actors of a run; `graph` gives it as a network.

    Actors of different districts (or circles of districts tied by an alliance) never meet, so only pairs within one,
    and pairs with an actor that works in several, are kept: row a of `q` holds actor a's cooperation with the actors of
    its own district, each in its own `column`. Cooperation with an actor that works in several districts stands in the
    other's row. In a region of one district `q` is the matrix of all actors. Cooperation is mutual.
    """

    def __init__(
        self, actors: list[str], parameters: Parameters, seed: int, districts: Mapping[str, int] | None = None
    ) -> None:
        """Start with the stated initial quality between any two actors.

        `districts` gives the district number by the key after the colon of an actor's name (default: one district).
        """
        self.p = parameters
        self.seed = seed
        self.actors: list[str] = []
        self.q = np.zeros((0, 0))
        self.adherence = np.zeros(0)
        self.home = np.zeros(0, np.int64)
        """District of each actor, -1 for one that works in several, (A,)."""
        self.column = np.zeros(0, np.int64)
        """Column of each actor in the rows of its district, (A,)."""
        self._districts = districts
        self._members: dict[int, np.ndarray] = {}
        self.pairs = 0
        """Ordered pairs of actors that are kept."""
        self.grow(actors)

    def grow(self, actors: list[str]) -> None:
        """Add actors that have appeared since (newcomers know nobody better than at the start)."""
        old = len(self.actors)
        new = len(actors)
        if new == old:
            return
        fresh_homes = [self._home(name) for name in actors[old:]]
        sizes = {d: len(found) for d, found in self._members.items()}
        self.home = np.concatenate([self.home, np.array(fresh_homes, np.int64)])
        self.column = np.concatenate([self.column, self._columns(fresh_homes)])
        self._members = {int(d): np.flatnonzero(self.home == d) for d in np.unique(self.home)}
        wide = self._members.get(-1, np.zeros(0, np.int64))
        q = np.zeros((new, int(self.column.max()) + 1))
        q[:old, : self.q.shape[1]] = self.q
        self.pairs = len(wide) * (len(wide) - 1)
        for d, members in self._members.items():
            if d < 0:
                continue
            columns = self.column[np.concatenate([members, wide])]
            self.pairs += len(members) * (len(columns) - 1)
            if len(members) > sizes.get(d, 0):
                fresh = members[members >= old]
                q[np.ix_(fresh, columns)] = self.p.cooperation_start
                q[np.ix_(members, self.column[fresh])] = self.p.cooperation_start
        fresh = wide[wide >= old]
        q[:, self.column[fresh]] = self.p.cooperation_start
        q[np.ix_(fresh, self.column[wide])] = self.p.cooperation_start
        adherence = np.full(new, self.p.adherence_start)
        adherence[:old] = self.adherence
        self.actors, self.q, self.adherence = list(actors), q, adherence
        self._know_oneself()
        self._identities = np.array([identity_of(name) for name in actors], np.int64)

    def _home(self, name: str) -> int:
        return 0 if self._districts is None else self._districts.get(name.partition(":")[2], -1)

    def _columns(self, homes: list[int]) -> np.ndarray:
        """Return the columns of new actors: the next free one of their district, of all districts for wide ones."""
        known = self.home[: len(self.column)]
        wide = self.column[known < 0]
        free = {int(d): int(self.column[(known == d) | (known < 0)].max()) + 1 for d in np.unique(known) if d >= 0}
        least = int(wide.max()) + 1 if len(wide) else 0
        out = np.zeros(len(homes), np.int64)
        for i, d in enumerate(homes):
            if d >= 0:
                out[i] = free.setdefault(d, least)
                free[d] += 1
            else:
                out[i] = max([least, *free.values()])
                least = int(out[i]) + 1
                free = dict.fromkeys(free, least)
        return out

    def _know_oneself(self) -> None:
        self.q[np.arange(len(self.q)), self.column] = 1.0

    def between(self, actor: int, others: np.ndarray) -> np.ndarray:
        """Return an actor's cooperation with others; with those of another district it is none (0)."""
        if self.home[actor] < 0:
            return self.q[others, self.column[actor]]
        meets = (self.home[others] == self.home[actor]) | (self.home[others] < 0)
        return np.where(meets, self.q[actor, self.column[others] * meets], 0.0)

    def pair(self, a: int, b: int) -> float:
        """Return the cooperation of two actors that meet."""
        return float(quality_between(a, b, self.q, self.home, self.column))

    def mean(self) -> float:
        """Return the mean cooperation over all pairs that are kept."""
        return float((self.q.sum() - len(self.q)) / self.pairs) if self.pairs else 0.0

    def fade(self, month: int) -> None:
        """Let cooperation decay for a month, and let some actors change the person behind the post."""
        p = self.p
        fade(
            self.q, self.adherence, self.home, self.column, self._identities, month, self.seed, p.cooperation_decay,
            p.adherence_start, p.adherence_decay, p.turnover_per_month, p.kept_after_change,
        )  # fmt: skip

    def lose(self, actor: int, share: float) -> None:
        """Let an actor whose posts ended for good lose cooperation: all but `kept_after_change` for `share` of them."""
        scale(self.q, self.home, self.column, actor, 1.0 - share * (1.0 - self.p.kept_after_change))
        self.q[actor, self.column[actor]] = 1.0

    def meet(self, participants: np.ndarray, length_hours: float, gain: float) -> np.ndarray:
        """Hold one round of the given actors; return the hours it costs each actor, shape (A,).

        Every pair at the table comes closer by `gain` of what is missing; every participant's adherence grows alike.
        """
        cost = np.zeros(len(self.actors))
        if np.count_nonzero(participants) < 2:
            return cost
        self.approach(participants, gain)
        adhere_more(self.adherence, participants, self.p.adherence_gain, self.p.adherence_most)
        cost[participants] = length_hours + self.p.preparation_hours + self.p.travel_hours
        return cost

    def bind(self, actors: np.ndarray, shares: np.ndarray) -> None:
        """Let actors keep to the rule as far as they are coordinated (volunteers): `shares` of most adherence."""
        self.adherence[actors] = shares * self.p.adherence_most

    def approach(self, participants: np.ndarray, gain: float) -> None:
        """Let the given actors come closer without a meeting, by what a shared register shows."""
        come_closer(self.q, self.home, self.column, participants, gain, False)
        if -1 in self._members:
            come_closer(self.q, self.home, self.column, participants, gain, True)

    def graph(self, least: float = 0.05) -> nx.Graph:
        """Return the cooperation of at least `least` as a weighted network of actor names."""
        graph = nx.Graph()
        graph.add_nodes_from(self.actors)
        numbers = np.arange(len(self.actors))
        for a in numbers:
            later = numbers[a + 1 :]
            quality = self.between(int(a), later)
            for b in np.flatnonzero(quality >= least):
                graph.add_edge(self.actors[a], self.actors[later[b]], weight=float(quality[b]))
        return graph
