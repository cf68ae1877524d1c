"""No winner is built in: the committed points show each rule and instrument helping and not helping."""

from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kreislauf.experiments.no_winner import differences, latin_hypercube, read_points, swept
from kreislauf.model.parameters import Parameters, parameter_table
from kreislauf.model.region import load_region
from kreislauf.model.variant import variant_names

POINTS = read_points(Path(__file__).parents[1] / "oracles" / "data" / "no_winner.csv")
SEEDS = (1, 2)


def test_for_every_rule_and_instrument_there_is_a_point_where_it_helps_and_one_where_it_does_not():
    assert {(p.variant, p.sign) for p in POINTS} == {(v, sign) for v in variant_names()[1:] for sign in (1, -1)}


def test_the_points_lie_within_the_admissible_ranges_and_their_intervals_do_not_contain_zero():
    for point in POINTS:
        assert Parameters(point.parameters)
        assert point.low * point.high > 0
        assert (point.median < 0) == (point.sign > 0)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 12), st.integers(0, 2**31))
def test_a_latin_hypercube_takes_every_part_of_every_range_once(points, seed):
    names = swept()[:5]
    drawn = latin_hypercube(names, points, seed)
    for name in names:
        entry = parameter_table()[name]
        parts = [int((row[name] - entry.low) / (entry.high - entry.low) * points * (1 - 1e-12)) for row in drawn]
        assert sorted(parts) == list(range(points))
    assert Parameters(drawn[0])


@pytest.mark.slow
def test_run_again_every_point_has_the_sign_it_is_committed_with():
    region = load_region("coburg")
    together = defaultdict(list)  # variants with the same parameters share the runs of the status quo
    for point in POINTS:
        together[tuple(sorted(point.parameters.items())), point.months].append(point)
    wrong = []
    for (values, months), points in together.items():
        names = [p.variant for p in points]
        found = differences(region, names, [dict(values)], seeds=SEEDS, months=months, workers=1)
        for point in points:
            change = found.loc[found["variant"] == point.variant, "difference"]
            if not ((change < 0).all() if point.sign > 0 else (change > 0).all()):
                wrong.append((point.variant, point.sign, change.tolist()))
    assert wrong == []
