"""Luck and parameters are told apart: against known variances, and the interval covers as it says."""

import numpy as np
import pytest
from kreislauf.experiments.variance_parts import variance_parts


def test_the_parts_of_a_worked_example():
    """Two runs per draw: within mean square 2, between mean square 18, so the parameters have (18 - 2) / 2 = 8."""
    parts = variance_parts(np.array([0.0, 2.0, 3.0, 5.0, 6.0, 8.0]), [0, 0, 1, 1, 2, 2])
    assert parts.luck_sd**2 == pytest.approx(2.0)
    assert parts.parameter_sd**2 == pytest.approx(8.0)
    assert parts.share == pytest.approx(0.8)
    assert parts.low < 0.8 < parts.high


@pytest.mark.parametrize("draws", [[0, 0, 0], [0, 1, 2]])
def test_one_draw_or_one_run_per_draw_cannot_tell(draws):
    assert np.isnan(variance_parts(np.array([1.0, 2.0, 3.0]), draws).share)


def test_no_spread_has_no_parts():
    parts = variance_parts(np.ones(4), [0, 0, 1, 1])
    assert (parts.luck_sd, parts.parameter_sd) == (0.0, 0.0)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8])
def test_the_interval_covers_the_true_share_as_often_as_it_says(share):
    random, groups = np.random.default_rng(5), np.repeat(np.arange(10), 2)
    covered = 0
    for _ in range(600):
        values = np.sqrt(share) * random.normal(size=10)[groups] + np.sqrt(1.0 - share) * random.normal(size=20)
        parts = variance_parts(values, groups, level=0.9)
        covered += parts.low <= share <= parts.high
    expected = 0.95 if share == 0.0 else 0.9  # at zero the lower end cannot miss
    assert covered / 600 == pytest.approx(expected, abs=0.035)
