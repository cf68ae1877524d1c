"""The list below a map: by number the names, and where wanted the values, of places too small for their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .svg import SMALL
from .text_width import shorten, text_width

if TYPE_CHECKING:
    from .svg import Drawing

_ROW, _MARGIN, _NUMBER, _GAP = 24.0, 8.0, 26.0, 8.0


def list_height(entries: Sequence[tuple[str, str]], width: float) -> float:
    """Return how much room the entries (name, value or "") take below a map of this width.

    >>> list_height([("Ahorn", "4"), ("Meeder", "5"), ("Itzgrund", "6")], 600.0)
    24.0
    """
    return -(-len(entries) // _columns(entries, width)) * _ROW if entries else 0.0


def draw_list(drawing: Drawing, entries: Sequence[tuple[str, str]], top: float) -> None:
    """Write the entries in columns, numbered from 1; a name that is wider than the drawing is cut."""
    if not entries:
        return
    columns = _columns(entries, drawing.width)
    rows = -(-len(entries) // columns)
    wide = (drawing.width - 2.0 * _MARGIN) / columns
    for index, (name, value) in enumerate(entries):
        x, y = _MARGIN + (index // rows) * wide, top + (index % rows + 0.7) * _ROW
        room = wide - _NUMBER - _GAP - (text_width(value, SMALL, bold=True) + _GAP if value else 0.0)
        shown = shorten(name, room, SMALL)
        drawing.text(x + _NUMBER - 10.0, y, str(index + 1), anchor="end", bold=True)
        drawing.text(x + _NUMBER, y, shown)
        if value:
            drawing.text(x + _NUMBER + text_width(shown, SMALL) + _GAP, y, value, bold=True)


def _columns(entries: Sequence[tuple[str, str]], width: float) -> int:
    """Return how many columns fit beside each other without cutting a name."""
    widest = max(
        text_width(name, SMALL) + (text_width(value, SMALL, bold=True) + _GAP if value else 0.0)
        for name, value in entries
    )
    return max(1, int((width - 2.0 * _MARGIN) // (_NUMBER + widest + _GAP)))
