"""The command and its subcommands: thin, with heavy imports inside the functions so that `--help` is quick."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from .app_command import app_command
from .audit import audit
from .batch import batch_app
from .calibrate import calibrate
from .carryover import carryover
from .compare import compare
from .console import say
from .finance import finance
from .gaps import gaps
from .instruments import instruments
from .inventory import inventory
from .masterplan import masterplan
from .protocol import protocol
from .region import region_app
from .report import report
from .run import run
from .show import measures, parameters, scenarios, variants
from .stress import stress
from .structures import structures
from .survey import survey_app
from .validate import validate

app = typer.Typer(
    help="Simulate who is responsible in a German district, who pays, and what becomes of people.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _show_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        from importlib.metadata import version

        typer.echo(f"kreislauf {version('kreislauf')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the full report of an unexpected error.")] = False,
) -> None:
    """Take the options before the subcommand."""


app.command("app")(app_command)
app.command()(run)
app.command()(compare)
app.command()(calibrate)
app.command()(finance)
app.command()(stress)
app.command()(audit)
app.command()(validate)
app.command()(inventory)
app.command()(report)
app.command()(structures)
app.command()(gaps)
app.command()(masterplan)
app.command()(instruments)
app.command()(carryover)
app.command()(variants)
app.command()(scenarios)
app.command()(parameters)
app.command()(measures)
app.command()(protocol)
app.add_typer(batch_app, name="batch")
app.add_typer(region_app, name="region")
app.add_typer(survey_app, name="survey")


_OF_THE_MACHINE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)
_AGAIN = "Free some space or make the place readable and writable, then give the same command again."


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 something failed, 2 wrong input, 130 Ctrl-C."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    from ..model.errors import KreislaufError

    try:
        app(words, prog_name="kreislauf")
    except KreislaufError as error:
        say(str(error))
        sys.exit(2)
    except Exception as error:  # the last line of defence: one sentence instead of a traceback
        if "--debug" in words:
            raise
        if isinstance(error, ModuleNotFoundError) and not (error.name or "kreislauf").startswith("kreislauf"):
            from ..experiments.optional import missing

            say(missing(str(error.name)))
            sys.exit(2)
        if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
            say(f"{error.filename or 'A file'} cannot be read or written: {os.strerror(error.errno)}. {_AGAIN}")
            sys.exit(2)
        place = traceback.extract_tb(error.__traceback__)[-1]
        say(f"Unexpected error, {type(error).__name__}: {error} ({Path(place.filename).name}, line {place.lineno}).")
        say("This is a fault in kreislauf. `kreislauf --debug ...` shows the full report.")
        sys.exit(1)
