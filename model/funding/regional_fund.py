"""The regional fund in two designs: an endowment that gives away its yield, and a revolving fund that lends.

The endowment keeps its capital and grants only the yield and the donations of the year, so a million carries about a
tenth of a post in years of low interest. The revolving fund is fed by the municipalities for some years, lends, and is
repaid; it fits purposes with revenue, or the pre-financing of grants that are paid late.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..calendar import year_of
from .base import CENTS, DRAW_BOARD, DRAW_DEFAULT, DRAW_LOAN, FundingInstrument, FundingWorld

if TYPE_CHECKING:
    from .proposal import Award, Proposal, Purpose

BOARD_MONTHS = (2, 6)  # quoted: the board decides two to six months after the application
LOAN_MONTHS = 2  # estimated: a loan is decided in one to three months


@dataclass(slots=True, eq=False)
class Loan:
    """A loan that is repaid in equal monthly parts, or at once when the grant it pre-financed arrives."""

    proposal: Proposal
    cents: int
    open_cents: int
    first: int
    term: int
    fails_in: int  # month in which the borrower stops paying; far in the future for a good loan
    prefinance: bool = False


@lru_cache(64)
def _monthly(yearly: float) -> Fraction:
    """Return a month's part of a yearly yield as an exact fraction."""
    return Fraction(yearly).limit_denominator(10**6) / 12


