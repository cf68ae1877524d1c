"""A master plan: who leads which task where, which posts from when to when, how often one meets, who pays.

A plan is a TOML file (docs/plan-format.md) that the model runs: until its first month everything is as under the
variant the run began with, from then on as the plan says. A plan that follows a decided one carries that one in its
table `[earlier]`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from .calendar import month_index, month_label, year_of
from .errors import InputError
from .toml_input import TomlInput, TomlSource, read_toml
from .variant import ByTask, Variant, Weights, known_rule

if TYPE_CHECKING:
    from .region import Region

EVERYWHERE = "all"
_STRICT = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)
_SHARES = 1e-9


def _list(data: Any) -> Any:
    """Take a single text for a list of one, and a list for a tuple: TOML has lists only."""
    if isinstance(data, str):
        return (data,)
    return tuple(data) if isinstance(data, list) else data


def _month(label: str) -> str:
    """Refuse what is no month."""
    if label:
        try:
            month_index(label)
        except ValueError as error:
            raise PydanticCustomError("month", "{words}", {"words": str(error)}) from None
    return label


def _whole(shares: dict[str, float]) -> dict[str, float]:
    """Refuse shares of payers that do not add up to 1."""
    if shares and abs(total := sum(shares.values()) - 1.0) > _SHARES:
        raise PydanticCustomError("sum", "the shares add up to {total}, not to 1", {"total": round(total + 1.0, 9)})
    return shares


Words = Annotated[tuple[str, ...], BeforeValidator(_list), Field(min_length=1)]
Month = Annotated[str, AfterValidator(_month)]
Share = Annotated[float, Field(gt=0.0, le=1.0)]


class Lead(BaseModel):
    """Who leads a task in some places."""

    model_config = _STRICT

    task: str = Field(description="a task of the field")
    owner: str = Field(description="who leads it: an owner of the region's register, or of a post of the plan")
    place: Words = Field((EVERYWHERE,), description="all, or municipalities, districts, alliances by key")


class Post(BaseModel):
    """A post, or one phase of it: whose, for what, where, how large, from when to when, and who pays.

    Phases of one post have the same name. Without `payers` and `programme` the owner pays. With a programme of the
    region it pays its share, term by term as long as it is renewed; `afterwards` says what happens then.
    """

    model_config = _STRICT

    name: str = Field("", pattern=r"^[A-Za-z0-9_\-]*$", description="short name; made from owner and tasks by default")
    tasks: Words = Field(description="tasks of the field, or purposes that support them")
    owner: str = Field(description="who employs: an owner of the register, or a new one together with `level`")
    level: str = Field("", description="level of a new owner, such as welfare or district")
    place: Words = Field((EVERYWHERE,), description="all, or municipalities, districts, alliances by key")
    groups: Words = Field((EVERYWHERE,), description="groups of the field that are served")
    fte: float = Field(gt=0.0, le=50.0, description="full-time posts in all places together")
    start: Month = Field("", description="first month, YYYY-MM; the plan's first by default")
    end: Month = Field("", description="last month, YYYY-MM; empty: open")
    payers: Annotated[dict[str, Share], AfterValidator(_whole)] = Field(
        default_factory=dict,
        description="shares of bund, land, bezirk, district, municipality, care_insurance, carrier, donors",
    )
    programme: str = Field("", description="a programme of the region that pays its share; the owner pays the rest")
    afterwards: Literal["ends", "own"] = Field("ends", description="when the programme stops paying")

    @model_validator(mode="after")
    def _one_way_to_pay(self) -> Self:
        if self.payers and self.programme:
            raise PydanticCustomError("pay", "either payers or a programme, not both")
        return self

    @property
    def title(self) -> str:
        """Its name, made from owner and tasks when it has none."""
        return self.name or f"{self.owner}-{'-'.join(self.tasks)}"


class Plan(TomlInput):
    """A master plan.

    >>> plan = Plan(name="mine", **{"from": "2018-01"}, post=(Post(tasks=("advice",), owner="district", fte=0.5),))
    >>> plan.start_month, plan.posts_by_year(79_000.0, last=month_index("2019-12"))[0].eur
    (36, 39500.0)
    """

    model_config = ConfigDict(populate_by_name=True)

    name: str = Field(pattern=r"^[A-Za-z0-9_\-]+$", description="short name without spaces; the file's by default")
    title_de: str = Field("", description="title in German; the name by default")
    title_en: str = Field("", description="title in English; the name by default")
    description_de: str = Field("", description="one or two plain sentences in German")
    description_en: str = Field("", description="one or two plain sentences in English")
    region: str = Field("", description="name of the region it is made for; empty: any")
    field: str = Field("", description="field of action it is made for; empty: the region's own")
    start: Month = Field(alias="from", min_length=1, description="month from which the plan is in force, YYYY-MM")
    until: Month = Field("", description="last month the plan was made for, YYYY-MM; the run's last by default")
    budget_eur_per_year: float | None = Field(None, ge=0.0, description="most that its posts may cost in a year")
    rule: Annotated[str, AfterValidator(known_rule)] | None = Field(
        None, description="how responsibility is shared; as before by default, lead_agency when leads are named"
    )
    rounds_per_year: int | None = Field(None, ge=0, le=52, description="coordination rounds a year; as before")
    shared_register: bool | None = Field(None, description="whether all actors see one register of cases; as before")
    funding: Weights | None = Field(None, description="share of each instrument in what actors propose; as before")
    funding_by_task: ByTask | None = Field(None, description="instrument by task; as before")
    lead: Annotated[tuple[Lead, ...], BeforeValidator(_list)] = Field((), description="who leads which task where")
    post: Annotated[tuple[Post, ...], BeforeValidator(_list)] = Field((), description="posts and their phases")
    earlier: Plan | None = Field(None, description="the decided plan that this one follows")

    @property
    def start_month(self) -> int:
        """Month number from which the plan is in force."""
        return month_index(self.start)

    def chain(self) -> tuple[Plan, ...]:
        """Return the plans in the order in which they come into force, this one last."""
        return (*(self.earlier.chain() if self.earlier else ()), self)

    def span_of(self, post: Post) -> tuple[int, int | None]:
        """Return the first month of a post and its last one (None: open)."""
        first = month_index(post.start) if post.start else self.start_month
        return first, month_index(post.end) if post.end else None

    def fingerprint(self) -> str:
        """Return the SHA-256 of everything that can change a result: not names, titles, descriptions, the budget."""
        return hashlib.sha256(json.dumps(self._content(), sort_keys=True).encode()).hexdigest()

    def _content(self) -> dict[str, Any]:
        words = {"name", "title_de", "title_en", "description_de", "description_en", "budget_eur_per_year", "until"}
        content = self.model_dump(exclude={*words, "region", "field", "earlier"})
        return content | {"earlier": self.earlier._content() if self.earlier else None}

    def policy(self, before: Variant) -> Variant:
        """Return what is in force under the plan, given what was in force before it."""
        leads = {key: lead.owner for lead in self.lead for key in lead_keys(lead)}
        changes = {
            "name": self.name,
            "rule": self.rule or ("lead_agency" if leads else None),
            "rounds_per_year": self.rounds_per_year,
            "shared_register": self.shared_register,
            "funding": self.funding,
            "funding_by_task": self.funding_by_task,
            "lead": leads or None,
        }
        return before.model_copy(update={key: value for key, value in changes.items() if value is not None})

    def posts_by_year(self, post_cost_eur: float, *, last: int) -> list[YearOfPost]:
        """Return FTE and EUR of every post by calendar year up to month `last`, at `post_cost_eur` a year and FTE.

        A part of a year counts by its months. A programme is taken to pay as long as its term lasts.
        """
        found: list[YearOfPost] = []
        for post in self.post:
            first, end = self.span_of(post)
            stop = last if end is None else min(end, last)
            for year in range(year_of(first), year_of(stop) + 1):
                january = month_index(f"{year}-01")
                months = sum(first <= month <= stop for month in range(january, january + 12))
                found.append(YearOfPost(post, year, post.fte * months / 12, post.fte * months / 12 * post_cost_eur))
        return found

    def cost_by_year(self, post_cost_eur: float, *, last: int) -> dict[int, float]:
        """Return what the posts cost in each calendar year up to month `last`, in EUR, all payers together."""
        total: dict[int, float] = {}
        for entry in self.posts_by_year(post_cost_eur, last=last):
            total[entry.year] = total.get(entry.year, 0.0) + entry.eur
        return dict(sorted(total.items()))

    def toml(self) -> str:
        """Return the plan as the text of a plan file; reading it gives the same plan."""
        return "\n".join(_toml_lines(self, "")) + "\n"


@dataclass(frozen=True, slots=True)
class YearOfPost:
    """A post in one calendar year: full-time years and EUR."""

    post: Post
    year: int
    fte: float
    eur: float


def lead_keys(lead: Lead) -> Iterator[str]:
    """Yield the keys of a lead in a variant: the task, or `task@place` for each of its places."""
    for place in lead.place:
        yield lead.task if place == EVERYWHERE else f"{lead.task}@{place}"


def load_plan(path: str | Path | Plan, region: Region | None = None) -> Plan:
    """Return a plan from a TOML file, checked against a region when one is given; raises InputError with everything.

    >>> load_plan(Plan(name="mine", **{"from": "2018-01"})).start_month
    36
    """
    if isinstance(path, Plan):
        plan, source = path, TomlSource(f"plan {path.name}", "")
    else:
        data, source = read_toml(Path(path))
        data.setdefault("name", Path(path).stem)
        plan = Plan.model_validate(data, context=source)
    if region is not None:
        from .plan_check import check_plan

        if problems := check_plan(plan, region, source):
            raise InputError(problems)
    return plan


def _toml_lines(plan: Plan, prefix: str) -> Iterator[str]:
    """Yield the lines of a plan; tables after the plain keys."""
    dump = plan.model_dump(exclude={"lead", "post", "earlier", "funding", "funding_by_task"}, by_alias=True)
    for key, value in dump.items():
        if value not in (None, ""):
            yield f"{key} = {_value(value)}"
    for key in ("funding", "funding_by_task"):
        table: Mapping[str, Any] | None = getattr(plan, key)
        if table:
            yield f"\n[{prefix}{key}]"
            yield from (f"{name} = {_value(value)}" for name, value in table.items())
    for key, rows in (("lead", plan.lead), ("post", plan.post)):
        for row in rows:
            yield f"\n[[{prefix}{key}]]"
            for name, value in row.model_dump().items():
                default = type(row).model_fields[name].get_default(call_default_factory=True, validated_data={})
                if value != default:
                    yield f"{name} = {_value(value)}"
    if plan.earlier is not None:
        yield f"\n[{prefix}earlier]"
        yield from _toml_lines(plan.earlier, f"{prefix}earlier.")


def _value(value: Any) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_value(part)}" for key, part in value.items()) + " }"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def truncated(plan: Plan, month: int) -> Plan:
    """Return what of a plan is decided before a month: its posts that have begun by then, and the rest as it is."""
    begun = tuple(post for post in plan.post if plan.span_of(post)[0] < month)
    return plan.model_copy(update={"post": begun, "until": month_label(month - 1)})
