"""What screens and papers are about: the field of action in the words of their headings."""

from __future__ import annotations

from functools import cache

from ..model.field import load_field
from .texts import text

OWN = "integration"
"""The field the headings, the audit and the search for points of no winner were written for."""


@cache
def subject(field: str, language: str) -> str:
    """Return the heading of a field of action; several fields are separated by commas.

    >>> subject("integration", "de"), subject("seniors", "en")
    ('Integration gemeinsam steuern', 'Ageing at home')
    """
    if field == OWN:
        return text(language, "frame.subject")
    found = load_field(field)
    return found.title_de if language == "de" else found.title_en
