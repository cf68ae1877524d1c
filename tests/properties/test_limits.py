"""What the extremes force: perfect cooperation, one body per cell, hours without limit, nobody arriving."""

from __future__ import annotations

import numpy as np
import pytest
from kreislauf.model.responsibility import RULES
from kreislauf.model.services import DUPLICATED, LAPSED, OPEN, SERVED, UNHELD, WAIT

from ..worlds import EVERY_TASK, Watched, run, small, structure, without_arrivals
from .strategies import loaded, scarce_region, small_region

ALL_NOTICED = {"trust_weight": 0.0, "confusion_weight": 0.0}
VARIANTS = {rule: ("status_quo" if rule == "parallel" else rule) for rule in sorted(RULES)}
every_rule = pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS.keys())


def cooperate(q):
    def watcher(model):
        model.coordination.q[:] = q

    return watcher


def total(model):
    return model.recorder.counters.sum(axis=0)


def duplicated_hours(q, *, variant="status_quo", **parameters):
    hours = []
    model = Watched(
        small_region(), variant, months=12, rng=2, parameters=parameters,
        watch={"before_responsibility": cooperate(q), "service": lambda m: hours.append(total(m))},
    ).run()  # fmt: skip
    return np.array(hours), model


@every_rule
def test_bodies_that_work_together_perfectly_lose_no_hour_to_overlap(variant):
    hours, _ = duplicated_hours(1.0, variant=variant)
    assert hours[:, DUPLICATED].sum() == 0.0


def test_isolated_bodies_lose_hours_to_overlap_in_the_same_world():
    hours, _ = duplicated_hours(0.0)
    assert hours[:, DUPLICATED].sum() > 10.0


def test_where_detection_is_perfect_every_further_file_is_found_within_a_month():
    there, found = [], []

    def before(model):
        model.coordination.q[:] = 1.0
        files = model.casework.cases.n_files[: model.casework.n_cases]
        there.append(int(np.maximum(files - 1, 0).sum()))

    Watched(
        scarce_region(), "status_quo", months=12, rng=2, parameters={"detection": 1.0, "held_notice": 1.0},
        watch={"before_responsibility": before, "responsibility": lambda m: found.append(int(m.recorder.stats[3]))},
    ).run()  # fmt: skip
    assert sum(there) > 20
    assert found == there


def alone(hours=300.0):
    """One body per cell: a school for courses, an office for everything else."""
    rest = EVERY_TASK.replace("language_course;", "")
    rows = [
        structure("office", "district", rest, hours=hours),
        structure("school", "provider", "language_course", hours=hours),
    ]
    return loaded(small(structures=rows))


@every_rule
def test_one_structure_per_cell_never_duplicates(variant):
    hours = []

    def service(model):
        hours.append((model.cells.bodies.max(), total(model)[DUPLICATED], model.recorder.stats[4]))

    model = Watched(alone(), variant, months=24, rng=5, watch={"service": service})
    model.politics.instruments = {}  # nobody adds a post
    model.politics.plan = lambda month: 0.0
    model.run()
    assert hours == [(1, 0.0, 0.0)] * 24
    summary = model.results().summary
    assert summary["duplication_share"] == 0.0
    assert summary["overlap_share"] == 0.0
    assert summary["cases_served"] > 50


def seen_by_all(hours):
    """Every town has one body for everything, at home, so that it notices each case at once."""
    row = structure(
        "town_hall", "municipality", catchment="each", hours=hours, visibility_factor=5, payers="municipality:1"
    )
    return loaded(small(structures=[row]))


@every_rule
def test_hours_without_limit_leave_no_operational_gap_where_everything_is_noticed(variant):
    gaps = []
    parameters = ALL_NOTICED | {"hand_over_loss": 0.0}
    model = Watched(
        seen_by_all(1e7), variant, months=24, rng=5, parameters=parameters,
        watch={"service": lambda m: gaps.append(total(m))},
    ).run()  # fmt: skip
    over_all = np.array(gaps).sum(axis=0)
    assert over_all[SERVED] > 100
    assert over_all[UNHELD] == over_all[LAPSED] == 0.0
    if variant not in ("intermunicipal", "community"):  # passing on within the pool and the conference take a month
        assert over_all[OPEN] == over_all[WAIT] == 0.0
    assert not model.results().summary["operational_gap_share"] > 0.0


@pytest.mark.parametrize("hours", [5.0, 1e7])
def test_a_gap_is_a_matter_of_hours_where_everything_is_noticed(hours):
    model = Watched(
        seen_by_all(hours), "status_quo", months=24, rng=5, parameters=ALL_NOTICED, watch={}
    ).run()  # fmt: skip
    assert (model.casework.n_cases > 0) == (hours < 100)


def test_without_anybody_to_serve_nothing_is_spent_but_the_posts_that_exist():
    region = loaded(without_arrivals(small()))
    model = run(region, months=36)
    assert len(model.households.table) == 0
    flows = model.results().flows
    integration = flows[flows["instrument"] != "general_budget"]
    assert set(integration["purpose"]) == {"structures"}
    posts = region.structures.set_index("id")
    active = {
        name: sum(1 for m in range(36) if row.start_month <= m <= row.end_month) for name, row in posts.iterrows()
    }
    expected = sum(round(posts.monthly_cost_eur[name] * 100) * months for name, months in active.items())
    assert integration["cents"].sum() == expected
    summary = model.results().summary
    assert [summary[name] for name in ("persons", "cases_opened", "cases_served", "unmet_hours")] == [0.0] * 4
    assert summary["own_budget.applications"] == 0.0


def test_people_who_arrive_cost_money_in_the_same_world():
    flows = run(small_region(), months=12).results().flows
    assert {"asylum_benefits", "structures", "day_care"} <= set(flows["purpose"])


@pytest.mark.parametrize("table", [True, False])
def test_after_the_last_arrival_no_new_household_is_paid_for(table):
    """With arrivals set to zero by the scenario only the stock of the start is served, and it only shrinks."""
    from kreislauf.model.variant import Scenario

    quiet = Scenario(name="quiet", arrivals_factor=0.0, ukraine_factor=0.0)
    model = run(scarce_region(), scenario=quiet, months=24)
    assert (model.households.table.arrived < 0).all()
    persons = model.datacollector.get_model_vars_dataframe()["persons"].to_numpy()
    assert (np.diff(persons) <= 0).all()
