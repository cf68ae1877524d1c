"""The status quo: own money of municipalities and district, and state and federal programmes, by the councils' rules.

The district council decides by the rules read from its minutes (`council.py`): full money from outside or a united
front of municipalities, an overview of what exists, project - extension - permanent. Municipalities act out of their
free margin when they are willing; welfare associations need a programme that leaves them a small own share, which the
district may lower within what the state does not deduct.
"""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from ..calendar import year_of
from ..kept import kept
from .base import CENTS, DRAW_OWN_DECISION, DRAW_RENEWAL, FundingInstrument, FundingWorld
from .council import CouncilRules, Decision, Motion, Stage, decide, district_help, next_stage, state_grant_left
from .own_awards import Book, Running
from .programmes import Programme, district_shares, monthly_sums, read_programmes, span_of, suitable
from .proposal import Award, Proposal, Purpose, Steady

PERMANENT_MONTHS = 1200


class OwnBudget(FundingInstrument):
    """Own money, levy and programmes: the reference all other instruments are compared with.

    >>> OwnBudget.name
    'own_budget'
    """

    name = "own_budget"

    def __init__(self, world: FundingWorld, weight: float = 1.0) -> None:
        """Read the region's programmes; their yearly sums are shared by the districts by inhabitants."""
        super().__init__(world, weight)
        self._programmes = read_programmes(world, weight)
        self._monthly = monthly_sums(self._programmes)
        self._suitable = suitable(world, weight, self._programmes)
        self._running = Book()
        self._parts = district_shares(world)
        self._district_accounts = [world.ledger.account(f"district:{d.key}") for d in world.region.districts]
        key = ("used programmes", weight)
        self._taken = {name: list(spans) for name, spans in kept(world.region, key, self._existing_use).items()}
        self._posts: dict[tuple[str, int, int], float] = {}  # what they take of a programme, by district, this month
        p = world.parameters
        self._lags = {
            "district": round(p.district_lag_months),
            "municipality": round(p.municipality_lag_months),
            "carrier": round(p.carrier_lag_months),
            "put_off": round(p.council_delay_months),
        }
        self._rules = CouncilRules(
            p.district_external_share, p.council_cash_share, p.united_pressure_share, p.honorary_role_eur,
            p.council_overview_share,
        )  # fmt: skip
        self._put_off: set[tuple[int, int]] = set()  # key and district
        self.helped_cents = 0
        self._agenda: dict[int, list[Proposal]] = {}  # by the month in which they are decided
        self._members = [np.array(self.municipalities_of(d), np.int64) for d in range(self._districts)]
        self._urgent: dict[tuple[int, int], np.ndarray] = {}  # by district and year: hours from which a need is urgent

    def reweigh(self, weight: float) -> None:
        """Scale the programmes anew; what is granted stays granted."""
        super().reweigh(weight)
        self._programmes = read_programmes(self.world, weight)
        self._monthly = monthly_sums(self._programmes)
        self._suitable = suitable(self.world, weight, self._programmes)

    def reserve(self, programme: str, first: int, last: int, cents: int) -> None:
        """Note that somebody else takes so many cents a month of a programme in all districts."""
        self._taken.setdefault(programme, []).append((first, last, float(cents)))
        self._posts.clear()

    def used(self, programme: str, month: int) -> float:
        """Return what a programme pays in a month in all districts, in cents."""
        known = {entry.id: entry for entry in self._programmes}
        return sum(self._used(known[programme], district, month) for district in range(self._districts))

    def closed(self, purpose: Purpose | Proposal, month: int) -> str:
        """Refuse associations and helpers for whom no programme is open."""
        level = purpose.level
        if level not in ("welfare", "volunteers"):
            return ""
        for programme in self._suitable.get((purpose.task, level, purpose.kind), ()):
            if programme.first <= month <= programme.last:
                return ""
        return "no_programme"

    def refusal(self, proposal: Proposal) -> str:  # noqa: ARG002
        """Refuse nobody else."""
        return ""

    def hours_of(self, proposal: Proposal) -> float:  # noqa: ARG002
        """Return the hours for a council paper and a programme application."""
        return self.world.parameters.own_application_hours

    def step(self, month: int) -> list[Award]:
        """Decide on extensions of what ends this month, then on the proposals whose time has come.

        A new award starts with the next month; an extension replaces its award from this month on.
        """
        self._posts.clear()
        awards = self._extensions(month)
        self._running.remove_before(month)
        months, cents = self._monthly
        now = bisect_right(months, month)
        self.tally.available_cents += cents[now - 1] if now else 0
        for proposal in self._due(month):
            reason, award = self._decide(proposal, month)
            if reason == "no_overview":
                self._put_off.add((proposal.key, proposal.district))
                self._agenda.setdefault(max(month + 1, proposal.month + self._lag(proposal)), []).append(proposal)
            elif award is None:
                self.exclude(reason, proposal)
            else:
                awards.append(award)
        return awards

    def _due(self, month: int) -> list[Proposal]:
        """Put new proposals on the agenda, and return those to be decided now, in an order that does not depend on who
        applied first.
        """
        for proposal in self._queue:
            self._agenda.setdefault(proposal.month + self._lag(proposal), []).append(proposal)
        self._queue = []
        due: list[Proposal] = []
        for when in [when for when in self._agenda if when <= month]:
            due += self._agenda.pop(when)
        if len(due) > 1:
            due.sort(key=lambda proposal: (proposal.month, proposal.key))
        return due

    def pays(self, month: int, award: Award, cents: int) -> int:
        """Pay programme's and district's parts to the proposer; the rest is its own money and needs no posting here."""
        running = self._running.of_award(award)
        return cents if running is None else self._pay(running, month, cents)

    def steady(self, award: Award, cents: int) -> Steady:
        """Return what district and programme pay every month."""
        running = self._running.of_award(award)
        return Steady(0, 0, 0, 0) if running is None else self._shares(running, cents)

    def settled(self, first: int, second: int) -> None:
        """Count what the districts added and what programmes paid."""
        self.helped_cents += first
        self.tally.paid_cents += second

    def bearers(self, award: Award) -> dict[int, float]:
        """Return who bears an award: the programme's payer, the district that helps a carrier, and the proposer."""
        running, cost = self._running.of_award(award), award.proposal.monthly_cost_cents
        if running is None or not cost:
            return {award.proposal.account: 1.0}
        district, helped, payer, paid = self._shares(running, round(cost * award.funded_share))
        shares: dict[int, float] = {}
        for account, cents in ((payer, paid), (district, helped), (award.proposal.account, cost - paid - helped)):
            shares[account] = shares.get(account, 0.0) + cents / cost
        return {account: share for account, share in shares.items() if share > 0.0}

    def _pay(self, running: Running, month: int, cents: int) -> int:
        district, helped, payer, paid = self._shares(running, cents)
        self.transfer(month, district, running.award.proposal.account, helped, "grant")
        self.transfer(month, payer, running.award.proposal.account, paid, "grant")
        self.settled(helped, paid)
        return cents

    def _shares(self, running: Running, cents: int) -> Steady:
        """Return what the district and the programme's payer pay of a month's cost, and from which accounts."""
        proposal = running.award.proposal
        district = self._district_accounts[proposal.district]
        helped = min(cents, round(proposal.monthly_cost_cents * running.help))
        programme = running.programme
        if programme is None or programme.payer in ("municipality", "carrier"):  # the applicant's own programme
            return Steady(district, helped, district, 0)
        payer = district if programme.payer == "district" else self.world.ledger.account(programme.payer)
        return Steady(district, helped, payer, cents - helped)

    def pressure(self, district: int, task: str) -> float:
        """Return the share of the district's municipalities that see an urgent unmet need of a task."""
        members, year = self._members[district], year_of(self.world.month)
        if (district, year) not in self._urgent:
            people = self.people(self.world.month)[members]
            self._urgent[district, year] = self.world.parameters.pressure_task_hours * people / 1000
        need = self.world.perceived_need_of(task)[members]
        return np.count_nonzero(need > self._urgent[district, year]) / len(members) if len(members) else 0.0

    def _lag(self, proposal: Proposal) -> int:
        months, delay = self._lags.get(proposal.level, self._lags["carrier"]), self._lags["put_off"]
        return months + delay if (proposal.key, proposal.district) in self._put_off else months

    def _decide(self, proposal: Proposal, month: int) -> tuple[str, Award | None]:
        p = self.world.parameters
        level, cost = proposal.level, proposal.monthly_cost_cents
        programme, share = self._best(proposal, level, month)
        added = 0.0
        if level == "district":
            decision = self._council(proposal, share)
            if not decision:
                return decision.rule, None
        elif level == "municipality":
            if reason := self._municipality_refuses(proposal, month, cost - round(cost * share)):
                return reason, None
        elif (gap := 1 - share - p.carrier_own_share_max) > 0:
            added = self._help(proposal, gap, share, month)
            if added < gap:
                return "own_share", None
        months = min(proposal.months, programme.term if programme else round(p.extension_months))
        award = self.award(proposal, funded_share=min(1.0, share + added), first_month=month + 1, months=months)
        self._running.add(Running(award, programme, share, added))
        return "", award

    def _council(self, proposal: Proposal, share: float) -> Decision:
        """Return what the district council decides; who stands behind a motion is asked where it would refuse it."""
        district, task = proposal.district, proposal.task
        again = (proposal.key, district) in self._put_off
        overview = 1.0 if again else self.world.overview(district, task)
        motion = Motion(proposal.monthly_cost_cents * 12 / CENTS, share, 0.0, overview, again)
        decision = decide(motion, self._rules)
        if decision.answer != "no":
            return decision
        return decide(motion._replace(pressure=self.pressure(district, task)), self._rules)

    def _help(self, proposal: Proposal, gap: float, grant: float, month: int) -> float:
        """Return what the district adds to a carrier's post, as a share of its cost, and what it is worth taking."""
        p = self.world.parameters
        deducted = month >= round(p.crowding_out_month)
        # Where the state deducts what a district adds, the district does not ask who stands behind it.
        pressure = 0.0 if deducted else self.pressure(proposal.district, proposal.task)
        added = district_help(
            gap, material_share=p.material_grant_share, deducted=deducted, pressure=pressure, rules=self._rules
        )
        # Beyond material cost every euro would be taken off the state's grant.
        personnel = max(0.0, added - p.material_grant_share)
        return added if state_grant_left(grant, personnel, deducted=deducted) >= grant else 0.0

    def _municipality_refuses(self, proposal: Proposal, month: int, own: int, *, but: Running | None = None) -> str:
        if own == 0:
            return ""
        i = proposal.municipality
        margin = int(self.world.free_margin_cents[i])
        committed = self._running.own_cents(i)
        if but is not None and self._running.has(but):
            committed -= but.own_cents
        if (committed + own) * 12 > margin * self.world.parameters.own_margin_share * self.weight:
            return "free_margin"
        if self.draw(proposal.key, month, DRAW_OWN_DECISION)[0] >= self.world.willingness[i]:
            return "unwilling"
        return ""

    def _best(self, proposal: Proposal, level: str, month: int) -> tuple[Programme | None, float]:
        """Return the programme that pays the largest share of the proposal with the money it has left."""
        best, best_share = None, 0.0
        for programme in self._suitable.get((proposal.task, level, proposal.kind), ()):
            if programme.first <= month <= programme.last:
                room = programme.cap_cents[proposal.district] / 12 - self._used(programme, proposal.district, month)
                share = min(programme.share, max(0.0, room) / max(1, proposal.monthly_cost_cents))
                if share > best_share:
                    best, best_share = programme, share
        return best, best_share

    def _used(self, programme: Programme, district: int, month: int) -> float:
        """Return what a programme pays in a district in a month, cents."""
        asked = programme.id, district, month
        used = self._posts.get(asked)
        if used is None:
            part, taken = self._parts[district], self._taken.get(programme.id, ())
            used = sum([cents * part for first, last, cents in taken if first <= month <= last])
            self._posts[asked] = used
        for running in self._running.of_programme(programme, district):
            if running.award.last_month >= month:
                used += running.paid
        return used

    def _extensions(self, month: int) -> list[Award]:
        awards: list[Award] = []
        for running in self._running.ending(month):
            proposal, programme, p = running.award.proposal, running.programme, self.world.parameters
            u = self.draw(proposal.key, month, DRAW_RENEWAL)
            share, added, stage = running.share, running.help, running.stage
            if programme and programme.first <= month + 1 <= programme.last and u[0] < programme.renewal:
                months = programme.term
            elif (later := self._own_stage(running, month, u[1])) is not None:
                # The outside money's last instalment; the new award already covers this month.
                self._pay(running, month, round(proposal.monthly_cost_cents * running.award.funded_share))
                share, added, programme, stage = 0.0, 0.0, None, later
                months = round(p.extension_months) if stage == "extension" else PERMANENT_MONTHS
            else:
                continue
            longer = proposal._replace(months=months + 1)
            award = self.award(
                longer,
                funded_share=min(1.0, share + added),
                first_month=month,
                months=months + 1,
                granted_cents=round(proposal.monthly_cost_cents * share * months),
                extends=True,
            )
            self._running.replace(running, Running(award, programme, share, added, stage))
            awards.append(award)
        return awards

    def take_over(self, award: Award, month: int) -> Award | None:
        """Return the award by which an owner goes on after `month` with own money, when another instrument stops.

        The same rules as for a programme that ends: the district's two voluntary years, a municipality's free margin.
        """
        running = Running(award, None, 0.0)
        stage = self._own_stage(running, month, self.draw(award.proposal.key, month, DRAW_RENEWAL)[1])
        if stage is None or self.weight == 0.0:
            return None
        months = round(self.world.parameters.extension_months)
        own = self.award(
            award.proposal._replace(months=months), funded_share=0.0, first_month=month + 1, months=months, extends=True
        )
        self._running.add(Running(own, None, 0.0, stage=stage))
        return own

    def _own_stage(self, running: Running, month: int, u: float) -> Stage | None:
        """Return the stage in which district or municipality carries a post on with its own money; None: it ends."""
        proposal = running.award.proposal
        if proposal.level == "district":
            good = u < self.world.parameters.district_extension_probability
        elif proposal.level == "municipality":
            good = not self._municipality_refuses(proposal, month, proposal.monthly_cost_cents, but=running)
        else:
            return None
        return next_stage(running.stage, good_evaluation=good)

    def _existing_use(self) -> dict[str, list[tuple[int, int, float]]]:
        """Return what programmes already pay for the structures of the region file: months and cents by programme."""
        structures = getattr(self.world.region, "structures", None)
        if structures is None or "programme" not in structures:
            return {}
        shares = {programme.id: programme.share for programme in self._programmes}
        found: dict[str, list[tuple[int, int, float]]] = {}
        paid = structures[structures["programme"].isin(list(shares))]
        for row in paid.to_dict("records"):
            cents = row["monthly_cost_eur"] * CENTS * shares[row["programme"]]
            span = span_of(row["start"], row["end"])
            found.setdefault(row["programme"], []).append((*span, cents))
        return found

    def kpis(self) -> dict[str, float]:
        """Return the common key figures, and what the district added to carriers' posts in EUR."""
        return super().kpis() | {"district_help_eur": self.helped_cents / CENTS}
