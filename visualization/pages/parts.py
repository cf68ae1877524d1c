"""Blocks that several screens share: findings, cards, badges, notes and tables of values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..charts.text_width import softened
from ..components import Html
from ..findings.cache import once
from ..markup import joined, markup, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from ..charts.chart import Table
    from ..context import Context
    from ..findings.quality import Quality
    from ..formats import Formats


def badge(quality: Quality) -> Markup:
    """Return the class of a figure as a word in a frame: full, dashed or dotted line; its sentence as a hint."""
    style = {"sourced": "solid", "estimated": "dashed", "assumed": "dotted"}[quality.kind]
    return markup(
        '<span class="kl-tag" style="border-style:{}" title="{}">{}</span>', style, quality.sentence, quality.word
    )


def finding(sentence: str, *more: str) -> Markup:
    """Return the sentence a screen begins with."""
    extra = joined(markup("<p>{}</p>", words) for words in more if words)
    return markup('<p class="kl-finding">{}</p>{}', sentence, extra)


def notes(context: Context, sentences: Sequence[str]) -> Markup:
    """Return what is not modelled, above everything else."""
    lines = joined(markup("<li>{}</li>", words) for words in sentences)
    head = context.text("findings.not_modelled")
    return markup('<aside class="kl-note" aria-label="{0}"><strong>{0}:</strong><ul>{1}</ul></aside>', head, lines)


def value_table(context: Context, found: Table, *, caption: str = "", mark: str = "", exact: bool = False) -> Markup:
    """Return a table of findings as HTML, numbers in the reader's form; the row named `mark` stands out.

    With `exact`, amounts are written in euros and cents. Written once for everybody.
    """
    key = ("table", found, context.language, caption, mark, exact)
    return once(key, lambda: _value_table(context.formats, found, caption=caption, mark=mark, exact=exact))


def _value_table(formats: Formats, found: Table, *, caption: str, mark: str, exact: bool) -> Markup:
    numbers = {n for row in found.rows for n, cell in enumerate(row) if isinstance(cell, int | float)}
    rows = [
        [
            cell if isinstance(cell, str) else _written(formats, cell, found.unit(number), exact=exact)
            for number, cell in enumerate(row)
        ]
        for row in found.rows
    ]
    if mark:
        rows = [
            [markup("<strong>{}</strong>", softened(cell)) if row[0] == mark else cell for cell in row] for row in rows
        ]
    return table(found.columns, rows, caption=caption, right=numbers)


def turning(context: Context, sentences: Sequence[str]) -> Markup:
    """Return which assumptions turn the result, nothing when none is known."""
    if not sentences:
        return markup("")
    lines = joined(markup("<li>{}</li>", words) for words in sentences)
    head = context.text("findings.flip_title")
    return markup('<section class="kl-card"><h2>{}</h2><ul>{}</ul></section>', head, lines)


def show(*parts: Markup | str) -> None:
    """Show blocks one after another."""
    Html(joined(parts))


def _written(formats: Formats, value: float | None, unit: str, *, exact: bool) -> str:
    return formats.number(value, 2) if exact and unit == "EUR" else formats.value(value, unit)
