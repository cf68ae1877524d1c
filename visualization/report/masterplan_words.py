"""Names for what a plan folder holds: plans, goals, tasks, owners, places and measures in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...model.field import load_field
from ...model.measures import MEASURES
from ...model.parameters import parameter_table
from ...model.plan import EVERYWHERE
from ..assumption_list import words as parameter_words
from ..context import instrument_title, rule_title
from ..formats import Formats
from ..texts import has_text, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...experiments.masterplan.folder import PlanFolder
    from ...model.plan import Plan
    from ...model.region import Region


@dataclass(frozen=True, slots=True)
class Words:
    """How a plan folder is spoken of in one language; `tasks` and `places` are names by id and key."""

    formats: Formats
    tasks: Mapping[str, str]
    places: Mapping[str, str]
    owners: Mapping[str, str]
    programmes: Mapping[str, str]

    @classmethod
    def of(cls, folder: PlanFolder, region: Region, language: str) -> Words:
        """Return the words for a folder and the region it was computed for."""
        field = load_field(folder.manifest["inputs"]["region"]["field"])
        tasks = {task.id: task.name_de if language == "de" else task.name_en for task in field.tasks}
        places = {key: str(name) for key, name in zip(region.keys, region.municipalities["name"], strict=True)}
        formats = Formats(language)
        levels = {"district": "district", "municipality": "municipality"}
        owners = {owner: text(language, f"masterplan.level.{level}") for owner, level in levels.items()}
        rows = region.programmes
        programmes = dict(zip(map(str, rows["id"]), map(str, rows["name_de"]), strict=True))
        return cls(formats, tasks, places, owners, programmes)

    def say(self, key: str, /, **values: object) -> str:
        """Return a text of texts/masterplan.toml."""
        return text(self.formats.language, f"masterplan.{key}", **values)

    def plan(self, name: str) -> str:
        """Return the name of a plan: `plan_a` is Plan A."""
        if name == "status_quo":
            return self.say("baseline")
        head, _, letter = name.rpartition("_")
        return self.say("plan_name", letter=letter.upper()) if head == "plan" and len(letter) == 1 else name

    def goal(self, measure: str) -> str:
        """Return the title of a measure."""
        entry = MEASURES[measure]
        return entry.title_de if self.formats.language == "de" else entry.title_en

    def value(self, measure: str, value: float | None) -> str:
        """Return a value of a measure."""
        unit = _unit(measure)
        return self.formats.value(value, unit, 3 if unit == "0..1" else None)  # its differences show in the third

    def change(self, measure: str, value: float | None) -> str:
        """Return a difference of a measure with its sign and unit; small shares to a hundredth of a point."""
        unit = _unit(measure)
        return self.formats.difference(value, unit, _digits(unit, value))

    def amount(self, measure: str, value: float | None) -> str:
        """Return the size of a difference with its unit, without a sign."""
        return self.change(measure, None if value is None else abs(value)).lstrip("+±")

    def bare(self, measure: str, value: float | None) -> str:
        """Return a difference without its unit, for a table whose rows name it."""
        unit = _unit(measure)
        return self.formats.change(value, unit, _digits(unit, value))

    def goal_with_unit(self, measure: str) -> str:
        """Return the title of a measure with the unit of its differences."""
        unit = self.formats.change_unit(_unit(measure))
        return f"{self.goal(measure)} ({unit})" if _unit(measure) == "share" else self.goal(measure)

    def parameter(self, name: str) -> str:
        """Return a parameter in words."""
        table = parameter_table()
        return parameter_words(table[name], self.formats.language) if name in table else name

    def interval(self, measure: str, low: float, high: float) -> str:
        """Return an interval of a difference."""
        unit = _unit(measure)
        digits = _digits(unit, max(abs(low), abs(high)))
        return f"{self.formats.change(low, unit, digits)} … {self.formats.change(high, unit, digits)}"

    def task(self, task: str) -> str:
        """Return the name of a task, or of a purpose that supports a field."""
        if task in self.tasks:
            return self.tasks[task]
        return self.say(f"support.{task}") if has_text(f"masterplan.support.{task}") else task.replace("_", " ")

    def owner(self, owner: str) -> str:
        """Return who employs or leads: levels in words, other bodies by their short name."""
        if has_text(f"masterplan.owner.{owner}"):
            return self.say(f"owner.{owner}")
        return self.owners.get(owner, owner.replace("_", " ").capitalize() if len(owner) > 4 else owner.upper())

    def place(self, words: Sequence[str]) -> str:
        """Return places by their names."""
        if EVERYWHERE in words:
            return self.say("all_places")
        return self.formats.listing([self.places.get(word, word) for word in words])

    def programme(self, programme: str) -> str:
        """Return the name of a programme, in German as it is called."""
        return self.programmes.get(programme, programme)

    def payer(self, payer: str) -> str:
        """Return who pays."""
        return self.say(f"payer.{payer}") if has_text(f"masterplan.payer.{payer}") else payer

    def rule(self, name: str) -> str:
        """Return the name of a rule."""
        return rule_title(name, self.formats.language)

    def mix(self, weights: Mapping[str, float]) -> str:
        """Return a funding mix in words."""
        language = self.formats.language
        parts = [f"{instrument_title(name, language)} {self.formats.percent(share)}" for name, share in weights.items()]
        return self.formats.listing(parts)

    def lever(self, name: str, plan: Plan) -> str:
        """Return a measure of a plan by the name of its lever."""
        kind, *rest = name.split(":")
        if kind == "rule":
            return self.say("lever.rule", value=self.rule(plan.rule or "lead_agency"))
        if kind == "rounds":
            return self.say("lever.rounds", value=plan.rounds_per_year)
        if kind == "mix":
            return self.say("lever.mix", value=self.mix(plan.funding or {}))
        if kind in ("register", "pilot"):
            return self.say(f"lever.{kind}")
        if kind == "lead":
            return self.say("lever.lead_area" if "area" in rest else "lever.lead", task=self.task(rest[0]))
        if kind == "post" and len(rest) == 2:
            return self.say("lever.post", task=self.task(rest[0]), owner=self.owner(rest[1]))
        return name


def capital(words: str) -> str:
    """Return words as they stand at the beginning of a line.

    >>> capital("support of volunteers")
    'Support of volunteers'
    """
    return words[:1].upper() + words[1:]


def _unit(measure: str) -> str:
    return MEASURES[measure].unit if measure in MEASURES else "EUR" if measure.startswith("net_") else ""


def _digits(unit: str, value: float | None) -> int | None:
    """Return how many decimals a small difference needs so that it is not written as nothing."""
    if value is None:
        return None
    return {"share": 2 if abs(value) < 0.005 else 1, "0..1": 4 if abs(value) < 0.01 else 3}.get(unit)


def decisions(plan: Plan, words: Words) -> list[str]:
    """Return what a plan decides besides leads and posts, one sentence each."""
    found: list[str] = []
    rule: Any = plan.rule or ("lead_agency" if plan.lead else None)
    if rule:
        found.append(words.say("rule", rule=words.rule(rule)))
    if plan.rounds_per_year is not None:
        found.append(words.say("rounds", n=plan.rounds_per_year))
    if plan.shared_register is not None:
        found.append(words.say("register_on" if plan.shared_register else "register_off"))
    if plan.funding:
        found.append(words.say("mix", mix=words.mix(plan.funding)))
    if not plan.post:
        found.append(words.say("no_posts"))
    return found
