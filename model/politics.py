"""The politics of posts: wishes become proposals, instruments decide, awards become structures, and someone pays.

Every quarter the planning actors wish for posts. Each wish goes to an instrument, the one named for its task or one
drawn by the variant's weights, and on to the next where it is not eligible; the instrument decides with its own body,
lag and limits. An award becomes a structure owned by the proposer; when its funding ends or runs dry, the structure
ends, and with it a part of what its owner knew of others. Whoever gets the post granted anew later starts again with a
ramp-up.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents.jit import rule
from ..agents.sums import added
from .awards import AwardsInForce, Commitment
from .calendar import OPEN_END
from .coordination import quality_between
from .funding import build_instruments
from .funding.own_budget import OwnBudget
from .funding.proposal import proposal_of
from .proposals import Proposals
from .rng import ACTOR, identity_of, uniforms
from .structures import Structure
from .wishes import Plans, Wished

if TYPE_CHECKING:
    from .funding.base import FundingInstrument
    from .funding.proposal import Award, Proposal
    from .integration_model import IntegrationModel

RETURN_MONTHS = 12  # a post granted anew within so many months after its end has returned
_INSTRUMENT = 8  # purposes of draws in stream ACTOR: which instrument a wish goes to (+ task)


@rule
def overviews(
    mine: int, active: Any, tasks: Any, fte: Any, actor: Any, reach: Any, home: Any, column: Any, q: Any, known: Any
) -> None:
    """Write for each task (K,) the share of the other bodies with posts at work on it that actor `mine` knows of: its
    mean cooperation with them, 1 where there are none.

    Structures (S,) count that are `active` and in `reach`; actors that can meet `mine`: of its district or of several.
    """
    work = np.zeros(len(home), np.int64)  # of each actor, the tasks as bits
    for s in range(len(active)):
        if active[s] and reach[s] and fte[s] > 0 and actor[s] < len(home):
            work[actor[s]] |= tasks[s]
    quality = np.empty(len(home))
    for task in range(len(known)):
        found = 0
        for a in range(len(home)):
            if (work[a] >> task) & 1 and a != mine and (home[a] == home[mine] or home[a] < 0):
                quality[found] = quality_between(mine, a, q, home, column)
                found += 1
        known[task] = added(quality, found) / found if found else 1.0


@rule
def posts_ended(month: int, end: Any, fte: Any) -> float:
    """Return the posts (FTE) of structures (S,) that ended with last month."""
    ended = 0.0
    for s in range(len(end)):
        ended += fte[s] if end[s] == month else 0.0
    return ended


@rule
def posts_lost(month: int, start: Any, end: Any, fte: Any, actor: Any, passed_on: Any, lost: Any, had: Any) -> None:
    """Add the posts (FTE) of each actor (A,) that ended with last month to `lost`, and those it had to `had`.

    Structures (S,) in `passed_on` are phases of an office that goes on.
    """
    for s in range(len(end)):
        if end[s] == month and fte[s] > 0:
            goes_on = False
            for old in passed_on:
                goes_on = goes_on or old == s
            if not goes_on:
                lost[actor[s]] += fte[s]
        if start[s] < month and end[s] >= month:
            had[actor[s]] += fte[s]


class Politics:
    """Proposals, instruments and awards of a run."""

    def __init__(self, model: IntegrationModel) -> None:
        """Set up the variant's instruments."""
        self.model = model
        self.instruments: dict[str, FundingInstrument] = build_instruments(model, self._weights())
        self._cumulative = self._cumulated()
        self.plans = Plans(model)
        self._proposals = Proposals(model)
        self.in_force = AwardsInForce(model, self.instruments)
        self._overviews: dict[int, np.ndarray] = {}  # by district, of the month and register in `_overviews_of`
        self._overviews_of = (0, 0)
        self._ended: dict[tuple[str, str], tuple[int, str]] = {}  # (actor, task): month and instrument of the last end

    def _weights(self) -> dict[str, float]:
        """Return the weights of the variant's instruments, in its order."""
        variant = self.model.variant
        # An instrument named for a task serves all of its proposals, so it has its full budget.
        return {**variant.funding, **dict.fromkeys(variant.funding_by_task.values(), 1.0)}

    def _cumulated(self) -> list[float]:
        weights = self.model.variant.funding
        return list(accumulate(weights.get(name, 0.0) for name in self.instruments))

    def follow_mix(self) -> None:
        """Take the variant's mix as it now is: new instruments begin, those left out grant nothing new."""
        weights = self._weights()
        for name, instrument in self.instruments.items():
            instrument.reweigh(weights.get(name, 0.0))
        new = {name: weight for name, weight in weights.items() if name not in self.instruments}
        self.instruments |= build_instruments(self.model, new, self.instruments)
        self._cumulative = self._cumulated()

    @property
    def commitments(self) -> list[Commitment]:
        """Awards at work, in the order of their structures."""
        return self.in_force.commitments

    @property
    def cents_by_field(self) -> np.ndarray:
        """What awards cost this month by field of action, cents."""
        return self.in_force.cents_by_field

    def programme_room(self, programme: str, month: int) -> float:
        """Return what a programme has left in a month beside the register and the awards in force, in cents."""
        own = self.instruments.get(OwnBudget.name)
        rows = self.model.region.programmes
        most = float(rows.loc[rows["id"] == programme, "max_eur_per_year"].iloc[0]) / 12 * 100
        return most - (own.used(programme, month) if isinstance(own, OwnBudget) else 0.0)

    def reserve(self, programme: str, first: int, last: int, cents: int) -> None:
        """Note that a plan's post takes so many cents a month of a programme that own money would otherwise ask for."""
        own = self.instruments.get(OwnBudget.name)
        if isinstance(own, OwnBudget):
            own.reserve(programme, first, last, cents)

    def plan(self, month: int) -> np.ndarray:
        """Let every planning actor plan, and hand its wishes to instruments; return the hours that applying takes of
        each actor, (A,).
        """
        plans = self.plans
        plans.forget(month)
        hours = np.zeros(len(self.model.register.actors))
        asked: list[tuple[Wished, Proposal]] = []
        for wish in plans.wishes():
            if (taken := self._propose(wish, month)) is not None:
                instrument, proposal = taken
                hours[plans.rows[wish.planner]] += instrument.hours_of(proposal)
                asked.append((wish, proposal))
        plans.ask(month, asked)
        return hours

    def _propose(self, wish: Wished, month: int) -> tuple[FundingInstrument, Proposal] | None:
        """Ask for a post; where that is not eligible and the task allows it, for a small project; return what was
        taken, and by whom. Whose post was refused lately asks for the project first, and for no post while it waits.

        What one instrument does not take as eligible goes to the next of the mix; for what it refuses whoever asks, no
        proposal is written.
        """
        asking = self._proposals.asking(wish.planner, wish.task)
        rounds = [asking.small] if wish.refused else []
        for purposes in rounds if wish.waits else (*rounds, asking.purposes):
            for instrument in self._instruments(wish, month) if purposes else ():
                for purpose in purposes:
                    if reason := instrument.shut(purpose, month):
                        instrument.turn_away(reason, purpose.level)
                        continue
                    proposal = self._proposals.of(asking, purpose.kind, wish, month)
                    if instrument.apply(proposal):
                        return instrument, proposal
        return None

    def fund(self, month: int) -> None:
        """Note what has ended, let every instrument do its month, and turn new awards into structures."""
        model, in_force = self.model, self.in_force
        self._lose_knowledge(month)
        for commitment in in_force.over(month):
            self._end(commitment, month)
        created: list[Structure] = []
        granted: dict[tuple[int, int, int], int] = {}
        refused: list[Proposal] = []
        for instrument in self.instruments.values():
            awards = instrument.step(month)
            refused += instrument.take_refused()
            for award in awards:
                granted[proposal_of(award.proposal)] = award.first_month
                current = in_force.of(award.proposal)
                if current is not None:
                    self._go_on(current, award)
                    in_force.put(current, award)
                    continue
                structure = self._structure(award)
                before = self._ended.pop((structure.actor, award.proposal.task), None)
                if before is not None and month - before[0] <= RETURN_MONTHS:
                    self.instruments[before[1]].tally.returned += 1
                created.append(structure)
                in_force.begin(award, structure.id)
        self.plans.decide(month, granted, refused)
        if created:
            model.register.add(created)
            model.coordination.grow(model.register.actors)
        self._take_over(month)

    def _take_over(self, month: int) -> None:
        """Let owners carry on with own money what another instrument stops paying after this month."""
        own = self.instruments.get(OwnBudget.name)
        if not isinstance(own, OwnBudget) or len(self.instruments) == 1:
            return
        for commitment in self.commitments:
            award = commitment.award
            if commitment.last != month or award.instrument == own.name or award.proposal.kind != "post":
                continue
            following = own.take_over(award, month)
            if following is not None:
                commitment.following = following
                self._go_on(commitment, following)

    def _go_on(self, commitment: Commitment, award: Award) -> None:
        """Count an award that is over and goes on without a break, and let its structure last longer."""
        tally = self.instruments[commitment.award.instrument].tally
        tally.ended += 1
        tally.survived += 1
        self.model.register.extend(commitment.structure, award.last_month + 1)

    def _end(self, commitment: Commitment, month: int) -> None:
        """Count an award that is over without an extension."""
        award = commitment.award
        self.instruments[award.instrument].tally.ended += 1
        self._ended[self._actor(award.proposal), award.proposal.task] = (month, award.instrument)

    def _lose_knowledge(self, month: int) -> None:
        """Let owners whose posts ended last month lose the part of their cooperation that went with the people."""
        register, coordination = self.model.register, self.model.coordination
        c = register.columns
        if posts_ended(month, c["end"], c["fte"]) == 0.0:
            return
        passed_on = np.array([old for old, _ in register.successions(month)], np.int64)
        lost, had = np.zeros(len(coordination.actors)), np.zeros(len(coordination.actors))
        posts_lost(month, c["start"], c["end"], c["fte"], c["actor"], passed_on, lost, had)
        for actor in np.flatnonzero(lost):
            coordination.lose(int(actor), float(lost[actor] / max(had[actor], lost[actor])))

    def overview(self, district: int, task: str) -> float:
        """Return the share of the other bodies at work on a task in a district that it knows of."""
        register, now = self.model.register, (self.model.month, self.model.register.version)
        if self._overviews_of != now:
            self._overviews, self._overviews_of = {}, now
        if district not in self._overviews:
            self._overviews[district] = self._overviews_in(district)
        return float(self._overviews[district][register.task_number[task]])

    def _overviews_in(self, district: int) -> np.ndarray:
        """Return the overview of a district by task, (K,)."""
        model, register, network = self.model, self.model.register, self.model.coordination
        c, known = register.columns, np.empty(len(register.task_number))
        overviews(
            register.actor(model.authorities[district].name), register.active(model.month), c["tasks"], c["fte"],
            c["actor"], register.in_district(district), network.home, network.column, network.q, known,
        )  # fmt: skip
        return known

    def pay(self, month: int) -> None:
        """Pay the month of every award; a dry fund ends the structure."""
        dry = self.in_force.pay(month)
        if dry:
            self.model.register.end([commitment.structure for commitment in dry], month + 1)
            for commitment in dry:
                self._end(commitment, month + 1)

    def _instruments(self, wish: Wished, month: int) -> list[FundingInstrument]:
        """Return where a wish goes: to the instrument named for its task, or to one drawn by weight, then the rest."""
        if len(self.instruments) == 1:
            return list(self.instruments.values())
        model = self.model
        weights = model.variant.funding
        named = model.variant.funding_by_task.get(model.field.tasks[wish.task].id)
        if named is not None:
            return [self.instruments[named]]
        actor = identity_of(self.plans.planners[wish.planner].name)
        u = uniforms(model.seed, ACTOR, actor, month, _INSTRUMENT + model.field.draw_of(wish.task))[0]
        place = bisect_right(self._cumulative, u * self._cumulative[-1])
        first = list(self.instruments)[min(place, len(self.instruments) - 1)]
        others = [name for name in self.instruments if name != first and weights.get(name)]
        rest = sorted(others, key=lambda name: (-weights[name], name))
        return [self.instruments[name] for name in (first, *rest)]

    def _actor(self, proposal: Proposal) -> str:
        """Return the name of the actor that made a proposal."""
        town = proposal.municipality
        region = self.model.region
        return f"{proposal.owner}:{region.keys[town] if town >= 0 else region.districts[proposal.district].key}"

    def _structure(self, award: Award) -> Structure:
        model = self.model
        p = model.parameters
        proposal = award.proposal
        actor = self._actor(proposal)
        bearers = self.instruments[award.instrument].bearers(award)  # may open an account: before the names are read
        names = model.ledger.names
        # A project that was made smaller makes fewer hours possible.
        size = proposal.total_cents / (p.project_cost_eur * 100)
        hours = proposal.fte * p.hours_per_fte if proposal.kind == "post" else p.project_hours * size / proposal.months
        return Structure(
            id=f"{award.instrument}/{actor}/{proposal.task}/{proposal.month}",
            name=f"{proposal.kind} {proposal.task}",
            actor=actor,
            level=proposal.level,
            tasks=(proposal.task,),
            groups=proposal.groups,
            catchment=proposal.catchment,
            hours=hours,
            fte=proposal.fte,
            cost_cents=0,  # paid through the award, not through the register
            payers=((names[proposal.account], 1.0),),
            awarded=(proposal.monthly_cost_cents, _shared(bearers, names)),
            start=award.first_month,
            end=min(award.last_month + 1, OPEN_END),
            ramp_up=int(p.post_ramp_up) if proposal.kind == "post" else 0,
            instrument=award.instrument,
            seat=proposal.municipality,
        )


def _shared(bearers: Mapping[int, float], names: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """Return the accounts that bear an award by name with their shares, the largest first."""
    found = ((names[account], round(share, 6)) for account, share in bearers.items())
    return tuple(sorted(found, key=lambda entry: (-entry[1], entry[0])))
