"""Where a projection starts: the taxes of every municipality by kind and year, inferred from what is published.

Published is mostly the key allocation; the law solved for the tax capacity (`implied_capacity`) gives the rest. The
capacity is split into taxes by shares (parameters with ranges), corrected by single taxes the region file knows. Every
year with a published allocation is met exactly; in between and outside, the taxes follow the district's known levy base
and then a growth parameter. All of this is estimated; `TaxStart.confidence` says how well each municipality is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import PortableLaw
from .figures import LawYears, People, figure, in_force, nearest

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import ModuleType

    from ..parameters import Parameters
    from ..region import Region
    from .amounts import FloatArray

DEFAULT_YEAR = 2018
"""Equalisation year of `capacity_per_head_eur`, used where a region file knows no municipal figure."""
_SWEEPS = 20
_CLOSE = 1e-6
_CLOSE_TAX = 1e-10
_STEPS = 40
OWN = ("property_a", "property_b", "trade")
SHARED = ("income", "compensation", "turnover")
KINDS = (*OWN, *SHARED)


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Taxes of one year by kind, (M,): own taxes at a rate of 100 %, shared taxes as received, EUR."""

    property_a: FloatArray
    property_b: FloatArray
    trade: FloatArray
    income: FloatArray
    compensation: FloatArray
    turnover: FloatArray

    def scaled(self, factor: FloatArray) -> dict[str, FloatArray]:
        """Return all kinds multiplied by a factor."""
        return {name: getattr(self, name) * factor for name in KINDS}


