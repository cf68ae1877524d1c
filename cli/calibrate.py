"""`kreislauf calibrate`: fit the uncertain parameters to published figures and surveys."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import output, progress, say, table
from .numbers import number
from .options import FieldOption, Region, ScenarioOption  # noqa: TC001 - typer reads them at run time

if TYPE_CHECKING:
    from ..calibration.diagnostics import Diagnostics
    from ..calibration.targets import Targets

PUBLISHED = "published"


def calibrate(
    region: Region,
    targets: Annotated[
        list[str] | None,
        typer.Option("--targets", metavar="published|FILE", help="Figures to fit; may be given several times."),
    ] = None,
    survey: Annotated[
        Path | None, typer.Option("--survey", metavar="FILE", help="A survey file, beside or instead of figures.")
    ] = None,
    codebook: Annotated[
        Path | None, typer.Option("--codebook", metavar="TOML", help="With --survey: what its columns mean.")
    ] = None,
    budget: Annotated[int, typer.Option("--budget", help="Runs of the model to learn from.")] = 1000,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the calibration (default: results/calibrate-REGION).")
    ] = None,
    parameters: Annotated[
        str | None,
        typer.Option("--only", metavar="NAMES", help="Only these parameters, separated by commas."),
    ] = None,
    hold_back: Annotated[
        str | None, typer.Option("--hold-back", metavar="IDS", help="Keep these figures back as well, for checks.")
    ] = None,
    scenario: ScenarioOption = "base",
    field: FieldOption = None,
    seed: Annotated[int, typer.Option("--seed", min=1, max=90, help="Another seed gives another set of runs.")] = 1,
    draws: Annotated[int, typer.Option("--draws", min=400, help="Draws of the posterior.")] = 2000,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Processes (default: one per core).")] = None,
) -> None:
    """Fit the uncertain parameters; writes posterior.parquet, report.html and tables. Interrupted, it continues."""
    from ..calibration.calibrate import calibrate as fit
    from ..calibration.report import POSTERIOR, REPORT, write_calibration
    from ..experiments.compare import Interrupted
    from ..model.errors import InputError, Problem, closest
    from ..model.region import load_region

    place = load_region(region, field)
    chosen = _targets(place.name, targets, survey, codebook)
    kept_back = _names(hold_back)
    if unknown := [name for name in kept_back if name not in chosen.ids]:
        raise InputError(
            [Problem(f"no figure is called {name!r}, {closest(name, chosen.ids)}", "--hold-back") for name in unknown]
        )
    chosen = chosen.with_use("validate", kept_back)
    folder = out or Path("results") / f"calibrate-{place.name}"
    words = ["kreislauf", *sys.argv[1:]]
    try:
        with progress(f"{place.title_en}: {len(chosen.fitted)} figures") as bar:

            def show(phase: str, done: int, total: int, failed: int) -> None:
                bar(done, total, failed, words=phase)

            found = fit(place, chosen, out=folder, budget=budget, parameters=_names(parameters) or None,
                        scenario=scenario, draws=draws, seed=seed, workers=workers, progress=show, tell=say,
                        command=words)  # fmt: skip
            about = write_calibration(found, folder, command=words, progress=show)
    except Interrupted as stopped:
        say(str(stopped))
        raise typer.Exit(130) from None
    except KeyboardInterrupt:
        say(f"Stopped; the runs are kept in {folder}. The same command continues from there.")
        raise typer.Exit(130) from None
    _show(about)
    say(f"Report: {folder / REPORT}")
    say(f"Use it: kreislauf compare {region} --parameters {folder / POSTERIOR}")


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def _targets(region: str, given: list[str] | None, survey: Path | None, codebook: Path | None) -> Targets:
    """Return the figures asked for; the published ones when nothing is said. Raises InputError."""
    from ..calibration.targets import Targets
    from ..model.errors import InputError

    if (survey is None) != (codebook is None):
        raise InputError("a survey needs both --survey FILE and --codebook TOML")
    sources = given or ([] if survey is not None else [PUBLISHED])
    tables = [Targets.of_region(region) if name == PUBLISHED else Targets.read(name) for name in sources]
    if survey is not None and codebook is not None:
        from ..calibration.codebook import Codebook
        from ..calibration.estimates import estimate
        from ..calibration.survey import read_survey

        tables.append(estimate(read_survey(survey, Codebook.read(codebook))).targets())
    total = tables[0]
    for more in tables[1:]:
        total += more
    return total


def _show(about: Diagnostics) -> None:
    """Print what was found: the findings, the figures, the parameters the data move."""
    console = output()
    for sentence in about.sentences:
        console.print(f"- {sentence}", soft_wrap=True)
    console.print()
    rows = table("figure", "", "found", "model [error]", "hand-set", "", right=[2, 3, 4], title="Figures")
    for row in about.figures.to_dict("records"):
        mark = "miss" if row["misses"] else ""
        model = f"{number(row['predictive'])} [{number(row['error'])}]"
        use = "" if row["use"] == "fitted" else " (held back)"
        rows.add_row(
            row["id"], f"{row['quantity']}{use}", number(row["estimate"]), model, number(row["hand_set"]), mark
        )
    console.print(rows)
    console.print()
    rows = table("parameter", "prior 90 %", "posterior 90 %", "hand-set", "narrower", right=[1, 2, 3, 4],
                 title="Parameters the data move")  # fmt: skip
    for row in about.parameters.sort_values("narrower", ascending=False).to_dict("records"):
        if row["verdict"] != "not moved":
            prior = f"{number(row['prior_q05'])} to {number(row['prior_q95'])}"
            posterior = f"{number(row['q05'])} to {number(row['q95'])}"
            share = f"{100 * row['narrower']:.0f} %"
            rows.add_row(row["parameter"], prior, posterior, number(row["hand_set"]), share)
    console.print(rows)
