"""Comparison: is B better than A? Both on the same axes, paired differences as dots, and a table of all variants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...experiments.parameter_draws import group_of_seed
from ...experiments.variance_parts import variance_parts
from ...model.measures import MEASURES
from ..charts.chart import Table
from ..charts.dot_plot import dot_plot
from ..subject import OWN
from .audited import sentences
from .lens import Lens, ahead_of, paired, spread, verdict
from .overview import failures, fan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..charts.chart import Chart
    from ..choices import Choice
    from ..ensemble import Ensemble
    from .quality import Quality

COMPARED = (
    "operational_gap_share", "structural_gap_share", "duplication_share", "waiting_months", "employment_rate",
    "german_share", "private_housing_share", "burden_with_levy", "net_cost_municipalities", "net_cost_district",
    "total_cost", "coordination_cost", "cliff_exposure",
)  # fmt: skip
"""Measures that can be compared, gaps first."""
TABLED = (
    "operational_gap_share",
    "duplication_share",
    "waiting_months",
    "employment_rate",
    "burden_with_levy",
    "coordination_cost",
)
"""Measures in the table of all variants."""
_NAMED = 3  # so many measures on one side are named, of more the number is given


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a measure says about B against A over the whole run, and about all variants against A.

    `rule` says when a difference counts as smaller than the spread and which part of it comes from drawn assumptions,
    `flips` which assumptions turn the result.
    """

    measure: str
    title: str
    finding: str
    range_a: str
    range_b: str
    rule: str
    same_luck: str
    formula: str
    fan: Chart
    dots: Chart | None
    variants: Table
    measures: Table
    quality: Quality
    flips: tuple[str, ...]
    notes: tuple[str, ...]
    failures: str


def comparison(
    ensemble: Ensemble,
    baseline: Choice,
    choice: Choice,
    measure: str,
    *,
    language: str,
    single_runs: bool = False,
    variants: Sequence[Choice] = (),
) -> Comparison:
    """Return the comparison of two variants in one measure; the table of all has `variants` (default: those there)."""
    lens = Lens(ensemble, baseline, choice, language)
    unit, formats = MEASURES[measure].unit, lens.formats
    before, after = (ensemble.summary(c)[measure].to_numpy() for c in (baseline, choice))
    found = paired(before, after, MEASURES[measure].better)
    words = verdict(lens, found)
    finding = words
    if not (lens.same or found.nothing):
        middle = lens.say("middle_difference", value=lens.difference(found, unit))
        finding = f"{lens.title(measure)}: {words} {middle}"
    return Comparison(
        measure=measure,
        title=lens.title(measure),
        finding=finding,
        range_a=_range(lens, baseline, measure),
        range_b=_range(lens, choice, measure),
        rule=" ".join(filter(None, (lens.say("within_spread_rule"), sources_of_spread(lens, after - before)))),
        same_luck=lens.say("same_luck"),
        formula=lens.say(f"comparison.over_{MEASURES[measure].aggregate}"),
        fan=fan(lens, measure, single_runs=single_runs),
        dots=None
        if lens.same
        else dot_plot(
            found.differences,
            title=lens.say("comparison.dots", measure=lens.title(measure)),
            unit=unit,
            formats=formats,
            baseline=lens.a,
            choice=lens.b,
        ),
        variants=variants_table(lens, variants),
        measures=measures_table(lens),
        quality=lens.quality(measure),
        flips=flips(lens),
        notes=tuple(lens.say(f"not_modelled_{name}") for name in ("arrivals", "people", "register")),
        failures=failures(lens),
    )


def sources_of_spread(lens: Lens, differences: np.ndarray) -> str:
    """Return which part of the spread of paired differences (S,) comes from drawn assumptions; nothing without draws.

    Two neighbouring seeds share a draw of a posterior, so that luck can be told from not knowing the assumptions.
    """
    if not lens.ensemble.drawn_from or lens.same:
        return ""
    known = ~np.isnan(differences)
    groups = np.array([group_of_seed(seed) for seed in lens.ensemble.seeds])
    parts = variance_parts(differences[known], groups[known])
    if np.isnan(parts.share):
        return lens.say("comparison.sources_unknown", file=lens.ensemble.drawn_from)
    share, low, high = (lens.formats.percent(value, 0) for value in (parts.share, parts.low, parts.high))
    return lens.say("comparison.sources", file=lens.ensemble.drawn_from, share=share, low=low, high=high)