class TaxStart:
    """Taxes of all municipalities (M) of a region by kind in any calendar year, without changes.

    `anchors` restricts the equalisation years whose published allocations are met (default: all); with fewer, the
    others show how well the rest predicts them.
    """

    def __init__(self, region: Region, parameters: Parameters, *, anchors: Collection[int] | None = None) -> None:
        """Infer the taxes; raises InputError for a tax rate the law does not allow."""
        self.region, self.parameters = region, parameters
        self.module: ModuleType = PortableLaw(region.fiscal_law)
        self.laws = LawYears(self.module, parameters.revenue_growth)
        self.people = People(region, parameters.earlier_population_decline)
        self.district_of = region.municipalities["district_index"].to_numpy(np.int64)
        self._districts = len(region.districts)
        facts = region.finances
        self._published = figure(facts, "municipality", "schluesselzuweisung")
        self._rates = {
            kind: figure(facts, "municipality", name)
            for kind, name in (
                ("property_a", "grundsteuer_a_hebesatz"),
                ("property_b", "grundsteuer_b_hebesatz"),
                ("trade", "gewerbesteuer_hebesatz"),
            )
        }
        self._required: dict[int, FloatArray] = {}
        self._rates_of: dict[int, dict[str, FloatArray]] = {}
        per_head = figure(facts, "municipality", "steuerkraft_per_head")
        self.reference_year = self._reference_year(per_head)
        capacity, self.confidence = self._capacity(per_head)
        self.split = self._split_of(capacity)
        fixed = self._anchor_scales(anchors)
        self._anchors = np.array(sorted(fixed))
        self._log_fixed = np.log([fixed[year] for year in sorted(fixed)])
        self._brackets: dict[int, tuple[np.ndarray, np.ndarray, FloatArray]] = {}
        self._trend: dict[int, FloatArray] = {}
        self._known_totals = self._totals()
        self._fit_trend()

    # ---- what a projection reads ----------------------------------------------------------------------------

    def taxes(self, year: int) -> dict[str, FloatArray]:
        """Return the taxes of a calendar year by kind, EUR (M,): own taxes at a rate of 100 %, shared as received."""
        return self.split.scaled(self.scale(year))

    def rates(self, year: int) -> dict[str, FloatArray]:
        """Return the tax rates (Hebesätze) in force in a year by own tax, percent (M,)."""
        if year in self._rates_of:
            return dict(self._rates_of[year])
        p = self.parameters
        otherwise = {
            "property_a": p.property_rate_default_pct,
            "property_b": p.property_rate_default_pct,
            "trade": p.trade_rate_default_pct,
        }
        out: dict[str, FloatArray] = {}
        for kind, table in self._rates.items():
            values = [in_force(table[key], year) if key in table else otherwise[kind] for key in self.region.keys]
            out[kind] = np.array(values, np.float64)
        self._rates_of[year] = out
        return dict(out)

    def tax_year(self, year: int) -> Any:
        """Return receipts and rates of a year as the law reads them (`TaxYear`)."""
        return self.receipts(self.taxes(year), self.rates(year))

    def receipts(self, taxes: dict[str, FloatArray], rates: dict[str, FloatArray]) -> Any:
        """Return receipts at given rates as the law reads them, from own taxes at 100 % and shared ones."""
        return self.module.TaxYear(
            **{kind: taxes[kind] * rates[kind] / 100.0 for kind in OWN},
            **{kind: taxes[kind] for kind in SHARED},
            rate_a=rates["property_a"],
            rate_b=rates["property_b"],
            rate_trade=rates["trade"],
        )

    def counted(self, year: int) -> tuple[FloatArray, FloatArray]:
        """Return inhabitants of t - 2 and of the ten years before, (M,) and (10, M)."""
        lag, span = self.module.DATA_LAG_YEARS, self.module.DEMOGRAPHY_YEARS
        last = year - lag
        return self.people(last), np.stack([self.people(y) for y in range(last - span, last)])

    def scale(self, year: int) -> FloatArray:
        """Return the level of all taxes of a calendar year relative to the reference tax year, (M,)."""
        trend = self._trend_of(year)[self.district_of]
        return trend * self._deviation(year)

    # ---- level of the reference year ------------------------------------------------------------------------

    def _reference_year(self, per_head: dict[str, dict[int, float]]) -> int:
        """Return the equalisation year for which most municipalities are known, the earliest of equals."""
        keys = self.region.keys
        years = sorted({year for table in (per_head, self._published) for key in keys for year in table.get(key, ())})
        years = [year for year in years if self.laws.in_tables(year)]

        def known(year: int) -> int:
            return sum((year in per_head.get(key, ())) + (year in self._published.get(key, ())) for key in keys)

        return max(years, key=lambda year: (known(year), -year)) if years else DEFAULT_YEAR

    def required(self, year: int) -> FloatArray:
        """Return the requirement of a year without changes (Ausgangsmesszahl), EUR (M,)."""
        if year not in self._required:
            self._required[year] = self._requirement(year)
        return self._required[year]

    def _requirement(self, year: int) -> FloatArray:
        module, law = self.module, self.laws(year)
        people, earlier = self.counted(year)
        counted = np.asarray(module.counted_population(people, earlier, law=law))
        kita = module.kita_points(self.parameters.kita_children_share * people, law=law)
        return np.asarray(module.requirement(np.asarray(module.main_points(counted)) + kita, law=law))

    def _capacity(self, per_head: dict[str, dict[int, float]]) -> tuple[FloatArray, tuple[str, ...]]:
        """Return the tax capacity of the reference year, EUR (M,), and how well it is known.

        A published allocation is solved for the capacity; else the published capacity per head counts, else a mean.
        """
        year, people = self.reference_year, self.people(self.reference_year - self.module.DATA_LAG_YEARS)
        required = self.required(year)
        heads = [nearest(per_head[key], year) if key in per_head else np.nan for key in self.region.keys]
        given = np.array(heads) * people
        capacity = np.where(np.isnan(given), self.parameters.capacity_per_head_eur * people, given)
        facts = self.region.finances
        facts = facts[(facts["indicator"] == "steuerkraft_per_head") & (facts["level"] == "municipality")]
        known_as = dict(zip(facts["key"], facts["confidence"], strict=True))
        words = ["assumption"] * len(self.region.keys)
        for i, key in enumerate(self.region.keys):
            if key in per_head:
                words[i] = str(known_as[key]) or "estimated"
            paid = self._published.get(key, {}).get(year)
            if paid is None:
                continue
            words[i] = "derived"
            if paid > 0.0:
                law = self.laws(year)
                capacity[i] = self.module.implied_capacity(paid, required[i], people[i], law=law)
            else:  # no allocation: at least as strong as its requirement
                capacity[i] = max(capacity[i], required[i])
        return np.maximum(capacity, 0.0), tuple(words)

    def _split_of(self, capacity: FloatArray) -> Split:
        """Return the taxes behind the capacity of the reference year."""
        p, module, law = self.parameters, self.module, self.laws(self.reference_year)
        tax_year = self.reference_year - module.DATA_LAG_YEARS
        people = self.people(tax_year)
        mean = capacity.sum() / max(people.sum(), 1.0)
        level = capacity + p.trade_concentration * (mean * people - capacity)  # capacity, or the mean per head
        share_income = 1.0 - p.capacity_share_trade - p.capacity_share_property - p.capacity_share_turnover
        weights = np.array([p.capacity_share_property, share_income, p.capacity_share_turnover])
        parts = weights[:, np.newaxis] * level
        known = self._known_capacity(tax_year, people)
        trade = np.where(np.isnan(known["trade"]), capacity - parts.sum(axis=0), known["trade"])
        trade = np.clip(trade, 0.0, capacity)
        parts[1] = np.where(np.isnan(known["income"]), parts[1], np.minimum(known["income"], capacity - trade))
        fixed = np.isnan(known["income"]) == 0
        free = parts.sum(axis=0) - np.where(fixed, parts[1], 0.0)
        room = capacity - trade - np.where(fixed, parts[1], 0.0)
        factor = np.divide(room, free, out=np.zeros_like(room), where=free > 0.0)
        parts = parts * np.where(fixed & (np.arange(3)[:, np.newaxis] == 1), 1.0, factor)
        rates = self.rates(tax_year)
        wanted = {
            "property_a": parts[0] * p.property_a_part,
            "property_b": parts[0] * (1.0 - p.property_a_part),
            "trade": trade,
            "income": parts[1],
            "turnover": parts[2],
        }
        return Split(**self._behind(wanted, rates, people, law))

    def _behind(
        self, wanted: dict[str, FloatArray], rates: dict[str, FloatArray], people: FloatArray, law: Any
    ) -> dict[str, FloatArray]:
        """Return the taxes whose capacities are `wanted`, kind by kind: the law's capacity function solved by steps."""
        ratio = float(self.module.income_tax_compensation(1.0, law=law))
        taxes: dict[str, FloatArray] = {
            kind: wanted.get(kind, np.zeros_like(people)) * (1.0 if kind in SHARED else 1.0 / 3.0) for kind in KINDS
        }
        none = np.zeros_like(people)
        for kind, goal in wanted.items():
            # One tax at a time, because what lies above the levelling rates is summed over taxes in the parts.
            for _ in range(_STEPS):
                alone = dict.fromkeys(KINDS, none) | {kind: taxes[kind]}
                if kind == "income":
                    alone["compensation"] = ratio * alone["income"]
                part = self.module.tax_capacity(self.receipts(alone, rates), population=people, law=law).total
                change = np.divide(goal, part, out=np.ones_like(goal), where=np.asarray(part) > 0.0)
                taxes[kind] = taxes[kind] * change
                if np.abs(change - 1.0).max(initial=0.0) < _CLOSE_TAX:
                    break
        taxes["compensation"] = ratio * taxes["income"]
        return taxes

    def _known_capacity(self, tax_year: int, people: FloatArray) -> dict[str, FloatArray]:
        """Return the capacity of single taxes the region file knows, EUR (M,), NaN where it does not.

        A figure of another year moves to the reference tax year with the growth parameter.
        """
        rates, law = self.rates(tax_year), self.laws(self.reference_year)
        ratio = float(self.module.income_tax_compensation(1.0, law=law))
        out: dict[str, FloatArray] = {}
        for kind, indicator in (("trade", "trade_tax"), ("income", "income_tax_share")):
            table = figure(self.region.finances, "municipality", indicator)
            known = np.full(people.shape, np.nan)
            for i, key in enumerate(self.region.keys):
                if key not in table:
                    continue
                year = min(table[key], key=lambda y: abs(y - tax_year))
                known[i] = table[key][year] * (1.0 + self.parameters.revenue_growth) ** (tax_year - year)
            taxes = {name: np.zeros_like(people) for name in KINDS}
            taxes[kind] = np.nan_to_num(known) * (100.0 / rates["trade"] if kind == "trade" else 1.0)
            taxes["compensation"] = ratio * taxes["income"]
            total = self.module.tax_capacity(self.receipts(taxes, rates), population=people, law=law).total
            out[kind] = np.where(np.isnan(known), np.nan, total)
        return out

    # ---- path over the years --------------------------------------------------------------------------------

    def capacity_in(self, year: int) -> FloatArray:
        """Return the tax capacity of an equalisation year without changes, EUR (M,)."""
        tax_year = year - self.module.DATA_LAG_YEARS
        people, law = self.people(tax_year), self.laws(year)
        return np.asarray(self.module.tax_capacity(self.tax_year(tax_year), population=people, law=law).total)

    def allocation_in(self, year: int) -> FloatArray:
        """Return the key allocation of a year without changes and rounding, EUR (M,)."""
        return self._allocation_for(self.capacity_in(year), year)

    def _allocation_for(self, capacity: FloatArray, year: int) -> FloatArray:
        law, people = self.laws(year), self.people(year - self.module.DATA_LAG_YEARS)
        regular = self.module.regular_allocation(self.required(year), capacity, law=law)
        return np.asarray(regular + self.module.special_allocation(capacity, people, law=law))

    def _anchor_scales(self, anchors: Collection[int] | None) -> dict[int, FloatArray]:
        """Return by tax year the level of taxes that leads to each published allocation, (M,), NaN where none is."""
        lag = self.module.DATA_LAG_YEARS
        fixed = {self.reference_year - lag: np.ones(len(self.region.keys))}
        years = sorted({year for table in self._published.values() for year in table} - {self.reference_year})
        for year in years:
            if not self.laws.in_tables(year) or (anchors is not None and year not in anchors):
                continue
            paid = np.array([self._published.get(key, {}).get(year, np.nan) for key in self.region.keys])
            known = paid > 0.0
            people, law = self.people(year - lag), self.laws(year)
            goal = self.module.implied_capacity(np.where(known, paid, 1.0), self.required(year), people, law=law)
            scale = self._scale_for(np.maximum(goal, 0.0), year)
            fixed[year - lag] = np.where(known & (scale > 0.0), scale, np.nan)
        return fixed

    def _scale_for(self, goal: FloatArray, year: int) -> FloatArray:
        """Return the level of taxes at which the capacity of an equalisation year is `goal`."""
        tax_year = year - self.module.DATA_LAG_YEARS
        people, law, rates = self.people(tax_year), self.laws(year), self.rates(tax_year)
        scale = np.ones_like(people)
        for _ in range(_STEPS):
            taxes = self.receipts(self.split.scaled(scale), rates)
            capacity = np.asarray(self.module.tax_capacity(taxes, population=people, law=law).total)
            change = np.divide(goal, capacity, out=np.ones_like(goal), where=capacity > 0.0)
            scale = scale * change
            if np.abs(change - 1.0).max(initial=0.0) < _CLOSE_TAX:
                break
        return scale

    def _totals(self) -> dict[int, FloatArray]:
        """Return the known sums of levy bases by year within the law's tables, EUR (D,), NaN where unknown."""
        table = figure(self.region.finances, "district", "umlagekraft_total")
        years = sorted({year for known in table.values() for year in known if self.laws.in_tables(year)})
        keys = [district.key for district in self.region.districts]
        return {year: np.array([table.get(key, {}).get(year, np.nan) for key in keys]) for year in years}

    def _fit_trend(self) -> None:
        """Make the levy bases follow the district's known sums, as an index with the reference year as base.

        Each pass sets the tax year two before; passes repeat because the base also holds last year's allocation.
        """
        lag, reference = self.module.DATA_LAG_YEARS, self.reference_year
        self._trend = {reference - lag: np.ones(self._districts)}
        for year in self._known_totals:
            self._trend.setdefault(year - lag, self._trend_of(year - lag))
        if reference not in self._known_totals:
            return
        for _ in range(_SWEEPS):
            towns = {
                y: self.capacity_in(y) for y in sorted({y for year in self._known_totals for y in (year - 1, year)})
            }
            capacity = {year: self._sum(towns[year]) for year in self._known_totals}
            allocation = {
                year: self._sum(self._allocation_for(towns[year - 1], year - 1)) for year in self._known_totals
            }
            share = {year: self.laws(year).levy_share_of_allocation for year in self._known_totals}
            largest = 0.0
            level = capacity[reference] + share[reference] * allocation[reference]
            for year, total in self._known_totals.items():
                goal = level * total / self._known_totals[reference] - share[year] * allocation[year]
                change = np.where((goal > 0.0) & (capacity[year] > 0.0), goal / np.maximum(capacity[year], 1.0), 1.0)
                if year != reference:
                    self._trend[year - lag] = self._trend[year - lag] * change
                    largest = max(largest, float(np.abs(change - 1.0).max()))
            if largest < _CLOSE:
                break

    def _trend_of(self, year: int) -> FloatArray:
        """Return the trend of a tax year by district, (D,): known years, then growth outside and in the gaps."""
        known = sorted(self._trend)
        inside = min(max(year, known[0]), known[-1])
        before, after = max(y for y in known if y <= inside), min(y for y in known if y >= inside)
        weight = (inside - before) / (after - before) if after > before else 0.0
        level = self._trend[before] ** (1.0 - weight) * self._trend[after] ** weight
        return level * (1.0 + self.parameters.revenue_growth) ** (year - inside)

    def _deviation(self, year: int) -> FloatArray:
        """Return how far each municipality lies from its district's trend, (M,): exact in anchored years."""
        low, high, weight = self._between(year)
        gap = self._log_fixed - np.log([self._trend_of(anchor)[self.district_of] for anchor in self._anchors])
        place = np.arange(low.size)
        return np.exp((1.0 - weight) * gap[low, place] + weight * gap[high, place])

    def _between(self, year: int) -> tuple[np.ndarray, np.ndarray, FloatArray]:
        """Return for each municipality the anchors a year lies between (numbers) and the weight of the later one."""
        if year not in self._brackets:
            low, high = (np.zeros(len(self.region.keys), np.int64) for _ in range(2))
            known = ~np.isnan(self._log_fixed)
            for i in range(low.size):
                rows = np.flatnonzero(known[:, i])
                years = self._anchors[rows]
                inside = min(max(year, int(years[0])), int(years[-1]))
                low[i], high[i] = rows[years <= inside][-1], rows[years >= inside][0]
            span = self._anchors[high] - self._anchors[low]
            inside = np.clip(year, self._anchors[low], self._anchors[high])
            weight = np.divide(inside - self._anchors[low], span, out=np.zeros(low.size), where=span > 0)
            self._brackets[year] = low, high, weight
        return self._brackets[year]

    def _sum(self, values: FloatArray) -> FloatArray:
        return np.bincount(self.district_of, weights=values, minlength=self._districts)
