"""What runs where only some extras are installed, and what is said where a library is missing."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from kreislauf.experiments.optional import missing
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .only_extras import installed_with

ROOT = Path(__file__).resolve().parents[1]
COMPARISON = ["compare", "coburg", "--variants", "status_quo,community", "--seeds", "2", "--months", "24"]


def kreislauf(extras, *arguments):
    command = [sys.executable, str(ROOT / "tests" / "only_extras.py"), extras, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    folder = tmp_path_factory.mktemp("extras") / "c"
    done = kreislauf("", *COMPARISON, "--workers", "1", "--out", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_a_report_needs_the_extra_report_and_nothing_else(comparison, tmp_path):
    refused = kreislauf("", "report", comparison, "--out", tmp_path / "a.pdf")
    assert refused.returncode == 2
    assert "pip install 'kreislauf[report]'" in refused.stderr + refused.stdout
    assert "fault in kreislauf" not in refused.stderr + refused.stdout
    wanted = [tmp_path / name for name in ("a.pdf", "a.html", "a.xlsx", "tables")]
    options = ("--out", wanted[0], "--html", wanted[1], "--xlsx", wanted[2], "--csv", wanted[3])
    for extras in ("report", "plan"):
        done = kreislauf(extras, "report", comparison, *options)
        assert done.returncode == 0, done.stderr
        assert all(path.exists() for path in wanted)


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (["masterplan", "coburg", "--budget", "50000", "--horizon", "2018-2018"], "plan"),
        (["app", "coburg", "--no-open"], "app"),
    ],
)
def test_a_command_without_its_libraries_says_which_extra_has_them(command, extra, tmp_path):
    refused = kreislauf("", *command, *([] if extra == "app" else ["--out", tmp_path / "out"]))
    assert refused.returncode == 2
    assert f"pip install 'kreislauf[{extra}]'" in refused.stderr + refused.stdout


def named_libraries() -> set[str]:
    """Return the modules that the sources import by `optional`."""
    found: set[str] = set()
    for folder in ("experiments", "calibration", "visualization", "cli"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "optional":
                    found |= {
                        part.value
                        for part in ast.walk(node.args[0])
                        if isinstance(part, ast.Constant) and isinstance(part.value, str)
                    }
    return found


@pytest.mark.parametrize("module", sorted(named_libraries()))
def test_the_command_that_is_named_really_installs_the_library(module):
    wanted = Requirement(missing(module).rpartition("pip install ")[2].strip("'"))
    top = module.partition(".")[0]
    package = {"sklearn": "scikit-learn", "distributed": "distributed"}.get(top, canonicalize_name(top))
    if wanted.name == "kreislauf":
        assert package in {name for name, _ in installed_with(wanted.extras)}
    else:
        assert canonicalize_name(wanted.name) == package
