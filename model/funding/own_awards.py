"""What councils and programmes have granted and still pay: found by award, by programme and by municipality."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np

    from .base import Award
    from .council import Stage
    from .programmes import Programme


class Shares(NamedTuple):
    """What a month of an award costs others than its owner, cents: the district helps, the programme pays."""

    account: int
    district: int
    helped: int
    payer: int
    paid: int


@dataclass(slots=True)
class Running:
    """An award in force: its programme (if any) with its share, the district's share in a carrier's post, its stage."""

    award: Award
    programme: Programme | None
    share: float  # of the monthly cost, paid by the programme
    help: float = 0.0  # of the monthly cost, paid by the district to a carrier
    stage: Stage = "project"
    bill: tuple[int, Shares] | None = None  # what is due a month, and who pays it: worked out once

    @property
    def own_cents(self) -> int:
        """What the owner pays a month himself, cents."""
        cost = self.award.proposal.monthly_cost_cents
        return cost - round(cost * self.award.funded_share)


class Bill(NamedTuple):
    """A month's postings for awards in force, prepared; and their sums for the tally."""

    awards: Sequence[Award]
    lines: np.ndarray
    cents: np.ndarray
    helped: int
    paid: int


class Book:
    """The awards in force in the order they were granted, found by award, programme and district, or municipality."""

    def __init__(self) -> None:
        """Begin without awards."""
        self._all: dict[int, Running] = {}
        self._next = 0
        self._groups: dict[tuple[object, ...], dict[int, Running]] = {}
        self._ends: dict[int, dict[int, Running]] = {}  # by last month

    def _keys(self, running: Running) -> list[tuple[object, ...]]:
        proposal = running.award.proposal
        keys: list[tuple[object, ...]] = [("award", proposal.key, proposal.kind, running.award.first_month)]
        if running.programme is not None:
            keys.append(("programme", running.programme.id, proposal.district))
        if proposal.level == "municipality":
            keys.append(("town", proposal.municipality))
        return keys

    def add(self, running: Running) -> None:
        """Note a new award in force."""
        number = self._next
        self._next += 1
        self._all[number] = running
        self._ends.setdefault(running.award.last_month, {})[number] = running
        for key in self._keys(running):
            self._groups.setdefault(key, {})[number] = running

    def remove_before(self, month: int) -> None:
        """Forget the awards whose last month is over."""
        for last in [last for last in self._ends if last < month]:
            for number, running in list(self._ends[last].items()):
                self._forget(number, running)
            del self._ends[last]

    def _forget(self, number: int, running: Running) -> None:
        del self._all[number], self._ends[running.award.last_month][number]
        for key in self._keys(running):
            del self._groups[key][number]

    def ending(self, month: int) -> list[Running]:
        """Return the awards whose last month it is, in the order they were granted."""
        return list(self._ends.get(month, {}).values())

    def replace(self, old: Running, new: Running) -> None:
        """Put an extension in the place of its award, as the latest one in force."""
        award = ("award", old.award.proposal.key, old.award.proposal.kind, old.award.first_month)
        self._forget(next(n for n, running in self._groups[award].items() if running is old), old)
        self.add(new)

    def of_award(self, award: Award) -> Running | None:
        """Return what is in force for an award."""
        proposal = award.proposal
        found = self._groups.get(("award", proposal.key, proposal.kind, award.first_month), {})
        return next((r for r in found.values() if r.award is award or r.award == award), None)

    def of_programme(self, programme: Programme, district: int) -> Iterable[Running]:
        """Return what a programme pays for in a district."""
        return self._groups.get(("programme", programme.id, district), {}).values()

    def of_town(self, town: int) -> Iterable[Running]:
        """Return the awards of a municipality."""
        return self._groups.get(("town", town), {}).values()
