"""`kreislauf masterplan`: a search for plans within a budget, written as plan files and tables."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import output, progress, say, table
from .numbers import with_unit
from .options import FieldOption, PosteriorOption, Region, SetOption, hold, read_posterior, settings

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from ..experiments.masterplan.asked import Asked, Effort
    from ..experiments.masterplan.folder import PlanFolder
    from ..experiments.masterplan.levers import Space
    from ..experiments.masterplan.pilot import Observation
    from ..experiments.masterplan.search import Found
    from ..model.errors import Problem
    from ..model.plan import Plan
    from ..model.region import Region as RegionData


def masterplan(
    context: typer.Context,
    region: Region,
    budget: Annotated[
        float, typer.Option("--budget", min=0.0, metavar="EUR", help="Most that the plan's posts may cost in a year.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for plans, tables and the journal; continued if begun.")],
    horizon: Annotated[
        str, typer.Option("--horizon", metavar="FROM-UNTIL", help="Years (2018-2025) or months (2018-01:2025-12).")
    ] = "2018-2025",
    field: FieldOption = None,
    variant: Annotated[str, typer.Option("--variant", help="The policy before the plan.")] = "status_quo",
    scenarios: Annotated[
        str, typer.Option("--scenarios", help="Scenarios, separated by commas; the first one is planned for.")
    ] = "base,high_arrivals,low_arrivals,recession",
    goals: Annotated[
        str | None, typer.Option("--goals", help="Measures to judge by, separated by commas (default: six).")
    ] = None,
    evaluations: Annotated[int, typer.Option("--evaluations", min=1, help="Plans tried in the screening.")] = 120,
    seeds: Annotated[int, typer.Option("--seeds", min=3, help="Fresh seeds of the last comparison.")] = 20,
    draws: Annotated[int, typer.Option("--draws", min=0, help="Draws of the uncertain parameters.")] = 16,
    parameters: PosteriorOption = None,
    pilot: Annotated[
        Path | None, typer.Option("--pilot", help="A decided plan: compare it with --observe, plan the rest anew.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="YYYY-MM", help="With --pilot: the date; what began before stays.")
    ] = None,
    observe: Annotated[
        Path | None, typer.Option("--observe", help="With --pilot: CSV with month, measure, place, value.")
    ] = None,
    paper: Annotated[
        bool, typer.Option("--paper/--no-paper", help="Write the paper as PDF, German and English.")
    ] = True,
    search_seed: Annotated[int, typer.Option("--search-seed", min=0, help="Seed of the search itself.")] = 1,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Processes at work.")] = None,
    set_: SetOption = None,
) -> None:
    """Search for master plans: leads, posts, rounds and funding within a budget, against the status quo."""
    fixed = settings(set_)
    from ..experiments.masterplan.asked import Effort
    from ..experiments.masterplan.folder import prepare, write_found
    from ..experiments.optional import optional
    from ..experiments.pool import cores
    from ..model.provenance import without_folders
    from ..model.region import load_region

    place = load_region(region, field)
    effort = Effort(evaluations=evaluations, fresh=seeds, draws=draws, search_seed=search_seed)
    asked, observed, drawn_from = _asked(
        place, budget, effort, horizon=horizon, variant=variant, scenarios=scenarios, goals=goals,
        parameters=parameters, fixed=fixed, pilot=pilot, since=since, observe=observe,
    )  # fmt: skip
    optional("pymoo.algorithms.moo.nsga2")
    hold(context, out)
    folder = prepare(out)
    found = _search(asked, observed, folder, workers or cores())
    written = write_found(
        folder, found, command=["kreislauf", *(without_folders(word) for word in sys.argv[1:])],
        more={"parameters": fixed, "draws": drawn_from},
    )  # fmt: skip
    show(found)
    for language in ("de", "en") if paper else ():
        _write_paper(written, place, language)
    say(f"Plans, tables and journal: {folder}")


def _asked(
    place: RegionData, budget: float, effort: Effort, *, horizon: str, variant: str, scenarios: str, goals: str | None,
    parameters: Path | None, fixed: Mapping[str, float], pilot: Path | None, since: str | None, observe: Path | None,
) -> tuple[Asked, tuple[Observation, ...], dict[str, Any]]:  # fmt: skip
    """Return what is asked for, what was observed of a pilot, and which draws of parameters are used.

    Raises InputError with all that is wrong at once.
    """
    from ..experiments.masterplan.asked import Asked
    from ..experiments.masterplan.goals import check_goals, default_goals
    from ..experiments.masterplan.pilot import read_observations, what_is_left
    from ..model.errors import InputError, Problem, gathered
    from ..model.field import load_field
    from ..model.variant import load_scenario, load_variant

    aims = load_field(place.field)
    names = [name.strip() for name in scenarios.split(",") if name.strip()]
    problems: list[Problem] = []
    first, last = place.start_month, place.end_month
    policy, worlds, draws_of, observed = None, [], None, ()
    chosen = default_goals(aims)
    with gathered(problems):
        first, last = span(horizon, place)
    with gathered(problems):
        policy = load_variant(variant)
    for name in names:
        with gathered(problems):
            worlds.append(load_scenario(name))
    if not names:
        problems.append(Problem("no scenario is named", "--scenarios", expected="at least one"))
    with gathered(problems):
        chosen = default_goals(aims) if goals is None else check_goals([g.strip() for g in goals.split(",")], aims)
    with gathered(problems):
        draws_of = read_posterior(parameters, place.name)
    after = pilot is not None or since is not None or observe is not None
    decided, date = None, first
    with gathered(problems):
        if after:
            decided, date = _pilot(pilot, since, observe, place, last, problems)
    with gathered(problems):
        if observe is not None and after:
            observed = read_observations(observe, place, until=date)
    if problems or policy is None:
        raise InputError(problems)
    asked = Asked(
        place, policy, first, last, budget, tuple(worlds), goals=chosen, effort=effort,
        values=lambda seed: {**(draws_of.for_run(seed, policy, worlds[0]) if draws_of else {}), **fixed},
        posterior=draws_of is not None,
    )  # fmt: skip
    if decided is not None:
        kept, later = what_is_left(decided, date)
        asked = replace(asked, first=date, decided=kept, reference=decided, offered=(later,) if later else ())
    return asked, observed, draws_of.record() if draws_of else {}


def _search(asked: Asked, observed: Sequence[Observation], folder: Path, workers: int) -> Found:
    """Compare a pilot with what was observed of it, if anything was, and search; Ctrl-C keeps the runs."""
    from ..experiments.masterplan import Evaluations, Runner, find_plans
    from ..experiments.masterplan.pilot import evaluate

    runner = Runner(asked.world, Evaluations(folder), workers)
    tables = {}
    try:
        if observed and asked.reference is not None:
            seen = range(4_000_001, 4_000_001 + asked.effort.fresh)
            with progress("pilot") as bar:
                tables["deviations"] = evaluate(
                    asked.reference, observed, asked.region, asked.variant, asked.scenarios[0], until=asked.first,
                    seeds=seen, values=asked.values, workers=workers, progress=bar,
                )  # fmt: skip
        with runner, progress("plans") as bar:
            total = asked.effort.runs(len(asked.scenarios))
            runner.progress = lambda: bar(min(len(runner.counted), total), total)
            found = find_plans(asked, runner)
    except KeyboardInterrupt:
        say(f"Stopped after {runner.done} runs; they are kept in {folder}. The same command continues from there.")
        raise typer.Exit(130) from None
    found.tables.update(tables)
    return found


def _write_paper(folder: PlanFolder, region: RegionData, language: str) -> None:
    """Write the paper as PDF; where the libraries for it are missing, say so and go on."""
    from ..model.errors import KreislaufError
    from ..visualization.report.files import write_whole
    from ..visualization.report.masterplan import paper

    path = folder.folder / f"masterplan_{language}.pdf"
    try:
        write_whole(path, paper(folder, region, language))
    except KreislaufError as error:
        say(str(error))
    else:
        say(f"Paper: {path}")


def _pilot(
    pilot: Path | None, since: str | None, observe: Path | None, place: RegionData, last: int, problems: list[Problem]
) -> tuple[Plan | None, int]:
    """Return the decided plan and the month of the evaluation; what is wrong joins `problems`."""
    from ..experiments.masterplan.pilot import what_is_left
    from ..model.calendar import month_index, month_label
    from ..model.errors import Problem, gathered
    from ..model.plan import load_plan

    given = {"--pilot": pilot, "--from": since, "--observe": observe}
    problems += [Problem(f"{name} is missing", expected="--pilot, --from and --observe together") for name in given
                 if given[name] is None]  # fmt: skip
    decided, date = None, place.end_month + 1
    with gathered(problems):
        decided = None if pilot is None else load_plan(pilot, place)
    if since is None:
        return decided, date
    try:
        date = month_index(since)
        usable = place.start_month < date <= last
    except ValueError:
        usable = False
    if not usable:
        right = f"a month from {month_label(place.start_month + 1)} to {month_label(last)}"
        problems.append(Problem("not a date of the evaluation", "--from", value=since, expected=right))
        return decided, place.end_month + 1
    with gathered(problems):
        if decided is not None:
            what_is_left(decided, date)
    return decided, date


def span(text: str, region: RegionData) -> tuple[int, int]:
    """Return first and last month of a horizon; raises InputError for one that is not within the region's period."""
    from ..model.calendar import month_index, month_label
    from ..model.errors import InputError, Problem

    period = f"within {month_label(region.start_month)}:{month_label(region.end_month)}, such as 2018-2025"
    separator = ":" if ":" in text else "-"
    begin, _, end = text.partition(separator)
    try:
        first = month_index(begin if separator == ":" else f"{begin}-01")
        last = month_index(end if separator == ":" else f"{end}-12")
    except ValueError:
        raise InputError(Problem("not a horizon", "--horizon", value=text, expected=period)) from None
    if not region.start_month <= first <= last <= region.end_month:
        raise InputError(Problem("not a horizon of this region", "--horizon", value=text, expected=period))
    return first, last


