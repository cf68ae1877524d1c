"""Drawing a survey sample from simulated people: strata, clusters, non-response, and the weights that undo them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..agents.integration.codes import NO_WORK

if TYPE_CHECKING:
    from .people import Columns

STRATA = ("large", "middle", "small")


@dataclass(frozen=True, slots=True)
class SampleDesign:
    """How a made-up survey asks people; what is not stated in a source is an assumption of the example.

    `n` people are asked in a wave. Stratified: municipalities by number of eligible people in three strata, all asked
    alike, so that people of small places are over-represented. Clustered: sampling points of about `point` adults of a
    municipality are drawn, and `per_point` people in each. Who answers depends on work and German: `response` is the
    chance of somebody without work and with A2; its odds are multiplied by `odds_work` for people at work and by
    `odds_level` for each further level of German. `item_missing` is the share of single questions left out.
    """

    n: int = 800
    stratified: bool = True
    clustered: bool = True
    panel: bool = False
    response: float = 0.6
    odds_work: float = 0.4
    odds_level: float = 1.3
    item_missing: float = 0.05
    point: int = 20
    per_point: int = 8


@dataclass(frozen=True, slots=True)
class Sample:
    """Respondents: rows of the people's columns, with weight, stratum and cluster; shape (respondents,) each.

    `asked` is the number of people who were asked.
    """

    rows: np.ndarray
    weight: np.ndarray
    stratum: np.ndarray
    cluster: np.ndarray
    asked: int = 0


def draw_sample(adults: Columns, design: SampleDesign, random: np.random.Generator) -> Sample:
    """Draw people, let some not answer, and weight the rest by the inverse of both chances."""
    asked = _asked(adults, design, random)
    chance = response_chance(adults, design)[asked.rows]
    answers = random.random(len(asked.rows)) < chance
    weight = asked.weight / chance
    return Sample(asked.rows[answers], weight[answers], asked.stratum[answers], asked.cluster[answers], len(chance))


def follow(adults: Columns, earlier: Mapping[int, tuple[float, str, str]], design: SampleDesign,
           random: np.random.Generator) -> Sample:  # fmt: skip
    """Ask the persons of an earlier wave again; `earlier` has weight, stratum and cluster by person."""
    rows = np.flatnonzero(np.isin(adults["person"], list(earlier)))
    chance = response_chance(adults, design)[rows]
    # Who took part before takes part again more often: half of the refusals fall away.
    chance = 1.0 - 0.5 * (1.0 - chance)
    answers = random.random(len(rows)) < chance
    n_asked = len(rows)
    rows, chance = rows[answers], chance[answers]
    known = [earlier[int(person)] for person in adults["person"][rows]]
    weight = np.array([weight for weight, _, _ in known]) / chance
    return Sample(rows, weight, np.array([s for _, s, _ in known]), np.array([c for _, _, c in known]), n_asked)


def response_chance(adults: Columns, design: SampleDesign) -> np.ndarray:
    """Return each person's chance to answer when asked, shape (n,)."""
    odds = design.response / (1.0 - design.response) * np.ones(len(adults["person"]))
    odds *= np.where(adults["work"] != NO_WORK, design.odds_work, 1.0)
    odds *= design.odds_level ** (adults["level"] - 2.0)
    return odds / (1.0 + odds)


def _asked(adults: Columns, design: SampleDesign, random: np.random.Generator) -> Sample:
    """Draw the people to ask, with the inverse of their chance as weight."""
    stratum_of = _strata(adults, design)
    points = _points(adults, design, random)
    parts: list[Sample] = []
    names = [name for name in STRATA if (stratum_of == name).any()] if design.stratified else ["all"]
    for name in names:
        members = np.flatnonzero(stratum_of == name)
        n = min(len(members), round(design.n / len(names)))
        if design.clustered:
            parts.append(_from_points(members, points, name, n, design, random))
        else:
            rows = random.choice(members, n, replace=False)
            parts.append(Sample(rows, np.full(n, len(members) / n), np.full(n, name), np.full(n, "")))
    rows, weight, stratum, cluster = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("rows", "weight", "stratum", "cluster")
    )
    order = np.argsort(rows, kind="stable")
    return Sample(rows[order], weight[order], stratum[order], cluster[order])


def _from_points(members: np.ndarray, points: np.ndarray, stratum: str, n: int, design: SampleDesign,
                 random: np.random.Generator) -> Sample:  # fmt: skip
    """Draw sampling points of a stratum and people in each."""
    known = np.unique(points[members])
    count = min(len(known), max(2, round(n / design.per_point)))
    rows: list[np.ndarray] = []
    weights: list[np.ndarray] = []
    for point in random.choice(known, count, replace=False):
        inside = members[points[members] == point]
        m = min(len(inside), max(1, -(-n // count)))
        rows.append(random.choice(inside, m, replace=False))
        weights.append(np.full(m, len(known) / count * len(inside) / m))
    chosen = np.concatenate(rows)
    names = np.array([f"{stratum[0].upper()}{point:04d}" for point in points[chosen]])
    return Sample(chosen, np.concatenate(weights), np.full(len(chosen), stratum), names)


def _strata(adults: Columns, design: SampleDesign) -> np.ndarray:
    """Return each person's stratum: municipalities in three groups of equal number, by eligible people."""
    if not design.stratified:
        return np.full(len(adults["person"]), "all")
    places, size = np.unique(adults["municipality"], return_counts=True)
    rank = np.empty(len(places), np.int64)
    rank[np.argsort(-size, kind="stable")] = np.arange(len(places))
    group = np.array(STRATA)[rank * len(STRATA) // len(places)]
    return group[np.searchsorted(places, adults["municipality"])]


def _points(adults: Columns, design: SampleDesign, random: np.random.Generator) -> np.ndarray:
    """Return each person's sampling point: households of a municipality in random order, in groups of `point`."""
    number = np.zeros(len(adults["person"]), np.int64)
    next_point = 0
    for place in np.unique(adults["municipality"]):
        inside = np.flatnonzero(adults["municipality"] == place)
        households = np.unique(adults["household"][inside])
        order = random.permutation(len(households))
        position = order[np.searchsorted(households, adults["household"][inside])]
        groups = max(1, round(len(inside) / design.point))
        number[inside] = next_point + position * groups // max(len(households), 1)
        next_point += groups
    return number
