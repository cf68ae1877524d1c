"""What councils and programmes have granted and still pay: found by award, by programme and by municipality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .council import Stage
    from .programmes import Programme
    from .proposal import Award


@dataclass(slots=True, eq=False)
class Running:
    """An award in force: its programme (if any) with its share, the district's share in a carrier's post, its stage."""

    award: Award
    programme: Programme | None
    share: float  # of the monthly cost, paid by the programme
    help: float = 0.0  # of the monthly cost, paid by the district to a carrier
    stage: Stage = "project"
    paid: float = 0.0  # what the programme pays a month, cents

    def __post_init__(self) -> None:
        """Work out what the programme pays."""
        self.paid = self.award.proposal.monthly_cost_cents * self.share

    @property
    def own_cents(self) -> int:
        """What the owner pays a month himself, cents."""
        cost = self.award.proposal.monthly_cost_cents
        return cost - round(cost * self.award.funded_share)


class Book:
    """The awards in force in the order they were granted, found by award, programme and district, or municipality."""

    def __init__(self) -> None:
        """Begin without awards."""
        self._ends: dict[int, list[Running]] = {}  # by last month
        self._paid: dict[tuple[str, int], list[Running]] = {}  # by programme and district
        self._awards: dict[tuple[int, str, int], list[Running]] = {}
        self._own_cents: dict[int, int] = {}  # by municipality: what its awards cost itself a month

    def add(self, running: Running) -> None:
        """Note a new award in force."""
        award = running.award
        self._ends.setdefault(award.last_month, []).append(running)
        self._awards.setdefault(_name(award), []).append(running)
        if running.programme is not None:
            self._paid.setdefault((running.programme.id, award.proposal.district), []).append(running)
        self._commit(running, 1)

    def _commit(self, running: Running, sign: int) -> None:
        proposal = running.award.proposal
        if proposal.level == "municipality":
            town = proposal.municipality
            self._own_cents[town] = self._own_cents.get(town, 0) + sign * running.own_cents

    def remove_before(self, month: int) -> None:
        """Forget the awards whose last month is over."""
        for last in [last for last in self._ends if last < month]:
            for running in self._ends.pop(last):
                self._forget(running)

    def _forget(self, running: Running) -> None:
        award = running.award
        name = _name(award)
        self._awards[name].remove(running)
        if not self._awards[name]:
            del self._awards[name]
        if running.programme is not None:
            self._paid[running.programme.id, award.proposal.district].remove(running)
        self._commit(running, -1)

    def ending(self, month: int) -> list[Running]:
        """Return the awards whose last month it is, in the order they were granted."""
        return self._ends.get(month, []).copy()

    def replace(self, old: Running, new: Running) -> None:
        """Put an extension in the place of its award, as the latest one in force."""
        self._ends[old.award.last_month].remove(old)
        self._forget(old)
        self.add(new)

    def of_award(self, award: Award) -> Running | None:
        """Return what is in force for an award."""
        for running in self._awards.get(_name(award), ()):
            if running.award is award or running.award == award:
                return running
        return None

    def of_programme(self, programme: Programme, district: int) -> Sequence[Running]:
        """Return what a programme pays for in a district, in the order it was granted."""
        return self._paid.get((programme.id, district), ())

    def own_cents(self, town: int) -> int:
        """Return what the awards of a municipality cost itself a month, cents."""
        return self._own_cents.get(town, 0)

    def has(self, running: Running) -> bool:
        """Return whether this is an award in force."""
        return running in self._awards.get(_name(running.award), ())


def _name(award: Award) -> tuple[int, str, int]:
    proposal = award.proposal
    return proposal.key, proposal.kind, award.first_month
