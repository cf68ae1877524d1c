"""Command-line tests read tables of one width, however wide the terminal of whoever runs them is."""

import pytest


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch):
    """Give every command 120 columns."""
    monkeypatch.setenv("COLUMNS", "120")
