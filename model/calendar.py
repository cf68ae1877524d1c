"""Months as integers: 0 is January 2015, 1 is February 2015, -1 is December 2014."""

from __future__ import annotations

import re

EPOCH_YEAR = 2015
OPEN_START, OPEN_END = -100_000, 100_000
"""Months far outside every run, for what was always there or has no end."""
_LABEL = re.compile(r"^(\d{4})-(0[1-9]|1[0-2])$")


def month_index(label: str) -> int:
    """Return the month number of a label such as "2015-03"; ValueError when it is not YYYY-MM.

    >>> month_index("2015-03")
    2
    """
    match = _LABEL.match(label)
    if match is None:
        raise ValueError(f"{label!r} is not a month of the form YYYY-MM")
    return (int(match[1]) - EPOCH_YEAR) * 12 + int(match[2]) - 1


def month_label(index: int) -> str:
    """Return the label of a month number.

    >>> month_label(-1)
    '2014-12'
    """
    return f"{year_of(index):04d}-{month_of_year(index):02d}"


def year_of(index: int) -> int:
    """Return the calendar year of a month number."""
    return EPOCH_YEAR + index // 12


def month_of_year(index: int) -> int:
    """Return 1 for January to 12 for December."""
    return index % 12 + 1
