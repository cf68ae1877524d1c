"""`kreislauf variants`, `scenarios`, `parameters`, `measures`: what there is to choose from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from .console import output, table

if TYPE_CHECKING:
    from ..model.variant import Scenario, Variant

SchemaOption = Annotated[bool, typer.Option("--schema", help="Print the JSON schema of such a file instead.")]
NameArgument = Annotated[str | None, typer.Argument(help="Show one in full: a shipped name or a TOML file.")]


def variants(name: NameArgument = None, schema: SchemaOption = False) -> None:
    """List the shipped policy variants, or check and show one."""
    from ..model.variant import load_variant, variant_names, variant_schema

    if schema:
        typer.echo(json.dumps(variant_schema(), indent=2))
    elif name is not None:
        _show_one(load_variant(name))
    else:
        console = output()
        rows = table("name", "rule", "paid by", "what it is")
        for variant in map(load_variant, variant_names()):
            money = ", ".join(f"{key} {share:.0%}" if share < 1 else key for key, share in variant.funding.items())
            rows.add_row(variant.name, variant.rule, money, _words(variant))
        console.print(rows)


def scenarios(name: NameArgument = None, schema: SchemaOption = False) -> None:
    """List the shipped scenarios, or check and show one."""
    from ..model.variant import load_scenario, scenario_names, scenario_schema

    if schema:
        typer.echo(json.dumps(scenario_schema(), indent=2))
    elif name is not None:
        _show_one(load_scenario(name))
    else:
        console = output()
        rows = table("name", "what it is")
        for scenario in map(load_scenario, scenario_names()):
            rows.add_row(scenario.name, _words(scenario))
        console.print(rows)


def _words(entry: Variant | Scenario) -> str:
    """Return titles and description of a variant or scenario."""
    titles = entry.title_en if entry.title_en == entry.title_de else f"{entry.title_en} / {entry.title_de}"
    return f"{titles}. {entry.description_en}"


def _show_one(entry: Variant | Scenario) -> None:
    """Print every key of a variant or scenario."""
    console = output()
    rows = table("key", "value")
    for key, value in entry.model_dump().items():
        rows.add_row(key, json.dumps(value, ensure_ascii=False) if isinstance(value, bool | dict) else str(value))
    console.print(rows)


def parameters(group: Annotated[str | None, typer.Option("--group", help="Only this group.")] = None) -> None:
    """List the parameters with value, range, unit, confidence and source."""
    from ..model.errors import InputError, closest
    from ..model.parameters import parameter_table

    entries = list(parameter_table().values())
    groups = list(dict.fromkeys(entry.group for entry in entries))
    if group is not None and group not in groups:
        raise InputError(f"unknown group {group!r}, {closest(group, groups)}")
    console = output()
    for name in groups if group is None else [group]:
        rows = table("parameter", "value", "range", "unit", "what it is, confidence, source", right=[1], title=name)
        for entry in entries:
            if entry.group == name:
                words = f"{entry.description} ({entry.confidence}: {entry.source or 'no source'})"
                rows.add_row(entry.name, f"{entry.value:g}", f"{entry.low:g} to {entry.high:g}", entry.unit, words)
        console.print(rows)
        console.print()


def measures() -> None:
    """List the measures with unit and formula; * marks those in the comparison."""
    from ..model.measures import MEASURES

    console = output()
    rows = table("", "measure", "unit", "over a run", "what it is and how it is counted")
    for measure in MEASURES.values():
        words = f"{measure.title_en} / {measure.title_de}: {measure.formula}"
        rows.add_row("*" if measure.headline else "", measure.name, measure.unit, measure.aggregate, words)
    console.print(rows)
