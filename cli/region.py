"""`kreislauf region`: which regions there are, and whether a region folder is right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .console import output, say, table

region_app = typer.Typer(help="Start, check and list region folders.", no_args_is_help=True)


@region_app.command("check")
def check(folder: Annotated[str, typer.Argument(metavar="DIR", help="A region folder, or a shipped name.")]) -> None:
    """Report everything that is wrong with a region folder, with file, line and column."""
    from ..model.region import check_region

    problems = check_region(folder)
    if not problems:
        typer.echo(f"{folder}: no problems found")
        return
    for problem in problems:
        say(str(problem))
    say(f"{folder}: {len(problems)} problem{'s' if len(problems) > 1 else ''} found")
    raise typer.Exit(2)


@region_app.command("synth")
def synth(
    folder: Annotated[Path, typer.Argument(metavar="OUT", help="The folder to write.")],
    municipalities: Annotated[int, typer.Option("--municipalities", min=1, help="Municipalities.")] = 120,
    districts: Annotated[int, typer.Option("--districts", min=1, help="Districts.")] = 4,
    households: Annotated[int, typer.Option("--households", min=1, help="About how many arrive in all.")] = 10_000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed makes another region.")] = 0,
) -> None:
    """Write a made-up region of any size, for tests of scale; every figure is an assumption."""
    from ..model.region_synth import write_synthetic_region

    write_synthetic_region(folder, municipalities=municipalities, districts=districts, households=households, seed=seed)
    typer.echo(f"{folder}: {municipalities} municipalities in {districts} districts, about {households} households")


@region_app.command("new")
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write.")],
    like: Annotated[str, typer.Option("--like", help="A shipped region, or a folder, to start from.")] = "coburg",
    name: Annotated[str, typer.Option("--name", help="Name of the region (default: the folder's).")] = "",
    title_de: Annotated[str, typer.Option("--title-de", help="German title.")] = "",
    title_en: Annotated[str, typer.Option("--title-en", help="English title.")] = "",
    keep: Annotated[str, typer.Option("--keep", help="Keys of the municipalities to keep, separated by commas.")] = "",
) -> None:
    """Start a region of your own: a copy to change, with a list of what to replace."""
    from ..model.region_new import new_region

    keys = [key.strip() for key in keep.split(",") if key.strip()]
    made = new_region(folder, like=like, name=name, title_de=title_de, title_en=title_en, keep=keys)
    typer.echo(f"{made}: a copy of {like}; what to replace stands in {made / 'README.md'}")
    typer.echo(f"Next: kreislauf region check {made}")


@region_app.command("list")
def list_() -> None:
    """List the shipped regions."""
    from ..model.calendar import month_label
    from ..model.region import load_region, region_names

    console = output()
    rows = table("name", "region", "municipalities", "months", right=[2])
    for region in map(load_region, region_names()):
        months = f"{month_label(region.start_month)} to {month_label(region.end_month)}"
        rows.add_row(region.name, f"{region.title_en} / {region.title_de}", str(len(region.keys)), months)
    console.print(rows)
