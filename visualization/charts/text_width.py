"""How wide a text is in Arial, without a font at hand: the advance widths of Latin letters in thousandths of an em.

Charts name `Arial, "Liberation Sans", Helvetica` as their font; the three have the same widths. The numbers are the
advance widths of Liberation Sans 2, rounded; letters that are not listed count as wide ones, so that a measured text is
never too short.
"""

from __future__ import annotations

import re
from functools import cache

import pyphen

FONT = "Arial, 'Liberation Sans', Helvetica, sans-serif"
_LONG = re.compile(r"[^\W\d_]{16,}")
LINE_HEIGHT = 1.22  # of the font size, from one baseline to the next
# Of the font size, from the baseline to the top of a capital and to the foot of a g.
ASCENT, DESCENT = 0.74, 0.22
_UNKNOWN = 1000

_REGULAR = {
    191: "'",
    222: "ijlįĵĺļłſ‘’‚",
    260: "|¦",
    278: " !,./:;I[\\]ft·ÌÍÎÏìíîïĨĩĪīĬĭĮİıţŧ",
    292: "ľ",
    333: "()-`r¡¨²³´¸¹ŕŗř“”„",
    334: "{}ŀ",
    350: "•",
    355: '"',
    365: "º",
    370: "ª",
    375: "ť",
    389: "*",
    400: "°",
    444: "ĳ",
    469: "^",
    500: "JcksvxyzçýÿćĉċčĴķĸśŝşšŷźżž",
    537: "¶",
    549: "±÷≈≤≥",
    552: "¯",
    556: "#$0123456789?L_abdeghnopqu¢£¤¥§«»àáâãäåèéêëðñòóôõöùúûüþāăąđēĕėęěĝğġģĥħĹĻĽĿŁńņňŋōŏőũūŭůűų–€",
    576: "µ",
    584: "+<=>~¬×−",
    604: "ŉ",
    611: "FTZ¿ßøŢŤŦŹŻŽ",
    615: "ď",
    667: "&ABEKPSVXYÀÁÂÃÄÅÈÉÊËÝÞĀĂĄĒĔĖĘĚĶŚŜŞŠŶŸ",
    722: "CDHNRUwÇÐÑÙÚÛÜĆĈĊČĎĐĤĦŃŅŇŔŖŘŨŪŬŮŰŲŵ",
    723: "Ŋ",
    735: "Ĳ",
    737: "©®",
    778: "GOQÒÓÔÕÖØĜĞĠĢŌŎŐ",
    833: "Mm",
    834: "¼½¾",
    889: "%æ",
    944: "WœŴ",
    1000: "ÆŒ—…‰←→",
    1015: "@",
}
_BOLD = {
    238: "'",
    278: " ,./I\\ijl·ÌÍÎÏìíîïĨĩĪīĬĭĮįİıĵĺļłſ‘’‚",
    280: "|¦",
    333: "!()-:;[]`ft¡¨²³´¸¹ţŧ",
    350: "•",
    365: "º",
    370: "ª",
    385: "ľ",
    389: "*r{}ŕŗř",
    400: "°",
    474: '"',
    479: "ŀť",
    500: "zźżž“”„",
    549: "±÷≈≤≥",
    552: "¯",
    556: "#$0123456789J_aceksvxy¢£¤¥§«¶»àáâãäåçèéêëýÿāăąćĉċčēĕėęěĳĴķĸśŝşšŷ–€",
    576: "µ",
    584: "+<=>^~¬×−",
    611: "?FLTZbdghnopqu¿ßðñòóôõöøùúûüþđĝğġģĥħĹĻĽĿŁńņňŋōŏőŢŤŦũūŭůűųŹŻŽ",
    667: "EPSVXYÈÉÊËÝÞĒĔĖĘĚŚŜŞŠŶŸ",
    708: "ŉ",
    719: "ď",
    722: "&ABCDHKNRUÀÁÂÃÄÅÇÐÑÙÚÛÜĀĂĄĆĈĊČĎĐĤĦĶŃŅŇŔŖŘŨŪŬŮŰŲ",
    723: "Ŋ",
    737: "©®",
    778: "GOQwÒÓÔÕÖØĜĞĠĢŌŎŐŵ",
    785: "Ĳ",
    833: "M",
    834: "¼½¾",
    889: "%mæ",
    944: "WœŴ",
    975: "@",
    1000: "ÆŒ—…‰←→",
}
_WIDTHS = {
    False: {letter: width for width, letters in _REGULAR.items() for letter in letters},
    True: {letter: width for width, letters in _BOLD.items() for letter in letters},
}
for _table in _WIDTHS.values():
    _table.update({"\u00a0": 278, "\u202f": 278, "\u2009": 278})  # spaces that do not break


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a text in pixels at a font size in pixels.

    >>> round(text_width("Coburg", 10), 2)
    32.79
    """
    table = _WIDTHS[bold]
    return sum(table.get(letter, _UNKNOWN) for letter in text) * size / 1000.0


def shorten(text: str, width: float, size: float, *, bold: bool = False) -> str:
    """Return the text, cut with an ellipsis where it is wider than `width` pixels; empty when not even one letter fits.

    >>> shorten("Weidhausen b.Coburg", 80, 14)
    'Weidhaus…'
    """
    if text_width(text, size, bold=bold) <= width:
        return text
    for length in range(len(text) - 1, 0, -1):
        candidate = text[:length].rstrip(" -.,") + "…"
        if text_width(candidate, size, bold=bold) <= width:
            return candidate
    return ""


def _pieces(text: str) -> list[str]:
    """Split a text where a line may end: after spaces, hyphens and slashes."""
    pieces, start = [], 0
    for position, letter in enumerate(text):
        if letter in " -/" and position + 1 < len(text):
            pieces.append(text[start : position + 1])
            start = position + 1
    return [*pieces, text[start:]]


@cache
def _hyphens() -> pyphen.Pyphen:
    """Return where German words may be divided; names of places and offices are German in every language."""
    return pyphen.Pyphen(lang="de_DE", left=3, right=3)


def softened(text: str) -> str:
    """Return a text whose long words may be divided at a syllable where a column is narrow.

    >>> softened("Gemeinde"), softened("Verantwortungsgemeinschaft").count("\u00ad")
    ('Gemeinde', 6)
    """
    return _LONG.sub(lambda found: _hyphens().inserted(found[0], "\u00ad"), text)


def divide(word: str, width: float, size: float, *, bold: bool = False) -> tuple[str, str]:
    """Return the longest beginning of a word that fits with a hyphen, and the rest; ("", word) when none does.

    >>> divide("Niederfüllbach", 60, 14)
    ('Nieder-', 'füllbach')
    """
    for head, tail in _hyphens().iterate(word):  # the longest beginning first
        if text_width(f"{head}-", size, bold=bold) <= width:
            return f"{head}-", tail
    return "", word


def wrap(text: str, width: float, size: float, *, lines: int = 2, bold: bool = False) -> list[str]:
    """Return a text in at most `lines` lines, none wider than `width` pixels; the rest is cut with an ellipsis.

    Lines end after a space, a hyphen or a slash; a word that is wider than a line is divided at a syllable.

    >>> wrap("Weidhausen b.Coburg", 100, 14)
    ['Weidhausen', 'b.Coburg']
    """
    rows = [""]
    waiting = _pieces(text)
    while waiting:
        piece = waiting.pop(0)
        if text_width((rows[-1] + piece).rstrip(), size, bold=bold) > width and len(rows) < lines:
            alone = text_width(piece.rstrip(), size, bold=bold) > width
            room = width - text_width(rows[-1], size, bold=bold)
            head, rest = divide(piece, room, size, bold=bold) if alone else ("", piece)
            if head:
                rows[-1] += head
                piece = rest
            if rows[-1]:
                rows.append("")
                waiting.insert(0, piece)
                continue
        rows[-1] += piece
    return [short for row in rows if (short := shorten(row.strip(), width, size, bold=bold))]
