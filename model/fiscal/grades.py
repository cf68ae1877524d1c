"""Grades of financial capacity (dauernde Leistungsfähigkeit): green, yellow, orange, red, from a window of years.

Pure functions of the yearly figures of a window, for all municipalities at once. Rules:

green
    free margin at least its floor in every year, debt service and debt ratio within their limits, reserve at least its
    minimum.
yellow
    as green, but one year is short of margin and the reserve held before that year covers the gap.
red
    a negative transfer in two or more years; or in one year a reserve below its minimum together with a cash credit
    above its limit; or orange by margin or debt and, two years later or after, still short of a limit without an
    approved consolidation.
orange
    everything else: two or more short years, too much debt service, too much debt. The rules leave gaps (one negative
    transfer the reserve does not cover, a reserve below its minimum alone); such cases are orange too.

There is no official status behind the colours: "Haushaltsnotlage" is not defined in Bavaria. Limits are
parameters, and `limits_table` tells quoted ones from assumed ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError, Problem
from ..parameters import parameter_table

if TYPE_CHECKING:
    from ..parameters import Parameter, Parameters
    from .amounts import FloatArray

RATIO_YEARS = 3
"""Years of the mean revenue that debt and reserve are held against."""


class Grade(IntEnum):
    """How well a municipality bears its obligations over the window; a larger number is worse."""

    GREEN = 0
    YELLOW = 1
    ORANGE = 2
    RED = 3

    @property
    def letter(self) -> str:
        """Return the first letter, so that no reader depends on colours."""
        return self.name[0]

    @property
    def passed(self) -> bool:
        """Return whether the test is passed: green or yellow."""
        return self <= Grade.YELLOW

    def title(self, language: str = "en") -> str:
        """Return the grade in words, German (`de`) or English.

        >>> Grade.RED.title("de")
        'rot'
        """
        words = ("grün", "gelb", "orange", "rot") if language == "de" else ("green", "yellow", "orange", "red")
        return words[self]


INDICATORS = {
    "": "none",
    "transfer": "negative transfer to the capital budget",
    "cash_credit": "cash credit above its limit without minimum reserve",
    "consolidation": "limits still missed without an approved consolidation",
    "free_margin": "free margin too small in too many years",
    "uncovered": "a short year the reserve does not cover",
    "debt_service": "debt service above its limit",
    "debt_ratio": "debt above its limit",
    "reserve": "reserve below its minimum",
}
"""What can fail, in words; the first three turn a municipality red, the others orange, the most telling first."""
_RED = ("transfer", "cash_credit", "consolidation")
_ORANGE = ("free_margin", "uncovered", "debt_service", "debt_ratio", "reserve")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where the grades change; shares are of revenue, see `limits_table` for ranges and sources."""

    margin_floor_share: float = 0.0
    short_years: float = 2.0
    negative_years: float = 2.0
    debt_service_limit: float = 0.06
    debt_ratio_limit: float = 1.0
    minimum_reserve_share: float = 0.01
    cash_credit_limit: float = 1.0 / 6.0
    consolidation_years: float = 2.0

    @classmethod
    def of(cls, parameters: Parameters) -> Limits:
        """Return the limits a parameter set holds."""
        return cls(**{name: getattr(parameters, parameter) for name, parameter in LIMIT_PARAMETERS.items()})


LIMIT_PARAMETERS = {
    "margin_floor_share": "grade_margin_floor_share",
    "short_years": "grade_short_years",
    "negative_years": "grade_negative_years",
    "debt_service_limit": "grade_debt_service_limit",
    "debt_ratio_limit": "grade_debt_ratio_limit",
    "minimum_reserve_share": "grade_minimum_reserve_share",
    "cash_credit_limit": "grade_cash_credit_limit",
    "consolidation_years": "grade_consolidation_years",
}
"""The parameter behind each limit; `grade_window_years` says how many years a window has."""


