"""`kreislauf finance`: budgets of municipalities and district, with and without a field's tasks."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import output, progress, say, table
from .numbers import number
from .options import FieldOption, Region, ScenarioOption, SetOption, hold, settings

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from ..experiments.finance import FinanceReport

KIND = "finance"
_STAGES = {
    "own": "what municipalities pay themselves",
    "with_levy": "with their part in the district's cost through the levy",
    "after_equalisation": "after allocations and taxes have answered",
}
_LEVELS = {
    "municipality": "municipalities",
    "district": "district",
    "land": "Land",
    "bund": "Bund",
    "others": "carriers, Bezirk, donors",
}


def finance(
    context: typer.Context,
    region: Region,
    field: FieldOption = None,
    variant: Annotated[str, typer.Option("--variant", help="A variant: a shipped name or a TOML file.")] = "status_quo",
    scenario: ScenarioOption = "base",
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Pairs of runs, with seeds 1, 2, ...")] = 5,
    seed: Annotated[
        list[int] | None, typer.Option("--seed", min=0, help="One seed instead; may be given several times.")
    ] = None,
    reactions: Annotated[
        bool,
        typer.Option("--reactions/--no-reactions", help="Whether municipalities in need cut, raise rates, borrow."),
    ] = False,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes at work (default: this one only).")
    ] = 1,
    out: Annotated[Path | None, typer.Option("--out", help="Write all tables into this folder.")] = None,
    set_: SetOption = None,
) -> None:
    """Project the budgets of a region with and without the field's tasks, year by year and by payer."""
    values = settings(set_)
    from ..experiments.finance import finance as project_finance
    from ..experiments.tables_folder import prepare_tables_folder, write_tables
    from ..model.region import load_region
    from ..model.variant import load_scenario, load_variant

    place, policy, world = load_region(region, field), load_variant(variant), load_scenario(scenario)
    hold(context, out)
    if out is not None:
        prepare_tables_folder(out, KIND)
    draws = seed or list(range(1, seeds + 1))
    try:
        with progress(f"{place.title_en}, {len(draws)} seeds, with and without arrivals") as bar:
            report = project_finance(
                place,
                policy,
                world,
                seeds=draws,
                parameters=values,
                react=reactions,
                workers=workers,
                progress=bar,
            )
    except KeyboardInterrupt:
        say("Stopped; nothing was written.")
        raise typer.Exit(130) from None
    show_finance(output(), report, title=f"{place.title_en}: {policy.title_en}, scenario {world.title_en}")
    if out is not None:
        write_tables(out, report.tables(), kind=KIND, inputs=report.inputs, command=["kreislauf", *sys.argv[1:]])
        say(f"Results: {out}")


def show_finance(console: Console, report: FinanceReport, *, title: str) -> None:
    """Print the report: who pays, the district's levy, the burden of municipalities, inequality, and what is known."""
    from ..model.field import load_field

    seeds = len(report.inputs["seeds"])
    runs = "one pair of runs" if seeds == 1 else f"mean of {seeds} pairs of runs"
    console.print(f"{title}; {report.years[0]} to {report.years[-1]}, {runs}", style="bold")
    console.print(
        f"Field of action: {load_field(report.inputs['field']).title_en}. 'without': no tasks of the field, and none "
        "of those who came into need since the start. Letters say how well a column is known: q quoted or official, d "
        "derived from published figures by the law, e estimated, s simulated, a rests on an assumption. Gains are "
        "negative.\n"
    )
    _show_costs(console, report)
    _show_districts(console, report.districts)
    _show_towns(console, report.burden)
    _show_indices(console, report.indices)
    _show_quality(console, report.projection)


def _show_costs(console: Console, report: FinanceReport) -> None:
    """Print the net cost of the field's tasks by level, per year."""
    mean: dict[tuple[str, str], list[float]] = {}
    for row in report.costs.to_dict("records"):
        sums = mean.setdefault((str(row["world"]), str(row["level"])), [0.0, 0.0, 0.0])
        for place, name in enumerate(("paid", "received", "net")):
            sums[place] += float(row[name]) / len(report.years)
    rows = table(
        "who", "pays first", "is refunded", "bears", "of it without arrivals", right=[1, 2, 3, 4],
        title="Cost by payer, EUR per year [s]",
    )  # fmt: skip
    for level, words in _LEVELS.items():
        if ("with", level) in mean:
            kept = mean.get(("no_arrivals", level), [0.0, 0.0, 0.0])[2]
            rows.add_row(words, *[number(value) for value in mean["with", level]], number(kept))
    console.print(rows)
    console.print("'of it without arrivals': posts kept up and people who were there before the start.\n")


