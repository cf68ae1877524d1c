"""An annex on a small ensemble written by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from kreislauf.visualization.findings import stress_runs
from kreislauf.visualization.report.annex import annex

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "findings")]

from written import ensemble_in  # noqa: E402


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
