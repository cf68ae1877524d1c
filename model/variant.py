"""A policy variant (who is responsible, who pays) and a scenario (what the world brings), read from TOML files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from .errors import InputError, Problem, closest
from .parameters import check_overrides
from .toml_input import TomlInput, not_known, read_input, several

_HERE = Path(__file__).parent
_SUM_TOLERANCE = 1e-9

Allocation = Literal["quota", "vacancy", "existing", "negotiated"]


def known_rule(name: str) -> str:
    """Refuse a rule nobody has written."""
    from .responsibility import rule_names

    if name not in (known := rule_names()):
        raise not_known("rule", name, known)
    return name


def _known_instrument(name: str) -> str:
    """Refuse an instrument nobody has written."""
    from .funding import instrument_names

    if name not in (known := instrument_names()):
        raise not_known("instrument", name, known)
    return name


def _whole(weights: dict[str, float]) -> dict[str, float]:
    """Refuse weights that do not add up to 1."""
    if abs(total := sum(weights.values()) - 1.0) > _SUM_TOLERANCE:
        raise PydanticCustomError("sum", "the weights add up to {total}, not to 1", {"total": round(total + 1.0, 9)})
    return weights


def _known_parameters(values: dict[str, float]) -> dict[str, float]:
    """Refuse unknown parameters and values outside their ranges."""
    if problems := check_overrides(values):
        raise several(problems)
    return values


Weights = Annotated[
    dict[Annotated[str, AfterValidator(_known_instrument)], Annotated[float, Field(ge=0.0, le=1.0)]],
    AfterValidator(_whole),
]
ByTask = dict[str, Annotated[str, AfterValidator(_known_instrument)]]
Overrides = Annotated[dict[str, float], AfterValidator(_known_parameters)]


class _Named(TomlInput):
    """What variants and scenarios share: a name, titles and descriptions in both languages, parameter values."""

    name: str = Field(pattern=r"^[A-Za-z0-9_\-]+$", description="short name without spaces; the file's name by default")
    title_de: str = Field("", description="title in German; the name by default")
    title_en: str = Field("", description="title in English; the name by default")
    description_de: str = Field("", description="one or two plain sentences in German")
    description_en: str = Field("", description="one or two plain sentences in English")
    parameters: Overrides = Field(default_factory=dict, description="parameters that differ from parameters.csv")

    @model_validator(mode="before")
    @classmethod
    def _titles(cls, data: Any) -> Any:
        """Use the name where there is no title."""
        if isinstance(data, dict) and "name" in data:
            return {"title_de": data["name"], "title_en": data["name"], **data}
        return data

    def fingerprint(self) -> str:
        """Return the SHA-256 of everything that can change a result (titles and descriptions cannot)."""
        content = self.model_dump(exclude={"name", "title_de", "title_en", "description_de", "description_en"})
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def renamed(self, name: str) -> Self:
        """Return the same content under another name."""
        return self.model_copy(update={"name": name})


class Variant(_Named):
    """A policy: the rule that shares responsibility, the allocation of people, and the instruments that pay for posts.

    What a file does not say is as in the status quo.

    >>> Variant(name="mine", rule="lead_agency").funding
    {'own_budget': 1.0}
    """

    rule: Annotated[str, AfterValidator(known_rule)] = Field(
        "parallel", description="how responsibility for a case is shared (see docs/variant-format.md)"
    )
    allocation: Allocation = Field(
        "existing",
        description="where new arrivals live: by population quota, vacant dwellings, existing places, or agreement",
    )
    funding: Weights = Field(
        default_factory=lambda: {"own_budget": 1.0},
        description="share of the proposals for posts and projects that goes to each instrument; adds up to 1",
    )
    funding_by_task: ByTask = Field(
        default_factory=dict,
        description="instrument by task: all proposals for that task go there, whatever the weights",
    )
    rounds_per_year: int = Field(4, ge=0, le=52, description="coordination rounds of all actors per year")
    shared_register: bool = Field(False, description="whether all actors see one common register of cases")
    lead: dict[str, str] = Field(
        default_factory=dict,
        description="who leads a task: owner by task, or by task@place; replaces the rule's own choice",
    )

    def check_lead(self, *, tasks: Collection[str], owners: Collection[str], places: Collection[str] = ()) -> None:
        """Refuse leads and instruments for tasks the field, owners and places the region does not have; InputError."""
        problems: list[Problem] = []
        for task in self.funding_by_task:
            if task not in tasks:
                place = f"funding_by_task.{task}"
                problems.append(Problem(f"unknown task {task!r}, {closest(task, tasks)}", column=place))
        for key, owner in self.lead.items():
            task, at, place = key.partition("@")
            for kind, name, known in (("task", task, tasks), ("owner", owner, owners), ("place", place, places)):
                if name not in known and (at or kind != "place"):
                    problems.append(Problem(f"unknown {kind} {name!r}, {closest(name, known)}", column=f"lead.{key}"))
        if problems:
            raise InputError(Problem(p.message, f"variant {self.name}", column=p.column) for p in problems)


class Scenario(_Named):
    """What the world brings, whatever the policy: arrivals, revenues, and uncertain parameters.

    >>> Scenario(name="twice", arrivals_factor=2).arrivals_factor
    2.0
    """

    arrivals_factor: float = Field(1.0, ge=0.0, le=10.0, description="factor on the people who arrive in a month")
    ukraine_factor: float = Field(1.0, ge=0.0, le=10.0, description="factor on the monthly arrivals from Ukraine")
    revenue_growth_shift: float = Field(
        0.0, ge=-0.2, le=0.2, description="added to the yearly growth of tax revenue (0.01 = one percentage point)"
    )


def variant_names() -> list[str]:
    """Return the names of the shipped variants, the status quo first, then in the order of rules and instruments.

    >>> variant_names()[0]
    'status_quo'
    """
    from .funding import instrument_names
    from .responsibility import rule_names

    order = [*rule_names(), *instrument_names()]
    names = [path.stem for path in (_HERE / "variants").glob("*.toml")]
    known = {name: number for number, name in enumerate(order)}
    return sorted(names, key=lambda name: (name != "status_quo", known.get(name, len(order)), name))


def scenario_names() -> list[str]:
    """Return the names of the shipped scenarios, `base` first.

    >>> scenario_names()[0]
    'base'
    """
    return sorted((path.stem for path in (_HERE / "scenarios").glob("*.toml")), key=lambda name: (name != "base", name))


def load_variant(name_or_path: str | Path | Variant, base_dir: str | Path | None = None) -> Variant:
    """Return a shipped variant by name, or one from a TOML file (relative to `base_dir`); raises InputError.

    >>> load_variant("status_quo").rule
    'parallel'
    """
    if isinstance(name_or_path, Variant):
        return name_or_path
    return _load(Variant, "variant", variant_names, name_or_path, base_dir)


def load_scenario(name_or_path: str | Path | Scenario, base_dir: str | Path | None = None) -> Scenario:
    """Return a shipped scenario by name, or one from a TOML file (relative to `base_dir`); raises InputError.

    >>> load_scenario("base").arrivals_factor
    1.0
    """
    if isinstance(name_or_path, Scenario):
        return name_or_path
    return _load(Scenario, "scenario", scenario_names, name_or_path, base_dir)


def _load[T: _Named](
    model: type[T], kind: str, names: Callable[[], list[str]], name_or_path: str | Path, base_dir: str | Path | None
) -> T:
    """Read a shipped file when its name is given, else the file of that path."""
    text = str(name_or_path)
    if text in _shipped(kind):
        return _read_shipped(model, kind, text).model_copy(deep=True)
    if text.endswith(".toml") or "/" in text or "\\" in text:
        return read_input(model, Path(base_dir or ".") / text, shown_as=text)
    raise InputError(f"unknown {kind} {text!r}, {closest(text, names())} (or give the path of a TOML file)")


@cache
def _shipped(kind: str) -> frozenset[str]:
    return frozenset(path.stem for path in (_HERE / f"{kind}s").glob("*.toml"))


@cache
def _read_shipped[T: _Named](model: type[T], kind: str, name: str) -> T:
    """Read a shipped file, once in a process."""
    return read_input(model, _HERE / f"{kind}s" / f"{name}.toml", shown_as=f"{kind} {name}")


def variant_schema() -> dict[str, Any]:
    """Return the JSON schema of a variant file, for editors and for the documentation."""
    return Variant.model_json_schema()


def scenario_schema() -> dict[str, Any]:
    """Return the JSON schema of a scenario file."""
    return Scenario.model_json_schema()
