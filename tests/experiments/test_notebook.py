"""The notebook that starts from a results folder runs from its first cell to its last."""

from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).resolve().parents[2] / "examples" / "results.ipynb"


@pytest.mark.slow
def test_the_notebook_on_results_runs_as_it_stands(tmp_path, monkeypatch):
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    monkeypatch.delenv("KREISLAUF_RESULTS", raising=False)
    monkeypatch.delenv("MPLBACKEND", raising=False)
    book = nbformat.read(NOTEBOOK, as_version=4)
    assert not any(cell.get("outputs") for cell in book.cells), "commit the notebook without outputs"
    nbclient.NotebookClient(book, timeout=240, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("image/png" in output.get("data", {}) for output in shown), "the figure is drawn"
    levels = next(text for output in shown if "wait_months" in (text := output.get("data", {}).get("text/plain", "")))
    assert {"status_quo", "lead_agency", "community"} <= set(levels.split())
