"""Who may take on what this month: the candidate table with everything the variant's rule looks at.

Rebuilt only when structures begin, end or change, or alliances do; the free capacity is filled in every month.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents.jit import rule
from .cells import Attention, Cells, build_cells
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
_NOT_NAMED = -2  # number of owners that the variant names nowhere


@rule
def describe_pairs(
    cell_start: Any, structures: Any, liable: Any, n_places: int, n_groups: int, seats: Any, levels: Any,
    contractors: Any, cluster: Any, task: Any, place: Any, level: Any, contractor: Any, same_cluster: Any,
    stands_in: Any,
) -> None:  # fmt: skip
    """Write what a rule looks at for each candidate pair: from `task` on, one value per pair."""
    for cell in range(len(cell_start) - 1):
        k = cell // (n_places * n_groups)
        m = cell // n_groups % n_places
        for i in range(cell_start[cell], cell_start[cell + 1]):
            s = structures[i]
            task[i] = k
            place[i] = m
            level[i] = levels[s]
            contractor[i] = contractors[s]
            same_cluster[i] = seats[s] >= 0 and cluster[seats[s], m]
            stands_in[i] = liable[i] == 1


@rule
def find_single(cell_start: Any, tier: Any, single: Any) -> None:
    """Find the cells in whose lowest tier one candidate stands alone, `single` (cells,)."""
    for cell in range(len(cell_start) - 1):
        lowest, count = np.inf, 0
        for i in range(cell_start[cell], cell_start[cell + 1]):
            if tier[i] < lowest:
                lowest, count = tier[i], 0
            if tier[i] == lowest:
                count += 1
        single[cell] = count == 1


@rule
def name_leads(
    cell_start: Any, structures: Any, liable: Any, owner: Any, hours: Any, named: Any, n_groups: int, lead: Any
) -> None:  # fmt: skip
    """Mark in `lead` (pairs,) whom the responsibility matrix names in each cell: of those with a mandate the variant's
    owner of the task, else the largest body.

    `owner` and `hours` (S,) are the structures', `named` (K, M) whom the variant names, as numbers; rows of a cell are
    in the order of identities, and the first of equals leads.
    """
    n_places = named.shape[1]
    for cell in range(len(cell_start) - 1):
        wanted = named[cell // (n_places * n_groups), cell // n_groups % n_places]
        best, least, fits, most = -1, 0, False, 0.0
        for i in range(cell_start[cell], cell_start[cell + 1]):
            s = structures[i]
            fit = owner[s] == wanted
            if best >= 0 and liable[i] != least:
                better = liable[i] < least
            elif best >= 0 and fit != fits:
                better = fit
            else:
                better = best < 0 or hours[s] > most
            if better:
                best, least, fits, most = i, liable[i], fit, hours[s]
        if best >= 0:
            lead[best] = True


class Assignment:
    """The candidate table of a run under its rule."""

    def __init__(self, model: IntegrationModel) -> None:
        """Compute what does not change: distances, alliances, who stands in."""
        self.model = model
        self.cells: Cells
        self._static: dict[str, np.ndarray] = {}
        region, p = model.region, model.parameters
        self._attention = Attention(
            region.distance_km, region.municipalities["km_to_centre"].to_numpy(np.float64), model.visibility,
            p.notice_distance_km, p.notice_upper_level, LEVEL["bezirk"],
        )  # fmt: skip
        self._alliance = kept(model.region, ("alliances",), lambda: alliances(model))
        self._pools: tuple[int, np.ndarray] = (0, self._alliance)  # after how many elections, and who pools then
        self.follow_rule()

    def follow_rule(self) -> None:
        """Take the model's rule and leads as they now are: the table is rebuilt at the next refresh."""
        self.rule = self.model.rule
        self._key = ()
        owners = dict.fromkeys(self.model.variant.lead.values()) if self.rule.needs_matrix else ()
        self._owner_number = {owner: number for number, owner in enumerate(owners)}
        self._named = self._named_leads()

    def refresh(self, month: int) -> bool:
        """Rebuild the table when something has changed; return whether it did."""
        register = self.model.register
        elections = sum(month >= election for election in ELECTIONS) if self.rule.pools else 0
        # The matrix of a rule looks at hours, which change with helpers: it is drawn up anew with every change.
        version = register.version if self.rule.needs_matrix else 0
        register.active(month)
        key = (version, register.active_number, elections)
        if key == self._key:
            return False
        self._key = key
        c = register.columns
        if elections != self._pools[0]:
            self._pools = elections, self._pool(month)
        pool = self._pools[1] if self.rule.pools else None
        standing = None
        if self.rule.joint_liability:
            levels = (LEVEL["municipality"], LEVEL["welfare"], LEVEL["district"])
            standing = np.isin(c["level"], levels) & (c["fte"] > 0)
        self.cells = cells = build_cells(register, month, self._attention, pool=pool, stands_in=standing)
        n = len(cells.structure)
        if not self.rule.exclusive:  # nobody is asked first
            self._nobody = np.zeros(n)
            return True
        task, place, level = np.empty((3, n), np.int64)
        contractor, same_cluster, stands_in = np.empty((3, n), np.bool_)
        describe_pairs(
            cells.start, cells.structure, cells.liable, cells.shape[1], cells.shape[2], c["seat"], c["level"],
            c["contractor"], self._alliance if pool is None else pool, task, place, level, contractor, same_cluster,
            stands_in,
        )  # fmt: skip
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
            lead = np.empty(cells.shape, np.bool_)
            lead[:] = self.rule.exclusive
            return lead
        ones = np.ones(len(self.model.register))
        tier, _ = self.rule.precedence(self.candidates(ones, ones), self.model.parameters)
        single = np.empty(len(cells.start) - 1, np.bool_)
        find_single(cells.start, tier, single)
        return single.reshape(cells.shape)

    def _leads(self) -> np.ndarray:
        """Return whom the responsibility matrix names: the variant's owner of the task, else the largest body."""
        cells = self.cells
        lead = np.zeros(len(cells.structure), np.bool_)
        if not self.rule.needs_matrix:
            return lead
        register = self.model.register
        number = [self._owner_number.get(actor.partition(":")[0], _NOT_NAMED) for actor in register.actors]
        owner = np.array(number, np.int64)[register.columns["actor"]]
        hours = register.columns["hours"]
        name_leads(cells.start, cells.structure, cells.liable, owner, hours, self._named, cells.shape[2], lead)
        return lead

    def _named_leads(self) -> np.ndarray:
        """Return the owner the variant names for each task and place by number, -1 for none, (K, M); nearer words
        win.
        """
        model = self.model
        tasks = model.field.task_ids
        named = np.full((len(tasks), len(model.region.keys)), -1)
        if not self._owner_number:
            return named
        words = place_words(model.region)
        # A lead for all places first, then those of districts and alliances, then those of single places.
        leads = [(*key.partition("@")[::2], owner) for key, owner in model.variant.lead.items()]
        for task, place, owner in sorted(leads, key=lambda lead: -len(words[lead[1] or EVERYWHERE])):
            named[tasks.index(task), list(words[place or EVERYWHERE])] = self._owner_number[owner]
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
