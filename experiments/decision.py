"""What runs say to somebody who must choose: undominated variants, regret over futures, and what is good enough.

A future is a scenario at one point of the design; what a variant achieves in a future is the mean over the seeds, the
same seeds for all variants: where a run of one failed, that seed is left out for the others as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..model.errors import InputError
from ..model.measures import MEASURES

if TYPE_CHECKING:
    from ..model.measures import Measure


def done(runs: pd.DataFrame) -> Any:
    """Return the runs that did not fail."""
    return runs.loc[runs["status"] == "done"] if "status" in runs else runs


def futures(runs: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """Return the mean over seeds by future and variant, indexed by (scenario, point, variant); failed runs left out.

    Only seeds with which most variants came to their end count, all of them where none failed: runs with other seeds
    have other luck. A variant that always fails in a future costs the others no seed.
    """
    return common_seeds(runs).groupby(["scenario", "point", "variant"], sort=False)[list(measures)].mean()


def common_seeds(runs: pd.DataFrame) -> Any:
    """Return the runs that did not fail with the seeds that the most variants of their future have."""
    table = done(runs)
    future = [table["scenario"], table["point"]]
    variants = table.groupby([*future, table["seed"]])["variant"].transform("nunique")
    return table.loc[variants == variants.groupby(future).transform("max")]


def pareto(runs: pd.DataFrame, objectives: Sequence[str]) -> pd.DataFrame:
    """Return, by variant, the mean of each objective over all futures and whether no other variant dominates it.

    A variant dominates another when it is at least as good in every objective and better in one. `share` is the share
    of futures in which the variant is undominated, `share_seeds` the share of seeds (means over futures) in which it
    is: how far the set depends on luck.
    """
    signs = np.array([_sign(name) for name in objectives])
    table: Any = futures(runs, objectives)
    means = table.groupby("variant", sort=False).mean()
    result = means.copy()
    result["undominated"] = undominated(means.to_numpy(np.float64) * signs)
    result["share"] = _share(table, ["scenario", "point"], signs)
    by_seed = common_seeds(runs).groupby(["seed", "variant"], sort=False)[list(objectives)].mean()
    result["share_seeds"] = _share(by_seed, ["seed"], signs)
    return result.reset_index()


def undominated(values: np.ndarray) -> np.ndarray:
    """Return which rows no other row dominates, larger being better, bool (rows,).

    No value (NaN) counts as worse than any: what has none must not stay only because nothing compares with it.

    >>> undominated(np.array([[1.0, 2.0], [2.0, 1.0], [0.0, 1.0]])).tolist()
    [True, True, False]
    """
    values = np.where(np.isnan(values), -np.inf, values)
    at_least = (values[:, None, :] >= values[None, :, :]).all(axis=2)
    better = (values[:, None, :] > values[None, :, :]).any(axis=2)
    return ~(at_least & better).any(axis=0)


def regret(runs: pd.DataFrame, objectives: Sequence[str]) -> pd.DataFrame:
    """Return, by objective and variant, how much is lost against the best variant of each future.

    `mean`, `q90` and `largest` regret over the futures in the unit of the measure, `worst_scenario` and `worst_point`
    where it is largest, `best_in` the share of futures in which the variant is the best.
    """
    rows: list[dict[str, Any]] = []
    table: Any = futures(runs, objectives)
    for name in objectives:
        values = _sign(name) * table[name].reset_index().pivot_table(
            index=["scenario", "point"], columns="variant", values=name, sort=False
        )
        lost = (-values).add(values.max(axis=1), axis=0)
        for variant in lost.columns:
            own = lost[variant].dropna()
            if own.empty:
                continue
            scenario, point = own.index[int(np.argmax(own.to_numpy()))]
            rows.append(
                {"objective": name, "variant": variant, "futures": len(own), "mean": float(own.mean()),
                 "q90": float(own.quantile(0.9)), "largest": float(own.max()), "worst_scenario": scenario,
                 "worst_point": point, "best_in": float((own <= 0.0).mean())}
            )  # fmt: skip
    return pd.DataFrame(rows)


def satisficing(runs: pd.DataFrame, thresholds: Mapping[str, float]) -> pd.DataFrame:
    """Return, by variant, the share of futures in which each threshold, and all of them, are met."""
    if not thresholds:
        raise InputError("no thresholds; write a table [satisfice] into the experiment file")
    table: Any = futures(runs, list(thresholds))
    met: Any = pd.DataFrame(
        {name: _sign(name) * table[name] >= _sign(name) * limit for name, limit in thresholds.items()}
    )
    met["all"] = met.all(axis=1)
    return met.groupby("variant", sort=False).mean().reset_index()


def _share(table: Any, keys: list[str], signs: np.ndarray) -> Any:
    """Return the share of groups in which each variant is undominated."""
    flags = [
        pd.Series(undominated(group.to_numpy(np.float64) * signs), index=group.index.get_level_values("variant"))
        for _, group in table.groupby(keys, sort=False)
    ]
    return pd.concat(flags).groupby(level=0, sort=False).mean()


def _sign(name: str) -> float:
    """Return 1 for a measure of which more is better, -1 for one of which less is; InputError for neither."""
    measure: Measure | None = MEASURES.get(name)
    if measure is None or measure.better == "none":
        usable = ", ".join(entry.name for entry in MEASURES.values() if entry.better != "none" and entry.headline)
        raise InputError(f"{name!r} has no better direction and cannot be an objective; use one of {usable}")
    return 1.0 if measure.better == "higher" else -1.0
