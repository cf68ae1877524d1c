"""The model: a district, its municipalities, helpers, bodies and households, month by month.

`IntegrationModel` is a Mesa model; one step is one month, and the month is the list `PHASES`, in order. One deviation
from a textbook agent loop: households live through a compiled loop over their table instead of one `step` each; both
apply the same rules (`Household.step`, `People.live`). What services change in a household acts from the
next month on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import mesa
import numpy as np

from ..agents.codes import HERE
from ..agents.district import DistrictAuthority
from ..agents.municipality import Municipality
from ..agents.providers import Provider
from ..agents.volunteers import VolunteerNetwork
from .budget import Budgets
from .calendar import month_of_year
from .casework import Casework
from .coordination import Coordination, mark_actors
from .errors import InputError
from .field import known_tasks, load_field
from .helpers import Helpers
from .ledger import Ledger
from .parameters import Parameters
from .payroll import Payroll
from .people import WARM_UP
from .plan import Plan, load_plan
from .plan_check import place_words
from .plan_run import adopt
from .politics import Politics
from .recorder import Recorder
from .region import Region, in_field, load_region
from .region_register import register_from_region
from .responsibility import load_rule
from .rng import ACTOR, uniforms
from .series import MonthlySeries
from .structures import LEVEL
from .variant import Scenario, Variant, load_scenario, load_variant

if TYPE_CHECKING:
    from ..agents.actors import PlanningActor
    from ..agents.people import Household
    from .cells import Cells
    from .people import People
    from .results import RunTables

_WILLINGNESS = 2  # purpose of draws in stream ACTOR


class IntegrationModel(mesa.Model):
    """The governance of fields of action in a region under one variant and scenario.

    `region`, `variant` and `scenario` are names, paths or loaded objects; `parameters` replaces values of
    parameters.csv (after the scenario's and the variant's own); `months` shortens the run; `rng` is the seed, an
    integer from 0 to 2**32 - 1; `field` the field of action (default: the region's own; several separated by commas act
    at once); `record_households` keeps a table of households in the results. A `plan` comes into force in its month;
    until then the variant is. Raises InputError for anything wrong.

    >>> model = IntegrationModel("coburg", "lead_agency", months=3, rng=1).run()
    >>> round(model.ledger.total())
    0
    """

    PHASES: ClassVar[tuple[str, ...]] = (
        "decisions", "arrivals", "life", "needs", "responsibility", "service", "volunteers", "bookkeeping", "planning",
        "census",
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
        field: str | None = None,
        record_households: bool = False,
        plan: Plan | str | Path | None = None,
    ) -> None:
        """Build the world as it is before the first month, warm-up included."""
        self.seed = checked_seed(rng)
        super().__init__(rng=self.seed)
        self.region = in_field(region if isinstance(region, Region) else load_region(region), field)
        self.variant = variant if isinstance(variant, Variant) else load_variant(variant)
        self.world = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
        p = Parameters({**self.world.parameters, **self.variant.parameters, **(parameters or {})})
        self.parameters = p
        self.months = checked_months(months, self.region)
        self.record_households = record_households
        self.field = load_field(self.region.field)
        self.rule = load_rule(self.variant.rule)
        if self.variant.lead or self.variant.funding_by_task:
            owners = {*self.region.structures["owner"], "district", "municipality"}
            tasks = sorted({*self.field.task_ids, *known_tasks()})
            self.variant.check_lead(tasks=tasks, owners=owners, places=place_words(self.region))
        self.plans = {} if plan is None else {each.start_month: each for each in load_plan(plan, self.region).chain()}
        self.month = self.region.start_month - 1
        self.district_of = self.region.municipalities["district_index"].to_numpy(np.int64)
        self.visibility = np.array([task.visibility for task in self.field.tasks])
        self.competence = {level: self.field.competence_mask(level) for level in self.field.competence}
        self.register = register_from_region(self.region, self.field, p.case_share, p.helper_support_share)
        self.coordination = Coordination(self.register.actors, p, self.seed, circles_by_key(self.region))
        draws = [uniforms(self.seed, ACTOR, int(i), 0, _WILLINGNESS)[0] for i in self.region.municipalities["identity"]]
        self.willingness = p.willingness_low + (p.willingness_high - p.willingness_low) * np.array(draws)
        self.people: tuple[People, ...] = tuple(part.people(self, part) for part in self.field.parts)
        self.ledger = Ledger()
        self._meeting_hours = np.zeros(0)
        self._create_actors()
        shift = self.world.revenue_growth_shift
        self.budgets = Budgets(self.region, self.ledger, p, revenue_growth_shift=shift)
        for people in self.people:
            people.open_accounts(self.ledger)
        self.budgets.claims = self
        self.recorder = Recorder(self)
        self.payroll = Payroll(self)
        self.casework = Casework(self)
        self._warm_up()
        self.casework.refresh(self.month)
        self.politics = Politics(self)
        self.datacollector = MonthlySeries(self)
        self._handles: list[dict[int, Household]] = [{} for _ in self.people]
        self._handled = [0] * len(self.people)

    # ---- the month ------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Let one month pass: all phases in order. After the last month nothing happens."""
        if not self.running:
            return
        self.month += 1
        for phase in self.PHASES:
            getattr(self, phase)()
        self.datacollector.collect(self)
        self.running = self.month - self.region.start_month + 1 < self.months

    def run(self) -> IntegrationModel:
        """Step until the last month and return the model."""
        if self.running:
            self.run_for(self.months - (self.month - self.region.start_month + 1))  # Mesa's time: one step a month
        return self

    def decisions(self) -> None:
        """Phase 0: a plan decided for this month comes into force."""
        if (plan := self.plans.get(self.month)) is not None:
            adopt(self, plan)

    def arrivals(self) -> None:
        """Phase 1: the month's households come and settle in their municipalities."""
        for people in self.people:
            people.arrive(self.month)

    def life(self) -> None:
        """Phase 2: what a month does to every household, by the rules of its field of action."""
        for people in self.people:
            people.live(self.month)

    def needs(self) -> None:
        """Phase 3: cases move with their household, close with its departure, and new needs open cases."""
        self.recorder.start_month()
        self.casework.open(self.month)

    def responsibility(self) -> None:
        """Phase 4: who notices each case, who takes it on, who does it twice, what is handed over."""
        self.casework.take_on(self.month, self._meeting_hours)

    def service(self) -> None:
        """Phase 5: capacity, less last month's meetings and applications, is spent on the cases held, oldest first."""
        self.casework.serve(self.month)

    def volunteers(self) -> None:
        """Phase 6: helpers join, tire and leave; posts that coordinate them keep them longer and match them better."""
        self.helpers.live(self.month)
        self.recorder.volunteers()

    def bookkeeping(self) -> None:
        """Phase 7: every euro of the month is a posting; awards are decided and paid; budgets are kept and closed."""
        self.recorder.census()
        for people, counts in zip(self.people, self.recorder.counts, strict=True):
            people.pay(self.month, counts)
        self.payroll.pay()
        self.politics.fund(self.month)
        self.politics.pay(self.month)
        self.budgets.step(self.month)

    def planning(self) -> None:
        """Phase 8: cooperation decays, rounds are held, and every quarter the actors plan posts.

        Rounds, upkeep and applications take hours of the actors' staff in the month after. Who has no posts has no
        hours to lose; its hours count as coordination all the same.
        """
        self.coordination.grow(self.register.actors)
        self.coordination.fade(self.month)
        self.coordination.bind(self.helpers.actor_of, self.helpers.rows["coordinated"])
        self._meeting_hours = self._hold_rounds()
        if month_of_year(self.month) % 3 == 0:
            self._meeting_hours = self._meeting_hours + self.politics.plan(self.month)

    def census(self) -> None:
        """Phase 9: write down the month."""
        self.recorder.close_month()

    def results(self, tables: Collection[str] | None = None) -> RunTables:
        """Return the tables of the run so far; those not in `tables` (default: all) have no rows and take no time."""
        return self.recorder.results(tables)

    # ---- households as Mesa agents --------------------------------------------------------------------------

    @property
    def agents(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        """All agents, among them a handle for every household that is in the region now."""
        self._sync_handles()
        return super().agents

    @property
    def agents_by_type(self) -> Any:
        """Agents by their type; under that of a field's people (`People.agent`) the households in the region now."""
        self._sync_handles()
        return super().agents_by_type

    def _sync_handles(self) -> None:
        """Create and remove handles so that they match the households that are here; done only when somebody looks."""
        if not hasattr(self, "_handles"):
            return
        for number, (people, handles) in enumerate(zip(self.people, self._handles, strict=True)):
            stay = people.table.stay
            for row in [row for row in handles if stay[row] != HERE]:
                handles.pop(row).remove()
            for row in range(self._handled[number], people.n):
                if stay[row] == HERE:
                    handles[row] = people.agent(self, people, row)
            self._handled[number] = people.n

    # ---- what actors and instruments see --------------------------------------------------------------------

    @property
    def households(self) -> Any:
        """The people of the first field of action: its tables and rules."""
        return self.people[0]

    @property
    def open_refund_cents(self) -> np.ndarray:
        """What others still owe each district for payments of all fields, int64 (D,)."""
        total = np.zeros(len(self.region.districts), np.int64)
        for people in self.people:
            total += people.open_refund_cents
        return total

    @property
    def cells(self) -> Cells:
        """The candidate table: which structures may take on a case of a task, place and group."""
        return self.casework.assignment.cells

    @property
    def planners(self) -> list[PlanningActor]:
        """Actors that plan posts: municipalities, districts, welfare associations."""
        return [*self.towns, *self.authorities, *self.welfare]

    def population(self, year: int) -> np.ndarray:
        """Return the inhabitants of each municipality on 31 December, shape (M,); of the nearest year known."""
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
        return self.politics.plans.need[: len(self.towns)].sum(axis=1)

    def perceived_need_of(self, task: str) -> np.ndarray:
        """Need of one task each municipality believes in, case hours a month, shape (M,)."""
        return self.politics.plans.need[: len(self.towns), self.register.task_number[task]]

    def overview(self, district: int, task: str) -> float:
        """Share of the other bodies at work on a task that the district knows of: its mean cooperation with them."""
        return self.politics.overview(district, task)

    # ---- parts of phases ------------------------------------------------------------------------------------

    def _hold_rounds(self) -> np.ndarray:
        """Hold the rounds due this month, one table per district; return the hours each actor spends, shape (A,)."""
        p, register = self.parameters, self.register
        hours, upkeep = np.zeros(len(register.actors)), self.rule.upkeep_hours(p)
        position, rounds = month_of_year(self.month), self.variant.rounds_per_year
        due = position * rounds // 12 - (position - 1) * rounds // 12
        approaches = self.variant.shared_register and position % 3 == 0
        if not due and not approaches and upkeep == 0.0:
            return hours
        c, active = register.columns, register.active(self.month)

        def seated(reach: np.ndarray) -> tuple[np.ndarray, int]:
            sits = np.zeros(len(hours), np.bool_)
            return sits, mark_actors(active, c["level"], LEVEL["volunteers"], reach, c["actor"], sits)

        if upkeep != 0.0:
            hours[seated(active)[0]] = upkeep / 12.0
        for district in range(len(self.region.districts)) if due or approaches else ():
            sits, there = seated(register.in_district(district))
            length = p.meeting_hours * (1.0 + self.rule.meeting_growth(p) * max(0, there - 10))
            for _ in range(due):
                hours += self.coordination.meet(sits, length, p.cooperation_gain)
            if approaches:
                self.coordination.approach(sits, p.register_gain)
        return hours

    # ---- setting up -----------------------------------------------------------------------------------------

    def _create_actors(self) -> None:
        """Create municipalities, districts, welfare associations and helpers' networks as agents."""
        p = self.parameters
        self.towns = [Municipality(self, m, float(self.willingness[m])) for m in range(len(self.region.keys))]
        self.authorities = [
            DistrictAuthority(self, d, tuple(np.flatnonzero(self.district_of == d).tolist()))
            for d in range(len(self.region.districts))
        ]
        networks: list[tuple[int, int, int]] = []
        reach: dict[str, set[int]] = {}
        for s, structure in enumerate(self.register.structures):
            if structure.level == "welfare":
                reach.setdefault(structure.actor, set()).update(structure.catchment)
            elif structure.actor.startswith("helpers:"):
                field = next(
                    number for number, part in enumerate(self.field.parts) if set(structure.tasks) & set(part.task_ids)
                )
                networks.append((structure.catchment[0], field, s))
        self.helpers = Helpers(self, networks)
        self.networks = [VolunteerNetwork(self, row) for row in range(len(networks))]
        self.welfare = [
            Provider(self, name, tuple(sorted(places)), p.notice_upper_level) for name, places in reach.items()
        ]
        for actor in (*self.towns, *self.authorities):
            self.register.actor(actor.name)
        self.coordination.grow(self.register.actors)

    def _warm_up(self) -> None:
        """Let the households that came before the start live until then, without services; then the helpers of 2014."""
        for month in range(self.region.history_start_month - WARM_UP, self.region.start_month):
            for people in self.people:
                people.arrive(month, past=True)
                people.live(month)
        self.helpers.want(self.month)
        self.helpers.start()


def circles_by_key(region: Region) -> dict[str, int] | None:
    """Return by the key of a municipality or district the circle of districts in which its actors meet.

    Districts are circles of their own unless an alliance ties them together; None where there is only one district.
    """
    if len(region.districts) == 1:
        return None
    circle = np.arange(len(region.districts))
    towns = dict(zip(region.keys, region.municipalities["district_index"].tolist(), strict=True))
    for _, rows in region.alliances.groupby("alliance", sort=True):
        tied = np.unique(circle[[towns[key] for key in rows["key"]]])
        circle[np.isin(circle, tied)] = tied[0]
    keys = towns | {district.key: d for d, district in enumerate(region.districts)}
    return {key: int(circle[d]) for key, d in keys.items()}


def checked_seed(rng: object) -> int:
    """Return the seed as an integer from 0 to 2**32 - 1; InputError for anything else."""
    if isinstance(rng, bool) or not isinstance(rng, int | np.integer) or not 0 <= int(rng) < 2**32:
        raise InputError(f"seed {rng!r} is not usable; expected a whole number from 0 to {2**32 - 1}")
    return int(rng)


def checked_months(months: int | None, region: Region) -> int:
    """Return how many months to run; InputError when it is not between 1 and the region's period."""
    most = region.months
    if months is None:
        return most
    if isinstance(months, bool) or not isinstance(months, int) or not 1 <= months <= most:
        raise InputError(f"months {months!r} is not usable; expected a whole number from 1 to {most}")
    return months
