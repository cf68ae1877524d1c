"""`kreislauf batch`: many runs from an experiment file, and what can be done with them afterwards."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from .console import output, progress, say, table
from .numbers import number, with_unit
from .options import PosteriorOption, hold, read_posterior

if TYPE_CHECKING:
    from ..experiments.batch_folder import Batch


class _FileOrCommand(TyperGroup):
    """Takes an experiment file where a subcommand may stand: `batch FILE` is `batch run FILE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the word `run` before a file."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


batch_app = typer.Typer(
    cls=_FileOrCommand,
    help="Run an experiment file (`batch FILE --out DIR`); show, check, merge and analyse batches.",
    no_args_is_help=True,
)
Folder = Annotated[Path, typer.Argument(help="The folder of a batch.", metavar="DIR")]


@batch_app.command("run")
def run_batch(
    file: Annotated[Path, typer.Argument(help="An experiment file (TOML; see docs/experiment-format.md).")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the batch (default: results/NAME).")] = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Processes (default: one per core).")] = None,
    shard: Annotated[str, typer.Option("--shard", metavar="I/N", help="Only the I-th of N shares.")] = "1/1",
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Do failed runs again.")] = False,
    until: Annotated[
        float | None, typer.Option("--until", help="Run seeds until the best variant is known, such as 0.95.")
    ] = None,
    measure: Annotated[str | None, typer.Option("--measure", help="With --until: the measure that decides.")] = None,
    zone: Annotated[float | None, typer.Option("--zone", help="With --until: differences that do not matter.")] = None,
    cluster: Annotated[
        str | None, typer.Option("--cluster", help="Run on Dask: tcp://HOST:PORT or a TOML file of a job queue.")
    ] = None,
    parameters: PosteriorOption = None,
) -> None:
    """Run an experiment, or what is left of it; the same command continues an interrupted batch."""
    from ..experiments.batch import run
    from ..experiments.compare import Interrupted
    from ..experiments.experiment import load_experiment
    from ..experiments.plan import Plan
    from ..model.errors import InputError

    asked, base = load_experiment(file)
    if until is not None:
        given = asked.until.model_dump() if asked.until else {}
        given |= {"probability": until} | ({"measure": measure} if measure else {}) | ({"zone": zone} if zone else {})
        if not {"measure", "zone"} <= set(given):
            raise InputError("--until also needs --measure and --zone, or a table [until] in the file")
        asked = type(asked).model_validate({**asked.as_given(), "until": given})
    plan = Plan.of(asked, base=base, draws=read_posterior(parameters, Path(asked.region).name))
    folder = out or Path("results") / asked.name
    evaluator = None
    if cluster is not None:
        from ..experiments.cluster import on_cluster

        evaluator = on_cluster(cluster)
    try:
        with progress(f"{asked.name}: {len(plan):,} runs") as bar:
            batch = run(
                plan, folder, workers=workers, shard=_shard(shard), retry_failed=retry_failed, progress=bar, tell=say,
                command=["kreislauf", *sys.argv[1:]], evaluator=evaluator,
            )  # fmt: skip
    except Interrupted as stopped:
        say(str(stopped))
        raise typer.Exit(130) from None
    say(f"{batch.finished:,} of {batch.requested:,} runs in {folder}, {batch.failures} failed.")
    if asked.until is not None:
        _show_selection(folder)
    _tell_failures(batch)
    say(f"Tables: kreislauf batch merge {folder}    Analysis: kreislauf batch analyse {folder}")
    if batch.failures:
        raise typer.Exit(1)


@batch_app.command()
def status(folder: Folder) -> None:
    """Show how far a batch is."""
    from ..experiments.batch_folder import open_batch

    batch = open_batch(folder)
    seconds = sum(part.seconds for part in batch.parts.values())
    size = sum(entry["bytes"] for part in batch.parts.values() for entry in part.files.values())
    rows = table("", "", right=[1])
    rows.add_row("Runs asked for", f"{batch.requested:,}")
    rows.add_row("Runs on disk", f"{batch.finished:,}")
    rows.add_row("Failed", f"{batch.failures:,}")
    rows.add_row("Parts", f"{len(batch.parts):,}")
    rows.add_row("Size", f"{number(size)} bytes")
    if batch.finished:
        left = (batch.requested - batch.finished) * seconds / batch.finished
        rows.add_row("Time per run", f"{seconds / batch.finished:.2f} s")
        rows.add_row("Work left", f"{left / 60:.1f} minutes of one worker")
    output().print(rows)
    for problem in batch.problems:
        say(problem)
    _tell_failures(batch)


@batch_app.command()
def verify(folder: Folder) -> None:
    """Check every byte of a batch against its journal."""
    from ..experiments.batch_folder import open_batch
    from ..experiments.merge import verify as check

    batch = open_batch(folder)
    problems = check(batch)
    for problem in problems:
        say(problem)
    if problems:
        say("Give the command of the batch again: it does what is damaged anew.")
        raise typer.Exit(1)
    say(f"{batch.finished:,} runs in {len(batch.parts):,} parts are as they were written.")


@batch_app.command()
def merge(
    folders: Annotated[list[Path], typer.Argument(help="The folder of a batch, or of all its shards.")],
    out: Annotated[Path | None, typer.Option("--out", help="Results folder (default: DIR/results).")] = None,
    partial: Annotated[bool, typer.Option("--partial", help="Also when runs are missing.")] = False,
) -> None:
    """Write a batch as one folder of tables, in the order of the runs."""
    from ..experiments.merge import merge as join

    results = join(folders, out or folders[0] / "results", command=["kreislauf", *sys.argv[1:]], partial=partial)
    say(f"{results.manifest['tables']['runs']['rows']:,} runs. Results: {results.folder}")


@batch_app.command()
def rebuild(
    context: typer.Context,
    folder: Folder,
    run: Annotated[int, typer.Argument(help="The number of the run.")],
    out: Annotated[Path | None, typer.Option("--out", help="Write all its tables into this folder.")] = None,
    households: Annotated[bool, typer.Option("--households", help="With --out: also one row per household.")] = False,
) -> None:
    """Do one run again and compare it with what is stored, bit by bit."""
    from ..experiments.batch_folder import open_batch
    from ..experiments.merge import rebuild as again
    from ..model.results_folder import write_results

    batch = open_batch(folder)
    found = again(batch, run, households=households)
    if not found.result.done:
        say(f"Run {run} fails: {found.result.error}")
    if found.differs_in:
        say(f"Run {run} differs from what is stored in: {', '.join(found.differs_in)}.")
    elif found.compared:
        say(f"Run {run} is bit-identical to what is stored ({', '.join(found.compared)}).")
    if out is not None and found.result.done:
        hold(context, out)
        write_results(out, [found.result], inputs=batch.about["inputs"], command=["kreislauf", *sys.argv[1:]])
        say(f"Results: {out}")
    if found.differs_in or not found.result.done:
        raise typer.Exit(1)


@batch_app.command("open")
def open_(
    folder: Folder,
    run: Annotated[int | None, typer.Argument(help="Show the measures of this run.")] = None,
) -> None:
    """Show what a batch or one of its runs holds, and how to read it."""
    from ..experiments.batch_folder import open_batch
    from ..model.errors import InputError
    from ..model.measures import MEASURES

    batch = open_batch(folder)
    console = output()
    if run is None:
        runs = batch.runs
        rows = table("variant", "scenario", "runs", "failed", right=[2, 3], title=f"{folder}")
        counts = runs.assign(failed=runs["status"] != "done").groupby(["variant", "scenario"], sort=False)["failed"]
        for row in counts.agg(["size", "sum"]).reset_index().to_dict("records"):
            rows.add_row(str(row["variant"]), str(row["scenario"]), f"{row['size']:,}", f"{row['sum']:,}")
        console.print(rows)
        console.print(f"DuckDB: SELECT * FROM '{folder}/parts/*/runs.parquet'", soft_wrap=True)
        console.print(f"Python: open_batch('{folder}').runs", soft_wrap=True)
        place = batch.about["region_place"]
        console.print(f"App: kreislauf app {place} --results {folder}", soft_wrap=True)
        console.print(f"Paper: kreislauf report {folder}", soft_wrap=True)
        return
    found = batch.runs.query("run == @run")
    if found.empty:
        raise InputError(f"run {run} is not among the {batch.finished} runs of {folder}")
    row = {str(name): value for name, value in found.iloc[0].items()}
    title = f"Run {run}: {row['variant']}, {row['scenario']}, seed {row['seed']}, point {row['point']}"
    rows = table("", "value", "unit", right=[1], title=title)
    for name, value in row.items():
        if isinstance(value, float) and (name in MEASURES or name.startswith("p_")):
            rows.add_row(name, *with_unit(value, MEASURES[name].unit if name in MEASURES else ""))
    console.print(rows)
    if row["status"] != "done":
        say(f"This run failed: {row['error']}")
    say(f"In detail: kreislauf batch rebuild {folder} {run} --out DIR --households")


@batch_app.command()
def analyse(
    folder: Folder,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for tables and figures (default: DIR/analysis).")
    ] = None,
    measures: Annotated[str | None, typer.Option("--measures", help="Measures, separated by commas.")] = None,
    reference: Annotated[str, typer.Option("--reference", help="The variant others are compared with.")] = "",
) -> None:
    """Write tables and figures: differences, Pareto set, regret, sensitivity, scenario discovery."""
    from ..experiments.analysis import analyse as examine
    from ..experiments.batch_folder import open_batch

    target = out or folder / "analysis"
    names = [name.strip() for name in (measures or "").split(",") if name.strip()]
    words = ["kreislauf", *sys.argv[1:]]
    found = examine(open_batch(folder), target, measures=names, reference=reference, command=words)
    if "paired" in found.tables:
        rows = table("measure", "scenario", "variant", "difference", "95 %", "p (Holm)", right=[3, 4, 5])
        for row in found.tables["paired"].to_dict("records"):
            span = f"[{number(row['low'], signed=True)}; {number(row['high'], signed=True)}]"
            mean = number(row["mean"], signed=True)
            rows.add_row(row["measure"], row["scenario"], row["variant"], mean, span, number(row["p_holm"]))
        output().print(rows)
    if "variance_parts" in found.tables:
        rows = table("measure", "variant", "luck (sd)", "parameters (sd)", "share of the variance", right=[2, 3, 4],
                     title="Where the spread of the differences comes from")  # fmt: skip
        for row in found.tables["variance_parts"].to_dict("records"):
            spans = [f"{100 * row[name]:.0f}" for name in ("share", "share_low", "share_high")]
            share = "-" if row["share"] != row["share"] else f"{spans[0]} % [{spans[1]}; {spans[2]}]"
            rows.add_row(row["measure"], row["variant"], number(row["luck_sd"]), number(row["parameter_sd"]), share)
        output().print(rows)
    for entry in found.discoveries:
        limits = ", ".join(
            f"{number(row['low'])} <= {row['value_name']} <= {number(row['high'])}"
            for row in entry.box.to_dict("records")
        )
        if limits:
            say(f"{entry.question} at {entry.cases} of {entry.points} points, {100 * entry.coverage:.0f} % of them "
                f"where {limits} ({100 * entry.density:.0f} % of the points there).")  # fmt: skip
    say(f"{len(found.tables)} tables and {len(found.figures)} figures: {target}")


def _shard(text: str) -> tuple[int, int]:
    """Return I/N as two numbers; raises InputError for anything else."""
    from ..model.errors import InputError

    first, slash, second = text.partition("/")
    if not (slash and first.isdigit() and second.isdigit()):
        raise InputError(f"shard {text!r} is not usable; expected I/N such as 1/4")
    return int(first), int(second)


def _tell_failures(batch: Batch) -> None:
    """Name failed runs, the first of each kind of error, with the command that does one again."""
    if not batch.failures:
        return
    failed = batch.table("runs", columns=["run", "status", "error"]).query("status != 'done'")
    say(f"{len(failed):,} runs failed:")
    for error, group in failed.groupby("error", sort=False):
        first = group["run"].tolist()[0]
        say(f"  {len(group):,} x {error}")
        say(f"      kreislauf batch rebuild {batch.folder} {first}")


def _show_selection(folder: Path) -> None:
    """Show what a sequential choice found."""
    from ..experiments.until import read_selection

    found = read_selection(folder)
    rows = table("variant", "seeds", "mean", "to the best", "dropped after", right=[1, 2, 3, 4])
    for row in found.variants:
        values = [number(row[name]) if row[name] is not None else "-" for name in ("mean", "difference_to_best")]
        rows.add_row(row["variant"], str(row["seeds"]), *values, str(row["dropped_after"] or "-"))
    output().print(rows)
    say(found.sentence())
