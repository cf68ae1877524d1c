"""Changes of the world of public finance over a projection: what a shock, a scenario or an experiment alters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError, Problem

if TYPE_CHECKING:
    from .amounts import FloatArray

type Path = npt.ArrayLike | None


LINES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "property_a": ("factor", "town"),
        "property_b": ("factor", "town"),
        "trade": ("factor", "town"),
        "income": ("factor", "town"),
        "compensation": ("factor", "town"),
        "turnover": ("factor", "town"),
        "population": ("factor", "town"),
        "spending": ("factor", "town"),
        "extra_trade": ("amount", "town"),
        "extra_income": ("amount", "town"),
        "extra_revenue": ("amount", "town"),
        "extra_spending": ("amount", "town"),
        "trade_rate": ("amount", "town"),
        "property_rate": ("amount", "town"),
        "district_spending": ("factor", "district"),
        "extra_district_spending": ("amount", "district"),
        "levy_points": ("amount", "district"),
        "levy_rate": ("value", "district"),
        "wages": ("factor", "year"),
        "interest": ("amount", "year"),
        "regional_points": ("amount", "year"),
        "base_amount": ("factor", "year"),
        "allocation": ("factor", "year"),
        "grants": ("factor", "year"),
        "multiplier": ("value", "year"),
    }
)
"""Every line that can change: factor, amount or value; by municipality, by district, or by year only."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Changes:
    """Paths by year that a projection of Y years applies; what is None stays as it is.

    Every path is a number for all years and places, or an array: one value per year (Y,), or per year and place, (Y, M)
    for municipalities and (Y, D) for districts (lengths of 1 are stretched). Factors multiply, amounts are EUR per
    year, points are percentage points; both are added. Years before the projection are never changed.
    """

    property_a: Path = None
    """Factor on property tax A."""
    property_b: Path = None
    """Factor on property tax B."""
    trade: Path = None
    """Factor on the trade tax; 0.79 is the recession of 2009."""
    income: Path = None
    """Factor on the income-tax share."""
    compensation: Path = None
    """Factor on the income-tax compensation (Einkommensteuerersatz)."""
    turnover: Path = None
    """Factor on the turnover-tax share."""
    population: Path = None
    """Factor on the inhabitants of 31 December of each year."""
    spending: Path = None
    """Factor on other spending of municipalities."""
    extra_trade: Path = None
    """EUR of trade tax; negative for a refund of earlier years."""
    extra_income: Path = None
    """EUR of income-tax share, for instance of newly employed residents."""
    extra_revenue: Path = None
    """EUR of other revenue that counts in no equalisation (a federal compensation, for instance)."""
    extra_spending: Path = None
    """EUR of spending of municipalities."""
    trade_rate: Path = None
    """Percentage points on the trade-tax rate (Hebesatz)."""
    property_rate: Path = None
    """Percentage points on both property-tax rates."""
    district_spending: Path = None
    """Factor on other spending of districts."""
    extra_district_spending: Path = None
    """EUR of spending of districts (housing cost after many recognitions, an ended programme)."""
    levy_points: Path = None
    """Percentage points on the district levy that the council decides."""
    levy_rate: Path = None
    """District levy rate in percent instead of the council's decision; NaN where the council decides."""
    wages: Path = None
    """Factor on wages; acts on personnel in other spending."""
    interest: Path = None
    """Added to the market rate of interest (0.03 is three points)."""
    regional_points: Path = None
    """Percentage points on the levy of the Bezirk."""
    base_amount: Path = None
    """Factor on the Grundbetrag of municipalities and districts."""
    allocation: Path = None
    """Factor on all key allocations (a cut of the key mass in proportion)."""
    grants: Path = None
    """Factor on the grants per head."""
    multiplier: Path = None
    """Multiplier V of the trade-tax levy instead of the law's; NaN where the law's holds. It counts in the tax capacity
    two years later."""

    def full(self, years: int, towns: int, districts: int) -> dict[str, FloatArray]:
        """Return every path as an array of shape (Y, M), (Y, D) or (Y, 1); raises InputError for a wrong shape."""
        widths = {"town": towns, "district": districts, "year": 1}
        neutral = {"factor": 1.0, "amount": 0.0, "value": np.nan}
        out: dict[str, FloatArray] = {}
        for name, (kind, scope) in LINES.items():
            shape = (years, widths[scope])
            given = getattr(self, name)
            array = np.asarray(neutral[kind] if given is None else given, np.float64)
            array = array[:, np.newaxis] if array.ndim == 1 else array
            try:
                out[name] = np.broadcast_to(array, shape)
            except ValueError:
                message = f"a change of {name!r} has the wrong shape"
                raise InputError(Problem(message, value=str(np.shape(array)), expected=f"{shape}")) from None
            if kind != "value" and not np.isfinite(array).all():
                raise InputError(Problem(f"a change of {name!r} is missing or infinite", expected="numbers"))
        return out

    def __or__(self, other: Changes) -> Changes:
        """Return both changes at once: factors multiply, amounts and points add, a value of `other` goes before."""
        joint: dict[str, Any] = {}
        for name, (kind, _) in LINES.items():
            one, two = getattr(self, name), getattr(other, name)
            if one is None or two is None:
                joint[name] = two if one is None else one
                continue
            first, second = (np.asarray(path, np.float64) for path in (one, two))
            # A path by year must stand in a column, or it would be stretched along the places.
            first, second = (path[:, np.newaxis] if path.ndim == 1 else path for path in (first, second))
            if kind == "factor":
                joint[name] = first * second
            elif kind == "amount":
                joint[name] = first + second
            else:
                joint[name] = np.where(np.isnan(second), first, second)
        return Changes(**joint)


NO_CHANGES = Changes()
"""Nothing changes."""
