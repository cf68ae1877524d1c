"""The indices on small lists worked out by hand, and properties that hold for every list."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from kreislauf.model.calendar import month_index
from kreislauf.model.errors import InputError
from kreislauf.model.indices import (
    effective_number,
    fiscal_equivalence,
    gini,
    herfindahl,
    jaccard,
    theil,
    theil_decomposition,
)
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.measures import _COMPUTE
from kreislauf.model.recorder import REGION_COLUMN, find_bodies, sum_cells
from kreislauf.model.services import HOURS, N_COUNTERS, USEFUL

amounts = st.one_of(st.just(0.0), st.floats(0.001, 1e6))
lists = st.lists(amounts, min_size=1, max_size=15)
weights = st.floats(0.1, 1_000.0)
weighted = st.lists(st.tuples(amounts, weights), min_size=1, max_size=15)
grouped = st.lists(st.tuples(amounts, weights, st.sampled_from("abc")), min_size=1, max_size=15)
factors = st.floats(0.01, 100.0)
sets = st.frozensets(st.integers(0, 9))


# --- Worked by hand -------------------------------------------------------------------------------------------------


def test_gini_of_one_in_four_who_bears_all_is_three_quarters() -> None:
    assert gini([0, 0, 0, 1]) == pytest.approx(0.75, abs=1e-12)


def test_gini_of_three_unequal_burdens() -> None:
    """Mean 2, pairs 1-2, 1-3, 2-3: mean absolute difference 8/9, half of it over 2."""
    assert gini([1, 2, 3]) == pytest.approx(2 / 9)


def test_theil_of_equal_burdens_is_zero() -> None:
    assert theil([3.0, 3.0, 3.0]) == 0.0


def test_theil_of_two_unequal_burdens() -> None:
    assert theil([1, 3]) == pytest.approx(0.5 * (0.5 * math.log(0.5) + 1.5 * math.log(1.5)))


@pytest.mark.parametrize("n", [1, 2, 7, 17])
def test_herfindahl_of_n_equals_is_one_over_n(n: int) -> None:
    assert herfindahl([4.2] * n) == pytest.approx(1 / n)
    assert effective_number([4.2] * n) == pytest.approx(n)


def test_fiscal_equivalence_is_one_for_the_same_shares_and_zero_for_disjoint_ones() -> None:
    assert fiscal_equivalence([1, 2, 3], [2, 4, 6]) == pytest.approx(1.0)
    assert fiscal_equivalence([1, 2, 0, 0], [0, 0, 5, 5]) == 0.0
    assert fiscal_equivalence([3, 1], [1, 3]) == pytest.approx(0.5)


def test_jaccard_of_sets_and_of_efforts() -> None:
    assert jaccard({1, 2, 3}, {2, 3, 4}) == pytest.approx(0.5)
    assert jaccard({1: 3.0, 2: 1.0}, {1: 1.0, 2: 1.0}) == pytest.approx(0.5)


def test_nothing_to_share_has_a_stated_value() -> None:
    assert gini([0, 0]) == theil([0, 0]) == herfindahl([0, 0]) == herfindahl([]) == effective_number([]) == 0.0
    assert fiscal_equivalence([0, 0], [0, 0]) == 1.0
    assert fiscal_equivalence([0, 1], [0, 0]) == 0.0
    assert jaccard(set(), set()) == 0.0
    assert jaccard({}, {"a": 0.0}) == 0.0


# --- Properties -----------------------------------------------------------------------------------------------------


@given(lists)
def test_gini_lies_between_zero_and_one_minus_one_over_n(values: list[float]) -> None:
    assert 0.0 <= gini(values) <= 1.0 - 1.0 / len(values) + 1e-9


@given(lists)
def test_theil_lies_between_zero_and_the_logarithm_of_n(values: list[float]) -> None:
    assert 0.0 <= theil(values) <= math.log(len(values)) + 1e-9


@given(lists, factors)
def test_the_unit_of_the_burden_does_not_matter(values: list[float], factor: float) -> None:
    more = [factor * value for value in values]
    assert gini(more) == pytest.approx(gini(values), abs=1e-9)
    assert theil(more) == pytest.approx(theil(values), abs=1e-9)
    assert herfindahl(more) == pytest.approx(herfindahl(values), abs=1e-9)


@given(lists, st.randoms(use_true_random=False))
def test_the_order_does_not_matter(values: list[float], random) -> None:
    other = values.copy()
    random.shuffle(other)
    assert gini(other) == pytest.approx(gini(values), abs=1e-9)
    assert theil(other) == pytest.approx(theil(values), abs=1e-9)
    assert herfindahl(other) == pytest.approx(herfindahl(values), abs=1e-9)


@given(lists)
def test_two_copies_of_a_region_are_as_unequal_as_one(values: list[float]) -> None:
    assert gini(values * 2) == pytest.approx(gini(values), abs=1e-9)
    assert theil(values * 2) == pytest.approx(theil(values), abs=1e-9)
    assert herfindahl(values * 2) == pytest.approx(herfindahl(values) / 2, abs=1e-9)


@given(st.lists(st.tuples(amounts, st.integers(1, 5)), min_size=1, max_size=8))
def test_a_weight_counts_like_that_many_members(members: list[tuple[float, int]]) -> None:
    values, counts = [list(column) for column in zip(*members, strict=True)]
    written_out = np.repeat(values, counts)
    assert gini(values, counts) == pytest.approx(gini(written_out), abs=1e-9)
    assert theil(values, counts) == pytest.approx(theil(written_out), abs=1e-9)


@given(st.lists(st.floats(1.0, 1e5), min_size=2, max_size=10), st.data())
def test_giving_from_a_larger_to_a_smaller_burden_lowers_inequality(values: list[float], data: st.DataObject) -> None:
    low, high = int(np.argmin(values)), int(np.argmax(values))
    assume(values[high] - values[low] > 1.0)
    step = data.draw(st.floats(0.1, 0.4)) * (values[high] - values[low])
    fairer = values.copy()
    fairer[low] += step
    fairer[high] -= step
    assert gini(fairer) < gini(values)
    assert theil(fairer) < theil(values)


@given(grouped)
def test_the_two_parts_of_theil_add_up_to_theil(members: list[tuple[float, float, str]]) -> None:
    values, weight, groups = [list(column) for column in zip(*members, strict=True)]
    parts = theil_decomposition(values, groups, weight)
    assert parts.total == pytest.approx(theil(values, weight), abs=1e-9)
    assert parts.between >= 0.0
    assert parts.within >= 0.0


@given(weighted)
def test_one_group_has_no_inequality_between_and_groups_of_one_none_within(members: list[tuple[float, float]]) -> None:
    values, weight = [list(column) for column in zip(*members, strict=True)]
    assert theil_decomposition(values, ["all"] * len(values), weight).between == pytest.approx(0.0, abs=1e-9)
    assert theil_decomposition(values, list(range(len(values))), weight).within == pytest.approx(0.0, abs=1e-9)


@given(lists)
def test_concentration_lies_between_one_over_n_and_one(values: list[float]) -> None:
    assume(sum(values) > 0.0)
    assert 1.0 / len(values) - 1e-12 <= herfindahl(values) <= 1.0 + 1e-12
    assert 1.0 - 1e-9 <= effective_number(values) <= len(values) + 1e-9


@given(lists)
def test_an_actor_who_does_nothing_does_not_change_concentration(values: list[float]) -> None:
    assert herfindahl([*values, 0.0]) == pytest.approx(herfindahl(values))


@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=12))
def test_fiscal_equivalence_lies_between_zero_and_one_and_is_symmetric(pairs: list[tuple[float, float]]) -> None:
    benefits, costs = [list(column) for column in zip(*pairs, strict=True)]
    value = fiscal_equivalence(benefits, costs)
    assert 0.0 <= value <= 1.0
    assert fiscal_equivalence(costs, benefits) == pytest.approx(value)
    assert fiscal_equivalence(benefits, benefits) == pytest.approx(1.0)


@given(sets, sets)
def test_jaccard_is_symmetric_and_one_only_for_the_same_cells(first: frozenset[int], second: frozenset[int]) -> None:
    value = jaccard(first, second)
    assert 0.0 <= value <= 1.0
    assert jaccard(second, first) == value
    assert (value == 1.0) == (first == second and bool(first))
    assert jaccard(dict.fromkeys(first, 2.5), dict.fromkeys(second, 2.5)) == pytest.approx(value)


# --- Refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda: gini([1.0, -1.0]),
        lambda: gini([]),
        lambda: gini([1.0], [0.0]),
        lambda: gini([1.0, 2.0], [1.0]),
        lambda: theil([float("nan")]),
        lambda: theil_decomposition([1.0, 2.0], ["a"]),
        lambda: herfindahl([-1.0]),
        lambda: herfindahl(np.ones((2, 2))),
        lambda: fiscal_equivalence([1.0], [1.0, 2.0]),
        lambda: jaccard({"a": -1.0}, {"a": 1.0}),
    ],
)
def test_lists_that_have_no_index_are_refused(call) -> None:
    with pytest.raises(InputError):
        call()


def test_a_lead_counts_as_far_as_the_bodies_of_its_cell_keep_to_it():
    """Two cells of two bodies each with a lead, one without: adherence 0.9 and 0.5 together 0.7."""
    start, structures, liable = np.array([0, 2, 5, 7]), np.array([0, 1, 0, 1, 2, 0, 1]), np.array([0, 0, 0, 0, 1, 0, 0])
    (led, some, several), adherence = np.ones((3, 3)), np.array([0.9, 0.5, 0.0])
    find_bodies(start, structures, liable, np.arange(3), adherence, np.array([True, True, False]), led, some, several)
    assert led.tolist() == pytest.approx([0.7, 0.7, 0.0])  # the body that only stands in does not count
    counters, opened, shape = np.zeros((1, 3, 1, N_COUNTERS)), np.zeros((1, 3, 1)), (1, 3, 1)
    sums = np.zeros((1, N_COUNTERS + 1)), np.zeros((3, N_COUNTERS + 1)), np.zeros((1, 3, 1, N_COUNTERS + 2))
    there = (array.reshape(shape) for array in (led, some, several))
    served, overlapping, _, _ = sum_cells(counters, opened, *there, *sums)
    assert (served, overlapping) == (3, pytest.approx(0.3 + 0.3 + 1.0))


def test_who_pools_is_there_as_far_as_it_keeps_to_the_pool():
    """A body and one that pools at 0.2; two that pool at 0.2 and 0.5; one that only stands in; nobody."""
    start, structures, liable = np.array([0, 2, 4, 5, 5]), np.array([0, 1, 1, 2, 0]), np.array([0, 2, 2, 2, 1])
    found, lead = np.empty((3, 4)), np.zeros(4, np.bool_)
    for adherence, some, several in (
        ([0.9, 0.2, 0.5], [1.0, 1 - 0.8 * 0.5, 0.0, 0.0], [0.2, 0.2 * 0.5, 0.0, 0.0]),
        ([0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]),  # as if there were no pool
        ([1.0, 1.0, 1.0], [1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0]),
    ):
        find_bodies(start, structures, liable, np.arange(3), np.array(adherence), lead, *found)
        assert found[1].tolist() == pytest.approx(some)
        assert found[2].tolist() == pytest.approx(several)
        assert found[0].tolist() == [0.0] * 4


def test_a_pool_that_nobody_keeps_to_overlaps_as_the_status_quo_does():
    nobody = dict.fromkeys(("adherence_start", "adherence_most", "adherence_gain"), 0.0)
    by_month = [
        IntegrationModel("coburg", rule, months=6, rng=1, parameters=nobody).run().recorder.by_region
        for rule in ("status_quo", "intermunicipal")
    ]
    for figure in ("cells_with_bodies", "cells_overlapping"):
        status_quo, pooled = (months[:, REGION_COLUMN[figure]] for months in by_month)
        assert len(pooled) == 6
        assert status_quo.min() > 0
        assert pooled == pytest.approx(status_quo, abs=1e-9)


def test_a_run_sees_the_same_posts_end_as_the_register_of_the_region_does():
    """December 2017: volunteer centre, pilot office, courses, counselling, volunteers' courses; and posts of the run.

    The offices whose duties go on in another phase do not end, and what will be decided later is not known yet.
    """
    model = IntegrationModel("coburg", months=36, rng=1).run()
    granted = [(of.last, of.award.proposal) for of in model.politics.commitments]
    of_the_run = sum(proposal.fte for last, proposal in granted if last < model.month + 12 and proposal.kind == "post")
    december = model.recorder.by_region[-1]
    assert model.month == month_index("2017-12")
    assert december[REGION_COLUMN["fte_ending"]] == pytest.approx(0.5 + 1 + 1 + 2.5 + 0.3 + of_the_run)


def test_fiscal_equivalence_compares_cost_with_the_useful_hours_not_with_all():
    """Shares in useful hours 3/4 and 1/4, in cost 1/2 and 1/2: half of 1/4 + 1/4 is missing to 1."""
    cells = np.zeros((1, 2, N_COUNTERS))
    cells[0, :, HOURS], cells[0, :, USEFUL] = (50.0, 50.0), (30.0, 10.0)
    record = SimpleNamespace(
        cells_by_place=cells, net_cost_by_place=np.array([[4.0, 1.0]]), levied=np.array([[0.0, 3.0]]),
        year_sum=lambda values: values,
    )  # fmt: skip
    assert _COMPUTE["fiscal_equivalence"](record).tolist() == pytest.approx([0.75])
