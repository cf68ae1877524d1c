"""The field of action `integration`: what refugees and immigrants need help with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .households import Households

    PEOPLE: type[Households]

__all__ = ["PEOPLE"]


def __getattr__(name: str) -> Any:
    """Return the people when they are asked for: reading a region folder needs its tables only."""
    if name == "PEOPLE":
        from .households import Households

        return Households
    raise AttributeError(name)
