"""What one person looks at: screen, variants, language, place, month, assumptions. It lives in the page's address."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import parse_qsl, urlencode

from ..model.calendar import month_index, month_label
from ..model.errors import InputError
from ..model.parameters import check_overrides
from .choices import STATUS_QUO, Choice
from .texts import LANGUAGES

NOTHING: Mapping[str, float] = MappingProxyType({})
NO_OPTIONS: Mapping[str, str] = MappingProxyType({})
_MOST_OPTIONS, _LONGEST = 12, 200


@dataclass(frozen=True, slots=True)
class Limits:
    """What an address may name: screens, keys of municipalities, the first and last month, named variants.

    `language` is the one when none is named; `variants` are names of variants that only a results folder has,
    `baseline` the variant that others are compared with.
    """

    screens: Collection[str]
    places: Collection[str]
    months: tuple[int, int]
    language: str = "de"
    variants: Collection[str] = ()
    baseline: Choice = STATUS_QUO


@dataclass(frozen=True, slots=True)
class View:
    """One state of the app; `month` None means the last month, `place` None the whole district.

    `options` are what a screen lets a reader choose on itself, by name; the screen checks their values.
    """

    screen: str = "start"
    baseline: Choice = STATUS_QUO
    choice: Choice = STATUS_QUO
    language: str = "de"
    place: str | None = None
    month: int | None = None
    assumptions: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    presenter: bool = False
    options: Mapping[str, str] = field(default_factory=lambda: NO_OPTIONS)

    def query(self) -> str:
        """Return the state as the part of an address after the question mark; what is as usual is left out."""
        pairs = [("screen", self.screen), ("lang", self.language)]
        if self.baseline != STATUS_QUO:
            pairs.append(("a", self.baseline.key))
        if self.choice != STATUS_QUO:
            pairs.append(("b", self.choice.key))
        if self.place is not None:
            pairs.append(("place", self.place))
        if self.month is not None:
            pairs.append(("month", month_label(self.month)))
        pairs.extend(("set", f"{name}:{value!r}") for name, value in sorted(self.assumptions.items()))
        if self.presenter:
            pairs.append(("presenter", "1"))
        pairs.extend((f"o.{name}", value) for name, value in sorted(self.options.items()))
        return urlencode(pairs, safe=":.")


def read_query(query: str, limits: Limits) -> tuple[View, tuple[str, ...]]:
    """Return the view of an address and the parts of it that mean nothing here (they stay at their usual values)."""
    values: dict[str, str] = {}
    assumptions: dict[str, float] = {}
    wrong: list[str] = []
    for name, value in parse_qsl(query, keep_blank_values=True, max_num_fields=400):
        if name == "set":
            _read_assumption(value, assumptions, wrong)
        else:
            values[name] = value
    view = View(
        screen=_one_of(values, "screen", limits.screens, "start", wrong),
        baseline=_choice(values, "a", limits, wrong),
        choice=_choice(values, "b", limits, wrong),
        language=_one_of(values, "lang", LANGUAGES, limits.language, wrong),
        place=_one_of(values, "place", limits.places, None, wrong),
        month=_month(values, limits.months, wrong),
        assumptions=MappingProxyType(assumptions) if assumptions else NOTHING,
        presenter=values.get("presenter") == "1",
        options=_options(values),
    )
    return view, tuple(wrong)


def _options(values: Mapping[str, str]) -> Mapping[str, str]:
    """Return what was chosen on screens: short words under `o.NAME`."""
    found = {n[2:]: v for n, v in values.items() if n.startswith("o.") and n[2:].isidentifier() and len(v) <= _LONGEST}
    return MappingProxyType(dict(list(found.items())[:_MOST_OPTIONS])) if found else NO_OPTIONS


def _one_of[T](values: Mapping[str, str], name: str, known: Collection[str], usual: T, wrong: list[str]) -> str | T:
    """Return a value when it is known, else the usual one."""
    value = values.get(name)
    if value is None or value in known:
        return usual if value is None else value
    wrong.append(f"{name}={value}")
    return usual


def _choice(values: Mapping[str, str], name: str, limits: Limits, wrong: list[str]) -> Choice:
    """Return the variant of an address."""
    if name not in values:
        return limits.baseline
    try:
        choice = Choice.parse(values[name])
    except InputError:
        choice = None
    if choice is None or (choice.name and choice.name not in limits.variants):
        wrong.append(f"{name}={values[name]}")
        return limits.baseline
    return choice


def _month(values: Mapping[str, str], months: tuple[int, int], wrong: list[str]) -> int | None:
    """Return the month of an address within the region's period."""
    if "month" not in values:
        return None
    try:
        month = month_index(values["month"])
    except ValueError:
        month = months[0] - 1
    if months[0] <= month <= months[1]:
        return month
    wrong.append(f"month={values['month']}")
    return None


def _read_assumption(setting: str, assumptions: dict[str, float], wrong: list[str]) -> None:
    """Add one `name:value` to the assumptions when it is a parameter within its range."""
    name, _, number = setting.partition(":")
    try:
        value = float(number)
    except ValueError:
        wrong.append(f"set={setting}")
        return
    if check_overrides({name: value}):
        wrong.append(f"set={setting}")
    else:
        assumptions[name] = value
