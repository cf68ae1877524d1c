"""The analysis of a batch by one command: tables as Parquet and CSV, figures as SVG and PNG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..model.errors import InputError
from ..model.measures import MEASURES
from .decision import pareto, regret, satisficing
from .discovery import Discovery, discover, failures_of, flips, last_values, municipality_failures
from .experiment import Experiment
from .figures import draw
from .folder_lock import held
from .paired import differences, household_effects, paired_table
from .sensitivity import sensitivity
from .tables_folder import write_tables
from .variance_parts import parts_table

if TYPE_CHECKING:
    from .batch_folder import Batch

DEFAULT_OBJECTIVES = ("waiting_months", "self_sufficient_share", "total_cost")
_FEWEST_POINTS = 20
_MARGIN = "free_margin"  # EUR per inhabitant; a municipality fails whose free margin ends below zero


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was found, by name of the table, and the boxes of scenario discovery."""

    tables: dict[str, pd.DataFrame]
    discoveries: tuple[Discovery, ...]
    folder: Path | None = None
    figures: tuple[Path, ...] = ()


def analyse(
    batch: Batch,
    out: str | Path | None = None,
    *,
    measures: Sequence[str] = (),
    reference: str = "",
    command: Sequence[str] = (),
    figures: bool = True,
) -> Analysis:
    """Analyse the finished runs of a batch; with `out`, write tables into `out/tables` and figures into `out/figures`.

    `measures` replaces the objectives of the experiment file. Tables: `paired` (differences to the reference with
    intervals), `pareto`, `regret`, `satisficing` (with thresholds), `sensitivity` and `discovery` (where something is
    uncertain and there are enough points), `variance_parts` (luck and parameters, when every
    seed has a draw of the parameters), `municipalities` (share of runs that end below a free margin of zero, when the
    batch kept `monthly`), `households` (when the batch kept them). Raises InputError when there is nothing to analyse.
    """
    experiment = Experiment.model_validate(_as_file(batch))
    runs = batch.runs
    done = runs.loc[runs["status"] == "done"]
    if done.empty:
        raise InputError(f"no run of {batch.folder} has come to its end; there is nothing to analyse")
    chosen = list(measures) or list(experiment.objectives) or [m for m in DEFAULT_OBJECTIVES if m in runs.columns]
    if unknown := [name for name in chosen if name not in runs.columns]:
        raise InputError(f"the runs have no measure {unknown[0]!r}")
    base = reference or experiment.reference or next(iter(batch.about["inputs"]["variants"]))
    directed = [name for name in chosen if name in MEASURES and MEASURES[name].better != "none"]
    several = len(set(done["variant"])) > 1
    tables: dict[str, pd.DataFrame] = {}
    if several:
        tables["paired"] = paired_table(done, reference=base, measures=chosen)
    if several and "draw" in done:
        tables["variance_parts"] = _parts(done, reference=base, measures=chosen)
    if several and directed:
        tables["pareto"] = pareto(done, directed)
        tables["regret"] = regret(done, directed)
    if experiment.satisfice:
        tables["satisficing"] = satisficing(done, experiment.satisfice)
    uncertain = [str(name) for name in done.columns if str(name).startswith("p_")]
    found: list[Discovery] = []
    if uncertain:
        tables["sensitivity"] = sensitivity(done, experiment, measures=chosen, reference=base)
    enough = bool(uncertain) and done["point"].nunique() >= _FEWEST_POINTS
    if enough:
        found = _discoveries(done, experiment, chosen, base)
    if "monthly" in experiment.tables and not (margins := last_values(batch, _MARGIN)).empty:
        tables["municipalities"] = _municipalities(margins)
        if enough:
            found += _failing(margins)
    if enough:
        tables["discovery"] = _boxes(found)
    if several and "households" in experiment.tables:
        tables["households"] = household_effects(batch, reference=base)
    if out is None:
        return Analysis(tables, tuple(found))
    folder = Path(out)
    inputs = {**batch.about["inputs"], "batch": str(batch.folder.name), "runs": batch.finished}
    with held(folder, command=command):
        write_tables(folder / "tables", tables, kind="batch-analysis", inputs=inputs, command=command)
        paths = draw(folder / "figures", done, tables, measures=chosen, reference=base) if figures else ()
    return Analysis(tables, tuple(found), folder, tuple(paths))


def _parts(runs: Any, *, reference: str, measures: Sequence[str]) -> pd.DataFrame:
    """Return how much of the spread of every difference is luck and how much the parameters; points are averaged."""
    draw_of = dict(zip(runs["seed"].tolist(), runs["draw"].tolist(), strict=True))
    tables = []
    for measure in measures:
        pairs: Any = differences(runs, reference=reference, measure=measure)
        pairs = pairs.groupby(["scenario", "variant", "seed"], sort=False)["difference"].mean().reset_index()
        tables.append(parts_table(pairs.assign(draw=pairs["seed"].map(draw_of)), measure=measure))
    return pd.concat(tables, ignore_index=True)


def _as_file(batch: Batch) -> dict[str, object]:
    from .experiment import as_given

    return as_given(batch.about["experiment"])


def _discoveries(
    runs: pd.DataFrame, experiment: Experiment, measures: Sequence[str], reference: str
) -> list[Discovery]:
    """Return under which conditions the sign of a difference flips, and where thresholds are missed."""
    found = []
    for measure in measures:
        for variant, (points, cases) in flips(runs, reference=reference, measure=measure).items():
            words = f"{variant} against {reference}: the sign of the difference in {measure} flips"
            found.append(discover(points, cases, question=words))
    if experiment.satisfice:
        for variant, (points, cases) in failures_of(runs, experiment.satisfice).items():
            found.append(discover(points, cases, question=f"{variant} misses a threshold"))
    return found


def _municipalities(margins: pd.DataFrame) -> pd.DataFrame:
    """Return, by variant and municipality, the last free margin (EUR per inhabitant) and how often it is negative."""
    groups = margins.assign(failed=margins["value"] < 0.0).groupby(["variant", "place"], sort=False)
    columns = {"runs": ("run", "size"), "failed": ("failed", "sum"), "median": ("value", "median")}
    columns |= {"low": ("value", lambda v: v.quantile(0.1)), "high": ("value", lambda v: v.quantile(0.9))}
    table = groups.agg(**columns).reset_index()
    table["share_failed"] = table["failed"] / table["runs"]
    return table


def _failing(margins: pd.DataFrame) -> list[Discovery]:
    """Return under which conditions a municipality ends with a negative free margin."""
    return [
        discover(points, cases, question=f"{place} ends below a free margin of 0 EUR under {variant}")
        for (variant, place), (points, cases) in municipality_failures(margins).items()
        if 0 < cases.sum() < len(cases)
    ]


def _boxes(found: Sequence[Discovery]) -> pd.DataFrame:
    """Return all boxes in one table; a question without a box has one row without a value's name."""
    rows = []
    for entry in found:
        about = {"question": entry.question, "points": entry.points, "cases": entry.cases}
        about |= {"density": entry.density, "coverage": entry.coverage, "tree": entry.tree}
        limits = entry.box.to_dict("records") or [{"value_name": "", "low": None, "high": None, "p": None}]
        rows += [about | limit for limit in limits]
    columns = ["question", "points", "cases", "density", "coverage", "value_name", "low", "high", "p", "tree"]
    frame = pd.DataFrame(rows, columns=pd.Index(columns))
    return frame.astype(dict.fromkeys(("low", "high", "p"), "float64"))