def over_budget(space: Space) -> str:
    """Return a sentence where posts of the pilot that have begun cost more than the budget; empty where they do not."""
    year, most = max(space.committed.items(), key=lambda entry: entry[1], default=(0, 0.0))
    if most <= space.budget_eur:
        return ""
    return (
        f"Posts of the pilot that have begun cost {most:,.0f} EUR in {year}, more than the budget of "
        f"{space.budget_eur:,.0f}: they stay, and no post is added in a year in which they do."
    )


def show(found: Found) -> None:
    """Print what was tried and how the reported plans compare with the status quo."""
    from ..model.measures import MEASURES

    console = output()
    asked = found.asked
    runs = sum(stage["runs"] for stage in found.stages)
    console.print(
        f"{asked.region.title_en}: {len(found.tables['tried'])} plans of {found.space.size:.2g} possible ones tried, "
        f"{runs:,} runs in {sum(stage['seconds'] for stage in found.stages):,.0f} s.\n"
    )
    rows = table("stage", "plans", "runs", "seconds", right=[1, 2, 3])
    for stage in found.stages:
        rows.add_row(stage["stage"], str(stage["plans"]), str(stage["runs"]), f"{stage['seconds']:.0f}")
    console.print(rows)
    if "deviations" in found.tables:
        _show_deviations(console, found.tables["deviations"])
    if spent := over_budget(found.space):
        console.print(f"\n{spent}")
    base = "status quo" if asked.reference is None else "pilot carried on"
    if not found.plans:
        console.print("\nNo plan within the budget was found that the status quo does not dominate on fresh seeds.")
        return
    differences = found.tables["differences"]
    for name, plan in found.plans.items():
        console.print(f"\n{name}", style="bold")
        for lever, option in found.space.options(found.choices[name]):
            console.print(f"  {lever.name}: {words(option)}")
        cost = plan.cost_by_year(found.space.post_cost_eur, last=asked.last)
        console.print(f"  posts cost at most {max(cost.values(), default=0.0):,.0f} EUR a year")
        rows = table("goal", base, "plan", "difference [95 %]", "", right=[1, 2, 3])
        mine: Any = differences[(differences["plan"] == name) & differences["goal"]]
        for row in mine.to_dict("records"):
            measure = MEASURES[row["measure"]]
            before, after = (with_unit(row["mean"] - gap, measure.unit)[0] for gap in (row["difference"], 0.0))
            gap, low, high = (with_unit(row[name], measure.unit)[0] for name in ("difference", "low", "high"))
            unit = with_unit(row["mean"], measure.unit)[1]
            rows.add_row(f"{measure.title_en}, {unit}", before, after, f"{gap} [{low}; {high}]", row["verdict"])
        console.print(rows)
    console.print(
        f"\nMeans over {asked.effort.fresh} fresh seeds, paired with the {base}; 'better' and 'worse' hold for all "
        "goals and plans at once (95 %)."
    )
    if found.ties:
        console.print("Cannot be told apart: " + "; ".join(" and ".join(pair) for pair in found.ties) + ".")
    if not found.better():
        console.print("No plan is surely better in a goal without being surely worse in another.")