class RegionalFund(FundingInstrument):
    """A fund of the region; the parameter `regional_fund_endowment_share` mixes endowment and loans.

    >>> RegionalFund.name
    'regional_fund'
    """

    name = "regional_fund"

    def __init__(self, world: FundingWorld, weight: float = 1.0) -> None:
        """Open accounts for the income, the capital and the loans of every district."""
        super().__init__(world, weight)
        ledger = world.ledger
        self._capital = [ledger.account(self.fund_name(d, "capital")) for d in range(self._districts)]
        self._loans_pot = [ledger.account(self.fund_name(d, "loans")) for d in range(self._districts)]
        self.loans: list[Loan] = []
        self.lent_cents, self.contributed_cents, self.defaulted_cents = 0, 0, 0
        self._running: list[Award] = []
        self._contributors: set[int] = set()
        self._interest = [Fraction(0)] * self._districts

    @property
    def members(self) -> tuple[int, ...]:
        """Municipalities that have paid into the loan fund."""
        return tuple(sorted(self._contributors))

    def closed(self, purpose: Purpose | Proposal, month: int) -> str:  # noqa: ARG002
        """Refuse duties."""
        return "mandatory_task" if purpose.mandatory else ""

    def refusal(self, proposal: Proposal) -> str:
        """Refuse what neither the board nor the loan committee could ever pay."""
        if self._is_loan(proposal):
            return ""
        p = self.world.parameters
        if p.regional_fund_endowment_share == 0:
            return "no_revenue"
        yearly = proposal.monthly_cost_cents * min(12, proposal.months)
        return "too_large" if yearly > p.endowment_max_grant_eur * CENTS else ""

    def hours_of(self, proposal: Proposal) -> float:  # noqa: ARG002
        """Return the applicant's hours for a grant or a loan."""
        return self.world.parameters.endowment_hours

    def step(self, month: int) -> list[Award]:
        """Take in capital, yield, donations, contributions and repayments; let board and committee decide."""
        if not self.started(month):
            return []
        awards: list[Award] = []
        for district in range(self._districts):
            self._endow(month, district)
            self._contribute(month, district)
            self._collect(month, district)
            for proposal in self.take_queue(district):
                loan = self._is_loan(proposal)
                if month < proposal.month + (LOAN_MONTHS if loan else self._board_lag(proposal)):
                    self._queue.append(proposal)
                elif loan:
                    awards += self._lend(month, proposal)
                else:
                    awards += self._grant(month, proposal)
        self._running = [award for award in self._running if award.last_month >= month]
        return awards

    # ---- endowment ------------------------------------------------------------------------------------------

    def yield_in(self, year: int) -> float:
        """Return the yearly yield of the capital: low until 2021, high from 2023, halfway in 2022."""
        p = self.world.parameters
        if year == 2022:
            return (p.endowment_yield_low + p.endowment_yield_high) / 2
        return p.endowment_yield_low if year < 2022 else p.endowment_yield_high

    def _endow(self, month: int, district: int) -> None:
        p, fund, capital = self.world.parameters, self._funds[district], self._capital[district]
        if month == self.begins:
            money = round(p.endowment_capital_eur * CENTS * p.regional_fund_endowment_share * self.weight)
            self.transfer(month, "donors", capital, money, "endowment")
        held = self.world.ledger.balance(capital)
        if held <= 0:
            return
        # The fractions of a cent are carried on, so that a small capital is not rounded out of its interest.
        self._interest[district] += held * _monthly(self.yield_in(year_of(month)))
        interest = math.floor(self._interest[district])
        self._interest[district] -= interest
        self.transfer(month, "capital_market", fund, interest, "interest")
        donations = round(held * p.endowment_donations_share / 12)
        self.transfer(month, "donors", fund, donations, "donation")
        self.tally.available_cents += interest + donations
        self.manage(month, district, round((interest + donations) * p.endowment_admin_share))

    def _board_lag(self, proposal: Proposal) -> int:
        low, high = BOARD_MONTHS
        return low + int(self.draw(proposal.key, proposal.month, DRAW_BOARD)[0] * (high - low + 1))

    def _grant(self, month: int, proposal: Proposal) -> list[Award]:
        """Grant for at most a year, and only what is there and not yet promised."""
        months = min(proposal.months, 12)
        promised = sum(
            math.ceil(a.proposal.monthly_cost_cents * a.funded_share) * (a.last_month - max(month, a.first_month) + 1)
            for a in self._running
            if a.proposal.district == proposal.district and a.last_month >= month
        )
        free = self.world.ledger.balance(self._funds[proposal.district]) - promised
        if proposal.monthly_cost_cents * months > free:
            # Income accrues all year, so the board keeps the request on its list for a year before it refuses.
            if month < proposal.month + 12:
                self._queue.append(proposal)
            else:
                self.exclude("no_money", proposal)
            return []
        award = self.award(proposal, funded_share=1.0, first_month=month + 1, months=months)
        self._running.append(award)
        return [award]

    # ---- revolving fund -------------------------------------------------------------------------------------

    def _is_loan(self, proposal: Proposal) -> bool:
        """Return whether the proposal is a case for a loan: of its size, by somebody who can repay."""
        p = self.world.parameters
        if p.regional_fund_endowment_share == 1 or proposal.kind != "project":
            return False
        if not p.revolving_min_loan_eur * CENTS <= proposal.total_cents <= p.revolving_max_loan_eur * CENTS:
            return False
        if proposal.level == "municipality":
            yearly = proposal.total_cents * 12 / p.revolving_term_months
            return int(self.world.free_margin_cents[proposal.municipality]) > yearly
        if proposal.level == "district":
            return False  # the district borrows on the market, not from its municipalities
        return self.draw(proposal.key, 0, DRAW_LOAN)[0] < p.revolving_revenue_share

    def _contribute(self, month: int, district: int) -> None:
        """Municipalities with a positive margin and the will pay their contribution in January."""
        p, world = self.world.parameters, self.world
        start = self.begins
        paying = start <= month < start + 12 * round(p.revolving_contribution_years)
        rate = p.revolving_contribution_eur * CENTS * (1 - p.regional_fund_endowment_share) * self.weight
        if not paying or (month - start) % 12 or rate == 0:
            return
        people = self.people(month)
        for i in self.municipalities_of(district):
            dues = round(rate * int(people[i]))
            if dues and world.free_margin_cents[i] > dues and world.willingness[i] >= 0.5:
                pot = self._loans_pot[district]
                self.transfer(month, self._municipality_accounts[i], pot, dues, "fund_contribution")
                self._contributors.add(i)
                self.contributed_cents += dues

    def _collect(self, month: int, district: int) -> None:
        """Take this month's repayments, write off failed loans, and pay the administration of the loan book."""
        pot, book, rate = self._loans_pot[district], 0, self.world.parameters.revolving_interest
        borrowers: list[int] = []
        interest: list[int] = []
        repaid: list[int] = []
        over: set[Loan] = set()
        for loan in self.loans:
            if loan.proposal.district != district:
                continue
            if month >= loan.fails_in:
                self.defaulted_cents += loan.open_cents
                over.add(loan)
                continue
            if not loan.prefinance and month > loan.first:
                paid = min(loan.open_cents, -(-loan.cents // loan.term))
                borrowers.append(loan.proposal.account)
                interest.append(round(loan.open_cents * rate / 12))
                repaid.append(paid)
                loan.open_cents -= paid
            if loan.open_cents == 0 and not loan.prefinance:
                over.add(loan)
            book += loan.open_cents
        self.loans = [loan for loan in self.loans if loan not in over]
        post = self.world.ledger.post_many
        post(month, borrowers, pot, np.array(interest, np.int64), "loan_interest", self.name)
        post(month, borrowers, pot, np.array(repaid, np.int64), "loan_repayment", self.name)
        cost = round(book * self.world.parameters.revolving_admin_share / 12)
        paid = min(cost, max(0, self.world.ledger.balance(pot)))
        self.transfer(month, pot, "staff", paid, "fund_management")
        self.tally.management_cents += paid

    def _lend(self, month: int, proposal: Proposal) -> list[Award]:
        cents = proposal.total_cents
        if cents > self.world.ledger.balance(self._loans_pot[proposal.district]):
            # First come, first served: the loan waits for repayments, for a year at most.
            if month < proposal.month + 12:
                self._queue.append(proposal)
            else:
                self.exclude("no_money", proposal)
            return []
        self._pay_out(month, proposal, cents, prefinance=False)
        return [
            self.award(
                proposal,
                funded_share=0.0,  # a loan is the borrower's own money, earlier
                first_month=month + 1,
                months=proposal.months,
                payout="advance",
                granted_cents=0,
            )
        ]

    def _pay_out(self, month: int, proposal: Proposal, cents: int, *, prefinance: bool) -> None:
        p = self.world.parameters
        term = round(p.revolving_term_months)
        u = self.draw(proposal.key, month, DRAW_DEFAULT)
        fails = month + 1 + int(u[1] * term) if u[0] < p.revolving_default and not prefinance else 10**6
        self.transfer(month, self._loans_pot[proposal.district], proposal.account, cents, "loan")
        self.lent_cents += cents
        self.loans.append(Loan(proposal, cents, cents, month, term, fails, prefinance))

    # ---- help for other instruments -------------------------------------------------------------------------

    def prefinance(self, month: int, proposal: Proposal, cents: int) -> bool:
        """Lend an applicant a grant that is paid only after proof; returns False when the money is not there."""
        pot = self._loans_pot[proposal.district]
        if not self.started(month) or cents > self.world.ledger.balance(pot):
            return False
        self._pay_out(month, proposal, cents, prefinance=True)
        return True

    def repay_prefinance(self, month: int, proposal: Proposal, *, refunded: bool) -> None:
        """Take the pre-financed grant back when it was refunded; without a refund it becomes an ordinary loan."""
        mine = (proposal.key, proposal.district)
        for loan in [x for x in self.loans if x.prefinance and (x.proposal.key, x.proposal.district) == mine]:
            if refunded:
                pot = self._loans_pot[proposal.district]
                self.transfer(month, proposal.account, pot, loan.open_cents, "loan_repayment")
                self.loans.remove(loan)
            else:
                loan.prefinance, loan.first = False, month

    def kpis(self) -> dict[str, float]:
        """Return the common key figures (grants only), and loans made, open and written off in EUR.

        loan_turnover = loans made / contributions.
        """
        lent = sum(loan.open_cents for loan in self.loans)
        own = {
            "loans_eur": self.lent_cents / CENTS,
            "loans_open_eur": lent / CENTS,
            "loans_defaulted_eur": self.defaulted_cents / CENTS,
            "loan_turnover": self.lent_cents / self.contributed_cents if self.contributed_cents else float("nan"),
        }
        return super().kpis() | own
