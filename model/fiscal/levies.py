"""Levies between the levels: district levy (Kreisumlage) and regional levy (Bezirksumlage), BayFAG Art. 18-22.

Amounts are euros per year, levy rates percent of the levy base (Umlagegrundlagen).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError, Problem
from .amounts import Numbers, plain, require_finite, require_not_negative, require_percent

if TYPE_CHECKING:
    from .law import Law


def levy_base(capacity: Numbers, previous_allocation: Numbers, *, law: Law) -> Numbers:
    """Return the base of the levies (Umlagegrundlagen UG, together Umlagekraft), EUR (BayFAG Art. 18).

    Tax capacity of the year plus 80 % of last year's key allocation: UG_t = StKMZ_t + 0.8 * SZ_(t-1). Taxes of t and t
    - 1 are not in it.

    >>> from kreislauf.model.fiscal.law import law
    >>> levy_base(1_000_000.0, 500_000.0, law=law(2018))
    1400000.0
    """
    strength = require_finite(capacity, "the tax capacity", "BayFAG Art. 18")
    allocation = require_not_negative(previous_allocation, "last year's key allocation", "BayFAG Art. 18")
    return plain(strength + law.levy_share_of_allocation * allocation)


def levy(base: Numbers, rate_percent: Numbers, *, article: str = "BayFAG Art. 18") -> Numbers:
    """Return a levy, EUR: base * rate / 100; not negative, also where refunds made the base negative.

    >>> round(levy(27_107_690.97, 52.5), 2)
    14231537.76
    """
    amount = require_finite(base, "the levy base (Umlagegrundlagen)", article)
    rate = require_percent(rate_percent, "a levy rate (Umlagesatz)", article, low=0.0, high=100.0)
    return plain(np.maximum(0.0, amount) * rate / 100.0)


def district_levy(base: Numbers, rate_percent: Numbers) -> Numbers:
    """Return the district levy a municipality pays (Kreisumlage KU), EUR: UG * k / 100 (BayFAG Art. 18)."""
    return levy(base, rate_percent, article="BayFAG Art. 18")


def regional_levy(bases: Numbers, rate_percent: Numbers) -> Numbers:
    """Return the regional levy a district pays (Bezirksumlage BU), EUR: b * sum of its municipalities' UG / 100 (BayFAG
    Art. 21)."""
    return plain(np.sum(levy(bases, rate_percent, article="BayFAG Art. 21")))


def levy_point(bases: Numbers) -> float:
    """Return what one percentage point of levy yields (Punktwert), EUR: 1 % of the sum of bases.

    >>> round(levy_point(12_249_968.0), 2)
    122499.68
    """
    return float(np.sum(levy(bases, 1.0)))


def levy_rate_for(uncovered_need: float, bases: Numbers) -> float:
    """Return the levy rate that covers a district's need, percent: k = uncovered need / sum of UG * 100 (BayFAG Art.
    18, 19).

    >>> levy_rate_for(42.5e6, np.array([40e6, 60e6]))
    42.5
    """
    need = float(require_not_negative(uncovered_need, "the uncovered need (Umlagesoll)", "BayFAG Art. 18"))
    total = float(np.sum(require_finite(bases, "the levy base (Umlagegrundlagen)", "BayFAG Art. 18")))
    if total <= 0.0:
        raise InputError(Problem("BayFAG Art. 18: there is no levy base to charge a levy on", value=f"{total:g}"))
    return need / total * 100.0


def levy_rise(total: float, previous_total: float) -> float:
    """Return by what share the levy total (Umlagesoll) rises against last year.

    >>> round(levy_rise(47_347_129.0, 43_063_570.0), 4)
    0.0995
    """
    before = float(require_not_negative(previous_total, "last year's levy total (Umlagesoll)", "BayFAG Art. 19"))
    if before == 0.0:
        raise InputError(Problem("BayFAG Art. 19: without a levy last year there is no rise to test", value="0"))
    return float(require_not_negative(total, "the levy total (Umlagesoll)", "BayFAG Art. 19")) / before - 1.0


def levy_needs_approval(total: float, previous_total: float, *, law: Law) -> bool:
    """Return whether the levy total rises by more than 20 % and so needs approval (BayFAG Art. 19)."""
    return levy_rise(total, previous_total) > law.levy_approval_jump


def levy_rates_too_far_apart(rates_percent: np.ndarray, *, law: Law) -> bool:
    """Return whether differing levy rates lie further apart than a third (BayFAG Art. 18-19).

    Read as: the highest rate above the lowest by more than a third of the lowest. Art. 20 allows a higher rate for
    municipalities a service benefits specially.
    """
    rates = require_percent(rates_percent, "a levy rate (Umlagesatz)", "BayFAG Art. 18", low=0.0, high=100.0)
    return bool(rates.max() > rates.min() * (1.0 + law.levy_rate_spread) + 1e-12)
