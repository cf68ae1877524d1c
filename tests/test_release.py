"""What is handed on: the command as a module, the licences of what is used, what a stranger's machine may lack."""

import ast
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote

import kreislauf
import pytest
from packaging.utils import parse_wheel_filename

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


def fits(wheel: str, python: str, platform: str) -> bool:
    """Return whether a wheel installs on a Python such as cp312 and a platform such as win_amd64."""
    for tag in parse_wheel_filename(wheel)[3]:
        abi = tag.abi in {"none", python} and tag.interpreter in {"py3", python.replace("cp", "py"), python}
        stable = tag.abi == "abi3" and int(tag.interpreter.removeprefix("cp3")) <= int(python.removeprefix("cp3"))
        if (abi or stable) and (tag.platform == "any" or re.fullmatch(platform, tag.platform)):
            return True
    return False


@pytest.mark.parametrize("python", ["cp312", "cp313"])
@pytest.mark.parametrize("platform", ["manylinux.*_x86_64", "macosx_.*_(arm64|universal2)", "win_amd64"])
def test_every_locked_library_installs_without_a_compiler(python, platform):
    locked = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    missing = [
        library["name"]
        for library in locked
        if library.get("wheels")
        and not any(fits(unquote(wheel["url"].rsplit("/", 1)[1]), python, platform) for wheel in library["wheels"])
    ]  # fmt: skip
    assert not missing
    assert {library["name"] for library in locked if not library.get("wheels")} == {"kreislauf", "solara-assets"}


def test_a_wheel_for_another_system_or_an_older_python_does_not_count():
    assert fits("numpy-2.4.0-cp312-cp312-win_amd64.whl", "cp312", "win_amd64")
    assert not fits("numpy-2.4.0-cp312-cp312-win_amd64.whl", "cp313", "win_amd64")
    assert not fits("numpy-2.4.0-cp312-cp312-macosx_14_0_arm64.whl", "cp312", "win_amd64")
    assert fits("polars-1.0-cp310-abi3-win_amd64.whl", "cp313", "win_amd64")
