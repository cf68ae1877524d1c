"""`kreislauf survey`: check a survey file with its codebook, and make up surveys with known truth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import output, progress, say, table
from .options import Region, ScenarioOption, SetOption, settings

if TYPE_CHECKING:
    from ..calibration.comparison import Compared
    from ..calibration.estimates import SurveyEstimates

survey_app = typer.Typer(help="Check survey files for calibration, and make up surveys.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help="Respondents: CSV, Parquet, Stata (.dta) or SPSS (.sav).")]
CodebookOption = Annotated[Path, typer.Option("--codebook", metavar="TOML", help="What the columns mean.")]


@survey_app.command("check")
def check(
    file: File,
    codebook: CodebookOption,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="CSV", help="Write the cells as targets (no respondent is in them).")
    ] = None,
) -> None:
    """Report everything that is wrong with a survey file, or show what it says about the model's quantities."""
    from ..calibration.codebook import Codebook
    from ..calibration.estimates import estimate
    from ..calibration.survey import read_survey
    from ..model.errors import InputError

    try:
        survey = read_survey(file, Codebook.read(codebook))
    except InputError as error:
        for problem in error.problems:
            say(str(problem))
        say(f"{file.name}: {len(error.problems)} problem{'s' if len(error.problems) > 1 else ''} found")
        raise typer.Exit(2) from None
    estimates = estimate(survey)
    eligible = int(survey.eligible.sum())
    typer.echo(f"{file.name}: no problems found; {len(survey)} rows, {eligible} of eligible people")
    _show(estimates)
    if out is not None:
        from ..model.files import write_text

        try:
            write_text(out, estimates.targets().to_csv())
        except OSError as error:
            raise InputError(f"{out} cannot be written: {error.strerror}") from None
        typer.echo(f"{out}: {len(estimates.shown)} cells as targets")


@survey_app.command("synth")
def synth(
    region: Region,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="File to write: .csv, .parquet, .dta or .sav.")],
    truth: Annotated[
        Path | None, typer.Option("--truth", metavar="TOML", help=r"True values: a file with a table \[parameters].")
    ] = None,
    n: Annotated[int, typer.Option("--n", min=10, help="People asked in each wave.")] = 800,
    waves: Annotated[str, typer.Option("--waves", metavar="MONTHS", help="Months as YYYY-MM, by commas.")] = "2018-10",
    design: Annotated[
        str, typer.Option("--design", help="Any of stratified, clustered, panel, by commas; or simple.")
    ] = "stratified,clustered",
    variant: Annotated[str, typer.Option("--variant", help="The variant the people live under.")] = "status_quo",
    scenario: ScenarioOption = "base",
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**32 - 1, help="Seed of the run and of the survey.")] = 1,
) -> None:
    """Make up a survey of simulated people: answers, codebook and truth, for teaching and tests."""
    from ..calibration.people import see
    from ..calibration.sampling import SampleDesign
    from ..calibration.survey_file import ENDINGS
    from ..calibration.synth import read_truth, synthesise, write_synthetic
    from ..model.errors import InputError, Problem
    from ..model.integration_model import IntegrationModel

    words = _words(design, ("stratified", "clustered", "panel", "simple"), "--design")
    if out.suffix.lower() not in ENDINGS:
        raise InputError(Problem("this kind of file is not written", str(out), expected=", ".join(ENDINGS)))
    if not out.parent.is_dir():
        raise InputError(Problem("there is no such folder", str(out.parent)))
    parameters = read_truth(truth) if truth else {}
    model = IntegrationModel(region, variant, scenario, parameters=parameters, rng=seed)
    months = _months(waves, model.region.start_month, model.region.end_month)
    how = SampleDesign(n=n, stratified="stratified" in words, clustered="clustered" in words, panel="panel" in words)
    survey = synthesise(
        see(model, months), how, parameters=model.parameters, seed=seed, name=out.stem, region=model.region.name
    )
    codebook, known = write_synthetic(survey, out)
    of = f"{survey.asked} people asked in {len(months)} wave{'s' if len(months) > 1 else ''}"
    typer.echo(f"{out}: {len(survey.rows)} of {of} answered")
    if survey.asked < n * len(months) and not how.panel:
        typer.echo(f"(there are fewer than {n} eligible people in some strata: all of them were asked)")
    typer.echo(f"{codebook}: the codebook")
    typer.echo(f"{known}: the values among all eligible people")


