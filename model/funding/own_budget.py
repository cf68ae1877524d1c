"""The status quo: own money of municipalities and district, and state and federal programmes, by the councils' rules.

The rules are read from the district council's minutes: a post is created only with (nearly) full money from outside; a
united front of municipalities turns a refusal around; a project becomes a two-year extension with own money and then
permanent. Municipalities act out of their free margin when they are willing; welfare associations need a programme that
leaves them a small own share.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..calendar import month_index
from .base import (
    CENTS,
    DRAW_OWN_DECISION,
    DRAW_RENEWAL,
    Award,
    FundingInstrument,
    FundingWorld,
    Proposal,
)

PERMANENT_MONTHS = 1200
_FIRST, _LAST = -10_000, 10_000
_APPLICANTS = {"welfare": ("welfare", "provider")}  # associations and course providers apply alike


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme of the region file: who pays what share of which tasks, for whom, when, up to what sum."""

    id: str
    payer: str
    kind: str
    tasks: frozenset[str]
    levels: frozenset[str]
    cap_cents: int  # per year and district
    share: float
    first: int
    last: int
    term: int
    renewal: float

    def fits(self, proposal: Proposal, month: int) -> bool:
        """Return whether the programme may pay for this proposal in this month."""
        return (
            self.first <= month <= self.last
            and self.share > 0
            and proposal.task in self.tasks
            and not self.levels.isdisjoint(_APPLICANTS.get(proposal.level, (proposal.level,)))
            and self.kind in (proposal.kind, "course")  # a course programme pays posts and projects of its own tasks
        )


@dataclass(slots=True)
class _Running:
    """An award in force: its programme (if any), its monthly own cost and how often it was extended with own money."""

    award: Award
    programme: Programme | None
    extensions: int = 0

    @property
    def own_cents(self) -> int:
        cost = self.award.proposal.monthly_cost_cents
        return cost - round(cost * self.award.funded_share)


