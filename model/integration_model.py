"""The model: a district, its municipalities, helpers, bodies and households, month by month.

`IntegrationModel` is a Mesa model; one step is one month. The month is the list `PHASES`, in order. Deviation from a
textbook agent loop: households live through a compiled loop over their table instead of one `step` each; both apply the
same rules (`MigrantHousehold.step`, `Households.live`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import mesa
import numpy as np

from ..agents.codes import HERE
from ..agents.district import DistrictAuthority
from ..agents.household import MigrantHousehold
from ..agents.municipality import Municipality
from ..agents.providers import Provider
from ..agents.volunteers import VolunteerNetwork
from . import recorder
from .budget import Budgets
from .cases import CASE, open_needs, sort_out
from .cells import Cells, build_cells
from .conditions import Conditions
from .coordination import Coordination
from .errors import InputError
from .field import load_field
from .households import Households
from .ledger import Ledger
from .parameters import Parameters
from .payments import Payments
from .politics import Politics
from .recorder import Recorder
from .region import Region, load_region
from .responsibility import Candidates, load_rule
from .rng import ACTOR, identity_of, uniforms
from .services import N_COUNTERS, SERVICE, serve
from .structures import LEVEL, register_from_region
from .take_on import TAKE_ON, count_contact_points, take_on
from .variant import Scenario, Variant, load_scenario, load_variant

if TYPE_CHECKING:
    from .results import RunTables

_WILLINGNESS = 2  # purposes in stream ACTOR
_POOL_EXIT = 3


class IntegrationModel(mesa.Model):
    """Integration governance of a region under one variant and scenario.

    `region`, `variant` and `scenario` are names, paths or loaded objects; `parameters` replaces values of parameters.csv
    (after the scenario's and the variant's own); `months` shortens the run; `rng` is the seed, an integer from 0 to
    2**32 - 1. Raises InputError for anything wrong with them.
    """

    PHASES: ClassVar[tuple[str, ...]] = (
        "arrivals", "life", "needs", "responsibility", "service", "volunteers", "bookkeeping", "planning", "census",
    )  # fmt: skip

    def __init__(
        self,
        region: Region | str | Path = "coburg",
        variant: Variant | str | Path = "status_quo",
        scenario: Scenario | str | Path = "base",
        *,
        months: int | None = None,
        parameters: Mapping[str, float] | None = None,
        rng: int | None = 0,
        record_households: bool = False,
    ) -> None:
        """Build the world as it is before the first month, warm-up included."""
        self.seed = checked_seed(rng)
        super().__init__(rng=self.seed)
        self.region = region if isinstance(region, Region) else load_region(region)
        self.variant = variant if isinstance(variant, Variant) else load_variant(variant)
        self.conditions_of = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
        values = {**self.conditions_of.parameters, **self.variant.parameters, **(parameters or {})}
        self.parameters = Parameters(values)
        self.months = checked_months(months, self.region)
        self.record_households = record_households
        self.field = load_field(self.region.field)
        self.rule = load_rule(self.variant.rule)
        self.month = self.region.start_month - 1
        self.district_of = self.region.municipalities["district_index"].to_numpy(np.int64)
        p = self.parameters
        self.register = register_from_region(self.region, self.field, p.case_share)
        self.visibility = np.array([task.visibility for task in self.field.tasks])
        self.competence = {level: self.field.competence_mask(level) for level in ("municipality", "district", "welfare")}
        self.coordination = Coordination(self.register.actors, p, self.seed)
        self.conditions = Conditions(self.region, p)
        factors = (self.conditions_of.arrivals_factor, self.conditions_of.ukraine_factor)
        self.households = Households(self.region, p, self.seed, factors=factors)
        self._tasks = self.field.table
        self.cases = np.zeros(len(self.households.table) * len(self.field.tasks), CASE).view(np.recarray)
        self.n_cases = 0
        self.cells: Cells
        self._cells_key: tuple[int, int] = (-1, -1)
        self._backlog = np.zeros(0)
        self._meeting_hours = np.zeros(len(self.register.actors))
        self.ledger = Ledger()
        self._create_actors()
        shift = self.conditions_of.revenue_growth_shift
        self.budgets = Budgets(self.region, self.ledger, p, revenue_growth_shift=shift)
        self.payments = Payments(self.ledger, self.region, p)
        self.recorder = Recorder(self)
        self._record_settings()
        self._warm_up()
        self._refresh_cells()
        self.politics = Politics(self)
        self.datacollector = mesa.DataCollector(model_reporters=recorder.REPORTERS)

    # ---- the month ------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Let one month pass: all phases in order."""
        if not self.running:
            return
        self.month += 1
        for phase in self.PHASES:
            getattr(self, phase)()
        self.datacollector.collect(self)
        if self.month - self.region.start_month + 1 >= self.months:
            self.running = False

    def run(self) -> IntegrationModel:
        """Step until the last month and return the model."""
        while self.running:
            self.step()
        return self

    def arrivals(self) -> None:
        """Phase 1: the month's households arrive, are allocated to municipalities and get a roof."""
        rows = self._settle(self.month)
        for row in rows:
            MigrantHousehold(self, row)

    def life(self) -> None:
        """Phase 2: status, courses, German, work, flats, ties, children, departures of every household."""
        self.conditions.country(self.month, self.households.country[0])
        self.conditions.places(self.households.places)
        self.households.live(self.month)
        for agent in self._gone():
            agent.remove()

    def needs(self) -> None:
        """Phase 3: cases move with their household, close with its departure, and new needs open cases."""
        self._refresh_cells()
        h = self.households
        shape = self.cells.shape
        self.recorder.start_month()
        for old, new in self.register.successions(self.month):
            files = self.cases.files[: self.n_cases]
            files[files == old] = new
        self.n_cases = sort_out(
            h.table, self.cases, self.n_cases, self.month, shape[1], shape[2], self.cells.start, self.cells.structure,
            h.p, self.recorder.lost,
        )  # fmt: skip
        self.n_cases = open_needs(
            h.table, h.adults, h.n, self.month, self.seed, h.places, h.p, self._tasks, shape[1], shape[2], self.cases,
            self.n_cases, self.recorder.opened,
        )  # fmt: skip

    def responsibility(self) -> None:
        """Phase 4: who notices each case, who takes it on, who does it twice, what is handed over."""
        c = self.register.columns
        pairs = self.cells
        p = self.parameters
        known = self.register.knowledge(self.month, p.ramp_up_level)
        self._capacity = c["hours"] * known * self.register.active(self.month)
        self._backlog = np.concatenate([self._backlog, np.zeros(len(self.register) - len(self._backlog))])
        free = np.maximum(p.full_months * self._capacity - self._backlog, 0.0)
        candidates = Candidates(
            task=pairs.task, municipality=pairs.municipality, level=c["level"][pairs.structure],
            contractor=self._contractor[pairs.structure], lead=self._lead, same_cluster=self._same_cluster,
            stands_in=pairs.liable == 1, capacity=self._capacity[pairs.structure], free=free[pairs.structure],
        )  # fmt: skip
        tier, weight = self.rule.precedence(candidates, p)
        self._extra_hours = np.zeros(len(self.register))
        take_on(
            self.households.table, self.cases, self.n_cases, self.month, self.seed, pairs.start, pairs.structure,
            pairs.liable, self._notice, tier, weight, c["actor"], c["identity"], self.coordination.q,
            self.coordination.adherence, self._backlog, self._capacity, self._take_on[0], self._extra_hours,
            self.recorder.stats,
        )  # fmt: skip

    def service(self) -> None:
        """Phase 5: capacity, less meetings, intake and hand-overs, is spent on the cases held, oldest first."""
        c = self.register.columns
        actors = c["actor"]
        meeting = np.zeros(len(self.register.actors))
        meeting[: len(self._meeting_hours)] = self._meeting_hours
        own = np.bincount(actors, weights=self._capacity, minlength=len(meeting))
        part = np.divide(self._capacity, own[actors], out=np.zeros_like(self._capacity), where=own[actors] > 0)
        taken = part * meeting[actors] * self.parameters.meeting_cost_share + self._extra_hours
        left = np.maximum(self._capacity - taken, 0.0)
        self.recorder.meeting_hours(meeting, own)
        self._meeting_hours = np.zeros(len(meeting))
        before = left.copy()
        h = self.households
        self.n_cases = serve(
            h.table, h.adults, self.cases, self.n_cases, self.month, self.seed, left, self._capacity, self._backlog,
            actors, c["identity"], c["tasks"], self.coordination.q, self._tasks, self._service[0], h.p,
            self.recorder.spent(len(self.register)), self.recorder.counters,
        )  # fmt: skip
        self.recorder.capacity(self._capacity, before - left, self._extra_hours)
        local = np.arange(len(self.register)) if len(self.register) < 62 else self._local_numbers()
        count_contact_points(h.table, h.n, self.cases, self.n_cases, local, self._seen)

    def volunteers(self) -> None:
        """Phase 6: helpers join, tire and leave; posts that coordinate them keep them longer and match them better."""
        self._newcomers()
        networks = self.agents_by_type.get(VolunteerNetwork, ())
        c = self.register.columns
        supporting = c["supports"] & self.register.active(self.month)
        known = self.register.knowledge(self.month, self.parameters.ramp_up_level)
        total = np.zeros(len(self.region.keys))
        helpers = np.zeros(len(self.region.keys))
        for network in networks:
            helpers[network.municipality] = network.helpers
        for s in np.flatnonzero(supporting):
            places = np.array(self.register.structures[s].catchment)
            there = helpers[places].sum()
            looked_after = max(c["fte"][s], 0.1) * known[s] * self.parameters.helpers_per_post
            if there > 0:
                total[places] += looked_after / there
        for network in networks:
            network.coordinated = min(1.0, float(total[network.municipality]))
            network.step()
        self.recorder.volunteers(networks)

    def bookkeeping(self) -> None:
        """Phase 7: every euro of the month is a posting; budgets are kept and closed; awards are paid."""
        self.recorder.census(self.households, self._rents, self.parameters.self_sufficient_wage_eur * 100.0)
        self.payments.post_month(self.month, self.recorder.payment_counts())
        self._pay_structures()
        self.politics.fund(self.month)
        self.politics.pay(self.month)
        self.budgets.step(self.month)

    def planning(self) -> None:
        """Phase 8: rounds, decay of cooperation, and every quarter the plans of the actors."""
        p = self.parameters
        self.coordination.grow(self.register.actors)
        self.coordination.fade(self.month)
        position = self.month % 12 + 1
        rounds = self.variant.rounds_per_year
        held = position * rounds // 12 - (position - 1) * rounds // 12
        takes_part = self._participants()
        hours = np.zeros(len(self.register.actors))
        for _ in range(held):
            size = int(takes_part.sum())
            length = p.meeting_hours * (1.0 + self.rule.meeting_growth(p) * max(0, size - 10))
            hours += self.coordination.meet(takes_part, length, p.cooperation_gain)
        if self.variant.shared_register and position % 3 == 0:
            self.coordination.meet_silently(takes_part, p.register_gain)
        upkeep = self.rule.upkeep_hours(p) / 12.0
        hours[takes_part] += upkeep
        self._meeting_hours = hours
        self.coordination.hours += upkeep * float(takes_part.sum())
        if position % 3 == 0:
            self.politics.plan(self.month)

    def census(self) -> None:
        """Phase 9: write down the month."""
        self.recorder.close_month()

    # ---- what actors and instruments see --------------------------------------------------------------------

    def unmet_hours(self, places: tuple[int, ...]) -> np.ndarray:
        """Return the hours of open work per task in the given municipalities at the end of last month, shape (K,)."""
        return self.recorder.unmet[:, list(places), :].sum(axis=(1, 2))

    def known_plans(self, actor: str, places: tuple[int, ...]) -> np.ndarray:
        """Return the hours a month of pending posts in these places as far as the actor knows of them, shape (K,)."""
        return self.politics.known_plans(actor, places)

    def population(self, year: int) -> np.ndarray:
        """Return the inhabitants of each municipality on 31 December, shape (M,); the nearest year known."""
        years = self.region.population
        return years[min(max(year, min(years)), max(years))]

    @property
    def free_margin_cents(self) -> np.ndarray:
        """Free financial margin of the last closed year in cents, shape (M,)."""
        return self.budgets.free_margin_cents

    @property
    def reserve_cents(self) -> np.ndarray:
        """Reserves in cents, shape (M,)."""
        return self.budgets.reserve_cents

    @property
    def perceived_need_hours(self) -> np.ndarray:
        """Need each municipality believes in, case hours a month, shape (M,)."""
        return np.array([town.need.sum() for town in self.towns])

    @property
    def planners(self) -> list[Any]:
        """Actors that plan posts: municipalities, districts, welfare associations."""
        return [*self.towns, *self.district_authorities, *self._welfare]

    def results(self) -> RunTables:
        """Return the tables of the run so far."""
        return self.recorder.results()

    # ---- setting up -----------------------------------------------------------------------------------------

    def _create_actors(self) -> None:
        region = self.region
        low, high = self.parameters.willingness_low, self.parameters.willingness_high
        draws = [uniforms(self.seed, ACTOR, int(i), 0, _WILLINGNESS)[0] for i in region.municipalities["identity"]]
        self.willingness = low + (high - low) * np.array(draws)
        self.towns = [Municipality(self, m, float(self.willingness[m])) for m in range(len(region.keys))]
        self.district_authorities = [
            DistrictAuthority(self, d, tuple(np.flatnonzero(self.district_of == d).tolist()))
            for d in range(len(region.districts))
        ]
        self._welfare: list[Provider] = []
        levels = self.register.columns["level"]
        reach: dict[str, set[int]] = {}
        for structure in self.register.structures:
            if structure.level == "welfare":
                reach.setdefault(structure.actor, set()).update(structure.catchment)
        for name, places in reach.items():
            self._welfare.append(Provider(self, name, tuple(sorted(places)), self.parameters.notice_upper_level))
        helper_task = (levels == LEVEL["volunteers"]) & (self.register.columns["fte"] == 0)
        for s in np.flatnonzero(helper_task):
            structure = self.register.structures[s]
            if structure.actor.startswith("helpers:"):
                VolunteerNetwork(self, structure.catchment[0], int(s))
        for name in (town.name for town in self.towns):
            self.register.actor(name)
        for district in self.district_authorities:
            self.register.actor(district.name)
        self.coordination.grow(self.register.actors)

    def _record_settings(self) -> None:
        """Put the parameters compiled loops read into records."""
        p = self.parameters
        rule = self.rule
        self._take_on = np.zeros(1, TAKE_ON).view(np.recarray)
        values = {name: getattr(p, name) for name in TAKE_ON.names if name in dict(p)}
        values |= {
            "exclusive": float(rule.exclusive),
            "refuses_when_full": float(rule.passes_over_full),
            "register": float(self.variant.shared_register),
            "delay_months": rule.delay_months(p),
            "liable_after": p.liable_after if rule.joint_liability else 1.0e6,
        }
        for name, value in values.items():
            self._take_on[name] = value
        self._service = np.zeros(1, SERVICE).view(np.recarray)
        for name in SERVICE.names:
            self._service[name] = getattr(p, name)
        towns = self.region.municipalities
        one = towns["rent_limit_1p_eur"].to_numpy(np.float64)
        three = towns["rent_limit_3p_eur"].to_numpy(np.float64)
        self._rents = np.stack([one, three], axis=1) * 100.0 + self.parameters.heating_eur * 100.0
        self._seen = np.zeros(len(self.households.table), np.int64)
        self._order = np.argsort(np.array(self.region.keys), kind="stable").astype(np.int64)
        self._gu_free = towns["gu_places"].to_numpy(np.int64).copy()
        self._gu_at = np.full(len(self.region.districts), -1, np.int64)
        for d in range(len(self.region.districts)):
            places = np.where(self.district_of == d, towns["gu_places"].to_numpy(np.int64), 0)
            self._gu_at[d] = int(np.argmax(places)) if places.max() > 0 else -1
        self._alliance = self._alliance_matrix()

    def _warm_up(self) -> None:
        """Let the households that came before the start live until then, without services."""
        first = self.region.history_start_month - 12
        for month in range(first, self.region.start_month):
            self.conditions.country(month, self.households.country[0])
            self.conditions.places(self.households.places)
            self._settle(month, history=True)
            self.households.live(month)
        for row in np.flatnonzero(self.households.here):
            MigrantHousehold(self, int(row))
        self.month = self.region.start_month - 1
        self._newcomers()
        for network in self.agents_by_type.get(VolunteerNetwork, ()):
            network.helpers = self.parameters.helpers_per_100 / 100.0 * float(self.newcomers[network.municipality]) * 0.5

    # ---- parts of phases ------------------------------------------------------------------------------------

    def _settle(self, month: int, *, history: bool = False) -> range:
        free = self._gu_free.copy()
        table = self.households.table[: self.households.n]
        in_gu = (table.stay == HERE) & (table.accommodation == 1)
        np.subtract.at(free, table.municipality[in_gu], self.households.persons[in_gu])
        return self.households.arrive(month, self._shares(history=history), self._order, free, self._gu_at)

    def _shares(self, *, history: bool) -> np.ndarray:
        """Return each municipality's share of new arrivals in its district by the allocation rule, shape (D, M)."""
        towns = self.region.municipalities
        population = self.population(2014).astype(np.float64)
        known = towns["asylum_2014"].to_numpy(np.float64)
        rule = "existing" if history else self.variant.allocation
        part = np.zeros_like(known)
        for d in range(len(self.region.districts)):
            inside = self.district_of == d
            if known[inside].sum() > 0:
                part[inside] = known[inside] / known[inside].sum() * population[inside].sum()
        p = self.parameters
        weight = {
            "quota": population,
            "vacancy": population * (towns["rent_limit_1p_eur"].to_numpy(np.float64).max() / towns["rent_limit_1p_eur"].to_numpy(np.float64)) ** 3,
            "existing": (1.0 - p.existing_weight) * population + p.existing_weight * part,
            "negotiated": population * self.willingness,
        }[rule]
        shares = np.zeros((len(self.region.districts), len(population)))
        for d in range(len(self.region.districts)):
            inside = self.district_of == d
            shares[d, inside] = weight[inside] / weight[inside].sum()
        return shares

    def _gone(self) -> list[MigrantHousehold]:
        stay = self.households.table.stay
        return [agent for agent in self.agents_by_type.get(MigrantHousehold, ()) if stay[agent.row] != HERE]

    def _newcomers(self) -> None:
        table = self.households.table[: self.households.n]
        recent = (table.stay == HERE) & (table.arrived > self.month - 12)
        self.newcomers = np.bincount(
            table.municipality[recent], weights=self.households.persons[recent], minlength=len(self.region.keys)
        )

    def _participants(self) -> np.ndarray:
        """Return which actors sit in the rounds: those with an active structure, volunteers only when coordinated."""
        active = self.register.active(self.month)
        c = self.register.columns
        sits = np.zeros(len(self.register.actors), np.bool_)
        sits[c["actor"][active & (c["level"] != LEVEL["volunteers"])]] = True
        return sits

    def _alliance_matrix(self) -> np.ndarray:
        """Return which municipalities share an alliance, shape (M, M) bool, every one with itself."""
        keys = {key: m for m, key in enumerate(self.region.keys)}
        matrix = np.eye(len(keys), dtype=np.bool_)
        for _, rows in self.region.alliances.groupby("alliance", sort=True):
            members = [keys[key] for key in rows["key"] if key in keys]
            matrix[np.ix_(members, members)] = True
        return matrix

    def _pool(self) -> np.ndarray | None:
        """Return the clusters in force: members that have left after an election pool with nobody."""
        if not self.rule.pools:
            return None
        pool = self._alliance.copy()
        for election in (64, 136):  # municipal elections take effect in May 2020 and May 2026
            if self.month < election:
                continue
            for m, identity in enumerate(self.region.municipalities["identity"]):
                if uniforms(self.seed, ACTOR, int(identity), election, _POOL_EXIT)[0] < self.parameters.pool_exit:
                    pool[m, :] = False
                    pool[:, m] = False
                    pool[m, m] = True
        return pool

    def _refresh_cells(self) -> None:
        """Rebuild candidates when structures began, ended or changed, or clusters did."""
        active = self.register.active(self.month)
        key = (self.register.version, hash(active.tobytes()), self.month >= 64 if self.rule.pools else False)
        if key == self._cells_key:
            return
        self._cells_key = key
        c = self.register.columns
        pool = self._pool()
        standing = None
        if self.rule.joint_liability:
            standing = np.isin(c["level"], (LEVEL["municipality"], LEVEL["welfare"], LEVEL["district"])) & (c["fte"] > 0)
        self.cells = cells = build_cells(self.register, self.month, pool=pool, stands_in=standing)
        s = cells.structure
        p = self.parameters
        towns = self.region.municipalities
        seat = c["seat"][s]
        km = np.where(
            seat >= 0,
            self.region.distance_km[np.maximum(seat, 0), cells.municipality],
            towns["km_to_centre"].to_numpy(np.float64)[cells.municipality],
        )
        near = p.notice_distance_km / (p.notice_distance_km + km)
        upper = np.where(c["level"][s] >= LEVEL["bezirk"], p.notice_upper_level, 1.0)
        self._notice = np.minimum(self.visibility[cells.task] * c["notice"][s] * near * upper, 1.0)
        self._contractor = np.array(
            [any(name.startswith("district:") for name, _ in item.payers) for item in self.register.structures]
        )
        same = self._alliance if pool is None else pool
        self._same_cluster = np.where(seat >= 0, same[np.maximum(seat, 0), cells.municipality], False)
        self._lead = self._lead_pairs(cells)
        self.recorder.new_cells(cells, self._has_lead(cells))

    def _lead_pairs(self, cells: Cells) -> np.ndarray:
        """Return which candidates the responsibility matrix names: the variant's owner, else the largest capacity."""
        c = self.register.columns
        lead = np.zeros(len(cells.structure), np.bool_)
        if not self.rule.needs_matrix:
            return lead
        owners = [actor.partition(":")[0] for actor in self.register.actors]
        named = [self.variant.lead.get(task.id, "") for task in self.field.tasks]
        hours = c["hours"][cells.structure]
        fits = np.array(
            [1.0 if named[k] and owners[c["actor"][s]] == named[k] else 0.0 for k, s in zip(cells.task, cells.structure, strict=True)]
        )
        order = np.lexsort((c["identity"][cells.structure], -hours, -fits, cells.liable, cells.cell))
        first = np.unique(cells.cell[order], return_index=True)[1]
        lead[order[first]] = True
        return lead

    def _has_lead(self, cells: Cells) -> np.ndarray:
        """Return for each cell whether the rule names one body in charge: one candidate in the lowest tier."""
        if not self.rule.exclusive:
            return np.zeros(cells.shape, np.bool_)
        if self.rule.joint_liability:
            return np.ones(cells.shape, np.bool_)
        c = self.register.columns
        ones = np.ones(len(cells.structure))
        candidates = Candidates(
            cells.task, cells.municipality, c["level"][cells.structure], self._contractor[cells.structure], self._lead,
            self._same_cluster, cells.liable == 1, ones, ones,
        )  # fmt: skip
        tier, _ = self.rule.precedence(candidates, self.parameters)
        n_cells = len(cells.start) - 1
        lowest = np.full(n_cells, np.inf)
        np.minimum.at(lowest, cells.cell, tier)
        at_lowest = np.bincount(cells.cell, weights=tier == lowest[cells.cell], minlength=n_cells)
        return (at_lowest == 1).reshape(cells.shape)

    def _local_numbers(self) -> np.ndarray:
        """Number the structures so that those reaching the same place differ as far as possible (see take_on)."""
        wide = np.array([len(s.catchment) > 1 for s in self.register.structures])
        active = self.register.active(self.month)
        numbers = np.zeros(len(self.register), np.int64)
        numbers[wide & active] = np.arange((wide & active).sum())
        offset = int((wide & active).sum())
        counts: dict[int, int] = {}
        for s in np.flatnonzero(~wide & active):
            place = self.register.structures[s].catchment[0]
            numbers[s] = offset + counts.get(place, 0)
            counts[place] = counts.get(place, 0) + 1
        return numbers

    def _pay_structures(self) -> None:
        """Post the month's cost of the register's own structures (those of awards are paid through the award)."""
        self.recorder.pay_structures(self.register.active(self.month))


def checked_seed(rng: object) -> int:
    """Return the seed as an integer from 0 to 2**32 - 1; InputError for anything else."""
    if isinstance(rng, bool) or not isinstance(rng, int | np.integer) or not 0 <= int(rng) < 2**32:
        raise InputError(f"seed {rng!r} is not usable; expected a whole number from 0 to {2**32 - 1}")
    return int(rng)


def checked_months(months: int | None, region: Region) -> int:
    """Return how many months to run; InputError when it is not between 1 and the region's period."""
    most = region.end_month - region.start_month + 1
    if months is None:
        return most
    if isinstance(months, bool) or not isinstance(months, int) or not 1 <= months <= most:
        raise InputError(f"months {months!r} is not usable; expected a whole number from 1 to {most}")
    return months


def district_actor(name: str) -> int:
    """Return the identity of an actor's name (the same in every run)."""
    return identity_of(name)


__all__: list[str] = ["IntegrationModel", "checked_months", "checked_seed"]
_ = N_COUNTERS
