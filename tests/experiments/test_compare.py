"""The statistics of a comparison, on numbers worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.experiments import compare_runs
from kreislauf.model.errors import InputError


def runs_of(**values):
    """Return a table of runs: per variant one value of measure `x` for seeds 1, 2, ..."""
    return pd.DataFrame(
        [{"variant": name, "seed": seed, "x": x} for name, xs in values.items() for seed, x in enumerate(xs, start=1)]
    )


def row_of(table, variant):
    return table.set_index(["variant", "measure"]).loc[(variant, "x")]


def test_medians_and_quantiles_are_those_of_the_seeds():
    table = compare_runs(runs_of(a=range(11), b=range(10, 21)), reference="a", measures=["x"])
    row = row_of(table, "b")
    assert (row["median"], row["q10"], row["q90"], row["runs"]) == (15.0, 11.0, 19.0, 11)


def test_differences_are_taken_seed_by_seed():
    table = compare_runs(runs_of(a=[0, 10, 20, 30, 40], b=[1, 12, 19, 33, 45]), reference="a", measures=["x"])
    row = row_of(table, "b")  # differences 1, 2, -1, 3, 5
    assert row["difference"] == 2.0
    assert row["difference_q10"] == pytest.approx(-0.2)
    assert row["difference_q90"] == pytest.approx(4.2)
    assert (row["share_higher"], row["share_lower"]) == (0.8, 0.2)
    assert row["within_spread"]


def test_a_difference_of_one_sign_is_not_within_the_spread_however_wide_the_levels():
    table = compare_runs(runs_of(a=[0, 100, 200], b=[-1, 98, 199]), reference="a", measures=["x"])
    row = row_of(table, "b")
    assert not row["within_spread"]
    assert row["share_lower"] == 1.0


def test_a_variant_compared_with_itself_differs_by_exactly_zero():
    values = [0.1, 0.2, 0.3]
    row = row_of(compare_runs(runs_of(a=values, b=values), reference="a", measures=["x"]), "b")
    assert (row["difference"], row["difference_q10"], row["difference_q90"]) == (0.0, 0.0, 0.0)
    assert (row["share_higher"], row["share_lower"]) == (0.0, 0.0)


def test_missing_values_and_failed_runs_leave_their_pair_out():
    runs = runs_of(a=[1.0, 2.0, np.nan, 4.0], b=[2.0, 3.0, 4.0, 9.0])
    runs["status"] = ["done"] * 7 + ["failed"]
    row = row_of(compare_runs(runs, reference="a", measures=["x"]), "b")
    assert (row["runs"], row["pairs"], row["difference"]) == (3, 2, 1.0)


def test_a_variant_whose_runs_all_failed_has_no_numbers():
    runs = runs_of(a=[1.0], b=[2.0])
    runs["status"] = ["done", "failed"]
    row = row_of(compare_runs(runs, reference="a", measures=["x"]), "b")
    assert row["runs"] == row["pairs"] == 0
    assert np.isnan(row["median"])
    assert row["within_spread"]


def test_the_order_of_the_runs_does_not_matter():
    runs = runs_of(a=[1.0, 2.0, 3.0], b=[3.0, 1.0, 7.0])
    shuffled = pd.concat([runs.iloc[[0]], runs.iloc[:0:-1]])
    one, two = (compare_runs(table, reference="a", measures=["x"]) for table in (runs, shuffled))
    pd.testing.assert_frame_equal(one, two)


def test_an_unknown_reference_is_refused():
    with pytest.raises(InputError, match="did you mean 'status_quo'"):
        compare_runs(runs_of(status_quo=[1.0]), reference="statusquo", measures=["x"])


@given(values=st.lists(st.integers(-1000, 1000), min_size=1, max_size=30), shift=st.integers(-50, 50))
def test_a_constant_shift_is_found_exactly_whatever_the_spread(values, shift):
    table = compare_runs(runs_of(a=values, b=[value + shift for value in values]), reference="a", measures=["x"])
    row = row_of(table, "b")
    assert row["difference"] == row["difference_q10"] == row["difference_q90"] == shift
    assert row["within_spread"] == (shift == 0)
