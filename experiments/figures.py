"""Figures of an analysis, for a paper: SVG and PNG, no colour needed to read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..model.errors import InputError
from ..model.files import whole_file
from ..model.measures import MEASURES
from .optional import optional

if TYPE_CHECKING:
    import pandas as pd

_STYLE = {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "svg.hashsalt": "kreislauf"}
_COLOUR = "#1f4e79"


def draw(
    folder: Path, runs: pd.DataFrame, tables: Mapping[str, pd.DataFrame], *, measures: Sequence[str], reference: str
) -> list[Path]:
    """Draw what the tables hold into a folder and return the files; raises InputError when it cannot be written."""
    matplotlib = optional("matplotlib")
    figure_of = optional("matplotlib.figure").Figure
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"the folder {folder} cannot be written: {error.strerror}") from None
    paths: list[Path] = []
    with matplotlib.rc_context(_STYLE):
        for measure in measures:
            if "paired" in tables:
                figure = figure_of(figsize=(6.3, 3.2), layout="constrained")
                _paired(figure.subplots(), tables["paired"], measure, reference)
                paths += _save(figure, folder / f"paired-{measure}")
            if len(tables.get("sensitivity", ())):
                figure = figure_of(figsize=(6.3, 4.2), layout="constrained")
                if _sensitivity(figure, tables["sensitivity"], measure):
                    paths += _save(figure, folder / f"sensitivity-{measure}")
        if (
            "pareto" in tables
            and len(objectives := [name for name in tables["pareto"].columns if name in MEASURES]) > 1
        ):
            figure = figure_of(figsize=(6.3, 4.2), layout="constrained")
            _pareto(figure.subplots(), tables["pareto"], objectives[0], objectives[1])
            paths += _save(figure, folder / "pareto")
        if len(set(runs["variant"])) > 1:
            for measure in measures:
                figure = figure_of(figsize=(6.3, 3.2), layout="constrained")
                _levels(figure.subplots(), runs, measure)
                paths += _save(figure, folder / f"levels-{measure}")
    return paths


def _save(figure: Any, path: Path) -> list[Path]:
    """Write a figure in both forms, without the date, so that equal figures are equal files."""
    files = [path.with_suffix(".svg"), path.with_suffix(".png")]
    with whole_file(files[0]) as temporary:
        figure.savefig(temporary, format="svg", metadata={"Date": None})
    with whole_file(files[1]) as temporary:
        figure.savefig(temporary, format="png", dpi=200, metadata={"Software": None})
    return files


def _title(measure: str) -> str:
    entry = MEASURES.get(measure)
    return f"{entry.title_en} ({entry.unit})" if entry is not None else measure


def _paired(axes: Any, table: pd.DataFrame, measure: str, reference: str) -> None:
    """Draw differences to the reference: thick line the interval of each, thin line that of all at once."""
    rows = table.loc[table["measure"] == measure].to_dict("records")[::-1]
    scenarios = {row["scenario"] for row in rows}
    for y, row in enumerate(rows):
        axes.plot([row["all_low"], row["all_high"]], [y, y], color=_COLOUR, linewidth=0.8)
        axes.plot([row["low"], row["high"]], [y, y], color=_COLOUR, linewidth=3.0)
        axes.plot([row["mean"]], [y], "o", color="white", markeredgecolor=_COLOUR)
    names = [row["variant"] if len(scenarios) == 1 else f"{row['variant']}, {row['scenario']}" for row in rows]
    axes.set_yticks(range(len(rows)), names)
    axes.axvline(0.0, color="black", linewidth=0.6)
    axes.set_xlabel(f"{_title(measure)}: difference to {reference}; 95 % of each (thick), of all at once (thin)")


def _levels(axes: Any, runs: pd.DataFrame, measure: str) -> None:
    """Draw the spread of the runs of each variant."""
    names = list(dict.fromkeys(runs["variant"]))[::-1]
    values = [runs.loc[runs["variant"] == name, measure].dropna().to_numpy(np.float64) for name in names]
    axes.boxplot(values, orientation="horizontal", tick_labels=names, whis=(10, 90), showfliers=False)
    axes.set_xlabel(f"{_title(measure)}: median, quartiles, 10 and 90 % of the runs")


def _pareto(axes: Any, table: pd.DataFrame, first: str, second: str) -> None:
    """Draw two objectives against each other; filled points are undominated in all objectives."""
    for row in table.to_dict("records"):
        face = _COLOUR if row["undominated"] else "white"
        axes.plot(row[first], row[second], "o", color=face, markeredgecolor=_COLOUR)
        axes.annotate(row["variant"], (row[first], row[second]), xytext=(4, 4), textcoords="offset points", fontsize=7)
    for name, label in ((first, axes.set_xlabel), (second, axes.set_ylabel)):
        label(f"{_title(name)}, {MEASURES[name].better} is better")


def _sensitivity(figure: Any, table: pd.DataFrame, measure: str) -> bool:
    """Draw the main index of each uncertain value, for levels and for differences; False when there is none."""
    main = table.loc[(table["measure"] == measure) & table["index"].isin(["mu_star", "ST", "PAWN"])]
    kinds = [of for of in ("level", "difference") if (main["of"] == of).any()]
    if not kinds:
        return False
    for axes, of in zip(np.atleast_1d(figure.subplots(1, len(kinds), sharey=True)), kinds, strict=True):
        own: Any = main.loc[main["of"] == of]
        means = own.groupby("value_name", sort=False)[["value", "confidence"]].mean()
        axes.barh(list(means.index), means["value"], xerr=means["confidence"].fillna(0.0), color=_COLOUR)
        axes.set_title(f"{of} ({own['index'].iloc[0]})", fontsize=9)
    figure.suptitle(_title(measure), fontsize=9)
    return True
