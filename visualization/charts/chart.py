"""What every chart returns: the drawing, a title, a sentence that says what it shows, and the numbers as a table."""

from __future__ import annotations

import html
from dataclasses import dataclass

Cell = str | float | None


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a chart: one row per thing shown, cells as text or as plain numbers (not yet formatted).

    `units` has one entry per column as in measures.csv ("share", "EUR", ...), empty for texts; None is a missing value.

    >>> Table(("place", "months"), (("Ahorn", 4.0),), ("", "months")).unit(1)
    'months'
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    units: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a table whose rows do not fit its columns."""
        if self.units and len(self.units) != len(self.columns):
            raise ValueError(f"{len(self.units)} units for {len(self.columns)} columns")
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("a row of the table has another number of cells than there are columns")

    def unit(self, column: int) -> str:
        """Return the unit of a column, "" when it has none."""
        return self.units[column] if self.units else ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing that stands alone.

    `svg` is one `<svg role="img" aria-label=SENTENCE>` element with a viewBox and fixed colours on white: it needs no
    style sheet, no script and no font file, and every text in it is escaped. The title is not drawn; a page or a
    report sets it as a heading above the drawing.

    >>> Chart("<svg></svg>", "Waiting", "Four months.", Table((), ())).alone().endswith("</svg>\\n")
    True
    """

    svg: str
    title: str
    sentence: str
    table: Table

    def alone(self) -> str:
        """Return the drawing as an SVG file of its own, with the XML head that a file needs."""
        title = f"<title>{html.escape(self.title)}</title>"
        head, _, body = self.svg.partition(">")
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}>{title}{body}\n'
