"""A region of many districts: each lives by itself, and nothing grows with the square of their number."""

from __future__ import annotations

import numpy as np
import pytest
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.region import Region, load_region
from kreislauf.model.region_synth import write_synthetic_region


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Region:
    """Six districts with 60 municipalities."""
    folder = tmp_path_factory.mktemp("many") / "region"
    return load_region(write_synthetic_region(folder, municipalities=60, districts=6, households=4_000, seed=1))


def test_a_run_over_many_districts_keeps_every_cent(region: Region) -> None:
    model = IntegrationModel(region, months=15, rng=1).run()
    assert model.ledger.total() == 0
    assert all(np.isfinite(model.results(()).summary[name]) for name in ("persons", "unmet_hours", "total_cost"))


def test_cooperation_takes_memory_by_district_not_by_pairs_of_the_region(region: Region) -> None:
    model = IntegrationModel(region, months=1, rng=1)
    actors = len(model.register.actors)
    assert model.coordination.q.shape[0] == actors
    assert model.coordination.q.shape[1] < actors / 4


def test_tables_that_were_not_asked_for_have_no_rows(region: Region) -> None:
    model = IntegrationModel(region, months=2, rng=1).run()
    few, all_of_them = model.results(("cells",)), model.results()
    assert few.summary == pytest.approx(all_of_them.summary, nan_ok=True)
    assert {name: len(frame) > 0 for name, frame in few.frames().items()} == {
        "monthly": False, "cells": True, "flows": False, "structures": False,
    }  # fmt: skip
    for name, frame in few.frames().items():
        assert list(frame.columns) == list(all_of_them.frames()[name].columns)
