"""The published figures behind codes such as E01: a source that names codes is told by the titles they stand for."""

from __future__ import annotations

import csv
import re
from functools import cache

from ..model.region import region_folder
from .texts import text

_CODE = r"(?<![A-Za-z0-9])([A-Z])(\d\d)(?!\d)"
_GRADES = re.compile(r"\bE\d+[a-z/]+ to E\d+")  # pay grades look like codes
_CODES = re.compile(rf"{_CODE}(?:(?:-| to | bis ){_CODE})?")
_PUBLISHED = "coburg"  # the shipped parameters name the figures in the list of this region
_SHOWN = 2


@cache
def figure_sources() -> dict[str, str]:
    """Return the source of every published figure by its code.

    >>> figure_sources()["L03"]
    'BAMF-Kurzanalyse 1/2020; jugendhilfeportal.de 19.02.2020'
    """
    with (region_folder(_PUBLISHED) / "targets.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["source"] for row in csv.DictReader(file, strict=True)}


def codes_in(words: str) -> tuple[str, ...]:
    """Return the codes of published figures in a text, ranges spelt out.

    >>> codes_in("set by hand to E01-E03 and W01; X09")
    ('E01', 'E02', 'E03', 'W01')
    """
    found: dict[str, None] = {}
    for letter, first, _, last in _CODES.findall(_GRADES.sub("", words)):
        numbers = range(int(first), int(last or first) + 1)
        found |= dict.fromkeys(f"{letter}{number:02d}" for number in numbers)
    return tuple(code for code in found if code in figure_sources())


def with_titles(words: str, language: str) -> str:
    """Return a source with the publications behind its codes, at most two of them, in brackets.

    >>> with_titles("L03: half of them", "en"), with_titles("mini-job limit 450", "en")
    ('L03: half of them (BAMF-Kurzanalyse 1/2020)', 'mini-job limit 450')
    """
    known = words.replace(" ", "")
    titles = dict.fromkeys(title_of(code, language) for code in codes_in(words))
    titles = [title for title in titles if title.replace(" ", "") not in known]
    if not titles:
        return words
    return f"{words} ({'; '.join([*titles[:_SHOWN], *(['…'] if len(titles) > _SHOWN else [])])})"


def title_of(code: str, language: str) -> str:
    """Return the publication behind a code without where it was found.

    >>> title_of("E01", "de")
    'IAB-BAMF-SOEP Welle 2016'
    """
    title = re.split(r"; | as reported by ", figure_sources()[code])[0].strip()
    for name in ("statistics", "wave", "release"):
        title = title.replace(text("en", f"assumptions.{name}"), text(language, f"assumptions.{name}"))
    return title
