"""The annex on paper: two to four pages A4 as a tagged PDF."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from markupsafe import Markup

from ..formats import GAP, Formats
from ..markup import joined, markup
from .annex import Annex, Part, annex
from .pdf import PAPER_CSS, document, fitting_pdf

FULL_MM, HALF_MM = 172.0, 83.0
"""Width of a drawing across the page, and of two beside each other."""
MOST_PAGES = 4
_WIDTHS = {"comparison": 116.0}  # so that the dots stand below the figures they belong to
_ASSUMPTIONS = {2: 12, 3: 8, 4: 8}  # how many a shorter paper names, the weakest first
_SHORT = 18  # letters in a cell that stay on one line
_SIZE = re.compile(r' width="([\d.]+)" height="([\d.]+)"(?= role)')
_STYLE = re.compile(r' style="max-width:[^"]*"')

if TYPE_CHECKING:
    from ..charts.chart import Chart, Table
    from ..choices import Choice
    from ..ensemble import Ensemble


def annex_pdf(
    ensemble: Ensemble,
    baseline: Choice,
    choice: Choice,
    *,
    language: str = "de",
    shocks: tuple[str, ...] | None = None,
    year: int | None = None,
) -> bytes:
    """Return the annex on two variants as a tagged PDF/UA-1, the same bytes for the same runs.

    Raises KreislaufError when the libraries for PDF are missing.
    """
    return paper_pdf(annex(ensemble, baseline, choice, language=language, shocks=shocks, year=year))


def paper_pdf(found: Annex) -> bytes:
    """Return an annex as PDF: two to four pages, with as much of it as fits."""
    return fitting_pdf((paper(found, brief=brief) for brief in range(6)), most=MOST_PAGES)


def paper(found: Annex, *, brief: int = 0) -> str:
    """Return an annex as an HTML page for print.

    `brief` leaves out what the screens show anyway: 1 the table by task, 2 and 3 all but the weakest assumptions, 4
    the matrix, 5 the usual assumptions and the dots.
    """
    formats = Formats(found.language)
    pairs = [markup("<th scope=row>{}</th><td>{}</td>", *pair) for pair in found.facts]
    half = -(-len(pairs) // 2)
    rows = [joined((pairs[place], *pairs[place + half : place + half + 1])) for place in range(half)]
    facts = joined(markup("<tr>{}</tr>", row) for row in rows)
    main = joined(markup("<li>{}</li>", words) for words in found.main)
    body = markup(
        "<header><p class=kind>{}</p><h1>{}</h1></header><table class=facts><tbody>{}</tbody></table>"
        "<section class=box><ul>{}</ul><p class=note>{}</p></section>{}",
        found.kind,
        found.title,
        facts,
        main,
        found.warning,
        joined(_part(_shortened(part, brief), formats) for part in found.parts),
    )
    title = f"{found.kind}: {found.title}"
    return document(str(body), title=title, language=found.language, css=PAPER_CSS + _foot(found.foot))


def _foot(words: str) -> str:
    """Return the style that writes words at the foot of every page; they stand in a CSS string, so quotes go."""
    plain = "".join(letter for letter in words if letter not in '"\\\n\r<')
    return f'@page {{ @bottom-left {{ content: "{plain}"; }} }}\n'


def _shortened(part: Part, brief: int) -> Part:
    """Return a part without what a shorter paper leaves out."""
    if part.key == "responsibilities" and brief >= 1:
        part = replace(part, tables=())
    if part.key == "limits" and brief in _ASSUMPTIONS:
        caption, usual = part.tables[-1]
        part = replace(
            part, tables=(*part.tables[:-1], (caption, replace(usual, rows=usual.rows[: _ASSUMPTIONS[brief]])))
        )
    if part.key == "limits" and brief >= 5:
        part = replace(part, tables=part.tables[:-1])
    if (part.key == "responsibilities" and brief >= 4) or (part.key == "comparison" and brief >= 5):
        part = replace(part, charts=())
    return part


def _part(part: Part, formats: Formats) -> Markup:
    """Return a section: sentences, charts and tables, lists and small print."""
    width = HALF_MM if len(part.charts) > 1 else _WIDTHS.get(part.key, FULL_MM)
    charts = [figure(chart, width) for chart in part.charts]
    tables = [table_html(found, formats, caption=caption) for caption, found in part.tables]
    blocks = [*tables, *charts] if part.key == "comparison" else [_beside(charts), *tables]
    lists = joined(
        markup("<h3>{}</h3><ul>{}</ul>", title, joined(markup("<li>{}</li>", line) for line in lines))
        for title, lines in part.lists
    )
    sentences = joined(markup("<p>{}</p>", words) for words in part.sentences)
    notes = markup("<p class=note>{}</p>", joined(part.notes, " ")) if part.notes else ""
    head = markup('<section class="part-{}"><h2>{}</h2>', part.key, part.title)
    return joined((head, sentences, *blocks, lists, notes, Markup("</section>")))


def _beside(blocks: list[Markup]) -> Markup:
    return markup("<div class=two>{}</div>", joined(blocks)) if len(blocks) > 1 else joined(blocks)


def figure(chart: Chart, millimetres: float = 0.0) -> Markup:
    """Return a chart with its title above it; `millimetres` is its width on paper, by default as wide as there is."""
    svg = sized(chart.svg, millimetres) if millimetres else chart.svg
    return markup("<figure><h3>{}</h3>{}</figure>", chart.title, Markup(svg))


def sized(svg: str, millimetres: float) -> str:
    """Return a drawing with its width and height in millimetres, which print needs to keep its shape."""
    found = _SIZE.search(svg)
    if found is None:
        return svg
    width, height = float(found[1]), float(found[2])
    wide = min(millimetres, 0.32 * width)
    size = f' width="{wide:.1f}mm" height="{wide * height / width:.1f}mm" style="background:#ffffff"'
    return _STYLE.sub("", svg[: found.start()] + size + svg[found.end() :], count=1)


def table_html(found: Table, formats: Formats, *, caption: str) -> Markup:
    """Return a table as HTML, numbers in the reader's form and aligned to the right."""
    numbers = {place for row in found.rows for place, cell in enumerate(row) if isinstance(cell, int | float)}
    numbers |= {place for place in range(1, len(found.columns)) if found.rows and _short(found, place)}

    def cell(tag: str, place: int, value: str | float | None, scope: str = "") -> Markup:
        words = value if isinstance(value, str) else formats.value(value, found.unit(place))
        words = words.replace(" ", GAP) if len(words) <= _SHORT and scope != "col" else words
        kind = Markup(" class=number") if place in numbers else ""
        return markup("<{tag}{scope}{kind}>{words}</{tag}>", tag=Markup(tag), words=words, kind=kind,
                      scope=Markup(f" scope={scope}") if scope else "")  # fmt: skip

    head = joined(cell("th", place, name, "col") for place, name in enumerate(found.columns))
    body = joined(
        markup(
            "<tr>{}</tr>",
            joined(
                cell("td" if place else "th", place, value, "" if place else "row") for place, value in enumerate(row)
            ),
        )
        for row in found.rows
    )
    return markup(
        "<table><caption>{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", caption, head, body
    )


def _short(found: Table, place: int) -> bool:
    """Return whether a column of words holds numbers already written, such as "12,5 %"."""
    cells = [row[place] for row in found.rows if isinstance(row[place], str)]
    return bool(cells) and all(str(cell)[:1] in "0123456789+−±–€" for cell in cells)
