"""The validation report as Markdown and as a page of HTML that loads nothing."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..model.calendar import month_label

if TYPE_CHECKING:
    from .validation import Validation

_WORDS = {"met": "met", "too high": "**too high**", "too low": "**too low**", "not known": "not known"}


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph or a table of the report; `level` 0 is a paragraph."""

    text: str = ""
    level: int = 0
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def blocks(found: Validation) -> list[Block]:
    """Return the report in blocks: what was held back, what was fitted, the rivals, what cannot be compared."""
    held, fitted = found.held_back, found.patterns[found.patterns["use"] == "calibrate"]
    met = int((held["verdict"] == "met").sum())
    return [
        Block(f"Validation of the model: {found.region}", 1),
        Block(
            f"Status quo, {found.seeds} seeds, asked as the surveys asked; the range holds 90 % of them, sampling error"
            " included. A figure is met when the mean of the runs lies within 1.645 errors of it: those of the figure's"
            " sampling, of the luck of one run (the world is one, too), and of the mean of so many runs, together."
        ),
        Block("Held back: never fitted", 2),
        Block(f"{met} of {len(held)} figures are met. {_named(held)}"),
        _patterns(held),
        Block("Fitted, or looked at when parameters were set", 2),
        Block(
            f"{int((fitted['verdict'] == 'met').sum())} of {len(fitted)} figures are met. Agreement here is a fit, not"
            f" a validation. {_named(fitted)}"
        ),
        _patterns(fitted),
        Block("Rival 1: a hazard table", 2),
        Block(_against_table(found)),
        Block("Rivals 2 and 3: a queue and a spreadsheet", 2),
        Block(_against_totals(found)),
        _rivals(found),
        Block("Not compared", 2),
        Block("Published figures without a counterpart in the model:"),
        Block(
            columns=("row", "figure", "why not"),
            rows=tuple((r["id"], _number(float(r["estimate"])), str(r["note"]))
                       for r in found.listed.to_dict("records")),
        ),
        Block("What this does not show", 2),
        Block(
            "Agreement with these figures does not show that a policy would act as in the model. Levy rates of the past"
            " are an input, so their agreement would say nothing. No published figure observes waiting times,"
            " duplicated"
            " work or gaps by task; these stand on the mechanism and its assumptions (`kreislauf audit`)."
        ),
    ]  # fmt: skip


def markdown(found: Validation) -> str:
    """Return the report as Markdown."""
    parts = []
    for block in blocks(found):
        if block.columns:
            parts.append("\n".join(_row(line) for line in (block.columns, ["---"] * len(block.columns), *block.rows)))
        else:
            parts.append(f"{'#' * block.level} {block.text}" if block.level else block.text)
    return "\n\n".join(parts) + "\n"


def page(found: Validation) -> str:
    """Return the report as one HTML page without scripts or anything to load."""
    parts = []
    for block in blocks(found):
        if block.columns:
            head = "".join(f"<th scope=col>{html.escape(name)}</th>" for name in block.columns)
            rows = "".join("<tr>" + "".join(f"<td>{_bold(cell)}</td>" for cell in row) + "</tr>" for row in block.rows)
            parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
        else:
            tag = f"h{block.level}" if block.level else "p"
            parts.append(f"<{tag}>{_bold(block.text)}</{tag}>")
    style = (
        "body{font:16px/1.5 sans-serif;max-width:70em;margin:2em auto;padding:0 1em}table{border-collapse:collapse}"
        "td,th{border-bottom:1px solid #999;padding:.2em .6em;text-align:left;vertical-align:top}"
    )
    title = html.escape(f"Validation: {found.region}")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{style}</style></head><body><main>{''.join(parts)}</main></body></html>\n"
    )


def _bold(text: str) -> str:
    pieces = html.escape(text).split("**")
    return "".join(f"<strong>{piece}</strong>" if i % 2 else piece for i, piece in enumerate(pieces))


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


def _number(value: float) -> str:
    if math.isnan(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.3g}"


def _patterns(frame: Any) -> Block:
    columns = ("row", "what", "wave", "observed", "model (90 % of seeds)", "z", "verdict", "hazard table")
    rows = [
        (
            r["id"], r["quantity"], month_label(int(r["wave"])), f"{_number(r['observed'])} ± {_number(r['se'])}",
            f"{_number(r['model'])} [{_number(r['low'])}, {_number(r['high'])}]", f"{r['z']:+.1f}",
            _WORDS[r["verdict"]], _number(r["hazard_table"]),
        )
        for r in frame.to_dict("records")
    ]  # fmt: skip
    return Block(columns=columns, rows=tuple(rows))


def _named(frame: Any) -> str:
    missed = [r for r in frame.to_dict("records") if r["verdict"].startswith("too")]
    if not missed:
        return "No misses."
    words = [f"{r['id']} ({r['quantity']} {month_label(int(r['wave']))}: {_number(r['model'])} for "
             f"{_number(r['observed'])})" for r in missed]  # fmt: skip
    return "Missed: " + "; ".join(words) + "."


def _against_table(found: Validation) -> str:
    both = found.patterns.dropna(subset=["hazard_table"])
    if both.empty:
        return "No two published rows of one quantity: a table has nothing to say."
    errors = {name: (both[name] - both["observed"]).abs() for name in ("model", "hazard_table")}
    model, table = (100.0 * float(errors[name].mean()) for name in ("model", "hazard_table"))
    better = int((errors["model"] < errors["hazard_table"]).sum())
    held = both[both["use"] == "validate"]
    words = (
        f"A table of shares by months since arrival, each row predicted from the others of its quantity, errs by"
        f" {table:.1f} points on average over {len(both)} rows, the model by {model:.1f}; the model is closer"
        f" in {better} of them"
        f" ({len(held)} were held back from the model)."
    )
    verdict = (
        " **For these levels agents add nothing over a table.** A table cannot say what another policy changes."
        if table <= model
        else " The model is closer, but it was fitted to most of these rows; the table needs none of its mechanisms."
    )
    return words + verdict


def _against_totals(found: Validation) -> str:
    frame = found.rivals
    if frame.empty:
        return "No other variant was run."
    lines = []
    for rival in ("queue", "spreadsheet"):
        mine = frame[frame["rival"] == rival]
        same = mine[~mine["agents_add"]]
        pairs = ", ".join(f"{r['variant']} {r['quantity']}" for r in same.to_dict("records"))
        lines.append(
            f"The {rival} lies within the model's range in {len(same)} of {len(mine)} differences to the status quo"
            + (f" (**there agents add nothing**: {pairs})" if len(same) else "")
            + "."
        )
    about = (
        "The queue knows the district's totals only: cases that open, hours per case, hours of all posts; its share of"
        " hours that goes into cases is set so that it meets the status quo. The spreadsheet adds up posts and"
        " a rate per"
        " person. Neither knows who is responsible, so for a rule they see no more than the posts it ends up with."
    )
    return f"{about} {' '.join(lines)}"


def _rivals(found: Validation) -> Block:
    columns: Sequence[str] = ("variant", "difference in", "model (90 % of seeds)", "rival", "rival says", "agents add")
    rows = [
        (
            r["variant"], r["quantity"], f"{_number(r['model'])} [{_number(r['low'])}, {_number(r['high'])}]",
            r["rival"], _number(r["predicted"]), "yes" if r["agents_add"] else "**nothing**",
        )
        for r in found.rivals.to_dict("records")
    ]  # fmt: skip
    return Block(columns=tuple(columns), rows=tuple(rows))
