"""A page for a newsletter or website: one HTML file without scripts and without anything from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..formats import Formats
from ..markup import joined, markup
from ..texts import text
from .paper import figure, table_html
from .pdf import document, with_titles

if TYPE_CHECKING:
    from .annex import Annex

PAGE_CSS = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_HEAD = (
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
)


def newsletter(found: Annex) -> str:
    """Return the page: what was asked, the main sentences, a chart and its numbers for every part, what is missing."""
    formats, same = Formats(found.language), not any(part.charts for part in found.parts[:1])
    lead = text(found.language, f"report.newsletter_lead{'_one' if same else ''}", n=found.runs)
    main = joined(markup("<li>{}</li>", words) for words in found.main)
    parts = []
    for part in found.parts:
        sentences = joined(markup("<p>{}</p>", words) for words in part.sentences)
        charts = joined(figure(chart) for chart in (*part.charts, *part.more))
        lists = joined(
            markup("<h3>{}</h3><ul>{}</ul>", title, joined(markup("<li>{}</li>", line) for line in lines))
            for title, lines in part.lists
        )
        tables = joined(
            markup(
                "<details><summary>{}: {}</summary><div class=scroll>{}</div></details>",
                text(found.language, "report.newsletter_table"),
                caption,
                table_html(table, formats, caption=caption),
            )
            for caption, table in part.tables
        )
        notes = markup("<p class=note>{}</p>", joined(part.notes, " ")) if part.notes else ""
        parts.append(
            markup("<section><h2>{}</h2>{}{}{}{}{}</section>", part.title, sentences, charts, lists, tables, notes)
        )
    body = markup(
        "<main><h1>{}</h1><p class=lead>{}</p><ul class=main>{}</ul><p class=note>{}</p>{}"
        "<footer><p class=note>{}</p></footer></main>",
        found.title,
        lead,
        main,
        found.warning,
        joined(parts),
        found.foot,
    )
    return with_titles(document(str(body), title=found.title, language=found.language, css=PAGE_CSS, head=_HEAD))