class OwnBudget(FundingInstrument):
    """Own money, levy and programmes: the reference all other instruments are compared with."""

    name = "own_budget"

    def __init__(self, world: FundingWorld, weight: float = 1.0) -> None:
        """Read the region's programmes; their yearly sums are shared equally by the districts."""
        super().__init__(world, weight)
        self._programmes = read_programmes(world, weight)
        self._running: list[_Running] = []
        self._taken = self._existing_use()

    def refusal(self, proposal: Proposal) -> str:
        """Refuse associations and helpers for whom no programme is open."""
        if proposal.level in ("welfare", "volunteers") and not self._open(proposal, proposal.month):
            return "no_programme"
        return ""

    def hours_of(self, proposal: Proposal) -> float:  # noqa: ARG002
        """Return the hours for a council paper and a programme application."""
        return self.world.parameters.own_application_hours

    def step(self, month: int) -> list[Award]:
        """Decide on extensions of what ends this month, then on the proposals whose time has come.

        A new award starts with the next month; an extension replaces its award from this month on.
        """
        awards = self._extensions(month)
        self._running = [running for running in self._running if running.award.last_month >= month]
        for programme in self._programmes:
            if programme.first <= month <= programme.last:
                self.tally.available_cents += programme.cap_cents * self._districts // 12
        waiting: list[Proposal] = []
        for proposal in self.take_queue():
            if month < proposal.month + self._lag(proposal):
                waiting.append(proposal)
                continue
            reason, award = self._decide(proposal, month)
            if award is None:
                self.exclude(reason)
            else:
                awards.append(award)
        self._queue = waiting + self._queue
        return awards

    def pays(self, month: int, award: Award, cents: int) -> int:
        """Pay the programme's part to the proposer; the rest is the proposer's own money and needs no posting here."""
        programme = next((r.programme for r in self._running if r.award is award or r.award == award), None)
        return cents if programme is None else self._pay_from(programme, month, award.proposal, cents)

    def _pay_from(self, programme: Programme, month: int, proposal: Proposal, cents: int) -> int:
        key = self.world.region.districts[proposal.district].key
        payer = f"district:{key}" if programme.payer == "district" else programme.payer
        if payer in ("municipality", "carrier"):  # a programme of the applicant itself
            return cents
        self.transfer(month, payer, proposal.account, cents, "grant")
        self.tally.paid_cents += cents
        return cents

    def pressure(self, district: int) -> float:
        """Return the share of the district's municipalities that see an urgent unmet need."""
        members = self.municipalities_of(district)
        people = self.people(self.world.month)[members]
        need = self.world.perceived_need_hours[members]
        urgent = need > self.world.parameters.pressure_need_hours * people / 1000
        return float(urgent.mean()) if len(members) else 0.0

    def _lag(self, proposal: Proposal) -> int:
        p = self.world.parameters
        months = {"district": p.district_lag_months, "municipality": p.municipality_lag_months}
        return round(months.get(proposal.level, p.carrier_lag_months))

    def _decide(self, proposal: Proposal, month: int) -> tuple[str, Award | None]:
        p = self.world.parameters
        programme, share = self._best(proposal, month)
        months = min(proposal.months, programme.term if programme else round(p.extension_months))
        own = proposal.monthly_cost_cents - round(proposal.monthly_cost_cents * share)
        if proposal.level == "district":
            if share < p.district_external_share and self.pressure(proposal.district) < p.united_pressure_share:
                return "not_fully_funded", None
        elif proposal.level == "municipality":
            if reason := self._municipality_refuses(proposal, month, own):
                return reason, None
        elif 1 - share > p.carrier_own_share_max:
            return "own_share", None
        award = self.award(proposal, funded_share=share, first_month=month + 1, months=months)
        self._running.append(_Running(award, programme))
        return "", award

    def _municipality_refuses(self, proposal: Proposal, month: int, own: int, *, but: _Running | None = None) -> str:
        if own == 0:
            return ""
        i = proposal.municipality
        margin = int(self.world.free_margin_cents[i])
        committed = sum(
            r.own_cents for r in self._running
            if r is not but and r.award.proposal.level == "municipality" and r.award.proposal.municipality == i
        )  # fmt: skip
        if (committed + own) * 12 > margin * self.world.parameters.own_margin_share * self.weight:
            return "free_margin"
        if self.draw(proposal.key, month, DRAW_OWN_DECISION)[0] >= self.world.willingness[i]:
            return "unwilling"
        return ""

    def _open(self, proposal: Proposal, month: int) -> list[Programme]:
        return [programme for programme in self._programmes if programme.fits(proposal, month)]

    def _best(self, proposal: Proposal, month: int) -> tuple[Programme | None, float]:
        """Return the programme that pays the largest share of the proposal with the money it has left."""
        best, best_share = None, 0.0
        for programme in self._open(proposal, month):
            room = programme.cap_cents / 12 - self._used(programme, proposal.district, month)
            share = min(programme.share, max(0.0, room) / max(1, proposal.monthly_cost_cents))
            if share > best_share:
                best, best_share = programme, share
        return best, best_share

    def _used(self, programme: Programme, district: int, month: int) -> float:
        """Return what a programme pays in a district in a month, cents."""
        used = sum(
            cents for name, where, first, last, cents in self._taken
            if name == programme.id and where == district and first <= month <= last
        )  # fmt: skip
        for r in self._running:
            if r.programme is programme and r.award.proposal.district == district and r.award.last_month >= month:
                used += r.award.proposal.monthly_cost_cents * r.award.funded_share
        return used

    def _extensions(self, month: int) -> list[Award]:
        awards: list[Award] = []
        for running in [r for r in self._running if r.award.last_month == month]:
            proposal, programme, p = running.award.proposal, running.programme, self.world.parameters
            u = self.draw(proposal.key, month, DRAW_RENEWAL)
            extensions = running.extensions
            if programme and programme.first <= month + 1 <= programme.last and u[0] < programme.renewal:
                share, months = running.award.funded_share, programme.term
            elif self._goes_on_alone(running, month, u[1]):
                if programme is not None:  # the programme's last instalment; the new award already covers this month
                    due = round(proposal.monthly_cost_cents * running.award.funded_share)
                    self._pay_from(programme, month, proposal, due)
                share, programme, extensions = 0.0, None, extensions + 1
                months = round(p.extension_months) if extensions == 1 else PERMANENT_MONTHS
            else:
                continue
            longer = replace(proposal, months=months + 1)
            award = self.award(
                longer,
                funded_share=share,
                first_month=month,
                months=months + 1,
                granted_cents=round(proposal.monthly_cost_cents * share * months),
                extends=True,
            )
            self._running.remove(running)
            self._running.append(_Running(award, programme, extensions))
            awards.append(award)
        return awards

    def _goes_on_alone(self, running: _Running, month: int, u: float) -> bool:
        """Return whether district or municipality carries a post on with its own money."""
        proposal = running.award.proposal
        if proposal.level == "district":
            return u < self.world.parameters.district_extension_probability
        if proposal.level != "municipality":
            return False
        return not self._municipality_refuses(proposal, month, proposal.monthly_cost_cents, but=running)

    def _existing_use(self) -> list[tuple[str, int, int, int, float]]:
        """Return what programmes already pay for the structures of the region file: id, district, months, cents."""
        structures = getattr(self.world.region, "structures", None)
        if structures is None or "programme" not in structures:
            return []
        shares = {programme.id: programme.share for programme in self._programmes}
        rows: list[tuple[str, int, int, int, float]] = []
        for row in structures.to_dict("records"):
            if row["programme"] in shares:
                cents = row["monthly_cost_eur"] * CENTS * shares[row["programme"]] / self._districts
                span = _month(row["start"], _FIRST), _month(row["end"], _LAST)
                rows.extend((row["programme"], district, *span, cents) for district in range(self._districts))
        return rows


def read_programmes(world: FundingWorld, weight: float) -> list[Programme]:
    """Return the region's programmes, their yearly sums scaled by the weight and shared by the districts."""
    districts = len(world.region.districts)
    programmes = [
        Programme(
            id=str(row["id"]),
            payer=str(row["payer"]),
            kind=str(row["kind"]),
            tasks=frozenset(_words(row["tasks"])),
            levels=frozenset(_words(row["eligible_levels"])),
            cap_cents=round(float(row["max_eur_per_year"]) * CENTS * weight / districts),
            share=float(row["funded_share"]),
            first=_month(row["start"], _FIRST),
            last=_month(row["end"], _LAST),
            term=int(row["term_months"]),
            renewal=float(row["renewal_probability"]),
        )
        for row in world.region.programmes.to_dict("records")
    ]
    return sorted(programmes, key=lambda programme: programme.id)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(";") if word.strip()]


def _month(label: str, otherwise: int) -> int:
    return month_index(label) if label else otherwise
