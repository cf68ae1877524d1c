"""Where money comes from and where it goes: flows as bands between columns of boxes, what leaves arrives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .chart import Chart, Table
from .svg import PAPER, SMALL, Drawing, number
from .text_width import LINE_HEIGHT, shorten, text_width, wrap

if TYPE_CHECKING:
    from ..formats import Formats

_BOX, _GAP, _AIR = 18.0, 12.0, 4.0
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#666666")


@dataclass(frozen=True, slots=True)
class Flow:
    """An amount, above zero, from one box to another; boxes are told apart by their names.

    >>> Flow("state", "district", 2.0).amount
    2.0
    """

    source: str
    target: str
    amount: float


def columns_of(flows: Sequence[Flow]) -> list[list[str]]:
    """Return the boxes by column: a box stands right of all it receives from; boxes that only receive stand last.

    Raises ValueError when money runs in a circle, for then no order has everything flow to the right.
    """
    sources: dict[str, set[str]] = defaultdict(set)
    order: dict[str, None] = {}
    for flow in flows:
        sources[flow.target].add(flow.source)
        order[flow.source] = order[flow.target] = None
    depth: dict[str, int] = {}
    waiting = list(order)
    while waiting:
        ready = [name for name in waiting if sources[name] <= depth.keys()]
        if not ready:
            raise ValueError("money runs in a circle between " + ", ".join(sorted(waiting)))
        for name in ready:
            depth[name] = 1 + max((depth[source] for source in sources[name]), default=-1)
        waiting = [name for name in waiting if name not in depth]
    gives = {flow.source for flow in flows}
    last = max(depth.values(), default=0)
    depth = {name: at if name in gives else last for name, at in depth.items()}
    return [[name for name in order if depth[name] == column] for column in range(last + 1)]


def through(flows: Sequence[Flow]) -> dict[str, float]:
    """Return how much goes through every box: the larger of what it receives and what it gives."""
    into: dict[str, float] = defaultdict(float)
    out: dict[str, float] = defaultdict(float)
    for flow in flows:
        into[flow.target] += flow.amount
        out[flow.source] += flow.amount
    return {name: max(into[name], out[name]) for name in {**into, **out}}


def sankey(
    flows: Sequence[Flow],
    *,
    title: str,
    unit: str,
    formats: Formats,
    sentence: str | None = None,
    full: float | None = None,
    width: float = 800.0,
    height: float = 480.0,
) -> Chart:
    """Return the flows; `full` is the amount as tall as three quarters of `height`, by default all that flows.

    Two drawings with the same `full` and `height` have the same scale, whatever their number of boxes.

    Raises ValueError for amounts that are not above zero, for circles, and when a box in the middle gives another sum
    than it receives.

    >>> from ..formats import Formats
    >>> "district" in sankey([Flow("state", "district", 2e6)], title="Money", unit="EUR", formats=Formats("en")).svg
    True
    """
    if any(not flow.amount > 0.0 for flow in flows):
        raise ValueError("a flow has an amount that is not above zero")
    table = _table(flows, unit, formats)
    if not flows:
        drawing = Drawing(width, 40.0)
        said = sentence or formats.say("sankey_empty", title=title)
        drawing.text(8.0, 24.0, formats.say("missing"))
        return Chart(drawing.finish(said), title, said, table)
    _check_sums(flows)
    columns, sizes = columns_of(flows), through(flows)
    pixel = 0.75 * height / max(full or 0.0, *(sum(sizes[name] for name in column) for column in columns))
    side = 0.23 * width
    step = (width - 2.0 * side - _BOX) / max(len(columns) - 1, 1)
    rooms = [side - 14.0 if at in (0, len(columns) - 1) else step - _BOX - 14.0 for at in range(len(columns))]
    labels = [[wrap(name, room, SMALL) for name in column] for column, room in zip(columns, rooms, strict=True)]
    slots = {  # a low box has the room of its words, so that these stand beside it and not beside another
        name: max(sizes[name] * pixel, (len(rows) + 1) * SMALL * LINE_HEIGHT + _AIR)
        for column, words in zip(columns, labels, strict=True)
        for name, rows in zip(column, words, strict=True)
    }
    tall = [sum(slots[name] for name in column) + _GAP * (len(column) - 1) for column in columns]
    drawing = Drawing(width, max(tall) + 16.0)
    tops: dict[str, float] = {}
    for column, whole in zip(columns, tall, strict=True):
        y = (drawing.height - whole) / 2.0
        for name in column:
            tops[name] = y + (slots[name] - sizes[name] * pixel) / 2.0
            y += slots[name] + _GAP
    lefts = {name: side + place * step for place, column in enumerate(columns) for name in column}
    colour = {name: _COLOURS[place % len(_COLOURS)] for place, name in enumerate(columns[0])}
    _bands(drawing, flows, tops, lefts, pixel, colour)
    for place, column in enumerate(columns):
        for name in column:
            drawing.rect(lefts[name], tops[name], _BOX, max(sizes[name] * pixel, 1.0), fill=colour.get(name, "#4d4d4d"),
                         data_box=name, data_amount=f"{sizes[name]:.10g}")  # fmt: skip
        centres = [tops[name] + sizes[name] * pixel / 2.0 for name in column]
        amounts = [shorten(formats.value(sizes[name], unit), rooms[place], SMALL, bold=True) for name in column]
        x = lefts[column[0]] - 8.0 if place == 0 else lefts[column[0]] + _BOX + 8.0
        _names(
            drawing, x, centres, labels[place], amounts,
            anchor="end" if place == 0 else "start", plate=0 < place < len(columns) - 1,
        )  # fmt: skip
    said = sentence or _sentence(title, flows, columns, unit, formats)
    return Chart(drawing.finish(said), title, said, table)


def _check_sums(flows: Sequence[Flow]) -> None:
    into: dict[str, float] = defaultdict(float)
    out: dict[str, float] = defaultdict(float)
    for flow in flows:
        into[flow.target] += flow.amount
        out[flow.source] += flow.amount
    for name in into.keys() & out.keys():
        if abs(into[name] - out[name]) > 1e-6 * max(into[name], out[name]):
            raise ValueError(f"{name} receives {into[name]:.2f} and gives {out[name]:.2f}")


def _bands(
    drawing: Drawing, flows: Sequence[Flow], tops: dict[str, float],
    lefts: dict[str, float], pixel: float, colour: dict[str, str],
) -> None:  # fmt: skip
    """Draw the flows as bands of their height, ordered on both sides so that they cross as little as need be."""
    leaving, arriving = dict(tops), dict(tops)
    starts: dict[int, float] = {}
    ends: dict[int, float] = {}
    for index in sorted(range(len(flows)), key=lambda i: tops[flows[i].target]):
        starts[index] = leaving[flows[index].source]
        leaving[flows[index].source] += flows[index].amount * pixel
    for index in sorted(range(len(flows)), key=lambda i: tops[flows[i].source]):
        ends[index] = arriving[flows[index].target]
        arriving[flows[index].target] += flows[index].amount * pixel
    for index, flow in enumerate(flows):
        x1, x2 = lefts[flow.source] + _BOX, lefts[flow.target]
        y1, y2, thick = starts[index], ends[index], flow.amount * pixel
        middle = (x1 + x2) / 2.0
        corners = [
            f"M{number(x1)},{number(y1)}",
            f"C{number(middle)},{number(y1)} {number(middle)},{number(y2)} {number(x2)},{number(y2)}",
            f"L{number(x2)},{number(y2 + thick)}",
            f"C{number(middle)},{number(y2 + thick)} {number(middle)},{number(y1 + thick)} "
            f"{number(x1)},{number(y1 + thick)}",
            "Z",
        ]
        drawing.path(
            " ".join(corners),
            fill=colour.get(flow.source, "#808080"),
            fill_opacity=0.38,
            stroke="#ffffff",
            stroke_width=0.6,
            data_flow=f"{flow.amount:.10g}",
        )


def _names(
    drawing: Drawing,
    x: float,
    centres: Sequence[float],
    labels: Sequence[Sequence[str]],
    amounts: Sequence[str],
    *,
    anchor: str,
    plate: bool,
) -> None:
    """Write every box's name and, below it, its amount; on a `plate` where flows pass behind them."""
    for rows, amount, centre in zip(labels, amounts, centres, strict=True):
        tall = (len(rows) + 1) * SMALL * LINE_HEIGHT
        y = centre - tall / 2.0 + SMALL * 0.95
        if plate:
            wide = max([text_width(row, SMALL) for row in rows] + [text_width(amount, SMALL, bold=True)])
            drawing.rect(x - 3.0, centre - tall / 2.0, wide + 6.0, tall, fill=PAPER, fill_opacity=0.75, rx=3.0)
        drawing.lines(x, y, rows, anchor=anchor)
        if amount:
            drawing.text(x, y + len(rows) * SMALL * LINE_HEIGHT, amount, anchor=anchor, bold=True)


def _sentence(title: str, flows: Sequence[Flow], columns: Sequence[Sequence[str]], unit: str, formats: Formats) -> str:
    largest = max(flows, key=lambda flow: flow.amount)
    given = sum(flow.amount for flow in flows if flow.source in columns[0])
    return formats.say(
        "sankey_sentence",
        title=title,
        total=formats.value(given, unit),
        sources=formats.listing(columns[0]),
        sinks=formats.listing(columns[-1]),
        source=largest.source,
        target=largest.target,
        largest=formats.value(largest.amount, unit),
    )


def _table(flows: Sequence[Flow], unit: str, formats: Formats) -> Table:
    rows = tuple((flow.source, flow.target, flow.amount) for flow in flows)
    return Table((formats.say("from"), formats.say("to"), formats.say("amount")), rows, ("", "", unit))
