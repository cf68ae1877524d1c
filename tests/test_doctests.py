"""Examples in docstrings run as they stand, every public class and function has one, and their page is up to date."""

import doctest
import importlib
import inspect
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
API = runpy.run_path(str(ROOT / "tests" / "api.py"))
FOLDERS = {"package": "kreislauf"} | {
    name: f"kreislauf.{name}" for name in ("agents", "model", "experiments", "calibration", "visualization", "cli")
}
MODULES = [
    ".".join([home, *path.relative_to(ROOT / folder).with_suffix("").parts]).removesuffix(".__init__")
    for folder, home in FOLDERS.items()
    for path in sorted((ROOT / folder).rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]
EXPLAINED = [
    pytest.param(thing, id=f"{package}.{name}")
    for package, name, thing in API["public"]()
    if inspect.isclass(thing) or inspect.isroutine(thing)
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run_as_they_stand(name):
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted
    assert not found.failed


@pytest.mark.parametrize("thing", EXPLAINED)
def test_every_public_name_has_an_example(thing):
    texts = (
        [thing.__doc__, *(getattr(part, "__doc__", "") for part in vars(thing).values())]
        if inspect.isclass(thing)
        else [thing.__doc__]
    )
    assert any(">>> " in (text or "") for text in texts)


def test_the_page_of_public_names_is_the_one_the_code_makes():
    assert API["PAGE"].read_text(encoding="utf-8") == API["page"](), "run: uv run python tests/api.py"
