"""`kreislauf report`: the annex to a council paper, its tables, and a page for a newsletter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import progress, say

if TYPE_CHECKING:
    from ..visualization.choices import Choice
    from ..visualization.ensemble import Ensemble


def report(
    results: Annotated[
        Path, typer.Argument(help="A folder of results: of `kreislauf compare --out`, or of a finished batch.")
    ],
    lang: Annotated[str, typer.Option("--lang", help="Language of the paper: de or en.")] = "de",
    out: Annotated[
        Path | None, typer.Option("--out", help="The annex as PDF (default: anlage.pdf, en: annex.pdf).")
    ] = None,
    baseline: Annotated[
        str | None, typer.Option("--baseline", help="Variant A (default: the status quo, else the first).")
    ] = None,
    choice: Annotated[str | None, typer.Option("--choice", help="Variant B (default: the next one).")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="A page for a newsletter, one HTML file.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="A folder for the tables as CSV.")] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="The tables as one Excel workbook.")] = None,
    shocks: Annotated[
        str | None,
        typer.Option("--shocks", help="Shocks of the crash test, with commas (default: a downturn)."),
    ] = None,
    year: Annotated[
        int | None, typer.Option("--year", help="Year of the shocks (default: after the last one).")
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", help="Folder of the region, when it is not one of the shipped ones.")
    ] = None,
) -> None:
    """Write what two variants mean as an annex to a council paper: a PDF of two to four pages, and tables if wanted.

    Without --out a PDF is written only when no other kind is asked for.
    """
    from ..model.errors import InputError, closest
    from ..visualization.ensemble_results import read_ensemble
    from ..visualization.findings.stress import shock_years, switches
    from ..visualization.formats import LOCALES
    from ..visualization.report.annex import annex
    from ..visualization.report.files import can_write, write_whole
    from ..visualization.report.newsletter import newsletter
    from ..visualization.report.paper import paper_pdf
    from ..visualization.report.spreadsheets import csv_files
    from ..visualization.report.spreadsheets import xlsx as workbook

    if lang not in LOCALES:
        raise InputError(f"there is no text in language {lang!r}, {closest(lang, LOCALES)}")
    names = None if shocks is None else tuple(name.strip() for name in shocks.split(",") if name.strip())
    known = [switch.name for switch in switches(lang)]
    if unknown := [name for name in names or () if name not in known]:
        raise InputError(f"unknown shock {unknown[0]!r}, {closest(unknown[0], known)}")
    if out is None and html is None and csv is None and xlsx is None:
        out = Path("anlage.pdf" if lang == "de" else "annex.pdf")
    can_write([path for path in (out, html, xlsx) if path is not None], folders=[] if csv is None else [csv])
    with progress("Report") as bar:
        bar(0, 4)
        ensemble = read_ensemble(results, region=region)
        before, after = chosen(ensemble, baseline, choice)
        if year is not None and year not in shock_years(ensemble):
            years = sorted(shock_years(ensemble))
            raise InputError(f"there is no data for shocks in {year}; expected {years[0]} to {years[-1]}")
        bar(1, 4)
        found = annex(ensemble, before, after, language=lang, shocks=names, year=year)
        bar(2, 4)
        files: dict[Path, bytes] = {}
        if out is not None:
            files[out] = paper_pdf(found)
        bar(3, 4)
        if html is not None:
            files[html] = newsletter(found).encode("utf-8")
        if xlsx is not None:
            files[xlsx] = workbook(found)
        if csv is not None:
            files |= {csv / name: data for name, data in csv_files(found).items()}
        for path, data in files.items():  # everything is ready: nothing is written when something failed
            write_whole(path, data)
        bar(4, 4)
    say(f"A: {before.title(lang)} ({before.key}). B: {after.title(lang)} ({after.key}).")
    say(f"Run number {ensemble.run_number}.")
    for path in (out, html, xlsx, csv):
        if path is not None:
            say(f"Written: {path}")


def chosen(ensemble: Ensemble, baseline: str | None, choice: str | None) -> tuple[Choice, Choice]:
    """Return A and B by name or key; raises InputError for what is not among the results."""
    from ..model.errors import InputError, closest
    from ..visualization.choices import STATUS_QUO

    known = {each.key: each for each in ensemble.choices}
    for each in ensemble.choices:
        if each.name:
            known[each.name] = each
        elif each.instrument == STATUS_QUO.instrument:
            known.setdefault("status_quo" if each == STATUS_QUO else each.rule, each)
        elif each.rule == STATUS_QUO.rule and each.strength == 1.0:
            known.setdefault(each.instrument, each)

    def find(name: str) -> Choice:
        if name not in known:
            raise InputError(f"there are no runs of {name!r} in these results, {closest(name, known)}")
        return known[name]

    first = STATUS_QUO if STATUS_QUO in ensemble.choices else ensemble.choices[0]
    before = first if baseline is None else find(baseline)
    others = [each for each in ensemble.choices if each != before]
    after = find(choice) if choice is not None else (others or [before])[0]
    return before, after
