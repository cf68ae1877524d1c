"""`kreislauf compare`: variants side by side."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .console import output, progress, say
from .options import (
    FieldOption,
    MonthsOption,
    PosteriorOption,
    Region,
    ScenarioOption,
    SetOption,
    read_posterior,
    settings,
)


def compare(
    region: Region,
    field: FieldOption = None,
    variants: Annotated[
        str | None,
        typer.Option("--variants", help="Names or TOML files, separated by commas (default: all ten shipped)."),
    ] = None,
    scenario: ScenarioOption = "base",
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Runs per variant, with seeds 1, 2, ...")] = 20,
    months: MonthsOption = None,
    reference: Annotated[
        str, typer.Option("--reference", help="The variant the others are compared with.")
    ] = "status_quo",
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes at work (default: one per core).")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the results (default: results/compare-REGION).")
    ] = None,
    set_: SetOption = None,
    parameters: PosteriorOption = None,
) -> None:
    """Run variants with the same seeds and show what differs from the reference."""
    values = settings(set_)
    from ..experiments import Interrupted
    from ..experiments import compare as compare_variants
    from ..model.measures import MEASURES
    from ..model.region import load_region
    from ..model.variant import load_scenario, load_variant, variant_names
    from .comparison import show_comparison, show_parts

    place, world = load_region(region, field), load_scenario(scenario)
    names = [name.strip() for name in variants.split(",") if name.strip()] if variants is not None else variant_names()
    chosen = [load_variant(name) for name in names]
    base = next((variant for variant in chosen if variant.name == reference), None) or load_variant(reference)
    if base.name not in {variant.name for variant in chosen}:
        chosen.append(base)
    named = f"compare-{place.name}" if field is None else f"compare-{place.name}-{place.field.replace(',', '+')}"
    folder = out if out is not None else Path("results") / named
    draws = read_posterior(parameters, place.name)
    try:
        with progress(f"{place.title_en}, {len(chosen)} variants, {seeds} seeds") as bar:
            found = compare_variants(
                place,
                chosen,
                scenario=world,
                seeds=seeds,
                months=months,
                parameters=values,
                draws=draws,
                reference=base.name,
                workers=workers,
                out=folder,
                command=["kreislauf", *sys.argv[1:]],
                progress=bar,
            )
    except Interrupted as stopped:
        say(str(stopped))
        raise typer.Exit(130) from None
    titles = {variant.name: variant.title_en for variant in chosen}
    show_comparison(output(), found, titles, region=place.title_en, scenario=world.title_en, measures=MEASURES)
    if found.parts is not None:
        show_parts(output(), found.parts, titles, reference=found.reference, measures=MEASURES)
    say(f"Results: {folder}")
    if not found.failures.empty:
        _tell_failures(found.failures.to_dict("records"), len(found.runs))
        raise typer.Exit(1)


def _tell_failures(failures: list[dict[str, object]], total: int) -> None:
    """Say how many runs failed and give the first of each kind."""
    say(f"{len(failures)} of {total} runs failed; the table shows the others.")
    seen: set[object] = set()
    for row in failures:
        if row["error"] not in seen:
            say(f"  {row['variant']}, seed {row['seed']}: {row['error']}")
            seen.add(row["error"])
