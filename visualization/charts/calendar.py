"""When what ends: posts or money by payer and by year, quarter or month, with the sum of every period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...model.calendar import month_of_year, year_of
from . import palette
from .chart import Chart, Table
from .rows import names
from .scale import class_bounds, class_of
from .svg import AXIS, GRID, INK, SMALL, SOFT_INK, Drawing
from .text_width import shorten, text_width

if TYPE_CHECKING:
    from ..formats import Formats


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that ends: the month (0 is January 2015), who pays for it, and how much it is.

    >>> Ending(35, "state", 0.5).payer
    'state'
    """

    month: int
    payer: str
    amount: float
    name: str = ""


def calendar(
    endings: Sequence[Ending],
    *,
    first: int,
    last: int,
    title: str,
    unit: str,
    formats: Formats,
    sentence: str | None = None,
    rows_are: str | None = None,
    every: int | None = None,
    width: float = 720.0,
) -> Chart:
    """Return the calendar of what ends from month `first` to `last`: one row per payer, one column per period.

    `rows_are` heads the rows where they are not payers. `every` is the length of a period in months, 1, 3 or 12 (by
    default months up to a year, quarters up to three, then years). Cells are darker the more ends in them and say how
    much.

    >>> from ..formats import Formats
    >>> ends = [Ending(35, "state", 0.5)]
    >>> calendar(ends, first=24, last=47, title="What ends", unit="FTE", formats=Formats("en")).title
    'What ends'
    """
    if every is None:
        every = 1 if last - first < 12 else 3 if last - first < 36 else 12
    starts = list(range(first - (first % every), last + 1, every))
    inside = [ending for ending in endings if first <= ending.month <= last]
    payers = sorted({ending.payer for ending in inside})
    sums: dict[tuple[str, int], float] = defaultdict(float)
    for ending in inside:
        sums[ending.payer, (ending.month - starts[0]) // every] += ending.amount
    totals = [sum(sums.get((payer, place), 0.0) for payer in payers) for place in range(len(starts))]
    bounds = class_bounds([0.0, *sums.values()])
    colours = palette.sequential(len(bounds) - 1)
    labels = [*payers, formats.say("sum")]
    column = names(labels, width, share=0.26)
    left, top, tall = column.width + 16.0, 34.0, 36.0
    cell = (width - left - 8.0) / len(starts)
    drawing = Drawing(width, top + tall * len(labels) + 34.0)
    _heads(drawing, starts, every, formats, left=left, cell=cell, y=top - 10.0)
    for row, payer in enumerate(labels):
        y, total = top + row * tall, row == len(payers)
        column.draw(drawing, row, y + tall / 2.0, bold=total)
        for place in range(len(starts)):
            amount = totals[place] if total else sums.get((payer, place), 0.0)
            x = left + place * cell
            colour = colours[class_of(amount, bounds)] if amount and not total else "#ffffff"
            drawing.rect(x + 1.0, y + 1.0, cell - 2.0, tall - 2.0, fill=colour, stroke=AXIS if amount else GRID,
                         stroke_width=0.8, data_amount=f"{amount:.10g}")  # fmt: skip
            text = shorten(formats.value(amount, unit), cell - 6.0, SMALL, bold=total) if amount else ""
            if text:
                ink = INK if total else palette.text_on(colour)
                drawing.text(x + cell / 2.0, y + tall / 2.0 + SMALL * 0.36, text, anchor="middle", bold=total, fill=ink)
    drawing.text(8.0, top + tall * len(labels) + 24.0, shorten(formats.unit(unit), width - 16.0, SMALL), fill=SOFT_INK)
    said = sentence or _sentence(title, totals, starts, every, first, last, unit, formats)
    columns = (
        rows_are or formats.say("payer"),
        *(_period(start, every, formats) for start in starts),
        formats.say("sum"),
    )
    rows = [(payer, *(sums.get((payer, place), 0.0) for place in range(len(starts)))) for payer in payers]
    rows.append((formats.say("sum"), *totals))
    table = Table(columns, tuple((*row, sum(row[1:])) for row in rows), ("", *(unit for _ in columns[1:])))  # type: ignore[arg-type]
    return Chart(drawing.finish(said), title, said, table)


def _period(start: int, every: int, formats: Formats) -> str:
    if every == 12:
        return str(year_of(start))
    if every == 3:
        return f"{(month_of_year(start) + 2) // 3}/{year_of(start)}"
    return formats.month(start, short=True)


def _heads(
    drawing: Drawing, starts: Sequence[int], every: int, formats: Formats, *, left: float, cell: float, y: float
) -> None:
    """Write the periods over their columns; where they are too wide, only every second, third, ..."""
    texts = [_period(start, every, formats) for start in starts]
    step = max(1, -int(-(max(text_width(text, SMALL) for text in texts) + 6.0) // cell))
    for place, text in enumerate(texts):
        if place % step == 0:
            half = text_width(text, SMALL) / 2.0
            x = min(max(left + (place + 0.5) * cell, half), drawing.width - half)
            drawing.text(x, y, text, anchor="middle", fill=SOFT_INK)


def _sentence(
    title: str, totals: Sequence[float], starts: Sequence[int], every: int, first: int, last: int, unit: str,
    formats: Formats,
) -> str:  # fmt: skip
    if not any(totals):
        return formats.say("calendar_empty", title=title)
    peak = max(range(len(totals)), key=lambda place: totals[place])
    return formats.say(
        "calendar_sentence",
        title=title,
        total=formats.full(sum(totals), unit),
        from_month=formats.month(first),
        to_month=formats.month(last),
        peak=formats.month(starts[peak]) if every == 1 else _period(starts[peak], every, formats),
        largest=formats.full(totals[peak], unit),
    )
