"""Read an SVG drawing back: its texts with the boxes they fill, its shapes, and what every chart has to keep to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from kreislauf.visualization.charts.text_width import ASCENT, DESCENT, text_width

if TYPE_CHECKING:
    from kreislauf.visualization.charts.chart import Chart

NAMESPACE = "{http://www.w3.org/2000/svg}"
FORBIDDEN = {"script", "foreignObject", "image", "use", "a", "style", "animate", "iframe"}


@dataclass(frozen=True)
class Box:
    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float

    def overlaps(self, other: Box, slack: float = 0.5) -> bool:
        return (
            self.left + slack < other.right
            and other.left + slack < self.right
            and self.top + slack < other.bottom
            and other.top + slack < self.bottom
        )


def read(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def elements(svg: str, tag: str) -> list[ElementTree.Element]:
    return list(read(svg).iter(NAMESPACE + tag))


def view_box(svg: str) -> tuple[float, float]:
    x, y, width, height = map(float, read(svg).attrib["viewBox"].split())
    assert (x, y) == (0, 0)
    return width, height


def texts(svg: str) -> list[Box]:
    boxes = []
    for element in elements(svg, "text"):
        words, size = element.text or "", float(element.attrib["font-size"])
        wide = text_width(words, size, bold=element.get("font-weight") == "bold")
        x, y = float(element.attrib["x"]), float(element.attrib["y"])
        if turned := element.get("transform"):
            assert turned == f"rotate(-90 {x:.2f} {y:.2f})", "upright texts start at their foot"
            boxes.append(Box(words, x - ASCENT * size, y - wide, x + DESCENT * size, y, size))
            continue
        left = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[element.get("text-anchor", "start")] * wide
        boxes.append(Box(words, left, y - ASCENT * size, left + wide, y + DESCENT * size, size))
    return boxes


def words_of(svg: str) -> list[str]:
    return [element.text or "" for element in elements(svg, "text")]


def points_of(element: ElementTree.Element) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in element.attrib["points"].split())]


def check(chart: Chart) -> None:
    """Assert what holds for every chart: readable, nothing cut or overlapping, safe, alone and accessible."""
    root, (width, height) = read(chart.svg), view_box(chart.svg)
    assert root.attrib["role"] in ("img", "group")
    assert root.attrib["aria-label"] == chart.sentence
    assert chart.sentence.strip()
    assert chart.title.strip()
    boxes = texts(chart.svg)
    for box in boxes:
        assert box.text.strip(), "an empty text"
        assert box.size >= 14.0, box
        assert box.left >= -0.5, box
        assert box.right <= width + 0.5, box
        assert box.top >= -0.5, box
        assert box.bottom <= height + 0.5, box
    for place, box in enumerate(boxes):
        for other in boxes[place + 1 :]:
            assert not box.overlaps(other), (box, other)
    for element in root.iter():
        tag = element.tag.removeprefix(NAMESPACE)
        assert tag not in FORBIDDEN
        for name, value in element.attrib.items():
            assert not name.startswith("on"), name
            assert "var(" not in value or name == "aria-label", value
            if name in ("fill", "clip-path", "stroke") and "url(" in value:
                (target,) = re.findall(r"^url\(#([\w-]+)\)$", value)
                assert any(other.get("id") == target for other in root.iter()), target
            else:
                assert "url(" not in value or name in ("aria-label", "data-key"), value
    assert "http" not in chart.svg.replace("http://www.w3.org/2000/svg", "")
    assert "nan" not in chart.svg.replace(chart.sentence, "").lower().split('="')
