"""How well a figure is backed: the parameters that drive it, and the weakest class among them.

Three classes: sourced (official, quoted, or computed from such figures), estimated, assumed. Which parameters drive a
measure most stands in `drivers.csv`, by mechanism; it is a reading aid, no sensitivity analysis.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ...model.parameters import parameter_table
from ..texts import text

CLASSES = ("sourced", "estimated", "assumed")
CLASS_OF = {
    "official": "sourced",
    "quoted": "sourced",
    "derived": "sourced",
    "estimated": "estimated",
    "assumption": "assumed",
}
_FILE = Path(__file__).with_name("drivers.csv")


@dataclass(frozen=True, slots=True)
class Quality:
    """The class of a figure (the weakest of its drivers), as a word, and a sentence that counts them."""

    kind: str
    word: str
    sentence: str
    drivers: tuple[str, ...] = ()


@cache
def drivers() -> dict[str, tuple[str, ...]]:
    """Return for each measure the parameters that drive it most."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {row["measure"]: tuple(row["parameters"].split(";")) for row in csv.DictReader(file)}


def quality_of(measure: str, language: str) -> Quality:
    """Return how well the assumptions behind a measure are backed; a field's part of it has the same drivers."""
    known = drivers()
    base = measure if measure in known else measure.partition("_")[2]
    return quality_from(known[base], language)


def quality_from(names: tuple[str, ...], language: str) -> Quality:
    """Return the quality of a figure that these parameters drive."""
    kinds = Counter(CLASS_OF[parameter_table()[name].confidence] for name in names)
    weakest = max(kinds, key=CLASSES.index)
    counts = [
        text(language, "findings.class_count", n=kinds[kind], kind=text(language, f"findings.class_{kind}"))
        for kind in CLASSES
        if kinds[kind]
    ]
    sentence = text(language, "findings.quality", counts=", ".join(counts))
    return Quality(weakest, text(language, f"findings.class_{weakest}"), sentence, names)
