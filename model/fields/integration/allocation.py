"""Allocation of arrivals: which municipality the households of a month come to, and who gets a place in the GU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ....agents.codes import HERE
from ....agents.integration.codes import COLLECTIVE, PROCEDURE
from ....agents.jit import rule
from ...rng import ARRIVALS, uniforms

if TYPE_CHECKING:
    from ...parameters import Parameters
    from ...region import Region

RULES = ("quota", "vacancy", "existing", "negotiated")
_ALLOCATION = 8  # purpose of draws at arrival: where a household goes


@rule
def settle(
    table: Any, first: int, end: int, seed: int, shares: Any, order: Any, starts: Any, gu_free: Any, gu_at: Any,
    gu_share: float,
) -> None:  # fmt: skip
    """Give the households first..end-1 a municipality by cumulative `shares` (D, M) taken in `order`, and a roof.

    The municipalities of district d stand in `order` from `starts[d]` to `starts[d + 1]`. Free places in collective
    accommodation (`gu_free`, changed in place) go to asylum seekers first, at the place they are (`gu_at`, -1: none).
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
def count_in_collective(table: Any, n: int, free: Any) -> None:
    """Take the persons in collective accommodation off the free places (M,)."""
    for i in range(n):
        if table[i].stay == HERE and table[i].accommodation == COLLECTIVE:
            free[int(table[i].municipality)] -= int(table[i].n_adults) + int(table[i].n_children)


class Allocation:
    """The shares of municipalities in arrivals under one allocation rule, and the places in collective accommodation.

    `quota` follows inhabitants; `vacancy` inhabitants where rents are low (vacancy itself is not published by
    municipality); `existing` mixes inhabitants with the distribution of 2014; `negotiated` inhabitants times
    willingness.
    """

    def __init__(self, region: Region, parameters: Parameters, rule: str, willingness: np.ndarray) -> None:
        """Compute the shares once; they do not change during a run."""
        towns = region.municipalities
        self.district_of = towns["district_index"].to_numpy(np.int64)
        self.n_districts = len(region.districts)
        self._places = towns["gu_places"].to_numpy(np.int64)
        population = region.population[min(region.population, key=lambda year: abs(year - 2014))].astype(np.float64)
        known = towns["asylum_2014"].to_numpy(np.float64)
        rents = towns["rent_limit_1p_eur"].to_numpy(np.float64)
        placed = np.zeros_like(known)
        for d in range(self.n_districts):
            inside = self.district_of == d
            if known[inside].sum() > 0:
                placed[inside] = known[inside] / known[inside].sum() * population[inside].sum()
        mixed = (1.0 - parameters.existing_weight) * population + parameters.existing_weight * placed
        weights = {
            "quota": population,
            "vacancy": population * (rents.max() / np.maximum(rents, 1.0)) ** parameters.vacancy_rent_power,
            "existing": mixed,
            "negotiated": population * willingness,
        }
        self.shares = self._by_district(weights[rule])
        self.past_shares = self._by_district(mixed)
        # Municipalities are drawn in the order of their keys, so that the rows of a file do not matter.
        self.order = np.lexsort((np.array(region.keys), self.district_of)).astype(np.int64)
        self.starts = np.searchsorted(self.district_of[self.order], np.arange(self.n_districts + 1)).astype(np.int64)
        self.gu_at = np.full(self.n_districts, -1, np.int64)
        for d in range(self.n_districts):
            places = np.where(self.district_of == d, self._places, 0)
            self.gu_at[d] = int(np.argmax(places)) if places.max() > 0 else -1

    def free_places(self) -> np.ndarray:
        """Return a copy of the places in collective accommodation, (M,)."""
        return self._places.copy()

    def shares_at(self, *, past: bool) -> np.ndarray:
        """Return the shares of municipalities in the arrivals of each district (D, M); `past` is before the start."""
        return self.past_shares if past else self.shares

    def _by_district(self, weight: np.ndarray) -> np.ndarray:
        shares = np.zeros((self.n_districts, len(weight)))
        for d in range(self.n_districts):
            inside = self.district_of == d
            shares[d, inside] = weight[inside] / weight[inside].sum()
        return shares
