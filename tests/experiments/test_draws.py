"""Draws cover the ranges evenly and do not depend on what else is drawn."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from kreislauf.experiments.draws import drawn_values, hypercube, uncertain_parameters, value_at
from kreislauf.model.parameters import Parameters, parameter_table


@settings(max_examples=30, deadline=None)
@given(draws=st.integers(1, 40), seed=st.integers(0, 1000))
def test_every_stratum_is_drawn_once_and_names_are_independent(draws, seed):
    cube = hypercube(["a", "b"], draws, seed=seed)
    for column in cube.values():
        assert sorted(np.floor(column * draws).astype(int)) == list(range(draws))
    assert np.array_equal(hypercube(["c", "b"], draws, seed=seed)["b"], cube["b"])


def test_all_drawn_values_are_admissible_and_only_uncertain_ones_are_drawn():
    entries = uncertain_parameters("money", without=["grade_short_years"])
    assert {entry.confidence for entry in entries} == {"estimated", "assumption"}
    assert "grade_short_years" not in {entry.name for entry in entries}
    for values in drawn_values(entries, 7):
        Parameters(values)
    months = [parameter_table()["grade_window_years"]]
    assert {v["grade_window_years"] for v in drawn_values(months, 50)} == {2.0, 3.0, 4.0, 5.0, 6.0}


def test_counted_things_take_every_whole_number_equally_often():
    """Sixty even draws of 2 to 6 years: twelve of each."""
    years = parameter_table()["grade_window_years"]
    assert (years.low, years.high) == (2.0, 6.0)
    found = [value_at(years, (i + 0.5) / 60) for i in range(60)]
    assert [found.count(float(n)) for n in range(2, 7)] == [12] * 5
