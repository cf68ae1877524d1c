"""Random numbers drawn several at a time are those drawn one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.agents.jit import rule
from kreislauf.model.lanes import PAIRS, eight_case_uniforms, eight_cases_below, four_uniforms, lowest_bit
from kreislauf.model.rng import case_uniforms, uniforms

SEEDS, WORDS = st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1)
IDENTITIES, MONTHS = st.integers(0, 2**63 - 1), st.integers(-300, 2000)


@given(SEEDS, st.integers(1, 7), IDENTITIES, MONTHS, st.tuples(WORDS, WORDS, WORDS, WORDS))
def test_four_purposes_at_once_give_the_numbers_of_each_alone(seed, stream, identity, month, purposes):
    found = four_uniforms(seed, stream, identity, month, *purposes)
    alone = [number for purpose in purposes for number in uniforms(seed, stream, identity, month, purpose)]
    assert list(found) == alone


@rule
def lowest_of(bits):
    """Call the compiled form, which only compiled code can."""
    return lowest_bit(bits)


EIGHT = st.lists(st.integers(0, 2**31 - 1), min_size=3 * PAIRS, max_size=3 * PAIRS)
FIRST, TASKS = st.integers(0, 2 * PAIRS), st.integers(0, 200)


@given(SEEDS, EIGHT, FIRST, IDENTITIES, MONTHS, TASKS)
def test_eight_structures_at_once_give_the_numbers_of_each_alone(seed, structures, first, household, month, task):
    out = np.full(4 * PAIRS + 1, -1.0)
    eight_case_uniforms(seed, np.array(structures, np.int64), first, household, month, task, out)
    for lane in range(PAIRS):
        found = tuple(out[PAIRS * number + lane] for number in range(4))
        assert found == case_uniforms(seed, structures[first + lane], household, month, task)
    assert out[-1] == -1.0


@given(SEEDS, EIGHT, FIRST, IDENTITIES, MONTHS, TASKS, st.floats(0, 1), st.floats(0, 1), st.integers(0, 40))
def test_those_below_a_line_are_those_whose_number_alone_is_below_it(
    seed, structures, first, household, month, task, slope, level, at
):
    out, values = np.full(at + PAIRS + 1, -1.0), np.linspace(0.0, 1.0, 3 * PAIRS)
    names = np.array(structures, np.int64)
    bits = eight_cases_below(seed, names, values, first, household, month, task, slope, level, out, at)
    for lane in range(PAIRS):
        alone = case_uniforms(seed, structures[first + lane], household, month, task)[0]
        assert out[at + lane] == alone
        assert bool(bits >> lane & 1) == (alone < slope * values[first + lane] + level)
    assert bits < 2**PAIRS
    assert (out[:at] == -1.0).all()
    assert out[-1] == -1.0


@given(st.integers(1, 2**62))
def test_the_lowest_bit_is_the_one_below_which_all_are_zero(bits):
    at = lowest_of(bits)
    assert bits >> at & 1
    assert bits % 2**at == 0
