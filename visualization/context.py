"""What a page gets: the results, the two variants, the language, the place and the month, and how to change them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import texts
from .formats import Formats

if TYPE_CHECKING:
    from .choices import Choice
    from .ensemble import Ensemble
    from .view import View
    from .world import World


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a page may read; `set(...)` changes the view, and with it the page's address.

    `ensemble` are finished results, None only on pages that do without; `outdated` says that they belong to earlier
    assumptions while new ones are computed. Contexts are equal when a page would look the same: a page is not drawn
    again just because somebody asked how far the computation is.
    """

    world: World = field(compare=False)
    view: View
    ensemble: Ensemble | None
    outdated: bool
    set: Callable[..., None]

    @property
    def baseline(self) -> Choice:
        """Return variant A."""
        return self.view.baseline

    @property
    def choice(self) -> Choice:
        """Return variant B."""
        return self.view.choice

    @property
    def language(self) -> str:
        """Return `de` or `en`."""
        return self.view.language

    @property
    def municipality(self) -> str | None:
        """Return the key of the municipality somebody follows, None for the whole district."""
        return self.view.place

    @property
    def month(self) -> int:
        """Return the month looked at, by default the region's last."""
        return self.world.last_month if self.view.month is None else self.view.month

    @property
    def results(self) -> Ensemble:
        """Return the results on a page that needs them."""
        if self.ensemble is None:
            raise RuntimeError("this page is not registered with needs_results=True")
        return self.ensemble

    def option(self, name: str, known: Collection[str]) -> str:
        """Return what the reader chose on the screen when it is one of the known words, else the first of them."""
        value = self.view.options.get(name)
        return value if value is not None and value in known else next(iter(known), "")

    def choose(self, name: str, value: str) -> None:
        """Keep a choice made on the screen in the address."""
        self.set(options={**self.view.options, name: value})

    def text(self, key: str, /, **values: Any) -> str:
        """Return a text in the reader's language."""
        return texts.text(self.view.language, key, **values)

    @property
    def formats(self) -> Formats:
        """Return how numbers, money and months are written."""
        return Formats(self.view.language)

    def label(self, choice: Choice) -> str:
        """Return a variant's name in the reader's language."""
        return choice.title(self.view.language)

    def place_name(self, key: str) -> str:
        """Return the name of a municipality."""
        return self.world.place_names[key]


def rule_title(name: str, language: str) -> str:
    """Return a rule's name; rules of third parties bring their own."""
    if texts.has_text(f"choices.rule.{name}.title"):
        return texts.text(language, f"choices.rule.{name}.title")
    from ..model.responsibility import load_rule

    rule = load_rule(name)
    return rule.title_de if language == "de" else rule.title_en


def instrument_title(name: str, language: str) -> str:
    """Return an instrument's name; those of third parties are shown by their short name."""
    if texts.has_text(f"choices.instrument.{name}.title"):
        return texts.text(language, f"choices.instrument.{name}.title")
    return name.replace("_", " ")
