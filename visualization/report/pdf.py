"""From HTML and CSS to a tagged PDF (PDF/UA-1) that screen readers can use, with WeasyPrint.

    page = document(body, title="Anlage 1", language="de", css=PAPER_CSS)
    write_whole(Path("anlage.pdf"), pdf(page))

`body` is HTML as it stands between the body tags. Headings, lists, tables (with `<th scope=...>`) and figures keep
their meaning; an inline chart takes its sentence as alternative text. The same page gives the same bytes, without date
or identifier, so that a paper can be compared with the run it came from. Nothing is fetched: pictures are inline.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from pathlib import Path

from ...experiments.optional import missing
from ...model.errors import KreislaufError
from ..markup import unbroken

PAPER_CSS = Path(__file__).with_name("paper.css").read_text(encoding="utf-8")
_DRAWING = re.compile(r'(<svg\b[^>]*\baria-label=(?:"([^"]*)"|\'([^\']*)\')[^>]*>)(?!<title>)')
NO_PANGO = (
    "The PDF needs the libraries Pango and HarfBuzz, which are not on this computer ({reason}). Install them with "
    "`sudo apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0` (Debian, Ubuntu) or `brew install pango` "
    "(macOS); on Windows as https://doc.courtbouillon.org/weasyprint says. CSV, XLSX and HTML need none of them."
)


def document(body: str, *, title: str, language: str, css: str = PAPER_CSS, head: str = "") -> str:
    """Return a whole HTML page without scripts; the style sheet stands in the page, `head` is added to its head.

    >>> "<h1>Money</h1>" in document("<h1>Money</h1>", title="Money", language="en")
    True
    """
    return (
        f'<!doctype html>\n<html lang="{html.escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{html.escape(title)}</title>\n{head}<style>\n{css}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def with_titles(page: str) -> str:
    """Return a page whose inline charts have their sentence as `<title>`, where a PDF's alternative text comes from."""
    return _DRAWING.sub(lambda found: f"{found[1]}<title>{found[2] or found[3] or ''}</title>", page)


def pdf(page: str) -> bytes:
    """Return an HTML page (see `document`) as a tagged PDF/UA-1.

    Raises KreislaufError when the libraries that draw text are missing, with a sentence on how to install them.
    """
    return fitting_pdf((page,), most=0)


def fitting_pdf(pages: Iterable[str], *, most: int) -> bytes:
    """Return the first of several forms of a document, longest first, that has at most `most` pages, else the last.

    Raises KreislaufError as `pdf` does.
    """
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except ImportError as error:
        raise KreislaufError(f"The PDF needs a library: {missing(error.name or 'weasyprint')}") from error
    except OSError as error:
        raise KreislaufError(NO_PANGO.format(reason=str(error).splitlines()[0])) from error
    drawn = None
    for page in map(unbroken, pages):
        inline_only = URLFetcher(allowed_protocols=("data",))
        drawn = HTML(string=with_titles(page), url_fetcher=inline_only).render(pdf_variant="pdf/ua-1")
        if len(drawn.pages) <= most:
            break
    assert drawn is not None, "no page to print"
    written = drawn.write_pdf(pdf_variant="pdf/ua-1")
    assert written is not None
    return written
