"""The municipal association (Kommunalverein): members pay dues by inhabitants, vote, and share posts.

A municipality joins when what it expects from the shared posts is worth more to it than dues, meetings and autonomy;
without a seat on the board its autonomy weighs more. Who stays outside still gets a part of the benefit (free riding).
The district joins once half of its municipalities have. Together posts become divisible and cheaper. In December
members give notice: by calculation, or by a hazard that doubles after municipal elections and after a year with a
negative free margin; they pay until the notice is over and are then out, in any month of the year.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from ..calendar import month_of_year, year_of
from ..ledger import split_cents
from .base import CENTS, DRAW_AUTONOMY, DRAW_EXIT, DRAW_VOTE, FundingInstrument, FundingWorld
from .proposal import Award, Proposal, Purpose

VOTE_MONTHS = (3, 6, 9, 12)
TERM_MONTHS = 24  # posts are decided for two budget years
SMALLEST_POST = 0.5  # FTE: what a municipality would have to hire alone
PRODUCTIVE_HOURS = 1590 / 12  # hours a month of one FTE (KGSt)


@dataclass(slots=True)
class _Chapter:
    """The association of one district: since when it works, its members, and the posts it pays."""

    works_from: int | None = None
    members: set[int] = field(default_factory=set)
    leaving: dict[int, int] = field(default_factory=dict)  # member: first month without it
    district: bool = False
    running: list[Award] = field(default_factory=list)
    had_start_money: bool = False


class MunicipalAssociation(FundingInstrument):
    """A registered association of municipalities with dues, votes, shared posts, joining and leaving.

    >>> MunicipalAssociation.name
    'municipal_association'
    """

    name = "municipal_association"

    def __init__(self, world: FundingWorld, weight: float = 1.0) -> None:
        """Start without members; founding is tried in the first month and every January."""
        super().__init__(world, weight)
        self._chapters = [_Chapter() for _ in range(self._districts)]
        self.joined, self.left, self.dissolved, self.notices = 0, 0, 0, 0
        self.most_members = 0
        self.free_rider_months = 0
        self._dues: tuple[tuple[int, float], tuple[list[int], list[int]]] | None = None  # of a year and weight
        self._district_accounts = [world.ledger.account(f"district:{d.key}") for d in world.region.districts]

    @property
    def members(self) -> tuple[int, ...]:
        """Members of all associations, as municipality indices."""
        return tuple(sorted(i for chapter in self._chapters for i in chapter.members))

    def closed(self, purpose: Purpose | Proposal, month: int) -> str:  # noqa: ARG002
        """Refuse duties."""
        return "mandatory_task" if purpose.mandatory else ""

    def refusal(self, proposal: Proposal) -> str:
        """Refuse municipalities and districts outside, and what serves no member."""
        members = self._chapters[proposal.district].members
        if not members:
            return "no_association"
        if proposal.level == "municipality" and proposal.municipality not in members:
            return "not_member"
        if proposal.level == "district" and not self._chapters[proposal.district].district:
            return "not_member"
        return "" if members.intersection(proposal.catchment) else "serves_no_member"

    def hours_of(self, proposal: Proposal) -> float:  # noqa: ARG002
        """Return the hours for a paper to the assembly."""
        return self.world.parameters.association_meeting_hours

    def step(self, month: int) -> list[Award]:
        """Let members out whose notice is over, found, join, collect dues, pay the manager, vote, take notices."""
        if not self.started(month):
            return []
        awards: list[Award] = []
        for district, chapter in enumerate(self._chapters):
            self._let_out(month, district, chapter)
            first = month == self.begins
            if first or month_of_year(month) == 1:
                self._join(month, district, chapter)
                self._collect_dues(month, district, chapter)
            if chapter.works_from is not None and month >= chapter.works_from:
                self.manage(month, district, self._manager())
                if month_of_year(month) in VOTE_MONTHS:
                    awards += self._vote(month, district, chapter)
            chapter.running = [award for award in chapter.running if award.last_month >= month]
            self.free_rider_months += len(self.free_riders(district))
            self.most_members = max(self.most_members, len(self.members))
            if month_of_year(month) == 12 and chapter.members:
                self._take_notices(month, chapter)
        return awards

    def free_riders(self, district: int) -> list[int]:
        """Return the municipalities outside that a running post of the association serves all the same."""
        chapter = self._chapters[district]
        served = {i for award in chapter.running for i in award.proposal.catchment}
        return sorted(served - chapter.members)

    # ---- membership -----------------------------------------------------------------------------------------

    def scale_saving(self, members: int) -> float:
        """Return the share of cost that a shared post saves with so many members."""
        p = self.world.parameters
        saving = p.association_scale_factor * (1 - max(1, members) ** -p.association_scale_exponent)
        return min(p.association_scale_cap, saving)

    def dues_cents(self, municipality: int, month: int) -> int:
        """Return a member's dues of a year, cents."""
        return self._dues_in(month)[0][municipality]

    def _dues_in(self, month: int) -> tuple[list[int], list[int]]:
        """Return the dues of a year by municipality and by district, cents; worked out once a year."""
        now = year_of(month), self.weight
        if self._dues is None or self._dues[0] != now:
            p, people = self.world.parameters, self.people(month)
            rate, district_rate = (
                eur * CENTS * self.weight for eur in (p.association_dues_eur, p.association_district_dues_eur)
            )
            towns = [round(rate * inhabitants) for inhabitants in people.tolist()]
            districts = [
                round(district_rate * int(people[self.municipalities_of(d)].sum())) for d in range(self._districts)
            ]
            self._dues = now, (towns, districts)
        return self._dues[1]

    def surplus_cents(self, municipality: int, members: Collection[int], month: int) -> float:
        """Return what membership is worth to a municipality in a year beyond dues, meetings and autonomy, cents.

        The benefit is its part (by dues, at most its need) of the hours that the members' dues pay, valued by its
        willingness, at most what the same hours would cost it alone in half posts; a part of it comes also without
        joining.
        """
        p, world = self.world.parameters, self.world
        together = set(members) | {municipality}
        saving, hour = self.scale_saving(len(together)), p.admin_hour_eur * CENTS
        income = sum(self.dues_cents(i, month) for i in together)
        district = int(self._district_of[municipality])
        joins = 2 * len(together) >= len(self.municipalities_of(district))
        budget = income + (self.district_dues_cents(district, month) if joins else 0) - 12 * self._manager()
        need = max(0.0, float(world.perceived_need_hours[municipality]))
        dues = self.dues_cents(municipality, month)
        meetings = p.association_meetings * p.association_meeting_hours * hour
        u = self.draw(self._identities[municipality], 0, DRAW_AUTONOMY)[0]
        autonomy = 2 * u * p.association_autonomy_eur * CENTS * int(self.people(month)[municipality])
        if not self.has_seat(municipality, together, month):
            autonomy *= p.association_seatless_factor
        benefit = 0.0
        if need > 0 and budget > 0:
            hours = min(12 * need, budget / (hour * (1 - saving)) * dues / income)
            worth = p.association_value_factor * float(world.willingness[municipality]) * hour * hours
            posts = -(-hours / 12 // (SMALLEST_POST * PRODUCTIVE_HOURS))
            alone = posts * SMALLEST_POST * 12 * self.workplace_cents()
            benefit = min(worth, alone) * (1 - p.association_spillover)
        return benefit - dues - meetings - autonomy

    def has_seat(self, municipality: int, members: Collection[int], month: int) -> bool:
        """Return whether a member sits on the board: the largest do, as many as there are seats."""
        people = self.people(month)
        mine = int(people[municipality])
        larger = sum(1 for i in members if i != municipality and int(people[i]) > mine)
        return larger < round(self.world.parameters.association_board_seats)

    def _join(self, month: int, district: int, chapter: _Chapter) -> None:
        everybody = self.municipalities_of(district)
        if chapter.members:
            new = [
                i for i in everybody
                if i not in chapter.members and self.surplus_cents(i, chapter.members, month) > 0
            ]  # fmt: skip
            chapter.members.update(new)
            self.joined += len(new)
            chapter.district |= 2 * len(chapter.members) >= len(everybody)
            return
        # Founding: of all municipalities those drop out for whom it does not pay, until the rest is content.
        group = set(everybody)
        while group and (out := {i for i in group if self.surplus_cents(i, group, month) <= 0}):
            group -= out
        p = self.world.parameters
        if len(group) >= p.association_min_members:
            chapter.members = group
            chapter.works_from = month + round(p.association_setup_months)
            self.joined += len(group)
            chapter.district = 2 * len(group) >= len(everybody)
            enough = self.scale_saving(len(group)) >= p.association_scale_cap
            if enough and not chapter.had_start_money:
                money = round(p.association_start_money_eur * CENTS * self.weight)
                self.transfer(month, "land", self._funds[district], money, "fund_contribution")
                self.tally.available_cents += money
                chapter.had_start_money = True

    def _collect_dues(self, month: int, district: int, chapter: _Chapter) -> None:
        fund, rest = self._funds[district], 13 - month_of_year(month)
        for i in sorted(chapter.members):
            # Founded during the year, the first dues are for the rest of it; who leaves pays until the notice is over.
            months = min(rest, chapter.leaving.get(i, month + rest) - month)
            dues = self.dues_cents(i, month) * months // 12
            self.transfer(month, self._municipality_accounts[i], fund, dues, "association_dues")
            self.tally.available_cents += dues
        if chapter.district:
            dues = self.district_dues_cents(district, month) * rest // 12
            self.transfer(month, self._district_accounts[district], fund, dues, "association_dues")
            self.tally.available_cents += dues

    def district_dues_cents(self, district: int, month: int) -> int:
        """Return the dues of the district in a year, cents."""
        return self._dues_in(month)[1][district]

    def _take_notices(self, month: int, chapter: _Chapter) -> None:
        """Let members give notice at the end of the year."""
        p, world = self.world.parameters, self.world
        out = month + 1 + round(p.association_notice_months)
        for i in sorted(chapter.members - set(chapter.leaving)):
            hazard = p.association_exit_hazard
            if 0 <= month - p.municipal_election_month < 12:
                hazard *= 2
            if world.free_margin_cents[i] < 0:
                hazard *= 2
            unlucky = self.draw(self._identities[i], month, DRAW_EXIT)[0] < hazard
            bearable = -p.association_exit_tolerance * self.dues_cents(i, month)
            if unlucky or self.surplus_cents(i, chapter.members, month) < bearable:
                chapter.leaving[i] = out
                self.notices += 1

    def _let_out(self, month: int, district: int, chapter: _Chapter) -> None:
        """Let members go whose notice is over; below the minimum the association is dissolved and pays back."""
        before = sorted(chapter.members)
        out = {i for i, end in chapter.leaving.items() if end <= month}
        if not out:
            return
        chapter.members -= out
        chapter.leaving = {i: end for i, end in chapter.leaving.items() if i not in out}
        self.left += len(out)
        chapter.district &= 2 * len(chapter.members) >= len(self.municipalities_of(district))
        if len(chapter.members) >= self.world.parameters.association_min_members:
            return
        left = max(0, self.world.ledger.balance(self._funds[district]))
        if left:
            accounts = [self._municipality_accounts[i] for i in before]
            parts = split_cents(left, self.people(month)[before].tolist())
            self.world.ledger.post_many(month, self._funds[district], accounts, parts, "fund_lapse", self.name)
            self.tally.lapsed_cents += left
        self.dissolved += 1
        chapter.members, chapter.leaving, chapter.works_from = set(), {}, None
        chapter.running, chapter.district = [], False

    # ---- posts ----------------------------------------------------------------------------------------------

    def _manager(self) -> int:
        return round(self.world.parameters.association_management_fte * self.weight * self.workplace_cents())

    def _vote(self, month: int, district: int, chapter: _Chapter) -> list[Award]:
        p, awards = self.world.parameters, list[Award]()
        saving = self.scale_saving(len(chapter.members))
        for proposal in self.take_queue(district):
            # The district, whose own work a shared post relieves, votes for it; every member has one vote.
            yes = sum(self._says_yes(i, proposal, month) for i in chapter.members) + chapter.district
            if 2 * yes <= len(chapter.members) + chapter.district:
                self.exclude("voted_down", proposal)
                continue
            cheaper = proposal._replace(
                monthly_cost_cents=round(proposal.monthly_cost_cents * (1 - saving)),
                catchment=tuple(sorted(chapter.members | set(proposal.catchment))),
            )
            months = min(proposal.months, TERM_MONTHS)
            if not self._affordable(cheaper, months, month, district, chapter):
                self.exclude("no_money", proposal)
                continue
            start = month + round(p.association_vote_months)
            award = self.award(cheaper, funded_share=1.0, first_month=start, months=months)
            chapter.running.append(award)
            awards.append(award)
        return awards

    def _says_yes(self, member: int, proposal: Proposal, month: int) -> bool:
        served = member in proposal.catchment
        chance = float(self.world.willingness[member]) if served else self.world.parameters.association_solidarity
        # One draw per member and proposal, whatever the order of members.
        identity = (self._identities[member] << 31) ^ proposal.key
        return self.draw(identity & (2**62 - 1), month, DRAW_VOTE)[0] < chance

    def _affordable(self, proposal: Proposal, months: int, month: int, district: int, chapter: _Chapter) -> bool:
        """Return whether yearly dues carry the post beside those running, or the money at hand all of it."""
        running = sum(a.proposal.monthly_cost_cents for a in chapter.running)
        yearly = sum(self.dues_cents(i, month) for i in chapter.members - set(chapter.leaving))
        yearly += self.district_dues_cents(district, month) if chapter.district else 0
        dues = yearly / 12 - self._manager()
        balance = self.world.ledger.balance(self._funds[district])
        promised = sum(
            a.proposal.monthly_cost_cents * (a.last_month - max(month, a.first_month) + 1) for a in chapter.running
        )
        free = balance - promised - self._manager() * (12 - month_of_year(month))
        return running + proposal.monthly_cost_cents <= dues or proposal.monthly_cost_cents * months <= free

    def kpis(self) -> dict[str, float]:
        """Return the common key figures and those of membership.

        joined, left and notices; dissolved associations; most_members at a time; free_rider_months: months in which a
        municipality outside was served by a post of the association, summed over municipalities.
        """
        own = {
            "joined": float(self.joined),
            "left": float(self.left),
            "notices": float(self.notices),
            "dissolved": float(self.dissolved),
            "most_members": float(self.most_members),
            "free_rider_months": float(self.free_rider_months),
        }
        return super().kpis() | own
