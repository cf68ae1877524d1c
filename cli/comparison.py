"""The comparison as a readable table: one block per question, variants as rows, measures as columns."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .console import table
from .numbers import Scale

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from ..experiments import Comparison
    from ..model.measures import Measure

QUESTIONS = {
    "What becomes of people": ("people", "outcomes"),
    "Who is responsible, and what coordination takes": ("responsibility", "coordination"),
    "What it costs, and who bears it": ("money", "burden"),
}
"""The headings in the order in which they are shown, each with the questions whose measures stand below it."""
_NAME_WIDTH, _CELL_WIDTH = 19, 25


def show_comparison(
    console: Console,
    comparison: Comparison,
    titles: Mapping[str, str],
    *,
    region: str,
    scenario: str,
    measures: Mapping[str, Measure],
) -> None:
    """Print the comparison, fitted to the width of the console; region and scenario are given by title."""
    from ..experiments.compare import ENOUGH_RUNS

    found = comparison.table.set_index(["measure", "variant"])
    compared = list(dict.fromkeys(comparison.table["measure"]))
    variants = list(dict.fromkeys(comparison.table["variant"]))
    counted = int(comparison.runs["variant"].value_counts().max())
    reference = titles.get(comparison.reference, comparison.reference)
    console.print(f"{region}, scenario: {scenario}; {counted} runs per variant", style="bold")
    console.print(
        "First line: median over the runs [80 % of the runs lie within]. Second line: difference to "
        f"'{reference}' in runs with the same seed. A ~ marks differences whose interval contains zero: "
        "the runs do not show which way it goes."
    )
    if counted < ENOUGH_RUNS:
        console.print(
            f"With fewer than {ENOUGH_RUNS} runs a missing ~ says little: where a difference is luck alone it is "
            "missing in one case of ten with 5 runs, of three with 3 runs, and always with one."
        )
    console.print()
    per_block = max(1, (console.width - _NAME_WIDTH) // _CELL_WIDTH)
    for heading, questions in QUESTIONS.items():
        names = [name for name in compared if measures[name].question in questions]
        for start in range(0, len(names), per_block):
            block = names[start : start + per_block]
            scales = [_scale(comparison, name, measures[name].unit) for name in block]
            heads = [f"{measures[name].title_en} ({scale.unit})" for name, scale in zip(block, scales, strict=True)]
            rows = table("", *heads, title=heading if start == 0 else None)
            for column in rows.columns[1:]:
                column.width = _CELL_WIDTH - 1
            for variant in variants:
                cells = [
                    _cell(found.loc[(name, variant)].to_dict(), scale, variant == comparison.reference)
                    for name, scale in zip(block, scales, strict=True)
                ]
                rows.add_row(_title(titles.get(variant, variant), comparison, variant), *cells)
            console.print(rows)
            console.print()


def show_parts(
    console: Console,
    parts: pd.DataFrame,
    titles: Mapping[str, str],
    *,
    reference: str,
    measures: Mapping[str, Measure],
) -> None:
    """Print how much of the spread of each difference comes from not knowing the parameters."""
    console.print("Where the spread of the differences comes from", style="bold")
    console.print(
        "Share of the variance that comes from not knowing the parameters [90 % interval]; the rest is the luck of the "
        "runs, which more seeds average out. A wide interval means too few seeds to tell.\n"
    )
    rows = table("", *(titles.get(name, name) for name in dict.fromkeys(parts["variant"]) if name != reference))
    for measure, group in parts.groupby("measure", sort=False):
        found = group.set_index("variant")
        cells = [_share(found.loc[name].to_dict()) for name in found.index if name != reference]
        rows.add_row(measures[str(measure)].title_en, *cells)
    console.print(rows)


def _share(row: Mapping[str, Any]) -> str:
    """Return the parameters' share of a variance in percent with its interval."""
    if math.isnan(row["share"]):
        return "-"
    low, share, high = (f"{100.0 * row[name]:.0f}" for name in ("share_low", "share", "share_high"))
    return f"{share} % [{low}; {high}]"


def _title(title: str, comparison: Comparison, variant: str) -> str:
    """Return the title of a variant, with the number of runs when some of them failed."""
    runs = comparison.runs.loc[comparison.runs["variant"] == variant, "status"]
    done = int((runs == "done").sum())
    return title if done == len(runs) else f"{title} ({done} of {len(runs)} runs)"


def _scale(comparison: Comparison, measure: str, unit: str) -> Scale:
    """Return the scale for one measure's column."""
    rows = comparison.table.loc[comparison.table["measure"] == measure]
    values = rows[["median", "q10", "q90"]].to_numpy().ravel().tolist()
    differences = rows[["difference", "difference_q10", "difference_q90"]].to_numpy().ravel().tolist()
    return Scale.of(unit, values, differences)


def _cell(row: Mapping[str, Any], scale: Scale, is_reference: bool) -> str:
    """Return level and difference of one variant in one measure."""
    level = scale.value(row["q10"], row["median"], row["q90"])
    if is_reference:
        return f"{level}\n reference"
    if math.isnan(row["difference"]):
        return f"{level}\n -"
    if row["share_higher"] == row["share_lower"] == 0:
        return f"{level}\n=the same in every run"
    mark = "~" if row["within_spread"] else " "
    return f"{level}\n{mark}{scale.difference(row['difference_q10'], row['difference'], row['difference_q90'])}"
