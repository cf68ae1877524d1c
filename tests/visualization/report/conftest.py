"""An annex on a small ensemble written by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from kreislauf.visualization.findings import stress_runs
from kreislauf.visualization.report.annex import annex

sys.path.insert(0, str(Path(__file__).parent.parent / "findings"))


def ensemble_in(folder, **more):
    from tiny import AHORN, SEEDS, A, B, Builder

    builder = Builder(folder, **more)
    draw = np.random.default_rng(5)
    for measure, level in (("operational_gap_share", 0.1), ("duplication_share", 0.2), ("total_cost", 3.2e6)):
        builder.summary(A, measure, level * draw.uniform(0.9, 1.1, SEEDS))
        builder.summary(B, measure, 0.8 * level * draw.uniform(0.9, 1.1, SEEDS))
    builder.series(A, "operational_gap_share", draw.uniform(0.10, 0.12, SEEDS))
    builder.series(B, "operational_gap_share", draw.uniform(0.05, 0.07, SEEDS))
    builder.place(B, "burden_with_levy", AHORN, draw.uniform(11.0, 13.0, SEEDS))
    builder.cell(A, "advice", AHORN, opened=9.0, open_mean=4.0, unheld_mean=2.0, hours=10.0)
    builder.cell(B, "advice", AHORN, opened=9.0, open_mean=4.0, hours=10.0, duplicated_hours=3.0)
    return builder.ensemble()


@pytest.fixture(scope="session")
def few_projections():
    """Three runs of the crash test instead of ten."""
    kept, stress_runs.RUNS = stress_runs.RUNS, 3
    yield
    stress_runs.RUNS = kept


@pytest.fixture(scope="session")
def ensemble(tmp_path_factory):
    return ensemble_in(tmp_path_factory.mktemp("ensemble"))


@pytest.fixture(scope="session", params=["de", "en"])
def found(request, ensemble, few_projections):
    """The annex in both languages."""
    from tiny import A, B

    return annex(ensemble, A, B, language=request.param)


@pytest.fixture(scope="session")
def german(ensemble, few_projections):
    from tiny import A, B

    return annex(ensemble, A, B, language="de")
