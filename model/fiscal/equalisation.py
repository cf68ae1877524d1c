"""Key allocations to municipalities and districts (Schlüsselzuweisungen, BayFAG Art. 1-3, 5, 7), one function per
formula.

The requirement of a municipality (Ausgangsmesszahl) is its points times the Grundbetrag of the year; 55 % of what it
exceeds the tax capacity by is paid. Amounts are euros per year, points carry no unit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError, Problem
from .amounts import Numbers, plain, require_finite, require_not_negative, round_to_instalments
from .capacity import Capacity, TaxYear, tax_capacity
from .law import DATA_LAG_YEARS, DEMOGRAPHY_YEARS, Law, main_points_table

BASE_AMOUNT_TOLERANCE_EUR = 0.01
"""How far the allocations of a closed world may miss the mass when the Grundbetrag is solved for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """The key allocation of one year step by step, as a treasurer would check it; floats or arrays of municipalities.

    `population` counted inhabitants, `main` / `kita` / `structural` / `independent` points, `requirement` the
    Ausgangsmesszahl (EUR), `capacity` the parts of the Steuerkraftmesszahl (EUR), `regular` and `special` allocation
    before rounding (EUR), `amount` what is paid (EUR, a multiple of 4).
    """

    population: Numbers
    main: Numbers
    kita: Numbers
    structural: Numbers
    independent: Numbers
    requirement: Numbers
    capacity: Capacity
    regular: Numbers
    special: Numbers
    amount: Numbers

    @property
    def points(self) -> Numbers:
        """Return all points together (Ansätze)."""
        return self.main + self.kita + self.structural + self.independent

    @property
    def exact(self) -> Numbers:
        """Return regular and special allocation before rounding, EUR."""
        return self.regular + self.special


def data_year(year: int) -> int:
    """Return the year whose taxes, inhabitants and children the equalisation of a year uses: two before (FAGDV §§ 1, 4,
    5).

    >>> data_year(2018)
    2016
    """
    return year - DATA_LAG_YEARS


def counted_population(
    current: Numbers,
    previous: np.ndarray | None = None,
    *,
    law: Law,
    stationed: Numbers = 0.0,
) -> Numbers:
    """Return the inhabitants that count (maßgebende Einwohnerzahl), persons (BayFAG Art. 3 (2), FAGDV § 1).

    The larger of `current` (31.12. of t - 2) and the mean of `previous`, the ten years before it (31.12. of t - 12 to t
    - 3; first axis years), plus three quarters of `stationed` forces outside barracks and their relatives. Without
    `previous` the rule is left out. A shrinking municipality therefore gains a tenth of a resident for each one that
    arrives.

    >>> from kreislauf.model.fiscal.law import law
    >>> counted_population(900.0, np.linspace(1_100.0, 1_000.0, 10), law=law(2018))
    1050.0
    """
    counted = require_not_negative(current, "the number of inhabitants", "FAGDV § 1")
    if previous is not None:
        earlier = require_not_negative(previous, "the number of inhabitants", "FAGDV § 1")
        if earlier.ndim == 0 or earlier.shape[0] != DEMOGRAPHY_YEARS:
            found = "one number" if earlier.ndim == 0 else f"{earlier.shape[0]} years"
            message = "FAGDV § 1 (1): the demography rule needs the inhabitants of the ten years before t - 2"
            raise InputError(Problem(message, value=found, expected=f"{DEMOGRAPHY_YEARS} years"))
        counted = np.maximum(counted, earlier.mean(axis=0))
    forces = require_not_negative(stationed, "the number of stationed forces", "BayFAG Art. 3 (1)")
    return plain(counted + law.stationed_forces_share * forces)


def main_points_percent(population: Numbers) -> Numbers:
    """Return the Hauptansatz in percent of inhabitants: 112 up to 5,000, then linear between the nodes, 150 from
    500,000 (BayFAG Art. 3 (1) Nr. 1).

    >>> main_points_percent(7_500.0)
    113.5
    """
    inhabitants = require_not_negative(population, "the number of inhabitants", "BayFAG Art. 3 (1)")
    nodes, percent = main_points_table()
    return plain(np.interp(inhabitants, nodes, percent))


def main_points(population: Numbers) -> Numbers:
    """Return the Hauptansatz in points: counted inhabitants * percent / 100 (BayFAG Art. 3 (1) Nr. 1).

    >>> round(main_points(1_000.0), 9)
    1120.0
    """
    return plain(np.asarray(population, dtype=np.float64) * main_points_percent(population) / 100.0)


