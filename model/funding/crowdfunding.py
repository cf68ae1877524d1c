"""Crowdfunding: campaigns for visible one-off projects, all or nothing, with a local match pot and donor fatigue.

The platform turns a part of the campaigns away before they start. A campaign finds a number of backers (negative
binomial) who pledge amounts (lognormal); a local utility adds a fixed sum for every pledge of at least that sum as long
as its yearly pot lasts. Only when the target is reached does money move. Every campaign tires the givers of its place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from ..calendar import month_of_year
from .base import (
    CENTS,
    DRAW_ADMISSION,
    DRAW_BACKERS,
    DRAW_PLEDGES,
    MANDATORY_TASKS,
    Award,
    FundingInstrument,
    FundingWorld,
    Proposal,
)

MIN_TARGET_CENTS = 500 * CENTS  # below that people pass a hat
FATIGUE_MONTHS = 12
MOST_BACKERS = 5000
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign that is running: for what, and the last month in which people can pledge."""

    proposal: Proposal
    first: int
    last: int


class Crowdfunding(FundingInstrument):
    """A curated platform for donations with all-or-nothing targets."""

    name = "crowdfunding"

    def __init__(self, world: FundingWorld, weight: float = 1.0) -> None:
        """Start without campaigns and with an empty match pot."""
        super().__init__(world, weight)
        self._campaigns: list[Campaign] = []
        self._past: list[tuple[int, int, int]] = []  # district, municipality, month of the end
        self._pot = [0] * self._districts
        self.campaigns, self.successes = 0, 0

    def refusal(self, proposal: Proposal) -> str:
        """Refuse posts, duties, what recurs, what nobody sees, and targets too small or too large."""
        p = self.world.parameters
        if proposal.task in MANDATORY_TASKS:
            return "mandatory_task"
        if proposal.kind == "post":
            return "staff"
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
        if month_of_year(month) == 1 or month == round(p.instrument_start_month):
            self._pot = [round(p.crowd_match_pot_eur * CENTS * self.weight)] * self._districts
        for proposal in self.take_queue():
            if month < proposal.month + round(p.crowd_setup_months):
                self._queue.append(proposal)
            elif self._turned_away(proposal):
                self.exclude("curation", proposal)
            else:
                length = round(p.crowd_campaign_months)
                self._campaigns.append(Campaign(proposal, month, month + length - 1))
        awards: list[Award] = []
        ending = [campaign for campaign in self._campaigns if campaign.last <= month]
        self._campaigns = [campaign for campaign in self._campaigns if campaign.last > month]
        for campaign in sorted(ending, key=lambda c: (c.first, c.proposal.key)):
            awards += self._close(month, campaign)
        return awards

    def reach(self, proposal: Proposal, month: int) -> float:
        """Return the reach of a campaign relative to a first one for a popular purpose."""
        p = self.world.parameters
        recent = sum(
            1 for district, place, end in self._past
            if district == proposal.district and place == proposal.municipality and month - end < FATIGUE_MONTHS
        )  # fmt: skip
        return p.crowd_topic_reach * p.crowd_coaching * math.exp(-p.crowd_fatigue * recent)

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
        p, proposal = self.world.parameters, campaign.proposal
        amounts = self.pledges(proposal, month)
        self.campaigns += 1
        self._past.append((proposal.district, proposal.municipality, month))
        each = round(p.crowd_match_per_pledge_eur * CENTS)
        match = min(self._pot[proposal.district], each * sum(1 for amount in amounts if amount >= each))
        raised = sum(amounts) + match
        if raised < proposal.total_cents:
            self.exclude("target_missed", proposal)
            return []
        self.successes += 1
        self._pot[proposal.district] -= match
        fund = self._funds[proposal.district]
        self.transfer(month, "donors", fund, sum(amounts), "pledges")
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
        """Return the common key figures, and campaigns held and the share of them that reached their target."""
        share = self.successes / self.campaigns if self.campaigns else float("nan")
        return super().kpis() | {"campaigns": float(self.campaigns), "campaign_success_share": share}


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
