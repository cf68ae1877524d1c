"""Two variants of one ensemble seen by a reader of one language: what all findings start from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ...model.field import load_field
from ...model.measures import MEASURES, measures_of
from ..ensemble_digest import PLACE_MEASURES
from ..formats import GAP, Formats
from ..texts import text
from .quality import Quality, quality_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..choices import Choice
    from ..ensemble import Ensemble

LOW, HIGH = 0.1, 0.9
"""The middle 8 of 10 runs lie between these quantiles."""
LAST_MONTHS = 12
CLEAR = 0.9
"""A difference counts as clear when one variant is ahead in this share of the runs."""


@dataclass(frozen=True)
class Lens:
    """The baseline (A) and the choice (B) in one language."""

    ensemble: Ensemble
    baseline: Choice
    choice: Choice
    language: str

    @cached_property
    def formats(self) -> Formats:
        """How numbers are written."""
        return Formats(self.language)

    def say(self, key: str, /, **values: object) -> str:
        """Return a text; keys without a topic are those of findings.toml."""
        return text(self.language, key if "." in key else f"findings.{key}", **values)

    @property
    def a(self) -> str:
        """The name of the baseline."""
        return self.choice_name(self.baseline)

    @property
    def b(self) -> str:
        """The name of the choice."""
        return self.choice_name(self.choice)

    def choice_name(self, choice: Choice) -> str:
        """Return the name of a variant."""
        return choice.title(self.language)

    def known(self, measures: Sequence[str]) -> tuple[str, ...]:
        """Return those measures that the field of action has, and before them its own main outcomes."""
        return known_measures(self.ensemble, measures)

    @property
    def same(self) -> bool:
        """Whether A and B are the same."""
        return self.baseline == self.choice

    def title(self, measure: str) -> str:
        """Return the name of a measure."""
        entry = MEASURES[measure]
        return entry.title_de if self.language == "de" else entry.title_en

    def place_name(self, key: str) -> str:
        """Return the name of a municipality."""
        return str(self.ensemble.region.municipalities["name"].iloc[self.ensemble.places.index(key)])

    def last_year(self, choice: Choice, measure: str) -> np.ndarray:
        """Return a measure in the last twelve months of every run, shape (S,)."""
        return last_year(self.ensemble.series(choice, measure), measure)

    def last_year_by_place(self, choice: Choice, measure: str) -> np.ndarray:
        """Return a measure of every municipality in the last twelve months, shape (S, M)."""
        if measure.startswith("burden"):
            return self.ensemble.places_at(choice, measure, self.ensemble.months[-1])
        return self.ensemble.by_place(choice, measure, first=self.ensemble.months[-1] - LAST_MONTHS + 1)

    def range_sentence(self, values: np.ndarray, unit: str) -> str:
        """Return "In 8 von 10 Läufen zwischen 3 und 5." """
        low, _, high = spread(values)
        return self.say("range", low=self.formats.value(low, unit), high=self.formats.full(high, unit))

    def difference(self, found: Paired, unit: str) -> str:
        """Return the middle difference with the range of 8 of 10 runs: "+0,2 Monate (+0,1 bis +0,4)"."""
        return self.with_range(found.differences, found.median, unit)

    def with_range(self, values: Sequence[float], middle: float, unit: str) -> str:
        """Return a difference and, in brackets, between which values it lies in 8 of 10 runs."""
        low, _, high = spread(np.array(values))
        ends = self.say("up_to", low=self.formats.change(low, unit), high=self.formats.change(high, unit))
        return f"{self.formats.difference(middle, unit)} ({ends.replace(' ', GAP)})"

    def quality(self, measure: str) -> Quality:
        """Return how well the assumptions behind a measure are backed."""
        return quality_of(measure, self.language)


def known_measures(ensemble: Ensemble, measures: Sequence[str]) -> tuple[str, ...]:
    """Return those of some measures the ensemble's field has; other fields than integration begin with their own.

    Their own are the main outcomes that belong to the field alone.
    """
    has = measures_of(load_field(ensemble.field))
    listed = [name for name in measures if name in has]
    own = [
        name
        for name, measure in has.items()
        if measure.headline and measure.field not in ("", "integration") and "+" not in measure.field
        and measure.question == "outcomes"
        and (name in PLACE_MEASURES or not set(measures) <= set(PLACE_MEASURES))
    ]  # fmt: skip
    return tuple(dict.fromkeys([*own, *listed]))


def last_year(series: np.ndarray, measure: str) -> np.ndarray:
    """Return the value of the last twelve months from monthly values (S, T).

    The sum for what is summed up, the last value for what looks back over twelve months itself, else the mean of the
    months that have a value.
    """
    from ..ensemble import over_time

    aggregate = "last" if measure.startswith(("burden", "levy")) else MEASURES[measure].aggregate
    return over_time(series[:, -LAST_MONTHS:], aggregate)


def spread(values: np.ndarray) -> tuple[float, float, float]:
    """Return the 10 % point, the median and the 90 % point of the runs that have a value; nan without any.

    >>> spread(np.array([1.0, 2.0, 3.0, np.nan]))[1]
    2.0
    """
    known = values[~np.isnan(values)]
    if not known.size:
        return float("nan"), float("nan"), float("nan")
    low, middle, high = np.quantile(known, [LOW, 0.5, HIGH])
    return float(low), float(middle), float(high)


@dataclass(frozen=True, slots=True)
class Paired:
    """Differences B minus A run by run, and what may be said about them.

    B is `ahead` (higher, where no direction is better) in so many of `runs`, A in `behind`, the rest is equal.
    """

    differences: tuple[float, ...]
    better: str
    ahead: int
    behind: int
    runs: int
    median: float

    @property
    def nothing(self) -> bool:
        """Whether no run differs."""
        return self.ahead == self.behind == 0

    @property
    def within_spread(self) -> bool:
        """Whether the difference is smaller than the spread: neither is ahead in at least 9 of 10 runs."""
        return max(self.ahead, self.behind) < CLEAR * self.runs


def paired(before: np.ndarray, after: np.ndarray, better: str) -> Paired:
    """Return the paired differences of runs with the same seeds; runs without a value in both are left out.

    `better` is the direction of the measure: lower, higher or none.

    >>> paired(np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 3.0]), "lower").ahead
    2
    """
    change = after - before
    known = change[~np.isnan(change)]
    lower, higher = int((known < 0).sum()), int((known > 0).sum())
    ahead, behind = (lower, higher) if better == "lower" else (higher, lower)
    return Paired(tuple(known.tolist()), better, ahead, behind, known.size, spread(known)[1])


def verdict(lens: Lens, found: Paired) -> str:
    """Return in words in how many runs the one that is ahead more often is ahead, and whether the spread is larger."""
    if lens.same:
        return lens.say("same_choice")
    if found.nothing:
        return lens.say("no_difference", N=lens.formats.number(found.runs, 0))
    first = found.ahead >= found.behind
    runs = lens.formats.of_runs(max(found.ahead, found.behind), found.runs)
    if found.better == "none":
        words = lens.say("higher" if first else "lower", runs=runs, b=lens.b)
    else:
        words = lens.say("ahead", runs=runs, b=lens.b if first else lens.a)
    return f"{words} {lens.say('within_spread')}" if found.within_spread else words


def ahead_of(lens: Lens, found: Paired) -> str:
    """Return in how many runs B is ahead, starred where the difference is smaller than the spread.

    "–" where no direction is better.
    """
    if found.nothing:
        return lens.say("equal_in")
    if found.better == "none":
        return "–"
    words = lens.say("stress.short", n=lens.formats.number(found.ahead, 0), N=lens.formats.number(found.runs, 0))
    return (f"{words} *" if found.within_spread else words).replace(" ", GAP)  # one piece, wherever lines break
