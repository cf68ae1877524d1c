"""Statistical claims on toys with known truth: the stated probability holds, and common seeds save runs."""

import numpy as np
import pandas as pd
import pytest
from kreislauf.experiments.masterplan import judge
from kreislauf.experiments.masterplan.runs import Outcome
from kreislauf.experiments.paired import differences, holm, household_table, mean_interval, paired_table
from kreislauf.experiments.selection import KimNelson
from kreislauf.model.errors import InputError


def choose(rng, *, means, zone, common, own, first=10, skewed=False):
    """Return (right, runs) of one choice: every seed adds the same luck to all variants."""
    means = np.asarray(means)
    rule = KimNelson(len(means), probability=0.95, zone=zone, first=first)
    runs = 0
    while not rule.decided:
        noise = rng.gamma(4.0, own / 2.0, len(means)) - 2.0 * own if skewed else rng.normal(0.0, own, len(means))
        runs += int(rule.alive.sum())
        rule.observe(means + rng.normal(0.0, common) + noise)
    return means[rule.best] == means.max(), runs


@pytest.mark.parametrize("skewed", [False, True])
def test_the_best_of_ten_is_chosen_in_at_least_93_of_100_repetitions_at_nominal_95_percent(skewed):
    """The hardest case: all others are worse by exactly the zone."""
    rng = np.random.default_rng(7)
    means = [0.0] * 9 + [1.0]
    right = [choose(rng, means=means, zone=1.0, common=5.0, own=1.5, skewed=skewed)[0] for _ in range(100)]
    assert sum(right) >= 93


def test_common_seeds_save_most_of_the_runs():
    rng = np.random.default_rng(3)
    means = [0.0] * 9 + [1.0]
    paired = sum(choose(rng, means=means, zone=1.0, common=5.0, own=1.0)[1] for _ in range(5)) / 5
    alone = sum(choose(rng, means=means, zone=1.0, common=0.0, own=np.hypot(5.0, 1.0))[1] for _ in range(5)) / 5
    assert alone > 10 * paired


def test_the_clearly_worse_are_dropped_first_and_get_no_more_seeds():
    rng = np.random.default_rng(1)
    rule = KimNelson(3, probability=0.95, zone=0.2, first=10)
    while not rule.decided:
        rule.observe(np.array([0.0, 9.7, 10.0]) + rng.normal(0.0, 1.0, 3))
    assert rule.best == 2
    assert rule.dropped_after[0] < rule.dropped_after[1]
    assert rule.dropped_after[2] == 0


def test_equal_variants_are_decided_too_because_nothing_beyond_the_zone_matters():
    rng = np.random.default_rng(2)
    rule = KimNelson(2, probability=0.95, zone=0.5, first=10)
    for _ in range(5000):
        rule.observe(rng.normal(0.0, 1.0, 2))
    assert rule.decided


def test_variants_that_never_differ_are_decided_at_once():
    rule = KimNelson(3, probability=0.95, zone=0.1, first=5)
    for seed in range(10):
        rule.observe(np.full(3, float(seed)))
    assert rule.decided
    assert rule.seen <= 6


@pytest.mark.parametrize("seeds", [10, 20, 60])
def test_paired_intervals_cover_95_plus_minus_3_percent(seeds):
    rng = np.random.default_rng(seeds)
    truth, inside = 0.3, 0
    for _ in range(2000):
        common = rng.normal(0.0, 5.0, seeds)
        a, b = (common + rng.normal(0.0, 1.0, seeds) for _ in range(2))
        _, low, high = mean_interval(b + truth - a)
        inside += low <= truth <= high
    assert 0.92 <= inside / 2000 <= 0.98


def runs_of(rng, *, seeds=20, shift=0.0, points=1):
    rows = []
    for seed in range(seeds):
        luck = rng.normal(0.0, 5.0)
        for point in range(points):
            for i in range(10):
                value = luck + rng.normal(0.0, 1.0) + (shift if i == 9 else 0.0)
                rows.append({"scenario": "base", "point": point, "seed": seed, "variant": f"v{i}", "x": value})
    return pd.DataFrame(rows)


def test_many_comparisons_do_not_find_differences_where_there_are_none():
    rng = np.random.default_rng(11)
    found = plain = 0
    for _ in range(200):
        table = paired_table(runs_of(rng), reference="v0", measures=["x"])
        found += (table["p_holm"] < 0.05).any()
        plain += (table["p"] < 0.05).any()
        assert ((table["all_low"] <= table["low"]) & (table["high"] <= table["all_high"])).all()
    assert found / 200 <= 0.08
    assert plain / 200 > 0.15


def test_a_real_difference_is_found_and_points_of_one_seed_are_not_counted_as_independent():
    table = paired_table(runs_of(np.random.default_rng(1), shift=3.0, points=4), reference="v0", measures=["x"])
    row = table.set_index("variant").loc["v9"]
    assert row["pairs"] == 20
    assert row["unit"] == "seed"
    assert row["all_low"] > 0
    assert row["p_holm"] < 0.001


