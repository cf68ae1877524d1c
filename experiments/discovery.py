"""Scenario discovery: under which conditions does something happen - a conclusion flip, a municipality fail.

PRIM (EMA Workbench) finds one box of uncertain values that holds many of the cases; CART (scikit-learn) splits the
whole space. Both are descriptions of the runs at hand; `density` and `coverage` say how good they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..model.errors import InputError
from ..model.measures import MEASURES
from ..model.tables import REGION_SCOPE
from .decision import done
from .optional import optional, quiet
from .paired import differences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .batch_folder import Batch

_FEWEST = 20
_FEWEST_CASES = 10  # a box around fewer is an accident


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found: how many of the points are cases, the PRIM box, and the rules of a tree in words.

    `box` has one row per restricted value: value_name, low, high, p (chance of such a restriction without effect).
    `density` is the share of cases inside the box, `coverage` the share of all cases that lie inside.
    """

    question: str
    points: int
    cases: int
    box: pd.DataFrame
    density: float
    coverage: float
    tree: str


def discover(points: pd.DataFrame, cases: np.ndarray, *, question: str = "", seed: int = 1) -> Discovery:
    """Return where in the space of the uncertain values (columns of `points`) the cases (bool) lie.

    Raises InputError with fewer than 20 points. With fewer than ten cases, or ten others, there is no box.
    """
    cases = np.asarray(cases, np.bool_)
    if len(points) < _FEWEST:
        raise InputError(f"discovery needs at least {_FEWEST} points, found {len(points)}")
    empty = pd.DataFrame({"value_name": [], "low": [], "high": [], "p": []})
    if min(int(cases.sum()), int((~cases).sum())) < _FEWEST_CASES:
        return Discovery(question, len(cases), int(cases.sum()), empty, float(cases.mean()), float(cases.any()), "")
    with quiet():
        box, density, coverage = _prim(points.reset_index(drop=True), cases)
    return Discovery(question, len(cases), int(cases.sum()), box, density, coverage, _tree(points, cases, seed))


def _prim(points: pd.DataFrame, cases: np.ndarray) -> tuple[pd.DataFrame, float, float]:
    """Return the restrictions of the box with the best balance (harmonic mean) of density and coverage."""
    found: Any = optional("ema_workbench.analysis.prim").Prim(points, cases.astype(int), mass_min=0.05).find_box()
    density, coverage = (found.peeling_trajectory[name].to_numpy(np.float64) for name in ("density", "coverage"))
    chosen = int(np.argmax(density * coverage / (density + coverage)))
    limits, chances = found.box_lims[chosen], found.p_values[chosen]
    rows = []
    for name in points.columns:
        low, high = (float(value) for value in limits[name])
        values = points[name].to_numpy(np.float64)
        below, above = float(values.min()), float(values.max())
        if name in chances and (low > below or high < above):
            known = [chance for chance in chances[name] if chance >= 0.0]
            rows.append({"value_name": name, "low": low, "high": high, "p": max(known, default=np.nan)})
    table = pd.DataFrame(rows, columns=pd.Index(["value_name", "low", "high", "p"]))
    return table, float(density[chosen]), float(coverage[chosen])


def _tree(points: pd.DataFrame, cases: np.ndarray, seed: int) -> str:
    """Return the rules of a small decision tree."""
    tree = optional("sklearn.tree")
    leaf = max(5, len(cases) // 20)
    model = tree.DecisionTreeClassifier(max_depth=3, min_samples_leaf=leaf, random_state=seed).fit(points, cases)
    return str(
        tree.export_text(model, feature_names=list(points.columns), class_names=["no", "yes"], show_weights=True)
    )


def flips(runs: pd.DataFrame, *, reference: str, measure: str) -> dict[str, tuple[pd.DataFrame, np.ndarray]]:
    """Return, by variant, the points and where the sign of its difference is not that of the mean over all points."""
    pairs: Any = differences(done(runs), reference=reference, measure=measure)
    found = {}
    for variant, group in pairs.groupby("variant", sort=False):
        points, values = _by_point(group, "difference")
        found[str(variant)] = (points, np.sign(values) != np.sign(values.mean()))
    return found


def failures_of(runs: pd.DataFrame, thresholds: Mapping[str, float]) -> dict[str, tuple[pd.DataFrame, np.ndarray]]:
    """Return, by variant, the points and where at least one threshold (in the better direction) is missed.

    A measure without a value misses its threshold, as in `decision.satisficing`.
    """
    found = {}
    for variant, group in done(runs).groupby("variant", sort=False):
        missed: Any = None
        points: Any = None
        for name, limit in thresholds.items():
            sign = 1.0 if MEASURES[name].better == "higher" else -1.0
            points, values = _by_point(group, name, known=False)
            below = ~(sign * values >= sign * limit)
            missed = below if missed is None else missed | below
        found[str(variant)] = (points, missed)
    return found


def last_values(batch: Batch, indicator: str) -> pd.DataFrame:
    """Return an indicator of each municipality in the last month of each run: the runs' columns, place and value.

    Empty when no run lasts until the first value. Needs the table `monthly`; raises InputError without it.
    """
    monthly: Any = batch.table(
        "monthly", columns=["run", "month", "scope", "value"], filters=[("indicator", "=", indicator)]
    )
    own = monthly.loc[monthly["scope"] != REGION_SCOPE].dropna(subset=["value"]).astype({"scope": "str"})
    last = own.sort_values("month", kind="stable").groupby(["run", "scope"], as_index=False, sort=False)["value"].last()
    last = last.rename(columns={"scope": "place"})
    runs = batch.runs
    about = [name for name in ("run", "variant", "scenario", "point", "seed") if name in runs]
    uncertain = [str(name) for name in runs.columns if str(name).startswith("p_")]
    return done(runs)[[*about, *uncertain]].merge(last, on="run")


def municipality_failures(
    last: pd.DataFrame, *, below: float = 0.0
) -> dict[tuple[str, str], tuple[pd.DataFrame, np.ndarray]]:
    """Return, by variant and municipality, the points and where its value (`last_values`) is below a limit.

    The values are means over scenarios and seeds.
    """
    found = {}
    groups: Any = last.groupby(["variant", "place"], sort=False)
    for (variant, place), group in groups:
        points, values = _by_point(group, "value")
        found[str(variant), str(place)] = (points, values < below)
    return found


def _by_point(group: Any, column: str, *, known: bool = True) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the uncertain values and the mean of a column by point; with `known`, points with a mean only."""
    uncertain = [str(name) for name in group.columns if str(name).startswith("p_")]
    table = group.groupby("point")[[column, *uncertain]].mean().sort_index()
    table = table.dropna(subset=[column]) if known else table
    names = {name: name.removeprefix("p_") for name in uncertain}
    return table[uncertain].rename(columns=names).reset_index(drop=True), table[column].to_numpy(np.float64)
