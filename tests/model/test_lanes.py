"""Random numbers drawn several at a time are those drawn one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.model.lanes import PAIRS, eight_case_uniforms, four_uniforms
from kreislauf.model.rng import case_uniforms, uniforms

SEEDS, WORDS = st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1)
IDENTITIES, MONTHS = st.integers(0, 2**63 - 1), st.integers(-300, 2000)


@given(SEEDS, st.integers(1, 7), IDENTITIES, MONTHS, st.tuples(WORDS, WORDS, WORDS, WORDS))
def test_four_purposes_at_once_give_the_numbers_of_each_alone(seed, stream, identity, month, purposes):
    found = four_uniforms(seed, stream, identity, month, *purposes)
    alone = [number for purpose in purposes for number in uniforms(seed, stream, identity, month, purpose)]
    assert list(found) == alone


@given(
    SEEDS, st.lists(st.integers(0, 2**31 - 1), min_size=3 * PAIRS, max_size=3 * PAIRS), st.integers(0, 2 * PAIRS),
    IDENTITIES, MONTHS, st.integers(0, 200), st.integers(0, 40),
)  # fmt: skip
def test_eight_structures_at_once_give_the_numbers_of_each_alone(seed, structures, first, household, month, task, at):
    out = np.full(at + 4 * PAIRS + 1, -1.0)
    eight_case_uniforms(seed, np.array(structures, np.int64), first, household, month, task, out, at)
    for lane in range(PAIRS):
        found = tuple(out[at + PAIRS * number + lane] for number in range(4))
        assert found == case_uniforms(seed, structures[first + lane], household, month, task)
    assert (out[:at] == -1.0).all()
    assert out[-1] == -1.0
