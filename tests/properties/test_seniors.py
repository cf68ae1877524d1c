"""The field `seniors`, alone and beside `integration`: what is conserved, what extremes force, what changes nothing."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from kreislauf.agents.codes import HERE, LEFT
from kreislauf.agents.seniors.codes import ABSENT, AT_HOME, DEAD, IN_CARE_HOME, MEETING_PLACE
from kreislauf.agents.seniors.household import SeniorHousehold
from kreislauf.model.region import in_field, load_region
from kreislauf.model.services import OPEN, UNHELD
from kreislauf.model.variant import Variant, load_variant

from ..worlds import Watched, permuted, run, same_bits, small
from .strategies import loaded, small_region

BOTH = "integration,seniors"


@cache
def old(months: int = 18, variant: str = "status_quo", seed: int = 2):
    return run(small_region(), variant, months=months, seed=seed, field="seniors")


def test_every_person_is_at_home_in_a_care_home_or_dead():
    model = old()
    people = model.people[0]
    where = people.persons.where[: 2 * people.n]
    assert set(np.unique(where)) == {ABSENT, AT_HOME, IN_CARE_HOME, DEAD}
    assert (where != ABSENT).sum() == people.persons_of().sum()
    home = (where.reshape(-1, 2) == AT_HOME).any(axis=1)
    stay = people.table.stay[: people.n]
    assert (home == (stay == HERE)).all()
    assert set(stay[~home]) == {LEFT}
    counts = dict(zip(people.counts, model.recorder.counts[0].sum(axis=0), strict=True))
    assert counts["persons"] == (where == AT_HOME).sum()
    assert counts["grade_care_home"] + counts["high_grade_care_home"] == (where == IN_CARE_HOME).sum()
    moved = np.array(model.recorder.by_place)[:, :, model.recorder.columns["moved"]].sum()
    left = people.persons.left_at[: 2 * people.n]
    assert moved == ((left >= 0) & (left <= model.month)).sum() > 0


def test_accounts_hold_nothing_in_sum_and_care_is_paid_by_insurance_and_bezirk():
    flows = old().results().flows
    assert old().ledger.total() == 0
    law = flows[flows["purpose"].isin(["benefit_grade_home", "support_care_home", "support_home"])]
    payers = law.groupby("purpose", observed=True)["payer"].agg(lambda names: set(map(str, names))).to_dict()
    assert payers["benefit_grade_home"] == {"care_insurance"}
    assert payers["support_care_home"] == {"bezirk"}
    assert payers["support_home"] == {"district:09473"}, "help for care at home is the district's until 2018"


def test_no_body_works_more_hours_than_it_has():
    seen = []

    def check(model):
        spent = np.concatenate(model.recorder._spent, axis=1).sum(axis=1)
        seen.append((spent + model.casework.extra_hours <= model.casework.capacity + 1e-6).all())

    Watched(small_region(), "status_quo", months=9, rng=1, field=BOTH, watch={"service": check}).run()
    assert seen == [True] * 9


def test_a_variant_against_itself_differs_by_nothing_and_another_differs():
    same = run(small_region(), load_variant("status_quo").renamed("again"), months=18, seed=2, field="seniors")
    assert same.results().fingerprint() == old().results().fingerprint()
    assert old(variant="community").results().fingerprint() != old().results().fingerprint()


def test_the_order_of_municipalities_in_the_file_does_not_matter():
    tables = small()
    order = list(range(len(tables.csv["municipalities"])))
    random.Random(3).shuffle(order)
    both = (tables, permuted(tables, {"municipalities": order}))
    one, two = (run(loaded(t), months=12, seed=4, field="seniors") for t in both)
    a, b = (m.results().monthly.astype({"scope": str, "indicator": str}) for m in (one, two))
    keys = ["month", "scope", "indicator"]
    pd.testing.assert_frame_equal(
        a.sort_values(keys, ignore_index=True), b.sort_values(keys, ignore_index=True), rtol=1e-7, atol=1e-9
    )


def test_without_onset_of_need_nobody_needs_care_and_nobody_pays_for_it():
    model = run(small_region(), months=12, field="seniors", parameters={"senior_onset_factor": 0.0})
    opened = model.results().cells.groupby("task", sort=False)["opened"].sum()
    assert opened.drop("meeting_place").sum() == 0, "only loneliness needs no onset of need"
    assert opened["meeting_place"] > 0
    flows = model.results().flows
    assert not flows["purpose"].isin(["benefit_grade_home", "support_home", "support_care_home"]).any()


def test_hours_without_limit_leave_no_operational_gap_where_everything_is_noticed():
    region = in_field(small_region(), "seniors")
    rows = region.structures.assign(hours_per_month=1.0e6, visibility_factor=5.0)
    seen = {"trust_weight": 0.0, "confusion_weight": 0.0, "notice_distance_km": 120.0}
    model = run(replace(region, structures=rows), months=9, parameters=seen)
    counters = model.recorder.cells_total
    assert counters[:, OPEN].sum() > 0
    assert counters[:, UNHELD].sum() == 0


SCRIPT = """
import sys, hashlib
from kreislauf.model.integration_model import IntegrationModel
model = IntegrationModel(sys.argv[1], "lead_agency", months=3, rng=5, field=sys.argv[2], record_households=True).run()
print(model.results().fingerprint(), [hashlib.sha256(p.table.tobytes()).hexdigest() for p in model.people])
"""


@pytest.mark.parametrize("field", ["seniors", BOTH])
def test_plain_python_gives_the_same_bits_as_compiled_code(field, tmp_path):
    folder = small(arrivals=0.1, keys=("09473112",)).write(tmp_path / "small")
    found = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(folder), field], capture_output=True, text=True, check=True, timeout=500,
            env=os.environ | more,
        ).stdout
        for more in ({}, {"NUMBA_DISABLE_JIT": "1", "PYTHONWARNINGS": "error::RuntimeWarning"})
    ]  # fmt: skip
    assert found[0] == found[1]


def test_a_step_of_every_household_agent_is_the_compiled_month_of_all():
    model = run(small_region(), months=3, seed=1, field="seniors")
    people = model.people[0]
    model.month += 1
    before = people.table.copy(), people.persons.copy()
    people.live(model.month)
    after = people.table.copy(), people.persons.copy()
    people.table[:], people.persons[:] = before
    agents = list(model.agents_by_type[SeniorHousehold])
    assert len(agents) == people.here.sum()
    for agent in reversed(agents):
        agent.step()
    mine = people.here  # households that are wholly in care homes have no agent
    assert same_bits(np.asarray(people.table[: people.n][mine]), np.asarray(after[0][: people.n][mine]))
    assert (np.asarray(before[0]) != np.asarray(after[0])).sum() > 100, "the month changed nobody"


# ---- two fields at once ------------------------------------------------------------------------------------------


def without_helpers(region, field):
    both = in_field(region, field)
    return replace(both, structures=both.structures[both.structures["owner"] != "helpers"])


def test_fields_that_share_nothing_are_the_sum_of_each_alone():
    """Other bodies, no helpers, no rounds, no posts decided, no hours spent on applications of the other field yet
    (they come in the fourth month): every cell is as in the field alone.
    """
    variant = Variant(name="mine", rounds_per_year=0)
    together = run(without_helpers(small_region(), BOTH), variant, months=3, seed=3)
    assert len(together.register) == len(together.region.structures), "no post has been created yet"
    cells, cost = together.results().cells, 0.0
    for field in ("integration", "seniors"):
        alone = run(without_helpers(small_region(), field), variant, months=3, seed=3)
        own = alone.results().cells
        mine = cells[cells["task"].isin(alone.field.task_ids) & cells["group"].isin(alone.field.groups)]
        pd.testing.assert_frame_equal(mine.reset_index(drop=True), own.reset_index(drop=True))
        assert own["opened"].sum() > 30
        others = cells[cells["task"].isin(alone.field.task_ids) & ~cells["group"].isin(alone.field.groups)]
        assert others["opened"].sum() == 0, "a field serves nobody of another one"
        cost += alone.results().summary["total_cost"]
    assert together.results().summary["total_cost"] == pytest.approx(cost)


def test_helpers_of_one_pool_are_missing_in_the_other_field():
    scarce = {"helper_pool_share": 0.005}
    both, one, two = (
        run(small_region(), months=12, seed=1, field=f, parameters=scarce) for f in (BOTH, "integration", "seniors")
    )
    joint = both.results().summary
    for field, alone in (("integration", one), ("seniors", two)):
        assert joint[f"{field}_helpers"] < alone.results().summary["helpers"]


def test_euros_and_hours_of_the_fields_add_up_to_those_of_the_region():
    model = run(small_region(), load_variant("regional_budget"), months=30, seed=2, field=BOTH)
    found = model.results()
    for name in ("case_post_cost", "served_hours"):
        parts = [found.summary[f"{field}_{name}"] for field in ("integration", "seniors")]
        assert min(parts) > 0
        assert sum(parts) == pytest.approx(found.summary[name])
    # What is left of the ledger's payments for bodies is for steering and for those who look after helpers.
    paid = found.flows.loc[found.flows["purpose"] == "structures", "cents"].sum() / 100
    tasks = set(model.field.task_ids)
    first, end = model.region.start_month, model.region.start_month + 30
    support = sum(
        s.cost_cents / 100 * max(0, min(s.end, end) - max(s.start, first))
        for s in model.register.structures if not tasks & set(s.tasks)
    )  # fmt: skip
    assert found.summary["case_post_cost"] + support == pytest.approx(paid)


def test_a_founded_post_says_what_it_costs_and_who_bears_it():
    table = run(load_region("coburg"), load_variant("regional_budget"), months=48, seed=2).results().structures
    founded = table[table["structure"].str.contains("/")]
    assert len(founded) > 3
    assert (founded["cost_cents_per_month"] > 0).all()
    for payers in founded["payers"]:
        assert sum(float(part.rpartition("=")[2]) for part in payers.split(";")) == pytest.approx(1.0)
    granted = founded[founded["instrument"] == "regional_budget"]
    assert len(granted)
    assert granted["payers"].str.startswith("fund:regional_budget").all()


def test_each_field_comes_first_in_every_other_month():
    model = run(small_region(), months=2, field=BOTH)
    assert [desk.number for desk in model.casework.in_turn(4)] == [0, 1]
    assert [desk.number for desk in model.casework.in_turn(5)] == [1, 0]
    assert model.results().summary["persons"] == pytest.approx(
        sum(run(small_region(), months=2, field=f).results().summary["persons"] for f in ("integration", "seniors"))
    )


def test_a_meeting_place_serves_who_is_not_housebound():
    model = old()
    desk = model.casework.desks[0]
    cases = desk.cases[: desk.n_cases]
    there = cases[cases.task == MEETING_PLACE]
    assert len(there) > 0
