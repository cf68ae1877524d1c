"""The screens in the order of the navigation. A screen is one file with a component `Page(context)`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import (
    assumptions,
    comparison,
    expert,
    inventory,
    masterplan,
    money,
    municipality,
    overview,
    printing,
    responsibilities,
    start,
    stress,
    variants,
)

if TYPE_CHECKING:
    from ..context import Context


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen: its name in the address and in the texts (`<name>.title`, `<name>.question`) and its component.

    With `needs_results` the frame shows the progress of the computation instead of the page until there are results.
    `in_order` False leaves it out of the presenter's way through the screens.
    """

    name: str
    page: Callable[[Context], Any]
    needs_results: bool = True
    in_order: bool = True


PAGES: tuple[Screen, ...] = (
    Screen("start", start.Page, needs_results=False),
    Screen("variants", variants.Page, needs_results=False),
    Screen("overview", overview.Page),
    Screen("comparison", comparison.Page),
    Screen("responsibilities", responsibilities.Page),
    Screen("money", money.Page),
    Screen("stress", stress.Page),
    Screen("inventory", inventory.Page),
    Screen("municipality", municipality.Page),
    Screen("masterplan", masterplan.Page, needs_results=False),
    Screen("assumptions", assumptions.Page, needs_results=False),
    Screen("print", printing.Page),
    Screen("expert", expert.Page, needs_results=False, in_order=False),
)
"""All screens, in the order of the navigation."""


def screen(name: str) -> Screen:
    """Return a screen by name."""
    return next(entry for entry in PAGES if entry.name == name)
