"""The assumptions as a reader sees them: words, class, range, and how far they can be changed."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ..model.parameters import Parameter, parameter_table
from .figure_codes import with_titles
from .findings.quality import CLASS_OF, CLASSES
from .texts import FOLDER, has_text, text


@dataclass(frozen=True, slots=True)
class Assumption:
    """One parameter with its value here; `changed` when it is not the usual one.

    `words` are its short name, `sentence` says in plain words what it means ("" where the name says it).
    """

    entry: Parameter
    value: float
    words: str
    sentence: str

    @property
    def changed(self) -> bool:
        """Return whether somebody set another value."""
        return self.value != self.entry.value

    @property
    def kind(self) -> str:
        """Return sourced, estimated or assumed."""
        return CLASS_OF[self.entry.confidence]

    @property
    def step(self) -> float:
        """Return the step of a slider over the range: 1 for whole numbers, else some hundredth of the range.

        The steps reach both ends of the range and every step is a round number.
        """
        low, high = self.entry.low, self.entry.high
        if all(number.is_integer() for number in (low, high, self.entry.value)) and high - low >= 4:
            return 1.0
        return 10.0 ** math.floor(math.log10((high - low) / 50)) if high > low else 1.0


def groups() -> tuple[str, ...]:
    """Return the groups of parameters in the order of the file."""
    return tuple(dict.fromkeys(entry.group for entry in parameter_table().values()))


def group_title(group: str, language: str) -> str:
    """Return a group's name in the reader's language, or its short name when there are no words for it yet."""
    key = f"assumptions.group_{group}"
    return text(language, key) if has_text(key) else group


@cache
def german_words() -> dict[str, tuple[str, str]]:
    """Return the German short name of every parameter and one sentence on it, by name.

    >>> german_words()["overlap_loss"][0]
    'Doppelarbeit'
    """
    with (FOLDER / "parameters.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: (row["title_de"], row["sentence_de"]) for row in csv.DictReader(file, strict=True)}


def words(entry: Parameter, language: str) -> str:
    """Return what a parameter is called: in German its short name, in English the description of parameters.csv."""
    return german_words().get(entry.name, (entry.description, ""))[0] if language == "de" else entry.description


def sentence(entry: Parameter, language: str) -> str:
    """Return what a parameter means in one sentence; in English nothing, because the description is one."""
    return german_words().get(entry.name, ("", ""))[1] if language == "de" else ""


@cache
def _sources(language: str) -> dict[str, str]:
    """Return the words for sources; in English only for those that parameters.csv names by a code alone."""
    with (FOLDER / "sources.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, strict=True)
        return {row["source"]: words for row in rows if (words := row[f"source_{language}"])}


def source(entry: Parameter, language: str) -> str:
    """Return where a parameter's value comes from, in the reader's language, with the titles behind its codes."""
    return with_titles(_sources(language).get(entry.source, entry.source), language)


def assumptions(
    changed: Mapping[str, float], language: str, *, group: str = "", kind: str = "", only_changed: bool = False
) -> tuple[Assumption, ...]:
    """Return the assumptions of a group and class, with the values that were set."""
    found = (
        Assumption(entry, changed.get(name, entry.value), words(entry, language), sentence(entry, language))
        for name, entry in parameter_table().items()
    )
    return tuple(
        one
        for one in found
        if group in ("", one.entry.group) and kind in ("", one.kind) and (one.changed or not only_changed)
    )


def counts() -> dict[str, int]:
    """Return how many parameters there are of each class."""
    kinds = [CLASS_OF[entry.confidence] for entry in parameter_table().values()]
    return {kind: kinds.count(kind) for kind in CLASSES}


def changed_to(assumed: Mapping[str, float], name: str, value: float | None) -> dict[str, float]:
    """Return the changed assumptions after one more change; None or the usual value takes a change back."""
    entry = parameter_table()[name]
    rest = {key: number for key, number in assumed.items() if key != name}
    if value is None or value == entry.value or entry.problem(value) is not None:
        return rest
    return {**rest, name: float(value)}
