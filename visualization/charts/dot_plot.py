"""Paired differences as dots: every dot stands for the same number of runs, left and right of a line at zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from . import palette
from .axes import across_axis, tick_labels, value_ticks
from .chart import Chart, Table
from .scale import Scale, finite
from .svg import AXIS, INK, SMALL, SOFT_INK, Drawing
from .text_width import shorten, text_width

if TYPE_CHECKING:
    from ..formats import Formats

_TALLEST = 160.0


def quantile_dots(differences: Sequence[float | None], dots: int) -> list[float]:
    """Return `dots` values that stand for the differences: the middle quantile of each of `dots` equal parts.

    With as many differences as dots these are the differences themselves, in order (Kay et al. 2016).
    """
    known = np.sort(finite(differences))
    if known.size == dots:
        return [float(value) for value in known]
    return [float(value) for value in np.quantile(known, (np.arange(dots) + 0.5) / dots)] if known.size else []


def dot_plot(
    differences: Sequence[float | None],
    *,
    title: str,
    unit: str,
    formats: Formats,
    baseline: str,
    choice: str,
    sentence: str | None = None,
    dots: int | None = None,
    domain: tuple[float, float] | None = None,
    width: float = 600.0,
) -> Chart:
    """Return the dots of `choice` minus `baseline`, one difference per pair of runs with the same luck.

    `dots` is 20 or 50 (by default one per run up to 20 runs, else 20, from 200 runs on 50). Dots right of zero are
    full, left of it open, at zero grey.

    >>> from ..formats import Formats
    >>> words = {"title": "Waiting", "unit": "months", "baseline": "a", "choice": "b"}
    >>> dot_plot([-1.0, 0.5, 1.0], formats=Formats("en"), **words).title
    'Waiting'
    """
    known = finite(differences)
    if dots is None:
        dots = len(known) if len(known) <= 20 else 50 if len(known) >= 200 else 20
    values = quantile_dots(known, dots)
    low, high = domain or (min([0.0, *values]), max([0.0, *values]))
    marks = value_ticks(low, high, unit, steps=6)
    labels = tick_labels(marks, unit, formats, change=True)
    margin = max(text_width(label, SMALL) for label in labels) / 2.0 + 10.0
    across = Scale(marks[0], marks[-1], margin, width - margin)
    radius, stacks = _stack(values, across)
    tall = max((level for _, level in stacks), default=0) + 1
    top, base = 46.0, 46.0 + max(tall * 2.0 * radius, 60.0) + 8.0
    height = base + 76.0
    drawing = Drawing(width, height)
    across_axis(drawing, across, marks, labels, top=top, bottom=base)
    drawing.line(margin, base, width - margin, base, stroke=AXIS, stroke_width=1.0)
    zero = across(0.0)
    drawing.line(zero, top - 12.0, zero, base + 5.0, stroke=INK, stroke_width=2.0)
    _sides(drawing, zero, formats, choice)
    for (x, level), value in zip(stacks, values, strict=True):
        fill, edge = _fill(value)
        y = base - 4.0 - radius - 2.0 * radius * level
        drawing.circle(x, y, radius - 1.2, fill=fill, stroke=edge, stroke_width=2.0, data_value=f"{value:.10g}")
    drawing.text(8.0, base + 44.0, shorten(formats.change_unit(unit), width - 16.0, SMALL), fill=SOFT_INK)
    key = formats.say("dots_share", dots=dots, runs=len(known)) if dots != len(known) else formats.say("dots_one_each")
    drawing.text(8.0, base + 64.0, key, fill=SOFT_INK)
    said = sentence or _sentence(title, known, unit, formats, baseline, choice)
    rows = tuple((str(place + 1), value) for place, value in enumerate(values))
    table = Table((formats.say("dot"), f"{formats.say('difference')} ({formats.change_unit(unit)})"), rows, ("", unit))
    return Chart(drawing.finish(said), title, said, table)


def _fill(value: float) -> tuple[str, str]:
    if value > 0.0:
        return palette.VARIANT, palette.VARIANT
    return ("#ffffff", palette.VARIANT) if value < 0.0 else (palette.BASELINE, palette.BASELINE)


def _stack(values: Sequence[float], across: Scale) -> tuple[float, list[tuple[float, int]]]:
    """Return the radius and for each dot its centre and level: dots closer than one diameter form a column.

    The radius is the largest of a few at which no column is higher than 160 pixels (Wilkinson 1999). Columns keep
    clear of each other and on their side of zero, so a dot may stand up to its width away from its value.
    """
    zero = across(0.0)
    radius, stacks = 6.0, []
    for radius in (13.0, 11.0, 9.0, 7.5, 6.0):
        equal = [(zero, level) for level in range(sum(value == 0.0 for value in values))]
        gap = 2.0 * radius if equal else radius
        right = _columns([across(value) - zero for value in values if value > 0.0], radius, gap)
        left = _columns([zero - across(value) for value in values if value < 0.0][::-1], radius, gap)
        stacks = [(zero - x, level) for x, level in left[::-1]] + equal + [(zero + x, level) for x, level in right]
        fits = all(radius <= x <= across.end + across.start - radius for x, _ in stacks)
        if fits and all((level + 1) * 2.0 * radius <= _TALLEST for _, level in stacks):
            break
    return radius, stacks


def _columns(distances: Sequence[float], radius: float, free: float) -> list[tuple[float, int]]:
    """Return centre and level of dots at rising distances from zero, none closer to it than `free`."""
    columns: list[list[float]] = []
    for distance in distances:
        if not columns or distance - columns[-1][0] >= 2.0 * radius:
            columns.append([])
        columns[-1].append(distance)
    places = []
    for column in columns:
        centre = max((column[0] + column[-1]) / 2.0, free)
        places += [(centre, level) for level in range(len(column))]
        free = centre + 2.0 * radius
    return places


def _sides(drawing: Drawing, zero: float, formats: Formats, choice: str) -> None:
    """Write on both sides of zero what lying there means, in short where there is little room."""
    for side, key, arrow in ((-1, "lower", "← {}"), (1, "higher", "{} →")):
        room = (zero if side < 0 else drawing.width - zero) - 18.0
        texts = [arrow.format(words) for words in (formats.say(f"{key}_named", name=choice), formats.say(key))]
        fitting = [text for text in texts if text_width(text, SMALL) <= room]
        if fitting:
            drawing.text(zero + side * 10.0, 18.0, fitting[0], anchor="end" if side < 0 else "start")


def _sentence(title: str, known: Sequence[float], unit: str, formats: Formats, baseline: str, choice: str) -> str:
    higher, lower = sum(value > 0.0 for value in known), sum(value < 0.0 for value in known)
    return formats.say(
        "dot_sentence",
        title=title,
        choice=choice,
        baseline=baseline,
        higher=formats.of_runs(higher, len(known)),
        lower=formats.of_runs(lower, len(known)),
        median=formats.difference(float(np.median(known)) if known else None, unit),
    )
