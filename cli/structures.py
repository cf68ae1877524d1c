"""`kreislauf structures`: the calendar of ending posts and the cliff exposure by year, known and simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .console import output, progress, table
from .options import FieldOption, Region, ScenarioOption, SetOption, month_of, settings

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console


def structures(
    region: Region,
    field: FieldOption = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="YEAR", help="Last year (default: the region's last).")
    ] = None,
    variant: Annotated[
        str, typer.Option("--variant", help="The variant of the simulated part: a shipped name or a TOML file.")
    ] = "status_quo",
    scenario: ScenarioOption = "base",
    seeds: Annotated[int, typer.Option("--seeds", min=0, help="Runs of the simulated part; 0 leaves it out.")] = 5,
    set_: SetOption = None,
) -> None:
    """Show which posts end when and what follows, and how many posts hang on funding that ends within a year."""
    values = settings(set_)
    from ..model.inventory import cliff_by_year, expiry_calendar
    from ..model.region import load_region

    place = load_region(region, field)
    last = month_of(None if until is None else f"{until}-12", place)
    console = output()
    console.print(f"{place.title_en}: voluntary structures whose funding ends, as the register has it", style="bold")
    _show_calendar(console, expiry_calendar(place, place.start_month, last))
    _show_cliff(console, cliff_by_year(place, last))
    if seeds:
        from ..experiments.expiry import simulated_cliff
        from ..model.variant import load_scenario, load_variant

        policy, world = load_variant(variant), load_scenario(scenario)
        with progress(f"{place.title_en}, {policy.title_en}") as bar:
            found = simulated_cliff(place, policy, world, seeds=seeds, parameters=values, until=last, progress=bar)
        _show_simulated(console, found, f"Simulated: {policy.title_en}, {world.title_en}, {seeds} runs")


def _show_calendar(console: Console, calendar: pd.DataFrame) -> None:
    rows = table("funded until", "structure", "level", "FTE", "paid by", "then", right=[3])
    for row in calendar.to_dict("records"):
        rows.add_row(row["until"], row["name"], row["level"], f"{row['fte']:.2f}", row["payers"], row["then"])
    console.print(rows)
    console.print()


def _show_cliff(console: Console, cliff: pd.DataFrame) -> None:
    heads = ("December", "FTE", "voluntary", "ends within 12 months", "share", "nothing follows", "share")
    rows = table(*heads, right=range(1, 7), title="Cliff exposure by year, register")
    for row in cliff.to_dict("records"):
        rows.add_row(
            str(row["year"]), f"{row['fte']:.1f}", f"{row['voluntary_fte']:.1f}", f"{row['ending_fte']:.2f}",
            f"{100 * row['cliff_share']:.1f} %", f"{row['lost_fte']:.2f}", f"{100 * row['lost_share']:.1f} %",
        )  # fmt: skip
    console.print(rows)
    console.print("'Nothing follows' is known only afterwards; 'ends within 12 months' is what one could know then.\n")


def _show_simulated(console: Console, found: pd.DataFrame, title: str) -> None:
    heads = ("December", "FTE", "new posts (FTE)", "ended (FTE)", "FTE ending within 12 months", "share")
    rows = table(*heads, right=range(1, 6), title=f"{title}: median [80 % of the runs]")
    for row in found.to_dict("records"):
        cells = [
            f"{row[name]:.1f} [{row[name + '_q10']:.1f}, {row[name + '_q90']:.1f}]"
            for name in ("fte", "started_fte", "ended_fte", "ending_fte")
        ]
        share = [100 * row[f"cliff_share{end}"] for end in ("", "_q10", "_q90")]
        rows.add_row(str(row["year"]), *cells, f"{share[0]:.1f} [{share[1]:.1f}, {share[2]:.1f}] %")
    console.print(rows)
    console.print(
        "Register and posts created in the run; here a post counts as ending only when no phase of it follows."
    )
