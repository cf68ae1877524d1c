"""Read a results folder with DuckDB and pandas: `python examples/read_results.py DIR`.

DIR is a results folder (`kreislauf compare --out DIR`, `kreislauf batch merge`) or the folder of a batch, even while it
is still running. Needs `pip install duckdb`; the tables are plain Parquet, so Polars and R read them as well.
"""

import sys
from pathlib import Path

import duckdb
import pandas as pd


def table(folder: Path, name: str) -> str:
    """Return the files of a table, for DuckDB."""
    parts = folder / "parts" / "*" / f"{name}.parquet"
    return str(parts if (folder / "parts").is_dir() else folder / f"{name}.parquet")


def levels(folder: Path) -> pd.DataFrame:
    """Return the wait and the cost of each variant: SQL over all runs, whatever their number."""
    return duckdb.sql(
        f"""
        SELECT variant, count(*) AS runs, median(waiting_months) AS wait_months, median(total_cost) / 1e6 AS cost_meur
        FROM read_parquet('{table(folder, "runs")}', union_by_name = true)
        WHERE status = 'done' GROUP BY variant ORDER BY wait_months
        """
    ).df()


def differences(folder: Path) -> pd.DataFrame:
    """Return the difference of each variant to the status quo in runs with the same scenario, point and seed."""
    pairs = "a.seed = b.seed AND a.scenario = b.scenario"
    if (folder / "parts").is_dir() or "point" in duckdb.read_parquet(table(folder, "runs")).columns:
        pairs += " AND a.point = b.point"
    return duckdb.sql(
        f"""
        WITH runs AS (SELECT * FROM read_parquet('{table(folder, "runs")}', union_by_name = true))
        SELECT a.variant, count(*) AS pairs, avg(a.waiting_months - b.waiting_months) AS wait_difference
        FROM runs a JOIN runs b ON {pairs} AND b.variant = 'status_quo'
        WHERE a.variant <> 'status_quo' GROUP BY a.variant ORDER BY wait_difference
        """
    ).df()


def by_year(folder: Path, indicator: str = "waiting_months") -> pd.DataFrame:
    """Return an indicator of the region by year and variant, with pandas."""
    runs = duckdb.sql(f"SELECT run, variant FROM read_parquet('{table(folder, 'runs')}', union_by_name = true)").df()
    monthly = duckdb.sql(
        f"SELECT * FROM read_parquet('{table(folder, 'monthly')}') WHERE scope = 'region' AND indicator = '{indicator}'"
    ).df()
    monthly["year"] = 2015 + monthly["month"] // 12
    return monthly.merge(runs, on="run").pivot_table(index="year", columns="variant", values="value", aggfunc="mean")


if __name__ == "__main__":
    place = Path(sys.argv[1])
    answers = [levels(place), differences(place)]
    if any(place.glob("**/monthly.parquet")):  # only when the experiment kept this table
        answers.append(by_year(place))
    for answer in answers:
        print(answer.round(3).to_string(), end="\n\n")
