"""What tests of batches share: a toy model that worker processes can import, and a region in name only."""

import importlib
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from kreislauf.model.region import load_region

HERE = Path(__file__).parent


@pytest.fixture
def toy(monkeypatch):
    """The toy model, importable by name as worker processes import it."""
    monkeypatch.syspath_prepend(str(HERE))
    importlib.invalidate_caches()
    yield importlib.import_module("toy").toy
    sys.modules.pop("toy", None)


@pytest.fixture(scope="session")
def coburg():
    return load_region("coburg")


@pytest.fixture
def place(tmp_path, coburg):
    """A region that is only a name and a folder for marks."""
    folder = tmp_path / "toyland"
    folder.mkdir()
    return replace(coburg, name="toyland", folder=folder)
