"""Differences between variants in runs with the same seed: intervals, corrected for how many are looked at.

The unit of observation is a seed. Where every seed was run at several points of a design, its differences are averaged
over the points first: runs with one seed share their luck, so they are no independent observations. With fewer than
three seeds the points are the units, and the intervals speak about the points only. Where the parameters are draws of a
posterior, neighbouring seeds share a draw (`parameter_draws`) and so what is wrong with it: then such a group of seeds
is the unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from ..model.errors import InputError, closest
from ..model.field import load_field
from .parameter_draws import SEEDS_PER_DRAW, group_of_seed

if TYPE_CHECKING:
    from ..model.people import People
    from .batch_folder import Batch

_FEW_SEEDS = 3
COLUMNS = (
    "scenario",
    "measure",
    "variant",
    "unit",
    "pairs",
    "mean",
    "low",
    "high",
    "all_low",
    "all_high",
    "p",
    "p_holm",
)


def differences(runs: pd.DataFrame, *, reference: str, measure: str) -> pd.DataFrame:
    """Return variant minus reference in the runs with one scenario, point and seed.

    Columns: scenario, point, seed, variant, reference_value, value, difference, and the uncertain values (p_...). Runs
    that failed or have no value leave their pair out. Raises InputError when the reference is not among the runs.
    """
    variants = list(dict.fromkeys(runs["variant"]))
    if reference not in variants:
        raise InputError(f"the reference {reference!r} is not among the variants, {closest(reference, variants)}")
    if measure not in runs.columns:
        raise InputError(f"the runs have no measure {measure!r}, {closest(measure, map(str, runs.columns))}")
    uncertain = [str(name) for name in runs.columns if str(name).startswith("p_")]
    where = ["scenario", "point", "seed"]
    table: Any = runs[[*where, "variant", measure, *uncertain]]
    table = table.loc[table[measure].notna()]
    base = table.loc[table["variant"] == reference, [*where, measure]].rename(columns={measure: "reference_value"})
    others = table.loc[table["variant"] != reference].rename(columns={measure: "value"})
    pairs = others.merge(base, on=where, how="inner", sort=False)
    pairs["difference"] = pairs["value"] - pairs["reference_value"]
    columns = [*where, "variant", "reference_value", "value", "difference", *uncertain]
    return pairs[columns].sort_values(["variant", *where], kind="stable", ignore_index=True)


def mean_interval(values: np.ndarray, *, level: float = 0.95) -> tuple[float, float, float]:
    """Return mean and Student interval of independent differences; NaN with fewer than two."""
    from scipy import stats

    n = len(values)
    if n < 2:
        return (float(values[0]) if n else np.nan), np.nan, np.nan
    mean, error = float(values.mean()), float(values.std(ddof=1)) / np.sqrt(n)
    half = float(stats.t.ppf(0.5 + level / 2.0, n - 1)) * error
    return mean, mean - half, mean + half


def of_draws(values: np.ndarray) -> np.ndarray:
    """Return the means of neighbouring values whose runs share a draw of parameters, NaN left out.

    `values` has shape (seeds,), the first seed being odd.

    >>> of_draws(np.array([1.0, 3.0, np.nan, 4.0, np.nan, np.nan, 6.0])).tolist()
    [2.0, 4.0, 6.0]
    """
    groups = (values[i : i + SEEDS_PER_DRAW] for i in range(0, len(values), SEEDS_PER_DRAW))
    known = (group[~np.isnan(group)] for group in groups)
    return np.array([group.mean() for group in known if len(group)], np.float64)


def paired_table(runs: pd.DataFrame, *, reference: str, measures: Sequence[str], level: float = 0.95) -> pd.DataFrame:
    """Return the mean difference of each variant to the reference by scenario and measure.

    `low` and `high` hold the true mean with the stated level, each for itself; `all_low` and `all_high` hold all true
    means of the table at once with at least that level (Bonferroni). `p_holm` is the two-sided p-value of a t-test,
    corrected for all rows of the table (Holm 1979). `unit` says what counts as one observation, `pairs` how many there
    are: seeds, groups of seeds with a draw in common (`draw`, where the runs have a column of that name), or points.
    """
    from scipy import stats

    rows: list[dict[str, Any]] = []
    samples: list[np.ndarray] = []
    for measure in measures:
        pairs: Any = differences(runs, reference=reference, measure=measure)
        unit = "seed" if pairs["seed"].nunique() >= _FEW_SEEDS else "point and seed"
        if unit == "seed" and "draw" in runs and len(set(map(group_of_seed, pairs["seed"]))) > 1:
            unit = "draw"
        for (scenario, variant), group in pairs.groupby(["scenario", "variant"], sort=False):
            keys = ["seed"] if unit != "point and seed" else ["point", "seed"]
            values = group.groupby(keys)["difference"].mean()
            if unit == "draw":
                values = values.groupby([group_of_seed(int(seed)) for seed in values.index]).mean()
            values = values.to_numpy(np.float64)
            row = {"scenario": scenario, "measure": measure, "variant": variant, "unit": unit, "pairs": len(values)}
            rows.append(row)
            samples.append(values)
    many = max(len(rows), 1)
    for row, values in zip(rows, samples, strict=True):
        row["mean"], row["low"], row["high"] = mean_interval(values, level=level)
        _, row["all_low"], row["all_high"] = mean_interval(values, level=1.0 - (1.0 - level) / many)
        spread = len(values) > 1 and float(values.std()) > 0.0
        if spread:
            row["p"] = float(cast("Any", stats.ttest_1samp(values, 0.0)).pvalue)
        else:
            row["p"] = 1.0 if len(values) < 2 or float(values[0]) == 0.0 else 0.0
    for row, p in zip(rows, holm([row["p"] for row in rows]), strict=True):
        row["p_holm"] = p
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS))


def holm(p: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number (Holm's step-down).

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p, kind="stable")
    corrected, largest = [0.0] * len(p), 0.0
    for place, i in enumerate(order):
        largest = max(largest, min(1.0, (len(p) - place) * float(p[i])))
        corrected[int(i)] = largest
    return corrected


# ---- who gains, who loses ---------------------------------------------------------------------------------------


def household_effects(batch: Batch, *, reference: str) -> pd.DataFrame:
    """Return how many households gain and lose by each variant, followed by identity through runs with one seed.

    Needs the table `households`. A household is compared with itself under the reference, same scenario, point and
    seed, in each outcome its field compares (`People.compared`). Columns: variant, outcome, those by which the field
    tells households apart, households (in both runs), gain, lose, share_gain, share_lose. Households in one of the two
    runs only are counted as `only_here` and `only_reference`; with several fields `field` says whose households.
    """
    households: Any = batch.table("households")
    runs = batch.table("runs", columns=["run", "variant", "scenario", "point", "seed"])
    parts = load_field(batch.about["inputs"]["field"]).parts
    tables: list[pd.DataFrame] = []
    for part in parts:
        own = households if len(parts) == 1 else households[households["field"] == part.name]
        people = part.people
        table = with_outcomes(own, people).merge(runs, on="run", how="left")
        found = household_table(table, reference=reference, outcomes=tuple(people.compared), by=people.compared_by)
        tables.append(found if len(parts) == 1 else found.assign(field=part.name))
    return pd.concat(tables, ignore_index=True)


def with_outcomes(households: Any, people: type[People]) -> pd.DataFrame:
    """Return the households that are in the region, with the outcomes that are compared as numbers."""
    here = households.loc[households["here"].astype(bool)]
    return here.assign(**{name: number(here).astype(float) for name, number in people.compared.items()})


def household_table(table: Any, *, reference: str, outcomes: Sequence[str], by: Sequence[str] = ()) -> pd.DataFrame:
    """Return gains and losses from households of all runs with their outcomes (see `household_effects`)."""
    where = ["scenario", "point", "seed", "identity"]
    base = table.loc[table["variant"] == reference, [*where, *outcomes, *by]]
    rows: list[dict[str, Any]] = []
    for variant in dict.fromkeys(table["variant"]):
        if variant == reference:
            continue
        own = table.loc[table["variant"] == variant, [*where, *outcomes, *by]]
        both = own.merge(base, on=where, how="outer", suffixes=("", "_base"), indicator=True)
        for name in by:
            both[name] = both[name].fillna(both[f"{name}_base"])
        groups = both.groupby(list(by), sort=True) if by else [((), both)]
        for key, group in groups:
            names = dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True))
            inside = group.loc[group["_merge"] == "both"]
            for outcome in outcomes:
                change = (inside[outcome] - inside[f"{outcome}_base"]).to_numpy(np.float64)
                gain, lose = int((change > 0).sum()), int((change < 0).sum())
                rows.append(
                    {"variant": variant, "outcome": outcome, **names, "households": len(inside), "gain": gain,
                     "lose": lose, "share_gain": gain / max(len(inside), 1), "share_lose": lose / max(len(inside), 1),
                     "only_here": int((group["_merge"] == "left_only").sum()),
                     "only_reference": int((group["_merge"] == "right_only").sum())}
                )  # fmt: skip
    return pd.DataFrame(rows)
