"""What a committee chooses: who is responsible (a rule) and who pays for new posts (an instrument and its strength)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Self

from ..model.errors import InputError, closest
from ..model.funding import instrument_names
from ..model.responsibility import rule_names
from ..model.variant import Variant, load_variant
from .texts import text

OWN = "own_budget"
"""The instrument of the status quo, which takes the rest when another one has less than the whole."""


@dataclass(frozen=True, slots=True, order=True)
class Choice:
    """A rule, an instrument and the instrument's share (0..1) of the proposals; the rest goes to `own_budget`.

    `name` is empty except for variants of a results folder that are no rule with an instrument.

    >>> Choice("community", "crowdfunding", 0.5).key
    'community-crowdfunding-50'
    >>> Choice.parse("parallel-own_budget") == STATUS_QUO
    True
    """

    rule: str = "parallel"
    instrument: str = OWN
    strength: float = 1.0
    name: str = ""

    def __post_init__(self) -> None:
        """Give equal choices one form: the own budget is always the whole, and nothing of another is the own budget."""
        if self.instrument == OWN or self.strength == 0.0:
            object.__setattr__(self, "instrument", OWN)
            object.__setattr__(self, "strength", 1.0)

    @property
    def key(self) -> str:
        """The choice as a word for addresses and files."""
        if self.name:
            return f"variant-{self.name}"
        share = "" if self.strength == 1.0 else f"-{round(100 * self.strength)}"
        return f"{self.rule}-{self.instrument}{share}"

    @classmethod
    def parse(cls, key: str) -> Self:
        """Return the choice of a key; raises InputError for what no key looks like."""
        if key.startswith("variant-"):
            return cls(name=key.removeprefix("variant-"))
        rule, _, rest = key.partition("-")
        instrument, _, share = rest.partition("-")
        if rule not in rule_names():
            raise InputError(f"unknown rule {rule!r}, {closest(rule, rule_names())}")
        if instrument not in instrument_names():
            raise InputError(f"unknown instrument {instrument!r}, {closest(instrument, instrument_names())}")
        percent = int(share) if share.isdecimal() else (100 if not share else -1)
        if not 0 <= percent <= 100:
            raise InputError(f"the strength {share!r} of {instrument} is not usable; expected 0 to 100 (per cent)")
        return cls(rule, instrument, percent / 100)

    def variant(self) -> Variant:
        """Return the policy variant: the rule's shipped one, paid by the instrument."""
        if self.name:
            raise InputError(f"the variant {self.name!r} stands in a results folder only and cannot be computed here")
        weights = {self.instrument: 1.0}
        if self.instrument != OWN and self.strength < 1.0:
            weights = {OWN: round(1.0 - self.strength, 4), self.instrument: round(self.strength, 4)}
        return _of_rule(self.rule).model_copy(update={"name": self.key, "funding": weights})

    def title(self, language: str) -> str:
        """Return the name people read: the rule's, the instrument's, or both."""
        if self.name:
            return self.name
        rule = _title(_of_rule(self.rule), language)
        if self.instrument == OWN:
            return rule
        percent = text(language, "frame.percent", n=round(100 * self.strength))
        share = "" if self.strength == 1.0 else f" ({percent})"
        paid = f"{_title(load_variant(self.instrument), language)}{share}"
        return paid if self.rule == "parallel" else f"{rule} + {paid}"


STATUS_QUO = Choice()


def all_choices() -> tuple[Choice, ...]:
    """Return every rule with every instrument at full strength, the status quo first, single changes before mixes."""
    grid = [Choice(rule, instrument) for rule in rule_names() for instrument in instrument_names()]

    def changed(choice: Choice) -> int:
        return (choice.rule != "parallel") + (choice.instrument != OWN)

    return tuple(sorted(grid, key=changed))


@cache
def _of_rule(rule: str) -> Variant:
    """Return the shipped variant of a rule with the own budget."""
    return load_variant("status_quo" if rule == "parallel" else rule)


def _title(variant: Variant, language: str) -> str:
    return variant.title_de if language == "de" else variant.title_en
