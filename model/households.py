"""The table of households: who arrives, one month of life for all rows, and which needs open.

The arrival stream is a function of the region, the scenario and the seed alone: every variant of a seed sees the same
people with the same identities. The municipality is chosen at arrival by the variant's allocation rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents.codes import (
    COLLECTIVE,
    DECENTRAL,
    EMERGENCY,
    GOOD_PROSPECT,
    HERE,
    LEFT,
    MAX_ADULTS,
    MAX_CHILDREN,
    NEVER,
    NOT_YET,
    PRIVATE,
    PROCEDURE,
    TEMPORARY,
    UKRAINE,
    UNCERTAIN,
)
from ..agents.household import ADULT, HOUSEHOLD
from ..agents.jit import rule
from ..agents.life_course import DRAW_ADULT, DRAW_FAMILY, DRAW_STATUS, household_month
from .rng import ARRIVALS, uniforms
from .rng import HOUSEHOLD as HOUSEHOLD_STREAM

if TYPE_CHECKING:
    from .parameters import Parameters
    from .region import Region

COMPOSITION = (
    "single_person_share",
    "family_mean_children",
    "couple_share_of_families",
    "female_share_single",
    "age_18_25_share",
    "age_25_35_share",
    "age_35_50_share",
    "child_under3_share",
    "child_3to5_share",
    "education_low",
    "education_mid",
    "literacy_need_share",
    "vocation_share",
    "vulnerable_share",
    "good_prospect_share",
)
COMPOSITION_DTYPE = np.dtype([(name, "f8") for name in COMPOSITION])

# Conditions of a month: for the country (procedure, labour market) and for each municipality.
COUNTRY = np.dtype(
    [
        ("mean_wait", "f8"),  # months from arrival to decision
        ("protected_good", "f8"),  # probability of protection with good prospects
        ("protected_uncertain", "f8"),
        ("refugee_part", "f8"),  # recognised among the protected
        ("closed_part", "f8"),  # formally closed among the not protected
        ("labour", "f8"),  # job-start multiplier of the district's labour market
    ]
)
PLACE = np.dtype([("remote", "f8"), ("flats", "f8"), ("jobs", "f8"), ("kita", "f8")])

# Draws at arrival: blocks of four.
_WHO = 1  # single or family, children, couple, sex
_MIND = 2  # prospect, vulnerable, finds a flat easily, private at once
_CHILDREN = 3  # ages of up to four children
_ADULT = 4  # + number of the adult: age, education, vocation and literacy, talent
_ALLOCATION = 8


@rule
def draw_household(h: Any, a0: Any, a1: Any, seed: int, identity: int, month: int, stream: int, c: Any, p: Any) -> int:
    """Fill one household's rows from its identity; return its number of persons.

    `stream` 0 is asylum, 1 Ukraine; `c` the household composition of the region. In persons' terms a share
    `single_person_share` lives alone; the rest in families of one or two adults.
    """
    u_single, u_children, u_couple, u_sex = uniforms(seed, ARRIVALS, identity, 0, _WHO)
    u_prospect, u_vulnerable, u_flat, u_private = uniforms(seed, ARRIVALS, identity, 0, _MIND)
    mean_family = 1.0 + c.couple_share_of_families + c.family_mean_children
    alone = c.single_person_share / (c.single_person_share + (1.0 - c.single_person_share) / mean_family)
    h.identity = identity
    h.arrived = month
    h.stay = NOT_YET
    n_children = 0
    couple = False
    if u_single >= alone:
        couple = u_couple < c.couple_share_of_families
        # Spread of family size: mean - 1, mean, mean + 1 children with probabilities 0.25, 0.5, 0.25, rounded by the
        # draw.
        spread = u_children * 4.0
        base = c.family_mean_children + (-1.0 if spread < 1.0 else (1.0 if spread >= 3.0 else 0.0))
        n_children = int(base + (spread - int(spread)))
        if n_children < (0 if couple else 1):
            n_children = 0 if couple else 1
        if n_children > MAX_CHILDREN:
            n_children = MAX_CHILDREN
    h.n_children = n_children
    h.n_adults = 2 if couple else 1
    if stream == 1:
        h.origin = UKRAINE
    else:
        h.origin = GOOD_PROSPECT if u_prospect < c.good_prospect_share else UNCERTAIN
    h.status = TEMPORARY if stream == 1 else PROCEDURE
    h.status_since = month
    h.bound_until = NEVER
    h.vulnerable = 1 if u_vulnerable < c.vulnerable_share else 0
    h.finds_flat_easily = 1 if u_flat < p.flat_easy_share else 0
    h.accommodation = PRIVATE if stream == 1 and u_private < p.private_at_arrival else EMERGENCY
    h.moved_in = month
    h.guide = -1
    h.trust = p.trust_rest
    h.delay_scar = 1.0
    for k in range(len(h.served_at)):
        h.served_at[k] = NEVER
    v0, v1, v2, v3 = uniforms(seed, ARRIVALS, identity, 0, _CHILDREN)
    for j in range(n_children):
        v = v0 if j == 0 else (v1 if j == 1 else (v2 if j == 2 else v3))
        if v < c.child_under3_share:
            age = v / c.child_under3_share * 36.0
        elif v < c.child_under3_share + c.child_3to5_share:
            age = 36.0 + (v - c.child_under3_share) / c.child_3to5_share * 36.0
        else:
            rest = 1.0 - c.child_under3_share - c.child_3to5_share
            age = 72.0 + (v - c.child_under3_share - c.child_3to5_share) / rest * 144.0
        h.child_born[j] = month - int(age)
    for j in range(MAX_ADULTS):
        a = a0 if j == 0 else a1
        if j == 1 and not couple:
            a.present = 0
            continue
        u_age, u_education, u_skills, u_talent = uniforms(seed, ARRIVALS, identity, 0, _ADULT + j)
        a.present = 1
        if couple:
            a.female = j
        else:
            single_parent = n_children > 0
            a.female = (
                1
                if (single_parent and u_sex < p.lone_parent_female)
                or (not single_parent and u_sex < c.female_share_single)
                else 0
            )
        band_1 = c.age_18_25_share
        band_2 = band_1 + c.age_25_35_share
        band_3 = band_2 + c.age_35_50_share
        if u_age < band_1:
            years = 18.0 + u_age / band_1 * 7.0
        elif u_age < band_2:
            years = 25.0 + (u_age - band_1) / c.age_25_35_share * 10.0
        elif u_age < band_3:
            years = 35.0 + (u_age - band_2) / c.age_35_50_share * 15.0
        else:
            years = 50.0 + (u_age - band_3) / (1.0 - band_3) * 14.0
        a.born = month - int(years * 12.0)
        a.education = (
            0 if u_education < c.education_low else (1 if u_education < c.education_low + c.education_mid else 2)
        )
        a.vocation = 1 if u_skills < c.vocation_share else 0
        a.literacy = 1 if u_skills > 1.0 - c.literacy_need_share else 0
        a.talent = (0.5 + u_talent) * (p.language_women if int(a.female) == 1 else 1.0)
        a.first_work = NEVER
        a.course_since = NEVER
    return int(h.n_adults) + n_children


@rule
def draw_arrivals(
    table: Any, adults: Any, seed: int, months: Any, persons: Any, districts: Any, identities: Any, streams: Any,
    composition: Any, p: Any,
) -> int:  # fmt: skip
    """Fill the table with the whole arrival stream; return the number of households.

    `months`, `persons`, `districts`, `streams` describe batches in time order; `identities` gives each district's draw
    identity. A batch that would overshoot its persons carries the difference over to the next of its district and
    stream.
    """
    n = 0
    carry = np.zeros((len(identities), 2))
    sequence = np.zeros((len(identities), 2), np.int64)
    for b in range(len(months)):
        d = districts[b]
        s = streams[b]
        carry[d, s] += persons[b]
        while carry[d, s] >= 1.0 and n < len(table):
            identity = (int(identities[d]) << 24) | (int(s) << 22) | int(sequence[d, s])
            size = draw_household(
                table[n], adults[2 * n], adults[2 * n + 1], seed, identity, int(months[b]), int(s), composition[s], p
            )
            table[n].district = d
            carry[d, s] -= size
            sequence[d, s] += 1
            n += 1
    return n


@rule
def live_row(table: Any, adults: Any, i: int, month: int, seed: int, country: Any, places: Any, p: Any) -> None:
    """Let one household live a month: draw its random numbers and apply the rules."""
    h = table[i]
    a0 = adults[2 * i]
    a1 = adults[2 * i + 1]
    identity = int(h.identity)
    w0, w1, w2, w3 = uniforms(seed, HOUSEHOLD_STREAM, identity, month, DRAW_STATUS)
    f0, f1, f2, f3 = uniforms(seed, HOUSEHOLD_STREAM, identity, month, DRAW_FAMILY)
    s0, k0, e0, l0 = uniforms(seed, HOUSEHOLD_STREAM, identity, month, DRAW_ADULT)
    s1, k1, e1, l1 = 0.0, 0.0, 0.0, 0.0
    if a1.present == 1:
        s1, k1, e1, l1 = uniforms(seed, HOUSEHOLD_STREAM, identity, month, DRAW_ADULT + 1)
    household_month(
        h, a0, a1, month, country, places[int(h.municipality)], p,
        w0, w1, w2, w3, f0, f1, f2, f3, s0, k0, e0, l0, s1, k1, e1, l1,
    )  # fmt: skip


@rule
def live_all(table: Any, adults: Any, n: int, month: int, seed: int, country: Any, places: Any, p: Any) -> None:
    """Let the first `n` households that are here live one month."""
    for i in range(n):
        if table[i].stay == HERE and table[i].arrived < month:
            live_row(table, adults, i, month, seed, country, places, p)


@rule
def settle(
    table: Any,
    first: int,
    end: int,
    seed: int,
    shares: Any,
    order: Any,
    starts: Any,
    gu_free: Any,
    gu_at: Any,
    gu_share: float,
) -> None:
    """Give the households first..end-1 a municipality by cumulative `shares` (D, M) taken in `order`, and a roof.

    The municipalities of district d stand in `order` from `starts[d]` to `starts[d + 1]`.

    Free places in collective accommodation (`gu_free`, changed in place) go to asylum seekers first, at the place
    they are.
    """
    for i in range(first, end):
        h = table[i]
        u_place, u_gu, _, _ = uniforms(seed, ARRIVALS, int(h.identity), 0, _ALLOCATION)
        d = int(h.district)
        total = 0.0
        chosen = -1
        for j in range(starts[d], starts[d + 1]):
            m = order[j]
            if shares[d, m] > 0.0:
                chosen = m
                total += shares[d, m]
                if u_place < total:
                    break
        persons = int(h.n_adults) + int(h.n_children)
        if int(h.status) == PROCEDURE:
            site = gu_at[d]
            if site >= 0 and gu_free[site] >= persons and u_gu < gu_share:
                gu_free[site] -= persons
                chosen = site
                h.accommodation = COLLECTIVE
        h.municipality = chosen
        h.stay = HERE


@rule
def count_newcomers(table: Any, n: int, month: int, out: Any) -> None:
    """Add the persons of households that are here and arrived after `month` to `out` (M,)."""
    for i in range(n):
        if table[i].stay == HERE and table[i].arrived > month:
            out[int(table[i].municipality)] += int(table[i].n_adults) + int(table[i].n_children)


@rule
def count_in_collective(table: Any, n: int, free: Any) -> None:
    """Take the persons in collective accommodation off the free places (M,)."""
    for i in range(n):
        if table[i].stay == HERE and table[i].accommodation == COLLECTIVE:
            free[int(table[i].municipality)] -= int(table[i].n_adults) + int(table[i].n_children)


class Households:
    """All households of a run: the tables, the arrival stream and its pointer, and the conditions of the month."""

    def __init__(self, region: Region, parameters: Parameters, seed: int, *, factors: tuple[float, float]) -> None:
        """Draw the whole arrival stream of a run; `factors` scale asylum and Ukrainian arrivals (scenario)."""
        self.seed = seed
        self.p = parameters.record("household")
        batches = _batches(region, factors)
        capacity = int(sum(persons for _, persons, _, _ in batches)) + 2 * len(region.districts) + 8
        self.table: Any = np.zeros(capacity, HOUSEHOLD).view(np.recarray)  # one row per household
        self.adults: Any = np.zeros(MAX_ADULTS * capacity, ADULT).view(np.recarray)
        composition = np.zeros(2, COMPOSITION_DTYPE).view(np.recarray)
        for s, stream in enumerate(("asylum", "ukraine")):
            for name in COMPOSITION:
                composition[s][name] = region.households[stream].get(name, 0.0)
        identities = np.array([district.identity for district in region.districts], np.int64)
        columns = (
            [np.array(column) for column in zip(*batches, strict=True)] if batches else [np.zeros(0, np.int64)] * 4
        )
        total = draw_arrivals(
            self.table, self.adults, seed, columns[0].astype(np.int64), columns[1].astype(np.float64),
            columns[2].astype(np.int64), identities, columns[3].astype(np.int64), composition, self.p,
        )  # fmt: skip
        self.table = self.table[:total].copy().view(np.recarray)
        self.adults = self.adults[: MAX_ADULTS * total].copy().view(np.recarray)
        self._arrived = self.table.arrived.copy()  # never falls from row to row
        self.n = 0  # households that have arrived: rows 0..n-1
        self.country = np.zeros(1, COUNTRY).view(np.recarray)
        self.places = np.ones(len(region.keys), PLACE).view(np.recarray)

    def arrive(
        self, month: int, shares: np.ndarray, order: np.ndarray, starts: np.ndarray, gu_free: np.ndarray,
        gu_at: np.ndarray,
    ) -> range:  # fmt: skip
        """Let the households of the month arrive and settle; return their rows."""
        first = self.n
        end = max(first, int(np.searchsorted(self._arrived, month, side="right")))
        settle(self.table, first, end, self.seed, shares, order, starts, gu_free, gu_at, self.p.gu_share)
        self.n = end
        return range(first, end)

    def live(self, month: int) -> None:
        """Let every household that is here live one month (compiled loop)."""
        live_all(self.table, self.adults, self.n, month, self.seed, self.country[0], self.places, self.p)

    def live_one(self, row: int, month: int) -> None:
        """Let one household live one month: the same rules as in `live`, for a single row."""
        if self.table[row].stay == HERE and self.table[row].arrived < month:
            live_row(self.table, self.adults, row, month, self.seed, self.country[0], self.places, self.p)

    def arrived_since(self, month: int, places: int) -> np.ndarray:
        """Return the persons here now whose household arrived after a month, by municipality."""
        out = np.zeros(places)
        count_newcomers(self.table, self.n, month, out)
        return out

    @property
    def here(self) -> np.ndarray:
        """Mask of the arrived rows whose household is in the region now."""
        return self.table.stay[: self.n] == HERE

    @property
    def persons(self) -> np.ndarray:
        """Persons of each arrived household."""
        table = self.table[: self.n]
        return table.n_adults.astype(np.int64) + table.n_children


def _batches(region: Region, factors: tuple[float, float]) -> list[tuple[int, float, int, int]]:
    """Return the arrival batches (month, persons, district, stream) in time order, the starting stock first."""
    batches: list[tuple[int, float, int, int]] = []
    stock = region.initial.get("stock_2013_12", 0.0)
    spread = 12
    per_batch = stock / spread / len(region.districts)
    first, districts = region.history_start_month, range(len(region.districts))
    batches += [(first - back, per_batch, d, 0) for back in range(spread, 0, -1) for d in districts]
    table = region.arrivals.sort_values(["month_index", "district_index"], kind="stable")
    row: Any
    for row in table.itertuples():
        month = int(row.month_index)
        factor = factors if month >= region.start_month else (1.0, 1.0)
        batches.append((month, float(row.asylum_persons) * factor[0], int(row.district_index), 0))
        batches.append((month, float(row.ukraine_persons) * factor[1], int(row.district_index), 1))
    return batches


__all__ = ["COUNTRY", "DECENTRAL", "LEFT", "PLACE", "Households", "draw_household", "live_all", "live_row"]
