"""`kreislauf validate`: the model against what was observed, and against simple rivals."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .console import progress, say
from .options import MonthsOption, PosteriorOption, Region, hold, read_posterior


def validate(
    context: typer.Context,
    region: Region,
    out: Annotated[Path | None, typer.Option("--out", help="Folder (default: results/validate-REGION).")] = None,
    seeds: Annotated[int, typer.Option("--seeds", min=3, help="Runs of every variant.")] = 10,
    variants: Annotated[str, typer.Option("--variants", help="Variants the rivals are compared on.")] = "",
    months: MonthsOption = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Processes (default: one per core).")] = None,
    parameters: PosteriorOption = None,
) -> None:
    """Compare with published figures held back from fitting; write tables, validation.md and validation.html."""
    from ..calibration.validation import validate as examine
    from ..calibration.validation_report import markdown, page
    from ..experiments.tables_folder import prepare_tables_folder, write_tables
    from ..model.files import write_text
    from ..model.region import load_region

    place = load_region(region)
    folder = out if out is not None else Path("results") / f"validate-{place.name}"
    hold(context, folder)
    prepare_tables_folder(folder / "tables", "validation")
    names = [name.strip() for name in variants.split(",") if name.strip()]
    draws = read_posterior(parameters, place.name)
    with progress(f"{place.title_en}: patterns and rivals, {seeds} seeds") as bar:
        found = examine(place, seeds=seeds, months=months, draws=draws, variants=names, workers=workers, progress=bar)
    inputs = {"region": place.name, "sha256": place.fingerprint, "seeds": seeds, "months": months,
              "parameters": str(parameters.name) if parameters else ""}  # fmt: skip
    tables = {"patterns": found.patterns, "rivals": found.rivals, "listed": found.listed}
    write_tables(folder / "tables", tables, kind="validation", inputs=inputs, command=["kreislauf", *sys.argv[1:]])
    text = markdown(found)
    write_text(folder / "validation.md", text)
    write_text(folder / "validation.html", page(found))
    held = found.held_back
    typer.echo(f"{int((held['verdict'] == 'met').sum())} of {len(held)} figures held back are met; "
               f"{len(found.misses)} of {len(found.patterns)} figures in all are missed.")  # fmt: skip
    for row in found.misses.to_dict("records"):
        typer.echo(f"  {row['id']:5} {row['quantity']:28} {row['verdict']:9} observed {row['observed']:.4g}, "
                   f"model {row['model']:.4g} [{row['low']:.4g}, {row['high']:.4g}]")  # fmt: skip
    say(f"Report: {folder / 'validation.md'} and {folder / 'validation.html'}")
