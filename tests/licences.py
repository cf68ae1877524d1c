"""The licences of what is installed beside the package: `uv run python tests/licences.py` writes docs/licences.md."""

import re
from importlib.metadata import distribution, metadata
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "licences.md"
HEAD = """# Licences of what kreislauf uses

kreislauf itself is under the MIT licence (`LICENSE`). It ships none of these libraries; they are installed beside it
under their own licences, as their packages declare them. The extra is the one that asks for the library; "always" are
those every installation has. Made by `uv run python tests/licences.py`.

| library | versions | extra | licence |
|---|---|---|---|
"""


def required() -> dict[str, tuple[str, str]]:
    """Return the direct dependencies: name to (range of versions, extras)."""
    found: dict[str, tuple[str, list[str]]] = {}
    within: dict[str, list[str]] = {}  # extras that take in another one
    for line in distribution("kreislauf").requires or []:
        name, inner, span, extra = re.match(
            r"([\w.-]+)(?:\[([^]]*)\])?([^;]*)(?:;.*extra == ['\"](\w+)['\"])?", line
        ).groups()
        if name == "kreislauf":
            within.setdefault(inner, []).append(extra)
        else:
            found.setdefault(name, (span.strip(), []))[1].append(extra or "always")
    return {
        name: (
            span,
            ", ".join(dict.fromkeys([*extras, *(outer for extra in extras for outer in within.get(extra, ()))])),
        )
        for name, (span, extras) in found.items()
    }


def licence(name: str) -> str:
    """Return the licence a package declares: the expression, else its classifiers, else the first line of the text."""
    about = metadata(name)
    if expression := about.get("License-Expression"):
        return expression
    classes = [line.split(" :: ")[-1] for line in about.get_all("Classifier") or [] if line.startswith("License")]
    return (
        ", ".join(c for c in classes if c != "OSI Approved") or (about.get("License") or "").strip().split("\n")[0][:60]
    )


def page() -> str:
    """Return the page."""
    rows = (
        f"| {name} | {span} | {extras} | {licence(name)} |"
        for name, (span, extras) in sorted(required().items(), key=lambda item: item[0].lower())
    )
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
