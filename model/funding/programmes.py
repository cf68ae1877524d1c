"""The programmes of the region file: state, federal and private money that pays posts, projects and courses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from ..calendar import month_index
from ..kept import kept
from .base import CENTS
from .proposal import LEVELS

if TYPE_CHECKING:
    from .base import FundingWorld

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
    cap_cents: tuple[int, ...]  # per year, for each district
    share: float
    first: int
    last: int
    term: int
    renewal: float

    def suits(self, task: str, level: str, kind: str) -> bool:
        """Return whether the programme may pay for proposals of this task, level and kind while it runs."""
        return (
            self.share > 0
            and task in self.tasks
            and not self.levels.isdisjoint(_APPLICANTS.get(level, (level,)))
            and self.kind in (kind, "course")  # a course programme pays posts and projects of its own tasks
        )


def district_shares(world: FundingWorld) -> list[float]:
    """Return each district's share of the inhabitants at the end of 2014."""
    people = world.population(2014)
    index = world.region.municipalities["district_index"].to_numpy(dtype=np.int64)
    by_district = np.bincount(index, weights=people, minlength=len(world.region.districts))
    return (by_district / by_district.sum()).tolist()


def read_programmes(world: FundingWorld, weight: float) -> list[Programme]:
    """Return the region's programmes, their yearly sums scaled by the weight and shared by inhabitants."""
    return list(kept(world.region, ("programmes", weight), lambda: _read(world, weight)))


def _read(world: FundingWorld, weight: float) -> list[Programme]:
    parts = district_shares(world)
    programmes = [
        Programme(
            id=str(row["id"]),
            payer=str(row["payer"]),
            kind=str(row["kind"]),
            tasks=frozenset(_words(row["tasks"])),
            levels=frozenset(_words(row["eligible_levels"])),
            cap_cents=tuple(round(float(row["max_eur_per_year"]) * CENTS * weight * part) for part in parts),
            share=float(row["funded_share"]),
            first=span_of(row["start"], row["end"])[0],
            last=span_of(row["start"], row["end"])[1],
            term=int(row["term_months"]),
            renewal=float(row["renewal_probability"]),
        )
        for row in world.region.programmes.to_dict("records")
    ]
    return sorted(programmes, key=lambda programme: programme.id)


type Suitable = dict[tuple[str, str, str], tuple[Programme, ...]]


def suitable(world: FundingWorld, weight: float, programmes: Sequence[Programme]) -> Suitable:
    """Return the programmes that may pay, at their time, for proposals by task, level and kind; none: no entry."""
    return kept(world.region, ("suitable programmes", weight), lambda: _suitable(programmes))


def _suitable(programmes: Sequence[Programme]) -> Suitable:
    tasks = sorted({task for programme in programmes for task in programme.tasks})
    purposes = product(tasks, LEVELS, ("post", "project"))
    found = {purpose: tuple(p for p in programmes if p.suits(*purpose)) for purpose in purposes}
    return {purpose: some for purpose, some in found.items() if some}


def monthly_sums(programmes: Sequence[Programme]) -> tuple[list[int], list[int]]:
    """Return from which months on programmes have other sums together than before, and the cents a month from then on.

    >>> monthly_sums([])
    ([], [])
    """
    changes = sorted({month for p in programmes for month in (p.first, p.last + 1)})
    sums = [sum(sum(p.cap_cents) // 12 for p in programmes if p.first <= month <= p.last) for month in changes]
    return changes, sums


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(";") if word.strip()]


def span_of(start: str, end: str) -> tuple[int, int]:
    """Return the month numbers of two labels `YYYY-MM`; one that is left empty lies beyond every run.

    >>> span_of("2015-01", "")[1] > span_of("", "2030-12")[1]
    True
    """
    return month_index(start) if start else _FIRST, month_index(end) if end else _LAST