INDICATOR_LIMITS = {
    "transfer": ("negative_years",),
    "cash_credit": ("minimum_reserve_share", "cash_credit_limit"),
    "consolidation": ("consolidation_years",),
    "free_margin": ("margin_floor_share", "short_years"),
    "uncovered": ("margin_floor_share",),
    "debt_service": ("debt_service_limit",),
    "debt_ratio": ("debt_ratio_limit",),
    "reserve": ("minimum_reserve_share",),
}
"""The limits each indicator of `INDICATORS` rests on."""


def is_quoted(indicator: str) -> bool:
    """Return whether an indicator rests on quoted limits only.

    >>> is_quoted("debt_service"), is_quoted("transfer")
    (True, False)
    """
    table = limits_table()
    return all(table[name].confidence in ("official", "quoted") for name in INDICATOR_LIMITS[indicator])


def limits_table() -> dict[str, Parameter]:
    """Return the parameters behind the limits; `confidence` tells quoted ones from estimated and assumed ones.

    >>> limits_table()["debt_service_limit"].confidence
    'quoted'
    """
    table = parameter_table()
    return {name: table[parameter] for name, parameter in LIMIT_PARAMETERS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Yearly figures of all municipalities over the window, shape (years, municipalities), all in one currency unit.

    `transfer` is the transfer from the administrative to the capital budget (Zuführung Z), `repayment` the ordinary
    repayment T, `revenue` that of the administrative budget, `mean_revenue` its mean over three years, `reserve_before`
    and `reserve` the reserve at the beginning and the end of the year, `cash_credit` what is drawn at the end of the
    year. `consolidation` is true from the year on in which a consolidation concept is approved; none by default.
    """

    transfer: FloatArray
    repayment: FloatArray
    interest: FloatArray
    revenue: FloatArray
    mean_revenue: FloatArray
    debt: FloatArray
    reserve_before: FloatArray
    reserve: FloatArray
    cash_credit: FloatArray
    consolidation: np.ndarray | None = None

    def __post_init__(self) -> None:
        """Refuse figures of different shapes."""
        shapes = {np.shape(getattr(self, name)) for name in self.__slots__ if getattr(self, name) is not None}
        if len(shapes) > 1 or any(len(shape) != 2 for shape in shapes):
            found = ", ".join(map(str, sorted(shapes)))
            raise InputError(Problem("all figures of a window have one shape", value=found, expected="years, places"))

    @property
    def free_margin(self) -> FloatArray:
        """Return the free margin (freie Finanzspanne): transfer less ordinary repayment."""
        return self.transfer - self.repayment


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Grades of all municipalities, shape (municipalities,): grade, first year that fails and why.

    `grade` holds values of `Grade`. `failed_year` is the index of the first year at whose end the municipality is
    neither green nor yellow, `red_year` the first at whose end it is red; -1 when there is none. `failed_by` and
    `red_by` are the matching keys of `INDICATORS`.
    """

    grade: np.ndarray
    failed_year: np.ndarray
    failed_by: np.ndarray
    red_year: np.ndarray
    red_by: np.ndarray

    @property
    def passed(self) -> np.ndarray:
        """Return whether each municipality is green or yellow."""
        return self.grade <= Grade.YELLOW


def grade(window: Window, limits: Limits | None = None) -> Verdict:
    """Return the grades of a window; the years before a failure are judged as if the window ended there.

    >>> row = lambda *values: np.array([values], dtype=float).T
    >>> calm = Window(transfer=row(9, 9), repayment=row(1, 1), interest=row(1, 1), revenue=row(100, 100),
    ...     mean_revenue=row(100, 100), debt=row(20, 20), reserve_before=row(5, 5), reserve=row(5, 5),
    ...     cash_credit=row(0, 0))
    >>> Grade(int(grade(calm).grade[0])).title()
    'green'
    """
    limits = limits or Limits()
    w, breaches = window, _breaches(window, limits)
    short, orange = breaches["short"], {}
    orange["free_margin"] = np.cumsum(short, axis=0) >= limits.short_years
    orange["uncovered"] = _ever(short & (w.reserve_before + w.free_margin < 0.0))
    for name in ("debt_service", "debt_ratio", "reserve"):
        orange[name] = _ever(breaches[name])
    red = {
        "transfer": np.cumsum(w.transfer < 0.0, axis=0) >= limits.negative_years,
        "cash_credit": _ever(breaches["reserve"] & breaches["cash_credit"]),
        "consolidation": _unmended(
            orange["free_margin"] | orange["debt_service"] | orange["debt_ratio"],
            short | breaches["debt_service"] | breaches["debt_ratio"],
            w.consolidation,
            round(limits.consolidation_years),
        ),
    }
    is_red, is_orange = _any(red.values()), _any(orange.values())
    failed, failed_by = _first(is_red | is_orange, {**red, **orange}, (*_RED, *_ORANGE))
    red_year, red_by = _first(is_red, red, _RED)
    grades = np.where(short.any(axis=0), Grade.YELLOW, Grade.GREEN)
    grades = np.where(failed >= 0, Grade.ORANGE, grades)
    grades = np.where(red_year >= 0, Grade.RED, grades).astype(np.int8)
    return Verdict(grade=grades, failed_year=failed, failed_by=failed_by, red_year=red_year, red_by=red_by)


def ratios(window: Window) -> dict[str, FloatArray]:
    """Return the indicators the limits are held against, shares of revenue, shape (years, municipalities)."""
    return {
        "free_margin": _share(window.free_margin, window.revenue),
        "debt_service": _share(window.interest + window.repayment, window.revenue),
        "debt_ratio": _share(window.debt, window.mean_revenue),
        "reserve": _share(window.reserve, window.mean_revenue),
        "cash_credit": _share(window.cash_credit, window.revenue),
    }


def trailing_mean(values: FloatArray, years: int = RATIO_YEARS) -> FloatArray:
    """Return the mean of each year and the years before it, at most `years` in all, along the first axis.

    >>> trailing_mean(np.array([[3.0], [6.0], [9.0], [12.0]])).ravel().tolist()
    [3.0, 4.5, 6.0, 9.0]
    """
    return np.stack([values[max(0, i + 1 - years) : i + 1].mean(axis=0) for i in range(len(values))])


def _breaches(w: Window, limits: Limits) -> dict[str, np.ndarray]:
    """Return by year which single limits are missed; compared in money, so that no revenue is no division by zero."""
    return {
        "short": w.free_margin < limits.margin_floor_share * w.revenue,
        "debt_service": w.interest + w.repayment > limits.debt_service_limit * w.revenue,
        "debt_ratio": w.debt > limits.debt_ratio_limit * w.mean_revenue,
        "reserve": w.reserve < limits.minimum_reserve_share * w.mean_revenue,
        "cash_credit": w.cash_credit > limits.cash_credit_limit * w.revenue,
    }


def _share(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Return part over whole; nan where there is nothing to divide by."""
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0.0)


def _unmended(orange: np.ndarray, missed: np.ndarray, consolidation: np.ndarray | None, wait: int) -> np.ndarray:
    """Return by year whether a limit is still missed `wait` or more years after orange without consolidation."""
    late = np.zeros_like(orange)
    if wait < len(orange):
        late[wait:] = orange[:-wait]
    if consolidation is not None:
        late &= ~np.asarray(consolidation, dtype=bool)
    return _ever(late & missed)


def _ever(flags: np.ndarray) -> np.ndarray:
    """Return by year whether something has happened in it or before."""
    return np.logical_or.accumulate(flags, axis=0)


def _any(flags: Iterable[np.ndarray]) -> np.ndarray:
    """Return where any of several conditions holds."""
    return np.stack(list(flags)).any(axis=0)


def _first(fails: np.ndarray, reasons: dict[str, np.ndarray], order: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return the first year that fails (-1: none) and the first reason in `order` that holds in it."""
    year = np.where(fails.any(axis=0), fails.argmax(axis=0), -1)
    place = np.arange(fails.shape[1])
    holds = np.stack([reasons[name][np.maximum(year, 0), place] for name in order])
    names = np.array([*order, ""], dtype=object)
    which = np.where(year >= 0, holds.argmax(axis=0), len(order))
    return year, names[which]
