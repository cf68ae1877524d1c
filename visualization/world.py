"""What the running app serves: one region, its results in the background, and the settings it was started with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from .view import Limits

if TYPE_CHECKING:
    from ..model.region import Region
    from .background import Background
    from .choices import Choice


@dataclass(frozen=True)
class World:
    """The region and the background computation all sessions share; read-only.

    `choices` are the variants of the ensemble, `strengths` the shares of an instrument that can be chosen.
    """

    region: Region
    field: str
    background: Background
    choices: Sequence[Choice]
    seeds: int
    folder: Path
    screens: tuple[str, ...]
    language: str = "de"
    parameters: Path | None = None

    @cached_property
    def place_names(self) -> dict[str, str]:
        """Return the names of the municipalities by key, in alphabetical order."""
        table = self.region.municipalities
        return dict(sorted(zip(table["key"], table["name"], strict=True), key=lambda pair: pair[1].casefold()))

    @cached_property
    def limits(self) -> Limits:
        """Return what an address may name."""
        months = (self.region.start_month, self.region.end_month)
        return Limits(
            self.screens,
            frozenset(self.place_names),
            months,
            self.language,
            {choice.name for choice in self.choices if choice.name},
        )

    @cached_property
    def rules(self) -> tuple[str, ...]:
        """Return the rules that can be chosen."""
        return tuple(dict.fromkeys(choice.rule for choice in self.choices))

    @cached_property
    def instruments(self) -> tuple[str, ...]:
        """Return the instruments that can be chosen."""
        return tuple(dict.fromkeys(choice.instrument for choice in self.choices))

    def strengths(self, rule: str, instrument: str) -> tuple[float, ...]:
        """Return the strengths a rule with an instrument was computed for, rising."""
        found = {c.strength for c in self.choices if (c.rule, c.instrument) == (rule, instrument)}
        return tuple(sorted(found))


_INSTALLED: list[World] = []


def install(world: World) -> None:
    """Make a world the one that this process serves."""
    _INSTALLED[:] = [world]


def installed() -> World:
    """Return the world of this process; the server installs it before the first page is asked for."""
    return _INSTALLED[0]
