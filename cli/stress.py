"""`kreislauf stress`: the crash test of the municipal budgets."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from .console import output, progress, say
from .options import FieldOption, PosteriorOption, hold, read_posterior, settings

KIND = "stress"


def stress(
    context: typer.Context,
    region: Annotated[
        str | None, typer.Argument(help="A region: a shipped name (see `kreislauf region list`) or a folder.")
    ] = None,
    field: FieldOption = None,
    shock: Annotated[
        list[str] | None,
        typer.Option(
            "--shock", metavar="NAME|FILE", help="A shock of the library or a TOML file; several act together."
        ),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="base|down|severe|NAME=VALUE",
            help="A set of shocks (default: all three), or another value for a parameter; may be given several times.",
        ),
    ] = None,
    year: Annotated[
        int | None, typer.Option("--year", help="Year of the shock (default: the second year the region has).")
    ] = None,
    draws: Annotated[
        int, typer.Option("--draws", min=0, max=10_000, help="Also so many runs over the ranges of what is uncertain.")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The seed of the draws.")] = 1,
    costs: Annotated[
        Path | None,
        typer.Option("--costs", metavar="FOLDER", help="Cost of the tasks: a folder of `kreislauf finance --out`."),
    ] = None,
    compensation: Annotated[
        float | None,
        typer.Option(
            "--compensation", min=0, max=1, help="Share of the first year's trade-tax loss that is made good."
        ),
    ] = None,
    reactions: Annotated[
        bool,
        typer.Option("--reactions/--no-reactions", help="Whether municipalities in need cut, raise rates, borrow."),
    ] = True,
    one_year: Annotated[
        bool, typer.Option("--one-year", help="Reverse test with a loss in one year only, not a lasting one.")
    ] = False,
    tolerance: Annotated[
        float,
        typer.Option("--tolerance", min=0.0001, max=0.5, help="Step of the reverse test, a share of the trade tax."),
    ] = 0.01,
    shares: Annotated[bool, typer.Option("--shares", help="Also show who bears the loss of taxes.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Write all tables into this folder.")] = None,
    parameters: PosteriorOption = None,
    list_: Annotated[bool, typer.Option("--list", help="List the library of shocks and the sets, and stop.")] = False,
) -> None:
    """Grade every municipality under shocks, and find the smallest loss of trade tax that turns it red."""
    from .stress_tables import show_library, show_report

    if list_:
        show_library(output())
        return
    from ..experiments.cost_path import cost_path, read_costs
    from ..experiments.stress import stress as run_stress
    from ..experiments.tables_folder import prepare_tables_folder, write_tables
    from ..model.errors import InputError
    from ..model.parameters import parameter_table
    from ..model.region import load_region

    if region is None:
        raise InputError("name a region, such as `kreislauf stress coburg` (`kreislauf region list` shows them)")
    sets, values = _sets_and_values(set_)
    place = load_region(region, field)
    posterior = read_posterior(parameters, place.name)
    if posterior is not None and not {n for n in posterior.names if parameter_table()[n].group == "money"}:
        say(f"No parameter in {posterior.name} is of the group money: the crash test itself does not change with it.")
    known = cost_path(read_costs(costs, place), place) if costs is not None else None
    hold(context, out)
    if out is not None:
        prepare_tables_folder(out, KIND)
    try:
        with progress(f"{place.title_en}, {draws} draws") as bar:
            report = run_stress(
                place,
                sets,
                shocks=shock or (),
                shock_year=year,
                parameters=values,
                costs=known,
                compensation=compensation,
                react=reactions,
                loss="one-year" if one_year else "lasting",
                tolerance=tolerance,
                draws=draws,
                seed=seed,
                posterior=posterior,
                progress=bar,
            )
    except KeyboardInterrupt:
        say("Stopped; nothing was written.")
        raise typer.Exit(130) from None
    show_report(output(), report, title=place.title_en, shares=shares)
    if out is not None:
        write_tables(out, report.tables(), kind=KIND, inputs=report.inputs, command=["kreislauf", *sys.argv[1:]])
        say(f"Results: {out}")
    if len(report.failures):
        say(f"{len(report.failures)} of {draws} draws could not be projected: {report.failures['error'].iloc[0]}")


def _sets_and_values(words: Sequence[str] | None) -> tuple[list[str] | None, dict[str, float]]:
    """Return the sets of shocks (None: not said) and the parameter values that `--set` gives."""
    sets = [word for word in words or () if "=" not in word]
    return sets or None, settings([word for word in words or () if "=" in word])
