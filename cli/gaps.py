"""`kreislauf gaps`: duplicated and uncovered cells, in the register and simulated, why, and what closes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .console import output, progress, table
from .numbers import number
from .options import FieldOption, MonthOption, MonthsOption, Region, ScenarioOption, SetOption, month_of, settings

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from ..experiments.closing import Closed, GapReport
    from ..model.gaps import Gap
    from ..model.region import Region as RegionData


def gaps(
    region: Region,
    field: FieldOption = None,
    month: MonthOption = None,
    variant: Annotated[
        str, typer.Option("--variant", help="The variant to simulate: a shipped name or a TOML file.")
    ] = "status_quo",
    scenario: ScenarioOption = "base",
    seeds: Annotated[int, typer.Option("--seeds", min=0, help="Runs with and without each measure; 0: none.")] = 3,
    most: Annotated[int, typer.Option("--most", min=0, help="Look for measures for so many of the largest gaps.")] = 3,
    least: Annotated[
        float, typer.Option("--least", min=0.0, max=1.0, help="Share of a gap that a measure has to close.")
    ] = 0.5,
    months: MonthsOption = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Processes at work.")] = None,
    set_: SetOption = None,
) -> None:
    """Show duplicated and uncovered cells, their causes, and the cheapest measure that closes them."""
    values = settings(set_)
    from ..model.calendar import month_label
    from ..model.field import load_field
    from ..model.gaps import register_cells
    from ..model.region import load_region
    from ..model.variant import load_scenario, load_variant

    policy, world = load_variant(variant), load_scenario(scenario)
    place = load_region(region, field)
    when = month_of(month, place)
    console = output()
    cells = register_cells(place, load_field(place.field), when)
    _show_register(console, cells, f"{place.title_en}, register in {month_label(when)}", len(place.keys))
    if not seeds:
        return
    from ..experiments.closing import find_gaps

    with progress(f"{place.title_en}, {policy.title_en}") as bar:
        report = find_gaps(
            place, policy, world, seeds=seeds, most=most, months=months, parameters=values, workers=workers,
            progress=bar,
        )  # fmt: skip
    title = f"Simulated: {policy.title_en}, {world.title_en}, {report.months} months, mean of {seeds} runs"
    _show_gaps(console, report, place, title)
    for gap in report.gaps[:most]:
        _show_measures(console, gap, report.closed[gap.task, gap.group], report.cheapest(gap, least), least)


def _show_register(console: Console, cells: pd.DataFrame, title: str, places: int) -> None:
    console.print(title, style="bold")
    console.print(f"Numbers of municipalities (of {places}) by how many bodies cover a task for a group there.\n")
    rows = table("task", "group", "nobody", "only volunteers", "one", "several", "bodies", right=[2, 3, 4, 5])
    before = ""
    for row in cells.to_dict("records"):
        numbers = [str(row[name] or "") for name in ("uncovered", "only_volunteers", "single", "several")]
        rows.add_row("" if row["task"] == before else row["task"], row["group"], *numbers, row["bodies"])
        before = row["task"]
    console.print(rows)
    several, nobody = cells["several"].sum(), cells["uncovered"].sum()
    total = places * len(cells)
    console.print(
        f"{several} of {total} cells are covered by several bodies, {nobody} by nobody, "
        f"{cells['only_volunteers'].sum()} by volunteers only.\n"
    )


def _show_gaps(console: Console, report: GapReport, place: RegionData, title: str) -> None:
    from ..model.gaps import CAUSE_WORDS

    console.print(title, style="bold")
    twice = table("task", "hours worked", "lost to duplicate work", "share", right=[1, 2, 3])
    for row in report.duplicated.sort_values("duplicated_hours", ascending=False).to_dict("records"):
        if row["duplicated_hours"] > 0:
            share = f"{100 * row['share']:.0f} %"
            twice.add_row(row["task"], number(row["hours"]), number(row["duplicated_hours"]), share)
    console.print(twice)
    console.print("\nGaps: months in which an open case was held by nobody for three months or more.\n")
    names = dict(zip(place.keys, place.municipalities["name"], strict=True))
    heads = ("task", "group", "case-months", "of waiting", "without a body", "cause", "most of it in")
    rows = table(*heads, right=[2, 3, 4])
    for gap in report.gaps:
        where = ", ".join(names[key] for key in gap.places[:3]) or "everywhere"
        rows.add_row(
            gap.task, gap.group, number(gap.case_months), number(gap.waiting_months), number(gap.without_body),
            CAUSE_WORDS[gap.cause], where,
        )  # fmt: skip
    console.print(rows)
    console.print(
        "'Of waiting': all months of open cases; 'without a body': cell-months in need without any eligible body.\n"
    )


def _show_measures(console: Console, gap: Gap, tried: tuple[Closed, ...], best: Closed | None, least: float) -> None:
    title = f"What closes {gap.task} for {gap.group} ({number(gap.case_months)} case-months)"
    heads = ("measure", "now held", "closed", "less waiting, all", "EUR", "EUR per month closed")
    rows = table(*heads, right=[1, 2, 3, 4, 5], title=title)
    for closed in tried:
        mark = "> " if closed is best else "  "
        figures = (closed.held, closed.closed, closed.waiting_all, closed.eur, closed.eur_per_month)
        rows.add_row(mark + closed.measure.words, *(_interval(figure) for figure in figures))
    console.print(rows)
    if best is None:
        most = max(tried, key=lambda closed: closed.closed[1])
        share = 100 * max(0.0, most.closed[1]) / gap.case_months
        console.print(
            f"None of them closes {100 * least:.0f} % of it without longer waiting elsewhere; "
            f"the most, {share:.0f} %, closes: {most.measure.words}."
        )
    else:
        console.print(
            f"> the cheapest of those that close {100 * least:.0f} % of it and do not prolong waiting elsewhere."
        )
    console.print(
        "In case-months. 'Now held': somebody has the case; 'closed': held and no longer waiting in a queue. "
        "Median over seeds [80 % of them], with against without the measure, same seeds.\n"
    )


def _interval(values: tuple[float, float, float]) -> str:
    low, middle, high = values
    return number(middle) if low == high else f"{number(middle)} [{number(low)}, {number(high)}]"
