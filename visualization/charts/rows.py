"""Charts of rows: names in a column on the left, something drawn beside each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .svg import SMALL, Drawing
from .text_width import LINE_HEIGHT, text_width, wrap


@dataclass(frozen=True, slots=True)
class Names:
    """The wrapped names of rows and the width of their column."""

    rows: tuple[tuple[str, ...], ...]
    width: float

    def height(self, row: int) -> float:
        """Return the height a name takes."""
        return len(self.rows[row]) * SMALL * LINE_HEIGHT

    def draw(self, drawing: Drawing, row: int, centre: float, *, left: float = 8.0, bold: bool = False) -> None:
        """Write a name with its lines centred on `centre`."""
        top = centre - self.height(row) / 2.0
        drawing.lines(left, top + SMALL * 0.9, self.rows[row], bold=bold)


def names(labels: Sequence[str], width: float, *, share: float = 0.34, lines: int = 2, bold: bool = False) -> Names:
    """Return names wrapped to at most `share` of a drawing's width."""
    room = share * width
    wrapped = tuple(tuple(wrap(label, room, SMALL, lines=lines, bold=bold)) for label in labels)
    widest = max((text_width(line, SMALL, bold=bold) for rows in wrapped for line in rows), default=0.0)
    return Names(wrapped, widest + 8.0)


def legend_row(
    drawing: Drawing, y: float, entries: Sequence[tuple[str, object]], *, left: float = 8.0, line: float = 24.0
) -> float:
    """Write swatches with their names in lines that wrap, the first baseline at `y`; return the last baseline.

    An entry is a name and a function of the drawing that draws a swatch of 26 x 14 with its left upper corner given.
    """
    x = left
    for name, swatch in entries:
        rows = wrap(name, drawing.width - left - 44.0, SMALL, lines=1)
        wide = 33.0 + text_width(rows[0], SMALL) + 22.0 if rows else 0.0
        if x > left and x + wide - 22.0 > drawing.width:
            x, y = left, y + line
        swatch(drawing, x, y - 12.0)  # type: ignore[operator]
        drawing.lines(x + 33.0, y, rows)
        x += wide
    return y


def legend_lines(width: float, entries: Sequence[str], *, left: float = 8.0) -> int:
    """Return how many lines `legend_row` needs."""
    x, lines = left, 1
    for name in entries:
        wide = 33.0 + min(text_width(name, SMALL), width - left - 44.0) + 22.0
        if x > left and x + wide - 22.0 > width:
            x, lines = left, lines + 1
        x += wide
    return lines
