"""The public names: `uv run python tests/api.py` writes docs/api.md."""

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[1] / "docs" / "api.md"
PACKAGES = (
    "kreislauf",
    "kreislauf.model",
    "kreislauf.model.responsibility",
    "kreislauf.model.funding",
    "kreislauf.model.fiscal",
    "kreislauf.experiments",
    "kreislauf.calibration",
    "kreislauf.visualization.charts",
    "kreislauf.visualization.report",
)
FUNCTIONS = (
    "kreislauf.experiments.audit.audit",
    "kreislauf.experiments.carryover.carryover",
    "kreislauf.experiments.finance.finance",
    "kreislauf.experiments.stress.stress",
    "kreislauf.calibration.calibrate.calibrate",
    "kreislauf.calibration.observe.observe",
    "kreislauf.calibration.validation.validate",
    "kreislauf.model.protocol.protocol",
)
"""Functions a package does not hand on, as they have the name of their module or load much."""
HEAD = """# Public names

What other code may rely on: the names in `__all__` of these packages, and the functions at the end. Everything else may
change. Every class
and function has an example in its docstring that runs (`help(kreislauf.model.load_region)`), checked by
`tests/test_doctests.py`. Made by `uv run python tests/api.py`.
"""


def public() -> Iterator[tuple[str, str, Any]]:
    """Yield package, name and object of every public name."""
    names = [(package, name) for package in PACKAGES for name in importlib.import_module(package).__all__]
    for package, name in [*names, *(path.rsplit(".", 1) for path in FUNCTIONS)]:
        yield package, name, getattr(importlib.import_module(package), name)


def about(thing: Any) -> str:
    """Return the first sentence of a docstring, for a constant what it is."""
    if not (inspect.isclass(thing) or inspect.isroutine(thing) or inspect.ismodule(thing)):
        return f"constant ({type(thing).__name__})"
    first = (inspect.getdoc(thing) or "").split("\n\n")[0]
    return " ".join(first.split()).replace("|", "\\|")


def page() -> str:
    """Return the page."""
    lines = [HEAD]
    before = ""
    for package, name, thing in public():
        if package != before:
            lines.append(f"\n## {package}\n\n| name | |\n|---|---|")
            before = package
        lines.append(f"| `{name}` | {about(thing)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
