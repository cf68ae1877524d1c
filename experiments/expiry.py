"""Ending posts in simulated runs: how many FTE begin, end, and hang on funding that ends within a year, by year."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..model.calendar import month_index, year_of
from ..model.errors import InputError
from .compare import quantiles
from .runner import run_all, specs_for

if TYPE_CHECKING:
    from ..model.region import Region
    from ..model.results import RunTables
    from ..model.variant import Scenario, Variant

FIGURES = ("fte", "started_fte", "ended_fte", "ending_fte", "cliff_share")


def cliff_of_run(tables: RunTables, first_year: int, last_year: int) -> pd.DataFrame:
    """Return one row per year of a run: FTE, created and ended FTE, FTE ending within a year and their share.

    `fte` and `cliff_share` are those of December (of the last month for a run that ends earlier); created are
    structures that an instrument of the run pays, ended are those of them whose last month lies in the year.
    """
    every: Any = tables.monthly
    structures: Any = tables.structures
    monthly = every[every["scope"] == "region"]
    posts = monthly[monthly["indicator"] == "posts"].set_index("month")["value"]
    share = monthly[monthly["indicator"] == "cliff_exposure"].set_index("month")["value"]
    created = structures[["/" in name for name in structures["structure"]]]
    rows: list[dict[str, Any]] = []
    for year in range(first_year, last_year + 1):
        month = min(month_index(f"{year}-12"), int(posts.index.max()))
        fte, exposed = float(posts[month]), float(share[month])
        rows.append(
            {
                "year": year,
                "fte": fte,
                "started_fte": float(created.loc[created["start"].str[:4] == str(year), "fte"].sum()),
                "ended_fte": float(created.loc[created["end"].str[:4] == str(year), "fte"].sum()),
                "ending_fte": fte * exposed,
                "cliff_share": exposed,
            }
        )
    return pd.DataFrame(rows)


def simulated_cliff(
    region: Region,
    variant: Variant,
    scenario: Scenario,
    *,
    seeds: int,
    parameters: Mapping[str, float],
    until: int,
    workers: int | None = None,
    progress: Callable[[int, int, int], None] | None = None,
) -> pd.DataFrame:
    """Return for each year the median and the 10 and 90 % quantile over seeds of the figures of `cliff_of_run`.

    `until` is the last month. Raises InputError when a run fails.
    """
    specs = specs_for(
        region.name, [variant], scenario, range(1, seeds + 1), parameters=parameters, tables=("monthly", "structures")
    )
    parts: list[pd.DataFrame] = []
    for number, result in enumerate(run_all(region, specs, workers=workers), start=1):
        if result.tables is None:
            raise InputError(f"the run with seed {result.key.seed} failed: {result.error}")
        parts.append(cliff_of_run(result.tables, year_of(region.start_month), year_of(until)))
        if progress is not None:
            progress(number, len(specs), 0)
    runs: Any = pd.concat(parts)
    rows: list[dict[str, Any]] = []
    for year, part in runs.groupby("year", sort=True):
        row: dict[str, Any] = {"year": year}
        for name in FIGURES:
            row[f"{name}_q10"], row[name], row[f"{name}_q90"] = quantiles(part[name].to_numpy())
        rows.append(row)
    return pd.DataFrame(rows)
