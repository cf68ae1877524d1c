"""Crowdfunding: campaigns for visible one-off projects, all or nothing, with a local match pot and donor fatigue.

The platform turns a part of the campaigns away before they start and advises the others on a target within their
reach; where it asks for fans first, those without enough never start. A campaign finds a number of backers (negative
binomial) who pledge amounts (lognormal), many in its first and many in its last week; a local utility adds a fixed sum
for every pledge of at least that sum as long as its yearly pot lasts. Only when the target is reached on the last day
does money move. Every campaign tires the givers of its place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist, median
from typing import TYPE_CHECKING

from ..calendar import month_of_year
from .base import CENTS, DRAW_ADMISSION, DRAW_BACKERS, DRAW_PLEDGES, FundingInstrument, FundingWorld

if TYPE_CHECKING:
    from .proposal import Award, Proposal, Purpose

MIN_TARGET_CENTS = 500 * CENTS  # below that people pass a hat
FATIGUE_MONTHS = 12
MOST_BACKERS = 5000
FIRST_WEEK, LAST_WEEK = 0.35, 0.30  # estimated: shares of the pledges in the first and last week of a campaign
FANS = ((500, 10), (7500, 75))  # quoted (VR Buehl): fans needed for a target in EUR, between them in proportion
DAYS_PER_MONTH = 30
_NORMAL = NormalDist()


@dataclass(slots=True)
class Campaign:
    """A campaign that is running: for what, from when to when, its pledges in cents, and the match set aside for it."""

    proposal: Proposal
    first: int
    last: int
    amounts: list[int]
    matched: int = 0  # pledges looked at for matching so far
    match_cents: int = 0

    def pledged_by(self, month: int) -> int:
        """Return how many pledges have come by the end of a month."""
        days = (self.last - self.first + 1) * DAYS_PER_MONTH
        return math.floor(arrived(min(days, (month - self.first + 1) * DAYS_PER_MONTH), days) * len(self.amounts))


class Crowdfunding(FundingInstrument):
    """A curated platform for donations with all-or-nothing targets.

    >>> Crowdfunding.name
    'crowdfunding'
    """

    name = "crowdfunding"

    def __init__(self, world: FundingWorld, weight: float = 1.0) -> None:
        """Start without campaigns and with an empty match pot."""
        super().__init__(world, weight)
        self._campaigns: list[Campaign] = []
        self._past: list[tuple[int, int, int]] = []  # district, municipality, month of the end
        self._pot = [0] * self._districts
        self.campaigns, self.successes = 0, 0
        self.raised_cents = 0
        self.failed_progress: list[float] = []

    def closed(self, purpose: Purpose | Proposal, month: int) -> str:  # noqa: ARG002
        """Refuse duties and posts."""
        if purpose.mandatory:
            return "mandatory_task"
        return "staff" if purpose.kind == "post" else ""

    def refusal(self, proposal: Proposal) -> str:
        """Refuse what recurs, what nobody sees, and targets too small or too large."""
        p = self.world.parameters
        if proposal.months > 12:
            return "recurring"
        if proposal.visibility < p.crowd_min_visibility:
            return "not_visible"
        if proposal.total_cents < MIN_TARGET_CENTS:
            return "too_small"
        return "too_large" if proposal.total_cents > p.crowd_max_target_eur * CENTS else ""

    def hours_of(self, proposal: Proposal) -> float:  # noqa: ARG002
        """Return the organiser's hours for a campaign."""
        return self.world.parameters.crowd_hours

    def step(self, month: int) -> list[Award]:
        """Fill the match pots in January, admit campaigns, and close those on their last day."""
        if not self.started(month):
            return []
        p = self.world.parameters
        if month_of_year(month) == 1 or month == self.begins:
            self._pot = [self._full_pot()] * self._districts
        for proposal in self.take_queue():
            if month < proposal.month + round(p.crowd_setup_months):
                self._queue.append(proposal)
            elif self._turned_away(proposal):
                self.exclude("curation", proposal)
            else:
                self._start(month, self.advised(proposal, month))
        awards: list[Award] = []
        for campaign in sorted(self._campaigns, key=lambda c: (c.first, c.proposal.key)):
            self._set_match_aside(month, campaign)
            if campaign.last <= month:
                awards += self._close(month, campaign)
        self._campaigns = [campaign for campaign in self._campaigns if campaign.last > month]
        return awards

    def advised(self, proposal: Proposal, month: int) -> Proposal:
        """Return the project made so small that its target is the advised share of what such a campaign raises."""
        p = self.world.parameters
        pledge = p.crowd_pledge_median_eur * CENTS * math.exp(p.crowd_pledge_sigma**2 / 2)
        expected = p.crowd_backers * self.reach(proposal, month) * (pledge + p.crowd_match_per_pledge_eur * CENTS)
        target = max(MIN_TARGET_CENTS, round(p.crowd_advised_share * expected))
        if proposal.total_cents <= target:
            return proposal
        monthly = -(-target // proposal.months)
        share = monthly / proposal.monthly_cost_cents
        return proposal._replace(monthly_cost_cents=monthly, need_hours_per_month=proposal.need_hours_per_month * share)

    def _start(self, month: int, proposal: Proposal) -> None:
        """Start a campaign, after the fan phase where the platform has one."""
        p = self.world.parameters
        if p.crowd_fan_phase >= 0.5:
            u = self.draw(proposal.key, proposal.month, DRAW_BACKERS)[0]
            mean = p.crowd_backers * p.crowd_fans_per_backer * self.reach(proposal, month)
            if negative_binomial(u, mean, p.crowd_dispersion) < fans_needed(proposal.total_cents / CENTS):
                self.exclude("fan_phase", proposal)
                return
        last = month + round(p.crowd_campaign_months) - 1
        self._campaigns.append(Campaign(proposal, month, last, self.pledges(proposal, month)))

    def _full_pot(self) -> int:
        return round(self.world.parameters.crowd_match_pot_eur * CENTS * self.weight)

    def _set_match_aside(self, month: int, campaign: Campaign) -> None:
        """Set the match for the pledges of the month aside, first come, first served."""
        each = round(self.world.parameters.crowd_match_per_pledge_eur * CENTS)
        district, come = campaign.proposal.district, campaign.pledged_by(month)
        worthy = sum(1 for amount in campaign.amounts[campaign.matched : come] if amount >= each)
        match = min(self._pot[district], each * worthy)
        self._pot[district] -= match
        campaign.match_cents += match
        campaign.matched = come

    def reach(self, proposal: Proposal, month: int) -> float:
        """Return the reach of a campaign relative to a first one for a popular purpose."""
        p = self.world.parameters
        recent = sum(
            1 for district, place, end in self._past
            if district == proposal.district and place == proposal.municipality and month - end < FATIGUE_MONTHS
        )  # fmt: skip
        return proposal.giver_reach * p.crowd_coaching * math.exp(-p.crowd_fatigue * recent)

    def pledges(self, proposal: Proposal, month: int) -> list[int]:
        """Return the pledges of a campaign in cents."""
        p = self.world.parameters
        u = self.draw(proposal.key, proposal.month, DRAW_BACKERS)[0]
        backers = negative_binomial(u, p.crowd_backers * self.reach(proposal, month), p.crowd_dispersion)
        amounts: list[int] = []
        for block in range(-(-backers // 4)):
            # The draws of one campaign are numbered through its identity, four pledges each.
            for v in self.draw(proposal.key * 4096 + block, proposal.month, DRAW_PLEDGES):
                z = _NORMAL.inv_cdf(min(max(v, 2.0**-33), 1 - 2.0**-33))
                amounts.append(round(p.crowd_pledge_median_eur * CENTS * math.exp(p.crowd_pledge_sigma * z)))
        return amounts[:backers]

    def _turned_away(self, proposal: Proposal) -> bool:
        """Return whether the platform refuses: it sees a weak campaign with some chance, and else chooses by lot."""
        p = self.world.parameters
        sees, lot, *_ = self.draw(proposal.key, proposal.month, DRAW_ADMISSION)
        strength = self.draw(proposal.key, proposal.month, DRAW_BACKERS)[0]
        return (strength if sees < p.crowd_screening else lot) < p.crowd_rejected

    def _close(self, month: int, campaign: Campaign) -> list[Award]:
        proposal = campaign.proposal
        self.campaigns += 1
        self._past.append((proposal.district, proposal.municipality, month))
        pledged, match, district = sum(campaign.amounts), campaign.match_cents, proposal.district
        raised = pledged + match
        if raised < proposal.total_cents:
            self.failed_progress.append(raised / proposal.total_cents)
            self._pot[district] = min(self._full_pot(), self._pot[district] + match)
            self.exclude("target_missed", proposal)
            return []
        self.successes += 1
        self.raised_cents += raised
        fund = self._funds[district]
        self.transfer(month, "donors", fund, pledged, "pledges")
        self.transfer(month, "donors", fund, match, "match")
        self.transfer(month, fund, proposal.account, raised, "grant")
        self.tally.paid_cents += raised
        return [
            self.award(
                proposal,
                funded_share=1.0,
                first_month=month + 1,
                months=proposal.months,
                payout="advance",
                granted_cents=raised,
            )
        ]

    def kpis(self) -> dict[str, float]:
        """Return the common key figures and those of campaigns.

        campaigns held; campaign_success_share: that reached their target; mean_raised_eur of these;
        failed_progress: median share of the target that the others reached.
        """
        nan, won = float("nan"), self.successes
        return super().kpis() | {
            "campaigns": float(self.campaigns),
            "campaign_success_share": won / self.campaigns if self.campaigns else nan,
            "mean_raised_eur": self.raised_cents / won / CENTS if won else nan,
            "failed_progress": median(self.failed_progress) if self.failed_progress else nan,
        }


def arrived(day: float, days: float) -> float:
    """Return the share of a campaign's pledges that have come by a day: many at first, many at last.

    >>> [round(arrived(day, 90), 2) for day in (0, 7, 45, 83, 90)]
    [0.0, 0.35, 0.53, 0.7, 1.0]
    """
    week = min(7.0, days / 3)
    if day >= days:
        return 1.0
    if day <= week:
        return FIRST_WEEK * day / week
    if day >= days - week:
        return 1.0 - LAST_WEEK * (days - day) / week
    return FIRST_WEEK + (1.0 - FIRST_WEEK - LAST_WEEK) * (day - week) / (days - 2 * week)


def fans_needed(target_eur: float) -> int:
    """Return the fans a campaign needs before it may start.

    >>> [fans_needed(eur) for eur in (400, 4000, 9000)]
    [10, 42, 75]
    """
    (low, few), (high, many) = FANS
    part = min(1.0, max(0.0, (target_eur - low) / (high - low)))
    return int(few + part * (many - few))


def negative_binomial(u: float, mean: float, dispersion: float) -> int:
    """Return the quantile u of a negative binomial number with a mean and dispersion k (variance mean + mean^2 / k).

    >>> [negative_binomial(u, 61.0, 1.5) for u in (0.0, 0.5, 0.9)]
    [0, 48, 128]
    """
    if mean <= 0:
        return 0
    success = dispersion / (dispersion + mean)
    mass = success**dispersion
    total, n = mass, 0
    while u >= total and n < MOST_BACKERS:
        mass *= (n + dispersion) / (n + 1) * (1 - success)
        n += 1
        total += mass
    return n
