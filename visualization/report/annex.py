"""What the printed annex says: the same findings as on the screens, put in the order of a council paper.

An annex describes; it never proposes a decision. Everything in it, and so in the PDF, the tables and the newsletter
page, comes from `findings`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from ...experiments.compare import ENOUGH_RUNS
from ...model.fiscal.shocks import shock_sets
from ...model.measures import MEASURES
from ..assumption_list import assumptions, counts, source
from ..charts.chart import Table
from ..charts.scale import digits_of
from ..findings.comparison import COMPARED, balance, comparison
from ..findings.lens import Lens, paired, spread
from ..findings.money import BURDEN, burden_maps, middle_burden, money
from ..findings.overview import overview
from ..findings.quality import CLASSES, drivers
from ..findings.responsibilities import responsibilities
from ..findings.stress import shock_years, stress
from ..subject import subject

if TYPE_CHECKING:
    from ..charts.chart import Chart
    from ..choices import Choice
    from ..ensemble import Ensemble

LEADING = "operational_gap_share"
"""The measure whose paired differences are drawn; the gaps come first, as in the comparison."""
SHOCKS = "down"
"""The set of shocks of the crash test in an annex, unless others are asked for."""
NOTED = ("operational_gap_share", "duplication_share", "burden_with_levy")
"""Measures whose driving assumptions are listed."""
WIDE, HALF = 760.0, 440.0
"""Widths of drawings across the page and of two beside each other, in pixels: letters of 14 pixels stay readable."""


@dataclass(frozen=True, slots=True)
class Part:
    """A section: sentences, charts, tables with their captions, lists and small print.

    `more` are charts for which the paper has no room; the newsletter page and the spreadsheets have them.

    >>> Part("money", "Money", ("It costs the same.",)).charts
    ()
    """

    key: str
    title: str
    sentences: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[tuple[str, Table], ...] = ()
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()
    notes: tuple[str, ...] = ()
    more: tuple[Chart, ...] = ()


@dataclass(frozen=True, slots=True)
class Annex:
    """An annex: its head, what it is about (name and value), its main sentences, its parts, and the line at the foot.

    `numbers` are the figures of the comparison unrounded, for the spreadsheets; `changed` is how many assumptions are
    not the usual ones.
    """

    language: str
    kind: str
    title: str
    warning: str
    facts: tuple[tuple[str, str], ...]
    main: tuple[str, ...]
    parts: tuple[Part, ...]
    numbers: Table
    foot: str
    runs: int
    changed: int


def annex(
    ensemble: Ensemble,
    baseline: Choice,
    choice: Choice,
    *,
    language: str,
    shocks: tuple[str, ...] | None = None,
    year: int | None = None,
) -> Annex:
    """Return the annex on two variants; `shocks` hit in `year` in its crash test (default: a downturn, next year)."""
    lens = Lens(ensemble, baseline, choice, language)
    if shocks is None:
        shocks = tuple(shock.name for shock in shock_sets()[SHOCKS].shocks)
    year = shock_years(ensemble)[0] if year is None else year
    seen = overview(ensemble, baseline, choice, language=language)
    compared = comparison(ensemble, baseline, choice, LEADING, language=language)
    flows = money(ensemble, baseline, choice, None, language=language)
    burdens = burden_maps(ensemble, baseline, choice, language=language)
    split = responsibilities(ensemble, baseline, choice, language=language, width=WIDE)
    tested = stress(ensemble, baseline, choice, shocks, year, language=language, width=HALF)
    parts = (
        Part(
            "comparison",
            lens.say("report.comparison"),
            sentences=_how_to_read(lens),
            tables=((lens.say("report.numbers"), compared.measures),),
            charts=() if compared.dots is None else (compared.dots,),
            lists=((lens.say("flip_title"), compared.flips),) if compared.flips else (),
            notes=() if lens.same else (compared.same_luck, compared.rule),
            more=(compared.fan,),
        ),
        Part(
            "responsibilities",
            lens.say("report.responsibilities"),
            sentences=(split.finding,),
            charts=tuple(chart for chart in (split.places_a, split.places_b) if chart is not None)[-1:],
            tables=((lens.say("responsibilities.table_title"), split.table),),
            notes=(split.explained,),
            more=() if split.places_a is None else (split.places_a,),
        ),
        Part(
            "burden",
            lens.say("report.burden"),
            sentences=(flows.finding,),
            tables=((lens.say("money.levels_title"), flows.levels),),
            notes=(flows.explained,),
            more=tuple(c for c in (*burdens, flows.sankey_a, flows.sankey_b) if c is not None),
        ),
        Part(
            "stress",
            lens.say("report.stress"),
            sentences=(tested.finding,),
            charts=tuple(chart for chart in (tested.map_a, tested.map_b) if chart is not None),
            tables=((lens.say("report.by_place"), _by_place(lens, tested.table)),),
            notes=(tested.explained,),
        ),
        _limits(lens, (*seen.notes, *compared.notes, *flows.notes, *split.notes, *tested.notes)),
    )
    warnings = [words for words in (seen.failures, tested.failures) if words]
    region = ensemble.region.title_de if language == "de" else ensemble.region.title_en
    kind, about = lens.say("report.kind"), subject(ensemble.region.field, language)
    return Annex(
        language=language,
        kind=kind,
        title=lens.say("report.heading_one", subject=about)
        if lens.same
        else lens.say("report.heading", subject=about, b=lens.b),
        warning=lens.say("report.no_proposal"),
        facts=_facts(lens, region),
        main=(
            seen.finding,
            *((compared.finding,) if lens.same else (f"{compared.finding} {compared.formula}", balance(lens))),
            *dict.fromkeys(warnings),
        ),
        parts=parts,
        numbers=_numbers(lens),
        foot=lens.say("report.foot", kind=kind, region=region, number=ensemble.run_number),
        runs=len(ensemble.seeds),
        changed=len(ensemble.assumptions),
    )


def _how_to_read(lens: Lens) -> tuple[str, ...]:
    """Return how the table is read, and a warning where few runs say little about chance."""
    if lens.same:
        return ()
    n = len(lens.ensemble.seeds)
    few = (lens.say("report.few_runs", n=lens.formats.number(n, 0)),) if n < ENOUGH_RUNS else ()
    return (lens.say("report.read"), *few)


def _by_place(lens: Lens, tested: Table) -> Table:
    """Return by municipality the burden with A and B, and what the crash test found; in the order of the alphabet."""
    burden = {lens.place_name(key): [] for key in lens.ensemble.places}
    for choice in (lens.baseline, lens.choice)[lens.same :]:
        for key, value in middle_burden(lens, choice).items():
            burden[lens.place_name(key)].append(value)
    letters = ("A", "B")[lens.same :]
    heads = [lens.say("report.burden_of", name=letter) for letter in letters]
    keep = (1, 2, 3, 4) if not lens.same else (2, 4)
    unit = MEASURES[BURDEN].unit
    tests = [lens.say(f"report.{('below', 'lowest')[at > 2]}", name=("A", "B")[at % 2 == 0]) for at in keep]
    rows = tuple((row[0], *burden[str(row[0])], *(row[at] for at in keep)) for row in tested.rows)
    units = ("", *(unit for _ in heads), *(tested.unit(at) for at in keep))
    return Table((tested.columns[0], *heads, *tests), rows, units)


def _facts(lens: Lens, region: str) -> tuple[tuple[str, str], ...]:
    """Return what the annex is about."""
    ensemble, formats = lens.ensemble, lens.formats
    period = formats.say("up_to", low=formats.month(ensemble.months[0]), high=formats.month(ensemble.months[-1]))
    changed = len(ensemble.assumptions)
    assumed = lens.say("report.assumptions_changed", n=changed) if changed else lens.say("report.assumptions_usual")
    return (
        (lens.say("report.fact_region"), region),
        (lens.say("report.fact_period"), period),
        (lens.say("report.fact_a"), lens.a),
        *(() if lens.same else ((lens.say("report.fact_b"), lens.b),)),
        (lens.say("report.fact_runs"), lens.say("report.fact_runs_value", n=len(ensemble.seeds))),
        (lens.say("report.fact_assumptions"), assumed),
        (lens.say("report.fact_number"), ensemble.run_number),
    )


def _limits(lens: Lens, notes: tuple[str, ...]) -> Part:
    """Return the assumptions the figures depend on, those that were changed, and what is not part of the model."""
    language, formats = lens.language, lens.formats
    known = {one.entry.name: one for one in assumptions(lens.ensemble.assumptions, language)}
    number = counts()

    def bare(value: float, unit: str = "") -> str:
        if unit == "share":
            return formats.percent(value)
        return formats.number(value, digits_of([value]))

    def written(value: float, unit: str) -> str:
        return bare(value, unit) if unit in ("share", "factor", "0..1") else f"{bare(value)} {formats.unit(unit)}"

    def row(name: str) -> tuple[str, ...]:
        one = known[name]
        entry = one.entry
        limits = formats.say("up_to", low=bare(entry.low, entry.unit), high=bare(entry.high, entry.unit))
        none = entry.source.startswith("no estimate found")
        origin = lens.say("report.no_source") if none else source(entry, language)
        return one.words, written(one.value, entry.unit), limits, lens.say(f"class_{one.kind}"), origin

    heads = tuple(lens.say(f"report.{name}") for name in ("assumption", "value", "range", "class", "source"))
    driving = dict.fromkeys(name for measure in NOTED for name in drivers()[measure])
    shown = sorted(driving, key=lambda name: -CLASSES.index(known[name].kind))  # the weakest first
    changed = [name for name, one in known.items() if one.changed]
    tables = [(lens.say("report.assumptions_shown"), Table(heads, tuple(row(n) for n in shown if n not in changed)))]
    if changed:
        usual = lens.say("report.usual")
        rows = tuple((*row(n)[:2], written(known[n].entry.value, known[n].entry.unit), *row(n)[2:]) for n in changed)
        tables.insert(0, (lens.say("report.assumptions_changed_table"), Table((*heads[:2], usual, *heads[2:]), rows)))
    again = lens.say(
        "report.again_text",
        number=lens.ensemble.run_number,
        version=version("kreislauf"),
        a=lens.baseline.key,
        b=lens.choice.key,
    )
    return Part(
        "limits",
        lens.say("report.limits"),
        lists=((lens.say("report.not_part"), tuple(dict.fromkeys(notes))),),
        tables=tuple(tables),
        notes=(
            lens.say("report.classes"),
            lens.say("report.all_assumptions", n=sum(number.values()), **number),
            again,
        ),
    )


def _numbers(lens: Lens) -> Table:
    """Return the figures of the comparison as plain numbers: middle run and range, difference, runs ahead."""
    before, after = lens.ensemble.summary(lens.baseline), lens.ensemble.summary(lens.choice)
    columns = [lens.say("report.number_measure"), lens.say("report.unit")]
    for name in ("A", "B"):
        columns += [lens.say(f"report.number_{end}", name=name) for end in ("middle", "low", "high")]
    columns += [lens.say(f"report.number_{end}") for end in ("change", "ahead", "behind")]
    rows = []
    for measure in COMPARED:
        entry = MEASURES[measure]
        found = paired(before[measure].to_numpy(), after[measure].to_numpy(), entry.better)
        cells: list[str | float | None] = [lens.title(measure), lens.formats.unit(entry.unit)]
        for runs in (before, after):
            low, middle, high = spread(runs[measure].to_numpy())
            cells += [middle, low, high]
        rows.append((*cells, found.median, float(found.ahead), float(found.behind)))
    return Table(tuple(columns), tuple(rows))