def kita_points(children: Numbers, *, law: Law) -> Numbers:
    """Return the supplement for child care (Ergänzungsansatz Kinderbetreuung), points (BayFAG Art. 3 (1) Nr. 5, since
    2016).

    `children` are those in day-care centres in the municipality on 1 March of t - 2; one that pays for a neighbour's
    centre but has none gets nothing (VerfGH 21.1.2020, Vf. 19-VII-18).
    """
    return plain(law.kita_weight * require_not_negative(children, "the number of children", "BayFAG Art. 3 (1) Nr. 5"))


def structural_points(
    population: Numbers, unemployed: Numbers, capacity: Numbers, *, state_mean_percent: float, law: Law
) -> Numbers:
    """Return the supplement for structural weakness (Strukturschwaeche), points (BayFAG Art. 3 (1) Nr. 3) - in part.

    Unemployed per 1,000 EUR of tax capacity, in percent; what lies above the state mean times 1.7, in percent of the
    inhabitants. The text on values above 20 percentage points was not seen in full: that part counts with
    `law.structural_tail_weight`.

    >>> from kreislauf.model.fiscal.law import law
    >>> structural_points(1_000.0, 30.0, 1_000_000.0, state_mean_percent=2.0, law=law(2018))
    17.0
    """
    article = "BayFAG Art. 3 (1) Nr. 3"
    people = require_not_negative(population, "the number of inhabitants", article)
    jobless = require_not_negative(unemployed, "the number of unemployed", article)
    thousands = require_not_negative(capacity, "the tax capacity", article) / 1_000.0
    # Without any capacity the ratio is undefined; the cap bounds it, so an infinite ratio is taken as the cap itself.
    ratio = 100.0 * np.divide(jobless, thousands, out=np.zeros_like(jobless * thousands), where=thousands > 0.0)
    value = law.structural_factor * np.maximum(0.0, ratio - state_mean_percent)
    value = np.where((thousands == 0.0) & (jobless > 0.0), law.structural_cap, value)
    counted = np.minimum(value, law.structural_cap) + law.structural_tail_weight * np.maximum(
        0.0, value - law.structural_cap
    )
    return plain(people * counted / 100.0)


def independent_city_points(main: Numbers, *, law: Law) -> Numbers:
    """Return the supplement of a town outside any district (kreisfreie Gemeinde), points: 10 % of the Hauptansatz
    (BayFAG Art. 3 (1) Nr. 2)."""
    return plain(law.independent_city_supplement * np.asarray(main, dtype=np.float64))


def requirement(points: Numbers, *, law: Law, base_amount: float | None = None) -> Numbers:
    """Return the requirement (Ausgangsmesszahl AMZ), EUR: points * Grundbetrag (BayFAG Art. 2 (3), 3 (1))."""
    g = law.base_amount if base_amount is None else base_amount
    return plain(require_not_negative(points, "the sum of points (Ansätze)", "BayFAG Art. 3 (1)") * g)


def regular_allocation(required: Numbers, capacity: Numbers, *, law: Law) -> Numbers:
    """Return the key allocation before rounding, EUR: 0.55 * max(0, AMZ - StKMZ) (BayFAG Art. 2 (2)).

    >>> from kreislauf.model.fiscal.law import law
    >>> round(regular_allocation(1_462_500.0, 1_100_000.0, law=law(2023)), 6)
    199375.0
    """
    gap = np.asarray(required, dtype=np.float64) - require_finite(capacity, "the tax capacity", "BayFAG Art. 2 (2)")
    return plain(law.equalisation_rate * np.maximum(0.0, gap))


def special_allocation(capacity: Numbers, population: Numbers, *, law: Law) -> Numbers:
    """Return the special allocation of weak municipalities (Sonderschlüsselzuweisung), EUR (BayFAG Art. 3).

    15 % of the gap to 75 % of the state's mean tax capacity per inhabitant. Both percentages are from memory; only the
    heading of the article was seen.
    """
    inhabitants = require_not_negative(population, "the number of inhabitants", "BayFAG Art. 3")
    floor = law.special_threshold * law.state_mean_capacity * inhabitants
    gap = floor - require_finite(capacity, "the tax capacity", "BayFAG Art. 3")
    return plain(law.special_rate * np.maximum(0.0, gap))


