"""The printed annex, its tables as files, and the page for a newsletter."""

from typing import TYPE_CHECKING

from ...model.lazy import handed_on

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

__getattr__, __dir__ = handed_on(__name__, _HOMES)
