"""Coordination between actors: the quality of cooperation, adherence to the rule, and what meetings cost.

`q[a, b]` in [0, 1] is the quality of cooperation of two actors: it grows when both sit in the same round, decays
without, and is partly lost when the person behind a post leaves (assumption D04). `adherence[a]` is the probability
that an actor keeps to the variant's rule; meetings raise it, turnover lowers it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np

from ..agents.jit import rule
from .rng import ACTOR, identity_of, uniforms

if TYPE_CHECKING:
    from .parameters import Parameters

_TURNOVER = 1


@rule
def changes(identities: Any, month: int, seed: int, probability: float) -> Any:
    """Return for which actors (identities, shape (A,)) the person behind the post changes this month, bool (A,)."""
    out = np.zeros(len(identities), np.bool_)
    for a in range(len(identities)):
        out[a] = uniforms(seed, ACTOR, int(identities[a]), month, _TURNOVER)[0] < probability
    return out


class Coordination:
    """Cooperation between the actors of a run, as matrices; `graph` gives it as a network."""

    def __init__(self, actors: list[str], parameters: Parameters, seed: int) -> None:
        """Start with the stated initial quality between any two actors."""
        self.p = parameters
        self.seed = seed
        self.actors: list[str] = []
        self.q = np.zeros((0, 0))
        self.adherence = np.zeros(0)
        self.grow(actors)

    def grow(self, actors: list[str]) -> None:
        """Add actors that have appeared since (newcomers know nobody better than at the start)."""
        old = len(self.actors)
        new = len(actors)
        if new == old:
            return
        q = np.full((new, new), self.p.cooperation_start)
        q[:old, :old] = self.q
        np.fill_diagonal(q, 1.0)
        adherence = np.full(new, self.p.adherence_start)
        adherence[:old] = self.adherence
        self.actors, self.q, self.adherence = list(actors), q, adherence
        self._identities = np.array([identity_of(name) for name in actors], np.int64)

    def fade(self, month: int) -> None:
        """Let cooperation decay for a month, and let some actors change the person behind the post."""
        p = self.p
        self.q *= 1.0 - p.cooperation_decay
        self.adherence += (p.adherence_start - self.adherence) * p.adherence_decay
        for a in np.flatnonzero(changes(self._identities, month, self.seed, p.turnover_per_month)):
            self.q[a, :] *= p.kept_after_change
            self.q[:, a] *= p.kept_after_change
            self.adherence[a] = p.adherence_start
        np.fill_diagonal(self.q, 1.0)

    def lose(self, actor: int, share: float) -> None:
        """Let an actor whose posts ended for good lose cooperation: all but `kept_after_change` for `share` of them."""
        kept = 1.0 - share * (1.0 - self.p.kept_after_change)
        self.q[actor, :] *= kept
        self.q[:, actor] *= kept
        self.q[actor, actor] = 1.0

    def meet(self, participants: np.ndarray, length_hours: float, gain: float) -> np.ndarray:
        """Hold one round of the given actors; return the hours it costs each actor, shape (A,).

        Every pair at the table comes closer by `gain` of what is missing; every participant's adherence grows alike.
        """
        cost = np.zeros(len(self.actors))
        if participants.sum() < 2:
            return cost
        at_table = np.flatnonzero(participants)
        self.approach(participants, gain)
        self.adherence[at_table] += self.p.adherence_gain * (self.p.adherence_most - self.adherence[at_table])
        cost[at_table] = length_hours + self.p.preparation_hours + self.p.travel_hours
        return cost

    def bind(self, actor: int, share: float) -> None:
        """Let an actor keep to the rule as far as it is coordinated (volunteers): `share` of the highest adherence."""
        self.adherence[actor] = share * self.p.adherence_most

    def approach(self, participants: np.ndarray, gain: float) -> None:
        """Let the given actors come closer without a meeting, by what a shared register shows."""
        at_table = np.flatnonzero(participants)
        pairs = np.ix_(at_table, at_table)
        self.q[pairs] += gain * (1.0 - self.q[pairs])

    def graph(self, least: float = 0.05) -> nx.Graph:
        """Return the cooperation of at least `least` as a weighted network of actor names."""
        graph = nx.Graph()
        graph.add_nodes_from(self.actors)
        mean = np.triu((self.q + self.q.T) / 2.0, 1)
        for a, b in zip(*np.nonzero(mean >= least), strict=True):
            graph.add_edge(self.actors[a], self.actors[b], weight=float(mean[a, b]))
        return graph
