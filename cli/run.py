"""`kreislauf run`: one run of one variant."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from .console import output, progress, say, table
from .numbers import with_unit
from .options import FieldOption, MonthsOption, Region, ScenarioOption, SetOption, hold, settings


def run(
    context: typer.Context,
    region: Region,
    field: FieldOption = None,
    variant: Annotated[str, typer.Option("--variant", help="A variant: a shipped name or a TOML file.")] = "status_quo",
    plan: Annotated[
        Path | None, typer.Option("--plan", help="A master plan (TOML file) that comes into force during the run.")
    ] = None,
    scenario: ScenarioOption = "base",
    seed: Annotated[int, typer.Option("--seed", min=0, help="The seed of all random draws.")] = 1,
    months: MonthsOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the results into this folder.")] = None,
    households: Annotated[bool, typer.Option("--households", help="With --out: also one row per household.")] = False,
    set_: SetOption = None,
) -> None:
    """Run one variant once and show its measures."""
    values = settings(set_)
    from ..model.plan import load_plan
    from ..model.region import load_region
    from ..model.results import RunKey, RunResult
    from ..model.results_folder import ResultsWriter, prepare_folder
    from ..model.variant import load_scenario, load_variant

    place, policy, world = load_region(region, field), load_variant(variant), load_scenario(scenario)
    decided = None if plan is None else load_plan(plan, place)
    hold(context, out)
    if out is not None:
        prepare_folder(out)
    from ..model.integration_model import IntegrationModel, checked_months

    start = time.perf_counter()
    model = IntegrationModel(
        place, policy, world, months=months, parameters=values, rng=seed, record_households=households, plan=decided
    )
    total = checked_months(months, place)
    try:
        with progress(f"{place.title_en}, {policy.title_en}") as bar:
            for month in range(total):
                model.step()
                bar(month + 1, total)
    except KeyboardInterrupt:
        say("Stopped; nothing was written.")
        raise typer.Exit(130) from None
    tables = model.results()
    seconds = time.perf_counter() - start
    what = policy.title_en if decided is None else f"plan {decided.title_en or decided.name} from {decided.start}"
    _show(tables.summary, f"{place.title_en}: {what}, scenario {world.name}, seed {seed}, {total} months")
    if out is not None:
        inputs = {
            "region": {"name": place.name, "sha256": place.fingerprint},
            "field": place.field,
            "variants": {policy.name: {"sha256": policy.fingerprint(), **policy.model_dump()}},
            "scenario": {"sha256": world.fingerprint(), **world.model_dump()},
            "seeds": [seed],
            "months": months,
            "parameters": values,
        }
        if decided is not None:
            inputs["plan"] = {"sha256": decided.fingerprint(), **decided.model_dump(by_alias=True)}
        with ResultsWriter(out, inputs=inputs, command=["kreislauf", *sys.argv[1:]]) as writer:
            writer.add(RunResult(RunKey(0, place.name, policy.name, world.name, seed, months), tables))
            writer.close(seconds=seconds)
        say(f"Results: {out}")


def _show(summary: dict[str, float], title: str) -> None:
    """Print one value per measure; in a run of several fields those of each field for itself side by side."""
    from ..model.measures import MEASURES

    console = output()
    rows = table("measure", "value", "unit", right=[1], title=title)
    parts: dict[str, dict[str, tuple[str, str]]] = {}
    for name, value in summary.items():
        measure = MEASURES.get(name)
        shown = with_unit(value, measure.unit if measure else "")
        if measure and measure.field.endswith("+"):
            own = measure.field.removesuffix("+")
            base = name.removeprefix(f"{Path(own).name}_")
            parts.setdefault(base, {})[own] = shown
        else:
            rows.add_row(measure.title_en if measure else name, *shown)
    console.print(rows)
    if parts:
        names = list(dict.fromkeys(own for values in parts.values() for own in values))
        right = list(range(1, len(names) + 1))
        rows = table("each field for itself", *names, "unit", right=right)
        for base, values in parts.items():
            unit = next(iter(values.values()))[1]
            rows.add_row(MEASURES[base].title_en, *(values[own][0] for own in names), unit)
        console.print(rows)
