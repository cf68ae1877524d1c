"""The finance report of Coburg: paired worlds, sums that agree, and words on how well each number is known."""

import json

import numpy as np
import pandas as pd
import pytest
from kreislauf.cli.app import main
from kreislauf.experiments.finance import WORLDS, FinanceReport, finance
from kreislauf.model.errors import InputError


@pytest.fixture(scope="module")
def report() -> FinanceReport:
    return finance("coburg", seeds=[1])


def test_net_costs_are_what_was_paid_less_what_came_back(report):
    costs = report.costs
    assert costs["net"].to_numpy() == pytest.approx((costs["paid"] - costs["received"]).to_numpy(), abs=0.01)
    assert set(costs["world"]) == {"with", "no_arrivals"}
    total = costs.groupby("world")["net"].sum()
    assert total["no_arrivals"] < total["with"]


def test_the_burden_adds_up_to_the_loss_of_margin(report):
    b = report.burden
    parts = b[["own", "levy", "allocation", "taxes", "other"]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(b["total"].to_numpy(), abs=0.01)
    assert b["total"].to_numpy() == pytest.approx((b["margin_without"] - b["margin_with"]).to_numpy(), abs=0.01)
    assert b["other"].abs().max() < 0.02 * b["total"].abs().max()


def test_own_cost_of_municipalities_is_that_of_the_ledger(report):
    costs = report.costs
    rows = costs[(costs["world"] == "with") & (costs["level"] == "municipality")]
    ledger = rows.groupby("key")["net"].sum() / len(report.years)
    assert report.burden.set_index("key")["own"].to_numpy() == pytest.approx(
        ledger.reindex(report.burden["key"]).to_numpy()
    )


def test_the_quoted_levy_rates_hold_with_integration_and_are_lower_without(report):
    d = report.districts
    assert d["levy_rate_with"].tolist()[:3] == [45.0, 42.5, 43.0]
    assert (d["levy_rate_without"] < d["levy_rate_with"]).all()
    assert (d["levy_points"] - (d["levy_rate_with"] - d["levy_rate_without"])).abs().max() < 1.0


def test_newcomers_bring_allocations_and_the_levy_spreads_the_cost(report):
    assert (report.burden["allocation"] <= 0.0).all()
    stages = report.indices.set_index("stage")
    assert stages.loc["with_levy", "gini"] < stages.loc["own", "gini"]
    assert stages["theil"].to_numpy() == pytest.approx((stages["theil_between"] + stages["theil_within"]).to_numpy())
    assert stages["fiscal_equivalence"].between(0.0, 1.0).all()


def test_the_projection_says_how_well_each_number_is_known(report):
    table = report.projection
    assert set(table["world"]) == set(WORLDS)
    assert (table["low"] <= table["high"]).all()
    words = table.set_index(["world", "indicator", "key", "year"])["quality"]
    assert words["with", "levy_rate", "09473", 2018] == "official"
    assert words["without", "levy_rate", "09473", 2018] == "estimated"
    assert words["with", "allocation", "09473112", 2022] == "quoted"
    assert words["with", "capacity", "09473112", 2018] == "derived"
    assert words["with", "trade", "09473112", 2018] == "estimated"
    assert words["with", "task_cost", "09473112", 2018] == "simulated"
    assert words["with", "free_margin", "09473112", 2018] == "assumption"


def test_equal_seeds_give_equal_reports_with_any_number_of_workers(report):
    again = finance("coburg", seeds=[1], workers=2)
    for name, table in report.tables().items():
        pd.testing.assert_frame_equal(table, again.tables()[name])


def test_the_command_shows_tables_and_writes_them(tmp_path, capsys, monkeypatch):
    folder = tmp_path / "out"
    monkeypatch.setenv("COLUMNS", "80")  # names stay whole in the narrowest usual terminal
    with pytest.raises(SystemExit) as stopped:
        main(["finance", "coburg", "--seed", "1", "--out", str(folder)])
    assert stopped.value.code in (0, None)
    shown = capsys.readouterr().out
    for words in ("Cost by payer", "The district and its levy", "Gini", "Niederfüllbach", "quoted"):
        assert words in shown
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["format"] == "kreislauf-finance"
    table = pd.read_csv(folder / "projection.csv", dtype={"key": str})
    parquet = pd.read_parquet(folder / "projection.parquet")
    assert np.allclose(table["value"], parquet["value"])


def test_weak_revenues_of_a_scenario_reach_the_projection(report):
    weak = finance("coburg", scenario="recession", seeds=[1])
    taxes = {
        name: r.projection.query("world == 'with' and indicator == 'trade' and year == 2025")["value"].sum()
        for name, r in {"base": report, "weak": weak}.items()
    }
    assert taxes["weak"] < 0.9 * taxes["base"]
    assert weak.burden["margin_with"].sum() < report.burden["margin_with"].sum()


def test_an_unknown_variant_is_refused():
    with pytest.raises(InputError, match="did you mean"):
        finance("coburg", "status_qou", seeds=[1])
