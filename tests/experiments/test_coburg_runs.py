"""Runs of the real model through the runner, a few months each."""

import pytest
from kreislauf.experiments import compare, run_all, run_model, specs_for
from kreislauf.model.region import load_region
from kreislauf.model.variant import load_scenario, load_variant


@pytest.fixture(scope="module")
def coburg():
    return load_region("coburg")


def summary(region, *, scenario="base", variant="status_quo", months=3, seed=1):
    (spec,) = specs_for(region.name, [load_variant(variant)], load_scenario(scenario), [seed], months=months)
    return run_model(region, spec).summary


def test_coburg_is_bit_identical_on_one_and_two_workers(coburg):
    variants = [load_variant("status_quo"), load_variant("community")]
    specs = specs_for("coburg", variants, load_scenario("base"), [1, 2], months=4)
    one, two = (
        [result.tables.fingerprint() for result in run_all(coburg, specs, workers=workers)] for workers in (1, 2)
    )
    assert one == two
    assert len(set(one)) == 4


def test_the_status_quo_under_another_name_differs_by_exactly_zero(coburg):
    again = load_variant("status_quo").renamed("again")
    table = compare(coburg, ["status_quo", again], seeds=2, months=4, workers=1).table
    differences = table[["difference", "difference_q10", "difference_q90"]].fillna(0.0)
    assert (differences == 0.0).all(axis=None)


def test_variants_with_one_seed_see_the_same_arrivals(coburg):
    first, second = (summary(coburg, variant=name) for name in ("status_quo", "crowdfunding"))
    assert first["persons"] == second["persons"]


def test_scenarios_change_what_they_say(coburg):
    base = summary(coburg, months=36)
    assert summary(coburg, scenario="low_arrivals", months=36)["persons"] < base["persons"]
    assert summary(coburg, scenario="high_arrivals", months=36)["persons"] > base["persons"]
    weak = summary(coburg, scenario="recession", months=36)
    assert weak["persons"] == base["persons"]
    assert weak["free_margin"] < base["free_margin"]


def test_failed_runs_name_what_is_wrong(coburg):
    (spec,) = specs_for("coburg", [load_variant("status_quo")], load_scenario("base"), [1], months=5000)
    (result,) = run_all(coburg, [spec], workers=1)
    assert not result.done
    assert "from 1 to 132" in result.error
