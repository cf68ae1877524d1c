"""Nothing is decided in advance: without effects of coordination the six rules give the same lives and services."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kreislauf.agents.integration.codes import MAX_ADULTS
from kreislauf.model.responsibility import RULES

from ..worlds import run as run_world
from ..worlds import same_bits, small
from .strategies import SEEDS, loaded, regions, scarce_region, small_region, variants

# Nobody keeps to the rule, nobody comes closer to anybody, and meetings take no time from cases: all within the ranges.
NO_EFFECT = {
    "adherence_start": 0.0,
    "adherence_most": 0.0,
    "cooperation_gain": 0.0,
    "register_gain": 0.0,
    "meeting_cost_share": 0.0,
}
OTHERS = sorted(set(RULES) - {"parallel"})
# What a rule still changes: the hours of meetings and upkeep.
ON_PAPER = {"coordination_hours", "coordination_cost", "coordination_share"}
# Pooling alliances also have bodies on paper in their members' places.
POOLED = ON_PAPER | {"structural_gap_share", "overlap_share"}


def lives(model):
    h = model.households
    return h.table, h.adults, model.casework.cases[: model.casework.n_cases]


def differing(a, b):
    return {name for name in a if not (a[name] == b[name] or (np.isnan(a[name]) and np.isnan(b[name])))}


@pytest.mark.parametrize("rule", OTHERS)
@pytest.mark.parametrize("region", [small_region, scarce_region])
def test_without_effects_of_coordination_a_rule_changes_only_what_it_costs(rule, region):
    base = run_world(region(), "status_quo", months=36, parameters=NO_EFFECT)
    other = run_world(region(), rule, months=36, parameters=NO_EFFECT)
    for mine, theirs in zip(lives(base), lives(other), strict=True):
        assert same_bits(mine, theirs)
    one, two = base.results(), other.results()
    assert differing(one.summary, two.summary) <= (POOLED if rule == "intermunicipal" else ON_PAPER)
    pd.testing.assert_frame_equal(one.flows, two.flows)
    pd.testing.assert_frame_equal(one.structures, two.structures)
    served = ["task", "municipality", "group", "opened", "served", "lapsed", "hours", "duplicated_hours"]
    pd.testing.assert_frame_equal(one.cells[served], two.cells[served])


@pytest.mark.parametrize("rule", OTHERS)
def test_with_effects_of_coordination_every_rule_changes_lives(rule):
    base = run_world(scarce_region(), "status_quo", months=36)
    other = run_world(scarce_region(), rule, months=36)
    assert not same_bits(lives(base)[0], lives(other)[0])


@pytest.mark.parametrize("rule", ["community", "lead_agency", "intermunicipal"])
def test_what_meetings_and_upkeep_cost_still_differs(rule):
    base = run_world(small_region(), "status_quo", months=12, parameters=NO_EFFECT).results().summary
    other = run_world(small_region(), rule, months=12, parameters=NO_EFFECT).results().summary
    assert other["coordination_hours"] > base["coordination_hours"]


def test_without_wishes_all_instruments_give_the_same_results():
    """Where every need is met nobody asks for a post, so the instruments cannot matter."""
    rich = small(arrivals=0.1)
    rich.scale("structures", ["hours_per_month"], 50.0)
    region = loaded(rich)
    results = {
        name: run_world(region, name, months=18, parameters={"least_post_hours": 30.0}).results()
        for name in ("status_quo", "crowdfunding", "regional_budget")
    }
    applications = [sum(v for k, v in r.summary.items() if k.endswith(".applications")) for r in results.values()]
    assert applications == [0.0] * 3
    cells = [r.cells for r in results.values()]
    for other in cells[1:]:
        pd.testing.assert_frame_equal(cells[0], other)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(regions(), variants(), SEEDS, st.integers(6, 18))
def test_a_variant_compared_with_itself_differs_by_exactly_zero(region, variant, seed, months):
    one = run_world(region, variant, months=months, seed=seed).results()
    two = run_world(region, variant.renamed("again"), months=months, seed=seed).results()
    assert one.fingerprint() == two.fingerprint()
    assert differing(one.summary, two.summary) == set()


FIXED = (
    "identity", "district", "arrived", "origin", "n_adults", "n_children", "vulnerable", "finds_flat_easily",
    "child_born", "kita_rank",
)  # fmt: skip
FIXED_OF_ADULTS = ("present", "female", "education", "vocation", "literacy", "born", "talent")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(variants(), variants(), SEEDS)
def test_every_variant_of_a_seed_sees_the_same_people_in_the_same_months(first, second, seed):
    one, two = (run_world(scarce_region(), variant, months=15, seed=seed).households for variant in (first, second))
    assert one.n == two.n
    assert len(set(one.table.identity.tolist())) == len(one.table), "an identity stands for one household"
    for name in FIXED:
        assert same_bits(np.ascontiguousarray(one.table[name]), np.ascontiguousarray(two.table[name])), name
    for name in FIXED_OF_ADULTS:
        assert same_bits(np.ascontiguousarray(one.adults[name]), np.ascontiguousarray(two.adults[name])), name
    assert len(one.adults) == MAX_ADULTS * len(one.table)


def test_another_seed_brings_other_people():
    one, two = (run_world(small_region(), months=1, seed=seed).households.table for seed in (1, 2))
    assert not same_bits(one[: min(len(one), len(two))]["n_children"], two[: min(len(one), len(two))]["n_children"])
