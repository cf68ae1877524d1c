"""`kreislauf carryover`: which effects carry over between fields of action, and what fields take from each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import output, progress, say, table
from .numbers import with_unit
from .options import MonthsOption, Region, ScenarioOption, SetOption, hold, settings

if TYPE_CHECKING:
    from rich.console import Console

    from ..experiments.carryover import CarryOver


ENOUGH = 10  # seeds from which the intervals are worth a word


def carryover(
    context: typer.Context,
    region: Region,
    fields: Annotated[
        str | None,
        typer.Option("--fields", help="Fields of action, the first one is compared with the others (default: all)."),
    ] = None,
    variants: Annotated[
        str | None, typer.Option("--variants", help="Names or TOML files, separated by commas (default: instruments).")
    ] = None,
    scenario: ScenarioOption = "base",
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Runs per field and variant, with seeds 1, 2, ...")] = 10,
    months: MonthsOption = None,
    reference: Annotated[str, typer.Option("--reference", help="The variant of comparison.")] = "status_quo",
    together: Annotated[
        bool, typer.Option("--together/--no-together", help="Also run all fields at once: crowding out.")
    ] = True,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Processes at work.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Keep the runs here; the same command continues.")] = None,
    set_: SetOption = None,
) -> None:
    """Run variants in several fields of action, alone and at once, and say which effects carry over."""
    values = settings(set_)
    from ..experiments import Interrupted
    from ..experiments.carryover import INSTRUMENT_VARIANTS
    from ..experiments.carryover import carryover as compare_fields
    from ..model.field import field_names

    names = [name.strip() for name in (fields or ",".join(field_names())).split(",") if name.strip()]
    chosen = [name.strip() for name in (variants or "").split(",") if name.strip()] or list(INSTRUMENT_VARIANTS)
    hold(context, out)
    try:
        with progress(f"{region}: {', '.join(names)}, {len(chosen)} variants, {seeds} seeds") as bar:
            found = compare_fields(
                region, names, chosen, together=together, scenario=scenario, seeds=seeds, months=months,
                parameters=values, reference=reference, workers=workers, out=out, progress=bar,
            )  # fmt: skip
    except Interrupted as stopped:
        say(str(stopped))
        raise typer.Exit(130) from None
    console = output()
    _show_verdicts(console, found, seeds)
    if together:
        _show_crowding(console, found)
    if not found.failures.empty:
        say(f"{len(found.failures)} runs failed: {found.failures['error'].iloc[0]}")
        raise typer.Exit(1)


def _percent(row: Any) -> str:
    """Return a relative effect with its interval."""
    if row["relative"] != row["relative"]:
        return "-"
    middle, low, high = (100.0 * row[name] for name in ("relative", "relative_low", "relative_high"))
    return f"{middle:+.1f} % [{low:+.1f}; {high:+.1f}]"


def _show_verdicts(console: Console, found: CarryOver, seeds: int) -> None:
    """Print one table per variant: effect in each field and whether it carries over; then the count of verdicts."""
    from ..model.measures import MEASURES

    effects: dict[Any, Any] = {(r["field"], r["variant"], r["measure"]): r for r in found.effects.to_dict("records")}
    for variant in dict.fromkeys(found.verdicts["variant"]):
        title = f"{variant} against {found.reference}: change in % of the reference's level [80 % of {seeds} seeds]"
        heads = [f"from {found.fields[0]} to {field}" for field in found.fields[1:]]
        rows = table("measure", *found.fields, *heads, title=title)
        mine = found.verdicts[found.verdicts["variant"] == variant]
        for measure in dict.fromkeys(mine["measure"]):
            cells = [_percent(effects[field, variant, measure]) for field in found.fields]
            words = mine.loc[mine["measure"] == measure, "verdict"]
            rows.add_row(MEASURES[measure].title_en, *cells, *words)
        console.print(rows)
    counts = found.verdicts["verdict"].value_counts()
    console.print("In sum: " + ", ".join(f"{word} {n}" for word, n in counts.items()))
    shown = counts.drop(["no effect shown in either", "not comparable"], errors="ignore").sum()
    if not shown:
        console.print("No variant has an effect that these seeds show in any field.")
    console.print("An interval that contains zero shows no effect; it does not show that there is none.")
    if seeds < ENOUGH:
        console.print(f"With fewer than {ENOUGH} seeds the intervals are rough and verdicts may change with more.")
    console.print()


def _show_crowding(console: Console, found: CarryOver) -> None:
    """Print what each field has beside the others less what it has alone, under the reference."""
    from ..model.measures import MEASURES

    title = f"All fields at once against each alone, {found.reference}: what one field takes from another"
    rows = table("field", "measure", "alone", "together", "difference [80 %]", "worse in", right=[2, 3], title=title)
    crowding: Any = found.crowding
    for row in crowding[crowding["variant"] == found.reference].to_dict("records"):
        measure = MEASURES[row["measure"]]
        low, value, high = (with_unit(row[name], measure.unit)[0] for name in ("low", "difference", "high"))
        unit = with_unit(row["difference"], measure.unit)[1]
        worse = "-" if row["worse"] != row["worse"] else f"{100 * row['worse']:.0f} % of seeds"
        alone, beside = (with_unit(row[name], measure.unit)[0] for name in ("alone", "together"))
        rows.add_row(row["field"], measure.title_en, alone, beside, f"{value} {unit} [{low}; {high}]", worse)
    console.print(rows)
