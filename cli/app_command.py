"""`kreislauf app`: the committee's app in the browser."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Annotated

import typer

from .console import say
from .options import FieldOption, MonthsOption, PosteriorOption, Region, read_posterior

LOCAL = ("127.0.0.1", "localhost", "::1")


def app_command(
    region: Region = "coburg",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")] = 8765,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen at; other than this computer only with --allow-host.")
    ] = "127.0.0.1",
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", help="Name under which others call the app, such as app.example.org."),
    ] = None,
    field: FieldOption = None,
    variants: Annotated[
        str | None,
        typer.Option("--variants", help="Such as community,regional_budget,community-crowdfunding-50 (default: all)."),
    ] = None,
    parameters: PosteriorOption = None,
    results: Annotated[
        Path | None,
        typer.Option("--results", help="Show the finished runs of this folder (of `kreislauf compare` or `batch`)."),
    ] = None,
    masterplan: Annotated[
        Path | None, typer.Option("--masterplan", help="Show this finished search of `kreislauf masterplan`.")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option("--cache", help="Folder for runs the app computes (default: the user's cache).")
    ] = None,
    seeds: Annotated[int, typer.Option("--seeds", min=2, help="Runs of each variant.")] = 20,
    months: MonthsOption = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Processes (default: one per core).")] = None,
    language: Annotated[str, typer.Option("--language", help="Language to begin with: de or en.")] = "de",
    open_: Annotated[bool, typer.Option("--open/--no-open", help="Open the browser.")] = True,
) -> None:
    """Open the committee's app: variants side by side, on this computer, without internet."""
    from ..model.errors import InputError

    if language not in ("de", "en"):
        raise InputError(f"--language {language}: expected de or en")
    if host not in LOCAL and not allow_host:
        raise InputError(
            f"--host {host} would open the app, which has no login, to other computers. If that is wanted (behind a "
            "proxy with encryption and login), name the address they use: --allow-host NAME"
        )
    if importlib.util.find_spec("solara") is None:
        raise InputError("the app needs further libraries; install them with: pip install 'kreislauf[app]'")
    if masterplan is not None:
        from ..experiments.masterplan.folder import read_folder

        os.environ["KREISLAUF_MASTERPLAN"] = str(read_folder(masterplan).folder.resolve())
    from ..visualization.server import Options, serve

    german = language == "de"
    say("Server startet … (beim ersten Mal bis zu einer Minute)" if german else "Starting … (up to a minute at first)")
    options = Options(
        region=region,
        host=host,
        port=port,
        hosts=tuple(allow_host or ()),
        field=field or "",
        variants=[name.strip() for name in variants.split(",") if name.strip()] if variants else None,
        draws=read_posterior(parameters, region),
        results=results,
        folder=cache,
        seeds=seeds,
        months=months,
        language=language,
        open_browser=open_,
        workers=workers,
    )
    ending = "Beenden mit Strg+C." if german else "Ctrl-C ends it."
    serve(options, said=lambda words: say(f"{words}  {ending}"))
