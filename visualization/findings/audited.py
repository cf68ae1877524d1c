"""Which assumption turns a result, from the audit: `audit-REGION.csv` beside this file.

The table is `flips.csv` as `kreislauf audit REGION` writes it into `results/audit-REGION/tables`; a copy of it is
shipped for regions that were audited. Every assumption was moved alone to the ends of its range, with the same seeds.
Rows whose assumption has another value today are left out: they speak of another state of the model.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ...model.measures import MEASURES
from ...model.parameters import parameter_table
from ..choices import STATUS_QUO, Choice
from ..subject import OWN

if TYPE_CHECKING:
    from ..formats import Formats
    from .lens import Lens

FOLDER = Path(__file__).parent
MOST = 4
"""More assumptions than these are counted, not named."""


@dataclass(frozen=True, slots=True)
class Flip:
    """A conclusion about a variant against the status quo that an assumption loses or turns, moved to `moved_to`.

    `threshold` is the value from which on the mean difference has the other sign, None when it never has.
    """

    variant: str
    measure: str
    parameter: str
    value: float
    moved_to: float
    turned: bool
    threshold: float | None

    @property
    def distance(self) -> float:
        """How far the assumption must move, as a share of its range."""
        entry = parameter_table()[self.parameter]
        return abs((self.moved_to if self.threshold is None else self.threshold) - self.value) / (
            entry.high - entry.low
        )


def audited_flips(region: str) -> tuple[Flip, ...]:
    """Return what the audit of a region found: turned before lost, the nearest first; nothing without an audit."""
    path = FOLDER / f"audit-{region}.csv"
    return _read(path) if path.is_file() else ()


@cache
def _read(path: Path) -> tuple[Flip, ...]:
    known, found = parameter_table(), []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, strict=True):
            entry, value = known.get(row["parameter"]), float(row["value"])
            if entry is None or row["measure"] not in MEASURES or not math.isclose(entry.value, value, rel_tol=1e-9):
                continue
            threshold = float(row["threshold"] or "nan")
            turned = row["verdict"] == "turned"
            found.append(
                Flip(
                    row["variant"],
                    row["measure"],
                    row["parameter"],
                    value,
                    float(row["moved_to"]),
                    turned,
                    None if math.isnan(threshold) else threshold,
                )
            )
    return tuple(sorted(found, key=lambda flip: (not flip.turned, flip.distance)))


def in_words(value: float, unit: str, formats: Formats) -> str:
    """Return the value of an assumption with its unit, three significant figures at most: it may be far below one.

    >>> from ..formats import Formats
    >>> in_words(0.75, "hours", Formats("de")), in_words(0.04, "per month", Formats("en"))
    ('0,75\\xa0Stunden', '0.04\\xa0per month')
    >>> in_words(0.1, "share per month", Formats("de"))
    '10\\xa0% im Monat'
    """
    words = formats.unit(unit).partition(" ")[2]
    if unit.startswith("share ") and words:  # "Anteil im Monat" becomes "10 % im Monat"
        percent = f"{100.0 * value:.3g}".partition(".")[2]
        return f"{formats.percent(value, len(percent))} {words}"
    if unit == "share" or unit.startswith("EUR"):
        return formats.full(value, unit)
    whole, _, decimals = f"{value:.3g}".partition(".")
    return formats.full(value, unit, 0 if "e" in whole + decimals else len(decimals))


def sentences(lens: Lens) -> tuple[str, ...]:
    """Return in words which assumptions turn the results of B, whose rule and instrument were audited one by one."""
    from ..assumption_list import words

    if (
        lens.ensemble.region.field != OWN
        or lens.same
        or lens.baseline != STATUS_QUO
        or lens.choice.name
        or lens.ensemble.assumptions
    ):
        return ()
    alone = {lens.choice.rule: Choice(lens.choice.rule)}
    alone[lens.choice.instrument] = Choice("parallel", lens.choice.instrument)
    flips = [flip for flip in audited_flips(lens.ensemble.region.name) if flip.variant in alone]
    named = list(dict.fromkeys((flip.variant, flip.measure, flip.parameter) for flip in flips))
    said = []
    for key in named[:MOST]:
        flip = next(one for one in flips if (one.variant, one.measure, one.parameter) == key)
        entry = parameter_table()[flip.parameter]
        at = flip.moved_to if flip.threshold is None else flip.threshold
        said.append(
            lens.say(
                "audited_turned" if flip.turned else "audited_lost",
                name=lens.choice_name(alone[flip.variant]),
                measure=lens.title(flip.measure),
                assumption=words(entry, lens.language),
                value=in_words(flip.value, entry.unit, lens.formats),
                there=in_words(at, entry.unit, lens.formats),
            )
        )
    if len(named) > MOST:
        said.append(lens.say("audited_more", n=lens.formats.number(len(named) - MOST, 0)))
    return tuple(said)
