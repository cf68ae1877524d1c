"""`kreislauf inventory`: which structures there are, on which level, for which task, paid by whom, until when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import output, table
from .numbers import number
from .options import FieldOption, MonthOption, Region, month_of

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console


def inventory(
    region: Region,
    field: FieldOption = None,
    month: MonthOption = None,
    level: Annotated[str | None, typer.Option("--level", help="Only structures of this level.")] = None,
    task: Annotated[str | None, typer.Option("--task", help="Only structures for this task.")] = None,
) -> None:
    """Show the structures of a region by level, task, funding and expiry in a month."""
    from ..model.calendar import month_label
    from ..model.errors import InputError, closest
    from ..model.field import load_field
    from ..model.inventory import by_level, by_payer, by_task
    from ..model.inventory import inventory as offices_of
    from ..model.region import load_region
    from ..model.structures import LEVELS

    place = load_region(region, field)
    action = load_field(place.field)
    known = (*action.task_ids, *action.support)
    if task is not None and task not in known:
        raise InputError(f"unknown task {task!r}, {closest(task, known)}")
    if level is not None and level not in LEVELS:
        raise InputError(f"unknown level {level!r}, {closest(level, LEVELS)}")
    when = month_of(month, place)
    offices: Any = offices_of(place, when)
    if task is not None:
        offices = offices[[task in words.split(";") for words in offices["tasks"]]]
    if level is not None:
        offices = offices[offices["level"] == level]
    console = output()
    fte, fixed = offices["fte"].sum(), offices.loc[offices["fixed_term"], "fte"].sum()
    console.print(f"{place.title_en}, {month_label(when)}: {len(offices)} structures, {fte:.1f} FTE", style="bold")
    console.print(f"of which {fixed:.1f} FTE in voluntary structures whose funding ends (marked *)\n")
    _show_offices(console, offices)
    if task is None and level is None:
        _show_sums(console, by_level(offices), "By level", "level")
        _show_tasks(console, by_task(place, when, known), len(place.keys))
        payers = table("payer", "EUR a year", "of which fixed-term", right=[1, 2], title="By funding")
        for row in by_payer(place, when).to_dict("records"):
            payers.add_row(row["payer"], number(row["eur_per_year"]), number(row["fixed_term_eur"]))
        console.print(payers)
        console.print("\nWhen funding ends: kreislauf structures. Duplicated and uncovered cells: kreislauf gaps.")


def _show_offices(console: Console, offices: pd.DataFrame) -> None:
    shown = None
    rows = table("structure", "owner", "tasks", "FTE", "paid by", "until", "then", right=[3])
    rows.columns[0].min_width = 34
    for row in offices.to_dict("records"):
        if row["level"] != shown:
            shown = row["level"]
            rows.add_row(f"[{shown}]", "", "", "", "", "", "")
        mark = "*" if row["fixed_term"] else " "
        places = "" if row["places"] > 1 else ", one place"
        tasks = row["tasks"].replace(";", ", ") + places
        name = f"{mark} {row['name']}"
        rows.add_row(name, row["owner"], tasks, f"{row['fte']:.2f}", row["payers"], row["until"], row["then"])
    console.print(rows)
    console.print()


def _show_sums(console: Console, sums: pd.DataFrame, title: str, name: str) -> None:
    heads = (name, "structures", "FTE", "EUR a year", "fixed-term structures", "fixed-term FTE")
    rows = table(*heads, right=[1, 2, 3, 4, 5], title=title)
    for row in sums.to_dict("records"):
        money, some = number(row["eur_per_year"]), str(row["fixed_term_offices"])
        rows.add_row(row[name], str(row["offices"]), f"{row['fte']:.2f}", money, some, f"{row['fixed_term_fte']:.2f}")
    console.print(rows)
    console.print()


def _show_tasks(console: Console, tasks: pd.DataFrame, places: int) -> None:
    heads = ("task", "structures", "bodies", "FTE involved", "fixed-term", "levels", "only volunteers", "nobody")
    title = f"By task (a structure with several tasks counts at each); last columns: municipalities of {places}"
    rows = table(*heads, right=[1, 2, 3, 4, 6, 7], title=title)
    for row in tasks.to_dict("records"):
        rows.add_row(
            row["task"], str(row["offices"]), str(row["bodies"]), f"{row['fte']:.2f}", f"{row['fixed_term_fte']:.2f}",
            row["levels"], str(row["only_volunteers"] or ""), str(row["places_without"] or ""),
        )  # fmt: skip
    console.print(rows)
    console.print()
