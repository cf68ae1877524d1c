"""Who arrives: the stream of migrant households, a function of region, scenario and seed alone.

Every variant of a seed sees the same people with the same identities. The municipality is chosen at arrival by the
variant's allocation rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ....agents.codes import NEVER, NOT_YET
from ....agents.integration.codes import (
    EMERGENCY,
    GOOD_PROSPECT,
    MAX_ADULTS,
    MAX_CHILDREN,
    PRIVATE,
    PROCEDURE,
    TEMPORARY,
    UKRAINE,
    UNCERTAIN,
)
from ....agents.jit import rule
from ...rng import ARRIVALS, uniforms

if TYPE_CHECKING:
    from ...region import Region

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

# Draws at arrival: blocks of four.
_WHO = 1  # single or family, children, couple, sex
_MIND = 2  # prospect, vulnerable, finds a flat easily, private at once
_CHILDREN = 3  # ages of up to four children
_ADULT = 4  # + number of the adult (4, 5): age, education, vocation and literacy, talent
_WISHES = 6  # day care; the other three are not used


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
    u_kita, _, _, _ = uniforms(seed, ARRIVALS, identity, 0, _WISHES)
    h.kita_rank = int(u_kita * 256.0)
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
        a.placed_from = NEVER
        a.placed_until = NEVER
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


def batches(region: Region, factors: tuple[float, float]) -> list[tuple[int, float, int, int]]:
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
