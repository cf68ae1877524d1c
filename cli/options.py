"""Arguments and options that several subcommands share."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..experiments.parameter_draws import ParameterDraws
    from ..model.region import Region as RegionData

Region = Annotated[str, typer.Argument(help="A region: a shipped name (see `kreislauf region list`) or a folder.")]
ScenarioOption = Annotated[str, typer.Option("--scenario", help="A scenario: a shipped name or a TOML file.")]
MonthsOption = Annotated[
    int | None, typer.Option("--months", min=1, help="Only the first so many months (default: all the region has).")
]
FieldOption = Annotated[
    str | None,
    typer.Option(
        "--field",
        metavar="NAME[,NAME]",
        help="Field of action; several separated by commas act at once (default: the region's own).",
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Another value for a parameter; may be given several times."),
]


def hold(context: typer.Context, folder: Path | None) -> None:
    """Hold the folder of the results until the command ends; InputError when another is at work there."""
    from ..experiments.folder_lock import held

    context.with_resource(held(folder, command=["kreislauf", *sys.argv[1:]]))


def settings(pairs: Sequence[str] | None) -> dict[str, float]:
    """Return the parameter values given by --set; raises InputError for what is not NAME=NUMBER or not a parameter."""
    from ..model.errors import InputError, Problem
    from ..model.parameters import check_overrides

    values: dict[str, float] = {}
    problems: list[Problem] = []
    for pair in pairs or ():
        name, equals, text = pair.partition("=")
        try:
            values[name.strip()] = float(text)
        except ValueError:
            expected = "NAME=NUMBER, such as --set overlap_loss=0.2"
            problems.append(
                Problem("not a number" if equals else "not a setting", "--set", value=pair, expected=expected)
            )
    problems += check_overrides(values, file="--set")
    if problems:
        raise InputError(problems)
    return values


PosteriorOption = Annotated[
    Path | None,
    typer.Option(
        "--parameters", metavar="FILE", help="Draws of parameters from `kreislauf calibrate` (Parquet); one per seed."
    ),
]


def read_posterior(path: Path | None, region: str) -> ParameterDraws | None:
    """Return the draws of --parameters, None without; tells what a reader has to know of them."""
    if path is None:
        return None
    from ..experiments.parameter_draws import read_draws
    from .console import say

    draws = read_draws(path)
    for sentence in draws.notices(region):
        say(sentence)
    return draws


MonthOption = Annotated[
    str | None,
    typer.Option("--month", metavar="YYYY-MM", help="As of this month (default: the last the region has)."),
]


def month_of(label: str | None, region: RegionData) -> int:
    """Return the month number of a label within a region's period, its last month by default; raises InputError."""
    from ..model.calendar import month_index, month_label
    from ..model.errors import InputError

    if label is None:
        return region.end_month
    period = f"a month from {month_label(region.start_month)} to {month_label(region.end_month)}"
    try:
        month = month_index(label)
    except ValueError as error:
        raise InputError(f"{error}; expected {period}") from None
    if not region.start_month <= month <= region.end_month:
        raise InputError(f"{label} lies outside the region's period; expected {period}")
    return month
