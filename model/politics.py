"""The politics of posts: wishes become proposals, instruments decide, awards become structures, and someone pays.

Every quarter the planning actors wish for posts. Each wish goes to an instrument, the one named for its task or one
drawn by the variant's weights, and on to the next where it is not eligible; the instrument decides with its own body,
lag and limits. An award becomes a structure owned by the proposer; when its funding ends or runs dry, the structure
ends, and with it a part of what its owner knew of others. Whoever gets the post granted anew later starts again with a
ramp-up.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..agents.jit import rule
from ..agents.sums import added
from .funding import build_instruments
from .funding.own_budget import OwnBudget
from .proposals import Proposals
from .rng import ACTOR, identity_of, uniforms
from .structures import OPEN_END, Structure
from .wishes import Plans, Wished

if TYPE_CHECKING:
    from .funding.base import Award, FundingInstrument, Proposal
    from .integration_model import IntegrationModel

RETURN_MONTHS = 12  # a post granted anew within so many months after its end has returned
_INSTRUMENT = 8  # purposes of draws in stream ACTOR: which instrument a wish goes to (+ task)


@dataclass
class Commitment:
    """An award at work: the structure it pays for, in force until its last month or until its fund runs dry.

    `following` is the award that takes over after that month, when the owner goes on with money of its own.
    """

    award: Award
    structure: str
    following: Award | None = None
    line: tuple[Award, tuple[int, ...]] | None = None


class _Bill(NamedTuple):
    """What awards in force cost a month: awards and their rows by instrument; postings, cost, funded shares, fields."""

    first: int
    last: int
    due: list[Commitment]
    parts: list[tuple[str, list[Award], np.ndarray]]
    lines: np.ndarray
    costs: np.ndarray
    shares: np.ndarray
    fields: np.ndarray


@rule
def known_bodies(
    mine: int, task: int, active: Any, tasks: Any, fte: Any, actor: Any, reach: Any, home: Any, column: Any, q: Any
) -> tuple[int, float]:
    """Return how many other bodies with posts are at work on a task, and the sum of actor `mine`'s cooperation with
    them.

    Structures (S,) count that are `active` and in `reach`; actors that can meet `mine`: of its district or of several.
    """
    at_work = np.zeros(len(home), np.bool_)
    for s in range(len(active)):
        if active[s] and reach[s] and fte[s] > 0 and (tasks[s] >> task) & 1 and actor[s] < len(home):
            at_work[actor[s]] = True
    quality, found = np.empty(len(home)), 0
    for a in range(len(home)):
        if at_work[a] and a != mine and (home[a] == home[mine] or home[a] < 0):
            quality[found] = q[mine, column[a]] if home[mine] >= 0 else q[a, column[mine]]
            found += 1
    return found, added(quality, found)


class Politics:
    """Proposals, instruments and awards of a run."""

    def __init__(self, model: IntegrationModel) -> None:
        """Set up the variant's instruments."""
        self.model = model
        self.instruments: dict[str, FundingInstrument] = build_instruments(model, self._weights())
        self._cumulative = self._cumulated()
        self.plans = Plans(model)
        self._proposals = Proposals(model)
        self.commitments: list[Commitment] = []
        self._bill: _Bill | None = None  # until something changes
        self.refused = 0
        self.cents_by_field = np.zeros(len(model.people))
        """What awards cost this month by field of action, cents."""
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
        self.instruments |= build_instruments(self.model, new)
        self._cumulative = self._cumulated()

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

    def plan(self, month: int) -> None:
        """Let every planning actor plan, and hand its wishes to instruments."""
        plans = self.plans
        plans.forget(month)
        asked = [wish for wish in plans.wishes() if self._propose(wish, month)]
        plans.ask(month, asked)

    def _propose(self, wish: Wished, month: int) -> bool:
        """Ask for a post; where that is refused and the task allows it, for a small project; return whether one was
        taken. What one instrument does not take as eligible goes to the next of the mix.
        """
        post = self._proposals.post(wish, month)
        project = None
        for instrument in self._instruments(wish, month):
            if instrument.apply(post):
                return True
            project = project or self._proposals.project(wish, post)
            if project is not None and instrument.apply(project):
                return True
        self.refused += 1
        return False

    def fund(self, month: int) -> None:
        """Note what has ended, let every instrument do its month, and turn new awards into structures."""
        model = self.model
        self._lose_knowledge(month)
        for commitment in self.commitments:
            if commitment.following is not None and commitment.award.last_month < month:
                commitment.award, commitment.following = commitment.following, None
                self._bill = None
        gone = [c for c in self.commitments if c.award.last_month < month]
        self.commitments = [c for c in self.commitments if c.award.last_month >= month]
        for commitment in gone:
            self._end(commitment, month)
            self._bill = None
        created: list[Structure] = []
        known: dict[tuple[int, int, int], Commitment] | None = None
        for instrument in self.instruments.values():
            for award in instrument.step(month):
                self._bill = None
                if known is None:
                    known = {_who(commitment.award.proposal): commitment for commitment in reversed(self.commitments)}
                current = known.get(_who(award.proposal))
                if current is not None:
                    self._go_on(current, award)
                    current.award = award
                    continue
                structure = self._structure(award)
                before = self._ended.pop((structure.actor, award.proposal.task), None)
                if before is not None and month - before[0] <= RETURN_MONTHS:
                    self.instruments[before[1]].tally.returned += 1
                created.append(structure)
                commitment = Commitment(award, structure.id)
                known.setdefault(_who(award.proposal), commitment)
                self.commitments.append(commitment)
        if created:
            model.register.add(created)
            model.coordination.grow(model.register.actors)
        self._take_over(month)

    def _take_over(self, month: int) -> None:
        """Let owners carry on with own money what another instrument stops paying after this month."""
        own = self.instruments.get(OwnBudget.name)
        if not isinstance(own, OwnBudget):
            return
        for commitment in self.commitments:
            award = commitment.award
            if award.instrument == own.name or award.last_month != month or award.proposal.kind != "post":
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
        ending = c["end"] == month
        if not ending.any():
            return
        going = ending & (c["fte"] > 0)
        if not going.any():
            return
        going[[old for old, _ in register.successions(month)]] = False
        before = (c["start"] < month) & (c["end"] >= month)
        n = len(coordination.actors)
        lost = np.bincount(c["actor"][going], weights=c["fte"][going], minlength=n)
        had = np.bincount(c["actor"][before], weights=c["fte"][before], minlength=n)
        for actor in np.flatnonzero(lost):
            coordination.lose(int(actor), float(lost[actor] / max(had[actor], lost[actor])))

    def overview(self, district: int, task: str) -> float:
        """Return the share of the other bodies at work on a task in a district that it knows of."""
        model = self.model
        register = model.register
        mine = register.actor(model.authorities[district].name)
        c, k = register.columns, register.task_number[task]
        network = model.coordination
        found, known = known_bodies(
            mine, k, register.active(model.month), c["tasks"], c["fte"], c["actor"], register.in_district(district),
            network.home, network.column, network.q,
        )  # fmt: skip
        return known / found if found else 1.0

    def pay(self, month: int) -> None:
        """Pay the month of every award: the instrument its share, the proposer the rest; a dry fund ends the
        structure.
        """
        bill = self._bill
        if bill is None or not bill.first <= month <= bill.last:
            bill = self._bill = self._bill_for(month)
        paid = np.zeros(len(bill.due), np.int64)
        for name, awards, rows in bill.parts:
            paid[rows] = self.instruments[name].pay_all(month, awards, bill.shares[rows])
        posted = bill.costs - (bill.shares - paid)
        self.model.ledger.post_lines(month, bill.lines, posted)
        self.cents_by_field = np.bincount(bill.fields, weights=posted, minlength=len(self.model.people))
        ended = [bill.due[i].structure for i in np.flatnonzero(paid < bill.shares)]
        if ended:
            gone = set(ended)
            self.model.register.end(ended, month + 1)
            for commitment in [c for c in self.commitments if c.structure in gone]:
                self._end(commitment, month + 1)
            self.commitments = [c for c in self.commitments if c.structure not in gone]
            self._bill = None

    def _bill_for(self, month: int) -> _Bill:
        """Return what is to be paid for awards this month, and until which month it stays so if nothing is decided."""
        due = [c for c in self.commitments if c.award.first_month <= month <= c.award.last_month]
        later = [c.award.first_month for c in self.commitments if c.award.first_month > month]
        last = min([c.award.last_month for c in due] + [first - 1 for first in later], default=OPEN_END)
        parts: list[tuple[str, list[Award], np.ndarray]] = []
        for name in dict.fromkeys(c.award.instrument for c in due):
            rows = np.array([i for i, c in enumerate(due) if c.award.instrument == name])
            parts.append((name, [due[i].award for i in rows], rows))
        lines = np.array([self._line(c) for c in due], np.int64).reshape(-1, 8)
        return _Bill(month, last, due, parts, lines[:, :5].copy(), *lines[:, 5:].T.copy())

    def _line(self, commitment: Commitment) -> tuple[int, ...]:
        """Return who pays an award to whom, its cost and funded share (cents) and its field; worked out once."""
        award, ledger = commitment.award, self.model.ledger
        if commitment.line is None or commitment.line[0] is not award:
            payee = ledger.account("staff" if award.proposal.kind == "post" else "suppliers")
            line = ledger.line(award.proposal.account, payee, "structures", award.instrument, commitment.structure)
            cost = award.proposal.monthly_cost_cents
            field = self.model.field
            part = field.number_of_part(field.task_ids.index(award.proposal.task))
            commitment.line = award, (*line, cost, round(cost * award.funded_share), part)
        return commitment.line[1]

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

    def _bearers(self, award: Award) -> tuple[tuple[str, float], ...]:
        """Return the accounts that bear an award with their shares, the largest first."""
        bearers = self.instruments[award.instrument].bearers(award)  # may open an account: before the names are read
        names = self.model.ledger.names
        found = ((names[account], round(share, 6)) for account, share in bearers.items())
        return tuple(sorted(found, key=lambda entry: (-entry[1], entry[0])))

    def _structure(self, award: Award) -> Structure:
        model = self.model
        p = model.parameters
        proposal = award.proposal
        actor = self._actor(proposal)
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
            payers=((model.ledger.names[proposal.account], 1.0),),
            awarded=(proposal.monthly_cost_cents, self._bearers(award)),
            start=award.first_month,
            end=min(award.last_month + 1, OPEN_END),
            ramp_up=int(p.post_ramp_up) if proposal.kind == "post" else 0,
            instrument=award.instrument,
            seat=proposal.municipality,
        )


def _who(proposal: Proposal) -> tuple[int, int, int]:
    """Return by what a proposal is known, whatever an instrument has changed in it since."""
    return proposal.key, proposal.district, proposal.municipality