def variants_table(lens: Lens, variants: Sequence[Choice] = ()) -> Table:
    """Return all or some variants: middle run of some measures and, in brackets, in how many runs they are ahead of A.

    No order of merit: rules and instruments stand as the model lists them.
    """
    columns = (lens.say("variant"), *(_with_unit(lens, measure) for measure in lens.known(TABLED)))
    base = lens.ensemble.summary(lens.baseline)
    rows: list[tuple[str, ...]] = []
    for choice in variants or lens.ensemble.choices:
        runs = lens.ensemble.summary(choice)
        cells = [lens.choice_name(choice)]
        for measure in lens.known(TABLED):
            entry = MEASURES[measure]
            found = paired(base[measure].to_numpy(), runs[measure].to_numpy(), entry.better)
            value = lens.formats.value(spread(runs[measure].to_numpy())[1], entry.unit)
            ahead = "" if choice == lens.baseline else f" ({ahead_of(lens, found)})"
            cells.append(f"{value}{ahead}")
        rows.append(tuple(cells))
    return Table(columns, tuple(rows))


def _with_unit(lens: Lens, measure: str) -> str:
    """Return the title of a measure, with its unit where the bare number does not show it."""
    unit = MEASURES[measure].unit
    shown = unit.startswith(("share", "EUR")) or unit in ("", "0..1")
    return lens.title(measure) if shown else f"{lens.title(measure)}, {lens.formats.unit(unit)}"


def measures_table(lens: Lens) -> Table:
    """Return every measure that can be compared: middle run of A and B, middle difference, runs in which B is ahead."""
    rows = []
    before, after = lens.ensemble.summary(lens.baseline), lens.ensemble.summary(lens.choice)
    for measure in lens.known(COMPARED):
        entry = MEASURES[measure]
        found = paired(before[measure].to_numpy(), after[measure].to_numpy(), entry.better)
        rows.append(
            (
                lens.title(measure),
                lens.formats.full(spread(before[measure].to_numpy())[1], entry.unit),
                lens.formats.full(spread(after[measure].to_numpy())[1], entry.unit),
                lens.formats.difference(found.median, entry.unit) if lens.same else lens.difference(found, entry.unit),
                "–" if lens.same else ahead_of(lens, found),
                lens.quality(measure).word,
            )
        )
    heads = (
        lens.say("measure"),
        lens.say("lead_a", name=lens.a),
        lens.say("lead_b", name=lens.b),
        lens.say("comparison.difference"),
        lens.say("comparison.ahead_b"),
        lens.say("comparison.backed"),
    )
    return Table(heads, tuple(rows))


def balance(lens: Lens) -> str:
    """Return at how many measures B is clearly ahead of A, at how many behind, and how many stay open.

    Few on one side are named.
    """
    before, after = lens.ensemble.summary(lens.baseline), lens.ensemble.summary(lens.choice)
    found = {
        measure: paired(before[measure].to_numpy(), after[measure].to_numpy(), MEASURES[measure].better)
        for measure in lens.known(COMPARED)
        if MEASURES[measure].better != "none"
    }
    clear = {measure: one for measure, one in found.items() if not one.within_spread}

    def those(measures: list[str]) -> str:
        count = lens.formats.number(len(measures), 0)
        if 0 < len(measures) <= _NAMED:
            return lens.say("comparison.balance_named", n=count, names="; ".join(map(lens.title, measures)))
        return count

    return lens.say(
        "comparison.balance",
        b=lens.b,
        ahead=those([measure for measure, one in clear.items() if one.ahead > one.behind]),
        behind=those([measure for measure, one in clear.items() if one.ahead < one.behind]),
        open=lens.formats.number(len(found) - len(clear), 0),
        n=lens.formats.number(len(found), 0),
    )


def flips(lens: Lens) -> tuple[str, ...]:
    """Return under which assumptions the rule and the instrument of B turn out the other way round.

    What the audit found for single assumptions, then what `experiments.no_winner` searched for and its test checks:
    unmet work over 48 months against the status quo. Both are said of the region they were found for only.
    """
    from ...experiments.no_winner import CIRCUMSTANCES, REGION

    found = list(sentences(lens))
    if lens.ensemble.region.field != OWN or lens.ensemble.region.name != REGION:
        return tuple(found)
    for name in (lens.choice.rule, lens.choice.instrument):
        if name in CIRCUMSTANCES:
            own = name == lens.choice.instrument or name == "district_lead"
            words = lens.say(f"flip_{name}" if own else "flip_rule")
            found.append(lens.say("flip", name=_name(lens, name), words=words))
    return tuple(found)


def _name(lens: Lens, name: str) -> str:
    from ..choices import Choice

    alone = Choice(name) if name == lens.choice.rule else Choice("parallel", name)
    return lens.choice_name(alone)


def _range(lens: Lens, choice: Choice, measure: str) -> str:
    """Return the middle run and the range of a variant in words."""
    values, unit = lens.ensemble.summary(choice)[measure].to_numpy(), MEASURES[measure].unit
    middle = lens.formats.full(spread(values)[1], unit)
    name = lens.choice_name(choice)
    return lens.say("comparison.level", name=name, value=middle, range=lens.range_sentence(values, unit))