@survey_app.command("targets")
def targets(
    region: Region,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Runs to compare with.")] = 8,
    variant: Annotated[str, typer.Option("--variant", help="The variant of the runs.")] = "status_quo",
    scenario: ScenarioOption = "base",
    set_: SetOption = None,
    file: Annotated[
        Path | None, typer.Option("--targets", metavar="CSV", help="Other targets than those of the region.")
    ] = None,
) -> None:
    """Show published figures beside what the model says about the same people, before any calibration."""
    from ..calibration.comparison import compare_targets
    from ..calibration.targets import Targets
    from ..model.region import load_region

    parameters = settings(set_)
    place = load_region(region)
    known = Targets.read(file) if file else Targets.of_region(region)
    with progress("runs") as bar:
        compared = compare_targets(
            place, known, seeds=range(1, seeds + 1), variant=variant, scenario=scenario, parameters=parameters,
            progress=bar,
        )  # fmt: skip
    _show_targets(compared)
    typer.echo("Figures of people, not of registers, are about those who came as asylum seekers.")
    left_out = len(known) - len(compared)
    misses = sum(row.is_miss for row in compared if row.target.use == "calibrate")
    if seeds > 2:
        typer.echo(f"\n{misses} of the fitted rows lie more than 2 standard deviations off (distance).")
    if left_out:
        typer.echo(f"{left_out} rows have no counterpart in the model or lie outside its months; their notes say why.")


def _show_targets(compared: Sequence[Compared]) -> None:
    from ..model.calendar import month_label

    columns = ("id", "quantity", "wave", "cell", "use", "published", "std. error", "model", "distance")
    rows = table(*columns, right=(5, 6, 7, 8))
    for row in compared:
        target = row.target
        share = target.what.is_share
        scale, digits = (100.0, 1) if share else (1.0, 1 if target.estimate < 100 else 0)
        unit = " %" if share else ""
        distance = "" if math.isnan(row.distance) else f"{row.distance:+.1f}" + (" !" if row.is_miss else "  ")
        rows.add_row(
            target.id, target.quantity, month_label(target.wave or 0), _short(target.cell.key), target.use,
            f"{scale * target.estimate:.{digits}f}{unit}", f"{scale * target.se:.{digits}f}",
            f"{scale * row.model:.{digits}f}{unit}", distance,
        )  # fmt: skip
    output().print(rows)


def _short(cell: str) -> str:
    """Return a cell as a table shows it: asylum seekers are not named each time, lines break between conditions."""
    return cell.replace(";origin=asylum", "").replace("origin=asylum", "all").replace(";", "; ")


def _words(text: str, known: tuple[str, ...], option: str) -> set[str]:
    from ..model.errors import InputError, Problem, closest

    words = {word.strip() for word in text.split(",") if word.strip()}
    wrong = sorted(words - set(known))
    if wrong:
        raise InputError([Problem(f"unknown word {word!r}, {closest(word, known)}", option) for word in wrong])
    return words


def _months(text: str, first: int, last: int) -> list[int]:
    from ..model.calendar import month_index, month_label
    from ..model.errors import InputError, Problem

    period = f"months from {month_label(first)} to {month_label(last)}, such as 2018-10,2020-10"
    months: list[int] = []
    for label in text.split(","):
        try:
            month = month_index(label.strip())
        except ValueError as error:
            raise InputError(Problem(str(error), "--waves", expected=period)) from None
        if not first <= month <= last:
            raise InputError(Problem(f"{label.strip()} lies outside the simulated period", "--waves", expected=period))
        if month in months:
            raise InputError(Problem(f"{label.strip()} stands twice", "--waves"))
        months.append(month)
    return months


def _show(estimates: SurveyEstimates) -> None:
    from ..calibration.quantities import quantities
    from ..model.calendar import month_label

    columns = ("wave", "quantity", "cell", "estimate", "std. error", "95 % interval", "answers", "no answer", "deff")
    rows = table(*columns, right=(3, 4, 5, 6, 7, 8))
    for row in estimates.shown:
        what = quantities()[row.quantity]
        scale, digits = (100.0, 1) if what.is_share else (1.0, 2)
        unit = " %" if what.is_share else ""
        low, high = (scale * end for end in (row.low, row.high))
        rows.add_row(
            month_label(row.wave), row.quantity, row.cell.key, f"{scale * row.estimate:.{digits}f}{unit}",
            f"{scale * row.se:.{digits}f}", f"{low:.{digits}f} to {high:.{digits}f}", str(row.n),
            f"{100.0 * row.missing:.0f} %", f"{row.deff:.2f}",
        )  # fmt: skip
    output().print(rows)
    hidden = [row for row in estimates.rows if row.suppressed]
    if hidden:
        typer.echo(f"\nNot shown, to protect respondents (cells need {estimates.minimum_cell} answers):")
    for reason in dict.fromkeys(row.suppressed for row in hidden):
        cells = [f"{month_label(row.wave)} {row.quantity} {row.cell.key}" for row in hidden if row.suppressed == reason]
        typer.echo(f"  {reason}: {', '.join(cells)}")
