"""The rules of the district council on the cases that its minutes document."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.model.funding.council import (
    CouncilRules,
    Motion,
    decide,
    district_help,
    next_stage,
    state_grant_left,
)

RULES = CouncilRules()
HALF_POST = 0.5 * 80_500  # the volunteer centre: half a post of 80,500 EUR
COUNSELLING = 71_000 * 0.24  # the part post of 2014 with its deficit of 5,512 EUR


def test_2013_the_volunteer_centre_is_refused_because_twelve_thousand_euros_leave_most_to_the_district():
    decision = decide(Motion(HALF_POST, external_share=12_000 / HALF_POST), RULES)
    assert decision == ("no", "not_fully_funded")


def test_2015_the_same_grant_is_taken_when_the_municipalities_press():
    # Autumn 2014: a third of the cost from the state for three years, and all mayors behind help for refugees.
    decision = decide(Motion(HALF_POST, external_share=12_000 / HALF_POST, pressure=1.0), RULES)
    assert decision == ("yes", "united_pressure")


def test_2017_the_project_gets_two_voluntary_years_and_2019_it_becomes_permanent():
    first = next_stage("project", good_evaluation=True)
    assert first == "extension"
    assert next_stage(first, good_evaluation=True) == "permanent"
    assert next_stage("project", good_evaluation=False) is None
    assert next_stage("permanent", good_evaluation=False) == "permanent"


def test_july_2014_the_deficit_of_the_counselling_is_refused_and_in_october_all_mayors_turn_it_around():
    deficit = 5512 / COUNSELLING
    assert district_help(deficit, material_share=0.063, deducted=False, pressure=0.4, rules=RULES) == 0.0
    assert district_help(deficit, material_share=0.063, deducted=False, pressure=1.0, rules=RULES) == deficit


def test_2015_the_education_coordination_is_taken_only_when_the_federation_pays_all_of_the_pay():
    assert decide(Motion(92_500, external_share=69_000 / 92_500), RULES) == ("yes", "fully_funded")
    assert decide(Motion(92_500, external_share=0.8 * 69_000 / 92_500), RULES).answer == "no"


def test_2018_the_integration_guide_with_sixty_thousand_of_eighty_is_taken():
    assert decide(Motion(80_500, external_share=60_000 / 80_500), RULES)


def test_2016_a_contribution_to_pay_is_taken_off_the_state_grant_so_only_material_cost_is_paid():
    assert state_grant_left(118_000, 11_100, deducted=True) == 106_900
    assert state_grant_left(118_000, 11_100, deducted=False) == 118_000
    assert district_help(0.27, material_share=0.063, deducted=True, pressure=1.0, rules=RULES) == 0.063
    assert pytest.approx(11_100, rel=0.01) == 0.063 * 176_000


def test_2019_the_council_asks_for_a_list_of_projects_first_and_decides_at_the_next_session():
    rules = CouncilRules(least_overview=0.2)
    motion = Motion(92_500, external_share=1.0, overview=0.1)
    assert decide(motion, rules) == ("later", "no_overview")
    assert decide(Motion(92_500, external_share=1.0, overview=0.1, asked_before=True), rules)
    assert decide(Motion(92_500, external_share=1.0, overview=0.3), rules)


def test_2016_a_role_of_a_thousand_euros_a_year_passes_without_any_grant():
    assert decide(Motion(1000), RULES) == ("yes", "honorary")
    assert not decide(Motion(1001), RULES)


@given(st.floats(1001, 1e6), st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.3))
def test_more_money_from_outside_or_more_pressure_never_turns_a_yes_into_a_no(cost, share, pressure, more):
    if decide(Motion(cost, share, pressure), RULES):
        assert decide(Motion(cost, min(1.0, share + more), pressure), RULES)
        assert decide(Motion(cost, share, min(1.0, pressure + more)), RULES)
