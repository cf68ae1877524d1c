"""However many workers share the runs of a batch, every value is the same."""

from __future__ import annotations

import pytest
from kreislauf.experiments.runner import run_all, specs_for
from kreislauf.model.region import load_region
from kreislauf.model.variant import load_scenario, load_variant


@pytest.mark.slow
def test_one_two_and_four_workers_give_the_same_bits() -> None:
    region = load_region("coburg")
    variants = [load_variant("status_quo"), load_variant("community")]
    specs = specs_for("coburg", variants, load_scenario("base"), range(2), months=5)
    found = [
        [result.tables.fingerprint() for result in run_all(region, specs, workers=workers) if result.tables is not None]
        for workers in (1, 2, 4)
    ]
    assert len(found[0]) == len(specs)
    assert found[0] == found[1] == found[2]