def _show_districts(console: Console, districts: pd.DataFrame) -> None:
    """Print the levy with and without the field's tasks by year."""
    several = len(set(districts["district"])) > 1
    heads = ["net cost, EUR [s]", "one point, EUR [d]", "points", "rate with, % [q/e]", "rate without, % [e]"]
    rows = table(
        "year", *(["district"] if several else []), *heads, right=list(range(1 + several, 6 + several)),
        title="The districts and their levies" if several else "The district and its levy",
    )  # fmt: skip
    for row in districts.to_dict("records"):
        rows.add_row(
            str(row["year"]),
            *([str(row["name"])] if several else []),
            number(row["net_cost"]),
            number(row["point_value"]),
            f"{row['levy_points']:.2f}",
            f"{row['levy_rate_with']:.2f}",
            f"{row['levy_rate_without']:.2f}",
        )
    console.print(rows)
    console.print()


def _show_towns(console: Console, burden: pd.DataFrame) -> None:
    """Print the burden of every municipality per inhabitant, then its free margin; each fits a narrow terminal."""
    ways = {
        "own": "own [s]",
        "levy": "levy [e]",
        "allocation": "allocation [e]",
        "taxes": "taxes [e]",
        "total": "total",
    }
    margins = {"margin_without": "without [a]", "margin_with": "with [a]", "worst_margin_with": "worst year [a]"}
    parts = (
        ("What the tasks take from the margin, EUR per inhabitant and year", ways, False),
        ("Free margin without and with the tasks, EUR per inhabitant and year", margins, True),
    )
    people = float(burden["inhabitants"].to_numpy().sum())
    for title, columns, letters in parts:
        more = ["tax"] if letters else []
        rows = table("", *columns.values(), *more, right=list(range(1, 1 + len(columns))), title=title)
        rows.columns[0].no_wrap = True  # a name stays whole however narrow the terminal
        for row in burden.to_dict("records"):
            own = max(row["inhabitants"], 1.0)
            letter = [str(row["tax_base"])[0]] if letters else []
            rows.add_row(str(row["name"]), *[_eur(row[name] / own) for name in columns], *letter)
        rows.add_row(
            "all",
            *[_eur(float(burden[name].to_numpy().sum()) / people) for name in columns],
            *(["-"] if letters else []),
        )
        console.print(rows)
    console.print("tax: the letter of the municipality's taxes, the base of its projection.\n")


def _eur(value: float) -> str:
    """Return euros to one decimal, nothing as 0.0."""
    return f"{round(value, 1) + 0.0:.1f}"


def _show_indices(console: Console, indices: pd.DataFrame) -> None:
    """Print inequality and equivalence by stage."""
    rows = table(
        "burden per inhabitant", "EUR", "Gini", "Theil", "between", "within", "fiscal equivalence", "gain",
        right=[1, 2, 3, 4, 5, 6, 7], title="How unequal the burden is",
    )  # fmt: skip
    for row in indices.to_dict("records"):
        shares = [
            "-" if math.isnan(row[n]) else f"{row[n]:.3f}"
            for n in ("gini", "theil", "theil_between", "theil_within", "fiscal_equivalence")
        ]
        rows.add_row(_STAGES[str(row["stage"])], f"{row['eur_per_inhabitant']:.1f}", *shares, str(row["gainers"]))
    console.print(rows)
    console.print(
        "between, within: parts of the Theil index between districts (in one district: between types of municipality) "
        "and within. fiscal equivalence: 1 when each bears its share of the newcomers (-: there are none). gain: "
        "municipalities that gain, counted as bearing nothing.\n"
    )


def _show_quality(console: Console, projection: pd.DataFrame) -> None:
    """Print how many numbers of the projection are published and how many are not."""
    counts = projection["quality"].value_counts()
    total = int(counts.sum())
    known = int(counts.reindex(["official", "quoted", "derived"]).fillna(0).sum())
    words = ", ".join(f"{int(count):,} {name}" for name, count in counts.items())
    console.print(
        f"Of {total:,} numbers of the projection {known:,} are published or derived from published figures: {words}. "
        "Column 'quality' of the table 'projection' says it for each.",
    )
