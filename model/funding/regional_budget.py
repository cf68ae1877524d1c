"""The regional budget in its two kinds: a small-project budget without staff cost, and a budget with autonomy.

Type A (Bavaria's small-project budget): one call a year, closed at the end of February, decided in March; up to 80 %
and 10,000 EUR of things and events, never staff; the applicant pays first and is refunded in December after proof;
what is left at the end of the year lapses. Type B (KielRegion, Land(auf)Schwung): posts are possible, projects are
large, four stages decide, and the funded share falls from phase to phase; what is left at the end of a phase lapses.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..calendar import month_of_year, year_of
from ..ledger import split_cents
from .base import CENTS, DRAW_COMPLETION, DRAW_PREFINANCE, DRAW_RANKING, DRAW_STAGES, FundingInstrument, FundingWorld
from .proposal import Award, Proposal, Purpose

if TYPE_CHECKING:
    from .regional_fund import RegionalFund

CALL_DECIDED, WORK_UNTIL, PAID_OUT = 3, 9, 12  # calendar months of type A: decision, end of work, payout after proof
MIN_GRANT_CENTS = 500 * CENTS  # type A, ALE/StMELF
PHASES = 3


@dataclass(frozen=True, slots=True)
class _Promise:
    """A grant of type A that is paid after proof in December."""

    proposal: Proposal
    cents: int
    year: int
    prefinanced: bool


class RegionalBudget(FundingInstrument):
    """A yearly sum that the region gives away itself; the parameter `regional_budget_b_share` mixes the two types.

    >>> RegionalBudget.name
    'regional_budget'
    """

    name = "regional_budget"
    prefinancer: RegionalFund | None = None
    """A revolving fund that lends to applicants who cannot pay first; set when both are part of a mix."""

    def __init__(self, world: FundingWorld, weight: float = 1.0) -> None:
        """Open one pot for each type and district."""
        super().__init__(world, weight)
        self._small = [world.ledger.account(self.fund_name(d, "small")) for d in range(self._districts)]
        self._parts: dict[tuple[int, int, int], np.ndarray] = {}  # by first town, year and sum: a sum by inhabitants
        self._promises: list[_Promise] = []
        self._running: list[Award] = []

    def is_small(self, proposal: Proposal) -> bool:
        """Return whether a proposal belongs to the small-project budget (type A)."""
        p = self.world.parameters
        small = proposal.kind == "project" and proposal.total_cents <= p.regional_a_max_project_eur * CENTS
        return small and p.regional_budget_b_share < 1

    def closed(self, purpose: Purpose | Proposal, month: int) -> str:  # noqa: ARG002
        """Refuse duties, and staff without type B."""
        if purpose.mandatory:
            return "mandatory_task"
        only_small = self.world.parameters.regional_budget_b_share == 0
        return "staff" if only_small and purpose.kind == "post" else ""

    def refusal(self, proposal: Proposal) -> str:
        """Refuse large projects without type B, and projects too small for type B."""
        p = self.world.parameters
        if self.is_small(proposal):
            return ""
        if p.regional_budget_b_share == 0:
            return "too_large"
        return "too_small" if proposal.total_cents < p.regional_b_min_project_eur * CENTS else ""

    def hours_of(self, proposal: Proposal) -> float:
        """Return the applicant's hours: few for a small project, many for a large one."""
        p = self.world.parameters
        return p.regional_a_hours if self.is_small(proposal) else p.regional_b_hours

    def step(self, month: int) -> list[Award]:
        """Contribute, decide the yearly call and the staged decisions, pay after proof, let unused money lapse."""
        if not self.started(month):
            return []
        awards: list[Award] = []
        for district in range(self._districts):
            self._contribute(month, district)
            queue = self.take_queue(district)
            small = [proposal for proposal in queue if self.is_small(proposal)]
            large = [proposal for proposal in queue if not self.is_small(proposal)]
            if month_of_year(month) == CALL_DECIDED:
                awards += self._decide_call(month, district, small)
                small = []
            awards += self._decide_stages(month, district, large)
            self._queue += small
            self._manage(month, district)
            if month_of_year(month) == PAID_OUT:
                self._pay_after_proof(month, district)
                self._lapse_small(month, district)
            if self._phase_month(month) == round(self.world.parameters.regional_b_phase_months) - 1:
                self._lapse_phase(month, district)
        return awards

    # ---- money in and out -----------------------------------------------------------------------------------

    def rate(self, month: int) -> float:
        """Return the funded share of type B in the phase of a month; zero after the last phase."""
        p = self.world.parameters
        phase = (month - self.begins) // round(p.regional_b_phase_months)
        rates = (p.regional_b_rate_1, p.regional_b_rate_2, p.regional_b_rate_3)
        return rates[phase] if 0 <= phase < PHASES else 0.0

    def _phase_month(self, month: int) -> int:
        return (month - self.begins) % round(self.world.parameters.regional_b_phase_months)

    def _volume(self, kind: str) -> float:
        """Return the yearly volume of a type in a district, cents."""
        p = self.world.parameters
        if kind == "small":
            return p.regional_a_volume_eur * CENTS * (1 - p.regional_budget_b_share) * self.weight
        return p.regional_b_volume_eur * CENTS * p.regional_budget_b_share * self.weight

    def _contribute(self, month: int, district: int) -> None:
        p, members = self.world.parameters, self.municipalities_of(district)
        if month_of_year(month) == 1:
            volume = round(self._volume("small"))
            land = round(volume * p.regional_a_land_share) if members else volume
            self.transfer(month, "land", self._small[district], land, "fund_contribution")
            self._spread(month, members, volume - land, self._small[district], "fund_contribution")
            self.tally.available_cents += volume
        if self._phase_month(month) % 12 == 0:
            volume = round(self._volume("large") * self.rate(month))
            self.transfer(month, "land", self._funds[district], volume, "fund_contribution")
            self.tally.available_cents += volume

    def _spread(self, month: int, members: list[int], cents: int, fund: int, purpose: str) -> None:
        """Collect an amount from the municipalities by inhabitants."""
        if not members or cents <= 0:
            return
        # What recurs every month is split once a year.
        shared = members[0], year_of(month), cents
        if shared not in self._parts:
            self._parts = {key: parts for key, parts in self._parts.items() if key[1] == shared[1]}
            self._parts[shared] = np.array(split_cents(cents, self.people(month)[members].tolist()), np.int64)
        accounts = [self._municipality_accounts[i] for i in members]
        self.world.ledger.post_many(month, accounts, fund, self._parts[shared], purpose, self.name)

    def _manage(self, month: int, district: int) -> None:
        p = self.world.parameters
        workplace = self.workplace_cents()
        fte = p.regional_a_fte_per_100k * self._volume("small") / (100_000 * CENTS)
        cost = round(fte * workplace)
        staff = self.world.ledger.account("staff")
        self._spread(month, self.municipalities_of(district), cost, staff, "fund_management")
        self.tally.management_cents += cost
        if self.rate(month) > 0:
            self.manage(month, district, self._manager())

    def _manager(self) -> int:
        """Return the monthly cost of managing type B, cents."""
        fte = self.world.parameters.regional_b_management_fte * self._volume("large") / (300_000 * CENTS)
        return round(fte * self.workplace_cents())

    # ---- type A ---------------------------------------------------------------------------------------------

    def _decide_call(self, month: int, district: int, applications: list[Proposal]) -> list[Award]:
        p, awards = self.world.parameters, list[Award]()
        left = self.world.ledger.balance(self._small[district])
        chance = p.regional_a_chance_in_ranking
        score = {
            a.key: a.visibility + 0.2 * a.gap + chance * self.draw(a.key, month, DRAW_RANKING)[0] for a in applications
        }
        for proposal in sorted(applications, key=lambda a: (-score[a.key], a.key)):
            grant = min(round(proposal.total_cents * p.regional_a_rate), round(p.regional_a_max_grant_eur * CENTS))
            if grant < MIN_GRANT_CENTS:
                self.exclude("too_small", proposal)
                continue
            if grant > left:
                self.exclude("oversubscribed", proposal)
                continue
            prefinanced = False
            if not self._can_pay_first(proposal):
                lender = self.prefinancer
                prefinanced = lender is not None and lender.prefinance(month, proposal, grant)
                if not prefinanced:
                    self.exclude("pre_finance", proposal)
                    continue
            left -= grant
            months = min(proposal.months, WORK_UNTIL - CALL_DECIDED)
            # The whole project is squeezed into the working season; its total cost stays the same.
            squeezed = proposal._replace(months=months, monthly_cost_cents=-(-proposal.total_cents // months))
            share = grant / max(1, squeezed.total_cents)
            awards.append(
                self.award(
                    squeezed,
                    funded_share=share,
                    first_month=month + 1,
                    months=months,
                    payout="after_proof",
                    granted_cents=grant,
                )
            )
            self._promises.append(_Promise(squeezed, grant, year_of(month), prefinanced))
        return awards

    def _can_pay_first(self, proposal: Proposal) -> bool:
        p = self.world.parameters
        public = proposal.level in ("municipality", "district")
        able = p.prefinance_municipality if public else p.prefinance_club
        return self.draw(proposal.key, 0, DRAW_PREFINANCE)[0] < able

    def _pay_after_proof(self, month: int, district: int) -> None:
        due = [promise for promise in self._promises if promise.proposal.district == district]
        self._promises = [promise for promise in self._promises if promise.proposal.district != district]
        for promise in due:
            proposal = promise.proposal
            done = self.draw(proposal.key, month, DRAW_COMPLETION)[0] < self.world.parameters.regional_a_completion
            if done:
                paid = min(promise.cents, max(0, self.world.ledger.balance(self._small[district])))
                self.transfer(month, self._small[district], proposal.account, paid, "grant")
                self.tally.paid_cents += paid
            else:
                self.exclude("not_finished", proposal)
            if promise.prefinanced and self.prefinancer is not None:
                self.prefinancer.repay_prefinance(month, proposal, refunded=done)

    def _lapse_small(self, month: int, district: int) -> None:
        left = max(0, self.world.ledger.balance(self._small[district]))
        members = self.municipalities_of(district)
        land = round(left * self.world.parameters.regional_a_land_share) if members else left
        self.transfer(month, self._small[district], "land", land, "fund_lapse")
        if members and left > land:
            parts = split_cents(left - land, self.people(month)[members].tolist())
            accounts = [self._municipality_accounts[i] for i in members]
            self.world.ledger.post_many(month, self._small[district], accounts, parts, "fund_lapse", self.name)
        self.tally.lapsed_cents += left

    # ---- type B ---------------------------------------------------------------------------------------------

    def _decide_stages(self, month: int, district: int, applications: list[Proposal]) -> list[Award]:
        p, awards = self.world.parameters, list[Award]()
        rate, lag = self.rate(month), math.ceil(4 * p.regional_b_stage_months)
        phase_left = round(p.regional_b_phase_months) - self._phase_month(month)
        for proposal in applications:
            if month < proposal.month + lag:
                self._queue.append(proposal)
                continue
            if any(u >= p.regional_b_stage_pass for u in self.draw(proposal.key, proposal.month, DRAW_STAGES)):
                self.exclude("stages", proposal)
                continue
            months = min(proposal.months, phase_left - 1)
            if rate == 0 or proposal.monthly_cost_cents * months < p.regional_b_min_project_eur * CENTS:
                self.exclude("phase_end", proposal)
                continue
            if proposal.monthly_cost_cents * months * rate > self._free_money(month, district):
                self.exclude("oversubscribed", proposal)
                continue
            award = self.award(proposal, funded_share=rate, first_month=month + 1, months=months)
            self._running.append(award)
            awards.append(award)
        return awards

    def _free_money(self, month: int, district: int) -> float:
        """Return what is in the pot beyond promised instalments and a year's management, cents."""
        promised = sum(
            a.proposal.monthly_cost_cents * a.funded_share * (a.last_month - max(month, a.first_month) + 1)
            for a in self._running
            if a.proposal.district == district and a.last_month >= month
        )
        to_pay = 12 - self._phase_month(month) % 12
        return self.world.ledger.balance(self._funds[district]) - promised - to_pay * self._manager()

    def _lapse_phase(self, month: int, district: int) -> None:
        """Give back what the phase did not use, except the last month's instalments."""
        running = [a for a in self._running if a.proposal.district == district and a.last_month >= month]
        owed = sum(math.ceil(a.proposal.monthly_cost_cents * a.funded_share) + 1 for a in running)
        left = max(0, self.world.ledger.balance(self._funds[district]) - owed)
        self.transfer(month, self._funds[district], "land", left, "fund_lapse")
        self.tally.lapsed_cents += left
        self._running = [a for a in self._running if a.last_month >= month]
