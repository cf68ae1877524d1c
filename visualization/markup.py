"""HTML made of text: whatever is filled in is escaped, so a name can never become a script."""

from __future__ import annotations

import re
from collections.abc import Iterable

from markupsafe import Markup

from .charts.text_width import softened

_SIGNED = re.compile("([+±\u2212])(?=€)")
_SHORT = 16  # letters of a cell that stay on one line


def unbroken(page: str) -> str:
    """Return HTML in which no line ends between a sign and the currency behind it, as in "−€5".

    >>> unbroken("by −€5") == "by −\\u2060€5"
    True
    """
    return _SIGNED.sub("\\1\u2060", page)


def markup(template: str, *values: object, **named: object) -> Markup:
    """Return HTML with every value escaped, except what is Markup already.

    >>> markup("<p>{}</p>", "<script>")
    Markup('<p>&lt;script&gt;</p>')
    """
    return Markup(template).format(*values, **named)


def joined(parts: Iterable[str], separator: str = "") -> Markup:
    """Return parts one after another; plain text among them is escaped."""
    return Markup(separator).join(parts)


def _soft(value: object) -> object:
    return softened(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def table(
    columns: Iterable[str],
    rows: Iterable[Iterable[object]],
    *,
    caption: str = "",
    right: Iterable[int] = (),
    heads: bool = True,
) -> Markup:
    """Return an HTML table; columns in `right` hold numbers; with `heads` the first cell of a row is its head."""
    numbers = set(right)

    def cell(tag: str, number: int, value: object, scope: str = "") -> Markup:
        short = tag == "td" and isinstance(value, str) and not isinstance(value, Markup) and len(value) <= _SHORT
        kind = Markup(' class="kl-number"') if number in numbers else Markup(' class="kl-short"') if short else ""
        scope_ = markup(' scope="{}"', scope) if scope else ""
        return markup("<{tag}{scope}{kind}>{value}</{tag}>", tag=Markup(tag), scope=scope_, kind=kind, value=value)

    head = joined(cell("th", number, softened(name), "col") for number, name in enumerate(columns))
    body = joined(
        markup(
            "<tr>{}</tr>",
            joined(
                cell("th", 0, _soft(value), "row") if heads and number == 0 else cell("td", number, value)
                for number, value in enumerate(row)
            ),
        )
        for row in rows
    )
    said = markup("<caption>{}</caption>", caption) if caption else ""
    return markup(
        '<div class="kl-scroll" tabindex="0" role="region" aria-label="{name}"><table>{caption}'
        "<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>",
        name=caption or next(iter(columns), ""),
        caption=said,
        head=head,
        body=body,
    )
