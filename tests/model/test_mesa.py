"""The model is a Mesa model: batch runs, data collection, agents by type, and a running model can be pickled."""

from __future__ import annotations

import pickle
from dataclasses import replace

import mesa
import numpy as np
import pytest
from kreislauf.agents.district import DistrictAuthority
from kreislauf.agents.integration.household import MigrantHousehold
from kreislauf.agents.municipality import Municipality
from kreislauf.agents.volunteers import VolunteerNetwork
from kreislauf.model.errors import InputError
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.variant import variant_names

from ..worlds import SMALL, run, same_bits, small


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small(arrivals=0.3).write(tmp_path_factory.mktemp("region") / "small")


def test_it_is_a_mesa_model_that_steps_a_month_at_a_time(folder):
    model = IntegrationModel(folder, months=3, rng=1)
    assert isinstance(model, mesa.Model)
    months = []
    while model.running:
        model.step()
        months.append(model.month)
    assert months == [0, 1, 2]
    before = model.results().fingerprint()
    model.step()
    assert model.month == 2
    assert model.results().fingerprint() == before


def test_mesa_counts_its_own_steps_and_runs_the_model(folder):
    model = IntegrationModel(folder, months=4, rng=1)
    model.run_model()
    assert model.month == 3
    assert not model.running


def test_batch_run_gives_one_row_per_run_with_the_collected_figures(folder):
    rows = mesa.batch_run(
        IntegrationModel,
        parameters={"region": str(folder), "variant": ["status_quo", "lead_agency"], "months": 4},
        rng=[1, 2],
        max_steps=10,
        display_progress=False,
    )
    keys = sorted((row["variant"], row["rng"]) for row in rows)
    assert keys == [("lead_agency", 1), ("lead_agency", 2), ("status_quo", 1), ("status_quo", 2)]
    for row in rows:
        alone = IntegrationModel(folder, row["variant"], months=4, rng=row["rng"]).run()
        last = alone.datacollector.get_model_vars_dataframe().iloc[-1]
        assert row["persons"] == last["persons"]
        assert row["asylum_persons"] == last["asylum_persons"]


def test_batch_run_in_two_processes_gives_the_same_rows(folder):
    def rows(processes):
        return mesa.batch_run(
            IntegrationModel, parameters={"region": str(folder), "months": [3]}, rng=[1, 2, 3],
            number_processes=processes, display_progress=False,
        )  # fmt: skip

    one, two = (sorted(rows(n), key=lambda row: row["rng"]) for n in (1, 2))
    keep = ("rng", "persons", "asylum_persons", "misplaced_persons")
    assert [[row[name] for name in keep] for row in one] == [[row[name] for name in keep] for row in two]


def test_the_data_collector_has_a_row_per_month_that_agrees_with_the_results(folder):
    model = run(folder, months=9)
    frame = model.datacollector.get_model_vars_dataframe()
    assert len(frame) == 9
    monthly = model.results().monthly
    region = monthly[monthly["scope"] == "region"].pivot_table(
        index="month", columns="indicator", values="value", observed=True
    )
    for name in ("persons", "asylum_persons", "misplaced_persons"):
        np.testing.assert_array_equal(frame[name].to_numpy(), region[name].to_numpy())
    np.testing.assert_allclose(frame["employment_rate"].to_numpy(float), region["employment_rate"].to_numpy())


def test_before_the_first_month_every_series_is_there_and_empty(folder):
    model = IntegrationModel(folder, months=2, rng=1)
    frame = model.datacollector.get_model_vars_dataframe()
    assert len(frame) == 0
    assert {"persons", "employment_rate"} <= set(frame.columns)


def test_households_are_agents_that_read_and_write_their_row(folder):
    model = run(folder, months=9)
    households = model.agents_by_type[MigrantHousehold]
    h = model.households
    assert len(households) == int(h.here.sum()) > 10
    assert all(agent.is_here for agent in households)
    assert {agent.identity for agent in households} == set(h.table.identity[: h.n][h.here].tolist())
    agent = next(iter(households))
    assert len(agent.adults) == agent.record.n_adults
    agent.record.trust = 0.125
    assert h.table.trust[agent.row] == 0.125


def test_every_municipality_district_and_network_is_an_agent(folder):
    model = IntegrationModel(folder, months=1, rng=1)
    assert [town.key for town in model.agents_by_type[Municipality]] == list(SMALL)
    assert [d.key for d in model.agents_by_type[DistrictAuthority]] == ["09473"]
    assert sorted(n.municipality for n in model.agents_by_type[VolunteerNetwork]) == [0, 1, 2]
    ids = [agent.unique_id for agent in model.agents]
    assert len(set(ids)) == len(ids)


def test_households_that_leave_are_removed_from_the_agents(folder):
    model = run(folder, months=36)
    gone = int((~model.households.here).sum())
    assert gone > 0
    assert len(model.agents_by_type[MigrantHousehold]) == model.households.n - gone


@pytest.mark.parametrize("variant", variant_names())
def test_a_pickled_running_model_goes_on_as_if_nothing_had_happened(folder, variant):
    whole = IntegrationModel(folder, variant, months=20, rng=5, record_households=True)
    for _ in range(9):
        whole.step()
    copy = pickle.loads(pickle.dumps(whole))
    assert copy is not whole
    whole.run()
    copy.run()
    assert copy.month == whole.month == 19
    assert copy.results().fingerprint() == whole.results().fingerprint()
    assert same_bits(np.asarray(copy.households.table), np.asarray(whole.households.table))
    copied, original = (model.datacollector.get_model_vars_dataframe() for model in (copy, whole))
    assert copied.equals(original)


def test_a_pickled_model_shares_nothing_with_its_original(folder):
    model = run(folder, months=2)
    copy = pickle.loads(pickle.dumps(model))
    copy.households.table.trust[:] = -1.0
    assert (model.households.table.trust >= 0).all()
    assert all(agent.model is copy for agent in copy.agents)
    assert next(iter(copy.agents_by_type[MigrantHousehold])).record.trust == -1.0


def test_a_pickled_register_remembers_what_ended_when_structures_are_added_later(folder):
    register = pickle.loads(pickle.dumps(run(folder, months=2).register))
    first = register.structures[0]
    register.end([first.id], 1)
    register.add([replace(first, id="later", unit="later")])
    assert register.columns["end"][0] == 1
    assert register.columns["end"][-1] == first.end


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, "7", True, None])
def test_a_seed_that_is_no_number_from_0_to_2_to_the_32_is_refused(folder, seed):
    with pytest.raises(InputError, match="seed"):
        IntegrationModel(folder, months=1, rng=seed)


@pytest.mark.parametrize("seed", [0, 2**32 - 1, np.int64(5)])
def test_every_seed_in_the_range_runs(folder, seed):
    assert IntegrationModel(folder, months=1, rng=seed).run().month == 0


@pytest.mark.parametrize("months", [0, -1, 133, 1.5, True, "12"])
def test_months_outside_the_regions_period_are_refused(folder, months):
    with pytest.raises(InputError, match="months"):
        IntegrationModel(folder, months=months)
