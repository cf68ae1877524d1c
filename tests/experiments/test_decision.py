"""Pareto set, regret and what is good enough, on numbers worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.experiments.decision import pareto, regret, satisficing, undominated
from kreislauf.model.errors import InputError

WAIT, SELF = "waiting_months", "self_sufficient_share"  # less is better, more is better


def runs_of(rows):
    return pd.DataFrame(rows, columns=["variant", "scenario", "point", "seed", WAIT, SELF])


RUNS = runs_of(
    [
        ("a", "base", 0, 1, 4.0, 0.5), ("b", "base", 0, 1, 2.0, 0.4), ("c", "base", 0, 1, 5.0, 0.3),
        ("a", "bad", 0, 1, 8.0, 0.5), ("b", "bad", 0, 1, 9.0, 0.4), ("c", "bad", 0, 1, 5.0, 0.3),
    ]
)  # fmt: skip


def test_the_pareto_set_respects_the_better_direction_of_each_measure():
    table = pareto(RUNS, [WAIT, SELF]).set_index("variant")
    assert table["undominated"].to_dict() == {"a": True, "b": True, "c": True}
    assert table["share"].to_dict() == {"a": 1.0, "b": 0.5, "c": 0.5}
    assert pareto(RUNS, [SELF]).set_index("variant")["undominated"].to_dict() == {"a": True, "b": False, "c": False}


def test_regret_is_what_is_lost_against_the_best_of_each_future():
    table = regret(RUNS, [WAIT]).set_index("variant")
    assert table["largest"].to_dict() == {"a": 3.0, "b": 4.0, "c": 3.0}
    assert table["mean"].to_dict() == {"a": 2.5, "b": 2.0, "c": 1.5}
    assert table.loc["b", "worst_scenario"] == "bad"
    assert table["best_in"].to_dict() == {"a": 0.0, "b": 0.5, "c": 0.5}


def test_good_enough_is_counted_over_futures():
    table = satisficing(RUNS, {WAIT: 5.0, SELF: 0.4}).set_index("variant")
    assert table[WAIT].to_dict() == {"a": 0.5, "b": 0.5, "c": 1.0}
    assert table["all"].to_dict() == {"a": 0.5, "b": 0.5, "c": 0.0}


def test_measures_without_a_better_direction_are_no_objectives():
    with pytest.raises(InputError, match="'persons' has no better direction"):
        regret(RUNS.assign(persons=1.0), ["persons"])


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12))
def test_every_dominated_row_is_dominated_by_an_undominated_one(rows):
    values = np.array(rows, float)
    kept = undominated(values)
    assert kept.any()
    for row in values[~kept]:
        assert any((best >= row).all() and (best > row).any() for best in values[kept])


def test_a_variant_without_a_value_is_not_kept_because_nothing_compares_with_it():
    """Nobody is served, so nobody waits: b waits less and has more self-sufficient households."""
    runs = runs_of([("a", "base", 0, 1, np.nan, 0.1), ("b", "base", 0, 1, 2.0, 0.4), ("c", "base", 0, 1, np.nan, 0.5)])
    table = pareto(runs, [WAIT, SELF]).set_index("variant")
    assert table["undominated"].to_dict() == {"a": False, "b": True, "c": True}
    assert table["share"].to_dict() == {"a": 0.0, "b": 1.0, "c": 1.0}


def test_a_seed_in_which_one_variant_failed_is_left_out_for_all():
    """With seed 2 everybody waits long; b failed there. With seed 1 a is better by one month, in truth always."""
    runs = runs_of(
        [("a", "base", 0, 1, 2.0, 0.5), ("b", "base", 0, 1, 3.0, 0.5), ("a", "base", 0, 2, 9.0, 0.5),
         ("c", "base", 0, 1, 4.0, 0.5), ("c", "base", 0, 2, 11.0, 0.5), ("b", "base", 0, 2, np.nan, np.nan)]
    ).assign(status=["done"] * 5 + ["failed"])  # fmt: skip
    table = regret(runs, [WAIT]).set_index("variant")
    assert table["mean"].to_dict() == {"a": 0.0, "b": 1.0, "c": 2.0}
    assert pareto(runs, [WAIT]).set_index("variant")["undominated"].to_dict() == {"a": True, "b": False, "c": False}
    always = runs.loc[runs["variant"] != "b"]
    assert regret(always, [WAIT]).set_index("variant").loc["c", "mean"] == 2.0
