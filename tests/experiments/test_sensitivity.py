"""Sensitivity and discovery find what was put in: on the Ishigami function, a known box, and paired differences."""

import numpy as np
import pandas as pd
import pytest
from kreislauf.experiments.decision import satisficing
from kreislauf.experiments.design import points_of
from kreislauf.experiments.discovery import discover, failures_of, flips, municipality_failures
from kreislauf.experiments.experiment import Experiment
from kreislauf.experiments.optional import optional
from kreislauf.experiments.sensitivity import sensitivity
from kreislauf.model.errors import InputError, KreislaufError

NAMES = ("overlap_loss", "arrivals_factor", "ukraine_factor")
SPANS = {"overlap_loss": [0.0, 0.6], "arrivals_factor": [0.5, 2.0], "ukraine_factor": [0.0, 1.0]}


def experiment(kind, draws, **more):
    return Experiment(name="x", uncertain=SPANS, design={"kind": kind, "draws": draws, "levels": 4}, **more)


def runs_for(asked, function, *, effect=lambda u: 0.0 * u[:, 0]):
    """Return runs of two variants: a by the function of the unit cube, b the same plus an effect."""
    points = points_of(asked)
    spans = asked.spans()
    low, high = (np.array([getattr(spans[name], end) for name in points.names]) for end in ("low", "high"))
    unit = (points.values - low) / (high - low)  # noqa: PD011 - not a frame
    frames = []
    for seed in (1, 2):
        luck = 100.0 * seed
        for variant, values in (("a", function(unit) + luck), ("b", function(unit) + luck + effect(unit))):
            frame = pd.DataFrame(points.values, columns=[f"p_{name}" for name in points.names])
            frames.append(
                frame.assign(variant=variant, scenario="base", seed=seed, point=np.arange(len(frame)),
                             waiting_months=values, status="done")
            )  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def ishigami(u):
    x = np.pi * (2.0 * u - 1.0)
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def indices(runs, asked, *, of="level", variant="a"):
    table = sensitivity(runs, asked, measures=["waiting_months"], reference="a")
    table = table.loc[(table["of"] == of) & (table["variant"] == variant)]
    return table.set_index(["index", "value_name"])["value"]


def test_sobol_indices_of_the_ishigami_function_are_those_known_in_closed_form():
    asked = experiment("saltelli", 1024)
    found = indices(runs_for(asked, ishigami), asked)
    for name, first, total in zip(NAMES, (0.314, 0.442, 0.0), (0.558, 0.442, 0.244), strict=True):
        assert found["S1", name] == pytest.approx(first, abs=0.06)
        assert found["ST", name] == pytest.approx(total, abs=0.06)


def test_morris_screening_finds_the_size_of_a_linear_effect_and_no_interaction():
    asked = experiment("morris", 10)
    found = indices(runs_for(asked, lambda u: 3.0 * u[:, 0] - 5.0 * u[:, 1]), asked)
    assert found["mu_star", "overlap_loss"] == pytest.approx(3.0)
    assert found["mu_star", "arrivals_factor"] == pytest.approx(5.0)
    assert found["mu_star", "ukraine_factor"] == pytest.approx(0.0)
    assert found["sigma", "arrivals_factor"] == pytest.approx(0.0, abs=1e-9)


def test_what_matters_for_the_level_need_not_matter_for_the_difference():
    asked = experiment("latin_hypercube", 200)
    runs = runs_for(asked, lambda u: np.exp(4.0 * u[:, 0]), effect=lambda u: u[:, 1])
    level, difference = (indices(runs, asked, of=of, variant="b") for of in ("level", "difference"))
    for index in ("PAWN", "delta"):
        assert level[index].idxmax() == "overlap_loss"
        assert difference[index].idxmax() == "arrivals_factor"


def test_constant_outcomes_and_missing_points_give_no_indices():
    asked = experiment("morris", 4)
    runs = runs_for(asked, lambda u: u[:, 0])
    assert not len(sensitivity(runs.loc[runs["point"] > 0], asked, measures=["waiting_months"], reference="a"))


def test_prim_and_the_tree_find_the_box_that_was_put_in():
    rng = np.random.default_rng(1)
    points = pd.DataFrame(rng.random((400, 3)), columns=list("abc"))
    cases = ((points["a"] > 0.6) & (points["b"] < 0.5)).to_numpy()
    found = discover(points, cases, question="where?")
    box = found.box.set_index("value_name")
    assert set(box.index) >= {"a", "b"}
    assert box.loc["a", "low"] == pytest.approx(0.6, abs=0.08)
    assert box.loc["b", "high"] == pytest.approx(0.5, abs=0.08)
    assert found.density >= 0.8
    assert found.coverage >= 0.8
    assert "a" in found.tree
    assert "class: yes" in found.tree


def test_without_cases_or_with_too_few_points_there_is_no_box():
    points = pd.DataFrame({"a": np.linspace(0, 1, 30)})
    assert discover(points, np.zeros(30, bool)).box.empty
    with pytest.raises(InputError, match="at least 20 points, found 5"):
        discover(points.iloc[:5], np.ones(5, bool))


def test_flips_and_missed_thresholds_are_found_by_point():
    asked = experiment("latin_hypercube", 40)
    runs = runs_for(asked, lambda u: u[:, 0], effect=lambda u: u[:, 1] - 0.3)
    points, flipped = flips(runs, reference="a", measure="waiting_months")["b"]
    assert list(points.columns) == list(NAMES)
    assert 8 <= flipped.sum() <= 16
    _, missed = failures_of(runs, {"waiting_months": 150.5})["a"]
    assert missed.sum() == 20


def test_points_without_a_value_miss_their_threshold_whatever_other_thresholds_say():
    points = range(4)
    runs = pd.DataFrame(
        {"variant": "a", "scenario": "base", "point": points, "seed": 1, "status": "done", "p_x": [0.0, 1.0, 2.0, 3.0],
         "waiting_months": [np.nan, 2.0, 4.0, 2.0], "total_cost": [1.0, np.nan, 1.0, 1.0]}
    )  # fmt: skip
    found, missed = failures_of(runs, {"waiting_months": 3.0, "total_cost": 1.0})["a"]
    assert found["x"].tolist() == [0.0, 1.0, 2.0, 3.0]
    assert missed.tolist() == [True, True, True, False]
    assert 1.0 - missed.mean() == satisficing(runs, {"waiting_months": 3.0, "total_cost": 1.0})["all"].item()


def test_a_missing_library_is_named_with_the_command_that_installs_it():
    with pytest.raises(KreislaufError, match=r"nowhere_lib is not installed; install it with: pip install nowhere-lib"):
        optional("nowhere_lib.part")


def test_a_municipality_fails_in_the_points_where_its_margin_ends_below_zero():
    rng = np.random.default_rng(3)
    rows = []
    for point, growth in enumerate(rng.uniform(-1.0, 1.0, 60)):
        for seed in (1, 2):
            about = {"variant": "a", "scenario": "base", "point": point, "seed": seed, "p_growth": growth}
            rows += [about | {"place": "strong", "value": 5.0}, about | {"place": "weak", "value": growth + 0.25}]
    found = municipality_failures(pd.DataFrame(rows))
    assert not found["a", "strong"][1].any()
    points, cases = found["a", "weak"]
    assert len(points) == 60
    assert (cases == (points["growth"] < -0.25).to_numpy()).all()
    box = discover(points, cases).box.set_index("value_name")
    assert box.loc["growth", "high"] == pytest.approx(-0.25, abs=0.1)
