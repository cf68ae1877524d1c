"""Helpers' hours follow from the helpers there are, from the first month on."""

from __future__ import annotations

import dataclasses

import pytest
from kreislauf.agents.volunteers import WEEKS_PER_MONTH, VolunteerNetwork, case_hours, helpers_after_a_month
from kreislauf.model.field import load_field
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.region import load_region
from kreislauf.model.region_register import register_from_region

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


@pytest.mark.parametrize("share", [0.0, 0.33, 0.6])
def test_an_hour_for_helpers_is_no_hour_for_cases(share):
    """Caritas has cases and helpers, the commissioner only helpers and steering, the youth office only cases."""
    region, field = load_region("coburg"), load_field("integration")
    register = register_from_region(region, field, 0.75, share)
    hours = dict(zip(region.structures["id"], region.structures["hours_per_month"], strict=True))
    looks_after_helpers_only = 0
    for structure, support in zip(register.structures, register.columns["support"], strict=True):
        helpers = "volunteer_support" in structure.tasks
        cases = any(task in field.task_ids for task in structure.tasks)
        assert support == (0.0 if not helpers else share if cases else 1.0)
        looks_after_helpers_only += helpers and not cases
        if "language_course" not in structure.tasks:
            left = 1.0 - (support if cases else 1.0 if helpers else 0.0)
            assert structure.hours == pytest.approx(hours[structure.id] * 0.75 * left)
    assert looks_after_helpers_only


def test_how_many_helpers_a_post_can_look_after_matters():
    coordinated = []
    for each in (200.0, 100.0):
        model = IntegrationModel("coburg", months=18, parameters={"helpers_per_post": each}, rng=1)
        model.run()
        networks = model.helpers.networks
        coordinated.append(float((networks.coordinated * networks.helpers).sum() / networks.helpers.sum()))
    assert coordinated[1] < coordinated[0] <= 1.0


def test_a_field_that_counts_other_purposes_as_support_is_read_anew():
    region, field = load_region("coburg"), load_field("integration")
    other = dataclasses.replace(field, support=(*field.support, "encounter"))
    shares = [register_from_region(region, f, 0.75, 0.33).columns["support"].tolist() for f in (field, other)]
    assert shares[0] != shares[1], "who has only encounter and helpers serves no case there"
