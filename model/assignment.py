"""Who may take on what this month: the candidate table with everything the variant's rule looks at.

Rebuilt only when structures begin, end or change, or alliances do; the free capacity is filled in every month.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents.jit import rule
from .cells import Cells, build_cells
from .kept import kept
from .plan import EVERYWHERE
from .plan_check import place_words
from .responsibility import Candidates
from .rng import ACTOR, uniforms
from .structures import LEVEL

if TYPE_CHECKING:
    from .integration_model import IntegrationModel

ELECTIONS = (64, 136)  # months in which new councils begin after municipal elections: May 2020, May 2026
_POOL_EXIT = 3  # purpose of draws in stream ACTOR


@rule
def base_notice(visibility: float, factor: float, km: float, half_km: float, upper: float) -> float:
    """Return the probability that a body notices an open case in a month, before trust and referral.

    `visibility` of the task and the body's own `factor`, closeness by distance (a half at `half_km`), and the share
    that bodies of upper levels (`upper`, else 1) see.
    """
    return min(visibility * factor * (half_km / (half_km + km)) * upper, 1.0)


@rule
def describe_pairs(
    structures: Any, cells: Any, liable: Any, n_places: int, n_groups: int, seats: Any, levels: Any, contractors: Any,
    factors: Any, distance_km: Any, km_centre: Any, cluster: Any, visibility: Any, half_km: float, upper: float,
    upper_level: int, notice: Any, task: Any, place: Any, level: Any, contractor: Any, same_cluster: Any,
    stands_in: Any,
) -> None:  # fmt: skip
    """Write what a rule looks at for each candidate pair: from `notice` on, one value per pair."""
    for i in range(len(structures)):
        s = structures[i]
        k = cells[i] // (n_places * n_groups)
        m = cells[i] // n_groups % n_places
        seat = seats[s]
        km = distance_km[seat, m] if seat >= 0 else km_centre[m]
        seen = upper if levels[s] >= upper_level else 1.0
        notice[i] = base_notice(visibility[k], factors[s], km, half_km, seen)
        task[i] = k
        place[i] = m
        level[i] = levels[s]
        contractor[i] = contractors[s]
        same_cluster[i] = seat >= 0 and cluster[seat, m]
        stands_in[i] = liable[i] == 1


@rule
def count_lowest(cells: Any, tier: Any, lowest: Any, count: Any) -> None:
    """Find each cell's lowest tier, `lowest` (cells,), and how many candidates stand in it, `count` (cells,)."""
    for i in range(len(cells)):
        if tier[i] < lowest[cells[i]]:
            lowest[cells[i]] = tier[i]
            count[cells[i]] = 0
        if tier[i] == lowest[cells[i]]:
            count[cells[i]] += 1