def _show_deviations(console: Console, deviations: pd.DataFrame) -> None:
    """Print what was observed beside what the pilot's runs say, and whether chance explains the difference."""
    from ..model.measures import MEASURES

    rows_of: Any = deviations
    outside = int(rows_of["outside"].sum())
    title = f"Pilot: {outside} of {len(deviations)} observations deviate beyond chance (95 %)"
    rows = table("month", "measure", "place", "observed", "simulated", "by chance", "", right=[3, 4, 5], title=title)
    for row in rows_of.to_dict("records"):
        measure = MEASURES[str(row["measure"])]
        names = ("observed", "simulated", "low", "high")
        seen, simulated, low, high = (with_unit(float(row[name]), measure.unit)[0] for name in names)
        unit = with_unit(0.0, measure.unit)[1]
        said = "beyond" if row["outside"] else "within"
        rows.add_row(
            str(row["month"]), f"{measure.title_en}, {unit}", str(row["place"]), seen, simulated, f"{low}; {high}", said
        )
    console.print()
    console.print(rows)


def words(option: object) -> str:
    """Return an option in short words."""
    from ..experiments.masterplan.levers import Option

    assert isinstance(option, Option)
    parts = [f"{post.fte:g} FTE {post.owner}" + (f" from {post.start}" if post.start else "")
             + (f" until {post.end}" if post.end else "") + (f", {post.programme}" if post.programme else "")
             for post in option.posts]  # fmt: skip
    parts += [
        f"{lead.owner}" + (f" in {len(lead.place)} places" if len(lead.place) > 1 else "") for lead in option.leads
    ]
    parts += [setting(key, value) for key, value in option.settings.items()]
    return ", ".join(parts)


def setting(key: str, value: object) -> str:
    """Return a plain key of a plan in short words.

    >>> setting("rounds_per_year", 6), setting("funding", {"own_budget": 0.5, "crowdfunding": 0.5})
    ('6 a year', '50 % own_budget, 50 % crowdfunding')
    """
    if key == "rounds_per_year":
        return f"{value} a year"
    if isinstance(value, Mapping):
        return ", ".join(f"{100 * share:.0f} % {name}" for name, share in value.items())
    return {True: "common register", False: "no common register"}[value] if isinstance(value, bool) else str(value)
