"""Write an SVG drawing piece by piece: escaped texts, short numbers, ids that no other drawing on the page has."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

from .text_width import FONT, LINE_HEIGHT

INK = "#1a1a1a"
SOFT_INK = "#4d4d4d"  # 8.6:1 on white
GRID = "#d9d9d9"
AXIS = "#767676"
PAPER = "#ffffff"
SMALL, NORMAL, LARGE = 14.0, 16.0, 20.0  # font sizes in pixels of the drawing

_ID = "\ue000"  # stands for the drawing's own prefix until its content is known; removed from every text
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ue000\ufffe\uffff\ud800-\udfff]")


def clean(text: object) -> str:
    """Return a text without the characters XML does not allow."""
    return _FORBIDDEN.sub("", str(text))


def number(value: float) -> str:
    """Return a coordinate with at most two decimals.

    >>> number(3.0), number(1 / 3), number(-0.001)
    ('3', '0.33', '0')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def points(pairs: Iterable[Sequence[float]]) -> str:
    """Return corner points for `points=` of a polygon or polyline."""
    return " ".join(f"{number(x)},{number(y)}" for x, y in pairs)


def _attributes(values: dict[str, object]) -> str:
    """Return attributes; `_` in a name stands for `-`, None leaves one out, numbers are shortened."""
    parts = []
    for name, value in values.items():
        if value is None:
            continue
        text = number(value) if isinstance(value, float) else clean_attribute(value)
        parts.append(f" {name.rstrip('_').replace('_', '-')}={quoteattr(text)}")
    return "".join(parts)


def clean_attribute(value: object) -> str:
    """Return an attribute's text; the prefix of ids written by `Drawing.id` stays."""
    return value if isinstance(value, _Own) else clean(value)


class _Own(str):
    """A text written by the drawing itself, which may hold the id prefix."""

    __slots__ = ()


class Drawing:
    """An SVG drawing of `width` x `height` pixels that grows by the calls made on it.

    >>> drawing = Drawing(100, 40)
    >>> drawing.text(4, 20, "<b>")
    >>> "&lt;b&gt;" in drawing.finish("Ein Satz.")
    True
    """

    def __init__(self, width: float, height: float) -> None:
        """Start empty, on white paper."""
        self.width, self.height = width, height
        self._parts: list[str] = []
        self._definitions: list[str] = []
        self._patterns: dict[tuple[str, str, str], str] = {}

    def add(self, tag: str, /, **values: object) -> None:
        """Add an element without content."""
        self._parts.append(f"<{tag}{_attributes(values)}/>")

    def open(self, tag: str = "g", /, **values: object) -> None:
        """Open a group; `close` ends it."""
        self._parts.append(f"<{tag}{_attributes(values)}>")

    def close(self, tag: str = "g") -> None:
        """End the group opened last."""
        self._parts.append(f"</{tag}>")

    def hint(self, text: str) -> None:
        """Add a title to the open group, shown when the pointer rests on it."""
        self._parts.append(f"<title>{escape(clean(text))}</title>")

    def rect(self, x: float, y: float, width: float, height: float, /, **values: object) -> None:
        """Add a rectangle."""
        self.add("rect", x=float(x), y=float(y), width=float(width), height=float(height), **values)

    def line(self, x1: float, y1: float, x2: float, y2: float, /, **values: object) -> None:
        """Add a straight line."""
        self.add("line", x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2), **values)

    def circle(self, x: float, y: float, radius: float, /, **values: object) -> None:
        """Add a circle."""
        self.add("circle", cx=float(x), cy=float(y), r=float(radius), **values)

    def polygon(self, corners: Iterable[Sequence[float]], /, **values: object) -> None:
        """Add a closed shape."""
        self.add("polygon", points=points(corners), **values)

    def polyline(self, corners: Iterable[Sequence[float]], /, **values: object) -> None:
        """Add an open line through points."""
        self.add("polyline", points=points(corners), fill="none", **values)

    def path(self, d: str, /, **values: object) -> None:
        """Add a path."""
        self.add("path", d=d, **values)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        /,
        *,
        size: float = SMALL,
        anchor: str = "start",
        bold: bool = False,
        fill: str = INK,
        **values: object,
    ) -> None:
        """Add one line of text with its baseline at `y`; `anchor` is start, middle or end."""
        head = _attributes(
            {
                "x": float(x),
                "y": float(y),
                "font_size": float(size),
                "text_anchor": None if anchor == "start" else anchor,
                "font_weight": "bold" if bold else None,
                "fill": fill,
                **values,
            }
        )
        self._parts.append(f"<text{head}>{escape(clean(text))}</text>")

    def lines(self, x: float, y: float, rows: Sequence[str], /, *, size: float = SMALL, **values: object) -> None:
        """Add lines of text below each other, the first baseline at `y`."""
        for place, row in enumerate(rows):
            self.text(x, y + place * size * LINE_HEIGHT, row, size=size, **values)  # type: ignore[arg-type]

    def pattern(self, kind: str, *, ink: str = AXIS, paper: str = PAPER) -> str:
        """Return a fill `url(#...)` with lines or dots: "hatch" (rising), "cross", "dots" or "bars" (level)."""
        known = (kind, ink, paper)
        if known not in self._patterns:
            name = f"{_ID}p{len(self._patterns)}"
            shapes = {
                "hatch": '<path d="M-2,2 L2,-2 M0,8 L8,0 M6,10 L10,6" stroke="{ink}" stroke-width="1.4"/>',
                "cross": '<path d="M0,0 L8,8 M0,8 L8,0" stroke="{ink}" stroke-width="1"/>',
                "dots": '<circle cx="2" cy="2" r="1.3" fill="{ink}"/><circle cx="6" cy="6" r="1.3" fill="{ink}"/>',
                "bars": '<path d="M0,2 L8,2 M0,6 L8,6" stroke="{ink}" stroke-width="1.2"/>',
            }
            self._definitions.append(
                f'<pattern id="{name}" width="8" height="8" patternUnits="userSpaceOnUse">'
                f'<rect width="8" height="8" fill="{paper}"/>{shapes[kind].format(ink=ink)}</pattern>'
            )
            self._patterns[known] = name
        return _Own(f"url(#{self._patterns[known]})")

    def clip(self, x: float, y: float, width: float, height: float) -> str:
        """Return a clip path `url(#...)` of a rectangle."""
        name = f"{_ID}c{len(self._definitions)}"
        box = _attributes({"x": float(x), "y": float(y), "width": float(width), "height": float(height)})
        self._definitions.append(f'<clipPath id="{name}"><rect{box}/></clipPath>')
        return _Own(f"url(#{name})")

    def finish(self, sentence: str, *, role: str = "img") -> str:
        """Return the whole `<svg>` element; ids begin with a hash of the content, so that drawings do not mix.

        A drawing with shapes to click has the role "group": inside an image nothing can be reached by keyboard.
        """
        body = "".join(self._parts)
        own = "k" + hashlib.sha256(f"{sentence}{body}{self._definitions}".encode("utf-8", "replace")).hexdigest()[:10]
        width, height = number(self.width), number(self.height)
        head = _attributes(
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {width} {height}",
                "width": width,
                "height": height,
                "role": role,
                "aria_label": sentence,
                "font_family": FONT,
                "style": f"max-width:100%;height:auto;background:{PAPER}",
            }
        )
        definitions = f"<defs>{''.join(self._definitions)}</defs>" if self._definitions else ""
        return f"<svg{head}>{definitions}{body}</svg>".replace(_ID, f"{own}-")
