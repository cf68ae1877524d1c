"""`kreislauf instruments`: how each way of paying did, and whom it left out and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import output, progress, say, table
from .numbers import number
from .options import FieldOption, MonthsOption, Region, ScenarioOption, SetOption, settings

if TYPE_CHECKING:
    from ..model.variant import Variant

SHIPPED = "status_quo,regional_budget,municipal_association,regional_fund,crowdfunding"


def instruments(
    region: Region,
    field: FieldOption = None,
    variants: Annotated[
        str, typer.Option("--variants", help="Names or TOML files, separated by commas (default: one per instrument).")
    ] = SHIPPED,
    scenario: ScenarioOption = "base",
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Runs per variant, with seeds 1, 2, ...")] = 5,
    months: MonthsOption = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Processes at work.")] = None,
    set_: SetOption = None,
) -> None:
    """Show the key figures of the funding instruments: success, absorption, cost, time, gaps, who is excluded and why.

    Whether people are better off and what it costs whom shows `kreislauf compare`.
    """
    values = settings(set_)
    from ..experiments import compare as compare_variants
    from ..model.region import load_region
    from ..model.variant import load_scenario, load_variant

    place, world = load_region(region, field), load_scenario(scenario)
    chosen = [load_variant(name.strip()) for name in variants.split(",") if name.strip()]
    with progress(f"{place.title_en}, {len(chosen)} variants, {seeds} seeds") as bar:
        found = compare_variants(
            place, chosen, scenario=world, seeds=seeds, months=months, parameters=values, reference=chosen[0].name,
            measures=[], workers=workers, progress=bar,
        )  # fmt: skip
    _show(found.runs, chosen, f"{place.title_en}, {world.title_en}: median of {seeds} runs [80 % of them]")
    if not found.failures.empty:
        say(f"{len(found.failures)} runs failed: {found.failures['error'].iloc[0]}")
        raise typer.Exit(1)


def _show(runs: Any, variants: list[Variant], title: str) -> None:
    """Print one column per variant and instrument, one row per key figure."""
    from ..experiments.compare import quantiles
    from ..model.funding.key_figures import KEY_FIGURES, figure_words

    columns: list[tuple[str, str, str]] = []
    for variant in variants:
        for name in dict.fromkeys((*variant.funding, *variant.funding_by_task.values())):
            alone = len(variant.funding) == 1 and not variant.funding_by_task
            columns.append((variant.name, name, name if alone else f"{variant.name}: {name}"))
    names = {key.partition(".")[2] for key in runs.columns if "." in key}
    known = [name for name in KEY_FIGURES if name in names]
    order = [*known, *sorted(names - set(known), key=lambda name: (name.startswith("excluded_from_"), name))]
    rows = table("", *(head for _, _, head in columns), right=range(1, len(columns) + 1), title=title)
    for name in order:
        unit, words = figure_words(name)
        cells: list[str] = []
        for variant, instrument, _ in columns:
            key = f"{instrument}.{name}"
            mine = runs.loc[runs["variant"] == variant, key].dropna() if key in runs else ()
            if len(mine) == 0:
                cells.append("")
                continue
            factor = 100.0 if unit == "share" else 1.0
            low, middle, high = (factor * value for value in quantiles(mine.to_numpy(float)))
            spread = "" if low == high else f"\n[{number(low)}, {number(high)}]"
            cells.append(number(middle) + spread)
        if any(cells):
            shown = {"share": " (%)", "": ""}.get(unit, f" ({unit})")
            rows.add_row(words + shown, *cells)
    output().print(rows)
