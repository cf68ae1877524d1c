"""The notebook that starts from a results folder runs from its first cell to its last."""

from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NOTEBOOK = EXAMPLES / "results.ipynb"


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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "said"),
    [("first_batch", ("lead_agency", "waiting_months")), ("survey_to_posterior", ("job_base", "posterior mean"))],
)
def test_the_notebooks_of_the_guides_run_as_they_stand(name, said, tmp_path, monkeypatch):
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    monkeypatch.delenv("MPLBACKEND", raising=False)
    book = nbformat.read(EXAMPLES / f"{name}.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in book.cells), "commit the notebook without outputs"
    nbclient.NotebookClient(book, timeout=240, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    last = shown[-1]["data"]["text/plain"]
    assert all(word in last for word in said)
