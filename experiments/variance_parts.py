"""Where a spread comes from: the luck of the runs, or not knowing the parameters.

Runs that share a draw of parameters differ by luck only (arrivals, people, chance; the seed). Runs with different draws
differ by luck and parameters. So a one-way analysis of variance over the draws separates the two (random effects;
Searle, Casella and McCulloch 1992, chapter 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

COLUMNS = ("scenario", "variant", "measure", "runs", "draws", "luck_sd", "parameter_sd", "share", "share_low",
           "share_high")  # fmt: skip


@dataclass(frozen=True, slots=True)
class VarianceParts:
    """Standard deviations by source, in the unit of the values, and the parameters' share of the variance.

    `low` and `high` hold the true share with the stated level; NaN when there are too few runs to say.
    """

    runs: int
    draws: int
    luck_sd: float
    parameter_sd: float
    share: float
    low: float
    high: float


def variance_parts(values: np.ndarray, draws: Sequence[int] | np.ndarray, *, level: float = 0.9) -> VarianceParts:
    """Return the parts of the variance of values, shape (n,), with the draw each belongs to, shape (n,).

    The interval is exact for equal numbers of runs per draw and normal values, and close to it otherwise (Thomas and
    Hultquist 1978: harmonic mean of the numbers).

    >>> parts = variance_parts(np.array([1.0, 1.1, 5.0, 5.1, 9.0, 9.1]), [0, 0, 1, 1, 2, 2])
    >>> parts.share > 0.99
    True
    """
    from scipy import stats

    values = np.asarray(values, np.float64)
    _, group = np.unique(np.asarray(draws), return_inverse=True)
    counts = np.bincount(group) if len(group) else np.zeros(0, int)
    n, k = len(values), len(counts)
    nothing = VarianceParts(n, k, np.nan, np.nan, np.nan, np.nan, np.nan)
    if k < 2 or n <= k:
        return nothing
    means = np.bincount(group, values) / counts
    within = float(((values - means[group]) ** 2).sum()) / (n - k)
    many = k / float((1.0 / counts).sum())
    between = many * float(means.var(ddof=1))
    if within == 0.0 and between == 0.0:
        return VarianceParts(n, k, 0.0, 0.0, np.nan, np.nan, np.nan)
    parameter = max(0.0, (between - within) / many)
    share = parameter / (parameter + within)
    if within == 0.0:
        return VarianceParts(n, k, 0.0, float(np.sqrt(parameter)), 1.0, 1.0, 1.0)
    ratio, tail = between / within, (1.0 - level) / 2.0

    def bound(quantile: float) -> float:
        f = ratio / float(stats.f.ppf(quantile, k - 1, n - k))
        return min(1.0, max(0.0, (f - 1.0) / (f - 1.0 + many)))

    return VarianceParts(n, k, float(np.sqrt(within)), float(np.sqrt(parameter)), share, bound(1.0 - tail), bound(tail))


def parts_table(pairs: Any, *, measure: str, level: float = 0.9) -> pd.DataFrame:
    """Return the parts of the spread of paired differences, one row per scenario and variant.

    `pairs` has columns variant, difference, draw, and optionally scenario.
    """
    rows = []
    table = pairs if "scenario" in pairs else pairs.assign(scenario="")
    for (scenario, variant), group in table.groupby(["scenario", "variant"], sort=False):
        found = variance_parts(group["difference"].to_numpy(np.float64), group["draw"].to_numpy(), level=level)
        rows.append(
            {"scenario": scenario, "variant": variant, "measure": measure, "runs": found.runs, "draws": found.draws,
             "luck_sd": found.luck_sd, "parameter_sd": found.parameter_sd, "share": found.share,
             "share_low": found.low, "share_high": found.high}
        )  # fmt: skip
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS))
