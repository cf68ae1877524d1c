"""Priors follow the ranges and confidence of parameters.csv by the stated rule."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.calibration.posterior import groups_by_quantity
from kreislauf.calibration.priors import Prior, Priors, shape_of, sobol
from kreislauf.calibration.quantities import quantities
from kreislauf.model.errors import InputError
from kreislauf.model.parameters import Parameters, parameter_table
from scipy import stats


def test_all_calibrated_parameters_exist_have_a_range_and_a_reason():
    priors = Priors.of()
    assert len(priors) == len(set(priors.names))
    for row in priors.rows:
        entry = parameter_table()[row.name]
        assert (row.low, row.high) == (entry.low, entry.high)
        assert row.reason
        assert entry.confidence != "official"


def test_every_quantity_has_a_group_of_discrepancy():
    assert set(groups_by_quantity()) == set(quantities())


@pytest.mark.parametrize("name", Priors.of().names)
@given(u=st.lists(st.floats(0.001, 0.999), min_size=1, max_size=5))
def test_values_are_admissible_and_places_undo_them(name, u):
    (prior,) = Priors.of([name]).rows
    values = prior.value(np.array(u))
    for value in values:
        Parameters({name: float(value)})
    assert np.allclose(prior.place(values), u, atol=1e-9)


def test_the_triangle_is_scipys_triangle():
    prior = Prior("x", 2.0, 7.0, 3.0, "triangular", "", "")
    other, u = stats.triang(c=0.2, loc=2.0, scale=5.0), np.linspace(0.0, 1.0, 41)
    assert np.allclose(prior.value(u), other.ppf(u))
    assert np.allclose(prior.place(other.ppf(u)), u)


def test_shapes_follow_confidence_and_range():
    table = parameter_table()
    assert shape_of(table["flat_easy"]) == "triangular"  # derived
    assert shape_of(table["job_base"]) == "log-uniform"  # estimated, 0.01 to 0.08
    assert shape_of(table["fading"]) == "uniform"  # assumption, from zero


def test_unknown_doubled_and_fixed_parameters_are_named_together():
    with pytest.raises(InputError) as error:
        Priors.of(["job_bas", "repeat_lessons", "job_base", "job_base"])
    words = str(error.value)
    assert len(error.value.problems) == 3
    for part in ("did you mean 'job_base'", "repeat_lessons: this parameter has no range", "named twice"):
        assert part in words


def test_places_of_the_first_round_cover_the_cube_evenly():
    points = sobol(256, 3, seed=1)
    for column in points.T:
        assert np.bincount((column * 16).astype(int), minlength=16).tolist() == [16] * 16
    assert np.array_equal(points, sobol(256, 3, seed=1))
