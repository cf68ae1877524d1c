"""Costs of integration from a finance report reach the crash test, and wrong folders are refused."""

import numpy as np
import pandas as pd
import pytest
from kreislauf.experiments.cost_path import cost_path, read_costs
from kreislauf.experiments.stress import stress
from kreislauf.experiments.tables_folder import write_tables
from kreislauf.model.errors import InputError
from kreislauf.model.region import load_region


def table(region, *, town=0.0, district=0.0, years=(2016, 2017)):
    rows = [("with", year, "municipality", key, town) for year in years for key in region.keys]
    rows += [("with", year, "district", region.districts[0].key, district) for year in years]
    return pd.DataFrame(rows, columns=["world", "year", "level", "key", "net"])


def written(folder, region, costs, *, of=None):
    inputs = {"region": of or {"name": region.name, "sha256": region.fingerprint}}
    write_tables(folder, {"costs": costs}, kind="finance", inputs=inputs)
    return folder


@pytest.fixture(scope="module")
def coburg():
    return load_region("coburg")


def test_years_outside_the_table_have_the_cost_of_the_nearest_year(coburg):
    costs = table(coburg, town=10.0)
    costs.loc[costs["year"] == 2017, "net"] = 20.0
    found = cost_path(costs, coburg)((2014, 2016, 2017, 2020))
    assert found.towns[:, 0].tolist() == [10.0, 10.0, 20.0, 20.0]
    assert found.districts.shape == (4, 1)


def test_costs_lower_the_margins_by_themselves_and_leave_the_quoted_levy(coburg, tmp_path):
    folder = written(tmp_path, coburg, table(coburg, town=50_000.0, district=1e6))
    path = cost_path(read_costs(folder, coburg), coburg)
    asked = {"shock_year": 2018, "tolerance": 0.5, "react": False}
    without, with_costs = stress(coburg, ["base"], **asked), stress(coburg, ["base"], costs=path, **asked)
    gap = without.years["free_margin_eur"].to_numpy() - with_costs.years["free_margin_eur"].to_numpy()
    assert gap == pytest.approx(np.full(gap.size, 50_000.0))
    assert with_costs.districts["levy_rate_first_pct"].tolist() == without.districts["levy_rate_first_pct"].tolist()
    assert with_costs.inputs["task_cost"]


def test_wrong_folders_and_tables_are_refused(coburg, tmp_path):
    with pytest.raises(InputError, match="kreislauf finance REGION"):
        read_costs(tmp_path / "nowhere", coburg)
    other = written(tmp_path / "other", coburg, table(coburg), of={"name": "elsewhere", "sha256": "0"})
    with pytest.raises(InputError, match="'elsewhere'"):
        read_costs(other, coburg)
    seniors = tmp_path / "seniors"
    inputs = {"region": {"name": "coburg", "sha256": "0"}, "field": "seniors"}
    write_tables(seniors, {"costs": table(coburg)}, kind="finance", inputs=inputs)
    with pytest.raises(InputError, match=r"field of action 'seniors'.*--field seniors"):
        read_costs(seniors, coburg)
    damaged = written(tmp_path / "damaged", coburg, table(coburg))
    (damaged / "costs.parquet").write_bytes(b"")
    with pytest.raises(InputError, match="not the file that was written"):
        read_costs(damaged, coburg)
    with pytest.raises(InputError, match="no costs of this world"):
        cost_path(table(coburg), coburg, world="dream")
    with pytest.raises(InputError, match="net"):
        cost_path(table(coburg).drop(columns="net"), coburg)
