"""The printed annex, its tables as files, and the page for a newsletter."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .annex import Part as Part
    from .pdf import document as document
    from .spreadsheets import csv_bytes as csv_bytes

__all__ = [
    "Part",
    "csv_bytes",
    "document",
]
_HOMES = {
    "Part": "annex",
    "csv_bytes": "spreadsheets",
    "document": "pdf",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that the command starts quickly."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return __all__