def implied_capacity(allocation: Numbers, required: Numbers, population: Numbers, *, law: Law) -> Numbers:
    """Return the tax capacity that leads to a published allocation, EUR: the formulas of Art. 2 and 3 solved for StKMZ.

    `allocation` regular and special together, `required` the Ausgangsmesszahl, `population` inhabitants of 31.12. of t
    - 2. Only recipients can be inverted: an allocation of zero says no more than that the capacity is at least the
    requirement.

    >>> from kreislauf.model.fiscal.law import law
    >>> round(implied_capacity(199_375.0, 1_462_500.0, 1_000.0, law=law(2023)), 6)
    1100000.0
    """
    paid = require_not_negative(allocation, "the key allocation", "BayFAG Art. 2 (2)")
    if np.any(paid == 0.0):
        message = "BayFAG Art. 2 (2): the tax capacity of a municipality without allocation cannot be inferred"
        raise InputError(Problem(message, value="0", expected="an allocation above zero"))
    need = require_not_negative(required, "the requirement (Ausgangsmesszahl)", "BayFAG Art. 2 (2)")
    floor = law.special_threshold * law.state_mean_capacity * np.asarray(population, dtype=np.float64)
    without = need - paid / law.equalisation_rate
    rates = law.equalisation_rate + law.special_rate
    with_special = (law.equalisation_rate * need + law.special_rate * floor - paid) / rates
    return plain(np.where(without < floor, with_special, without))


def assess(
    taxes: TaxYear,
    *,
    population: Numbers,
    law: Law,
    previous_population: np.ndarray | None = None,
    children: Numbers = 0.0,
    stationed: Numbers = 0.0,
    structural: Numbers = 0.0,
    independent_city: bool = False,
    special: bool = True,
) -> Allocation:
    """Return the key allocation of equalisation year `law.year` with every step in between (BayFAG Art. 2-4).

    `taxes`, `population`, `children` and `stationed` are those of `law.year` - 2; `previous_population` the ten years
    before that, first axis years; `structural` points come from `structural_points`. `special=False` leaves the special
    allocation out.

    >>> from kreislauf.model.fiscal.law import law
    >>> year = law(2023)
    >>> taxes = TaxYear(turnover=1_100_000.0)  # stands for a given capacity: the turnover-tax share counts in full
    >>> assess(taxes, population=1_000, children=50, law=year, special=False).amount
    199376.0
    """
    inhabitants = counted_population(population, previous_population, law=law, stationed=stationed)
    capacity = tax_capacity(taxes, population=population, law=law)
    main = main_points(inhabitants)
    kita = kita_points(children, law=law)
    extra = independent_city_points(main, law=law) if independent_city else plain(0.0 * np.asarray(main))
    weakness = plain(require_not_negative(structural, "the points for structural weakness", "BayFAG Art. 3 (1) Nr. 3"))
    required = requirement(main + kita + weakness + extra, law=law)
    regular = regular_allocation(required, capacity.total, law=law)
    extra_pay = special_allocation(capacity.total, population, law=law) if special else plain(0.0 * np.asarray(regular))
    return Allocation(
        population=inhabitants,
        main=main,
        kita=kita,
        structural=weakness,
        independent=extra,
        requirement=required,
        capacity=capacity,
        regular=regular,
        special=extra_pay,
        amount=round_to_instalments(regular + extra_pay),
    )


def solve_base_amount(
    points: np.ndarray,
    capacity: np.ndarray,
    mass: float,
    *,
    law: Law,
    tolerance: float = BASE_AMOUNT_TOLERANCE_EUR,
) -> float:
    """Return the Grundbetrag G, EUR per point, that uses up the mass of a closed world (BayFAG Art. 2 (3)).

    Bisection of sum(0.55 * max(0, G * points - capacity)) = mass until the sum misses the mass by less than `tolerance`
    EUR (or until floats end). `mass` is what is left for regular allocations. With a mass of zero the answer is zero.

    >>> from kreislauf.model.fiscal.law import law
    >>> g = solve_base_amount(np.array([1_120.0, 2_240.0]), np.array([500_000.0, 9e6]), 275_000.0, law=law(2018))
    >>> round(g, 3)
    892.857
    """
    article = "BayFAG Art. 2 (3)"
    weights = require_not_negative(points, "the sum of points (Ansätze)", article)
    strength = require_finite(capacity, "the tax capacity", article)
    wanted = float(require_not_negative(mass, "the mass of key allocations (Schlüsselmasse)", article))
    if weights.sum() <= 0.0:
        raise InputError(Problem(f"{article}: nobody has points, so no Grundbetrag exists", expected="inhabitants"))
    if wanted == 0.0:
        return 0.0

    def paid(base_amount: float) -> float:
        return float(law.equalisation_rate * np.maximum(0.0, base_amount * weights - strength).sum())

    low = 0.0
    # With everybody a recipient the sum is linear, and it is never below that line: by here the mass is reached.
    high = max((wanted / law.equalisation_rate + float(strength.sum())) / float(weights.sum()), 0.0)
    if paid(low) > wanted:
        raise InputError(
            Problem(f"{article}: the mass is too small even for a Grundbetrag of zero", value=f"{wanted:g}")
        )
    while True:
        middle = 0.5 * (low + high)
        missing = wanted - paid(middle)
        if abs(missing) < tolerance or middle in (low, high):
            return middle
        if missing > 0.0:
            low = middle
        else:
            high = middle


