"""Helpers' hours follow from the helpers there are, from the first month on."""

from __future__ import annotations

import pytest
from kreislauf.agents.volunteers import WEEKS_PER_MONTH, VolunteerNetwork, case_hours, helpers_after_a_month

from ..properties.strategies import small_region
from ..worlds import Watched

SAME = {"join_months": 6.0, "exit_hazard": 0.04, "coordinated_ratio": 0.5}


def test_every_month_the_hours_of_a_network_are_those_of_its_helpers():
    expected = {}

    def before(model):
        p = model.parameters
        for network in model.agents_by_type[VolunteerNetwork]:
            hours = network.helpers * p.helper_hours * WEEKS_PER_MONTH * p.helper_case_share
            matched = network.coordinated + (1.0 - network.coordinated) * p.helper_uncoordinated_work
            expected[network.structure] = hours * matched

    def after(model):
        for structure, hours in expected.items():
            assert model.casework.capacity[structure] == pytest.approx(hours)

    Watched(
        small_region(), months=4, rng=1, watch={"before_responsibility": before, "responsibility": after}
    ).run()  # fmt: skip
    assert len(expected) == 3
    assert max(expected.values()) > 0


def test_helpers_come_towards_what_the_wave_calls_for_and_leave_by_their_hazard():
    assert helpers_after_a_month(0.0, 120.0, 0.0, **SAME) == pytest.approx(120.0 / 6)
    assert helpers_after_a_month(100.0, 0.0, 0.0, **SAME) == pytest.approx(96.0)
    assert helpers_after_a_month(100.0, 0.0, 1.0, **SAME) == pytest.approx(98.0)


def test_helpers_won_by_another_field_come_to_this_one_no_more():
    assert helpers_after_a_month(0.0, 120.0, 0.0, free=0.25, **SAME) == pytest.approx(5.0)
    assert helpers_after_a_month(100.0, 120.0, 0.0, free=0.0, **SAME) == pytest.approx(96.0)


def test_without_coordination_a_part_of_the_hours_is_lost():
    full = case_hours(10.0, 1.0, weekly=6.0, case_share=0.5, uncoordinated=0.7)
    assert full == pytest.approx(10 * 6 * 52 / 12 * 0.5)
    assert case_hours(10.0, 0.0, weekly=6.0, case_share=0.5, uncoordinated=0.7) == pytest.approx(0.7 * full)
