"""Who does what: a table whose cells say in words, pattern and colour whether one, none or many act."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from .chart import Chart, Table
from .rows import legend_lines, legend_row, names
from .svg import AXIS, INK, PAPER, SMALL, Drawing
from .text_width import LINE_HEIGHT, shorten, text_width, wrap

if TYPE_CHECKING:
    from ..formats import Formats

Kind = Literal["gap", "duplicate", "clear", "none"]
KINDS: tuple[Kind, ...] = ("gap", "duplicate", "clear", "none")
_PAPER = {"gap": "#fdb863", "duplicate": "#b2abd2", "clear": "#e3eef5", "none": "#ffffff"}
_INK = {"gap": "#b35806", "duplicate": "#542788", "clear": "#e3eef5", "none": "#ffffff"}
_PATTERN = {"gap": "cross", "duplicate": "hatch"}
_ROOM = 6.0  # pixels of a cell beside its word


@dataclass(frozen=True, slots=True)
class State:
    """What a cell says: its kind and a short text, such as the number of bodies; without one, the word of its kind.

    >>> State("duplicate", "2").kind
    'duplicate'
    """

    kind: Kind
    short: str = ""


def matrix(
    rows: Sequence[str],
    columns: Sequence[str],
    states: Mapping[tuple[int, int], State],
    *,
    title: str,
    formats: Formats,
    sentence: str | None = None,
    words: Mapping[Kind, str] | None = None,
    width: float = 800.0,
) -> Chart:
    """Return the matrix; `states` by (row, column), a cell without a state counts as "none".

    `words` replace the names of the kinds in the legend, such as "Lücke – niemand zuständig". Cells too narrow for a
    word show the short text or its first letter, which the legend then names; column names that are too wide stand
    upright.

    >>> from ..formats import Formats
    >>> found = matrix(["Ahorn"], ["advice"], {(0, 0): State("gap")}, title="Who", formats=Formats("en"))
    >>> "Ahorn" in found.svg
    True
    """
    said_kinds = {kind: (words or {}).get(kind) or formats.say(kind) for kind in KINDS}
    column = names(rows, width, share=0.22)
    left = column.width + 16.0
    cell = (width - left - 8.0) / max(len(columns), 1)
    upright = any(line.endswith("…") for text in columns for line in wrap(text, cell - 6.0, SMALL, lines=3))
    heads = [[shorten(text, 190.0, SMALL)] if upright else wrap(text, cell - 6.0, SMALL, lines=3) for text in columns]
    if upright:
        top = max((text_width(line, SMALL) for lines in heads for line in lines), default=0.0) + 16.0
    else:
        top = max((len(lines) for lines in heads), default=1) * SMALL * LINE_HEIGHT + 12.0
    low = 34.0 if cell >= 40.0 else 26.0  # narrow cells are low as well, near to squares
    tall = [max(column.height(row) + 8.0, low) for row in range(len(rows))]
    bottom = top + sum(tall)
    every = [_state(states, row, place).kind for row in range(len(rows)) for place in range(len(columns))]
    used: list[Kind] = [kind for kind in KINDS if kind in every]
    letters = any(text_width(formats.say(kind), SMALL) > cell - _ROOM for kind in used if kind != "none")
    in_cells = {kind: formats.say(kind)[:1] if letters else formats.say(kind) for kind in KINDS}
    named = {kind: f"{formats.say(kind)[:1]} = {said_kinds[kind]}" if letters and kind != "none" else said_kinds[kind]
             for kind in used}  # fmt: skip
    entries = [(named[kind], partial(_swatch, kind=kind)) for kind in used]
    drawing = Drawing(width, bottom + 12.0 + 24.0 * legend_lines(width, [name for name, _ in entries]))
    for place, lines in enumerate(heads):
        x = left + (place + 0.5) * cell
        if upright:
            across = x + SMALL * 0.36
            drawing.text(across, top - 8.0, lines[0], transform=f"rotate(-90 {across:.2f} {top - 8.0:.2f})")
        else:
            first = top - 8.0 - (len(lines) - 1) * SMALL * LINE_HEIGHT
            drawing.lines(x, first, lines, anchor="middle")
    y = top
    for row, height in enumerate(tall):
        column.draw(drawing, row, y + height / 2.0)
        for place in range(len(columns)):
            state = _state(states, row, place)
            words_here = f"{rows[row]}, {columns[place]}: {said_kinds[state.kind]}"
            _cell(drawing, left + place * cell, y, cell, height, state, in_cells[state.kind], words_here)
        y += height
    legend_row(drawing, bottom + 24.0, entries)
    counts = Counter(every)
    listed = ", ".join(f"{said_kinds[kind]}: {formats.number(counts[kind], 0)}" for kind in used)
    said = sentence or formats.say("matrix_sentence", title=title, rows=len(rows), columns=len(columns), counts=listed)
    table = Table(
        ("", *columns),
        tuple(
            (name, *(_written(_state(states, row, place), formats) for place in range(len(columns))))
            for row, name in enumerate(rows)
        ),
    )
    return Chart(drawing.finish(said), title, said, table)


def _state(states: Mapping[tuple[int, int], State], row: int, column: int) -> State:
    return states.get((row, column), State("none"))


def _written(state: State, formats: Formats) -> str:
    word = formats.say(state.kind)
    return f"{word} ({state.short})" if state.short else word


def _fill(drawing: Drawing, kind: Kind) -> str:
    if kind in _PATTERN:
        return drawing.pattern(_PATTERN[kind], ink=_INK[kind], paper=_PAPER[kind])
    return _PAPER[kind]


def _cell(
    drawing: Drawing, x: float, y: float, width: float, height: float, state: State, word: str, hint: str
) -> None:
    drawing.open(data_state=state.kind)
    drawing.hint(hint)
    drawing.rect(x + 1.0, y + 1.0, width - 2.0, height - 2.0, fill=_fill(drawing, state.kind), stroke=AXIS,
                 stroke_width=0.8)  # fmt: skip
    if state.kind != "none" or state.short:
        both = f"{word} ({state.short})" if state.short else word
        fitting = [text for text in (both, word, state.short) if text and text_width(text, SMALL) <= width - _ROOM]
        if fitting:
            wide = text_width(fitting[0], SMALL) + 4.0
            middle = x + width / 2.0
            if state.kind in _PATTERN:
                drawing.rect(middle - wide / 2.0, y + height / 2.0 - 9.0, wide, 18.0, fill=PAPER, rx=3.0)
            drawing.text(middle, y + height / 2.0 + SMALL * 0.36, fitting[0], anchor="middle", fill=INK)
    drawing.close()


def _swatch(drawing: Drawing, x: float, y: float, *, kind: Kind) -> None:
    drawing.rect(x, y, 26.0, 14.0, fill=_fill(drawing, kind), stroke=AXIS, stroke_width=0.8)
