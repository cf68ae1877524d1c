"""Colours that people with colour-blindness can tell apart, and black or white for the text on them.

Sequential and diverging classes: ColorBrewer PuBu and PuOr (Harrower and Brewer 2003). Variants: Okabe and Ito (2008).
"""

from __future__ import annotations

SEQUENTIAL = ("#f1eef6", "#bdc9e1", "#74a9cf", "#2b8cbe", "#045a8d")
DIVERGING_LOW = ("#fdd9a8", "#fdb863", "#e66101")  # away from zero, below
DIVERGING_HIGH = ("#d8daeb", "#b2abd2", "#5e3c99")  # away from zero, above
BASELINE = "#666666"
VARIANT = "#0072b2"
SERIES = (BASELINE, VARIANT, "#e69f00", "#009e73", "#cc79a7")
DASHES = ("9 5", None, "2 4", "14 4 2 4", "5 3")  # baseline dashed, variant solid
MISSING = "#f2f2f2"


def _channel(value: int) -> float:
    share = value / 255.0
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb, 0..1 (WCAG 2.1)."""
    red, green, blue = (_channel(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1..21 (WCAG 2.1).

    >>> round(contrast("#000000", "#ffffff"), 1)
    21.0
    """
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def text_on(colour: str) -> str:
    """Return black or white, whichever reads better on a colour."""
    return max(("#000000", "#ffffff"), key=lambda ink: contrast(ink, colour))


def sequential(classes: int) -> tuple[str, ...]:
    """Return `classes` colours (1 to 5) from light to dark."""
    picks = {1: (1,), 2: (0, 3), 3: (0, 2, 4), 4: (0, 1, 2, 4), 5: (0, 1, 2, 3, 4)}
    return tuple(SEQUENTIAL[pick] for pick in picks[classes])


def diverging(bounds: list[float]) -> tuple[str, ...]:
    """Return a colour per class: orange below zero, purple above, stronger further away."""
    below = [index for index in range(len(bounds) - 1) if bounds[index + 1] <= 0.0]
    above = [index for index in range(len(bounds) - 1) if bounds[index] >= 0.0]
    colours = ["#f7f7f7"] * (len(bounds) - 1)
    for steps, shades in ((below[::-1], DIVERGING_LOW), (above, DIVERGING_HIGH)):
        for rank, index in enumerate(steps):
            colours[index] = shades[min(2, round(rank * 2 / max(1, len(steps) - 1)) if len(steps) > 1 else 1)]
    return tuple(colours)
