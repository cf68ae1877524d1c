"""Formats in both languages, and municipalities on a map."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from kreislauf.model.region import load_region
from kreislauf.visualization.charts.places import Place, places_of
from kreislauf.visualization.formats import Formats

sys.path.insert(0, str(Path(__file__).parent))  # `drawings` reads a drawing back, for all tests of charts


@pytest.fixture(params=["de", "en"])
def formats(request) -> Formats:
    return Formats(request.param)


@pytest.fixture(scope="session")
def coburg() -> tuple[Place, ...]:
    return places_of(load_region("coburg"))