def shared_tax_mass(state_taxes: float, *, law: Law, earmarked: float = 0.0) -> float:
    """Return the municipalities' and districts' part of the joint taxes (Anteilmasse), EUR (BayFAG Art. 1 (1)).

    12.75 % of the state's receipts of 1.10. of t - 2 to 30.9. of t - 1; turnover tax `earmarked` for asylum and
    integration is taken off first, so federal integration money does not leak into the equalisation.
    """
    pool = float(require_not_negative(state_taxes, "the state's joint taxes (Verbundmasse)", "BayFAG Art. 1 (1)"))
    off = float(require_not_negative(earmarked, "the earmarked turnover tax", "BayFAG Art. 1 (1) S. 3 Nr. 3"))
    return law.shared_tax_quota * max(0.0, pool - off)


def split_key_mass(total: float, *, law: Law) -> tuple[float, float]:
    """Return the key mass of the municipalities and of the districts, EUR: 64 % and 36 % (BayFAG Art. 1; split of
    2006)."""
    mass = float(require_not_negative(total, "the key mass (Schlüsselmasse)", "BayFAG Art. 1"))
    municipal = law.key_mass_municipal_share * mass
    return municipal, mass - municipal


def district_points(
    population: Numbers,
    *,
    law: Law,
    under18_percent: Numbers = 0.0,
    state_under18_percent: Numbers = 0.0,
    social_excess_percent: Numbers = 0.0,
) -> Numbers:
    """Return the points of a district (Ansätze des Landkreises) (BayFAG Art. 5 (2)).

    100 % of the inhabitants, plus 1.5 times the percentage points of inhabitants under 18 above the state mean, plus
    2.5 times the percentage points of social burden above the mean (the composition of that sum was not seen; it is an
    input here).
    """
    people = require_not_negative(population, "the number of inhabitants", "BayFAG Art. 5 (2)")
    young = np.maximum(0.0, np.asarray(under18_percent, dtype=np.float64) - state_under18_percent)
    burden = require_not_negative(social_excess_percent, "the excess social burden", "BayFAG Art. 5 (2) Nr. 2")
    percent = 100.0 + law.district_under18_factor * young + law.district_social_factor * burden
    return plain(people * percent / 100.0)


def district_allocation(
    points: Numbers, levy_bases: Numbers, *, law: Law, base_amount: float | None = None, rounded: bool = True
) -> Numbers:
    """Return the key allocation of a district (Landkreisschlüsselzuweisung), EUR (BayFAG Art. 5).

    0.5 * max(0, points * Grundbetrag of the districts - 0.40 * levy bases); both percentages are from memory, the
    Grundbetrag is inverted from one published allocation. `levy_bases` is the sum of the municipalities'
    Umlagegrundlagen.
    """
    g = law.district_base_amount if base_amount is None else base_amount
    required = require_not_negative(points, "the sum of points (Ansätze)", "BayFAG Art. 5 (2)") * g
    power = law.district_levy_power_share * require_finite(levy_bases, "the levy bases", "BayFAG Art. 5")
    amount = law.district_equalisation_rate * np.maximum(0.0, required - power)
    return round_to_instalments(plain(amount)) if rounded else plain(amount)


def grants_per_head(population: Numbers, *, law: Law, independent_city: bool = False) -> Numbers:
    """Return the grant for delegated state tasks (Finanzzuweisung), EUR per year (BayFAG Art. 7).

    A municipality in a district gets `law.grant_per_head` per inhabitant and its district the same again; a town
    outside a district gets both. The sum is the only compensation for delegated administration, asylum and aliens'
    offices included.

    >>> from kreislauf.model.fiscal.law import law
    >>> grants_per_head(1_000.0, law=law(2023))
    18420.0
    """
    people = require_not_negative(population, "the number of inhabitants", "BayFAG Art. 7")
    return plain((2.0 if independent_city else 1.0) * law.grant_per_head * people)
