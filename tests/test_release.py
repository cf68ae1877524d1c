"""What is handed on: the command as a module, the licences of what is used, what a stranger's machine may lack."""

import ast
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import kreislauf
import pytest

ROOT = Path(__file__).resolve().parents[1]
LICENCES = runpy.run_path(str(ROOT / "tests" / "licences.py"))
UNIX_ONLY = {"fcntl", "grp", "pwd", "resource", "termios", "tty"}
CODE = [
    path
    for folder in ("agents", "calibration", "cli", "experiments", "model", "package", "visualization")
    for path in sorted((ROOT / folder).rglob("*.py"))
]


def test_the_package_runs_as_a_module():
    said = subprocess.run([sys.executable, "-m", "kreislauf", "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == f"kreislauf {kreislauf.__version__}"


def test_the_version_stands_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == kreislauf.__version__
    assert f"version: {project['version']}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8").replace('"', "")


def test_the_page_of_licences_is_the_one_the_installed_packages_make():
    assert LICENCES["PAGE"].read_text(encoding="utf-8") == LICENCES["page"](), "run: uv run python tests/licences.py"


@pytest.mark.parametrize("name", sorted(LICENCES["required"]()))
def test_every_library_that_is_asked_for_says_under_which_licence_it_may_be_used(name):
    assert LICENCES["licence"](name)


def unguarded(tree: ast.AST) -> set[str]:
    """Return the modules imported where nothing catches an ImportError."""
    found: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Try) and any("ImportError" in ast.unparse(h.type or node) for h in node.handlers):
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").split(".")[0])
        found |= unguarded(node)
    return found


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_is_needed_that_only_unix_has(path):
    assert not unguarded(ast.parse(path.read_text(encoding="utf-8"))) & UNIX_ONLY


def test_the_check_sees_an_import_without_a_guard():
    assert unguarded(ast.parse("def f():\n    import fcntl")) == {"fcntl"}
    assert unguarded(ast.parse("try:\n    import fcntl\nexcept ImportError:\n    pass")) == set()
