"""`kreislauf audit`: which unsourced assumption flips which conclusion."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .console import output, progress, say, table
from .numbers import number
from .options import FieldOption, MonthsOption, Region, hold


def audit(
    context: typer.Context,
    region: Region,
    out: Annotated[Path | None, typer.Option("--out", help="Folder (default: results/audit-REGION).")] = None,
    variants: Annotated[str, typer.Option("--variants", help="Names or TOML files, separated by commas.")] = "",
    reference: Annotated[str, typer.Option("--reference", help="What they are compared with.")] = "status_quo",
    measures: Annotated[str, typer.Option("--measures", help="Measures, separated by commas.")] = "",
    only: Annotated[str, typer.Option("--only", help="Parameters, separated by commas (default: all unsourced).")] = "",
    seeds: Annotated[int, typer.Option("--seeds", min=3, help="Seeds at each end of a range.")] = 3,
    field: FieldOption = None,
    months: MonthsOption = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Processes (default: one per core).")] = None,
) -> None:
    """Move every unsourced parameter to the ends of its range and see which conclusions do not survive it."""
    from ..experiments import Interrupted
    from ..experiments.audit import DEFAULT_MEASURES, DEFAULT_VARIANTS, audited_parameters
    from ..experiments.audit import audit as examine
    from ..experiments.audit_report import markdown
    from ..model.files import write_text
    from ..model.region import load_region

    place = load_region(region, field)
    folder = out if out is not None else Path("results") / f"audit-{place.name}"
    named = _words(only)
    entries = audited_parameters(named, field=place.field)
    hold(context, folder)
    try:
        found = examine(
            place, folder, variants=_words(variants) or DEFAULT_VARIANTS, reference=reference,
            measures=_words(measures) or DEFAULT_MEASURES, parameters=named, seeds=seeds, months=months,
            workers=workers, progress=progress, command=["kreislauf", *sys.argv[1:]],
        )  # fmt: skip
    except Interrupted as stopped:
        say(str(stopped))
        raise typer.Exit(130) from None
    write_text(folder / "tables" / "audit.md", markdown(found, title=place.title_en, reference=reference))
    drawn = found.conclusions.query("conclusion != 'open'")
    console = output()
    rows = table("variant", "measure", "difference", "95 %", "flipped by", right=[2, 3, 4],
                 title=f"{place.title_en}: conclusions against {reference}")  # fmt: skip
    for row in found.conclusions.to_dict("records"):
        mine = found.flips.query("variant == @row['variant'] and measure == @row['measure']")
        span = f"[{number(row['low'], signed=True)}; {number(row['high'], signed=True)}]"
        many = "open" if row["conclusion"] == "open" else str(mine["parameter"].nunique())
        rows.add_row(row["variant"], row["measure"], number(row["difference"], signed=True), span, many)
    console.print(rows)
    if len(found.flips):
        rows = table("variant", "measure", "assumption", "value", "end", "there", "verdict", "threshold",
                     right=[3, 4, 5, 7])  # fmt: skip
        for row in found.flips.to_dict("records"):
            threshold = number(row["threshold"]) if row["threshold"] == row["threshold"] else "-"
            rows.add_row(
                row["variant"], row["measure"], row["parameter"], number(row["value"]), number(row["moved_to"]),
                number(row["difference_there"], signed=True), row["verdict"], threshold,
            )  # fmt: skip
        console.print(rows)
    if found.failed:
        say(f"{found.failed:,} runs failed; a conclusion whose runs at an end are not all there counts as lost there.")
    say(
        f"{len(entries)} assumptions, {len(drawn)} conclusions, {found.runs:,} runs: {len(found.flips)} flips. {folder}"
    )


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
