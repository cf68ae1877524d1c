"""The ODD+D protocol: prose from `odd.md`, tables from the declarations of the code, so that the two cannot drift."""

from __future__ import annotations

import ast
import csv
import importlib
import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from ..agents.people import CORE
from . import rng
from .field import field_names, load_field
from .funding import INSTRUMENTS
from .integration_model import IntegrationModel
from .measures import MEASURES
from .parameters import parameter_table
from .responsibility import all_rules

_TEMPLATE = Path(__file__).with_name("odd.md")
_FIELDS = Path(__file__).with_name("fields")
_MARK = re.compile(r"^\{\{(\w+)\}\}$", re.MULTILINE)


def protocol() -> str:
    """Return the protocol as Markdown.

    >>> protocol().splitlines()[0]
    '# ODD+D protocol of kreislauf'
    """

    def fill(found: re.Match[str]) -> str:
        return f"<!-- made from the code: {found[1]} -->\n\n{TABLES[found[1]]()}"

    return _MARK.sub(fill, _TEMPLATE.read_text(encoding="utf-8"))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; bars and line breaks in cells are escaped.

    >>> print(table(["a"], [["x|y"]]))
    | a |
    |---|
    | x\\|y |
    """
    lines = [columns, ["---"] * len(columns), *rows]
    cells = [[" ".join(str(cell).split()).replace("|", "\\|") for cell in line] for line in lines]
    text = ["| " + " | ".join(line) + " |" for line in cells]
    text[1] = text[1].replace(" ", "")
    return "\n".join(text)


def _first_paragraph(text: str | None) -> str:
    return " ".join((text or "").strip().split("\n\n")[0].split())


def _schedule() -> str:
    """Return the phases of a month in order, each with the first sentence of its method."""
    says = [_first_paragraph(getattr(IntegrationModel, name).__doc__) for name in IntegrationModel.PHASES]
    plain = [re.sub(r"^Phase \d+: ", "", text) for text in says]
    return "\n".join(f"{n}. **{name}**: {plain[n]}" for n, name in enumerate(IntegrationModel.PHASES))


def _state_variables() -> str:
    """Return the columns of the people's tables of every shipped field, with the comment beside their declaration."""
    parts = []
    for field in field_names():
        module = importlib.import_module(f"..agents.{field}.household", __package__)
        comments = _dtype_comments(inspect.getsource(module))
        for name, dtype in vars(module).items():
            if isinstance(dtype, np.dtype) and dtype.names:
                rows = [
                    [f"`{column}`", _kind(dtype[column]), comments[name].get(column) or CORE.get(column, "")]
                    for column in dtype.names
                ]
                title = f"*{load_field(field).title_en}: {name.lower()}*"
                parts.append(f"{title}\n\n" + table(["variable", "type", "meaning"], rows))
    return "\n\n".join(parts)


def _kind(dtype: np.dtype) -> str:
    word = {"i": "whole number", "u": "whole number", "f": "number", "b": "yes or no"}[dtype.base.kind]
    return f"{word} x {dtype.shape[0]}" if dtype.shape else word


def _dtype_comments(source: str) -> dict[str, dict[str, str]]:
    """Return by table the comment behind each column's declaration."""
    lines = source.splitlines()
    found: dict[str, dict[str, str]] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            block = lines[node.lineno - 1 : node.end_lineno]
            pairs = [re.match(r'\s*\("(\w+)",.*\),\s*# (.*)$', line) for line in block]
            found[node.targets[0].id] = {pair[1]: pair[2] for pair in pairs if pair}
    return found


def _rules() -> str:
    """Return the responsibility rules with what they say and what they cost."""
    rows = []
    for rule in all_rules().values():
        module = inspect.getmodule(rule.precedence)
        costs = [
            f"{word} (`{function.__name__}`)"
            for word, function in (
                ("upkeep", rule.upkeep_hours),
                ("longer meetings", rule.meeting_growth),
                ("delay", rule.delay_months),
            )
            if function.__name__ != "_nothing"
        ]
        says = _first_paragraph(module.__doc__ if module else "").partition(": ")[2] or rule.title_en
        says = f"{says} {_first_paragraph(rule.precedence.__doc__)}"
        rows.append([f"`{rule.name}`", rule.title_en, rule.title_de, says, ", ".join(costs) or "nothing of its own"])
    return table(["rule", "English", "German", "who is asked", "what it costs beside meetings"], rows)


def _instruments() -> str:
    """Return the instruments with the first paragraphs of their files."""
    rows = []
    for name, kind in INSTRUMENTS.items():
        module = inspect.getmodule(kind)
        rows.append([f"`{name}`", " ".join((module.__doc__ or "").split()) if module else ""])
    return table(["instrument", "mechanism"], rows)


def _streams() -> str:
    """Return the streams of random numbers."""
    names = [name for name, value in vars(rng).items() if name.isupper() and not name.startswith("_")
             and isinstance(value, int)]  # fmt: skip
    return table(["stream", "number"], [[f"`{name}`", getattr(rng, name)] for name in names])


def _measures() -> str:
    rows = [
        [f"`{m.name}`", m.title_en, m.title_de, m.unit, m.aggregate, m.better, m.formula] for m in MEASURES.values()
    ]
    return table(["measure", "English", "German", "unit", "over the run", "better", "formula"], rows)


def _tasks() -> str:
    """Return the tasks of every shipped field as their files have them."""
    parts = []
    for name in field_names():
        with (_FIELDS / name / "tasks.csv").open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file))
        rows = [
            [
                f"`{line['id']}`", line["name_en"], line["name_de"], _onset(line), _span(line, "hazard"),
                _span(line, "effort", "effort_hours"), _span(line, "visibility"), line["lapse_months"],
                line["confidence"],
            ]
            for line in lines
        ]  # fmt: skip
        columns = ["task", "English", "German", "need opens when", "chance a month [range]", "hours a case [range]",
                   "visibility [range]", "lapses after months", "confidence"]  # fmt: skip
        parts.append(f"*{load_field(name).title_en}*\n\n" + table(columns, rows))
    return "\n\n".join(parts)


def _onset(line: dict[str, str]) -> str:
    words = [
        f"{text} {line[key].replace(';', ', ')}"
        for key, text in (("onset_all", "all of:"), ("onset_any", "one of:"), ("onset_not", "none of:"))
        if line[key]
    ]
    return "; ".join(words) or "always"


def _span(line: dict[str, str], name: str, value: str = "") -> str:
    return f"{line[value or name]} [{line[f'{name}_low']}, {line[f'{name}_high']}]"


def _parameters() -> str:
    """Return all parameters by group."""
    groups: dict[str, list[list[object]]] = {}
    for entry in parameter_table().values():
        row: list[object] = [f"`{entry.name}`", f"{entry.value:g}", f"{entry.low:g} to {entry.high:g}", entry.unit]
        groups.setdefault(entry.group, []).append([*row, entry.confidence, entry.source, entry.description])
    columns = ["parameter", "value", "range", "unit", "confidence", "source", "meaning"]
    return "\n\n".join(f"*{name.capitalize()}*\n\n{table(columns, rows)}" for name, rows in groups.items())


TABLES: dict[str, Callable[[], str]] = {
    "schedule": _schedule,
    "state_variables": _state_variables,
    "rules": _rules,
    "instruments": _instruments,
    "streams": _streams,
    "measures": _measures,
    "tasks": _tasks,
    "parameters": _parameters,
}
"""What can stand between double braces in the prose."""
