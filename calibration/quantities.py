"""What can be observed about people: each quantity once, with the question it stands for and its value in the model."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..agents.integration.codes import KITA, MINOR, NO_WORK, REGULAR, SCHOOL, TRAINEE
from .people import Columns

_WORDS = Path(__file__).with_name("quantities.csv")
Value = Callable[[Columns, Any], np.ndarray]

ADULT_VALUES: Mapping[str, Value] = {
    "employed": lambda a, _: a["work"] != NO_WORK,
    "employed_regular": lambda a, _: (a["work"] != NO_WORK) & (a["work"] != MINOR),
    "german_good": lambda a, p: says_good(a["level"], p.self_rating_level, p.self_rating_spread),
    "german_level": lambda a, _: np.floor(a["level"]),  # certificates are for whole levels
    "course_attended": lambda a, _: a["course"] != "none",
    "integration_course_attended": lambda a, _: (a["course"] != "none") & a["federal"],
    "course_wait": lambda a, _: _among(
        a["course_wait"], a["federal"] & (a["course_started"] < 12) & (a["course_wait"] >= 0)
    ),
    "course_wait_obligated": lambda a, _: _among(
        a["recognised"] - a["course_started"],
        (a["recognised"] >= a["course_started"]) & (a["course_started"] < 12) & (a["course"] != "none"),
    ),
    "private_housing": lambda a, _: a["private"],
    "individual_housing": lambda a, p: a["private"] + p.decentral_called_private * a["decentral"],
    "contacts": lambda a, _: a["contacts"],
    "weekly_contact": lambda a, p: 1.0 - (1.0 - p.contact_weekly) ** a["contacts"],
    "contact_points": lambda a, _: a["contact_points"],
    "unmet_needs": lambda a, _: a["unmet_needs"],
    "waiting": lambda a, _: a["waiting"],
    "sgb2": lambda a, _: a["sgb2"],
    "apprentice_among_employed": lambda a, _: _among(a["work"] == TRAINEE, a["work"] != NO_WORK),
    "wage_full_time": lambda a, _: _among(a["wage_eur"], a["work"] == REGULAR),
    "wage_employed": lambda a, _: _among(a["wage_eur"], a["work"] != NO_WORK),
    "flat_within_6_months": lambda a, _: _among(
        a["private"] & (a["settled"] >= 0) & (a["settled"] <= 6), (a["recognised"] >= 6) & (a["settled"] >= 0)
    ),
}
"""Quantities of an adult: value by the columns of `People.adults` and the parameters; NaN where the question does not
apply. Values between 0 and 1 of a share are the chance of a yes."""

CHILD_VALUES: Mapping[str, Value] = {
    "kita_under3": lambda c, _: _among(c["place"] == KITA, c["age"] < 3.0),
    "kita_3plus": lambda c, _: _among(c["place"] == KITA, (c["age"] >= 3.0) & (c["age"] < 6.0)),
    "school": lambda c, _: _among(c["place"] == SCHOOL, (c["age"] >= 6.0) & (c["age"] < 18.0)),
}
"""Quantities of a child."""

COUNTS = (
    "asylum_persons", "asylum_decentral", "misplaced_persons", "sgb2_persons", "placements_14_months",
)  # fmt: skip
"""Figures of registers for the whole region; they know no cell."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity: who is asked (adult, child, register), its unit (share or another), and its words."""

    name: str
    who: Literal["adult", "child", "register"]
    unit: str
    low: float
    high: float
    title_en: str
    title_de: str
    question: str

    @property
    def is_share(self) -> bool:
        """Whether it is the share of people who say yes."""
        return self.unit == "share"


@cache
def quantities() -> dict[str, Quantity]:
    """Return all quantities by name, in file order."""
    with _WORDS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        row["name"]: Quantity(**{**row, "low": float(row["low"]), "high": float(row["high"])})  # pyright: ignore[reportArgumentType]
        for row in rows
    }


def says_good(level: np.ndarray, middle: float, spread: float) -> np.ndarray:
    """Return the chance that a person of a German level (CEFR step) calls its German good or very good.

    A logistic curve: one half at `middle`, steeper the smaller `spread` (both CEFR steps). No study was found that
    compares self-ratings with tests for this population, so both are parameters with ranges.

    >>> says_good(np.array([1.0, 3.0]), 3.0, 0.4).round(3).tolist()
    [0.007, 0.5]
    """
    return 1.0 / (1.0 + np.exp(-(np.asarray(level, np.float64) - middle) / spread))


def _among(value: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Return the values of those who are asked, NaN for the others."""
    return np.where(asked, value.astype(np.float64), np.nan)
