"""Rows of the input files are labels: another order permutes the results; two copies of a region double them."""

from __future__ import annotations

import random
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kreislauf.model.measures import MEASURES
from kreislauf.model.responsibility import RULES

from ..worlds import DISTRICT, TWIN, coburg, original, permuted, run, small, twin_identities, twins
from .strategies import SEEDS, loaded

SLOW = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
VARIANTS = st.sampled_from([("status_quo" if rule == "parallel" else rule) for rule in sorted(RULES)])
SHUFFLED = ("municipalities", "structures", "adjacency", "population", "alliances", "programmes", "finances", "labour")


@cache
def scarce_tables():
    tables = small(arrivals=0.3)
    tables.scale("structures", ["hours_per_month"], 0.2)
    return tables


def shuffled(tables, dice):
    orders = {}
    for name in SHUFFLED:
        rows = list(range(len(tables.csv[name])))
        dice.shuffle(rows)
        orders[name] = rows
    return permuted(tables, orders)


def by_household(model):
    """Return the households' table with places by key, which do not depend on the order of rows."""
    frame = model.results().households.drop(columns=["trust", "confusion"])
    return frame.sort_values("identity", ignore_index=True)


def sorted_frame(frame, *keys):
    return frame.sort_values(list(keys), ignore_index=True)


def same_results(one, two):
    """Compare two runs by key: counts and cents exactly, sums of hours to rounding."""
    pd.testing.assert_frame_equal(by_household(one), by_household(two), rtol=1e-9)
    a, b = one.results(), two.results()
    keys = ["month", "payer", "payee", "purpose", "instrument"]
    pd.testing.assert_frame_equal(sorted_frame(a.flows, *keys), sorted_frame(b.flows, *keys))
    keys = ["task", "municipality", "group"]
    pd.testing.assert_frame_equal(sorted_frame(a.cells, *keys), sorted_frame(b.cells, *keys), rtol=1e-9)
    columns = ["structure", "owner", "hours_per_month", "start", "end", "instrument"]
    pd.testing.assert_frame_equal(
        sorted_frame(a.structures[columns], "structure"), sorted_frame(b.structures[columns], "structure"), rtol=1e-9
    )
    monthly = [
        sorted_frame(r.monthly.astype({"scope": str, "indicator": str}), "month", "scope", "indicator") for r in (a, b)
    ]
    pd.testing.assert_frame_equal(*monthly, rtol=1e-7, atol=1e-9)


@SLOW
@given(st.randoms(use_true_random=False), VARIANTS, SEEDS)
def test_the_order_of_rows_in_the_input_files_does_not_matter(dice, variant, seed):
    tables = scarce_tables()
    one, two = (run(loaded(t), variant, months=18, seed=seed) for t in (tables, shuffled(tables, dice)))
    same_results(one, two)


@pytest.mark.parametrize(
    "variant", ["status_quo", "community", "regional_budget", "municipal_association", "crowdfunding"]
)
def test_the_order_of_rows_in_the_files_of_coburg_does_not_matter(variant):
    tables = coburg()
    one, two = (run(loaded(t), variant, months=24, seed=4) for t in (tables, shuffled(tables, random.Random(7))))
    same_results(one, two)


# ---- doubling ---------------------------------------------------------------------------------------------------

EXTENSIVE = {name for name, measure in MEASURES.items() if measure.unit in ("persons", "hours", "cases", "EUR", "FTE")}
# A count of distinct bodies doubles with them, its inverse halves; the mean over all pairs of actors has new pairs.
BODIES = {"effective_bodies": 2.0, "concentration": 0.5}
PAIRS = {"cooperation"}


def pair(tables, variant, *, months=24, seed=1, **more):
    one = run(loaded(tables), variant, months=months, seed=seed, **more)
    with twin_identities():
        two = run(loaded(twins(tables)), variant, months=months, seed=seed, **more)
    return one, two


@pytest.mark.parametrize("seed", [1, 8])
@pytest.mark.parametrize(
    "variant",
    ["status_quo", "subsidiarity", "district_lead", "lead_agency", "intermunicipal", "community", "crowdfunding",
     "municipal_association", "regional_budget", "regional_fund"],
)  # fmt: skip
def test_two_copies_of_a_region_double_every_extensive_measure_and_keep_the_others(variant, seed):
    one, two = pair(scarce_tables(), variant, seed=seed)
    single, double = one.results().summary, two.results().summary
    wrong = {}
    for name in [name for name in MEASURES if name in single]:
        factor = 2.0 if name in EXTENSIVE else BODIES.get(name, 1.0)
        if name not in PAIRS and double[name] != pytest.approx(factor * single[name], rel=1e-6, nan_ok=True):
            wrong[name] = (single[name], double[name])
    assert not wrong


@pytest.mark.parametrize("variant", ["status_quo", "lead_agency"])
def test_every_household_of_a_twin_lives_the_life_of_its_original(variant):
    one, two = pair(scarce_tables(), variant)
    single, double = by_household(one), two.results().households
    both = double.assign(district=[key[:5] for key in double["municipality"]])
    for district in (DISTRICT, TWIN):
        mine = both[both["district"] == district].drop(columns=["district", "trust", "confusion"])
        mine["municipality"] = [original(key) for key in mine["municipality"]]
        pd.testing.assert_frame_equal(mine.sort_values("identity", ignore_index=True), single, rtol=1e-9)


def test_every_flow_of_the_twin_is_the_flow_of_its_original_to_the_cent():
    one, two = pair(scarce_tables(), "status_quo")
    keys = ["month", "payer", "payee", "purpose", "instrument"]
    single, double = one.results().flows, two.results().flows
    double = double.assign(payer=[original(n) for n in double["payer"]], payee=[original(n) for n in double["payee"]])
    single = single.groupby(keys, observed=True)["cents"].sum().sort_index() * 2
    double = double.groupby(keys, observed=True)["cents"].sum().sort_index()
    assert set(single.index) == set(double.index)
    # The Bezirk's levy and other sums of several payers are rounded once per region: a cent each.
    assert np.abs(single - double).max() <= 2
