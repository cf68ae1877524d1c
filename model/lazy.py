"""Public names of a package that are imported when they are first asked for, so that the command starts quickly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def handed_on(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` of a package that hands on names from its modules; `homes` says which module
    has each name.

    >>> get, names = handed_on("kreislauf.model", {"Ledger": "ledger"})
    >>> get("Ledger").__name__, names()
    ('Ledger', ['Ledger'])
    """

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f".{homes[name]}", package), name)

    return get, lambda: sorted(homes)
