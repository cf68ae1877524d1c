"""What runs of a process share: made once, forgotten with its region, never changed by a run."""

import gc
import weakref
from types import SimpleNamespace

import numpy as np
from kreislauf.model import kept as module
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.kept import MOST, kept
from kreislauf.model.region import load_region


class Owner:
    pass


def test_an_equal_key_gets_the_same_thing_and_another_key_another():
    owner, made = Owner(), []
    for key in (1, 2, 1):
        kept(owner, key, lambda key=key: made.append(key) or [key])
    assert made == [1, 2]


def test_no_more_than_so_many_are_kept_and_the_oldest_goes_first():
    owner, made = Owner(), []
    for key in (*range(MOST + 1), MOST, 0):
        kept(owner, key, lambda key=key: made.append(key) or key)
    assert made == [*range(MOST + 1), 0]


def test_what_is_kept_goes_with_its_owner_and_a_changeable_owner_keeps_nothing():
    owner = Owner()
    seen = weakref.ref(kept(owner, "thing", Owner))
    del owner
    gc.collect()
    assert seen() is None
    stand_in = SimpleNamespace(name="small")
    assert kept(stand_in, 1, lambda: [1]) is not kept(stand_in, 1, lambda: [1])


def test_a_run_leaves_what_the_next_run_of_its_seed_takes_over_as_it_was():
    shared = load_region("coburg")
    first = IntegrationModel(shared, "status_quo", months=6, rng=3).run()
    second = IntegrationModel(shared, "lead_agency", months=6, rng=3)
    alone = IntegrationModel(load_region("coburg"), "lead_agency", months=6, rng=3)
    assert first.households.table.identity.tolist() == second.households.table.identity.tolist()
    assert second.households.table.tobytes() == alone.households.table.tobytes()
    assert second.run().results().fingerprint() == alone.run().results().fingerprint()
    assert not np.shares_memory(first.households.table, second.households.table)
    assert module.MOST >= 8