class Assignment:
    """The candidate table of a run under its rule."""

    def __init__(self, model: IntegrationModel) -> None:
        """Compute what does not change: distances, alliances, who stands in."""
        self.model = model
        self.rule = model.rule
        self.cells: Cells
        self._key: tuple[object, ...] = ()
        self._km_centre = model.region.municipalities["km_to_centre"].to_numpy(np.float64)
        self._alliance = kept(model.region, ("alliances",), lambda: alliances(model))

    def follow_rule(self) -> None:
        """Take the model's rule and leads as they now are: the table is rebuilt at the next refresh."""
        self.rule = self.model.rule
        self._key = ()

    def refresh(self, month: int) -> bool:
        """Rebuild the table when something has changed; return whether it did."""
        register = self.model.register
        elections = sum(month >= election for election in ELECTIONS) if self.rule.pools else 0
        # The matrix of a rule looks at hours, which change with helpers: it is drawn up anew with every change.
        version = register.version if self.rule.needs_matrix else 0
        key = (version, np.flatnonzero(register.active(month)).tobytes(), elections)
        if key == self._key:
            return False
        self._key = key
        c = register.columns
        pool = self._pool(month) if self.rule.pools else None
        standing = None
        if self.rule.joint_liability:
            levels = (LEVEL["municipality"], LEVEL["welfare"], LEVEL["district"])
            standing = np.isin(c["level"], levels) & (c["fte"] > 0)
        self.cells = cells = build_cells(register, month, pool=pool, stands_in=standing)
        p, n = self.model.parameters, len(cells.structure)
        self.notice = np.empty(n)
        task, place, level, contractor, same_cluster, stands_in = (
            np.empty(n, dtype) for dtype in (np.int64, np.int64, np.int64, np.bool_, np.bool_, np.bool_)
        )
        describe_pairs(
            cells.structure, cells.cell, cells.liable, cells.shape[1], cells.shape[2], c["seat"], c["level"],
            c["contractor"], c["notice"], self.model.region.distance_km, self._km_centre,
            self._alliance if pool is None else pool, self.model.visibility, p.notice_distance_km,
            p.notice_upper_level, LEVEL["bezirk"], self.notice, task, place, level, contractor, same_cluster, stands_in,
        )  # fmt: skip
        self._nobody = np.zeros(n)
        self._static = {
            "task": task,
            "municipality": place,
            "level": level,
            "contractor": contractor,
            "lead": self._leads(),
            "same_cluster": same_cluster,
            "stands_in": stands_in,
        }
        return True

    def precedence(self, capacity: np.ndarray, free: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return tier and weight of every candidate by the rule, with the month's hours of structures, shape (S,).

        A rule without one body in charge asks nobody first: both are zero.
        """
        if not self.rule.exclusive:
            return self._nobody, self._nobody
        return self.rule.precedence(self.candidates(capacity, free), self.model.parameters)

    def candidates(self, capacity: np.ndarray, free: np.ndarray) -> Candidates:
        """Return the table for the rule, with the month's `capacity` and `free` hours of structures, shape (S,)."""
        s = self.cells.structure
        return Candidates(**self._static, capacity=capacity[s], free=free[s])

    def has_lead(self) -> np.ndarray:
        """Return for each cell whether the rule names one body in charge, shape (K, M, G) bool.

        It does when one candidate stands in the lowest tier, or when a joint conference assigns every case.
        """
        cells = self.cells
        if not self.rule.exclusive or self.rule.joint_liability:
            return np.full(cells.shape, self.rule.exclusive)
        ones = np.ones(len(self.model.register))
        tier, _ = self.rule.precedence(self.candidates(ones, ones), self.model.parameters)
        n_cells = len(cells.start) - 1
        lowest, count = np.full(n_cells, np.inf), np.zeros(n_cells, np.int64)
        count_lowest(cells.cell, tier, lowest, count)
        return (count == 1).reshape(cells.shape)

    def _leads(self) -> np.ndarray:
        """Return whom the responsibility matrix names: the variant's owner of the task, else the largest body."""
        cells = self.cells
        lead = np.zeros(len(cells.structure), np.bool_)
        if not self.rule.needs_matrix:
            return lead
        register = self.model.register
        named = self._named_leads()
        owners = np.array([actor.partition(":")[0] for actor in register.actors], dtype=object)
        owner = owners[register.columns["actor"][cells.structure]]
        fits = (owner == named[cells.task, cells.municipality]).astype(np.int64)
        hours = register.columns["hours"][cells.structure]
        identity = register.columns["identity"][cells.structure]
        order = np.lexsort((identity, -hours, -fits, cells.liable, cells.cell))
        first = np.unique(cells.cell[order], return_index=True)[1]
        lead[order[first]] = True
        return lead

    def _named_leads(self) -> np.ndarray:
        """Return the owner the variant names for each task and place, empty for none, (K, M); nearer words win."""
        model = self.model
        tasks = model.field.task_ids
        named = np.full((len(tasks), len(model.region.keys)), "", dtype=object)
        words = place_words(model.region)
        # A lead for all places first, then those of districts and alliances, then those of single places.
        leads = [(*key.partition("@")[::2], owner) for key, owner in model.variant.lead.items()]
        for task, place, owner in sorted(leads, key=lambda lead: -len(words[lead[1] or EVERYWHERE])):
            named[tasks.index(task), list(words[place or EVERYWHERE])] = owner
        return named

    def _pool(self, month: int) -> np.ndarray:
        """Return who pools with whom: alliances less the members that left after an election, shape (M, M) bool."""
        pool = self._alliance.copy()
        for election in ELECTIONS:
            if month < election:
                continue
            for m, identity in enumerate(self.model.region.municipalities["identity"]):
                if (
                    uniforms(self.model.seed, ACTOR, int(identity), election, _POOL_EXIT)[0]
                    < self.model.parameters.pool_exit
                ):
                    pool[m, :] = pool[:, m] = False
                    pool[m, m] = True
        return pool


def alliances(model: IntegrationModel) -> np.ndarray:
    """Return which municipalities share an alliance of the region file, every one with itself, shape (M, M) bool.

    Under rule `intermunicipal` alliances that were founded later pool from the start: the variant asks what pooling
    would have done.
    """
    keys = {key: m for m, key in enumerate(model.region.keys)}
    matrix = np.eye(len(keys), dtype=np.bool_)
    for _, rows in model.region.alliances.groupby("alliance", sort=True):
        members = [keys[key] for key in rows["key"] if key in keys]
        matrix[np.ix_(members, members)] = True
    return matrix
