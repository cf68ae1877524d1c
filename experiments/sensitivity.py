"""Which uncertain values matter: for levels, and for the difference a policy makes (SALib).

Morris and Saltelli designs give screening and variance shares; any other design gives PAWN and delta, which look at the
whole distribution and so suit skewed outcomes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .decision import done
from .optional import optional, quiet
from .paired import differences

if TYPE_CHECKING:
    from .experiment import Experiment

COLUMNS = ("of", "scenario", "variant", "measure", "method", "value_name", "index", "value", "confidence")
_RESAMPLES = 30  # of delta's interval; it is slow
_FEWEST = 20  # points below which PAWN says nothing
_FEWEST_DELTA = 100  # and delta: its bins of ten points must be several


def sensitivity(
    runs: pd.DataFrame, experiment: Experiment, *, measures: Sequence[str], reference: str, seed: int = 1
) -> pd.DataFrame:
    """Return sensitivity indices of each uncertain value, one row per index.

    `of` is `level` (a variant's outcome, mean over seeds) or `difference` (variant minus reference in runs with the
    same seed, mean over seeds). Morris: `mu_star` (mean size of the effect of going through the whole range, in the
    measure's unit) and `sigma`; Saltelli: `S1` and `ST` (shares of variance); else `PAWN` (median distance of
    conditional distributions, 0 to 1) and, from 100 points on, `delta` (moment-independent, 0 to 1). `confidence` is
    the half width of a 95 % interval where the method has one. Outcomes with missing points are left out of Morris and
    Saltelli.
    """
    rows: list[dict[str, Any]] = []
    for measure in measures:
        for of, scenario, variant, points, values in _outcomes(runs, measure, reference):
            names = [str(name).removeprefix("p_") for name in points.columns]
            if not names:
                continue
            with quiet():
                found = _indices(points.to_numpy(np.float64), values, names, experiment, seed)
            about = {"of": of, "scenario": scenario, "variant": variant, "measure": measure}
            rows += [about | row for row in found]
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS))


def _outcomes(runs: pd.DataFrame, measure: str, reference: str) -> Iterator[tuple[str, str, str, Any, np.ndarray]]:
    """Yield levels and differences by scenario and variant: points (points, values) and outcomes (points,)."""
    uncertain = [str(name) for name in runs.columns if str(name).startswith("p_")]
    levels: Any = done(runs).rename(columns={measure: "outcome"})
    pairs: Any = differences(done(runs), reference=reference, measure=measure).rename(columns={"difference": "outcome"})
    for of, table in (("level", levels), ("difference", pairs)):
        for (scenario, variant), group in table.groupby(["scenario", "variant"], sort=False):
            by_point = group.groupby("point")[["outcome", *uncertain]].mean().sort_index().dropna(subset=["outcome"])
            yield of, scenario, variant, by_point[uncertain], by_point["outcome"].to_numpy(np.float64)


def _indices(
    points: np.ndarray, values: np.ndarray, names: list[str], experiment: Experiment, seed: int
) -> list[dict[str, Any]]:
    """Return the indices one design gives."""
    low, high = points.min(axis=0), points.max(axis=0)
    spans = experiment.spans()
    for column, name in enumerate(names):
        if name in spans:
            low[column], high[column] = spans[name].low, spans[name].high
    unit = (points - low) / np.where(high > low, high - low, 1.0)
    k, n = len(names), len(values)
    problem = {"num_vars": k, "names": names, "bounds": [[0.0, 1.0]] * k}
    kind, constant = experiment.design.kind, float(np.ptp(values)) == 0.0 if n else True
    if kind in ("morris", "saltelli"):
        block = k + 1 if kind == "morris" else k + 2
        if n != (experiment.design.draws or 64) * block or constant:
            return []
        if kind == "morris":
            levels = experiment.design.levels + experiment.design.levels % 2
            found = optional("SALib.analyze.morris").analyze(problem, unit, values, num_levels=levels, seed=seed)
            wanted: dict[str, str | None] = {"mu_star": "mu_star_conf", "sigma": None}
        else:
            centred = values - values.mean()
            analyse = optional("SALib.analyze.sobol").analyze
            found = analyse(problem, centred, calc_second_order=False, seed=seed)
            wanted = {"S1": "S1_conf", "ST": "ST_conf"}
        return _rows(kind, names, found, wanted)
    if n < _FEWEST or constant:
        return []
    pawn = optional("SALib.analyze.pawn").analyze(problem, unit, values, S=max(3, min(10, n // 10)), seed=seed)
    rows = _rows("pawn", names, pawn, {"median": None})
    for row in rows:
        row["index"] = "PAWN"
    if n < _FEWEST_DELTA:
        return rows
    delta = optional("SALib.analyze.delta").analyze(
        problem, unit, values, seed=seed, num_resamples=_RESAMPLES, method="delta"
    )
    balanced = _rows("delta", names, delta, {"delta_balanced": "delta_balanced_conf"})
    return rows + [row | {"index": "delta"} for row in balanced]


def _rows(method: str, names: list[str], found: Any, wanted: dict[str, str | None]) -> list[dict[str, Any]]:
    """Return SALib's arrays as rows."""
    return [
        {"method": method, "value_name": name, "index": index, "value": float(found[index][i]),
         "confidence": float(found[spread][i]) if spread is not None else np.nan}
        for index, spread in wanted.items()
        for i, name in enumerate(names)
    ]  # fmt: skip
