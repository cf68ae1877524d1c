"""Choosing the best of several variants with a guarantee, from runs with common seeds.

The procedure of Kim and Nelson (2001, ACM TOMACS 11(3): 251-273, fully sequential, indifference zone, c = 1). Runs with
common random numbers are allowed for: only variances of paired differences enter. When the best variant is better than
every other by at least the zone, it is chosen with at least the stated probability (for normal outcomes); otherwise
what is chosen lies within the zone of the best with that probability.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(slots=True)
class KimNelson:
    """The state of a choice among k variants; `observe` takes one seed at a time, larger values are better.

    >>> rng = np.random.default_rng(1)
    >>> choice = KimNelson(3, probability=0.95, zone=1.0, first=10)
    >>> while not choice.decided:
    ...     common = rng.normal(0.0, 5.0)
    ...     choice.observe(common + np.array([0.0, 0.0, 2.0]) + rng.normal(0.0, 1.0, 3))
    >>> choice.best
    2
    """

    k: int
    probability: float
    zone: float
    first: int
    seen: int = 0
    alive: np.ndarray = field(init=False)
    dropped_after: np.ndarray = field(init=False)
    sums: np.ndarray = field(init=False)
    _early: list[np.ndarray] = field(init=False, default_factory=list)
    _reach: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        """Begin with all variants in question."""
        self.alive = np.ones(self.k, np.bool_)
        self.dropped_after = np.zeros(self.k, np.int64)
        self.sums = np.zeros(self.k)
        self._reach = np.zeros((self.k, self.k))

    @property
    def decided(self) -> bool:
        """Whether one variant is left."""
        return int(self.alive.sum()) == 1

    @property
    def best(self) -> int:
        """The variant with the best mean among those left."""
        return int(np.argmax(np.where(self.alive, self.sums, -np.inf)))

    def observe(self, values: np.ndarray) -> None:
        """Take the outcomes of one seed, shape (k,); those of dropped variants are not looked at."""
        if self.decided:
            return
        self.seen += 1
        self.sums += np.where(self.alive, values, 0.0)
        if self.seen <= self.first:
            self._early.append(np.asarray(values, np.float64))
        if self.seen == self.first:
            early = np.array(self._early)
            variances = np.var(early[:, :, None] - early[:, None, :], axis=0, ddof=1)
            alpha = 1.0 - self.probability
            eta = 0.5 * ((2.0 * alpha / (self.k - 1)) ** (-2.0 / (self.first - 1)) - 1.0)
            self._reach = 2.0 * eta * (self.first - 1) * variances / self.zone**2  # h2 S2 / zone2, in seeds
        if self.seen >= self.first:
            self._screen()

    def _screen(self) -> None:
        """Drop every variant that is too far behind another one still in question."""
        allowed = np.maximum(0.0, self.zone / 2.0 * (self._reach - self.seen))
        behind = self.sums[None, :] - self.sums[:, None] > allowed  # (i, l): i is too far behind l
        behind &= self.alive[None, :] & self.alive[:, None]
        lost = behind.any(axis=1)
        if self.seen > self._reach[np.ix_(self.alive, self.alive)].max():
            lost = self.alive.copy()  # nobody can catch up any more: only the leader stays
            lost[self.best] = False
        self.dropped_after[lost & self.alive] = self.seen
        self.alive &= ~lost
