"""The conditions of a month: asylum procedure, labour market and housing, from the region's series and the
parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ....agents.integration.adult_rules import most_job_hazard
from ...calendar import month_index

if TYPE_CHECKING:
    from ...parameters import Parameters
    from ...region import Region

# Conditions of a month: for the country (procedure, labour market) and for each municipality.
COUNTRY = np.dtype(
    [
        ("mean_wait", "f8"),  # months from arrival to decision
        ("protected_good", "f8"),  # probability of protection with good prospects
        ("protected_uncertain", "f8"),
        ("refugee_part", "f8"),  # recognised among the protected
        ("closed_part", "f8"),  # formally closed among the not protected
        ("labour", "f8"),  # job-start multiplier of the district's labour market
        ("most_job_hazard", "f8"),  # the same in all months: see the rule of this name
    ]
)
# `lessons` adds up the whole lessons of federal courses that its adults attend in the month.
PLACE = np.dtype([("remote", "f8"), ("flats", "f8"), ("jobs", "f8"), ("kita", "f8"), ("lessons", "f8")])

_PANDEMIC = (month_index("2020-03"), month_index("2021-05"))


class Conditions:
    """Series by month that are the same for every variant of a scenario."""

    def __init__(self, region: Region, parameters: Parameters) -> None:
        """Read the region's series once; months before or after them take their first or last value."""
        self.p = parameters
        self._known: dict[int, np.record] = {}
        arrivals = region.arrivals
        first = arrivals.loc[arrivals["district_index"] == 0].sort_values(by="month_index")
        self._months = first["month_index"].to_numpy(np.float64)
        self._series = {
            name: first[name].to_numpy(np.float64)
            for name in (
                "refugee_share", "subsidiary_share", "ban_share", "rejected_share", "closed_share", "procedure_months",
            )
        }  # fmt: skip
        self._good_share = region.households["asylum"]["good_prospect_share"]
        rates = region.labour.loc[region.labour["indicator"] == "unemployment_rate"]
        self._rate_months = np.array([month_index(month) for month in rates["month"]], np.float64)
        self._rates = rates["value"].to_numpy(np.float64)
        order = np.argsort(self._rate_months, kind="stable")
        self._rate_months, self._rates = self._rate_months[order], self._rates[order]
        towns = region.municipalities
        self._remote = (towns["km_to_centre"].to_numpy(np.float64) > parameters.remote_km).astype(np.float64)

    def _at(self, name: str, month: int) -> float:
        return float(np.interp(month, self._months, self._series[name]))

    def of(self, month: int) -> np.record:
        """Return the country's record of a month; worked out once and not to be changed."""
        if month not in self._known:
            row = np.zeros(1, COUNTRY).view(np.recarray)[0]
            self.country(month, row)
            self._known[month] = row
        return self._known[month]

    def country(self, month: int, row: np.record) -> None:
        """Fill the country's record: waits and outcomes of the procedure, labour market."""
        p = self.p
        row.mean_wait = self._at("procedure_months", month) + p.application_wait
        refugee, subsidiary, ban = (self._at(f"{name}_share", month) for name in ("refugee", "subsidiary", "ban"))
        protected = refugee + subsidiary + ban
        good = min(p.protection_most, protected * p.good_prospect_odds)
        share = self._good_share
        uncertain = (protected - share * good) / (1.0 - share) if share < 1.0 else protected
        row.protected_good = good
        row.protected_uncertain = min(max(uncertain, 0.0), 1.0)
        row.refugee_part = refugee / protected if protected > 0 else 0.0
        rejected, closed = self._at("rejected_share", month), self._at("closed_share", month)
        row.closed_part = closed / (closed + rejected) if closed + rejected > 0 else 0.0
        rate = float(np.interp(month, self._rate_months, self._rates)) if len(self._rates) else p.unemployment_reference
        labour = 1.0 - p.labour_sensitivity * (rate - p.unemployment_reference)
        if _PANDEMIC[0] <= month <= _PANDEMIC[1]:
            labour *= p.pandemic_jobs
        row.labour = max(0.1, labour)
        row.most_job_hazard = most_job_hazard(p)

    def places(self, rows: np.ndarray) -> None:
        """Fill the municipalities' records: remoteness, supply of flats, jobs and day care; no lesson yet."""
        rows["remote"] = self._remote
        rows["flats"] = self.p.vacant_flats
        rows["jobs"] = 1.0
        rows["kita"] = 1.0
        rows["lessons"] = 0.0
