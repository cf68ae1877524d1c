"""What is conserved in every world, under every variant: money, persons, households, cases, hours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kreislauf.agents.codes import HERE, LEFT
from kreislauf.agents.integration.household import MigrantHousehold
from kreislauf.model.cases import MAX_FILES
from kreislauf.model.recorder import REGION_COLUMN
from kreislauf.model.responsibility import RULES
from kreislauf.model.services import LAPSED, OPEN, SERVED

from ..worlds import Watched
from .strategies import SEEDS, regions, scarce_region, variants

WORLDS = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
MONTHS = st.integers(9, 18)


def watched(region, variant, seed, months, **watch):
    return Watched(region, variant, months=months, rng=seed, watch=watch).run()


@WORLDS
@given(regions(), variants(), SEEDS, MONTHS)
def test_all_accounts_together_hold_nothing_at_every_month_end(region, variant, seed, months):
    seen = []
    model = watched(
        region, variant, seed, months, census=lambda m: seen.append((m.ledger.total(), m.ledger.balances.sum()))
    )
    assert seen == [(0, 0)] * months
    flows = model.results().flows
    assert (flows["cents"] > 0).all()
    assert flows["cents"].dtype == np.int64


@WORLDS
@given(regions(), variants(), SEEDS, MONTHS)
def test_balances_are_what_the_flows_say(region, variant, seed, months):
    model = watched(region, variant, seed, months)
    flows = model.results().flows
    net = flows.groupby("payee")["cents"].sum().sub(flows.groupby("payer")["cents"].sum(), fill_value=0)
    held = dict(zip(model.ledger.names, model.ledger.balances.tolist(), strict=True))
    assert {name: int(value) for name, value in net.items() if value} == {name: v for name, v in held.items() if v}


@WORLDS
@given(regions(), variants(), SEEDS, MONTHS)
def test_households_and_persons_that_arrived_are_here_or_left(region, variant, seed, months):
    def check(model):
        h = model.households
        stay = h.table.stay[: h.n]
        assert set(np.unique(stay)) <= {HERE, LEFT}
        persons = h.persons_of()
        assert persons[stay == HERE].sum() + persons[stay == LEFT].sum() == persons.sum()
        assert (h.table.arrived[: h.n] <= model.month).all()
        assert (h.table.arrived[h.n :] > model.month).all(), "a household waits although its month has come"
        by_place = np.bincount(h.table.municipality[: h.n][stay == HERE], weights=persons[stay == HERE])
        counted = model.recorder.by_place[-1][:, 1]
        np.testing.assert_array_equal(counted[: len(by_place)], by_place)
        agents = model.agents_by_type.get(MigrantHousehold, ())
        assert sorted(agent.row for agent in agents) == np.flatnonzero(stay == HERE).tolist()

    model = watched(region, variant, seed, months, census=check)
    stream = region.arrivals
    due = stream[stream["month_index"] <= model.month][["asylum_persons", "ukraine_persons"]].to_numpy().sum()
    due += region.initial["stock_2013_12"]
    # A family that would overshoot is carried over: at most a family of six per stream, and rounding below one person.
    assert due - 2.0 <= model.households.persons_of().sum() <= due + 12.0


@WORLDS
@given(regions(), variants(), SEEDS, MONTHS)
def test_a_case_is_served_or_lapses_or_closes_with_its_need_or_a_departure_or_stays_open(region, variant, seed, months):
    book = {"before": 0, "gone": 0}

    def before_needs(model):
        (work,) = model.casework.desks
        cases = work.cases[: work.n_cases]
        model.households.describe(model.month)
        bits, tasks = model.households.situation[cases.household], model.field.table[cases.task]
        needed = ((bits & tasks.all_of) == tasks.all_of) & ((bits & tasks.none_of) == 0)
        needed &= (tasks.any_of == 0) | ((bits & tasks.any_of) != 0)
        left = model.households.table.stay[cases.household] != HERE
        book["before"] = work.n_cases
        book["gone"] = int((left | ~needed & (tasks.lasting == 0)).sum())

    def service(model):
        opened = model.recorder.opened.sum()
        counters = model.recorder.counters
        ended = counters[:, SERVED].sum() + counters[:, LAPSED].sum()
        (work,) = model.casework.desks
        assert work.n_cases == book["before"] + opened - book["gone"] - ended
        assert counters[:, OPEN].sum() == work.n_cases

    def census(model):
        (work,), h = model.casework.desks, model.households
        cases = work.cases[: work.n_cases]
        pairs = {(int(c.household), int(c.task)) for c in cases}
        assert len(pairs) == work.n_cases, "two open cases of one household and task"
        bits = h.table.open_tasks[: h.n]
        here = h.table.stay[: h.n] == HERE
        flagged = {(int(i), k) for i in np.flatnonzero(here) for k in range(len(work.tasks)) if (int(bits[i]) >> k) & 1}
        assert pairs == flagged, "the household's open tasks are not its open cases"

    watched(region, variant, seed, months, before_needs=before_needs, service=service, census=census)


@WORLDS
@given(regions(), variants(), SEEDS, MONTHS)
def test_files_are_held_by_bodies_of_the_cell_and_nobody_holds_two_of_one_case(region, variant, seed, months):
    def check(model):
        work, cells = model.casework, model.cells
        active = model.register.active(model.month)
        for case in work.cases[: work.n_cases]:
            held = [int(s) for s in case.files[: case.n_files]]
            assert len(set(held)) == len(held) <= MAX_FILES
            allowed = cells.structure[cells.start[case.cell] : cells.start[case.cell + 1]]
            assert set(held) <= set(allowed.tolist())
            assert active[held].all()

    watched(region, variant, seed, months, responsibility=check)


def hours_conserved(model):
    """Check that no structure spends more on cases, intake and hand-overs than its hours less meetings."""
    work, register = model.casework, model.register
    actors = register.columns["actor"]
    worked = np.concatenate(model.recorder._spent, axis=1).sum(axis=1)
    meetings = np.zeros(len(register.actors))
    meetings[: len(model._meeting_hours)] = model._meeting_hours
    own = np.bincount(actors, weights=work.capacity, minlength=len(meetings))
    part = np.divide(work.capacity, own[actors], out=np.zeros(len(actors)), where=own[actors] > 0)
    for_cases = np.maximum(work.capacity - part * meetings[actors] * model.parameters.meeting_cost_share, 0.0)
    over = worked + work.extra_hours - for_cases
    s = int(np.argmax(over))
    assert over[s] <= 1e-9, f"{register.structures[s].id} spends {over[s]:.2f} h more than its {for_cases[s]:.2f} h"
    assert (worked >= 0).all()
    figures = model.recorder.region
    assert figures[REGION_COLUMN["worked_hours"]] == pytest.approx(worked.sum())
    assert figures[REGION_COLUMN["capacity_hours"]] == pytest.approx(work.capacity.sum())


@WORLDS
@given(regions(), variants(), SEEDS, MONTHS)
def test_no_structure_spends_more_hours_than_it_has(region, variant, seed, months):
    watched(region, variant, seed, months, service=hours_conserved)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_no_structure_of_coburg_spends_more_hours_than_it_has(rule):
    watched("coburg", rule if rule != "parallel" else "status_quo", 3, 24, service=hours_conserved)


@WORLDS
@given(regions(), variants(), SEEDS)
def test_useful_work_is_what_progressed(region, variant, seed):
    """Useful hours of a month are the progress of open cases plus what the served and lapsed ones still gained."""
    before = {}

    def responsibility(model):
        work = model.casework
        for case in work.cases[: work.n_cases]:
            assert 0.0 <= case.progress <= case.effort + 1e-9
        before["progress"] = {
            (int(c.household), int(c.task)): (float(c.progress), float(c.effort)) for c in work.cases[: work.n_cases]
        }

    def service(model):
        work = model.casework
        after = {(int(c.household), int(c.task)): float(c.progress) for c in work.cases[: work.n_cases]}
        gained = sum(after[key] - before["progress"][key][0] for key in after)
        closed = [value for key, value in before["progress"].items() if key not in after]
        counters = model.recorder.counters
        useful = counters[:, 1].sum()
        # A closed case was served (to its full effort) or lapsed (without work).
        most = sum(effort - progress for progress, effort in closed)
        assert gained - 1e-6 <= useful <= gained + most + 1e-6
        if counters[:, LAPSED].sum() == 0:
            assert useful == pytest.approx(gained + most, abs=1e-6)
        assert useful <= counters[:, 0].sum() + 1e-9, "more useful hours than hours worked"

    watched(region, variant, seed, 9, responsibility=responsibility, service=service)


def test_the_scarce_world_is_one_where_posts_are_created():
    """The tests above would say little if no fund ever paid anything."""
    model = watched(scarce_region(), "status_quo", 1, 24)
    assert sum(value for name, value in model.results().summary.items() if name == "own_budget.awards") > 0
