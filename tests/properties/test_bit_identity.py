"""The same bits: with one seed, in one or two processes, compiled or not, one by one or all at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from kreislauf.agents.integration.household import MigrantHousehold
from kreislauf.experiments.runner import run_all, specs_for
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.variant import load_scenario, load_variant

from ..worlds import run, same_bits, small
from .strategies import scarce_region, small_region

SCRIPT = """
import sys
from kreislauf.model.integration_model import IntegrationModel
region, variant, months, seed = sys.argv[1:]
model = IntegrationModel(region, variant, months=int(months), rng=int(seed), record_households=True).run()
h = model.households
print(model.results().fingerprint(), hash_bytes(h.table), hash_bytes(h.adults))
"""
STRICT = {"PYTHONWARNINGS": "error::RuntimeWarning"}  # integers of compiled code wrap; plain ones must not
HASH = "import hashlib\nhash_bytes = lambda a: hashlib.sha256(a.tobytes()).hexdigest()\n"


def in_a_process_of_its_own(region: str | Path, variant: str, months: int, seed: int, **environment: str) -> str:
    """Return fingerprint of results and hashes of the household tables as a fresh interpreter computes them."""
    words = [sys.executable, "-c", HASH + SCRIPT, str(region), variant, str(months), str(seed)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=os.environ | environment, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("variant", ["status_quo", "community"])
def test_plain_python_gives_the_same_bits_as_compiled_code(variant, tmp_path):
    folder = small(arrivals=0.1).write(tmp_path / "small")
    plain = in_a_process_of_its_own(
        folder, variant, 6, 11, NUMBA_DISABLE_JIT="1", PYTHONWARNINGS="error::RuntimeWarning"
    )
    assert plain == in_a_process_of_its_own(folder, variant, 6, 11)


def test_plain_python_gives_the_same_bits_for_two_months_of_coburg():
    plain = in_a_process_of_its_own("coburg", "lead_agency", 2, 3, NUMBA_DISABLE_JIT="1")
    assert plain == in_a_process_of_its_own("coburg", "lead_agency", 2, 3)


def test_hash_seed_and_threads_do_not_matter(tmp_path):
    folder = small().write(tmp_path / "small")
    one, two = (
        in_a_process_of_its_own(folder, "regional_fund", 12, 4, PYTHONHASHSEED=seed, NUMBA_NUM_THREADS=threads)
        for seed, threads in (("1", "1"), ("2", "2"))
    )
    assert one == two


def test_one_and_two_worker_processes_give_the_same_bits_of_the_real_model():
    region = scarce_region()
    variants = [load_variant(name) for name in ("status_quo", "lead_agency", "crowdfunding")]
    specs = specs_for(region.name, variants, load_scenario("base"), [1, 2], months=12, tables=["monthly", "households"])
    one, two = (list(run_all(region, specs, workers=workers)) for workers in (1, 2))
    assert [result.error for result in one + two] == [""] * 12
    assert [r.tables.fingerprint() for r in one] == [r.tables.fingerprint() for r in two]
    assert len({r.tables.fingerprint() for r in one}) == 6


@pytest.mark.parametrize("variant", ["status_quo", "intermunicipal", "regional_budget"])
def test_two_runs_with_one_seed_are_the_same_and_another_seed_is_not(variant):
    one, two, other = (
        run(scarce_region(), variant, months=18, seed=seed).results().fingerprint() for seed in (5, 5, 6)
    )
    assert one == two
    assert one != other


def test_a_step_of_every_household_agent_is_the_compiled_month_of_all():
    """Months are lived in turn by the loop over all rows and by the agents in reverse order: the same bytes."""
    model = run(scarce_region(), months=12)
    h = model.households
    checked = 0
    for _ in range(12):
        model.month += 1
        h.set_conditions(model.month)
        before = h.table.copy(), h.adults.copy()
        h.live(model.month)
        all_at_once = h.table.copy(), h.adults.copy()
        h.table[:], h.adults[:] = before
        for agent in reversed(list(model.agents_by_type[MigrantHousehold])):
            agent.step()
        assert same_bits(np.asarray(h.table), np.asarray(all_at_once[0]))
        assert same_bits(np.asarray(h.adults), np.asarray(all_at_once[1]))
        checked += int((np.asarray(before[0]) != np.asarray(all_at_once[0])).sum())
    assert checked > 100, "the months changed nobody"


def test_what_is_recorded_does_not_change_the_run():
    with_table = IntegrationModel(small_region(), months=12, rng=3, record_households=True).run().results()
    without = IntegrationModel(small_region(), months=12, rng=3).run().results()
    assert without.households is None
    assert with_table.monthly.equals(without.monthly)
    assert with_table.flows.equals(without.flows)


def test_stopping_early_gives_the_first_months_of_the_long_run():
    short, long = (run(small_region(), "community", months=months).results().monthly for months in (7, 14))
    first = long[long["month"] < 7].reset_index(drop=True)
    columns = ["month", "scope", "indicator"]
    a, b = (f.astype({"scope": str, "indicator": str}).sort_values(columns, ignore_index=True) for f in (short, first))
    assert a.equals(b)
