"""What every funding instrument has in common: proposals in, awards out, money on the ledger, and its own key figures.

An instrument sees proposals for posts and projects, decides on them with its own body, lag and limits, and pays. Every
euro it pays was paid into one of its accounts before; it never creates money. A third party adds an instrument by
subclassing `FundingInstrument`, giving it a `name`, and naming it in the entry point group `kreislauf.instruments`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..calendar import year_of
from ..rng import FUNDING, uniforms
from .proposal import Award, Reply

if TYPE_CHECKING:
    from ..ledger import Ledger
    from ..parameters import Parameters
    from ..region import Region
    from .proposal import Payout, Proposal, Purpose, Steady

DAYS_PER_MONTH = 365.25 / 12
CENTS = 100

# Purposes of draws in the stream FUNDING; never renumber, or published runs change.
DRAW_OWN_DECISION = 1
DRAW_RENEWAL = 2
DRAW_PREFINANCE = 3
DRAW_RANKING = 4
DRAW_COMPLETION = 5
DRAW_STAGES = 6
DRAW_AUTONOMY = 7
DRAW_EXIT = 8
DRAW_VOTE = 9
DRAW_BOARD = 10
DRAW_LOAN = 11
DRAW_DEFAULT = 12
DRAW_ADMISSION = 13
DRAW_BACKERS = 14
DRAW_PLEDGES = 15

_NOTHING = 1e-9
_QUEUED = Reply(True)


class FundingWorld(Protocol):
    """What an instrument may know of the world; arrays are over municipalities.

    >>> from ..integration_model import IntegrationModel
    >>> world: FundingWorld = IntegrationModel("coburg", months=1)
    >>> len(world.free_margin_cents) == len(world.region.keys)
    True
    """

    @property
    def region(self) -> Region:
        """The region: districts, municipalities, programmes."""
        ...

    @property
    def parameters(self) -> Parameters:
        """The parameter values of the run."""
        ...

    @property
    def ledger(self) -> Ledger:
        """The ledger of the run."""
        ...

    @property
    def seed(self) -> int:
        """The seed of the run."""
        ...

    @property
    def month(self) -> int:
        """The current month number."""
        ...

    @property
    def free_margin_cents(self) -> np.ndarray:
        """Free financial margin of the last closed year, int64 cents (M,)."""
        ...

    @property
    def reserve_cents(self) -> np.ndarray:
        """Reserves, int64 cents (M,)."""
        ...

    @property
    def willingness(self) -> np.ndarray:
        """Willingness to act and cooperate, 0 to 1 (M,)."""
        ...

    @property
    def perceived_need_hours(self) -> np.ndarray:
        """Unmet need that the municipality sees, hours a month (M,)."""
        ...

    def perceived_need_of(self, task: str) -> np.ndarray:
        """Unmet need of one task that the municipality sees, hours a month (M,)."""
        ...

    def overview(self, district: int, task: str) -> float:
        """Share of the other bodies at work on a task that the district knows of, 0 to 1; 1 when there are none."""
        ...

    def population(self, year: int) -> np.ndarray:
        """Inhabitants on 31 December of a year (M,)."""
        ...


@dataclass
class Tally:
    """Running totals of one instrument, the raw material of its key figures.

    >>> Tally(applications=4, awards=1).awards
    1
    """

    applications: int = 0
    awards: int = 0
    gap_awards: int = 0
    granted_cents: int = 0
    paid_cents: int = 0
    available_cents: int = 0
    lapsed_cents: int = 0
    management_cents: int = 0
    applicant_hours: float = 0.0
    days: list[float] = field(default_factory=list)
    excluded: dict[str, int] = field(default_factory=dict)
    excluded_levels: dict[str, int] = field(default_factory=dict)
    ended: int = 0
    survived: int = 0
    returned: int = 0
    cut_short: int = 0


class FundingInstrument(ABC):
    """A way to pay for posts and projects beside the duties of the law.

    `weight` (0 to 1) scales its budget in a mix; with weight 0 it grants nothing. Accounts of its own begin with
    `fund:<name>`. Call `apply` for every proposal given to it and `step` once a month, months in ascending order;
    `pays` for every award in every month from its first to its last.

    >>> from ..integration_model import IntegrationModel
    >>> from .crowdfunding import Crowdfunding
    >>> Crowdfunding(IntegrationModel("coburg", months=1), 0.5).kpis()["applications"]
    0.0
    """

    name = ""
    applicant_hours = 0.0

    def __init__(self, world: FundingWorld, weight: float = 1.0) -> None:
        """Store the world and the weight; money moves only in `step` and `pays`."""
        if not 0.0 <= weight <= 1.0:
            raise ValueError(f"the weight of {self.name} is between 0 and 1, not {weight}")
        self.world, self.weight = world, weight
        self.begins = max(round(world.parameters.instrument_start_month), world.month)
        """First month in which it works: that of new instruments, or that of the plan which introduced it later."""
        self.tally = Tally()
        self._queue: list[Proposal] = []
        self._refused: list[Proposal] = []  # since they were asked for last
        self._districts = len(world.region.districts)
        self._district_of = world.region.municipalities["district_index"].to_numpy(dtype=np.int64)
        self._towns: list[list[int]] = [np.flatnonzero(self._district_of == d).tolist() for d in range(self._districts)]
        self._counted: tuple[int, np.ndarray] | None = None  # year and its inhabitants: those asked for last
        self._municipality_accounts = [world.ledger.account(f"municipality:{key}") for key in world.region.keys]
        self._funds = [world.ledger.account(self.fund_name(d)) for d in range(self._districts)] if self.name else []
        self._identities = [int(identity) for identity in world.region.municipalities["identity"]]

    def reweigh(self, weight: float) -> None:
        """Let the instrument have another weight in the mix from now on."""
        self.weight = weight

    def fund_name(self, district: int, part: str = "") -> str:
        """Return the name of the instrument's account in a district; `part` names a second pot."""
        head = f"fund:{self.name}_{part}" if part else f"fund:{self.name}"
        return f"{head}:{self.world.region.districts[district].key}"

    # ---- what an instrument decides -------------------------------------------------------------------------

    def closed(self, purpose: Purpose | Proposal, month: int) -> str:  # noqa: ARG002
        """Return why no proposal of a purpose is eligible in a month, whoever makes it and whatever it costs; empty
        when that depends on the proposal (default: always).

        It is asked before `refusal`; a wish that is refused anyway never becomes a proposal.
        """
        return ""

    @abstractmethod
    def refusal(self, proposal: Proposal) -> str:
        """Return why the proposal is not eligible, in one short word such as `staff`; empty when it is."""

    @abstractmethod
    def step(self, month: int) -> list[Award]:
        """Do the month's contributions, decisions, payouts, lapses, repayments, joining and leaving; return new awards.

        An award for a proposal that was awarded before replaces that award from its own first month on. What is refused
        is named by `exclude`: who learns that a post was refused may ask for a small project.
        """

    # ---- what all have in common ----------------------------------------------------------------------------

    def apply(self, proposal: Proposal) -> Reply:
        """Queue a proposal; an ineligible one is refused with the reason and costs its proposer nothing."""
        reason = self.shut(proposal, proposal.month) or self.refusal(proposal)
        if reason:
            self.turn_away(reason, proposal.level)
            return Reply(False, reason)
        self.tally.applications += 1
        self.tally.applicant_hours += self.hours_of(proposal)
        self._queue.append(proposal)
        return _QUEUED

    def shut(self, purpose: Purpose | Proposal, month: int) -> str:
        """Return why nothing of a purpose can be applied for in a month; empty when it can."""
        return "no_budget" if self.weight == 0.0 else self.closed(purpose, month)

    def hours_of(self, proposal: Proposal) -> float:  # noqa: ARG002
        """Return the hours the proposer spends on the application."""
        return self.applicant_hours

    def pays(self, month: int, award: Award, cents: int) -> int:
        """Return how much of a month's `cents` the instrument covers; monthly payouts are posted to the proposer.

        `cents` is what is due: the month's cost times the funded share. The answer is less when the fund runs dry.
        Awards paid in advance or after proof are covered outside the monthly instalments: the answer is `cents` and
        nothing is posted.
        """
        if award.payout != "monthly":
            return cents
        account = self.payer(award)
        paid = min(cents, max(0, self.world.ledger.balance(account)))
        self.transfer(month, account, award.proposal.account, paid, "grant")
        self.tally.paid_cents += paid
        return paid

    def steady(self, award: Award, cents: int) -> Steady | None:  # noqa: ARG002
        """Return who pays a month's `cents` of an award when that is the same every month and no fund can run dry.

        Such payments are posted for the instrument and counted in `settled`; with None (default) `pays` is asked every
        month.
        """
        return None

    def settled(self, first: int, second: int) -> None:
        """Count what the two payers of steady payments paid in a month, in cents."""
        self.tally.paid_cents += first + second

    def payer(self, award: Award) -> int:
        """Return the account an award is paid from."""
        return self._funds[award.proposal.district]

    def bearers(self, award: Award) -> dict[int, float]:
        """Return the accounts that bear the monthly cost of an award, with their shares; the proposer has the rest."""
        shares = {self.payer(award): award.funded_share}
        shares[award.proposal.account] = shares.get(award.proposal.account, 0.0) + 1.0 - award.funded_share
        return {account: share for account, share in shares.items() if share > _NOTHING}

    @property
    def members(self) -> tuple[int, ...]:
        """Municipalities that carry the instrument, as indices; empty where there is no membership."""
        return ()

    def kpis(self) -> dict[str, float]:
        """Return the key figures so far (NaN where nothing happened yet).

        applications, awards, success_share; absorption = paid / available; granted, paid, lapsed and management in
        EUR; eur_per_admin_eur = paid per euro of administration on both sides; median_days from idea to start;
        share_gap of awards that reached a gap; survival_share: of the posts and projects whose award ended those that
        went on without a break; returned_share: those asked for and granted anew within a year; cut_short: awards for
        less time than asked for; excluded proposals in all, by reason (`excluded_<reason>`) and by who made them
        (`excluded_from_<level>`).
        """
        tally, nan = self.tally, float("nan")
        rate = self.world.parameters.admin_hour_eur
        admin = tally.management_cents / CENTS + tally.applicant_hours * rate
        figures = {
            "applications": float(tally.applications),
            "awards": float(tally.awards),
            "success_share": tally.awards / tally.applications if tally.applications else nan,
            "absorption": tally.paid_cents / tally.available_cents if tally.available_cents else nan,
            "granted_eur": tally.granted_cents / CENTS,
            "paid_eur": tally.paid_cents / CENTS,
            "lapsed_eur": tally.lapsed_cents / CENTS,
            "management_eur": tally.management_cents / CENTS,
            "applicant_hours": tally.applicant_hours,
            "eur_per_admin_eur": tally.paid_cents / CENTS / admin if admin else nan,
            "median_days": median(tally.days) if tally.days else nan,
            "share_gap": tally.gap_awards / tally.awards if tally.awards else nan,
            "survival_share": tally.survived / tally.ended if tally.ended else nan,
            "cut_short": float(tally.cut_short),
            "returned_share": tally.returned / tally.ended if tally.ended else nan,
            "excluded": float(sum(tally.excluded.values())),
            "members": float(len(self.members)),
        }
        figures |= {f"excluded_{reason}": float(n) for reason, n in sorted(tally.excluded.items())}
        return figures | {f"excluded_from_{level}": float(n) for level, n in sorted(tally.excluded_levels.items())}

    # ---- help for subclasses --------------------------------------------------------------------------------

    def draw(self, identity: int, month: int, purpose: int) -> tuple[float, float, float, float]:
        """Return four uniform numbers that depend only on seed, identity, month and purpose."""
        return uniforms(self.world.seed, FUNDING, identity, month, purpose)

    def exclude(self, reason: str, proposal: Proposal | None = None) -> None:
        """Count a proposal that got nothing, by reason and by who made it; its proposer learns of it."""
        if proposal is not None:
            self.turn_away(reason, proposal.level)
            self._refused.append(proposal)
        else:
            self.tally.excluded[reason] = self.tally.excluded.get(reason, 0) + 1

    def take_refused(self) -> list[Proposal]:
        """Return the proposals that got nothing since this was asked last."""
        refused, self._refused = self._refused, []
        return refused

    def turn_away(self, reason: str, level: str) -> None:
        """Count a wish of a level that got nothing, by reason and by level."""
        excluded, levels = self.tally.excluded, self.tally.excluded_levels
        excluded[reason] = excluded.get(reason, 0) + 1
        levels[level] = levels.get(level, 0) + 1

    def transfer(self, month: int, payer: int | str, payee: int | str, cents: int, purpose: str) -> None:
        """Post an amount under the instrument's name; nothing moves when payer and payee are the same account."""
        number = self.world.ledger.account
        source, target = (number(a) if isinstance(a, str) else a for a in (payer, payee))
        if source == target:
            return
        self.world.ledger.post(month, source, target, cents, purpose, self.name)

    def manage(self, month: int, district: int, cents: int) -> None:
        """Pay the instrument's own management from its fund, as far as the fund reaches."""
        paid = min(cents, max(0, self.world.ledger.balance(self._funds[district])))
        self.transfer(month, self._funds[district], "staff", paid, "fund_management")
        self.tally.management_cents += paid

    def award(
        self,
        proposal: Proposal,
        *,
        funded_share: float,
        first_month: int,
        months: int,
        payout: Payout = "monthly",
        granted_cents: int | None = None,
        extends: bool = False,
    ) -> Award:
        """Return an award and count it; an extension is not counted as a new one."""
        days = 0.0 if extends else max(0, first_month - proposal.month) * DAYS_PER_MONTH
        share = proposal.monthly_cost_cents * months * funded_share
        self.tally.granted_cents += round(share) if granted_cents is None else granted_cents
        if not extends:
            self.tally.awards += 1
            self.tally.gap_awards += proposal.gap
            self.tally.cut_short += months < proposal.months
            self.tally.days.append(days)
        hours = 0.0 if extends else self.hours_of(proposal)
        return Award(proposal, self.name, funded_share, first_month, first_month + months - 1, hours, days, payout)

    def take_queue(self, district: int | None = None) -> list[Proposal]:
        """Empty the queue (of a district) and return it in an order that does not depend on who applied first."""
        taken = [p for p in self._queue if district is None or p.district == district]
        self._queue = [p for p in self._queue if district is not None and p.district != district]
        return sorted(taken, key=lambda p: (p.month, p.key))

    def workplace_cents(self) -> int:
        """Return the cost of one full-time office workplace in a month, cents: in prices of 2017, as all posts are."""
        return round(self.world.parameters.workplace_eur * CENTS / 12)

    def people(self, month: int) -> np.ndarray:
        """Return the inhabitants (M,) at the end of the year before."""
        year = year_of(month) - 1
        if self._counted is None or self._counted[0] != year:
            self._counted = year, self.world.population(year)
        return self._counted[1]

    def started(self, month: int) -> bool:
        """Return whether the instrument exists yet and has a budget."""
        return self.weight > 0.0 and month >= self.begins

    def municipalities_of(self, district: int) -> list[int]:
        """Return the indices of a district's municipalities."""
        return self._towns[district].copy()
