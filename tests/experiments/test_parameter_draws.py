"""Files of parameter draws: read and written as they are, refused with sentences, one draw per pair of seeds."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.experiments import Experiment, compare, open_batch, run
from kreislauf.experiments.analysis import analyse
from kreislauf.experiments.parameter_draws import ParameterDraws, read_draws, write_draws
from kreislauf.experiments.plan import Plan
from kreislauf.experiments.stress import stress
from kreislauf.model.errors import InputError
from kreislauf.model.provenance import code_hash
from kreislauf.model.variant import load_scenario, load_variant


def some_draws(n=50, **about):
    random = np.random.default_rng(3)
    values = np.column_stack([random.uniform(0.02, 0.06, n), random.uniform(0.0, 0.6, n)])
    weights = random.uniform(0.5, 1.5, n)
    return ParameterDraws(("job_base", "overlap_loss"), values, weights / weights.sum(), about)


def test_draws_of_another_region_or_another_model_are_named_as_such():
    assert some_draws(region="coburg", code=code_hash()).notices("coburg") == []
    (place,) = some_draws(region="coburg", code=code_hash()).notices("kielregion")
    assert "region coburg, not on kielregion" in place
    (version,) = some_draws(region="coburg", code="0" * 16).notices("coburg")
    assert "another version of the model" in version
    assert some_draws().notices("coburg") == []  # a file that says nothing of itself


def test_a_file_is_read_as_it_was_written(tmp_path):
    draws = some_draws(region="coburg", targets="ab")
    read = read_draws(write_draws(tmp_path / "p.parquet", draws))
    assert (read.names, read.sha256, read.name) == (draws.names, draws.sha256, "p.parquet")
    assert np.array_equal(read.values, draws.values)
    assert np.array_equal(read.weights, draws.weights)
    assert read.about["region"] == "coburg"
    assert read.notices("kielregion") == ["p.parquet was calibrated on region coburg, not on kielregion."]
    assert read.notices("coburg") == []


def test_a_file_of_others_without_weights_has_equal_ones(tmp_path):
    pd.DataFrame({"job_base": [0.03, 0.04]}).to_parquet(tmp_path / "p.parquet")
    assert read_draws(tmp_path / "p.parquet").weights.tolist() == [0.5, 0.5]


def test_everything_wrong_with_a_file_is_said_at_once(tmp_path):
    frame = pd.DataFrame({"job_bas": [0.03, 0.04], "job_base": [0.03, 9.0], "loss_minor": ["x", None],
                          "weight": [-1.0, 1.0]})  # fmt: skip
    frame.to_parquet(tmp_path / "p.parquet")
    with pytest.raises(InputError) as error:
        read_draws(tmp_path / "p.parquet")
    words = str(error.value)
    assert len(error.value.problems) == 5
    for part in ("did you mean 'job_base'", "row 2, column job_base", "0.01 to 0.08 per month", "column weight", "'x'"):
        assert part in words


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: None, "there is no such file"),
        (lambda path: path.write_text("job_base\n0.04\n"), "cannot be read as draws"),
        (lambda path: pd.DataFrame({"job_base": []}).to_parquet(path), "has no draws"),
        (lambda path: pd.DataFrame({"weight": [1.0]}).to_parquet(path), "no column of a parameter"),
        (lambda path: pd.DataFrame({"job_base": [0.04], "weight": [0.0]}).to_parquet(path), "all weights are zero"),
    ],
)
def test_a_wrong_file_gets_its_sentence(tmp_path, make, sentence):
    make(tmp_path / "p.parquet")
    with pytest.raises(InputError, match=sentence):
        read_draws(tmp_path / "p.parquet")


@given(st.integers(0, 2**32 - 1))
def test_the_draw_of_a_seed_is_a_pure_function_shared_by_the_seeds_of_a_pair(seed):
    draws = some_draws()
    assert draws.for_seed(seed) == draws.for_seed(seed)
    assert draws.for_seed(2 * (seed // 4) + 1) == draws.for_seed(2 * (seed // 4) + 2)


def test_draws_come_up_in_proportion_to_their_weights():
    draws = some_draws(5)
    counts = np.bincount([draws.index(seed) for seed in range(1, 4001)], minlength=5) / 4000
    assert np.abs(counts - draws.weights).max() < 0.005


def test_what_a_variant_or_scenario_sets_is_not_drawn():
    draws = some_draws()
    variant = load_variant("status_quo").model_copy(update={"parameters": {"overlap_loss": 0.1}})
    assert set(draws.for_run(1, variant, load_scenario("base"))) == {"job_base"}


def test_a_comparison_gives_every_seed_its_draw_and_says_where_the_spread_comes_from(tmp_path, toy, place):
    draws = some_draws()
    asked = {"seeds": 40, "draws": draws, "simulate": toy, "workers": 1, "measures": ["waiting_months"]}
    found = compare(place, ["status_quo", "community"], **asked)
    without = compare(place, ["status_quo", "community"], **{**asked, "draws": None})
    assert without.parts is None
    moved = found.runs.set_index(["variant", "seed"])["waiting_months"]
    same = without.runs.set_index(["variant", "seed"])["waiting_months"]
    for seed in (1, 2, 17):  # the toy adds ten times overlap_loss
        expected = 10.0 * draws.for_seed(seed)["overlap_loss"]
        assert moved["status_quo", seed] - same["status_quo", seed] == pytest.approx(expected)
    parts = found.parts.set_index("variant")
    assert parts.loc["status_quo", "draws"] == len({draws.index(seed) for seed in range(1, 41)})
    assert 0.0 <= parts.loc["status_quo", "share_low"] <= parts.loc["status_quo", "share_high"] <= 1.0
    # Both variants of the toy move by the same amount, so their difference owes nothing to the parameters.
    assert parts.loc["community", "share_low"] == 0.0


def test_given_values_replace_drawn_ones(toy, place):
    asked = {"seeds": 4, "draws": some_draws(), "simulate": toy, "workers": 1, "measures": ["waiting_months"]}
    fixed = compare(place, ["status_quo"], parameters={"overlap_loss": 0.2}, **asked)
    plain = compare(place, ["status_quo"], parameters={"overlap_loss": 0.2}, **{**asked, "draws": None})
    assert fixed.runs["waiting_months"].tolist() == plain.runs["waiting_months"].tolist()


def test_a_batch_keeps_its_draws_can_be_rebuilt_and_refuses_others(tmp_path, toy, place):
    write_draws(tmp_path / "p.parquet", some_draws())
    experiment = Experiment(name="x", variants=("status_quo", "community"), seeds=12,
                            posterior=str(tmp_path / "p.parquet"))  # fmt: skip
    asked = {"workers": 1, "simulate": toy, "region": place}
    batch = run(experiment, tmp_path / "out", **asked)
    assert batch.runs["draw"].tolist() == [some_draws().index(seed) for seed in range(1, 13) for _ in range(2)]
    assert "draws" in open_batch(tmp_path / "out").about["inputs"]
    found = analyse(batch, measures=["waiting_months"], figures=False)
    assert found.tables["variance_parts"]["draws"].tolist() == [6]
    other = Plan.of(experiment, region=place, draws=some_draws(20))
    with pytest.raises(InputError, match="the draws of parameters"):
        run(other, tmp_path / "out", **asked)
    plan = Plan.of(experiment, region=place)
    assert plan.identity(0) != other.identity(0)
    assert plan.spec(0).parameters["overlap_loss"] == some_draws().for_seed(1)["overlap_loss"]


def test_the_crash_test_draws_from_the_posterior():
    values = np.array([[0.02], [0.02]])
    posterior = ParameterDraws(("reserve_share",), values, np.array([0.5, 0.5]))
    quick = {"shock_year": 2018, "tolerance": 0.5, "draws": 2}
    drawn = stress("coburg", ["down"], posterior=posterior, **quick)
    fixed = stress("coburg", ["down"], parameters={"reserve_share": 0.02}, **quick)
    pd.testing.assert_frame_equal(drawn.draws, fixed.draws)
    pd.testing.assert_frame_equal(drawn.table, fixed.table)
    assert drawn.inputs["posterior"]["names"] == ["reserve_share"]
