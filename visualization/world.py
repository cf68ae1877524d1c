"""What the running app serves: one region, its results in the background, and the settings it was started with."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from .ahead import Ahead
from .choices import STATUS_QUO, Choice
from .view import Limits

if TYPE_CHECKING:
    from ..model.region import Region
    from .background import Background

STRENGTHS = (0.25, 0.5, 0.75, 1.0)
"""Shares of new posts an instrument can be given; what is not ready-made is computed when it is chosen."""


@dataclass(frozen=True)
class World:
    """The region and the background computation all sessions share; read-only.

    `choices` are the variants that are always computed; `source` is the folder of ready-made results, if any.
    """

    region: Region
    field: str
    background: Background
    choices: Sequence[Choice]
    seeds: int
    last_month: int
    folder: Path
    screens: tuple[str, ...]
    language: str = "de"
    source: str = ""
    ahead: Ahead = dataclasses.field(default_factory=Ahead)

    @cached_property
    def place_names(self) -> dict[str, str]:
        """Return the names of the municipalities by key, in alphabetical order."""
        table = self.region.municipalities
        return dict(sorted(zip(table["key"], table["name"], strict=True), key=lambda pair: pair[1].casefold()))

    @cached_property
    def baseline(self) -> Choice:
        """Return the variant that others are compared with when nothing is said: the status quo where it is there."""
        return STATUS_QUO if STATUS_QUO in self.choices else self.choices[0]

    @cached_property
    def limits(self) -> Limits:
        """Return what an address may name."""
        return Limits(
            screens=self.screens,
            places=frozenset(self.place_names),
            months=(self.region.start_month, self.last_month),
            language=self.language,
            variants={choice.name for choice in self.choices if choice.name},
            baseline=self.baseline,
        )

    @cached_property
    def named(self) -> bool:
        """Return whether some variants of ready-made results are more than a rule with an instrument."""
        return any(choice.name for choice in self.choices)

    @cached_property
    def rules(self) -> tuple[str, ...]:
        """Return the rules that can be chosen."""
        return tuple(dict.fromkeys(choice.rule for choice in self.choices if not choice.name))

    @cached_property
    def instruments(self) -> tuple[str, ...]:
        """Return the instruments that can be chosen."""
        return tuple(dict.fromkeys(choice.instrument for choice in self.choices if not choice.name))


_INSTALLED: list[World] = []


def install(world: World) -> None:
    """Make a world the one that this process serves."""
    _INSTALLED[:] = [world]


def installed() -> World:
    """Return the world of this process; the server installs it before the first page is asked for."""
    return _INSTALLED[0]