def drawn_runs(rng, *, seeds=20):
    """Return runs whose effect is 1 on average over the draws; seeds 1 and 2, 3 and 4, ... share a draw."""
    effects = 1.0 + rng.normal(0.0, 1.0, seeds)
    rows = []
    for seed in range(1, seeds + 1):
        luck, draw = rng.normal(0.0, 5.0), (seed + 1) // 2
        both = {"scenario": "base", "point": 0, "seed": seed, "draw": draw}
        rows += [both | {"variant": "a", "x": luck}]
        rows += [both | {"variant": "b", "x": luck + effects[draw] + rng.normal(0.0, 0.3)}]
    return pd.DataFrame(rows)


def test_seeds_that_share_a_draw_of_the_parameters_are_not_counted_as_independent():
    rng = np.random.default_rng(5)
    tables = [paired_table(drawn_runs(rng), reference="a", measures=["x"]).iloc[0] for _ in range(400)]
    assert {(row["unit"], row["pairs"]) for row in tables} == {("draw", 10)}
    assert 0.92 <= np.mean([row["low"] <= 1.0 <= row["high"] for row in tables]) <= 0.98


def test_plans_judged_with_draws_of_the_parameters_have_intervals_that_cover_as_well():
    rng = np.random.default_rng(6)

    def outcomes(runs):
        return [Outcome({"total_cost": value}, {}, {}, {}) for value in runs["x"]]

    inside = 0
    for _ in range(400):
        runs = drawn_runs(rng)
        both = {name: outcomes(runs[runs["variant"] == name]) for name in ("a", "b")}
        row = judge.differences(both, "a", ["total_cost"], drawn=True).iloc[0]
        assert row["pairs"] == 10
        inside += row["low"] <= 1.0 <= row["high"]
    assert 0.92 <= inside / 400 <= 0.98


def test_differences_are_those_of_one_scenario_point_and_seed():
    runs = pd.DataFrame(
        [("base", 0, 1, "a", 1.0), ("base", 0, 1, "b", 4.0), ("base", 0, 2, "a", 2.0), ("base", 0, 2, "b", np.nan),
         ("hot", 0, 1, "a", 10.0), ("hot", 0, 1, "b", 9.0)],
        columns=["scenario", "point", "seed", "variant", "x"],
    )  # fmt: skip
    found = differences(runs, reference="a", measure="x")
    assert found[["scenario", "seed", "difference"]].to_numpy().tolist() == [["base", 1, 3.0], ["hot", 1, -1.0]]
    with pytest.raises(InputError, match="did you mean 'x'"):
        differences(runs, reference="a", measure="xx")


def test_holm_is_never_below_the_plain_value_and_keeps_the_order():
    assert holm([0.2, 0.001, 0.04]) == pytest.approx([0.2, 0.003, 0.08])


def test_households_are_followed_by_identity():
    columns = ["variant", "scenario", "point", "seed", "identity", "origin", "level_1", "work_1", "private", "contacts",
               "trust"]  # fmt: skip
    rows = [
        ("a", "base", 0, 1, 7, "ukraine", 1, 0, 0, 0, 0.5),
        ("a", "base", 0, 1, 8, "ukraine", 2, 3, 1, 1, 0.5),
        ("a", "base", 0, 1, 9, "uncertain", 2, 3, 1, 1, 0.5),
        ("b", "base", 0, 1, 8, "ukraine", 2, 0, 1, 1, 0.5),
        ("b", "base", 0, 1, 7, "ukraine", 2, 0, 1, 0, 0.4),
    ]
    table = household_table(
        pd.DataFrame(rows, columns=columns),
        reference="a",
        outcomes=("level_1", "work_1", "private", "contacts", "trust"),
    )
    by = table.set_index("outcome")
    assert by.loc["level_1", ["households", "gain", "lose", "only_reference"]].tolist() == [2, 1, 0, 1]
    assert by.loc["work_1", ["gain", "lose"]].tolist() == [0, 1]
    assert by.loc["trust", ["gain", "lose"]].tolist() == [0, 1]


def test_a_choice_of_two_ends_when_the_published_formula_says():
    """Kim and Nelson (2001) by hand: eta = (0.1 ** (-2/9) - 1) / 2 = 0.334050, h2 = 18 eta = 6.01290, S2 = 10/9.

    With differences of +1 and -1 in turn the sum is 1 after every odd seed. It may be at most
    0.25 * (6.0129 * (10/9) / 0.25 - n): 1.43 after 21 seeds, 0.93 after 23.
    """
    rule = KimNelson(2, probability=0.95, zone=0.5, first=10)
    while not rule.decided:
        rule.observe(np.array([0.0, 1.0 if rule.seen % 2 == 0 else -1.0]))
    assert (rule.best, rule.seen) == (1, 23)
